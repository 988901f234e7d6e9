"""The counter expression: a chart name, and the buckets that share it.

    gopls/client                        a counter
    gopls/client, [vim, zed, other]     one counter for each bucket: gopls/client:vim, ...
    gopls/bug                           a stack, when the chart is of that type

A name is made of parts between slashes, the first of which says who owns it. What a client would
read differently is refused: a space, a comma, a brace, anything that is not visible ASCII, and a
second colon.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_REFUSED = re.compile(r"[^!-~]|[,{}]")
_LONGEST = 200
_ALLOWED = f"write letters, digits and hyphens, {_LONGEST} characters at most"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A counter and its buckets, or a stack."""

    name: str
    """As the program counts it, without the buckets."""
    buckets: tuple[str, ...] = ()

    @property
    def prefix(self) -> str:
        """The first part of the name: `gopls` of `gopls/client`."""
        return self.name.partition(":")[0].partition("/")[0]

    @property
    def events(self) -> tuple[str, ...]:
        """The names of the single counters: the name itself, or one for each bucket."""
        return tuple(f"{self.name}:{bucket}" for bucket in self.buckets) or (self.name,)


def read_counters(data: dict[str, Any]) -> tuple[Counter, ...]:
    """Return the counter of a chart, or the numerator and denominator of a ratio."""
    names = [data[key] for key in ("counter", "numerator", "denominator") if key in data]
    buckets = tuple(data.get("buckets", ()))
    return tuple(Counter(name=name, buckets=buckets) for name in names)


def why_name_refused(name: str) -> str | None:
    """Return what is wrong with a counter's name, or None.

    Examples:
        >>> why_name_refused("gopls/client")
        >>> why_name_refused("gopls/client name")
        'holds a space'
        >>> why_name_refused("gopls:a:b")
        'holds two colons'
    """
    if refused := _REFUSED.search(name):
        return f"holds {_called(refused.group())}"
    if name.count(":") > 1:
        return "holds two colons"
    chart_name, colon, bucket = name.partition(":")
    if colon and not bucket:
        return "ends with a colon"
    if not all(chart_name.split("/")):
        return "has an empty part beside a slash"
    return f"is longer than {_LONGEST} characters" if len(name) > _LONGEST else None


def why_bucket_refused(bucket: str) -> str | None:
    """Return what is wrong with a bucket's name, or None.

    Examples:
        >>> why_bucket_refused("vscode-insiders")
        >>> why_bucket_refused("a,b")
        'holds a comma'
    """
    if refused := _REFUSED.search(bucket):
        return f"holds {_called(refused.group())}"
    if ":" in bucket:
        return "holds a colon"
    return f"is longer than {_LONGEST} characters" if len(bucket) > _LONGEST else None


def suggested_name(name: str) -> str:
    """Return what to write instead of a refused name: nearly the same, or what names are made of.

    Examples:
        >>> suggested_name("gopls//editor client:{vim}")
        'write gopls/editor-client:vim'
    """
    chart_name, _, bucket = name.partition(":")
    parts = filter(None, map(_spelled_safely, chart_name.split("/")))
    better = ":".join(filter(None, ("/".join(parts), _spelled_safely(bucket))))
    return f"write {better}" if better and not why_name_refused(better) else _ALLOWED


def suggested_bucket(bucket: str) -> str:
    """Return what to write instead of a refused bucket: nearly the same, or what is allowed."""
    better = _spelled_safely(bucket)
    return f"write {better}" if better and not why_bucket_refused(better) else _ALLOWED


def _spelled_safely(text: str) -> str:
    return re.sub(r"-*(?:[^!-~]|[,{}:])+-*", "-", text).strip("-")


def _called(character: str) -> str:
    called = {" ": "a space", ",": "a comma", "{": "a brace", "}": "a brace", "\n": "a line break"}
    return called.get(character) or f"U+{ord(character):04X}, which is not visible ASCII"
