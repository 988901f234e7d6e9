"""`codeowners`: CODEOWNERS, from the owners that charts name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chartconfig.cli import console
from chartconfig.cli.findings import FindingsError
from chartconfig.cli.options import format_option
from chartconfig.cli.project import open_project, planned_or_refuse
from chartconfig.diagnostics.catalogue import report
from chartconfig.edge.files import path_in_git, replace_file
from chartconfig.errors import ChartconfigError
from chartconfig.review.codeowners import outdated, with_owners
from chartconfig.source.document import Document

if TYPE_CHECKING:
    from chartconfig.charts.chart import Chart

FORMAT = "chartconfig/codeowners/v1"


@click.command("codeowners")
@click.option(
    "-o",
    "file",
    metavar="FILE",
    help="Write this file, and keep what stands outside of the marked part.",
)
@click.option("--check", "checked", metavar="FILE", help="Fail where this file says otherwise.")
@format_option()
@click.pass_obj
def command(directory: str, *, file: str | None, checked: str | None, output: str) -> None:
    """Write CODEOWNERS from the owners of the charts.

    Then the platform asks those who answer for a chart to look at each change of it. The lines
    stand between two marks; all others stay as they are. Without -o they are printed. `check` looks
    at .github/CODEOWNERS, CODEOWNERS, docs/CODEOWNERS and .gitlab/CODEOWNERS by itself.
    """
    if file is not None and checked is not None:
        raise click.UsageError("-o writes the file that --check compares: name one of the two")
    project = open_project(directory)
    planned = planned_or_refuse(project)
    charts, folder = planned.repository.charts, path_in_git(project.place)
    if checked is not None:
        document = Document(path=checked, data=_read(Path(checked)))
        if found := tuple(
            outdated(document.text, charts, path=checked, folder=folder, marked=True)
        ):
            raise FindingsError(found, [document])
        told = f"{checked} names the owners of the charts"
    elif file is not None:
        path = Path(file)
        before = _read(path).decode("utf-8", "surrogateescape") if path.exists() else None
        written = with_owners(before, charts, folder=folder)
        replace_file(path, written.encode("utf-8", "surrogateescape"))
        told = f"{file} {'is as it was' if written == before else 'written'}"
    else:
        told = with_owners(None, charts, folder=folder).rstrip("\n")
    if output == "json":
        console.write(f"{json.dumps(_document(charts), indent=2)}\n")
    elif file is None and checked is None:
        console.write(f"{told}\n")
    else:
        console.show([(("good", told),)])


def _read(path: Path) -> bytes:
    """Return a file that a user names.

    Raises:
        ChartconfigError: CC123, it cannot be read.
    """
    try:
        if path.is_file():  # to open something else might wait for ever
            return path.read_bytes()
        path.stat()
        why = "it is no regular file"
    except OSError as error:
        why = (error.strerror or str(error)).lower()
    message = f"{path} cannot be read: {why}"
    raise ChartconfigError(report("CC123", message, None, hint="name another file"))


def _document(charts: tuple[Chart, ...]) -> dict[str, object]:
    return {
        "format": FORMAT,
        "owners": [{"path": chart.document.path, "owners": list(chart.owners)} for chart in charts],
    }
