"""What fleets hold, worked out by hand; and the worst share, against all shares."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

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
from chartconfig.sampling.fleets import Case, Study, truths, worst_share
from tests.oracle import sample_rates as oracle

if TYPE_CHECKING:
    from chartconfig.sampling.fleets import Arc, Truth

CONFIDENCE = Fraction(95, 100)
TENTH = Fraction(1, 10)


def fleets(
    accuracy: Accuracy,
    installations: int,
    *held: float,
    counted: float | None = None,
    exclusive: bool = False,
    continuous: bool = False,
) -> tuple[Truth, ...]:
    study = Study(
        accuracy=accuracy, held=held, counted=counted, exclusive=exclusive, continuous=continuous
    )
    return truths(Case(study=study, installations=installations))


def arcs(found: tuple[Truth, ...]) -> list[tuple[str, tuple[Arc, ...]]]:
    return [(truth.name, truth.arcs) for truth in found]


class TestDetect:
    PROMISE = Detect(detect=Fraction(15, 1000), reports=3, weeks=4, confidence=CONFIDENCE)
    """Of 150 installations, three; in four weeks, twelve of six hundred."""

    def test_others_hold_another_bucket_if_they_must(self) -> None:
        for found in (
            fleets(self.PROMISE, 150, 0.1, 0.2, 0.1),
            fleets(self.PROMISE, 150, 0.1, 0.2, 0.1, counted=0.3, exclusive=True),
        ):
            assert arcs(found) == [
                ("just that share", ((0, 12), (12, 588), (0, 0))),
                ("just that share", ((0, 0), (0, 12), (12, 588))),
            ]
            assert [truth.size for truth in found] == [600, 600]

    def test_or_none(self) -> None:
        assert arcs(fleets(self.PROMISE, 150, 0.1, 0.2, counted=0.2)) == [
            ("just that share", ((0, 12), (0, 0))),
            ("just that share", ((0, 0), (0, 12))),
        ]
        assert arcs(fleets(self.PROMISE, 150, 0.1, counted=0.2)) == [
            ("just that share", ((0, 12),))
        ]

    def test_the_last_bucket_is_followed_by_the_first(self) -> None:
        assert arcs(fleets(self.PROMISE, 150, 0.1, 0.2))[1] == (
            "just that share",
            ((12, 588), (0, 12)),
        )


class TestDistribution:
    def test_of_different_values_alone(self) -> None:
        promise = DistributionMargin(distribution_margin=TENTH, weeks=2, confidence=CONFIDENCE)
        (found,) = fleets(promise, 300, 0.1, counted=0.2, continuous=True)
        assert (found.name, found.size, found.arcs) == ("no two values alike", 600, ())

    @pytest.mark.parametrize("weeks", [1, 2])
    def test_of_buckets(self, weeks: int) -> None:
        promise = DistributionMargin(distribution_margin=TENTH, weeks=weeks, confidence=CONFIDENCE)
        # Zipf's parts are 6, 3 and 2 of 11: 163.6, 245.5 and 300 together.
        one = [
            ("no two values alike", ()),
            ("2 equal buckets", ((0, 150), (150, 150), (0, 0))),
            ("equal buckets", ((0, 100), (100, 100), (200, 100))),
            ("skewed buckets", ((0, 164), (164, 81), (245, 55))),
            ("everybody", ((0, 300), (300, 0), (0, 0))),
        ]
        found = fleets(promise, 300, 0.1, 0.1, 0.1, exclusive=True)
        assert arcs(found) == [
            (name, tuple((start * weeks, length * weeks) for start, length in parts))
            for name, parts in one
        ]
        assert all(truth.persistent for truth in found)

    def test_of_two_buckets_and_of_one(self) -> None:
        promise = DistributionMargin(distribution_margin=TENTH, confidence=CONFIDENCE)
        two = fleets(promise, 9, 0.1, 0.1, exclusive=True)
        assert arcs(two)[1:3] == [
            ("equal buckets", ((0, 4), (4, 5))),
            ("skewed buckets", ((0, 6), (6, 3))),
        ]
        one = fleets(promise, 9, 0.1, counted=0.2)
        assert arcs(one) == [("no two values alike", ()), ("everybody", ((0, 9),))]


class TestChange:
    @pytest.mark.parametrize("weeks", [1, 2])
    def test_by_as_much_as_is_to_be_noticed_and_not_at_all(self, weeks: int) -> None:
        promise = Change(change=TENTH, power=TENTH * 9, weeks=weeks, confidence=CONFIDENCE)
        found = fleets(promise, 205, 0.1, counted=0.1)
        expected = [
            ("changed around one half", 92, 113),  # 20.5, rounded up
            ("changed from nothing", 0, 21),
            ("half, unchanged", 102, 102),
        ]
        assert [(truth.name, truth.arcs, truth.later) for truth in found] == [
            (name, ((0, before * weeks),), ((0, after * weeks),))
            for name, before, after in expected
        ]
        assert {truth.size for truth in found} == {205 * weeks}

    def test_of_each_probability(self) -> None:
        promise = Change(change=TENTH, power=TENTH * 9, confidence=CONFIDENCE)
        found = fleets(promise, 200, 0.1, 0.2, counted=0.2)
        assert [(truth.arcs, truth.later) for truth in found[:2]] == [
            (((0, 90), (0, 0)), ((0, 110), (0, 0))),
            (((0, 0), (0, 90)), ((0, 0), (0, 110))),
        ]


class TestMargin:
    def test_of_one_bucket(self) -> None:
        promise = Margin(margin=TENTH, weeks=3, confidence=CONFIDENCE)
        found = fleets(promise, 100, 0.1, counted=0.1)
        assert [(truth.name, truth.persistent) for truth in found] == [
            ("worst share", True),
            ("worst share, changing", False),
            ("everybody", True),
        ]
        persistent, changing = (
            worst_share(promise, rate=0.1, size=300, weeks=weeks) for weeks in (3, 1)
        )
        assert [truth.arcs for truth in found] == [
            ((0, persistent),),
            ((0, changing),),
            ((0, 300),),
        ]

    def test_of_each_probability(self) -> None:
        promise = Margin(margin=TENTH, confidence=CONFIDENCE)
        found = fleets(promise, 100, 0.2, 0.2, 0.1, exclusive=True)
        few, many = (worst_share(promise, rate=rate, size=100) for rate in (0.1, 0.2))
        assert arcs(found) == [
            ("worst share", ((0, many), (many, 100 - many), (0, 0))),
            ("worst share", ((few, 100 - few), (0, 0), (0, few))),
            ("equal buckets", ((0, 33), (67, 33), (33, 34))),
            ("skewed buckets", ((0, 55), (82, 18), (55, 27))),
            ("everybody", ((0, 100), (100, 0), (0, 0))),
            ("everybody", ((100, 0), (0, 0), (0, 100))),
        ]

    def test_of_all_buckets_that_exclude_each_other(self) -> None:
        promise = Margin(margin=TENTH, simultaneous=True, confidence=CONFIDENCE)
        found = fleets(promise, 120, 0.1, 0.1, 0.1, 0.1, exclusive=True)
        assert [truth.name for truth in found] == [
            "2 equal buckets",
            "3 equal buckets",
            "equal buckets",
            "skewed buckets",
            "everybody",
        ]
        assert found[2].arcs == ((0, 30), (30, 30), (60, 30), (90, 30))

    def test_of_all_buckets_that_may_coincide(self) -> None:
        promise = Margin(margin=TENTH, simultaneous=True, weeks=2, confidence=CONFIDENCE)
        found = fleets(promise, 101, 0.1, 0.1, counted=0.1)
        held = worst_share(promise, rate=0.1, size=202, weeks=2)
        assert (found[0].name, found[0].arcs) == ("worst share", ((0, held), (100, held)))
        held = worst_share(promise, rate=0.1, size=202)
        assert found[1].arcs == ((0, held), (101, held))
        assert [truth.name for truth in found[2:]] == [
            "equal buckets",
            "skewed buckets",
            "everybody",
        ]

    def test_of_a_part_of_a_share(self) -> None:
        promise = RelativeMargin(
            relative_margin=Fraction(1, 5), smallest_share=TENTH, confidence=CONFIDENCE
        )
        found = fleets(promise, 500, 0.1, counted=0.1)
        held = worst_share(promise, rate=0.1, size=500)
        assert arcs(found) == [("smallest share", ((0, held),)), ("everybody", ((0, 500),))]
        four = fleets(promise, 500, 0.1, 0.1, 0.1, 0.1, counted=0.1)
        assert [truth.name for truth in four] == [
            "smallest share",
            "equal buckets",
            "skewed buckets",
            "everybody",
        ]

    def test_of_more_installations_than_floats_can_count(self) -> None:
        promise = Margin(margin=TENTH, simultaneous=True, confidence=CONFIDENCE)
        everybody = 10**17 + 1
        for truth in fleets(promise, everybody, 0.1, 0.1, 0.1, exclusive=True):
            assert sum(held for _, held in truth.arcs) == everybody


@pytest.mark.parametrize(
    "promise",
    [
        Detect(detect=TENTH, weeks=2, confidence=CONFIDENCE),
        DistributionMargin(distribution_margin=TENTH, weeks=2, confidence=CONFIDENCE),
        Change(change=TENTH, power=TENTH * 9, weeks=2, confidence=CONFIDENCE),
        Margin(margin=TENTH, weeks=2, confidence=CONFIDENCE),
        RelativeMargin(relative_margin=TENTH, smallest_share=TENTH, weeks=2, confidence=CONFIDENCE),
    ],
)
def test_the_only_bucket_is_held_by_all_where_nothing_else_counts(promise: Accuracy) -> None:
    for truth in fleets(promise, 50, 0.1, exclusive=True):
        if truth.name != "no two values alike":
            assert (truth.arcs, truth.later or truth.arcs) == (((0, 100),), ((0, 100),))


class TestWorstShare:
    @pytest.mark.parametrize(
        ("size", "rate", "margin"),
        [
            (300, 0.1, "0.1"),
            (300, 0.4, "0.07"),
            (900, 0.05, "0.12"),
            (2000, 0.1, "0.05"),
            (5000, 0.004, "0.2"),
        ],
    )
    @pytest.mark.parametrize("weeks", [1, 5])
    def test_no_share_is_covered_less_often(
        self, size: int, rate: float, margin: str, weeks: int
    ) -> None:
        promise = Margin(margin=Fraction(margin), confidence=CONFIDENCE)
        held = worst_share(promise, rate=rate, size=size, weeks=weeks)
        every = np.arange(0, size + 1, weeks)
        covered = oracle.coverages(every, rate=rate, margin=promise.margin, population=size)
        assert held % weeks == 0
        assert covered[held // weeks] == pytest.approx(covered.min(), abs=0.003)

    @pytest.mark.parametrize(
        ("size", "rate", "margin"), [(300, 0.5, "0.3"), (900, 0.3, "0.25"), (2000, 0.2, "0.2")]
    )
    @pytest.mark.parametrize("weeks", [1, 5])
    def test_nor_to_a_part_of_itself(self, size: int, rate: float, margin: str, weeks: int) -> None:
        promise = RelativeMargin(
            relative_margin=Fraction(margin), smallest_share=TENTH, confidence=CONFIDENCE
        )
        held = worst_share(promise, rate=rate, size=size, weeks=weeks)
        every = np.arange(-(-size // 10 // weeks) * weeks, size + 1, weeks)
        covered = oracle.coverages(
            every, rate=rate, margin=promise.relative_margin, population=size, relative=True
        )
        assert held in every
        (place,) = np.flatnonzero(every == held)
        assert covered[place] == pytest.approx(covered.min(), abs=0.003)

    @pytest.mark.parametrize(
        ("rate", "size"), [(0.0, 1001), (1.0, 1001), (1.0, 1), (0.002, 600_000_001)]
    )
    def test_it_is_that_which_varies_most_where_counts_are_smooth(
        self, rate: float, size: int
    ) -> None:
        margin = Margin(margin=TENTH, confidence=CONFIDENCE)
        assert worst_share(margin, rate=rate, size=size) == size // 2
        part = RelativeMargin(relative_margin=TENTH, smallest_share=TENTH, confidence=CONFIDENCE)
        assert worst_share(part, rate=rate, size=size) == size // 10 + 1
        assert worst_share(part, rate=rate, size=7 * size, weeks=7) == 7 * (size // 10 + 1)

    def test_it_is_one_installation_at_least(self) -> None:
        part = RelativeMargin(
            relative_margin=TENTH, smallest_share=Fraction(1, 10**9), confidence=CONFIDENCE
        )
        assert worst_share(part, rate=1.0, size=50) == 1

    def test_it_may_be_that_of_all(self) -> None:
        part = RelativeMargin(
            relative_margin=TENTH, smallest_share=Fraction(999, 1000), confidence=CONFIDENCE
        )
        assert worst_share(part, rate=0.5, size=50) == 50
