"""What `explain` says of half and twice the population, and of the margins beside a chart's."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from chartconfig.charts.alternatives import other_populations, other_values
from chartconfig.charts.numbers import cleaned, once_in, percent, reports_a_year
from chartconfig.charts.target import kind, target
from chartconfig.cli.table import table
from chartconfig.sampling.required import value_of
from chartconfig.sampling.rounding import round_down

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartconfig.charts.alternatives import OtherValue
    from chartconfig.charts.chart import Chart
    from chartconfig.diagnostics.render import Line
    from chartconfig.pipeline import Planned
    from chartconfig.sampling.plan import PlannedRate

_NEEDED = ("rate needed", "one installation")


def lines(chart: Chart, rate: PlannedRate, planned: Planned) -> Iterator[Line]:
    """Yield two tables: what another population would do, and what another margin would cost."""
    own = value_of(chart.accuracy)
    populations = other_populations(target(chart, planned.repository), rate)
    headings = [
        "",
        "installations",
        *_NEEDED,
        f"{rate.rate:.4g} gives",
        f"{percent(own)} holds with",
    ]
    rows = [
        [
            ("dim", name),
            ("plain", f"{other.installations:,}"),
            *_needed(other.rate, rate.limit),
            ("plain", "nothing" if other.gives is None else percent(other.gives)),
            ("plain", "" if other.coverage is None else percent(_rounded(other.coverage))),
        ]
        for name, other in zip(("half", "low", "double"), populations, strict=True)
    ]
    if all(other.coverage is None for other in populations):
        headings.pop()
        rows = [row[:-1] for row in rows]
    yield from table(headings, rows, right=("installations", "rate needed"))
    yield ()
    asked = kind(chart).replace("_", " ")
    rows = [
        [
            ("dim", _beside(other.value, own)),
            ("plain", percent(other.value)),
            *_needed(other.rate, rate.limit),
            ("plain", _reports(other.reports_per_year)),
        ]
        for other in _other_values(chart, rate, planned)
    ]
    yield from table(["", asked, *_NEEDED, "all charts"], rows, right=(asked, "rate needed"))


def _needed(rate: float | None, limit: float) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return two cells: a rate, and how often one installation would report."""
    if rate is None:
        return ("plain", ""), ("warning", "no rate will do")
    if rate > limit:
        return ("warning", f"{rate:.4g}"), ("warning", f"over {limit:.4g}")
    return ("number", f"{rate:.4g}"), ("plain", once_in(rate))


def _beside(value: Fraction, own: Fraction) -> str:
    return "asked" if value == own else "tighter" if value < own else "looser"


def _rounded(coverage: float) -> float:
    """Return a coverage rounded down, as what can be relied on, but for the error of floats."""
    return round_down(Fraction(f"{coverage:.12f}"))


def _reports(number: float | None) -> str:
    return "" if number is None else reports_a_year(number)


def _other_values(chart: Chart, rate: PlannedRate, planned: Planned) -> tuple[OtherValue, ...]:
    pairs = zip(planned.charts, planned.plan.rates, strict=True)
    others = max((each.rate for other, each in pairs if other.id != chart.id), default=0.0)
    return other_values(target(chart, planned.repository), rate, others=others)


def entry(chart: Chart, rate: PlannedRate, planned: Planned) -> dict[str, object]:
    """Return what `explain --format json` has for a chart besides its derivation."""
    asked = kind(chart)
    return {
        "other_populations": [
            {
                "installations": other.installations,
                "rate": other.rate,
                "achieved": other.gives,
                "coverage": None if other.coverage is None else _rounded(other.coverage),
            }
            for other in other_populations(target(chart, planned.repository), rate)
        ],
        "other_values": [
            {
                asked: float(other.value),
                "rate": other.rate,
                "reports_per_year": None
                if other.reports_per_year is None
                else cleaned(other.reports_per_year),
            }
            for other in _other_values(chart, rate, planned)
        ],
    }
