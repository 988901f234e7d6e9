"""Git: which commit a tree is of, and the files of a revision."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from chartconfig.collection.manifest import Origin
from chartconfig.edge.files import Place, find_place, read_tree
from chartconfig.edge.git import read_head, read_revision
from chartconfig.errors import ChartconfigError
from chartconfig.source.document import Document
from tests.edge.repository import commit, git, write

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "configs/collection.yaml": b"module: example.org/x\n",
    "configs/charts/gopls/client.yaml": b"title: \xff\x00\r\n",
    'configs/charts/a b/é\n\t".yml': b"",
    "configs/README.md": b"no document\n",
    "configs/.hidden.yaml": b"no document\n",
    "configs/.github/x.yaml": b"no document\n",
    "schema/chart.yaml": b"elsewhere\n",
}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Return a committed config repository."""
    folder = tmp_path / "base"
    folder.mkdir()
    write(folder, FILES)
    commit(folder)
    return folder


def origin(base: Path) -> Origin | None:
    """Return the commit of which a work tree is exactly."""
    place = find_place(base)
    return read_head(place, read_tree(place).documents).origin


def at(base: Path, revision: str) -> tuple[Document, ...]:
    return read_revision(find_place(base), revision)[0].documents


def refusal(base: Path, revision: str) -> tuple[str, str | None]:
    with pytest.raises(ChartconfigError) as caught:
        read_revision(Place(base=base, root="configs"), revision)
    diagnostic = caught.value.diagnostic
    assert diagnostic.code == "CC904"
    return diagnostic.message, diagnostic.hint


class TestCommitted:
    def test_tree_has_the_commit_and_its_day(self, base: Path) -> None:
        assert origin(base) == Origin(
            commit=git(base, "rev-parse", "HEAD"),
            tree=git(base, "rev-parse", "HEAD^{tree}"),
            on=date(2026, 11, 20),
            time=datetime(2026, 11, 20, 12, tzinfo=UTC),
        )

    @pytest.mark.parametrize(
        ("time", "day"),
        [
            ("2026-11-20T23:59:59Z", date(2026, 11, 20)),
            ("2026-11-20T23:30:00-0100", date(2026, 11, 21)),
            ("2026-11-20T00:30:00+0100", date(2026, 11, 19)),
        ],
    )
    def test_day_is_that_of_utc(
        self, base: Path, time: str, day: date, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TZ", "Pacific/Kiritimati")
        write(base, {"configs/new.yaml": b""})
        commit(base, at=time)
        found = origin(base)
        assert found is not None
        assert found.on == day

    @pytest.mark.parametrize(
        "files", [{"configs/README.md": b"changed"}, {"schema/x.yaml": b""}, {"x": b""}]
    )
    def test_tree_is_one_whatever_else_is_there(self, base: Path, files: dict[str, bytes]) -> None:
        write(base, files)
        assert origin(base) is not None

    @pytest.mark.parametrize(
        "files",
        [
            {"configs/collection.yaml": b"changed"},
            {"configs/new.yaml": b""},
            {"configs/new/x.yaml": b"", ".gitignore": b"new\n"},
        ],
    )
    def test_tree_is_none_with_another_file(self, base: Path, files: dict[str, bytes]) -> None:
        git(base, "config", "status.showUntrackedFiles", "no")
        write(base, files)
        assert origin(base) is None
        git(base, "add", "--all", "--force")
        assert origin(base) is None

    def test_tree_is_none_without_a_file(self, base: Path) -> None:
        (base / "configs/charts/gopls/client.yaml").unlink()
        assert origin(base) is None

    def test_tree_is_none_where_git_looks_away(self, base: Path) -> None:
        git(base, "update-index", "--assume-unchanged", "configs/collection.yaml")
        write(base, {"configs/collection.yaml": b"changed"})
        assert git(base, "status", "--porcelain") == ""
        assert origin(base) is None

    def test_tree_is_none_where_git_changed_its_line_ends(self, base: Path) -> None:
        git(base, "config", "core.autocrlf", "true")
        (base / "configs/collection.yaml").unlink()
        git(base, "checkout", "configs/collection.yaml")
        assert (base / "configs/collection.yaml").read_bytes().endswith(b"\r\n")
        assert git(base, "status", "--porcelain") == ""
        assert origin(base) is None

    def test_tree_is_none_without_a_commit(self, tmp_path: Path) -> None:
        write(tmp_path, FILES)
        git(tmp_path, "init", "--quiet")
        assert origin(tmp_path) is None

    def test_tree_is_none_without_a_repository(self, tmp_path: Path) -> None:
        write(tmp_path, FILES)
        assert origin(tmp_path) is None

    def test_tree_is_none_without_git(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(base))
        assert origin(base) is None

    def test_names_of_sha256_are_known(self, tmp_path: Path) -> None:
        write(tmp_path, FILES)
        git(tmp_path, "init", "--quiet", "--object-format=sha256")
        commit(tmp_path)
        found = origin(tmp_path)
        assert found is not None
        assert len(str(found.commit)) == 64
        assert at(tmp_path, "HEAD") == read_tree(find_place(tmp_path)).documents


class TestRevision:
    def test_has_the_documents_of_the_work_tree(self, base: Path) -> None:
        documents = read_tree(find_place(base)).documents
        assert [document.path for document in documents] == [
            'configs/charts/a b/é\n\t".yml',
            "configs/charts/gopls/client.yaml",
            "configs/collection.yaml",
        ]
        tree, found = read_revision(find_place(base), "HEAD")
        assert tree.documents == documents
        assert tree.unread == ()
        assert found == origin(base)

    def test_is_what_was_committed_then(self, base: Path) -> None:
        before = read_tree(find_place(base)).documents
        first = git(base, "rev-parse", "HEAD")
        git(base, "tag", "v1")
        write(base, {"configs/collection.yaml": b"changed", "configs/new.yaml": b""})
        assert at(base, "HEAD") == before
        commit(base, at="2027-01-01T00:00:00Z")
        assert at(base, "HEAD") == read_tree(find_place(base)).documents != before
        for revision in (first, first[:8], "v1", "HEAD~1", "main^", "HEAD@{1}"):
            assert at(base, revision) == before
        assert read_revision(find_place(base), "v1")[1].on == date(2026, 11, 20)

    def test_may_be_of_a_folder_below_the_top(self, tmp_path: Path) -> None:
        base = tmp_path / "far" / "down"
        write(base, FILES)
        write(tmp_path, {"configs/other.yaml": b"not ours\n"})
        commit(tmp_path)
        assert at(base, "HEAD") == read_tree(find_place(base)).documents
        assert at(base / "configs", "HEAD") == at(base, "HEAD")
        assert origin(base) is not None
        assert origin(base / "configs") == origin(base)

    @pytest.mark.parametrize("folder", ["*", ":(top)", "a b", "-", "c\u00e9", "[a]"])
    def test_may_be_in_a_folder_of_any_name(self, tmp_path: Path, folder: str) -> None:
        path = "configs/collection.yaml"
        write(tmp_path, {f"{folder}/{path}": b"", f"a/{path}": b"not ours"})
        commit(tmp_path)
        documents = (Document(path=path, data=b""),)
        assert at(tmp_path / folder, "HEAD") == documents
        assert origin(tmp_path / folder) is not None

    def test_tells_of_links(self, base: Path) -> None:
        (base / "configs/x.yaml").symlink_to("/etc/passwd")
        (base / "configs/README").symlink_to("collection.yaml")
        commit(base)
        place = find_place(base)
        tree, _ = read_revision(place, "HEAD")
        assert tree == read_tree(place)
        assert [(found.code, found.message) for found in tree.unread] == [
            ("CC122", "configs/x.yaml is a symbolic link, and links are not followed")
        ]

    def test_passes_over_another_repository_within(self, base: Path) -> None:
        within = base / "configs" / "within.yaml"
        write(within, {"y.yaml": b""})
        commit(within)
        git(base, "-c", "advice.addEmbeddedRepo=false", "add", "configs/within.yaml")
        git(base, "commit", "--quiet", "--message=within")
        assert git(base, "ls-tree", "HEAD", "configs/within.yaml").startswith("160000 commit ")
        assert "configs/within.yaml" not in [document.path for document in at(base, "HEAD")]

    @pytest.mark.parametrize(
        "revision",
        ["nothing", "", " ", "^HEAD", "HEAD^2", "main..HEAD", "--all", "HEAD -1", "é\n", "HEAD:x"],
    )
    def test_that_is_unknown(self, base: Path, revision: str) -> None:
        message, hint = refusal(base, revision)
        assert message == f"there is no revision {revision}"
        assert hint

    def test_is_never_an_option(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(base)
        before = sorted(base.iterdir())
        for revision in ("--output=evil", "-Oevil", "--git-dir=evil", "--exec=touch evil", "-1"):
            assert refusal(base, revision)[0] == f"there is no revision {revision}"
        assert sorted(base.iterdir()) == before

    def test_without_charts(self, base: Path) -> None:
        git(base, "rm", "-r", "--quiet", "configs")
        write(base, {"x": b""})
        commit(base)
        assert refusal(base, "HEAD") == ("HEAD holds no configs/", "name a revision that does")

    def test_of_no_repository(self, tmp_path: Path) -> None:
        assert refusal(tmp_path, "HEAD") == (
            "there is no revision HEAD",
            "this is no git repository yet: git init, then commit what is there",
        )

    def test_without_git(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(base))
        message, hint = refusal(base, "HEAD")
        assert message == "git cannot be run"
        assert hint == "have it in PATH: no such file or directory"

    def test_of_which_a_blob_is_missing(self, base: Path) -> None:
        blob = git(base, "rev-parse", "HEAD:configs/collection.yaml")
        (base / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
        assert refusal(base, "HEAD") == (
            f"git has no {blob}",
            "fetch the whole revision, then try again",
        )


class TestSurroundings:
    @pytest.mark.parametrize("name", ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"])
    def test_of_a_hook_are_passed_over(
        self, base: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        expected = origin(base)
        other = tmp_path / "other"
        write(other, {"configs/other.yaml": b""})
        commit(other)
        value = {"GIT_DIR": ".git", "GIT_WORK_TREE": ".", "GIT_INDEX_FILE": ".git/index"}[name]
        monkeypatch.setenv(name, str(other / value))
        assert origin(base) == expected is not None
        assert read_revision(find_place(base), "HEAD")[1] == expected

    def test_change_nothing_that_is_said(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        expected = refusal(base, "nothing")
        monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
        monkeypatch.setenv("LANGUAGE", "de")
        assert refusal(base, "nothing") == expected

    def test_replace_no_files(self, base: Path) -> None:
        expected = at(base, "HEAD")
        blob = git(base, "rev-parse", "HEAD:configs/collection.yaml")
        git(base, "replace", blob, git(base, "rev-parse", "HEAD:configs/README.md"))
        assert at(base, "HEAD") == expected

    def test_run_nothing_of_the_repository(self, base: Path, tmp_path: Path) -> None:
        script = tmp_path / "script"
        script.write_text(f"#!/bin/sh\ntouch {tmp_path / 'evil'}\n", encoding="utf-8")
        script.chmod(0o755)
        for name in ("core.fsmonitor", "core.pager", "gpg.program", "diff.external"):
            git(base, "config", name, str(script))
        git(base, "config", "log.showSignature", "true")
        assert origin(base) is not None
        assert at(base, "HEAD")
        assert not (tmp_path / "evil").exists()
