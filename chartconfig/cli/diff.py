"""`diff`: what a change means for installations, not which lines moved."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chartconfig import __version__
from chartconfig.cli import console
from chartconfig.cli.options import format_option, on_option
from chartconfig.cli.project import NOWHERE, open_project, planned_or_refuse
from chartconfig.collection.compiled import (
    MalformedChartsError,
    decode_charts,
    decode_retired,
)
from chartconfig.collection.encode import decode
from chartconfig.edge.files import find_place, path_in_git, read_compiled
from chartconfig.edge.git import has_revision
from chartconfig.errors import ChartconfigError
from chartconfig.module.gomod import decode_go_mod
from chartconfig.pipeline import Built
from chartconfig.review import summary
from chartconfig.review.compiled import Published, charts_by_id
from chartconfig.review.difference import Comparison
from chartconfig.review.markdown import markdown
from chartconfig.review.sides import Side

if TYPE_CHECKING:
    from datetime import date

    from chartconfig.cli.project import Project

_CONFIG = "config.json"
_NEEDED = ("charts.json", "go.mod")
_PATHS = ("/", "./", "../")


@click.command("diff")
@click.argument("base", metavar="BASE")
@click.argument("head", metavar="[HEAD]", required=False)
@on_option
@format_option("markdown", "github", "sarif")
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
    sides = _Sides(directory, on=on)
    comparison = Comparison(base=sides.read(base), head=sides.read(head))
    if output == "json":
        console.write(f"{json.dumps(summary.document(comparison), indent=2)}\n")
    elif output == "markdown":
        console.write(markdown(comparison))
    elif output == "github":
        console.write(summary.github(comparison, folder=sides.above))
    elif output == "sarif":
        nowhere = f"{sides.above}{NOWHERE}"
        told = summary.sarif(comparison, folder=sides.above, version=__version__, nowhere=nowhere)
        console.write(told)
    else:
        console.show(summary.lines(comparison))
        if comparison.is_partial:
            told = "of one side only config.json is known: charts are not compared"
            console.show([(("warning", told),)], stream=sys.stderr)
        console.show([(("heading", summary.headline(comparison)),)])


class _Sides:
    """What arguments name; the second one is much like the first, which saves time."""

    def __init__(self, directory: str, *, on: date | None) -> None:
        self._directory = directory
        self._on = on
        self._read: Project | None = None

    @property
    def above(self) -> str:
        """What a pull request puts before the paths of the one that was read last."""
        return path_in_git(self._read.place) if self._read else ""

    def read(self, named: str | None) -> Side:
        """Return what an argument names."""
        if named is None:
            return self._compiled(self._directory, "the work tree")
        path = Path(named)
        is_path = named.startswith(_PATHS) or named in {".", ".."}
        if not is_path and not _is_revision(self._directory, named):
            is_path = path.exists()
        if not is_path:
            return self._compiled(self._directory, named, revision=named)
        if path.is_dir() and not (path / _CONFIG).is_file():
            return self._compiled(named, named)
        return _published(path)

    def _compiled(self, directory: str, name: str, *, revision: str | None = None) -> Side:
        """Return what a config repository compiles to; its errors are shown, and nothing else."""
        project = open_project(
            directory, on=self._on, revision=revision, like=self._read, in_full=False
        )
        self._read = project
        if project.checked.compilable is None:
            told = f"{name} does not compile, so there is nothing to compare"
            console.show([(("error", told),)], stream=sys.stderr)
        planned = planned_or_refuse(project)
        built = Built(planned=planned, documents=project.documents, origin=project.origin)
        on = project.origin.on
        return Side(name=name, compiled=built, repository=planned.repository, on=on)


def _is_revision(directory: str, named: str) -> bool:
    try:
        return has_revision(find_place(Path(directory)).base, named)
    except ChartconfigError:  # two published configs can be compared anywhere
        return False


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
    return Side(name=str(path), compiled=Published(files=files))
