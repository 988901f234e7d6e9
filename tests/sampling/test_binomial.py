"""The binomial distribution where it ends, and where it is too far out to be summed."""

from __future__ import annotations

from math import comb

import pytest
from scipy import stats

from chartconfig.sampling.binomial import at_least, binomial, fewer


@pytest.mark.parametrize("trials", [0, 1, 7])
def test_everybody_reports_at_a_rate_of_one(trials: int) -> None:
    assert binomial(trials, 1.0) == (trials, [1.0])


@pytest.mark.parametrize(("trials", "rate"), [(1, 0.2), (4, 0.5), (9, 0.9)])
def test_weights_are_relative_to_the_largest(trials: int, rate: float) -> None:
    first, weights = binomial(trials, rate)
    exact = [
        comb(trials, count) * rate**count * (1 - rate) ** (trials - count)
        for count in range(trials + 1)
    ]
    assert first == 0
    assert weights == pytest.approx([probability / max(exact) for probability in exact], 1e-13)


@pytest.mark.parametrize(
    ("successes", "trials", "rate"),
    [(0, 10**6, 0.5), (1, 10**6, 0.5), (10**6, 10**6, 0.5), (400, 10**9, 1e-9), (2, 1, 0.1)],
)
def test_what_is_certain_or_impossible(successes: int, trials: int, rate: float) -> None:
    exact = stats.binom.sf(successes - 1, trials, rate)
    assert at_least(successes, trials=trials, rate=rate) == pytest.approx(exact, abs=1e-30)


@pytest.mark.parametrize(
    ("successes", "trials", "rate"),
    [
        *((0, 9, 0.5), (1, 1, 0.25), (4, 9, 0.5), (9, 9, 0.9), (10, 9, 0.5), (5, 5, 1.0)),
        *((350, 10**6, 0.0005), (1, 10**6, 0.5), (400, 10**9, 1e-9)),
    ],
)
def test_fewer_and_just_so_many(successes: int, trials: int, rate: float) -> None:
    missed, just = fewer(successes, trials=trials, rate=rate)
    distribution = stats.binom(trials, rate)
    assert missed == pytest.approx(distribution.cdf(successes - 1), rel=1e-9, abs=1e-30)
    assert just == pytest.approx(distribution.pmf(successes), rel=1e-9, abs=1e-30)
