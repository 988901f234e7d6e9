"""`init`: a config repository to start from, which passes `check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from chartconfig.cli import skeleton
from chartconfig.cli.options import format_option
from chartconfig.edge.clock import today
from chartconfig.edge.files import write_directory
from chartconfig.module.path import why_unpublishable
from chartconfig.source import schema

if TYPE_CHECKING:
    from datetime import date

_COLLECTION = """\
module: {module}
fetch_probability: 10%  # an installation looks at the config in one week out of ten
max_reports_per_year: 2  # what one installation may be asked for
goos: [darwin, linux, windows]
goarch: [amd64, arm64]
accuracy:  # what charts promise that do not say
  partition: {{margin: 1%, confidence: 95%}}
  histogram: {{distribution_margin: 2%, confidence: 95%}}
  ratio: {{distribution_margin: 2%, confidence: 95%}}
  stack: {{detect: 0.1%, reports: 1, confidence: 95%}}
"""

_POPULATIONS = """\
hello:
  low: 300k  # rates are planned for this
  likely: 500k
  high: 1M
  as_of: {today}
  source: Replace this with where the numbers come from.
  assumption: Replace this with what nobody knows, such as how many take part.
"""

_VERSIONS = """\
toolchain:
  source: https://go.dev/dl/
  updated: {today}
  versions: [go1.25.0, go1.26.0]
programs:
  hello:
    source: nobody looked, and `chartconfig versions update hello` does
    updated: {today}
    versions: [v1.0.0, v1.1.0]
"""

_PROGRAM = """\
title: Hello, the example program
name: example.org/hello
module: example.org/hello
prefixes: [hello]
since: v1.0.0
"""

_CHART = """\
title: How hello is started
description: Decides which of the ways to start hello is documented first.
type: partition
program: hello
counter: hello/start
buckets: [terminal, editor, script, other]
issues: [https://example.org/hello/issues/1]
owners: ["@example/hello"]
since: v1.0.0
expires: {next_year}
"""

_README = """\
# What {module} collects

The charts in configs/ say what installations are asked to report, why, and how accurate the answer
must be. Their sample rates are computed, not chosen.

    chartconfig check               what is wrong, and what to write instead
    chartconfig rates               how rarely each installation reports, and what that is worth
    chartconfig compile -o build    the config that clients read
    chartconfig versions update     list the versions that there are, and those that may come
    chartconfig release             a new version, from what is committed: git init comes first

chartconfig's own docs/releasing.md tells the rest: who may release, the log's key, the site.

Start a chart with `chartconfig new hello/NAME`; replace the program `hello` by your own.
"""


@click.command("init")
@click.argument("target", metavar="DIR")
@click.option(
    "--module",
    metavar="PATH",
    default="example.org/telemetry/config",
    show_default=True,
    help="The path of the module in which the config will be published.",
)
@format_option()
def command(target: str, *, module: str, output: str) -> None:
    """Make a config repository in DIR, which must be empty or not there yet.

    It holds configs/ with one program and one chart, and schema/, by which editors complete and
    check the files. It passes check as it is.
    """
    if why := why_unpublishable(module):
        raise click.UsageError(f"the go command refuses the module path {module!r}: {why}")
    directory = Path(target)
    files = _files(module, today())
    write_directory(directory, files, replaces=lambda _: False)
    told = f"written: chartconfig -C {directory} check"
    skeleton.tell(files, told=told, output=output, below=f"{directory}/")


def _files(module: str, on: date) -> dict[str, bytes]:
    values = {
        "module": module,
        "today": on.isoformat(),
        "next_year": skeleton.in_a_year(on).isoformat(),
    }
    texts = {
        "configs/collection.yaml": ("collection", _COLLECTION),
        "configs/populations.yaml": ("populations", _POPULATIONS),
        "configs/versions.lock.yaml": ("versions", _VERSIONS),
        "configs/programs/hello.yaml": ("program", _PROGRAM),
        "configs/charts/hello/start.yaml": ("chart", _CHART),
    }
    files = {
        path: f"{schema.schema_line(kind, path)}\n{text.format(**values)}"
        for path, (kind, text) in texts.items()
    }
    files["README.md"] = _README.format(**values)
    files |= {f"schema/{name}": schema.text(name) for name in schema.names()}
    return {path: text.encode() for path, text in files.items()}
