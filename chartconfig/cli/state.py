"""The file of --state: the newest head that an auditor accepted, kept for the next run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chartconfig.cli.reader import naming, read_if_there
from chartconfig.edge.cache import locked
from chartconfig.edge.files import check_parent, replace_file
from chartconfig.tlog.client import Follower, ForkError, RollbackError, newer_of
from chartconfig.tlog.tile import MissingLogFileError
from chartconfig.tlog.tree import FailedProofError

if TYPE_CHECKING:
    from pathlib import Path

    from chartconfig.auditor.site import Audit
    from chartconfig.edge.fetch import Site
    from chartconfig.tlog.client import Log


def read_state(path: Path) -> bytes | None:
    """Return the head that was accepted last, a signed note; None before the first run.

    Raises:
        ChartconfigError: It cannot be read, or CC902: a head could not be written there.
    """
    check_parent(path)
    return read_if_there(path)


def keep_state(path: Path, done: Audit, seen: bytes | None, log: Log, files: Site) -> Audit:
    """Keep the head of an audit that began with the state `seen`, unless there is a newer one.

    Another run may have moved the state meanwhile. Its head must be of the same tree, and the
    newest of the two stays.

    Returns:
        The audit, with what is wrong if they are not of one tree; then the state stays as it is.
    """
    if done.note is None or done.note == seen:
        return done
    with locked(path.with_name(f".{path.name}.lock")):
        note, now = done.note, read_if_there(path)
        if now not in {None, seen}:
            with naming(path):
                follower = Follower(log, lambda name: files(f"sumdb/{log.name}/{name}"), now)
            try:
                note = newer_of(follower, note)
            except ForkError as error:
                found = (*done.diagnostics, error.diagnostic)
                return replace(done, diagnostics=found, fork=error.fork)
            except (FailedProofError, MissingLogFileError) as error:
                diagnostic = error.diagnostic
                size, mine = follower.head.size, 0 if done.head is None else done.head.size
                if mine < size:  # the site cannot have the tiles of the newer tree
                    diagnostic = RollbackError(seen=size, offered=mine).diagnostic
                return replace(done, diagnostics=(*done.diagnostics, diagnostic))
        if note != now:
            replace_file(path, note)
    return done
