r"""Cosignatures: witnesses say that they saw one tree, and that it only grew.

A log could show each reader another tree, each of them consistent. A witness follows the log and
signs a checkpoint only if it continues the last one that it signed. A reader who knows some
witnesses, and asks that so many of them have signed, sees the tree that everybody sees, unless that
many witnesses lie.

One real example, of which one of four witnesses is known:

>>> from chartconfig.tlog.note import parse_note
>>> data = '''\
... arche2025h1.staging.ct.transparency.dev
... 1432088532
... U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=
...
... — arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
... — remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
... '''.encode()
>>> witness = parse_witness("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2")
>>> [(each.witness.name, each.time) for each in check_quorum(parse_note(data), [witness], 1)]
[('remora.n621.de', 1779573024)]

Bytes
-----
A cosignature is one more signature of the note. After the key's id it has the time, in seconds since
1970 as eight bytes, the highest first, less than 2**63; and then an Ed25519 signature, 64 bytes, of

    "cosignature/v1\n" + "time " + the same time in decimal + "\n" + the note's text

so that it can be taken for no plain signature. The key's id is made with the byte 0x04, which also
begins the key in a witness's verifier key, otherwise spelled as a log's.

Trust
-----
A quorum is any so many of the witnesses that the reader chose. A cosignature under the name and id of
one of them that does not verify spoils the note, as any signature of a trusted key does. Times are
given back, and not judged: how old a checkpoint may be is for the caller to say.

There is a second kind of cosignature, ML-DSA-44, which is kept and counts for nothing here.

Source:
    https://c2sp.org/tlog-cosignature
"""  # noqa: E501 - a signature is one line

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chartconfig.diagnostics.catalogue import report
from chartconfig.errors import ChartconfigError
from chartconfig.tlog.note import (
    Signature,
    UnverifiedNoteError,
    format_key,
    key_id,
    parse_key,
    public_key,
    sign_ed25519,
    verify_ed25519,
)
from chartconfig.tlog.text import LARGEST, MalformedLogError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chartconfig.tlog.note import Note

COSIGNATURE: Final = 4
"""The byte that stands for timestamped Ed25519 in a key, and in what its id is made from."""

_TIME_BYTES: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A witness's public key and name."""

    name: str
    public_key: bytes
    """32 bytes."""

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that its cosignatures begin with."""
        return key_id(self.name, COSIGNATURE, self.public_key)

    def verify(self, text: str, signature: bytes) -> bool:
        """Tell whether `signature`, without the id, is this witness's under a checkpoint's text."""
        time = int.from_bytes(signature[:_TIME_BYTES], "big")
        message = _message(text, time)
        return time <= LARGEST and verify_ed25519(self.public_key, message, signature[_TIME_BYTES:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosignature:
    """That a witness saw a tree as the newest of its log."""

    witness: Witness
    time: int
    """When, in seconds since 1970; the witness's word for it."""


class TooFewWitnessesError(ChartconfigError):
    """CC926 `too-few-witnesses`: a checkpoint that not enough witnesses have cosigned."""

    def __init__(self, message: str) -> None:
        """Say in one line how many have, of how many that should have."""
        hint = "wait until more have cosigned it, or see that these are the log's witnesses"
        super().__init__(report("CC926", message, None, hint=hint))


def parse_witness(text: str) -> Witness:
    """Return the witness that a verifier key spells, so that `format_witness` gives `text` back.

    Raises:
        MalformedLogError: `text` is no verifier key of a witness, or its id is another key's.
    """
    name, identifier, key = parse_key(text, COSIGNATURE, "witness's key")
    witness = Witness(name=name, public_key=key)
    if witness.key_id != identifier:
        raise MalformedLogError(f"a witness's key of {name[:80]!a} whose id is another key's")
    return witness


def format_witness(witness: Witness) -> str:
    """Return the text of a witness's public key."""
    return format_key(witness.name, witness.key_id, COSIGNATURE, witness.public_key)


def cosign(text: str, *, name: str, seed: bytes, time: int) -> Signature:
    """Return a witness's signature under a checkpoint's text.

    Args:
        text: The text of the note.
        name: The witness's name.
        seed: The 32 bytes of its secret key.
        time: Seconds since 1970.
    """
    return Signature(
        name=name,
        key_id=key_id(name, COSIGNATURE, public_key(seed)),
        data=time.to_bytes(_TIME_BYTES, "big") + sign_ed25519(seed, _message(text, time)),
    )


def _message(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def check_quorum(note: Note, witnesses: Sequence[Witness], quorum: int) -> tuple[Cosignature, ...]:
    """Return the cosignatures of a checkpoint, if they are enough.

    Nothing is said about the log's own signature: `open_checkpoint` checks that.

    Args:
        note: The checkpoint.
        witnesses: Those that are trusted, each with a key of its own.
        quorum: How many of them must have signed; with 0, none has to.

    Returns:
        One cosignature a witness, its last one, in the order of `witnesses`.

    Raises:
        TooFewWitnessesError: Fewer of them have.
        UnverifiedNoteError: A cosignature of one of them does not verify.
        ValueError: Two witnesses share a key, or there are fewer than the quorum asks for.
    """
    if len({witness.public_key for witness in witnesses}) != len(witnesses):
        raise ValueError("two of the witnesses have the same key, and would count twice")
    if not 0 <= quorum <= len(witnesses):
        raise ValueError(f"a quorum of {quorum} among {len(witnesses)} witnesses")
    found = []
    for witness in witnesses:
        times = []
        for signature in note.signatures:
            if (signature.name, signature.key_id) != (witness.name, witness.key_id):
                continue
            if not witness.verify(note.text, signature.data):
                raise UnverifiedNoteError(f"a cosignature of {witness.name} does not verify", note)
            times.append(int.from_bytes(signature.data[:_TIME_BYTES], "big"))
        if times:
            found.append(Cosignature(witness=witness, time=max(times)))
    if len(found) < quorum:
        what = f"a checkpoint that {len(found)} of {len(witnesses)} witnesses have cosigned"
        raise TooFewWitnessesError(f"{what}, not {quorum}")
    return tuple(found)
