"""Tiles: their names, what growing writes, and that no altered tile is believed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chartconfig.tlog.text import MalformedLogError
from chartconfig.tlog.tile import (
    FULL,
    RECORDS,
    MissingLogFileError,
    Tile,
    TileReader,
    c2sp_path,
    decode_hashes,
    go_path,
    new_tiles,
    nodes,
    parse_c2sp_path,
    parse_go_path,
    partial_tiles,
)
from chartconfig.tlog.tree import (
    EMPTY_ROOT,
    FailedProofError,
    Node,
    TreeHead,
    grow,
    leaf_hash,
    root_hash,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAVES = [leaf_hash(b"%d" % number) for number in range(70_000)]
HASHES = grow(0, LEAVES, lambda _: ())

sizes = st.integers(0, 70_000) | st.integers(0, 600)
tiles = st.builds(
    Tile,
    level=st.integers(RECORDS, 6),
    index=st.integers(0, 127) | st.integers(0, 2**14) | st.just(1234067),
    width=st.integers(1, FULL),
).filter(lambda tile: tile.index << (8 * (max(tile.level, 0) + 1)) < 2**63)


def read(wanted: Sequence[Node]) -> list[bytes]:
    return [HASHES[node] for node in wanted]


def head(size: int) -> TreeHead:
    return TreeHead(size=size, root=root_hash(size, read))


def file(tile: Tile) -> bytes:
    return b"".join(read(nodes(tile)))


class Files:
    """The tiles of a tree, as they are left by growing one record at a time, or some of them."""

    def __init__(self, *, pruned: bool = False) -> None:
        self.read: list[Tile] = []
        self.changed: dict[Tile, bytes | None] = {}
        self.pruned = pruned
        self.size = 70_000

    def __call__(self, tile: Tile, /) -> bytes | None:
        self.read.append(tile)
        if tile in self.changed:
            return self.changed[tile]
        full = (tile.index + 1) << (8 * (tile.level + 1)) <= self.size
        return None if self.pruned and full and tile.width < FULL else file(tile)


class TestPaths:
    @given(tiles)
    @example(Tile(level=0, index=2**55 - 1, width=1))
    @example(Tile(level=7, index=0, width=127))
    def test_are_read_as_they_were_written(self, tile: Tile) -> None:
        assert parse_go_path(go_path(tile)) == tile
        assert parse_c2sp_path(c2sp_path(tile)) == tile

    @pytest.mark.parametrize(
        ("tile", "go", "c2sp"),
        [
            (Tile(level=0, index=0), "tile/8/0/000", "tile/0/000"),
            (Tile(level=0, index=0, width=1), "tile/8/0/000.p/1", "tile/0/000.p/1"),
            (Tile(level=1, index=999, width=255), "tile/8/1/999.p/255", "tile/1/999.p/255"),
            (Tile(level=2, index=1000), "tile/8/2/x001/000", "tile/2/x001/000"),
            (Tile(level=RECORDS, index=5), "tile/8/data/005", "tile/entries/005"),
            (
                Tile(level=RECORDS, index=1234067, width=8),
                "tile/8/data/x001/x234/067.p/8",
                "tile/entries/x001/x234/067.p/8",
            ),
        ],
    )
    def test_are_those_of_the_clients(self, tile: Tile, go: str, c2sp: str) -> None:
        assert (go_path(tile), c2sp_path(tile)) == (go, c2sp)

    @pytest.mark.parametrize(
        "place",
        [
            *("", "/", "0", "0/", "0/0", "0/00", "0/0000", "0/1000", "0/x000/000", "0/x001/x000"),
            *("0/001/000", "00/000", "-1/000", "8/000", "x/000", "0/000.p", "0/000.p/"),
            *("0/000.p/0", "0/000.p/256", "0/000.p/01", "0/000.p/1/", "0/000/", "0//000"),
            *("0/000.p/1.p/1", "0/\N{ARABIC-INDIC DIGIT ONE}00", "0/000\n", "7/128", "0/+01"),
            "0/" + "x999/" * 5 + "999",
            "0/" + "x001/" * 5000 + "000",
        ],
    )
    def test_of_no_tile_are_refused(self, place: str) -> None:
        for parse, prefix in ((parse_go_path, "tile/8/"), (parse_c2sp_path, "tile/")):
            with pytest.raises(MalformedLogError, match="which is the path of no tile"):
                parse(prefix + place)

    def test_are_not_those_of_another_height_or_face(self) -> None:
        for path in ("tile/4/0/001", "tile/0/000", "tile/8/entries/000", "8/0/000", "tile/8/-1/0"):
            with pytest.raises(MalformedLogError):
                parse_go_path(path)
        for path in ("tile/8/0/000", "tile/data/000"):
            with pytest.raises(MalformedLogError):
                parse_c2sp_path(path)


class TestGrowth:
    """Every tile is written once, on the way to the size that has it or before."""

    @given(sizes, sizes)
    def test_writes_all_tiles_that_are_not_there(self, old: int, new: int) -> None:
        written = new_tiles(old, max(old, new))
        assert set(written) == every_tile(max(old, new)) - every_tile(old)
        assert len(set(written)) == len(written)

    @given(st.integers(0, 2**62))
    @example(2**62)
    @example(256**7 - 1)
    def test_by_one_writes_one_tile_a_level_at_most(self, size: int) -> None:
        written = new_tiles(size, size + 1)
        assert [tile.level for tile in written] == list(range(len(written)))
        assert all(tile.width == FULL for tile in written[:-1])

    def test_of_a_tree_of_70_000_is_that_of_the_specification(self) -> None:
        tiles = new_tiles(0, 70_000)  # c2sp.org/tlog-tiles, "Partial Tiles"
        counts = [
            sum((tile.level, tile.width == FULL) == each for tile in tiles)
            for each in ((0, True), (0, False), (1, True), (1, False), (2, False))
        ]
        assert counts == [273, 1, 1, 1, 1]
        assert [tile.width for tile in tiles if tile.width < FULL] == [112, 17, 1]
        assert [tile.width for tile in partial_tiles(70_000)] == [112, 17, 1]


def every_tile(size: int) -> set[Tile]:
    """Return the tiles of a tree, by the definition of c2sp.org/tlog-tiles."""
    found = set()
    for level in range(8):
        count = size // 256**level
        found |= {Tile(level=level, index=index) for index in range(count // 256)}
        if count % 256:
            found.add(Tile(level=level, index=count // 256, width=count % 256))
    return found


class TestReader:
    @given(sizes, st.data())
    def test_reads_every_hash_of_its_tree(self, size: int, data: st.DataObject) -> None:
        reader = TileReader(head(size), Files(pruned=data.draw(st.booleans())))
        assert reader([]) == []
        levels = st.integers(0, max(size.bit_length() - 1, 0))
        for _ in range(5 if size else 0):
            level = data.draw(levels)
            node = Node(level, data.draw(st.integers(0, (size >> level) - 1)))
            assert reader([node]) == [HASHES[node]]
        assert root_hash(size, reader) == head(size).root

    def test_reads_one_tile_a_level_and_each_once(self) -> None:
        files = Files()
        reader = TileReader(head(70_000), files)
        reader([Node(0, 0), Node(3, 1)])
        assert len(files.read) == 3 + 2
        reader([Node(0, 255), Node(7, 0), Node(16, 0), Node(0, 69_999)])
        assert len(files.read) == 3 + 2
        assert reader.checked == {tile: file(tile) for tile in files.read}

    def test_reads_the_full_tile_where_the_partial_one_is_gone(self) -> None:
        files = Files(pruned=True)
        assert TileReader(head(300), files)([Node(0, 299)]) == [LEAVES[299]]
        assert [tile.width for tile in files.read[:2]] == [44, FULL]

    @pytest.mark.parametrize("size", [1, 255, 256, 257, 600, 65_536, 70_000])
    def test_believes_no_altered_tile(self, size: int) -> None:
        wanted = [Node(0, index) for index in sorted({0, size // 2, size - 1})]
        files = Files()
        TileReader(head(size), files)(wanted)
        for tile in set(files.read):
            right = file(tile)
            for at in {0, len(right) // 2, len(right) - 1}:
                altered = Files()
                flipped = bytes([right[at] ^ 1])
                altered.changed[tile] = right[:at] + flipped + right[at + 1 :]
                reader = TileReader(head(size), altered)
                with pytest.raises(FailedProofError):
                    reader(wanted)
                assert tile not in reader.checked
                with pytest.raises(FailedProofError):
                    reader(wanted)

    def test_names_the_tile_that_is_wrong_where_it_can(self) -> None:
        files = Files()
        files.changed[Tile(level=0, index=1)] = file(Tile(level=0, index=0))
        reader = TileReader(head(600), files)
        message = "tile/8/0/001 is not the tile of the tree that was signed"
        with pytest.raises(FailedProofError, match=message):
            reader([Node(0, 300)])
        message = "the tiles of size 600 lead to another root than its head's"
        with pytest.raises(FailedProofError, match=message):
            TileReader(TreeHead(size=600, root=bytes(32)), Files())([])

    def test_names_the_tile_that_is_missing(self) -> None:
        for tile in (Tile(level=0, index=2, width=88), Tile(level=0, index=1)):
            files = Files()
            files.changed = {tile: None, Tile(level=0, index=2): None}
            with pytest.raises(MissingLogFileError, match=re.escape(go_path(tile))) as raised:
                TileReader(head(600), files)([Node(0, 300)])
            assert raised.value.path == go_path(tile)

    @pytest.mark.parametrize("tile", [Tile(level=0, index=2, width=88), Tile(level=0, index=1)])
    def test_refuses_tiles_of_another_length(self, tile: Tile) -> None:
        for data in (b"", file(tile)[:-1], file(tile) + b"x"):
            files = Files()
            files.changed[tile] = data
            with pytest.raises(MalformedLogError, match=f"a tile of {len(data)} bytes, not"):
                TileReader(head(600), files)([Node(0, 300)])

    def test_refuses_a_full_tile_of_another_length_in_place_of_a_partial_one(self) -> None:
        files = Files(pruned=True)
        files.changed[Tile(level=0, index=1)] = file(Tile(level=0, index=1))[:-1]
        with pytest.raises(MalformedLogError, match="a tile of 8191 bytes, not 256 hashes of 32"):
            TileReader(head(300), files)([])

    def test_has_no_hash_that_is_not_of_its_tree(self) -> None:
        reader = TileReader(head(600), Files())
        for node in (Node(0, 600), Node(3, 75), Node(0, -1), Node(10, 0), Node(60, 0)):
            with pytest.raises(ValueError, match="is no complete subtree of 600 records"):
                reader([node])

    def test_reads_nothing_of_the_empty_tree(self) -> None:
        files = Files()
        assert TileReader(TreeHead(size=0, root=EMPTY_ROOT), files)([]) == []
        assert files.read == []
        with pytest.raises(FailedProofError, match="the tiles of size 0 lead to another root"):
            TileReader(TreeHead(size=0, root=bytes(32)), files)([])


def test_hashes_are_decoded_in_order() -> None:
    assert decode_hashes(file(Tile(level=0, index=3, width=9)), 9) == tuple(LEAVES[768:777])
