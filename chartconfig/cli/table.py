"""Rows and columns as lines of segments."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from chartconfig.diagnostics.render import Line


def table(
    headings: Sequence[str],
    rows: Sequence[Sequence[tuple[str, str]]],
    *,
    right: Container[str] = (),
) -> tuple[Line, ...]:
    """Return a table: headings, then rows of (style, text) cells, two spaces between columns.

    Args:
        headings: One for each column.
        rows: As many cells as there are headings.
        right: The headings of the columns whose cells stand at the right.
    """
    cells = [[("heading", heading) for heading in headings], *rows]
    widths = [max(len(row[column][1]) for row in cells) for column in range(len(headings))]
    lines: list[Line] = []
    for row in cells:
        line: list[tuple[str, str]] = []
        for column, (style, text) in enumerate(row):
            gap = " " * (widths[column] - len(text))
            last = column == len(row) - 1
            before, after = (gap, "") if headings[column] in right else ("", "" if last else gap)
            line += [("plain", before), (style, text), ("plain", after if last else f"{after}  ")]
        lines.append(tuple(segment for segment in line if segment[1]))
    return tuple(lines)
