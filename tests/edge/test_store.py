"""A site in a directory: one writer, whole files, and no stop that does any harm."""

from __future__ import annotations

import dataclasses
import errno
import fcntl
import os
import re
import signal
import subprocess
import sys
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from chartconfig.edge.store import DirectoryStore, open_store
from chartconfig.errors import ChartconfigError
from chartconfig.tlog.publish import ConflictError, Write, plan, resign
from tests.edge.repository import write as write_files
from tests.edge.test_write import FullDisk, contents, told_by
from tests.fakes import MemoryStore
from tests.tlog.sites import KEY, MODULE, NAME, history, release, site
from tests.tlog.test_publish import check_clients

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
NEW = Write(path="a/b/new", data=b"1", reason="", immutable=True)
NEXT = Write(path="a/b/new", data=b"2", reason="", immutable=False, replaces=b"1")
LOOKUP = f"sumdb/{NAME}/lookup/{MODULE}@v1.0.0"


def publish(root: Path, number: int) -> None:
    """Publish a release to a site on disk."""
    with open_store(root) as store:
        for write in plan(release(number), name=NAME, signers=(KEY,), store=store):
            store.write(write)


def needed(size: int) -> dict[str, bytes]:
    """Return what the next release and its clients look at in a site of so many releases."""
    store = site(size)
    store.read_paths.clear()
    plan(release(size), name=NAME, signers=(KEY,), store=store)
    kept = {write.path for writes in history(size)[-3:] for write in writes}
    kept.update(store.read_paths)
    return {path: data for path, data in store.files.items() if path in kept}


def published(root: Path) -> dict[str, bytes]:
    """Return the files of a site on disk, without what an unfinished run may leave."""
    files = contents(root) if root.exists() else {}
    return {path: data for path, data in files.items() if not path.startswith(".chartconfig/")}


def prefixes(size: int) -> list[dict[str, bytes]]:
    """Return what a site holds before the next release, and after each of its writes."""
    store = MemoryStore(needed(size))
    states = [dict(store.files)]
    for write in plan(release(size), name=NAME, signers=(KEY,), store=store):
        store.write(write)
        states.append(dict(store.files))
    return states


@pytest.fixture
def _no_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for a disk thousands of times."""
    monkeypatch.setattr(os, "sync", lambda: None)
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "site"


class TestWrite:
    @pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
    def test_is_for_everybody_to_read_whatever_the_umask(self, root: Path, umask: int) -> None:
        before = os.umask(umask)
        try:
            with open_store(root) as store:
                store.write(Write(path="a/b", data=b"1", reason="", immutable=True))
        finally:
            os.umask(before)
        modes = [(root / name).stat().st_mode & 0o777 for name in ("", "a", "a/b")]
        assert modes == [0o755, 0o755, 0o644]

    def test_is_whole_and_leaves_nothing_else(self, root: Path) -> None:
        with open_store(root) as store:
            assert store.read("a/b/new") is None
            store.write(NEW)
            assert store.read("a/b/new") == b"1"
            store.write(NEXT)
        assert contents(root) == {"a/b/new": b"2"}
        assert sorted(path.name for path in root.iterdir()) == ["a"]

    def test_is_on_the_disk_with_its_name_before_the_next(self, root: Path) -> None:
        with open_store(root) as store, pytest.MonkeyPatch.context() as monkeypatch:
            disk = FullDisk(monkeypatch, refused=-1)
            store.write(NEW)
            store.write(NEXT)
        file = ["open", "write", "fsync", "replace", "fsync"]
        assert disk.log == ["mkdir", "fsync", "mkdir", "fsync", *file, *file]

    def test_of_what_is_there_already_does_nothing(self, root: Path) -> None:
        with open_store(root) as store:
            store.write(NEW)
            inode = (root / "a/b/new").stat().st_ino
            store.write(NEW)
        assert (root / "a/b/new").stat().st_ino == inode

    def test_never_changes_what_is_immutable(self, root: Path) -> None:
        other = Write(path="a/b/new", data=b"2", reason="", immutable=True)
        with open_store(root) as store:
            store.write(NEW)
            told = r"^a/b/new: it is there already, and is another$"
            with pytest.raises(ConflictError, match=told):
                store.write(other)
        assert contents(root) == {"a/b/new": b"1"}

    @pytest.mark.parametrize("present", [None, b"2", b"3"])
    def test_replaces_only_what_it_was_planned_for(self, root: Path, present: bytes | None) -> None:
        if present:
            write_files(root, {"a/b/new": present})
        with (
            open_store(root) as store,
            pytest.raises(ConflictError, match=r"^a/b/new: it is not what it was a moment ago$"),
        ):
            store.write(NEXT)
        assert contents(root) == ({"a/b/new": present} if present else {})

    def test_does_not_replace_what_should_not_be_there(self, root: Path) -> None:
        write_files(root, {"list": b"v1.0.0\n"})
        first = Write(path="list", data=b"v1.1.0\n", reason="", immutable=False)
        with open_store(root) as store, pytest.raises(ConflictError):
            store.write(first)
        assert contents(root) == {"list": b"v1.0.0\n"}

    def test_has_the_usual_permissions(self, root: Path, tmp_path: Path) -> None:
        (tmp_path / "usual").mkdir()
        (tmp_path / "usual/file").touch()
        with open_store(root) as store:
            store.write(NEW)
        for made, usual in (
            ("site", "usual"),
            ("site/a/b", "usual"),
            ("site/a/b/new", "usual/file"),
        ):
            assert (tmp_path / made).stat().st_mode == (tmp_path / usual).stat().st_mode


class TestRead:
    def test_of_a_file_in_place_of_a_folder_finds_nothing(self, root: Path) -> None:
        write_files(root, {"a": b""})
        assert DirectoryStore(root).read("a/b") is None

    def test_of_what_cannot_be_read_is_refused(self, root: Path) -> None:
        (root / "a").mkdir(parents=True)
        told = told_by(lambda: DirectoryStore(root).write(dataclasses.replace(NEW, path="a")))
        assert told == f"CC914 {root / 'a'} cannot be read: is a directory"

    def test_finds_logs_and_lookups(self, root: Path) -> None:
        write_files(root, site(3).files)
        store = DirectoryStore(root)
        (root / "sumdb" / NAME / "tile/supported").touch()  # below a log, there is no other
        assert store.logs() == (NAME,)
        lookups = tuple(LOOKUP.replace("v1.0", f"v1.{number}") for number in range(3))
        assert store.lookups(NAME) == lookups
        assert DirectoryStore(root / "nowhere").logs() == ()

    def test_finds_all_that_a_new_key_signs(self, root: Path) -> None:
        write_files(root, site(3).files)
        with open_store(root) as store:
            for write in resign(
                store.lookups(NAME),
                name=NAME,
                signers=(KEY,),
                store=store,
                verifiers=(KEY.verifier,),
            ):
                store.write(write)
        assert contents(root) == site(3).files


class TestSite:
    def test_is_what_the_plan_says(self, root: Path) -> None:
        for number in range(3):
            publish(root, number)
        assert contents(root) == site(3).files

    def test_costs_the_same_at_release_601_as_at_release_11(self, tmp_path: Path) -> None:
        changes, reads = [], []
        for size in (10, 600):
            root = tmp_path / str(size)
            write_files(root, needed(size))
            with pytest.MonkeyPatch.context() as monkeypatch:
                disk = FullDisk(monkeypatch, refused=-1)
                with open_store(root) as store:
                    counted = Counted(store)
                    for write in plan(release(size), name=NAME, signers=(KEY,), store=counted):
                        store.write(write)
            changes.append(disk.log.count("replace"))
            reads.append(len(counted.paths))
            new = set(published(root)) - set(needed(size))
            assert len(new) == 8
        assert changes == [12, 12]
        assert reads[1] <= reads[0] + 1


class Counted:
    """A store that counts what is read of it."""

    def __init__(self, store: DirectoryStore) -> None:
        self.paths: list[str] = []
        self._store = store

    def read(self, path: str, /) -> bytes | None:
        self.paths.append(path)
        return self._store.read(path)

    def write(self, write: Write, /) -> None:
        self._store.write(write)


@pytest.mark.usefixtures("_no_sync")
class TestFullDisk:
    @pytest.mark.parametrize("size", [0, 1, 255])
    def test_leaves_nothing_half_published(self, tmp_path: Path, size: int) -> None:
        states = prefixes(size)
        refused: list[str] = []
        for step in count():
            root = tmp_path / str(step)
            write_files(root, needed(size))
            with pytest.MonkeyPatch.context() as monkeypatch:
                disk = FullDisk(monkeypatch, refused=step)
                told = told_by(partial(publish, root, size))
            if not disk.refused:
                break
            refused.append(disk.log[step])
            if told:
                assert told.startswith("CC902 ")
                assert told.endswith(" cannot be written: no space left on device")
                assert contents(root) in states
            publish(root, size)
            assert contents(root) == states[-1]
        assert set(refused) == {"mkdir", "open", "write", "fsync", "replace"}
        assert refused.count("replace") == len(states) - 1

    def test_is_told_with_what_to_do(self, root: Path) -> None:
        with pytest.MonkeyPatch.context() as monkeypatch:
            FullDisk(monkeypatch, refused=6)
            with pytest.raises(ChartconfigError) as caught:
                publish(root, 0)
        assert caught.value.diagnostic.hint == (
            "what is published is whole; make room, run it again, and it goes on from there"
        )


KILLED = """\
import os, sys
from pathlib import Path
from tests.edge.test_store import kill_at_each_step
kill_at_each_step(Path(sys.argv[1]), size=int(sys.argv[2]))
"""


class Killed(FullDisk):
    """Not a full disk, but a process that is killed at one of the steps."""

    def count(self, name: str) -> None:
        self.log.append(name)
        if len(self.log) - 1 == self._refused:
            os.kill(os.getpid(), signal.SIGKILL)


def kill_at_each_step(folder: Path, *, size: int) -> None:
    """Publish to a site of its own for each step, in a process that is killed there."""
    files = needed(size)
    pytest.MonkeyPatch().setattr(os, "fsync", lambda _: None)
    for step in count():
        root = folder / str(step)
        write_files(root, files)
        child = os.fork()
        if child == 0:
            Killed(pytest.MonkeyPatch(), refused=step)
            publish(root, size)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            assert status == 0
            return
        assert os.WTERMSIG(status) == signal.SIGKILL


def driven(script: str, *arguments: str | Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", script, *map(str, arguments)], env=ENVIRONMENT)


@pytest.mark.usefixtures("_no_sync")
class TestKill:
    @pytest.mark.parametrize("size", [0, 1, 255])
    def test_at_any_step_is_made_up_for(self, tmp_path: Path, size: int) -> None:
        states = prefixes(size)
        with driven(KILLED, tmp_path, str(size)) as driver:
            assert driver.wait(timeout=60) == 0
        roots = sorted(tmp_path.iterdir(), key=lambda path: int(path.name))
        reached = []
        for root in roots:
            # 1. What is there is the first writes of the plan, each of them whole.
            files = published(root)
            reached.append(states.index(files))
            # 2. Clients find all that is listed.
            seen = check_clients(MemoryStore(files), None)
            # 3. A retry does the rest, and cleans up.
            publish(root, size)
            assert contents(root) == states[-1]
            assert not (root / ".chartconfig").exists()
            # 4. What was seen in between is the beginning of what is there now.
            check_clients(MemoryStore(states[-1]), seen)
        assert reached == sorted(reached)
        assert set(reached) == set(range(len(states)))

    def test_frees_the_lock(self, root: Path) -> None:
        with driven(HOLDER, root) as holder:
            wait_for(root / ".chartconfig/ready")
            assert told_by(partial(publish, root, 0)).startswith("CC909 ")
            holder.kill()
        publish(root, 0)
        assert contents(root) == site(1).files


HOLDER = """\
import sys, time
from pathlib import Path
from chartconfig.edge.store import open_store
with open_store(Path(sys.argv[1])):
    Path(sys.argv[1], ".chartconfig/ready").touch()
    time.sleep(60)
"""

COMPETITOR = """\
import sys, time
from pathlib import Path
from chartconfig.errors import ChartconfigError
from tests.edge.test_store import publish
for number in range(10):
    while True:
        try:
            publish(Path(sys.argv[1]), number)
            break
        except ChartconfigError as error:
            assert error.diagnostic.code == "CC909", error
            time.sleep(0.001)
"""


def wait_for(path: Path) -> None:
    import time

    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class TestOpen:
    """A store that is opened and not written to."""

    def test_of_nothing_leaves_nothing(self, root: Path) -> None:
        site = root.parent / "a/b"
        with open_store(site):
            assert site.is_dir()
        assert not site.parent.exists()
        site.parent.mkdir()
        with open_store(site):
            pass
        assert list(site.parent.iterdir()) == []
        site.mkdir()
        with open_store(site):
            pass
        assert list(site.parent.iterdir()) == [site]

    def test_of_what_was_removed_and_made_anew_is_no_store(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lock = fcntl.flock

        def flock(descriptor: int, how: int) -> None:
            root.rmdir()
            root.mkdir()
            lock(descriptor, how)

        monkeypatch.setattr(fcntl, "flock", flock)
        with pytest.raises(ChartconfigError) as caught, open_store(root):
            pass
        assert caught.value.diagnostic.code == "CC909"

    def test_that_cannot_be_made_leaves_nothing(self, root: Path) -> None:
        folder = root.parent / "a"
        site = folder / "b" / ("long" * 100)
        with pytest.raises(ChartconfigError) as caught, open_store(site):
            pass
        assert caught.value.diagnostic.code == "CC902"
        assert not folder.exists()


class TestTwoPublishers:
    def test_are_one_at_a_time(self, root: Path) -> None:
        with open_store(root), pytest.raises(ChartconfigError) as caught:
            publish(root, 0)
        diagnostic = caught.value.diagnostic
        assert diagnostic.code == "CC909"
        assert re.fullmatch(
            rf"{re.escape(str(root))} is being written by process {os.getpid()} on \S+",
            diagnostic.message,
        )
        assert diagnostic.hint == "wait for it, then run it again; nothing was changed"
        publish(root, 0)

    @pytest.mark.parametrize("text", [None, b"", b"\xff"])
    def test_are_told_apart_even_before_the_first_says_who_it_is(
        self, root: Path, text: bytes | None
    ) -> None:
        with open_store(root):
            holder = root / ".chartconfig/holder"
            holder.unlink()
            if text is not None:
                holder.write_bytes(text)
            told = told_by(partial(publish, root, 0))
        assert told == f"CC909 {root} is being written by another process"

    @pytest.mark.parametrize("name", ["link", "site/../site"])
    def test_are_told_apart_by_the_directory_not_its_name(self, root: Path, name: str) -> None:
        root.mkdir()
        (root.parent / "link").symlink_to(root)
        with open_store(root):
            assert told_by(partial(publish, root.parent / name, 0)).startswith("CC909 ")

    def test_make_the_same_site_as_one(self, root: Path) -> None:
        competitors = [driven(COMPETITOR, root) for _ in range(2)]
        assert [each.wait(timeout=60) for each in competitors] == [0, 0]
        assert contents(root) == site(10).files


def test_a_site_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    told = told_by(partial(publish, tmp_path / "file/site", 0))
    assert told == f"CC902 {tmp_path / 'file'} cannot be written: it is no directory"
    assert told_by(partial(publish, tmp_path / "file", 0)).startswith("CC902 ")


def test_a_site_that_cannot_be_locked(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK), descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", refuse)
    told = told_by(partial(publish, root, 0))
    assert told == f"CC902 {root} cannot be written: no locks available"
    assert contents(root) == {}


def test_a_site_of_something_else(root: Path) -> None:
    write_files(root, {"sumdb": b""})
    with pytest.raises(ChartconfigError) as caught:
        DirectoryStore(root).logs()
    diagnostic = caught.value.diagnostic
    told = f"{root / 'sumdb'} cannot be read: not a directory"
    assert (diagnostic.code, diagnostic.message) == ("CC914", told)


def test_a_folder_left_by_a_stop_is_synced_before_anything_is_taken_from_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    monkeypatch.setattr(os, "sync", lambda: synced.append(sorted(contents(root))))
    publish(root, 0)
    assert synced == []
    write_files(root, {".chartconfig/new": b"half"})
    publish(root, 1)
    assert synced == [sorted({*site(1).files, ".chartconfig/new"})]
