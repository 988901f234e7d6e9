"""`check`: everything that is wrong with the charts, and with what they refer to."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from chartconfig import __version__
from chartconfig.cli import console
from chartconfig.cli.findings import listing
from chartconfig.cli.options import at_option, format_option, on_option
from chartconfig.cli.owners import owners_file, owners_found
from chartconfig.cli.project import NOWHERE, above, may_need_approvals, open_project
from chartconfig.diagnostics import render
from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.errors import ChartconfigError

if TYPE_CHECKING:
    from datetime import date

    from chartconfig.cli.project import Project
    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.source.document import Document


@click.command("check")
@on_option
@at_option
@click.option(
    "--against",
    metavar="REV",
    help="Compare with this git revision. Default: with the last release.",
)
@click.option(
    "--new-only",
    is_flag=True,
    help="Show only what --against, or else the last release, does not have already.",
)
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
    directory: str,
    *,
    on: date | None,
    revision: str | None,
    against: str | None,
    new_only: bool,
    output: str,
    fail_on: str,
) -> None:
    """Check every chart and every file that charts refer to.

    All mistakes are reported, each with its place, what to write instead, and a code that
    `chartconfig explain CODE` tells more about. What installations with the config of the last
    release would suffer from is one. Exit code 0: clean; 1: findings.

    With --new-only, findings that the other revision has too, on whatever line, are left out.
    """
    project: Project | None = None
    diagnostics: tuple[Diagnostic, ...]
    documents: tuple[Document, ...] = ()
    try:
        project = open_project(directory, on=on, revision=revision)
        diagnostics, documents = project.checked.diagnostics, project.documents
        if file := owners_file(project):
            diagnostics = (*owners_found(project, file), *diagnostics)
            documents = (*documents, file)
        if against is not None or project.may_have_releases:
            from chartconfig.cli.comparing import judge  # what most runs do without

            judged = judge(directory, project, diagnostics, against=against, new_only=new_only)
            diagnostics, documents = judged.diagnostics, (*documents, *judged.documents)
        diagnostics = _with_approvals(project, revision, diagnostics)
    except ChartconfigError as error:
        if output == "text":
            raise
        diagnostics = (error.diagnostic,)
    if output == "json":
        console.write(render.to_json(diagnostics))
    elif output in {"github", "sarif"}:
        console.write(_annotated(diagnostics, above(directory), output))
    else:
        console.show(listing(diagnostics, documents))
    failing = {"error": [Severity.ERROR], "warning": [Severity.ERROR, Severity.WARNING]}[fail_on]
    fails = any(diagnostic.severity in failing for diagnostic in diagnostics)
    text = render.summary(diagnostics)
    if project and not fails:
        text = f"{_size(project)}: {text}"
    style = "error" if fails else "good"
    console.show([((style, text),)], stream=sys.stdout if output == "text" else sys.stderr)
    if fails:
        raise click.exceptions.Exit(1)


def _annotated(diagnostics: tuple[Diagnostic, ...], folder: str, output: str) -> str:
    """Return findings for a pull request, whose paths begin where git's do."""
    found = [each.below(folder) for each in diagnostics]
    if output == "github":
        return render.github(found)
    from chartconfig.diagnostics.sarif import sarif

    return sarif(found, version=__version__, nowhere=f"{folder}{NOWHERE}")


def _with_approvals(
    project: Project, revision: str | None, found: tuple[Diagnostic, ...]
) -> tuple[Diagnostic, ...]:
    """Return findings without those that approvals accept, and with those on approvals.

    Where the charts have errors nothing is released, so who approved what is not asked.
    """
    planned = project.checked.compilable
    if planned is None:
        return found
    if not (project.may_have_releases or may_need_approvals(project.place, planned)):
        return found
    # They take git and more: not for every check.
    from chartconfig.cli.approve import review_of
    from chartconfig.review.compatibility import without

    try:
        review = review_of(project, revision=revision)
    except ChartconfigError as error:
        return found if error.diagnostic in found else (*found, error.diagnostic)
    if review is None:
        return found
    return render.in_order((*without(found, review.overrides), *review.findings))


def _size(project: Project) -> str:
    planned = project.checked.planned
    if planned is None:
        return render.counted(len(project.documents), "file")
    charts, programs = len(planned.repository.charts), len(planned.repository.programs)
    return f"{render.counted(charts, 'chart')} of {render.counted(programs, 'program')}"
