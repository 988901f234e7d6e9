"""The series against sums of scipy's binomial probabilities, and against the worst share."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, gcd, sqrt

import numpy as np
import pytest
from scipy import stats

from chartconfig.sampling.series import _fractions, _misses, _Sample, sample_size
from tests.oracle import sample_rates as oracle


def drawn(held: int, others: int, silent: float) -> _Sample:
    return _Sample(held * (1 - silent), others * (1 - silent), silent)


def below(end: float, up: float, down: float, *, held: int, others: int, silent: float) -> float:
    """Return P(up K1 - down K0 < end), for `end` that no outcome has."""
    reach = 9 * sqrt(held * silent * (1 - silent)) + 20
    first = max(0, int(held * (1 - silent) - reach))
    counts = np.arange(first, min(held, int(held * (1 - silent) + reach)) + 1)
    least = np.floor((up * counts - end) / down)
    return float(
        stats.binom.pmf(counts, held, 1 - silent) @ stats.binom.sf(least, others, 1 - silent)
    )


@pytest.mark.parametrize("silent", [0.999, 0.7, 0.4])
@pytest.mark.parametrize(("reports", "others"), [(400, 600), (1500, 600), (4000, 6000)])
@pytest.mark.parametrize(("up", "down"), [(1, 1), (1, 2), (4, 3)])
def test_whole_values(silent: float, reports: int, others: int, up: int, down: int) -> None:
    trials = round(reports / (1 - silent)), round(others / (1 - silent))
    sample = drawn(*trials, silent)
    spread = sqrt(silent * (up**2 * reports + down**2 * others))
    for x in (-2.2, -1.0, 0.3, 1.7):
        end = int(up * reports - down * others + x * spread) + 0.5
        exact = below(end, up, down, held=trials[0], others=trials[1], silent=silent)
        assert sample.series(end, up, down, lattice=True) == pytest.approx(exact, abs=4e-7)


def test_values_of_any_size() -> None:
    # Steps of 1 and of a square root of one half: no two outcomes are alike, and none is a lattice.
    sample = drawn(300_000, 200_000, 0.9)
    for x in (-2.2, -1.0, 0.3, 1.7):
        end = 30_000 - sqrt(0.5) * 20_000 + x * sqrt(0.9 * 40_000)
        exact = below(end, 1, sqrt(0.5), held=300_000, others=200_000, silent=0.9)
        assert sample.series(end, 1, sqrt(0.5), lattice=False) == pytest.approx(exact, abs=3e-5)


@pytest.mark.parametrize(("a", "b"), [(1, 2), (2, 3), (3, 7)])
@pytest.mark.parametrize("deviations", [-2.0, -0.7, 0.5, 2.0])
def test_estimates_near_a_fraction(a: int, b: int, deviations: float) -> None:
    reports, silent = 20_000, 0.98
    share = a / b + deviations * sqrt(a / b * (1 - a / b) * silent / reports)
    trials = round(reports * share / 0.02), round(reports * (1 - share) / 0.02)
    sample = drawn(*trials, silent)
    # Beside a step it does not matter how many report; further off a step is where it is by chance.
    beside = dict.fromkeys((-2.3, -0.4, 0.0, 1e-7, 0.6), 4e-9)
    for steps, near in (*beside.items(), *dict.fromkeys((-1, 1, 2, -13.9, 14.1, 17), 2e-5).items()):
        end = a / b + steps / (b * reports)
        if steps == 0:
            end -= 1e-13  # all samples of just that ratio are on the other side
        exact = below(0, 1 - end, end, held=trials[0], others=trials[1], silent=silent)
        assert sample.below_step(a, b, steps) == pytest.approx(exact, abs=near)
    assert sample.below_step(a, b, 1e-12) == sample.below_step(a, b, 0)


@pytest.mark.parametrize(("up", "down"), [(1, 1), (1, 2), (4, 3)])
def test_how_many_report_where_an_estimate_is_a_fraction(up: int, down: int) -> None:
    # Six standard deviations more of the others are expected than were for that fraction; half
    # report, so that counts are not skewed and their regression is a line.
    others = 5000 * up + 6 * sqrt(5000 * (up + down) * up / down / 2)
    trials = 10_000 * down, round(2 * others)
    # K1 = down * k and K0 = up * k, for any k.
    every = np.arange(4000.0, 6000.0)
    weights = stats.binom.pmf(down * every, trials[0], 0.5)
    weights *= stats.binom.pmf(up * every, trials[1], 0.5)
    mean = (up + down) * float(np.average(every, weights=weights))
    variance = (up + down) ** 2 * float(np.average(every**2, weights=weights)) - mean**2
    reports, spread = drawn(*trials, 0.5).reports_at(up, down)
    fewer = sum(trials) / 2 - reports
    assert fewer == pytest.approx(sum(trials) / 2 - mean, rel=0.1)
    assert spread == pytest.approx(variance, rel=0.03)


@pytest.mark.parametrize("end", [0.3, 0.4, 0.41, 0.435, 0.4444, 0.5, 0.52381, 0.56, 0.6])
def test_estimates_below_any_number(end: float) -> None:
    silent = 0.95
    trials = 9_000, 11_000
    sample = drawn(*trials, silent)
    exact = below(0, 1 - end + 1e-12, end - 1e-12, held=trials[0], others=trials[1], silent=silent)
    assert sample.below(end) == pytest.approx(exact, abs=2e-4)


@pytest.mark.parametrize(
    ("end", "near"),
    [
        (0.44847, 1e-5),  # waves, of 29, 31 and others
        (0.45, 1e-6),  # a step of twentieths
        (0.4375, 1e-6),
        (0.4546, 1e-6),  # beside five elevenths
    ],
)
def test_waves_and_steps(end: float, near: float) -> None:
    sample = drawn(9_000, 11_000, 0.95)
    exact = below(0, 1 - end + 1e-12, end - 1e-12, held=9_000, others=11_000, silent=0.95)
    assert sample.below(end) == pytest.approx(exact, abs=near)


@pytest.mark.parametrize("fraction", [(1, 2), (2, 3), (4, 7), (6, 11)])
@pytest.mark.parametrize("step", [0, 1, -1])
@pytest.mark.parametrize("population", [4_000, 10**6])
def test_how_often_a_share_beside_a_fraction_is_missed(
    fraction: tuple[int, int], step: int, population: int
) -> None:
    margin, size = Fraction(1, 20), 420
    (a, b), rate = fraction, size / (population + size)
    reports = population * rate
    before = step - abs(step) * 1.5 / sqrt(reports)
    edge = a / b + before / (b * reports)
    held = ceil((edge - 0.05) * population - 1e-9) - 1
    exact = 1 - oracle.coverages([held], rate=rate, margin=margin, population=population)[0]
    assert _misses(fraction, before, 0.05, size, population) == pytest.approx(exact, abs=3e-4)


@pytest.mark.parametrize(
    ("margin", "confidence", "population"),
    [
        (Fraction(1, 20), Fraction(95, 100), 10**5),
        (Fraction(1, 25), Fraction(9, 10), 20_000),
        (Fraction(3, 100), Fraction(99, 100), 10**6),
        (Fraction(1, 50), Fraction(9, 10), 10**5),
    ],
)
def test_the_size_is_that_of_the_worst_share(
    margin: Fraction, confidence: Fraction, population: int
) -> None:
    alpha = float(1 - confidence)
    size = sample_size(
        margin, z=float(stats.norm.isf(alpha / 2)), alpha=alpha, population=population
    )
    for factor in (0.999, 1.001):
        rate = oracle.fraction_of(factor * size, population)
        _, covered = oracle.worst_share(rate=rate, margin=margin, population=population)
        assert (covered >= confidence) == (factor > 1)


def test_fractions_with_small_denominators() -> None:
    found = _fractions()
    assert sorted(found) == sorted(
        {(a, b) for b in range(2, 13) for a in range(1, b) if gcd(a, b) == 1}
    )
    assert [b for _, b in found] == sorted(b for _, b in found)


@pytest.mark.parametrize(
    ("margin", "confidence", "population"),
    [
        (Fraction(1, 20), Fraction(95, 100), 10**9),
        (Fraction(1, 25), Fraction(9, 10), 20_000),
        (Fraction(1, 30), Fraction(95, 100), 10**5),
        (Fraction(3, 100), Fraction(99, 100), 10**6),
        (Fraction(146, 10_000), Fraction(9, 10), 10**5),  # of a share one and a half steps before
        (Fraction(281, 10_000), Fraction(99, 100), 10**5),
        (Fraction(692, 10_000), Fraction(999, 1000), 10**6),
        (Fraction(356, 10_000), Fraction(8, 10), 10**7),
    ],
)
def test_a_little_less_would_be_missed_too_often(
    margin: Fraction, confidence: Fraction, population: int
) -> None:
    e, alpha = float(margin), float(1 - confidence)
    size = sample_size(
        margin, z=float(stats.norm.isf(alpha / 2)), alpha=alpha, population=population
    )
    enough, less = (
        max(
            _misses((a, b), step - deviations / sqrt(tried), e, tried, population)
            for b in range(2, 13)
            for a in range(1, b)
            if gcd(a, b) == 1 and abs(a / b - e - 0.5) < 1.5 * e
            for step, deviations in ((0, 0), (1, 1.5), (1, 0.5), (-1, 1.5))
        )
        for tried in (size * (1 + 1e-4), size * (1 - 1e-4))
    )
    assert enough < alpha < less
