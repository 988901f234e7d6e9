"""The plan over all charts: limits, shortfalls, counters."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from chartconfig.sampling.accuracy import (
    Accuracy,
    Change,
    Detect,
    Margin,
    RelativeMargin,
)
from chartconfig.sampling.plan import (
    Limits,
    Shortfall,
    Target,
    find_shortfall,
    plan,
    plan_rate,
    question_of,
)
from chartconfig.sampling.population import Population
from chartconfig.sampling.required import reachable

TENTH = Limits(cap=Fraction(1, 10))
ONE_PERCENT = Margin(margin=Fraction(1, 100), confidence=Fraction(99, 100))


def target(accuracy: Accuracy, low: int = 10**6, *, counters: str = "", key: str = "c") -> Target:
    return Target(
        key=key,
        accuracy=accuracy,
        population=Population(low=low, likely=2 * low, high=3 * low),
        buckets=4,
        exclusive=True,
        counters=tuple(("golang.org/x/tools/gopls", name) for name in counters.split()),
    )


def test_one_percent_at_99_percent_of_a_million() -> None:
    planned = plan_rate(target(ONE_PERCENT), limits=TENTH)
    assert planned.rate == 0.01635
    assert planned.required == pytest.approx(0.0163431, abs=5e-8)
    assert planned.method == "closed form"
    assert planned.sample_size == pytest.approx(16614.66, abs=0.01)
    assert planned.expected_reports == pytest.approx(32_700)
    assert (planned.achieved_at_low, planned.achieved_at_likely) == (0.01, 0.00707)
    assert planned.shortfall is None


def test_a_shortfall_names_three_ways_out() -> None:
    planned = plan_rate(target(ONE_PERCENT, 50_000), limits=TENTH)
    assert planned.rate == 0.1
    assert planned.shortfall == Shortfall(
        limit=0.1,
        binding="cap",
        required=planned.required,
        reachable=0.0174,
        weeks=3,
        population=149_555,
    )
    assert planned.achieved_at_low == 0.0174


def test_the_budget_binds_where_it_is_lower() -> None:
    limits = Limits(cap=Fraction(1, 10), max_reports_per_year=Fraction(1, 2))
    assert (limits.rate, limits.binding) == (0.009615, "max_reports_per_year")
    planned = plan_rate(target(ONE_PERCENT), limits=limits)
    assert planned.rate == 0.009615
    assert planned.shortfall is not None
    assert planned.shortfall.binding == "max_reports_per_year"
    loose = Limits(cap=Fraction(1, 10), max_reports_per_year=Fraction(10))
    assert (loose.rate, loose.binding) == (0.1, "cap")
    equal = Limits(cap=Fraction(1, 13), max_reports_per_year=Fraction(4))
    assert (equal.rate, equal.binding) == (0.07692, "cap")


@pytest.mark.parametrize("low", [0, 50_000, 149_554, 149_555, 10**6])
def test_a_shortfall_is_found_without_a_plan(low: int) -> None:
    asked = target(ONE_PERCENT, low)
    found = find_shortfall(asked, limits=TENTH)
    assert found == plan_rate(asked, limits=TENTH).shortfall
    assert (found is None) == (low >= 149_555)


@pytest.mark.parametrize("low", [100, 300, 900])
def test_a_rate_that_is_just_allowed_is_no_shortfall(low: int) -> None:
    asked = target(Margin(margin=Fraction(1, 10), confidence=Fraction(9, 10)), low)
    rate = plan_rate(asked, limits=Limits(cap=Fraction(1))).rate
    planned = plan_rate(asked, limits=Limits(cap=Fraction(repr(rate))))
    assert (planned.shortfall, planned.rate) == (None, rate)


def test_more_installations_than_planned_for_improve_a_margin_in_closed_form() -> None:
    asked = target(Margin(margin=Fraction(1, 10), confidence=Fraction(9, 10)), 300)
    planned = plan_rate(asked, limits=Limits(cap=Fraction(1)))
    assert planned.method == "exact"

    least = reachable(planned.rate, question_of(asked), installations=600)
    assert least is not None
    assert planned.achieved_at_likely is not None
    assert least < planned.achieved_at_likely < 0.1


def test_nobody_cannot_be_sampled() -> None:
    planned = plan_rate(target(ONE_PERCENT, 0), limits=TENTH)
    assert (planned.required, planned.rate, planned.floor) == (None, 0.1, None)
    assert planned.shortfall == Shortfall(
        limit=0.1,
        binding="cap",
        required=None,
        reachable=None,
        weeks=None,
        population=149_555,
    )


def test_too_few_for_any_margin() -> None:
    accuracy = Margin(margin=Fraction(1, 5), confidence=Fraction(95, 100))
    short = plan_rate(target(accuracy, 20), limits=TENTH).shortfall
    assert short is not None
    assert short.reachable is None


def test_too_few_at_low_may_be_enough_at_likely() -> None:
    accuracy = Margin(margin=Fraction(1, 5), confidence=Fraction(95, 100))
    unsure = replace(target(accuracy, 20), population=Population(low=20, likely=2000, high=2000))
    planned = plan_rate(unsure, limits=TENTH)
    assert (planned.rate, planned.achieved_at_low) == (0.1, None)
    # z sqrt((1 - r)/(4Nr)) = .0657 of 200 reports, and some more as they are few and whole
    assert planned.achieved_at_likely == pytest.approx(0.0657, rel=0.05)


def test_more_reports_than_chances_are_impossible_at_any_rate() -> None:
    accuracy = Detect(detect=Fraction(1, 100), reports=5, confidence=Fraction(95, 100))
    planned = plan_rate(target(accuracy, 300), limits=Limits(cap=Fraction(1)))
    assert planned.required is None
    assert planned.shortfall is not None
    assert planned.shortfall.population == 401
    assert planned.shortfall.weeks == 2


def test_a_counter_has_the_largest_rate_of_the_charts_that_need_it() -> None:
    wide = Margin(margin=Fraction(2, 100), confidence=Fraction(95, 100))
    made = plan([target(ONE_PERCENT, counters="a b"), target(wide, counters="b c")], limits=TENTH)
    program = "golang.org/x/tools/gopls"
    assert made.counter_rates == {
        (program, "a"): 0.01635,
        (program, "b"): 0.01635,
        (program, "c"): 0.00241,
    }
    assert made.sample_rate == 0.01635
    assert made.reports_per_year == pytest.approx(0.8502)


def test_no_charts_no_reports() -> None:
    made = plan([], limits=TENTH)
    assert (made.rates, dict(made.counter_rates), made.sample_rate) == ((), {}, 0)
    assert made.reports_per_year == 0


def test_buckets_matter_to_simultaneous_margins_only() -> None:
    few, many = (
        Target(
            key="",
            accuracy=ONE_PERCENT,
            population=Population(low=10**6, likely=10**6, high=10**6),
            buckets=buckets,
            exclusive=buckets > 2,
            counters=(),
        )
        for buckets in (1, 50)
    )
    assert plan_rate(few, limits=TENTH) == plan_rate(many, limits=TENTH)


def test_groups_at_once_are_planned_with_a_root_of_the_confidence() -> None:
    each = replace(ONE_PERCENT, for_each=("os",), smallest_group=Fraction(1, 4))
    at_once = replace(each, confidence=Fraction(81, 100), groups=2)
    nine_tenths = replace(each, confidence=Fraction(9, 10))
    assert plan_rate(target(at_once), limits=TENTH) == plan_rate(target(nine_tenths), limits=TENTH)


def test_groups_notice_all_their_changes_at_once() -> None:
    accuracy = Change(
        change=Fraction(1, 50),
        power=Fraction(64, 100),
        confidence=Fraction(81, 100),
        for_each=("os",),
        smallest_group=Fraction(1, 4),
        groups=2,
    )
    assert question_of(target(accuracy)).accuracy == replace(
        accuracy, power=Fraction(8, 10), confidence=Fraction(9, 10), groups=None
    )


def test_a_guarantee_matters_to_means_only() -> None:
    guaranteed = replace(ONE_PERCENT, guaranteed=True)
    of_shares = plan_rate(target(guaranteed), limits=TENTH)
    assert of_shares == plan_rate(target(ONE_PERCENT), limits=TENTH)
    mean = replace(target(guaranteed), mean=True)
    assert plan_rate(mean, limits=TENTH).rate == 0.02582
    normal = replace(target(ONE_PERCENT), mean=True)
    assert plan_rate(normal, limits=TENTH) == of_shares


def test_the_floor_is_that_of_whoever_must_report() -> None:
    relative = RelativeMargin(
        relative_margin=Fraction(1, 5), smallest_share=Fraction(1, 100), confidence=Fraction(9, 10)
    )
    planned = plan_rate(target(relative), limits=TENTH)
    assert planned.floor == pytest.approx(1 - 0.1 ** (1 / 10_000), rel=1e-9)
    change = Change(change=Fraction(1, 50), power=Fraction(9, 10), confidence=Fraction(9, 10))
    assert plan_rate(target(change), limits=TENTH).floor is None
