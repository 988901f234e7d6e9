"""Reference cases of tests/vectors/sampling.json, and published tables."""

from __future__ import annotations

import json
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from chartconfig.sampling import (
    change,
    detection,
    distribution,
    mean,
    proportion,
    relative,
    simultaneous,
)
from chartconfig.sampling.accuracy import Margin
from chartconfig.sampling.inverse import least_count
from chartconfig.sampling.population import lower_quantile
from chartconfig.sampling.required import Question, required_rate
from chartconfig.sampling.rounding import round_up

VECTORS = Path(__file__).parents[1] / "vectors" / "sampling.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]


def of(kind: str) -> list[Any]:
    return [pytest.param(c["inputs"], c["expect"], id=c["id"]) for c in CASES if c["kind"] == kind]


def tolerance(kind: str) -> float:
    return max(float(case["tol"]) for case in CASES if case["kind"] == kind)


def exact(inputs: dict[str, Any]) -> tuple[Fraction, Fraction, int]:
    return Fraction(inputs["eps"]), Fraction(inputs["conf"]), inputs["N"]


@pytest.mark.parametrize(("inputs", "expect"), of("share"))
def test_a_rate_is_at_least_the_least_and_at_most_half_a_percent_more(
    inputs: dict[str, Any], expect: dict[str, Any]
) -> None:
    margin, confidence, population = exact(inputs)
    least = expect["min_rate"]
    emitted = round_up(proportion.sample_rate(margin, confidence=confidence, population=population))
    assert least <= emitted <= 1.005 * least


@pytest.mark.parametrize(("inputs", "expect"), of("share"))
def test_the_worst_share_is_just_covered_at_the_least_rate(
    inputs: dict[str, Any], expect: dict[str, Any]
) -> None:
    margin, confidence, population = exact(inputs)
    covered = proportion.coverage(
        expect["worst_M"], rate=expect["min_rate"], margin=margin, population=population
    )
    assert covered == pytest.approx(float(confidence), abs=1e-5)


@pytest.mark.parametrize(("inputs", "expect"), of("share"))
def test_the_closed_form_of_a_share(inputs: dict[str, Any], expect: dict[str, Any]) -> None:
    margin, confidence, population = exact(inputs)
    closed = proportion.closed_form(margin, confidence=confidence, population=population)
    size = closed.size - closed.few + 2  # the vectors have 2 for few reports, too
    assert size / (population + size) == pytest.approx(expect["rate_closed"], 1e-12)
    assert closed.few >= 2
    normal = closed.normal_size / (population + closed.normal_size)
    assert normal == pytest.approx(expect["rate_normal"], 1e-12)


@pytest.mark.parametrize(("inputs", "expect"), of("share"))
def test_the_normal_rate_of_the_textbook_misses_its_promise(
    inputs: dict[str, Any], expect: dict[str, Any]
) -> None:
    margin, confidence, population = exact(inputs)
    worst = proportion.worst_coverage(
        rate=expect["rate_normal"], margin=margin, population=population
    )
    assert worst < confidence
    assert worst == pytest.approx(expect["worst_cov_at_normal"], abs=3e-4)


@pytest.mark.parametrize(("inputs", "expect"), of("coverage"))
def test_coverage(inputs: dict[str, Any], expect: dict[str, Any]) -> None:
    covered = proportion.coverage(
        inputs["M"],
        rate=inputs["rate"],
        margin=Fraction(inputs["eps"]),
        population=inputs["N"],
    )
    assert covered == pytest.approx(expect["coverage"], abs=1e-11)


@pytest.mark.parametrize(("inputs", "expect"), of("share_range"))
def test_coverage_of_the_worst_share_of_a_range(
    inputs: dict[str, Any], expect: dict[str, Any]
) -> None:
    margin, confidence, population = exact(inputs)
    covered = proportion.coverage(
        expect["worst_M"], rate=expect["min_rate"], margin=margin, population=population
    )
    assert covered == pytest.approx(float(confidence), abs=tolerance("share_range"))
    at_normal = proportion.coverage(
        expect["worst_M"], rate=expect["rate_normal"], margin=margin, population=population
    )
    assert at_normal == pytest.approx(expect["worst_cov_at_normal"], abs=5e-3)


@pytest.mark.parametrize(("inputs", "expect"), of("margin"))
def test_the_margin_that_a_rate_gives(inputs: dict[str, Any], expect: dict[str, Any]) -> None:
    margin = proportion.margin_of_error(
        inputs["rate"], confidence=Fraction(inputs["conf"]), population=inputs["N"]
    )
    assert margin is not None
    step = float(inputs["step"])
    assert expect["margin_exact"] - step < margin <= 1.01 * expect["margin_exact"]


@pytest.mark.parametrize(("inputs", "expect"), of("detect"))
def test_detection(inputs: dict[str, Any], expect: dict[str, Any]) -> None:
    chances = detection.chances(
        Fraction(inputs["p"]), population=inputs["N"], weeks=inputs["weeks"]
    )
    assert chances == expect["carriers"] * inputs["weeks"]
    rate = detection.sample_rate(
        reports=inputs["m"], confidence=Fraction(inputs["conf"]), chances=chances
    )
    assert rate == pytest.approx(expect["min_rate"], rel=tolerance("detect"))


@pytest.mark.parametrize(("inputs", "expect"), of("thompson"))
def test_thompson(inputs: dict[str, Any], expect: dict[str, Any]) -> None:
    constant = simultaneous.thompson(inputs["alpha"])
    assert constant == pytest.approx(expect["d2n"], rel=1e-12)
    assert (abs(constant - expect["published"]) > 1e-5) == expect["misprint"]


@pytest.mark.parametrize(("inputs", "expect"), of("partition_n0"))
def test_partitions(inputs: dict[str, Any], expect: dict[str, Any]) -> None:
    margin, confidence, population = exact(inputs)
    size = simultaneous.sample_size(margin, confidence=confidence, population=population)
    assert size - 2 == pytest.approx(expect["n0"], rel=1e-12)
    rate = simultaneous.sample_rate(
        margin, confidence=confidence, population=population, buckets=inputs["k"], exclusive=True
    )
    assert expect["rate"] < rate < expect["rate"] * size / (size - 2)


@pytest.mark.parametrize(("inputs", "expect"), of("partition_cov"))
def test_partitions_are_planned_above_every_rate_that_fails(
    inputs: dict[str, Any], expect: dict[str, Any]
) -> None:
    margin, confidence, population = exact(inputs)
    rate = simultaneous.sample_rate(
        margin, confidence=confidence, population=population, buckets=inputs["k"], exclusive=True
    )
    assert expect["reaches_conf"] or rate > inputs["rate"]


@pytest.mark.parametrize(("inputs", "expect"), of("cdf"))
def test_distributions(inputs: dict[str, Any], expect: dict[str, Any]) -> None:
    margin, confidence, _ = exact(inputs)
    size = distribution.sample_size(margin, confidence=confidence)
    assert size - 2 == pytest.approx(expect["n0_dkw"], rel=1e-12)
    assert size - 2 >= expect["n_kolmogorov_iid"] - 1


@pytest.mark.parametrize(("inputs", "expect"), of("cdf_exact"))
def test_distributions_are_covered(inputs: dict[str, Any], expect: dict[str, Any]) -> None:
    margin, confidence, population = exact(inputs)
    rate = distribution.sample_rate(margin, confidence=confidence, population=population)
    assert rate > max(expect["rate_dkw"], expect["min_rate"])


@pytest.mark.parametrize(("inputs", "expect"), of("relative"))
def test_relative_margins(inputs: dict[str, Any], expect: dict[str, Any]) -> None:
    smallest, population = Fraction(inputs["p_min"]), inputs["N"]
    rate = relative.sample_rate(
        Fraction(inputs["rho"]),
        smallest_share=smallest,
        confidence=Fraction(inputs["conf"]),
        population=population,
    )
    assert rate >= expect["min_rate"] * (1 - tolerance("relative"))
    at_least_50_report = rate * smallest * population >= 50
    assert rate <= (1.005 if at_least_50_report else 1.59) * expect["min_rate"]


@pytest.mark.parametrize(("inputs", "expect"), of("mean"))
def test_guaranteed_means(inputs: dict[str, Any], expect: dict[str, Any]) -> None:
    margin, confidence, population = exact(inputs)
    rate = mean.sample_rate(margin, confidence=confidence, population=population)
    assert rate == pytest.approx(expect["rate_hoeffding_serfling"], rel=tolerance("mean"))
    size = mean.sample_size(margin, confidence=confidence)
    assert size / (population + size) == pytest.approx(expect["rate_hoeffding_closed"], rel=1e-12)
    of_a_share = proportion.sample_rate(margin, confidence=confidence, population=population)
    assert expect["rate_normal"] < of_a_share < rate


@pytest.mark.parametrize(("inputs", "expect"), of("change"))
def test_changes(inputs: dict[str, Any], expect: dict[str, Any]) -> None:
    delta, confidence = Fraction(inputs["delta"]), 1 - Fraction(str(inputs["alpha"]))
    power, population = Fraction(str(inputs["power"])), inputs["N"]
    half = float(delta) / 2
    size = change.normal_size(
        before=0.5 - half if inputs["p1"] is None else inputs["p1"],
        after=0.5 + half if inputs["p2"] is None else inputs["p2"],
        confidence=confidence,
        power=power,
    )
    assert size == pytest.approx(expect["n0"], rel=tolerance("change"))
    corrected = change.with_continuity_correction(size, change=float(delta))
    assert corrected == pytest.approx(expect["n0_continuity"], rel=tolerance("change"))
    rate = change.sample_rate(delta, confidence=confidence, power=power, population=population)
    assert rate > expect["rate"]
    assert inputs["p1"] or rate <= 1.005 * expect["rate"]


def test_fleiss() -> None:
    """*Statistical Methods for Rates and Proportions*, 2nd ed. (1981), table A.3."""
    size = change.normal_size(
        before=0.6, after=0.7, confidence=Fraction(99, 100), power=Fraction(95, 100)
    )
    assert round(change.with_continuity_correction(size, change=0.1)) == 827


@pytest.mark.parametrize(("inputs", "expect"), of("uncertain_N"))
def test_uncertain_populations(inputs: dict[str, Any], expect: dict[str, Any]) -> None:
    low = lower_quantile(likely=inputs["N_median"], cv=inputs["cv"], assurance=inputs["assurance"])
    assert low == pytest.approx(expect["N_quantile"], rel=tolerance("uncertain_N"))
    closed = proportion.closed_form(
        Fraction(inputs["eps"]), confidence=Fraction(inputs["conf"]), population=int(low)
    )
    normal = closed.normal_size / (low + closed.normal_size)
    assert normal == pytest.approx(expect["rate_normal"], rel=tolerance("uncertain_N"))


@pytest.mark.parametrize(("inputs", "expect"), of("window"))
def test_weeks_multiply_the_population(inputs: dict[str, Any], expect: dict[str, Any]) -> None:
    margin, confidence, population = exact(inputs)
    accuracy = Margin(margin=margin, confidence=confidence, weeks=inputs["weeks"])
    rate = required_rate(Question(accuracy=accuracy), installations=population)
    pooled = proportion.sample_rate(
        margin, confidence=confidence, population=population * inputs["weeks"]
    )
    closed = proportion.closed_form(
        margin, confidence=confidence, population=population * inputs["weeks"]
    )
    assert rate == pooled
    normal = closed.normal_size / (population * inputs["weeks"] + closed.normal_size)
    assert normal == pytest.approx(expect["rate_normal"], rel=1e-9)


@pytest.mark.parametrize(("inputs", "expect"), of("subgroup"))
def test_groups_divide_the_population(inputs: dict[str, Any], expect: dict[str, Any]) -> None:
    margin, confidence, population = exact(inputs)
    accuracy = Margin(
        margin=margin,
        confidence=confidence,
        for_each=("os",),
        smallest_group=Fraction(inputs["share"]),
    )
    rate = required_rate(Question(accuracy=accuracy), installations=population)
    assert rate == proportion.sample_rate(margin, confidence=confidence, population=expect["N_s"])
    closed = proportion.closed_form(margin, confidence=confidence, population=expect["N_s"])
    assert closed.rate == pytest.approx(expect["rate_closed"], rel=1e-9)


@pytest.mark.parametrize(("inputs", "expect"), of("min_population"))
def test_nine_times_the_sample_at_a_cap_of_a_tenth(
    inputs: dict[str, Any], expect: dict[str, Any]
) -> None:
    margin, confidence = Fraction(inputs["eps"]), Fraction(inputs["conf"])
    closed = proportion.closed_form(margin, confidence=confidence, population=10**12)
    assert ceil(9 * closed.normal_size) == expect["N"]
    needed = least_count(
        lambda population: proportion.suffices(
            inputs["cap"], margin=margin, confidence=confidence, population=population
        )
    )
    assert needed is not None
    assert expect["N"] < needed < 1.05 * expect["N"] + 30


@pytest.mark.parametrize(("inputs", "expect"), of("min_population_one_report"))
def test_population_for_one_report(inputs: dict[str, Any], expect: dict[str, Any]) -> None:
    confidence = Fraction(inputs["conf"])
    needed = least_count(
        lambda population: (
            proportion.one_report_rate(confidence=confidence, population=population)
            <= inputs["cap"]
        )
    )
    assert needed == expect["N"]


@pytest.mark.parametrize(("inputs", "expect"), of("wrong_N"))
def test_an_overestimated_population_costs_coverage(
    inputs: dict[str, Any], expect: dict[str, Any]
) -> None:
    margin = Fraction(inputs["eps"])
    worst = proportion.worst_coverage(
        rate=inputs["rate"], margin=margin, population=inputs["N_true"]
    )
    assert worst == pytest.approx(expect["coverage_at_half"], abs=1e-3)


@pytest.mark.parametrize(("inputs", "expect"), of("krejcie_morgan"))
def test_a_table_rounded_to_nearest_asks_too_few(
    inputs: dict[str, Any], expect: dict[str, Any]
) -> None:
    population = inputs["N"]
    size = 3.841 * population * 0.25 / (0.0025 * (population - 1) + 3.841 * 0.25)
    assert size == pytest.approx(expect["formula"], rel=1e-12)
    assert (expect["S"] < size) == expect["rounded_down"]
    rate = proportion.sample_rate(
        Fraction(1, 20), confidence=Fraction(95, 100), population=population
    )
    assert rate * population > size
