"""What is drawn: curves of one chart, or bars of the plan; numbers and words, no ink."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chartconfig.charts.alternatives import needed
from chartconfig.charts.numbers import once_in, percent, reports_a_year, rounded
from chartconfig.charts.target import kind, target
from chartconfig.sampling.plan import WEEKS_A_YEAR, question_of
from chartconfig.sampling.required import value_of, with_value
from chartconfig.sampling.rounding import decimal_fraction, round_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chartconfig.charts.chart import Chart
    from chartconfig.pipeline import WhatIf
    from chartconfig.sampling.plan import PlannedRate

_STEPS = 24
"""Points of a curve on each side of the chart's own."""
_SPAN = 10.0
"""A curve goes on to so many times, and to such a part of, where the chart is."""
_LEAST, _MOST = 1e-9, 0.9
_AWAY = 2.2
"""A limit so many times as far away as the longest bar is named, and not drawn."""

_WORTH = {
    "margin": "margin of error",
    "relative_margin": "relative margin",
    "distribution_margin": "margin of the distribution",
    "detect": "share that is detected",
    "change": "change that is noticed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A limit on rates, to be drawn as a line."""

    name: str
    rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What one rate is worth."""

    rate: float
    value: float
    """A margin, or whatever the chart's kind of accuracy promises; a fraction in (0, 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartPlot:
    """One chart: what other rates would be worth, and what other populations would need."""

    title: str
    worth: str
    """What a rate is worth, as the name of an axis."""
    points: tuple[Point, ...]
    """Rates for the low population; the rate falls as the value grows."""
    own: Point | None
    """The chart's rate and what it promises; None if that is nothing."""
    before: Point | None
    """As the files have it, where something else is assumed."""
    populations: tuple[tuple[int, float], ...]
    """Installations, and the rate they need; the rate falls as they grow."""
    low: int
    likely: int
    high: int
    rate: float
    """Of the chart."""
    often: str
    """How often one installation reports, in words."""
    limits: tuple[Level, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One chart of the plan."""

    name: str
    program: str
    rate: float
    leads: bool
    """Whether no other chart drawn of its program has a higher rate."""
    before: float | None
    """As the files have it, where something else is assumed."""
    short: bool
    """Whether the chart is promised less than it asks for."""
    often: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPlot:
    """The rates of several charts."""

    title: str
    bars: tuple[Bar, ...]
    limits: tuple[Level, ...]

    @property
    def near(self) -> tuple[Level, ...]:
        """The limits that leave the bars long enough to be compared."""
        return tuple(level for level in self.limits if level.rate <= _AWAY * self._longest)

    @property
    def away(self) -> tuple[Level, ...]:
        """The other limits."""
        return tuple(level for level in self.limits if level not in self.near)

    @property
    def most(self) -> float:
        """The largest rate that is drawn."""
        return max([self._longest, *(level.rate for level in self.near)])

    @property
    def _longest(self) -> float:
        return max(max(bar.rate, bar.before or 0.0) for bar in self.bars)


def plot(
    rows: Iterable[tuple[Chart, PlannedRate, PlannedRate]], found: WhatIf
) -> ChartPlot | PlanPlot:
    """Return what is drawn of some charts: of one its curves, of several their plan.

    Args:
        rows: Charts, each with its rate as the files have it, and its rate.
        found: Where they are from.
    """
    rows = list(rows)
    if len(rows) == 1:
        return _chart_plot(*rows[0], found)
    plan, all_charts = found.plan, len(found.planned.charts)
    most: dict[str, float] = {}
    for chart, _, rate in rows:
        most[chart.program] = max(rate.rate, most.get(chart.program, 0.0))
    drawn = f"{len(rows)} of {all_charts}" if len(rows) < all_charts else f"{all_charts}"
    title = f"{drawn} charts: SampleRate {percent(plan.sample_rate)}"
    title += f", {reports_a_year(plan.reports_per_year)}"
    if found.assumptions:
        title += f" ({rounded(found.before.plan.reports_per_year)} before)"
    return PlanPlot(
        title=title,
        bars=tuple(
            Bar(
                name=chart.id,
                program=chart.program,
                rate=rate.rate,
                leads=rate.rate == most[chart.program],
                before=before.rate if found.assumptions else None,
                short=rate.shortfall is not None,
                often=once_in(rate.rate),
            )
            for chart, before, rate in rows
        ),
        limits=_limits(found),
    )


def _limits(found: WhatIf) -> tuple[Level, ...]:
    share = found.planned.limits.cap
    cap = Level(name=f"cap {percent(share)}", rate=float(share))
    budget = found.max_reports_per_year
    if budget is None:
        return (cap,)
    name = f"budget {reports_a_year(float(budget), digits=6)}"
    return cap, Level(name=name, rate=float(budget / WEEKS_A_YEAR))


def _chart_plot(chart: Chart, before: PlannedRate, rate: PlannedRate, found: WhatIf) -> ChartPlot:
    population = found.planned.repository.population(chart)
    own = _point(rate)
    asked = value_of(chart.accuracy)
    return ChartPlot(
        title=f"{chart.id}: {kind(chart).replace('_', ' ')} {percent(asked)} "
        f"at {percent(chart.accuracy.confidence)}",
        worth=_WORTH[kind(chart)],
        points=tuple(_points(chart, own.value if own else float(asked), found)),
        own=own,
        before=_point(before) if found.assumptions else None,
        populations=tuple(_populations(chart, found)),
        low=population.low,
        likely=population.likely,
        high=population.high,
        rate=rate.rate,
        often=once_in(rate.rate),
        limits=_limits(found),
    )


def _point(rate: PlannedRate) -> Point | None:
    if rate.achieved_at_low is None:
        return None
    return Point(rate=rate.rate, value=rate.achieved_at_low)


def _points(chart: Chart, centre: float, found: WhatIf) -> Iterator[Point]:
    asked = target(chart, found.planned.repository)
    for value in _spread(centre / _SPAN, centre * _SPAN, steps=2 * _STEPS, digits=3):
        if not _LEAST <= value <= _MOST:
            continue
        accuracy = with_value(chart.accuracy, decimal_fraction(value))
        question = question_of(replace(asked, accuracy=accuracy))
        rate = needed(question, installations=asked.population.low)
        if rate is not None:
            yield Point(rate=rate, value=value)


def _populations(chart: Chart, found: WhatIf) -> Iterator[tuple[int, float]]:
    asked = target(chart, found.planned.repository)
    population, question = asked.population, question_of(asked)
    low, high = max(population.low, 1) / _SPAN, max(population.high, 1) * _SPAN
    numbers = {int(number) for number in _spread(low, high, steps=3 * _STEPS, digits=3)}
    for installations in sorted({*numbers, population.low}):
        rate = needed(question, installations=installations)
        if rate is not None:
            yield installations, rate


def _spread(low: float, high: float, *, steps: int, digits: int) -> Iterator[float]:
    """Yield numbers of few digits between two, evenly spaced by their logarithms."""
    for step in range(steps + 1):
        yield round_up(low * (high / low) ** (step / steps), digits=digits)
