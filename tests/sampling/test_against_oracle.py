"""Two thousand emitted rates against a second calculation that shares no code with the first.

Of each it is asked: does the share that is covered least, of all up to 2,000 installations and of a
fine grid beyond, have what was promised; and does a rate that is half a percent lower fail one?
"""

from __future__ import annotations

import random
from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction
from itertools import combinations_with_replacement
from math import ceil

import numpy as np
import pytest

from chartconfig.sampling import proportion, simultaneous, worst
from chartconfig.sampling.accuracy import (
    Accuracy,
    Change,
    Detect,
    DistributionMargin,
    Margin,
    RelativeMargin,
)
from chartconfig.sampling.coverage import Interval
from chartconfig.sampling.plan import Target, question_of
from chartconfig.sampling.population import Population
from chartconfig.sampling.required import required_rate
from tests.oracle import sample_rates as oracle

CONFIDENCES = tuple(Fraction(c) for c in (".8", ".9", ".95", ".99", ".999"))
HOW_MANY, AT_ONCE = 2000, 50
KINDS = (
    ("margin", 6),
    ("exclusive", 3),
    ("coinciding", 3),
    ("detect", 2),
    ("distribution", 2),
    ("relative", 2),
    ("change", 1),
    ("guaranteed", 1),
)
ECONOMY = 1.005
HALF = 0.5
"""Economy is promised up to here, far above any cap."""
EXACT = 1e-11
"""Two calculations of a probability differ by less."""
DRAWS = 20_000


def targets(numbers: range) -> list[Target]:
    """Return the same random targets in every run, with populations from 20 to 1e9."""
    kinds = [kind for kind, often in KINDS for _ in range(often)]
    made = []
    for number in numbers:
        choose = random.Random(number)  # noqa: S311 - the same targets every time
        kind = kinds[number % len(kinds)]
        confidence = choose.choice(CONFIDENCES)
        margin = Fraction(round(10 ** choose.uniform(0, 2.4)), 1000)
        population = int(10 ** choose.uniform(1.31, 9))
        accuracy: Accuracy
        match kind:
            case "margin":
                accuracy = Margin(margin=margin, confidence=confidence)
            case "exclusive" | "coinciding":
                accuracy = Margin(margin=margin, confidence=confidence, simultaneous=True)
            case "guaranteed":
                accuracy = Margin(margin=margin, confidence=confidence, guaranteed=True)
            case "detect":
                accuracy = Detect(
                    detect=min(Fraction(1, 2), Fraction(choose.randint(30, 3000), population)),
                    reports=choose.randint(1, 12),
                    weeks=choose.choice((1, 1, 4, 13)),
                    confidence=confidence,
                )
            case "distribution":
                accuracy = DistributionMargin(distribution_margin=margin, confidence=confidence)
            case "relative":
                accuracy = RelativeMargin(
                    relative_margin=Fraction(choose.randint(30, 500), 1000),
                    smallest_share=Fraction(round(10 ** choose.uniform(0, 2.6)), 1000),
                    confidence=confidence,
                )
            case _:
                power = choose.choice(CONFIDENCES[:3])
                accuracy = Change(change=margin, power=power, confidence=confidence)
        made.append(
            Target(
                key=f"{number} {kind}",
                accuracy=accuracy,
                population=Population(low=population, likely=population, high=population),
                buckets=choose.randint(2, 40),
                exclusive=kind == "exclusive",
                counters=(),
                mean=kind == "guaranteed",
            )
        )
    return made


@pytest.mark.parametrize("start", range(0, HOW_MANY, AT_ONCE))
def test_2000_rates(start: int) -> None:
    wrong = []
    for target in targets(range(start, start + AT_ONCE)):
        required = required_rate(question_of(target), installations=target.population.low)
        wrong += [f"{fault}: {required}, {target}" for fault in faults(target, required)]
    assert not wrong, "\n".join(wrong)


def faults(target: Target, required: float | None) -> list[str]:
    """Return what is wrong with the rate that is emitted: that it is too low, or too high."""
    accuracy, population = target.accuracy, target.population.low
    confidence = float(accuracy.confidence)
    if required is None:
        assert isinstance(accuracy, Detect)
        chances = ceil(accuracy.detect * population) * accuracy.weeks
        return [] if chances < accuracy.reports else ["not impossible"]
    rate = round_up(required)
    match accuracy:
        case Detect(reports=reports):
            chances = ceil(accuracy.detect * population) * accuracy.weeks
            seen, fewer = (
                oracle.detected(rate=tried, reports=reports, chances=chances)
                for tried in (rate, rate / ECONOMY)
            )
        case RelativeMargin(relative_margin=margin, smallest_share=smallest):
            seen = relative_coverage(rate, margin, smallest, population)
            fewer = relative_coverage(rate / ECONOMY, margin, smallest, population)
            if doubtful := named(rate / ECONOMY, accuracy, population):
                judged = oracle.coverages(
                    sorted(doubtful),
                    rate=rate / ECONOMY,
                    margin=margin,
                    population=population,
                    relative=True,
                )
                fewer = min(fewer, *judged)
        case DistributionMargin(distribution_margin=margin):
            seen, fewer = distribution_coverage(rate, margin, population), 0.0
        case Change():
            return change_faults(accuracy, rate, population)
        case Margin(margin=margin, guaranteed=True):
            seen, fewer = (
                1 - oracle.guaranteed_miss(rate=tried, margin=margin, population=population)
                for tried in (rate, rate / ECONOMY)
            )
        case Margin(margin=margin, simultaneous=True) if target.exclusive and target.buckets > 2:
            seen = min(
                partition_coverage(counts, rate, margin) for counts in partitions(population)
            )
            again = partition_rate(accuracy, population)
            fewer = confidence if again < 0.5 and rate > round_up(again) else 0.0
        case Margin(margin=margin):
            if accuracy.simultaneous and not target.exclusive:
                confidence = 1 - (1 - confidence) / target.buckets
            place, seen = share_coverage(rate, margin, population)
            fewer = 0.0
            if rate <= HALF:
                (fewer,) = oracle.coverages(
                    [place], rate=rate / ECONOMY, margin=margin, population=population
                )
                if fewer >= confidence:
                    _, fewer = share_coverage(rate / ECONOMY, margin, population)
    return [
        fault
        for fault, found in (
            ("too low", seen < confidence - EXACT),
            ("too high", fewer >= confidence and rate <= HALF),
        )
        if found
    ]


def share_coverage(rate: float, margin: Fraction, population: int) -> tuple[int, float]:
    if rate >= 1:
        return population // 2, 1.0
    return oracle.worst_share(rate=rate, margin=margin, population=population)


def relative_coverage(rate: float, margin: Fraction, smallest: Fraction, population: int) -> float:
    if rate >= 1:
        return 1.0
    return oracle.worst_common_share(
        rate=rate, margin=margin, smallest=smallest, population=population
    )[1]


def named(rate: float, accuracy: RelativeMargin, population: int) -> tuple[int, ...]:
    """Return the shares that chartconfig says a rate does not cover: for the oracle to judge."""
    smallest = ceil(accuracy.smallest_share * population)
    interval = Interval.within_relative(accuracy.relative_margin, population=population)
    largest = min(population, 2 * smallest)
    places = worst.cuts(interval, low=smallest, high=largest, hardest=smallest)
    found = worst.uncovered(places, rate=rate, confidence=accuracy.confidence, interval=interval)
    return found or ()


def distribution_coverage(rate: float, margin: Fraction, population: int) -> float:
    if rate >= 1:
        return 1.0
    if population <= 200:
        return oracle.distribution_coverage(rate=rate, margin=margin, population=population)
    reports = population * rate / (1 - rate)  # what an infinite population would need
    if reports > 2000:
        return 1.0  # more takes too long here
    return oracle.distribution_coverage_of_many(reports=reports, margin=margin)


def partitions(population: int) -> list[tuple[int, int, int]]:
    third, half = population // 3, population // 2
    return [
        (third, third, population - 2 * third),
        (half, population - half, 0),
        (half - third // 4, half - third // 4, population - 2 * half + 2 * (third // 4)),
    ]


def partition_coverage(counts: tuple[int, int, int], rate: float, margin: Fraction) -> float:
    if rate >= 1 or sum(counts) * rate > 3000:
        return 1.0  # more takes too long here
    return oracle.partition_coverage(counts, rate=rate, margin=margin)


def partition_rate(accuracy: Margin, population: int) -> float:
    confidence = accuracy.confidence
    size = oracle.partition_size(accuracy.margin, confidence=confidence, population=population)
    floor = oracle.one_report_rate(confidence=confidence, population=population)
    return max(oracle.fraction_of(size, population), floor) * (1 + 1e-10)


def round_up(rate: float) -> float:
    return float(Context(prec=4, rounding=ROUND_CEILING).create_decimal(Decimal(rate)))


def change_faults(accuracy: Change, rate: float, population: int) -> list[str]:
    """Return whether changes are noticed too seldom, or where none is, in many drawn pairs."""
    z = proportion.normal_quantile(float(1 - accuracy.confidence))
    draw = np.random.default_rng(population)
    half, apart = population // 2, ceil(accuracy.change * population)

    def noticed(*held: int) -> float:
        holding = draw.binomial(np.array(held), rate, (DRAWS, 2))
        reports = holding + draw.binomial(population - np.array(held), rate, (DRAWS, 2))
        known = (reports > 1).all(axis=1)
        shares = holding[known] / reports[known]
        error = np.sqrt((1 - rate) / 4 * (1 / (reports[known] - 1)).sum(axis=1))
        return float((np.abs(shares[:, 0] - shares[:, 1]) >= z * error).sum()) / DRAWS

    alpha, power = float(1 - accuracy.confidence), float(accuracy.power)
    alarms, seen = noticed(half, half), noticed(half - apart // 2, half - apart // 2 + apart)
    return [
        fault
        for fault, found in (
            ("too many alarms", rate < 0.5 and alarms > alpha + deviation(alpha)),
            ("noticed too seldom", seen < power - deviation(power)),
        )
        if found
    ]


def deviation(chance: float) -> float:
    return 4 * float(np.sqrt(chance * (1 - chance) / DRAWS))


# ---- every outcome of few installations


@pytest.mark.parametrize("population", [2, 5, 9, 14])
@pytest.mark.parametrize(
    "margin", [Fraction(1, 20), Fraction(1, 5), Fraction(2, 5), Fraction(3, 4)]
)
@pytest.mark.parametrize("confidence", [Fraction(4, 5), Fraction(99, 100)])
def test_least_rates_of_small_populations(
    population: int, margin: Fraction, confidence: Fraction
) -> None:
    rate = proportion.sample_rate(margin, confidence=confidence, population=population)

    def covered(rate: float) -> Fraction:
        return min(
            oracle.rational_coverage(
                carriers, rate=Fraction(rate), margin=margin, population=population
            )
            for carriers in range(population // 2 + 1)
        )

    assert min(covered(rate), covered((rate + 1) / 2), covered(1)) >= confidence
    assert covered(rate / ECONOMY) < confidence


@pytest.mark.parametrize("population", [3, 8, 15, 24])
@pytest.mark.parametrize("margin", [Fraction(1, 10), Fraction(1, 5), Fraction(2, 5)])
@pytest.mark.parametrize("confidence", [Fraction(4, 5), Fraction(95, 100), Fraction(999, 1000)])
def test_all_partitions_of_small_populations_are_covered(
    population: int, margin: Fraction, confidence: Fraction
) -> None:
    rate = simultaneous.sample_rate(
        margin, confidence=confidence, population=population, buckets=3, exclusive=True
    )
    for first, second in combinations_with_replacement(range(population + 1), 2):
        counts = (first, second - first, population - second)
        if rate < 1 and counts == tuple(sorted(counts)):
            covered = oracle.partition_coverage(counts, rate=rate, margin=margin)
            assert covered >= confidence - EXACT, counts
