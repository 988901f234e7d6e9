"""What commands share that read a site: the options, and whom to believe."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from chartconfig.auditor.pin import FORMAT, parse_pin
from chartconfig.cli import console
from chartconfig.cli.options import Name, Seconds
from chartconfig.diagnostics.catalogue import report
from chartconfig.edge.files import check_parent
from chartconfig.edge.keys import read_verifiers
from chartconfig.errors import ChartconfigError
from chartconfig.tlog.checkpoint import GO_ORIGIN, open_checkpoint
from chartconfig.tlog.client import ForkError, Log, format_fork
from chartconfig.tlog.cosignature import Witness, parse_witness
from chartconfig.tlog.note import UnverifiedNoteError
from chartconfig.tlog.proof import parse_proof
from chartconfig.tlog.text import MalformedLogError
from chartconfig.tlog.tree import FailedProofError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_Command = TypeVar("_Command", bound="Callable[..., Any]")
_MOST_BYTES, _MOST_DAYS, _MOST_SECONDS = 4_000_000, 36_500, 86_400
_PROOF = b"c2sp.org/tlog-proof@"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom a reader believes, and what the reader knows already."""

    log: Log
    shown: tuple[bytes, ...]
    """Heads that others were shown: signed notes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustOptions:
    """What the options say of whom to believe, as it was typed."""

    key: str
    witnesses: tuple[str, ...]
    quorum: int | None
    against: tuple[str, ...]

    def read(self) -> Trust:
        """Return what they say.

        Raises:
            As `read_trust`; MalformedLogError, UnverifiedNoteError: A file holds no head of the
                log.
        """
        trust = read_trust(self.key, self.witnesses, self.quorum, self.against)
        for path, note in zip(self.against, trust.shown, strict=True):
            check_head(note, trust.log, path)
        return trust


def trust_options(command: _Command) -> _Command:
    """Add --key, --witness, --quorum and --against, as one value `trust`."""

    @wraps(command)
    def trusting(**given: Any) -> Any:  # noqa: ANN401 - as the command
        names = [each.name for each in fields(TrustOptions)]
        trust = TrustOptions(**{name: given.pop(name) for name in names})
        return command(trust=trust, **given)

    asking: Any = trusting
    for option in (
        click.option(
            "--against",
            type=Name(),
            multiple=True,
            metavar="FILE",
            help="A tree head, proof or pin that somebody else has: the log must continue it.",
        ),
        click.option(
            "--quorum",
            type=click.IntRange(min=0),
            metavar="N",
            help="How many witnesses must have cosigned the head. Default: all that are named.",
        ),
        click.option(
            "--witness",
            "witnesses",
            multiple=True,
            metavar="VKEY",
            help="The verifier key of a witness whose cosignature counts.",
        ),
        click.option(
            "--key",
            type=Name(),
            required=True,
            metavar="VKEY",
            help="The log's verifier key, or a file that holds it; two while it changes its key.",
        ),
    ):
        asking = option(asking)
    return cast("_Command", asking)


def timeout_option(default: int) -> Callable[[_Command], _Command]:
    """Add --timeout SECONDS."""
    return click.option(
        "--timeout",
        type=Seconds(_MOST_SECONDS),
        metavar="SECONDS",
        default=default,
        show_default=True,
        help="How long reading from a URL may take altogether.",
    )


def max_age_option(told: str) -> Callable[[_Command], _Command]:
    """Add --max-age DAYS."""
    days = click.IntRange(min=0, max=_MOST_DAYS)
    return click.option("--max-age", type=days, metavar="DAYS", help=told)


def read_trust(
    key: str, witnesses: tuple[str, ...], quorum: int | None, against: tuple[str, ...]
) -> Trust:
    """Return what the options say.

    Raises:
        ChartconfigError: A key or a file is not one.
        click.UsageError: The quorum cannot be.
    """
    known: dict[bytes, Witness] = {}
    for text in witnesses:
        try:
            witness = parse_witness(text)
        except MalformedLogError as error:
            hint = "give the verifier key that the witness has published"
            message = f"{text[:200]!a} is {error}"
            raise ChartconfigError(report("CC910", message, None, hint=hint)) from error
        known[witness.public_key] = witness
    quorum = len(known) if quorum is None else quorum
    if quorum > len(known):
        raise click.UsageError(f"a quorum of {quorum} asks for so many different --witness")
    verifiers = read_verifiers(key)
    log = Log(
        name=verifiers[0].name,
        verifiers=verifiers,
        witnesses=tuple(known.values()),
        quorum=quorum,
    )
    return Trust(log=log, shown=tuple(_head(Path(each)) for each in against))


def check_replaceable(path: Path) -> None:
    """Check that a proof may be written to a path: nothing is there, or a proof.

    Raises:
        ChartconfigError: CC903, something else is there.
    """
    check_parent(path)
    try:
        data = read_if_there(path)
    except MalformedLogError:  # a directory, say
        data = b""
    if data is not None and not data.startswith(_PROOF):
        hint = "choose another name: a proof replaces nothing but a proof"
        raise ChartconfigError(report("CC903", f"{path} is no proof", None, hint=hint))


@contextmanager
def forks_shown() -> Iterator[None]:
    """Print the evidence, if the log is found to have signed two trees."""
    try:
        yield
    except ForkError as error:
        console.write(f"{format_fork(error.fork)}\n")
        raise


@contextmanager
def naming(path: Path | str | None) -> Iterator[None]:
    """Say of which file it is that something of the log is wrong."""
    try:
        yield
    except MalformedLogError as error:
        raise MalformedLogError(f"{path}: {error}") from error
    except FailedProofError as error:
        raise FailedProofError(f"{path}: {error}") from error
    except UnverifiedNoteError as error:
        raise UnverifiedNoteError(f"{path}: {error}", error.note) from error


def read_small(path: Path) -> bytes:
    """Return a file that a user names, of a size that such files have.

    Raises:
        ChartconfigError: CC123, it cannot be read; MalformedLogError, it is too large.
    """
    try:
        if not path.is_file():  # to open something else might wait for ever
            path.stat()
            raise MalformedLogError(f"{path} is no regular file")
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        told = (error.strerror or str(error)).lower()
        raise ChartconfigError(
            report("CC123", f"{path} cannot be read: {told}", None, hint="name another file")
        ) from error
    if len(data) > _MOST_BYTES:
        raise MalformedLogError(f"{path} has more than {_MOST_BYTES} bytes")
    return data


def read_if_there(path: Path) -> bytes | None:
    """Return a file that a user names, or None if there is none.

    Raises:
        ChartconfigError: As `read_small`.
    """
    try:
        path.stat()
    except FileNotFoundError:
        return None
    except OSError:
        pass  # that it may be there, and why it cannot be read, is said by who reads it
    return read_small(path)


def check_head(note: bytes, log: Log, path: Path | str) -> bytes:
    """Return a head that a file holds, if the log has signed it.

    Raises:
        MalformedLogError, UnverifiedNoteError: The file holds none, or one of another log.
    """
    with naming(path):
        open_checkpoint(note, {log.name, GO_ORIGIN}, log.verifiers)
    return note


def _head(path: Path) -> bytes:
    """Return the tree head that a file holds, whichever of three it is."""
    data = read_small(path)
    if data.startswith(_PROOF):
        with naming(path):
            return parse_proof(data).checkpoint
    if FORMAT.encode() in data:
        return parse_pin(data, path=str(path)).head
    return data
