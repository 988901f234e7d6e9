"""The file of --state: the newest head that an auditor accepted, kept for the next run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chartconfig.cli.reader import naming, read_if_there
from chartconfig.edge.cache import locked
from chartconfig.edge.files import check_parent, replace_file
from chartconfig.errors import ChartconfigError
from chartconfig.tlog.client import Follower, ForkError, RollbackError, newer_of
from chartconfig.tlog.tile import MissingLogFileError
from chartconfig.tlog.tree import FailedProofError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from chartconfig.auditor.site import Audit
    from chartconfig.edge.fetch import Site
    from chartconfig.tlog.client import Log


def read_state(path: Path) -> bytes | None:
    """Return the head that was accepted last, a signed note; None before the first run.

    Raises:
        ChartconfigError: It cannot be read, or CC902: the first one could not be written there.
    """
    check_parent(path)
    seen = read_if_there(path)
    if seen is None:
        with _locked(path):
            pass
    return seen


def keep_state(path: Path, done: Audit, seen: bytes | None, log: Log, files: Site) -> Audit:
    """Keep the head of an audit that began with the state `seen`, unless there is a newer one.

    Another run may have moved the state meanwhile. Its head must be of the same tree, and the
    newest of the two stays.

    Returns:
        The audit, with what is wrong if they are not of one tree, or nothing can be written; then
        the state stays as it is.
    """
    if done.note is None or done.head is None or done.note == seen:
        return done
    try:
        with _locked(path):
            note, now = done.note, read_if_there(path)
            if now not in {None, seen}:
                with naming(path):
                    follower = Follower(log, lambda name: files(f"sumdb/{log.name}/{name}"), now)
                note = _newer(follower, note, done.head.size)
            if note != now:
                replace_file(path, note)
    except ChartconfigError as error:
        fork = error.fork if isinstance(error, ForkError) else done.fork
        return replace(done, diagnostics=(*done.diagnostics, error.diagnostic), fork=fork)
    return done


def _newer(follower: Follower, note: bytes, size: int) -> bytes:
    try:
        return newer_of(follower, note)
    except (FailedProofError, MissingLogFileError) as error:
        seen = follower.head.size
        if seen <= size:
            raise
        # A site that stays behind cannot have the tiles of the newer tree.
        raise RollbackError(seen=seen, offered=size) from error


def _locked(path: Path) -> AbstractContextManager[None]:
    return locked(path.with_name(f".{path.name}.lock"), path)
