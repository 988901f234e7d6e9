"""One question of every kind: what it comes down to, and the ways out, none of them too far."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil, log

import pytest

from chartconfig.sampling import relative
from chartconfig.sampling.accuracy import (
    Accuracy,
    Change,
    Detect,
    DistributionMargin,
    Margin,
    RelativeMargin,
)
from chartconfig.sampling.required import (
    Question,
    floor,
    in_each_group,
    method,
    population_needed,
    reachable,
    required_rate,
    sample_size,
    suffices,
    value_of,
    weeks_needed,
    with_value,
)
from chartconfig.sampling.rounding import decimal_fraction
from tests.oracle import sample_rates as oracle

CONFIDENCE = Fraction(95, 100)
TENTH = Fraction(1, 10)
HALF = Fraction(1, 2)
KINDS: dict[str, Accuracy] = {
    "share": Margin(margin=TENTH, confidence=CONFIDENCE),
    "all shares": Margin(margin=TENTH, confidence=CONFIDENCE, simultaneous=True),
    "mean": Margin(margin=TENTH, confidence=CONFIDENCE, guaranteed=True),
    "part": RelativeMargin(relative_margin=HALF, smallest_share=TENTH, confidence=CONFIDENCE),
    "rare": Detect(detect=Fraction(1, 20), reports=2, confidence=CONFIDENCE),
    "distribution": DistributionMargin(distribution_margin=TENTH, confidence=CONFIDENCE),
    "change": Change(change=Fraction(1, 5), power=Fraction(9, 10), confidence=CONFIDENCE),
}
OPEN = {"share", "part"}
"""What the closed form leaves open."""


def question(kind: str) -> Question:
    return Question(accuracy=KINDS[kind], buckets=5, exclusive=True)


def least(asked: Question, installations: int) -> float:
    rate = required_rate(asked, installations=installations)
    return 2.0 if rate is None else rate


@pytest.mark.parametrize("kind", KINDS)
class TestEveryKind:
    def test_has_a_number_that_makes_it_more_or_less_demanding(self, kind: str) -> None:
        other = with_value(KINDS[kind], Fraction(3, 7))
        assert value_of(other) == Fraction(3, 7)
        assert other == with_value(other, Fraction(3, 7)) != KINDS[kind]
        assert with_value(other, value_of(KINDS[kind])) == KINDS[kind]

    @pytest.mark.parametrize("installations", [150, 2000])
    def test_suffices_from_its_rate_on(self, kind: str, installations: int) -> None:
        asked = question(kind)
        rate = least(asked, installations)
        assert suffices(rate, asked, installations=installations)
        assert suffices(1.0, asked, installations=installations)
        assert not suffices(rate * 0.999, asked, installations=installations)
        assert not suffices(1.0, asked, installations=0)
        found = suffices(rate, asked, installations=installations, exactly=False)
        assert found is (kind not in OPEN)

    def test_of_two_groups_at_once_is_one_of_each(self, kind: str) -> None:
        both = replace(
            KINDS[kind],
            for_each=("os",),
            smallest_group=TENTH,
            groups=2,
            confidence=Fraction(81, 100),
        )
        if isinstance(both, Change):
            both = replace(both, power=Fraction(64, 100))
        each = in_each_group(both)
        assert (each.groups, each.confidence) == (None, Fraction(9, 10))
        assert (each.for_each, each.smallest_group) == (("os",), TENTH)
        if isinstance(each, Change):
            assert each.power == Fraction(8, 10)

    @pytest.mark.parametrize("installations", [500, 2000])
    def test_reaches_what_its_rate_allows_and_no_less(self, kind: str, installations: int) -> None:
        found = reachable(0.3, question(kind), installations=installations)
        assert found is not None
        value = decimal_fraction(found)
        digit = Fraction(1, 1000) if value >= TENTH else Fraction(1, 10_000)
        reached, beyond = (
            replace(question(kind), accuracy=with_value(KINDS[kind], tried))
            for tried in (value, value - digit)
        )
        assert least(reached, installations) <= 0.3
        if kind == "part":  # in closed form
            assert closed_rate(reached, installations) <= 0.3 < closed_rate(beyond, installations)
        else:
            assert least(beyond, installations) > 0.3

    @pytest.mark.parametrize("installations", [1, 40, 150])
    def test_needs_so_many_weeks_and_no_fewer(self, kind: str, installations: int) -> None:
        weeks = weeks_needed(0.1, question(kind), installations=installations)
        assert weeks is not None
        enough, fewer = (
            replace(question(kind), accuracy=replace(KINDS[kind], weeks=number))
            for number in (weeks, weeks - 1)
        )
        assert least(enough, installations) <= 0.1
        if kind == "part":
            assert closed_rate(enough, installations) <= 0.1 < closed_rate(fewer, installations)
        else:
            assert least(fewer, installations) > 0.1

    def test_needs_so_many_installations_and_no_fewer(self, kind: str) -> None:
        installations = population_needed(0.1, question(kind))
        assert installations is not None
        assert least(question(kind), installations) <= 0.1
        if kind == "part":
            assert closed_rate(question(kind), installations) <= 0.1
            assert closed_rate(question(kind), installations - 1) > 0.1
        else:
            assert least(question(kind), installations - 1) > 0.1
        share = Fraction(3, 10)
        split = replace(KINDS[kind], for_each=("os",), smallest_group=share)
        assert population_needed(0.1, replace(question(kind), accuracy=split)) == ceil(
            installations / share
        )

    def test_needs_nothing_that_would_do(self, kind: str) -> None:
        assert weeks_needed(0.1, question(kind), installations=0) is None


def closed_rate(asked: Question, installations: int) -> float:
    accuracy = asked.accuracy
    assert isinstance(accuracy, RelativeMargin)
    return relative.closed_form(
        accuracy.relative_margin,
        smallest_share=accuracy.smallest_share,
        confidence=accuracy.confidence,
        population=installations * accuracy.weeks,
    ).rate


def test_all_shares_ask_for_more_than_one() -> None:
    assert least(question("all shares"), 2000) > least(question("share"), 2000)
    size = oracle.partition_size(TENTH, confidence=CONFIDENCE, population=2000)
    expected = pytest.approx(oracle.fraction_of(size, 2000), rel=1e-9)
    assert least(question("all shares"), 2000) == expected


def test_what_is_just_as_likely_as_asked_is_rounded_up() -> None:
    # Two of two report with probability 1/4; the rate is a little above 1/2.
    most = Detect(detect=Fraction(99, 100), reports=2, confidence=Fraction(1, 4))
    asked = Question(accuracy=most)
    assert least(asked, 2) > 0.5
    assert population_needed(0.5, asked) == 3
    assert weeks_needed(0.5, asked, installations=1) == 3
    assert reachable(0.5, asked, installations=1000) == 0.00201  # three; .002 of them are two


def test_all_shares_of_buckets_that_may_coincide_are_open_like_one() -> None:
    asked = Question(accuracy=KINDS["all shares"], buckets=5, exclusive=False)
    rate = least(asked, 150)
    assert suffices(rate, asked, installations=150)
    assert not suffices(rate, asked, installations=150, exactly=False)


class TestSampleSize:
    @pytest.mark.parametrize("weeks", [1, 4])
    def test_of_all_shares_in_all_weeks(self, weeks: int) -> None:
        asked = replace(question("all shares"), accuracy=replace(KINDS["all shares"], weeks=weeks))
        expected = oracle.partition_size(TENTH, confidence=CONFIDENCE, population=150 * weeks)
        found = sample_size(asked, installations=150)
        assert found == pytest.approx(expected, rel=1e-9)

    def test_of_a_distribution(self) -> None:
        found = sample_size(question("distribution"), installations=2000)
        assert found == pytest.approx(log(40) * 50 + 2, rel=1e-6)

    @pytest.mark.parametrize(("installations", "told"), [(19, False), (20, True), (2000, True)])
    def test_of_a_change(self, installations: int, *, told: bool) -> None:
        found = sample_size(question("change"), installations=installations)
        assert (found is not None) is told

    def test_of_a_part_where_it_is_the_least(self) -> None:
        close = RelativeMargin(
            relative_margin=Fraction(1, 50), smallest_share=TENTH, confidence=CONFIDENCE
        )
        found = sample_size(Question(accuracy=close), installations=10**7)
        expected = 3.841459 * 0.9 / (0.0004 * 0.1) + (12.5 + 1) / 0.1
        assert found == pytest.approx(expected, rel=1e-6)
        assert sample_size(question("part"), installations=10**7) is None
        assert sample_size(question("part"), installations=0) is None


@pytest.mark.parametrize(
    ("kind", "installations", "expected"),
    [("share", 10**6, "exact"), ("all shares", 2000, "closed form"), ("mean", 2000, "exact")],
)
def test_how_it_is_computed(kind: str, installations: int, expected: str) -> None:
    assert method(question(kind), installations=installations) == expected


def test_how_detection_and_changes_and_series_are_computed() -> None:
    for reports, expected in ((1, "closed form"), (2, "exact"), (3, "exact")):
        rare = Detect(detect=TENTH, reports=reports, confidence=CONFIDENCE)
        assert method(Question(accuracy=rare), installations=100) == expected
    assert method(question("change"), installations=100) == "closed form"
    close = Margin(margin=Fraction(1, 20), confidence=CONFIDENCE, weeks=10)
    assert method(Question(accuracy=close), installations=10_000) == "series"
    assert method(Question(accuracy=close), installations=300) == "exact"
    assert method(Question(accuracy=close), installations=3000) == "series"


def test_one_report_of_all_weeks() -> None:
    four = replace(KINDS["share"], weeks=4)
    found = floor(Question(accuracy=four), installations=50)
    assert found == pytest.approx(1 - 0.05 ** (1 / 200), rel=1e-9)
