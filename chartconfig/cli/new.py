"""`new`: a chart to start from, which passes `check`."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING

import click

from chartconfig.charts import placeholder
from chartconfig.charts.chart import ChartType
from chartconfig.charts.numbers import percent
from chartconfig.charts.target import kind
from chartconfig.cli import skeleton
from chartconfig.cli.findings import FindingsError
from chartconfig.cli.options import format_option
from chartconfig.cli.project import open_project, refuse
from chartconfig.collection.charts_json import accuracy_entry
from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.edge.files import write_new_file
from chartconfig.pipeline import check
from chartconfig.source.document import Document
from chartconfig.source.schema import schema_line

if TYPE_CHECKING:
    from datetime import date

    from chartconfig.charts.chart import Chart
    from chartconfig.charts.program import Program
    from chartconfig.cli.project import Project
    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.sampling.plan import PlannedRate

_BUCKETS = {
    ChartType.PARTITION: "buckets: [first, second, other]  # keep `other`\n",
    ChartType.HISTOGRAM: 'buckets: ["0", "1-9", "10-99", "100"]  # in order\n',
    ChartType.STACK: "depth: 16  # frames of each call stack\n",
}


@click.command("new")
@click.argument("chart", metavar="PROGRAM/CHART")
@click.option(
    "--type",
    "chart_type",
    type=click.Choice([kind.value for kind in ChartType]),
    default="partition",
    show_default=True,
    help="What is drawn.",
)
@click.option("--counter", metavar="NAME", help="The counter's name. Default: after the chart.")
@click.option("--title", metavar="TEXT", help="What the chart shows. Default: after the chart.")
@click.option("--issue", metavar="URL", help="Where it is discussed.")
@click.option("--owner", metavar="HANDLE", help="Who answers for it, such as @golang/tools.")
@format_option()
@click.pass_obj
def command(
    directory: str,
    *,
    chart: str,
    chart_type: str,
    counter: str | None,
    title: str | None,
    issue: str | None,
    owner: str | None,
    output: str,
) -> None:
    """Start a chart of a program in configs/charts/PROGRAM/CHART.yaml.

    It passes check as it is, with an accuracy that the program's population can give. What its
    comments ask for is yours to replace.
    """
    project = open_project(directory)
    planned = project.checked.planned
    if planned is None:
        refuse(project)
    program_id, _, name = chart.partition("/")
    program = planned.repository.programs.get(program_id)
    if program is None:
        known = ", ".join(planned.repository.programs)
        raise click.UsageError(f"there is no program {program_id!r}; there are {known}")
    if not re.fullmatch("[a-z0-9]+(?:-[a-z0-9]+)*", name):
        raise click.UsageError(f"write PROGRAM/CHART with a-z, 0-9 and hyphens, not {chart!r}")
    path = f"{project.place.root}/charts/{program_id}/{name}.yaml"
    text = _skeleton(
        program,
        ChartType(chart_type),
        counter=counter or f"{program.prefixes[0]}/{name}",
        title=title or f"{name.replace('-', ' ').capitalize()} in {program.title}",
        issue=issue or placeholder.ISSUE,
        owner=owner or _usual_owner(project),
        on=project.origin.on,
        path=path,
    )
    document = _reachable(project, Document(path=path, data=text.encode(errors="surrogateescape")))
    write_new_file(project.place.base / path, document.data)
    told = "written, and it passes check: replace what its comments ask for"
    skeleton.tell([path], told=told, output=output)


def _skeleton(
    program: Program,
    chart_type: ChartType,
    *,
    counter: str,
    title: str,
    issue: str,
    owner: str,
    on: date,
    path: str,
) -> str:
    return (
        f"{schema_line('chart', path)}\n"
        f"title: {_quoted(title)}\n"
        f"description: {placeholder.DESCRIPTION}\n"
        f"type: {chart_type.value}\n"
        f"program: {program.id}\n"
        f"{_counters(chart_type, counter)}"
        f"issues: [{_quoted(issue)}]  # where it was proposed\n"
        f"owners: [{_quoted(owner)}]  # who answers for it\n"
        f"expires: {skeleton.in_a_year(on)}  # somebody looks again by then\n"
    )


def _counters(chart_type: ChartType, name: str) -> str:
    def spelled(name: str) -> str:
        return name if re.fullmatch("[a-z][a-z0-9-]*(?:/[a-z0-9-]+)+", name) else _quoted(name)

    if chart_type is ChartType.RATIO:
        hits, every = spelled(f"{name}-hits"), spelled(f"{name}-all")
        return f"numerator: {hits}  # replace\ndenominator: {every}  # replace\n"
    return f"counter: {spelled(name)}\n{_BUCKETS[chart_type]}"


def _quoted(text: str) -> str:
    """Return text as YAML reads it back, whatever is in it."""
    return json.dumps(text, ensure_ascii=False)


def _reachable(project: Project, document: Document) -> Document:
    """Return the chart, with an accuracy of its own where the default cannot be met.

    Raises:
        FindingsError: What was given with options does not pass check.
    """
    diagnostics, planned = _checked(project, document)
    if planned is not None:
        chart, shortfall = planned[0], planned[1].shortfall
        accuracy = accuracy_entry(chart.accuracy)
        if shortfall is None:
            line = f"# accuracy: {_map(accuracy)}  # this when left out, as collection.yaml says"
        elif shortfall.reachable is None:
            line = "shortfall: accept  # what the population can give"
        else:
            accuracy[kind(chart)] = shortfall.reachable
            line = f"accuracy: {_map(accuracy)}  # what the population can give"
        document = Document(path=document.path, data=document.data + f"{line}\n".encode())
        diagnostics, _ = _checked(project, document)
    if diagnostics:
        raise FindingsError(diagnostics, [*project.documents, document])
    return document


def _map(accuracy: dict[str, object]) -> str:
    """Return a target accuracy as a chart has it."""
    entries = (
        f"{key}: {percent(value) if isinstance(value, float) else json.dumps(value)}"
        for key, value in accuracy.items()
    )
    return f"{{{', '.join(entries)}}}"


def _checked(
    project: Project, document: Document
) -> tuple[tuple[Diagnostic, ...], tuple[Chart, PlannedRate] | None]:
    """Return what one more chart adds to the findings, and the chart with its rate."""
    checked = check([*project.documents, document], on=project.origin.on, root=project.place.root)
    known = set(project.checked.diagnostics)
    found = tuple(
        diagnostic
        for diagnostic in checked.diagnostics
        if diagnostic not in known and diagnostic.severity is not Severity.INFO
    )
    planned = checked.planned
    pairs = zip(planned.charts, planned.plan.rates, strict=True) if planned else ()
    return found, next((pair for pair in pairs if pair[0].document is document), None)


def _usual_owner(project: Project) -> str:
    """Return who owns most charts."""
    planned = project.checked.planned
    charts = planned.repository.charts if planned else ()
    owners = Counter(owner for chart in charts for owner in chart.owners)
    return min(owners, key=lambda owner: (-owners[owner], owner), default=placeholder.OWNER)
