"""Approvals signed and verified, by ssh-keygen itself.

What is verified is written to a folder of its own, and nothing of the user's settings is read. Days
are those of UTC, and a key counts on a day if it counts at noon.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NoReturn

from chartconfig.diagnostics.catalogue import report
from chartconfig.errors import ChartconfigError
from chartconfig.review.approval import format_statement
from chartconfig.review.signers import NAMESPACE, read_signers, sound
from chartconfig.review.sshsig import read_envelope
from chartconfig.review.standing import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from chartconfig.review.approval import Approval

_SECONDS = 60
_PATIENCE = 600  # for a passphrase, or for somebody to touch a token
_PROGRAM = "ssh-keygen"
_MOST_BYTES = 20_000
_ADVICE = "name an SSH key that is yours; OpenSSH 8.9 or newer has to be installed"


def sign(statement: str, key: Path) -> str:
    """Return the signature of a statement by an SSH key, in the namespace of approvals.

    Args:
        statement: What is signed.
        key: The file of a key; of a public one, whose secret one an agent has. It may ask for a
            passphrase on the terminal, or wait for a touch of the token that holds it.

    Raises:
        ChartconfigError: CC819, ssh-keygen did not sign.
    """
    done = _run("sign", "-f", str(key), "-n", NAMESPACE, stdin=statement, seconds=_PATIENCE)
    if b"UNPROTECTED PRIVATE KEY FILE" in done.stderr:
        _refuse(f"{key} can be read by others", f"chmod 600 {key}")
    if done.returncode or not done.stdout:
        _refuse(f"{key} does not sign: {_last_line(done.stderr)}")
    return done.stdout.decode("utf-8", "replace")


def public_key(key: Path) -> bytes | None:
    """Return the public key of a key's file: from the .pub beside it, or that it is itself.

    The secret one is not asked: that may take a passphrase, or a touch. None where neither is one.
    """
    for path in (key.with_name(f"{key.name}.pub"), key):
        with suppress(OSError):
            lines = read_signers(b"x " + path.read_bytes()[:_MOST_BYTES])
            if lines and lines[0].key:
                return lines[0].key
    return None


def verify(approval: Approval, *, signers: bytes, revoked: Sequence[bytes], on: date) -> Verdict:
    """Return whether an approval is signed by its reviewer, and if not, why.

    Args:
        approval: What is verified.
        signers: allowed_signers; only lines that cannot be mistaken count.
        revoked: Lists of keys, or KRLs, none of which may have the key.
        on: The day on which the key has to count.

    Raises:
        ChartconfigError: CC819, there is no ssh-keygen.
    """
    statement, reviewer = format_statement(approval.statement), approval.statement.reviewer
    envelope = read_envelope(approval.signature)
    lines = [
        line
        for line in sound(read_signers(signers))
        if reviewer in line.principals and envelope and line.key == envelope.key
    ]
    with TemporaryDirectory(prefix="chartconfig.") as scratch:
        signature, allowed = Path(scratch, "signature"), Path(scratch, "allowed_signers")
        signature.write_text(approval.signature, encoding="ascii")
        allowed.write_text("".join(f"{line.text.rstrip()}\n" for line in lines), encoding="utf-8")
        by = ("-f", str(allowed), "-I", reviewer, "-n", NAMESPACE, "-s", str(signature))
        at = ("-O", f"verify-time={on:%Y%m%d}120000")
        if not _run("verify", *by, *at, stdin=statement).returncode:
            for number, data in enumerate(revoked):
                listed = Path(scratch, f"revoked_{number}")
                listed.write_bytes(data)
                if _run("verify", *by, *at, "-r", str(listed), stdin=statement).returncode:
                    return Verdict.REVOKED
            return Verdict.GOOD
        alone = ("-n", NAMESPACE, "-s", str(signature))
        if _run("check-novalidate", *alone, stdin=statement).returncode:
            return Verdict.FORGED
    if lines:
        return Verdict.EXPIRED
    key = envelope.key if envelope else None
    known = any(reviewer in e.principals and e.key == key for e in read_signers(signers))
    return Verdict.NAMESPACE if known else Verdict.UNKNOWN


def _run(
    what: str, *arguments: str, stdin: str, seconds: int = _SECONDS
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603 - no shell, and every argument is ours or a path
            [_PROGRAM, "-Y", what, *arguments],
            input=stdin.encode("ascii"),
            capture_output=True,
            check=False,
            timeout=seconds,
            env=os.environ | {"LC_ALL": "C", "TZ": "UTC"},
        )
    except OSError as error:
        _refuse(f"{_PROGRAM} cannot be run: {(error.strerror or str(error)).lower()}")
    except subprocess.TimeoutExpired:
        _refuse(f"{_PROGRAM} took too long")


def _last_line(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip().lower() if lines else "it does not say why"


def _refuse(message: str, hint: str = _ADVICE) -> NoReturn:
    raise ChartconfigError(report("CC819", message, None, hint=hint)) from None
