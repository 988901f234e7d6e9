"""What a chart asks of sampling, and what means nothing for its type."""

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


def has_rate(chart: Chart) -> bool:
    """Return whether what the chart asks means something for its type, so that it has a rate."""
    return type(chart.accuracy) in FITTING[chart.type]


def target(chart: Chart, repository: Repository) -> Target:
    """Return the chart's target for the plan."""
    program = repository.program(chart)
    return Target(
        key=chart.id,
        accuracy=chart.accuracy,
        population=repository.population(chart),
        buckets=max(1, len(chart.counters[0].buckets)),
        exclusive=chart.exclusive,
        mean=chart.type is ChartType.RATIO,
        counters=tuple(
            (program.name, event) for counter in chart.counters for event in counter.events
        ),
        accept_shortfall=chart.shortfall_accepted,
    )
