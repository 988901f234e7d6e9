"""A change of a share between two periods, noticed with a power.

Each period is a sample of its own. A change is noticed where the two estimates differ by at least
z(α/2) times `standard_error`. That test and the rate belong together: shares around one half vary
most, so with their standard error no share gives more false alarms than α, and none hides a change
more often than the power allows. The usual test, with the standard error of the mean of both
shares, notices smaller changes of rare shares; but where few reports hold the share and many
installations report, it gives up to twice as many false alarms as promised.
"""

# ruff: noqa: RUF001, RUF002 - formulas are written with their own signs

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import exp, log, sqrt
from statistics import NormalDist

from chartconfig.sampling.proportion import normal_quantile

_WIDEST, _LEAST_CONFIDENCE, _LEAST_POWER = Fraction(1, 2), Fraction(1, 2), Fraction(2, 3)
"""Less demanding targets are planned as these: the normal approximation says nothing of the few
reports that they would take."""
FEW = 20
"""Population below which everybody is to report: of so few outcomes no formula tells the power."""


def standard_error(*, before: int, after: int, rate: float) -> float:
    """Return the standard error of the difference of a share's estimates, whatever the share.

    The square root of (1 - r)/4 (1/(n1 - 1) + 1/(n2 - 1)): the largest that there is, for shares of
    one half, with the finite population correction.

    Args:
        before: n1, reports in the first period; at least 2.
        after: n2, reports in the second; at least 2.
        rate: Sample rate, a fraction in (0, 1]; at 1 nothing is left to chance.

    Raises:
        ValueError: A period has fewer than two reports, with which nothing is noticed.

    Examples:
        >>> round(standard_error(before=1001, after=1001, rate=0.1), 6)
        0.021213
    """
    if min(before, after) < 2:  # noqa: PLR2004 - one report has no variance
        raise ValueError(f"{before} and {after} reports tell no change")
    return sqrt((1 - rate) / 4 * (1 / (before - 1) + 1 / (after - 1)))


def normal_size(*, before: float, after: float, confidence: Fraction, power: Fraction) -> float:
    """Return how many reports in each period tell two shares apart, by the normal approximation.

    The test is the usual one, whose standard error is that of the mean of both shares.

    Args:
        before: p1, share in the first period; a fraction in [0, 1].
        after: p2, share in the second; another one.
        confidence: That nothing is noticed where nothing changed; two-sided, a fraction in (0, 1).
        power: That the change is noticed; a fraction in [1/2, 1).

    Source:
        Fleiss, *Statistical Methods for Rates and Proportions*, 2nd ed. (1981), section 3.2.

    Examples:
        >>> size = normal_size(
        ...     before=0.6, after=0.7, confidence=Fraction(99, 100), power=Fraction(95, 100)
        ... )
        >>> round(size)
        807
    """
    z_alpha, z_beta = _quantiles(confidence, power)
    mean = (before + after) / 2
    apart = before * (1 - before) + after * (1 - after)
    root = z_alpha * sqrt(2 * mean * (1 - mean)) + z_beta * sqrt(apart)
    return (root / (after - before)) ** 2


def with_continuity_correction(size: float, *, change: float) -> float:
    """Return how many reports it takes if the usual test is corrected for counts being whole.

    Args:
        size: n, what it takes without the correction; positive.
        change: Distance of the two shares, a fraction in (0, 1].

    Returns:
        (n/4)(1 + sqrt(1 + 4/(n change)))². Not planned with: the test here makes up for whole
        counts by its own standard error.

    Source:
        Fleiss, *Statistical Methods for Rates and Proportions*, 2nd ed. (1981), section 3.2, and
        table A.3, which has 827 for the example.

    Examples:
        >>> round(with_continuity_correction(807.07, change=0.1))
        827
    """
    return size / 4 * (1 + sqrt(1 + 4 / (size * change))) ** 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedForm:
    """The numbers of the closed form, as a reader would work them out."""

    change: Fraction
    """δ as planned: at most 1/2."""
    confidence: Fraction
    """1 - α as planned: at least 1/2."""
    power: Fraction
    """1 - β as planned: at least 2/3."""
    z_alpha: float
    """Normal quantile of the confidence, two-sided."""
    z_beta: float
    """Normal quantile of the power."""
    normal_size: float
    """n = (z(α/2) sqrt(1/2) + z(β) sqrt((1 - δ²)/2))²/δ², for shares of 1/2 - δ/2 and 1/2 + δ/2."""
    size: float
    """n0 = n + (3 + (z(α/2) + z(β))²/8)(1 + n/N) + (n/N)²/2, reports in each period."""


def closed_form(
    change: Fraction, *, confidence: Fraction, power: Fraction, population: int
) -> ClosedForm:
    """Return the sample size in closed form, with its parts.

    What is added to n makes up for counts being whole and few, and for many of the population
    reporting. With it, no change of a population of 20 to 300 that was tried, at rates up to 3/5,
    is noticed less often than promised; n alone falls short in most of them.

    Args:
        change: δ, a fraction in (0, 1).
        confidence: 1 - α, two-sided, a fraction in (0, 1).
        power: 1 - β, a fraction in (0, 1).
        population: Installations, or installation-weeks, in each period; at least 1.

    Examples:
        >>> parts = closed_form(
        ...     Fraction(2, 100),
        ...     confidence=Fraction(95, 100),
        ...     power=Fraction(9, 10),
        ...     population=10**6,
        ... )
        >>> round(parts.normal_size), round(parts.size)
        (13132, 13137)
    """
    change = min(change, _WIDEST)
    confidence, power = max(confidence, _LEAST_CONFIDENCE), max(power, _LEAST_POWER)
    z_alpha, z_beta = _quantiles(confidence, power)
    half = float(change) / 2
    n = normal_size(before=0.5 - half, after=0.5 + half, confidence=confidence, power=power)
    often = n / population
    return ClosedForm(
        change=change,
        confidence=confidence,
        power=power,
        z_alpha=z_alpha,
        z_beta=z_beta,
        normal_size=n,
        size=n + (3 + (z_alpha + z_beta) ** 2 / 8) * (1 + often) + often * often / 2,
    )


def sample_rate(
    change: Fraction, *, confidence: Fraction, power: Fraction, population: int
) -> float:
    """Return a sample rate at which a change between two periods is noticed, whatever the share.

    Args:
        change: δ, a fraction in (0, 1).
        confidence: That nothing is noticed where nothing changed; two-sided, a fraction in (0, 1).
        power: That the change is noticed; a fraction in (0, 1).
        population: Installations, or installation-weeks, in each period; at least 1.

    Returns:
        A rate in (0, 1]. The power is promised at any rate. False alarms are at most 1 - confidence
        at rates up to 1/2, as far as 660 targets with all shares tell (with a confidence of 50 %,
        .2 % more in one); above, the test of a normal distribution gives more of them.

    Examples:
        >>> rate = sample_rate(
        ...     Fraction(5, 100),
        ...     confidence=Fraction(95, 100),
        ...     power=Fraction(9, 10),
        ...     population=10**5,
        ... )
        >>> round(rate, 5)
        0.0206
    """
    closed = closed_form(change, confidence=confidence, power=power, population=population)
    if population >= FEW:
        return closed.size / (population + closed.size)
    # Everybody reports in both periods, and the change is at least z standard errors.
    everybody = exp(log(closed.power) / (2 * population))
    noticed = 1 - 2 * (population - 1) * float(closed.change / closed.z_alpha) ** 2
    return max(everybody, noticed)


def _quantiles(confidence: Fraction, power: Fraction) -> tuple[float, float]:
    return normal_quantile(float(1 - confidence)), -NormalDist().inv_cdf(float(1 - power))
