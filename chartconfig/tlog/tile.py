r"""Tiles: the hashes of the tree as files, which never change once they are full.

A tile holds up to 256 neighbouring hashes of one level, 32 bytes each, and stands for the eight
levels of the tree up to its own root: tile level 0 has the leaves, tile level 1 the roots of full
tiles of level 0, and so on. A tile that is not full yet has its width in its name, so that growing
writes a new file and changes none:

    size 600:   level 0    tile 0, tile 1    full: leaves 0 to 511
                           tile 2.p/88       leaves 512 to 599
                level 1    tile 0.p/2        the roots of the two full tiles

The same bytes have two names, one in each face of the log:

    go command    tile/8/<level>/<index>[.p/<width>]       tile/8/data/<index>[.p/<width>]
    C2SP          tile/<level>/<index>[.p/<width>]         tile/entries/<index>[.p/<width>]

On the right are the records themselves, in bundles that are as wide as the tile of level 0; their
bytes are not the same, see `record`. An index is in groups of three digits, all but the last with
an `x` before it, so that no folder becomes large:

>>> go_path(Tile(level=0, index=1234067, width=88))
'tile/8/0/x001/x234/067.p/88'
>>> parse_c2sp_path("tile/entries/002.p/88")
Tile(level=-1, index=2, width=88)

Trust
-----
`TileReader` reads hashes out of the tiles of one signed tree head, and gives none that does not
lead to its root. The partial tiles, one a level at most, have between them exactly the complete
subtrees from which the root follows, so all of them are checked by computing it. The root of a
full tile stands in a tile one level up. A reader needs one tile a level: 8 KiB at most, for each
factor of 256 that the log has grown by.

A partial tile may be deleted once the full one is there. So where one is missing, the full one is
read instead, and its beginning is checked in the same way.

Source:
    https://c2sp.org/tlog-tiles; golang.org/x/mod/sumdb/tlog for the first of the faces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from chartconfig.diagnostics.catalogue import report
from chartconfig.errors import ChartconfigError
from chartconfig.tlog.text import LARGEST, MalformedLogError, parse_decimal
from chartconfig.tlog.tree import (
    HASH_BYTES,
    FailedProofError,
    Node,
    TreeHead,
    node_hash,
    root_hash,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

HEIGHT: Final = 8
"""How many levels of the tree a tile stands for."""

FULL: Final = 1 << HEIGHT
"""The width of a full tile: 256 hashes."""

RECORDS: Final = -1
"""The level of a bundle of records, below the leaf hashes."""

_LAST_LEVEL: Final = 7  # a tree of 2**63 - 1 records has no higher one
_INDEX: Final = re.compile(r"(?:x[0-9]{3}/)*[0-9]{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """Which hashes, or records, of which tree stand in one file."""

    level: int
    """Tile level, 0 to 7, or `RECORDS`."""
    index: int
    """Its place among the tiles of its level, from 0."""
    width: int = FULL
    """How many hashes or records it has, 1 to 256."""


class TileSource(Protocol):
    """Whatever has the tiles of a log: a site, or a cache in front of it."""

    def __call__(self, tile: Tile, /) -> bytes | None:
        """Return the file of a tile, not checked in any way, or None if there is none."""


class MissingLogFileError(ChartconfigError):
    """CC927 `missing-log-file`: the log lacks a file that it says it has."""

    def __init__(self, path: str, message: str | None = None, hint: str | None = None) -> None:
        """Name the file, relative to the log; say more where more is known than its name."""
        message = message or f"the log has no file {path}"
        hint = hint or "ask another mirror, or tell whoever publishes the log"
        super().__init__(report("CC927", message, None, hint=hint))
        self.path = path


def go_path(tile: Tile) -> str:
    """Return where the go command looks for a tile, relative to the log."""
    level = "data" if tile.level == RECORDS else str(tile.level)
    return f"tile/{HEIGHT}/{level}/{_place(tile)}"


def c2sp_path(tile: Tile) -> str:
    """Return where C2SP clients look for a tile, relative to the log."""
    level = "entries" if tile.level == RECORDS else str(tile.level)
    return f"tile/{level}/{_place(tile)}"


def _place(tile: Tile) -> str:
    digits = str(tile.index)
    digits = digits.zfill(-len(digits) // 3 * -3)
    *groups, last = (digits[at : at + 3] for at in range(0, len(digits), 3))
    partial = "" if tile.width == FULL else f".p/{tile.width}"
    return "".join(f"x{group}/" for group in groups) + last + partial


def parse_go_path(path: str) -> Tile:
    """Return the tile that `go_path` gives this path to.

    Raises:
        MalformedLogError: It gives this path to none.
    """
    return _parse_path(path, f"tile/{HEIGHT}/", "data")


def parse_c2sp_path(path: str) -> Tile:
    """Return the tile that `c2sp_path` gives this path to.

    Raises:
        MalformedLogError: It gives this path to none.
    """
    return _parse_path(path, "tile/", "entries")


def _parse_path(path: str, prefix: str, records: str) -> Tile:
    rest = path.removeprefix(prefix)
    name, _, place = rest.partition("/")
    digits, partial, width = place.partition(".p/")
    level = RECORDS if name == records else parse_decimal(name)
    columns = parse_decimal(width) if partial else FULL
    if rest != path and level is not None and columns is not None and _INDEX.fullmatch(digits):
        index = int(digits.replace("x", "").replace("/", "")[-20:])
        tile = Tile(level=level, index=index, width=columns)
        fits = level <= _LAST_LEVEL and 1 <= columns <= FULL
        within = (index << (HEIGHT * (max(level, 0) + 1))) <= LARGEST
        if fits and within and digits + partial + width == _place(tile):
            return tile
    raise MalformedLogError(f"{path[:80]!a}, which is the path of no tile")


def decode_hashes(data: bytes, width: int) -> tuple[bytes, ...]:
    """Return the hashes of a tile's file, which is nothing but them, one after the other.

    Raises:
        MalformedLogError: The file is not `width` times 32 bytes long.
    """
    if len(data) != width * HASH_BYTES:
        raise MalformedLogError(f"a tile of {len(data)} bytes, not {width} hashes of {HASH_BYTES}")
    return tuple(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES))


def partial_tiles(size: int) -> list[Tile]:
    """Return the tiles of a tree that are not full, lowest first: at most one a level."""
    tiles = []
    level = 0
    while size:
        if width := size % FULL:
            tiles.append(Tile(level=level, index=size >> HEIGHT, width=width))
        size >>= HEIGHT
        level += 1
    return tiles


def new_tiles(old: int, new: int) -> list[Tile]:
    """Return the tiles of hashes to write when a log grows from `old` records to `new`.

    Lowest first. Where it grows by one they are at most one a level, and usually one in all.

    Examples:
        >>> new_tiles(255, 256)
        [Tile(level=0, index=0, width=256), Tile(level=1, index=0, width=1)]
    """
    tiles = []
    level = 0
    while new > old:
        tiles += [Tile(level=level, index=index) for index in range(old >> HEIGHT, new >> HEIGHT)]
        if width := new % FULL:
            tiles.append(Tile(level=level, index=new >> HEIGHT, width=width))
        old, new, level = old >> HEIGHT, new >> HEIGHT, level + 1
    return tiles


def nodes(tile: Tile) -> list[Node]:
    """Return the complete subtrees whose hashes stand in a tile, in order."""
    first = tile.index << HEIGHT
    return [Node(tile.level * HEIGHT, first + column) for column in range(tile.width)]


class TileReader:
    """Hashes of the tree of one head, read from tiles and checked against its root.

    What it has read and checked it keeps, so that asking again costs nothing. It is a `HashReader`.
    """

    def __init__(self, head: TreeHead, source: TileSource) -> None:
        """Read the tree of `head`, which must be trusted, from files that need not be."""
        self.head = head
        self.checked: dict[Tile, bytes] = {}
        """The tiles read so far, all of them right: what a cache may keep."""
        self._hashes: dict[tuple[int, int], tuple[bytes, ...]] = {}
        self._source = source
        self._begun = False

    def __call__(self, wanted: Sequence[Node]) -> list[bytes]:
        """Return the hash of each complete subtree of the tree.

        Raises:
            FailedProofError: A tile does not lead to the root. Of several that were read, the
                message cannot always tell which.
            MalformedLogError: A tile has the wrong length.
            MissingLogFileError: There is no such tile.
            ValueError: A node is not a complete subtree of this tree.
        """
        self._begin()
        return [self._hash(node) for node in wanted]

    def _begin(self) -> None:
        """Read and check the partial tiles, from which the root follows."""
        if self._begun:
            return
        read = {}
        for tile in partial_tiles(self.head.size):
            read[tile] = self._read(tile)
            self._hashes[tile.level, tile.index] = decode_hashes(read[tile], tile.width)
        size = self.head.size
        root = root_hash(size, lambda edge: [self._within(node) for node in edge])
        if root != self.head.root:
            self._hashes.clear()
            raise FailedProofError(f"the tiles of size {size} lead to another root than its head's")
        self.checked |= read
        self._begun = True

    def _hash(self, node: Node) -> bytes:
        if node.index < 0 or (node.index + 1) << node.level > self.head.size:
            raise ValueError(f"{node} is no complete subtree of {self.head.size} records")
        level = node.level // HEIGHT
        self._load(level, node.index >> (HEIGHT * (level + 1) - node.level))
        return self._within(node)

    def _load(self, level: int, index: int) -> None:
        """Have the tile of this place, read and checked; a partial one always is."""
        if (level, index) in self._hashes:
            return
        tile = Tile(level=level, index=index)
        self._load(level + 1, index >> HEIGHT)
        data = self._read(tile)
        row = list(decode_hashes(data, FULL))
        while len(row) > 1:
            row = [node_hash(*row[at : at + 2]) for at in range(0, len(row), 2)]
        if row[0] != self._within(Node((level + 1) * HEIGHT, index)):
            raise FailedProofError(f"{go_path(tile)} is not the tile of the tree that was signed")
        self._hashes[level, index] = decode_hashes(data, FULL)
        self.checked[tile] = data

    def _within(self, node: Node) -> bytes:
        """Return a node's hash from the tile that has it, which has been read."""
        level = node.level // HEIGHT
        height = node.level - level * HEIGHT
        first = node.index << height
        row = self._hashes[level, first >> HEIGHT]
        part = list(row[first % FULL : first % FULL + (1 << height)])
        assert len(part) == 1 << height, "the subtree is not in the tile"
        while len(part) > 1:
            part = [node_hash(*part[at : at + 2]) for at in range(0, len(part), 2)]
        return part[0]

    def _read(self, tile: Tile) -> bytes:
        data = self._source(tile)
        if data is None and tile.width < FULL:
            full = self._source(Tile(level=tile.level, index=tile.index))
            if full is not None:
                decode_hashes(full, FULL)
                return full[: tile.width * HASH_BYTES]
        if data is None:
            raise MissingLogFileError(go_path(tile))
        return data
