"""What a chart would cost and be worth if one thing were different: its population, or its margin.

Both are answered at once for every kind of accuracy, since each has one number that can be
replaced: a margin, the share to detect, the change to notice.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from fractions import Fraction
from math import erf, floor, log10, sqrt
from typing import TYPE_CHECKING

from chartconfig.sampling import proportion
from chartconfig.sampling.accuracy import Margin
from chartconfig.sampling.plan import WEEKS_A_YEAR, question_of
from chartconfig.sampling.required import group_size, reachable, required_rate, value_of, with_value
from chartconfig.sampling.rounding import round_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartconfig.sampling.plan import PlannedRate, Target
    from chartconfig.sampling.required import Question

_SERIES = tuple(map(Fraction, ("1", "1.5", "2", "3", "5", "7", "10")))
_FINEST = Fraction(1, 10**12)  # as the schemas have it
_MANY, _HALF = 100_000, 0.5
"""Reports from which on a coverage is told in closed form, up to this rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPopulation:
    """What happens if there are more or fewer installations than assumed."""

    installations: int
    """In a week, instead of `low`."""
    rate: float | None
    """What the accuracy would need, rounded up; None if no rate would do."""
    gives: float | None
    """The margin, or share to detect, that the present rate would give; None if there is none."""
    coverage: float | None
    """The probability with which the margin asked for would still hold at the present rate, at
    least; None for anything but the margin of one share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherValue:
    """What happens if the chart asks for more or less."""

    value: Fraction
    """The margin, or share to detect, instead of the chart's."""
    rate: float | None
    """What it would need, rounded up; None if no rate would do."""
    reports_per_year: float | None
    """Of one installation that runs everything, other charts' rates being as they are; None if the
    rate exceeds the limit."""


def needed(question: Question, *, installations: int) -> float | None:
    """Return the rate that a question would have without limits, as it would be emitted.

    Args:
        question: What is asked.
        installations: In a week; at least 0.
    """
    rate = required_rate(question, installations=installations)
    return None if rate is None else round_up(rate)


def neighbours(value: Fraction) -> tuple[Fraction, ...]:
    """Return the nearest round numbers below and above: 1, 1.5, 2, 3, 5 or 7 times a power of ten.

    Args:
        value: A fraction in (0, 1).

    Returns:
        The next smaller and the next larger, without what lies outside [1e-12, 1).

    Examples:
        >>> [str(number) for number in neighbours(Fraction(1, 100))]
        ['7/1000', '3/200']
        >>> [str(number) for number in neighbours(Fraction(4, 5))]
        ['7/10']
    """
    power = Fraction(10) ** floor(log10(value))
    near = [number * step for number in (power / 10, power, power * 10) for step in _SERIES[:-1]]
    around = near[bisect_left(near, value) - 1], near[bisect_right(near, value)]
    return tuple(number for number in around if _FINEST <= number < 1)


def other_populations(target: Target, planned: PlannedRate) -> tuple[OtherPopulation, ...]:
    """Return what happens with half the low population, with all of it, and with twice as much.

    Args:
        target: What the chart asks of sampling.
        planned: Its rate.
    """
    question, low = question_of(target), target.population.low
    return tuple(
        OtherPopulation(
            installations=installations,
            rate=needed(question, installations=installations),
            gives=planned.achieved_at_low
            if installations == low
            else reachable(planned.rate, question, installations=installations),
            coverage=None if target.mean else _coverage(question, planned.rate, installations),
        )
        for installations in (low // 2, low, 2 * low)
    )


def _coverage(question: Question, rate: float, installations: int) -> float | None:
    accuracy = question.accuracy
    if not isinstance(accuracy, Margin) or accuracy.simultaneous:
        return None
    population = group_size(accuracy, installations) * accuracy.weeks
    if population == 0:
        return None
    size = population * rate / (1 - rate) if rate < 1 else 0.0
    if size > _MANY and rate <= _HALF:  # the closed form, which is safe, solved for its z
        fourth = 1 / (4 * float(accuracy.margin))
        normal_size = max(0.0, (size - fourth - 2) / (1 + fourth / population))
        return erf(float(accuracy.margin) * sqrt(2 * normal_size))
    return proportion.worst_coverage(rate=rate, margin=accuracy.margin, population=population)


def other_values(target: Target, planned: PlannedRate, *, others: float) -> tuple[OtherValue, ...]:
    """Return what the next tighter and the next looser margin would cost, around the chart's own.

    Args:
        target: What the chart asks of sampling.
        planned: Its rate.
        others: The largest rate of all other charts; 0 if there are none.
    """
    return tuple(_other_values(target, planned, others))


def _other_values(target: Target, planned: PlannedRate, others: float) -> Iterator[OtherValue]:
    question = question_of(target)
    own = value_of(question.accuracy)
    for value in sorted((*neighbours(own), own)):
        asked = replace(target, accuracy=with_value(target.accuracy, value))
        rate = needed(question_of(asked), installations=target.population.low)
        reports = None
        if rate is not None and rate <= planned.limit:
            reports = WEEKS_A_YEAR * max(rate, others)
        yield OtherValue(value=value, rate=rate, reports_per_year=reports)
