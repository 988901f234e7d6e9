"""What `init`, `new` and `import` share: files to start from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chartconfig.cli import console
from chartconfig.source import schema

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

FORMAT = "chartconfig/written/v1"

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

Start a chart with `chartconfig new {program}/NAME`{more}.
"""


def frame(module: str, *, program: str, more: str = "") -> dict[str, str]:
    """Return what stands beside configs/ in a new config repository, by path.

    Args:
        module: The path of the module in which the config will be published.
        program: One that it has.
        more: What the README says after how a chart of that program is started.
    """
    files = {"README.md": _README.format(module=module, program=program, more=more)}
    return files | {f"schema/{name}": schema.text(name) for name in schema.names()}


def in_a_year(day: date) -> date:
    """Return the day on which somebody looks again: a year on, and never a 29th of February."""
    return day.replace(year=day.year + 1, day=min(day.day, 28))


def tell(written: Iterable[str], *, told: str, output: str, below: str = "") -> None:
    """Print which files were written, and what comes next.

    Args:
        written: Their paths.
        told: What comes next; not in JSON.
        output: The value of --format.
        below: What to show before each path; not in JSON.
    """
    if output == "json":
        document = {"format": FORMAT, "written": sorted(written)}
        console.write(f"{json.dumps(document, indent=2)}\n")
        return
    for path in sorted(written):
        console.show([(("path", f"{below}{path}"),)])
    console.show([(("good", told),)])
