"""Zips that are made to be read in two ways, or never to end: each refused, by one error.

The last column says whether the go command takes it. What it takes and we refuse is what another
reader may read as something else.
"""

from __future__ import annotations

import zlib
from struct import pack

import pytest

from chartconfig.module.malformed import MalformedModuleError
from chartconfig.module.zip import decode_zip
from tests.module.zips import MODULE, PREFIX, VERSION, Part, both, build, deflate, streamed
from tests.oracle.go_json import go_zips

ONE = Part()
GOOD = build(ONE)
ENTRY = 46 + len(PREFIX) + len("config.json")
STORED_TWICE = build(Part(name="a"))
UNICODE_PATH = pack("<2HBI", 0x7075, 5 + 8, 1, zlib.crc32(b"x")) + b"evil.txt"
ZIP64 = pack("<2H2Q", 1, 16, 2, 2)

STRUCTURE = {
    "empty": (b"", "it is shorter than the end of a zip", False),
    "no zip": (b"x" * 99, "its last bytes are not the end of a zip without a comment", False),
    "cut short": (GOOD[:-1], "its last bytes are not the end of a zip without a comment", False),
    "bytes after the end": (
        GOOD + b"\0",
        "its last bytes are not the end of a zip without a comment",
        True,
    ),
    "a comment": (
        build(ONE, end={"comment": 1}, after=b"x"),
        "its last bytes are not the end of a zip without a comment",
        True,
    ),
    "a comment that is a zip": (
        build(ONE, end={"comment": len(STORED_TWICE)}, after=STORED_TWICE),
        "its directory is not right before its end",
        True,
    ),
    "a comment that is not there": (
        build(ONE, end={"comment": 1}),
        "its end tells of a comment or of another disk",
        False,
    ),
    "bytes before the first file": (
        build(ONE, before=b"#!/bin/sh\n"),
        "'config.json' does not begin where the file before it ends",
        True,
    ),
    "bytes before it all": (b"x" + GOOD, "its directory is not right before its end", True),
    "bytes before the directory": (
        build(ONE, between=b"x"),
        "bytes between the last file and the directory belong to nothing",
        True,
    ),
    "bytes after the directory": (
        build(ONE, inside=b"x"),
        "its directory is not right before its end",
        True,
    ),
    "bytes between files": (
        build(Part(name="a", follow=b"x"), Part(name="b")),
        "'b' does not begin where the file before it ends",
        True,
    ),
    "a file that nothing lists": (
        build(ONE, between=build(Part(name="evil"))[: 30 + len(PREFIX) + 6]),
        "bytes between the last file and the directory belong to nothing",
        True,
    ),
    "overlapping files": (
        build(Part(name="a"), Part(name="b", central={"offset": 0})),
        "'b' does not begin where the file before it ends",
        True,
    ),
    "files in each other's place": (
        build(Part(name="a"), Part(name="b"), shift=(33 + len(PREFIX), -33 - len(PREFIX))),
        "'a' does not begin where the file before it ends",
        True,
    ),
    "a file beyond the end": (
        build(Part(central={"offset": 1 << 30})),
        "'config.json' does not begin where the file before it ends",
        False,
    ),
    "a file into the directory": (
        build(Part(local={"compressed": 9, "size": 9}, central={"compressed": 9, "size": 9})),
        "'config.json' does not end before the directory",
        False,
    ),
    "no file": (build(), "it has no file", True),
    "fewer files than counted": (
        build(ONE, end={"here": 2, "count": 2}),
        "entry 2 of its directory is cut short",
        False,
    ),
    "more files than counted": (
        build(ONE, Part(name="b"), end={"here": 1, "count": 1}),
        "its directory goes on after 1 files",
        False,
    ),
    "65537 files, counted as 1": (
        build(*(Part(name=str(n), data=b"") for n in range(65537)), end={"here": 1, "count": 1}),
        "its directory goes on after 1 files",
        True,
    ),
    "counts that differ": (
        build(ONE, end={"here": 0}),
        "its end tells of a comment or of another disk",
        True,
    ),
    "on another disk": (
        build(ONE, end={"disk": 1, "first": 1}),
        "its end tells of a comment or of another disk",
        True,
    ),
    "from another disk": (
        build(ONE, end={"first": 1}),
        "its end tells of a comment or of another disk",
        True,
    ),
    "the second disk": (
        build(ONE, end={"disk": 1}),
        "its end tells of a comment or of another disk",
        True,
    ),
    "marked without a meaning": (
        build(Part(central={"internal": 2})),
        "'config.json' is on another disk, or marked in a way that has no meaning",
        True,
    ),
    "a file on another disk": (
        build(Part(central={"disk": 1})),
        "'config.json' is on another disk, or marked in a way that has no meaning",
        True,
    ),
    "no entry in the directory": (
        GOOD.replace(b"PK\1\2", b"PK\1\3"),
        "entry 1 of its directory is none",
        False,
    ),
    "a name beyond the directory": (
        GOOD[: -22 - ENTRY + 28] + pack("<H", 999) + GOOD[-22 - ENTRY + 30 :],
        "entry 1 of its directory is cut short",
        False,
    ),
    "a directory that is smaller": (
        build(ONE, end={"size": 9}),
        "its directory is not right before its end",
        True,
    ),
    "zip64 count": (build(ONE, end={"here": 0xFFFF, "count": 0xFFFF}), "it is zip64", False),
    "zip64 offset": (build(ONE, end={"begin": 0xFFFFFFFF}), "it is zip64", False),
    "zip64 sizes": (
        build(both(size=0xFFFFFFFF, compressed=0xFFFFFFFF, extra=ZIP64)),
        "entry 1 of its directory has an extra field or a comment",
        True,
    ),
    "zip64 sizes without any": (
        build(both(size=0xFFFFFFFF, compressed=0xFFFFFFFF)),
        "'config.json' is zip64, or needs something else that is newer than 2.0",
        False,
    ),
    "needs 4.5": (
        build(both(needed=45)),
        "'config.json' is zip64, or needs something else that is newer than 2.0",
        True,
    ),
}

HEADERS = {
    "names that differ": (
        build(Part(local={"name": (PREFIX + "evil.json__").encode()})),
        "the header before 'config.json' is not as the directory has it",
        True,
    ),
    "a longer name before the content": (
        build(
            Part(
                local={"name": (PREFIX + "config.json{}").encode()},
                body=b"{}{}",
                central={"compressed": 2},
                data=b"{}",
            )
        ),
        "the header before 'config.json' is not as the directory has it",
        True,
    ),
    **{
        f"{key} that differs": (
            build(Part(local={key: value})),
            "the header before 'config.json' is not as the directory has it",
            True,
        )
        for key, value in (
            *(("needed", 10), ("flags", 2), ("method", 8), ("time", 0), ("crc", 1)),
            *(("compressed", 1), ("size", 1)),
        )
    },
    "no header": (
        GOOD.replace(b"PK\3\4", b"PK\3\5"),
        "the header before 'config.json' is not as the directory has it",
        False,
    ),
    "an extra field before the content": (
        build(Part(local={"extra": UNICODE_PATH})),
        "the header before 'config.json' is not as the directory has it",
        True,
    ),
    "another name in an extra field": (
        build(Part(central={"extra": UNICODE_PATH})),
        "entry 1 of its directory has an extra field or a comment",
        True,
    ),
    "a comment on a file": (
        build(Part(central={"comment": b"x"})),
        "entry 1 of its directory has an extra field or a comment",
        True,
    ),
    "sizes after a stored content": (
        build(streamed(ONE)),
        "'config.json' is stored, and its size is in doubt",
        True,
    ),
    "two sizes of a stored content": (
        build(both(size=3)),
        "'config.json' is stored, and its size is in doubt",
        False,
    ),
    "wrong sizes after the content": (
        build(streamed(Part(deflated=True), sizes=b"PK\7\10" + pack("<3I", 0, 0, 0))),
        "the sizes after 'config.json' are not as the directory has them",
        False,
    ),
    "sizes without their mark": (
        build(streamed(Part(deflated=True), sizes=pack("<3I", zlib.crc32(b"{}"), 4, 2))),
        "'config.json' does not end before the directory",
        True,
    ),
    "sizes of 64 bits after the content": (
        build(
            streamed(Part(deflated=True), sizes=b"PK\7\10" + pack("<I2Q", zlib.crc32(b"{}"), 4, 2))
        ),
        "the sizes after 'config.json' are not as the directory has them",
        True,
    ),
    "sizes before and after": (
        build(streamed(Part(deflated=True), compressed=4)),
        "the header before 'config.json' is not as the directory has it",
        True,
    ),
    "no sizes after the content": (
        build(streamed(Part(deflated=True), sizes=b"")),
        "'config.json' does not end before the directory",
        False,
    ),
    "encrypted": (
        build(both(flags=1)),
        "'config.json' has the flags 0x0001: it is encrypted, or the like",
        True,
    ),
    "strongly encrypted": (
        build(both(flags=0x41)),
        "'config.json' has the flags 0x0041: it is encrypted, or the like",
        True,
    ),
    "a directory that is encrypted": (
        build(both(flags=0x2000)),
        "'config.json' has the flags 0x2000: it is encrypted, or the like",
        True,
    ),
    "a method that few know": (
        build(both(method=12)),
        "'config.json' is compressed by method 12, neither stored nor deflated",
        False,
    ),
    "a wrong checksum": (
        build(both(crc=1)),
        "the checksum of 'config.json' is wrong",
        False,
    ),
    "a checksum of 0, which go takes for none": (
        build(both(crc=0)),
        "the checksum of 'config.json' is wrong",
        True,
    ),
}

DEFLATED = {
    "no deflate": (
        build(Part(deflated=True, body=b"\xff\xff")),
        "'config.json' is not what deflate writes",
        False,
    ),
    "cut short": (
        build(Part(deflated=True, body=deflate(b"{}")[:-1])),
        "'config.json' does not come to the 2 bytes that it claims",
        False,
    ),
    "bytes after it": (
        build(Part(deflated=True, body=deflate(b"{}") + b"x")),
        "'config.json' does not come to the 2 bytes that it claims",
        True,
    ),
    "longer than it claims": (
        build(Part(deflated=True, body=deflate(b"{}{}"))),
        "'config.json' does not come to the 2 bytes that it claims",
        False,
    ),
    "shorter than it claims": (
        build(Part(deflated=True, body=deflate(b"{"))),
        "'config.json' does not come to the 2 bytes that it claims",
        False,
    ),
}

SYSTEMS = {"3": 0x314, "0": 20, "10": 0xA14, "19": 0x1314}
KINDS = {
    f"a {kind} made on {system}": (
        build(Part(central={"made": SYSTEMS[system], "external": mode << 16 | low})),
        f"'config.json' is no regular file: its mode is {mode:#o} on {system}",
        True,
    )
    for kind, mode, low, system in (
        ("symbolic link", 0o120777, 0, "3"),
        ("symbolic link", 0o120777, 0, "0"),
        ("folder", 0o040755, 0, "3"),
        ("folder", 0o100644, 0x10, "3"),
        ("label", 0, 0x08, "0"),
        ("device", 0o060644, 0, "3"),
        ("pipe", 0o010644, 0, "3"),
        ("program of root", 0o104755, 0, "3"),
        ("file", 0o100644, 0, "10"),
        ("file", 0o100644, 0, "19"),
    )
}

LONG = "/".join("x" * 20 for _ in range(10))
NAMED = {
    name: (
        build(Part(name=name, data=b"")),
        f"{name!r} is no name of a file in a module: {reason}",
        taken,
    )
    for name, reason, taken in (
        ("", "it is empty, or has a slash at an end or beside another", True),
        ("a/", "it is empty, or has a slash at an end or beside another", True),
        ("/etc/passwd", "it is empty, or has a slash at an end or beside another", False),
        ("a//b", "it is empty, or has a slash at an end or beside another", False),
        ("../a", 'its part ".." ends with a dot', False),
        ("a/../../b", 'its part ".." ends with a dot', False),
        ("./a", 'its part "." ends with a dot', False),
        ("a.", 'its part "a." ends with a dot', False),
        ("..\\a", "it has '\\\\', which file systems differ about", False),
        ("C:\\a", "it has ':', which file systems differ about", False),
        ("a\0b", "it has '\\x00', which file systems differ about", False),
        ("a\nb", "it has '\\n', which file systems differ about", False),
        ("a b", "it has ' ', which file systems differ about", True),
        ("a/Nul.json", 'its part "Nul.json" names a device on Windows', False),
    )
}
NAMES = {
    **NAMED,
    "long": (
        build(Part(name=LONG)),
        f"entry 1 of its directory has a name of {len(PREFIX) + 209} bytes",
        True,
    ),
    "outside": (
        build(Part(name=b"etc/passwd")),
        f"'etc/passwd' is outside {PREFIX}",
        False,
    ),
    "absolute": (
        build(Part(name=b"/" + PREFIX.encode())),
        f"'/{PREFIX}' is outside {PREFIX}",
        False,
    ),
    "backslashes": (
        build(Part(name=PREFIX.replace("/", "\\").encode() + b"a")),
        f"{PREFIX.replace('/', chr(92)) + 'a'!r} is outside {PREFIX}",
        False,
    ),
    "of another version": (
        build(Part(name=f"{MODULE}@v1.2.4/a".encode())),
        f"'{MODULE}@v1.2.4/a' is outside {PREFIX}",
        False,
    ),
    "of a module in other letters": (
        build(Part(name=PREFIX.lower().encode() + b"a")),
        f"{PREFIX.lower() + 'a'!r} is outside {PREFIX}",
        False,
    ),
    "not ASCII": (
        build(both("é", flags=0x800)),
        f"the name {(PREFIX + 'é').encode()!r} is not ASCII",
        True,
    ),
    "not UTF-8": (
        build(Part(name=PREFIX.encode() + b"\xff")),
        f"the name {PREFIX.encode() + bytes([255])!r} is not ASCII",
        False,
    ),
    "twice": (build(ONE, ONE), "'config.json' stands in it twice", False),
    "twice, the second hidden": (
        build(ONE, Part(data=b"[]"), Part(name="b")),
        "'config.json' stands in it twice",
        False,
    ),
    "case": (
        build(Part(name="config.json"), Part(name="Config.json")),
        "'Config.json' and 'config.json' differ in case only",
        False,
    ),
    "case of folders": (
        build(Part(name="a/b"), Part(name="A/c")),
        "'A' and 'a' differ in case only",
        False,
    ),
    "case beyond ASCII": (
        build(Part(name="k"), both("\u212a", flags=0x800)),
        f"the name {(PREFIX + chr(0x212A)).encode()!r} is not ASCII",
        False,
    ),
    "a file in a file": (
        build(Part(name="a"), Part(name="a/b")),
        "'a' is both a file and a folder",
        False,
    ),
    "a file after its folder": (
        build(Part(name="a/b"), Part(name="a")),
        "'a' is both a file and a folder",
        False,
    ),
    "another go.mod": (
        build(Part(name="a/go.mod")),
        "'a/go.mod' would be the go.mod of another module",
        False,
    ),
    "go.mod in other letters": (
        build(Part(name="Go.mod")),
        "'Go.mod' would be the go.mod of another module",
        False,
    ),
}

HOSTILE = {
    f"{group}: {kind}": case
    for group, cases in (
        *(("structure", STRUCTURE), ("headers", HEADERS), ("deflated", DEFLATED)),
        *(("kinds", KINDS), ("names", NAMES)),
    )
    for kind, case in cases.items()
}


def test_what_the_others_are_made_from_is_good() -> None:
    assert decode_zip(GOOD, module=MODULE, version=VERSION) == {"config.json": b"{}"}


@pytest.mark.parametrize("kind", HOSTILE)
def test_it_is_refused(kind: str) -> None:
    data, message, _ = HOSTILE[kind]
    with pytest.raises(MalformedModuleError) as caught:
        decode_zip(data, module=MODULE, version=VERSION, path="v1.2.3.zip")
    assert str(caught.value) == f"v1.2.3.zip: {message}"
    assert caught.value.diagnostic.code == "CC908"


def test_go_takes_some_of_them() -> None:
    judged = go_zips([data for data, _, _ in HOSTILE.values()], module=MODULE, version=VERSION)
    taken = {kind for kind, read in zip(HOSTILE, judged, strict=True) if not read.invalid}
    assert taken == {kind for kind, (_, _, takes) in HOSTILE.items() if takes}
