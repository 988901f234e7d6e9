"""Ask Go's own transparency log packages, golang.org/x/mod/sumdb/note and tlog.

`go_program` compiles `gotlog/`.
"""

from __future__ import annotations

import base64
import json
import subprocess
from typing import TYPE_CHECKING, Any

from tests.oracle.go_program import compiled

if TYPE_CHECKING:
    from collections.abc import Sequence


def opened(notes: Sequence[tuple[bytes, Sequence[str]]]) -> list[tuple[bytes, list[str]] | None]:
    """Return, for notes and keys, the text and who has signed it, or None if Go refuses."""
    asked = [{"Data": _text(data), "Keys": list(keys)} for data, keys in notes]
    return [
        None if each["Error"] else (_bytes(each["Text"]), each["Names"])
        for each in _ask({"Notes": asked})["Notes"]
    ]


def lookups(files: Sequence[bytes]) -> list[tuple[int, bytes, bytes] | None]:
    """Return index, record and the rest of lookups, or None where Go refuses."""
    return [
        None if each["Error"] else (each["Index"], _bytes(each["Record"]), _bytes(each["Rest"]))
        for each in _ask({"Lookups": list(map(_text, files))})["Lookups"]
    ]


def heads(texts: Sequence[bytes]) -> list[tuple[int, bytes] | None]:
    """Return size and root of tree heads, or None where Go refuses."""
    return [
        None if each["Error"] else (each["Size"], _bytes(each["Root"]))
        for each in _ask({"Heads": list(map(_text, texts))})["Heads"]
    ]


def paths(names: Sequence[str]) -> list[str]:
    """Return the paths of tiles as Go formats what it parsed, empty where it refuses."""
    answer: list[str] = _ask({"Paths": list(names)})["Paths"]
    return answer


def growths(sizes: Sequence[tuple[int, int]]) -> list[list[str]]:
    """Return the paths of the tiles that growing from one size to another writes."""
    answer: list[list[str]] = _ask({"Growths": [list(each) for each in sizes]})["Growths"]
    return answer


def tree(records: Sequence[bytes]) -> list[tuple[bytes, list[list[bytes]], list[list[bytes]]]]:
    """Return for each size from 1: root, inclusion proofs, consistency proofs from 1 on."""
    return [
        (
            _bytes(each["Root"]),
            [list(map(_bytes, proof)) for proof in each["Inclusion"]],
            [list(map(_bytes, proof)) for proof in each["Consistency"]],
        )
        for each in _ask({"Records": list(map(_text, records))})["Sizes"]
    ]


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def _ask(request: dict[str, Any]) -> dict[str, Any]:
    program = compiled("gotlog")
    data = json.dumps(request).encode()
    run = subprocess.run([program], input=data, stdout=subprocess.PIPE, check=True)
    reply: dict[str, Any] = json.loads(run.stdout)
    return reply
