"""Keys of a log as files: the secret one for its owner's eyes only, the public one for everybody.

    log.key    PRIVATE+KEY+telemetry.example.com/log+0e9a1bd0+AQAB...      mode 0600
    log.pub    telemetry.example.com/log+0e9a1bd0+AQOhB7/z...

A line each, as `note` has them. A file of public keys may hold several, one a line and all of one
name, for the time in which a log changes its key.

No message shows what a file of keys holds: the wrong one of the two may have been named.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chartconfig.diagnostics.catalogue import report
from chartconfig.edge.files import cannot_write
from chartconfig.errors import ChartconfigError
from chartconfig.tlog.note import (
    Signer,
    Verifier,
    format_signer,
    format_verifier,
    generate,
    parse_signer,
    parse_verifier,
)
from chartconfig.tlog.text import MalformedLogError

if TYPE_CHECKING:
    from typing import NoReturn

_SECRET: Final = "PRIVATE+KEY+"  # noqa: S105 - what every secret key begins with
_SEED_BYTES: Final = 32
_MOST_BYTES: Final = 10_000
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def new_signer(name: str) -> Signer:
    """Return a new key, which nobody can guess.

    Raises:
        ValueError: No log can be called so.
    """
    return generate(name, os.urandom(_SEED_BYTES))


def write_signer(path: Path, signer: Signer) -> None:
    """Write a secret key to a file that is not there yet, and that only its owner can read.

    It is never readable by others, not even while it is written.

    Raises:
        ChartconfigError: CC903, there is a file; CC902, it cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as scratch:
            fresh = Path(scratch, "new")
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "wb") as file:  # noqa: PTH123 - it has no path yet
                file.write(f"{format_signer(signer)}\n".encode())
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(fresh, path)  # unlike a rename, never replaces anything
            except FileExistsError as error:
                raise ChartconfigError(
                    report(
                        "CC903",
                        f"{path} is there already",
                        None,
                        hint="choose another name: with its key, a log is lost",
                    )
                ) from error
    except OSError as error:
        raise cannot_write(path, error) from error


def read_signer(path: Path) -> Signer:
    """Return the secret key of a file that nobody but its owner can read.

    Raises:
        ChartconfigError: CC910, it cannot be read, others can read it, or it holds something else.
    """
    text = _read(path, secret=True)
    try:
        return parse_signer(text.removesuffix("\n"))
    except MalformedLogError as error:
        _refuse(f"{path} holds {error}", "name the file that chartconfig keygen wrote")


def read_verifiers(given: str) -> tuple[Verifier, ...]:
    """Return the public keys that an argument spells, or names the file of.

    Args:
        given: A verifier key, or the path of a file with one a line.

    Returns:
        One at least, all of one name and none twice.

    Raises:
        ChartconfigError: CC910, it is neither.
    """
    hint = "give the line that chartconfig keygen printed, or a file that holds it"
    if given.startswith(_SECRET):
        _refuse("this is a secret key, and the public one is asked for", hint)
    try:
        return (parse_verifier(given),)
    except MalformedLogError as error:
        if not _is_there(given):
            _refuse(f"{given[:200]!a} is neither a file nor a verifier key: it is {error}", hint)
    text = _read(Path(given), secret=False)
    if _SECRET in text:
        _refuse(f"{given} holds a secret key, and the public one is asked for", hint)
    try:
        keys = tuple(map(parse_verifier, text.removesuffix("\n").split("\n")))
    except MalformedLogError as error:
        _refuse(f"{given} holds {error}", hint)
    if len({key.name for key in keys}) > 1 or len(set(keys)) < len(keys):
        _refuse(f"{given} holds keys of two logs, or one key twice", hint)
    return keys


def public_line(signer: Signer) -> str:
    """Return the line that whoever fetches from the log must have."""
    return f"{format_verifier(signer.verifier)}\n"


def _is_there(path: str) -> bool:
    try:
        return bool(path) and Path(path).exists()
    except PermissionError:
        return True  # perhaps, and who reads it says what is the matter
    except (OSError, ValueError):  # too long for a path, or with what none can have
        return False


def _is_public(data: bytes) -> bool:
    """Return whether a file begins with a public key."""
    try:
        parse_verifier(data.partition(b"\n")[0].decode("latin-1"))
    except MalformedLogError:
        return False
    return True


def _read(path: Path, *, secret: bool) -> str:
    """Return the text of a file of keys."""
    try:
        # To wait for the other end of a pipe might be to wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                _refuse(f"{path} is no regular file", "name a file that holds a key")
            data = os.read(descriptor, _MOST_BYTES + 1)
            if secret and _is_public(data):
                _refuse(
                    f"{path} holds a public key, and the secret one is asked for",
                    "name the other file, which chartconfig keygen wrote",
                )
            if secret and status.st_mode & _OTHERS:
                mode = stat.S_IMODE(status.st_mode)
                _refuse(
                    f"{path} is not its owner's alone: its mode is {mode:04o}",
                    f"chmod 600 {path}; if others could have read it, take a new key",
                )
        finally:
            os.close(descriptor)
    except OSError as error:
        told = (error.strerror or str(error)).lower()
        _refuse(f"{path} cannot be read: {told}", "name a file that holds a key")
    if len(data) > _MOST_BYTES or not data.isascii():
        what = (
            "file that chartconfig keygen wrote" if secret else "file with the verifier key's line"
        )
        _refuse(f"{path} holds no key", f"name the {what}")
    return data.decode("ascii")


def _refuse(message: str, hint: str) -> NoReturn:
    raise ChartconfigError(report("CC910", message, None, hint=hint)) from None
