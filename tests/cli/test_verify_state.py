"""The file of --state: the newest head wins, however many runs there are at once."""

from __future__ import annotations

import fcntl
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.cli.command import Result, run, spawn
from tests.server import Handler, serving
from tests.sites import FOLDER, MODULE, VKEY, site, versions, written

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

ZIP = f"{MODULE}/@v/v1.0.0.zip"


def head(files: Mapping[str, bytes]) -> bytes:
    return files[f"{FOLDER}/checkpoint"]


def meanwhile(files: Mapping[str, bytes], state: Path, does: Callable[[Handler], object]) -> Result:
    """Verify a site in a process of its own, while which something else is done."""

    def answer(it: Handler) -> None:
        does(it)
        it.answer(200, files[ZIP])

    with serving(files) as server:
        server.answers[ZIP] = answer
        return spawn("verify", server.url, "--key", VKEY, "--state", state)


class TestTwoAtOnce:
    OLD, NEW = site("v1.0.0").files, site("v1.0.0", "v1.1.0").files

    @pytest.mark.parametrize("before", [0, 1])
    def test_the_newest_head_stays(self, tmp_path: Path, before: int) -> None:
        """The slower run, which began with the older head, does not take the newer one back."""
        new = written(self.NEW, tmp_path / "new")
        state = tmp_path / "state"
        if before:
            state.write_bytes(head(self.OLD))
        results = []

        def faster(it: Handler) -> None:
            results.append(spawn("verify", new, "--key", VKEY, "--state", state))
            # The site has grown, though what is not yet read of it is still the old.
            it.server.files |= {path: data for path, data in self.NEW.items() if "/tile/" in path}

        slower = meanwhile(self.OLD, state, faster)
        assert [(each.code, each.err) for each in (slower, *results)] == [(0, ""), (0, "")]
        assert "has 1 record" in slower.out
        assert state.read_bytes() == head(self.NEW)

    def test_the_newer_head_is_kept_after_the_older(self, tmp_path: Path) -> None:
        old = written(self.OLD, tmp_path / "old")
        state = tmp_path / "state"
        slower = meanwhile(
            self.NEW, state, lambda _: spawn("verify", old, "--key", VKEY, "--state", state)
        )
        assert slower.code == 0
        assert state.read_bytes() == head(self.NEW)

    def test_a_site_that_stays_behind_is_found(self, tmp_path: Path) -> None:
        new = written(self.NEW, tmp_path / "new")
        state = tmp_path / "state"
        slower = meanwhile(
            self.OLD, state, lambda _: spawn("verify", new, "--key", VKEY, "--state", state)
        )
        assert (slower.code, slower.err) == (1, "")
        told = "error[CC925] log-rollback: the log offers 1 record, of the 2 that it had before\n"
        assert told in slower.out
        assert state.read_bytes() == head(self.NEW)

    def test_two_trees_are_a_fork(self, tmp_path: Path) -> None:
        other = site("v1.0.0", "v1.1.0", note="for others").files
        new = written(self.NEW, tmp_path / "new")
        state = tmp_path / "state"
        slower = meanwhile(
            other, state, lambda _: spawn("verify", new, "--key", VKEY, "--state", state)
        )
        assert (slower.code, slower.err) == (1, "")
        assert "error[CC924] log-fork: the log has signed a tree of 2 records" in slower.out
        assert all(head(files).decode() in slower.out for files in (self.NEW, other))
        assert state.read_bytes() == head(self.NEW)

    def test_what_is_no_head_is_named(self, tmp_path: Path) -> None:
        state = tmp_path / "state"
        slower = meanwhile(self.OLD, state, lambda _: state.write_bytes(b"junk"))
        assert (slower.code, slower.err) == (1, "")
        assert f"error[CC921] malformed-log-file: {state}: the head that was seen" in slower.out
        assert state.read_bytes() == b"junk"


def test_is_written_by_one_at_a_time(tmp_path: Path) -> None:
    place = written(site("v1.0.0").files, tmp_path / "site")
    state = tmp_path / "state"
    results: list[Result] = []
    with (tmp_path / ".state.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        verify = ("verify", place, "--key", VKEY, "--state", state)
        waiting = threading.Thread(target=lambda: results.append(spawn(*verify)))
        waiting.start()
        time.sleep(1)
        assert (results, state.exists()) == ([], False)
    waiting.join(30)
    assert (results[0].code, state.exists()) == (0, True)


def test_many_at_once_keep_the_newest(tmp_path: Path) -> None:
    """Processes that begin together, each with another size of one log: no order loses a head."""
    every = [site(*versions(count)).files for count in range(1, 5)]
    places = [written(files, tmp_path / f"{at}") for at, files in enumerate(every)]
    for place, files in zip(places, every, strict=True):  # each site has the tiles of all
        written({path: data for path, data in every[-1].items() if "/tile/" in path}, place)
        assert head(files) == (place / FOLDER / "checkpoint").read_bytes()
    state = tmp_path / "state"
    runs = [
        threading.Thread(target=spawn, args=("verify", place, "--key", VKEY, "--state", state))
        for place in places
    ]
    for each in runs:
        each.start()
    for each in runs:
        each.join(60)
    assert state.read_bytes() == head(every[-1])


@pytest.mark.parametrize("name", ["nowhere/state", "file/state"])
def test_where_it_cannot_be_written_is_said_first(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    state = tmp_path / name
    result = run("verify", tmp_path / "no site", "--key", VKEY, "--state", state)
    assert (result.code, result.out) == (1, "")
    told = f"{state} cannot be written: there is no directory {state.parent}\n"
    assert result.err.startswith(f"error[CC902] cannot-write: {told}")
