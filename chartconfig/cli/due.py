"""`due`: what somebody has to look at again, for a terminal or for an issue."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING

import click

from chartconfig.cli import console
from chartconfig.cli.options import Day, format_option
from chartconfig.cli.project import open_project, refuse
from chartconfig.diagnostics.page import visible
from chartconfig.diagnostics.render import counted
from chartconfig.edge.clock import today
from chartconfig.review.due import document, due, markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from chartconfig.diagnostics.render import Line
    from chartconfig.review.due import Due


@click.command("due")
@click.option("--on", type=Day(), help="The day for which it is listed. Default: today.")
@format_option("markdown")
@click.pass_obj
def command(directory: str, *, on: date | None, output: str) -> None:
    """List what expires, and what else has to be looked at again.

    Charts that expired or expire within 60 days, population estimates older than a year, charts
    that are short of their accuracy, and what is retired for long enough; each with its owners.
    Exit code 1: there is something to do. A shortfall that was accepted is only listed.
    """
    on = on or today()
    project = open_project(directory, on=on)
    if project.checked.planned is None:
        refuse(project)
    entries = due(project.checked.planned.repository, project.checked.diagnostics)
    if output == "json":
        console.write(f"{json.dumps(document(entries, on=on), indent=2)}\n")
    elif output == "markdown":
        console.write(markdown(entries, on=on))
    else:
        console.show(_lines(entries, on))
    if any(each.is_pressing for each in entries):
        raise click.exceptions.Exit(1)


def _lines(entries: Sequence[Due], on: date) -> Iterator[Line]:
    for heading, group in groupby(entries, key=lambda each: each.heading):
        yield (("heading", heading),)
        for each in group:
            style = "warning" if each.is_pressing else "plain"
            owners = f"  {', '.join(each.owners)}" if each.owners else ""
            yield ((style, f"  {visible(each.subject)}"), ("dim", visible(owners)))
            yield (("plain", f"      {visible(each.message)}"),)
            if each.finding.hint:
                yield (("help", "      "), ("dim", visible(each.finding.hint)))
        yield ()
    pressing = sum(each.is_pressing for each in entries)
    told = f"{counted(pressing, 'thing')} to do on {on}" if pressing else f"nothing to do on {on}"
    yield (("warning" if pressing else "good", told),)
