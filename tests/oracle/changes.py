"""How often a change is noticed, by every outcome of both periods: binomials from scipy."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import NDArray

Floats: TypeAlias = "NDArray[np.float64]"

_NEGLIGIBLE = 1e-10
_AT_ONCE = 2_000_000


def noticed(
    before: int,
    after: int,
    *,
    population: int,
    rate: float,
    z: float,
    of_the_mean: bool = False,
) -> float:
    """Return the probability that a change of the number that hold a share is noticed.

    Args:
        before: Installations that hold it in the first period.
        after: Installations that hold it in the second.
        population: Of each period.
        rate: Below 1.
        z: How many standard errors are a change.
        of_the_mean: Whether the standard error is that of the mean of both shares.
    """
    k1, n1, weights1 = _outcomes(before, population, rate)
    k2, n2, weights2 = _outcomes(after, population, rate)
    total = 0.0
    step = max(1, _AT_ONCE // len(k2))
    for start in range(0, len(k1), step):
        part = slice(start, start + step)
        first, second = n1[part, None], n2[None]
        apart = np.abs(k1[part, None] / first - k2[None] / second)
        share = (k1[part, None] + k2[None]) / (first + second) if of_the_mean else 0.5
        per_report = 1 / first + 1 / second if of_the_mean else 1 / (first - 1) + 1 / (second - 1)
        error = np.sqrt(share * (1 - share) * (1 - rate) * per_report)
        told = (apart > 0) & (apart >= z * error - 1e-12)
        total += float(weights1[part] @ (told @ weights2))
    return total


def _outcomes(carriers: int, population: int, rate: float) -> tuple[Floats, Floats, Floats]:
    """Return reports of the share, all reports, and the probability of each outcome.

    Outcomes with fewer than two reports are left out: then nothing is noticed.
    """
    holding, chances = _counts(carriers, rate)
    others, other_chances = _counts(population - carriers, rate)
    weights = np.outer(chances, other_chances)
    reports = holding[:, None] + others
    kept = (weights > _NEGLIGIBLE) & (reports > 1)
    held = np.broadcast_to(holding[:, None], reports.shape)
    return held[kept], reports[kept], weights[kept]


def _counts(trials: int, rate: float) -> tuple[Floats, Floats]:
    """Return the counts that are not negligible, and their probabilities."""
    low, high = stats.binom.ppf((_NEGLIGIBLE, 1 - _NEGLIGIBLE), trials, rate)
    counts = np.arange(low, high + 1)
    return counts, stats.binom.pmf(counts, trials, rate)
