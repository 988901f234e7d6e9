"""Proof files: those of real logs hold, ours are read as they were written, altered ones fail."""

from __future__ import annotations

import base64
import dataclasses
import re
from typing import Any

import pytest

from chartconfig.tlog.checkpoint import GO_ORIGIN
from chartconfig.tlog.cosignature import TooFewWitnessesError, Witness, cosign
from chartconfig.tlog.note import (
    UnverifiedNoteError,
    format_note,
    parse_note,
    parse_verifier,
    public_key,
)
from chartconfig.tlog.proof import Proof, check_proof, format_proof, parse_proof, prove_record
from chartconfig.tlog.text import MalformedLogError
from chartconfig.tlog.tree import FailedProofError
from tests.tlog.sites import KEY, NAME, follower, key_of, release, site, vectors

REAL: list[dict[str, Any]] = vectors("inclusion.json")["proofs"]


def ours(size: int = 20, number: int = 13) -> Proof:
    reader = follower(site(size))
    reader.refresh()
    return reader.prove(reader.lookup(key_of(number)))


@pytest.mark.parametrize("vector", REAL)
def test_of_a_real_log_holds(vector: dict[str, Any]) -> None:
    key = parse_verifier(vector["key"])
    record = base64.b64decode(vector["record"])
    proof = Proof(
        index=vector["index"],
        hashes=tuple(map(base64.b64decode, vector["hashes"])),
        checkpoint=vector["checkpoint"].encode(),
    )
    for each in (proof, dataclasses.replace(proof, extra=record)):
        read = parse_proof(format_proof(each))
        assert read == each
        proven = check_proof(read, origin=key.name, verifiers=[key], record=record)
        assert (proven.index, proven.record) == (vector["index"], record)
    with pytest.raises(FailedProofError, match="the proof leads to another root"):
        check_proof(proof, origin=key.name, verifiers=[key], record=record + b"x")


def test_of_ours_says_what_it_proves() -> None:
    proof = ours()
    proven = check_proof(parse_proof(format_proof(proof)), origin=NAME, verifiers=[KEY.verifier])
    assert proven.index == 13
    assert proven.record == release(13).record
    assert proven.checkpoint.head.size == 20
    assert proven.cosignatures == ()


def test_of_the_only_record_has_no_hash() -> None:
    proof = ours(size=1, number=0)
    assert proof.hashes == ()
    assert parse_proof(format_proof(proof)) == proof
    assert check_proof(proof, origin=NAME, verifiers=[KEY.verifier]).index == 0


def test_does_not_hold_for_another_record_index_or_log() -> None:
    proof = ours()
    for altered in (
        dataclasses.replace(proof, extra=release(12).record),
        dataclasses.replace(proof, index=12),
        dataclasses.replace(proof, index=20),
        dataclasses.replace(proof, hashes=proof.hashes[:-1]),
        dataclasses.replace(proof, checkpoint=ours(size=19).checkpoint),
    ):
        with pytest.raises(FailedProofError, match="is not in the tree of size"):
            check_proof(altered, origin=NAME, verifiers=[KEY.verifier])
    with pytest.raises(FailedProofError, match="does not hold the record that it is of"):
        check_proof(dataclasses.replace(proof, extra=None), origin=NAME, verifiers=[KEY.verifier])
    for origin in ("other.example", GO_ORIGIN):
        with pytest.raises(UnverifiedNoteError, match=f"not of {origin}"):
            check_proof(proof, origin=origin, verifiers=[KEY.verifier])
    with pytest.raises(UnverifiedNoteError, match="without a signature of nobody"):
        check_proof(proof, origin=NAME, verifiers=[])


def test_asks_for_witnesses() -> None:
    proof = ours()
    note = parse_note(proof.checkpoint)
    witness = Witness(name="w.example", public_key=public_key(bytes(32)))
    signature = cosign(note.text, name="w.example", seed=bytes(32), time=1700000000)
    checkpoint = format_note(dataclasses.replace(note, signatures=(*note.signatures, signature)))
    cosigned = parse_proof(format_proof(dataclasses.replace(proof, checkpoint=checkpoint)))
    proven = check_proof(
        cosigned, origin=NAME, verifiers=[KEY.verifier], witnesses=[witness], quorum=1
    )
    assert [each.time for each in proven.cosignatures] == [1700000000]
    with pytest.raises(TooFewWitnessesError, match="that 0 of 1 witnesses have cosigned, not 1"):
        check_proof(proof, origin=NAME, verifiers=[KEY.verifier], witnesses=[witness], quorum=1)


def test_cannot_be_made_of_what_is_not_there() -> None:
    proof = ours()
    with pytest.raises(ValueError, match="there is no record 20 in a tree of size 20"):
        prove_record(20, release(20).record, proof.checkpoint, lambda _: [])


def test_is_refused() -> None:
    whole = format_proof(ours())
    header, extra, index, first, *_ = whole.split(b"\n")
    bad = {
        "that is not c2sp.org/tlog-proof@v1, an empty line, a checkpoint": [
            *(b"", b"\n\n", header, whole.replace(b"@v1", b"@v2")),
        ],
        "a proof file whose first lines are not ASCII": [
            *(whole.replace(index, b"\xff"), whole.replace(b"\n\n", b"\n")),
        ],
        "whose extra line is not base64 of something": [
            *(whole.replace(extra, b"extra "), whole.replace(extra, b"extra !")),
            *(whole.replace(extra, extra + b"="), whole.replace(extra, b"extra  " + extra[6:])),
        ],
        "a proof file without an index": [
            header + b"\n\n" + b"a",
            whole.replace(index, b"index 013"),
            whole.replace(index, b"index -1"),
            whole.replace(index, b"index\t13"),
            whole.replace(index, b"extra AAAA\nindex 13"),
            whole.replace(index + b"\n", b""),
        ],
        "with a hash that is not base64 of 32 bytes": [
            *(whole.replace(first, first[:-1]), whole.replace(first, first[4:])),
            whole.replace(first, b" " + first),
        ],
        "a proof file of 64 hashes, more than 63": [whole.replace(first, b"\n".join([first] * 60))],
        "a note without an empty line between text and signatures": [
            whole[: whole.rindex(b"\n\n")]
        ],
        "a checkpoint that is not three lines": [whole.replace(b"example.com/log\n20\n", b"a\n")],
        "a proof file of more than 2000000 bytes": [whole + b"a" * 2_000_000],
    }
    for message, files in bad.items():
        for data in files:
            with pytest.raises(MalformedLogError, match=re.escape(message)):
                parse_proof(data)


def test_cannot_be_written() -> None:
    proof = ours()
    for altered, message in (
        (dataclasses.replace(proof, index=-1), "this would be a proof file without an index"),
        (dataclasses.replace(proof, hashes=(b"short",)), "this would be a proof file with a hash"),
        (dataclasses.replace(proof, extra=b""), "whose extra line is not base64 of something"),
        (dataclasses.replace(proof, checkpoint=b"a"), "this would be a note without"),
    ):
        with pytest.raises(ValueError, match=message):
            format_proof(altered)
