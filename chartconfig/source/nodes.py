"""Nodes: what a YAML text is made of, each with its place and its spelling.

Places are offsets in characters, up to and not including `end`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import NamedTuple, TypeAlias

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?$|-?\.[0-9]+$")
_LONGEST_NUMBER = 17  # digits beyond these would be lost in a double


class Scalar(NamedTuple):  # a tuple is made three times as fast as a frozen dataclass
    """One value without parts; `plain` when it is written without quotes."""

    text: str
    plain: bool
    start: int
    end: int


class Sequence(NamedTuple):
    """A list."""

    items: tuple[Node, ...]
    start: int
    end: int


class Mapping(NamedTuple):
    """A map from text to nodes, in the order written."""

    entries: tuple[tuple[Scalar, Node], ...]
    start: int
    end: int


Node: TypeAlias = Scalar | Sequence | Mapping

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"
"""A node as JSON would have it: what a JSON Schema is about."""


def plain(node: Node) -> Plain:
    """Return the node as JSON would have it; a number that no double holds exactly stays text."""
    if isinstance(node, Scalar):
        return _plain_scalar(node)
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key.text: plain(value) for key, value in node.entries}


def _plain_scalar(node: Scalar) -> bool | float | str | None:
    return _value(node.text) if node.plain else node.text


@lru_cache(maxsize=4096)
def _value(text: str) -> bool | float | str | None:
    """Return what plain text stands for."""
    if text in ("true", "false"):
        return text == "true"
    if text in ("", "~", "null"):
        return None
    if len(text) <= _LONGEST_NUMBER and _NUMBER.match(text):
        if text.lstrip("-").isdecimal():
            return int(text)
        number = float(text)
        if isfinite(number):
            return int(number) if number.is_integer() else number  # 16.0 is a whole number
    return text


@dataclass(frozen=True, slots=True)
class Index:
    """Where every value and every key of a document is, by its path of keys and indices."""

    values: dict[tuple[str | int, ...], Node]
    keys: dict[tuple[str | int, ...], Scalar]


def index(root: Node) -> Index:
    """Return the index of a document's node."""
    found = Index({}, {})
    pending: list[tuple[tuple[str | int, ...], Node]] = [((), root)]
    while pending:
        path, node = pending.pop()
        found.values[path] = node
        if isinstance(node, Mapping):
            for key, value in node.entries:
                found.keys[*path, key.text] = key
                pending.append(((*path, key.text), value))
        elif isinstance(node, Sequence):
            pending.extend(((*path, at), item) for at, item in enumerate(node.items))
    return found
