"""Fleets drawn one installation at a time: where everybody reports, what is published is exact."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from chartconfig.sampling.accuracy import (
    Accuracy,
    Change,
    Detect,
    DistributionMargin,
    Margin,
    RelativeMargin,
)
from chartconfig.sampling.fleets import Case, Study
from chartconfig.sampling.installations import _places, _Tally, simulate_each
from chartconfig.sampling.simulation import nobody

CONFIDENCE = Fraction(95, 100)
TINY = Fraction(1, 10**7)
KINDS: list[Accuracy] = [
    Margin(margin=TINY, weeks=2, confidence=CONFIDENCE),
    Margin(margin=TINY, simultaneous=True, confidence=CONFIDENCE),
    RelativeMargin(
        relative_margin=TINY, smallest_share=Fraction(1, 10), weeks=3, confidence=CONFIDENCE
    ),
    Detect(detect=Fraction(1, 10), reports=20, weeks=2, confidence=CONFIDENCE),
    DistributionMargin(distribution_margin=TINY, weeks=2, confidence=CONFIDENCE),
    Change(change=Fraction(1, 10), power=Fraction(9, 10), weeks=2, confidence=CONFIDENCE),
]


def cases(rate: float, installations: int) -> list[Case]:
    return [
        Case(
            study=Study(accuracy=kind, held=(rate,) * 3, counted=counted, exclusive=exclusive),
            installations=installations,
        )
        for kind in KINDS
        for counted, exclusive in ((rate, False), (rate, True), (None, True))
    ]


def test_all_who_report_tell_the_truth() -> None:
    asked = [*cases(1.0, 100), *cases(1.0, 137)]
    for case, outcomes in zip(asked, simulate_each(asked, fleets=20), strict=True):
        assert [outcome.held for outcome in outcomes] == [20] * len(outcomes), case


@pytest.mark.parametrize("installations", [2**14 + 1, 70_001])
def test_all_of_many_as_well(installations: int) -> None:
    """Drawn in parts, and compared at fewer points than there are values."""
    studies = [
        Study(accuracy=KINDS[1], held=(1.0,) * 3, counted=1.0, exclusive=True),
        Study(
            accuracy=DistributionMargin(distribution_margin=TINY, confidence=CONFIDENCE),
            held=(1.0,),
            counted=1.0,
            continuous=True,
        ),
    ]
    asked = [Case(study=study, installations=installations) for study in studies]
    for outcomes in simulate_each(asked, fleets=16):
        assert [outcome.held for outcome in outcomes] == [16] * len(outcomes)


def test_nobody_publishes_nothing() -> None:
    none = cases(0.5, 0)
    assert simulate_each(none, fleets=7) == tuple((nobody(case.study, 7),) for case in none)
    (first, *_), (second,) = simulate_each([cases(1.0, 100)[0], none[0]], fleets=7)
    assert (first.held, second) == (7, nobody(none[0].study, 7))
    assert simulate_each([], fleets=7) == ()


def test_where_a_report_stands_and_counts() -> None:
    """Of ten installations the fourth, in the second of two weeks; and of many the first."""
    who, week = np.array([3]), np.array([1])
    assert [place.tolist() for place in _places(who, week, 10, 2)] == [[13], [7]]
    promise = DistributionMargin(distribution_margin=TINY, confidence=CONFIDENCE)
    study = Study(accuracy=promise, held=(0.5,), counted=0.5, continuous=True)
    tally = _Tally(Case(study=study, installations=20_000), 2)
    first = np.array([0])
    tally.add(first, first, first, np.array([0.1]))
    (held,) = tally.held
    assert np.argwhere(held).tolist() == [[0, 0, 0]]


def test_the_seed_is_zero_unless_another_is_said() -> None:
    study = Study(
        accuracy=Margin(margin=Fraction(1, 10), confidence=CONFIDENCE), held=(0.3,), counted=0.3
    )
    asked = [Case(study=study, installations=100)]
    unsaid = simulate_each(asked, fleets=500)
    zero, one = (simulate_each(asked, fleets=500, seed=seed) for seed in (0, 1))
    assert unsaid == zero != one


def test_how_much_is_done_is_told_in_parts() -> None:
    told: list[float] = []
    (case, *_) = cases(0.001, 150_000)  # in ten fleets, for two weeks: three million draws
    simulate_each([case], fleets=10, advance=told.append)
    assert told == pytest.approx([2**20 / 3e6, 2**21 / 3e6, 1])
