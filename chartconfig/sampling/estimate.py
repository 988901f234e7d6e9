"""From reports to published numbers, each with its interval; and what the reports say of N.

Each installation reports with probability r, so of n reports in hand the finite population leaves
a part 1 - r of the variance, and n/(1 - r) takes the place of n in the textbook's intervals: no
population is needed for them. At r = 1 everybody has reported, and an interval is a point. Without
any report a share may be anything, and nothing is estimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log, sqrt
from typing import TYPE_CHECKING

from chartconfig.sampling.binomial import at_least
from chartconfig.sampling.change import standard_error
from chartconfig.sampling.proportion import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

FEW = 100
"""Fewer reports with a bucket, or without it, than this times 1 - r: Wilson's interval. From there
on the normal interval holds with its confidence, to .002."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number between 0 and 1, or a difference of two, and the interval that it stands for."""

    value: float | None
    """None without a report."""
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Cumulative shares of installations, and how far from the truth all of them are at most."""

    cumulative: tuple[float, ...]
    """Up to and with each of the ordered counts; the last is 1. Empty without a report."""
    band: float
    """Half-width of the band, in [0, 1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationEstimate:
    """How many installations there were in a week, on average."""

    installations: float
    """N^ = n/(r w)."""
    low: float
    high: float
    relative_error: float
    """Standard error of N^ over N^: sqrt((1 - r)/n); infinite without a report."""


def share(held: int, *, reports: int, rate: float, confidence: Fraction) -> Estimate:
    """Return the share of installations that hold a bucket.

    Args:
        held: K1, reports that have the bucket; in [0, reports].
        reports: n, all that count for the chart.
        rate: Sample rate, a fraction in (0, 1].
        confidence: Two-sided, a fraction in (0, 1).

    Returns:
        p^ = K1/n with p^ -+ z sqrt(p^ (1 - p^) (1 - r)/n), or Wilson's interval with n/(1 - r) for
        n where K1 or n - K1 is below `FEW` times 1 - r.

    Source:
        Cochran, *Sampling Techniques*, 3rd ed. (1977), section 3.4; Wilson, "Probable inference,
        the law of succession, and statistical inference", *Journal of the American Statistical
        Association* 22 (1927), pp. 209-212.

    Examples:
        >>> from fractions import Fraction
        >>> of_many = share(400, reports=1000, rate=0.1, confidence=Fraction(95, 100))
        >>> of_many.value, round(of_many.low, 4), round(of_many.high, 4)
        (0.4, 0.3712, 0.4288)
        >>> of_few = share(0, reports=10, rate=0.1, confidence=Fraction(95, 100))
        >>> of_few.value, of_few.low, round(of_few.high, 4)
        (0.0, 0.0, 0.2569)
    """
    if reports == 0:
        return Estimate(value=None, low=0.0, high=1.0)
    estimate = held / reports
    z = normal_quantile(float(1 - confidence))
    variance = estimate * (1 - estimate) * (1 - rate) / reports
    if min(held, reports - held) < FEW * (1 - rate):
        return _wilson(estimate, reports=reports, rate=rate, z=z)
    return Estimate(
        value=estimate, low=estimate - z * sqrt(variance), high=estimate + z * sqrt(variance)
    )


def mean(
    total: float, squares: float, *, reports: int, rate: float, confidence: Fraction
) -> Estimate:
    """Return the mean of a value in [0, 1] over installations.

    Args:
        total: Sum of the values that were reported.
        squares: Sum of their squares.
        reports: n, how many values.
        rate: Sample rate, a fraction in (0, 1].
        confidence: Two-sided, a fraction in (0, 1).

    Returns:
        m = total/n with m -+ z s sqrt((1 - r)/n), s being the standard deviation of the values.
        Where the total, or n less the total, is below `FEW` times 1 - r, Wilson's interval for a
        share of m, which is wider: no value in [0, 1] of that mean varies more. The first is normal
        and asks for a hundred reports on either side of the mean, too: with 20 on one of them, it
        holds in 94.3 % for 95 %.

    Source:
        Bhatia and Davis, "A better bound on the variance", *American Mathematical Monthly* 107
        (2000), pp. 353-357, for the variance of a value in [0, 1], m (1 - m) at most.

    Examples:
        >>> from fractions import Fraction
        >>> half = mean(500.0, 250.0, reports=1000, rate=0.1, confidence=Fraction(95, 100))
        >>> half.value, half.low, half.high
        (0.5, 0.5, 0.5)
    """
    if reports == 0:
        return Estimate(value=None, low=0.0, high=1.0)
    estimate = min(total / reports, 1.0)
    z = normal_quantile(float(1 - confidence))
    if min(total, reports - total) < FEW * (1 - rate):
        return _wilson(estimate, reports=reports, rate=rate, z=z)
    deviations = max(0.0, squares - total * estimate)
    error = z * sqrt(deviations / max(1, reports - 1) * (1 - rate) / reports)
    return Estimate(value=estimate, low=max(0.0, estimate - error), high=min(1.0, estimate + error))


def _wilson(estimate: float, *, reports: int, rate: float, z: float) -> Estimate:
    part = z * z * (1 - rate) / reports  # z² over the effective number of reports
    middle = (estimate + part / 2) / (1 + part)
    reach = sqrt(part * (estimate * (1 - estimate) + part / 4)) / (1 + part)
    return Estimate(
        value=estimate,
        low=0.0 if estimate == 0 else max(0.0, middle - reach),
        high=1.0 if estimate == 1 else min(1.0, middle + reach),
    )


def change(
    before: tuple[int, int], after: tuple[int, int], *, rate: float, confidence: Fraction
) -> Estimate:
    """Return by how much a share changed between two periods.

    Args:
        before: Reports that have the bucket, and all that count, in the first period.
        after: The same in the second.
        rate: Sample rate, a fraction in (0, 1].
        confidence: Two-sided, a fraction in (0, 1).

    Returns:
        A difference in [-1, 1] and the interval of z times `change.standard_error` around it. The
        change that was promised to be noticed is noticed where 0 lies outside. With fewer than two
        reports in one of the periods it may be anything.

    Examples:
        >>> from fractions import Fraction
        >>> rise = change((400, 1001), (500, 1001), rate=0.1, confidence=Fraction(95, 100))
        >>> [round(number, 4) for number in (rise.value or 0, rise.low, rise.high)]
        [0.0999, 0.0583, 0.1415]
    """
    (held, first), (held_later, second) = before, after
    if min(first, second) == 0:
        return Estimate(value=None, low=-1.0, high=1.0)
    difference = held_later / second - held / first
    if min(first, second) == 1:
        return Estimate(value=difference, low=-1.0, high=1.0)
    error = standard_error(before=first, after=second, rate=rate)
    reach = normal_quantile(float(1 - confidence)) * error
    return Estimate(
        value=difference, low=max(-1.0, difference - reach), high=min(1.0, difference + reach)
    )


def distribution(counts: Sequence[int], *, rate: float, confidence: Fraction) -> Distribution:
    """Return the distribution of a value over installations.

    Args:
        counts: Reports with each value, in the order of the values.
        rate: Sample rate, a fraction in (0, 1].
        confidence: That no point of the distribution leaves the band, a fraction in (0, 1).

    Returns:
        Cumulative shares and a band of sqrt(ln(2/alpha) (1 - r)/(2n)) on either side. It holds with
        its confidence for r up to 1/2, and beyond where a hundred installations do not report.

    Source:
        Massart, "The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality", *Annals of
        Probability* 18 (1990), pp. 1269-1283.

    Examples:
        >>> from fractions import Fraction
        >>> found = distribution([600, 300, 100], rate=0.1, confidence=Fraction(95, 100))
        >>> found.cumulative, round(found.band, 4)
        ((0.6, 0.9, 1.0), 0.0407)
    """
    reports = sum(counts)
    if reports == 0:
        return Distribution(cumulative=(), band=1.0)
    cumulative, below = [], 0
    for count in counts:
        below += count
        cumulative.append(below / reports)
    band = sqrt(log(2 / (1 - confidence)) * (1 - rate) / (2 * reports))
    return Distribution(cumulative=tuple(cumulative), band=min(1.0, band))


def population(
    reports: int, *, rate: float, weeks: int = 1, confidence: Fraction
) -> PopulationEstimate:
    """Return how many installations must have been there for so many reports.

    Args:
        reports: n, in [0, ...).
        rate: Sample rate, a fraction in (0, 1].
        weeks: w, how many weeks they are of; at least 1.
        confidence: Two-sided, a fraction in (0, 1).

    Returns:
        N^ = n/(r w), and every N for which n is within z standard deviations of its mean Nwr.

    Raises:
        ValueError: `weeks` is less than 1.

    Examples:
        >>> from fractions import Fraction
        >>> found = population(400, rate=0.01, confidence=Fraction(95, 100))
        >>> round(found.installations), round(found.low), round(found.high)
        (40000, 36285, 44095)
        >>> round(found.relative_error, 4)
        0.0497
    """
    _check_weeks(weeks)
    z = normal_quantile(float(1 - confidence))
    spread = z * sqrt(rate * (1 - rate))
    roots = [
        (sqrt(spread * spread + 4 * rate * reports) + sign * spread) / (2 * rate)
        for sign in (-1, 1)
    ]
    low, high = (root * root / weeks for root in roots)
    return PopulationEstimate(
        installations=reports / rate / weeks,
        low=low,
        high=high,
        relative_error=sqrt((1 - rate) / reports) if reports else inf,
    )


def was_too_high(
    installations: int, *, reports: int, rate: float, weeks: int = 1, confidence: Fraction
) -> bool:
    """Return whether so few reports show that there were fewer installations than assumed.

    Args:
        installations: What was assumed for each week, the `low` of a population; at least 0.
        reports: n, in [0, ...).
        rate: Sample rate, a fraction in (0, 1].
        weeks: How many weeks they are of; at least 1.
        confidence: Of a population that was not too high, so rarely it is said: with probability
            1 - confidence at most. A fraction in (0, 1).

    Returns:
        Whether P(Bin(N w, r) <= n) < 1 - confidence: an exact test, one-sided.

    Raises:
        ValueError: `weeks` is less than 1.

    Examples:
        >>> from fractions import Fraction
        >>> [
        ...     was_too_high(100, reports=reports, rate=0.1, confidence=Fraction(95, 100))
        ...     for reports in (4, 5)
        ... ]
        [True, False]
    """
    _check_weeks(weeks)
    at_most = 1 - at_least(reports + 1, trials=installations * weeks, rate=rate)
    return at_most < 1 - confidence


def _check_weeks(weeks: int) -> None:
    if weeks < 1:
        raise ValueError(f"weeks must be at least 1, not {weeks}")
