"""A share of installations, to within a margin of error: margin and confidence to sample rate.

Each of N installations reports with probability r; M of them hold the bucket. K1 ~ Bin(M, r) and
K0 ~ Bin(N - M, r) are independent, the estimate of M/N is K1/(K1 + K0), and no report at all is a
miss. A rate suffices when every M is covered, since nobody knows M beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import accumulate
from math import ceil, expm1, gcd, log
from statistics import NormalDist
from typing import TYPE_CHECKING

from chartconfig.sampling.binomial import binomial
from chartconfig.sampling.inverse import first_number, least_margin

if TYPE_CHECKING:
    from collections.abc import Iterator

_TIGHT, _TIGHT_TO_NORMAL = 1.0039, 1.003
"""The closed form is used where it exceeds the least rate by no more; the normal rate can itself
exceed the least, by .05 % where the sample is large enough for the second to matter."""
_CLOSED_ABOVE = 20_000
"""Sample size from which the closed form is always used; there it is tight for confidence > .55."""
_WIDEST, _HALF, _SILENT = Fraction(3, 10), 0.5, 100
"""The closed form suffices up to this margin and up to this rate, or with so many not reporting."""
_MOST_EXACT = 10_000
"""Population up to which it is computed how few may be left out where nearly all must report."""
_HOPELESS = 0.9
"""No rate below so much of the normal rate suffices, in more than 400 installations."""
_ALL_CARRIERS = 400
"""Up to this population every M is examined; beyond it, those that are likely to be worst."""
_LARGEST_DENOMINATOR, _GAPS = 8, (0, 0.4, 0.6, 0.7, 0.8, 0.9, 1, 1.5, 2, -0.5, -1, -1.5)
_GRID, _DESCENTS, _FINEST_STEP = (50, 10_000, 300), 30, 1 / 256
"""Points of the grid: at least, times sample size, at most. In 1,073 cases that were compared with
a search of every M, the worst M missed by this one would have moved the rate by .23 %, and in all
but 8 by less than .1 %."""
_AIM, _CHECK = 1.0035, 1.003
"""Room for an M that was not examined: a rate is found with the first, and passes with the second,
so that a worst M which moves a little is not chased."""


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
    size: float
    """n0 = n + (1 + n/N)/(4e) + 2, which makes up for counts being whole and few."""
    least: float
    """n/(N + n), or the one-report rate: no less will do."""
    rate: float
    """n0/(N + n0), or the one-report rate if that is larger."""
    suffices: bool
    """Whether the rate is known never to be below the least one."""


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
    size = normal_size + (1 + normal_size / population) / (4 * e) + 2
    rate = size / (population + size)
    normal_rate = normal_size / (population + normal_size)
    floor = one_report_rate(confidence=confidence, population=population)
    suffices = margin <= _WIDEST and (rate <= _HALF or population * (1 - rate) >= _SILENT)
    normal = suffices and population > _ALL_CARRIERS
    return ClosedForm(
        z=z,
        normal_size=normal_size,
        size=size,
        least=max(normal_rate, floor) if normal else floor,
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
        A rate in (0, 1]: in closed form where that is within .4 % of the least rate, otherwise
        the least rate of four significant digits, found by exact calculation.

    Examples:
        >>> sample_rate(Fraction(1, 20), confidence=Fraction(95, 100), population=10_000)
        0.03736
    """
    closed = closed_form(margin, confidence=confidence, population=population)
    if is_closed(margin, confidence=confidence, population=population):
        return closed.rate
    if not closed.suffices and population > _MOST_EXACT and margin <= _WIDEST:
        return 1.0  # all but a hundred of them must report
    rate = closed.least
    high = closed.rate if closed.suffices else 1.0
    active: set[int] = set()
    while True:
        rate = first_number(
            lambda rate: all(
                coverage(carriers, rate=rate / _AIM, margin=margin, population=population)
                >= confidence
                for carriers in active
            ),
            low=rate,
            high=high,
        )
        found = _coverages(rate=rate / _CHECK, margin=margin, population=population)
        if rate >= high or min(found.values()) >= confidence:
            return rate
        active.update(sorted(found, key=lambda carriers: found[carriers])[:16])


@cache
def is_closed(margin: Fraction, *, confidence: Fraction, population: int) -> bool:
    """Return whether the closed form suffices and is known to be within .4 % of the least rate.

    Either it is so near to the normal rate, or one share is found that a rate .4 % lower does not
    cover, so that the least rate is above that.

    Args:
        margin: Half-width of the interval, a fraction in (0, 1).
        confidence: Two-sided, a fraction in (0, 1).
        population: Installations, or installation-weeks; at least 1.
    """
    closed = closed_form(margin, confidence=confidence, population=population)
    if not closed.suffices:
        return False
    if closed.rate <= _TIGHT_TO_NORMAL * closed.least or closed.size > _CLOSED_ABOVE:
        return True
    lower = closed.rate / _TIGHT
    return any(
        coverage(carriers, rate=lower, margin=margin, population=population) < confidence
        for carriers in _edges(rate=lower, margin=margin, population=population)
    )


def suffices(
    rate: float, *, margin: Fraction, confidence: Fraction, population: int, exactly: bool = True
) -> bool:
    """Return whether a rate estimates a share to within a margin, whatever the share.

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
    normal_rate = closed.normal_size / (population + closed.normal_size)
    if population > _ALL_CARRIERS and margin <= _WIDEST and rate < _HOPELESS * normal_rate:
        return False
    if closed.suffices and rate >= closed.rate:
        return True
    if margin > _WIDEST and suffices(  # what suffices for a narrower margin does for a wider
        rate,
        margin=_WIDEST,
        confidence=confidence,
        population=population,
        exactly=False,
    ):
        return True
    if not exactly or is_closed(margin, confidence=confidence, population=population):
        return False
    return worst_coverage(rate=rate / _CHECK, margin=margin, population=population) >= confidence


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
        lambda margin: suffices(rate, margin=margin, confidence=confidence, population=population),
        surely=lambda margin: (
            sample_rate(margin, confidence=confidence, population=population) <= rate
        ),
    )


def coverage(carriers: int, *, rate: float, margin: Fraction, population: int) -> float:
    """Return the probability that the estimate of a share is within a margin of it.

    Args:
        carriers: M, installations that hold the bucket; in [0, population].
        rate: Sample rate, a fraction in (0, 1].
        margin: Half-width of the interval, a fraction in (0, 1); compared exactly.
        population: N, at least 1.

    Returns:
        A probability, to some 1e-13. One sum over the counts of the rarer of the two classes.

    Examples:
        >>> round(coverage(10, rate=0.1, margin=Fraction(1, 5), population=20), 6)
        0.3692
    """
    carriers = min(carriers, population - carriers)
    whole = population * margin.denominator
    lowest = carriers * margin.denominator - population * margin.numerator
    highest = carriers * margin.denominator + population * margin.numerator
    # lowest <= whole * K1/(K1 + K0) <= highest, solved for K0 and counted from K0's first.
    count, weights = binomial(carriers, rate)
    first, others = binomial(population - carriers, rate)
    below = [0.0, *accumulate(others)]
    end = len(others)
    covered = 0.0
    for weight in weights:
        start = -(count * (highest - whole) // highest) - first
        stop = count * (whole - lowest) // lowest + 1 - first if lowest > 0 else end
        if start < 0:  # noqa: PLR1730 - this loop is where the time goes
            start = 0
        if stop > end:  # noqa: PLR1730
            stop = end
        if start < stop:
            covered += weight * (below[stop] - below[start])
        count += 1
    if count == len(weights) and first == 0:
        covered -= weights[0] * others[0]  # nobody reports
    return covered / (sum(weights) * below[-1])


def worst_coverage(*, rate: float, margin: Fraction, population: int) -> float:
    """Return the least coverage over all shares M/N.

    Args:
        rate: Sample rate, a fraction in (0, 1].
        margin: Half-width of the interval, a fraction in (0, 1).
        population: N, at least 1.

    Returns:
        A probability: exact where the shares within twice the margin of 1/2 are at most 400, and
        otherwise the least over the shares that are likely to be worst.
    """
    return min(_coverages(rate=rate, margin=margin, population=population).values())


def _coverages(*, rate: float, margin: Fraction, population: int) -> dict[int, float]:
    """Return the coverage of each M that may be the worst: of all, or found by search.

    The search descends from the best of a grid and of the edges, in steps down to 1/256 of
    what one report stands for.
    """
    found: dict[int, float] = {}

    def at(carriers: int) -> float:
        if carriers not in found:
            found[carriers] = coverage(carriers, rate=rate, margin=margin, population=population)
        return found[carriers]

    low, half = _likely_worst(margin, population)
    points = min(max(_GRID[0], int(_GRID[1] / (population * rate))), _GRID[2])
    if population <= _ALL_CARRIERS or half - low <= points:
        return {carriers: at(carriers) for carriers in range(low, half + 1)}
    starts = {low + (half - low) * point // points for point in range(points + 1)}
    starts.update(_edges(rate=rate, margin=margin, population=population))
    for start in sorted(starts, key=at)[:_DESCENTS]:
        carriers, step = start, int(1 / (8 * rate))
        while step * rate > _FINEST_STEP:
            better = min(max(carriers - step, low), min(carriers + step, half), key=at)
            if at(better) < at(carriers):
                carriers = better
            else:
                step //= 2
    return found


def _likely_worst(margin: Fraction, population: int) -> tuple[int, int]:
    """Return the least and the largest M to examine; M and N - M have the same coverage."""
    width = max(2 * margin, Fraction(1, 50))
    low = int(population * (Fraction(1, 2) - width)) if population > _ALL_CARRIERS else 0
    return max(0, low), population // 2


def _edges(*, rate: float, margin: Fraction, population: int) -> Iterator[int]:
    """Yield the M where coverage is likely to have fallen most.

    As the share grows, coverage falls where share + margin runs just short of a fraction with a
    small denominator q, because all samples with that ratio then miss, and in the gaps beside
    such a fraction, which are 1/(q * sample size) wide.
    """
    low, _ = _likely_worst(margin, population)
    for q in range(1, _LARGEST_DENOMINATOR + 1):
        for h in range(1, q + 1):
            edge = ceil(population * (Fraction(h, q) - margin)) - 1
            for gaps in _GAPS if gcd(h, q) == 1 else ():
                carriers = edge + round(gaps / (q * rate))
                carriers = min(carriers, population - carriers)
                if carriers >= low:
                    yield carriers
