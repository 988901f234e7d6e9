"""`export`: the charts in another format, where nothing that is collected is lost."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chartconfig.cli import console
from chartconfig.cli.findings import FindingsError, listing
from chartconfig.cli.options import at_option, format_option, on_option
from chartconfig.cli.project import open_project, planned_or_refuse
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.diagnostics.render import counted, in_order
from chartconfig.edge.files import write_new_file
from chartconfig.errors import ChartconfigError
from chartconfig.exchange.go_chartconfig import format_records
from chartconfig.exchange.to_records import to_records

if TYPE_CHECKING:
    from datetime import date

    from chartconfig.exchange.go_chartconfig import Record

FORMAT = "chartconfig/export/v1"


@click.command("export")
@click.argument("kind", metavar="go-chartconfig", type=click.Choice(["go-chartconfig"]))
@click.option(
    "-o", "--output", "out", metavar="FILE", help="The file to write. Default: standard output."
)
@click.option("--partial", is_flag=True, help="Leave out the charts that cannot be expressed.")
@on_option
@at_option
@format_option()
@click.pass_obj
def command(
    directory: str,
    *,
    kind: str,  # noqa: ARG001 - there is one so far
    out: str | None,
    partial: bool,
    on: date | None,
    revision: str | None,
    output: str,
) -> None:
    """Write the charts in the record format of Go's own tool.

    Brought in again, the file gives the same programs, counters, buckets, stacks and first
    versions. What has no place in it, such as owners and accuracies, is reported. A chart that it
    cannot express, such as a ratio, is refused, or with --partial left out and named in a comment.
    """
    project = open_project(directory, on=on, revision=revision)
    planned = planned_or_refuse(project)
    exported = to_records(planned.repository, planned.charts)
    found = in_order(exported.diagnostics)
    refused = [each for each in found if each.code == "CC136"]
    if refused and (not partial or not exported.records):
        raise FindingsError(refused, project.documents)
    if not exported.records:
        told = f"no chart is collected on {project.origin.on}: there is nothing to write"
        hint = "name another day with --on DATE"
        raise ChartconfigError(report("CC136", told, None, hint=hint))
    found = tuple(
        replace(each, severity=Severity.WARNING) if each in refused else each for each in found
    )
    console.show(listing(found, project.documents), stream=sys.stderr)
    text = format_records(exported.records)
    if out is not None:
        write_new_file(Path(out), text.encode())
    if output == "json":
        records = [_as_json(record) for record in exported.records]
        document = {"format": FORMAT, "records": records, "left_out": list(exported.left_out)}
        console.write(f"{json.dumps(document, indent=2)}\n")
    elif out is None:
        console.write(text)
    else:
        console.show([(("path", out), ("dim", f"  {len(text.encode()):,} bytes"))])
        told = counted(len(exported.records), "chart")
        left = f", {len(exported.left_out)} left out" if exported.left_out else ""
        console.show([(("good", f"{told} written{left}"),)])


def _as_json(record: Record) -> dict[str, object]:
    """Return a record with the keys of the format; `issue` is a list."""
    fields: dict[str, object] = {each.key: each.value for each in record.fields}
    return fields | {"issue": [issue.value for issue in record.issues]}
