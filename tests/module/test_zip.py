"""The zip of a module: the same bytes everywhere, and for Go the same files."""

from __future__ import annotations

import io
import zipfile
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.module.dirhash import hash_module
from chartconfig.module.zip import decode_zip, encode_zip
from tests.module.zips import MODULE, PREFIX, VERSION, Part, both, build, streamed
from tests.oracle.go_json import go_zips

SMALL = {
    "go.mod": f"module {MODULE}\n".encode(),
    "config.json": b"{}",
    "README.md": b"",
    "docs/a.b/c": b"\x00" * 1000,
}
CHARACTERS = st.sampled_from("abXY019.-_~+!#$%&(),=@[]^{}")
NAMES = st.lists(
    st.text(CHARACTERS, min_size=1, max_size=8).map(lambda part: part.rstrip(".") or "x"),
    min_size=1,
    max_size=3,
).map("/".join)
FILES = st.dictionaries(NAMES, st.binary(max_size=200), min_size=1, max_size=8)


def encode(files: dict[str, bytes]) -> bytes:
    return encode_zip(files, module=MODULE, version=VERSION)


def encode_or_none(files: dict[str, bytes]) -> bytes | None:
    """Return the zip, or None for names that cannot be together: those are for the next file."""
    try:
        return encode(files)
    except ValueError as error:
        known = (" differ in case only", " is both a file and a folder")
        assert str(error).endswith(known)  # noqa: PT017 - either outcome is right
        return None


def decode(data: bytes) -> dict[str, bytes]:
    return decode_zip(data, module=MODULE, version=VERSION)


def test_its_bytes_are_these() -> None:
    files = {"go.mod": b"module example.com/telemetry/Config\n", "config.json": b"{}"}
    data = encode(files)
    assert sha256(data).hexdigest() == (
        "05f5d260d4a60bf519a443e0c81963060ac71613e1e6f830241e9d86b38392c8"
    )
    assert data == build(*(Part(name=name, data=files[name]) for name in sorted(files)))


@given(FILES)
def test_python_would_write_the_same_bytes(files: dict[str, bytes]) -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as zip_file:
        for name in sorted(files):
            entry = zipfile.ZipInfo(PREFIX + name)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            zip_file.writestr(entry, files[name])
    assert encode_or_none(files) in (written.getvalue(), None)


def test_files_come_back() -> None:
    assert decode(encode(SMALL)) == SMALL
    assert list(decode(encode(SMALL))) == sorted(SMALL)
    assert encode(dict(reversed(SMALL.items()))) == encode(SMALL)


def test_python_reads_regular_files_of_1980() -> None:
    with zipfile.ZipFile(io.BytesIO(encode(SMALL))) as read:
        assert read.testzip() is None
        assert {entry.filename: read.read(entry) for entry in read.infolist()} == {
            PREFIX + name: data for name, data in SMALL.items()
        }
        for entry in read.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert entry.external_attr >> 16 == 0o100644
            assert entry.create_system == 3
            assert entry.compress_type == zipfile.ZIP_STORED


@given(FILES)
def test_decoding_undoes_encoding(files: dict[str, bytes]) -> None:
    data = encode_or_none(files)
    assert data is None or decode(data) == files


def test_go_reads_the_same_files_and_computes_the_same_hash() -> None:
    sets = [SMALL, {"LICENSE": b"x"}, {".a/.b": b"", "a/b/c/d": b"1", "z~1": b"2", "Z": b"\xff"}]
    judged = go_zips([encode(files) for files in sets], module=MODULE, version=VERSION)
    for files, read in zip(sets, judged, strict=True):
        assert read.invalid == ""
        assert read.files == {PREFIX + name: data for name, data in files.items()}
        assert read.hash == hash_module(files, module=MODULE, version=VERSION)


READABLE = {
    "deflated": build(Part(deflated=True, data=b"ab" * 99)),
    "deflated, its sizes after it": build(streamed(Part(deflated=True, data=b"ab" * 99))),
    "deflated and empty": build(streamed(Part(deflated=True, data=b""))),
    "another time": build(both(time=0x5B211234)),
    "no time": build(both(time=0)),
    "needs 1.0": build(both(needed=10)),
    "flags of deflate": build(
        Part(deflated=True, local={"flags": 6}, central={"flags": 6}),
        both("x~", flags=0x800),
    ),
    "text": build(Part(central={"internal": 1})),
    "made on FAT, without a mode": build(Part(central={"made": 20, "external": 0})),
    "made on FAT, read-only": build(Part(central={"made": 20, "external": 0x21})),
    "executable": build(Part(central={"external": 0o100755 << 16})),
    "the longest name": build(both("x" * 200, data=b"", time=0)),
    "not sorted": build(Part(name="b"), Part(name="a/b"), Part(name="a-")),
}


@pytest.mark.parametrize("kind", READABLE)
def test_others_may_write_it_otherwise(kind: str) -> None:
    (judged,) = go_zips([READABLE[kind]], module=MODULE, version=VERSION)
    files = decode(READABLE[kind])
    assert judged.invalid == ""
    assert judged.files == {PREFIX + name: data for name, data in files.items()}
    assert encode(files) != READABLE[kind]


def test_what_python_writes_can_be_read() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as zip_file:
        for name, data in SMALL.items():
            zip_file.writestr(zipfile.ZipInfo(PREFIX + name, (2026, 1, 2, 3, 4, 6)), data)
    assert decode(written.getvalue()) == SMALL
