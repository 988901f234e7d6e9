"""YAML as people would write it, of values that come from elsewhere."""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING

from chartconfig.source.document import Document
from chartconfig.source.nodes import plain
from chartconfig.source.yaml import compose

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chartconfig.exchange.draft import Item

WIDTH = 98
_PLAIN = re.compile(r"[A-Za-z0-9(./][^\[\]{},#&*!|>'\"%@`]*")
_FOLDED = re.compile(r"[^ ]+(?: [^ ]+)*")


def scalar(text: str) -> str:
    """Return a text as YAML reads it back, with quotes only where they are needed.

    Examples:
        >>> scalar("How hello is started"), scalar("386"), scalar("no"), scalar("a: b")
        ('How hello is started', '"386"', '"no"', '"a: b"')
    """
    if _PLAIN.fullmatch(text) and _reads_back(f"[{text}]", [text]):
        return text
    return json.dumps(text, ensure_ascii=False)


def listed(texts: Sequence[str]) -> str:
    """Return a list on one line.

    Examples:
        >>> listed(["vim", "1.20"])
        '[vim, "1.20"]'
    """
    return f"[{', '.join(map(scalar, texts))}]"


def entry(key: str, item: Item, *, comment: str | None = None) -> str:
    """Return a key and its value, folded if it is long, with the comments beside it.

    Args:
        key: Of a block map.
        item: The value.
        comment: One more comment at its end.
    """
    return f"{above(item.before)}{_value(key, item.text, _joined(item.comment, comment))}"


def entries(key: str, items: Sequence[Item], *, comment: str | None = None) -> str:
    """Return a key and a list, on one line if it is short and nothing is said of its items."""
    line = f"{key}: {listed([item.text for item in items])}{at_end(comment)}\n"
    if not any(item.before or item.comment is not None for item in items) and len(line) <= WIDTH:
        return line
    block = (
        f"{above(item.before, indent='  ')}  - {scalar(item.text)}{at_end(item.comment)}\n"
        for item in items
    )
    return f"{key}:{at_end(comment)}\n{''.join(block)}"


def above(comments: Iterable[str], *, indent: str = "") -> str:
    """Return comments as lines of their own."""
    return "".join(f"{indent}# {visible(text)}".rstrip() + "\n" for text in comments)


def at_end(comment: str | None) -> str:
    """Return a comment as it stands at the end of a line."""
    return f"  # {visible(comment)}".rstrip() if comment is not None else ""


def visible(comment: str) -> str:
    """Return a comment as YAML may hold it: without tabs."""
    return comment.replace("\t", " ")


def _joined(*comments: str | None) -> str | None:
    return "; ".join(text for text in comments if text is not None) or None


def _value(key: str, text: str, comment: str | None) -> str:
    """Return `key: value`, in lines if one would be too long and folding keeps the text."""
    line = f"{key}: {scalar(text)}"
    if len(line) > WIDTH and _FOLDED.fullmatch(text):
        lines = textwrap.wrap(text, WIDTH - 2, break_long_words=False, break_on_hyphens=False)
        folded = f">-{at_end(comment)}\n" + "".join(f"  {each}\n" for each in lines)
        if _reads_back(folded, text):
            return f"{key}: {folded}"
    return f"{line}{at_end(comment)}\n"


def _reads_back(value: str, meant: str | list[str]) -> bool:
    """Return whether YAML reads a value as what is meant, and refuses nothing about it."""
    node, _ = compose(Document(path="", data=f"key: {value}\n".encode()))
    return node is not None and plain(node) == {"key": meant}
