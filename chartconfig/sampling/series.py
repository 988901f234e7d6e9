"""The least sample rate for a share by Edgeworth's series, where samples are large enough for it.

An estimate K1/(K1 + K0) is less than x when Y = (1 - x) K1 - x K0 is below 0. Y is spread smoothly
but for one thing: near a fraction a/b, estimates that equal it lie b times further apart than
others do, so that the distribution has steps there, or waves a little further off.

Coverage is least for shares just so far below a fraction with a small denominator that all samples
with that ratio miss, so these few shares are looked at, and of them the rate that the most
demanding one needs is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil, erfc, exp, gcd, pi, sin, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

_DENOMINATORS = 12
"""The largest of the fractions that shares are put beside."""
_OUTERMOST = 1.5
"""Shares further from 1/2 than so many margins have too little variance to be the worst."""
_STEPS = ((0, 0.0), (1, 1.5), (1, 0.5), (-1, 1.5))
"""How far beside a fraction: in steps, and before the step in standard deviations of it, for the
number of reports varies and a step with it."""
_ROUNDS, _CLOSE = 8, 1e-5
_WAVES, _VISIBLE = 60, 0.7
"""The largest denominator of which waves are seen; and where they die out, in standard deviations
of the end of a step that the number of reports moves: exp(-2 π² .7²) is 6e-5."""
_JUMPS, _SHARP = 20, 0.15
"""The same for steps, which are too sharp to be told by few waves."""
_SHORT = 0.25
"""The density at 0 is told from this far on both sides of it, in reports."""


def sample_size(margin: Fraction, *, z: float, alpha: float, population: int) -> float:
    """Return n0 of the least sample rate n0/(N + n0) that estimates a share to within a margin.

    Within .18 % of what exact calculation gives where z²/(4e²) is at least 300 and at least
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
        386.6
    """
    e = float(margin)
    slope = z * exp(-z * z / 2) / sqrt(2 * pi)
    largest = 0.0
    for a, b in _fractions():
        if abs(a / b - e - 0.5) > _OUTERMOST * e:
            continue
        for step, ahead in _STEPS:
            size = max(largest, z * z / (4 * e * e))
            for _ in range(_ROUNDS):
                excess = _misses((a, b), step - ahead / sqrt(size), e, size, population) - alpha
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
    return tuple((a, b) for b in range(_DENOMINATORS + 1) for a in range(1, b) if gcd(a, b) == 1)


def _misses(end: tuple[int, int], step: float, e: float, size: float, population: int) -> float:
    """Return how often a share is missed which has the end of its interval just below a step."""
    a, b = end
    rate = size / (population + size)
    reports = population * rate
    edge = a / b + step / (b * reports)
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
        up, down = 1 - end, end
        reports, variance = self.reports_at(up, down)
        waves, jump = 0.0, 0
        visible, sharp = _VISIBLE / sqrt(variance), _SHARP / sqrt(variance)
        for b in range(1, _WAVES + 1):
            beside = (end * b + 0.5) % 1 - 0.5
            if -sharp < beside < sharp and b <= _JUMPS and not jump:
                jump = b
            elif -visible < beside < visible and not (jump and b % jump == 0):
                damping = exp(-2 * (pi * beside) ** 2 * variance)
                waves += damping * sin(2 * pi * beside * reports) / (pi * b)
        before, after = (self.series(y, up, down, lattice=False) for y in (-_SHORT, _SHORT))
        below = (before + after) / 2
        if jump:
            a = round(end * jump)
            below = self.below_step(a, jump, (end * jump - a) * (self.held + self.others))
        return below + waves * (after - before) / (2 * _SHORT)

    def below_step(self, a: int, b: int, steps: float) -> float:
        """Return how often the estimate is less than a number so many steps of 1/(bn) from a/b.

        That is when Y = (b - a) K1 - a K0, which is whole, is less than the steps.
        """
        up, down = b - a, a
        reports, variance = self.reports_at(up, down)
        part = steps / (self.held + self.others)
        steps = part * reports
        whole = ceil(steps - 1e-9) - 1
        less, below, more = (
            self.series(whole + y, up, down, lattice=True) for y in (-0.5, 0.5, 1.5)
        )
        spread = abs(part) * sqrt(2 * variance)
        if spread > _CLOSE:  # a step more or less, since the number of reports varies
            beyond, short = (steps - whole) / spread, (whole + 1 - steps) / spread
            below += ((more - below) * erfc(short) - (below - less) * erfc(beyond)) / 2
        return below

    def reports_at(self, up: float, down: float) -> tuple[float, float]:
        """Return how many reports are expected where up K1 = down K0, and their variance."""
        reports = self.held + self.others
        average = up * self.held - down * self.others
        there = reports - average**2 / (up * up * self.held + down * down * self.others)
        return there, self.silent * there

    def series(self, end: float, up: float, down: float, *, lattice: bool) -> float:
        """Return P(up K1 - down K0 < end) by Edgeworth's series to the order 1/n.

        On a lattice of whole numbers `end` is half-way between two, where the series holds with
        Sheppard's correction of the variance.
        """
        held, others, silent = self.held, self.others, self.silent
        variance = silent * (up**2 * held + down**2 * others) - lattice / 12
        third = silent * (2 * silent - 1) * (up**3 * held - down**3 * others)
        fourth = silent * (1 - 6 * silent * (1 - silent)) * (up**4 * held + down**4 * others)
        deviation = sqrt(variance)
        x = (end - up * held + down * others) / deviation
        skewness, kurtosis = third / deviation**3, fourth / variance**2
        correction = (
            skewness * (x**2 - 1) / 6
            + kurtosis * (x**3 - 3 * x) / 24
            + skewness**2 * (x**5 - 10 * x**3 + 15 * x) / 72
        )
        return erfc(-x / sqrt(2)) / 2 - exp(-(x**2) / 2) / sqrt(2 * pi) * correction
