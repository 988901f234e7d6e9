"""Laws that hold whatever the target: what asks for more never gets less.

Where most of a small population reports, the least rate itself is not monotone in the population
(margin .023 at 80 %: .891 for 100 installations, .895 for 101), since shares are whole numbers of
installations. So laws about the population are told for the cap of one tenth. A smallest share is
that of a whole number of installations too, and it sinks while that number stays; by so little, at
that cap, that no example here shows it.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chartconfig.sampling import proportion
from chartconfig.sampling.accuracy import (
    Accuracy,
    Change,
    Detect,
    DistributionMargin,
    Margin,
    RelativeMargin,
)
from chartconfig.sampling.inverse import first_number, least_margin
from chartconfig.sampling.plan import Limits, PlannedRate, Target, plan_rate
from chartconfig.sampling.population import Population, lower_quantile
from chartconfig.sampling.required import value_of, with_value
from chartconfig.sampling.rounding import decimal_fraction, round_down, round_up

ANY, TENTH = Limits(cap=Fraction(1)), Limits(cap=Fraction(1, 10))
CONFIDENCES = st.sampled_from([Fraction(c) for c in (".8", ".9", ".95", ".99", ".999")])
MARGINS = st.integers(5, 250).map(lambda permille: Fraction(permille, 1000))
POPULATIONS = st.floats(1.3, 9).map(lambda digits: int(10**digits))

laws = settings(max_examples=40, deadline=None)


@st.composite
def accuracies(draw: st.DrawFn) -> Accuracy:
    confidence = draw(CONFIDENCES)
    match draw(st.integers(0, 6)):
        case 0:
            return Margin(margin=draw(MARGINS), confidence=confidence)
        case 1:
            return Margin(margin=draw(MARGINS), confidence=confidence, simultaneous=True)
        case 2:
            reports = draw(st.integers(1, 9))
            return Detect(detect=draw(MARGINS), confidence=confidence, reports=reports)
        case 3:
            return Margin(margin=draw(MARGINS), confidence=confidence, guaranteed=True)
        case 4:
            return Change(change=draw(MARGINS), confidence=confidence, power=draw(CONFIDENCES))
        case 5:
            return RelativeMargin(
                relative_margin=draw(MARGINS), smallest_share=draw(MARGINS), confidence=confidence
            )
        case _:
            return DistributionMargin(distribution_margin=draw(MARGINS), confidence=confidence)


def planned(accuracy: Accuracy, population: int, limits: Limits = ANY) -> PlannedRate:
    target = Target(
        key="chart",
        accuracy=accuracy,
        population=Population(low=population, likely=population, high=population),
        buckets=5,
        exclusive=True,
        counters=(),
        mean=getattr(accuracy, "guaranteed", False),
    )
    return plan_rate(target, limits=limits)


def rate(accuracy: Accuracy, population: int, limits: Limits = ANY) -> float:
    return planned(accuracy, population, limits).rate


@laws
@given(accuracies(), POPULATIONS, st.integers(101, 300))
def test_a_narrower_margin_never_lowers_the_rate(
    accuracy: Accuracy, population: int, percent: int
) -> None:
    changed = with_value(accuracy, value_of(accuracy) * Fraction(100, percent))
    assert rate(changed, population) >= rate(accuracy, population)


@laws
@given(accuracies(), POPULATIONS, CONFIDENCES)
def test_a_higher_confidence_never_lowers_the_rate(
    accuracy: Accuracy, population: int, confidence: Fraction
) -> None:
    low, high = sorted((accuracy.confidence, confidence))
    assert rate(replace(accuracy, confidence=high), population) >= rate(
        replace(accuracy, confidence=low), population
    )


@laws
@given(accuracies(), POPULATIONS, st.integers(101, 1000))
def test_a_smaller_population_never_lowers_the_rate(
    accuracy: Accuracy, population: int, percent: int
) -> None:
    larger = -(-population * percent // 100)
    assert rate(accuracy, population, TENTH) >= rate(accuracy, larger, TENTH)


@laws
@given(accuracies(), POPULATIONS, st.integers(2, 60))
def test_more_weeks_never_raise_the_rate(accuracy: Accuracy, population: int, weeks: int) -> None:
    pooled = replace(accuracy, weeks=weeks)
    assert rate(pooled, population, TENTH) <= rate(accuracy, population, TENTH)


@laws
@given(accuracies(), POPULATIONS, st.integers(1, 99))
def test_groups_never_lower_the_rate(accuracy: Accuracy, population: int, percent: int) -> None:
    grouped = replace(accuracy, for_each=("os",), smallest_group=Fraction(percent, 100))
    assert rate(grouped, population, TENTH) >= rate(accuracy, population, TENTH)


@laws
@given(accuracies(), POPULATIONS, st.integers(2, 12), st.integers(2, 12))
def test_more_groups_at_once_never_lower_the_rate(
    accuracy: Accuracy, population: int, some: int, others: int
) -> None:
    few, many = sorted((some, others))
    each = replace(accuracy, for_each=("os",), smallest_group=Fraction(1, many))
    at_once = rate(replace(each, groups=few), population, TENTH)
    assert rate(each, population, TENTH) <= at_once
    assert at_once <= rate(replace(each, groups=many), population, TENTH)


@laws
@given(MARGINS, CONFIDENCES, CONFIDENCES, CONFIDENCES, POPULATIONS)
def test_more_power_never_lowers_the_rate(
    margin: Fraction, confidence: Fraction, some: Fraction, other: Fraction, population: int
) -> None:
    low, high = sorted((some, other))
    accuracy = Change(change=margin, confidence=confidence, power=low)
    assert rate(accuracy, population) <= rate(replace(accuracy, power=high), population)


@laws
@given(MARGINS, CONFIDENCES, POPULATIONS)
def test_a_guarantee_never_costs_less(
    margin: Fraction, confidence: Fraction, population: int
) -> None:
    accuracy = Margin(margin=margin, confidence=confidence)
    guaranteed = replace(accuracy, guaranteed=True)
    assert rate(accuracy, population, TENTH) <= rate(guaranteed, population, TENTH)


@laws
@given(st.floats(1, 1e9), st.floats(0, 3), st.floats(0.5, 0.999), st.floats(0.5, 0.999))
def test_more_assurance_is_of_fewer_installations(
    likely: float, cv: float, some: float, other: float
) -> None:
    low, high = sorted((some, other))
    sure = lower_quantile(likely=likely, cv=cv, assurance=high)
    assert sure <= lower_quantile(likely=likely, cv=cv, assurance=low) <= likely


@laws
@given(MARGINS, CONFIDENCES, POPULATIONS)
def test_all_buckets_at_once_never_need_less_than_each(
    margin: Fraction, confidence: Fraction, population: int
) -> None:
    each = Margin(margin=margin, confidence=confidence)
    assert rate(replace(each, simultaneous=True), population) >= rate(each, population)


@settings(max_examples=20, deadline=None)
@given(MARGINS, CONFIDENCES, POPULATIONS)
def test_the_margin_of_a_rate_that_was_planned_is_at_most_the_margin_asked(
    margin: Fraction, confidence: Fraction, population: int
) -> None:
    emitted = round_up(proportion.sample_rate(margin, confidence=confidence, population=population))
    reached = proportion.margin_of_error(emitted, confidence=confidence, population=population)
    assert reached is not None
    assert decimal_fraction(reached) <= margin


@settings(max_examples=15, deadline=None)
@given(accuracies(), st.floats(1.3, 4.5).map(lambda digits: int(10**digits)))
def test_each_way_out_of_a_shortfall_is_one_and_less_is_none(
    accuracy: Accuracy, population: int
) -> None:
    short = planned(accuracy, population, TENTH).shortfall
    assume(short is not None)
    assert short is not None
    assert short.weeks is not None
    assert short.population is not None
    assert planned(replace(accuracy, weeks=short.weeks), population, TENTH).shortfall is None
    assert planned(accuracy, short.population, TENTH).shortfall is None
    if not isinstance(accuracy, RelativeMargin):  # whose ways out are told in closed form
        assert planned(replace(accuracy, weeks=short.weeks - 1), population, TENTH).shortfall
        assert planned(accuracy, short.population - 1, TENTH).shortfall
    if short.reachable is not None:
        assert (
            planned(
                with_value(accuracy, decimal_fraction(short.reachable)), population, TENTH
            ).shortfall
            is None
        )


@given(st.floats(1e-12, 1))
def test_rounding_up_is_never_below_never_far_and_of_four_digits(number: float) -> None:
    rounded = round_up(number)
    assert number <= rounded <= number * 1.001001
    assert len(Decimal(repr(rounded)).normalize().as_tuple().digits) <= 4
    assert round_up(rounded) == rounded


@given(st.fractions(Fraction(1, 10**9), 1))
def test_rounding_down_is_never_above(number: Fraction) -> None:
    rounded = decimal_fraction(round_down(number))
    assert number * Fraction(998, 1000) < rounded <= number


@given(st.floats(1e-9, 1))
def test_the_first_number_is_the_one_rounded_up(threshold: float) -> None:
    found = first_number(lambda number: number >= threshold, low=1e-10, high=1, near=0.01)
    assert found == round_up(threshold)


@given(st.fractions(Fraction(1, 10**8), Fraction(9, 10)))
def test_the_least_margin_holds_and_the_one_before_does_not(threshold: Fraction) -> None:
    found = least_margin(lambda margin: margin >= threshold)
    assert found is not None
    assert threshold <= decimal_fraction(found) < threshold * Fraction(102, 100)
