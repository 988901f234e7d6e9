"""The mean of a value in [0, 1] over installations, to within a margin, whatever the values are.

A share is the mean of zeros and ones, and no value varies more. So by the normal approximation the
rate of a share will do for any mean: worst-case variance, normal. This module has the rate that is
guaranteed, with no approximation. The mean of n reports, drawn without replacement, is further off
than e with a probability of at most

    min(1, 2 exp(-2 n e²/(1 - (n - 1)/N))), and 0 if everybody reports,

and n itself is Bin(N, r). At the rate this comes to 1 - confidence, on average over n.
"""

from __future__ import annotations

from functools import cache
from math import exp, expm1, log, log1p
from typing import TYPE_CHECKING

from chartconfig.sampling.binomial import binomial

if TYPE_CHECKING:
    from fractions import Fraction

_MOST_SUMMED = 1e6
"""Expected reports up to which the average is a sum; above, a bound on it that is one part in a
million higher where a million installations or more do not report."""
_CLOSE, _MOST_STEPS, _STRIDE = 1e-9, 100, 1.5
_NEVER = 1e-300


def sample_size(margin: Fraction, *, confidence: Fraction) -> float:
    """Return n0 = ln(2/alpha)/(2e²), what would be guaranteed if just the expected number reported.

    Args:
        margin: Half-width of the interval, a fraction in (0, 1).
        confidence: Two-sided, a fraction in (0, 1).

    Examples:
        >>> from fractions import Fraction
        >>> round(sample_size(Fraction(1, 100), confidence=Fraction(95, 100)))
        18444
    """
    return log(2 / (1 - confidence)) / (2 * float(margin) ** 2)


@cache
def sample_rate(margin: Fraction, *, confidence: Fraction, population: int) -> float:
    """Return the least sample rate for which a mean is guaranteed to be within a margin.

    Args:
        margin: Half-width of the interval, a fraction in (0, 1).
        confidence: Two-sided, a fraction in (0, 1).
        population: Installations, or installation-weeks; at least 1.

    Returns:
        A rate in (0, 1), some 1.6 to 1.9 times as high as that of a share; to one part in 1e9 where
        up to a million report.

    Source:
        Serfling, "Probability inequalities for the sum in sampling without replacement", *Annals of
        Statistics* 2 (1974), pp. 39-48, corollary 1.1.

    Examples:
        >>> from fractions import Fraction
        >>> round(sample_rate(Fraction(1, 50), confidence=Fraction(95, 100), population=10**5), 6)
        0.044097
    """
    # All in odds, r/(1 - r), of which the logarithm of what is bounded is nearly a linear function.
    alpha = log(1 - confidence)
    everybody = _everybody(confidence, population)

    def excess(odds: float) -> float:
        missed = miss(odds / (1 + odds), margin=margin, population=population)
        return log(max(missed, _NEVER)) - alpha + _CLOSE

    low, above = 0.0, -alpha
    high = sample_size(margin, confidence=confidence) / population
    while (below := excess(min(high, everybody))) > 0 and high < everybody:
        low, above, high = high, below, _STRIDE * high
    high = min(high, everybody)
    if below >= 0:
        return high / (1 + high)
    for _ in range(_MOST_STEPS):  # false position: what is nearly linear takes few steps
        odds = low + (high - low) * above / (above - below)
        value = excess(odds)
        if abs(value) < _CLOSE:
            return odds / (1 + odds)
        if value > 0:
            low, above = odds, value
        else:
            high, below = odds, value
    return high / (1 + high)


def suffices(rate: float, *, margin: Fraction, confidence: Fraction, population: int) -> bool:
    """Return whether a rate guarantees that a mean is within a margin.

    Args:
        rate: A fraction in (0, 1].
        margin: Half-width of the interval, a fraction in (0, 1).
        confidence: Two-sided, a fraction in (0, 1).
        population: Installations, or installation-weeks; at least 1.
    """
    everybody = _everybody(confidence, population)
    return (
        rate >= everybody / (1 + everybody)
        or miss(rate, margin=margin, population=population) <= 1 - confidence
    )


def _everybody(confidence: Fraction, population: int) -> float:
    """Return the odds at which everybody reports with the confidence: no more is ever needed."""
    return 1 / expm1(-log1p(-float(1 - confidence)) / population)


def miss(rate: float, *, margin: Fraction, population: int) -> float:
    """Return a bound on the probability that a mean is further off than a margin.

    Args:
        rate: A fraction in (0, 1).
        margin: Half-width of the interval, a fraction in (0, 1).
        population: Installations, or installation-weeks; at least 1.

    Returns:
        A probability, never too small. Where more than a million report, P(miss | n) lies below
        its tangent as an exponential of n, and that has an average in closed form.

    Examples:
        >>> from fractions import Fraction
        >>> round(miss(0.5, margin=Fraction(9, 10), population=2), 6)
        0.447899
    """
    twice = 2 * float(margin) ** 2

    def exponent(reports: float) -> float:
        return twice * reports / (1 - (reports - 1) / population)

    if population * rate <= _MOST_SUMMED:
        first, weights = binomial(population, rate)
        missed = sum(
            weight * min(1.0, 2 * exp(-exponent(reports)))
            for reports, weight in enumerate(weights, first)
            if reports < population
        )
        return missed / sum(weights)
    reports = slope = 0.0
    for _ in range(2):  # the tangent where it matters: at the mean of the tilted distribution
        tilted = rate * exp(-slope)
        reports = population * tilted / (1 - rate + tilted)
        slope = twice * (1 + 1 / population) / (1 - (reports - 1) / population) ** 2
    average = population * log1p(rate * expm1(-slope))
    return min(1.0, 2 * exp(slope * reports - exponent(reports) + average))
