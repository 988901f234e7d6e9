"""Versions of programs: which texts are versions, and in which order.

There are four schemes. A Go module has a semantic version with a `v`; a release of Go has a version
of its own kind, which every program of the Go distribution shares; packages of Python and of npm
have those of PEP 440 and of Semantic Versioning as it stands:

    go-module      v0.16.0-pre.1 < v0.16.0 < v0.16.1
    go-toolchain   go1.20rc1 < go1.20 = go1.20.0 < go1.21 < go1.21rc1 < go1.21.0
    pep440         1.0.dev1 < 1.0a1 < 1.0rc1 < 1.0 = 1.0.0 < 1.0.post1 < 1!0.1
    semver         1.0.0-alpha.2 < 1.0.0-alpha.11 < 1.0.0-beta < 1.0.0

In the second, `go1.21` is the language, older than every release of it, while `go1.20` and all
before it are the first release themselves.

A program that was built from source reports `devel` instead, in either scheme. So does one whose
version has two dashes or more, as pseudo-versions have, and one of a toolchain with a suffix, such
as `go1.23.4-custom`: these are valid here, and no installation reports them.

Source:
    Semantic Versioning 2.0.0, sections 2 and 9 to 11; https://go.dev/doc/toolchain#version; PEP
    440. Validity and order are those of golang.org/x/mod/semver, of go/version, and of the library
    packaging.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

DEVEL: Final = "devel"
"""The version of every development build."""

_Part: TypeAlias = tuple[int, int, str]
SortKey: TypeAlias = tuple[int, Any, str]
"""A version's place: first `devel`, then what is invalid, then versions; the text settles ties."""


class Scheme(Enum):
    """How the versions of a program are written and ordered.

    Examples:
        >>> sorted(["go1.21.0", "devel", "go1.21rc1", "go1.9"], key=Scheme.GO_TOOLCHAIN.sort_key)
        ['devel', 'go1.9', 'go1.21rc1', 'go1.21.0']
        >>> Scheme.GO_TOOLCHAIN.is_valid("go1.9.2rc2"), Scheme.GO_MODULE.is_valid("v1.2.3-pre.1")
        (False, True)
        >>> sorted(["1.0", "1!0.1", "1.0.post1", "1.0rc1"], key=Scheme.PEP440.sort_key)
        ['1.0rc1', '1.0', '1.0.post1', '1!0.1']
    """

    GO_MODULE = "go-module"
    GO_TOOLCHAIN = "go-toolchain"
    PEP440 = "pep440"
    SEMVER = "semver"

    @property
    def example(self) -> str:
        """A version, for whoever is to write one."""
        return _EXAMPLES[self]

    @property
    def is_of_go(self) -> bool:
        """Whether Go's own versions are written so."""
        return self in (Scheme.GO_MODULE, Scheme.GO_TOOLCHAIN)

    def is_valid(self, text: str) -> bool:
        """Tell whether `text` is `devel` or what its scheme calls valid: in Go, `v1.2` is, too."""
        return text == DEVEL or self._parts(text) is not None

    def is_published(self, text: str) -> bool:
        """Tell whether a release can report `text`: as `v0.20.0`, never as `v0.20`.

        A version of PEP 440 is in its normal form then, without a local part, and one of npm has no
        build metadata.
        """
        if text == DEVEL:
            return False
        if self is Scheme.GO_MODULE:
            return canonical(text) == text.removesuffix("+incompatible")
        if self is Scheme.GO_TOOLCHAIN:
            return self.is_valid(text)
        return self.is_valid(text) and "+" not in text and self._normal(text) == text

    def is_prerelease(self, text: str) -> bool:
        """Tell whether a valid version comes before the release that it is named after."""
        if self is Scheme.PEP440:
            from packaging.version import Version

            return Version(text).is_prerelease
        if self is Scheme.GO_TOOLCHAIN:
            match = _TOOLCHAIN.fullmatch(text)
            return match is not None and match[4] is not None
        return "-" in text.partition("+")[0]

    def sort_key(self, text: str) -> SortKey:
        """Return a key that sorts any texts as their scheme does, and by code point on a tie.

        Go has one place for all that is invalid, below every version, and so have the others here;
        `devel` comes first.
        """
        if text == DEVEL:
            return 0, (), text
        parts = self._parts(text)
        return (1, (), text) if parts is None else (2, parts, text)

    def _parts(self, text: str) -> Any:  # noqa: ANN401 - parts of one scheme are compared alone
        return _PARTS[self](text)

    def _normal(self, text: str) -> str:
        if self is Scheme.PEP440:
            from packaging.version import Version

            return str(Version(text))
        return text


def scheme_of_module(module: str | None) -> Scheme:
    """Return how versions are written where nothing else is said.

    Args:
        module: The program's module; None for one of the toolchain.
    """
    return Scheme.GO_TOOLCHAIN if module is None else Scheme.GO_MODULE


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


@lru_cache(maxsize=4096)
def _semver_parts(text: str) -> tuple[_Part, ...] | None:
    """Return the parts of a version of npm: that of a module without `v`, all numbers written."""
    match = _MODULE.fullmatch(f"v{text}")
    return None if match is None or match[3] is None else _module_parts(f"v{text}")


@lru_cache(maxsize=4096)
def _python_parts(text: str) -> Any:  # noqa: ANN401 - what packaging compares, or None
    from packaging.version import InvalidVersion, Version  # few programs are written in Python

    # packaging takes spaces around a version, and Python reads no number of thousands of digits
    if len(text) > _LONGEST_PYTHON or text.strip() != text:
        return None
    try:
        return Version(text)
    except InvalidVersion:
        return None


_LONGEST_PYTHON: Final = 255
_PARTS: Final[dict[Scheme, Callable[[str], Any]]] = {
    Scheme.GO_MODULE: _module_parts,
    Scheme.GO_TOOLCHAIN: _toolchain_parts,
    Scheme.PEP440: _python_parts,
    Scheme.SEMVER: _semver_parts,
}
_EXAMPLES: Final = {
    Scheme.GO_MODULE: "v0.13.0",
    Scheme.GO_TOOLCHAIN: "go1.23rc1",
    Scheme.PEP440: "24.1.0",
    Scheme.SEMVER: "1.20.3",
}
