"""Who signs a published site: cosignatures stay, and a log changes its key."""

from __future__ import annotations

import dataclasses

import pytest

from chartconfig.tlog.client import Log
from chartconfig.tlog.cosignature import cosign
from chartconfig.tlog.note import UnverifiedNoteError, format_note, generate, parse_note
from chartconfig.tlog.publish import plan, resign
from chartconfig.tlog.record import parse_lookup
from chartconfig.tlog.tile import MissingLogFileError
from tests.fakes import MemoryStore, StoppedError
from tests.tlog.sites import KEY, NAME, follower, key_of, planned, release, site

FOLDER = f"sumdb/{NAME}"
NEW_KEY = generate(NAME, b"n" * 32)


class TestCosignatures:
    def test_are_not_lost_by_planning_again(self) -> None:
        store = site(20)
        path = f"{FOLDER}/checkpoint"
        note = parse_note(store.files[path])
        signature = cosign(note.text, name="w.example", seed=bytes(32), time=1)
        both = dataclasses.replace(note, signatures=(*note.signatures, signature))
        store.files[path] = format_note(both)
        assert planned(store, 19) == ()
        writes = planned(store, 20)
        (checkpoint,) = [write for write in writes if write.path == path]
        assert checkpoint.replaces == format_note(both)
        assert len(parse_note(checkpoint.data).signatures) == 1


class TestNewKey:
    OLD = Log(name=NAME, verifiers=(KEY.verifier,))
    NEW = Log(name=NAME, verifiers=(NEW_KEY.verifier,))

    def lookups(self, store: MemoryStore) -> list[str]:
        return [path for path in store.files if "/lookup/" in path]

    def test_signs_with_the_old_one_then_alone(self) -> None:
        store = site(20)
        before = follower(store)
        before.refresh()
        # 1. Both sign what is new, and what there is.
        store.perform(planned(store, 20, signers=[KEY, NEW_KEY]))
        store.perform(
            resign(
                self.lookups(store),
                name=NAME,
                signers=[KEY, NEW_KEY],
                store=store,
                verifiers=[KEY.verifier],
            )
        )
        for log in (self.OLD, self.NEW):
            reader = follower(store, before.note if log is self.OLD else None, log)
            assert reader.refresh().size == 21
            assert {reader.lookup(key_of(number)).index for number in range(21)} == set(range(21))
        # 2. The new one alone.
        resigned = resign(
            self.lookups(store),
            name=NAME,
            signers=[NEW_KEY],
            store=store,
            verifiers=[KEY.verifier],
        )
        store.perform(resigned)
        store.perform(planned(store, 21, signers=[NEW_KEY]))
        reader = follower(store, reader.note, self.NEW)
        assert reader.refresh().size == 22
        assert reader.lookup(key_of(0)).index == 0
        with pytest.raises(UnverifiedNoteError, match="a note without a signature of telemetry"):
            follower(store, before.note, self.OLD).refresh()

    def test_is_the_same_tree_and_keeps_cosignatures(self) -> None:
        store = site(3)
        path = f"{FOLDER}/checkpoint"
        note = parse_note(store.files[path])
        signature = cosign(note.text, name="w.example", seed=bytes(32), time=1)
        both = dataclasses.replace(note, signatures=(*note.signatures, signature))
        store.files[path] = format_note(both)
        writes = resign(
            self.lookups(store),
            name=NAME,
            signers=[NEW_KEY],
            store=store,
            verifiers=[KEY.verifier],
        )
        assert len(writes) == 3 + 2
        assert not any(write.immutable for write in writes)
        for write in writes:
            assert write.replaces == store.files[write.path]
            before, after = (
                parse_lookup(data).head if "/lookup/" in write.path else data
                for data in (store.files[write.path], write.data)
            )
            assert parse_note(before).text == parse_note(after).text
        (checkpoint,) = [write for write in writes if write.path == path]
        assert parse_note(checkpoint.data).signatures[1:] == (signature,)
        store.perform(writes)
        again = resign(
            self.lookups(store),
            name=NAME,
            signers=[NEW_KEY],
            store=store,
            verifiers=[NEW_KEY.verifier],
        )
        assert again == ()

    def test_cannot_replace_one_that_nobody_knows(self) -> None:
        with pytest.raises(UnverifiedNoteError, match="a note without a signature of telemetry"):
            planned(site(3), 3, signers=[NEW_KEY])
        store = site(3)
        writes = plan(
            release(3), name=NAME, signers=[NEW_KEY], store=store, verifiers=[KEY.verifier]
        )
        store.perform(writes)
        assert follower(store, log=self.NEW).refresh().size == 4

    def test_after_a_stop_keeps_the_lookup_that_is_out(self) -> None:
        store = site(20)
        store.stop_after = next(
            number for number, each in enumerate(planned(store, 20)) if "/lookup/" in each.path
        )
        with pytest.raises(StoppedError):
            store.perform(planned(store, 20))
        store.stop_after = None
        store.perform(planned(store, 20, signers=[KEY, NEW_KEY]))
        assert follower(store).lookup(key_of(20)).index == 20
        assert follower(store, log=self.NEW).refresh().size == 21

    def test_does_not_lose_a_file(self) -> None:
        store = site(3)
        with pytest.raises(MissingLogFileError, match="the log has no file a"):
            resign(["a"], name=NAME, signers=[KEY], store=store, verifiers=[KEY.verifier])
