"""Drawings as lines of text: curves in dots of braille, bars in blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartconfig.charts.numbers import percent
from chartconfig.cli.plot.data import ChartPlot
from chartconfig.cli.plot.panel import Axis, Panel, runs, ticks_below
from chartconfig.cli.plot.scale import installations, linear, logarithmic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chartconfig.cli.plot.data import Bar, PlanPlot
    from chartconfig.cli.plot.scale import Scale
    from chartconfig.diagnostics.render import Line

_BESIDE, _BETWEEN, _NARROWEST = 96, 3, 40
"""Columns from which on two panels stand side by side, and those between them; the least width."""
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_LEAST_BAR = 12
_SIGNS = str.maketrans("█▉▊▋▌▍▎▏░┊┄●○│─└┴┤", "########.:-Oo|-+++")
_CURVES: dict[int, str] = {0x2800 + dots: "*" for dots in range(256)}


def lines(plot: ChartPlot | PlanPlot, *, width: int) -> Iterator[Line]:
    """Yield the lines of a drawing.

    Args:
        plot: What to draw.
        width: Columns that it may have; taken to be at least 40.
    """
    for line in _lines(plot, max(width, _NARROWEST)):
        end = len("".join(text for _, text in line).rstrip())
        yield tuple(_first(line, end))


def _lines(plot: ChartPlot | PlanPlot, width: int) -> Iterator[Line]:
    yield (("heading", plot.title),)
    yield ()
    if not isinstance(plot, ChartPlot):
        yield from _bars(plot, width)
    elif width < _BESIDE:
        yield from _worth(plot, width).lines()
        yield ()
        yield from _needed(plot, width).lines()
    else:
        half = (width - _BETWEEN) // 2
        left, right = _worth(plot, half).lines(), _needed(plot, half).lines()
        for one, other in zip(left, right, strict=True):
            gap = " " * (half + _BETWEEN - _length(one))
            yield (*one, ("plain", gap), *other)


def _first(line: Line, end: int) -> Iterator[tuple[str, str]]:
    """Yield the segments of a line up to a column."""
    for style, text in line:
        if end > 0:
            yield style, text[:end]
        end -= len(text)


def in_ascii(drawn: Iterable[Line]) -> Iterator[Line]:
    """Yield the lines of a drawing in the signs of ASCII, for a terminal that knows no others."""
    for line in drawn:
        yield tuple((style, text.translate(_SIGNS).translate(_CURVES)) for style, text in line)


def _length(line: Line) -> int:
    return sum(len(text) for _, text in line)


def _worth(plot: ChartPlot, width: int) -> Panel:
    """Draw what each rate is worth to the low population."""
    points = [*plot.points, *(point for point in (plot.own, plot.before) if point)]
    levels = [level.rate for level in plot.limits]
    rates = logarithmic([*levels, *(point.rate for point in points)], ticks=width // 8)
    values = logarithmic([point.value for point in points], ticks=7)
    panel = Panel(
        title=f"What a rate is worth, from {installations(plot.low)} installations",
        x=Axis(scale=rates, label=percent, name="sample rate"),
        y=Axis(scale=values, label=percent, name=plot.worth),
        width=width,
    )
    for up, level in enumerate(plot.limits):
        panel.down(level.rate, level.name, up=up)
    limit = min(levels)
    panel.curve([(point.rate, point.value) for point in plot.points], lambda rate, _: rate <= limit)
    if plot.before and plot.before != plot.own:
        panel.point((plot.before.rate, plot.before.value), "before", sign="○")
    if plot.own:
        told = f"{percent(plot.own.value)} at {percent(plot.own.rate)}, {plot.often}"
        panel.point((plot.own.rate, plot.own.value), told)
    return panel


def _needed(plot: ChartPlot, width: int) -> Panel:
    """Draw which rate each population needs, and which populations are thought possible."""
    levels = [level.rate for level in plot.limits]
    needed = [rate for _, rate in plot.populations]
    numbers = [plot.low, plot.high, *(number for number, _ in plot.populations)]
    title = f"What a population needs: {installations(plot.low)}"
    if plot.low < plot.high:
        title += f" to {installations(plot.high)}, likely {installations(plot.likely)}"
    panel = Panel(
        title=title,
        x=Axis(
            scale=logarithmic(numbers, ticks=width // 8),
            label=installations,
            name="installations a week",
        ),
        y=Axis(
            scale=logarithmic([plot.rate, *levels, *needed], ticks=7),
            label=percent,
            name="sample rate needed",
        ),
        width=width,
    )
    panel.band(plot.low, plot.high)
    for level in plot.limits:
        panel.across(level.rate, level.name)
    limit = min(levels)
    panel.curve(plot.populations, lambda _, rate: rate <= limit)
    panel.point((plot.low, plot.rate), f"{percent(plot.rate)} for {installations(plot.low)}")
    return panel


def _bars(plot: PlanPlot, width: int) -> Iterator[Line]:
    """Draw the plan, the charts of each program together."""
    names = max(len(bar.name) for bar in plot.bars)
    told, room = _beside(plot, width - names - 1)
    scale = linear(plot.most, ticks=max(room // 8, 2))
    limits = {int(scale.place(level.rate) * room): level.name for level in plot.near}
    for column, name in limits.items():
        yield (("dim", f"{' ' * min(names + 1 + column, max(width - len(name), 0))}{name}"),)
    program = plot.bars[0].program
    for bar, text in zip(plot.bars, told, strict=True):
        if bar.program != program:
            program = bar.program
            yield (("plain", " " * names), ("dim", "│"), *_bar(None, scale, room, limits))
        style = "warning" if bar.short else "plain" if bar.leads else "dim"
        yield (
            ("path", f"{bar.name:>{names}}"),
            ("dim", "│"),
            *_bar(bar, scale, room, limits),
            (style, text),
        )
    axis, labels = ticks_below(Axis(scale=scale, label=percent, name=""), room)
    yield (("dim", f"{' ' * names}└{axis}"),)
    yield (("plain", f"{' ' * (names + 1)}{labels}"),)
    if any(bar.before not in {None, bar.rate} for bar in plot.bars):
        yield (("dim", "░ as the files have it"),)
    for level in plot.away:
        yield (("dim", f"The {level.name} is off the scale."),)


def _beside(plot: PlanPlot, width: int) -> tuple[list[str], int]:
    """Return what is written beside each bar, and the columns that this leaves for bars."""
    rates = [f"{percent(bar.rate):>9}" for bar in plot.bars]
    often = [f"  {bar.often}{', short' * bar.short}" for bar in plot.bars]
    for told in ([rate + more for rate, more in zip(rates, often, strict=True)], rates):
        room = width - max(map(len, told))
        if room >= _LEAST_BAR:
            return told, room
    return [""] * len(plot.bars), max(width, _LEAST_BAR)


def _bar(
    bar: Bar | None, scale: Scale, room: int, limits: Iterable[int]
) -> Iterator[tuple[str, str]]:
    """Yield a bar, or none, with the limits behind it."""
    cells = [("plain", " ")] * room
    if bar is not None:
        for column in range(int(scale.place(bar.before or 0.0) * room)):
            cells[column] = "dim", "░"
    for column in limits:
        cells[column] = "dim", "┊"
    if bar is not None:
        style = "warning" if bar.short else "number"
        full, part = divmod(round(scale.place(bar.rate) * room * 8), 8)
        for column in range(full):
            cells[column] = style, "█"
        if part or not full:
            cells[full] = style, _EIGHTHS[max(part, 1)]
    return runs(cells)
