"""Sample rates computed a second time, by other means, to compare chartconfig's with.

Exact rationals and every outcome for small populations; binomial tails from scipy's incomplete
beta function and every share, or a fine grid of shares, for large ones. Slow, and nothing here is
shared with `chartconfig.sampling`.
"""

from __future__ import annotations

import math
from fractions import Fraction
from math import comb
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, special, stats

if TYPE_CHECKING:
    from numpy.typing import NDArray


def rational_coverage(
    carriers: int, *, rate: Fraction, margin: Fraction, population: int
) -> Fraction:
    """Return the coverage of one share exactly, by going through every outcome."""
    share = Fraction(carriers, population)
    silent = 1 - rate
    covered = Fraction(0)
    for k1 in range(carriers + 1):
        for k0 in range(population - carriers + 1):
            if k1 + k0 > 0 and abs(Fraction(k1, k1 + k0) - share) <= margin:
                ways = comb(carriers, k1) * comb(population - carriers, k0)
                covered += ways * rate ** (k1 + k0) * silent ** (population - k1 - k0)
    return covered


def coverage(carriers: int, *, rate: float, margin: Fraction, population: int) -> float:
    """Return the coverage of one share, from scipy's distribution functions."""
    e = margin
    rest = population - carriers
    mean, spread = carriers * rate, 10 * math.sqrt(carriers * rate * (1 - rate)) + 25
    first, last = max(0, int(mean - spread)), min(carriers, int(mean + spread))
    k1 = np.arange(first, last + 1, dtype=np.int64)
    low = carriers * e.denominator - population * e.numerator
    high = carriers * e.denominator + population * e.numerator
    whole = population * e.denominator
    least = -(-k1 * (whole - high) // high) if high < whole else np.zeros_like(k1)
    most = k1 * (whole - low) // low if low > 0 else np.full_like(k1, rest)
    least = np.where(k1 == 0, np.maximum(least, 1), least)
    inside = _cdf(np.minimum(most, rest), rest, rate) - _cdf(least - 1, rest, rate)
    weights = _cdf(k1, carriers, rate) - _cdf(k1 - 1, carriers, rate)
    return float(np.sum(weights * np.maximum(inside, 0)))


def _cdf(counts: NDArray[np.int64], trials: int, rate: float) -> NDArray[np.float64]:
    """Return P(X <= count); `scipy.special.bdtr` is wrong for many trials, this is not."""
    inner = np.clip(counts, 0, max(trials - 1, 0)).astype(np.float64)
    values = special.betaincc(inner + 1, np.maximum(trials - inner, 1), rate)
    result: NDArray[np.float64] = np.where(counts < 0, 0.0, np.where(counts >= trials, 1.0, values))
    return result


def worst_coverage(*, rate: float, margin: Fraction, population: int, most: int = 400) -> float:
    """Return the least coverage over every share, or over some `most` shares near one half.

    Of many shares those are taken where the nearest fractions are just missed, as far as
    fractions with denominators up to 30 go, and an even grid.
    """
    half = population // 2
    if half <= most:
        shares = set(range(half + 1))
    else:
        low = max(0, int(population * (Fraction(1, 2) - max(2 * margin, Fraction(1, 50)))))
        shares = {low + (half - low) * i // most for i in range(most + 1)}
        fractions = {Fraction(h, q) for q in range(1, 31) for h in range(q + 1)}
        for fraction in fractions:
            missed = math.ceil(population * (fraction - margin)) - 1
            missed = min(missed, population - missed)
            if low <= missed <= half:
                shares.add(missed)
    return min(
        coverage(carriers, rate=rate, margin=margin, population=population) for carriers in shares
    )


def one_bucket_size(margin: Fraction, *, confidence: Fraction, population: int) -> float:
    """Return n0 of the closed form for one bucket."""
    e = float(margin)
    n = float(stats.norm.isf(float(1 - confidence) / 2)) ** 2 / 4 / e**2
    return n + (1 + n / population) / 4 / e + 2


def partition_size(margin: Fraction, *, confidence: Fraction, population: int) -> float:
    """Return n0 for three or more exclusive buckets at once."""
    alpha = float(1 - confidence)
    cells = np.arange(2, 40)
    z = stats.norm.isf(alpha / (2 * cells))
    base = float(np.max(z**2 * (cells - 1) / cells**2)) / min(0.09, float(margin) ** 2) + 2
    return base + 8 * max(0, (9 * base - population) / (9 * population))


def distribution_size(margin: Fraction, *, confidence: Fraction) -> float:
    """Return n0 for a distribution, solved from 2 exp(-2 n e²) = alpha."""
    alpha = float(1 - confidence)
    return -math.log(alpha / 2) / (2 * float(margin) ** 2) + 2


def one_report_rate(*, confidence: Fraction, population: int) -> float:
    """Return the rate at which anybody reports, from (1 - r)^N = alpha."""
    return -math.expm1(math.log1p(-float(confidence)) / population)


def fraction_of(size: float, population: int) -> float:
    """Return the rate n0/(N + n0)."""
    return 1 / (1 + population / size)


def detection_rate(*, reports: int, confidence: Fraction, chances: int) -> float:
    """Return the rate at which so many reports of so many chances come in."""
    target = float(confidence)

    def missing(log_rate: float) -> float:
        rate = math.exp(log_rate)
        return float(special.betainc(reports, chances - reports + 1, rate)) - target

    root = optimize.brentq(missing, -40.0, 0.0, xtol=1e-15, rtol=1e-14)
    return math.exp(float(root))


def partition_coverage(counts: tuple[int, int, int], *, rate: float, margin: Fraction) -> float:
    """Return the probability that three shares are all within a margin, by every outcome."""
    population = sum(counts)
    k = np.meshgrid(*(np.arange(count + 1) for count in counts), indexing="ij")
    total = k[0] + k[1] + k[2]
    held = total > 0
    weight = np.ones_like(total, dtype=np.float64)
    for seen, count in zip(k, counts, strict=True):
        distance = np.abs(seen * population - count * total) * margin.denominator
        held &= distance <= margin.numerator * population * total
        weight = weight * stats.binom.pmf(seen, count, rate)
    return float(np.sum(weight[held]))
