"""`import`: charts of another format, brought into a config repository whole or not at all."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

import click

from chartconfig.charts import placeholder
from chartconfig.checks.programs import GOARCH, GOOS
from chartconfig.cli import console, skeleton
from chartconfig.cli.findings import FindingsError, listing
from chartconfig.cli.init import frame
from chartconfig.cli.options import Day, format_option
from chartconfig.cli.project import open_project, planned_or_refuse
from chartconfig.diagnostics import render
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.edge.clock import today
from chartconfig.edge.files import add_files, read_document, write_directory
from chartconfig.errors import ChartconfigError
from chartconfig.exchange.adding import add_entries
from chartconfig.exchange.from_config import read_config
from chartconfig.exchange.from_records import pattern, read_records
from chartconfig.exchange.placed import Wishes
from chartconfig.exchange.placing import place
from chartconfig.exchange.writing import listed
from chartconfig.module.path import why_unpublishable
from chartconfig.pipeline import check
from chartconfig.source.document import Document
from chartconfig.source.schema import schema_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from chartconfig.cli.project import Project
    from chartconfig.diagnostics.diagnostic import Diagnostic, Span
    from chartconfig.exchange.draft import Drafts
    from chartconfig.exchange.placed import Placed, PlacedChart
    from chartconfig.pipeline import Checked

_READERS = {"go-chartconfig": read_records, "collection-config": read_config}
_SHOWN = "CC207"
"""What check finds of the charts and is told with the lines that they come from, beside errors."""


@click.command("import")
@click.argument("kind", metavar="go-chartconfig|collection-config", type=click.Choice([*_READERS]))
@click.argument("file", metavar="FILE")
@click.option(
    "-o",
    "--output",
    "out",
    metavar="DIR",
    help="The config repository to bring it into, or a new one. Default: that of -C.",
)
@click.option(
    "--owner", metavar="HANDLE", help="Who answers for the charts, such as @golang/tools."
)
@click.option("--expires", type=Day(), help="The last day of the charts. Default: in a year.")
@click.option(
    "--module",
    metavar="PATH",
    default="example.org/telemetry/config",
    show_default=True,
    help="The path of the module of a new config repository.",
)
@format_option()
@click.pass_obj
def command(
    directory: str,
    *,
    kind: str,
    file: str,
    out: str | None,
    owner: str | None,
    expires: date | None,
    module: str,
    output: str,
) -> None:
    """Bring in charts that are written for another tool.

    go-chartconfig is the record format of golang.org/x/telemetry/internal/chartconfig, in which
    Go's own charts are kept; collection-config is a config.json that installations read. What is
    collected stays the same; rates are computed anew.

    Every decision is reported with the line that asked for it. Charts and programs that are there
    already stay as they are, so the same import twice does nothing. It is done whole, or not at
    all.
    """
    if why := why_unpublishable(module):
        raise click.UsageError(f"the go command refuses the module path {module!r}: {why}")
    if owner is not None and not re.search(pattern("chart", "owners"), owner):
        raise click.UsageError(
            f"write a handle such as @golang/tools or a mail address, not {owner!r}"
        )
    source = read_document(Path(file))
    drafts = _READERS[kind](source)
    _refuse_errors(drafts.diagnostics, [source])
    where = Path(out or directory)
    existing = None
    if out is None or (where / "configs").is_dir() or (where / "collection.yaml").is_file():
        existing = _open(where, new=out is None)
    on = existing.origin.on if existing else today()
    if expires is not None and expires < on:
        raise click.UsageError(f"on {expires}, charts have expired already: today is {on}")
    wishes = Wishes(
        expires=expires or skeleton.in_a_year(on), expires_assumed=expires is None, owner=owner
    )
    planned = existing.checked.planned if existing else None
    placed = place(drafts, wishes, on=on, existing=planned.repository if planned else None)
    found = (*drafts.diagnostics, *placed.diagnostics)
    _refuse_errors(found, [source])
    files = {chart.path: chart.text for chart in placed.charts} | dict(placed.programs)
    if existing:
        shared = _changed(existing, placed)
        others = [each for each in existing.documents if each.path not in shared]
    else:
        shared = {}
        files |= _shared(drafts, placed, module)
        others = []
    files, checked, short = _reachable(files, placed.charts, [*others, *shared.values()], on)
    found += (*short, *_traced(checked, placed.charts, existing))
    _refuse_errors(found, [source])
    programs_first = sorted(files.items(), reverse=True)
    data = {path: text.encode() for path, text in programs_first}
    if existing:
        before = {each.path: each.data for each in existing.documents}
        changed = {path: (before[path], each.data) for path, each in shared.items()}
        add_files(existing.place.base, data, changed)
    else:
        more = frame(module, program=placed.charts[0].path.split("/")[2])
        data |= {path: text.encode() for path, text in more.items()}
        write_directory(where, data, replaces=lambda _: False)
    console.show(listing(render.in_order(found), [source]), stream=sys.stderr)
    _tell([*data, *shared], found, len(placed.charts), where=where, output=output)


def _open(where: Path, *, new: bool) -> Project:
    """Return the config repository that charts are brought into.

    Raises:
        ChartconfigError: There is none; with `new`, -o would make one.
        FindingsError: It has errors, so that nobody can say what it has already.
    """
    try:
        existing = open_project(str(where))
    except ChartconfigError as error:
        if new and error.diagnostic.code == "CC125":
            hint = "name one with -C DIR, or a new one with -o DIR"
            raise ChartconfigError(replace(error.diagnostic, hint=hint)) from error
        raise
    planned_or_refuse(existing)
    return existing


def _refuse_errors(found: Iterable[Diagnostic], documents: Iterable[Document]) -> None:
    """Stop with everything that was found, if an error is among it.

    Raises:
        FindingsError: One is.
    """
    ordered = render.in_order(found)
    if any(each.severity is Severity.ERROR for each in ordered):
        raise FindingsError(ordered, documents)


def _shared(drafts: Drafts, placed: Placed, module: str) -> dict[str, str]:
    """Return the files of a new config repository that all charts share."""
    goos, goarch = (drafts.goos or sorted(GOOS)), (drafts.goarch or sorted(GOARCH))
    collection = placeholder.COLLECTION.format(
        module=module, goos=listed(goos), goarch=listed(goarch)
    )
    programs = indent("".join(placed.versions.values()), "  ")
    texts = {
        "collection": ("collection.yaml", collection),
        "populations": ("populations.yaml", placed.populations),
        "versions": (
            "versions.lock.yaml",
            placed.toolchain + (f"programs:\n{programs}" if programs else ""),
        ),
    }
    return {
        f"configs/{name}": f"{schema_line(kind, f'configs/{name}')}\n{text}"
        for kind, (name, text) in texts.items()
    }


def _changed(existing: Project, placed: Placed) -> dict[str, Document]:
    """Return the shared files with entries for new programs, by path.

    Raises:
        ChartconfigError: CC132, a file is not written so that entries can be put in.
    """
    documents = {each.path: each for each in existing.documents}
    wanted = (
        ("populations.yaml", placed.populations, None),
        ("versions.lock.yaml", "".join(placed.versions.values()), "programs"),
    )
    changed: dict[str, Document] = {}
    for name, entries, under in wanted:
        if not entries:
            continue
        path = f"{existing.place.root}/{name}"
        document = add_entries(documents[path], entries, under=under)
        if document is None:
            keys = ", ".join(placed.versions) if under else "the new programs"
            hint = "write one entry a line there, or add those of the programs by hand"
            told = f"no entries can be added to {path} for {keys}"
            raise FindingsError([report("CC132", told, None, hint=hint)], [])
        changed[path] = document
    return changed


def _reachable(
    files: dict[str, str], charts: Iterable[PlacedChart], others: list[Document], on: date
) -> tuple[dict[str, str], Checked, list[Diagnostic]]:
    """Return the files, what check finds of them, and the accuracies that no rate can give.

    A chart accepts such a shortfall: the population is assumed, or else that of an existing
    repository, and the imported file knows neither.
    """

    def checked(files: dict[str, str]) -> Checked:
        documents = [Document(path=path, data=text.encode()) for path, text in files.items()]
        return check([*others, *documents], on=on)

    first = checked(files)
    planned = first.planned
    pairs = zip(planned.charts, planned.plan.rates, strict=True) if planned else ()
    short = {chart.document.path for chart, rate in pairs if rate.shortfall is not None}
    mine = [chart for chart in charts if chart.path in short]
    if not mine:
        return files, first, []
    line = "shortfall: accept  # what the population can give\n"
    files = files | {chart.path: files[chart.path] + line for chart in mine}
    told = "no rate can give this accuracy in the population: `shortfall: accept` was written"
    found = [
        report("CC133", told, chart.source("accuracy"), hint=f"correct {chart.path}")
        for chart in mine
    ]
    return files, checked(files), found


def _traced(
    checked: Checked, charts: Iterable[PlacedChart], existing: Project | None
) -> Iterator[Diagnostic]:
    """Yield the errors and slips that check finds of the new files, at the lines of the source."""
    by_path = {chart.path: chart for chart in charts}
    known = set(existing.checked.diagnostics) if existing else set()
    for found in checked.diagnostics:
        if (found.severity is not Severity.ERROR and found.code != _SHOWN) or found in known:
            continue
        chart = by_path.get(found.span.path) if found.span else None
        related = tuple(
            (_source(by_path[span.path], span.start.line), told)
            if span.path in by_path
            else (span, told)
            for span, told in found.related
        )
        if chart is None or found.span is None:
            yield replace(found, related=related)
        else:
            span = _source(chart, found.span.start.line)
            yield replace(found, span=span, related=related)


def _source(chart: PlacedChart, line: int) -> Span:
    """Return where a line of a chart's file comes from."""
    above = reversed(chart.text.splitlines()[:line])
    key = next((each.partition(":")[0] for each in above if each[:1].isalpha()), "counter")
    return chart.source(key)


def _tell(
    written: Iterable[str],
    found: Iterable[Diagnostic],
    charts: int,
    *,
    where: Path,
    output: str,
) -> None:
    """Print what was written, and what comes next."""
    ordered = render.in_order(found)
    written = sorted(written)
    if output == "json":
        document = {
            "format": skeleton.FORMAT,
            "written": written,
            "diagnostics": json.loads(render.to_json(ordered))["diagnostics"],
        }
        console.write(f"{json.dumps(document, indent=2)}\n")
        return
    for path in written:
        console.show([(("path", f"{where}/{path}"),)])
    told = f"{render.counted(charts, 'chart')} brought in" if written else "nothing is new"
    after = f"\nwritten: chartconfig -C {where} check" if written else ""
    console.show([(("good", f"{told}: {render.summary(ordered)}{after}"),)])
