"""The plan over all charts: limits, shortfalls, counters, derivations."""

# ruff: noqa: RUF001 - formulas are written with their own signs

from __future__ import annotations

from dataclasses import replace
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
from chartconfig.sampling.plan import Limits, Shortfall, Target, plan, plan_rate, question_of
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
    assert "r = the least rate, by exact calculation for every share, = 0.1039" in lines
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
        (
            RelativeMargin(
                relative_margin=Fraction(1, 5),
                smallest_share=Fraction(1, 100),
                confidence=Fraction(95, 100),
            ),
            (
                "n0 = (z²(1 - p)/ρ² + 1/(4ρ) + 1)/p"
                " = (1.95996² × (1 - 0.01)/0.2² + 1/(4 × 0.2) + 1)/0.01 = 9,732.6"
            ),
        ),
        (
            Change(
                change=Fraction(1, 50), power=Fraction(9, 10), confidence=Fraction(95, 100), weeks=2
            ),
            (
                "n0 = n + (3 + (z(α/2) + z(β))²/8)(1 + n/N) + (n/N)²/2 = 13,132.2"
                " + (3 + (1.95996 + 1.28155)²/8)(1 + 13,132.2/2,000,000)"
                " + (13,132.2/2,000,000)²/2 = 13,136.5"
            ),
        ),
    ],
)
def test_the_derivation_of_other_kinds(accuracy: Accuracy, line: str) -> None:
    asked = target(accuracy)
    assert line in derivation(asked, plan_rate(asked, limits=TENTH))


@pytest.mark.parametrize(
    ("accuracy", "lines"),
    [
        (
            Margin(margin=Fraction(1, 20), confidence=Fraction(95, 100)),
            ("the mean of a value in [0, 1], as one share: worst-case variance, normal",),
        ),
        (
            Margin(margin=Fraction(1, 20), confidence=Fraction(95, 100), guaranteed=True),
            (
                (
                    "the mean of a value in [0, 1], guaranteed:"
                    " of n reports it misses with a probability of"
                ),
                "at most 2 exp(-2ne²/(1 - (n - 1)/N)), whatever the values are",
                "n0 = ln(2/α)/(2e²) = ln(2/0.05)/(2 × 0.05²) = 737.776",
                (
                    "r = n0/(N + n0) = 737.776/(1,000,000 + 737.776) = 0.000737232,"
                    " if just so many reported"
                ),
                (
                    "r = the rate at which that probability is 0.05 with n ~ Bin(N, r),"
                    " = 0.000739078"
                ),
            ),
        ),
    ],
)
def test_the_derivation_of_a_mean(accuracy: Accuracy, lines: tuple[str, ...]) -> None:
    asked = replace(target(accuracy), mean=True)
    assert derivation(asked, plan_rate(asked, limits=TENTH))[2 : 2 + len(lines)] == lines


def test_the_derivation_of_a_change_in_few_installations_of_groups() -> None:
    accuracy = Change(
        change=Fraction(1, 5),
        power=Fraction(81, 100),
        confidence=Fraction(81, 100),
        for_each=("os", "arch"),
        smallest_group=Fraction(1, 4),
        groups=2,
    )
    asked = target(accuracy, 60)
    assert derivation(asked, plan_rate(asked, limits=TENTH))[1:7] == (
        "smallest group by os, arch: 0.25 × 60 = 15 installations",
        "N = 15",
        "in each of 2 groups: confidence 0.81^(1/2) = 0.9",
        "and power 0.81^(1/2) = 0.9",
        "in each of two periods; N is that of one, δ = 0.2",
        "so few must all report, twice, with probability 0.9: r = 0.996494",
    )


def test_the_floor_is_that_of_whoever_must_report() -> None:
    relative = RelativeMargin(
        relative_margin=Fraction(1, 5), smallest_share=Fraction(1, 100), confidence=Fraction(9, 10)
    )
    planned = plan_rate(target(relative), limits=TENTH)
    assert planned.floor == pytest.approx(1 - 0.1 ** (1 / 10_000), rel=1e-9)
    change = Change(change=Fraction(1, 50), power=Fraction(9, 10), confidence=Fraction(9, 10))
    assert plan_rate(target(change), limits=TENTH).floor is None
