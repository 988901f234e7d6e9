"""Records: as lookups and in bundles, read as they were written and in no other way."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.tlog.record import (
    Lookup,
    decode_entries,
    decode_records,
    encode_entries,
    encode_records,
    format_lookup,
    parse_lookup,
    why_malformed,
)
from chartconfig.tlog.text import LARGEST, MalformedLogError
from tests.tlog.sites import vectors

LOOKUP: bytes = next(
    each["lookup"] for each in vectors("notes.json")["notes"] if "lookup" in each
).encode()
HEAD = parse_lookup(LOOKUP).head
RECORD = b"example.com/config v1.0.0 h1:\nexample.com/config v1.0.0/go.mod h1:\n"

lines = st.text(st.characters(exclude_categories=["Cs"], min_codepoint=0x20), min_size=1)
records = st.lists(lines, min_size=1).map(
    lambda several: "".join(f"{line}\n" for line in several).encode()
)
bundles = st.lists(records, min_size=1, max_size=8)


class TestRecord:
    @given(records)
    def test_may_be_any_lines(self, record: bytes) -> None:
        assert why_malformed(record) is None

    def test_may_be_as_long_as_its_length_fits_two_bytes(self) -> None:
        assert why_malformed(b"a" * 65534 + b"\n") is None
        assert why_malformed(b"a" * 65535 + b"\n") == "more than 65535 bytes"

    @pytest.mark.parametrize(
        ("record", "reason"),
        [
            (b"", "no newline at the end"),
            (b"a", "no newline at the end"),
            (b"\n", "an empty line"),
            (b"a\n\n", "an empty line"),
            (b"\na\n", "an empty line"),
            (b"a\r\n", r"the control '\r'"),
            (b"a\tb\n", r"the control '\t'"),
            (b"\xff\n", "bytes that are not UTF-8"),
        ],
    )
    def test_is_malformed(self, record: bytes, reason: str) -> None:
        assert why_malformed(record) == reason
        for encode in (encode_records, encode_entries):
            with pytest.raises(ValueError, match=re.escape(f"a record with {reason}")):
                encode([RECORD, record])


class TestLookup:
    def test_of_others_is_read(self) -> None:
        lookup = parse_lookup(LOOKUP)
        assert lookup.index == 19383665
        assert lookup.record.startswith(b"golang.org/x/text v0.13.0 h1:ablQo")
        assert lookup.head.startswith(b"go.sum database tree\n19777102\n")
        assert format_lookup(lookup) == LOOKUP

    @given(st.integers(0, LARGEST), records)
    def test_is_read_as_it_was_written(self, index: int, record: bytes) -> None:
        lookup = Lookup(index=index, record=record, head=HEAD)
        assert parse_lookup(format_lookup(lookup)) == lookup

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "a lookup of record b'', which is no index"),
            (b"0x1\n" + RECORD + b"\n" + HEAD, "a lookup of record b'0x1', which is no index"),
            (b"01\n" + RECORD + b"\n" + HEAD, "a lookup of record b'01', which is no index"),
            (b"\xb2\n" + RECORD + b"\n" + HEAD, "a lookup of record b'\\xb2', which is no index"),
            (b"-1\n" + RECORD + b"\n" + HEAD, "a lookup of record b'-1', which is no index"),
            (b"%d\n" % 2**63 + RECORD + b"\n" + HEAD, "a lookup of record b'9223372036854775808'"),
            (b"1\n" + RECORD, "a lookup without an empty line after the record"),
            (b"1\n\n\n" + HEAD, "a lookup whose record has an empty line"),
            (b"1\na\tb\n\n" + HEAD, r"a lookup whose record has the control '\t'"),
            (b"1\n" + RECORD + b"\n", "a note without an empty line between text and"),
            (b"1\n" + RECORD + b"\n\n" + HEAD[:-1], "a note that does not end in a newline"),
        ],
    )
    def test_is_refused(self, data: bytes, message: str) -> None:
        with pytest.raises(MalformedLogError, match=re.escape(message)):
            parse_lookup(data)

    @pytest.mark.parametrize(
        ("lookup", "message"),
        [
            (Lookup(index=-1, record=RECORD, head=HEAD), "this would be a lookup of record b'-1'"),
            (Lookup(index=0, record=b"a\n\nb\n", head=HEAD), "would be read as another"),
            (Lookup(index=0, record=RECORD, head=b"no note"), "this would be a note without"),
        ],
    )
    def test_cannot_be_written(self, lookup: Lookup, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            format_lookup(lookup)


class TestBundles:
    @given(bundles)
    def test_are_read_as_they_were_written(self, bundle: list[bytes]) -> None:
        width = len(bundle)
        assert decode_records(encode_records(bundle), width) == tuple(bundle)
        assert decode_entries(encode_entries(bundle), width) == tuple(bundle)

    @given(bundles, st.integers(0, 10))
    def test_have_one_number_of_records(self, bundle: list[bytes], width: int) -> None:
        if width == len(bundle):
            return
        with pytest.raises(MalformedLogError, match=f"that is not {width} records with an empty"):
            decode_records(encode_records(bundle), width)
        with pytest.raises(MalformedLogError, match=f"that is not {width} records with their"):
            decode_entries(encode_entries(bundle), width)

    def test_are_these_bytes(self) -> None:
        assert encode_records([b"a\n", b"b\nc\n"]) == b"a\n\nb\nc\n\n"
        assert encode_entries([b"a\n", b"b\nc\n"]) == b"\x00\x02a\n\x00\x04b\nc\n"
        assert encode_entries([b"a" * 255 + b"\n"])[:2] == b"\x01\x00"

    @pytest.mark.parametrize("data", [b"a\n", b"a\n\n\n", b"\n\n", b"a\n\nb", b"", b"a\x00\n\n"])
    def test_for_go_are_refused(self, data: bytes) -> None:
        with pytest.raises(MalformedLogError, match="a bundle"):
            decode_records(data, 1)

    @pytest.mark.parametrize(
        "data",
        [b"", b"\x00", b"\x00\x02a", b"\x00\x01a\n", b"\x00\x00", b"\x00\x02a\nx", b"\x00\x02\n\n"],
    )
    def test_for_c2sp_are_refused(self, data: bytes) -> None:
        with pytest.raises(MalformedLogError, match="a bundle"):
            decode_entries(data, 1)
