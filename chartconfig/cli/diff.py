"""`diff`: what a change means for installations, not which lines moved."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chartconfig.cli import console
from chartconfig.cli.options import format_option, on_option
from chartconfig.cli.project import open_project, planned_or_refuse
from chartconfig.collection.compiled import (
    MalformedChartsError,
    decode_charts,
    decode_retired,
)
from chartconfig.collection.encode import decode
from chartconfig.edge.files import find_place, read_compiled
from chartconfig.edge.git import has_revision
from chartconfig.errors import ChartconfigError
from chartconfig.module.gomod import decode_go_mod
from chartconfig.pipeline import build
from chartconfig.review import summary
from chartconfig.review.compiled import charts_by_id
from chartconfig.review.difference import Comparison
from chartconfig.review.markdown import markdown
from chartconfig.review.sides import Side

if TYPE_CHECKING:
    from datetime import date

_CONFIG = "config.json"
_NEEDED = ("charts.json", "go.mod")
_PATHS = ("/", "./", "../")


@click.command("diff")
@click.argument("base", metavar="BASE")
@click.argument("head", metavar="[HEAD]", required=False)
@on_option
@format_option("markdown", "github")
@click.pass_obj
def command(directory: str, *, base: str, head: str | None, on: date | None, output: str) -> None:
    """Show what HEAD means for installations, compared with BASE.

    Each is a git revision; a directory that holds a config repository, or what compile wrote; or a
    published config.json. Without HEAD it is the work tree. What is no revision is a path; what
    begins with ./ always is.

    Each change is of one class. Changes meaning: a counter keeps its name, and something else is
    charted under it. Collects more, collects less. Rejects reports under way: what installations
    with the older config still send. No change in what is collected. With it: where that is said,
    why, and the chart's rate, expected reports and accuracy, before and after.
    """
    comparison = Comparison(base=_side(directory, base, on=on), head=_side(directory, head, on=on))
    if output == "json":
        console.write(f"{json.dumps(summary.document(comparison), indent=2)}\n")
    elif output == "markdown":
        console.write(markdown(comparison))
    elif output == "github":
        console.write(summary.github(comparison))
    else:
        console.show(summary.lines(comparison))
        if comparison.is_partial:
            told = "of one side only config.json is known: charts are not compared"
            console.show([(("warning", told),)], stream=sys.stderr)
        console.show([(("heading", summary.headline(comparison)),)])


def _side(directory: str, named: str | None, *, on: date | None) -> Side:
    """Return what an argument names."""
    if named is None:
        return _compiled(directory, "the work tree", on=on)
    path = Path(named)
    is_path = named.startswith(_PATHS) or named in {".", ".."}
    if not is_path and not _is_revision(directory, named):
        is_path = path.exists()
    if not is_path:
        return _compiled(directory, named, on=on, revision=named)
    if path.is_dir() and not (path / _CONFIG).is_file():
        return _compiled(named, named, on=on)
    return _published(path)


def _is_revision(directory: str, named: str) -> bool:
    try:
        return has_revision(find_place(Path(directory)).base, named)
    except ChartconfigError:  # two published configs can be compared anywhere
        return False


def _compiled(directory: str, name: str, *, on: date | None, revision: str | None = None) -> Side:
    """Return what a config repository compiles to; its errors are shown, and nothing else."""
    project = open_project(directory, on=on, revision=revision)
    if project.checked.compilable is None:
        told = f"{name} does not compile, so there is nothing to compare"
        console.show([(("error", told),)], stream=sys.stderr)
    planned = planned_or_refuse(project)
    files = build(planned, documents=project.documents, origin=project.origin)
    origin = project.origin
    return Side(name=name, files=files, repository=planned.repository, on=origin.on)


def _published(path: Path) -> Side:
    """Return what compile wrote to a directory, or a config.json alone."""
    folder, name = (path, _CONFIG) if path.is_dir() else (path.parent, path.name)
    files = {_CONFIG: read_compiled(folder, [name])[name]}
    decode(files[_CONFIG], path=str(folder / name))
    if path.is_dir() and all((path / each).is_file() for each in _NEEDED):
        files |= read_compiled(path, _NEEDED)
        charts = str(path / "charts.json")
        decode_charts(files["charts.json"], path=charts)
        decode_retired(files["charts.json"], path=charts)
        for chart in charts_by_id(files["charts.json"]).values():
            if not all(isinstance(chart.get(key), str) for key in ("title", "expires")):
                raise MalformedChartsError(
                    f'chart {chart["id"]} has no "title" or "expires"', charts
                )
        decode_go_mod(files["go.mod"])
    return Side(name=str(path), files=files)
