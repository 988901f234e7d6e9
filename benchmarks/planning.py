"""Plan as many charts as asked for, no two with the same accuracy or population.

`python -m benchmarks.planning 10000` plans all at once; `by_method` tells what one target takes.
"""

from __future__ import annotations

import random
import sys
import time
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import TYPE_CHECKING

from chartconfig.sampling.accuracy import (
    Accuracy,
    Change,
    Detect,
    DistributionMargin,
    Margin,
    RelativeMargin,
)
from chartconfig.sampling.plan import Limits, Target, plan, plan_rate
from chartconfig.sampling.population import Population

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMITS = Limits(cap=Fraction(1, 10))
CONFIDENCES = (Fraction(8, 10), Fraction(9, 10), Fraction(95, 100), Fraction(99, 100))


def targets(count: int) -> Iterator[Target]:
    """Yield targets of every kind: margins of .5 to 5 %, and populations they can be met in."""
    choose = random.Random(count)  # noqa: S311 - the same targets every time
    for number in range(count):
        confidence, weeks = choose.choice(CONFIDENCES), choose.choice((1, 1, 4, 13, 26))
        margin = Fraction(round(10 ** choose.uniform(3.7, 4.7)), 10**6)
        accuracy: Accuracy
        match number % 20:
            case 0 | 1 | 2:
                accuracy = Margin(
                    margin=margin, confidence=confidence, weeks=weeks, simultaneous=True
                )
            case 3 | 4 | 5 | 6:
                accuracy = Detect(
                    detect=margin / 100, reports=choose.randint(1, 9), confidence=confidence
                )
            case 7 | 8 | 9:
                accuracy = DistributionMargin(
                    distribution_margin=margin, confidence=confidence, weeks=weeks
                )
            case 10:
                accuracy = Change(
                    change=margin, power=Fraction(9, 10), confidence=confidence, weeks=weeks
                )
            case 11:
                accuracy = RelativeMargin(
                    relative_margin=5 * margin,
                    smallest_share=Fraction(choose.randint(10, 100), 1000),
                    confidence=confidence,
                    weeks=weeks,
                )
            case _:
                accuracy = Margin(margin=margin, confidence=confidence, weeks=weeks)
        low = int(10 ** choose.uniform(6, 9))
        yield Target(
            key=str(number),
            accuracy=accuracy,
            population=Population(low=low, likely=2 * low, high=3 * low),
            buckets=choose.randint(3, 40),
            exclusive=choose.random() < 0.8,  # noqa: PLR2004 - most are
            counters=(("example.org/program", str(number)),),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one target took, in milliseconds."""

    count: int
    median: float
    largest: float


def by_method(count: int) -> dict[str, Taken]:
    """Return what planning one target takes, by the way its rate is computed."""
    taken: dict[str, list[float]] = {}
    for target in targets(count):
        start = time.perf_counter()
        planned = plan_rate(target, limits=LIMITS)
        taken.setdefault(planned.method, []).append(1000 * (time.perf_counter() - start))
    return {
        method: Taken(count=len(times), median=median(times), largest=max(times))
        for method, times in taken.items()
    }


if __name__ == "__main__":
    plan(list(targets(int(sys.argv[1]))), limits=LIMITS)
