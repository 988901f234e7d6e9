"""How often the estimate of a share is as near to the truth as was promised.

Each of N installations reports with probability r; M of them hold the bucket. K1 ~ Bin(M, r) and
K0 ~ Bin(N - M, r) are independent, the estimate of M/N is K1/(K1 + K0), and no report at all is a
miss. What is promised is an interval around the truth, with fractions as ends and compared as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from math import erfc, exp, log1p, sqrt
from typing import TYPE_CHECKING

from chartconfig.sampling.binomial import binomial

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from fractions import Fraction

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_CERTAIN = 26
"""exp(-26) is 5e-12: what lies further out by Bernstein's inequality is left out."""
_ALIKE, _AT_ONCE = 10, 128
"""Shares are worked out together if their expected counts differ by at most so many standard
deviations, of the larger class three times so many, and so many at a time."""
_MANY = 2e4
"""Variance of a count from which its distribution is taken from Edgeworth's series, with an error
near 1e-9."""
_OUTERMOST, _STEP = 9.0, 1 / 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """What is promised of a share M/N: that the estimate lies between two fractions.

    They are `lowest(M) / scale` and `highest(M) / scale`, ends included.
    """

    population: int
    """N, at least 1."""
    scale: int
    below: int
    above: int
    slack: int

    @classmethod
    def within(cls, margin: Fraction, *, population: int) -> Interval:
        """Return the shares within a margin, a fraction in (0, 1), of the true one."""
        whole = margin.denominator
        return cls(
            population=population,
            scale=population * whole,
            below=whole,
            above=whole,
            slack=population * margin.numerator,
        )

    @classmethod
    def within_relative(cls, margin: Fraction, *, population: int) -> Interval:
        """Return the shares within a part of the true one, a fraction in (0, 1)."""
        whole, part = margin.denominator, margin.numerator
        return cls(
            population=population,
            scale=population * whole,
            below=whole - part,
            above=whole + part,
            slack=0,
        )

    def lowest(self, carriers: int) -> int:
        """Return the lower end for M installations, times `scale`; it may be negative."""
        return carriers * self.below - self.slack

    def highest(self, carriers: int) -> int:
        """Return the upper end for M installations, times `scale`; it may exceed `scale`."""
        return carriers * self.above + self.slack


def coverage(carriers: int, *, rate: float, interval: Interval) -> float:
    """Return the probability that the estimate lies in its interval.

    Args:
        carriers: M, installations that hold the bucket; in [0, N].
        rate: Sample rate, a fraction in (0, 1].
        interval: What is promised.

    Returns:
        A probability, to some 1e-13. One sum over the counts of those that hold the bucket.

    Examples:
        >>> from fractions import Fraction
        >>> fifth = Interval.within(Fraction(1, 5), population=20)
        >>> round(coverage(10, rate=0.1, interval=fifth), 6)
        0.3692
    """
    whole = interval.scale
    lowest, highest = interval.lowest(carriers), interval.highest(carriers)
    # lowest <= whole * K1/(K1 + K0) <= highest, solved for K0 and counted from K0's first.
    count, weights = binomial(carriers, rate)
    first, others = binomial(interval.population - carriers, rate)
    below = [0.0, *accumulate(others)]
    end = len(others)
    covered = 0.0
    nobody = weights[0] * others[0] if count == first == 0 else 0.0
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
    return (covered - nobody) / (sum(weights) * below[-1])


def coverages(carriers: Sequence[int], *, rate: float, interval: Interval) -> list[float]:
    """Return the coverage of many shares, each to some 1e-10.

    Args:
        carriers: M of each, ascending; in [0, N].
        rate: Sample rate, a fraction in (0, 1).
        interval: What is promised.

    Examples:
        >>> from fractions import Fraction
        >>> fifth = Interval.within(Fraction(1, 5), population=20)
        >>> [round(covered, 6) for covered in coverages([9, 10], rate=0.1, interval=fifth)]
        [0.325022, 0.3692]
    """
    low, high = misses(carriers, carriers, carriers, rate=rate, interval=interval)
    silent = silence(rate, population=interval.population)
    return [1 - silent - below - above for below, above in zip(low, high, strict=True)]


def silence(rate: float, *, population: int) -> float:
    """Return the probability that nobody reports.

    Args:
        rate: A fraction in (0, 1).
        population: At least 1.

    Examples:
        >>> silence(0.5, population=2)
        0.25
    """
    return exp(population * log1p(-rate))


def misses(
    carriers: Sequence[int],
    lowest_of: Sequence[int],
    highest_of: Sequence[int],
    *,
    rate: float,
    interval: Interval,
) -> tuple[list[float], list[float]]:
    """Return how often estimates fall below and above intervals, which may be of other shares.

    Args:
        carriers: M of each estimate, ascending; in [0, N].
        lowest_of: The M whose interval's lower end each is compared with.
        highest_of: The M whose interval's upper end each is compared with.
        rate: Sample rate, a fraction in (0, 1).
        interval: What is promised.

    Returns:
        Two lists of probabilities, each to some 1e-10.
    """
    import numpy as np

    low: list[float] = []
    high: list[float] = []
    for one, next_one in _alike(carriers, rate, interval.population):
        held = np.array(carriers[one:next_one], dtype=float)
        first, weights = _binomials(held, rate)
        counts = np.arange(first, first + weights.shape[1], dtype=float)
        fewer_others = _Counts(interval.population - held, rate)
        below = [interval.lowest(other) for other in lowest_of[one:next_one]]
        above = [interval.highest(other) for other in highest_of[one:next_one]]
        # est < L/scale when K0 > K1 (scale - L)/L, and never when L <= 0;
        # est > H/scale when K0 < K1 (scale - H)/H, and never when H >= scale.
        scale = interval.scale
        most = [(scale - end, end) if end > 0 else (0, 1) for end in below]
        least = [(end - scale, end) if end < scale else (0, 1) for end in above]
        start, stop = fewer_others.doubt(most, first, len(counts))
        lasts = _floors(counts[start:stop], most)
        falls = weights[:, :stop].sum(axis=1)
        falls -= (weights[:, start:stop] * fewer_others.below(lasts + 1)).sum(axis=1)
        start, stop = fewer_others.doubt(least, first, len(counts))
        firsts = -_floors(counts[start:stop], least)
        rises = weights[:, stop:].sum(axis=1)
        rises += (weights[:, start:stop] * fewer_others.below(firsts)).sum(axis=1)
        whole = weights.sum(axis=1)
        falls /= whole
        rises /= whole
        low += np.where([end > 0 for end in below], falls, 0.0).tolist()
        high += np.where([end < scale for end in above], rises, 0.0).tolist()
    return low, high


def _alike(carriers: Sequence[int], rate: float, population: int) -> Iterator[tuple[int, int]]:
    """Yield where to cut, so that one window of counts does for all between."""

    def far(start: int, stop: int) -> bool:
        apart = (carriers[stop] - carriers[start]) * rate
        held, others = carriers[start] * rate, (population - carriers[stop]) * rate
        return apart > _ALIKE * sqrt(held * (1 - rate) + 1) or apart > 3 * _ALIKE * sqrt(
            others * (1 - rate) + 1
        )

    start = 0
    while start < len(carriers):
        stop = start + 1
        while stop < min(len(carriers), start + _AT_ONCE) and not far(start, stop):
            stop += 1
        yield start, stop
        start = stop


def _binomials(trials: Floats, rate: float) -> tuple[int, Floats]:
    """Return a first count and, a row for each number of trials, the weights from it on.

    As in `binomial`, each weight follows from its neighbour, from a count near all modes.
    """
    import numpy as np

    first, last = _window(trials, rate)
    mean = trials * rate
    anchor = int(min(mean[len(mean) // 2], trials.min())) - first
    counts = np.arange(first + 1, last + 1)
    growth = (trials[:, None] + 1 - counts) * (rate / (1 - rate) / counts)
    weights = np.ones((len(trials), last - first + 1))
    np.cumprod(growth[:, anchor:], axis=1, out=weights[:, anchor + 1 :])
    np.cumprod(1 / growth[:, :anchor][:, ::-1], axis=1, out=weights[:, :anchor][:, ::-1])
    return first, weights


def _window(trials: Floats, rate: float) -> tuple[int, int]:
    """Return the first and the last count that is probable with any number of trials."""
    import numpy as np

    mean = trials * rate
    reach = _CERTAIN / 3 + np.sqrt((_CERTAIN / 3) ** 2 + 2 * _CERTAIN * mean * (1 - rate))
    return max(0, int((mean - reach).min())), int(min(trials.max(), (mean + reach).max()))


def _floors(counts: Floats, ratios: Sequence[tuple[int, int]]) -> Floats:
    """Return the floor of each count times each ratio, a row for each ratio; exactly.

    A product that a float cannot tell from a whole number is worked out with integers.
    """
    import numpy as np

    products = np.array([over / under for over, under in ratios])[:, None] * counts
    floors = np.floor(products)
    apart = np.rint(products)
    np.abs(np.subtract(apart, products, out=apart), out=apart)
    doubt = 1e-15 * np.abs(products[:, -1:]).max(initial=0)  # of the largest
    for row, column in np.argwhere(apart <= doubt).tolist():
        over, under = ratios[row]
        floors[row, column] = int(counts[column]) * over // under
    return floors


class _Counts:
    """The distributions of binomial counts of nearly as many trials, one a row."""

    def __init__(self, trials: Floats, rate: float) -> None:
        import numpy as np

        self.trials, self.rate = trials, rate
        self.in_series = float(trials.min()) * rate * (1 - rate) > _MANY
        if self.in_series:
            self.first, self.last = _window(trials, rate)
        else:
            self.first, weights = _binomials(trials, rate)
            self.last = self.first + weights.shape[1] - 1
            self.sums = np.zeros((len(trials), weights.shape[1] + 1))
            np.cumsum(weights, axis=1, out=self.sums[:, 1:])
            self.sums /= self.sums[:, -1:].copy()

    def doubt(self, ratios: Sequence[tuple[int, int]], first: int, counts: int) -> tuple[int, int]:
        """Return where, in so many counts from a first, one times its ratio is no plain outcome.

        Before, products are below every count that is probable here, and behind, above all.
        """
        slopes = [abs(over / under) for over, under in ratios]
        start = self.first / max(slopes) - first - 1 if max(slopes) > 0 else 0
        stop = (self.last + 1) / min(slopes) - first + 2 if min(slopes) > 0 else counts
        start = int(min(max(start, 0), counts))
        return start, int(min(max(stop, start), counts))

    def below(self, counts: Floats) -> Floats:
        """Return the probability of fewer than each count, row by row."""
        import numpy as np

        if self.in_series:
            return self._series(counts)
        last = self.sums.shape[1] - 1
        places = np.clip(counts - self.first, 0, last).astype(np.intp)
        places += np.arange(0, self.sums.size, last + 1)[:, None]
        taken: Floats = self.sums.take(places)
        return taken

    def _series(self, counts: Floats) -> Floats:
        """Return the same from the Edgeworth series, at half integers and so less by 1/12.

        Source:
            Feller, *An Introduction to Probability Theory*, vol. 2, 2nd ed. (1971), XVI.4;
            Kolassa and McCullagh, "Edgeworth series for lattice distributions", *Annals of
            Statistics* 18 (1990), for the variance of a lattice.
        """
        import numpy as np

        rate = self.rate
        variance = (self.trials * (rate * (1 - rate)))[:, None]
        deviation = np.sqrt(variance - 1 / 12)
        x = (counts - 0.5 - (self.trials * rate)[:, None]) / deviation
        skewness = (1 - 2 * rate) / deviation
        kurtosis = (1 - 6 * rate * (1 - rate)) / variance
        square = x * x  # powers of arrays are slow
        density = np.exp(-square / 2) / sqrt(2 * np.pi)
        correction = skewness / 6 * (square - 1) + x * (
            kurtosis / 24 * (square - 3) + skewness**2 / 72 * (square * (square - 10) + 15)
        )
        result: Floats = _normal_below(x) - density * correction
        return result


def _normal_below(x: Floats) -> Floats:
    """Return the normal distribution function, to 1e-12: Hermite's cubics between exact values."""
    import numpy as np

    values, slopes = _normal_values()
    places = np.clip((x + _OUTERMOST) / _STEP, 0, len(values) - 1.001)
    left = places.astype(np.int64)
    t = places - left
    rise = values[left + 1] - values[left]
    start, stop = slopes[left] * _STEP, slopes[left + 1] * _STEP
    result: Floats = values[left] + t * (
        start + t * (3 * rise - 2 * start - stop + t * (start + stop - 2 * rise))
    )
    return result


@cache
def _normal_values() -> tuple[Floats, Floats]:
    """Return the normal distribution function and its density at the steps of a grid."""
    import numpy as np

    grid = np.arange(-_OUTERMOST, _OUTERMOST + _STEP / 2, _STEP)
    values = np.array([erfc(-x / sqrt(2)) / 2 for x in grid.tolist()])
    return values, np.exp(-(grid**2) / 2) / sqrt(2 * np.pi)
