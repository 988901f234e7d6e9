"""`rates`: what each chart costs an installation, and what it is worth; also under assumptions."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chartconfig import pipeline
from chartconfig.charts.numbers import cleaned, once_in, percent, reports_a_year, rounded
from chartconfig.charts.what_if import Assumptions, keeps_margin
from chartconfig.cli import console, what_if
from chartconfig.cli.findings import FindingsError
from chartconfig.cli.options import at_option, format_option, on_option
from chartconfig.cli.project import open_project, refuse
from chartconfig.cli.promise import promise, signed
from chartconfig.cli.table import fitting
from chartconfig.collection.charts_json import chart_entry
from chartconfig.collection.compile import collected_more_often
from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.diagnostics.render import counted
from chartconfig.edge.files import replace_file
from chartconfig.sampling.accuracy import Change, Detect
from chartconfig.sampling.required import value_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date
    from fractions import Fraction

    from chartconfig.charts.chart import Chart
    from chartconfig.cli.plot.data import ChartPlot, PlanPlot
    from chartconfig.diagnostics.render import Line
    from chartconfig.pipeline import WhatIf
    from chartconfig.sampling.plan import PlannedRate
    from chartconfig.sampling.population import Population

FORMAT = "chartconfig/rates/v1"

_HEADINGS = (
    *("chart", "promise", "population", "before", "rate", "reports", "a week"),
    *("can promise", "likely worth"),
)
_MANY = 1000
_ROUNDED = 1.01
"""What is promised has three digits, rounded up: it may be by so much more than it must."""
_DRAWINGS = (".svg", ".png")
_RIGHT = frozenset({"population", "before", "rate", "a week"})
_DISPENSABLE = ("a week", "population", "reports")
"""Columns left out, in this order, of a terminal too narrow."""


@click.command("rates")
@click.argument("charts", nargs=-1, metavar="[CHART]...")
@what_if.what_if_options
@click.option(
    "--plot",
    "drawing",
    is_flag=False,
    flag_value="",
    metavar="[FILE]",
    help="Draw, of one CHART, what other rates would be worth and what other populations would "
    "need; of several, the plan. FILE ends in .svg or .png and is replaced; without it, in text.",
)
@on_option
@at_option
@format_option()
@click.pass_obj
def command(
    directory: str,
    *,
    charts: tuple[str, ...],
    populations: tuple[tuple[str, Population], ...],
    margin: Fraction | None,
    confidence: Fraction | None,
    cap: Fraction | None,
    budget: Fraction | None,
    drawing: str | None,
    on: date | None,
    revision: str | None,
    output: str,
) -> None:
    """Show the sample rate of every CHART, or of all, and what it is worth.

    The columns: what is promised; the installations planned for (low, after adoption); the share
    of weeks whose reports count for the chart; how often an installation reports its counters, with
    a star where that is more because another chart needs one; the reports expected a week from the
    likely population; the accuracy that they give.

    The options --population to --budget ask what if, and change no file. Then the rate that the
    files give stands before the new one; with --budget, so does what can still be promised.
    """
    file = Path(drawing) if drawing and drawing.lower().endswith(_DRAWINGS) else None
    if drawing and file is None:  # --plot gopls/client: what follows the option is a chart
        charts = (*charts, drawing)
    if drawing is not None and file is None and output == "json":
        raise click.UsageError("--plot draws here, where --format json prints: name a FILE")
    project = open_project(directory, on=on, revision=revision)
    planned = project.checked.planned
    if planned is None:
        refuse(project)
    known = {chart.id for chart in planned.repository.charts}
    if unknown := [chart for chart in charts if chart not in known]:
        if project.checked.compilable is None:  # an error may hide it
            refuse(project)
        hint = "" if unknown[0] != drawing else f", and a FILE ends in {' or '.join(_DRAWINGS)}"
        raise click.UsageError(
            f"there is no chart {unknown[0]}; `chartconfig rates` lists all{hint}"
        )
    assumptions = Assumptions(
        populations=populations,
        margin=margin,
        confidence=confidence,
        cap=cap,
        budget=budget,
        charts=frozenset(charts),
    )
    what_if.refuse_unknown(project, planned.repository, assumptions)
    found = pipeline.what_if(planned, assumptions)
    for chart in planned.repository.charts:
        if chart.id in charts and chart not in planned.charts:
            _remark(f"{chart.id} is not collected: it has expired, or has no rate; see check")
    if without := [chart.id for chart in planned.charts if keeps_margin(chart, assumptions)]:
        _remark(f"--margin changes no chart that has none: {', '.join(without)}")
    rows = list(_rows(found, charts))
    nothing = [chart.id for chart, _, rate in rows if rate.achieved_at_low is None]
    if nothing and budget is not None:
        _remark(f"nothing can be promised at this budget of {', '.join(nothing)}")
    if drawing is not None and not rows:
        raise click.ClickException("there is nothing to draw")
    if file is not None:
        replace_file(file, _drawn(rows, found, file))
    if output == "json":
        console.write(f"{json.dumps(_document(rows, found), indent=2)}\n")
    else:
        if found.assumptions:
            console.show(what_if.heading(found))
        if drawing is None or file is not None:
            console.show(_table(rows, found))
        else:
            console.show(_drawn_here(rows, found))
        console.show(_closing(found))
        if file is not None:
            console.show([(("path", f"{file}"), ("dim", f"  {file.stat().st_size:,} bytes"))])
    errors = (
        [*what_if.other_errors(project), *found.diagnostics]
        if found.assumptions
        else [d for d in project.checked.diagnostics if d.severity is Severity.ERROR]
    )
    if errors:
        raise FindingsError(errors, project.documents)


def _remark(text: str) -> None:
    console.show([(("warning", text),)], stream=sys.stderr)


Row = tuple["Chart", "PlannedRate", "PlannedRate"]
"""A chart, its rate as the files have it, and its rate."""


def _rows(found: WhatIf, charts: Collection[str]) -> Iterator[Row]:
    """Yield the charts that were named, or all, with their rates before and now."""
    each = zip(found.planned.charts, found.before.plan.rates, found.plan.rates, strict=True)
    return (row for row in each if not charts or row[0].id in charts)


def _plot(rows: list[Row], found: WhatIf) -> ChartPlot | PlanPlot:
    """Return what is drawn: of one chart its curves, which it has if any rate is worth anything."""
    from chartconfig.cli.plot.data import ChartPlot, plot

    plotted = plot(rows, found)
    if isinstance(plotted, ChartPlot) and not plotted.points:
        raise click.ClickException(
            f"there is nothing to draw: {rows[0][0].id} can promise nothing at any rate"
        )
    return plotted


def _drawn(rows: list[Row], found: WhatIf, file: Path) -> bytes:
    """Return a drawing as the bytes of a file."""
    try:
        from chartconfig.cli.plot.figure import draw
    except ImportError as error:
        raise click.ClickException(
            "matplotlib, which draws files, is not installed: pip install 'chartconfig[plot]'; "
            "--plot without FILE draws in the terminal"
        ) from error
    return draw(_plot(rows, found), kind="svg" if file.name.lower().endswith(".svg") else "png")


def _drawn_here(rows: list[Row], found: WhatIf) -> Iterator[Line]:
    """Return a drawing as lines, in ASCII where there is nothing else."""
    from chartconfig.cli.plot import terminal

    drawn = terminal.lines(_plot(rows, found), width=console.width())
    return drawn if console.knows("█⠿") else terminal.in_ascii(drawn)


def _document(rows: list[Row], found: WhatIf) -> dict[str, object]:
    charts = [_entry(chart, before, rate, found) for chart, before, rate in rows]
    totals = _totals(found)
    if not found.assumptions:
        return {"format": FORMAT, "charts": charts, "totals": totals}
    files = found.before.plan
    totals["before"] = {
        "sample_rate": files.sample_rate,
        "reports_per_year": cleaned(files.reports_per_year),
    }
    if found.assumptions.budget is not None:
        totals["widening"] = found.widening
    assumptions = what_if.entry(found.assumptions)
    return {"format": FORMAT, "assumptions": assumptions, "charts": charts, "totals": totals}


def _entry(
    chart: Chart, before: PlannedRate, rate: PlannedRate, found: WhatIf
) -> dict[str, object]:
    entry = chart_entry(chart, rate, found.planned.repository)
    if found.assumptions:
        files = chart_entry(chart, before, found.before.repository)
        entry["before"] = {"rate": files["rate"], "achieved": files["achieved"]}
    return entry


def _totals(found: WhatIf) -> dict[str, object]:
    plan = found.plan
    limit = found.max_reports_per_year
    return {
        "charts": len(found.planned.charts),
        "counters": len(plan.counter_rates),
        "sample_rate": plan.sample_rate,
        "reports_per_year": cleaned(plan.reports_per_year),
        "max_reports_per_year": None if limit is None else float(limit),
    }


def _table(rows: list[Row], found: WhatIf) -> tuple[Line, ...]:
    absent = set()
    if not found.assumptions:
        absent.add("before")
    if found.assumptions.budget is None:
        absent.add("can promise")
    headings = [heading for heading in _HEADINGS if heading not in absent]
    cells = [_cells(*row, found) for row in rows]
    return fitting(
        headings,
        [[row[heading] for heading in headings] for row in cells],
        width=console.width() if sys.stdout.isatty() else sys.maxsize,
        right=_RIGHT,
        dispensable=_DISPENSABLE,
    )


def _cells(
    chart: Chart, before: PlannedRate, rate: PlannedRate, found: WhatIf
) -> dict[str, tuple[str, str]]:
    """Return what stands under each heading, with its style."""
    style = "warning" if rate.shortfall else "good"
    short = " (short)" if rate.shortfall else ""
    return {
        "chart": ("path", chart.id),
        "promise": ("plain", promise(chart.accuracy)),
        "population": ("plain", f"{found.planned.repository.population(chart).low:,}"),
        "before": ("dim" if before.rate == rate.rate else "plain", f"{before.rate:.4g}"),
        "rate": ("number", f"{rate.rate:.4g}"),
        "reports": ("plain", _once_in(chart, rate, found)),
        "a week": ("plain", _a_week(rate.expected_reports)),
        "can promise": (style, _can_promise(chart, before, rate)),
        "likely worth": (style, _worth(rate.achieved_at_likely) + short),
    }


def _can_promise(chart: Chart, before: PlannedRate, rate: PlannedRate) -> str:
    left = rate.achieved_at_low
    text = "nothing" if left is None else signed(chart.accuracy, left)
    return f"{text} ({_worth(before.achieved_at_low)} before)" if before.shortfall else text


def _once_in(chart: Chart, rate: PlannedRate, found: WhatIf) -> str:
    """Return how often the most frequent of a chart's counters is reported."""
    more = collected_more_often(chart, rate, found.planned.repository, found.plan)
    return once_in(max(more.values(), default=rate.rate)) + ("*" if more else "")


def _a_week(reports: float) -> str:
    return f"{reports:,.0f}" if reports >= 1 else rounded(reports)


def _worth(achieved: float | None) -> str:
    return "nothing" if achieved is None else percent(achieved)


def _closing(found: WhatIf) -> Iterator[Line]:
    plan, before = found.plan, found.before.plan
    charts, counters = len(found.planned.charts), len(plan.counter_rates)
    rate, reports = f"{plan.sample_rate:.4g}", reports_a_year(plan.reports_per_year)
    if found.assumptions:
        rate = f"{before.sample_rate:.4g} -> {rate}"
        reports = f"{rounded(before.reports_per_year)} -> {reports}"
    text = f"{counted(charts, 'chart')}, {counted(counters, 'counter')}: "
    text += f"SampleRate {rate}, {reports} expected"
    if found.max_reports_per_year is not None:
        text += f" of {rounded(float(found.max_reports_per_year), digits=6)} allowed"
    yield ()
    yield (("good", text),)
    if found.widening > 1:
        yield from _widened(found)


def _widened(found: WhatIf) -> Iterator[Line]:
    """Yield by how much margins are wider than what is asked; only of those of which it is true."""
    pairs = list(zip(found.planned.charts, found.plan.rates, strict=True))
    kept = [chart for chart, rate in pairs if _is_widened(chart, rate, found.widening)]
    kinds = {type(chart.accuracy) for chart in kept}
    factors = []
    if kinds - {Change, Detect}:
        factors.append(f"every margin is {_times(found.widening)} as wide")
    if Change in kinds:
        factors.append(f"every change to notice is {_times(found.widening)} as large")
    if Detect in kinds:
        factors.append(f"every share to detect is {_times(found.widening**2)} as large")
    if not factors:
        return
    told = f"{', '.join(factors)}; or less, where that costs no report."
    others = [chart.id for chart, _ in pairs if chart not in kept]
    if others:
        yield (("plain", f"Of {counted(len(kept), 'chart')}, {told}"),)
        yield (("plain", f"More is given up of {', '.join(others)}."),)
    else:
        yield (("plain", f"{told[0].upper()}{told[1:]}"),)


def _is_widened(chart: Chart, rate: PlannedRate, widening: float) -> bool:
    """Return whether a promise is at most so many times as wide as what is asked.

    It is not where the cap kept a chart from what it asks before the budget did, nor where so few
    reports are left that the normal approximation does not hold.
    """
    factor = widening**2 if isinstance(chart.accuracy, Detect) else widening
    asked, left = float(value_of(chart.accuracy)), rate.achieved_at_low
    return left is not None and left <= asked * factor * _ROUNDED


def _times(factor: float) -> str:
    return f"{factor:,.0f} times" if factor >= _MANY else f"{factor:.3g} times"
