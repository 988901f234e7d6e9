"""Guaranteed means: against sums from scipy, and against every population of zeros and ones."""

from __future__ import annotations

from fractions import Fraction
from math import exp, expm1, log1p
from random import Random

import numpy as np
import pytest
from scipy import stats

from chartconfig.sampling import mean, proportion


def bound(rate: float, *, margin: float, population: int) -> float:
    """Return the average of Serfling's bound over the number of reports, from scipy."""
    spread = 40 * (population * rate * (1 - rate)) ** 0.5 + 40
    first = max(0, int(population * rate - spread))
    n = np.arange(first, min(population, int(population * rate + spread)) + 1)
    missed = np.minimum(1, 2 * np.exp(-2 * n * margin**2 / (1 - (n - 1) / population)))
    missed[n == population] = 0
    return float(missed @ stats.binom.pmf(n, population, rate))


@pytest.mark.parametrize("seed", range(60))
def test_the_rate_is_the_least_that_is_guaranteed(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - the same cases in every run
    population = int(10 ** random.uniform(0, 7))
    margin = Fraction(round(10 ** random.uniform(0.5, 3)), 1000)
    confidence = random.choice([Fraction(c) for c in (".5", ".8", ".95", ".99", ".999999999")])
    if margin >= 1:
        margin = Fraction(9, 10)
    rate = mean.sample_rate(margin, confidence=confidence, population=population)
    alpha = float(1 - confidence)
    missed, more = (
        bound(each, margin=float(margin), population=population)
        for each in (rate, rate * (1 - 1e-6))
    )
    assert missed <= alpha * (1 + 1e-6)
    assert more > alpha * (1 - 1e-6)
    assert mean.suffices(rate, margin=margin, confidence=confidence, population=population)
    assert not mean.suffices(
        rate * (1 - 1e-6), margin=margin, confidence=confidence, population=population
    )


@pytest.mark.parametrize("population", [1, 2, 3, 8, 20, 75])
@pytest.mark.parametrize("margin", [Fraction(1, 20), Fraction(1, 5), Fraction(3, 5)])
@pytest.mark.parametrize("confidence", [Fraction(1, 2), Fraction(95, 100)])
def test_every_share_is_covered(population: int, margin: Fraction, confidence: Fraction) -> None:
    rate = mean.sample_rate(margin, confidence=confidence, population=population)
    for carriers in range(population + 1):
        covered = proportion.coverage(carriers, rate=rate, margin=margin, population=population)
        assert covered >= float(confidence) - 1e-12


@pytest.mark.parametrize(
    ("margin", "population", "nearly"),
    [
        ("0.0003", 2 * 10**6, 2.2e-5),  # 180,000 do not report
        ("0.0005", 3 * 10**6, 5e-6),
        ("0.0004", 10**7, 1e-6),
        ("0.0006", 10**7, 1e-6),
        ("0.0005", 10**12, 1e-9),
    ],
)
def test_where_more_than_a_million_report_the_bound_is_in_closed_form(
    margin: str, population: int, nearly: float
) -> None:
    e, confidence = Fraction(margin), Fraction(95, 100)
    rate = mean.sample_rate(e, confidence=confidence, population=population)
    assert population * rate > 1e6
    told = mean.miss(rate, margin=e, population=population)
    assert told == pytest.approx(0.05, rel=1e-8)
    exact = bound(rate, margin=float(e), population=population)
    assert exact * (1 - 1e-9) <= told <= exact * (1 + nearly)
    assert not mean.suffices(rate / 1.0001, margin=e, confidence=confidence, population=population)


def test_no_probability_is_above_one() -> None:
    assert mean.miss(0.5, margin=Fraction(1, 10**6), population=10**7) == 1


def test_a_wide_margin_is_met_by_nearly_everybody() -> None:
    """Of 1e9 at least 9e8 report, and 2 exp(-2 .01² 9e8) is nothing."""
    e, confidence = Fraction(1, 100), Fraction(95, 100)
    assert mean.miss(0.999, margin=e, population=10**9) == 0
    assert mean.suffices(0.999, margin=e, confidence=confidence, population=10**9)


@pytest.mark.parametrize("level", ["0.95", "0.999999999"])
@pytest.mark.parametrize("population", [1, 4, 9, 10**7])
def test_no_more_is_needed_than_that_everybody_reports(population: int, level: str) -> None:
    """To within less than one installation's part nothing else will do: r^N is the confidence."""
    e, confidence = Fraction(1, 10**9), Fraction(level)
    rate = mean.sample_rate(e, confidence=confidence, population=population)
    silent = -log1p(-float(1 - confidence)) / population
    assert 1 - rate == pytest.approx(-expm1(-silent), rel=1e-6, abs=1e-15)
    assert mean.suffices(rate, margin=e, confidence=confidence, population=population)


def test_a_few_reports_by_hand() -> None:
    """Of two installations one reports with r = 1/2, and none or both with 1/4 each."""
    e = Fraction(9, 10)
    by_hand = 0.25 + 0.5 * 2 * exp(-2 * 0.81)
    assert mean.miss(0.5, margin=e, population=2) == pytest.approx(by_hand, rel=1e-14)


def test_it_costs_less_than_twice_a_share() -> None:
    for margin in (Fraction(1, 100), Fraction(1, 20)):
        for confidence in (Fraction(9, 10), Fraction(99, 100)):
            guaranteed = mean.sample_rate(margin, confidence=confidence, population=10**6)
            normal = proportion.sample_rate(margin, confidence=confidence, population=10**6)
            assert 1.5 < guaranteed / normal < 2.2
