"""A compiled config read back: what each chart promises, and what clients will send for it.

charts.json says how a chart's number is worked out: of the reports with X <= `rate`. config.json
says which counters such reports hold. Both are needed, and nothing else, to judge a promise.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NoReturn

from chartconfig.charts.chart import ChartType
from chartconfig.charts.numbers import read_accuracy, read_fraction
from chartconfig.charts.retired import read_retirement, why_refused
from chartconfig.charts.target import FITTING, KINDS
from chartconfig.collection.charts_json import FORMAT
from chartconfig.collection.config import expand
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Position, Span
from chartconfig.errors import ChartconfigError
from chartconfig.module.version import DEVEL, Scheme, scheme_of_module
from chartconfig.sampling.accuracy import DistributionMargin
from chartconfig.sampling.fleets import Study
from chartconfig.sampling.population import Population
from chartconfig.sampling.required import in_each_group, with_value
from chartconfig.source.schema import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from fractions import Fraction

    from chartconfig.charts.retired import Retirement
    from chartconfig.collection.config import CollectionConfig
    from chartconfig.sampling.accuracy import Accuracy

_MOST_INSTALLATIONS = 10**13
_PAIR = 2  # the counters of a ratio
_START = Position(1, 1)


class MalformedChartsError(ChartconfigError):
    """CC905 `malformed-charts`: the bytes are not a charts.json that compile wrote."""

    def __init__(self, message: str, path: str) -> None:
        """Say what is wrong, and where in the document."""
        super().__init__(
            report(
                "CC905",
                message,
                Span(path, _START, _START),
                hint="compile the charts again: chartconfig compile",
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledChart:
    """A chart of charts.json, as far as its number and its promise go."""

    id: str
    type: ChartType
    program: str
    """Its full name, as in reports."""
    scheme: Scheme
    """How the program's versions are ordered."""
    since: str | None
    """The first version that has the counter; None when all have."""
    counters: tuple[str, ...]
    """The single counters, each bucket one; of a ratio, numerator and denominator."""
    quantile: Fraction | None
    """Which bucket of its own week an installation contributes; set for histograms."""
    exclusive: bool
    """Whether an installation can have only one of the buckets."""
    accuracy: Accuracy
    """What was asked."""
    promised: Accuracy | None
    """What is promised: what was asked, or what an accepted shortfall leaves; None for nothing."""
    population: Population
    rate: float
    """Reports with X up to this one count; in (0, 1]."""

    def has(self, version: str) -> bool:
        """Return whether a version of the program has the chart's counters."""
        key = self.scheme.sort_key
        return version == DEVEL or self.since is None or key(version) >= key(self.since)


def decode_charts(data: bytes, *, path: str = "charts.json") -> tuple[CompiledChart, ...]:
    """Return the charts of a charts.json.

    Args:
        data: The whole file.
        path: Where it was found, for the span of a mistake; never opened.

    Raises:
        MalformedChartsError: It is anything else. The only exception, whatever the bytes.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise MalformedChartsError(f"{path} is no JSON", path) from None
    root = _Entry(document, "the document", path)
    if root.get("format", str) != FORMAT:
        root.refuse(f'"format" is not "{FORMAT}"')
    charts: dict[str, CompiledChart] = {}
    for entry in root.entries("charts"):
        chart = _chart(entry)
        if chart.id in charts:
            entry.refuse(f'"id" is {json.dumps(chart.id)}, as of a chart before')
        charts[chart.id] = chart
    return tuple(charts.values())


def decode_retired(data: bytes, *, path: str = "charts.json") -> tuple[Retirement, ...]:
    """Return what a charts.json lists as collected no longer and still accepted.

    Args:
        data: The whole file, one that `decode_charts` reads.
        path: Where it was found, for the span of a mistake; never opened.

    Raises:
        MalformedChartsError: An entry is not as docs/formats/charts.md has it.
    """
    root = _Entry(json.loads(data), "the document", path)
    entries = list(root.entries("retired")) if root.has("retired") else []
    schema = load("retired").validator
    for entry in entries:
        try:
            valid = schema.is_valid([entry.data]) and why_refused(dict(entry.data)) is None
            date.fromisoformat(entry.get("until", str))
        except ValueError:  # no day; or half a character, which JSON can spell and which is no text
            valid = False
        if not valid:
            entry.refuse("it is nothing that is retired: see schema/retired.schema.json")
    return tuple(read_retirement(dict(entry.data)) for entry in entries)


def _chart(entry: _Entry) -> CompiledChart:
    types = {kind.value: kind for kind in ChartType}
    called = entry.get("type", str)
    if called not in types:
        entry.refuse(f'"type" is {json.dumps(called)}, which is no type of chart')
    chart_type = types[called]
    names = entry.texts("counters")
    counters = (
        names if chart_type is ChartType.STACK else tuple(e for n in names for e in expand(n))
    )
    if not counters or (chart_type is ChartType.RATIO and len(counters) != _PAIR):
        entry.refuse(f'"counters" are not those of a {called}')
    asked = entry.entry("accuracy")
    accuracy = _accuracy(asked, chart_type)
    promised: Accuracy | None = accuracy
    if entry.has("shortfall"):
        achieved, kind = entry.entry("achieved"), asked.get("kind", str)
        left = achieved.fraction(kind) if achieved.has(kind) else None
        promised = None if left is None else with_value(accuracy, left)
    people = entry.entry("population")
    low, likely, high = (people.installations(key) for key in ("low", "likely", "high"))
    if not low <= likely <= high:
        people.refuse('"low", "likely" and "high" do not ascend')
    rate = entry.number("rate")
    if not 0 < rate <= 1:
        entry.refuse(f'"rate" is {rate}, not above 0 and at most 1')
    return CompiledChart(
        id=entry.get("id", str),
        type=chart_type,
        program=entry.get("program", str),
        scheme=_scheme(entry),
        since=entry.get("since", str) if entry.has("since") else None,
        counters=counters,
        quantile=entry.fraction("quantile") if entry.has("quantile") else None,
        exclusive=entry.has("exclusive") and entry.get("exclusive", bool),
        accuracy=accuracy,
        promised=promised,
        population=Population(low=low, likely=likely, high=high),
        rate=rate,
    )


def _scheme(entry: _Entry) -> Scheme:
    if not entry.has("scheme"):
        return scheme_of_module(entry.get("module", str) if entry.has("module") else None)
    called = entry.get("scheme", str)
    schemes = {scheme.value: scheme for scheme in Scheme}
    if called not in schemes:
        entry.refuse(f'"scheme" is {json.dumps(called)}, which is none of {", ".join(schemes)}')
    return schemes[called]


def _accuracy(entry: _Entry, chart_type: ChartType) -> Accuracy:
    kind = entry.get("kind", str)
    if kind not in {KINDS[fitting] for fitting in FITTING[chart_type]}:
        entry.refuse(f'"kind" is {json.dumps(kind)}, which a {chart_type.value} cannot promise')
    asked = {key: value for key, value in entry.data.items() if key != "kind"}
    try:
        valid = kind in asked and load("accuracy").validator.is_valid(asked)
    except UnicodeEncodeError:  # JSON can spell half a character, which is no text
        valid = False
    if not valid:
        entry.refuse("it is no accuracy of that kind: see schema/accuracy.schema.json")
    return read_accuracy(asked)


class _Entry:
    """An object of the document that knows where it stands."""

    def __init__(self, data: object, where: str, path: str) -> None:
        self._where = where
        self._path = path
        if not isinstance(data, dict):
            self.refuse("it is no object")
        self.data: Mapping[str, Any] = data

    def refuse(self, what: str) -> NoReturn:
        raise MalformedChartsError(f"{self._where}: {what}", self._path)

    def has(self, key: str) -> bool:
        return self.data.get(key) is not None

    def get(self, key: str, wanted: type) -> Any:  # noqa: ANN401 - of the type that is wanted
        if key not in self.data:
            self.refuse(f'"{key}" is missing')
        value = self.data[key]
        if not isinstance(value, wanted) or (wanted is not bool and isinstance(value, bool)):
            self.refuse(f'"{key}" is {json.dumps(value)[:40]}')
        return value

    def number(self, key: str) -> float:
        whole = isinstance(self.data.get(key), int)
        try:
            return float(self.get(key, int if whole else float))
        except OverflowError:
            self.refuse(f'"{key}" is too large')

    def installations(self, key: str) -> int:
        value: int = self.get(key, int)
        if not 0 <= value <= _MOST_INSTALLATIONS:
            self.refuse(f'"{key}" is no number of installations')
        return value

    def fraction(self, key: str) -> Fraction:
        value = self.number(key)
        if not 0 < value < 1:
            self.refuse(f'"{key}" is {value}, not above 0 and below 1')
        try:
            return read_fraction(value)
        except ValueError:
            self.refuse(f'"{key}" is too small')

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.get(key, list)
        if not all(isinstance(text, str) for text in value):
            self.refuse(f'"{key}" holds something else than texts')
        return tuple(value)

    def entry(self, key: str) -> _Entry:
        return _Entry(self.get(key, dict), f"{self._where}.{key}", self._path)

    def entries(self, key: str) -> Iterator[_Entry]:
        for number, data in enumerate(self.get(key, list)):
            yield _Entry(data, f"{key}[{number}]", self._path)


def study(chart: CompiledChart, config: CollectionConfig) -> Study | None:
    """Return a chart's promise and how reports come in for it; None if nothing is promised.

    charts.json says which reports count, and config.json alone what they hold.

    Args:
        chart: What is promised.
        config: What clients read.
    """
    if chart.promised is None:
        return None
    shown, sent = probabilities(chart, config)
    held = tuple(min(probability, chart.rate) for probability in shown)
    counted: float | None = min(sent, chart.rate)
    exclusive, continuous = chart.exclusive, False
    if chart.type is ChartType.HISTOGRAM:
        counted, exclusive = None, True
    elif chart.type is ChartType.RATIO:
        # The least ratio is that of a report with the denominator alone. A ratio's mean varies most
        # between installations where all is counted and others where nothing is: two buckets.
        numerator, counted = held
        held = (min(numerator, counted),)
        continuous = isinstance(chart.promised, DistributionMargin)
    return Study(
        accuracy=in_each_group(chart.promised),
        held=held,
        counted=counted,
        exclusive=exclusive,
        continuous=continuous,
    )


def probabilities(
    chart: CompiledChart, config: CollectionConfig
) -> tuple[tuple[float, ...], float]:
    """Return the probabilities that a weekly report holds each counter of a chart, and its program.

    This is what clients make of the config, whatever charts.json says: a name that is not listed, a
    rate of 0, a program without a version that has the counters, all mean never.

    Args:
        chart: Whose counters.
        config: What clients read.

    Source:
        golang.org/x/telemetry, internal/config/config.go and internal/upload/reports.go.
    """
    listed: set[str] = set()
    rates: dict[str, float] = {}
    versions: set[str] = set()
    for program in config.programs:
        if program.name == chart.program:
            versions.update(program.versions)
            counters = [(name, c.rate) for c in program.counters for name in expand(c.name)]
            stacks = [(stack.name, stack.rate) for stack in program.stacks]
            own = stacks if chart.type is ChartType.STACK else counters
            listed.update(name for name, _ in own)
            rates.update((*counters, *stacks))  # of one name the last wins, counter or stack
    if chart.scheme is Scheme.GO_TOOLCHAIN:
        versions &= set(config.go_versions)
    sent = 0.0
    if config.go_versions and any(map(chart.has, versions)):
        sent = min(config.sample_rate, 1.0) if config.sample_rate > 0 else 1.0  # 0 is no limit
    return (
        tuple(
            min(max(rates[name], 0.0), sent) if name in listed else 0.0 for name in chart.counters
        ),
        sent,
    )
