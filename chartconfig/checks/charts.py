"""Checks on one chart's text, and on charts beside each other."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from chartconfig.charts import placeholder
from chartconfig.charts.chart import ChartType
from chartconfig.diagnostics.catalogue import report
from chartconfig.source.yaml import locate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartconfig.charts.chart import Chart
    from chartconfig.charts.repository import Repository
    from chartconfig.diagnostics.diagnostic import Diagnostic

_SHORTEST_DESCRIPTION = 20
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_CLOSED = tuple(map(frozenset, (("true", "false"), ("on", "off"), ("yes", "no"))))


def description_says_nothing(repository: Repository) -> Iterator[Diagnostic]:
    """CC210 `description-says-nothing`: no decision is named."""
    for chart in repository.charts:
        near = len(chart.description) < 2 * len(chart.title)
        repeats = near and _words(chart.description) == _words(chart.title)
        if repeats or len(chart.description.strip()) < _SHORTEST_DESCRIPTION:
            what = "repeats the title" if repeats else f"is only `{chart.description.strip()}`"
            yield report(
                "CC210",
                f"the description {what}",
                locate(chart.document, "description"),
                hint="say which decision the answer serves",
            )


def unfilled_placeholder(repository: Repository) -> Iterator[Diagnostic]:
    """CC216 `unfilled-placeholder`: a text stands as `new` wrote it, to the letter."""
    for chart in repository.charts:
        if chart.description == placeholder.DESCRIPTION:
            yield _unfilled(chart, "say which decision the answer serves", "description")
        for index, issue in enumerate(chart.issues):
            if issue == placeholder.ISSUE:
                yield _unfilled(
                    chart, "name the page where the chart is discussed", "issues", index
                )
        for index, owner in enumerate(chart.owners):
            if owner == placeholder.OWNER:
                yield _unfilled(chart, "name who answers for the chart", "owners", index)


def _unfilled(chart: Chart, hint: str, key: str, *index: int) -> Diagnostic:
    message = f"`{key}` still holds the placeholder"
    return report("CC216", message, locate(chart.document, key, *index), hint=hint)


def repeated_title(repository: Repository) -> Iterator[Diagnostic]:
    """CC215 `repeated-title`: two charts of a program that a reader cannot tell apart."""
    seen: dict[tuple[str, str], Chart] = {}
    for chart in repository.charts:
        first = seen.setdefault((chart.program, _words(chart.title)), chart)
        if first is not chart:
            yield report(
                "CC215",
                f"{first.id} has the title `{first.title}` as well",
                locate(chart.document, "title"),
                hint="say in the title what is different here",
                related=((locate(first.document, "title"), "the other chart"),),
            )


def partition_without_other(repository: Repository) -> Iterator[Diagnostic]:
    """CC206 `partition-without-other`: what is in no bucket is not seen at all."""
    for chart in repository.charts:
        buckets = chart.counters[0].buckets
        if (
            chart.type is ChartType.PARTITION
            and len(buckets) > 1
            and "other" not in buckets
            and frozenset(buckets) not in _CLOSED
        ):
            yield report(
                "CC206",
                f"none of the {len(buckets)} buckets is `other`",
                locate(chart.document, "buckets"),
                hint="count `other` in the program and list it, "
                "or ignore CC206 with the reason why nothing else can occur",
            )


def similar_buckets(repository: Repository) -> Iterator[Diagnostic]:
    """CC214 `similar-buckets`: names that differ only in case, hyphens or underscores."""
    for chart in repository.charts:
        seen: dict[str, int] = {}
        for index, bucket in enumerate(chart.counters[0].buckets):
            first = seen.setdefault(re.sub("[-_]", "", bucket.casefold()), index)
            if first != index:
                other = chart.counters[0].buckets[first]
                yield report(
                    "CC214",
                    f"the buckets `{other}` and `{bucket}` differ only in case or hyphens",
                    locate(chart.document, "buckets", index),
                    hint="keep the one that the program counts",
                    related=((locate(chart.document, "buckets", first), "the other one"),),
                )


def buckets_not_ascending(repository: Repository) -> Iterator[Diagnostic]:
    """CC211 `buckets-not-ascending`: a histogram whose buckets are out of order."""
    for chart in repository.charts:
        if chart.type is not ChartType.HISTOGRAM:
            continue
        starts = [_NUMBER.search(bucket) for bucket in chart.counters[0].buckets]
        for index, (left, right) in enumerate(pairwise(starts), start=1):
            if left and right and float(left.group()) > float(right.group()):
                buckets = chart.counters[0].buckets
                yield report(
                    "CC211",
                    f"the bucket `{buckets[index]}` comes after `{buckets[index - 1]}`",
                    locate(chart.document, "buckets", index),
                    hint="order the buckets; the median bucket depends on it",
                )


def ratio_of_itself(repository: Repository) -> Iterator[Diagnostic]:
    """CC209 `ratio-of-itself`: one counter over itself is always 1."""
    for chart in repository.charts:
        if chart.type is ChartType.RATIO and chart.counters[0] == chart.counters[1]:
            yield report(
                "CC209",
                f"`{chart.counters[0].name}` is both numerator and denominator",
                locate(chart.document, "denominator"),
                hint="name the counter that divides",
            )


def counter_charted_twice(repository: Repository) -> Iterator[Diagnostic]:
    """CC208 `counter-charted-twice`: two charts over one counter, neither of them a ratio.

    CC315 `names-share-a-rate`: a stack and a counter of one name, for which a client has one rate.
    """
    stacks: dict[tuple[str, str], Chart] = {}
    counters: dict[tuple[str, str], Chart] = {}
    ratios: defaultdict[tuple[str, str], list[Chart]] = defaultdict(list)
    clashes: dict[tuple[str, str, str], tuple[Chart, Chart, str]] = {}
    for chart in repository.charts:
        name = repository.program(chart).name
        for counter in chart.counters:
            for event in counter.events:
                key = (name, event)
                if chart.type is ChartType.RATIO:
                    ratios[key].append(chart)
                    continue
                same = stacks if chart.type is ChartType.STACK else counters
                first = same.setdefault(key, chart)
                if first is not chart:
                    clashes.setdefault(("CC208", first.id, chart.id), (first, chart, event))
    for key, stack in stacks.items():
        for chart in (*filter(None, [counters.get(key)]), *ratios.get(key, ())):
            first, second = sorted((stack, chart), key=lambda clash: clash.id)
            clashes.setdefault(("CC315", first.id, second.id), (first, second, key[1]))
    for (code, _, _), (first, chart, event) in sorted(clashes.items()):
        as_stack = code == "CC315"
        yield report(
            code,
            f"`{event}` is a stack in one chart and a counter in another, {first.id}"
            if as_stack
            else f"{first.id} charts `{event}` already",
            locate(chart.document, *_event_path(chart, event)),
            hint="give one of them another name; clients keep one rate for a name"
            if as_stack
            else "ask for it in one chart; only a ratio may share a counter with another chart",
            related=((locate(first.document, *_event_path(first, event)), "the other chart"),),
        )


def _event_path(chart: Chart, event: str) -> tuple[str | int, ...]:
    """Return the key under which a chart asks for an event."""
    if chart.type is ChartType.RATIO:
        return ("numerator" if event in chart.counters[0].events else "denominator",)
    return ("counter",)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


CHECKS = (
    description_says_nothing,
    unfilled_placeholder,
    repeated_title,
    partition_without_other,
    similar_buckets,
    buckets_not_ascending,
    ratio_of_itself,
    counter_charted_twice,
)
