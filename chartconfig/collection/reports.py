"""Published reports: read, counted for a chart, and turned into its published numbers.

Servers publish the reports of a day as one file, a JSON object a line, as Go encodes them:

    {"Week":"2026-11-20","LastWeek":"","X":0.0123,"Programs":[{"Program":"cmd/go",
    "Version":"go1.27.0","GoVersion":"go1.27.0","GOOS":"linux","GOARCH":"amd64",
    "Counters":{"go/invocations":42},"Stacks":{}}],"Config":"v1.4.0"}

A report is of one installation's week. Its programs stand there once for each version and platform
that ran; what they counted is added up. `Programs` may be null. Keys that are not named here are
passed over.

What a chart counts:

- The denominator is the reports with X <= the chart's `rate` that have its program, in a version
  that has the counters: not all that were received, for those above the rate lack them.
- Partition, stack: the reports that have each counter.
- Histogram: each report's own median bucket, or its own `quantile`. One without any is left out.
- Ratio: each report's own numerator over its own denominator. One without the latter is left out.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from chartconfig.charts.chart import ChartType
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Position, Span
from chartconfig.errors import ChartconfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from chartconfig.collection.compiled import CompiledChart


PROPERTIES = {"os": "GOOS", "arch": "GOARCH", "go_version": "GoVersion", "version": "Version"}
"""What a chart's `for_each` may name, and its key in reports."""
_TOO_LARGE = 1 << 63  # Go has counts in 64 bits


class MalformedReportError(ChartconfigError):
    """CC906 `malformed-report`: a line is not a report."""

    def __init__(self, message: str, path: str, line: int) -> None:
        """Say what is wrong with a line, counted from 1."""
        place = Position(line, 1)
        super().__init__(
            report(
                "CC906",
                f"line {line} of {path}: {message}",
                Span(path, place, place),
                hint="publish what the server received, one report a line",
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramReport:
    """What one program, in one version on one platform, counted in a week."""

    program: str
    properties: Mapping[str, str]
    """By the names in `PROPERTIES`."""
    counters: Mapping[str, int]
    stacks: Mapping[str, int]
    """By the whole text, of which the first line is the name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one installation sent for a week."""

    week: date
    """The day on which its week ended."""
    x: float
    """The number that was compared with every rate, in [0, 1]."""
    programs: tuple[ProgramReport, ...]
    config: str
    """The version of the config that the client had."""


def parse_reports(lines: Iterable[str | bytes], *, path: str = "the reports") -> Iterator[Report]:
    r"""Yield the reports of lines; empty lines are passed over.

    Args:
        lines: Of a published file, such as the open file itself.
        path: Where they were found, for a mistake; never opened.

    Raises:
        MalformedReportError: A line is no report. The only exception, whatever the lines.

    Examples:
        >>> line = '{"Week": "2026-11-20", "X": 0.5, "Programs": null, "Config": "v1.0.0"}\n'
        >>> [report.x for report in parse_reports([line])]
        [0.5]
        >>> next(parse_reports(["{}"]))
        Traceback (most recent call last):
        ...
        chartconfig.collection.reports.MalformedReportError: line 1 of the reports: Week is missing
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            document = json.loads(line)
        except (ValueError, RecursionError):
            raise MalformedReportError("it is no JSON", path, number) from None
        try:
            yield _report(document)
        except _MalformedError as error:
            raise MalformedReportError(str(error), path, number) from None


class _MalformedError(Exception):
    """What is wrong with a report."""


def _report(document: object) -> Report:
    report = _object(document, "it")
    week = _text(report, "Week")
    try:
        day = date.fromisoformat(week)
    except ValueError:
        day = None
    if day is None or day.isoformat() != week:  # Python reads 20261120, too
        raise _MalformedError("Week is no day such as 2026-11-20")
    x = report.get("X")
    if isinstance(x, bool) or not isinstance(x, int | float) or not 0 <= x <= 1:
        raise _MalformedError("X is missing" if x is None else "X is no number from 0 to 1")
    programs = report.get("Programs")
    programs = [] if programs is None else programs
    if not isinstance(programs, list):
        raise _MalformedError("Programs is no list")
    return Report(
        week=day,
        x=float(x),
        programs=tuple(_program(_object(program, "a program")) for program in programs),
        config=_text(report, "Config"),
    )


def _program(program: Mapping[str, Any]) -> ProgramReport:
    return ProgramReport(
        program=_text(program, "Program"),
        properties={name: _text(program, key) for name, key in PROPERTIES.items()},
        counters=_counts(program, "Counters"),
        stacks=_counts(program, "Stacks"),
    )


def _object(value: object, called: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _MalformedError(f"{called} is no object")
    return value


def _text(mapping: Mapping[str, Any], key: str) -> str:
    value = mapping.get(key)
    if not isinstance(value, str):
        raise _MalformedError(f"{key} is missing" if value is None else f"{key} is no text")
    return value


def _counts(program: Mapping[str, Any], key: str) -> Mapping[str, int]:
    counts = program.get(key)
    counts = _object({} if counts is None else counts, key)
    for count in counts.values():
        if isinstance(count, bool) or not isinstance(count, int):
            raise _MalformedError(f"a count in {key} is no whole number")
        if not -_TOO_LARGE <= count < _TOO_LARGE:
            raise _MalformedError(f"a count in {key} is too large")
    return counts


Group = tuple[str, ...]
"""The values of the properties that a chart's `for_each` names, in that order; empty for all."""


class Count:
    """What reports say about a chart, or about one group of installations."""

    def __init__(self) -> None:
        """Count nothing yet."""
        self.reports = 0
        """Those that count for the chart: the denominator."""
        self.held: Counter[str] = Counter()
        """How many of them have each counter; of a histogram, their value in that bucket."""
        self.ratios: Counter[Fraction] = Counter()
        """How many of them have each ratio."""


def count(chart: CompiledChart, report: Report, counts: dict[Group, Count]) -> None:
    """Add a report to what is counted for a chart, and for each of its groups.

    Args:
        chart: What is counted.
        report: Of any week, with any X.
        counts: By group, and under () for all.
    """
    if report.x > chart.rate:
        return
    own = [
        program
        for program in report.programs
        if program.program == chart.program and chart.has(program.properties["version"])
    ]
    groups: dict[Group, list[ProgramReport]] = {(): own} if own else {}
    if chart.accuracy.for_each:
        for program in own:
            group = tuple(program.properties[name] for name in chart.accuracy.for_each)
            groups.setdefault(group, []).append(program)
    for group, programs in groups.items():
        _add(chart, programs, counts.setdefault(group, Count()))


def _add(chart: CompiledChart, programs: Sequence[ProgramReport], to: Count) -> None:
    held: Counter[str] = Counter()
    for program in programs:
        if chart.type is ChartType.STACK:
            for stack, times in program.stacks.items():
                held[stack.partition("\n")[0]] += times
        else:
            held.update(program.counters)
    numbers = [max(held[counter], 0) for counter in chart.counters]
    if chart.type is ChartType.RATIO:
        over, under = numbers
        if not under:
            return
        to.ratios[Fraction(over, under)] += 1
    elif chart.type is ChartType.HISTOGRAM:
        if not any(numbers):
            return
        to.held[chart.counters[own_bucket(numbers, chart.quantile or Fraction(1, 2))]] += 1
    else:
        to.held.update(c for c, times in zip(chart.counters, numbers, strict=True) if times)
    to.reports += 1


def own_bucket(counts: Sequence[int], quantile: Fraction) -> int:
    """Return the bucket that an installation contributes: where its quantile lies.

    Args:
        counts: Of its week, in the order of the buckets; not all 0.
        quantile: A fraction in (0, 1); 1/2 is the median, the lower one of two.

    Examples:
        >>> own_bucket([5, 5, 0, 1], Fraction(1, 2)), own_bucket([5, 5, 0, 1], Fraction(9, 10))
        (1, 1)
        >>> own_bucket([2, 0, 2], Fraction(1, 2))
        0
    """
    total, below = sum(counts), 0
    for bucket, times in enumerate(counts):
        below += times
        if times and below >= quantile * total:
            return bucket
    raise AssertionError("all counts are 0")
