"""The client: latest or named, kept and offline, and never back. tests/hostile has its enemies."""

from __future__ import annotations

import dataclasses
import fcntl
import threading
import time
from typing import TYPE_CHECKING

import pytest

from chartconfig.auditor.pin import MalformedPinError
from chartconfig.client import (
    Client,
    NoSuchVersionError,
    NumberedBackError,
    PinnedOtherwiseError,
    SecondRecordError,
)
from chartconfig.edge.fetch import FetchError, UnreachableError
from chartconfig.errors import ChartconfigError
from chartconfig.module.gomod import Retraction
from chartconfig.module.zip import decode_zip
from chartconfig.tlog.client import ForkError, Log, RollbackError, check_fork
from chartconfig.tlog.note import UnverifiedNoteError, parse_note
from chartconfig.tlog.proof import check_proof, parse_proof
from chartconfig.tlog.publish import plan, resign
from chartconfig.tlog.text import MalformedLogError
from chartconfig.tlog.tile import MissingLogFileError
from tests.hostile.attacked import Served
from tests.server import serving
from tests.sites import (
    FIRST,
    FOLDER,
    KEY,
    LOG,
    MODULE,
    NAME,
    OTHER_KEY,
    VKEY,
    publish,
    release,
    site,
    versions,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from chartconfig.client import Config


class Broken(Served):
    """A site that answers until it is told not to."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(files)
        self.error: ChartconfigError | None = None
        self.asked: list[str] = []

    def __call__(self, path: str, /) -> bytes | None:
        self.asked.append(path)
        if self.error is not None:
            raise self.error
        return super().__call__(path)


def gone() -> UnreachableError:
    return UnreachableError("http://example.com", "nobody answers", "try again")


def files_of(version: str) -> dict[str, bytes]:
    return decode_zip(release(version).zip, module=MODULE, version=version)


class TestLatest:
    @pytest.mark.parametrize("count", [1, 2, 20, 256, 257])
    def test_is_the_newest(self, count: int) -> None:
        store = site()
        for version in versions(count):
            publish(store, release(version))
        config = Client(Served(store.files), VKEY).latest()
        assert (config.version, config.index) == (f"v1.{count - 1}.0", count - 1)
        assert config.files == files_of(config.version)
        assert (config.log, config.module, config.time) == (NAME, MODULE, FIRST)
        assert config.h1 == release(config.version).record.decode().split()[2]
        assert (config.retraction, config.offline) == (None, False)

    @pytest.mark.parametrize("bad", [1, 256, 257])
    def test_may_be_before_many_that_are_withdrawn(self, bad: int) -> None:
        store = site("v1.0.0")
        last = f"v1.{bad + 1}.0"
        for number in range(1, bad + 1):
            publish(store, release(f"v1.{number}.0"))
        every = Retraction(low="v1.1.0", high=last, reason="Too much.")
        publish(store, release(last, retractions=(every,)))
        assert Client(Served(store.files), VKEY).latest().version == "v1.0.0"

    def test_of_a_log_without_versions_is_none(self) -> None:
        with pytest.raises(ChartconfigError, match=f"there is no log {NAME} here"):
            Client(Served({}), VKEY).latest()
        with pytest.raises(NoSuchVersionError, match=r"the log has no version of example.org/x"):
            Client(Served(site("v1.0.0").files), VKEY, module="example.org/x").latest()

    @pytest.mark.parametrize("how", ["directory", "url"])
    def test_comes_from_a_directory_or_a_url(self, tmp_path: Path, how: str) -> None:
        files = site("v1.0.0", "v1.1.0").files
        if how == "directory":
            root = written(files, tmp_path / "site")
            assert Client(str(root), VKEY, str(tmp_path / "cache")).latest().version == "v1.1.0"
        else:
            with serving(files) as server:
                assert Client(server.url, VKEY, tmp_path).latest().version == "v1.1.0"
                assert len(server.asked) < 15

    def test_proves_itself(self) -> None:
        config = Client(Served(site("v1.0.0", "v1.1.0").files), VKEY).latest()
        proven = check_proof(parse_proof(config.proof), origin=NAME, verifiers=LOG.verifiers)
        assert proven.record == release("v1.1.0", time=config.time).record


class TestVersion:
    def test_that_is_not_there_is_told_from_a_tile_that_is_not(self) -> None:
        """What a server leaves out to hide a version is not taken for its absence."""
        store = site()
        for version in versions(257):
            publish(store, release(version))
        with pytest.raises(NoSuchVersionError, match=r"the log has no v1\.257\.0"):
            Client(Served(store.files), VKEY).version("v1.257.0")
        del store.files[f"{FOLDER}/tile/8/0/000"]
        with pytest.raises(MissingLogFileError, match="the log has no file tile/8/0/000"):
            Client(Served(store.files), VKEY).version("v1.0.0")


class TestKey:
    def test_may_be_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "log.vkey").write_text(f"{VKEY}\n", encoding="ascii")
        client = Client(Served(site("v1.0.0").files), str(tmp_path / "log.vkey"))
        assert client.latest().version == "v1.0.0"

    def test_must_be_one(self) -> None:
        with pytest.raises(ChartconfigError, match="neither a file nor a verifier key"):
            Client(Served({}), "example.com/log")

    def test_may_change(self, tmp_path: Path) -> None:
        """Both sign for a while; whoever has fetched meanwhile goes on with the new one."""
        both = Log(name=NAME, verifiers=(KEY.verifier, OTHER_KEY.verifier))
        new = Log(name=NAME, verifiers=(OTHER_KEY.verifier,))
        store = site("v1.0.0")
        old_cache, new_cache = tmp_path / "old", tmp_path / "new"
        for cache in (old_cache, new_cache):
            Client(Served(store.files), VKEY, cache).latest()
        resigned(store, KEY, OTHER_KEY)
        assert Client(Served(store.files), VKEY, old_cache).latest().version == "v1.0.0"
        assert Client(Served(store.files), both, new_cache).latest().version == "v1.0.0"
        resigned(store, OTHER_KEY)
        publish(store, release("v1.1.0"), OTHER_KEY)
        for log in (both, new):
            assert Client(Served(store.files), log, new_cache).latest().version == "v1.1.0"
        with pytest.raises(UnverifiedNoteError):
            Client(Served(store.files), VKEY, old_cache).latest()


def resigned(store: object, *signers: object) -> None:
    """Put the signatures of these keys under everything that a site has signed."""
    from tests.fakes import MemoryStore

    assert isinstance(store, MemoryStore)
    lookups = [path for path in store.files if "/lookup/" in path]
    keys = [KEY, OTHER_KEY]
    store.perform(
        resign(
            lookups,
            name=NAME,
            signers=[key for key in keys if key in signers],
            store=store,
            verifiers=[key.verifier for key in keys],
        )
    )


class TestCache:
    def test_answers_when_nobody_else_does(self, tmp_path: Path) -> None:
        files = Broken(site("v1.0.0", "v1.1.0").files)
        client = Client(files, VKEY, tmp_path)
        fetched = client.latest()
        client.version("v1.0.0")
        files.error = gone()
        told = files.error.diagnostic
        assert client.latest() == dataclasses.replace(fetched, offline=True, unanswered=told)
        assert client.version("v1.0.0").files == files_of("v1.0.0")
        with pytest.raises(UnreachableError, match="nobody answers"):
            client.version("v1.2.0")
        with pytest.raises(UnreachableError):
            Client(files, VKEY, tmp_path / "empty").latest()
        with pytest.raises(UnreachableError):
            Client(files, VKEY).latest()

    def test_does_not_answer_for_what_does_not_verify(self, tmp_path: Path) -> None:
        files = Broken(site("v1.0.0").files)
        client = Client(files, VKEY, tmp_path)
        client.latest()
        files.error = FetchError("http://example.com", "it is too large", "try again")
        with pytest.raises(FetchError, match="too large"):
            client.latest()
        files.error = None
        files.files[f"{FOLDER}/checkpoint"] = b"<html>Please log in</html>"
        with pytest.raises(ChartconfigError, match="a note without"):
            client.latest()

    def test_is_all_that_is_asked_offline(self, tmp_path: Path) -> None:
        files = Broken(site("v1.0.0", "v1.1.0").files)
        Client(files, VKEY, tmp_path).latest()
        files.asked.clear()
        offline = Client(files, VKEY, tmp_path, offline=True)
        assert offline.latest().version == offline.version("v1.1.0").version == "v1.1.0"
        with pytest.raises(NoSuchVersionError, match=r"the cache has no v1\.0\.0 of"):
            offline.version("v1.0.0")
        with pytest.raises(NoSuchVersionError, match="the cache has no version of"):
            Client(files, VKEY, tmp_path / "empty", offline=True).latest()
        assert files.asked == []

    def test_saves_reading_a_version_twice(self, tmp_path: Path) -> None:
        files = Broken(site("v1.0.0").files)
        client = Client(files, VKEY, tmp_path)
        client.latest()
        assert f"{MODULE}/@v/v1.0.0.zip" in files.asked
        files.asked.clear()
        client.latest()
        assert f"{MODULE}/@v/v1.0.0.zip" not in files.asked

    def test_is_verified_when_it_is_used(self, tmp_path: Path) -> None:
        files = Broken(site("v1.0.0", "v1.1.0").files)
        client = Client(files, VKEY, tmp_path)
        client.latest()
        client.version("v1.0.0")
        kept = [path for path in tmp_path.rglob("*") if path.is_file() and "v1.1.0" in path.name]
        assert len(kept) == 4
        for path in kept:
            data = path.read_bytes()
            for other in (b"", data[:-1], data.swapcase()):
                path.write_bytes(other)
                files.error = gone()
                with pytest.raises(UnreachableError):
                    client.latest()
                files.error = None
                assert client.latest().version == "v1.1.0"
                assert path.read_bytes() == data, "it was fetched again"

    def test_of_another_version_is_not_used(self, tmp_path: Path) -> None:
        files = Broken(site("v1.0.0", "v1.1.0").files)
        client = Client(files, VKEY, tmp_path)
        client.version("v1.0.0")
        client.version("v1.1.0")
        for path in tmp_path.rglob("*v1.1.0*"):
            path.write_bytes(path.with_name(path.name.replace("v1.1.0", "v1.0.0")).read_bytes())
        files.error = gone()
        with pytest.raises(UnreachableError):
            client.version("v1.1.0")

    def test_that_cannot_be_believed_is_refused(self, tmp_path: Path) -> None:
        client = Client(Served(site("v1.0.0").files), VKEY, tmp_path)
        client.latest()
        state = tmp_path / NAME / "state.json"
        state.write_bytes(state.read_bytes() + b"\n")
        with pytest.raises(MalformedPinError, match="in the cache is not what was kept there"):
            client.latest()

    def test_that_cannot_be_written_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")
        for offline in (False, True):
            client = Client(Served(site("v1.0.0").files), VKEY, tmp_path / "file", offline=offline)
            with pytest.raises(ChartconfigError, match="file cannot be read: not a directory"):
                client.latest()

    def test_keeps_modules_apart(self, tmp_path: Path) -> None:
        store = site("v1.0.0")
        publish(store, release("v1.1.0", module="example.org/other"))
        for module, version in ((MODULE, "v1.0.0"), ("example.org/other", "v1.1.0")):
            assert Client(Served(store.files), VKEY, tmp_path, module=module).latest().version == (
                version
            )
            offline = Client(Served({}), VKEY, tmp_path, module=module, offline=True)
            assert offline.latest().version == version
        with pytest.raises(NoSuchVersionError, match="the cache has no version"):
            Client(Served({}), VKEY, tmp_path, offline=True).latest()


class TestShown:
    """Heads that others were shown, where the site is not asked: as strict as what is kept is."""

    FILES = site("v1.0.0", "v1.1.0", "v1.2.0").files
    UNLIKE = site("v1.0.0", "v1.1.0", note="for others").files
    AS_LARGE = site("v1.0.0", "v1.1.0", "v1.2.0", note="for others").files

    def offline(self, cache: Path, shown: Mapping[str, bytes], file: str = "latest") -> Config:
        """Return what the cache gives, asked with a head of another site."""
        head = shown[f"{FOLDER}/{file}"]
        return Client(Served({}), VKEY, cache, shown=[head], offline=True).latest()

    @pytest.mark.parametrize("file", ["latest", "checkpoint"])
    def test_of_the_same_tree_pass(self, tmp_path: Path, file: str) -> None:
        Client(Served(self.FILES), VKEY, tmp_path).latest()
        for count in (1, 2, 3):
            older = site(*versions(count)).files
            assert self.offline(tmp_path, older, file).version == "v1.2.0"

    @pytest.mark.parametrize(("other", "size"), [(UNLIKE, 2), (AS_LARGE, 3)])
    def test_of_another_tree_are_a_fork(
        self, tmp_path: Path, other: Mapping[str, bytes], size: int
    ) -> None:
        Client(Served(self.FILES), VKEY, tmp_path).latest()
        told = f"a tree of 3 records that does not continue its tree of {size}"
        with pytest.raises(ForkError, match=told) as raised:
            self.offline(tmp_path, other)
        check_fork(raised.value.fork, LOG)
        files = Broken({})
        files.error = gone()
        head = other[f"{FOLDER}/latest"]
        with pytest.raises(ForkError, match=told):
            Client(files, VKEY, tmp_path, shown=[head]).latest()

    def test_that_are_newer_are_not_taken_for_granted(self, tmp_path: Path) -> None:
        Client(Served(self.FILES), VKEY, tmp_path).latest()
        newer = site(*versions(4)).files
        told = "the cache knows 3 records of the log, of the 4 that others were shown"
        with pytest.raises(RollbackError, match=told) as raised:
            self.offline(tmp_path, newer)
        assert raised.value.diagnostic.hint == "fetch once while the site answers"

    def test_that_cannot_be_compared_are_refused_until_they_were(self, tmp_path: Path) -> None:
        """The newest of 257 is found without the tile of those before it."""
        files, older = site(*versions(257)).files, site(*versions(255)).files
        Client(Served(files), VKEY, tmp_path).latest()
        told = "what is kept of the log's 257 records is not enough to compare another head with it"
        with pytest.raises(MissingLogFileError, match=told):
            self.offline(tmp_path, older)
        head = older[f"{FOLDER}/latest"]
        Client(Served(files), VKEY, tmp_path, shown=[head]).latest()
        assert self.offline(tmp_path, older).version == "v1.256.0"

    def test_are_not_compared_with_what_was_damaged(self, tmp_path: Path) -> None:
        Client(Served(self.FILES), VKEY, tmp_path).latest()
        (tile,) = (tmp_path / NAME / "tile").rglob("000")
        data = tile.read_bytes()
        older = site("v1.0.0").files
        for other in (b"", data[:-1], data.swapcase()):
            tile.write_bytes(other)
            with pytest.raises(MissingLogFileError, match="is not enough"):
                self.offline(tmp_path, older)
        Client(Served(self.FILES), VKEY, tmp_path).latest()
        assert tile.read_bytes() == data, "it was mended"
        longer = data + b"of a newer head"
        tile.write_bytes(longer)
        assert self.offline(tmp_path, older).version == "v1.2.0"
        Client(Served(self.FILES), VKEY, tmp_path).latest()
        assert tile.read_bytes() == longer

    def test_must_be_heads_of_the_log(self, tmp_path: Path) -> None:
        Client(Served(self.FILES), VKEY, tmp_path).latest()
        with pytest.raises(MalformedLogError, match="the head that was shown to others: "):
            self.offline(tmp_path, {f"{FOLDER}/latest": b"junk"})
        other = publish(site(), release("v1.0.0"), OTHER_KEY).files
        with pytest.raises(UnverifiedNoteError, match="the head that was shown to others: "):
            self.offline(tmp_path, other)


class TestForward:
    def test_only(self, tmp_path: Path) -> None:
        old, new = site("v1.0.0").files, site("v1.0.0", "v1.1.0").files
        assert Client(Served(old), VKEY, tmp_path).latest().version == "v1.0.0"
        assert Client(Served(new), VKEY, tmp_path).latest().version == "v1.1.0"
        with pytest.raises(RollbackError):
            Client(Served(old), VKEY, tmp_path).latest()
        assert Client(Served(new), VKEY, tmp_path).latest().version == "v1.1.0"

    def test_unless_a_version_is_named(self, tmp_path: Path) -> None:
        client = Client(Served(site("v1.0.0", "v1.1.0").files), VKEY, tmp_path)
        assert client.latest().version == "v1.1.0"
        assert client.version("v1.0.0").version == "v1.0.0"
        assert client.latest().version == "v1.1.0"
        offline = Client(Served({}), VKEY, tmp_path, offline=True)
        assert offline.latest().version == "v1.1.0"

    def test_or_it_was_withdrawn(self, tmp_path: Path) -> None:
        store = site("v1.0.0", "v1.1.0")
        assert Client(Served(store.files), VKEY, tmp_path).latest().version == "v1.1.0"
        both = Retraction(low="v1.1.0", high="v1.1.1", reason="Too much.")
        publish(store, release("v1.1.1", retractions=(both,)))
        client = Client(Served(store.files), VKEY, tmp_path)
        assert client.latest().version == "v1.0.0"
        assert client.version("v1.1.0").retraction == both
        offline = Client(Served({}), VKEY, tmp_path, offline=True)
        assert offline.latest().version == "v1.0.0"
        assert offline.version("v1.1.0").retraction == both

    def test_even_with_two_at_once(self, tmp_path: Path) -> None:
        """The slower of two, with an older head, does not take back what the faster has kept."""
        old, new = site("v1.0.0").files, site("v1.0.0", "v1.1.0").files
        reading, go_on = threading.Event(), threading.Event()

        class Slow(Served):
            def __call__(self, path: str, /) -> bytes | None:
                if path.endswith(".zip"):
                    reading.set()
                    assert go_on.wait(10)
                    self.files = dict(new)  # the mirror has the rest by now
                return super().__call__(path)

        found: list[Config] = []
        slow = threading.Thread(
            target=lambda: found.append(Client(Slow(old), VKEY, tmp_path).latest())
        )
        slow.start()
        assert reading.wait(10)
        assert Client(Served(new), VKEY, tmp_path).latest().version == "v1.1.0"
        go_on.set()
        slow.join()
        assert [config.version for config in found] == ["v1.0.0"]
        assert parse_note(found[0].head).text.splitlines()[1] == "2"
        with pytest.raises(RollbackError):
            Client(Served(old), VKEY, tmp_path).latest()

    def test_and_one_after_the_other(self, tmp_path: Path) -> None:
        with (tmp_path / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            found: list[Config] = []
            client = Client(Served(site("v1.0.0").files), VKEY, tmp_path)
            waiting = threading.Thread(target=lambda: found.append(client.latest()))
            waiting.start()
            time.sleep(0.2)
            assert found == []
        waiting.join(10)
        assert len(found) == 1

    def test_where_an_older_version_is_logged_far_behind(self, tmp_path: Path) -> None:
        numbers = [*versions(257)[1:], "v1.0.1"]  # the last is alone in its bundle
        before, after = site(*numbers[:-1]), site(*numbers)
        assert Client(Served(before.files), LOG, tmp_path).latest().version == "v1.256.0"
        told = "the newest record is of v1.0.1, after one of v1.256.0"
        with pytest.raises(NumberedBackError, match=told):
            Client(Served(after.files), LOG, tmp_path).latest()

    def test_to_other_bytes_of_a_version_that_is_kept(self, tmp_path: Path) -> None:
        assert Client(Served(site("v1.0.0").files), LOG, tmp_path).version("v1.0.0").index == 0
        (tmp_path / NAME / "state.json").unlink()  # else the tree would be found to be another
        other = site("v0.9.0", "v1.0.0", note="another").files
        with pytest.raises(SecondRecordError, match=r"v1\.0\.0 as record 0 and as 1"):
            Client(Served(other), LOG, tmp_path).version("v1.0.0")


class TestPin:
    FILES = site("v1.0.0", "v1.1.0").files

    def test_gives_the_same_again(self) -> None:
        first = Client(Served(self.FILES), VKEY).version("v1.0.0")
        again = Client(Served(self.FILES), VKEY, shown=[first.pin.head])
        assert again.version("v1.0.0", pin=first.pin) == first

    @pytest.mark.parametrize(
        "change",
        [
            {"h1": "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
            {"module": "example.org/other"},
            {"log": "example.com/other"},
        ],
    )
    def test_of_something_else_is_refused(self, change: dict[str, str]) -> None:
        pin = Client(Served(self.FILES), VKEY).version("v1.0.0").pin
        other = dataclasses.replace(pin, **change)  # type: ignore[arg-type]
        with pytest.raises(PinnedOtherwiseError, match=f"{NAME} has {MODULE} v1.0.0 as h1:"):
            Client(Served(self.FILES), VKEY).version("v1.0.0", pin=other)


def test_works_at_every_moment_of_a_publication(tmp_path: Path) -> None:
    """After any write, a client that was there before and one that is new get old or new."""
    store = site("v1.0.0")
    Client(Served(store.files), VKEY, tmp_path / "before").latest()
    got = []
    for write in plan(release("v1.1.0"), name=NAME, signers=(KEY,), store=store):
        store.write(write)
        for cache in (tmp_path / "before", None):
            got.append(Client(Served(store.files), VKEY, cache).latest().version)  # noqa: PERF401
    assert got == sorted(got)
    assert set(got) == {"v1.0.0", "v1.1.0"}
