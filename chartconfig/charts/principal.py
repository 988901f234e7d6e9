"""Principals: the names by which allowed_signers and policy.yaml know people.

A principal is an e-mail address of visible ASCII, so that it can be compared with the authors that
git names, and so that two people can never be told apart by the machine and not by a reader.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_PRINCIPAL: Final = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._+-]*@[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9][A-Za-z0-9-]*)*"
)
_LONGEST: Final = 200
_ALIKE: Final = (("I", "l"), ("0", "o"), ("1", "l"), ("_", "-"), ("rn", "m"), ("vv", "w"))


def why_refused(principal: str) -> str | None:
    """Return what is wrong with a principal, or None.

    Examples:
        >>> why_refused("ana@example.org")
        >>> why_refused("*@example.org")
        'is a pattern, which many names match'
        >>> why_refused("ana")
        'is no e-mail address, by which authors are known'
    """
    if foreign := re.search(r"[^!-~]", principal):
        return f"holds U+{ord(foreign.group()):04X}, which is not visible ASCII"
    if re.search(r"[*?!]", principal):
        return "is a pattern, which many names match"
    if len(principal) > _LONGEST:
        return f"is longer than {_LONGEST} characters"
    if not _PRINCIPAL.fullmatch(principal):
        return "is no e-mail address, by which authors are known"
    return None


def look_alike(principal: str, others: Iterable[str]) -> str | None:
    """Return the first of others that a reader may take for a principal, and that is not the same.

    Examples:
        >>> look_alike("ana@example.org", ["bo@example.org", "Ana@example.org"])
        'Ana@example.org'
        >>> look_alike("al@example.org", ["ana@example.org", "a1@example.org"])
        'a1@example.org'
    """
    shapes = _shapes(principal)
    return next((each for each in others if each != principal and shapes & _shapes(each)), None)


def _shapes(principal: str) -> set[str]:
    """Return a principal without the differences that are hard to see."""
    shape = principal
    for one, other in _ALIKE:
        shape = shape.replace(one, other)
    return {principal.lower(), shape.lower()}
