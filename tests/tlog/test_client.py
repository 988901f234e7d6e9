"""Following a log: what is accepted, and each attack by its name."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from typing import TYPE_CHECKING

import pytest

from chartconfig.tlog.checkpoint import GO_ORIGIN, sign_checkpoint
from chartconfig.tlog.client import (
    Follower,
    Fork,
    ForkError,
    LaggingError,
    Log,
    RollbackError,
    check_fork,
    format_fork,
)
from chartconfig.tlog.cosignature import TooFewWitnessesError, Witness, cosign
from chartconfig.tlog.note import (
    UnverifiedNoteError,
    format_note,
    generate,
    parse_note,
    public_key,
    sign_note,
)
from chartconfig.tlog.record import Lookup, format_lookup, parse_lookup
from chartconfig.tlog.text import MalformedLogError
from chartconfig.tlog.tile import FULL, MissingLogFileError, Tile, go_path, parse_go_path
from chartconfig.tlog.tree import EMPTY_ROOT, FailedProofError, TreeHead
from tests.tlog.sites import KEY, LOG, NAME, follower, forked, key_of, release, site

if TYPE_CHECKING:
    from tests.fakes import MemoryStore

FOLDER = f"sumdb/{NAME}"
SIZES = [1, 2, 3, 20, 255, 256, 257, 300, 511, 512, 513, 600]
WITNESS = Witness(name="w.example", public_key=public_key(bytes(32)))
WITNESSED = Log(name=NAME, verifiers=(KEY.verifier,), witnesses=(WITNESS,), quorum=1)


@cache
def seen(size: int) -> bytes:
    """Return what a follower of a site with so many releases keeps."""
    reader = follower(site(size))
    reader.refresh()
    assert reader.note is not None
    return reader.note


def cosigned(store: MemoryStore) -> MemoryStore:
    """Return the site with its checkpoint cosigned."""
    note = parse_note(store.files[f"{FOLDER}/checkpoint"])
    signature = cosign(note.text, name=WITNESS.name, seed=bytes(32), time=1800000000)
    both = dataclasses.replace(note, signatures=(*note.signatures, signature))
    store.files[f"{FOLDER}/checkpoint"] = format_note(both)
    return store


class TestFollower:
    def test_starts_from_nothing(self) -> None:
        reader = follower(site(20))
        assert (reader.note, reader.head) == (None, TreeHead(size=0, root=EMPTY_ROOT))
        assert reader.refresh() == reader.head
        assert reader.head.size == 20
        assert reader.note in {
            site(20).files[f"{FOLDER}/latest"],
            site(20).files[f"{FOLDER}/checkpoint"],
        }

    @pytest.mark.parametrize("old", SIZES)
    def test_goes_on_from_any_tree_to_any_later_one(self, old: int) -> None:
        note = seen(old)
        for new in SIZES:
            if new >= old:
                reader = follower(site(new), note)
                assert reader.head.size == old
                assert reader.refresh().size == new

    def test_finds_every_record_where_it_is(self) -> None:
        reader = follower(site(600))
        reader.refresh()
        for number in (0, 1, 255, 256, 511, 512, 599):
            lookup = reader.lookup(key_of(number))
            assert (lookup.index, lookup.record) == (number, release(number).record)
        assert list(reader.records()) == [(n, release(n).record) for n in range(600)]
        assert list(reader.records(250, 260)) == [(n, release(n).record) for n in range(250, 260)]
        assert list(reader.records(598, 999)) == [(n, release(n).record) for n in (598, 599)]
        assert list(reader.records(600)) == []

    def test_needs_no_refresh_before_a_lookup(self) -> None:
        reader = follower(site(20))
        assert reader.lookup(key_of(3)).index == 3
        assert reader.head.size == 4

    def test_is_not_moved_back_by_the_head_of_an_old_lookup(self) -> None:
        reader = follower(site(20))
        reader.refresh()
        note = reader.note
        reader.lookup(key_of(3))
        assert (reader.note, reader.head.size) == (note, 20)

    def test_reads_a_tile_a_level_and_tells_which_may_be_kept(self) -> None:
        store = site(600)
        reader = follower(store)
        reader.refresh()
        reader.lookup(key_of(0))
        tiles = [path.partition(f"{NAME}/")[2] for path in store.read_paths if "/tile/" in path]
        assert tiles == ["tile/8/0/002.p/88", "tile/8/1/000.p/2", "tile/8/0/000", *tiles[3:]]
        assert set(reader.checked) == {
            Tile(level=0, index=2, width=88),
            Tile(level=1, index=0, width=2),
            Tile(level=0, index=0),
        }

    def test_does_without_partial_tiles_once_there_are_full_ones(self) -> None:
        store = site(600)
        for path in list(store.files):
            if "/tile/8/" in path and path.partition(f"{NAME}/")[2] != "":
                tile = parse_go_path(path.partition(f"{NAME}/")[2])
                if (
                    tile.width < FULL
                    and f"{FOLDER}/{go_path(dataclasses.replace(tile, width=FULL))}" in store.files
                ):
                    del store.files[path]
        reader = follower(store, seen(300))
        reader.refresh()
        assert reader.lookup(key_of(299)).index == 299
        older = Follower(LOG, store.log(NAME))
        older.merge(site(300).files[f"{FOLDER}/latest"])
        assert [number for number, _ in older.records(290)] == list(range(290, 300))


class TestRollback:
    def test_of_the_whole_site_is_refused(self) -> None:
        reader = follower(site(10), seen(20))
        message = "the log offers 10 records, of the 20 that it had before"
        with pytest.raises(RollbackError, match=message) as raised:
            reader.refresh()
        assert (raised.value.seen, raised.value.offered) == (20, 10)
        assert reader.head.size == 20

    def test_of_one_face_is_a_publication_under_way(self) -> None:
        store = site(20)
        store.files[f"{FOLDER}/latest"] = site(19).files[f"{FOLDER}/latest"]
        assert follower(store, seen(20)).refresh().size == 20
        with pytest.raises(RollbackError, match="the log offers 20 records, of the 21"):
            follower(store, seen(21)).refresh()


class TestFork:
    @pytest.mark.parametrize(
        ("mine", "theirs"), [(20, 20), (20, 30), (30, 20), (256, 300), (600, 513)]
    )
    def test_is_found_and_proven(self, mine: int, theirs: int) -> None:
        store = forked(theirs, 7)
        note = seen(mine)
        # One server has all the tiles of the larger tree, whichever it shows.
        files = site(mine) if mine > theirs else store
        reader = Follower(
            LOG, lambda path: (store if "tile" not in path else files).log(NAME)(path), note
        )
        what = f"the log has signed a tree of {max(mine, theirs)} records"
        message = f"{what} that does not continue its tree of {min(mine, theirs)}"
        with pytest.raises(ForkError, match=message) as raised:
            reader.refresh()
        fork = raised.value.fork
        check_fork(fork, LOG)
        offered = store.files[f"{FOLDER}/latest"]
        assert {fork.older, fork.newer} == {note, offered}
        shown = format_fork(fork)
        assert fork.older.decode() in shown
        assert fork.newer.decode() in shown
        assert reader.note == note

    @pytest.mark.parametrize("file", ["latest", "checkpoint"])
    @pytest.mark.parametrize("before", [False, True])
    def test_between_the_two_faces_is_found(self, file: str, *, before: bool) -> None:
        """Whichever of the two has the tiles, for it takes none to tell that both cannot be."""
        store = site(20)
        store.files[f"{FOLDER}/{file}"] = forked(20, 7).files[f"{FOLDER}/{file}"]
        with pytest.raises(ForkError, match="the log has signed a tree of 20 records") as raised:
            follower(store, seen(20) if before else None).refresh()
        check_fork(raised.value.fork, LOG)

    def test_in_a_lookup_is_found(self) -> None:
        store = site(20)
        reader = follower(store)
        reader.refresh()
        path = f"{FOLDER}/lookup/{key_of(9)}"
        store.files[path] = forked(10, 7).files[path]
        with pytest.raises(ForkError, match="of 20 records that does not continue its tree of 10"):
            reader.lookup(key_of(9))

    def test_is_not_shown_by_heads_of_one_tree(self) -> None:
        older, newer = seen(20), seen(30)
        reader = follower(site(30))
        reader.refresh()
        honest = Fork(older=older, newer=newer, root=bytes(32), proof=())
        with pytest.raises(FailedProofError, match="the proof has 0 hashes, not"):
            check_fork(honest, LOG)
        same = Fork(older=older, newer=older, root=bytes(32), proof=())
        with pytest.raises(FailedProofError, match="of size 20: the root is another"):
            check_fork(same, LOG)
        root = parse_lookup(site(20).files[f"{FOLDER}/lookup/{key_of(19)}"]).head
        assert root
        true = TreeHead(size=20, root=follower(site(20), older).head.root)
        with pytest.raises(FailedProofError, match="have the same beginning"):
            check_fork(dataclasses.replace(honest, root=true.root), LOG)

    def test_is_not_shown_by_heads_of_somebody_else(self) -> None:
        stranger = generate(NAME, bytes(32))
        head = TreeHead(size=20, root=bytes(32))
        note = sign_checkpoint(GO_ORIGIN, head, [stranger])
        fork = Fork(older=seen(20), newer=note, root=bytes(32), proof=())
        with pytest.raises(UnverifiedNoteError, match="a note without a signature of telemetry"):
            check_fork(fork, LOG)


class TestRefused:
    def test_the_head_of_another_log_or_key(self) -> None:
        stranger = generate(NAME, bytes(32)).verifier
        with pytest.raises(UnverifiedNoteError, match="a note without a signature of telemetry"):
            follower(site(3), log=Log(name=NAME, verifiers=(stranger,))).refresh()
        with pytest.raises(UnverifiedNoteError, match="a note without a signature of telemetry"):
            follower(site(3), seen(2), log=Log(name=NAME, verifiers=(stranger,)))

    def test_a_head_without_the_tiles_that_it_speaks_of(self) -> None:
        store = site(20)
        note = sign_checkpoint(NAME, TreeHead(size=20, root=bytes(32)), [KEY])
        store.files[f"{FOLDER}/checkpoint"] = store.files[f"{FOLDER}/latest"] = note
        for before in (None, seen(19)):
            reader = follower(store, before)
            with pytest.raises(FailedProofError, match="lead to another root than its head's"):
                reader.refresh()
            assert reader.note == before

    @pytest.mark.parametrize("path", ["latest", "checkpoint", "tile/8/0/000.p/20"])
    def test_a_site_without_a_file(self, path: str) -> None:
        store = site(20)
        del store.files[f"{FOLDER}/{path}"]
        with pytest.raises(MissingLogFileError, match=f"the log has no file {path}"):
            follower(store).refresh()

    def test_a_version_that_is_not_there(self) -> None:
        with pytest.raises(
            MissingLogFileError, match=re.escape("lookup/example.com/config@v1.20.0")
        ):
            follower(site(20)).lookup(key_of(20))

    def test_a_changed_record(self) -> None:
        store = site(20)
        path = f"{FOLDER}/lookup/{key_of(3)}"
        store.files[path] = store.files[path].replace(b"h1:", b"h1:A", 1)
        with pytest.raises(
            FailedProofError, match="record 3 is not the one that the log has signed"
        ):
            follower(store).lookup(key_of(3))

    @pytest.mark.parametrize("index", [0, 2])
    def test_a_record_that_is_said_to_stand_elsewhere(self, index: int) -> None:
        store = site(20)
        path = f"{FOLDER}/lookup/{key_of(3)}"
        lookup = dataclasses.replace(parse_lookup(store.files[path]), index=index)
        store.files[path] = format_lookup(lookup)
        message = f"record {index} is not the one that the log has signed"
        with pytest.raises(FailedProofError, match=message):
            follower(store).lookup(key_of(3))

    def test_a_record_that_the_head_beside_it_does_not_have(self) -> None:
        store = site(20)
        path = f"{FOLDER}/lookup/{key_of(19)}"
        head = parse_lookup(store.files[f"{FOLDER}/lookup/{key_of(3)}"]).head
        lookup = Lookup(index=19, record=release(19).record, head=head)
        store.files[path] = format_lookup(lookup)
        reader = follower(store)
        reader.refresh()
        with pytest.raises(FailedProofError, match="is record 19, of a tree of 4 records"):
            reader.lookup(key_of(19))

    @pytest.mark.parametrize("width", [20, 256])
    def test_a_bundle_with_another_record(self, width: int) -> None:
        size = max(width, 20)
        store = site(size)
        path = f"{FOLDER}/{go_path(Tile(level=-1, index=0, width=width))}"
        store.files[path] = store.files[path].replace(b"v1.7.0", b"v1.8.0", 1)
        reader = follower(store)
        reader.refresh()
        with pytest.raises(FailedProofError, match="record 7 is not the one that the log has"):
            list(reader.records())
        assert len(list(reader.records(8))) == size - 8
        del store.files[path]
        with pytest.raises(MissingLogFileError, match="tile/8/data/000"):
            list(reader.records())
        store.files[path] = b""
        with pytest.raises(MalformedLogError, match=f"a bundle that is not {width} records"):
            list(reader.records())


class TestWitnesses:
    def test_must_have_cosigned_what_is_accepted(self) -> None:
        reader = follower(site(20), log=WITNESSED)
        with pytest.raises(
            TooFewWitnessesError, match="that 0 of 1 witnesses have cosigned, not 1"
        ):
            reader.refresh()
        assert reader.note is None
        store = cosigned(site(20))
        reader = follower(store, log=WITNESSED)
        assert reader.refresh().size == 20
        assert reader.note == store.files[f"{FOLDER}/checkpoint"]
        assert reader.lookup(key_of(19)).index == 19

    def test_keep_a_newer_head_from_being_accepted(self) -> None:
        store = cosigned(site(20))
        reader = follower(store, log=WITNESSED)
        reader.refresh()
        store.files |= {
            path: data for path, data in site(21).files.items() if not path.endswith("checkpoint")
        }
        path = "lookup/example.com/config@v1.20.0"
        message = re.escape(f"checkpoint lags behind {path}: it has 20 records, of 21")
        with pytest.raises(LaggingError, match=message):
            reader.lookup(key_of(20))
        assert reader.head.size == 20

    @pytest.mark.parametrize("size", [19, 21])
    def test_do_not_hide_a_fork_at_the_first_contact(self, size: int) -> None:
        """The head that they have not cosigned is compared with the one that they have."""
        store, other = cosigned(site(20)), forked(size, 7)
        store.files |= {path: data for path, data in other.files.items() if path.endswith("/21")}
        store.files[f"{FOLDER}/latest"] = other.files[f"{FOLDER}/latest"]
        with pytest.raises(ForkError, match=f"a tree of {max(size, 20)} records that does not"):
            follower(store, log=WITNESSED).refresh()

    def test_do_not_hide_a_fork(self) -> None:
        reader = follower(cosigned(site(20)), log=WITNESSED)
        reader.refresh()
        with pytest.raises(ForkError, match="the log has signed a tree of 20 records"):
            reader.merge(forked(20, 7).files[f"{FOLDER}/latest"])

    def test_are_asked_for_a_proof_too(self) -> None:
        reader = follower(site(20), log=LOG)
        lookup = reader.lookup(key_of(3))
        with pytest.raises(TooFewWitnessesError, match="that 0 of 1 witnesses"):
            follower(site(20), log=WITNESSED).prove(lookup)


class TestProof:
    def test_cannot_be_made_under_an_older_checkpoint(self) -> None:
        store = site(20)
        store.files[f"{FOLDER}/checkpoint"] = site(19).files[f"{FOLDER}/checkpoint"]
        reader = follower(store)
        lookup = reader.lookup(key_of(19))
        told = re.escape("checkpoint lags behind latest: it has 19 records, of 20")
        with pytest.raises(LaggingError, match=told):
            reader.prove(lookup)
        proof = reader.prove(reader.lookup(key_of(5)))
        assert proof.checkpoint == store.files[f"{FOLDER}/checkpoint"]

    def test_is_of_the_record_that_is_there(self) -> None:
        reader = follower(site(20))
        lookup = dataclasses.replace(reader.lookup(key_of(3)), record=release(4).record)
        with pytest.raises(FailedProofError, match="record 3 is not the one"):
            reader.prove(lookup)


class TestCompare:
    def test_accepts_a_head_of_the_same_tree(self) -> None:
        reader = follower(site(20))
        reader.refresh()
        for size in (1, 19, 20):
            for name in ("latest", "checkpoint"):
                reader.compare(site(size).files[f"{FOLDER}/{name}"])
        assert reader.head.size == 20

    def test_refuses_a_newer_head(self) -> None:
        reader = follower(site(20))
        reader.refresh()
        with pytest.raises(RollbackError, match="the log offers 20 records, of the 21 that it had"):
            reader.compare(site(21).files[f"{FOLDER}/latest"])

    def test_refuses_a_head_of_another_tree(self) -> None:
        reader = follower(site(20))
        reader.refresh()
        with pytest.raises(ForkError):
            reader.compare(forked(12, 7).files[f"{FOLDER}/latest"])


def test_the_same_tree_is_kept_as_it_is_signed_now() -> None:
    store = site(20)
    before = follower(store)
    before.refresh()
    path = f"{FOLDER}/checkpoint"
    note = parse_note(store.files[path])
    store.files[path] = sign_note(note.text, [generate(NAME, b"n" * 32), KEY])
    after = follower(store, before.note)
    assert after.refresh() == before.head
    assert after.note == store.files[path] != before.note
