"""Emitted rates against a second calculation that shares no code with the first."""

from __future__ import annotations

import random
from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction
from itertools import combinations_with_replacement

import pytest

from chartconfig.sampling import proportion, simultaneous
from chartconfig.sampling.accuracy import Accuracy, Detect, DistributionMargin, Margin
from chartconfig.sampling.plan import Limits, PlannedRate, Target, plan
from chartconfig.sampling.population import Population
from tests.oracle import sample_rates as oracle

EVERYTHING = Limits(cap=Fraction(1))
CONFIDENCES = tuple(Fraction(c) for c in (".8", ".9", ".95", ".99", ".999"))


def targets() -> list[Target]:
    """Return 200 targets, 50 of each kind, with populations from 20 to 1e9."""
    choose = random.Random(20240229)  # noqa: S311 - the same targets every time
    made: list[Target] = []
    for number in range(200):
        confidence = choose.choice(CONFIDENCES)
        margin = Fraction(round(10 ** choose.uniform(0, 2.4)), 1000)
        population = int(10 ** choose.uniform(1.31, 9))
        buckets, exclusive = choose.randint(1, 40), choose.random() < 0.8
        accuracy: Accuracy
        match number % 4:
            case 0:
                accuracy = Margin(margin=margin, confidence=confidence)
            case 1:
                accuracy = Margin(margin=margin, confidence=confidence, simultaneous=True)
            case 2:
                accuracy = Detect(
                    detect=min(Fraction(1, 2), Fraction(choose.randint(30, 3000), population)),
                    reports=choose.randint(1, 12),
                    weeks=choose.choice((1, 1, 4, 13)),
                    confidence=confidence,
                )
            case _:
                accuracy = DistributionMargin(distribution_margin=margin, confidence=confidence)
        made.append(
            Target(
                key=f"{number:03}-{type(accuracy).__name__}-{population}",
                accuracy=accuracy,
                population=Population(low=population, likely=population, high=population),
                buckets=buckets,
                exclusive=exclusive,
                counters=(),
            )
        )
    return made


def round_up(rate: float) -> float:
    return float(Context(prec=4, rounding=ROUND_CEILING).create_decimal(Decimal(rate)))


def floor(target: Target, population: int) -> float:
    return oracle.one_report_rate(confidence=target.accuracy.confidence, population=population)


def closed_rate(target: Target) -> float:
    accuracy, population = target.accuracy, target.population.low
    confidence = accuracy.confidence
    match accuracy:
        case DistributionMargin(distribution_margin=margin):
            size = oracle.distribution_size(margin, confidence=confidence)
        case Margin(margin=margin, simultaneous=True) if target.exclusive and target.buckets > 2:
            size = oracle.partition_size(margin, confidence=confidence, population=population)
        case Margin(margin=margin):
            size = oracle.one_bucket_size(
                margin, confidence=single_confidence(target), population=population
            )
        case Detect(reports=reports, weeks=weeks):
            return oracle.detection_rate(
                reports=reports,
                confidence=confidence,
                chances=-int(-accuracy.detect * population // 1) * weeks,
            )
        case _:
            raise AssertionError
    return max(oracle.fraction_of(size, population), floor(target, population))


def single_confidence(target: Target) -> Fraction:
    accuracy = target.accuracy
    if isinstance(accuracy, Margin) and accuracy.simultaneous and not target.exclusive:
        return 1 - (1 - accuracy.confidence) / target.buckets
    return accuracy.confidence


@pytest.mark.parametrize(
    ("target", "planned"),
    [
        pytest.param(target, planned, id=target.key)
        for made in [targets()]
        for target, planned in zip(made, plan(made, limits=EVERYTHING).rates, strict=True)
    ],
)
def test_200_rates(target: Target, planned: PlannedRate) -> None:
    accuracy, population = target.accuracy, target.population.low
    if planned.required is None:
        assert isinstance(accuracy, Detect)
        assert -(-accuracy.detect * population // 1) * accuracy.weeks < accuracy.reports
        return
    if planned.method == "closed form" or isinstance(accuracy, Detect):
        # Two calculations to some 1e-11 may fall on both sides of a four-digit number.
        again = closed_rate(target)
        assert planned.rate in {round_up(again * (1 - 1e-10)), round_up(again * (1 + 1e-10))}
        assert planned.rate >= again * (1 - 1e-10)
        return
    assert isinstance(accuracy, Margin)
    confidence = float(single_confidence(target))
    if planned.rate < 1:
        assert covered(planned.rate, accuracy.margin, population) >= confidence
    if target.exclusive and target.buckets > 2 and accuracy.simultaneous:
        assert planned.rate >= round_up(closed_rate(target))
    else:
        lower = planned.rate / 1.005
        assert any(
            covered(lower, accuracy.margin, population, most=most) < confidence
            for most in (400, 1600)  # the finer grid where the coarser has not found a witness
        )


def covered(rate: float, margin: Fraction, population: int, most: int = 400) -> float:
    return oracle.worst_coverage(rate=rate, margin=margin, population=population, most=most)


@pytest.mark.parametrize("population", [1, 2, 3, 7, 12])
@pytest.mark.parametrize("margin", [Fraction(1, 10), Fraction(1, 4), Fraction(1, 2)])
def test_coverage_against_rationals(population: int, margin: Fraction) -> None:
    for carriers in range(population + 1):
        for rate in (Fraction(1, 10), Fraction(1, 2), Fraction(9, 10), Fraction(1)):
            exact = oracle.rational_coverage(
                carriers, rate=rate, margin=margin, population=population
            )
            ours = proportion.coverage(
                carriers, rate=float(rate), margin=margin, population=population
            )
            assert ours == pytest.approx(float(exact), abs=1e-13)


@pytest.mark.parametrize("seed", range(40))
def test_coverage_against_scipy(seed: int) -> None:
    choose = random.Random(seed)  # noqa: S311 - the same cases every time
    population = int(10 ** choose.uniform(1, 9))
    rate = min(0.9, 10 ** choose.uniform(0.5, 3.5) / population)
    margin = Fraction(choose.randint(1, 300), 1000)
    carriers = choose.randint(0, population)
    ours = proportion.coverage(carriers, rate=rate, margin=margin, population=population)
    theirs = oracle.coverage(carriers, rate=rate, margin=margin, population=population)
    assert ours == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize("population", [2, 5, 9, 14])
@pytest.mark.parametrize(
    "margin", [Fraction(1, 20), Fraction(1, 5), Fraction(2, 5), Fraction(3, 4)]
)
@pytest.mark.parametrize("confidence", [Fraction(4, 5), Fraction(99, 100)])
def test_least_rates_of_small_populations(
    population: int, margin: Fraction, confidence: Fraction
) -> None:
    rate = proportion.sample_rate(margin, confidence=confidence, population=population)
    for higher in (rate, (rate + 1) / 2, 1):
        assert all(
            oracle.rational_coverage(
                carriers, rate=Fraction(higher), margin=margin, population=population
            )
            >= confidence
            for carriers in range(population // 2 + 1)
        )
    assert any(
        oracle.rational_coverage(
            carriers, rate=Fraction(rate / 1.005), margin=margin, population=population
        )
        < confidence
        for carriers in range(population // 2 + 1)
    )


@pytest.mark.parametrize("population", [3, 8, 15, 24])
@pytest.mark.parametrize("margin", [Fraction(1, 10), Fraction(1, 5), Fraction(2, 5)])
@pytest.mark.parametrize("confidence", [Fraction(4, 5), Fraction(95, 100)])
def test_all_partitions_of_small_populations_are_covered(
    population: int, margin: Fraction, confidence: Fraction
) -> None:
    rate = simultaneous.sample_rate(
        margin, confidence=confidence, population=population, buckets=3, exclusive=True
    )
    for first, second in combinations_with_replacement(range(population + 1), 2):
        counts = (first, second - first, population - second)
        if counts == tuple(sorted(counts)):
            held = oracle.partition_coverage(counts, rate=rate, margin=margin)
            assert held >= confidence, counts
