"""Publishing: a stop at any write does no harm, a retry gives the same bytes, little is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chartconfig.tlog.checkpoint import GO_ORIGIN, parse_checkpoint, sign_checkpoint
from chartconfig.tlog.note import generate, parse_note
from chartconfig.tlog.publish import ConflictError
from chartconfig.tlog.record import decode_entries, decode_records, encode_records
from chartconfig.tlog.tile import (
    RECORDS,
    Tile,
    c2sp_path,
    go_path,
    nodes,
    parse_c2sp_path,
    parse_go_path,
)
from chartconfig.tlog.tree import (
    Node,
    TreeHead,
    grow,
    leaf_hash,
    node_hash,
    root_hash,
)
from tests.fakes import MemoryStore, RefusedError, StoppedError
from tests.tlog.sites import (
    KEY,
    MODULE,
    NAME,
    follower,
    history,
    key_of,
    planned,
    release,
    site,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER = f"sumdb/{NAME}"
LIST = f"{MODULE}/@v/list"
BOUNDARIES = [0, 1, 2, 254, 255, 256, 257, 511, 512]
NEW_KEY = generate(NAME, b"n" * 32)


def listed(store: MemoryStore) -> list[str]:
    return store.files.get(LIST, b"").decode().split()


def check_clients(store: MemoryStore, seen: bytes | None) -> bytes | None:
    """Check that whoever asks now gets all that is listed; return what a new follower keeps."""
    reader = follower(store, seen)
    if f"{FOLDER}/latest" in store.files:
        reader.refresh()
    for version in listed(store)[-3:]:
        assert {f"{MODULE}/@v/{version}.{kind}" for kind in ("zip", "mod", "info")} <= set(
            store.files
        )
        assert reader.lookup(f"{MODULE}@{version}").index < reader.head.size
    return reader.note


def stops(size: int) -> list[tuple[str, int]]:
    store = site(size)
    return [
        (when, number)
        for number in range(len(planned(store, size)))
        for when in ("before", "after")
    ]


class TestStop:
    @pytest.mark.parametrize("size", BOUNDARIES)
    def test_before_and_after_every_write(self, size: int) -> None:
        undisturbed = site(size + 1).files
        before = follower(site(size))
        if size:
            before.refresh()
        for when, number in stops(size):
            store = site(size)
            setattr(store, f"stop_{when}", number)
            with pytest.raises(StoppedError):
                store.perform(planned(store, size))
            store.stop_before = store.stop_after = None
            # 1. Clients keep working, old and new ones.
            check_clients(store, before.note)
            seen = check_clients(store, None)
            # 2. Whoever looks for the new version early sees a tree that stays.
            if f"{FOLDER}/lookup/{key_of(size)}" in store.files:
                early = follower(store, before.note)
                early.lookup(key_of(size))
                seen = early.note
            # 3. A retry does the rest, and nothing else.
            rest = planned(store, size)
            assert len(rest) == len(planned(site(size), size)) - number - (when == "after")
            store.perform(rest)
            assert store.files == undisturbed
            assert planned(store, size) == ()
            # 4. What was seen in between is the beginning of what is there now.
            check_clients(store, seen)

    def test_again_and_again(self) -> None:
        store = site(255)
        attempts = 0
        while rest := planned(store, 255):
            store.stop_after = 0
            with pytest.raises(StoppedError):
                store.perform(rest)
            attempts += 1
        assert attempts == len(planned(site(255), 255))
        assert store.files == site(256).files

    @pytest.mark.parametrize("size", [1, 255, 256])
    def test_keeps_the_next_release_waiting_or_harmless(self, size: int) -> None:
        for when, number in stops(size):
            store = site(size)
            setattr(store, f"stop_{when}", number)
            with pytest.raises(StoppedError):
                store.perform(planned(store, size))
            store.stop_before = store.stop_after = None
            begun = any("/tile/" in path for path in store.files.keys() - site(size).files.keys())
            if begun and f"v1.{size}.0" not in listed(store):
                with pytest.raises(ConflictError):
                    planned(store, size + 1)
            else:
                store.perform(planned(store, size + 1))
                assert listed(store)[-1] == f"v1.{size + 1}.0"
                check_clients(store, None)


class TestTwoPublishers:
    def test_of_one_release_do_the_same(self) -> None:
        store = site(20)
        first, second = planned(store, 20), planned(store, 20)
        assert first == second
        store.perform(first)
        with pytest.raises(RefusedError, match="is not what it was"):
            store.perform(second)
        assert store.files == site(21).files

    def test_of_two_releases_do_not_both_succeed(self) -> None:
        for done in range(len(planned(site(20), 20)) + 1):
            store = site(20)
            first, second = planned(store, 20), planned(store, 21)
            store.perform(first[:done])
            others = [write for write in second if f"{FOLDER}/tile" in write.path]
            assert len(others) == 4
            if any("/tile/" in write.path for write in first[:done]):
                with pytest.raises(RefusedError, match="is there already, and is another"):
                    store.perform(second)
                store.perform(planned(store, 20))
            else:
                store.perform(second)
                with pytest.raises(RefusedError, match="is there already, and is another"):
                    store.perform(first)
            check_clients(store, None)
            assert len(list(follower_records(store))) == 21

    def test_are_told_by_the_checkpoint_that_moved(self) -> None:
        store = site(20)
        (checkpoint,) = [each for each in planned(store, 20) if each.path.endswith("checkpoint")]
        assert checkpoint.replaces == store.files[checkpoint.path]
        store.files[checkpoint.path] = site(19).files[checkpoint.path]
        with pytest.raises(RefusedError, match="checkpoint is not what it was"):
            store.write(checkpoint)


def follower_records(store: MemoryStore) -> list[tuple[int, bytes]]:
    reader = follower(store)
    reader.refresh()
    return list(reader.records())


class TestSite:
    def test_of_600_releases_is_whole(self) -> None:
        store = site(600)
        assert listed(store) == [f"v1.{number}.0" for number in range(600)]
        assert [record for _, record in follower_records(store)] == [
            release(number).record for number in range(600)
        ]

    def test_has_the_same_tree_in_both_faces(self) -> None:
        files = site(600).files
        for path in (each.removeprefix(f"{FOLDER}/") for each in files if "/tile/" in each):
            tile = None
            if path.startswith("tile/8/"):
                tile = parse_go_path(path)
                other = c2sp_path(tile)
            else:
                tile = parse_c2sp_path(path)
                other = go_path(tile)
            mine, theirs = files[f"{FOLDER}/{path}"], files[f"{FOLDER}/{other}"]
            if tile.level != RECORDS:
                assert mine == theirs
            elif path.startswith("tile/8/"):
                assert decode_records(mine, tile.width) == decode_entries(theirs, tile.width)
        heads = [
            parse_checkpoint(parse_note(files[f"{FOLDER}/{name}"]).text)
            for name in ("checkpoint", "latest")
        ]
        assert [each.origin for each in heads] == [NAME, GO_ORIGIN]
        assert heads[0].head == heads[1].head

    def test_never_changes_what_is_immutable(self) -> None:
        files: dict[str, bytes] = {}
        for writes in history(600):
            for write in writes:
                assert files.get(write.path) == write.replaces
                files[write.path] = write.data
        mutable = {write.path for write in history(1)[0] if not write.immutable}
        assert mutable == {f"{FOLDER}/checkpoint", f"{FOLDER}/latest", LIST, f"{MODULE}/@latest"}
        kept = {write.path for writes in history(600) for write in writes if write.immutable}
        assert kept == set(files) - mutable

    def test_says_why_each_file_is_written(self) -> None:
        assert [(write.path.rpartition("/")[2], write.reason) for write in history(1)[0]] == [
            ("v1.0.0.zip", "the module's zip, which nothing points at yet"),
            ("v1.0.0.mod", "the module's mod, which nothing points at yet"),
            ("v1.0.0.info", "the module's info, which nothing points at yet"),
            ("supported", "tells the go command to ask here"),
            ("1", "hashes of level 0, for the go command"),
            ("1", "hashes of level 0, for C2SP clients"),
            ("1", "records, for the go command"),
            ("1", "records, for C2SP clients"),
            ("config@v1.0.0", "the record is out, with a head that has it"),
            ("checkpoint", "the log has the record from here on"),
            ("latest", "the same tree, for the go command's auditors"),
            ("list", "the version can be found"),
            ("@latest", "the newest version, where there is no list"),
        ]

    def test_keeps_the_newest_version_the_newest(self) -> None:
        store = site(20)
        assert store.files[f"{MODULE}/@latest"] == release(19).info
        assert planned(store, 7) == ()


class Endless(MemoryStore):
    """A site of any size, every record of which is the same: all its tiles can be worked out."""

    RECORD = release(0).record

    def __init__(self, size: int) -> None:
        super().__init__()
        self.hashes = [leaf_hash(self.RECORD)]
        for _ in range(63):
            self.hashes.append(node_hash(self.hashes[-1], self.hashes[-1]))
        self.bytes_read = 0
        head = TreeHead(size=size, root=root_hash(size, self.hash))
        self.files[f"{FOLDER}/checkpoint"] = sign_checkpoint(NAME, head, [KEY])
        self.files[f"{FOLDER}/latest"] = sign_checkpoint(GO_ORIGIN, head, [KEY])
        self.files[f"{FOLDER}/supported"] = b"supported\n"
        self.files[LIST] = b"v1.0.0\n"
        self.size = size

    def hash(self, wanted: Sequence[Node]) -> list[bytes]:
        return [self.hashes[node.level] for node in wanted]

    def read(self, path: str, /) -> bytes | None:
        data = super().read(path)
        if data is None and path.startswith(f"{FOLDER}/tile/8/"):
            tile = parse_go_path(path.removeprefix(f"{FOLDER}/"))
            last = (tile.index << 8) + tile.width
            if last << (8 * max(tile.level, 0)) <= self.size:
                data = (
                    encode_records([self.RECORD] * tile.width)
                    if tile.level == RECORDS
                    else b"".join(self.hash(nodes(tile)))
                )
        self.bytes_read += len(data or b"")
        return data


class TestCost:
    @pytest.mark.parametrize(
        "size",
        [n + d for n in (256, 2**16, 2**24, 2**40, 2**56) for d in (-1, 0, 1)] + [600, 2**62],
    )
    def test_grows_with_the_logarithm(self, size: int) -> None:
        store = Endless(size)
        writes = planned(store, 1)
        levels = (size.bit_length() + 7) // 8
        assert len(store.read_paths) == len(set(store.read_paths))
        assert len(store.read_paths) <= 3 * levels + 18
        assert len(writes) <= 2 * levels + 12
        most = 256 * (len(Endless.RECORD) + 2)
        assert store.bytes_read <= most + 8192 * (levels + 2) + 1000
        assert sum(len(write.data) for write in writes) <= 2 * (most + 8192 * (levels + 1)) + 2000

    def test_of_release_601_is_that_of_release_11(self) -> None:
        counts = []
        for size in (10, 600):
            store = site(size)
            store.read_paths.clear()
            counts.append((len(planned(store, size)), len(store.read_paths)))
        (few_writes, few_reads), (writes, reads) = counts
        assert writes == few_writes
        assert reads <= few_reads + 1


def test_a_tree_of_one_record_is_its_leaf() -> None:
    new = grow(0, [leaf_hash(release(0).record)], lambda _: ())
    head = parse_checkpoint(parse_note(site(1).files[f"{FOLDER}/checkpoint"]).text).head
    assert head == TreeHead(size=1, root=new[Node(0, 0)])
    assert site(1).files[f"{FOLDER}/{go_path(Tile(level=0, index=0, width=1))}"] == head.root
