r"""go.mod of a collection config: the module's path, and the versions that are withdrawn.

    module example.com/telemetry/config

    retract (
        // Collected the names of branches.
        v1.2.0
        // Was published by mistake.
        [v1.3.0, v1.3.4]
    )

A config depends on nothing, so that is all. There is no `go` directive: an installation whose go
command is older than the version named there could no longer read the config.

A version is withdrawn by publishing a newer one that lists it. The go command takes the list of the
newest version alone, so what was withdrawn once is repeated in every go.mod from then on. A version
may withdraw itself: then the newest one that nobody withdrew is `latest`.

Bytes
-----
    go.mod   = "module " path "\n" [ "\nretract (\n" 1*entry ")\n" ]
    entry    = "\t// " reason "\n\t" versions "\n"
    versions = version / "[" version ", " version "]"

- `path` is one that chartconfig publishes under.
- `version` is `vMAJOR.MINOR.PATCH` of v0 or v1. A range holds both its ends, the lower first.
- Entries ascend, and no two have a version in common.
- `reason` is one line of printable text without a space at either end. The go command shows it to
  whoever uses the version.

What is read is what is written; whatever else the go command would accept is refused: another
directive could make the module depend on something, and another spelling has another hash.

Source:
    https://go.dev/ref/mod#go-mod-file and #go-mod-file-retract.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from chartconfig.module.malformed import MalformedModuleError
from chartconfig.module.path import why_unpublishable
from chartconfig.module.version import Scheme, is_release, next_release

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILE: Final = re.compile(r"module ([^\n]*)\n(?:\nretract \(\n((?:\t// [^\n]*\n\t[^\n]*\n)+)\)\n)?")
_ENTRY: Final = re.compile(r"\t// ([^\n]*)\n\t(?:\[([^\n]*), ([^\n]*)\]|([^\n]*))\n")
_key: Final = Scheme.GO_MODULE.sort_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraction:
    """Versions that are withdrawn, and why."""

    low: str
    """The first version."""
    high: str
    """The last one; the same, where it is one only."""
    reason: str
    """Why, in one line."""

    def holds(self, version: str) -> bool:
        """Return whether a version is among them."""
        return _key(self.low) <= _key(version) <= _key(self.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoMod:
    """A go.mod."""

    module: str
    """The module path."""
    retractions: tuple[Retraction, ...] = ()
    """All versions that are withdrawn, ascending."""

    def retracts(self, version: str) -> Retraction | None:
        """Return what withdraws a version, or None; of n retractions, log n are looked at."""
        after = bisect_right(self.retractions, _key(version), key=lambda each: _key(each.low))
        found = self.retractions[after - 1] if after else None
        return found if found is not None and found.holds(version) else None

    def dropped(self, newer: GoMod) -> Iterator[str]:
        """Yield of each retraction the first version that a newer go.mod withdraws no longer.

        It may spell the same versions as other ranges. Of n retractions in both, some n log n are
        looked at.
        """
        for each in self.retractions:
            version = each.low
            while (found := newer.retracts(version)) and _key(found.high) < _key(each.high):
                version = _following(found.high)
            if found is None:
                yield version

    def retract(self, low: str, high: str, *, reason: str) -> GoMod:
        """Return a go.mod that withdraws versions besides those that are withdrawn already.

        Args:
            low: The first version.
            high: The last one; the same, where it is one only.
            reason: Why, in one line.

        Raises:
            ValueError: One of them is withdrawn already, or `encode_go_mod` refuses the result.
        """
        new = Retraction(low=low, high=high, reason=reason)
        both = sorted((*self.retractions, new), key=lambda each: _key(each.low))
        changed = replace(self, retractions=tuple(both))
        if why := _why_invalid(changed):
            raise ValueError(why)
        return changed


def encode_go_mod(go_mod: GoMod) -> bytes:
    r"""Return the bytes of a go.mod, as the module's docstring has them.

    Raises:
        ValueError: They would not be read as such a go.mod: a path or version is not one that is
            published, a reason is not one line, or retractions do not ascend.

    Examples:
        >>> encode_go_mod(GoMod(module="example.com/config"))
        b'module example.com/config\n'
    """
    if reason := _why_invalid(go_mod):
        raise ValueError(reason)
    return _format(go_mod).encode()


def decode_go_mod(data: bytes, *, path: str = "go.mod") -> GoMod:
    """Return what a go.mod says.

    Args:
        data: The whole file.
        path: Where it was found, for the span of a mistake; never opened.

    Raises:
        MalformedModuleError: It is not what `encode_go_mod` writes. The only exception, whatever
            the bytes.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise MalformedModuleError("this is no UTF-8", path) from None
    match = _FILE.fullmatch(text)
    if match is None:
        raise MalformedModuleError(
            "this is not a module line and, if anything, one block of retractions", path
        )
    found = GoMod(
        module=match[1],
        retractions=tuple(
            Retraction(low=low or only, high=high or only, reason=reason)
            for reason, low, high, only in _ENTRY.findall(match[2] or "")
        ),
    )
    if reason := _why_invalid(found):
        raise MalformedModuleError(reason, path)
    if _format(found) != text:
        raise MalformedModuleError("it is spelled in another way than chartconfig spells it", path)
    return found


def _following(version: str) -> str:
    """Return the first release after another one, which is not the last that there can be."""
    for minor in (False, True):
        with suppress(ValueError):  # a number has nine digits at most
            return next_release(version, minor=minor)
    return "v1.0.0"


def _format(go_mod: GoMod) -> str:
    text = f"module {go_mod.module}\n"
    if go_mod.retractions:
        entries = "".join(
            f"\t// {each.reason}\n\t"
            + (each.low if each.low == each.high else f"[{each.low}, {each.high}]")
            + "\n"
            for each in go_mod.retractions
        )
        text += f"\nretract (\n{entries})\n"
    return text


def _why_invalid(go_mod: GoMod) -> str | None:
    if reason := why_unpublishable(go_mod.module):
        return f"nothing is published under {go_mod.module!a}: {reason}"
    for each in go_mod.retractions:
        for version in (each.low, each.high):
            if not is_release(version):
                return f"{version!a} is no version of a config, such as v1.2.3"
        if _key(each.low) > _key(each.high):
            return f"the retraction [{each.low}, {each.high}] ends before it begins"
        if not each.reason or each.reason != each.reason.strip() or not each.reason.isprintable():
            return f"the reason for retracting {each.low} is not one line of text"
    for one, next_one in pairwise(go_mod.retractions):
        if _key(one.high) >= _key(next_one.low):
            return f"the retraction of {next_one.low} does not follow that of {one.high}"
    return None
