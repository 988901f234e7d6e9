"""versions.lock.yaml as text: written anew after a look-up, with the comments that stand in it.

    # yaml-language-server: $schema=../schema/versions.schema.json
    toolchain:
      source: https://proxy.golang.org/golang.org/toolchain/@v/list
      updated: 2026-11-01
      versions:
        - go1.26.0
    programs:
      gopls:
        source: https://proxy.golang.org/golang.org/x/tools/gopls/@v/list
        updated: 2026-11-01
        versions:
          - v0.20.0  # the first with telemetry
        ahead:
          - v0.20.1

Bytes: UTF-8, one version a line, lists in version order, programs in the order that they had and
new ones behind them, by id. `ahead`, `yanked` and `gone` stand where they have a version.

A comment belongs to the key or the version behind it, or before it on its line, and goes where that
goes. One on what the entry no longer has moves before `versions`.
"""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chartconfig.source.document import Document
from chartconfig.source.nodes import Mapping, Scalar, Sequence, index
from chartconfig.source.schema import schema_line
from chartconfig.source.yaml import compose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartconfig.charts.versions import Known
    from chartconfig.source.nodes import Node

EMPTY: Final = b"toolchain: {source: none yet, updated: 1970-01-01, versions: []}\n"
"""What stands for the file where there is none."""
_WIDTH: Final = 100
_COMMENT: Final = re.compile(r"(?:^|(?<=\s))#[^\r\n]*", re.MULTILINE)
# What no reader of YAML takes for a number, a truth or nothing: other texts are quoted or folded.
_SAFE_VERSION: Final = re.compile(r"(?:(?:v|go)[0-9]|[0-9]+\.[0-9]+\.[0-9])[A-Za-z0-9.+!-]*")
_SAFE_TEXT: Final = re.compile(r"(?=.*[ /])[A-Za-z](?:[^\s:#]|:(?=\S)|(?<=\S) (?=[^\s#]))*")
_Key = tuple[str, ...]


@dataclass(slots=True)
class _Comments:
    """The comments of a text: before a key or version, or behind it, and at the end."""

    before: dict[_Key, list[str]] = field(default_factory=dict)
    behind: dict[_Key, str] = field(default_factory=dict)
    last: list[str] = field(default_factory=list)

    def move(self, entry: _Key, kept: set[_Key], to: _Key) -> None:
        """Move the comments on all that an entry no longer has before one of its keys."""
        keys = dict.fromkeys((*self.before, *self.behind))
        for key in [k for k in keys if k[: len(entry)] == entry != k and k not in kept]:
            behind = self.behind.pop(key, None)
            moved = [*self.before.pop(key, ()), *([behind] if behind else ())]
            self.before.setdefault(to, []).extend(moved)


def encode_lock(
    toolchain: Known, programs: dict[str, Known], *, path: str, old: Document | None = None
) -> bytes:
    """Return the bytes of the file.

    Args:
        toolchain: The entry of the toolchain.
        programs: Those of programs, by id.
        path: Where the file stands, for its first line.
        old: The file before, whose comments and order of programs are kept.
    """
    comments, order = _Comments(), []
    if old is not None:
        root, _ = compose(old)
        assert isinstance(root, Mapping), "it was read before"
        comments = _comments(old.text, root)
        listed = {key.text: value for key, value in root.entries}.get("programs")
        order = [key.text for key, _ in listed.entries] if isinstance(listed, Mapping) else []
    ids = [*order, *sorted(programs.keys() - set(order))]
    lines = [*_keyed(("toolchain",), 0, comments), *_entry(toolchain, ("toolchain",), comments)]
    if ids or ("programs",) in comments.before:
        lines += _keyed(("programs",), 0, comments, "" if ids else " {}")
        for key in ids:
            lines += _keyed(("programs", key), 1, comments)
            lines += _entry(programs[key], ("programs", key), comments)
    lines += comments.last
    if not lines[0].startswith("# yaml-language-server:"):
        lines.insert(0, schema_line("versions", path))
    return "".join(f"{line}\n" for line in lines).encode()


def encode_entry(key: str, known: Known) -> str:
    """Return one entry as the file has it, not indented."""
    lines = (f"{_spelled_key(key)}:", *_entry(known, (key,), _Comments()))
    return "".join(f"{line}\n" for line in lines)


def _entry(known: Known, path: _Key, comments: _Comments) -> Iterator[str]:
    depth = len(path)
    lists = {
        "versions": known.versions,
        "ahead": known.ahead,
        "yanked": known.yanked,
        "gone": known.gone,
    }
    lists = {name: versions for name, versions in lists.items() if versions or name == "versions"}
    kept = {(*path, key) for key in ("source", "updated", *lists)}
    kept |= {_item((*path, name), version) for name, vs in lists.items() for version in vs}
    comments.move(path, kept, (*path, "versions"))
    yield from _keyed((*path, "source"), depth, comments, _text(known.source, "  " * depth))
    yield from _keyed((*path, "updated"), depth, comments, f" {known.updated}")
    for name, versions in lists.items():
        yield from _list(versions, (*path, name), comments)


def _list(versions: tuple[str, ...], path: _Key, comments: _Comments) -> Iterator[str]:
    depth = len(path) - 1
    yield from _keyed(path, depth, comments, "" if versions else " []")
    for version in versions:
        written = version if _SAFE_VERSION.fullmatch(version) else json.dumps(version)
        yield from _keyed(_item(path, version), depth + 1, comments, start=f"- {written}")


def _item(path: _Key, version: str) -> _Key:
    """Return what a version in a list has its comments by: they go with it when it comes out."""
    *above, name = path
    return (*above, "version" if name in ("versions", "ahead") else name, version)


def _keyed(
    path: _Key, depth: int, comments: _Comments, value: str = "", *, start: str | None = None
) -> Iterator[str]:
    """Yield the line of a key and its value, or of a version, with the comments on it."""
    indent = "  " * depth
    yield from (f"{indent}{comment}" for comment in comments.before.get(path, ()))
    first, *more = ((start or f"{_spelled_key(path[-1])}:") + value).split("\n")
    behind = comments.behind.get(path)
    yield f"{indent}{first}" + (f"  {behind}" if behind else "")
    yield from more


def _text(source: str, indent: str) -> str:
    """Return text as the value of a key; folded where it is long, or would be read otherwise."""
    if _SAFE_TEXT.fullmatch(source) and len(f"{indent}source: {source}") <= _WIDTH:
        return f" {source}"
    lines = textwrap.wrap(
        source, _WIDTH - len(indent) - 2, break_long_words=False, break_on_hyphens=False
    )
    return "\n".join((" >-", *(f"{indent}  {line}" for line in lines)))


def _spelled_key(key: str) -> str:
    """Return the id of a program as a key; in quotes where YAML takes it for something else."""
    _, found = compose(Document(path="", data=f"{key}: x\n".encode()))
    return json.dumps(key) if found else key


def _comments(text: str, root: Mapping) -> _Comments:
    spans, places = _places(text, root)
    found = _Comments()
    for match in _COMMENT.finditer(text):
        at = match.start()
        if any(start <= at < end for start, end in spans):
            continue  # a part of a text
        comment = match[0].rstrip()
        alone = not text[text.rfind("\n", 0, at) + 1 : at].strip()
        _, earlier = max((place for place in places if place[0] < at), default=(0, None))
        _, following = min((place for place in places if place[0] > at), default=(0, None))
        if earlier is not None and not alone and earlier not in found.behind:
            found.behind[earlier] = comment
        elif following is not None:
            found.before.setdefault(following, []).append(comment)
        else:
            found.last.append(comment)
    return found


def _places(text: str, root: Mapping) -> tuple[list[tuple[int, int]], list[tuple[int, _Key]]]:
    """Return the spans of all texts, and where each key and each version of a list starts."""
    found = index(root)
    spans = [
        # that of a folded text starts at its mark, behind which a comment may stand
        (text.find("\n", node.start) if text[node.start] in "|>" else node.start, node.end)
        for node in found.values.values()
        if isinstance(node, Scalar) and node.start < node.end
    ]
    spans += [(key.start, key.end) for key in found.keys.values()]
    places: list[tuple[int, _Key]] = [
        (key.start, tuple(map(str, path))) for path, key in found.keys.items()
    ]
    for path, node in found.values.items():
        if isinstance(node, Sequence):
            above = tuple(map(str, path))
            places += [(item.start, _item(above, _spelled(item))) for item in node.items]
    return spans, places


def _spelled(node: Node) -> str:
    assert isinstance(node, Scalar), "the schema allows texts alone"
    return node.text
