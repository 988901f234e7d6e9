"""Random changes to files, the same for the same seed."""

from __future__ import annotations

import os
import time
from functools import cache
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PIECES = [
    piece.encode()
    for piece in (
        *"[]{}:,-#?&*!|>'\"%@` \t\n~\x00\r\\=+.0",
        *(": ", "- ", "? ", "\n- ", "\n  ", "---\n", "...\n", "|\n", ">-\n", "|2\n", " #", "<<: "),
        *("\r\n", "{}", "[]", "!!str ", "!x ", "&a ", "*a ", "%YAML 1.1\n", "\\x41", "\\ud800"),
        *(
            "1",
            "0",
            "-1",
            "1.20",
            "1e400",
            ".nan",
            "no",
            "null",
            "true",
            "150%",
            "0.5",
            "99%",
            "1k",
        ),
        *("é", "😀", "\u202e", "\ufeff", "never", "2027-02-30", "9999-12-31", "v0.0.1", "go1.99"),
        *("margin: 1%\n", "confidence: 100%\n", "ignore: [{code: CC206, reason: x}]\n", "other"),
        *(
            "detect: 1%, reports: 3, ",
            "weeks: 520, ",
            "simultaneous: true, ",
            "shortfall: accept\n",
        ),
        *("type: ratio\n", "type: stack\n", "type: histogram\n", "exclusive: true\n", "depth: 3\n"),
        *("low: 1\n", "adoption: {v0.16.0: 1%}\n", "for_each: [os], smallest_group: 1%, "),
    )
] + [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf"]


@cache
def seed() -> int:
    """Return CHARTCONFIG_FUZZ_SEED; without it 1, or a new one for CHARTCONFIG_FUZZ_SECONDS."""
    new = time.time_ns() % 2**32 if "CHARTCONFIG_FUZZ_SECONDS" in os.environ else 1
    return int(os.environ.get("CHARTCONFIG_FUZZ_SEED", new))


def rounds(default: float) -> Iterator[Random]:
    """Yield a source of randomness for each round, for CHARTCONFIG_FUZZ_SECONDS altogether.

    Each round has its own seed, `<seed>/<round>`, which the message of a failure should name.
    """
    end = time.monotonic() + float(os.environ.get("CHARTCONFIG_FUZZ_SECONDS", default))
    first, number = seed(), 0
    while time.monotonic() < end:
        yield Random(f"{first}/{number}")  # noqa: S311 - nothing is kept secret by it
        number += 1


def mutated(data: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Return `data` with one to five changes, some of them taken from other files."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 5))):
        at = random.randint(0, len(data))
        match random.randrange(7):
            case 0:
                data = data[:at] + random.choice(_PIECES) + data[at:]
            case 1:
                data = data[:at] + data[at + random.randint(1, 12) :]
            case 2:
                data = data[:at] + random.choice(_PIECES) + data[at + random.randint(1, 3) :]
            case 3:
                data = data[:at] + random.randbytes(random.randint(1, 3)) + data[at:]
            case 4:
                other = random.choice(others)
                start = random.randint(0, len(other))
                data = data[:at] + other[start : start + random.randint(1, 60)] + data[at:]
            case 5:
                lines = data.splitlines(keepends=True) or [b""]
                lines.insert(random.randint(0, len(lines)), random.choice(lines))
                data = b"".join(lines)
            case _:
                lines = data.splitlines(keepends=True)
                random.shuffle(lines)
                data = b"".join(lines[: random.randint(0, len(lines))])
    return data
