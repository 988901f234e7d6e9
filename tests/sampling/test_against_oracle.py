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

from chartconfig.sampling import proportion, simultaneous
from chartconfig.sampling.accuracy import (
    Accuracy,
    Change,
    Detect,
    DistributionMargin,
    Margin,
    RelativeMargin,
)
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
            seen, fewer = (
                relative_coverage(tried, margin, smallest, population)
                for tried in (rate, rate / ECONOMY)
            )
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
            worst, seen = share_coverage(rate, margin, population)
            (fewer,) = oracle.coverages(
                [worst], rate=rate / ECONOMY, margin=margin, population=population
            )
            if fewer >= confidence:
                _, fewer = share_coverage(rate / ECONOMY, margin, population)
    return [
        fault
        for fault, found in (
            ("too low", seen < confidence - EXACT),
            ("too high", fewer >= confidence),
        )
        if found
    ]


def share_coverage(rate: float, margin: Fraction, population: int) -> tuple[int, float]:
    if rate >= 1:
        return population // 2, 1.0
    return oracle.worst_share(rate=rate, margin=margin, population=population)


def relative_coverage(
    rate: float, margin: Fraction, smallest: Fraction, population: int
) -> float:
    if rate >= 1:
        return 1.0
    return oracle.worst_common_share(
        rate=rate, margin=margin, smallest=smallest, population=population
    )[1]


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
    """Return whether changes are noticed too seldom, or where there is none, in many drawn pairs."""
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
