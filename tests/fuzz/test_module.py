"""Any bytes as a file of a published module give a value or one error, and go the same value.

A value is encoded to the bytes that it was read from, a zip to bytes that hold the same files.
Seeds and time are as in test_fuzz.py.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chartconfig.module.dirhash import hash_go_mod, hash_module
from chartconfig.module.gomod import GoMod, decode_go_mod, encode_go_mod
from chartconfig.module.gosum import ModuleSum, decode_sum, encode_sum
from chartconfig.module.malformed import MalformedModuleError
from chartconfig.module.proxy import (
    Info,
    Kind,
    ProxyFile,
    decode_info,
    decode_list,
    encode_info,
    encode_list,
    format_path,
    parse_path,
)
from chartconfig.module.zip import decode_zip, encode_zip
from tests.fuzz.mutation import mutated, rounds, seed
from tests.module.zips import MODULE, PREFIX, VERSION, Part, build, streamed
from tests.oracle.go_json import go_mods, go_zips

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

PLAIN = GoMod(module=MODULE)
RETRACTED = PLAIN.retract("v1.0.0", "v1.2.0", reason="Why.").retract(
    "v1.3.0", "v1.3.0", reason="Why not?"
)
HASH = hash_go_mod(b"")
TEXTS = [
    encode_go_mod(PLAIN),
    encode_go_mod(RETRACTED),
    encode_sum(ModuleSum(module=MODULE, version=VERSION, zip=HASH, go_mod=HASH)),
    encode_list(("v0.1.0", "v1.9.0", "v1.10.0")),
    encode_info(Info(version=VERSION, time=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))),
    *(
        format_path(ProxyFile(kind=kind, module=MODULE, version=version)).encode()
        for kind, version in ((each, VERSION if each.of_version else None) for each in Kind)
    ),
]
FIELDS = ["needed", "flags", "method", "time", "crc", "compressed", "size", "name", "extra"]
CENTRAL = [*FIELDS, "made", "disk", "internal", "external", "comment", "offset"]
END = ["disk", "first", "here", "count", "size", "begin", "comment"]
NUMBERS = [0, 0, 1, 2, 3, 8, 10, 20, 45, 0x10, 0x21, 0x314, 0x0800, 0xA1FF, 0xFFFE, 0xFFFF]
NAMES = [
    *("a", "A", "a/b", "A/c", "go.mod", "GO.MOD", "a/go.mod", "config.json", "x~1", "LICENSE"),
    *("", "a/", "../a", "a//b", "a\\b", "a b", "é", "con", "a.", "\0", "a\n"),
]


READERS: list[Callable[[bytes], bytes]] = [
    lambda data: encode_go_mod(decode_go_mod(data)),
    lambda data: encode_sum(decode_sum(data)),
    lambda data: encode_list(decode_list(data)),
    lambda data: encode_info(decode_info(data)),
    lambda data: format_path(parse_path(data.decode("utf-8", "surrogateescape"))).encode(),
]


def check(error: MalformedModuleError) -> None:
    """An error is of the catalogue, and says in one line of text what is there."""
    assert error.diagnostic.code == "CC908"
    assert str(error).isprintable()


def again(reader: Callable[[bytes], bytes], data: bytes) -> bool:
    """Tell whether `data` was read; then it is written in the same way."""
    try:
        same = reader(data)
    except MalformedModuleError as error:
        check(error)
        return False
    assert same == data
    return True


def test_any_bytes_are_one_file_or_an_error() -> None:
    accepted: set[bytes] = set()
    for number, random in enumerate(rounds(2)):
        data = random.randbytes(random.randint(0, 40))
        if random.random() < 0.97:
            data = mutated(random.choice(TEXTS), TEXTS, random)
        try:
            read = [again(reader, data) for reader in READERS]
            if read[0]:
                accepted.add(data)
        except Exception as error:
            error.add_note(f"seed {seed()}, round {number}: {data!r}")
            raise
    known = sorted(accepted)[:1000]
    for data, judged in zip(known, go_mods(known), strict=True):
        value = decode_go_mod(data)
        assert judged.invalid == ""
        assert judged.formatted == data
        assert judged.module == value.module
        assert judged.retractions == [(r.low, r.high, r.reason) for r in value.retractions]


def test_any_bytes_are_one_zip_or_an_error() -> None:
    accepted: set[bytes] = set()
    for number, random in enumerate(rounds(4)):
        data = zip_file(random)
        try:
            try:
                files = decode_zip(data, module=MODULE, version=VERSION)
            except MalformedModuleError as error:
                check(error)
                continue
            known = encode_zip(files, module=MODULE, version=VERSION)
            assert decode_zip(known, module=MODULE, version=VERSION) == files
            accepted.add(data)
        except Exception as error:
            error.add_note(f"seed {seed()}, round {number}: {data!r}")
            raise
    zips = sorted(accepted)[:1000]
    assert zips
    for data, read in zip(zips, go_zips(zips, module=MODULE, version=VERSION), strict=True):
        files = decode_zip(data, module=MODULE, version=VERSION)
        assert read.invalid == "", (read.invalid, data)
        assert read.files == {PREFIX + name: content for name, content in files.items()}, data
        assert read.hash == hash_module(files, module=MODULE, version=VERSION)


def zip_file(random: Random) -> bytes:
    """Return a zip of up to three files, and up to three things in it that should be otherwise."""
    parts = [part(random) for _ in range(random.choice((1, 1, 2, 3)))]
    end: dict[str, int] = {}
    extra = {"before": b"", "between": b"", "inside": b"", "after": b""}
    bits = b""
    for _ in range(random.choice((0, 0, 1, 1, 1, 2, 3))):
        at = random.randrange(len(parts))
        match random.randrange(8):
            case 0:
                end[random.choice(END)] = random.choice(NUMBERS)
            case 1:
                where = random.choice(sorted(extra))
                extra[where] = random.choice((b"\0", b"PK\3\4", b"PK\5\6" + bytes(18), bits))
            case 2:
                parts[at] = streamed(parts[at])
            case 3:
                changed = {(key := random.choice(CENTRAL)): value(random, key)}
                parts[at] = other(parts[at], central=changed)
            case 4:
                changed = {(key := random.choice(FIELDS)): value(random, key)}
                parts[at] = other(parts[at], local=changed)
            case 5 | 6:
                changed = {(key := random.choice(FIELDS)): value(random, key)}
                parts[at] = other(parts[at], local=changed, central=changed)
            case _:
                bits = build(*parts)
    data = bytearray(build(*parts, end=end, **extra))
    for _ in range(random.choice((0, 0, 0, 1, 2))):
        data[random.randrange(len(data))] = random.choice((0, 1, 8, 255, random.randrange(256)))
    return bytes(data[: len(data) - random.choice((0,) * 20 + (1, 22))])


def part(random: Random) -> Part:
    return Part(
        name=random.choice(NAMES[:10] if random.random() < 0.9 else NAMES),
        data=random.choice((b"", b"{}", b"ab" * 50, random.randbytes(5))),
        deflated=random.random() < 0.5,
    )


def other(
    known: Part,
    *,
    local: dict[str, int | bytes] | None = None,
    central: dict[str, int | bytes] | None = None,
) -> Part:
    return Part(
        name=known.name,
        data=known.data,
        deflated=known.deflated,
        follow=known.follow,
        local={**known.local, **(local or {})},
        central={**known.central, **(central or {})},
    )


def value(random: Random, key: str) -> int | bytes:
    if key in ("name", "extra", "comment"):
        return random.choice((b"", b"x", (PREFIX + random.choice(NAMES)).encode()))
    return random.choice(NUMBERS)
