"""The plan over all charts: limits, shortfalls, counters, derivations."""

# ruff: noqa: RUF001 - formulas are written with their own signs

from __future__ import annotations

from fractions import Fraction

import pytest

from chartconfig.sampling.accuracy import (
    Accuracy,
    Change,
    Detect,
    DistributionMargin,
    Margin,
    RelativeMargin,
)
from chartconfig.sampling.derivation import derivation
from chartconfig.sampling.plan import Limits, Shortfall, Target, plan, plan_rate
from chartconfig.sampling.population import Population

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
        population=149_554,
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


def test_nobody_cannot_be_sampled() -> None:
    planned = plan_rate(target(ONE_PERCENT, 0), limits=TENTH)
    assert (planned.required, planned.rate, planned.floor) == (None, 0.1, None)
    assert planned.shortfall == Shortfall(
        limit=0.1,
        binding="cap",
        required=None,
        reachable=None,
        weeks=None,
        population=149_554,
    )


def test_too_few_for_any_margin() -> None:
    accuracy = Margin(margin=Fraction(1, 5), confidence=Fraction(95, 100))
    short = plan_rate(target(accuracy, 20), limits=TENTH).shortfall
    assert short is not None
    assert short.reachable is None


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


@pytest.mark.parametrize(
    "accuracy",
    [
        RelativeMargin(
            relative_margin=Fraction(1, 4),
            smallest_share=Fraction(1, 100),
            confidence=Fraction(9, 10),
        ),
        Change(change=Fraction(1, 50), power=Fraction(9, 10), confidence=Fraction(9, 10)),
    ],
)
def test_a_kind_that_is_not_computed_is_refused(accuracy: Accuracy) -> None:
    kind = type(accuracy).__name__
    with pytest.raises(ValueError, match=f"^editors: no rate is computed for {kind} yet$"):
        plan([target(accuracy, key="editors")], limits=TENTH)


def test_the_derivation_of_a_closed_form() -> None:
    asked = target(ONE_PERCENT)
    assert derivation(asked, plan_rate(asked, limits=TENTH)) == (
        "planned for the low estimate: 1,000,000 installations a week",
        "N = 1,000,000",
        "z = 2.57583, the normal quantile for 0.99, two-sided",
        "n = z²/(4e²) = 2.57583²/(4 × 0.01²) = 16,587.2",
        (
            "n0 = n + (1 + n/N)/(4e) + 2"
            " = 16,587.2 + (1 + 16,587.2/1,000,000)/(4 × 0.01) + 2 = 16,614.7"
        ),
        "r = n0/(N + n0) = 16,614.7/(1,000,000 + 16,614.7) = 0.0163431",
        "one report at least: 1 - (1 - 0.99)^(1/N) = 4.60516e-06",
        "rounded up to four digits: 0.01635, within the limit of 0.1",
        (
            "expected reports a week: 0.01635 × 2,000,000 = 32,700.0;"
            " of one installation a year: 52 × 0.01635 = 0.8502"
        ),
    )


def test_the_derivation_of_an_exact_rate_for_groups_over_weeks() -> None:
    asked = target(
        Margin(
            margin=Fraction(1, 10),
            confidence=Fraction(9, 10),
            weeks=2,
            for_each=("os",),
            smallest_group=Fraction(1, 10),
        ),
        3000,
    )
    lines = derivation(asked, plan_rate(asked, limits=TENTH))
    assert lines[1:3] == (
        "smallest group by os: 0.1 × 3,000 = 300 installations",
        "N = 2 weeks × 300 = 600 installation-weeks",
    )
    assert "r = the least rate, by exact calculation for every share, = 0.104" in lines
    assert "the limit (cap) is 0.1, which is not enough: 0.1" in lines


@pytest.mark.parametrize(
    ("accuracy", "line"),
    [
        (
            DistributionMargin(distribution_margin=Fraction(1, 20), confidence=Fraction(95, 100)),
            "n0 = ln(2/α)/(2e²) + 2 = ln(2/0.05)/(2 × 0.05²) + 2 = 739.776",
        ),
        (
            Margin(margin=Fraction(1, 20), confidence=Fraction(95, 100), simultaneous=True),
            "n0 = T/e² + 2 = 1.27359/0.05² + 2 = 511.435",
        ),
        (
            Detect(detect=Fraction(1, 1000), confidence=Fraction(95, 100)),
            "r = 1 - (1 - 0.95)^(1/1,000) = 0.00299125",
        ),
        (
            Detect(detect=Fraction(1, 1000), confidence=Fraction(95, 100), reports=3, weeks=2),
            "r = the rate at which Bin(2,000, r) is at least 3 with probability 0.95, = 0.00314452",
        ),
    ],
)
def test_the_derivation_of_other_kinds(accuracy: Accuracy, line: str) -> None:
    asked = target(accuracy)
    assert line in derivation(asked, plan_rate(asked, limits=TENTH))
