r"""Proof files: that a record is in the log, for whoever has the file and the log's key.

A proof file needs no network, now or ever: it holds the signed tree head that it leads to. It is
text:

    c2sp.org/tlog-proof@v1
    extra <base64 of the record>
    index <the record's place in the log, from 0>
    <base64 of a hash>                      none or more of these: the inclusion proof, the leaf's
    <base64 of a hash>                      sibling first
                                            an empty line
    <the checkpoint>                        the signed note, to its last byte

The record is what chartconfig puts in the extra line, which others may use for something else or
leave out; nobody vouches for that line. It is believed once its hash, with the proof, leads to the
root that was signed. So the file says by itself what it proves: which version has which hashes.

`check_proof` asks for the log's signature under a name that the reader chose and, if the reader
knows witnesses, for theirs: without them the log could have made a tree for this reader alone.

Refused are spellings other than these, more hashes than the largest tree needs, a checkpoint that
is none, and an extra line without anything in it.

Source:
    https://c2sp.org/tlog-proof
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chartconfig.tlog.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from chartconfig.tlog.cosignature import Cosignature, Witness, check_quorum
from chartconfig.tlog.note import parse_note
from chartconfig.tlog.text import MalformedLogError, format_base64, parse_base64, parse_decimal
from chartconfig.tlog.tree import (
    HASH_BYTES,
    FailedProofError,
    HashReader,
    check_inclusion,
    leaf_hash,
    prove_inclusion,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chartconfig.tlog.note import NoteVerifier

_HEADER: Final = "c2sp.org/tlog-proof@v1"
_MOST_HASHES: Final = 63
_MOST_BYTES: Final = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The content of a proof file, nothing of it verified."""

    index: int
    """The record's place in the log, from 0."""
    hashes: tuple[bytes, ...]
    """The inclusion proof, leaf to root; 32 bytes each."""
    checkpoint: bytes
    """A signed note."""
    extra: bytes | None = None
    """The record, in chartconfig's files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What a proof file has shown."""

    index: int
    record: bytes
    checkpoint: Checkpoint
    cosignatures: tuple[Cosignature, ...]
    """Those of the witnesses that the reader knows."""


def prove_record(index: int, record: bytes, checkpoint: bytes, read: HashReader) -> Proof:
    """Return the proof that `record` is record `index` of the tree of a checkpoint.

    Raises:
        MalformedLogError: The checkpoint is none.
        ValueError: There is no such record in its tree.
    """
    size = parse_checkpoint(parse_note(checkpoint).text).head.size
    hashes = prove_inclusion(index, size, read)
    return Proof(index=index, hashes=hashes, checkpoint=checkpoint, extra=record)


def parse_proof(data: bytes) -> Proof:
    """Return the proof that `data` is, so that `format_proof` gives `data` back.

    Raises:
        MalformedLogError: `data` is none.
    """
    if len(data) > _MOST_BYTES:
        raise MalformedLogError(f"a proof file of more than {_MOST_BYTES} bytes")
    start, parted, checkpoint = data.partition(b"\n\n")
    try:
        header, *lines = start.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise MalformedLogError("a proof file whose first lines are not ASCII") from None
    if header != _HEADER or not parted:
        raise MalformedLogError(f"a proof file that is not {_HEADER}, an empty line, a checkpoint")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = parse_base64(lines.pop(0).removeprefix("extra "))
        if not extra:
            raise MalformedLogError("a proof file whose extra line is not base64 of something")
    word, _, digits = lines.pop(0).partition(" ") if lines else ("", "", "")
    index = parse_decimal(digits)
    if word != "index" or index is None:
        raise MalformedLogError("a proof file without an index")
    if len(lines) > _MOST_HASHES:
        raise MalformedLogError(f"a proof file of {len(lines)} hashes, more than {_MOST_HASHES}")
    hashes = tuple(_hash(line) for line in lines)
    parse_checkpoint(parse_note(checkpoint).text)
    return Proof(index=index, hashes=hashes, checkpoint=checkpoint, extra=extra)


def _hash(line: str) -> bytes:
    value = parse_base64(line)
    if value is None or len(value) != HASH_BYTES:
        raise MalformedLogError(
            f"a proof file with a hash that is not base64 of {HASH_BYTES} bytes"
        )
    return value


def format_proof(proof: Proof) -> bytes:
    """Return the bytes of a proof file.

    Raises:
        ValueError: `parse_proof` would read something else, or nothing.
    """
    lines = [_HEADER]
    if proof.extra is not None:
        lines.append(f"extra {format_base64(proof.extra)}")
    lines.append(f"index {proof.index}")
    lines += map(format_base64, proof.hashes)
    data = "".join(f"{line}\n" for line in lines).encode() + b"\n" + proof.checkpoint
    try:
        if parse_proof(data) == proof:
            return data
    except MalformedLogError as error:
        raise ValueError(f"this would be {error}") from error
    raise ValueError("this proof would be read as another")


def check_proof(
    proof: Proof,
    *,
    origin: str,
    verifiers: Iterable[NoteVerifier],
    record: bytes | None = None,
    witnesses: Sequence[Witness] = (),
    quorum: int = 0,
) -> Proven:
    """Return what a proof file shows, if it does.

    Args:
        proof: The parsed file.
        origin: Of which log the checkpoint must be: the log's name.
        verifiers: The keys of the log that are trusted.
        record: The record that must be the proven one; None takes it from the file.
        witnesses: The witnesses that are trusted.
        quorum: How many of them must have cosigned.

    Raises:
        MalformedLogError: The checkpoint is none.
        UnverifiedNoteError: It is of another log, or of none that is trusted.
        TooFewWitnessesError: Too few of the witnesses have cosigned it.
        FailedProofError: The record is not in the tree, or there is none in the file.
        ValueError: Two keys have one name and id, or the quorum cannot be.
    """
    # 1. The log says so, and not another log.
    checkpoint, opened = open_checkpoint(proof.checkpoint, {origin}, verifiers)
    # 2. It says the same to everybody.
    cosignatures = check_quorum(opened.note, witnesses, quorum)
    # 3. What it says includes the record.
    if record is None:
        record = proof.extra
    if record is None:
        raise FailedProofError("the proof file does not hold the record that it is of")
    check_inclusion(proof.hashes, proof.index, leaf_hash(record), checkpoint.head)
    return Proven(
        index=proof.index, record=record, checkpoint=checkpoint, cosignatures=cosignatures
    )
