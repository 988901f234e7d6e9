"""A plan that fits a budget: what each chart gives up, and that what is left is a promise."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chartconfig.sampling.accuracy import Accuracy, Detect, DistributionMargin, Margin
from chartconfig.sampling.budget import BudgetPlan, fit, plan_for_budget
from chartconfig.sampling.plan import Limits, Target, plan, question_of
from chartconfig.sampling.population import Population
from chartconfig.sampling.required import improved, reachable
from chartconfig.sampling.rounding import round_down, round_up

TENTH = Limits(cap=Fraction(1, 10))
ONE_PERCENT = Margin(margin=Fraction(1, 100), confidence=Fraction(99, 100))
DISTRIBUTION = DistributionMargin(distribution_margin=Fraction(1, 50), confidence=Fraction(19, 20))
DETECT = Detect(detect=Fraction(1, 1000), confidence=Fraction(19, 20))

RATES = st.lists(
    st.tuples(
        st.sampled_from(["go", "gopls", "vscgo"]),
        st.floats(1e-6, 1).map(round_up),
    ),
    min_size=1,
    max_size=8,
)
LIMITS = st.floats(1e-7, 1).map(round_up)

laws = settings(max_examples=200, deadline=None)


def target(
    accuracy: Accuracy, low: int = 10**6, *, program: str = "gopls", accept: bool = False
) -> Target:
    return Target(
        key=program,
        accuracy=accuracy,
        population=Population(low=low, likely=2 * low, high=3 * low),
        buckets=4,
        exclusive=True,
        counters=((program, f"{program}/x"),),
        accept_shortfall=accept,
    )


def fitted(*targets: Target, reports: str, limits: Limits = TENTH) -> BudgetPlan:
    return plan_for_budget(targets, limits=limits, reports_per_year=Fraction(reports))


def odds(rate: float) -> Fraction:
    exact = Fraction(repr(min(rate, 0.9999)))
    return exact / (1 - exact)


class TestFit:
    @laws
    @given(RATES, LIMITS)
    def test_no_rate_is_above_the_limit_or_above_what_was_asked(
        self, rates: list[tuple[str, float]], limit: float
    ) -> None:
        for (_, asked), given_ in zip(rates, fit(rates, limit=limit).rates, strict=True):
            assert 0 < given_ <= min(asked, limit)

    @laws
    @given(RATES)
    def test_nothing_changes_where_all_fit(self, rates: list[tuple[str, float]]) -> None:
        found = fit(rates, limit=max(rate for _, rate in rates))
        assert (found.widening, found.rates) == (1, tuple(rate for _, rate in rates))

    @laws
    @given(RATES, LIMITS)
    def test_nobody_gets_less_than_the_widened_rate(
        self, rates: list[tuple[str, float]], limit: float
    ) -> None:
        found = fit(rates, limit=limit)
        squared = Fraction(found.widening) ** 2
        for (_, asked), given_ in zip(rates, found.rates, strict=True):
            assert odds(given_) >= odds(asked) / squared * (1 - Fraction(1, 10**9))

    @laws
    @given(RATES, LIMITS)
    def test_no_factor_smaller_than_this_would_do(
        self, rates: list[tuple[str, float]], limit: float
    ) -> None:
        found = fit(rates, limit=limit)
        if found.widening > 1:
            smaller = (Fraction(found.widening) * Fraction(999, 1000)) ** 2
            assert max(odds(rate) / smaller for _, rate in rates) > odds(limit)

    @laws
    @given(RATES, LIMITS, LIMITS)
    def test_a_larger_limit_takes_nothing_from_anybody(
        self, rates: list[tuple[str, float]], one: float, other: float
    ) -> None:
        tight, loose = (fit(rates, limit=limit) for limit in sorted((one, other)))
        assert tight.widening >= loose.widening
        assert all(less <= more for less, more in zip(tight.rates, loose.rates, strict=True))

    @laws
    @given(RATES, LIMITS)
    def test_what_was_given_back_costs_no_program_a_report(
        self, rates: list[tuple[str, float]], limit: float
    ) -> None:
        found = fit(rates, limit=limit)
        assume(found.widening > 1)
        squared = Fraction(found.widening) ** 2
        for program in {name for name, _ in rates}:
            pairs = zip(rates, found.rates, strict=True)
            own = [(asked, given_) for (name, asked), given_ in pairs if name == program]
            widened = odds(max(asked for asked, _ in own)) / squared
            cut = max(given_ for _, given_ in own)
            assert cut <= round_up(float(widened / (1 + widened))) * (1 + 1e-9)
            assert all(given_ == min(asked, cut) for asked, given_ in own)

    def test_two_programs_by_hand(self) -> None:
        # odds 1/4 at .2 must become 1/9 at .1: squared = 9/4; those of .05 become 4/171, of a rate
        # of 4/175 = .022857...
        found = fit([("gopls", 0.2), ("gopls", 0.05), ("go", 0.05)], limit=0.1)
        assert found.widening == pytest.approx(1.5, rel=1e-12)
        assert found.rates == (0.1, 0.05, 0.02286)

    def test_no_charts(self) -> None:
        assert fit([], limit=0.1).widening == 1


class TestPlan:
    def test_what_is_promised_is_what_the_rate_gives(self) -> None:
        asked = [
            target(ONE_PERCENT),
            target(DISTRIBUTION, program="go"),
            target(DETECT, program="vscgo"),
            target(Margin(margin=Fraction(1, 10), confidence=Fraction(9, 10)), 900, program="dlv"),
        ]
        found = fitted(*asked, reports="0.1")
        assert found.plan.reports_per_year <= 0.1
        for each, rate in zip(asked, found.plan.rates, strict=True):
            question = question_of(each)
            low, likely = each.population.low, each.population.likely
            at_low = reachable(rate.rate, question, installations=low)
            assert rate.achieved_at_low == at_low
            if at_low is None:
                at_likely = reachable(rate.rate, question, installations=likely)
            else:
                at_likely = improved(at_low, rate.rate, question, installations=low, more=likely)
            assert rate.achieved_at_likely == at_likely
            assert rate.expected_reports == rate.rate * each.population.likely

    def test_margins_grow_by_the_factor_and_shares_to_detect_by_its_square(self) -> None:
        found = fitted(target(ONE_PERCENT), target(DETECT, program="go"), reports="0.2125")
        # of odds .01635/.98365 and, at .2125/52 = .004086, .004086/.995914
        assert found.widening == pytest.approx(2.0128, abs=0.0001)
        margin, share = (rate.achieved_at_low for rate in found.plan.rates)
        assert margin == pytest.approx(0.01 * found.widening, rel=0.01)
        assert share == pytest.approx(0.001 * found.widening**2, rel=0.01)

    def test_is_the_ordinary_plan_where_that_fits(self) -> None:
        asked = [target(ONE_PERCENT), target(DETECT, program="go")]
        found = fitted(*asked, reports="52")
        assert found == BudgetPlan(widening=1.0, plan=plan(asked, limits=TENTH))

    def test_what_cannot_be_promised_any_more_is_nothing(self) -> None:
        small = Margin(margin=Fraction(1, 5), confidence=Fraction(95, 100))
        found = fitted(target(small, 400), reports="0.01")
        (rate,) = found.plan.rates
        assert (rate.rate, rate.achieved_at_low) == (round_down(Fraction(1, 5200)), None)

    def test_nobody_gives_way_to_what_the_cap_alone_forbids(self) -> None:
        hopeless = target(ONE_PERCENT, 1000, program="go")
        found = fitted(hopeless, target(ONE_PERCENT), reports="2.6")
        # .1 has odds of 1/9, and .05 of 1/19; 9/19 of those of .01635 are those of .00781196
        assert found.widening**2 == pytest.approx(19 / 9)
        assert [rate.rate for rate in found.plan.rates] == [0.05, 0.007812]

    def test_nor_to_a_shortfall_that_is_accepted(self) -> None:
        limits = Limits(cap=Fraction(1, 10), max_reports_per_year=Fraction(1))
        small, large = target(ONE_PERCENT, 200_000, accept=True), target(ONE_PERCENT, program="go")
        found = fitted(small, large, reports="1", limits=limits)
        assert found.widening == 1
        assert [rate.rate for rate in found.plan.rates] == [0.01923, 0.01635]

    def test_a_larger_budget_than_that_of_the_files_lifts_it(self) -> None:
        limits = Limits(cap=Fraction(1, 10), max_reports_per_year=Fraction(1))
        small = target(ONE_PERCENT, 200_000, accept=True)
        assert [rate.rate for rate in fitted(small, reports="2", limits=limits).plan.rates] == [
            round_down(Fraction(2, 52))
        ]

    def test_a_shortfall_that_nobody_accepts_widens_all(self) -> None:
        limits = Limits(cap=Fraction(1, 10), max_reports_per_year=Fraction(1))
        small, large = target(ONE_PERCENT, 200_000), target(ONE_PERCENT, program="go")
        found = fitted(small, large, reports="1", limits=limits)
        first, second = found.plan.rates
        assert first.rate == round_down(Fraction(1, 52))
        assert second.achieved_at_low == pytest.approx(0.01 * found.widening, rel=0.01)
        assert found.widening > 2

    def test_a_chart_gets_back_what_costs_its_program_no_report(self) -> None:
        rare = replace(target(DETECT), counters=(("gopls", "gopls/y"),))
        asked = [target(ONE_PERCENT), rare, target(DETECT, program="go")]
        _, alone, _ = plan(asked, limits=TENTH).rates
        first, second, third = fitted(*asked, reports="0.5").plan.rates
        assert first.rate == round_down(Fraction(1, 104))
        assert third.rate < second.rate == alone.rate

    def test_a_counter_has_the_largest_rate_that_is_left(self) -> None:
        found = fitted(target(ONE_PERCENT), target(DETECT), reports="0.1")
        assert dict(found.plan.counter_rates) == {("gopls", "gopls/x"): 0.001923}
        assert found.plan.sample_rate == 0.001923
