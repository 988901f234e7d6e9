"""Padding: the versions that a program may have tomorrow, so that they are collected at once.

A client reports a version only if the config names it. A release would be counted only after the
next config, and not in its first weeks, when it matters most. So versions are named before they are
there. docs/versions.md tells by which rules, and compares them with what a run gives.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

from chartconfig.module.version import Scheme

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NUMBERS: Final = re.compile(r"(?P<before>v|[0-9]+!|)(?P<numbers>[0-9]+(?:\.[0-9]+)*)")
_PARTS: Final = 3
_PRERELEASE: Final = {Scheme.GO_MODULE: "-pre.", Scheme.PEP440: "rc", Scheme.SEMVER: "-rc."}
_LONGEST: Final = 18
"""The most digits of a number that is counted up: enough for a time, to the second and more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Padding:
    """How far ahead of the newest release versions are named; all whole numbers from 0.

    What is left out is what a quarter may bring, from a program with a release every two weeks.
    """

    releases: int = 6
    """How many releases ahead: the sum of the steps in major, minor and patch."""
    major: int = 1
    """How many new major versions."""
    minor: int = 3
    """How many new major and minor versions together."""
    patch: int = 6
    """How many patches of one minor version."""
    prereleases: int = 0
    """How many pre-releases of each of them."""
    prerelease: str | None = None
    """What stands between a release and the number of its pre-release: `-rc.`, in npm's scheme."""

    def at_most(self, other: Padding) -> Padding:
        """Return the padding that is no wider than either, with this one's kind of pre-release."""
        counts = [field.name for field in fields(self) if field.name != "prerelease"]
        smaller = {name: min(getattr(self, name), getattr(other, name)) for name in counts}
        return Padding(**smaller, prerelease=self.prerelease)


TOMORROW: Final = Padding(releases=2, major=1, minor=1, patch=2, prereleases=2)
"""What one day may bring: two patch releases, or a new minor or major version and its patch."""


def padded(versions: Iterable[str], scheme: Scheme, padding: Padding) -> tuple[str, ...]:
    """Return the versions that may come after these, in version order; none of them is there.

    Args:
        versions: Those that are released, all valid; of a toolchain, nothing comes after them.
        scheme: How they are written.
        padding: How far ahead.

    Examples:
        >>> one = Padding(releases=1, prereleases=2)
        >>> padded(["v1.4.1", "v1.4.2-pre.1"], Scheme.GO_MODULE, one)
        ('v1.4.2-pre.2', 'v1.4.2', 'v1.5.0-pre.1', 'v1.5.0-pre.2', 'v1.5.0', 'v2.0.0-pre.1', \
'v2.0.0-pre.2', 'v2.0.0')
        >>> padded(["24.1", "24.1.1"], Scheme.PEP440, Padding(releases=1))
        ('24.1.2', '24.2', '25.0')
    """
    if scheme is Scheme.GO_TOOLCHAIN:
        return ()
    known = set(versions)
    there = {version.partition("+")[0] for version in known}
    before, newest, short = _newest(known, scheme)
    suffix = padding.prerelease or _PRERELEASE[scheme]
    found = []
    for numbers in _ahead(newest, padding):
        written = numbers[:2] if short and numbers[2] == 0 else numbers
        release = before + ".".join(map(str, written))
        found.append(release)
        # Those before one that is there are taken for skipped: they would have come first.
        looked_at = range(1, max(_LOOKED_AT, padding.prereleases) + 1)
        given = [number for number in looked_at if f"{release}{suffix}{number}" in there]
        first = max(given, default=0) + 1
        found += [f"{release}{suffix}{number}" for number in range(first, padding.prereleases + 1)]
    return tuple(sorted((v for v in found if v not in there), key=scheme.sort_key))


_LOOKED_AT: Final = 8
"""How many pre-releases of one release are looked for, however few are named."""


def _ahead(newest: tuple[int, int, int], padding: Padding) -> Iterator[tuple[int, int, int]]:
    """Yield the numbers of the releases that may come; a new number starts those below it at 0."""
    major, minor, patch = newest
    for majors in range(padding.major + 1):
        for minors in range(padding.minor - majors + 1):
            for patches in range(padding.patch + 1):
                if not 0 < majors + minors + patches <= padding.releases:
                    continue
                if majors:
                    yield major + majors, minors, patches
                elif minors:
                    yield major, minor + minors, patches
                else:
                    yield major, minor, patch + patches


def _newest(versions: set[str], scheme: Scheme) -> tuple[str, tuple[int, int, int], bool]:
    """Return what stands before the numbers of the newest release, its first three numbers, and
    whether the newest one without patches is written with two, as PEP 440 allows.

    Before the first release that is 0.0.0. A number that nobody can mean is passed over.
    """  # noqa: D205 - one sentence
    released = [version for version in versions if not scheme.is_prerelease(version)]
    ascending = sorted(released, key=scheme.sort_key)
    before, numbers, short = ("v" if scheme is Scheme.GO_MODULE else ""), (0, 0, 0), False
    for version in ascending:
        match = _NUMBERS.match(version)
        assert match is not None, "a valid version has numbers"
        written = match["numbers"].split(".")
        if max(map(len, written)) > _LONGEST:
            continue
        major, minor, patch = (*map(int, written[:_PARTS]), 0, 0)[:_PARTS]
        before, numbers = match["before"], (major, minor, patch)
        if patch == 0:
            short = len(written) < _PARTS
    return before, numbers, short and scheme is Scheme.PEP440
