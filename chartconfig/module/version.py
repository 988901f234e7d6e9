"""Versions of modules and of Go toolchains: which texts are versions, and in which order.

They are two schemes. A module has a semantic version; a release of Go has a version of its own
kind, which every program of the Go distribution shares:

    module      v0.16.0-pre.1 < v0.16.0 < v0.16.1
    toolchain   go1.20rc1 < go1.20 = go1.20.0 < go1.21 < go1.21rc1 < go1.21.0

In the second, `go1.21` is the language, older than every release of it, while `go1.20` and all
before it are the first release themselves.

A program that was built from source reports `devel` instead, in either scheme. So does one whose
version has two dashes or more, as pseudo-versions have, and one of a toolchain with a suffix, such
as `go1.23.4-custom`: these are valid here, and no installation reports them.

Source:
    Semantic Versioning 2.0.0, sections 9 to 11, and https://go.dev/doc/toolchain#version. Validity
    and order are those of golang.org/x/mod/semver and go/version.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import Final, TypeAlias

DEVEL: Final = "devel"
"""The version of every development build."""

_Part: TypeAlias = tuple[int, int, str]
SortKey: TypeAlias = tuple[int, tuple[_Part, ...], str]
"""A version's place: first `devel`, then what is invalid, then versions; the text settles ties."""


class Scheme(Enum):
    """How the versions of a program are written and ordered.

    Examples:
        >>> sorted(["go1.21.0", "devel", "go1.21rc1", "go1.9"], key=Scheme.GO_TOOLCHAIN.sort_key)
        ['devel', 'go1.9', 'go1.21rc1', 'go1.21.0']
        >>> Scheme.GO_TOOLCHAIN.is_valid("go1.9.2rc2"), Scheme.GO_MODULE.is_valid("v1.2.3-pre.1")
        (False, True)
    """

    GO_MODULE = "go-module"
    GO_TOOLCHAIN = "go-toolchain"

    def is_valid(self, text: str) -> bool:
        """Tell whether `text` is `devel` or what Go calls valid: `v1` and `v1.2` are, too."""
        return text == DEVEL or self._parts(text) is not None

    def sort_key(self, text: str) -> SortKey:
        """Return a key that sorts any texts as Go's Compare does, and by code point on a tie.

        Go has one place for all that is invalid, below every version; here `devel` comes first.
        """
        if text == DEVEL:
            return 0, (), text
        parts = self._parts(text)
        return (1, (), text) if parts is None else (2, parts, text)

    def _parts(self, text: str) -> tuple[_Part, ...] | None:
        return _module_parts(text) if self is Scheme.GO_MODULE else _toolchain_parts(text)


def canonical(version: str) -> str | None:
    """Return a module's version as it is published, or None if `version` is not valid.

    Missing numbers become 0, and build metadata goes: two versions of equal order have one
    canonical form.

    Examples:
        >>> canonical("v1.2"), canonical("v1.2.3-pre+meta"), canonical("1.2.3")
        ('v1.2.0', 'v1.2.3-pre', None)
    """
    match = _MODULE.fullmatch(version)
    if match is None:
        return None
    major, minor, patch, prerelease = match.groups(default="")
    return f"v{major}.{minor or 0}.{patch or 0}" + (f"-{prerelease}" if prerelease else "")


def is_release(text: str) -> bool:
    """Tell whether `text` is a version that a config may have, each number of up to nine digits.

    Examples:
        >>> is_release("v1.20.3"), is_release("v1.20"), is_release("v1.20.3-rc.1")
        (True, False, False)
    """
    return _RELEASED.fullmatch(text) is not None


def next_release(last: str | None, *, minor: bool) -> str:
    """Return the version that comes after the last release.

    Args:
        last: The last release; None before the first, which is v1.0.0 in any case.
        minor: Whether the minor version goes up, because installations send what they did not
            send before; otherwise the patch does.

    Raises:
        ValueError: `last` is no release of a config, or the next would have more than nine digits.

    Examples:
        >>> next_release(None, minor=True), next_release("v1.4.2", minor=True)
        ('v1.0.0', 'v1.5.0')
        >>> next_release("v1.4.2", minor=False)
        'v1.4.3'
    """
    if last is None:
        return "v1.0.0"
    match = _RELEASED.fullmatch(last)
    if match is None:
        raise ValueError(f"{last!a} is no version of a config, such as v1.2.3")
    major, middle, patch = map(int, match.groups())
    middle, patch = (middle + 1, 0) if minor else (middle, patch + 1)
    following = f"v{major}.{middle}.{patch}"
    if not is_release(following):
        raise ValueError(f"nothing comes after {last}: a number has nine digits at most")
    return following


_INT: Final = "(0|[1-9][0-9]*)"
_NINE_DIGITS: Final = "(0|[1-9][0-9]{0,8})"
_RELEASED: Final = re.compile(rf"v([01])\.{_NINE_DIGITS}\.{_NINE_DIGITS}")
_IDENTIFIER: Final = "(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_BUILD: Final = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_MODULE: Final = re.compile(
    rf"v{_INT}(?:\.{_INT}(?:\.{_INT}"
    rf"(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?(?:\+{_BUILD})?)?)?"
)
_TOOLCHAIN: Final = re.compile(
    rf"go{_INT}(?:\.{_INT}(?:\.{_INT}|([a-z]+){_INT}?)?)?(?:-.*)?", re.DOTALL
)

# Parts of one place in two versions compare as Go compares them: nothing, numbers, names, release.
_NOTHING: Final[_Part] = (0, 0, "")
_RELEASE: Final[_Part] = (2, 0, "")


def _number(digits: str) -> _Part:
    """Compare digits by value; not by int(), which refuses thousands of them."""
    return 0, len(digits), digits


def _name(text: str) -> _Part:
    return 1, 0, text


@lru_cache(maxsize=4096)  # every chart has a first version, and most share it
def _module_parts(text: str) -> tuple[_Part, ...] | None:
    match = _MODULE.fullmatch(text)
    if match is None:
        return None
    *numbers, prerelease = match.groups()
    parts = [_number(digits or "0") for digits in numbers]
    if prerelease is None:
        return (*parts, _RELEASE)
    identifiers = prerelease.split(".")
    return (*parts, *(_number(i) if i.isdigit() else _name(i) for i in identifiers))


@lru_cache(maxsize=4096)
def _toolchain_parts(text: str) -> tuple[_Part, ...] | None:
    match = _TOOLCHAIN.fullmatch(text)
    if match is None:
        return None
    major, minor, patch, kind, pre = match.groups()
    if minor is None:
        minor = patch = "0"
    elif patch is None and kind is None and _number(minor) < _number("21"):
        patch = "0"
    return (
        _number(major),
        _number(minor),
        _number(patch or ""),
        _name(kind) if kind else _NOTHING,
        _number(pre or ""),
    )
