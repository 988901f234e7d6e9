"""Seeing at least m reports of something that a share of the installations has.

With M = ceil(share * N) installations that have it and w weeks, the reports are Bin(Mw, r), and
P(at least m) = I_r(m, Mw - m + 1) rises with r. For m = 1 this is 1 - (1 - r)^(Mw), which for a
confidence of 95 % is the rule of three.
"""

from __future__ import annotations

from math import ceil, expm1, log
from typing import TYPE_CHECKING

from chartconfig.sampling.binomial import fewer

if TYPE_CHECKING:
    from fractions import Fraction

_CLOSE = 1e-13
"""The last step, as a part of the rate; it takes five or six."""


def chances(share: Fraction, *, population: int, weeks: int = 1) -> int:
    """Return Mw, how often anything with that share can be reported.

    Args:
        share: A fraction in (0, 1).
        population: N, installations in a week.
        weeks: How many weeks are pooled; at least 1.

    Examples:
        >>> from fractions import Fraction
        >>> chances(Fraction(7, 100), population=100)
        7
    """
    return ceil(share * population) * weeks


def sample_rate(*, reports: int, confidence: Fraction, chances: int) -> float | None:
    """Return the least sample rate at which at least so many reports come in.

    Args:
        reports: m, at least 1.
        confidence: A fraction in (0, 1).
        chances: Mw, see `chances`.

    Returns:
        A rate in (0, 1], above the least by at most one part in 1e12; None if Mw < m.

    Source:
        Hanley and Lippman-Hand, "If nothing goes wrong, is everything all right?", *JAMA* 249
        (1983), pp. 1743-1745, and Cannon and Roe, *Livestock Disease Surveys* (1982), for m = 1.

    Examples:
        >>> from fractions import Fraction
        >>> round(sample_rate(reports=1, confidence=Fraction(95, 100), chances=100), 9)
        0.02951305
    """
    if chances < reports:
        return None
    alpha = float(1 - confidence)
    if reports == 1:
        return -expm1(log(alpha) / chances)
    # Newton's method for log P(fewer than m), and halving where that leads out of the bracket.
    low, rate, high = 0.0, reports / (chances + 1), 1.0
    while True:
        missed, just = fewer(reports, trials=chances, rate=rate)
        low, high = (low, rate) if missed <= alpha else (rate, high)
        step = missed * log(missed / alpha) * rate / (reports * just) if missed * just else 1.0
        if abs(step) < _CLOSE * rate:
            return min(rate * (1 + 2 * _CLOSE), 1.0)
        if high - low < _CLOSE * high:
            return high
        rate = rate + step if low < rate + step < high else (low + high) / 2


def suffices(rate: float, *, reports: int, confidence: Fraction, chances: int) -> bool:
    """Return whether at least so many reports come in at a rate.

    Args:
        rate: A fraction in (0, 1].
        reports: m, at least 1.
        confidence: A fraction in (0, 1).
        chances: Mw, see `chances`.

    Examples:
        >>> from fractions import Fraction
        >>> suffices(0.03, reports=1, confidence=Fraction(95, 100), chances=100)
        True
    """
    missed, _ = fewer(reports, trials=chances, rate=rate)
    return chances >= reports and missed <= float(1 - confidence)
