"""What coverage is worked out from, against scipy and against every outcome."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy import special, stats

from chartconfig.sampling.coverage import (
    Interval,
    _alike,
    _binomials,
    _Counts,
    _floors,
    _normal_below,
    coverage,
    coverages,
)
from tests.oracle import sample_rates as oracle


@pytest.mark.parametrize(
    ("trials", "rate"),
    [(420_000, 0.4), (500_000, 0.65), (10**6, 0.15), (4 * 10**8, 0.001), (10**12, 1e-6)],
)
def test_counts_of_many(trials: int, rate: float) -> None:
    spread = (trials * rate * (1 - rate)) ** 0.5
    ends = np.floor(trials * rate + np.linspace(-7, 7, 57) * spread)
    counts = _Counts(np.array([trials - 5.0, trials]), rate)
    assert counts.in_series
    for row, number in zip(counts.below(np.array([ends, ends])), (trials - 5, trials), strict=True):
        assert row == pytest.approx(stats.binom.cdf(ends - 1, number, rate), abs=2e-10)


@pytest.mark.parametrize(("trials", "rate"), [(3, 0.4), (90, 0.02), (5000, 0.3), (70_000, 0.4)])
def test_counts_of_few(trials: int, rate: float) -> None:
    spread = (trials * rate * (1 - rate)) ** 0.5
    ends = np.floor(trials * rate + np.linspace(-7, 7, 57) * spread)
    numbers = np.array([trials - 1.0, trials])
    counts = _Counts(numbers, rate)
    assert not counts.in_series
    for row, number in zip(counts.below(np.array([ends, ends])), numbers, strict=True):
        assert row == pytest.approx(stats.binom.cdf(ends - 1, number, rate), abs=1e-12)


@pytest.mark.parametrize(("trials", "rate"), [(3, 0.4), (90, 0.02), (5000, 0.3), (70_000, 0.4)])
def test_windows_leave_out_what_is_certain_not_to_be_and_little_else(
    trials: int, rate: float
) -> None:
    numbers = [trials - 1, trials]
    first, weights = _binomials(np.array(numbers, dtype=float), rate)
    counts = np.arange(first, first + weights.shape[1])
    for row, number in zip(weights, numbers, strict=True):
        expected = stats.binom.pmf(counts, number, rate)
        assert row / row.sum() == pytest.approx(expected, abs=1e-11)
        assert 1 - expected.sum() < 1e-11
    assert first >= 0
    assert counts[-1] <= trials
    spread = (trials * rate * (1 - rate)) ** 0.5
    assert len(counts) <= 2 * (7.5 * spread + 20)


def test_the_normal_distribution_function() -> None:
    x = np.linspace(-12, 12, 4001)
    assert _normal_below(x) == pytest.approx(special.ndtr(x), abs=1e-12)


def test_floors_are_exact() -> None:
    counts = np.arange(0.0, 400.0)
    ratios = [
        (1, 3),
        (7, 10),
        (10, 7),
        (0, 1),
        (-2, 7),
        (-9, 3),
        (10**17 + 1, 10**17),
        (10**17 - 1, 10**17),
    ]
    found = _floors(counts, ratios).tolist()
    assert found == [[count * over // under for count in range(400)] for over, under in ratios]


@pytest.mark.parametrize(
    ("population", "rate", "margin"),
    [
        (700, 0.4, Fraction(1, 20)),
        (20_000, 0.02, Fraction(1, 40)),
        (3_000_000, 0.0003, Fraction(3, 100)),
        (600_000, 0.4, Fraction(1, 500)),
        (10**9, 0.0003, Fraction(1, 500)),
    ],
)
def test_shares_of_large_populations(population: int, rate: float, margin: Fraction) -> None:
    interval = Interval.within(margin, population=population)
    half = population // 2
    held = [0, 1, 2, half // 3, half // 2, half // 2 + 1, half - 1, half, population - half // 5]
    exact = oracle.coverages(held, rate=rate, margin=margin, population=population)
    assert coverages(held, rate=rate, interval=interval) == pytest.approx(exact, abs=1e-9)
    few = held if population < 10**6 else held[:2]
    one_by_one = [coverage(carriers, rate=rate, interval=interval) for carriers in few]
    assert one_by_one == pytest.approx(exact[: len(few)], abs=1e-9)


@pytest.mark.parametrize("rate", [0.001, 0.2, 0.9])
def test_windows_are_shared_by_like_shares_only(rate: float) -> None:
    population = 40_000
    held = list(range(0, population + 1, 40))
    cuts = list(_alike(held, rate, population))
    assert [start for start, _ in cuts] == [0, *(stop for _, stop in cuts[:-1])]
    assert cuts[-1][1] == len(held)
    for start, stop in cuts:
        assert 1 <= stop - start <= 128
        assert (held[stop - 1] - held[start]) * rate <= 15 * (held[stop - 1] * rate + 1) ** 0.5


def test_ends_of_intervals() -> None:
    absolute = Interval.within(Fraction(3, 10), population=20)
    assert [
        Fraction(absolute.lowest(7), absolute.scale),
        Fraction(absolute.highest(7), absolute.scale),
    ] == [
        Fraction(7, 20) - Fraction(3, 10),
        Fraction(7, 20) + Fraction(3, 10),
    ]
    relative = Interval.within_relative(Fraction(3, 10), population=20)
    assert [
        Fraction(relative.lowest(7), relative.scale),
        Fraction(relative.highest(7), relative.scale),
    ] == [
        Fraction(7, 20) * Fraction(7, 10),
        Fraction(7, 20) * Fraction(13, 10),
    ]
