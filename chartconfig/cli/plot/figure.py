"""Drawings as SVG or PNG, by matplotlib: the same bytes for the same plot and the same version.

Colours are told apart by those who confuse red and green, and nothing is told by colour alone.
"""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from matplotlib import style
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from chartconfig.charts.numbers import percent
from chartconfig.cli.plot.data import ChartPlot
from chartconfig.cli.plot.scale import Scale, installations, linear, logarithmic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.patches import Patch

    from chartconfig.cli.plot.data import Bar, Level, PlanPlot

_INK, _FAINT, _GRID = "#222222", "#6f6f6f", "#e8e8e8"
_BLUE, _PALE, _ORANGE = "#0072b2", "#9dc6e0", "#d55e00"
_BAND, _BEYOND = "#dcebf5", "#f5f5f5"

STYLE: dict[str, Any] = {
    "font.size": 10,
    "text.color": _INK,
    "axes.edgecolor": _FAINT,
    "axes.labelcolor": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titlepad": 26,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _GRID,
    "grid.linewidth": 0.8,
    "xtick.color": _FAINT,
    "ytick.color": _FAINT,
    "xtick.labelcolor": _INK,
    "ytick.labelcolor": _INK,
    "hatch.linewidth": 0.8,
    "svg.hashsalt": "chartconfig",
    "svg.fonttype": "path",
}
_UNDATED: dict[str, dict[str, str | None]] = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
}
_DPI = 160
_CHART_SIZE = (11.5, 5.0)
_WIDTH, _AROUND, _BAR, _GAP = 11.5, 1.7, 0.24, 0.5
"""Of a plan, in inches: how wide it is, how high without its bars, and each bar; bars in a gap."""
_ROOM, _CLOSE = 0.18, 0.08
"""Of an axis, what the name of the likely population takes, and the name of a limit."""
_LABEL = 0.3, 0.15
"""Of the axes, what is written at a point."""
_LIMIT: dict[str, Any] = {"color": _FAINT, "linewidth": 1, "linestyle": (0, (4, 3)), "zorder": 1}
_SMALL: dict[str, Any] = {"textcoords": "offset points", "color": _FAINT, "fontsize": 9}


def draw(plot: ChartPlot | PlanPlot, *, kind: Literal["svg", "png"]) -> bytes:
    """Return a drawing as the bytes of a file.

    Args:
        plot: What to draw.
        kind: The format.
    """
    with style.context(["default", STYLE]):  # whatever the user's own matplotlibrc says
        figure = figure_of(plot)
        out = BytesIO()
        figure.savefig(out, format=kind, dpi=_DPI, metadata=_UNDATED[kind])
    return out.getvalue()


def figure_of(plot: ChartPlot | PlanPlot) -> Figure:
    """Return a drawing as matplotlib's figure.

    Args:
        plot: What to draw.
    """
    layout = ConstrainedLayoutEngine(w_pad=0.18, h_pad=0.12, wspace=0.06)
    if isinstance(plot, ChartPlot):
        figure = Figure(figsize=_CHART_SIZE, layout=layout)
        left, right = figure.subplots(1, 2)
        _worth(left, plot)
        _needed(right, plot)
    else:
        rows = 1 + max(_places(plot.bars))
        figure = Figure(figsize=(_WIDTH, _AROUND + _BAR * rows), layout=layout)
        _bars(figure.subplots(), plot)
        figure.supxlabel("   ".join(_legend(plot)), x=0.016, ha="left", fontsize=9, color=_FAINT)
    figure.suptitle(plot.title, x=0.016, ha="left", fontsize=14, fontweight="bold")
    return figure


def _worth(axes: Axes, plot: ChartPlot) -> None:
    """Draw what each rate is worth to the low population."""
    points = [*plot.points, *(point for point in (plot.own, plot.before) if point)]
    levels = [level.rate for level in plot.limits]
    rates = logarithmic([*levels, *(point.rate for point in points)], ticks=6)
    values = logarithmic([point.value for point in points], ticks=6)
    _set(axes, "x", rates, percent, "sample rate")
    _set(axes, "y", values, percent, plot.worth)
    axes.set_title(f"What a rate is worth, from {installations(plot.low)} installations")
    limit = min(levels)
    axes.axvspan(limit, rates.high, color=_BEYOND, zorder=0)
    allowed = axes.axvspan(rates.low, limit, alpha=0)
    _curve(axes, [(point.rate, point.value) for point in plot.points], allowed)
    for level, last in _from_low(plot.limits):
        axes.axvline(level.rate, **_LIMIT)
        _above(axes, level.name, level.rate, side="left" if last else "right")
    if plot.before and plot.before != plot.own:
        _mark(axes, (plot.before.rate, plot.before.value), "before", hollow=True)
    if plot.own:
        told = f"{percent(plot.own.value)} at {percent(plot.own.rate)},\n{plot.often}"
        _mark(axes, (plot.own.rate, plot.own.value), told)


def _needed(axes: Axes, plot: ChartPlot) -> None:
    """Draw which rate each population needs, and which populations are thought possible."""
    numbers = logarithmic([number for number, _ in plot.populations], ticks=6)
    levels = [level.rate for level in plot.limits]
    rates = logarithmic([plot.rate, *levels, *(rate for _, rate in plot.populations)], ticks=6)
    _set(axes, "x", numbers, installations, "installations a week")
    _set(axes, "y", rates, percent, "sample rate needed")
    axes.set_title("What a population needs")
    limit = min(levels)
    axes.axhspan(limit, rates.high, color=_BEYOND, zorder=0)
    axes.axvspan(plot.low, plot.high, color=_BAND, zorder=0.5)
    _curve(axes, plot.populations, axes.axhspan(rates.low, limit, alpha=0))
    for level in plot.limits:
        close = 0 < rates.place(max(levels)) - rates.place(level.rate) < _CLOSE
        axes.axhline(level.rate, **_LIMIT)
        axes.annotate(
            level.name,
            (1, level.rate),
            xycoords=("axes fraction", "data"),
            xytext=(-3, -3 if close else 3),
            ha="right",
            va="top" if close else "bottom",
            **_SMALL,
        )
    if plot.low < plot.high:
        _above(axes, f"low {installations(plot.low)}", plot.low, side="right", color=_BLUE)
        _above(axes, f"high {installations(plot.high)}", plot.high, side="left", color=_BLUE)
        if numbers.place(plot.high) - numbers.place(plot.low) > _ROOM:
            axes.axvline(plot.likely, color=_PALE, linewidth=1.2, linestyle=":", zorder=1)
            name = f"likely {installations(plot.likely)}"
            _above(axes, name, plot.likely, side="center", color=_BLUE)
    _mark(axes, (plot.low, plot.rate), f"{percent(plot.rate)}\nfor {installations(plot.low)}")


def _bars(axes: Axes, plot: PlanPlot) -> None:
    """Draw the plan, the charts of each program together."""
    _set(axes, "x", linear(plot.most, ticks=9), percent, "sample rate")
    places = _places(plot.bars)
    axes.set_ylim(places[-1] + 0.8, -0.8)
    axes.set_yticks(places, [bar.name for bar in plot.bars])
    axes.tick_params(axis="y", length=0, pad=5)
    axes.spines["left"].set_visible(False)
    axes.grid(visible=False, axis="y")
    for place, bar in zip(places, plot.bars, strict=True):
        colour = _BLUE if bar.leads else _PALE
        if bar.before is not None and bar.before != bar.rate:
            axes.barh(place, bar.before, 0.72, color="none", edgecolor=_FAINT, linewidth=0.9)
        if bar.short:
            axes.barh(place, bar.rate, 0.72, color="white", edgecolor=_ORANGE, hatch="//////")
        else:
            axes.barh(place, bar.rate, 0.72, color=colour)
        row = {"color": _ORANGE if bar.short else _INK if bar.leads else _FAINT}
        _beside(axes, percent(bar.rate), place, offset=62, side="right", **row)
        _beside(axes, bar.often, place, offset=72, side="left", **row)
    for level, last in _from_low(plot.near):
        axes.axvline(level.rate, **_LIMIT | {"color": _INK})
        _above(axes, level.name, level.rate, side="left" if last else "right")


def _legend(plot: PlanPlot) -> Iterator[str]:
    """Yield what the bars mean, as far as there are such."""
    if any(not bar.leads for bar in plot.bars):
        yield "Dark: no chart of the program is more frequent."
    if any(bar.before not in {None, bar.rate} for bar in plot.bars):
        yield "Outlined: as the files have it."
    if any(bar.short for bar in plot.bars):
        yield "Hatched: short of what it asks."
    for level in plot.away:
        yield f"The {level.name} is off the scale."


def _places(bars: Sequence[Bar]) -> list[float]:
    """Return where each bar is drawn, with a gap where a program ends."""
    places = [0.0]
    for before, bar in pairwise(bars):
        places.append(places[-1] + 1 + (_GAP if bar.program != before.program else 0))
    return places


def _set(
    axes: Axes, axis: Literal["x", "y"], scale: Scale, label: Callable[[float], str], name: str
) -> None:
    """Give an axis its scale, its round numbers and its name."""
    kind = "log" if scale.logarithmic else "linear"
    if axis == "x":
        axes.set(xscale=kind, xlim=(scale.low, scale.high), xlabel=name)
    else:
        axes.set(yscale=kind, ylim=(scale.low, scale.high), ylabel=name)
    ticks = axes.xaxis if axis == "x" else axes.yaxis
    ticks.set_major_locator(FixedLocator(scale.ticks))
    ticks.set_minor_locator(NullLocator())
    ticks.set_major_formatter(FuncFormatter(lambda number, _: label(number)))


def _curve(axes: Axes, points: Sequence[tuple[float, float]], allowed: Patch) -> None:
    """Draw a curve, thin and dashed where a limit does not allow it."""
    dashes = (0, (3, 2))
    axes.plot(*zip(*points, strict=True), color=_PALE, linewidth=1.6, linestyle=dashes, zorder=2)
    (line,) = axes.plot(*zip(*points, strict=True), color=_BLUE, linewidth=2.4, zorder=3)
    line.set_clip_path(allowed)


def _mark(axes: Axes, point: tuple[float, float], told: str, *, hollow: bool = False) -> None:
    """Draw a point, and what it is: to the left and below a falling curve, if there is room."""
    face, edge = ("white", _FAINT) if hollow else (_ORANGE, "white")
    style: dict[str, Any] = {"markersize": 9, "markerfacecolor": face, "markeredgecolor": edge}
    axes.plot(*point, marker="o", markeredgewidth=1.4, zorder=5, **style)
    x, y = axes.transAxes.inverted().transform(axes.transData.transform(point))
    left = x > _LABEL[0]
    below = y > _LABEL[1] if left else y > 1 - _LABEL[1]
    right = not left or (not below and x < 1 - _LABEL[0])
    axes.annotate(
        told,
        point,
        xytext=(8 if right else -8, -6 if below else 6),
        textcoords="offset points",
        ha="left" if right else "right",
        va="top" if below else "bottom",
        color=_FAINT if hollow else _INK,
        fontweight="normal" if hollow else "bold",
        zorder=6,
    )


def _above(axes: Axes, name: str, number: float, *, side: str, color: str = _FAINT) -> None:
    """Write a name above the axes, at a number of the horizontal one."""
    axes.annotate(
        name,
        (number, 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 4),
        ha=side,
        **_SMALL | {"color": color},
    )


def _beside(axes: Axes, text: str, place: float, *, offset: int, side: str, color: str) -> None:
    """Write something to the right of the axes, at a place of the vertical one."""
    axes.annotate(
        text,
        (1, place),
        xycoords=("axes fraction", "data"),
        xytext=(offset, 0),
        ha=side,
        va="center_baseline",
        **_SMALL | {"color": color},
    )


def _from_low(limits: Sequence[Level]) -> list[tuple[Level, bool]]:
    """Return limits, the lowest first, and of each whether it is the last."""
    ordered = sorted(limits, key=lambda level: level.rate)
    return [(level, level is ordered[-1]) for level in ordered]
