"""Every promise of a compiled config put to the test, from its files alone.

charts.json says what is promised, config.json what installations are asked for, and fleets are
drawn that do what it says. So a counter that the compiler loses, or a rate that somebody lowers, is
a broken promise, wherever the mistake was made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from chartconfig.collection.compiled import decode_charts, probabilities, study
from chartconfig.collection.encode import decode
from chartconfig.sampling.fleets import Case
from chartconfig.sampling.installations import simulate_each
from chartconfig.sampling.required import group_size
from chartconfig.sampling.simulation import Verdict, error_rate, simulate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from chartconfig.collection.compiled import CompiledChart
    from chartconfig.collection.config import CollectionConfig
    from chartconfig.sampling.population import Population
    from chartconfig.sampling.simulation import Advance, Outcome

FILES = ("charts.json", "config.json")
"""All that is read of a compiled config."""

HALF = "half of low"
POPULATIONS = ("low", "likely", "high", HALF)
"""The promise is for `low` and more; what half of that would leave of it is told."""

_WORST_FIRST = (Verdict.BROKEN, Verdict.UNTOLD, Verdict.KEPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What became of one chart's promise in one population."""

    population: str
    installations: int
    """In a week, of the smallest group."""
    outcomes: tuple[Outcome, ...]
    """For each truth."""
    worst: Outcome
    """That of the truth in which the promise fared worst: broken, if it is in any."""
    verdict: Verdict
    """Of the worst."""

    @classmethod
    def of(
        cls, outcomes: tuple[Outcome, ...], *, population: str, installations: int, error: float
    ) -> Found:
        """Return what these outcomes say.

        Args:
            outcomes: One at least.
            population: One of `POPULATIONS`.
            installations: In a week, of the smallest group.
            error: The probability of calling a promise broken that holds, of one comparison.
        """
        worst = min(
            outcomes,
            key=lambda outcome: (
                _WORST_FIRST.index(outcome.verdict(error)),
                outcome.coverage - outcome.promised,
            ),
        )
        return cls(
            population=population,
            installations=installations,
            outcomes=outcomes,
            worst=worst,
            verdict=worst.verdict(error),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What became of one chart's promise."""

    chart: CompiledChart
    found: tuple[Found, ...]
    """In the order of `POPULATIONS`; empty if nothing is promised."""
    missing: tuple[tuple[str, float], ...]
    """Counters that reports hold less often than the chart counts them, with the probability."""

    @property
    def verdict(self) -> Verdict:
        """What is said of the promise in the populations that it is for."""
        verdicts = (each.verdict for each in self.found if each.population != HALF)
        return min(verdicts, key=_WORST_FIRST.index, default=Verdict.KEPT)

    @property
    def half(self) -> Verdict | None:
        """What is said of it at half of low; None if nothing is promised."""
        return next((each.verdict for each in self.found if each.population == HALF), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What became of every promise."""

    charts: tuple[Audited, ...]
    fleets: int
    """Drawn for each chart, population and truth."""
    error: float
    """The probability that one comparison calls a promise broken that holds, at most."""

    @property
    def fleets_needed(self) -> int:
        """How many fleets would tell of every promise; so many as there are, if they do."""
        untold = (
            outcome.needed(self.error)
            for audited in self.charts
            for found in audited.found
            for outcome in found.outcomes
            if found.population != HALF and outcome.verdict(self.error) is Verdict.UNTOLD
        )
        return max(untold, default=self.fleets)


def read_compiled_config(
    files: Mapping[str, bytes], *, paths: Mapping[str, str] | None = None
) -> tuple[tuple[CompiledChart, ...], CollectionConfig]:
    """Return the charts and the collection config of a compiled directory.

    Args:
        files: Those that `FILES` names.
        paths: Where they were found, for the span of a mistake; never opened. Default: as named.

    Raises:
        MalformedChartsError: charts.json is not what compile wrote.
        MalformedConfigError: config.json is not one that clients read as it is meant.
    """
    paths = paths or {name: name for name in FILES}
    return (
        decode_charts(files["charts.json"], path=paths["charts.json"]),
        decode(files["config.json"], path=paths["config.json"]),
    )


def audit(
    charts: Sequence[CompiledChart],
    config: CollectionConfig,
    *,
    fleets: int,
    seed: int = 0,
    each_installation: bool = False,
    advance: Advance = lambda _: None,
) -> Audit:
    """Return what becomes of every promise in simulated fleets.

    Args:
        charts: What is promised. Charts that ask the same of as many have the same fleets.
        config: What clients read.
        fleets: How many are drawn for each chart, population and truth; at least 1.
        seed: Of the random numbers.
        each_installation: Whether every installation is drawn, or how many of each kind report.
        advance: Called now and then with the part of the work that is done, in (0, 1].
    """
    asked = cases_of(charts, config)
    draw = _each_installation if each_installation else _counts
    outcomes = draw([list(each.values()) for each in asked.values()], fleets, seed, advance)
    judged = {case for name in POPULATIONS if name != HALF for case in asked[name].values()}
    error = error_rate(outcome for case in judged for outcome in outcomes[case])

    def found(chart: CompiledChart) -> Iterator[Found]:
        for name in POPULATIONS:
            if case := asked[name].get(chart.id):
                yield Found.of(
                    outcomes[case],
                    population=name,
                    installations=case.installations,
                    error=error,
                )

    return Audit(
        charts=tuple(
            Audited(chart=chart, found=tuple(found(chart)), missing=tuple(_missing(chart, config)))
            for chart in charts
        ),
        fleets=fleets,
        error=error,
    )


def cases_of(
    charts: Iterable[CompiledChart], config: CollectionConfig
) -> dict[str, dict[str, Case]]:
    """Return what is put to the test in each of `POPULATIONS`, by chart.

    Args:
        charts: What is promised; those that promise nothing are left out.
        config: What clients read.
    """
    asked: dict[str, dict[str, Case]] = {name: {} for name in POPULATIONS}
    for chart in charts:
        if (promise := study(chart, config)) is not None:
            for name, installations in _installations(chart.population):
                group = group_size(promise.accuracy, installations)
                asked[name][chart.id] = Case(study=promise, installations=group)
    return asked


def _installations(population: Population) -> Iterator[tuple[str, int]]:
    """Yield how many installations there are in each of `POPULATIONS`."""
    numbers = population.low, population.likely, population.high, population.low // 2
    yield from zip(POPULATIONS, numbers, strict=True)


def _missing(chart: CompiledChart, config: CollectionConfig) -> Iterator[tuple[str, float]]:
    shown, _ = probabilities(chart, config)
    for counter, probability in zip(chart.counters, shown, strict=True):
        if probability < chart.rate:
            yield counter, probability


_Outcomes: TypeAlias = "dict[Case, tuple[Outcome, ...]]"


def _counts(asked: Sequence[Sequence[Case]], fleets: int, seed: int, advance: Advance) -> _Outcomes:
    cases = dict.fromkeys(case for each in asked for case in each)
    outcomes: _Outcomes = {}
    for done, case in enumerate(cases, 1):
        outcomes[case] = simulate(case, fleets=fleets, seed=seed)
        advance(done / len(cases))
    return outcomes


def _each_installation(
    asked: Sequence[Sequence[Case]], fleets: int, seed: int, advance: Advance
) -> _Outcomes:
    """Draw fleets for each population, which all charts share."""
    outcomes: _Outcomes = {}
    for done, each in enumerate(asked):
        cases = list(dict.fromkeys(each))
        drawn = simulate_each(
            cases,
            fleets=fleets,
            seed=(seed, done),  # not their sum, or the next seed has some fleets of this one
            advance=lambda part, done=done: advance((done + part) / len(asked)),  # type: ignore[misc]
        )
        outcomes.update(zip(cases, drawn, strict=True))
    return outcomes
