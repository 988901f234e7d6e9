"""`compile`: the collection config, written whole or not at all."""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chartconfig.charts.numbers import cleaned, rounded
from chartconfig.cli import console
from chartconfig.cli.findings import listing
from chartconfig.cli.options import at_option, format_option, on_option
from chartconfig.cli.project import open_project, planned_or_refuse
from chartconfig.collection.manifest import outputs_of
from chartconfig.diagnostics.render import counted
from chartconfig.edge.files import write_directory
from chartconfig.pipeline import build

if TYPE_CHECKING:
    from datetime import date

FORMAT = "chartconfig/compile/v1"


@click.command("compile")
@click.option("-o", "--output", "out", required=True, metavar="OUT", help="The directory to write.")
@on_option
@at_option
@format_option()
@click.pass_obj
def command(
    directory: str, *, out: str, on: date | None, revision: str | None, output: str
) -> None:
    """Compile the charts into the directory OUT: config.json and what belongs to it.

    config.json is for clients. charts.json says for each chart its rate and what it is worth,
    manifest.json from which commit all of it is, with digests, and README.md, for people, what is
    collected, why, and how often. go.mod makes it a module.

    The same commit gives the same bytes on every machine. OUT is replaced if an earlier compile
    wrote it, and untouched if anything is wrong.
    """
    project = open_project(directory, on=on, revision=revision)
    planned = planned_or_refuse(project)
    files = build(planned, documents=project.documents, origin=project.origin)
    target = Path(out)
    write_directory(target, files, replaces=is_compiled)
    console.show(listing(project.checked.diagnostics, project.documents), stream=sys.stderr)
    plan = planned.plan
    if output == "json":
        written = [
            {"name": name, "bytes": len(data), "sha256": sha256(data).hexdigest()}
            for name, data in sorted(files.items())
        ]
        totals = {
            "charts": len(planned.charts),
            "sample_rate": plan.sample_rate,
            "reports_per_year": cleaned(plan.reports_per_year),
        }
        document = {"format": FORMAT, "out": out, "files": written, "totals": totals}
        console.write(f"{json.dumps(document, indent=2)}\n")
        return
    for name, data in sorted(files.items()):
        console.show([(("path", f"{target / name}"), ("dim", f"  {len(data):,} bytes"))])
    reports = rounded(plan.reports_per_year)
    often = f"an installation is expected to report {reports} times a year at most"
    charts = counted(len(planned.charts), "chart")
    told = f"{charts} compiled: {often} (SampleRate {plan.sample_rate:.4g})"
    console.show([(("good", told),)])
    if project.origin.commit is None:
        told = "not from a commit, so nobody else can compile it again: see manifest.json"
        console.show([(("warning", told),)])


def is_compiled(directory: Path) -> bool:
    """Return whether a directory holds what compile wrote, and nothing else."""
    try:
        outputs = outputs_of((directory / "manifest.json").read_bytes())
    except OSError:
        return False
    return outputs is not None and {entry.name for entry in directory.iterdir()} <= outputs
