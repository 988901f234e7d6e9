"""A share of installations, to within a margin of error: margin and confidence to sample rate.

Each of N installations reports with probability r; M of them hold the bucket. A rate suffices when
every M is covered (see `coverage`), since nobody knows M beforehand. Three ways lead to the least
such rate: in closed form, where that is tight; by a series, where samples are large; and by exact
calculation with a proof for every share.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from math import expm1, log
from statistics import NormalDist
from typing import Literal, TypeAlias

from chartconfig.sampling import coverage as covering
from chartconfig.sampling import series, worst
from chartconfig.sampling.inverse import least_margin

Method: TypeAlias = Literal["closed form", "series", "exact"]

_TIGHT, _TIGHT_TO_NORMAL, _TIGHT_TO_SERIES = 1.0039, 1.003, 1.002
"""The closed form is used where it exceeds the least rate by no more. The normal rate can itself
exceed the least, by .05 % where the sample is large enough for that to matter, and the series by
.18 %."""
_CLOSED_ABOVE = 20_000
"""Sample size from which the closed form is always used; there it is tight for confidence > .55."""
_WIDEST, _SMALLEST = Fraction(1, 10), 300
"""The closed form suffices up to this margin and from this sample size; for wider margins both ends
of an interval may run just short of a fraction with a small denominator, as for a third."""
_SELDOM, _MANY, _HALF, _SILENT = 0.2, 50, 0.5, 100
"""Up to the first rate, or where so many installations make a margin; and up to the second rate, or
with so many not reporting."""
_MOST_EXACT = 10_000
"""Population up to which it is calculated how few may be left out where nearly all must report."""
_HOPELESS, _WIDE, _FEW, _PLENTY = 0.9, Fraction(3, 10), 400, 1.2
"""No rate below so much of the normal rate suffices, for margins that are not wider, in more than
so many installations; and so many times the closed form always does, where half report at most."""
_ROOM = 1.002
"""Exact calculation covers every share at a rate that is lower by so much, which keeps its proofs
short: coverage of the worst share rises with the rate."""
_LEAST_CONFIDENCE, _LARGEST_PART = Fraction(4, 5), 9
"""The series is used from this confidence on, where at most a ninth of the population reports."""
_SERIES_ROOM = 1.0018
"""What the series asks for is raised by so much: of 600 rates that were compared with exact ones
the lowest was .15 % too low, and the highest .18 % too high."""


def normal_quantile(alpha: float) -> float:
    """Return z, which a standard normal exceeds in absolute value with probability `alpha`.

    Args:
        alpha: 1 - confidence, a fraction in (0, 1).

    Examples:
        >>> round(normal_quantile(0.01), 4)
        2.5758
    """
    return -NormalDist().inv_cdf(alpha / 2)


def one_report_rate(*, confidence: Fraction, population: int) -> float:
    """Return the rate at which at least one installation reports with the given confidence.

    Args:
        confidence: A fraction in (0, 1).
        population: At least 1.

    Examples:
        >>> round(one_report_rate(confidence=Fraction(95, 100), population=29), 4)
        0.0981
    """
    return -expm1(log(1 - confidence) / population)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedForm:
    """The numbers of the closed form, as a reader would work them out."""

    z: float
    """Normal quantile of the confidence."""
    normal_size: float
    """n = z²/(4e²), what the normal approximation asks of an infinite population."""
    few: float
    """c = 2, or 1 + z²(1/12 + 3n/(4N) + n²/(10N²)) if that is more: few reports vary in number."""
    size: float
    """n0 = n + (1 + n/N)/(4e) + c, which makes up for counts being whole and few."""
    least: float
    """No less will do: n/(N + n), nine tenths of it for few reports, or the one-report rate."""
    rate: float
    """n0/(N + n0), or the one-report rate if that is larger."""
    suffices: bool
    """Whether the rate is known never to be below the least one."""


@lru_cache(maxsize=16)  # of one target it is asked for several times, and never again
def closed_form(margin: Fraction, *, confidence: Fraction, population: int) -> ClosedForm:
    """Return the sample rate in closed form, with its parts.

    Args:
        margin: Half-width of the interval, a fraction in (0, 1).
        confidence: Two-sided, a fraction in (0, 1).
        population: Installations, or installation-weeks; at least 1.

    Source:
        Cochran, *Sampling Techniques*, 3rd ed. (1977), section 4.4, for n and for the finite
        population correction, which under Bernoulli sampling reads r = n/(N + n).

    Examples:
        >>> parts = closed_form(Fraction(1, 100), confidence=Fraction(99, 100), population=10**6)
        >>> round(parts.normal_size), round(parts.size), round(parts.rate, 7)
        (16587, 16615, 0.0163431)
    """
    e = float(margin)
    z = normal_quantile(float(1 - confidence))
    normal_size = z * z / (4 * e * e)
    part = normal_size / population
    few = max(2.0, 1 + z * z * (1 / 12 + 3 * part / 4 + part * part / 10))
    size = normal_size + (1 + part) / (4 * e) + few
    rate = size / (population + size)
    floor = one_report_rate(confidence=confidence, population=population)
    suffices = (
        margin <= _WIDEST
        and normal_size >= _SMALLEST
        and (rate <= _SELDOM or margin * population >= _MANY)
        and (rate <= _HALF or population * (1 - rate) >= _SILENT)
    )
    least = 0.0
    if population > _FEW and margin <= _WIDE:
        least = (1 if suffices else _HOPELESS) * normal_size / (population + normal_size)
    return ClosedForm(
        z=z,
        normal_size=normal_size,
        few=few,
        size=size,
        least=max(least, floor),
        rate=max(rate, floor),
        suffices=suffices,
    )


@cache
def sample_rate(margin: Fraction, *, confidence: Fraction, population: int) -> float:
    """Return the least sample rate that estimates a share to within a margin, whatever the share.

    Args:
        margin: Half-width of the interval, a fraction in (0, 1).
        confidence: Two-sided, a fraction in (0, 1).
        population: Installations, or installation-weeks; at least 1.

    Returns:
        A rate in (0, 1], never below the least one, and above it by at most .4 %.

    Examples:
        >>> sample_rate(Fraction(1, 10), confidence=Fraction(95, 100), population=10_000)
        0.009677
    """
    closed = closed_form(margin, confidence=confidence, population=population)
    match method(margin, confidence=confidence, population=population):
        case "closed form":
            return closed.rate
        case "series":
            size = _SERIES_ROOM * _series_size(margin, confidence, population)
            return size / (population + size)
        case "exact":
            if population > _MOST_EXACT and population * (1 - closed.rate) < _SILENT:
                return 1.0  # all but a hundred of them must report
            return worst.least_rate(
                _cuts(margin, population),
                confidence=confidence,
                interval=covering.Interval.within(margin, population=population),
                low=closed.least,
                high=closed.rate if closed.suffices else 1.0,
                room=_ROOM,
            )


@cache
def method(margin: Fraction, *, confidence: Fraction, population: int) -> Method:
    """Return how `sample_rate` is computed.

    The closed form is used where it suffices and is known to be within .4 % of the least rate:
    because it is so near to the normal rate or to the series, or because some share is found that a
    rate .4 % lower does not cover.

    Args:
        margin: Half-width of the interval, a fraction in (0, 1).
        confidence: Two-sided, a fraction in (0, 1).
        population: Installations, or installation-weeks; at least 1.
    """
    closed = closed_form(margin, confidence=confidence, population=population)
    if not closed.suffices:
        return "exact"
    if closed.rate <= _TIGHT_TO_NORMAL * closed.least or closed.size > _CLOSED_ABOVE:
        return "closed form"
    if (
        confidence >= _LEAST_CONFIDENCE
        and closed.normal_size >= 4 * closed.z**4
        and population >= _LARGEST_PART * closed.size
    ):
        tight = _TIGHT_TO_SERIES * _series_size(margin, confidence, population)
        return "closed form" if closed.size <= tight else "series"
    lower = covering.coverages(
        _cuts(margin, population),
        rate=closed.rate / _TIGHT,
        interval=covering.Interval.within(margin, population=population),
    )
    return "closed form" if min(lower) < confidence else "exact"


def is_closed(margin: Fraction, *, confidence: Fraction, population: int) -> bool:
    """Return whether the closed form is used.

    Args:
        margin: Half-width of the interval, a fraction in (0, 1).
        confidence: Two-sided, a fraction in (0, 1).
        population: Installations, or installation-weeks; at least 1.
    """
    return method(margin, confidence=confidence, population=population) == "closed form"


@cache
def _series_size(margin: Fraction, confidence: Fraction, population: int) -> float:
    alpha = float(1 - confidence)
    return series.sample_size(margin, z=normal_quantile(alpha), alpha=alpha, population=population)


def _cuts(margin: Fraction, population: int) -> tuple[int, ...]:
    """Return the M with which to begin the search for the worst; M and N - M are covered alike."""
    interval = covering.Interval.within(margin, population=population)
    half = population // 2
    return worst.cuts(interval, low=0, high=half, hardest=half)


def suffices(
    rate: float, *, margin: Fraction, confidence: Fraction, population: int, exactly: bool = True
) -> bool:
    """Return whether a rate is at least `sample_rate`, without computing what is plain.

    Args:
        rate: A fraction in (0, 1].
        margin: Half-width of the interval, a fraction in (0, 1).
        confidence: Two-sided, a fraction in (0, 1).
        population: Installations, or installation-weeks; at least 1.
        exactly: Whether to compute what the closed form leaves open, rather than to deny it.
    """
    closed = closed_form(margin, confidence=confidence, population=population)
    if rate < closed.least or rate >= 1:
        return rate >= 1
    if closed.suffices and rate >= closed.rate:
        return True
    narrower = closed_form(min(margin, _WIDE), confidence=confidence, population=population)
    if _PLENTY * narrower.rate <= rate <= _HALF:
        return True
    return exactly and rate >= sample_rate(margin, confidence=confidence, population=population)


def margin_of_error(rate: float, *, confidence: Fraction, population: int) -> float | None:
    """Return the least margin that a sample rate gives, whatever the share.

    Args:
        rate: A fraction in (0, 1].
        confidence: Two-sided, a fraction in (0, 1).
        population: Installations, or installation-weeks; at least 1.

    Returns:
        A fraction in (0, 1) of three significant digits, rounded up, for which `sample_rate` is
        at most `rate`; None if there is none, as when too often nobody reports.

    Examples:
        >>> margin_of_error(0.1, confidence=Fraction(95, 100), population=100)
        0.33
        >>> margin_of_error(0.1, confidence=Fraction(95, 100), population=20)
    """
    return least_margin(
        lambda margin: suffices(rate, margin=margin, confidence=confidence, population=population)
    )


def coverage(carriers: int, *, rate: float, margin: Fraction, population: int) -> float:
    """Return the probability that the estimate of a share is within a margin of it.

    Args:
        carriers: M, installations that hold the bucket; in [0, population].
        rate: Sample rate, a fraction in (0, 1].
        margin: Half-width of the interval, a fraction in (0, 1); compared exactly.
        population: N, at least 1.

    Returns:
        A probability, to some 1e-13.

    Examples:
        >>> round(coverage(10, rate=0.1, margin=Fraction(1, 5), population=20), 6)
        0.3692
    """
    return covering.coverage(
        min(carriers, population - carriers),
        rate=rate,
        interval=covering.Interval.within(margin, population=population),
    )


def worst_coverage(*, rate: float, margin: Fraction, population: int) -> float:
    """Return the least coverage over all shares M/N.

    Args:
        rate: Sample rate, a fraction in (0, 1].
        margin: Half-width of the interval, a fraction in (0, 1).
        population: N, at least 1.

    Returns:
        A probability; see `worst.least_coverage` for how near it is to the least.

    Examples:
        >>> round(worst_coverage(rate=0.1, margin=Fraction(1, 5), population=20), 6)
        0.16181
    """
    if rate >= 1:
        return 1.0
    interval = covering.Interval.within(margin, population=population)
    return worst.least_coverage(_cuts(margin, population), rate=rate, interval=interval)[1]
