"""Cosignatures: a real one verifies, and a quorum is made of different witnesses."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.tlog.cosignature import (
    Cosignature,
    TooFewWitnessesError,
    Witness,
    check_quorum,
    cosign,
    format_witness,
    parse_witness,
)
from chartconfig.tlog.note import (
    Note,
    Signature,
    UnverifiedNoteError,
    open_note,
    parse_note,
    parse_verifier,
    public_key,
    sign_note,
)
from chartconfig.tlog.text import LARGEST, MalformedLogError
from tests.tlog.sites import KEY, vectors

REAL = next(each for each in vectors("notes.json")["notes"] if "witnesses" in each)
TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
SEEDS = {name: bytes([number]) * 32 for number, name in enumerate(("w1", "w2", "w3"))}
WITNESSES = [Witness(name=name, public_key=public_key(seed)) for name, seed in SEEDS.items()]


def cosigned(*names: str, time: int = 1679315147) -> Note:
    note = parse_note(sign_note(TEXT, [KEY]))
    added = [cosign(TEXT, name=name, seed=SEEDS[name], time=time) for name in names]
    return dataclasses.replace(note, signatures=(*note.signatures, *added))


def test_a_real_one_verifies() -> None:
    note = parse_note(REAL["note"].encode())
    witnesses = [parse_witness(key) for key in REAL["witnesses"]]
    assert [format_witness(witness) for witness in witnesses] == REAL["witnesses"]
    found = check_quorum(note, witnesses, len(witnesses))
    assert [each.time for each in found] == REAL["times"]
    altered = dataclasses.replace(note, text=note.text.replace("1432088532", "1432088533"))
    with pytest.raises(
        UnverifiedNoteError, match=r"a cosignature of remora\.n621\.de does not verify"
    ):
        check_quorum(altered, witnesses, 1)


def test_a_witness_is_a_verifier_of_notes_too() -> None:
    witness = parse_witness(REAL["witnesses"][0])
    opened = open_note(REAL["note"].encode(), [witness, parse_verifier(REAL["keys"][0])])
    assert [each.name for each in opened.verified] == [
        "arche2025h1.staging.ct.transparency.dev",
        "remora.n621.de",
    ]


@given(st.integers(0, LARGEST))
def test_bears_its_time(time: int) -> None:
    note = cosigned("w2", time=time)
    assert check_quorum(note, WITNESSES, 1) == (Cosignature(witness=WITNESSES[1], time=time),)


def test_with_another_time_does_not_verify() -> None:
    signature = cosigned("w1").signatures[-1]
    for data in (bytes(8) + signature.data[8:], signature.data[8:], b"", signature.data + b"x"):
        assert not WITNESSES[0].verify(TEXT, data)
    assert WITNESSES[0].verify(TEXT, signature.data)


def test_with_a_time_beyond_2_to_the_63_does_not_verify() -> None:
    signature = cosign(TEXT, name="w1", seed=SEEDS["w1"], time=2**63)
    assert not WITNESSES[0].verify(TEXT, signature.data)


def test_is_no_plain_signature_and_none_is_a_cosignature() -> None:
    plain = sign_note(TEXT, [KEY])
    witness = Witness(name=KEY.name, public_key=KEY.verifier.public_key)
    assert witness.key_id != KEY.key_id
    with pytest.raises(UnverifiedNoteError, match="a note without a signature"):
        open_note(plain, [witness])
    assert not KEY.verifier.verify(TEXT, cosign(TEXT, name="a", seed=KEY.seed, time=0).data[8:])


class TestQuorum:
    @pytest.mark.parametrize("names", [(), ("w1",), ("w3", "w1"), ("w1", "w2", "w3")])
    def test_counts_witnesses(self, names: tuple[str, ...]) -> None:
        note = cosigned(*names)
        found = check_quorum(note, WITNESSES, len(names))
        assert [each.witness.name for each in found] == sorted(names)
        if len(names) < len(WITNESSES):
            message = f"that {len(names)} of 3 witnesses have cosigned, not {len(names) + 1}"
            with pytest.raises(TooFewWitnessesError, match=message):
                check_quorum(note, WITNESSES, len(names) + 1)

    def test_counts_a_witness_once_and_takes_its_last_word(self) -> None:
        note = cosigned("w1", "w1")
        newer = cosign(TEXT, name="w1", seed=SEEDS["w1"], time=1800000000)
        for order in ((*note.signatures, newer), (newer, *note.signatures)):
            twice = dataclasses.replace(note, signatures=order)
            (found,) = check_quorum(twice, WITNESSES, 1)
            assert found.time == 1800000000
            with pytest.raises(TooFewWitnessesError):
                check_quorum(twice, WITNESSES, 2)

    def test_does_not_count_the_log_or_strangers(self) -> None:
        with pytest.raises(
            TooFewWitnessesError, match="that 0 of 2 witnesses have cosigned, not 1"
        ):
            check_quorum(cosigned("w1"), WITNESSES[1:], 1)

    def test_is_spoilt_by_one_that_does_not_verify(self) -> None:
        note = cosigned("w1", "w2")
        bad = Signature(name="w3", key_id=WITNESSES[2].key_id, data=bytes(72))
        spoilt = dataclasses.replace(note, signatures=(*note.signatures, bad))
        with pytest.raises(UnverifiedNoteError, match="a cosignature of w3 does not verify"):
            check_quorum(spoilt, WITNESSES, 1)

    def test_cannot_be_of_one_key_under_two_names(self) -> None:
        double = Witness(name="other", public_key=WITNESSES[0].public_key)
        with pytest.raises(ValueError, match="two of the witnesses have the same key"):
            check_quorum(cosigned("w1"), [WITNESSES[0], double], 2)

    @pytest.mark.parametrize("quorum", [-1, 4])
    def test_cannot_be_more_than_there_are(self, quorum: int) -> None:
        with pytest.raises(ValueError, match=f"a quorum of {quorum} among 3 witnesses"):
            check_quorum(cosigned("w1"), WITNESSES, quorum)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("w1", "a witness's key that is not NAME+8 hexadecimal digits+base64"),
        (REAL["keys"][0], "that is not base64 of 0x04 and 32 bytes"),
        (REAL["witnesses"][0].replace("da77ade7", "da77ade8"), "'remora.n621.de' whose id is"),
    ],
)
def test_keys_are_refused(key: str, message: str) -> None:
    with pytest.raises(MalformedLogError, match=re.escape(message)):
        parse_witness(key)
