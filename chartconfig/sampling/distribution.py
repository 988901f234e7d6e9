"""A cumulative distribution, everywhere to within a margin: the Dvoretzky-Kiefer-Wolfowitz bound.

The values of all installations being different is the worst case; ties only help.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

from chartconfig.sampling import mean
from chartconfig.sampling.proportion import one_report_rate

if TYPE_CHECKING:
    from fractions import Fraction

_MANY, _LARGE = 1000, 10_000
"""Sample size from which two reports make up for their number being random, up to half of all; and
population from which they do in any case."""


def sample_size(margin: Fraction, *, confidence: Fraction) -> float:
    """Return n0 = ln(2/alpha)/(2e²) + 2 for an infinite population.

    Args:
        margin: Largest distance between the distributions, a fraction in (0, 1).
        confidence: A fraction in (0, 1).

    Source:
        Massart, "The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality", *Annals of
        Probability* 18 (1990), pp. 1269-1283, for the constant 2. Wei and Dudley, *Statistics and
        Probability Letters* 82 (2012), pp. 636-644, for the two-sample form, which a finite
        population needs: n0 is the harmonic size of sample and rest.

    Examples:
        >>> from fractions import Fraction
        >>> round(sample_size(Fraction(1, 100), confidence=Fraction(95, 100)))
        18446
    """
    return log(2 / (1 - confidence)) / (2 * float(margin) ** 2) + 2


def sample_rate(margin: Fraction, *, confidence: Fraction, population: int) -> float:
    """Return a sample rate that estimates a distribution to within a margin, whatever it is.

    The inequality is one for a given number of reports. Where few are expected, their number varies
    so much that the rate has to be found for its average, as for a guaranteed mean.

    Args:
        margin: Largest distance between the distributions, a fraction in (0, 1).
        confidence: A fraction in (0, 1).
        population: Installations, or installation-weeks; at least 1.

    Examples:
        >>> from fractions import Fraction
        >>> round(sample_rate(Fraction(1, 50), confidence=Fraction(95, 100), population=10**5), 4)
        0.0441
    """
    size = sample_size(margin, confidence=confidence)
    floor = one_report_rate(confidence=confidence, population=population)
    rate = max(size / (population + size), floor)
    if size >= _MANY and population >= min(size, _LARGE):
        return rate
    return max(rate, mean.sample_rate(margin, confidence=confidence, population=population))
