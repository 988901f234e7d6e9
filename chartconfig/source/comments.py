"""Comments of a YAML file, each with the value that it stands beside."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartconfig.source.nodes import Mapping, Scalar
from chartconfig.source.yaml import compose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartconfig.source.document import Document
    from chartconfig.source.nodes import Node

_COMMENT = re.compile(r"(?:(?<=[ \t])|^)#", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comments:
    """What is said about one value."""

    before: tuple[str, ...] = ()
    """On lines of their own above it."""
    end: str | None = None
    """At the end of the line that it, or its key, begins."""


Path = tuple[str | int, ...]


def read_comments(document: Document) -> dict[Path, Comments]:
    """Return the comments of a document that can be composed, by the path of keys and indices.

    A comment on a line of its own belongs to the entry or item below it, those at the end of the
    file to the path `()`. The first line is left out: it names the schema.
    """
    node, _ = compose(document)
    text = document.text
    if node is None:
        return {}
    places = sorted(_places(node, (), text))
    starts = [start for start, _, _ in places]
    before: dict[Path, list[str]] = {}
    ends: dict[Path, str] = {}
    done = text.find("\n")  # the schema line, then every line whose comment has been read
    for match in _COMMENT.finditer(text):
        at = match.start()
        index = bisect_right(starts, at) - 1
        if at < done or (index >= 0 and at < places[index][1]):
            continue
        line, done = text.rfind("\n", 0, at) + 1, text.find("\n", at)
        done = len(text) if done < 0 else done
        comment = text[at + 1 : done].strip()
        if text[line:at].strip():
            first = min(bisect_left(starts, line), index)
            ends[places[first][2]] = comment
        else:
            path = places[index + 1][2] if index + 1 < len(places) else ()
            before.setdefault(path, []).append(comment)
    return {
        path: Comments(before=tuple(before.get(path, ())), end=ends.get(path))
        for path in {*before, *ends}
    }


def _places(node: Node, path: Path, text: str) -> Iterator[tuple[int, int, Path]]:
    """Yield where each scalar starts and ends, and the path of what it is, or is the key of.

    The header of a folded text is a place by itself, for a comment may follow it.
    """
    if isinstance(node, Scalar):
        if text[node.start : node.start + 1] in (">", "|") and not node.plain:
            line = text.find("\n", node.start)
            header = text[node.start : line].split(" ", maxsplit=1)[0]
            yield node.start, node.start + len(header), path
            yield line, node.end, path
        else:
            yield node.start, node.end, path
    elif isinstance(node, Mapping):
        for key, value in node.entries:
            yield key.start, key.end, (*path, key.text)
            yield from _places(value, (*path, key.text), text)
    else:
        for index, item in enumerate(node.items):
            yield from _places(item, (*path, index), text)
