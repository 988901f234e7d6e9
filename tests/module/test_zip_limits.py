"""Zips that are larger than they look: refused before the memory is taken."""

from __future__ import annotations

import re
import tracemalloc
import zlib
from typing import TYPE_CHECKING

import pytest

from chartconfig.module.malformed import MalformedModuleError
from chartconfig.module.zip import GO_LIMITS, Limits, decode_zip, encode_zip
from tests.module.zips import MODULE, VERSION, Part, build

if TYPE_CHECKING:
    from collections.abc import Mapping

MIB = 1 << 20
FILES = {"go.mod": b"module example.com/x\n", "LICENSE": b"x" * 500, "a": b"", "b": b"1"}
ZIP = encode_zip(FILES, module=MODULE, version=VERSION)


def zeros(size: int) -> bytes:
    """Return `size` zeros, deflated."""
    compressor = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    block = bytes(MIB)
    return b"".join(compressor.compress(block) for _ in range(size // MIB)) + compressor.flush()


def bomb(claimed: int, name: str = "config.json") -> Part:
    """Return a file of 300 MiB that claims another size."""
    size: Mapping[str, int] = {"size": claimed}
    return Part(name=name, deflated=True, body=BOMB, local=size, central=size)


BOMB = zeros(300 * MIB)


def refused(data: bytes, limits: Limits = GO_LIMITS) -> tuple[str, int]:
    """Return why a zip is refused, and how many bytes that took at most."""
    tracemalloc.start()
    try:
        with pytest.raises(MalformedModuleError) as caught:
            decode_zip(data, module=MODULE, version=VERSION, limits=limits)
        return str(caught.value).removeprefix("module.zip: "), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("claimed", "message"),
    [
        (300 * MIB, "its contents have over 100 times its own size"),
        (501 * MIB, "its contents have 525336576 bytes, more than 524288000"),
        (0xFFFFFFFE, "its contents have 4294967294 bytes, more than 524288000"),
        (2, "'config.json' does not come to the 2 bytes that it claims"),
        (MIB, "'config.json' does not come to the 1048576 bytes that it claims"),
    ],
)
def test_a_bomb_takes_no_more_than_it_claims(claimed: int, message: str) -> None:
    data = build(bomb(claimed))
    assert len(data) < MIB
    why, peak = refused(data)
    assert why == message
    assert peak < 4 * MIB


def test_many_small_bombs_are_one() -> None:
    each = 80 * MIB
    why, peak = refused(build(*(bomb(each, str(number)) for number in range(7))))
    assert why == f"its contents have {7 * each} bytes, more than {500 * MIB}"
    assert peak < 4 * MIB


def test_a_bomb_of_files_in_one_another_is_no_larger() -> None:
    """In the manner of David Fifield's overlapping files: each entry gives the same content."""
    first = Part(name="000", deflated=True, data=bytes(MIB))
    others = (
        Part(name=f"{n:03}", deflated=True, data=bytes(MIB), central={"offset": 0})
        for n in range(1, 99)
    )
    why, peak = refused(build(first, *others), Limits(ratio=10_000))
    assert why == "'001' does not begin where the file before it ends"
    assert peak < 4 * MIB


def test_endless_entries_are_not_read() -> None:
    entries = build(*(Part(name=str(number), data=b"") for number in range(5000)))
    why, peak = refused(entries)
    assert why == "it has 5000 files, more than 1000"
    assert peak < MIB
    hidden = build(
        *(Part(name=str(number), data=b"") for number in range(5000)),
        end={"here": 1000, "count": 1000},
    )
    why, peak = refused(hidden)
    assert why == "its directory goes on after 1000 files"
    assert peak < 2 * MIB


def test_endless_folders_are_not_made() -> None:
    why, peak = refused(build(*(Part(name="a/" * 30000 + str(n), data=b"") for n in range(20))))
    assert re.fullmatch(r"entry 1 of its directory has a name of 600\d\d bytes", why)
    assert peak < 4 * MIB


def test_a_large_module_takes_its_own_size() -> None:
    data = encode_zip({"charts.json": bytes(32 * MIB)}, module=MODULE, version=VERSION)
    tracemalloc.start()
    try:
        files = decode_zip(data, module=MODULE, version=VERSION)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(files["charts.json"]) == 32 * MIB
    assert peak < 33 * MIB


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(size=len(ZIP) - 1), f"it has {len(ZIP)} bytes, more than {len(ZIP) - 1}"),
        (Limits(files=3), "it has 4 files, more than 3"),
        (Limits(metadata_size=499), "LICENSE has 500 bytes, more than 499"),
        (Limits(metadata_size=20), "go.mod has 21 bytes, more than 20"),
        (Limits(ratio=0), "its contents have over 0 times its own size"),
    ],
)
def test_a_limit_is_the_last_that_is_taken(limits: Limits, message: str) -> None:
    assert refused(ZIP, limits)[0] == message
    at_most = Limits(size=len(ZIP), files=4, metadata_size=500, ratio=1)
    assert decode_zip(ZIP, module=MODULE, version=VERSION, limits=at_most) == FILES


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "it has no file"),
        (
            {"a b": b""},
            ("'a b' is no name of a file in a module: it has ' ', which file systems differ about"),
        ),
        ({"A": b"", "a/b": b""}, "'a' and 'A' differ in case only"),
        (
            {"x" * 201: b""},
            f"{'x' * 201!r} is no name of a file in a module: it has 201 characters, more than 200",
        ),
        ({"x/go.mod": b""}, "'x/go.mod' would be the go.mod of another module"),
        ({str(n): b"" for n in range(1001)}, "it has 1001 files, more than 1000"),
        ({"go.mod": bytes(16 * MIB + 1)}, "go.mod has 16777217 bytes, more than 16777216"),
    ],
)
def test_what_would_be_refused_is_not_written(files: dict[str, bytes], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        encode_zip(files, module=MODULE, version=VERSION)


def test_headers_count_towards_what_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chartconfig.module.zip.GO_LIMITS", Limits(size=len(ZIP)))
    assert encode_zip(FILES, module=MODULE, version=VERSION) == ZIP
    monkeypatch.setattr("chartconfig.module.zip.GO_LIMITS", Limits(size=len(ZIP) - 1))
    message = f"it would have {len(ZIP)} bytes, more than {len(ZIP) - 1}"
    with pytest.raises(ValueError, match=f"^{message}$"):
        encode_zip(FILES, module=MODULE, version=VERSION)


def test_what_is_as_large_as_its_zip_is_within_a_ratio_of_1() -> None:
    size = next(n for n in range(1000) if len(build(Part(deflated=True, data=bytes(n)))) == n)
    for data, limits in ((bytes(size), Limits(ratio=1)), (bytes(500), Limits(size=500))):
        files = decode_zip(
            build(Part(deflated=True, data=data)), module=MODULE, version=VERSION, limits=limits
        )
        assert files == {"config.json": data}
    larger = build(Part(deflated=True, data=bytes(size + 1)))
    assert refused(larger, Limits(ratio=1))[0] == "its contents have more bytes than it has"
    larger = build(Part(deflated=True, data=bytes(501)))
    assert refused(larger, Limits(size=500))[0] == "its contents have 501 bytes, more than 500"
