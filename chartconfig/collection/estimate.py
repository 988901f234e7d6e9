"""Published numbers with their intervals, from charts.json and the reports of clients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chartconfig.charts.chart import ChartType
from chartconfig.collection.compiled import decode_charts
from chartconfig.collection.reports import Count, count, parse_reports
from chartconfig.sampling import estimate as estimates
from chartconfig.sampling.plan import Target, question_of
from chartconfig.sampling.required import (
    group_size,
    in_each_group,
    one_bucket_confidence,
    reachable,
    value_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

    from chartconfig.collection.compiled import CompiledChart
    from chartconfig.collection.reports import Group
    from chartconfig.sampling.accuracy import Accuracy
    from chartconfig.sampling.estimate import Distribution, Estimate, PopulationEstimate
    from chartconfig.sampling.required import Question

_WEEK = 7  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterEstimate:
    """What reports say about one counter."""

    counter: str
    held: int
    """Reports that have it; of a histogram, those whose value is in that bucket."""
    share: Estimate
    """Of installations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartEstimate:
    """What reports say about one chart, or about one group of its installations."""

    id: str
    rate: float
    """Reports with X up to this one count."""
    confidence: Fraction
    """Of every interval here; of a group's, what each needs if the promise is for all at once."""
    group: Group
    """The values of the properties that `for_each` names; empty for all installations."""
    reports: int
    """Those that count: X at most the chart's rate, with its program, and with a value."""
    counters: tuple[CounterEstimate, ...]
    """In the order of the chart; none for a ratio."""
    values: tuple[float, ...]
    """The ratios that were reported, ascending; empty for other types."""
    distribution: Distribution | None
    """Up to and with each value, or each bucket of a histogram; None for other types."""
    mean: Estimate | None
    """Of a ratio, ratios above 1 taken as 1; None for other types."""
    population: PopulationEstimate
    """Installations in a week that have what is counted."""
    assumed: int
    """How many there were assumed to be at least."""
    assumed_too_high: bool
    """Whether there were fewer, so clearly that chance explains it with 1 - confidence at most."""
    worth: float | None
    """The margin, or share to detect, that is promised; what the rate gives for the population that
    was found if too many were assumed; None if nothing."""


def estimate(
    charts_json: bytes | str,
    reports: Iterable[str | bytes],
    *,
    weeks: int | None = None,
    path: str = "the reports",
) -> tuple[ChartEstimate, ...]:
    r"""Return the published numbers of every chart, each with its interval.

    Only reports made under this config belong here, or under another with the same rates: their
    `Config` says which.

    Args:
        charts_json: The file that compile wrote beside config.json.
        reports: Lines of published files, a report each; read once.
        weeks: How many weeks of reports these are, at least 1. Default: as many as their `Week`
            days span.
        path: Where the reports were found, for a mistake; never opened.

    Returns:
        For each chart one estimate of all installations, and one for each group of `for_each` that
        was seen, sorted.

    Raises:
        MalformedChartsError: charts.json is not what compile wrote.
        MalformedReportError: A line is no report; it says which.
        ValueError: `weeks` is less than 1.

    Examples:
        Of 1,000 reports, 500 have X up to the rate of .05, and 200 of these ran zed:

        >>> charts_json = '''{"format": "chartconfig/charts/v1", "charts": [{
        ...     "id": "gopls/client", "type": "partition", "program": "golang.org/x/tools/gopls",
        ...     "module": "golang.org/x/tools/gopls", "counters": ["gopls/client:{vim,zed}"],
        ...     "accuracy": {"kind": "margin", "margin": 0.05, "confidence": 0.95},
        ...     "population": {"low": 8000, "likely": 9000, "high": 20000}, "rate": 0.05}]}'''
        >>> line = (
        ...     '{"Week": "2026-11-20", "X": %s, "Config": "v1.0.0", "Programs": [{"Program": '
        ...     '"golang.org/x/tools/gopls", "Version": "v0.20.0", "GoVersion": "go1.27.0", '
        ...     '"GOOS": "linux", "GOARCH": "amd64", "Counters": {"gopls/client:%s": 7}}]}'
        ... )
        >>> lines = [line % (0.0001 * n, "zed" if n <= 200 else "vim") for n in range(1, 1001)]
        >>> (found,) = estimate(charts_json, lines)
        >>> vim, zed = found.counters
        >>> zed.counter, zed.held, found.reports, zed.share.value
        ('gopls/client:zed', 200, 500, 0.4)
        >>> round(zed.share.low, 4), round(zed.share.high, 4)  # 1.96 sqrt(.4 * .6 * .95/500)
        (0.3581, 0.4419)
        >>> round(found.population.installations), found.assumed_too_high
        (10000, False)
    """
    charts = decode_charts(charts_json if isinstance(charts_json, bytes) else charts_json.encode())
    counts: list[dict[Group, Count]] = [{(): Count()} for _ in charts]
    days = set()
    for report in parse_reports(reports, path=path):
        days.add(report.week)
        for chart, counted in zip(charts, counts, strict=True):
            count(chart, report, counted)
    if weeks is None:
        weeks = (max(days) - min(days)).days // _WEEK + 1 if days else 1
    return tuple(
        _estimate(chart, group, counted[group], weeks)
        for chart, counted in zip(charts, counts, strict=True)
        for group in sorted(counted)
    )


def changes(before: ChartEstimate, after: ChartEstimate) -> tuple[tuple[str, Estimate], ...]:
    """Return by how much the share of each counter changed between two periods.

    Args:
        before: Of the reports of the first period.
        after: Of those of the second, of the same chart and group.

    Returns:
        Counters, each with the difference of its shares: noticed where 0 lies outside the interval.
    """
    return tuple(
        (
            first.counter,
            estimates.change(
                (first.held, before.reports),
                (second.held, after.reports),
                rate=after.rate,
                confidence=after.confidence,
            ),
        )
        for first, second in zip(before.counters, after.counters, strict=True)
    )


def _estimate(chart: CompiledChart, group: Group, counted: Count, weeks: int) -> ChartEstimate:
    accuracy = in_each_group(chart.accuracy) if group else chart.accuracy
    rate, confidence, reports = chart.rate, accuracy.confidence, counted.reports
    values = sorted(counted.ratios)
    distribution = mean = None
    if chart.type in {ChartType.HISTOGRAM, ChartType.RATIO}:
        places = [counted.ratios[value] for value in values] or [
            counted.held[counter] for counter in chart.counters
        ]
        distribution = estimates.distribution(places, rate=rate, confidence=confidence)
    if chart.type is ChartType.RATIO:
        limited = [(min(float(value), 1.0), times) for value, times in counted.ratios.items()]
        mean = estimates.mean(
            sum(value * times for value, times in limited),
            sum(value * value * times for value, times in limited),
            reports=reports,
            rate=rate,
            confidence=confidence,
        )
    population = estimates.population(reports, rate=rate, weeks=weeks, confidence=confidence)
    assumed = group_size(chart.accuracy, chart.population.low) if group else chart.population.low
    too_high = estimates.was_too_high(
        assumed, reports=reports, rate=rate, weeks=weeks, confidence=confidence
    )
    return ChartEstimate(
        id=chart.id,
        rate=rate,
        confidence=confidence,
        group=group,
        reports=reports,
        counters=()
        if chart.type is ChartType.RATIO
        else tuple(
            _counter(counter, counted, rate=rate, confidence=_each(chart, accuracy))
            for counter in chart.counters
        ),
        values=tuple(map(float, values)),
        distribution=distribution,
        mean=mean,
        population=population,
        assumed=assumed,
        assumed_too_high=too_high,
        worth=_worth(chart, group, int(population.installations) if too_high else None),
    )


def _counter(counter: str, counted: Count, *, rate: float, confidence: Fraction) -> CounterEstimate:
    held = counted.held[counter]
    share = estimates.share(held, reports=counted.reports, rate=rate, confidence=confidence)
    return CounterEstimate(counter=counter, held=held, share=share)


def _question(chart: CompiledChart, accuracy: Accuracy) -> Question:
    """Return the question that was planned for an accuracy of a chart."""
    return question_of(
        Target(
            key=chart.id,
            accuracy=accuracy,
            population=chart.population,
            buckets=len(chart.counters),
            exclusive=chart.exclusive,
            mean=chart.type is ChartType.RATIO,
            counters=(),
        )
    )


def _each(chart: CompiledChart, accuracy: Accuracy) -> Fraction:
    """Return the confidence of one bucket's interval; of all at once, where that is promised."""
    if not getattr(accuracy, "simultaneous", False):
        return accuracy.confidence
    question = _question(chart, replace(accuracy, groups=None))
    return one_bucket_confidence(question) or 1 - (1 - accuracy.confidence) / len(chart.counters)


def _worth(chart: CompiledChart, group: Group, found: int | None) -> float | None:
    if chart.promised is None:
        return None
    if found is None:
        return float(value_of(chart.promised))
    question = _question(chart, chart.promised)
    if group:  # so many are in the group alone
        whole = replace(question.accuracy, for_each=(), smallest_group=None)
        question = replace(question, accuracy=whole)
    return reachable(chart.rate, question, installations=found)
