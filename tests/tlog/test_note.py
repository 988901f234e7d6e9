"""Notes and keys: those of others verify, ours are the same bytes, altered ones are refused."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chartconfig.tlog.note import (
    Note,
    Signature,
    Signer,
    UnverifiedNoteError,
    Verifier,
    format_note,
    format_signer,
    format_verifier,
    generate,
    open_note,
    parse_note,
    parse_signer,
    parse_verifier,
    sign_note,
    why_invalid_name,
    why_unpublishable_name,
)
from chartconfig.tlog.text import MalformedLogError
from tests.tlog.sites import vectors

NOTES: list[dict[str, Any]] = vectors("notes.json")["notes"]
PETER = NOTES[1]["note"].encode()
PETERS_KEY = parse_verifier(NOTES[1]["keys"][0])
SIGNATURE = PETER[PETER.rindex("—".encode()) :].decode()
SEED = bytes(range(32))
GO_SPACES = {
    *map(chr, [0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B)]),
    *map(chr, [0x2028, 0x2029, 0x202F, 0x205F, 0x3000]),
}
"""What Go's unicode.IsSpace says yes to: its documentation, and White_Space of Unicode."""

names = st.text(
    st.characters(exclude_characters="+", exclude_categories=("Cs", "Cc", "Z")), min_size=1
).filter(lambda name: why_invalid_name(name) is None)
lines = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"))
texts = st.lists(lines.filter(lambda line: not any(c < " " for c in line)), min_size=1).map(
    lambda several: "".join(f"{line}\n" for line in several)
)
signatures = st.builds(
    Signature,
    name=names,
    key_id=st.binary(min_size=4, max_size=4),
    data=st.binary(min_size=1, max_size=80),
)
notes = st.builds(
    Note, text=texts, signatures=st.lists(signatures, min_size=1, max_size=5).map(tuple)
)


class TestNotesOfOthers:
    @pytest.mark.parametrize("vector", NOTES, ids=range(len(NOTES)))
    def test_open_with_their_keys_and_have_the_same_bytes(self, vector: dict[str, Any]) -> None:
        data = vector["note"].encode()
        opened = open_note(data, [parse_verifier(key) for key in vector["keys"]])
        assert len(opened.verified) == len(vector["keys"])
        assert format_note(opened.note) == data

    @pytest.mark.parametrize("vector", NOTES, ids=range(len(NOTES)))
    def test_do_not_open_once_any_bit_of_the_text_is_another(self, vector: dict[str, Any]) -> None:
        keys = [parse_verifier(key) for key in vector["keys"]]
        data = bytearray(vector["note"].encode())
        for at in range(data.rindex(b"\n\n")):
            data[at] ^= 1
            with pytest.raises((UnverifiedNoteError, MalformedLogError)):
                open_note(bytes(data), keys)
            data[at] ^= 1

    def test_are_what_we_make_with_their_key(self) -> None:
        signer = parse_signer(NOTES[1]["signer"])
        text, _, _ = NOTES[1]["note"].rpartition("\n\n")
        assert sign_note(text + "\n", [signer]) == PETER
        assert signer.verifier == PETERS_KEY
        assert format_signer(signer) == NOTES[1]["signer"]


class TestNote:
    @given(notes)
    def test_is_read_as_it_was_written(self, note: Note) -> None:
        assert parse_note(format_note(note)) == note

    @given(texts, st.lists(names, min_size=1, max_size=3, unique=True))
    @example("\n", ["a"])
    @example("text\n\n\n", ["a"])
    def test_opens_with_the_key_of_any_who_signed(self, text: str, signers: list[str]) -> None:
        keys = [Signer(name=name, seed=SEED) for name in signers]
        data = sign_note(text, keys)
        assert data == sign_note(text, keys)
        for key in keys:
            opened = open_note(data, [key.verifier])
            assert opened.note.text == text
            assert [each.name for each in opened.verified] == [key.name]

    def test_keeps_signatures_of_others_which_count_for_nothing(self) -> None:
        data = NOTES[2]["note"].encode()
        opened = open_note(data, [PETERS_KEY])
        assert [each.name for each in opened.note.signatures] == ["PeterNeumann", "EnochRoot"]
        assert [each.name for each in opened.verified] == ["PeterNeumann"]

    def test_is_not_believed_without_a_signature_of_who_is_trusted(self) -> None:
        stranger = generate("stranger.example", SEED).verifier
        message = "a note without a signature of stranger.example"
        with pytest.raises(UnverifiedNoteError, match=re.escape(message)) as raised:
            open_note(PETER, [stranger])
        assert raised.value.note == parse_note(PETER)
        with pytest.raises(UnverifiedNoteError, match="without a signature of nobody"):
            open_note(PETER, [])

    def test_is_spoilt_by_one_bad_signature_of_who_is_trusted(self) -> None:
        note = parse_note(PETER)
        bad = Signature(name="PeterNeumann", key_id=PETERS_KEY.key_id, data=bytes(64))
        message = re.escape("a signature of PeterNeumann+c74f20a3 does not verify")
        for order in ((*note.signatures, bad), (bad, *note.signatures)):
            data = format_note(Note(text=note.text, signatures=order))
            with pytest.raises(UnverifiedNoteError, match=message):
                open_note(data, [PETERS_KEY])

    def test_needs_both_name_and_id_to_know_a_key(self) -> None:
        note = parse_note(PETER)
        (signature,) = note.signatures
        for other in (
            Signature(name="Peter", key_id=signature.key_id, data=signature.data),
            Signature(name=signature.name, key_id=b"\0\0\0\0", data=signature.data),
        ):
            data = format_note(Note(text=note.text, signatures=(other,)))
            with pytest.raises(UnverifiedNoteError, match="without a signature of PeterNeumann"):
                open_note(data, [PETERS_KEY])

    def test_cannot_be_opened_with_two_keys_of_one_name_and_id(self) -> None:
        class Impostor(Verifier):
            key_id = PETERS_KEY.key_id

        impostor = Impostor(name="PeterNeumann", public_key=bytes(32))
        with pytest.raises(
            ValueError, match=re.escape("two keys are called PeterNeumann+c74f20a3")
        ):
            open_note(PETER, [PETERS_KEY, impostor])
        assert open_note(PETER, [PETERS_KEY, PETERS_KEY]).verified

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "a note without an empty line between text and signatures"),
            (PETER.replace(b"\n\n", b"\n"), "a note without an empty line"),
            (PETER[:-1], "a note that does not end in a newline"),
            (PETER + b"\n", "a note with 0 signatures, not 1 to 100"),
            (b"\xff" + PETER, "a note that is not UTF-8"),
            (PETER.replace(b"\n", b"\r\n"), r"a note with the control '\\r'"),
            (b"\x00" + PETER, r"a note with the control '\\x00'"),
            (PETER + b"And more.\n", "a line below a note that is no signature"),
            (PETER.replace("— ".encode(), b"- "), "a line below a note that is no signature"),
            (PETER.replace(b"PeterN", b"Peter+N"), "a signature under 'Peter.Neumann'"),
            (PETER.replace(b"PeterNeumann", b""), "a signature under '', which is no name"),
            (PETER.replace(b"nAM=", b"nAN="), "a signature of 'PeterNeumann' that is not base64"),
            (PETER.replace(b"nAM=", b"nAM"), "a signature of 'PeterNeumann' that is not base64"),
            (b"a\n\n\xe2\x80\x94 a AAAAAA==\n", "a signature of 'a' that is not base64 of 5"),
            (b"a\n\n\xe2\x80\x94 a\n", "a signature of 'a' that is not base64 of 5"),
            (PETER + SIGNATURE.encode() * 100, "a note with 101 signatures, not 1 to 100"),
            (b"a" * 1_000_001, "a note of more than 1000000 bytes"),
        ],
    )
    def test_is_refused(self, data: bytes, message: str) -> None:
        with pytest.raises(MalformedLogError, match=message):
            parse_note(data)

    def test_may_have_100_signatures(self) -> None:
        assert len(parse_note(PETER + SIGNATURE.encode() * 99).signatures) == 100

    @pytest.mark.parametrize(
        ("note", "message"),
        [
            (Note(text="no newline", signatures=()), "this would be a note with"),
            (Note(text="a\n", signatures=()), "this would be a note"),
            (
                Note(
                    text="a",
                    signatures=(Signature(name="a", key_id=b"1234", data=b"5"),),
                ),
                "this would be a note without an empty line",
            ),
            (
                Note(
                    text="a\n",
                    signatures=(Signature(name="a", key_id=b"123", data=b"456"),),
                ),
                "this note would be read as another",
            ),
        ],
    )
    def test_cannot_be_written(self, note: Note, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            format_note(note)


class TestKeys:
    @given(names, st.binary(min_size=32, max_size=32))
    def test_are_read_as_they_were_written(self, name: str, seed: bytes) -> None:
        signer = Signer(name=name, seed=seed)
        assert parse_signer(format_signer(signer)) == signer
        assert parse_verifier(format_verifier(signer.verifier)) == signer.verifier

    @pytest.mark.parametrize("key", [NOTES[0]["keys"][0], NOTES[1]["keys"][0]])
    def test_are_refused_with_any_character_changed_or_left_out(self, key: str) -> None:
        for at, char in enumerate(key):
            for other in (chr(ord(char) + 1), ""):
                with pytest.raises(MalformedLogError):
                    parse_verifier(key[:at] + other + key[at + 1 :])

    def test_are_refused_in_pieces(self) -> None:
        key: str = NOTES[1]["signer"]
        pieces = {key[:at] for at in range(len(key))} | {key[at:] for at in range(1, len(key))}
        for piece in pieces:
            with pytest.raises(MalformedLogError) as raised:
                parse_signer(piece)
            assert "KFALVFGy" not in str(raised.value)

    @pytest.mark.parametrize(
        ("key", "message"),
        [
            (
                "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
                "a verifier key of 'PeterNeumann' that is not base64 of 0x01 and 32 bytes",
            ),
            (
                "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                "a verifier key of 'PeterNeumann' that is not base64 of 0x01 and 32 bytes",
            ),
            (
                "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                "a verifier key of 'PeterNeumann' whose id is another key's",
            ),
            (
                "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                "a verifier key that is not NAME+8 hexadecimal digits+base64",
            ),
            ("\ud800+c74f20a3+AQ==", "a verifier key that is not NAME+8"),
        ],
    )
    def test_are_refused(self, key: str, message: str) -> None:
        with pytest.raises(MalformedLogError, match=re.escape(message)):
            parse_verifier(key)

    def test_are_not_mixed_up(self) -> None:
        with pytest.raises(MalformedLogError, match="a signer key that does not begin with"):
            parse_signer(NOTES[1]["keys"][0])
        with pytest.raises(MalformedLogError, match="a verifier key that is not NAME"):
            parse_verifier(NOTES[1]["signer"])
        other = NOTES[1]["signer"].replace("c74f20a3", "c74f20a4")
        with pytest.raises(MalformedLogError, match="a signer key of 'PeterNeumann' whose id"):
            parse_signer(other)

    def test_do_not_show_their_secret(self) -> None:
        signer = generate("example.com/log", SEED)
        assert repr(signer) == "Signer(name='example.com/log')"

    def test_are_made_for_names_that_the_go_command_can_use(self) -> None:
        with pytest.raises(ValueError, match=r"no log can be called 'example\.com/': it is not a"):
            generate("example.com/", SEED)
        with pytest.raises(ValueError, match="a seed of 31 bytes instead of 32"):
            generate("example.com", SEED[:31])


class TestNames:
    def test_have_no_space_that_go_knows(self) -> None:
        refused = {c for c in map(chr, range(sys.maxunicode + 1)) if why_invalid_name(c)}
        assert refused == GO_SPACES | {"+"} | set(map(chr, range(32)))

    @pytest.mark.parametrize(
        "name",
        ["example.com", "localhost/log", "a.b-c.example/Config/v2_x~1", "127.0.0.1"],
    )
    def test_publishable(self, name: str) -> None:
        assert why_unpublishable_name(name) is None

    @pytest.mark.parametrize(
        "name",
        [
            *("", "a b", "a+b", "https://a", "a/", "/a", "a//b", "a/../b", "./a", "..", "a%20b"),
            *("A.example", "a\n", "é.example", "a:0/b", "a:80", "a:b", "a/b:c", "a@b", "a?b"),
        ],
    )
    def test_unpublishable(self, name: str) -> None:
        assert why_unpublishable_name(name)


def test_cryptography_waits_until_something_is_signed_or_verified() -> None:
    modules = ("client", "publish", "proof", "cosignature")
    imports = "; ".join(f"import chartconfig.tlog.{module}" for module in modules)
    program = f"import sys; {imports}; sys.exit('cryptography' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
