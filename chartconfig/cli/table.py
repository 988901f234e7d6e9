"""Rows and columns as lines of segments."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

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
        end = max((column for column, (_, text) in enumerate(row) if text), default=0)
        for column, (style, text) in enumerate(row[: end + 1]):
            gap = " " * (widths[column] - len(text))
            last = column == end
            before, after = (gap, "") if headings[column] in right else ("", "" if last else gap)
            line += [("plain", before), (style, text), ("plain", after if last else f"{after}  ")]
        lines.append(tuple(segment for segment in line if segment[1]))
    return tuple(lines)


def fitting(
    headings: Sequence[str],
    rows: Sequence[Sequence[tuple[str, str]]],
    *,
    width: int,
    right: Container[str] = (),
    dispensable: Iterable[str] = (),
) -> tuple[Line, ...]:
    """Return a table that leaves out columns, one by one, until it is narrow enough.

    Args:
        headings: One for each column.
        rows: As many cells as there are headings.
        width: Columns of the terminal.
        right: The headings of the columns whose cells stand at the right.
        dispensable: The headings of columns that may go, in this order; others are passed over.
    """
    lines = table(headings, rows, right=right)
    for heading in dispensable:
        if max(sum(len(text) for _, text in line) for line in lines) <= width:
            break
        if heading in headings:
            column = headings.index(heading)
            headings = [*headings[:column], *headings[column + 1 :]]
            rows = [[*row[:column], *row[column + 1 :]] for row in rows]
            lines = table(headings, rows, right=right)
    return lines
