"""The least sample rate for a share by Edgeworth's series, where samples are large enough for it.

An estimate K1/(K1 + K0) is at least a fraction a/b when Y = (b - a) K1 - a K0 is at least 0, and Y
takes whole values: its distribution is smooth but for that. Coverage is least for shares just so
far below a fraction with a small denominator that all samples with that ratio miss, so these few
shares are looked at, and of them the rate that the most demanding one needs is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil, erfc, exp, gcd, pi, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

_DENOMINATORS, _NEAR_DENOMINATORS = 12, 20
"""The largest of the fractions that shares are put beside, and of those that they may be near."""
_OUTERMOST = 1.5
"""Shares further from 1/2 than so many margins have too little variance to be the worst."""
_STEPS = (0, 1, -1)
"""How far beside a fraction, in steps of Y."""
_AHEAD = 1.5
"""A step is n times a distance, and the number of reports n varies: so many standard deviations."""
_BESIDE = 2.5
"""So many steps away from a fraction, whole values no longer matter."""
_ROUNDS, _CLOSE = 8, 1e-5


def sample_size(margin: Fraction, *, z: float, alpha: float, population: int) -> float:
    """Return n0 of the least sample rate n0/(N + n0) that estimates a share to within a margin.

    Within .15 % of what exact calculation gives where z²/(4e²) is at least 300 and at least
    4 z⁴; for fewer reports the series is cut off too early.

    Args:
        margin: e, half-width of the interval, a fraction in (0, 1/4).
        z: Normal quantile of the confidence.
        alpha: 1 - confidence, a fraction in (0, 1).
        population: N, installations or installation-weeks; at least 1.

    Returns:
        Reports, that an infinite population would need.

    Source:
        Feller, *An Introduction to Probability Theory and Its Applications*, vol. 2, 2nd ed.
        (1971), section XVI.4, for the series; Kolassa and McCullagh, "Edgeworth series for lattice
        distributions", *Annals of Statistics* 18 (1990), pp. 981-985, for whole values.

    Examples:
        >>> from fractions import Fraction
        >>> round(sample_size(Fraction(1, 20), z=1.959964, alpha=0.05, population=10**9), 1)
        386.3
    """
    e = float(margin)
    slope = z * exp(-z * z / 2) / sqrt(2 * pi)
    largest = 0.0
    for a, b in _fractions():
        if abs(a / b - e - 0.5) > _OUTERMOST * e:
            continue
        for step in _STEPS:
            size = max(largest, z * z / (4 * e * e))
            for _ in range(_ROUNDS):
                excess = _misses((a, b), step, e, size, population) - alpha
                if excess < 0 and size <= largest:
                    break  # what another share needs is enough for this one
                size *= 1 + excess / slope
                if abs(excess) < _CLOSE * slope:
                    break
            largest = max(largest, size)
    return largest


@cache
def _fractions() -> tuple[tuple[int, int], ...]:
    """Return the fractions in (0, 1) with small denominators, those with the smallest first."""
    return tuple((a, b) for b in range(2, _DENOMINATORS + 1) for a in range(1, b) if gcd(a, b) == 1)


def _misses(end: tuple[int, int], step: int, e: float, size: float, population: int) -> float:
    """Return how often a share is missed which has the end of its interval just below a step."""
    a, b = end
    rate = size / (population + size)
    reports = population * rate
    edge = a / b + (step - abs(step) * _AHEAD / sqrt(reports)) / (b * reports)
    share = (ceil((edge - e) * population - 1e-9) - 1) / population
    sample = _Sample(reports * share, reports * (1 - share), 1 - rate)
    return 1 - sample.below_step(a, b, (share + e - a / b) * b * reports) + sample.below(share - e)


@dataclass(frozen=True, slots=True)
class _Sample:
    """The distribution of the estimate of a share."""

    held: float
    """Reports expected of those that hold the bucket."""
    others: float
    """Reports expected of those that do not."""
    silent: float
    """1 - rate."""

    def below(self, end: float) -> float:
        """Return how often the estimate is less than a number."""
        for b in range(1, _NEAR_DENOMINATORS + 1):
            a = round(end * b)
            steps = (end * b - a) * (self.held + self.others)
            if abs(steps) < _BESIDE:
                return self.below_step(a, b, steps)
        return self.series(0.0, 1 - end, end, lattice=False)

    def below_step(self, a: int, b: int, steps: float) -> float:
        """Return how often the estimate is less than a number near a/b: when Y < steps."""
        whole = ceil(steps - 1e-9) - 1
        below = self.series(whole + 0.5, b - a, a, lattice=True)
        spread = abs(steps) / sqrt(self.held + self.others)  # since n varies
        if spread > _CLOSE:
            next_one = erfc((whole + 1 - steps) / spread / sqrt(2)) / 2
            one_less = erfc((steps - whole) / spread / sqrt(2)) / 2
            atom = self.series(whole + 1, b - a, a, lattice=True)
            atom -= self.series(whole, b - a, a, lattice=True)
            below += atom * (next_one - one_less)
        return below

    def series(self, end: float, up: float, down: float, *, lattice: bool) -> float:
        """Return P(up K1 - down K0 < end) by Edgeworth's series to the order 1/n.

        On a lattice of whole numbers `end` is half-way between two, where the series holds with
        Sheppard's corrections.
        """
        held, others, silent = self.held, self.others, self.silent
        variance = silent * (up**2 * held + down**2 * others) - lattice / 12
        third = silent * (2 * silent - 1) * (up**3 * held - down**3 * others)
        fourth = silent * (1 - 6 * silent * (1 - silent)) * (up**4 * held + down**4 * others)
        deviation = sqrt(variance)
        x = (end - up * held + down * others) / deviation
        skewness, kurtosis = third / deviation**3, (fourth + lattice / 120) / variance**2
        correction = (
            skewness * (x**2 - 1) / 6
            + kurtosis * (x**3 - 3 * x) / 24
            + skewness**2 * (x**5 - 10 * x**3 + 15 * x) / 72
        )
        return erfc(-x / sqrt(2)) / 2 - exp(-(x**2) / 2) / sqrt(2 * pi) * correction
