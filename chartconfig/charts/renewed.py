"""A chart's file with a later day on which it expires, and otherwise byte for byte the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartconfig.diagnostics.catalogue import report
from chartconfig.errors import ChartconfigError
from chartconfig.source.yaml import locate

if TYPE_CHECKING:
    from datetime import date

    from chartconfig.charts.chart import Chart


class NotRenewedError(ChartconfigError):
    """CC609 `not-renewed`: a chart cannot expire on the day that was asked for."""

    def __init__(self, chart: Chart, why: str, hint: str) -> None:
        """Say which chart, and why."""
        span = locate(chart.document, "expires")
        super().__init__(report("CC609", f"{chart.id} {why}", span, hint=hint))


def renewed(chart: Chart, until: date) -> bytes:
    """Return the file of a chart that expires on a later day.

    Raises:
        NotRenewedError: The chart never expires, or not before that day.
    """
    if chart.expires is None:
        raise NotRenewedError(chart, "never expires", "leave it out: nothing is to be renewed")
    if until <= chart.expires:
        raise NotRenewedError(
            chart,
            f"expires on {chart.expires}, which is not before {until}",
            "name a later day with --until; a chart that is to end earlier is edited",
        )
    place = locate(chart.document, "expires")
    lines = chart.document.data.split(b"\n")
    at = place.start.line - 1
    line = lines[at].decode()
    start = place.start.column - 1
    value = line[start:].replace(chart.expires.isoformat(), until.isoformat(), 1)  # keeps quotes
    lines[at] = (line[:start] + value).encode()
    return b"\n".join(lines)
