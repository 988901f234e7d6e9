r"""The zip of a module: written in one way only, and read so that no two readers can differ.

    example.com/telemetry/config@v1.4.0/README.md
    example.com/telemetry/config@v1.4.0/config.json
    example.com/telemetry/config@v1.4.0/go.mod

Bytes
-----
`encode_zip` writes, with all numbers little-endian and everything that is not named here 0:

    zip       = 1*( local content ) 1*central end
    local     = "PK\3\4" needed flags method time date crc size size namelen extralen name
    central   = "PK\1\2" made needed flags method time date crc size size namelen extralen
                commentlen disk internal external offset name
    end       = "PK\5\6" disk disk count count centralsize centraloffset commentlen

- Entries are sorted by name. A name is `module@version/` and the path in the module.
- Contents are stored (method 0): another library, or another version of it, would compress them to
  other bytes. The first `size` is of what is stored, the second of the content.
- `date` is 1980-01-01 (0x21), the first there is, and `time` midnight; nothing looks at them.
- `needed` is 20, and `made` 20 on Unix (0x314). `external` is a regular file of mode 0644
  (0x81a40000).

Refused
-------
A zip says most things twice: in the header before each content, and in the central directory at
the end. Readers differ in which they believe, in how they find the directory, and in what they do
with bytes that nothing points at. The go command would hash one content, and another tool show
another. So `decode_zip` accepts more than `encode_zip` writes, but only what can be read in one
way:

- The end is in the last 22 bytes. The entries of the directory fill the space before it, and the
  contents all the space before that, in the same order: no byte belongs to nothing, and none to
  two.
- Both headers of an entry agree in everything. If sizes follow the content (flag 0x8), its header
  has zeros instead, and what follows agrees. Only what is compressed may have it: a stored content
  could hold something that looks like its own end.
- Methods are 0, and 8 (deflate), whose stream ends with the last byte. The CRC-32 is right.
- No comment, no extra field (it can hold another name, another size or a password's hash), no
  second disk, nothing encrypted, and no zip64, which no size below Go's limits needs.
- Nothing but regular files: no folder, no symbolic link, no permission beyond reading, writing and
  running.
- Names are ASCII, with the prefix, and valid as `path.why_file_invalid` has it. No two are the same
  where case does not count, nor is one a folder of another; the same goes for their folders. go.mod
  stands in the root alone and is spelled so, as the go command demands.

Limits
------
Before a content is read, the sizes that the directory gives are summed up and compared with
`Limits`, and with the size of the zip; no content is read further than its size. So no more memory
is taken than the limits say, whatever the zip claims.

Source:
    APPNOTE.TXT 6.3.10 of PKWARE, sections 4.3 and 4.4. https://go.dev/ref/mod#zip-files.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from itertools import accumulate
from struct import Struct
from typing import TYPE_CHECKING, Final, NoReturn

from chartconfig.module.malformed import MalformedModuleError
from chartconfig.module.path import LONGEST_FILE_NAME, why_file_invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LOCAL: Final = Struct("<4s3HI3I2H")
_CENTRAL: Final = Struct("<4s4HI3I5H2I")
_END: Final = Struct("<4s4H2IH")
_SIZES: Final = Struct("<4s3I")
_MIDNIGHT_1980_01_01: Final = 0x21 << 16

_ELSEWHERE_16, _ELSEWHERE_32 = 0xFFFF, 0xFFFFFFFF
"""In zip64, a number that stands in another place."""
_STORED, _DEFLATE = 0, 8
_NEEDED: Final = 20
_SIZES_FOLLOW: Final = 0x0008
_FLAGS: Final = 0x0806 | _SIZES_FOLLOW
"""Also how hard deflate tried, and that a name is UTF-8, as one in ASCII is."""
_FAT, _UNIX = 0, 3
_FILE_0644: Final = 0o100644 << 16
_FILE_TYPE, _REGULAR, _SPECIAL = 0o170000, 0o100000, 0o7000
_FAT_LABEL_OR_FOLDER: Final = 0x18


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a zip may come to; without arguments, what the go command takes."""

    size: int = 500 << 20
    """Bytes of the zip, and of all contents together."""
    metadata_size: int = 16 << 20
    """Bytes of go.mod, and of LICENSE."""
    files: int = 1000
    """Number of files; at most 65534, for more need zip64."""
    ratio: int = 100
    """Bytes of all contents for each byte of the zip."""


GO_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    name: str
    """Path in the module."""
    header: bytes
    """The header that stands before the content, as the directory has it."""
    flags: int
    method: int
    crc: int
    compressed: int
    size: int
    offset: int


def encode_zip(files: Mapping[str, bytes], *, module: str, version: str) -> bytes:
    """Return the zip of a module, the same bytes for the same files on every machine.

    Args:
        files: Contents by path in the module, at least one.
        module: The module path.
        version: Its version.

    Raises:
        ValueError: `decode_zip` would refuse it: there is no file, there are too many, they are too
            large, or they have names that a module cannot have.
    """
    if reason := _why_invalid({name: len(data) for name, data in files.items()}, GO_LIMITS):
        raise ValueError(reason)
    prefix = f"{module}@{version}/"
    before: list[bytes] = []
    directory: list[bytes] = []
    offset = 0
    for name, data in sorted(files.items()):
        full = (prefix + name).encode("ascii")
        size = len(data)
        common = (_NEEDED, 0, _STORED, _MIDNIGHT_1980_01_01, zlib.crc32(data), size, size)
        local = _LOCAL.pack(b"PK\3\4", *common, len(full), 0) + full
        made = _UNIX << 8 | _NEEDED
        rest = (len(full), 0, 0, 0, 0, _FILE_0644, offset)
        directory += (_CENTRAL.pack(b"PK\1\2", made, *common, *rest), full)
        before += (local, data)
        offset += len(local) + size
    size = sum(map(len, directory))
    if (total := offset + size + _END.size) > GO_LIMITS.size:
        raise ValueError(f"it would have {total} bytes, more than {GO_LIMITS.size}")
    end = _END.pack(b"PK\5\6", 0, 0, len(files), len(files), size, offset, 0)
    return b"".join((*before, *directory, end))


def decode_zip(
    data: bytes,
    *,
    module: str,
    version: str,
    limits: Limits = GO_LIMITS,
    path: str = "module.zip",
) -> dict[str, bytes]:
    """Return the files of a module's zip: contents by path in the module.

    That they are the same as in another zip says `dirhash`; that the zip is the one chartconfig
    writes, whoever encodes them again.

    Args:
        data: The whole zip.
        module: The module path that it is of.
        version: The version that it is of.
        limits: What is refused as too large.
        path: Where it was found, for the span of a mistake; never opened.

    Raises:
        MalformedModuleError: It is no zip of this version, is too large, or could be read in more
            than one way. The only exception, whatever the bytes.
    """
    return _Reader(data, f"{module}@{version}/", limits, path).files()


class _Reader:
    def __init__(self, data: bytes, prefix: str, limits: Limits, path: str) -> None:
        self._data = data
        self._prefix = prefix
        self._limits = limits
        self._path = path

    def files(self) -> dict[str, bytes]:
        """Return contents by name.

        1. The directory, found in one place only, gives names and sizes.
        2. Names and sizes are judged, all before any content is read.
        3. Each content is read where the one before it ended, and the last ends at the directory.
        """
        if len(self._data) > self._limits.size:
            self._refuse(f"it has {len(self._data)} bytes, more than {self._limits.size}")
        entries, directory = self._directory()
        sizes: dict[str, int] = {}
        for entry in entries:
            if entry.name in sizes:
                self._refuse(f"{entry.name!a} stands in it twice")
            sizes[entry.name] = entry.size
        if reason := _why_invalid(sizes, self._limits):
            self._refuse(reason)
        ratio = self._limits.ratio
        if sum(sizes.values()) > ratio * len(self._data):
            more = f"over {ratio} times its own size" if ratio != 1 else "more bytes than it has"
            self._refuse(f"its contents have {more}")
        contents: dict[str, bytes] = {}
        at = 0
        for entry in entries:
            if entry.offset != at:
                self._refuse(f"{entry.name!a} does not begin where the file before it ends")
            at = self._after(entry)
            if at > directory:
                self._refuse(f"{entry.name!a} does not end before the directory")
            contents[entry.name] = self._content(entry)
        if at != directory:
            self._refuse("bytes between the last file and the directory belong to nothing")
        return contents

    def _directory(self) -> tuple[list[_Entry], int]:
        """Return the entries of the central directory, and where it begins."""
        if len(self._data) < _END.size:
            self._refuse("it is shorter than the end of a zip")
        end = len(self._data) - _END.size
        magic, disk, first, here, count, size, begin, comment = _END.unpack_from(self._data, end)
        if magic != b"PK\5\6":
            self._refuse("its last bytes are not the end of a zip without a comment")
        if _ELSEWHERE_16 in (disk, first, here, count) or _ELSEWHERE_32 in (size, begin):
            self._refuse("it is zip64")
        if disk or first or here != count or comment:
            self._refuse("its end tells of a comment or of another disk")
        if begin + size != end:
            self._refuse("its directory is not right before its end")
        if count > self._limits.files:
            self._refuse(f"it has {count} files, more than {self._limits.files}")
        entries: list[_Entry] = []
        at = begin
        for number in range(1, count + 1):
            entry, at = self._entry(number, at, end)
            entries.append(entry)
        if at != end:
            self._refuse(f"its directory goes on after {count} files")
        return entries, begin

    def _entry(self, number: int, at: int, end: int) -> tuple[_Entry, int]:
        """Return the entry of the directory that begins at an offset, and where it ends."""
        where = f"entry {number} of its directory"
        if at + _CENTRAL.size > end:
            self._refuse(f"{where} is cut short")
        magic, *rest = _CENTRAL.unpack_from(self._data, at)
        made, needed, flags, method, time, crc, compressed, size, *rest = rest
        name_length, extra, comment, disk, internal, external, offset = rest
        if magic != b"PK\1\2":
            self._refuse(f"{where} is none")
        at += _CENTRAL.size
        if extra or comment:
            self._refuse(f"{where} has an extra field or a comment")
        if at + name_length > end:
            self._refuse(f"{where} is cut short")
        if name_length > len(self._prefix) + LONGEST_FILE_NAME:
            self._refuse(f"{where} has a name of {name_length} bytes")
        raw = self._data[at : at + name_length]
        name = self._name(raw)
        if _ELSEWHERE_32 in (compressed, size, offset) or needed > _NEEDED:
            self._refuse(f"{name!a} is zip64, or needs something else that is newer than 2.0")
        if flags & ~_FLAGS:
            self._refuse(f"{name!a} has the flags {flags:#06x}: it is encrypted, or the like")
        if method not in (_STORED, _DEFLATE):
            self._refuse(f"{name!a} is compressed by method {method}, neither stored nor deflated")
        if method == _STORED and (flags & _SIZES_FOLLOW or compressed != size):
            self._refuse(f"{name!a} is stored, and its size is in doubt")
        if disk or internal > 1:
            self._refuse(f"{name!a} is on another disk, or marked in a way that has no meaning")
        mode = external >> 16
        if (
            made >> 8 not in (_FAT, _UNIX)
            or mode & _FILE_TYPE not in (0, _REGULAR)
            or mode & _SPECIAL
            or external & _FAT_LABEL_OR_FOLDER
        ):
            self._refuse(f"{name!a} is no regular file: its mode is {mode:#o} on {made >> 8}")
        sizes = (0, 0, 0) if flags & _SIZES_FOLLOW else (crc, compressed, size)
        header = _LOCAL.pack(b"PK\3\4", needed, flags, method, time, *sizes, name_length, 0) + raw
        return _Entry(
            name=name,
            header=header,
            flags=flags,
            method=method,
            crc=crc,
            compressed=compressed,
            size=size,
            offset=offset,
        ), at + name_length

    def _name(self, raw: bytes) -> str:
        prefix = self._prefix.encode()
        if not raw.startswith(prefix):
            self._refuse(f"{raw.decode('ascii', 'backslashreplace')!a} is outside {self._prefix}")
        try:
            return raw.removeprefix(prefix).decode("ascii")
        except UnicodeDecodeError:
            self._refuse(f"the name {raw!a} is not ASCII")

    def _after(self, entry: _Entry) -> int:
        """Return where a file ends, with the sizes that may follow it."""
        follow = _SIZES.size if entry.flags & _SIZES_FOLLOW else 0
        return entry.offset + len(entry.header) + entry.compressed + follow

    def _content(self, entry: _Entry) -> bytes:
        begin = entry.offset + len(entry.header)
        if self._data[entry.offset : begin] != entry.header:
            self._refuse(f"the header before {entry.name!a} is not as the directory has it")
        end = begin + entry.compressed
        if entry.flags & _SIZES_FOLLOW:
            sizes = _SIZES.pack(b"PK\7\10", entry.crc, entry.compressed, entry.size)
            if self._data[end : end + _SIZES.size] != sizes:
                self._refuse(f"the sizes after {entry.name!a} are not as the directory has them")
        content = self._data[begin:end]
        if entry.method == _DEFLATE:
            content = self._inflate(content, entry)
        if zlib.crc32(content) != entry.crc:
            self._refuse(f"the checksum of {entry.name!a} is wrong")
        return content

    def _inflate(self, compressed: bytes, entry: _Entry) -> bytes:
        """Return what deflate made `compressed` of; at most one byte more than its size is made."""
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = inflater.decompress(compressed, entry.size + 1)
        except zlib.error:
            self._refuse(f"{entry.name!a} is not what deflate writes")
        if len(content) != entry.size or not inflater.eof or inflater.unused_data:
            self._refuse(f"{entry.name!a} does not come to the {entry.size} bytes that it claims")
        return content

    def _refuse(self, message: str) -> NoReturn:
        raise MalformedModuleError(message, self._path)


def _why_invalid(sizes: Mapping[str, int], limits: Limits) -> str | None:
    """Return why files of these names and sizes are not a module, or None if they are."""
    if not sizes:
        return "it has no file"
    if len(sizes) > limits.files:
        return f"it has {len(sizes)} files, more than {limits.files}"
    if reason := _why_names_invalid(sizes):
        return reason
    if (total := sum(sizes.values())) > limits.size:
        return f"its contents have {total} bytes, more than {limits.size}"
    for name in ("go.mod", "LICENSE"):
        if sizes.get(name, 0) > limits.metadata_size:
            return f"{name} has {sizes[name]} bytes, more than {limits.metadata_size}"
    return None


def _why_names_invalid(names: Iterable[str]) -> str | None:
    """Return why names cannot be together in a module, or None if they can.

    They are ASCII once they are valid, so lower case is what Go's folding comes to.
    """
    seen: dict[str, tuple[str, bool]] = {}
    for name in names:
        if reason := why_file_invalid(name):
            return f"{name!a} is no name of a file in a module: {reason}"
        if name.lower().rpartition("/")[2] == "go.mod" and name != "go.mod":
            return f"{name!a} would be the go.mod of another module"
        *folders, _ = accumulate(name.split("/"), "{}/{}".format)
        for place, is_file in (*((folder, False) for folder in folders), (name, True)):
            known, was_file = seen.setdefault(place.lower(), (place, is_file))
            if known != place:
                return f"{place!a} and {known!a} differ in case only"
            if was_file != is_file:
                return f"{place!a} is both a file and a folder"
    return None
