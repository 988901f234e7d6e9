"""What a chart asks of sampling, and what sampling cannot answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartconfig.charts.chart import ChartType
from chartconfig.sampling.accuracy import (
    Change,
    Detect,
    DistributionMargin,
    Margin,
    RelativeMargin,
)
from chartconfig.sampling.plan import Target
from chartconfig.sampling.required import is_computed

if TYPE_CHECKING:
    from chartconfig.charts.chart import Chart
    from chartconfig.charts.repository import Repository

KINDS: dict[type, str] = {
    Margin: "margin",
    RelativeMargin: "relative_margin",
    Detect: "detect",
    DistributionMargin: "distribution_margin",
    Change: "change",
}
"""Each kind of accuracy, by the key that names it in a chart."""

FITTING: dict[ChartType, tuple[type, ...]] = {
    ChartType.PARTITION: (Margin, RelativeMargin, Detect, Change),
    ChartType.HISTOGRAM: (DistributionMargin, Margin, RelativeMargin, Detect, Change),
    ChartType.RATIO: (DistributionMargin, Margin, Change),
    ChartType.STACK: (Detect, Margin),
}
"""The kinds of accuracy that mean something for each type of chart."""


def kind(chart: Chart) -> str:
    """Return the key that names the chart's kind of accuracy."""
    return KINDS[type(chart.accuracy)]


def why_not_computed(chart: Chart) -> str | None:
    """Return for what no rate is computed yet, or None if one is."""
    if not is_computed(chart.accuracy):
        return f"`{kind(chart)}`"
    if chart.type is ChartType.RATIO and isinstance(chart.accuracy, Margin):
        return "`margin` of the mean of a ratio"
    return None


def has_rate(chart: Chart) -> bool:
    """Return whether a rate is computed for what the chart asks."""
    return type(chart.accuracy) in FITTING[chart.type] and why_not_computed(chart) is None


def target(chart: Chart, repository: Repository) -> Target:
    """Return the chart's target for the plan."""
    program = repository.program(chart)
    return Target(
        key=chart.id,
        accuracy=chart.accuracy,
        population=repository.population(chart),
        buckets=max(1, len(chart.counters[0].buckets)),
        exclusive=chart.exclusive,
        counters=tuple(
            (program.name, event) for counter in chart.counters for event in counter.events
        ),
        accept_shortfall=chart.shortfall_accepted,
    )
