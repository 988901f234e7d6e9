"""Drawings: what `--plot` takes, what is drawn, and that nothing is cut off."""

from __future__ import annotations

import sys
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgba
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from chartconfig.charts.what_if import Assumptions, between
from chartconfig.cli.plot import figure, terminal
from chartconfig.cli.plot.data import ChartPlot, PlanPlot, plot
from chartconfig.cli.plot.scale import linear, logarithmic
from chartconfig.pipeline import WhatIf, check, what_if
from chartconfig.sampling.proportion import closed_form
from chartconfig.sampling.rounding import round_up
from tests.cli.command import ON, ROOT, TODAY, run, spawn
from tests.cli.command import terminal as on_terminal
from tests.scenarios.repository import BASE, documents, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

GOLDEN = ROOT / "tests" / "golden" / "plots"
REAL = {f"configs/{path}": data for path, data in read(ROOT / "configs").items()}
CLIENT = "gopls/client"
PNG = b"\x89PNG\r\n\x1a\n"


def answer(assumptions: Assumptions | None = None, *, real: bool = False) -> WhatIf:
    planned = check(documents(REAL if real else BASE), on=TODAY).planned
    assert planned is not None
    return what_if(planned, assumptions or Assumptions())


def drawing(found: WhatIf, *charts: str) -> ChartPlot | PlanPlot:
    rows = zip(found.planned.charts, found.before.plan.rates, found.plan.rates, strict=True)
    return plot([row for row in rows if not charts or row[0].id in charts], found)


def chart_plot(assumptions: Assumptions | None = None, chart: str = CLIENT) -> ChartPlot:
    found = drawing(answer(assumptions), chart)
    assert isinstance(found, ChartPlot)
    return found


def plan_plot(assumptions: Assumptions | None = None) -> PlanPlot:
    found = drawing(answer(assumptions))
    assert isinstance(found, PlanPlot)
    return found


def shown(drawn: ChartPlot | PlanPlot, width: int) -> str:
    lines = terminal.lines(drawn, width=width)
    return "".join("".join(text for _, text in line) + "\n" for line in lines)


BUDGET = Assumptions(budget=Fraction(1))
SMALLER = Assumptions(margin=Fraction(2, 100), populations=(("gopls", between(10**5, 9 * 10**5)),))


class TestData:
    def test_of_a_chart_is_what_the_closed_form_gives(self) -> None:
        drawn = chart_plot()
        assert len(drawn.points) == 49
        for point in drawn.points:
            parts = closed_form(
                Fraction(repr(point.value)), confidence=Fraction(99, 100), population=300_000
            )
            assert parts.least <= point.rate <= round_up(parts.rate)
        for number, rate in drawn.populations:
            parts = closed_form(Fraction(1, 100), confidence=Fraction(99, 100), population=number)
            assert parts.least <= rate <= round_up(parts.rate)
        assert min(number for number, _ in drawn.populations) <= 30_000
        assert max(number for number, _ in drawn.populations) >= 12_000_000
        assert (300_000, 0.05248) in drawn.populations

    def test_of_a_chart_names_its_point_and_limits(self) -> None:
        drawn = chart_plot(SMALLER)
        assert drawn.own is not None
        assert drawn.before is not None
        assert (drawn.own.rate, drawn.own.value) == (0.03996, 0.02)
        assert (drawn.before.rate, drawn.before.value) == (0.05248, 0.01)
        assert (drawn.low, drawn.likely, drawn.high) == (100_000, 300_000, 900_000)
        assert [(level.name, level.rate) for level in drawn.limits] == [("cap 10%", 0.1)]
        assert chart_plot().before is None

    def test_of_a_plan_are_the_rates(self) -> None:
        drawn = plan_plot(BUDGET)
        assert [(bar.name, bar.rate, bar.before, bar.leads) for bar in drawn.bars] == [
            ("compile/bug", 0.006527, 0.01822, True),
            ("go/cache-miss-rate", 0.003256, 0.009142, True),
            ("go/gopath-mode", 0.003256, 0.009142, True),
            ("gopls/client", 0.01923, 0.05248, True),
            ("gopls/package-loader", 0.01923, 0.05248, True),
        ]
        assert [(level.name, level.rate) for level in drawn.limits] == [
            ("cap 10%", 0.1),
            ("budget 1 report a year", 1 / 52),
        ]
        assert {bar.before for bar in plan_plot().bars} == {None}

    def test_of_a_plan_leave_far_limits_out(self) -> None:
        drawn = drawing(answer(real=True))
        assert isinstance(drawn, PlanPlot)
        assert [level.name for level in drawn.near] == ["budget 1.04 reports a year"]
        assert [level.name for level in drawn.away] == ["cap 10%"]
        assert drawn.most == 0.02


class TestScale:
    @pytest.mark.parametrize(
        ("numbers", "ticks", "expected"),
        [
            ([0.001, 0.1], 7, (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)),
            ([0.001, 0.1], 6, (0.001, 0.003, 0.01, 0.03, 0.1)),
            ([0.001, 0.1], 4, (0.001, 0.01, 0.1)),
            ([1e-6, 1], 4, (1e-6, 1e-4, 1e-2, 1)),
            ([0.2, 0.2], 5, (0.1, 0.2)),
        ],
    )
    def test_logarithmic(
        self, numbers: list[float], ticks: int, expected: tuple[float, ...]
    ) -> None:
        scale = logarithmic(numbers, ticks=ticks)
        assert scale.ticks == expected
        assert scale.low < min(numbers) <= max(numbers) < scale.high
        assert all(0 <= scale.place(tick) <= 1 for tick in scale.ticks)

    @pytest.mark.parametrize("high", [1e-9, 0.0134, 0.09999, 0.1, 1.0, 7.3])
    @pytest.mark.parametrize("ticks", [2, 5, 9])
    def test_linear(self, high: float, ticks: int) -> None:
        scale = linear(high, ticks=ticks)
        assert scale.low == scale.ticks[0] == 0
        assert scale.ticks[-1] <= scale.high
        assert len(scale.ticks) <= ticks
        assert scale.place(high) < 1


class TestText:
    @pytest.mark.parametrize("width", [60, 100, 140])
    def test_of_a_chart(self, width: int, golden: Callable[[Path, bytes], None]) -> None:
        golden(GOLDEN / f"chart-{width}.txt", shown(chart_plot(SMALLER), width).encode())

    @pytest.mark.parametrize("width", [60, 100])
    def test_of_a_plan(self, width: int, golden: Callable[[Path, bytes], None]) -> None:
        golden(GOLDEN / f"plan-{width}.txt", shown(plan_plot(BUDGET), width).encode())

    def test_in_ascii(self, golden: Callable[[Path, bytes], None]) -> None:
        lines = [
            *terminal.lines(chart_plot(), width=60),
            *terminal.lines(plan_plot(BUDGET), width=60),
        ]
        text = "".join(
            "".join(part for _, part in line) + "\n" for line in terminal.in_ascii(lines)
        )
        golden(GOLDEN / "ascii.txt", text.encode("ascii"))

    @pytest.mark.parametrize("width", [0, 40, 41, 77, 95, 96, 97, 300])
    def test_is_as_wide_as_it_may_be(self, width: int) -> None:
        for drawn in (chart_plot(), chart_plot(SMALLER, "compile/bug"), plan_plot(BUDGET)):
            lines = shown(drawn, width).splitlines()
            assert all(line == line.rstrip() for line in lines)
            titles = ("What a ", "gopls/client", "compile/bug:", "5 charts")
            assert all(len(line) <= max(width, 40) for line in lines if not line.startswith(titles))


def axes(drawn: ChartPlot | PlanPlot) -> list[Axes]:
    """Return what matplotlib is told to draw."""
    return figure.figure_of(drawn).axes


def ends(line: Line2D, axis: Literal["x", "y"]) -> list[float]:
    """Return what a line is drawn through, on one axis."""
    data: list[float] = np.asarray(line.get_xdata() if axis == "x" else line.get_ydata()).tolist()
    return data


def laid_out(drawn: ChartPlot | PlanPlot) -> Figure:
    """Return a drawing after everything has its place."""
    with mpl.style.context(["default", figure.STYLE]):
        made = figure.figure_of(drawn)
        made.draw_without_rendering()
    return made


def texts(made: Figure) -> list[tuple[str, Any]]:
    """Return every text that is visible, with its box in pixels."""
    return [
        (text.get_text(), text.get_window_extent())
        for text in made.findobj(Text)
        if isinstance(text, Text) and text.get_visible() and text.get_text().strip()
    ]


def extremes() -> list[tuple[str, Assumptions]]:
    """Return assumptions under which drawings are at their worst."""
    gopls = ((low, high) for low, high in ((1, 1), (2, 10**12), (60, 70)))
    return [
        (CLIENT, Assumptions()),
        (CLIENT, SMALLER),
        (CLIENT, Assumptions(margin=Fraction(1, 10**6))),
        (CLIENT, Assumptions(margin=Fraction(999, 1000))),
        (CLIENT, Assumptions(cap=Fraction(1, 10**7))),
        (CLIENT, Assumptions(budget=Fraction(1, 100), cap=Fraction(1))),
        ("compile/bug", Assumptions(confidence=Fraction(1, 2))),
        ("go/gopath-mode", Assumptions(budget=Fraction(1))),
        *((CLIENT, Assumptions(populations=(("gopls", between(*pair)),))) for pair in gopls),
    ]


class TestFigure:
    def test_of_a_chart_has_its_curves_on_logarithmic_axes(self) -> None:
        drawn = chart_plot(SMALLER)
        left, right = axes(drawn)
        for panel in (left, right):
            assert (panel.get_xscale(), panel.get_yscale()) == ("log", "log")
        for line in left.lines[:2]:  # where a limit forbids it, and where none does
            assert ends(line, "x") == [point.rate for point in drawn.points]
            assert ends(line, "y") == [point.value for point in drawn.points]
        for line in right.lines[:2]:
            assert ends(line, "x") == [number for number, _ in drawn.populations]
            assert ends(line, "y") == [rate for _, rate in drawn.populations]
        points = [line for line in left.lines if line.get_marker() == "o"]
        assert [(ends(point, "x"), ends(point, "y")) for point in points] == [
            ([0.05248], [0.01]),
            ([0.03996], [0.02]),
        ]
        assert [0.1, 0.1] in [ends(line, "x") for line in left.lines]
        assert [0.1, 0.1] in [ends(line, "y") for line in right.lines]
        band = next(patch for patch in right.patches if to_hex(patch.get_facecolor()) == "#dcebf5")
        box = band.get_path().get_extents(band.get_patch_transform())
        assert (box.x0, box.x1) == pytest.approx((100_000, 900_000))

    def test_of_a_chart_writes_percent(self) -> None:
        left, right = axes(chart_plot())
        for axis in (left.xaxis, left.yaxis, right.yaxis):
            labels = [label.get_text() for label in axis.get_ticklabels()]
            assert len(labels) >= 3
            assert all(label.endswith("%") for label in labels)
        assert "300k" in [label.get_text() for label in right.xaxis.get_ticklabels()]

    def test_of_a_plan_has_a_bar_for_each_rate(self) -> None:
        (panel,) = axes(plan_plot(BUDGET))
        bars = [patch for patch in panel.patches if isinstance(patch, Rectangle)]
        outlined = [bar.get_width() for bar in bars if to_rgba(bar.get_facecolor())[3] == 0]
        filled = [bar.get_width() for bar in bars if to_rgba(bar.get_facecolor())[3] == 1]
        assert outlined == [0.01822, 0.009142, 0.009142, 0.05248, 0.05248]
        assert filled == [0.006527, 0.003256, 0.003256, 0.01923, 0.01923]
        assert [ends(line, "x")[0] for line in panel.lines] == [1 / 52, 0.1]
        names = [label.get_text() for label in panel.yaxis.get_ticklabels()]
        assert names == [bar.name for bar in plan_plot().bars]

    @pytest.mark.parametrize(("chart", "assumptions"), extremes())
    def test_cuts_off_no_text(self, chart: str, assumptions: Assumptions) -> None:
        for drawn in (chart_plot(assumptions, chart), plan_plot(assumptions)):
            made = laid_out(drawn)
            for text, box in texts(made):
                assert made.bbox.x0 <= box.x0 <= box.x1 <= made.bbox.x1, text
                assert made.bbox.y0 <= box.y0 <= box.y1 <= made.bbox.y1, text

    @pytest.mark.parametrize("assumptions", [None, BUDGET])
    def test_cuts_off_no_text_of_many_charts(self, assumptions: Assumptions | None) -> None:
        made = laid_out(drawing(answer(assumptions, real=True)))
        assert len(texts(made)) > 3 * 47
        for text, box in texts(made):
            assert made.bbox.x0 <= box.x0 <= box.x1 <= made.bbox.x1, text
            assert made.bbox.y0 <= box.y0 <= box.y1 <= made.bbox.y1, text

    @pytest.mark.parametrize("assumptions", [Assumptions(), SMALLER, BUDGET])
    def test_writes_no_text_over_another(self, assumptions: Assumptions) -> None:
        for drawn in (chart_plot(assumptions), plan_plot(assumptions)):
            for (one, box), (other, over) in combinations(texts(laid_out(drawn)), 2):
                assert not box.overlaps(over), (one, other)

    def test_tells_apart_without_red_and_green(self) -> None:
        def seen(colour: str) -> float:
            """Return how bright a colour is to everybody (WCAG 2.2, relative luminance)."""
            channels = (int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5))
            red, green, blue = (
                c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
            )
            return 0.2126 * red + 0.7152 * green + 0.0722 * blue

        blue, pale = seen("#0072b2"), seen("#9dc6e0")
        assert (pale + 0.05) / (blue + 0.05) > 2.5
        for ink in ("#222222", "#6f6f6f"):
            assert 1.05 / (seen(ink) + 0.05) > 4.5  # as WCAG asks of text


class TestFile:
    @pytest.mark.parametrize("name", ["plan.svg", "plan.png"])
    def test_has_the_same_bytes_in_every_process(
        self, clean: Path, tmp_path: Path, name: str
    ) -> None:
        drawn = []
        for seed in ("1", "2"):
            settings = tmp_path / seed
            settings.mkdir()
            (settings / "matplotlibrc").write_text(f"font.size: 2{seed}\nsvg.fonttype: none\n")
            out = tmp_path / seed / name
            done = spawn(
                *("-C", clean, "rates", ON, "--budget=1", "--plot", out),
                PYTHONHASHSEED=seed,
                MPLCONFIGDIR=str(settings),
                SOURCE_DATE_EPOCH=seed,
            )
            assert done.code == 0, done.err
            drawn.append(out.read_bytes())
        assert drawn[0] == drawn[1]
        assert drawn[0].startswith(PNG if name.endswith("png") else b"<?xml ")

    def test_svg_needs_no_font(self, clean: Path, tmp_path: Path) -> None:
        out = tmp_path / "client.svg"
        assert run("-C", clean, "rates", CLIENT, "--plot", out).code == 0
        text = out.read_text(encoding="utf-8")
        assert "<text" not in text
        assert "font-family" not in text
        assert "<dc:date>" not in text
        assert str(tmp_path) not in text

    def test_is_named_below_the_table(self, clean: Path, tmp_path: Path) -> None:
        out = tmp_path / "a folder" / "client.PNG"
        out.parent.mkdir()
        result = run("-C", clean, "rates", CLIENT, "--plot", out)
        table = run("-C", clean, "rates", CLIENT).out
        data = out.read_bytes()
        assert data.startswith(PNG)
        assert (result.code, result.out) == (0, f"{table}{out}  {len(data):,} bytes\n")

    def test_takes_the_place_of_an_older_one(self, clean: Path, tmp_path: Path) -> None:
        out = tmp_path / "client.svg"
        out.write_text("old", encoding="utf-8")
        assert run("-C", clean, "rates", "--plot", out).code == 0
        assert out.read_bytes().startswith(b"<?xml ")
        assert [path.name for path in tmp_path.iterdir() if path.name != "clean"] == ["client.svg"]

    def test_that_cannot_be_written_is_told(self, clean: Path, tmp_path: Path) -> None:
        out = tmp_path / "folder.svg"
        out.mkdir()
        result = run("-C", clean, "rates", "--plot", out)
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith(f"error[CC902] cannot-write: {out} cannot be written: ")

    def test_in_a_folder_that_is_not_there_is_told(self, clean: Path, tmp_path: Path) -> None:
        out = tmp_path / "drawings" / "client.svg"
        result = run("-C", clean, "rates", CLIENT, "--plot", out)
        assert (result.code, result.out) == (1, "")
        assert result.err == (
            f"error[CC902] cannot-write: {out} cannot be written: there is no directory"
            f" {out.parent}\n"
            " = help: make it, or choose another place; nothing was changed\n\n"
        )
        assert not out.parent.exists()

    def test_leaves_json_to_itself(self, clean: Path, tmp_path: Path) -> None:
        plain = run("-C", clean, "rates", "--format=json")
        assert run("-C", clean, "rates", "--format=json", "--plot", tmp_path / "x.svg") == plain

    def test_without_matplotlib_says_what_to_install(
        self, clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delitem(sys.modules, "chartconfig.cli.plot.figure", raising=False)
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        result = run("-C", clean, "rates", "--plot", tmp_path / "x.svg")
        assert (result.code, result.out, result.err) == (
            2,
            "",
            (
                "Error: matplotlib, which draws files, is not installed: pip install "
                "'chartconfig[plot]'; --plot without FILE draws in the terminal\n"
            ),
        )
        assert not (tmp_path / "x.svg").exists()
        assert run("-C", clean, "rates", "--plot").code == 0


class TestOption:
    @pytest.mark.parametrize(
        "arguments",
        [
            ["--plot", CLIENT],
            [CLIENT, "--plot"],
            [CLIENT, "--plot", "--on=2026-11-20"],
            [f"--plot={CLIENT}"],
        ],
    )
    def test_draws_the_chart_that_follows(self, clean: Path, arguments: list[str]) -> None:
        result = run("-C", clean, "rates", *arguments)
        closing = run("-C", clean, "rates", CLIENT).out.splitlines()[-1]
        assert (result.code, result.err) == (0, "")
        assert result.out == f"{shown(chart_plot(), 100)}\n{closing}\n"

    def test_draws_the_plan_of_several(self, clean: Path) -> None:
        result = run("-C", clean, "rates", "--plot", CLIENT, "compile/bug")
        assert result.out.startswith("2 of 5 charts: SampleRate 5.248%, 2.73 reports a year\n\n")

    def test_draws_what_is_assumed(self, clean: Path) -> None:
        result = run("-C", clean, "rates", "--budget=1", "--plot")
        assert shown(plan_plot(BUDGET), 100) in result.out
        assert result.out.startswith("what if ")

    def test_draws_in_ascii_where_nothing_else_is_known(self, clean: Path) -> None:
        result = spawn("-C", clean, "rates", ON, "--plot", CLIENT, PYTHONIOENCODING="ascii")
        assert result.code == 0
        assert "\\u" not in result.out
        assert "**O" in result.out

    def test_draws_as_wide_as_the_terminal(self, clean: Path) -> None:
        result = on_terminal("-C", clean, "rates", ON, "--plot", CLIENT, NO_COLOR="1", COLUMNS="60")
        assert result.out.replace("\r", "").startswith(shown(chart_plot(), 60))

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (
                ["--plot", "x.pdf"],
                "there is no chart x.pdf; `chartconfig rates` lists all, and a FILE",
            ),
            (["--plot", "gopls/x"], "there is no chart gopls/x; `chartconfig rates` lists all"),
            (["--plot", "--format=json"], "--plot draws here, where --format json prints: name a"),
        ],
    )
    def test_used_wrongly(self, clean: Path, arguments: list[str], said: str) -> None:
        result = run("-C", clean, "rates", *arguments)
        assert (result.code, result.out) == (2, "")
        assert said in result.err

    def test_with_nothing_to_draw(self, clean: Path, tmp_path: Path) -> None:
        out = tmp_path / "x.svg"
        result = run("-C", clean, "rates", CLIENT, "--on=2027-11-02", "--plot", out)
        assert (result.code, result.out) == (2, "")
        assert result.err.endswith("Error: there is nothing to draw\n")
        assert not out.exists()

    @pytest.mark.parametrize("file", [None, "x.png"])
    def test_of_a_chart_that_can_promise_nothing(
        self, clean: Path, tmp_path: Path, file: str | None
    ) -> None:
        path = clean / "configs/charts/gopls/client.yaml"
        text = path.read_text(encoding="utf-8")
        groups = "accuracy: {margin: 5%, confidence: 95%, for_each: [os], smallest_group: 10%}\n"
        kept = [row for row in text.splitlines(keepends=True) if not row.startswith("accuracy:")]
        path.write_text("".join(kept) + groups, encoding="utf-8")
        into = [] if file is None else [tmp_path / file]
        result = run("-C", clean, "rates", CLIENT, ON, "--population=gopls=1", "--plot", *into)
        assert result.code == 2
        assert result.err.endswith(
            f"Error: there is nothing to draw: {CLIENT} can promise nothing at any rate\n"
        )
        assert not list(tmp_path.glob("*.png"))
