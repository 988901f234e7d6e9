"""Entries put into a YAML file that is there, with all that it says kept, comments too."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

from chartconfig.source.document import Document
from chartconfig.source.nodes import Mapping, Scalar, plain
from chartconfig.source.yaml import compose

if TYPE_CHECKING:
    from chartconfig.source.nodes import Node, Plain


def add_entries(document: Document, entries: str, *, under: str | None = None) -> Document | None:
    """Return a document with more entries in its map, or in one of its maps.

    Args:
        document: A YAML file, whose top is a block map.
        entries: Entries of a block map, not indented.
        under: The key of the map that gets them, made if it is missing; None for the whole.

    Returns:
        The document; None if it cannot be done so that everything else stays as it is, for
        instance because the map is written on one line, or has one of the entries.
    """
    node, _ = compose(document)
    added, _ = compose(Document(path=document.path, data=entries.encode()))
    if not isinstance(node, Mapping) or not isinstance(added, Mapping):
        return None
    text = document.text
    map_ = next((value for key, value in node.entries if key.text == under), None)
    if under is None or map_ is None:
        end, block = len(text), entries if under is None else f"{under}:\n{indent(entries, '  ')}"
    elif isinstance(map_, Mapping) and map_.entries:
        column = document.span(map_.entries[0][0].start, map_.entries[0][0].end).start.column
        end, block = _line_end(text, _end(map_)), indent(entries, " " * (column - 1))
    else:
        return None
    before = text[:end] if not text[:end] or text[:end].endswith("\n") else f"{text[:end]}\n"
    changed = Document(path=document.path, data=f"{before}{block}{text[end:]}".encode())
    have, _ = compose(changed)
    merged = _merged(plain(node), plain(added) if under is None else {under: plain(added)})
    return changed if have is not None and plain(have) == merged else None


def _merged(old: Plain, new: Plain) -> Plain:
    """Return what two maps say together, and maps in them."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old | {key: _merged(old.get(key), value) for key, value in new.items()}
    return new


def _end(node: Node) -> int:
    """Return where the last value of a node ends."""
    while not isinstance(node, Scalar):
        if isinstance(node, Mapping):
            if not node.entries:
                break
            node = node.entries[-1][1]
        else:
            return node.end if not node.items else _end(node.items[-1])
    return node.end


def _line_end(text: str, offset: int) -> int:
    """Return where the next line starts."""
    at = text.find("\n", offset)
    return len(text) if at < 0 else at + 1
