"""What if: a config repository under other assumptions than its files make.

The answer is a repository and charts again, so everything that is computed from files is computed
from assumptions by the same functions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isqrt
from typing import TYPE_CHECKING

from chartconfig.charts.target import kind
from chartconfig.sampling.population import Population
from chartconfig.sampling.required import with_value

if TYPE_CHECKING:
    from fractions import Fraction

    from chartconfig.charts.chart import Chart
    from chartconfig.charts.repository import Repository

_MARGINS = ("margin", "distribution_margin", "relative_margin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What is assumed instead of what the files say; what is left out is as it is."""

    populations: tuple[tuple[str, Population], ...] = ()
    """By program's id or, where no program has it, key of populations.yaml. Adoption still
    applies."""
    margin: Fraction | None = None
    """In (0, 1), instead of a margin of any kind."""
    confidence: Fraction | None = None
    """In (0, 1), of every kind of accuracy."""
    cap: Fraction | None = None
    """In (0, 1], instead of `fetch_probability`."""
    budget: Fraction | None = None
    """Reports a year, in (0, 52], that all margins are widened to fit."""
    charts: frozenset[str] = frozenset()
    """The ids of the charts whose margin and confidence are assumed; none named is all."""

    def __bool__(self) -> bool:
        """Whether anything is assumed."""
        return self != Assumptions(charts=self.charts)


def between(low: int, high: int) -> Population:
    """Return a population of which two numbers are known: the likely one is their geometric mean.

    Args:
        low: At least 0.
        high: At least `low`.

    Examples:
        >>> between(300_000, 1_200_000)
        Population(low=300000, likely=600000, high=1200000)
    """
    return Population(low=low, likely=isqrt(low * high), high=high)


def assume(repository: Repository, assumptions: Assumptions) -> Repository:
    """Return a repository under assumptions about populations and the cap.

    Args:
        repository: As the files have it.
        assumptions: Their populations name programs or keys that it has; those about accuracy and
            the budget are passed over.
    """
    collection = repository.collection
    if assumptions.cap is not None:
        collection = replace(collection, fetch_probability=assumptions.cap)
    estimates, programs = dict(repository.estimates), dict(repository.programs)
    of_programs = {}
    for name, population in assumptions.populations:
        if name in programs:  # its entry may be that of others too, so it gets one of its own
            key = f"{name} alone"
            of_programs[key] = replace(estimates[programs[name].population], population=population)
            programs[name] = replace(programs[name], population=key)
        else:
            estimates[name] = replace(estimates[name], population=population)
    return replace(
        repository,
        collection=collection,
        estimates=estimates | of_programs,
        programs=programs,
    )


def keeps_margin(chart: Chart, assumptions: Assumptions) -> bool:
    """Return whether a margin is assumed of a chart that has none of any kind."""
    return (
        assumptions.margin is not None
        and _is_meant(chart, assumptions)
        and kind(chart) not in _MARGINS
    )


def _is_meant(chart: Chart, assumptions: Assumptions) -> bool:
    return not assumptions.charts or chart.id in assumptions.charts


def ask(chart: Chart, assumptions: Assumptions) -> Chart:
    """Return a chart under assumptions about its accuracy; one without a margin gets none.

    Args:
        chart: As its file has it.
        assumptions: Those about populations, the cap and the budget are passed over.
    """
    if not _is_meant(chart, assumptions):
        return chart
    accuracy = chart.accuracy
    if assumptions.margin is not None and kind(chart) in _MARGINS:
        accuracy = with_value(accuracy, assumptions.margin)
    if assumptions.confidence is not None:
        accuracy = replace(accuracy, confidence=assumptions.confidence)
    return replace(chart, accuracy=accuracy)
