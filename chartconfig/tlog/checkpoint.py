r"""Checkpoints: the text of a tree head, which the log signs.

The log signs every tree twice, once for each of its faces. The two texts differ in the first line,
the origin, which says whose tree it is:

    go command    go.sum database tree              the same for every log of this kind
    C2SP          telemetry.example.com/config      the name of the log, and of its keys

One real example, of a log of another kind:

>>> text = '''\
... log2025-1.rekor.sigstore.dev
... 412115
... +8vUkEgBK/ansexBUomzocaWoPEmPIzxJC/y+xNMQN4=
... '''
>>> checkpoint = parse_checkpoint(text)
>>> checkpoint.head.size
412115
>>> format_checkpoint(checkpoint) == text
True

Text
----
Three lines: the origin, which is not empty; the tree size, in decimal without leading zeros, less
than 2**63; the root hash, 32 bytes in base64. Further lines may follow, and must not be empty; they
are kept, and mean nothing here. The tree without records has the root that follows from that.

Witnesses go by the origin. Since all logs for the go command share one, a witness must be given the
other face, whose origin is the log's own name.

Source:
    https://c2sp.org/tlog-checkpoint; golang.org/x/mod/sumdb/tlog, whose FormatTree writes the same
    text and whose ParseTree accepts anything after the third line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chartconfig.tlog.note import OpenedNote, UnverifiedNoteError, open_note, sign_note
from chartconfig.tlog.text import MalformedLogError, format_base64, parse_base64, parse_decimal
from chartconfig.tlog.tree import EMPTY_ROOT, HASH_BYTES, TreeHead

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from chartconfig.tlog.note import NoteSigner, NoteVerifier

GO_ORIGIN: Final = "go.sum database tree"
"""The origin of every tree head that the go command reads."""

_LINES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A tree head, and of which log."""

    origin: str
    head: TreeHead
    extensions: tuple[str, ...] = ()
    """Further lines, without their newlines."""


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint that a note's text is, so that `format_checkpoint` gives it back.

    Raises:
        MalformedLogError: The text is none.
    """
    *lines, rest = text.split("\n")
    if rest or len(lines) < _LINES or not all(lines):
        raise MalformedLogError("a checkpoint that is not three lines or more, none of them empty")
    origin, digits, encoded, *extensions = lines
    size = parse_decimal(digits)
    if size is None:
        raise MalformedLogError(f"a checkpoint of {digits[:20]!a} records, which is no tree size")
    root = parse_base64(encoded)
    if root is None or len(root) != HASH_BYTES:
        raise MalformedLogError(f"a checkpoint whose root is not base64 of {HASH_BYTES} bytes")
    if size == 0 and root != EMPTY_ROOT:
        raise MalformedLogError("a checkpoint of no records, with a root of some")
    head = TreeHead(size=size, root=root)
    return Checkpoint(origin=origin, head=head, extensions=tuple(extensions))


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """Return the text of a checkpoint.

    Raises:
        ValueError: `parse_checkpoint` would read something else, or nothing.
    """
    head = checkpoint.head
    lines = (checkpoint.origin, str(head.size), format_base64(head.root), *checkpoint.extensions)
    text = "".join(f"{line}\n" for line in lines)
    try:
        if parse_checkpoint(text) == checkpoint:
            return text
    except MalformedLogError as error:
        raise ValueError(f"this would be {error}") from error
    raise ValueError("this checkpoint would be read as another")


def sign_checkpoint(origin: str, head: TreeHead, signers: Iterable[NoteSigner]) -> bytes:
    """Return a tree head as a note that every one of `signers` signs."""
    return sign_note(format_checkpoint(Checkpoint(origin=origin, head=head)), signers)


def open_checkpoint(
    data: bytes, origins: Collection[str], verifiers: Iterable[NoteVerifier]
) -> tuple[Checkpoint, OpenedNote]:
    """Return a checkpoint that a trusted key has signed, and the note that it is.

    Args:
        data: The whole file.
        origins: The first lines that are acceptable: the log's name, `GO_ORIGIN`, or both.
        verifiers: The keys of the log that are trusted. A witness's is none of them.

    Raises:
        MalformedLogError: It is no note, or not of a checkpoint.
        UnverifiedNoteError: No trusted key has signed it, or it is of another log.
        ValueError: Two keys have one name and id.
    """
    opened = open_note(data, verifiers)
    checkpoint = parse_checkpoint(opened.note.text)
    if checkpoint.origin not in origins:
        what = f"a checkpoint of {checkpoint.origin[:80]!a}, not of {' or '.join(sorted(origins))}"
        raise UnverifiedNoteError(what, opened.note)
    return checkpoint, opened
