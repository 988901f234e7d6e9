r"""Records: what the log says, as it is logged, looked up, and read in bundles.

A record is text that names a version of a module and the hashes of what it consists of, its two
lines of go.sum. The log does not ask what stands in a record, only how it is spelled: UTF-8 with no
control below U+0020 but the newline, one line or more, each with its newline and none empty; and
fewer than 65,536 bytes. Its leaf hash is made of exactly these bytes.

Lookup
------
What the go command reads for one version, at `lookup/<escaped module>@<version>`: the index of the
record in the log, in decimal; the record; an empty line; and a tree head, as a signed note, of a
tree that has the record in it.

>>> data = '''\
... 19383665
... golang.org/x/text v0.13.0 h1:ablQoSUd0tRdKxZewP80B+BaqeKJuVhuRxj/dkrun3k=
... golang.org/x/text v0.13.0/go.mod h1:TvPlkZtksWOMsz7fbANvkp4WM8x/WCo/om8BMLbz+aE=
...
... go.sum database tree
... 19777102
... +g50vJoV4VVGa6aiQF3LYGUZHEP4pvGkW38vlR7WKtU=
...
... — sum.golang.org Az3griMTLHyRzj7jMuyEt85a2JnegVME6Lx3xLEBdzTd3FMDiD5y3bHV24rcl0yijOtWxV0zyygwTdo/rnaennuoqgU=
... '''.encode()
>>> lookup = parse_lookup(data)
>>> lookup.index
19383665
>>> format_lookup(lookup) == data
True

The note is kept as bytes: it means something only to who can open it.

Bundles
-------
All records, 256 a file, in both faces of the log (`tile` has their names). For the go command each
is followed by an empty line. For C2SP each has its length before it, in two bytes, the higher one
first. Either way the file is nothing else.

Source:
    golang.org/x/mod/sumdb/tlog for lookups and the first kind of bundle, https://c2sp.org/tlog-tiles
    for the second.
"""  # noqa: E501 - a signature is one line

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chartconfig.diagnostics.render import counted
from chartconfig.tlog.note import parse_note
from chartconfig.tlog.text import MalformedLogError, parse_decimal

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_BYTES: Final = 0xFFFF
_LENGTH_BYTES: Final = 2
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """A record, its place in the log, and a tree head that has it."""

    index: int
    """From 0."""
    record: bytes
    head: bytes
    """A signed note, as it was served; not verified."""


def why_malformed(record: bytes) -> str | None:
    r"""Return why these bytes are no record, or None if they are.

    Examples:
        >>> why_malformed(b"example.com/config v1.0.0 h1:...\n")
        >>> why_malformed(b"one\n\ntwo\n")
        'an empty line'
    """
    if len(record) > _MOST_BYTES:
        return f"more than {_MOST_BYTES} bytes"
    try:
        text = record.decode()
    except UnicodeDecodeError:
        return "bytes that are not UTF-8"
    if control := _CONTROL.search(text):
        return f"the control {control[0]!a}"
    if not text.endswith("\n"):
        return "no newline at the end"
    if text.startswith("\n") or "\n\n" in text:
        return "an empty line"
    return None


def parse_lookup(data: bytes) -> Lookup:
    """Return the lookup that `data` is, so that `format_lookup` gives `data` back.

    Raises:
        MalformedLogError: `data` is none.
    """
    number, _, rest = data.partition(b"\n")
    index = parse_decimal(number.decode("latin-1"))
    if index is None:
        raise MalformedLogError(f"a lookup of record {number[:20]!a}, which is no index")
    record, parted, head = rest.partition(b"\n\n")
    if not parted:
        raise MalformedLogError("a lookup without an empty line after the record")
    record += b"\n"
    if reason := why_malformed(record):
        raise MalformedLogError(f"a lookup whose record has {reason}")
    parse_note(head)
    return Lookup(index=index, record=record, head=head)


def format_lookup(lookup: Lookup) -> bytes:
    """Return the bytes of a lookup.

    Raises:
        ValueError: `parse_lookup` would read something else, or nothing.
    """
    data = b"%d\n%b\n%b" % (lookup.index, lookup.record, lookup.head)
    try:
        if parse_lookup(data) == lookup:
            return data
    except MalformedLogError as error:
        raise ValueError(f"this would be {error}") from error
    raise ValueError("this lookup would be read as another")


def encode_records(records: Iterable[bytes]) -> bytes:
    """Return a bundle for the go command.

    Raises:
        ValueError: One of the records is malformed.
    """
    return b"".join(record + b"\n" for record in _well_formed(records))


def decode_records(data: bytes, width: int) -> tuple[bytes, ...]:
    """Return the records of a bundle for the go command, so that `encode_records` gives it back.

    Raises:
        MalformedLogError: It is not `width` records.
    """
    *records, rest = data.split(b"\n\n")
    if rest or len(records) != width:
        raise MalformedLogError(
            f"a bundle that is not {counted(width, 'record')} with an empty line after each"
        )
    return _checked(record + b"\n" for record in records)


def encode_entries(records: Iterable[bytes]) -> bytes:
    """Return a bundle for C2SP clients.

    Raises:
        ValueError: One of the records is malformed.
    """
    return b"".join(
        len(record).to_bytes(_LENGTH_BYTES, "big") + record for record in _well_formed(records)
    )


def decode_entries(data: bytes, width: int) -> tuple[bytes, ...]:
    """Return the records of a bundle for C2SP clients, so that `encode_entries` gives it back.

    Raises:
        MalformedLogError: It is not `width` records.
    """
    records: list[bytes] = []
    at = 0
    while at < len(data) and len(records) < width:
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(data[at:start], "big")
        records.append(data[start:at])
    if at != len(data) or len(records) != width:
        raise MalformedLogError(
            f"a bundle that is not {counted(width, 'record')} with their lengths"
        )
    return _checked(records)


def _well_formed(records: Iterable[bytes]) -> Iterable[bytes]:
    for record in records:
        if reason := why_malformed(record):
            raise ValueError(f"a record with {reason}")
        yield record


def _checked(records: Iterable[bytes]) -> tuple[bytes, ...]:
    checked = tuple(records)
    for place, record in enumerate(checked):
        if reason := why_malformed(record):
            raise MalformedLogError(f"a bundle whose record {place} has {reason}")
    return checked
