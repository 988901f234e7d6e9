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
_NUMBERED: Final = re.compile(
    _NUMBERS.pattern + r"(?:(?P<kind>[a-z]+|-[A-Za-z-]+\.?)(?P<number>[0-9]{1,9}))?"
)
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

    @property
    def required(self) -> Padding:
        """What is to be listed on any day: tomorrow's versions, as far as this names them.

        One patch less than this is enough, if that leaves one: were all of it required, every
        release would ask for the next look-up at once.
        """
        counts = [field.name for field in fields(self) if field.name != "prerelease"]
        smaller = {name: min(getattr(self, name), getattr(TOMORROW, name)) for name in counts}
        for name in ("releases", "patch"):
            smaller[name] = min(smaller[name], max(getattr(self, name) - 1, 1))
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Padding that was found in a list of versions."""

    newest: str
    """The release that it follows."""
    ahead: tuple[str, ...]
    """The versions that it named, in version order."""
    padding: Padding


def find_padding(versions: Iterable[str], scheme: Scheme) -> Found | None:
    """Return what is padding at the end of a list that does not tell it from released versions.

    That is everything newer than the oldest release of which exactly that is the padding, two
    patches and a minor version at least. It may be released all the same: nobody can see it.

    Args:
        versions: Released ones and those that may come, all valid.
        scheme: How they are written.

    Examples:
        >>> listed = ["v1.1.9", "v1.2.0", "v1.2.1", "v1.2.2", "v1.3.0", "v1.3.1"]
        >>> found = find_padding(listed, Scheme.GO_MODULE)
        >>> found.newest, found.ahead, found.padding.releases, found.padding.patch
        ('v1.2.0', ('v1.2.1', 'v1.2.2', 'v1.3.0', 'v1.3.1'), 2, 2)
    """
    ascending = sorted(set(versions), key=scheme.sort_key)
    best = None
    for at in range(len(ascending) - 2, max(len(ascending) - _MOST_AHEAD, 0) - 1, -1):
        newest, newer = ascending[at], tuple(ascending[at + 1 :])
        if scheme.is_prerelease(newest):
            continue
        padding = _narrowest(newest, newer, scheme)
        if padding and padded([newest], scheme, padding) == newer:
            best = Found(newest=newest, ahead=newer, padding=padding)
    return best


_MOST_AHEAD: Final = 2000
"""How many versions may be padding: far more than anybody names."""
_MOST_STEPS: Final = 20
"""What a program's file allows of each number."""


def _narrowest(newest: str, newer: Iterable[str], scheme: Scheme) -> Padding | None:
    """Return the least padding that can name some versions after a release; None if none can."""
    _, (major, minor, patch), _ = _newest({newest}, scheme)
    steps, numbers, kinds = [], [0], set()
    for version in newer:
        match = _NUMBERED.fullmatch(version)
        if match is None or max(map(len, match["numbers"].split("."))) > _LONGEST:
            return None
        given = [*map(int, match["numbers"].split(".")), 0, 0][:_PARTS]
        majors = given[0] - major
        minors = given[1] - (0 if majors else minor)
        patches = given[2] - (0 if majors or minors else patch)
        if max(majors, minors, patches) > _MOST_STEPS:
            return None
        steps.append((majors, minors, patches))
        if match["number"]:
            numbers.append(int(match["number"]))
            kinds.add(match["kind"])
    most = Padding(
        releases=max(map(sum, steps)),
        major=max(majors for majors, _, _ in steps),
        minor=max(majors + minors for majors, minors, _ in steps),
        patch=max(patches for _, _, patches in steps),
        prereleases=max(numbers),
        prerelease=next(iter(kinds - {_PRERELEASE[scheme]}), None),
    )
    is_one = len(kinds) <= 1 and max(numbers) <= _MOST_STEPS and most.releases <= _MOST_STEPS
    return most if is_one and most.patch > 1 and most.minor > 0 else None


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
