"""Checks on what is retired: that its time has not passed, and that it is not collected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartconfig.charts.chart import ChartType
from chartconfig.collection.config import expand
from chartconfig.diagnostics.catalogue import report
from chartconfig.source.yaml import locate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from chartconfig.charts.repository import Repository
    from chartconfig.charts.retired import Retirement
    from chartconfig.diagnostics.diagnostic import Diagnostic


def retirements(repository: Repository, on: date) -> Iterator[Diagnostic]:
    """CC705 `retirement-over`, CC706 `retirement-of-collected`."""
    document = repository.retired_document
    for index, entry in enumerate(repository.retirements):
        if document is None:
            continue
        if entry.until < on:
            yield report(
                "CC705",
                f"the last day was {entry.until}, and nothing of it is accepted any more",
                locate(document, index, "until"),
                hint="delete the entry, and the file with the last one",
            )
            continue
        for key, names in _collected(repository, entry, on).items():
            yield report(
                "CC706",
                f"{', '.join(names)} is collected, and so it is not retired",
                locate(document, index, key),
                hint="delete it here, or no longer collect it",
            )


def _collected(repository: Repository, entry: Retirement, on: date) -> dict[str, list[str]]:
    """Return what an entry retires and is collected on a day, by the key that names it."""
    live = [
        chart
        for chart in repository.charts
        if repository.program(chart).name == entry.program and not chart.expired(on)
    ]
    stacks = {c.counters[0].name for c in live if c.type is ChartType.STACK}
    counters = {
        event
        for chart in live
        if chart.type is not ChartType.STACK
        for counter in chart.counters
        for event in counter.events
    }
    versions = {
        version
        for chart in live
        for program in [repository.program(chart)]
        for version in repository.collected_versions(program, chart.since or program.since)
    }
    found = {
        "counters": [e for name in entry.counters for e in expand(name) if e in counters],
        "stacks": [name for name in entry.stacks if name in stacks],
        "versions": [name for name in entry.versions if name in versions],
        "goos": [name for name in entry.goos if name in repository.collection.goos],
        "goarch": [name for name in entry.goarch if name in repository.collection.goarch],
        "go_versions": [
            name for name in entry.go_versions if name in repository.versions.toolchain.collected
        ],
    }
    return {key: names for key, names in found.items() if names}
