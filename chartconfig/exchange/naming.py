"""Ids of programs and charts, made of the names that another format has for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

_LONGEST = 60
"""Characters of an id that is made: far below what file systems allow."""
_MAJOR = re.compile(r"v[0-9]+")


def program_id(name: str, taken: Container[str]) -> str:
    """Return an id for a program: the last part of its name, more of them if that is taken.

    Examples:
        >>> program_id("golang.org/x/tools/gopls", ()), program_id("cmd/go", ())
        ('gopls', 'cmd-go')
        >>> program_id("example.org/a/cmd/tool/v2", ("tool",))
        'cmd-tool'
    """
    parts = name.split("/")
    if len(parts) > 1 and _MAJOR.fullmatch(parts[-1]):
        parts.pop()
    least = 2 if parts[0] == "cmd" else 1
    for count in range(least, len(parts) + 1):
        if (made := _spelled("/".join(parts[-count:]))) and made not in taken:
            return made
    return _numbered(_spelled(name) or "program", taken)


def chart_id(counter: str, title: str, taken: Container[str]) -> str:
    """Return an id for a chart of a program: its counter's name without the program's prefix.

    The title is taken for a counter of which no letter or digit can stand in an id.

    Examples:
        >>> chart_id("gopls/client", "Editors", ()), chart_id("go/build/flag", "Flags", ())
        ('client', 'build-flag')
        >>> chart_id("gopls/client", "Editors", ("client",))
        'client-2'
    """
    owner, slash, rest = counter.partition("/")
    made = _spelled(rest if slash else owner) or _spelled(counter) or _spelled(title)
    return _numbered(made or "chart", taken)


def _spelled(text: str) -> str:
    """Return a text in lower case, with hyphens for whatever is neither letter nor digit."""
    made = "-".join(re.findall("[a-z0-9]+", text.lower()))
    return made[:_LONGEST].strip("-")


def _numbered(made: str, taken: Container[str]) -> str:
    number = 1
    numbered = made
    while numbered in taken:
        number += 1
        numbered = f"{made}-{number}"
    return numbered
