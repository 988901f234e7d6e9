"""What git's history says: who changed what, and what was there before."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chartconfig.edge.files import find_place
from chartconfig.edge.past import authors_since, own_address, read_folder, were_there
from tests.cli.releases import ALONE
from tests.edge.repository import git, write

if TYPE_CHECKING:
    from chartconfig.edge.files import Place


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ALONE.items():
        monkeypatch.setenv(name, value)


def save(folder: Path, by: str, *more: str) -> str:
    git(folder, "add", "--all")
    message = "\n\n".join(("change", "\n".join(more)))
    git(folder, "commit", "--quiet", f"--author={by}", "--message", message)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture(params=["", "telemetry"])
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Place:
    """Return where a config repository is: a whole git repository, or a folder of one."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    base = tmp_path / request.param
    write(base, {"configs/a.yaml": b"1\n", "configs/b/c.yaml": b"1\n", "other": b"1\n"})
    save(tmp_path, "First <first@example.org>")
    return find_place(base)


def test_authors_are_those_of_each_file(place: Place) -> None:
    start = git(place.base, "rev-parse", "HEAD")
    write(place.base, {"configs/a.yaml": b"2\n", "other": b"2\n"})
    save(place.base, "Ana <Ana@Example.org>")
    write(place.base, {"configs/a.yaml": b"3\n", "configs/b/c.yaml": b"3\n"})
    trailers = ("Co-authored-by: Cy <cy@example.org>", "co-Authored-By: Dee <dee@example.org>")
    save(place.base, "Bo <bo@example.org>", *trailers)
    three = {"bo@example.org", "cy@example.org", "dee@example.org"}
    assert authors_since(place, start, until="HEAD") == {
        "a.yaml": three | {"ana@example.org"},
        "b/c.yaml": three,
    }
    assert authors_since(place, start, until="HEAD~") == {"a.yaml": {"ana@example.org"}}
    whole = authors_since(place, None, until=start)
    assert whole == {"a.yaml": {"first@example.org"}, "b/c.yaml": {"first@example.org"}}


def test_settings_hide_no_author(place: Place) -> None:
    for name, value in {
        "log.showRoot": "false",
        "log.showSignature": "true",
        "log.diffMerges": "off",
        "diff.renames": "copies",
        "diff.renameLimit": "1",
        "color.ui": "always",
        "log.mailmap": "false",
        "format.pretty": "oneline",
    }.items():
        git(place.base, "config", name, value)
    (place.base / "configs/a.yaml").rename(place.base / "configs/d.yaml")
    save(place.base, "Bo <bo@example.org>")
    found = authors_since(place, None, until="HEAD")
    assert found == {
        "a.yaml": {"first@example.org", "bo@example.org"},
        "b/c.yaml": {"first@example.org"},
        "d.yaml": {"first@example.org", "bo@example.org"},
    }


def test_grafts_hide_no_author(place: Place) -> None:
    start = git(place.base, "rev-parse", "HEAD")
    write(place.base, {"configs/a.yaml": b"2\n"})
    save(place.base, "Bo <bo@example.org>")
    write(place.base, {"configs/a.yaml": b"1\n", "configs/d.yaml": b"1\n"})
    last = save(place.base, "Cy <cy@example.org>")
    folder = git(place.base, "rev-parse", "--absolute-git-dir")
    Path(folder, "info/grafts").write_text(f"{last} {start}\n", encoding="ascii")
    assert authors_since(place, start, until="HEAD")["a.yaml"] == {
        "bo@example.org",
        "cy@example.org",
    }


def test_a_message_forges_no_author(place: Place) -> None:
    """Whatever a message holds, the one who wrote it is among the authors of its files."""
    start = git(place.base, "rev-parse", "HEAD")
    write(place.base, {"configs/a.yaml": b"2\n"})
    forged = "Co-authored-by: x\x01\x02y\x01z <other@example.org>\nCo-authored-by: <>"
    save(place.base, "Bo <bo@example.org>", forged)
    found = authors_since(place, start, until="HEAD")
    assert list(found) == ["a.yaml"]
    assert "bo@example.org" in found["a.yaml"]


def test_own_address(place: Place) -> None:
    git(place.base, "config", "user.name", "Bo")
    git(place.base, "config", "user.email", "Bo@Example.org")
    assert own_address(place.base) == "bo@example.org"


def test_nobody_is_known_where_git_may_not_guess(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(place.base, "config", "user.useConfigOnly", "true")
    monkeypatch.delenv("EMAIL", raising=False)
    assert own_address(place.base) is None


def test_a_folder_is_read_with_all_below_it(place: Place) -> None:
    assert read_folder(place, "HEAD", "b") == {"b/c.yaml": b"1\n"}
    assert read_folder(place, "HEAD", "c") == {}
    (place.base / "configs/b/link").symlink_to("c.yaml")
    save(place.base, "Bo <bo@example.org>")
    assert read_folder(place, "HEAD", "b") == {"b/c.yaml": b"1\n"}


def test_what_was_there_is_known_when_it_is_gone(place: Place) -> None:
    git(place.base, "switch", "--quiet", "--create=side")
    write(place.base, {"configs/b/side": b"side\n"})
    save(place.base, "Bo <bo@example.org>")
    (place.base / "configs/b/side").unlink()
    save(place.base, "Bo <bo@example.org>")
    git(place.base, "switch", "--quiet", "main")
    write(place.base, {"configs/b/c.yaml": b"2\n"})
    save(place.base, "Bo <bo@example.org>")
    git(place.base, "merge", "--quiet", "--no-ff", "side")
    write(place.base, {"configs/b/later": b"later\n"})
    files = {b"1\n", b"side\n", b"later\n", b"2\n"}
    assert files.intersection(were_there(place, "HEAD", ["b"])) == files - {b"later\n"}
    save(place.base, "Bo <bo@example.org>")
    assert files.intersection(were_there(place, "HEAD", ["b", "c"])) == files
    assert were_there(place, "HEAD", ["nothing"]) == were_there(place, "HEAD", []) == ()


def test_of_a_repository_with_longer_hashes(tmp_path: Path) -> None:
    command = ["git", "init", "--quiet", "--object-format=sha256", str(tmp_path)]
    subprocess.run(command, check=True)
    write(tmp_path, {"configs/b/c": b"1\n"})
    save(tmp_path, "Bo <bo@example.org>")
    place = find_place(tmp_path)
    assert b"1\n" in were_there(place, "HEAD", ["b"])
