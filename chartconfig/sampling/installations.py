"""Whole fleets, one installation at a time: what clients do, without a shortcut.

Each installation draws one number a week, and reports whatever has a rate of at least that: so all
charts of all programs see nested samples of one fleet. `simulation` draws the same distribution in
a fraction of the time; this is here to show that nothing is lost there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartconfig.sampling.accuracy import Change
from chartconfig.sampling.fleets import truths
from chartconfig.sampling.simulation import POINTS, judge, judge_untied, nobody, outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from chartconfig.sampling.fleets import Case, Truth
    from chartconfig.sampling.simulation import Advance, Flags, Ints, Outcome

    Floats = NDArray[np.float64]

_AT_ONCE = 1 << 20
"""How many installations draw their number at a time."""
_FLEETS = 16
"""At least so many fleets are counted together."""


def simulate_each(
    cases: Sequence[Case],
    *,
    fleets: int,
    seed: int | tuple[int, ...] = 0,
    advance: Advance = lambda _: None,
) -> tuple[tuple[Outcome, ...], ...]:
    """Return how each promise fares in fleets that all of them share.

    Args:
        cases: Of charts that are compiled together. Each is about the first installations of
            the fleet, so many as it says.
        fleets: How many are drawn; at least 1.
        seed: Of the random numbers, as numpy takes it: whole numbers, at least 0.
        advance: Called now and then with the part of the work that is done, in (0, 1].

    Returns:
        For each case what `simulate` returns.

    Examples:
        >>> from fractions import Fraction
        >>> from chartconfig.sampling.accuracy import Detect
        >>> from chartconfig.sampling.fleets import Case, Study
        >>> rare = Detect(detect=Fraction(1, 100), confidence=Fraction(95, 100))
        >>> study = Study(accuracy=rare, held=(1.0,), counted=1.0)
        >>> ((found,),) = simulate_each([Case(study=study, installations=300)], fleets=10)
        >>> found.coverage
        1.0
    """
    import numpy as np

    rng = np.random.Generator(np.random.SFC64(seed))
    kept: list[list[list[Flags]]] = [[[] for _ in _truths(case)] for case in cases]
    installations = max((case.installations for case in cases), default=0)
    weeks = max((_weeks(case) for case in cases), default=0)
    step = max(_FLEETS, _AT_ONCE // max(1, weeks * installations))
    for start in range(0, fleets, step):
        count = min(step, fleets - start)
        tallies = [_Tally(case, count) for case in cases]
        drawn = count * weeks * installations
        for first in range(0, drawn, _AT_ONCE):
            x = rng.random(min(_AT_ONCE, drawn - first))
            reporting = np.flatnonzero(x <= max(tally.largest for tally in tallies))
            fleet_week, who = np.divmod(first + reporting, installations)
            fleet, week = np.divmod(fleet_week, weeks)
            for tally in tallies:
                tally.add(fleet, week, who, x[reporting])
            advance((start + count * min(1.0, (first + _AT_ONCE) / drawn)) / fleets)
        for flags, tally in zip(kept, tallies, strict=True):
            for each, judged in zip(flags, tally.judged(), strict=True):
                each.append(judged)
    return tuple(
        tuple(
            outcome(case.study, truth, each, fleets)
            for truth, each in zip(_truths(case), flags, strict=True)
        )
        or (nobody(case.study, fleets),)
        for case, flags in zip(cases, kept, strict=True)
    )


def _truths(case: Case) -> tuple[Truth, ...]:
    return truths(case) if case.installations else ()


def _weeks(case: Case) -> int:
    """Return how many weeks installations report for a case, in two periods for a change."""
    accuracy = case.study.accuracy
    return 2 * accuracy.weeks if isinstance(accuracy, Change) else accuracy.weeks


class _Tally:
    """The reports that count for one chart, in the fleets of each of its truths."""

    def __init__(self, case: Case, fleets: int) -> None:
        import numpy as np

        self.study, self.installations, self.truths = case.study, case.installations, _truths(case)
        self.weeks = self.study.accuracy.weeks
        self.periods = _weeks(case) // self.weeks
        self.largest = max(*self.study.held, self.study.counted or 0.0)
        self.held: list[Ints] = [
            np.zeros((self.periods, fleets, len(truth.arcs) or min(truth.size, POINTS)), np.int64)
            for truth in self.truths
        ]
        self.counted: Ints = np.zeros((self.periods, fleets), np.int64)

    def add(self, fleet: Ints, week: Ints, who: Ints, x: Floats) -> None:
        """Count the reports of installations: which fleet, week, place in the fleet, and number."""
        import numpy as np

        mine = (who < self.installations) & (week < self.weeks * self.periods) & (x <= self.largest)
        fleet, week, who, x = fleet[mine], week[mine], who[mine], x[mine]
        if self.study.counted is not None:
            counts = fleet[x <= self.study.counted], week[x <= self.study.counted] // self.weeks
            np.add.at(self.counted, counts[::-1], 1)
        for number in range(self.periods):
            now = week // self.weeks == number
            places = _places(who[now], week[now] % self.weeks, self.installations, self.weeks)
            for truth, held in zip(self.truths, self.held, strict=True):
                shown = self._shown(truth, number, places[truth.persistent], x[now])
                for column, which in shown:
                    cell = fleet[now][which] * held.shape[2] + column
                    np.add.at(held[number].reshape(-1), cell, 1)

    def _shown(
        self, truth: Truth, period: int, place: Ints, x: Floats
    ) -> Iterator[tuple[int | Ints, Flags]]:
        """Yield which reports show each bucket; or where their values lie, if no two are alike."""
        if not truth.arcs:
            which = x <= min(self.study.held)
            columns = min(truth.size, POINTS)
            yield ((place[which] + 1) * columns - 1) // truth.size, which
        for bucket, (start, length) in enumerate(truth.later if period else truth.arcs):
            if length:
                holds = (place - start) % truth.size < length
                yield bucket, holds & (x <= self.study.held[bucket])

    def judged(self) -> tuple[Flags, ...]:
        """Return whether the promise held, for each truth."""
        return tuple(map(self._judged, self.truths, self.held))

    def _judged(self, truth: Truth, held: Ints) -> Flags:
        counted = held.sum(axis=2) if self.study.counted is None else self.counted
        if not truth.arcs:
            return judge_untied(self.study, truth, held[0], counted[0] - held[0].sum(axis=1))
        first, *later = zip(held, counted, strict=True)
        return judge(self.study, truth, first, *later)


def _places(who: Ints, week: Ints, installations: int, weeks: int) -> tuple[Ints, Ints]:
    """Return where on the circle an installation stands in a week: changing, and persistent."""
    return week * installations + who, who * weeks + week
