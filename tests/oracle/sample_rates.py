"""Sample rates judged a second time, by other means, to compare chartconfig's with.

Exact rationals and every outcome for small populations; for large ones binomial probabilities from
scipy, and every share or a fine grid of shares. Nothing here is shared with `chartconfig.sampling`.
"""

from __future__ import annotations

import math
from fractions import Fraction
from math import comb
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy import special, stats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.float64]"
Integers: TypeAlias = "NDArray[np.int64]"

EVERY_SHARE = 2000
"""Up to this population every share is tried."""
_DENOMINATORS = 24
"""Of a larger one, those shares are tried that just miss fractions with such denominators."""
_AT_ONCE = 300_000
_STEPS = 24


# ---- one share


def rational_coverage(
    carriers: int, *, rate: Fraction, margin: Fraction, population: int, relative: bool = False
) -> Fraction:
    """Return the coverage of one share exactly, by going through every outcome."""
    share = Fraction(carriers, population)
    allowed = margin * share if relative else margin
    silent = 1 - rate
    covered = Fraction(0)
    for k1 in range(carriers + 1):
        for k0 in range(population - carriers + 1):
            if k1 + k0 > 0 and abs(Fraction(k1, k1 + k0) - share) <= allowed:
                ways = comb(carriers, k1) * comb(population - carriers, k0)
                covered += ways * rate ** (k1 + k0) * silent ** (population - k1 - k0)
    return covered


def coverages(
    carriers: Sequence[int] | Integers,
    *,
    rate: float,
    margin: Fraction,
    population: int,
    relative: bool = False,
) -> Floats:
    """Return the coverage of many shares: scipy's binomial probabilities, summed.

    What the margin allows is compared in whole numbers, so ties are exact.
    """
    held = np.asarray(carriers, dtype=np.int64)
    per_share = 4 * _reach(population / 2, rate) + 2
    pieces = np.array_split(held, math.ceil(len(held) * per_share / _AT_ONCE))
    return np.concatenate(
        [_coverages(piece, rate, margin, population, relative=relative) for piece in pieces]
    )


def _coverages(
    held: Integers, rate: float, margin: Fraction, population: int, *, relative: bool
) -> Floats:
    part, whole = margin.numerator, margin.denominator
    slack = part * (held if relative else np.full_like(held, population))
    low, high, unit = held * whole - slack, held * whole + slack, population * whole
    k1, weights = _window(held, rate)
    assert unit * int(k1.max() + 1) < 2**63
    # low/unit <= k1/(k1 + k0) <= high/unit, solved for k0
    low, high = low[:, None], high[:, None]
    least = np.where(high < unit, -(-k1 * (unit - high) // np.maximum(high, 1)), 0)
    most = np.where(low > 0, k1 * (unit - low) // np.maximum(low, 1), population)
    least = np.where(k1 == 0, np.maximum(least, 1), least)  # nobody at all is a miss
    inside = _between(least, most, population - held, rate)
    covered: Floats = (weights * inside).sum(axis=1)
    return covered


def _reach(trials: float, rate: float) -> int:
    """Return how far from its mean a binomial count is not to be expected at all."""
    return int(8.5 * math.sqrt(trials * rate * (1 - rate))) + 36


def _window(trials: Integers, rate: float) -> tuple[Integers, Floats]:
    """Return the counts that are to be expected, a row for each number of trials, and how much."""
    reach = min(_reach(int(trials.max()), rate), int(trials.max()))
    first = np.maximum((trials * rate).astype(np.int64) - reach, 0)
    counts = first[:, None] + np.arange(2 * reach + 1)
    return counts, stats.binom.pmf(counts, trials[:, None], rate)


def _between(least: Integers, most: Integers, trials: Integers, rate: float) -> Floats:
    """Return the probability of a count from `least` to `most`, row by row."""
    counts, weights = _window(trials, rate)
    sums = np.zeros((len(trials), weights.shape[1] + 1))
    np.cumsum(weights, axis=1, out=sums[:, 1:])
    last = weights.shape[1]
    start = np.clip(least - counts[:, :1], 0, last)
    stop = np.clip(most + 1 - counts[:, :1], 0, last)
    inside: Floats = np.take_along_axis(sums, np.maximum(start, stop), axis=1)
    inside -= np.take_along_axis(sums, start, axis=1)
    return inside


def shares(margin: Fraction, *, population: int, rate: float) -> Integers:
    """Return every share up to one half, as M, or those among which the worst is to be found.

    M and N - M are covered alike. Coverage is low just where an end of the margin misses a fraction
    with a small denominator; beside those a grid is tried, fine where shares vary much.
    """
    half = population // 2
    if population <= EVERY_SHARE:
        return np.arange(half + 1)
    most = max(12, min(160, _AT_ONCE // 2 // _reach(population / 2, rate)))
    low = max(0, int(population * (Fraction(1, 2) - max(2 * margin, Fraction(1, 50)))))
    found = {low + (half - low) * step // most for step in range(most + 1)}
    found |= {low * step // (most // 6) for step in range(most // 6)}
    for q in range(1, min(_DENOMINATORS, most // 4) + 1):
        for h in range(q + 1):
            missed = math.ceil(population * (Fraction(h, q) - margin)) - 1
            found |= {missed, missed + 1, population - missed}
    return np.array(sorted(place for place in found if low <= place <= half))


def worst_share(*, rate: float, margin: Fraction, population: int) -> tuple[int, float]:
    """Return M of the share that is covered least, among `shares`, and its coverage."""
    tried = shares(margin, population=population, rate=rate)
    covered = coverages(tried, rate=rate, margin=margin, population=population)
    place = int(covered.argmin())
    return int(tried[place]), float(covered[place])


def worst_common_share(
    *, rate: float, margin: Fraction, smallest: Fraction, population: int
) -> tuple[int, float]:
    """Return the same of a relative margin, among shares that are not too small."""
    first = max(1, math.ceil(smallest * population))
    last = min(3 * first, population)  # larger ones have more reports, and are covered more often
    if population <= EVERY_SHARE:
        found = set(range(first, population + 1))
    else:
        found = {first + (last - first) * step // 20 for step in range(21)}
        found |= {first + (last - first) * step // 2000 for step in range(100)}
        found |= {first + place for place in range(20)}
        for q in range(1, _DENOMINATORS + 1):
            for h in range(q + 1):
                missed = math.ceil(population * Fraction(h, q) / (1 + margin)) - 1
                over = int(population * Fraction(h, q) / (1 - margin)) + 1
                found |= {missed, missed + 1, over - 1, over}
    tried = np.array(sorted(place for place in found if first <= place <= last))
    covered = coverages(tried, rate=rate, margin=margin, population=population, relative=True)
    place = int(covered.argmin())
    return int(tried[place]), float(covered[place])


# ---- three shares at once


def partition_coverage(counts: tuple[int, int, int], *, rate: float, margin: Fraction) -> float:
    """Return the probability that the three shares of a partition are all within a margin."""
    population = sum(counts)
    part, whole = margin.numerator, margin.denominator
    allowed, unit = part * population, whole * population
    (first,), (weights1,) = _window(np.array(counts[:1]), rate)
    (second,), (weights2,) = _window(np.array(counts[1:2]), rate)
    k1, k2 = first[:, None], second[None]
    # (count - allowed)/unit <= k/n <= (count + allowed)/unit, solved for n = k1 + k2 + k3; of the
    # third share the rest of n is compared, k1 + k2.
    least, most = np.maximum(k1 + k2, 1), np.full_like(k1 + k2, population)
    ends = (counts[0] * whole, k1), (counts[1] * whole, k2), (unit - counts[2] * whole, k1 + k2)
    for middle, seen in ends:
        low, high = middle - allowed, middle + allowed
        least = np.maximum(least, -(-seen * unit // high))
        if low > 0:
            most = np.minimum(most, seen * unit // low)
    inside = _between(
        (least - k1 - k2).reshape(1, -1),
        (most - k1 - k2).reshape(1, -1),
        np.array(counts[2:]),
        rate,
    )
    return float(weights1 @ inside.reshape(least.shape) @ weights2)


def partition_size(margin: Fraction, *, confidence: Fraction, population: int) -> float:
    """Return n0 for three or more exclusive buckets at once."""
    alpha = float(1 - confidence)
    cells = np.arange(2, 40)
    z = stats.norm.isf(alpha / (2 * cells))
    base = float(np.max(z**2 * (cells - 1) / cells**2)) / min(0.09, float(margin) ** 2) + 2
    return base + 8 * max(0, (9 * base - population) / (9 * population))


# ---- whole distributions


def distribution_coverage(*, rate: float, margin: Fraction, population: int) -> float:
    """Return the probability that a distribution of untied values is everywhere within a margin.

    By following how many of the smallest i values are among the n reports, for all n at once.
    """
    reports = np.arange(1, population + 1)[:, None]
    seen = np.arange(population + 1)[None]
    weights = np.zeros((population, population + 1))
    weights[:, 0] = 1
    for done in range(population):
        taken = weights * np.clip((reports - seen) / (population - done), 0, 1)
        weights -= taken
        weights[:, 1:] += taken[:, :-1]
        apart = np.abs(seen * population - (done + 1) * reports) * margin.denominator
        weights[apart > margin.numerator * reports * population] = 0
    chances = stats.binom.pmf(reports[:, 0], population, rate)
    return float(chances @ weights.sum(axis=1))


def distribution_coverage_of_many(*, reports: float, margin: Fraction) -> float:
    """Return the same for an infinite population, of which so many reports are expected.

    Given their number this is Kolmogorov's distribution; it is worked out for a few numbers, and
    its logarithm interpolated.
    """
    reach = int(8.5 * math.sqrt(reports)) + 36
    number = np.arange(max(1, int(reports) - reach), int(reports) + reach)
    nodes = np.unique(np.linspace(number[0], number[-1], _STEPS).astype(np.int64))
    nodes = np.union1d(nodes, number[number < _STEPS])
    missed = np.interp(number, nodes, np.log(stats.kstwo.sf(float(margin), nodes)))
    chances = stats.poisson.pmf(number, reports)
    return float(chances @ -np.expm1(missed))


# ---- sizes and rates in closed form


def distribution_size(margin: Fraction, *, confidence: Fraction) -> float:
    """Return n0 for a distribution, solved from 2 exp(-2 n e²) = alpha."""
    alpha = float(1 - confidence)
    return -math.log(alpha / 2) / (2 * float(margin) ** 2) + 2


def one_report_rate(*, confidence: Fraction, population: int) -> float:
    """Return the rate at which anybody reports, from (1 - r)^N = alpha."""
    return -math.expm1(math.log1p(-float(confidence)) / population)


def normal_rate(margin: Fraction, *, confidence: Fraction, population: int) -> float:
    """Return the rate of the textbook: the normal approximation, for a share of one half."""
    z = float(stats.norm.isf(float(1 - confidence) / 2))
    return fraction_of(z * z / 4 / float(margin) ** 2, population)


def fraction_of(size: float, population: int) -> float:
    """Return the rate n0/(N + n0)."""
    return 1 / (1 + population / size)


def detected(*, rate: float, reports: int, chances: int) -> float:
    """Return the probability of at least so many reports."""
    return float(special.betainc(reports, chances - reports + 1, rate))


def guaranteed_miss(*, rate: float, margin: Fraction, population: int) -> float:
    """Return Serfling's bound on how often a mean misses, averaged over the number of reports."""
    e = float(margin)
    (reports,), (weights,) = _window(np.array([population]), rate)
    left = 1 - (reports - 1) / population
    missed = np.minimum(1, 2 * np.exp(-2 * reports * e * e / np.maximum(left, 1e-300)))
    return float(np.where(reports < population, missed, 0) @ weights)
