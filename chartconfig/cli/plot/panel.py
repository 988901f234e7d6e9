"""A drawing with two axes, as lines of text."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from chartconfig.cli.plot.scale import Scale
    from chartconfig.diagnostics.render import Line

HEIGHT = 15
"""Lines between the axes."""
_BLANK = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of a sign of braille, by row and column of its dots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A scale with words."""

    scale: Scale
    label: Callable[[float], str]
    name: str


class Panel:
    """A drawing with two axes; what is drawn later covers what was drawn before."""

    def __init__(self, *, title: str, x: Axis, y: Axis, width: int) -> None:
        """Start with nothing between the axes, in so many columns."""
        self._title, self._x, self._y = title, x, y
        self._gutter = max(len(y.label(tick)) for tick in y.scale.ticks)
        self._width = width - self._gutter - 1
        self._cells: dict[tuple[int, int], tuple[str, str]] = {}
        self._names: list[tuple[str, int, int]] = []

    def band(self, low: float, high: float) -> None:
        """Shade what lies between two numbers of the horizontal axis."""
        for column in range(self._column(low), self._column(high) + 1):
            for row in range(HEIGHT):
                self._cells[row, column] = "dim", "░"

    def across(self, number: float, name: str) -> None:
        """Draw a level line, with its name above its right end."""
        row = self._row(number)
        for column in range(self._width):
            self._cells[row, column] = "dim", "┄"
        self._names.append((name, row - 1 if row else 1, self._width))

    def down(self, number: float, name: str, *, up: int) -> None:
        """Draw an upright line, with its name to the left of it, so many lines from the bottom."""
        column = self._column(number)
        for row in range(HEIGHT):
            self._cells[row, column] = "dim", "┊"
        self._names.append((name, HEIGHT - 1 - up, column))

    def curve(
        self, points: Sequence[tuple[float, float]], allowed: Callable[[float, float], bool]
    ) -> None:
        """Draw a curve through points, fainter where it is not allowed."""
        dots: dict[tuple[int, int], int] = {}
        faint: set[tuple[int, int]] = set()
        for one, other in pairwise(points):
            inside = allowed(*one) and allowed(*other)
            for x, y in self._dots_between(one, other):
                cell = y // 4, x // 2
                dots[cell] = dots.get(cell, 0) | _DOTS[y % 4][x % 2]
                if not inside:
                    faint.add(cell)
        for cell, bits in dots.items():
            self._cells[cell] = "dim" if cell in faint else "number", chr(_BLANK + bits)

    def point(self, point: tuple[float, float], told: str, *, sign: str = "●") -> None:
        """Draw a point, and what it is below and to the left, where a falling curve is not."""
        row, column = self._row(point[1]), self._column(point[0])
        self._write(told, row=row + 1 if row + 1 < HEIGHT else row - 1, end=column, style="message")
        self._cells[row, column] = "warning", sign

    def lines(self) -> Iterator[Line]:
        """Yield the drawing: a title, HEIGHT lines, and three of the horizontal axis."""
        yield (("heading", self._title),)
        yield (("dim", self._y.name),)
        for name, row, end in self._names:
            self._write(name, row=row, end=end)
        ticks = {self._row(tick): self._y.label(tick) for tick in self._y.scale.ticks}
        for row in range(HEIGHT):
            label = f"{ticks.get(row, ''):>{self._gutter}}"
            cells = (
                self._cells.get((row, column), ("plain", " ")) for column in range(self._width)
            )
            yield (("plain", label), ("dim", "┤" if row in ticks else "│"), *runs(cells))
        axis, labels = ticks_below(self._x, self._width)
        yield (("plain", " " * self._gutter), ("dim", f"└{axis}"))
        yield (("plain", f"{' ' * (self._gutter + 1)}{labels}"),)
        yield (("dim", f"{self._x.name:>{self._gutter + 1 + self._width}}"),)

    def _column(self, number: float) -> int:
        return min(max(int(self._x.scale.place(number) * self._width), 0), self._width - 1)

    def _row(self, number: float) -> int:
        return HEIGHT - 1 - min(max(int(self._y.scale.place(number) * HEIGHT), 0), HEIGHT - 1)

    def _write(self, text: str, *, row: int, end: int, style: str = "dim") -> None:
        start = min(max(end - len(text), 0), max(self._width - len(text), 0))
        for column, sign in enumerate(text[: self._width], start):
            self._cells[row, column] = style, sign

    def _dots_between(
        self, one: tuple[float, float], other: tuple[float, float]
    ) -> Iterator[tuple[int, int]]:
        """Yield the dots of a straight line between two points."""
        ends = [
            (
                self._x.scale.place(x) * (2 * self._width - 1),
                (1 - self._y.scale.place(y)) * (4 * HEIGHT - 1),
            )
            for x, y in (one, other)
        ]
        (x0, y0), (x1, y1) = ends
        steps = max(ceil(abs(x1 - x0)), ceil(abs(y1 - y0)), 1)
        for step in range(steps + 1):
            x, y = x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps
            if 0 <= round(x) < 2 * self._width and 0 <= round(y) < 4 * HEIGHT:
                yield round(x), round(y)


def ticks_below(axis: Axis, width: int) -> tuple[str, str]:
    """Return a horizontal axis and the numbers below it, as far as they do not touch."""
    line, labels = ["─"] * width, ""
    for tick in axis.scale.ticks:
        column = min(max(int(axis.scale.place(tick) * width), 0), width - 1)
        line[column] = "┴"
        label = axis.label(tick)
        start = min(max(column - len(label) // 2, 0), width - len(label))
        if not labels or start > len(labels):
            labels = f"{labels:<{start}}{label}"
    return "".join(line), labels


def runs(cells: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield segments: neighbouring cells of one style together."""
    for style, run in groupby(cells, key=lambda cell: cell[0]):
        yield style, "".join(sign for _, sign in run)
