"""`publish`: what was released, in its order, once and for all."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import chartconfig.edge.store
from chartconfig.cli import main
from chartconfig.edge.keys import write_signer
from chartconfig.edge.store import DirectoryStore, open_store
from chartconfig.tlog.client import Follower, Log
from chartconfig.tlog.note import UnverifiedNoteError, generate, parse_note
from chartconfig.tlog.text import format_base64
from tests.cli.command import BASE, COMMAND, ENVIRONMENT, ROOT, Result, changed, run
from tests.edge.repository import commit, git
from tests.edge.test_store import published
from tests.edge.test_write import contents
from tests.fakes import MemoryStore
from tests.releases import released, ssh_key

if TYPE_CHECKING:
    from chartconfig.tlog.publish import Write

NAME = "telemetry.example.com/log"
MODULE = "example.org/telemetry/config"
KEY = generate(NAME, bytes(range(32)))
NEW_KEY = generate(NAME, b"n" * 32)
LOG = Log(name=NAME, verifiers=(KEY.verifier,))
UNSIGNED = "configs/allowed_signers is not there, so who signed the tags was not asked\n"
CHARTS = ("buckets: [vscode, neovim, emacs, zed, other]", "buckets: [vscode, neovim, zed, other]")
SECOND, THIRD = "2026-11-21T12:00:00Z", "2026-11-22T12:00:00Z"


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a config repository with three releases."""
    folder = tmp_path_factory.mktemp("history") / "repository"
    shutil.copytree(BASE, folder)
    released(folder, "v1.0.0")
    changed(folder, *CHARTS)
    released(folder, "v1.0.1", at=SECOND)
    changed(folder, *reversed(CHARTS))
    released(folder, "v1.1.0", at=THIRD)
    return folder


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "log.key"
    write_signer(path, KEY)
    return path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "site"


@pytest.fixture
def _no_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for the disks of this machine each time."""
    monkeypatch.setattr(os, "sync", lambda: None)


@pytest.fixture
def repository(tmp_path: Path, history: Path) -> Path:
    """Return a copy of the repository with three releases, to be changed."""
    folder = tmp_path / "repository"
    shutil.copytree(history, folder)
    return folder


def publish(repository: Path, site: Path, key: Path, *arguments: str | Path) -> Result:
    return run("-C", repository, "publish", site, "--key", key, *arguments)


def listed(site: Path) -> list[str]:
    return (site / MODULE / "@v/list").read_text(encoding="ascii").split()


def follower(site: Path, *keys: str) -> Follower:
    """Return a client that trusts keys, by default the first one."""
    signers = {"old": KEY, "new": NEW_KEY}
    verifiers = tuple(signers[name].verifier for name in keys or ("old",))
    files = MemoryStore(contents(site)).log(NAME)
    return Follower(Log(name=NAME, verifiers=verifiers), files, None)


def refused(result: Result, code: str) -> str:
    """Return with which message and hint a run is refused."""
    assert (result.code, result.out) == (1, "")
    found = re.fullmatch(rf"error\[{code}\] [a-z-]+: (.*)\n = help: (.*)\n\n", result.err)
    assert found, result.err
    return f"{found[1]}: {found[2]}"


class TestPublished:
    def test_is_the_newest_release_in_its_turn(self, history: Path, site: Path, key: Path) -> None:
        result = publish(history, site, key, "--version", "v1.0.0")
        (h1, root) = re.findall(r"h1:\S+|(?<=hash )\S+", result.out)
        assert (result.code, result.err) == (0, UNSIGNED)
        assert result.out == (
            f"v1.0.0  {h1}  record 0, 13 files written\n{NAME} has 1 record, root hash {root}\n"
        )
        reader = follower(site)
        assert reader.refresh().size == 1
        assert format_base64(reader.head.root) == root
        record = reader.lookup(f"{MODULE}@v1.0.0").record.decode()
        assert record.startswith(f"{MODULE} v1.0.0 {h1}\n")
        assert git(history, "tag", "--list", "--format=%(contents)", "v1.0.0").splitlines()[
            -2:
        ] == [
            f"Module: {MODULE} v1.0.0 {h1}",
            "Chartconfig: 0.1.0",
        ]
        assert publish(history, site, key, "--version", "v1.0.1").code == 0
        assert publish(history, site, key).code == 0
        assert listed(site) == ["v1.0.0", "v1.0.1", "v1.1.0"]
        assert contents(site)[f"{MODULE}/@latest"] == (
            b'{"Version":"v1.1.0","Time":"2026-11-22T12:00:00Z"}'
        )

    def test_is_every_release_at_once(self, history: Path, site: Path, key: Path) -> None:
        result = publish(history, site, key, "--all")
        assert (result.code, result.err) == (0, UNSIGNED)
        assert re.findall(r"^v\S+", result.out, re.MULTILINE) == ["v1.0.0", "v1.0.1", "v1.1.0"]
        for version in ("v1.0.0", "v1.0.1", "v1.1.0"):
            assert publish(history, site.with_name("one"), key, "--version", version).code == 0
        assert contents(site) == contents(site.with_name("one"))

    def test_is_what_is_missing(self, history: Path, site: Path, key: Path) -> None:
        assert publish(history, site, key, "--version", "v1.0.0").code == 0
        result = publish(history, site, key, "--all")
        assert re.findall(r"record .*", result.out) == [
            *("record 0, was there", "record 1, 12 files written", "record 2, 12 files written")
        ]
        assert listed(site) == ["v1.0.0", "v1.0.1", "v1.1.0"]

    def test_is_the_same_bytes_after_a_site_was_lost(
        self, history: Path, site: Path, key: Path
    ) -> None:
        assert publish(history, site, key, "--all").code == 0
        before = contents(site)
        shutil.rmtree(site)
        assert publish(history, site, key, "--all").code == 0
        assert contents(site) == before

    def test_is_not_written_again(self, history: Path, site: Path, key: Path) -> None:
        assert publish(history, site, key, "--all").code == 0
        before = {path: path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()}
        for arguments in ((), ("--all",), ("--version", "v1.0.0")):
            result = publish(history, site, key, *arguments)
            assert (result.code, result.err) == (0, UNSIGNED)
            assert result.out.count(", was there\n") == 1
        assert before == {path: path.stat().st_mtime_ns for path in before}

    def test_is_signed_once_by_a_key_that_is_given_twice(
        self, history: Path, site: Path, key: Path
    ) -> None:
        assert publish(history, site, key, "--version", "v1.0.0", "--key", key).code == 0
        checkpoint = (site / "sumdb" / NAME / "checkpoint").read_bytes()
        assert len(parse_note(checkpoint).signatures) == 1

    def test_is_that_of_the_tag_whatever_the_work_tree_has(
        self, repository: Path, site: Path, key: Path, history: Path
    ) -> None:
        changed(repository, "counter: gopls/client", "counter: no counter")
        (repository / "configs/collection.yaml").unlink()
        assert publish(repository, site, key, "--all").code == 0
        assert publish(history, site.with_name("other"), key, "--all").code == 0
        assert contents(site) == contents(site.with_name("other"))

    def test_as_json_is_what_the_page_shows(
        self, history: Path, site: Path, key: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(site.parent)
        arguments = ("--version", "v1.0.0", "--format", "json")
        printed = json.loads(publish(history, Path("public"), key, *arguments).out)
        head = follower(Path("public")).refresh()
        assert printed["log"]["root"] == format_base64(head.root)
        assert sorted(printed["versions"][0]["written"]) == sorted(contents(Path("public")))
        page = (ROOT / "docs/formats/json.md").read_text(encoding="utf-8")
        (shown,) = re.findall(r"`chartconfig publish .*\n\n```json\n((?s:.*?))```", page)
        expected = json.loads(shown)
        expected["log"]["root"] = printed["log"]["root"]
        expected["versions"][0]["h1"] = printed["versions"][0]["h1"]
        assert printed == expected


class TestRefused:
    def test_without_a_release(self, clean: Path, site: Path, key: Path) -> None:
        commit(clean)
        told = "nothing was released: there is no tag such as v1.0.0: release a version: "
        assert refused(publish(clean, site, key), "CC911") == f"{told}chartconfig release"

    def test_before_an_older_one(self, history: Path, site: Path, key: Path) -> None:
        told = "v1.0.0 comes before v1.1.0, and is not published yet: publish both, in their order"
        assert refused(publish(history, site, key), "CC911") == f"{told}: --all"
        assert not site.exists()

    def test_after_a_newer_one(self, repository: Path, site: Path, key: Path) -> None:
        git(repository, "tag", "--delete", "v1.0.1")
        assert publish(repository, site, key, "--all").code == 0
        before = contents(site)
        git(repository, "checkout", "--quiet", "v1.0.0")
        released(repository, "v1.0.1", at=SECOND)
        git(repository, "checkout", "--quiet", "v1.1.0")
        told = "v1.0.1 can no longer be published: the newer v1.1.0 is"
        for arguments in (("--all",), ("--version", "v1.0.1")):
            result = publish(repository, site, key, *arguments)
            assert refused(result, "CC911").startswith(told)
        assert publish(repository, site, key).code == 0  # the newest is there
        assert contents(site) == before

    def test_if_never_released(self, history: Path, site: Path, key: Path) -> None:
        result = publish(history, site, key, "--version", "v2.0.0")
        told = "v2.0.0 was never released: the newest release is v1.1.0: "
        assert refused(result, "CC911").startswith(told)

    def test_to_the_log_of_another_key(
        self, history: Path, site: Path, key: Path, tmp_path: Path
    ) -> None:
        assert publish(history, site, key, "--version", "v1.0.0").code == 0
        before = contents(site)
        other = tmp_path / "other.key"
        write_signer(other, generate("telemetry.example.com/other", bytes(32)))
        assert refused(publish(history, site, other, "--all"), "CC913") == (
            f"the key is of the log telemetry.example.com/other, and the site has {NAME}: publish"
            " with the key of that log, or to a site of its own"
        )
        stranger = tmp_path / "stranger.key"
        write_signer(stranger, NEW_KEY)
        result = publish(history, site, stranger, "--all")
        assert result.err.startswith("error[CC922] unverified-note: a note without a")
        assert contents(site) == before

    def test_if_it_compiles_to_something_else(self, clean: Path, site: Path, key: Path) -> None:
        h1 = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        released(clean, "v1.0.0", h1=h1, chartconfig="0.0.9")
        told = refused(publish(clean, site, key), "CC912")
        assert re.fullmatch(
            rf"v1.0.0 compiles to h1:\S+, and what was released is {re.escape(h1)}: use"
            " chartconfig 0.0.9, which compiled it; this is 0.1.0",
            told,
        )
        assert contents(site) == {}

    def test_if_the_tag_says_nothing(self, clean: Path, site: Path, key: Path) -> None:
        commit(clean)
        git(clean, "tag", "v1.0.0")
        assert "its message is not one" in refused(publish(clean, site, key), "CC920")

    def test_if_nobody_who_may_has_signed_the_tag(
        self, clean: Path, site: Path, key: Path, tmp_path: Path
    ) -> None:
        line = ssh_key(tmp_path / "ssh")
        ssh_key(tmp_path / "stranger")
        (clean / "configs/allowed_signers").write_text(line, encoding="ascii")
        for name in (None, "stranger"):
            released(clean, "v1.0.0", key=tmp_path / name if name else None)
            told = refused(publish(clean, site, key), "CC919")
            assert told.startswith("the tag v1.0.0 is not signed by an allowed signer: ")
            git(clean, "tag", "--delete", "v1.0.0")
            assert contents(site) == {}
        # A tag that brings a list of its own allows nobody.
        own = ssh_key(tmp_path / "own")
        (clean / "configs/allowed_signers").write_text(own, encoding="ascii")
        released(clean, "v1.0.0", key=tmp_path / "own")
        (clean / "configs/allowed_signers").write_text(line, encoding="ascii")
        commit(clean)
        assert refused(publish(clean, site, key), "CC919").startswith(told.partition(":")[0])
        git(clean, "tag", "--delete", "v1.0.0")
        released(clean, "v1.0.0", key=tmp_path / "ssh")
        assert publish(clean, site, key).code == 0
        assert listed(site) == ["v1.0.0"]

    @pytest.mark.parametrize("kind", ["zip", "mod", "info"])
    def test_over_anything_else(self, history: Path, site: Path, key: Path, kind: str) -> None:
        assert publish(history, site, key, "--version", "v1.0.0").code == 0
        path = f"{MODULE}/@v/v1.0.1.{kind}"
        (site / path).write_bytes(b"other")
        before = contents(site)
        result = publish(history, site, key, "--version", "v1.0.1")
        assert (result.code, result.out) == (1, "")
        assert result.err == (
            f"error[CC928] site-in-conflict: {path}: it is there already, and is another\n"
            " = help: find out which is right: chartconfig verify says all that is wrong with the"
            " site\n\n"
        )
        assert contents(site) == before

    def test_while_somebody_else_publishes(self, history: Path, site: Path, key: Path) -> None:
        with open_store(site):
            told = refused(publish(history, site, key, "--all"), "CC909")
        assert told.startswith(f"{site} is being written by process {os.getpid()} on ")
        assert contents(site) == {}

    def test_with_a_key_that_others_can_read(self, history: Path, site: Path, key: Path) -> None:
        key.chmod(0o644)
        assert "its mode is 0644" in refused(publish(history, site, key), "CC910")
        assert not site.exists()

    def test_with_wrong_usage(self, history: Path, site: Path, key: Path) -> None:
        other = key.with_name("other.key")
        write_signer(other, generate("telemetry.example.com/other", bytes(32)))
        for arguments, told in (
            (("--all", "--version", "v1.0.0"), "--all has every version in it"),
            (("--key", other), "the keys are of two logs; a site has one"),
        ):
            result = publish(history, site, key, *arguments)
            assert (result.code, result.out) == (2, "")
            assert told in result.err
            assert not site.exists()

    def test_to_a_url(self, key: Path) -> None:
        result = run("publish", "https://example.com", "--key", key)
        assert result.code == 2
        assert "https://example.com is no directory: publish to one, and serve that" in result.err


class TestNewKey:
    def test_signs_with_the_old_one_then_alone(
        self, history: Path, site: Path, key: Path, tmp_path: Path
    ) -> None:
        new = tmp_path / "new.key"
        write_signer(new, NEW_KEY)
        assert publish(history, site, key, "--version", "v1.0.0").code == 0
        # 1. Both sign, also what was signed before.
        result = publish(history, site, key, "--version", "v1.0.1", "--key", new, "--resign")
        assert (result.code, result.err) == (0, UNSIGNED)
        assert "\n1 file signed anew\n" in result.out
        for name in ("old", "new"):
            reader = follower(site, name)
            assert reader.refresh().size == 2
            assert [reader.lookup(f"{MODULE}@v1.0.{n}").index for n in (0, 1)] == [0, 1]
        # 2. The new one alone.
        result = publish(history, site, new, "--all", "--resign")
        assert (result.code, result.err) == (0, UNSIGNED)
        reader = follower(site, "new")
        assert reader.refresh().size == 3
        assert reader.lookup(f"{MODULE}@v1.0.0").index == 0
        with pytest.raises(UnverifiedNoteError):
            follower(site, "old").refresh()


KILLED = """\
import sys
from pathlib import Path
from tests.cli.test_publish import kill_at_each_write
version, *paths = sys.argv[1:]
kill_at_each_write(version, *map(Path, paths))
"""


class Killed(DirectoryStore):
    """A store whose process is killed before or after one of its writes."""

    step = 0

    def write(self, write: Write, /) -> None:
        self._count()
        super().write(write)
        self._count()

    def _count(self) -> None:
        if Killed.step == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        Killed.step -= 1


def kill_at_each_write(
    version: str, repository: Path, template: Path, key: Path, folder: Path
) -> None:
    """Publish to a copy of a site for each step, in a process that is killed there."""
    chartconfig.edge.store.DirectoryStore = Killed  # type: ignore[misc]
    for step in count():
        site = folder / str(step)
        shutil.copytree(template, site)
        child = os.fork()
        if child == 0:
            Killed.step = step
            sys.argv = ["chartconfig", "-C", f"{repository}", "publish", f"{site}"]
            sys.argv += ["--key", f"{key}", "--version", version]
            os._exit(main())
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            assert status == 0
            return


@pytest.mark.usefixtures("_no_sync")
@pytest.mark.parametrize("version", ["v1.0.0", "v1.0.1"])
def test_a_kill_before_and_after_every_write_is_made_up_for(
    history: Path, site: Path, key: Path, tmp_path: Path, version: str
) -> None:
    writes = 13 if version == "v1.0.0" else 12
    site.mkdir()
    if version != "v1.0.0":
        assert publish(history, site, key, "--version", "v1.0.0").code == 0
    folder = tmp_path / "killed"
    arguments = [version, history, site, key, folder]
    subprocess.run(
        [sys.executable, "-c", KILLED, *map(str, arguments)],
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        timeout=120,
        check=True,
    )
    assert publish(history, site, key, "--version", version).code == 0
    undisturbed = contents(site)
    roots = sorted(folder.iterdir(), key=lambda path: int(path.name))
    assert len(roots) == 2 * writes + 1
    sizes = []
    for root in roots:
        files = published(root)
        sizes.append(len(files))
        reader = Follower(LOG, MemoryStore(files).log(NAME), None)
        for name in files.get(f"{MODULE}/@v/list", b"").decode().split():
            assert {f"{MODULE}/@v/{name}.{kind}" for kind in ("info", "mod", "zip")} <= set(files)
            assert reader.lookup(f"{MODULE}@{name}").index < reader.head.size
        assert publish(history, root, key, "--version", version).code == 0
        assert contents(root) == undisturbed
    assert sizes == sorted(sizes)
    assert sizes[-1] == len(undisturbed)


def test_two_at_once_make_the_site_of_one(history: Path, site: Path, key: Path) -> None:
    arguments = ["-C", history, "publish", site, "--key", key, "--all"]
    command = [*COMMAND, *map(str, arguments)]
    both = [
        subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    told = [each.communicate(timeout=60)[1].decode().removeprefix(UNSIGNED) for each in both]
    codes = sorted(each.returncode for each in both)
    assert codes in ([0, 0], [0, 1])
    assert [text[:12] for text in told if text] == ["error[CC909]"] * codes.count(1)
    assert publish(history, site.with_name("one"), key, "--all").code == 0
    assert contents(site) == contents(site.with_name("one"))
