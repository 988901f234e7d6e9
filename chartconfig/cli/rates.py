"""`rates`: what each chart costs an installation, and what it is worth."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from chartconfig.charts.numbers import once_in, percent
from chartconfig.charts.target import kind
from chartconfig.cli import console
from chartconfig.cli.findings import FindingsError
from chartconfig.cli.options import at_option, format_option, on_option
from chartconfig.cli.project import open_project, refuse
from chartconfig.cli.table import table
from chartconfig.collection.charts_json import chart_entry
from chartconfig.collection.compile import collected_more_often
from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.diagnostics.render import counted

if TYPE_CHECKING:
    from datetime import date

    from chartconfig.charts.chart import Chart
    from chartconfig.diagnostics.render import Line
    from chartconfig.pipeline import Planned
    from chartconfig.sampling.plan import PlannedRate

FORMAT = "chartconfig/rates/v1"

_HEADINGS = ("chart", "promise", "population", "rate", "reports", "a week", "likely worth")
_RIGHT = frozenset({"population", "rate", "a week"})
_DISPENSABLE = (
    "a week",
    "population",
    "reports",
)  # left out, in this order, of a terminal too narrow


@click.command("rates")
@click.argument("charts", nargs=-1, metavar="[CHART]...")
@on_option
@at_option
@format_option()
@click.pass_obj
def command(
    directory: str,
    *,
    charts: tuple[str, ...],
    on: date | None,
    revision: str | None,
    output: str,
) -> None:
    """Show the sample rate of every CHART, or of all, and what it is worth.

    The columns: what is promised; the installations planned for (low, after adoption); the share
    of weeks whose reports count for the chart; how often an installation reports its counters, with
    a star where that is more because another chart needs one; the reports expected a week from the
    likely population; the accuracy that they give.
    """
    project = open_project(directory, on=on, revision=revision)
    planned = project.checked.planned
    if planned is None:
        refuse(project)
    rows = [
        (chart, rate)
        for chart, rate in zip(planned.charts, planned.plan.rates, strict=True)
        if not charts or chart.id in charts
    ]
    known = {chart.id for chart in planned.repository.charts}
    if unknown := [chart for chart in charts if chart not in known]:
        if project.checked.compilable is None:  # an error may hide it
            refuse(project)
        raise click.UsageError(f"there is no chart {unknown[0]}; `chartconfig rates` lists all")
    for chart in planned.repository.charts:
        if chart.id in charts and chart not in planned.charts:
            told = f"{chart.id} is not collected: it has expired, or has no rate yet; see check"
            console.show([(("warning", told),)], stream=sys.stderr)
    if output == "json":
        entries = [chart_entry(chart, rate, planned.repository) for chart, rate in rows]
        document = {"format": FORMAT, "charts": entries, "totals": _totals(planned)}
        console.write(f"{json.dumps(document, indent=2)}\n")
    else:
        console.show(_table(rows, planned))
        console.show(_closing(planned))
    errors = [d for d in project.checked.diagnostics if d.severity is Severity.ERROR]
    if errors:
        raise FindingsError(errors, project.documents)


def _totals(planned: Planned) -> dict[str, object]:
    plan = planned.plan
    budget = planned.repository.collection.max_reports_per_year
    return {
        "charts": len(planned.charts),
        "counters": len(plan.counter_rates),
        "sample_rate": plan.sample_rate,
        "reports_per_year": plan.reports_per_year,
        "max_reports_per_year": None if budget is None else float(budget),
    }


def _table(rows: list[tuple[Chart, PlannedRate]], planned: Planned) -> tuple[Line, ...]:
    cells = [
        [
            ("path", chart.id),
            ("plain", _promise(chart)),
            ("plain", f"{planned.repository.population(chart).low:,}"),
            ("number", f"{rate.rate:.4g}"),
            ("plain", _once_in(chart, rate, planned)),
            ("plain", f"{rate.expected_reports:,.0f}"),
            (
                "warning" if rate.shortfall else "good",
                _achieved(rate) + (" (short)" if rate.shortfall else ""),
            ),
        ]
        for chart, rate in rows
    ]
    headings = list(_HEADINGS)
    for heading in _DISPENSABLE:
        lines = table(headings, cells, right=_RIGHT)
        if not sys.stdout.isatty() or _columns(lines) <= console.width():
            return lines
        column = headings.index(heading)
        headings.remove(heading)
        cells = [row[:column] + row[column + 1 :] for row in cells]
    return table(headings, cells, right=_RIGHT)


def _once_in(chart: Chart, rate: PlannedRate, planned: Planned) -> str:
    """Return how often the most frequent of a chart's counters is reported."""
    more = collected_more_often(chart, rate, planned.repository, planned.plan)
    return once_in(max(more.values(), default=rate.rate)) + ("*" if more else "")


def _columns(lines: tuple[Line, ...]) -> int:
    return max(sum(len(text) for _, text in line) for line in lines)


_SIGNS = {"margin": "±{}", "distribution_margin": "CDF ±{}", "detect": "detect {}"}


def _promise(chart: Chart) -> str:
    asked = kind(chart)
    accuracy = chart.accuracy
    text = _SIGNS[asked].format(percent(getattr(accuracy, asked)))
    text += f" at {percent(accuracy.confidence)}"
    if getattr(accuracy, "simultaneous", False):
        text += " together"
    if accuracy.weeks > 1:
        text += f", {accuracy.weeks} weeks"
    if accuracy.for_each:
        text += f", each {', '.join(accuracy.for_each)}"
    return text


def _achieved(rate: PlannedRate) -> str:
    return "nothing" if rate.achieved_at_likely is None else percent(rate.achieved_at_likely)


def _closing(planned: Planned) -> tuple[Line, ...]:
    plan = planned.plan
    limit = planned.repository.collection.max_reports_per_year
    charts, counters = len(planned.charts), len(plan.counter_rates)
    text = f"{counted(charts, 'chart')}, {counted(counters, 'counter')}: "
    text += (
        f"SampleRate {plan.sample_rate:.4g}, {plan.reports_per_year:.2f} reports a year expected"
    )
    if limit is not None:
        text += f" of {float(limit):g} allowed"
    return ((), (("good", text),))
