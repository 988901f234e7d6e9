"""What a server accepts besides what the config asks for: what is retired, and what expired."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from chartconfig.charts.chart import ChartType
from chartconfig.charts.retired import Retirement, under_way
from chartconfig.collection.compile import collected_names
from chartconfig.collection.config import expand
from chartconfig.module.version import DEVEL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from chartconfig.charts.chart import Chart
    from chartconfig.charts.repository import Repository
    from chartconfig.collection.config import CollectionConfig, ProgramConfig


def still_accepted(
    repository: Repository, config: CollectionConfig, *, on: date
) -> tuple[Retirement, ...]:
    """Return what is collected no longer and still accepted on a day, as charts.json lists it.

    Args:
        repository: Where what is retired stands, and the charts that expired.
        config: What is collected.
        on: The day.
    """
    programs = {program.name: program for program in config.programs}
    entries = [entry for entry in repository.retirements if entry.until >= on]
    for chart in repository.charts:
        if chart.expired(on):
            entries += _expired(chart, repository, config, programs, on)
    return tuple(entries)


def retirement_entry(retirement: Retirement) -> dict[str, object]:
    """Return an entry as charts.json has it: what it holds, and nothing that is empty."""
    entry: dict[str, object] = {}
    for field in fields(retirement):
        value = getattr(retirement, field.name)
        if isinstance(value, tuple):
            value = list(value)
        if value:
            entry[field.name] = value.isoformat() if field.name == "until" else value
    return entry


def _expired(
    chart: Chart,
    repository: Repository,
    config: CollectionConfig,
    programs: Mapping[str, ProgramConfig],
    on: date,
) -> Iterator[Retirement]:
    """Yield what only an expired chart asked for.

    The last release asks for it until the next one, whenever that is. So the last day moves on, in
    steps of the time that reports are under way, for as long as the chart's file stands.
    """
    assert chart.expires is not None
    step = under_way(repository.collection.fetch_probability)
    steps = -((chart.expires - on) // step) + 1
    until, reason = chart.expires + steps * step, f"Chart {chart.id} expired on {chart.expires}."
    program = repository.program(chart)
    known = programs.get(program.name)
    stacks = {stack.name for stack in known.stacks} if known else set()
    counters = {e for c in known.counters for e in expand(c.name)} if known else set()
    is_stack = chart.type is ChartType.STACK
    names = tuple(
        name
        for name in collected_names(chart)
        if (name not in stacks if is_stack else not counters.issuperset(expand(name)))
    )
    asked = repository.collected_versions(program, chart.since or program.since)
    versions = set(known.versions) if known else set()
    gone = tuple(version for version in asked if version not in versions)
    if names or gone:
        yield Retirement(
            program=program.name,
            counters=() if is_stack else names,
            stacks=names if is_stack else (),
            versions=gone,
            until=until,
            reason=reason,
        )
    if program.is_toolchain and program.devel and DEVEL not in config.go_versions:
        yield Retirement(go_versions=(DEVEL,), until=until, reason=reason)
