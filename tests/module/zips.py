"""Zips built by hand, in which anything can be other than it should be."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from struct import pack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MODULE = "example.com/telemetry/Config"
VERSION = "v1.2.3"
PREFIX = f"{MODULE}@{VERSION}/"


def deflate(data: bytes) -> bytes:
    """Return `data` compressed, without a header."""
    compressor = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file in a zip; `local` and `central` say what its two headers have instead."""

    name: str | bytes = "config.json"
    """Path in the module; as bytes, all of the name."""
    data: bytes = b"{}"
    deflated: bool = False
    body: bytes | None = None
    """What stands there instead of the content."""
    local: Mapping[str, int | bytes] = field(default_factory=dict)
    central: Mapping[str, int | bytes] = field(default_factory=dict)
    follow: bytes = b""
    """What stands after the content."""

    def fields(self) -> dict[str, int | bytes]:
        body = self.written()
        return {
            "made": 0x314,
            "needed": 20,
            "flags": 0,
            "method": 8 if self.deflated else 0,
            "time": 0x21 << 16,
            "crc": zlib.crc32(self.data),
            "compressed": len(body),
            "size": len(self.data),
            "disk": 0,
            "internal": 0,
            "external": 0o100644 << 16,
            "name": self.name if isinstance(self.name, bytes) else (PREFIX + self.name).encode(),
            "extra": b"",
            "comment": b"",
        }

    def written(self) -> bytes:
        if self.body is not None:
            return self.body
        return deflate(self.data) if self.deflated else self.data


def both(name: str | bytes = "config.json", data: bytes = b"{}", **fields: int | bytes) -> Part:
    """Return a part whose headers agree in what they have instead."""
    return Part(name=name, data=data, local=fields, central=fields)


def streamed(part: Part, *, sizes: bytes | None = None, **local: int | bytes) -> Part:
    """Return a part with its sizes after it, as a writer leaves them that cannot go back."""
    known = part.fields()
    if sizes is None:
        sizes = b"PK\7\10" + pack("<3I", known["crc"], known["compressed"], known["size"])
    zeros = {"flags": 8, "crc": 0, "compressed": 0, "size": 0}
    return Part(
        name=part.name,
        data=part.data,
        deflated=part.deflated,
        local={**zeros, **part.local, **local},
        central={"flags": 8, **part.central},
        follow=sizes,
    )


def build(
    *parts: Part,
    before: bytes = b"",
    between: bytes = b"",
    inside: bytes = b"",
    after: bytes = b"",
    shift: Sequence[int] = (),
    end: Mapping[str, int] | None = None,
) -> bytes:
    """Return a zip of `parts`.

    Args:
        parts: The files.
        before: What comes first.
        between: What stands between the contents and the directory.
        inside: What stands between the directory and the end.
        after: What comes last.
        shift: How far from its file the directory says that each one is.
        end: What the end has instead: `disk`, `first`, `here`, `count`, `size`, `begin`, `comment`.
    """
    data, directory = bytearray(before), bytearray()
    for number, part in enumerate(parts):
        offset = len(data) + (shift[number] if number < len(shift) else 0)
        known = part.fields() | dict(part.local)
        data += b"PK\3\4" + pack(
            "<3H4I2H",
            *(known[key] for key in ("needed", "flags", "method", "time")),
            *(known[key] for key in ("crc", "compressed", "size")),
            *(len(_bytes(known[key])) for key in ("name", "extra")),
        )
        data += _bytes(known["name"]) + _bytes(known["extra"]) + part.written() + part.follow
        known = part.fields() | dict(part.central)
        directory += b"PK\1\2" + pack(
            "<4H4I5H2I",
            *(known[key] for key in ("made", "needed", "flags", "method", "time")),
            *(known[key] for key in ("crc", "compressed", "size")),
            *(len(_bytes(known[key])) for key in ("name", "extra", "comment")),
            *(known[key] for key in ("disk", "internal", "external")),
            known.get("offset", offset),
        )
        directory += _bytes(known["name"]) + _bytes(known["extra"]) + _bytes(known["comment"])
    count = len(parts)
    tail = {
        "disk": 0,
        "first": 0,
        "here": count,
        "count": count,
        "size": len(directory),
        "begin": len(data) + len(between),
        "comment": 0,
        **(end or {}),
    }
    ending = b"PK\5\6" + pack("<4H2IH", *tail.values())
    return b"".join((data, between, directory, inside, ending, after))


def _bytes(value: int | bytes) -> bytes:
    assert isinstance(value, bytes)
    return value
