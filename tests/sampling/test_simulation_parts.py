"""Judging reports: by hand, and against the formulas, for every outcome of a few reports."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy import stats

from chartconfig.sampling import change
from chartconfig.sampling.accuracy import (
    Accuracy,
    Change,
    Detect,
    DistributionMargin,
    Margin,
    RelativeMargin,
)
from chartconfig.sampling.fleets import Arc, Case, Study, Truth
from chartconfig.sampling.simulation import judge, judge_untied, simulate

CONFIDENCE = Fraction(95, 100)
QUARTER = Fraction(1, 4)


def judged(
    accuracy: Accuracy, arcs: tuple[Arc, ...], *fleets: tuple[tuple[int, ...], int], size: int = 100
) -> list[list[bool]]:
    """Return what is judged of fleets: for each how many show each bucket, and how many count."""
    study = Study(accuracy=accuracy, held=(0.1,) * len(arcs), counted=0.1)
    truth = Truth(name="", size=size, arcs=arcs)
    held, counted = (np.array(column) for column in zip(*fleets, strict=True))
    found: list[list[bool]] = judge(study, truth, (held, counted)).tolist()
    return found


class TestJudge:
    PARTS = ((0, 25), (25, 25), (50, 50))

    def test_each_share(self) -> None:
        found = judged(
            Margin(margin=QUARTER, confidence=CONFIDENCE),
            self.PARTS,
            ((4, 0, 4), 8),  # a half, none, a half: the first two just within
            ((3, 1, 0), 4),  # three quarters, a quarter, none
            ((0, 0, 0), 1),
            ((0, 0, 0), 0),
        )
        assert found == [
            [True, True, True],
            [False, True, False],
            [True, True, False],
            [False, False, False],
        ]

    def test_all_shares_at_once(self) -> None:
        promise = Margin(margin=QUARTER, simultaneous=True, confidence=CONFIDENCE)
        found = judged(promise, self.PARTS, ((4, 0, 4), 8), ((3, 1, 0), 4), ((0, 0, 0), 0))
        assert found == [[True], [False], [False]]

    def test_nothing_is_published_where_nothing_counts(self) -> None:
        wide = Margin(margin=Fraction(9, 10), confidence=CONFIDENCE)
        assert judged(wide, self.PARTS, ((0, 0, 0), 0)) == [[False, False, False]]

    def test_only_buckets_that_somebody_holds(self) -> None:
        promise = Margin(margin=QUARTER, confidence=CONFIDENCE)
        assert judged(promise, ((0, 0), (0, 1), (1, 99)), ((0, 1, 1), 2)) == [[False, False]]
        assert judged(promise, ((0, 0), (0, 0)), ((0, 1), 1), ((0, 0), 9)) == [
            [True, False],
            [True, True],
        ]

    def test_parts_of_shares(self) -> None:
        def promise(smallest: str) -> RelativeMargin:
            return RelativeMargin(
                relative_margin=Fraction(1, 2),
                smallest_share=Fraction(smallest),
                confidence=CONFIDENCE,
            )

        fleets = ((1, 0, 3), 4), ((0, 1, 1), 4), ((0, 0, 1), 8), ((0, 0, 0), 0)
        assert judged(promise("0.3"), self.PARTS, *fleets) == [[True], [True], [False], [False]]
        assert judged(promise("0.25"), self.PARTS, *fleets) == [
            [True, False, True],
            [False, True, True],
            [False, False, False],
            [False, False, False],
        ]
        # 1 of 128 is held, 1 of 256 is half of that, and nobody is no share at all
        least = judged(promise("0.001"), ((0, 0), (0, 1)), ((0, 1), 256), ((0, 0), 1), size=128)
        assert least == [[True], [False]]

    def test_detecting_what_so_many_have(self) -> None:
        # of 150 installations, .015 are three, and in four weeks twelve places of 600
        promise = Detect(detect=Fraction(15, 1000), reports=3, weeks=4, confidence=CONFIDENCE)
        arcs = (0, 12), (12, 576), (588, 11), (0, 0)
        found = judged(promise, arcs, ((3, 2, 5, 5), 9), ((2, 4, 0, 0), 9), size=600)
        assert found == [[True, False], [False, True]]

    def test_cumulative_shares(self) -> None:
        promise = DistributionMargin(distribution_margin=QUARTER, confidence=CONFIDENCE)
        found = judged(
            promise,
            self.PARTS,
            ((2, 0, 2), 4),  # .5, .5, 1 for .25, .5, 1
            ((1, 2, 1), 4),  # .25, .75, 1
            ((5, 1, 2), 8),
            ((0, 0, 0), 0),
        )
        assert found == [[True], [True], [False], [False]]

    def test_of_everybody_without_a_report(self) -> None:
        wide = DistributionMargin(distribution_margin=Fraction(9, 10), confidence=CONFIDENCE)
        assert judged(wide, ((0, 0), (0, 0)), ((0, 0), 0), ((0, 0), 1)) == [[False], [True]]


class TestChanges:
    """Every outcome of up to eight reports in each of two periods."""

    PROMISE = Change(change=QUARTER, power=Fraction(9, 10), confidence=Fraction(3, 4))

    @pytest.mark.parametrize(
        ("study", "rate"),
        [
            (Study(accuracy=PROMISE, held=(0.7,), counted=0.7), 0.7),
            (Study(accuracy=PROMISE, held=(0.3,), counted=0.7), 0.7),
            (Study(accuracy=PROMISE, held=(0.7, 0.3), counted=None), 0.7),
            (Study(accuracy=PROMISE, held=(1.0,), counted=1.0), 1.0),
        ],
    )
    def test_are_noticed_from_so_many_standard_errors_on(self, study: Study, rate: float) -> None:
        one = [(k, n) for n in range(9) for k in range(n + 1)]
        pairs = list(product(one, one))
        z = float(stats.norm.isf(0.125))
        expected = [
            k * m != j * n
            and abs(k / n - j / m) >= z * change.standard_error(before=n, after=m, rate=rate)
            if min(n, m) > 1
            else False
            for (k, n), (j, m) in pairs
        ]
        buckets = len(study.held)
        before, after = (
            (
                np.array([[pair[which][0]] * buckets for pair in pairs]),
                np.array([pair[which][1] for pair in pairs]),
            )
            for which in (0, 1)
        )
        arcs, later = (((0, held),) * buckets for held in (10, 20))
        changed = Truth(name="", size=40, arcs=arcs, later=later)
        unchanged = Truth(name="", size=40, arcs=arcs, later=arcs)
        assert judge(study, changed, before, after)[:, 0].tolist() == expected
        assert judge(study, unchanged, before, after)[:, 0].tolist() == [not e for e in expected]

    def test_are_not_noticed_by_all_where_there_are_none(self) -> None:
        study = Study(accuracy=self.PROMISE, held=(1.0,), counted=1.0)
        found = simulate(Case(study=study, installations=18), fleets=10)
        assert [outcome.coverage for outcome in found] == [1, 1, 1]


class TestUntied:
    def judged(self, margin: str, *fleets: tuple[int, list[int]]) -> list[list[bool]]:
        promise = DistributionMargin(distribution_margin=Fraction(margin), confidence=CONFIDENCE)
        study = Study(accuracy=promise, held=(0.1,), counted=0.2)
        blank, cells = (np.array(column) for column in zip(*fleets, strict=True))
        truth = Truth(name="", size=4)
        found: list[list[bool]] = judge_untied(study, truth, cells, blank).tolist()
        return found

    def test_values_between_points(self) -> None:
        found = self.judged(
            "0.25",
            (0, [1, 1, 1, 1]),
            (0, [1, 0, 0, 1]),  # .5, .5, .5, 1 for .25, .5, .75, 1
            (0, [2, 0, 0, 1]),
            (2, [1, 1, 1, 0]),
            (1, [0, 1, 1, 1]),  # a report without a value has the least: .25, .25, .5, .75, 1
            (0, [0, 0, 0, 0]),
        )
        assert found == [[True], [True], [False], [False], [True], [False]]

    def test_nobody_and_one(self) -> None:
        found = self.judged(
            "0.75", (0, [0, 0, 0, 0]), (0, [0, 1, 0, 0]), (0, [1, 0, 0, 0]), (1, [0, 0, 0, 0])
        )
        assert found == [[False], [True], [True], [False]]


@pytest.mark.parametrize(
    ("margin", "rate"), [("0.15", 0.4), ("0.2", 0.4), ("0.3", 0.4), ("0.7", 0.05)]
)
def test_different_values_of_twenty_by_every_set_that_may_report(margin: str, rate: float) -> None:
    sets = np.arange(1, 2**20)
    below, off = np.zeros(len(sets)), np.zeros(len(sets))
    reports = np.bitwise_count(sets)
    for place in range(20):
        below += (sets >> place) & 1
        off = np.maximum(off, np.abs(below / reports - (place + 1) / 20))
    chance = rate**reports * (1 - rate) ** (20.0 - reports)
    expected = float(chance[off <= float(Fraction(margin)) + 1e-12].sum())
    promise = DistributionMargin(distribution_margin=Fraction(margin), confidence=CONFIDENCE)
    study = Study(accuracy=promise, held=(rate,), counted=rate, continuous=True)
    (found,) = simulate(Case(study=study, installations=20), fleets=50_000)
    allowed = 5 * (expected * (1 - expected) / 50_000) ** 0.5
    assert found.coverage == pytest.approx(expected, abs=allowed)


def test_different_values_of_so_many_that_their_cells_are_cut() -> None:
    """Cells of up to a billion are drawn from; the distribution is Kolmogorov's."""
    promise = DistributionMargin(distribution_margin=Fraction(4, 1000), confidence=CONFIDENCE)
    study = Study(accuracy=promise, held=(1e-6,), counted=1e-6, continuous=True)
    (found,) = simulate(Case(study=study, installations=5 * 10**10), fleets=2000)
    expected = float(stats.kstwobign.cdf(0.004 * 50_000**0.5))
    assert found.coverage == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize("rate", [1.0, 0.9])
def test_fleets_are_drawn_in_parts(rate: float) -> None:
    promise = DistributionMargin(distribution_margin=Fraction(9, 10), confidence=CONFIDENCE)
    study = Study(accuracy=promise, held=(rate,) * 3, counted=None, exclusive=True)
    for outcome in simulate(Case(study=study, installations=100), fleets=70_000):
        assert (outcome.held, outcome.fleets) == (70_000, 70_000)


def test_nobody_would_be_told_as_often_as_anybody() -> None:
    promise = Detect(detect=QUARTER, confidence=CONFIDENCE)
    study = Study(accuracy=promise, held=(0.1,), counted=0.1)
    (found,) = simulate(Case(study=study, installations=0), fleets=10)
    assert found.lowered == pytest.approx(1 - 0.05**0.95, abs=1e-6)


def test_the_worst_of_three_is_told_as_such() -> None:
    promise = Margin(margin=QUARTER, confidence=CONFIDENCE)
    study = Study(accuracy=promise, held=(0.1,) * 3, counted=0.1)
    found = simulate(Case(study=study, installations=90), fleets=10)
    assert {outcome.truth: outcome.comparisons for outcome in found} == {
        "worst share": 1,
        "equal buckets": 3,
        "skewed buckets": 3,
        "everybody": 1,
    }
