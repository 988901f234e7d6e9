"""`renew`: a later day on which charts expire, and nothing else about them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from chartconfig.charts.renewed import NotRenewedError, renewed
from chartconfig.cli import console
from chartconfig.cli.findings import FindingsError
from chartconfig.cli.options import Day, format_option
from chartconfig.cli.project import open_project, refuse
from chartconfig.edge.clock import today
from chartconfig.edge.files import replace_file

if TYPE_CHECKING:
    from datetime import date

    from chartconfig.charts.chart import Chart

FORMAT = "chartconfig/renew/v1"


@click.command("renew")
@click.argument("charts", metavar="CHART...", nargs=-1, required=True)
@click.option(
    "--until",
    type=Day(),
    help="The last day on which they are to be collected. Default: today in a year.",
)
@format_option()
@click.pass_obj
def command(directory: str, *, charts: tuple[str, ...], until: date | None, output: str) -> None:
    """Let charts expire later: in their files, and all of them or none.

    Only the date is written anew: comments and all else stay as they are. For installations it is
    more that is collected, so it is reviewed, and approved, like any other change.
    """
    project = open_project(directory)
    if project.checked.planned is None:
        refuse(project)
    known = {chart.id: chart for chart in project.checked.planned.repository.charts}
    if unknown := [chart for chart in charts if chart not in known]:
        raise click.UsageError(
            f"there is no chart {unknown[0]!r}; `chartconfig rates` lists all that are collected"
        )
    until = until or _in_a_year(today())
    chosen = [known[chart] for chart in dict.fromkeys(charts)]
    try:
        texts = {chart.document.path: renewed(chart, until) for chart in chosen}
    except NotRenewedError as error:
        raise FindingsError([error.diagnostic], project.documents) from error
    for path, text in texts.items():
        replace_file(project.place.base / path, text)
    if output == "json":
        document = {"format": FORMAT, "charts": [_entry(chart, until) for chart in chosen]}
        console.write(f"{json.dumps(document, indent=2)}\n")
        return
    for chart in chosen:
        told = f"{chart.id} expires on {until}, {chart.expires} before"
        console.show([(("good", told), ("plain", "  "), ("path", chart.document.path))])


def _entry(chart: Chart, until: date) -> dict[str, object]:
    before = str(chart.expires)
    return {
        "id": chart.id,
        "path": chart.document.path,
        "before": before,
        "after": until.isoformat(),
    }


def _in_a_year(day: date) -> date:
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
