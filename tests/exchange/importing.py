"""What a file in Go's format asks for, as Go's tool collects it, and what was compiled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from chartconfig.collection.config import expand
from chartconfig.exchange.go_chartconfig import parse
from chartconfig.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartconfig.exchange.go_chartconfig import Record

EVERY_FEATURE = Path(__file__).parent / "every-feature.txt"

Collected: TypeAlias = dict[str, tuple[dict[str, list[str]], dict[str, int]]]
"""By program: the counters of each chart name, in order, and the depths of stacks."""


def records(data: bytes) -> tuple[Record, ...]:
    """Return the records of a file, of which the parser's own tests say that they are Go's."""
    return parse(Document(path="config.txt", data=data)).records


def asked(data: bytes) -> Collected:
    """Return what a file asks for: a record with a depth is a stack, any other is counters."""
    found: Collected = {}
    for record in records(data):
        counters, stacks = found.setdefault(record.value("program") or "", ({}, {}))
        names = expand(record.value("counter") or "")
        if depth := int(record.value("depth") or 0):
            stacks.update(dict.fromkeys(names, depth))
        else:
            _add(counters, names)
    return found


def compiled(directory: Path) -> Collected:
    """Return what a compiled config collects."""
    config = json.loads((directory / "config.json").read_bytes())
    found: Collected = {}
    for program in config["Programs"]:
        counters, stacks = found.setdefault(program["Name"], ({}, {}))
        for counter in program.get("Counters", ()):
            _add(counters, expand(counter["Name"]))
        stacks.update({stack["Name"]: stack["Depth"] for stack in program.get("Stacks", ())})
    return found


def _add(counters: dict[str, list[str]], names: Iterable[str]) -> None:
    for name in names:
        counters.setdefault(name.partition(":")[0], []).append(name)


def contents(directory: Path) -> dict[str, bytes]:
    """Return every file below a directory."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }
