"""Coverage of one share and of many, and the proof for all shares, against other calculations."""

from __future__ import annotations

from fractions import Fraction
from math import comb
from random import Random

import numpy as np
import pytest

from chartconfig.sampling import proportion, worst
from chartconfig.sampling.coverage import Interval, coverage, coverages, misses, silence
from tests.oracle import sample_rates as oracle

MARGINS = [Fraction(1, 10), Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), Fraction(99, 100)]
RATES = [Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)]


def interval_of(margin: Fraction, *, population: int, relative: bool = False) -> Interval:
    within = Interval.within_relative if relative else Interval.within
    return within(margin, population=population)


# ---- coverage


@pytest.mark.parametrize("population", [1, 2, 3, 7, 12])
@pytest.mark.parametrize("margin", MARGINS)
@pytest.mark.parametrize("relative", [False, True])
def test_against_rationals(population: int, margin: Fraction, *, relative: bool) -> None:
    interval = interval_of(margin, population=population, relative=relative)
    every = range(1 if relative else 0, population + 1)
    for rate in RATES:
        exact = [
            float(
                oracle.rational_coverage(
                    carriers, rate=rate, margin=margin, population=population, relative=relative
                )
            )
            for carriers in every
        ]
        one_by_one = [coverage(carriers, rate=float(rate), interval=interval) for carriers in every]
        assert one_by_one == pytest.approx(exact, abs=1e-13)
        together = coverages(every, rate=float(rate), interval=interval)
        assert together == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize("seed", range(60))
def test_against_scipy(seed: int) -> None:
    choose = Random(seed)  # noqa: S311 - the same cases every time
    population = int(10 ** choose.uniform(0, 9.3))
    rate = min(1 - 10 ** choose.uniform(-6, -0.1), 10 ** choose.uniform(-1, 4) / population)
    margin = Fraction(choose.randint(1, 999), 1000)
    relative = choose.random() < 0.4
    ends = {population // 2 or 1, population} | (set() if relative else {0})
    held = sorted(ends | {choose.randint(1, population) for _ in range(6)})
    interval = interval_of(margin, population=population, relative=relative)
    theirs = oracle.coverages(
        held, rate=rate, margin=margin, population=population, relative=relative
    )
    assert coverages(held, rate=rate, interval=interval) == pytest.approx(theirs, abs=1e-10)
    one_by_one = [coverage(carriers, rate=rate, interval=interval) for carriers in held]
    assert one_by_one == pytest.approx(theirs, abs=1e-11)


@pytest.mark.parametrize("population", [10**7, 10**8, 10**9])
@pytest.mark.parametrize("share", [Fraction(1, 1000), Fraction(1, 3), Fraction(1, 2)])
def test_counts_in_series(population: int, share: Fraction) -> None:
    rate = 1e6 / population  # of the counts that do not hold it the variance is above 1e5
    margin = Fraction(1, 1000)
    interval = interval_of(margin, population=population)
    held = [int(share * population) + step for step in (0, 1, 1000)]
    theirs = oracle.coverages(held, rate=rate, margin=margin, population=population)
    assert coverages(held, rate=rate, interval=interval) == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize(
    ("carriers", "population", "margin", "rate"),
    [
        (20, 40, Fraction(1, 20), Fraction(1, 2)),  # .55 - .5 > .05 in binary floating point
        (7, 100, Fraction(7, 100), Fraction(1, 10)),
        (60, 120, Fraction(1, 6), Fraction(1, 10)),
        (3, 30, Fraction(2, 5), Fraction(1, 10)),
    ],
)
def test_ties_are_within(carriers: int, population: int, margin: Fraction, rate: Fraction) -> None:
    found = []
    for promised in (margin, margin - Fraction(1, 10**12)):
        exact = oracle.rational_coverage(
            carriers, rate=rate, margin=promised, population=population
        )
        interval = interval_of(promised, population=population)
        (together,) = coverages([carriers], rate=float(rate), interval=interval)
        assert together == pytest.approx(float(exact), abs=1e-12)
        assert coverage(carriers, rate=float(rate), interval=interval) == pytest.approx(together)
        found.append(together)
    assert found[0] > found[1] + 0.01


def test_at_rate_one_everybody_reports() -> None:
    interval = interval_of(Fraction(1, 1000), population=50)
    assert [coverage(carriers, rate=1, interval=interval) for carriers in (0, 25, 50)] == [1, 1, 1]


@pytest.mark.parametrize("rate", [1e-9, 0.1, 0.999])
def test_silence(rate: float) -> None:
    assert silence(rate, population=7) == pytest.approx(float((1 - Fraction(rate)) ** 7), rel=1e-12)


# ---- the bound on all shares of a range


@pytest.mark.parametrize("seed", range(40))
def test_misses_of_the_interval_of_another_share(seed: int) -> None:
    choose = Random(seed)  # noqa: S311 - the same cases every time
    population, rate = choose.randint(1, 12), choose.choice(RATES)
    interval = interval_of(choose.choice(MARGINS), population=population)
    carriers, low_of, high_of = (choose.randint(0, population) for _ in range(3))
    below = above = Fraction(0)
    for k1 in range(carriers + 1):
        for k0 in range(population - carriers + 1):
            if k1 + k0 > 0:
                ways = comb(carriers, k1) * comb(population - carriers, k0)
                chance = ways * rate ** (k1 + k0) * (1 - rate) ** (population - k1 - k0)
                estimate = Fraction(k1, k1 + k0)
                below += chance * (estimate < Fraction(interval.lowest(low_of), interval.scale))
                above += chance * (estimate > Fraction(interval.highest(high_of), interval.scale))
    falls, rises = misses([carriers], [low_of], [high_of], rate=float(rate), interval=interval)
    assert falls == pytest.approx([float(below)], abs=1e-12)
    assert rises == pytest.approx([float(above)], abs=1e-12)


@pytest.mark.parametrize("seed", range(60))
def test_no_share_between_two_is_covered_less_often_than_their_bound(seed: int) -> None:
    choose = Random(seed)  # noqa: S311 - the same cases every time
    population = int(10 ** choose.uniform(0.5, 5))
    rate = min(0.98, 10 ** choose.uniform(0, 2.5) / population)
    margin, relative = Fraction(choose.randint(5, 600), 1000), choose.random() < 0.3
    interval = interval_of(margin, population=population, relative=relative)
    start = choose.randint(1, population)
    stop = min(population, start + int(10 ** choose.uniform(0, 4)))
    (falls, _), (_, rises) = misses(
        [start, stop], [stop, stop], [start, start], rate=rate, interval=interval
    )
    bound = 1 - silence(rate, population=population) - falls - rises
    between = sorted({start, stop, *(choose.randint(start, stop) for _ in range(30))})
    held = oracle.coverages(
        between, rate=rate, margin=margin, population=population, relative=relative
    )
    assert held.min() >= bound - 1e-10


# ---- the search for the worst share


def searched(margin: Fraction, population: int) -> tuple[tuple[int, ...], Interval]:
    interval = interval_of(margin, population=population)
    half = population // 2
    return worst.cuts(interval, low=0, high=half, hardest=half), interval


@pytest.mark.parametrize("seed", range(300))
def test_shares_that_are_not_covered_are_found_if_there_are_any(seed: int) -> None:
    choose = Random(seed)  # noqa: S311 - the same cases every time
    population = int(10 ** choose.uniform(0, 2.8))
    margin, rate = Fraction(choose.randint(3, 900), 1000), choose.uniform(0.02, 0.999)
    places, interval = searched(margin, population)
    held = oracle.coverages(
        range(population // 2 + 1), rate=rate, margin=margin, population=population
    )
    # A confidence close by, on either side, is the hardest to tell.
    confidence = Fraction(held.min()) + Fraction(choose.choice((-1, 1)), 10 ** choose.randint(2, 7))
    found = worst.uncovered(places, rate=rate, confidence=confidence, interval=interval)
    assert found is not None
    assert bool(found) == (held.min() < confidence)
    assert all(held[place] < confidence for place in found)


@pytest.mark.parametrize("seed", range(60))
def test_and_of_shares_that_are_not_too_rare(seed: int) -> None:
    choose = Random(seed)  # noqa: S311 - the same cases every time
    population = int(10 ** choose.uniform(0.7, 2.8))
    margin, rate = Fraction(choose.randint(50, 900), 1000), choose.uniform(0.1, 0.99)
    first = choose.randint(1, population)
    interval = interval_of(margin, population=population, relative=True)
    held = oracle.coverages(
        range(first, population + 1), rate=rate, margin=margin, population=population, relative=True
    )
    confidence = Fraction(held.min()) + Fraction(choose.choice((-1, 1)), 10 ** choose.randint(2, 7))
    places = worst.cuts(interval, low=first, high=population, hardest=first)
    found = worst.uncovered(places, rate=rate, confidence=confidence, interval=interval)
    assert found is not None
    assert bool(found) == (held.min() < confidence)
    assert all(held[place - first] < confidence for place in found)


@pytest.mark.parametrize("seed", range(60))
def test_the_least_coverage_is_that_of_the_worst_share(seed: int) -> None:
    choose = Random(seed)  # noqa: S311 - the same cases every time
    population = int(10 ** choose.uniform(0, 3))
    margin, rate = Fraction(choose.randint(3, 900), 1000), choose.uniform(0.02, 0.999)
    places, interval = searched(margin, population)
    held = oracle.coverages(
        range(population // 2 + 1), rate=rate, margin=margin, population=population
    )
    place, least = worst.least_coverage(places, rate=rate, interval=interval)
    assert least == pytest.approx(held[place], abs=1e-11)
    assert held.min() - 1e-11 <= least <= held.min() + 1e-5
    told = proportion.worst_coverage(rate=rate, margin=margin, population=population)
    assert told == least


def test_the_least_coverage_when_everybody_reports() -> None:
    assert proportion.worst_coverage(rate=1, margin=Fraction(1, 9), population=30) == 1


@pytest.mark.parametrize("seed", range(40))
def test_the_least_rate(seed: int) -> None:
    choose = Random(seed)  # noqa: S311 - the same cases every time
    population = choose.randint(2, 400)
    margin = Fraction(choose.randint(20, 900), 1000)
    confidence = choose.choice([Fraction(c) for c in (".5", ".8", ".95", ".999")])
    places, interval = searched(margin, population)
    rate = worst.least_rate(places, confidence=confidence, interval=interval, low=1e-4, high=1)
    for higher in np.linspace(rate, 1, 12)[:-1]:
        assert every(float(higher), margin, population) >= confidence
    assert every(rate / 1.0011, margin, population) < confidence


@pytest.mark.parametrize("budget", [0, 3000])
def test_a_rate_whose_proof_takes_too_long_is_higher_but_suffices(
    monkeypatch: pytest.MonkeyPatch, budget: int
) -> None:
    margin, population, confidence = Fraction(1, 10), 2000, Fraction(95, 100)
    places, interval = searched(margin, population)

    def least(high: float) -> float:
        return worst.least_rate(
            places, confidence=confidence, interval=interval, low=1e-4, high=high
        )

    proven = least(1)
    monkeypatch.setattr(worst, "_MOST_COUNTS", budget)
    found = worst.uncovered(places, rate=proven, confidence=confidence, interval=interval)
    assert found is None
    assert proven < least(1) <= 1
    assert least(0.05) == 0.05  # known to suffice


def every(rate: float, margin: Fraction, population: int) -> float:
    held = oracle.coverages(
        range(population // 2 + 1), rate=rate, margin=margin, population=population
    )
    return float(held.min())
