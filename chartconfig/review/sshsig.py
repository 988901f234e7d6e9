r"""SSH signatures: what the envelope that `ssh-keygen -Y sign` writes says of itself.

    -----BEGIN SSH SIGNATURE-----
    U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg7pa/qq4nEjDeq/iZ+tiJQeJvMy
    ...
    -----END SSH SIGNATURE-----

Within is "SSHSIG", the version 1, the public key, the namespace, and more that is not read here, as
OpenSSH's PROTOCOL.sshsig has it. Nothing of this is believed: `ssh-keygen -Y verify` alone decides,
and this tells why it refused.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final

ARMORED: Final = re.compile(
    r"-----BEGIN SSH SIGNATURE-----\n((?:[A-Za-z0-9+/=]{1,76}\n)+)-----END SSH SIGNATURE-----\n"
)
_BEGIN: Final = b"SSHSIG\x00\x00\x00\x01"
_LENGTH: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What a signature says of itself."""

    key: bytes
    """The public key, as SSH encodes it."""
    namespace: str
    """What it was made for: signatures of one namespace count for nothing in another."""


def read_envelope(armored: str) -> Envelope | None:
    """Return what a signature says of itself; None where it is no SSH signature."""
    match = ARMORED.fullmatch(armored)
    if match is None:
        return None
    try:
        data = base64.b64decode(match[1].replace("\n", ""), validate=True)
    except binascii.Error:
        return None
    if not data.startswith(_BEGIN):
        return None
    key, rest = _string(data[len(_BEGIN) :])
    namespace, _ = _string(rest)
    if not key or not namespace or not namespace.isascii():
        return None
    return Envelope(key=key, namespace=namespace.decode("ascii"))


def _string(data: bytes) -> tuple[bytes, bytes]:
    """Return the string that data begin with, b"" where they are too short for it, and the rest."""
    end = _LENGTH + int.from_bytes(data[:_LENGTH])
    return (data[_LENGTH:end], data[end:]) if end <= len(data) else (b"", b"")
