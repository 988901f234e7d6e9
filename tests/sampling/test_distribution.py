"""Distributions: against the average of the bound from scipy, wherever few or many report."""

from __future__ import annotations

from fractions import Fraction
from math import exp
from random import Random

import numpy as np
import pytest
from scipy import stats

from chartconfig.sampling import distribution


def bound(rate: float, *, margin: float, population: int) -> float:
    """Return the average of Wei and Dudley's 2 exp(-2ne²/(1 - n/N)), n being Bin(N, r).

    Divided by exp(2e/3), the factor by which the bound is higher than the truth where many report;
    see Smirnov, *Uspekhi Matematicheskikh Nauk* 10 (1944), pp. 179-206.
    """
    spread = 10 * (population * rate * (1 - rate)) ** 0.5 + 10
    first = max(0, int(population * rate - spread))
    n = np.arange(first, min(population - 1, int(population * rate + spread)) + 1)
    missed = np.minimum(1, 2 * np.exp(-2 * n * margin**2 / (1 - n / population)))
    return float(missed @ stats.binom.pmf(n, population, rate)) / exp(2 * margin / 3)


@pytest.mark.parametrize("seed", range(60))
def test_the_bound_is_kept_though_reports_vary_in_number(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - the same cases in every run
    population = int(10 ** random.uniform(0, 6))
    margin = Fraction(round(10 ** random.uniform(1, 2.9)), 1000)
    confidence = random.choice([Fraction(c) for c in (".5", ".8", ".95", ".99")])
    rate = distribution.sample_rate(margin, confidence=confidence, population=population)
    missed = bound(rate, margin=float(margin), population=population)
    assert missed <= float(1 - confidence) * (1 + 1e-6)


@pytest.mark.parametrize(
    ("margin", "population"),
    [("0.02", 10**6), ("0.02", 5000), ("0.04", 10_001), ("0.005", 10_001)],
)
def test_two_reports_make_up_for_it_where_many_report(margin: str, population: int) -> None:
    """For a million, ln(2/.05)/(2 .02²) + 2 = 4613.1, of which r is 4613.1/1,004,613.1."""
    e, confidence = Fraction(margin), Fraction(95, 100)
    size = float(np.log(40) / (2 * float(e) ** 2)) + 2
    rate = distribution.sample_rate(e, confidence=confidence, population=population)
    assert rate == pytest.approx(size / (population + size), rel=1e-12)
    assert bound(rate, margin=float(e), population=population) <= 0.05
