"""Fleets that are hard on a promise: which installations hold what, week by week.

A fleet is laid out on a circle: one place for each installation in each of the pooled weeks. A
bucket is held along an arc, and arcs that follow one another exclude each other, while arcs that
overlap do not. Where traits persist, the weeks of one installation lie side by side. Where they
change, all installations of one week do, so that what everybody had one week nobody has the next.
Every week has a number X of its own, so this does not change how reports are distributed, only
which shares there can be: those of whole installations, or of any of their weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil
from typing import TYPE_CHECKING, TypeAlias

from chartconfig.sampling.accuracy import (
    Accuracy,
    Change,
    Detect,
    DistributionMargin,
    Margin,
    RelativeMargin,
)
from chartconfig.sampling.coverage import Interval, coverages
from chartconfig.sampling.worst import cuts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MANY = 1e6
"""Expected reports of which one more or less does not matter: the worst share is that which varies
most, absolutely or relatively."""

Arc: TypeAlias = tuple[int, int]
"""Where it starts on the circle, and how many places it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """A promise, and how the reports come in by which it is judged."""

    accuracy: Accuracy
    """What is promised."""
    held: tuple[float, ...]
    """For each bucket, the probability that a week's report shows it where it is held."""
    counted: float | None
    """The probability that a week's report counts at all, at least as large; None where only
    reports count that show one of the buckets."""
    exclusive: bool = False
    """Whether an installation holds exactly one of the buckets."""
    continuous: bool = False
    """Whether installations have a value of any size, and a report without it has the least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Whether a promise holds among so many."""

    study: Study
    installations: int
    """In a week, of the smallest group; at least 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What a fleet holds; `size` places are its installations times its weeks."""

    name: str
    size: int
    arcs: tuple[Arc, ...] = ()
    """One for each bucket. None at all: each installation has a value of its own."""
    later: tuple[Arc, ...] = ()
    """The same in the second period, where there is one."""
    persistent: bool = True
    """Whether an installation holds the same in all weeks of a period."""


def truths(case: Case) -> tuple[Truth, ...]:
    """Return the fleets for which a promise is hardest to keep, and some that are merely usual.

    Args:
        case: Of one installation at least.
    """
    study, installations = case.study, case.installations
    accuracy = study.accuracy
    size = installations * accuracy.weeks
    everybody = (
        Truth(name="everybody", size=size, arcs=_share(study, bucket, size, size))
        for bucket in _one_of_each(study)
    )
    match accuracy:
        case Detect(detect=share):
            held = ceil(share * installations) * accuracy.weeks
            return tuple(
                Truth(name="just that share", size=size, arcs=_share(study, bucket, held, size))
                for bucket in _one_of_each(study)
            )
        case DistributionMargin():
            untied = Truth(name="no two values alike", size=size)
            if study.continuous:
                return (untied,)
            return (untied, *_partitions(study, size), *everybody)
        case Change():
            return tuple(_changes(study, accuracy, size))
        case Margin(simultaneous=True) if study.exclusive:
            return (*_partitions(study, size), *everybody)
        case Margin() | RelativeMargin():
            return (*_worst_shares(study, accuracy, size), *_partitions(study, size), *everybody)


def _one_of_each(study: Study) -> tuple[int, ...]:
    """Return a bucket of each probability: in a compiled chart all have one, and one will do."""
    first: dict[float, int] = {}
    for bucket, probability in enumerate(study.held):
        first.setdefault(probability, bucket)
    return tuple(first.values())


def _share(study: Study, bucket: int, held: int, size: int) -> tuple[Arc, ...]:
    """Return arcs for so many holders of a bucket; the others hold the next, if they must."""
    if study.counted is None and len(study.held) == 1:  # who counts has the only bucket
        return ((0, size),)
    arcs = [(0, 0)] * len(study.held)
    if study.exclusive or study.counted is None:
        arcs[(bucket + 1) % len(arcs)] = (held, size - held)
    arcs[bucket] = (0, held)
    return tuple(arcs)


def _worst_shares(study: Study, accuracy: Margin | RelativeMargin, size: int) -> Iterator[Truth]:
    """Yield fleets with the worst share of one bucket, or of all at once if that is promised."""
    name = "worst share" if isinstance(accuracy, Margin) else "smallest share"
    for weeks in sorted({1, accuracy.weeks}, reverse=True):
        changing = weeks < accuracy.weeks  # then the worst need not be of whole installations
        for bucket in _one_of_each(study):
            rate = study.held[bucket]
            held = worst_share(accuracy, rate=rate, size=size, weeks=weeks)
            arcs = _share(study, bucket, held, size)
            if isinstance(accuracy, Margin) and accuracy.simultaneous:  # evenly round the circle
                step = size // weeks // len(arcs) * weeks
                arcs = tuple((other * step, held) for other in range(len(arcs)))
            yield Truth(
                name=f"{name}, changing" if changing else name,
                size=size,
                arcs=arcs,
                persistent=not changing,
            )


@cache
def worst_share(
    accuracy: Margin | RelativeMargin, *, rate: float, size: int, weeks: int = 1
) -> int:
    """Return how many places hold a bucket where its share is hardest to tell.

    Args:
        accuracy: What is promised.
        rate: The probability of a report, in [0, 1].
        size: All places; at least 1.
        weeks: The places of one installation, which hold the same; a divisor of `size`.

    Returns:
        A multiple of `weeks`: the one covered worst, by exact calculation, of those where coverage
        is likely to have fallen most.

    Examples:
        >>> from fractions import Fraction
        >>> accuracy = Margin(margin=Fraction(1, 20), confidence=Fraction(95, 100))
        >>> worst_share(accuracy, rate=0.04, size=10_000)
        4786
    """
    if isinstance(accuracy, Margin):
        interval = Interval.within(accuracy.margin, population=size)
        low, high = 0, size // 2
        hardest = high
    else:
        interval = Interval.within_relative(accuracy.relative_margin, population=size)
        low, high = max(1, ceil(accuracy.smallest_share * size)), size
        hardest = low
    smooth = not 0 < rate < 1 or size * rate > _MANY
    near = [hardest] if smooth else cuts(interval, low=low, high=high, hardest=hardest)
    steps = {step for held in near for step in (held // weeks, -(-held // weeks))}
    whole = sorted(step * weeks for step in steps if low <= step * weeks <= size)
    if smooth:
        return whole[0]
    return min(zip(coverages(whole, rate=rate, interval=interval), whole, strict=True))[1]


def _partitions(study: Study, size: int) -> Iterator[Truth]:
    """Yield fleets in which each installation holds exactly one bucket."""
    buckets = len(study.held)
    first = _one_of_each(study)
    order = [*first, *(bucket for bucket in range(buckets) if bucket not in first)]
    accuracy, weeks = study.accuracy, study.accuracy.weeks
    together = isinstance(accuracy, DistributionMargin) or (
        isinstance(accuracy, Margin) and accuracy.simultaneous
    )
    for cells in sorted({2, 3, buckets} if together else {buckets}):
        if 1 < cells <= buckets:
            name = "equal buckets" if cells == buckets else f"{cells} equal buckets"
            yield Truth(name=name, size=size, arcs=_arcs(order, [1] * cells, size, weeks))
    if buckets > 1:  # Zipf's law
        parts = [1 / rank for rank in range(1, buckets + 1)]
        yield Truth(name="skewed buckets", size=size, arcs=_arcs(order, parts, size, weeks))


def _arcs(order: Sequence[int], parts: Sequence[float], size: int, weeks: int) -> tuple[Arc, ...]:
    """Return arcs in these proportions that follow one another round the circle and close it."""
    arcs = [(0, 0)] * len(order)
    start, below, total = 0, 0.0, sum(parts)
    for place, (bucket, part) in enumerate(zip(order, parts, strict=False), 1):
        below += part
        end = size if place == len(parts) else round(size // weeks * below / total) * weeks
        arcs[bucket] = (start, end - start)
        start = end
    return tuple(arcs)


def _changes(study: Study, accuracy: Change, size: int) -> Iterator[Truth]:
    """Yield fleets that change by as much as is to be noticed, or not at all."""
    weeks = accuracy.weeks
    installations = size // weeks
    by = ceil(accuracy.change * installations)
    half = installations // 2
    for name, before, after in (
        ("changed around one half", (installations - by) // 2, (installations - by) // 2 + by),
        ("changed from nothing", 0, by),
        ("half, unchanged", half, half),
    ):
        for bucket in _one_of_each(study):
            yield Truth(
                name=name,
                size=size,
                arcs=_share(study, bucket, before * weeks, size),
                later=_share(study, bucket, after * weeks, size),
            )
