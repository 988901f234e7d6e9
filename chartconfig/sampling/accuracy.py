"""Target accuracies, as values: what a chart asks of the published number.

Every fraction is exact (`fractions.Fraction`), because .55 - .5 > .05 in binary floating point.
Margins, shares and confidences are fractions in (0, 1): one percent is `Fraction(1, 100)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    confidence: Fraction
    """With at least this probability the promise holds; in (0, 1)."""
    weeks: int = 1
    """How many weeks of reports are pooled; at least 1."""
    for_each: tuple[str, ...] = ()
    """The properties (`os`, `version`) that split the population; each group has the promise."""
    smallest_group: Fraction | None = None
    """The smallest group's share of the population, in (0, 1); set exactly when `for_each` is."""
    groups: int | None = None
    """How many groups have the promise at once, at least 2; None if each has it by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin(_Target):
    """A share, or the mean of a value in [0, 1], to within `margin` of the truth."""

    margin: Fraction
    simultaneous: bool = False
    """Whether the confidence is for all buckets at once, not for each."""
    guaranteed: bool = False
    """Of a mean: whether no distribution of the values, however odd, may break the promise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeMargin(_Target):
    """A share of at least `smallest_share`, to within `relative_margin` times itself."""

    relative_margin: Fraction
    smallest_share: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Detect(_Target):
    """At least `reports` reports of anything that a share `detect` of installations has."""

    detect: Fraction
    reports: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionMargin(_Target):
    """A cumulative distribution, everywhere to within `distribution_margin` of the truth."""

    distribution_margin: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(_Target):
    """A change of a share by `change` between two periods, noticed with probability `power`.

    Where nothing changed, nothing is noticed, with probability `confidence`. Each period has
    `weeks` weeks.
    """

    change: Fraction
    power: Fraction


Accuracy: TypeAlias = Margin | RelativeMargin | Detect | DistributionMargin | Change
