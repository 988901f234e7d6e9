"""A config repository as values: everything that one tree says, parsed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from chartconfig.module.version import DEVEL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from chartconfig.charts.chart import Chart, ChartType
    from chartconfig.charts.policy import Policy
    from chartconfig.charts.program import Program
    from chartconfig.charts.retired import Retirement
    from chartconfig.charts.versions import Known, Source
    from chartconfig.module.gomod import Retraction
    from chartconfig.sampling.accuracy import Accuracy
    from chartconfig.sampling.population import Population
    from chartconfig.source.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """collection.yaml: what holds for the whole config."""

    module: str
    fetch_probability: Fraction
    """No counter is sampled more often than installations look at the config; in (0, 1)."""
    max_reports_per_year: Fraction | None
    """What one installation may be asked for; None is no budget."""
    max_buckets: int
    goos: tuple[str, ...]
    goarch: tuple[str, ...]
    toolchain: Source
    """Where the toolchain's versions are looked up."""
    toolchain_since: str | None
    """The first of them that is wanted; None for all."""
    accuracy: Mapping[ChartType, Accuracy]
    document: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One entry of populations.yaml."""

    population: Population
    as_of: date
    source: str
    assumption: str | None
    adoption: tuple[tuple[str, Fraction], ...]
    """Versions, each with the share of installations at or above it, as written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """versions.lock.yaml: which versions are collected."""

    toolchain: Known
    programs: Mapping[str, Known]
    document: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """All files of a config repository."""

    collection: Collection
    estimates: Mapping[str, Estimate]
    populations_document: Document
    versions: Versions
    programs: Mapping[str, Program]
    charts: tuple[Chart, ...]
    """Sorted by id."""
    policy: Policy
    """That of policy.yaml, or what holds without one."""
    retractions: tuple[Retraction, ...]
    """The released versions that are withdrawn, as in retracted.yaml, ascending."""
    retirements: tuple[Retirement, ...] = ()
    """What is collected no longer and still accepted, in the order of retired.yaml."""
    retired_document: Document | None = None
    """That file; None where there is none."""

    def program(self, chart: Chart) -> Program:
        """Return the program that counts for a chart."""
        return self.programs[chart.program]

    def population(self, chart: Chart) -> Population:
        """Return the installations that have a chart's counter, in a version that has it."""
        estimate = self.estimates[self.program(chart).population]
        return estimate.population.share(self.adoption(chart))

    def adoption(self, chart: Chart) -> Fraction:
        """Return the share of a program's installations that have a chart's counter, in (0, 1].

        The share is that of the oldest version with a known share at or above `since`; when
        every known share is of an older version, that of the newest of them. Without `since`, or
        without known shares, it is 1.
        """
        program = self.program(chart)
        estimate = self.estimates[program.population]
        if chart.since is None or not estimate.adoption:
            return Fraction(1)
        key = program.scheme.sort_key
        since = key(chart.since)
        if program.since is not None and since <= key(program.since):
            return Fraction(1)
        known = sorted((key(version), share) for version, share in estimate.adoption)
        return next((share for version, share in known if version >= since), known[-1][1])

    def collected_versions(self, program: Program, since: str | None) -> tuple[str, ...]:
        """Return the known versions of a program from `since` on, in version order."""
        key = program.scheme.sort_key
        entry = (
            self.versions.toolchain
            if program.is_toolchain
            else self.versions.programs.get(program.id)
        )
        known = entry.collected if entry else ()
        first = key(since) if since is not None else None
        chosen = sorted((v for v in known if first is None or key(v) >= first), key=key)
        return ((DEVEL,) if program.devel else ()) + tuple(chosen)
