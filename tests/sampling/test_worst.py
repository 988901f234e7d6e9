"""The search for the share that is served worst, against all shares one by one."""

from __future__ import annotations

from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from chartconfig.sampling import worst
from chartconfig.sampling.coverage import Interval
from chartconfig.sampling.inverse import first_number
from chartconfig.sampling.worst import (
    _bounds,
    _cut,
    _slope,
    cuts,
    least_coverage,
    least_rate,
    uncovered,
)
from tests.oracle import sample_rates as oracle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CASES = [
    (60, 0.3, Fraction(1, 10)),
    (400, 0.1, Fraction(1, 10)),
    (1500, 0.2, Fraction(1, 25)),
    (3000, 0.02, Fraction(13, 100)),
]


def halves(population: int, margin: Fraction) -> tuple[Interval, tuple[int, ...]]:
    interval = Interval.within(margin, population=population)
    half = population // 2
    return interval, cuts(interval, low=0, high=half, hardest=half)


def every(population: int, rate: float, margin: Fraction) -> list[float]:
    found = oracle.coverages(
        np.arange(population // 2 + 1), rate=rate, margin=margin, population=population
    )
    return [float(covered) for covered in found]


def simple(low: Fraction, high: Fraction) -> set[Fraction]:
    """Return the fractions in an interval whose denominator is at most eight."""
    return {
        Fraction(h, q) for q in range(1, 9) for h in range(q + 1) if low <= Fraction(h, q) <= high
    }


@pytest.mark.parametrize("margin", [Fraction(1, 20), Fraction(7, 100), Fraction(3, 10)])
@pytest.mark.parametrize("population", [2, 100, 999])
@pytest.mark.parametrize("relative", [False, True])
def test_cuts_lie_on_both_sides_of_simple_fractions(
    population: int, margin: Fraction, *, relative: bool
) -> None:
    make = Interval.within_relative if relative else Interval.within
    interval = make(margin, population=population)
    low, high = (1, population) if relative else (0, population // 2)
    found = cuts(interval, low=low, high=high, hardest=low if relative else high)
    assert list(found) == sorted({*found})
    assert (found[0], found[-1]) == (low, high)

    def ends(carriers: int) -> set[Fraction]:
        share = Fraction(carriers, population)
        allowed = margin * share if relative else margin
        return simple(share - allowed, share + allowed)

    for one, other in pairwise(range(low, high + 1)):
        if ends(one) != ends(other):
            assert {one, other} <= {*found}


@pytest.mark.parametrize("hardest", [1000, 5000])
def test_cuts_are_dense_where_it_is_hardest(hardest: int) -> None:
    interval = Interval.within(Fraction(1, 50), population=10_000)
    found = {*cuts(interval, low=1000, high=5000, hardest=hardest)}
    # Two margins are 400 installations, the first step is an eighth of their half, each next one
    # longer by a quarter: 25, 31.25, 39.0625.
    sign = 1 if hardest == 1000 else -1
    steps = [0, 25, 56.25, 95.3125, 144.140625]
    assert {int(hardest + sign * step) for step in steps} <= found
    assert len(found) < 200


@pytest.mark.parametrize(("population", "rate", "margin"), CASES)
def test_the_worst_of_all_shares(population: int, rate: float, margin: Fraction) -> None:
    interval, places = halves(population, margin)
    place, covered = least_coverage(places, rate=rate, interval=interval)
    exact = every(population, rate, margin)
    assert covered == pytest.approx(exact[place], abs=1e-9)
    assert min(exact) <= covered + 1e-9
    assert covered <= min(exact) + 1e-5


@pytest.mark.parametrize(("population", "rate", "margin"), CASES)
@pytest.mark.parametrize("room", [-0.1, -1e-3, -1e-6, 1e-6, 1e-3, 0.04])
def test_a_proof_or_counterexamples(
    population: int, rate: float, margin: Fraction, room: float
) -> None:
    interval, places = halves(population, margin)
    exact = every(population, rate, margin)
    confidence = Fraction(min(exact) + room)
    found = uncovered(places, rate=rate, confidence=confidence, interval=interval)
    assert found is not None
    assert bool(found) == (room > 0)
    assert len(found) <= 12
    missed = [exact[place] for place in found]
    assert all(covered < confidence for covered in missed)
    assert missed == sorted(missed)


def test_a_search_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    interval, places = halves(1500, Fraction(1, 25))
    confidence = Fraction(min(every(1500, 0.2, Fraction(1, 25))) - 1e-6)
    assert uncovered(places, rate=0.2, confidence=confidence, interval=interval) == ()
    monkeypatch.setattr(worst, "_MOST_COUNTS", 10)
    assert uncovered(places, rate=0.2, confidence=confidence, interval=interval) is None
    found = least_coverage(places, rate=0.2, interval=interval)
    assert found[0] in places


@pytest.mark.parametrize(
    ("population", "margin", "confidence"),
    [
        (60, Fraction(1, 10), Fraction(9, 10)),
        (400, Fraction(1, 10), Fraction(95, 100)),
        (1500, Fraction(1, 25), Fraction(4, 5)),
    ],
)
@pytest.mark.parametrize("room", [1.0, 1.002])
def test_the_least_rate_covers_all_and_the_one_before_does_not(
    population: int, margin: Fraction, confidence: Fraction, room: float
) -> None:
    interval, places = halves(population, margin)
    rate = least_rate(
        places, confidence=confidence, interval=interval, low=1e-3, high=1.0, room=room
    )
    before = float(Decimal(repr(rate)) - Decimal("0.0001"))
    assert len(Decimal(repr(rate)).as_tuple().digits) <= 4
    assert min(every(population, rate / room, margin)) >= confidence
    assert min(every(population, before / room, margin)) < confidence


def test_no_rate_above_one_that_is_known_to_suffice() -> None:
    interval, places = halves(400, Fraction(1, 10))
    free = least_rate(places, confidence=Fraction(9, 10), interval=interval, low=1e-3, high=1.0)
    bounded = least_rate(
        places, confidence=Fraction(9, 10), interval=interval, low=1e-3, high=0.9 * free
    )
    assert bounded == 0.9 * free
    started = least_rate(
        places, confidence=Fraction(9, 10), interval=interval, low=1.1 * free, high=1.0
    )
    assert 1.1 * free <= started <= 1.1 * free + 1e-4


def test_a_rate_whose_proof_takes_too_long_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    interval, places = halves(1500, Fraction(1, 25))

    def rate() -> float:
        return least_rate(places, confidence=Fraction(4, 5), interval=interval, low=0.05, high=1.0)

    least = rate()
    undecided = [None, None]

    def tired(
        places: Sequence[int], *, rate: float, confidence: Fraction, interval: Interval
    ) -> tuple[int, ...] | None:
        found = uncovered(places, rate=rate, confidence=confidence, interval=interval)
        return undecided.pop() if found == () and undecided else found

    monkeypatch.setattr(worst, "uncovered", tired)
    four_digits = Context(prec=4, rounding=ROUND_CEILING)
    raised = four_digits.create_decimal(Decimal(repr(least)) * Decimal("1.0005"))
    assert rate() == float(four_digits.create_decimal(raised * Decimal("1.001")))


def test_ranges_are_cut_evenly_and_into_neighbours_at_most() -> None:
    assert _cut((100, 200), 4.2) == [(100, 120), (120, 140), (140, 160), (160, 180), (180, 200)]
    assert _cut((10, 13), 7.0) == [(10, 11), (11, 12), (12, 13)]
    assert len(_cut((0, 1000), 99.0)) == 8


def test_the_bound_of_a_range_does_not_depend_on_its_neighbours() -> None:
    interval = Interval.within(Fraction(1, 25), population=1500)
    ranges = [(100, 140), (140, 170), (170, 230), (300, 310), (310, 311)]
    found = list(_bounds(ranges, 0.2, interval))
    by_itself = [bound for each in ranges for bound in _bounds([each], 0.2, interval)]
    assert found == pytest.approx(by_itself, abs=1e-9)
    for (start, stop), bound in zip(ranges, found, strict=True):
        every = range(start, stop + 1)
        assert bound < min(
            oracle.coverages(every, rate=0.2, margin=Fraction(1, 25), population=1500)
        )


@pytest.mark.parametrize("confidence", ["0.5", "0.95", "0.9999"])
def test_how_coverage_rises_with_the_rate(confidence: str) -> None:
    z = stats.norm.isf((1 - float(confidence)) / 2)

    def covered(more: float) -> float:
        return 1 - 2 * float(stats.norm.sf(z * more**0.5))

    rise = (covered(1 + 1e-5) - covered(1 - 1e-5)) / 2e-5
    assert _slope(Fraction(confidence)) == pytest.approx(rise, rel=1e-6)


@pytest.mark.parametrize(
    ("population", "margin"), [(1500, Fraction(1, 25)), (3000, Fraction(13, 100))]
)
@pytest.mark.parametrize("between", [True, False])
def test_a_search_begins_near_its_end(
    population: int, margin: Fraction, monkeypatch: pytest.MonkeyPatch, *, between: bool
) -> None:
    interval, places = halves(population, margin)
    begun, ended = list[float](), list[float]()

    def followed(holds: Callable[[float], bool], *, low: float, high: float, near: float) -> float:
        begun.append(near)
        ended.append(first_number(holds, low=low, high=high, near=near))
        return ended[-1]

    monkeypatch.setattr(worst, "first_number", followed)
    confidence = Fraction(9, 10)
    rate = least_rate(places, confidence=confidence, interval=interval, low=1e-3, high=1.0)
    begun.clear()
    ended.clear()
    again = least_rate(
        places, confidence=confidence, interval=interval, low=0.97 * rate, high=1.0, between=between
    )
    assert again == pytest.approx(rate, rel=0.01)
    assert begun[0] == pytest.approx(rate, rel=0.01)
    assert begun[1:] == ended[:-1]


@pytest.mark.parametrize(("population", "margin"), [(60, Fraction(1, 10)), (1500, Fraction(1, 25))])
@pytest.mark.parametrize("low", [1e-3, 0.1])
def test_the_least_rate_for_some_shares_alone(
    population: int, margin: Fraction, low: float
) -> None:
    interval = Interval.within(margin, population=population)
    places = population // 4, population // 3, population // 2
    rate = least_rate(
        places, confidence=Fraction(9, 10), interval=interval, low=low, high=1.0, between=False
    )
    before = float(Decimal(repr(rate)) - Decimal("0.0001"))
    least, less = (
        min(oracle.coverages(places, rate=tried, margin=margin, population=population))
        for tried in (rate, before)
    )
    assert less < 0.9 <= least
