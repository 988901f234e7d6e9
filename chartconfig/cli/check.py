"""`check`: everything that is wrong with the charts, and with what they refer to."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from chartconfig import __version__
from chartconfig.cli import console
from chartconfig.cli.findings import listing
from chartconfig.cli.options import at_option, format_option, on_option
from chartconfig.cli.project import may_need_approvals, open_project
from chartconfig.diagnostics import render
from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.errors import ChartconfigError

if TYPE_CHECKING:
    from datetime import date

    from chartconfig.cli.project import Project
    from chartconfig.diagnostics.diagnostic import Diagnostic


@click.command("check")
@on_option
@at_option
@format_option("github", "sarif")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    default="warning",
    show_default=True,
    help="The least severity with which check fails.",
)
@click.pass_obj
def command(
    directory: str, *, on: date | None, revision: str | None, output: str, fail_on: str
) -> None:
    """Check every chart and every file that charts refer to.

    All mistakes are reported, each with its place, what to write instead, and a code that
    `chartconfig explain CODE` tells more about. Exit code 0: clean; 1: findings.
    """
    project: Project | None = None
    diagnostics: tuple[Diagnostic, ...]
    try:
        project = open_project(directory, on=on, revision=revision)
        diagnostics = _with_approvals(project, revision, project.checked.diagnostics)
    except ChartconfigError as error:
        if output == "text":
            raise
        diagnostics = (error.diagnostic,)
    if output == "json":
        console.write(render.to_json(diagnostics))
    elif output == "github":
        console.write(render.github(diagnostics))
    elif output == "sarif":
        nowhere = f"{project.place.root if project else 'configs'}/collection.yaml"
        console.write(render.sarif(diagnostics, version=__version__, nowhere=nowhere))
    else:
        console.show(listing(diagnostics, project.documents if project else ()))
    failing = {"error": [Severity.ERROR], "warning": [Severity.ERROR, Severity.WARNING]}[fail_on]
    fails = any(diagnostic.severity in failing for diagnostic in diagnostics)
    text = render.summary(diagnostics)
    if project and not fails:
        text = f"{_size(project)}: {text}"
    style = "error" if fails else "good"
    console.show([((style, text),)], stream=sys.stdout if output == "text" else sys.stderr)
    if fails:
        raise click.exceptions.Exit(1)


def _with_approvals(
    project: Project, revision: str | None, found: tuple[Diagnostic, ...]
) -> tuple[Diagnostic, ...]:
    """Return findings without those that approvals accept, and with those on approvals.

    Where the charts have errors nothing is released, so who approved what is not asked.
    """
    planned = project.checked.compilable
    if planned is None or not may_need_approvals(project.place, planned):
        return found
    # They take git and more: not for every check.
    from chartconfig.cli.approve import review_of
    from chartconfig.review.content import subject_name

    try:
        review = review_of(project, revision=revision)
    except ChartconfigError as error:
        return (*found, error.diagnostic)
    if review is None:
        return found
    accepted, root = review.overrides, project.place.root
    kept = (each for each in found if (each.code, subject_name(each, root=root)) not in accepted)
    return render.in_order((*kept, *review.findings))


def _size(project: Project) -> str:
    planned = project.checked.planned
    if planned is None:
        return render.counted(len(project.documents), "file")
    charts, programs = len(planned.repository.charts), len(planned.repository.programs)
    return f"{render.counted(charts, 'chart')} of {render.counted(programs, 'program')}"
