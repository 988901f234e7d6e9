"""Charts and their rates to a collection config."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartconfig.charts.chart import ChartType
from chartconfig.collection.config import (
    CollectionConfig,
    CounterConfig,
    ProgramConfig,
    collapse,
)
from chartconfig.module.version import Scheme

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from chartconfig.charts.chart import Chart
    from chartconfig.charts.program import Program
    from chartconfig.charts.repository import Repository
    from chartconfig.sampling.plan import Plan, PlannedRate

NEVER = 1e-300
"""The rate of a config without charts: to clients, 0 is no limit, and all would report."""


def compile_config(repository: Repository, charts: Sequence[Chart], plan: Plan) -> CollectionConfig:
    """Return the config that collects what the charts need, and nothing else.

    Args:
        repository: Programs, versions and platforms.
        charts: The charts that are collected, in the order of the plan.
        plan: Their rates.
    """
    by_program: dict[str, list[Chart]] = {}
    for chart in charts:
        by_program.setdefault(chart.program, []).append(chart)
    programs = (
        _program_config(repository, repository.programs[key], charted, plan.counter_rates)
        for key, charted in by_program.items()
    )
    toolchain = Scheme.GO_TOOLCHAIN.sort_key
    used = [repository.programs[key] for key in by_program]
    devel = any(program.devel and program.is_toolchain for program in used)
    return CollectionConfig(
        goos=tuple(sorted(repository.collection.goos)),
        goarch=tuple(sorted(repository.collection.goarch)),
        go_versions=tuple(
            sorted(
                (*repository.versions.toolchain.collected, *(["devel"] if devel else [])),
                key=toolchain,
            )
        ),
        sample_rate=plan.sample_rate or NEVER,
        programs=tuple(sorted(programs, key=lambda program: program.name)),
    )


def collected_names(chart: Chart) -> tuple[str, ...]:
    """Return a chart's counters as they are collected, each with its buckets collapsed."""
    if chart.type is ChartType.RATIO:
        return tuple(dict.fromkeys(counter.name for counter in chart.counters))
    return tuple(collapse(counter.name, counter.buckets) for counter in chart.counters)


def collected_more_often(
    chart: Chart, planned: PlannedRate, repository: Repository, plan: Plan
) -> dict[str, float]:
    """Return those of a chart's counters that another chart needs more often, with its rate."""
    program = repository.program(chart).name
    return {
        event: plan.counter_rates[program, event]
        for counter in chart.counters
        for event in counter.events
        if plan.counter_rates[program, event] > planned.rate
    }


def _program_config(
    repository: Repository,
    program: Program,
    charts: Sequence[Chart],
    rates: Mapping[tuple[str, str], float],
) -> ProgramConfig:
    """Return what is collected of one program."""
    stacks = [chart for chart in charts if chart.type is ChartType.STACK]
    counted = [chart for chart in charts if chart.type is not ChartType.STACK]
    return ProgramConfig(
        name=program.name,
        versions=repository.collected_versions(program, first_version(program, charts)),
        counters=tuple(_counter_configs(program.name, counted, rates)),
        stacks=tuple(
            CounterConfig(
                name=chart.counters[0].name,
                rate=rates[program.name, chart.counters[0].name],
                depth=chart.depth,
            )
            for chart in stacks
        ),
    )


def first_version(program: Program, charts: Iterable[Chart]) -> str | None:
    """Return the first version of a program that a config names; None if it names all.

    A config names versions for a whole program, so they start at the oldest `since` of its charts,
    and at the beginning if one has none.

    Args:
        program: The program.
        charts: Those of its charts that are collected.
    """
    firsts = {chart.since or program.since for chart in charts}
    wanted = [first for first in firsts if first is not None]
    return min(wanted, key=program.scheme.sort_key, default=None) if None not in firsts else None


def _counter_configs(
    program: str, charts: Iterable[Chart], rates: Mapping[tuple[str, str], float]
) -> Iterator[CounterConfig]:
    """Yield each counter once, in chart order; buckets of one rate share an entry.

    A bucket that a ratio needs more often than its partition does has an entry of its own: clients
    keep one rate for a name, and the other buckets are not collected more often for its sake.
    """
    seen: set[str] = set()
    for chart in charts:
        for counter in chart.counters:
            fresh = [event for event in counter.events if event not in seen]
            seen.update(fresh)
            by_rate: dict[float, list[str]] = {}
            for event in fresh:
                by_rate.setdefault(rates[program, event], []).append(event)
            for rate, events in by_rate.items():
                buckets = [event.removeprefix(f"{counter.name}:") for event in events]
                name = collapse(counter.name, buckets) if counter.buckets else counter.name
                yield CounterConfig(name=name, rate=rate)
