"""What `init`, `new` and `import` share: files to start from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chartconfig.cli import console

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

FORMAT = "chartconfig/written/v1"


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
