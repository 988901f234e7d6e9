"""How a rate came about, line by line: numbers by hand, and where each line appears."""

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
from chartconfig.sampling.plan import Limits, PlannedRate, Target, plan_rate
from chartconfig.sampling.population import Population

TENTH, ALL = Limits(cap=Fraction(1, 10)), Limits(cap=Fraction(1))
ONE_PERCENT = Margin(margin=Fraction(1, 100), confidence=Fraction(99, 100))
AT_ONCE = Margin(margin=Fraction(1, 20), confidence=Fraction(95, 100), simultaneous=True)


def target(accuracy: Accuracy, low: int = 10**6, *, exclusive: bool = True) -> Target:
    return Target(
        key="c",
        accuracy=accuracy,
        population=Population(low=low, likely=2 * low, high=3 * low),
        buckets=4,
        exclusive=exclusive,
        counters=(),
    )


def derived(
    accuracy: Accuracy, low: int, *, exclusive: bool = True
) -> tuple[PlannedRate, tuple[str, ...]]:
    """Return what is planned, and the lines between the population and the last two."""
    asked = target(accuracy, low, exclusive=exclusive)
    planned = plan_rate(asked, limits=ALL)
    first, second, *lines, _, _ = derivation(asked, planned)
    assert first == f"planned for the low estimate: {low:,} installations a week"
    assert second.startswith("N = ")
    return planned, tuple(lines)


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


def test_the_derivation_for_nobody() -> None:
    asked = target(ONE_PERCENT, 0)
    assert derivation(asked, plan_rate(asked, limits=TENTH)) == (
        "planned for the low estimate: 0 installations a week",
        "N = 0",
        "the limit (cap) is 0.1, which is not enough: 0.1",
        "expected reports a week: 0.1 × 0 = 0; of one installation a year: 52 × 0.1 = 5.2",
    )


def test_the_derivation_for_one_installation() -> None:
    _, lines = derived(Detect(detect=Fraction(1, 100), confidence=Fraction(95, 100)), 1)
    assert lines == (
        "chances = ⌈0.01 × 1⌉ = 1",
        "r = 1 - (1 - 0.95)^(1/1) = 0.95",
        "one report at least: 1 - (1 - 0.95)^(1/N) = 0.95",
    )


def test_whole_thousands_have_a_decimal_where_they_need_not_be_whole() -> None:
    asked = target(Margin(margin=Fraction(1, 100), confidence=Fraction(95, 100)), 5000)
    *_, last = derivation(asked, plan_rate(asked, limits=TENTH))
    assert last.startswith("expected reports a week: 0.1 × 10,000 = 1,000.0; ")


def test_the_chances_of_a_rare_thing_over_weeks() -> None:
    accuracy = Detect(detect=Fraction(1, 1000), confidence=Fraction(95, 100), weeks=2)
    _, lines = derived(accuracy, 2500)
    assert lines[:2] == (
        "chances = 2 weeks × ⌈0.001 × 2,500⌉ = 6",
        "r = 1 - (1 - 0.95)^(1/6) = 0.393038",
    )


def test_fewer_chances_than_reports() -> None:
    accuracy = Detect(detect=Fraction(1, 100), confidence=Fraction(95, 100), reports=5)
    _, lines = derived(accuracy, 300)
    assert lines[:2] == ("chances = ⌈0.01 × 300⌉ = 3", "no rate gives 5 reports of 3 chances")


def test_a_distribution_of_few() -> None:
    accuracy = DistributionMargin(distribution_margin=Fraction(1, 10), confidence=Fraction(95, 100))
    planned, lines = derived(accuracy, 500)
    size = "n0 = ln(2/α)/(2e²) + 2 = ln(2/0.05)/(2 × 0.1²) + 2 = 186.444"
    assert lines == (
        size,
        "r = n0/(N + n0) = 186.444/(500 + 186.444) = 0.271608",
        f"r = the same on average over n ~ Bin(N, r), for few report, = {planned.required:.6g}",
        "one report at least: 1 - (1 - 0.95)^(1/N) = 0.00597355",
    )
    _, lines = derived(accuracy, 5000)
    assert lines == (
        size,
        "r = n0/(N + n0) = 186.444/(5,000 + 186.444) = 0.0359483",
        "one report at least: 1 - (1 - 0.95)^(1/N) = 0.000598967",
    )


TEXTBOOK = (
    "T = the largest of z(α/m)² (1/m)(1 - 1/m) over m = 2, 3, ..., with α = 0.05: 1.27359",
    "n0 = T/e² + 2 = 1.27359/0.05² + 2 = 511.435",
)


def test_all_buckets_at_once_where_less_than_a_tenth_report() -> None:
    for low, rate in ((4799, "0.0963075"), (10**6, "0.000511173")):  # 9 times 511.435 is 4602.9
        _, lines = derived(AT_ONCE, low)
        assert lines[:3] == (*TEXTBOOK, f"r = n0/(N + n0) = 511.435/({low:,} + 511.435) = {rate}")
        assert len(lines) == 4


def test_all_buckets_at_once_where_more_report() -> None:
    planned, lines = derived(AT_ONCE, 4000)
    # 8 (511.435/4000 - 1/9) = .134
    assert lines[:3] == (
        TEXTBOOK[0],
        "n0 = T/e² + 2, and more as counts are few, = 511.569",
        "r = n0/(N + n0) = 511.569/(4,000 + 511.569) = 0.11339",
    )
    assert len(lines) == 4
    assert planned.method == "closed form"
    planned, lines = derived(AT_ONCE, 400)
    # 8 (511.435/400 - 1/9) = 9.340
    assert lines[:4] == (
        TEXTBOOK[0],
        "n0 = T/e² + 2, and more as counts are few, = 520.774",
        "r = n0/(N + n0) = 520.774/(400 + 520.774) = 0.565583",
        (
            "r = this, or the least rate for each bucket's part of α if that is higher,"
            f" = {planned.required:.6g}"
        ),
    )
    assert len(lines) == 5


@pytest.mark.parametrize("margin", ["0.3", "0.4"])
def test_all_buckets_at_once_to_within_a_wide_margin(margin: str) -> None:
    _, lines = derived(replace(AT_ONCE, margin=Fraction(margin)), 10**6)
    assert lines[1] == "n0 = T/e² + 2 = 1.27359/0.3² + 2 = 16.151"


def test_all_buckets_at_once_that_may_coincide() -> None:
    planned, lines = derived(AT_ONCE, 300, exclusive=False)
    # z²(1/12 + 3n/(4N) + n²/(10N²)) = 6.23853 (.083333 + 1.559633 + .432436) = 12.9475
    assert lines == (
        "confidence of each bucket: 1 - (1 - 0.95)/4 = 0.9875",
        "z = 2.49771, the normal quantile for 0.9875, two-sided",
        "n = z²/(4e²) = 2.49771²/(4 × 0.05²) = 623.853",
        "c = 13.9475, for few reports vary in number: 2, or 1 + z²(1/12 + 3n/(4N) + n²/(10N²))",
        (
            "n0 = n + (1 + n/N)/(4e) + c"
            " = 623.853 + (1 + 623.853/300)/(4 × 0.05) + 13.9475 = 653.198"
        ),
        "r = n0/(N + n0) = 653.198/(300 + 653.198) = 0.68527",
        f"r = the least rate, by exact calculation for every share, = {planned.required:.6g}",
        "one report at least: 1 - (1 - 0.95)^(1/N) = 0.00993608",
    )


def test_reports_that_vary_a_little_more_in_number() -> None:
    _, lines = derived(Margin(margin=Fraction(1, 20), confidence=Fraction(95, 100)), 900)
    # z²(1/12 + 3n/(4N) + n²/(10N²)) = 3.84146 (.083333 + .320121 + .018218) = 1.61984
    assert lines[2:4] == (
        "c = 2.61984, for few reports vary in number: 2, or 1 + z²(1/12 + 3n/(4N) + n²/(10N²))",
        ("n0 = n + (1 + n/N)/(4e) + c = 384.146 + (1 + 384.146/900)/(4 × 0.05) + 2.61984 = 393.9"),
    )


def test_small_shares_of_few() -> None:
    accuracy = RelativeMargin(
        relative_margin=Fraction(1, 2), smallest_share=Fraction(1, 10), confidence=Fraction(95, 100)
    )
    planned, lines = derived(accuracy, 300)
    assert planned.method == "exact"
    assert lines == (
        "the smallest share is that of M = ⌈0.1 × 300⌉ = 30: p = M/N = 0.1",
        "z = 1.95996, the normal quantile for 0.95, two-sided",
        (
            "n0 = (z²(1 - p)/ρ² + 1/(4ρ) + 1)/p"
            " = (1.95996² × (1 - 0.1)/0.5² + 1/(4 × 0.5) + 1)/0.1 = 153.293"
        ),
        "r = n0/(N + n0) = 153.293/(300 + 153.293) = 0.338176",
        f"r = the least rate, by exact calculation for every share, = {planned.required:.6g}",
        "one report of the smallest share at least: 1 - (1 - 0.95)^(1/M) = 0.0950339",
    )


def test_small_shares_of_many() -> None:
    accuracy = RelativeMargin(
        relative_margin=Fraction(1, 100), smallest_share=Fraction(1, 2), confidence=Fraction(9, 10)
    )
    planned, lines = derived(accuracy, 10**7)
    assert planned.method == "closed form"
    assert lines[-2].startswith("r = n0/(N + n0) = ")


def test_a_change_in_just_enough_installations() -> None:
    accuracy = Change(change=Fraction(1, 5), power=Fraction(9, 10), confidence=Fraction(95, 100))
    _, lines = derived(accuracy, 20)
    assert lines == (
        "in each of two periods; N is that of one, δ = 0.2",
        "z(α/2) = 1.95996, the normal quantile for 0.95, two-sided",
        "z(β) = 1.28155, the normal quantile for 0.9",
        (
            "n = (z(α/2)√(1/2) + z(β)√((1 - δ²)/2))²/δ²"
            " = (1.95996√(1/2) + 1.28155√((1 - 0.2²)/2))²/0.2² = 129.253"
        ),
        (
            "n0 = n + (3 + (z(α/2) + z(β))²/8)(1 + n/N) + (n/N)²/2"
            " = 129.253 + (3 + (1.95996 + 1.28155)²/8)(1 + 129.253/20)"
            " + (129.253/20)²/2 = 182.325"
        ),
        "r = n0/(N + n0) = 182.325/(20 + 182.325) = 0.901149",
        "noticed: a difference of z(α/2)√((1 - r)/4 × (1/(n1 - 1) + 1/(n2 - 1))) or more",
    )
