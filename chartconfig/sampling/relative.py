"""A share to within a part of itself, for every share that is not too small.

The smallest share is the hardest: of M = ceil(smallest share * N) installations few report. When
none of them does, the estimate is 0 and off by all of the share, so one of them must.
"""

# ruff: noqa: RUF001, RUF002 - formulas are written with their own signs

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import ceil

from chartconfig.sampling import proportion, worst
from chartconfig.sampling.coverage import Interval

_WIDEST, _COMMON, _OFTEN, _SURE = Fraction(1, 2), 0.3, 0.3, Fraction(999, 1000)
"""Up to this margin, this share, this rate and this confidence the closed form was not below the
least rate in any of 4,600 cases, with up to 200 shares each; beyond, it was in one of eight."""
_MOST_EXACT, _HOPELESS = 100_000, 0.9
"""Population up to which a larger share or rate is calculated exactly, in larger ones the closed
form suffices for it; and so much of the closed form never does, where it is not known to suffice
and more than 50 reports of the smallest share are expected."""
_LEAST, _LEAST_OF_FEW, _TIGHT = ((500, 0.9997), (50, 0.998)), 0.6, 1.0039
"""The least rate is no more than .03 % below that of the normal approximation where more than 500
reports of the smallest share are expected, .2 % where more than 50 are, and no more than 40 % below
the closed form in any case. The closed form is used where it is no more than .4 % above the least
rate."""
_FEW, _PLENTY, _MANY = 50, 9, 1000
"""Where at most so many reports of the smallest share are expected, every share is examined but
those that are so many times as large, and held by so many more, and so are covered with ease."""
_PERIODS, _FIRST, _ROOM = 2.5, 32, 1.0028
"""Otherwise the worst is among the first; so many are looked at, and there is so much room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedForm:
    """The numbers of the closed form, as a reader would work them out."""

    carriers: int
    """M, installations that have the smallest share; at least 1."""
    share: float
    """p = M/N."""
    z: float
    """Normal quantile of the confidence."""
    size: float
    """n0 = (z²(1 - p)/ρ² + 1/(4ρ) + 1)/p."""
    least: float
    """No lower rate will do: a little less than by the normal approximation, where this form is
    known to suffice, or the rate at which one of the M reports with the confidence."""
    rate: float
    """n0/(N + n0), or the rate for one report if that is larger."""
    suffices: bool
    """Whether the rate is known never to be below the least one."""


def carriers(smallest_share: Fraction, *, population: int) -> int:
    """Return M, how many installations have the smallest share; at least 1.

    Args:
        smallest_share: A fraction in (0, 1).
        population: Installations, or installation-weeks; at least 1.

    Examples:
        >>> carriers(Fraction(7, 100), population=150)
        11
    """
    return ceil(smallest_share * population)


def closed_form(
    relative_margin: Fraction, *, smallest_share: Fraction, confidence: Fraction, population: int
) -> ClosedForm:
    """Return the sample rate in closed form, with its parts.

    The normal approximation, with 1/(4ρ) for counts being whole and 1 for their number being
    random. Where fewer than 50 of the M report it is up to 59 % above the least rate.

    Args:
        relative_margin: ρ, half-width of the interval as a part of the share, in (0, 1); above 1/2
            taken as 1/2.
        smallest_share: A fraction in (0, 1).
        confidence: Two-sided, a fraction in (0, 1).
        population: Installations, or installation-weeks; at least 1.

    Source:
        Cochran, *Sampling Techniques*, 3rd ed. (1977), section 4.5, for z²(1 - p)/(ρ²p).

    Examples:
        >>> parts = closed_form(
        ...     Fraction(1, 5),
        ...     smallest_share=Fraction(1, 100),
        ...     confidence=Fraction(95, 100),
        ...     population=10**6,
        ... )
        >>> parts.carriers, round(parts.size), round(parts.rate, 6)
        (10000, 9733, 0.009639)
    """
    held = carriers(smallest_share, population=population)
    share = held / population
    z = proportion.normal_quantile(float(1 - confidence))
    margin = float(min(relative_margin, _WIDEST))
    normal_size = z * z * (1 - share) / margin**2 / share
    size = normal_size + (1 / (4 * margin) + 1) / share
    floor = proportion.one_report_rate(confidence=confidence, population=held)
    rate = max(size / (population + size), floor)
    suffices = confidence <= _SURE and (
        (share <= _COMMON and rate <= _OFTEN) or population > _MOST_EXACT
    )
    least = 0.0
    if suffices:
        least = next(
            (part * normal_size for many, part in _LEAST if normal_size * share > many),
            _LEAST_OF_FEW * size,
        )
    return ClosedForm(
        carriers=held,
        share=share,
        z=z,
        size=size,
        least=max(least / (population + least), floor),
        rate=rate,
        suffices=suffices,
    )


@cache
def sample_rate(
    relative_margin: Fraction, *, smallest_share: Fraction, confidence: Fraction, population: int
) -> float:
    """Return the least sample rate that estimates every share, down to a smallest, to a part of it.

    Args:
        relative_margin: ρ, half-width of the interval as a part of the share, in (0, 1); above 1/2
            taken as 1/2.
        smallest_share: A fraction in (0, 1).
        confidence: Two-sided, a fraction in (0, 1).
        population: Installations, or installation-weeks; at least 1.

    Returns:
        A rate in (0, 1], never below the least one, and above it by at most .4 %.

    Examples:
        >>> sample_rate(
        ...     Fraction(1, 2),
        ...     smallest_share=Fraction(5, 100),
        ...     confidence=Fraction(8, 10),
        ...     population=1000,
        ... )
        0.1074
    """
    margin = min(relative_margin, _WIDEST)
    closed = closed_form(
        margin, smallest_share=smallest_share, confidence=confidence, population=population
    )
    if closed.rate <= _TIGHT * closed.least and closed.suffices:
        return closed.rate
    interval = Interval.within_relative(margin, population=population)
    low, high = closed.least, closed.rate
    if not closed.suffices:  # no larger share is to be met more closely than the smallest
        low = max(low, _HOPELESS * closed.rate)
        absolute = margin * Fraction(closed.carriers, population)
        high = proportion.sample_rate(absolute, confidence=confidence, population=population)
    many = closed.rate * closed.carriers > _FEW
    first = many and (closed.suffices or population > _MOST_EXACT)
    return worst.least_rate(
        _first(interval, closed) if first else _cuts(interval, closed.carriers),
        confidence=confidence,
        interval=interval,
        low=low if many else closed.least,
        high=high,
        room=_ROOM if first else 1.0,
        between=not first,
    )


def is_closed(
    relative_margin: Fraction, *, smallest_share: Fraction, confidence: Fraction, population: int
) -> bool:
    """Return whether the closed form is used: where it is within .4 % of the least rate.

    Args:
        relative_margin: Half-width of the interval as a part of the share, in (0, 1).
        smallest_share: A fraction in (0, 1).
        confidence: Two-sided, a fraction in (0, 1).
        population: Installations, or installation-weeks; at least 1.
    """
    margin = min(relative_margin, _WIDEST)
    closed = closed_form(
        margin, smallest_share=smallest_share, confidence=confidence, population=population
    )
    return closed.suffices and closed.rate <= sample_rate(
        margin, smallest_share=smallest_share, confidence=confidence, population=population
    )


def _first(interval: Interval, closed: ClosedForm) -> tuple[int, ...]:
    """Return M of which one is as good as the worst, where many reports are expected of each.

    From one end of an interval that catches one more count to the next the share grows by 1/(M r),
    and its variance gives more room. Right behind an end coverage changes fastest, so that places
    are densest at the smallest share.
    """
    reach = _PERIODS / closed.rate
    places = {closed.carriers + int(reach * (place / _FIRST) ** 2) for place in range(_FIRST)}
    places = {place for place in places if place <= interval.population}
    edges = worst.cuts(interval, low=closed.carriers, high=max(places), hardest=closed.carriers)
    return tuple(sorted(places.union(edges)))


def _cuts(interval: Interval, smallest: int) -> tuple[int, ...]:
    """Return the M with which to begin the search for the worst."""
    largest = min(interval.population, _PLENTY * smallest + _MANY)
    return worst.cuts(interval, low=smallest, high=largest, hardest=smallest)


def suffices(
    rate: float,
    *,
    relative_margin: Fraction,
    smallest_share: Fraction,
    confidence: Fraction,
    population: int,
    exactly: bool = True,
) -> bool:
    """Return whether a rate is at least `sample_rate`, without computing what is plain.

    Args:
        rate: A fraction in (0, 1].
        relative_margin: Half-width of the interval as a part of the share, in (0, 1).
        smallest_share: A fraction in (0, 1).
        confidence: Two-sided, a fraction in (0, 1).
        population: Installations, or installation-weeks; at least 1.
        exactly: Whether to compute what the closed form leaves open, rather than to deny it.
    """
    margin = min(relative_margin, _WIDEST)
    closed = closed_form(
        margin, smallest_share=smallest_share, confidence=confidence, population=population
    )
    if rate < closed.least:
        return False
    if closed.suffices and rate >= closed.rate:
        return True
    return exactly and rate >= sample_rate(
        margin, smallest_share=smallest_share, confidence=confidence, population=population
    )
