"""Checks on the names of counters across the charts of a program."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from chartconfig.charts.chart import ChartType
from chartconfig.diagnostics.catalogue import report
from chartconfig.source.yaml import locate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartconfig.charts.chart import Chart
    from chartconfig.charts.counter import Counter
    from chartconfig.charts.repository import Repository
    from chartconfig.diagnostics.diagnostic import Diagnostic

_SEPARATORS = re.compile("[-_.]")
_PLURAL = re.compile("(?:es|s)+$")
_SHORTEST_TYPO = 8  # in shorter names one letter is a different word


def prefix_not_owned(repository: Repository) -> Iterator[Diagnostic]:
    """CC310 `prefix-not-owned`: the name starts with another program's part."""
    for chart in repository.charts:
        program = repository.program(chart)
        for key, counter in _named(chart):
            if counter.prefix not in program.prefixes:
                yield report(
                    "CC310",
                    f"`{counter.name}` starts with `{counter.prefix}`, which is not a prefix of "
                    f"`{program.id}`",
                    locate(chart.document, key),
                    hint=f"write {program.prefixes[0]}/{counter.name}, "
                    f"or add `{counter.prefix}` to `prefixes` of programs/{program.id}.yaml",
                )


def similar_counters(repository: Repository) -> Iterator[Diagnostic]:
    """CC207 `similar-counters`: two names so close that one is likely a slip.

    Close is: equal but for case, hyphens and plural endings, or one letter apart in a name of at
    least eight characters. A digit more or less makes a different name.
    """
    by_program: defaultdict[str, list[Chart]] = defaultdict(list)
    for chart in repository.charts:
        by_program[chart.program].append(chart)
    for charts in by_program.values():
        seen: dict[str, tuple[str, Chart]] = {}
        for chart in charts:
            for key, counter in _named(chart):
                stem = _stem(counter.name)
                near = {
                    found[0]: found[1]
                    for variant in _variants(stem)
                    if (found := seen.setdefault(variant, (counter.name, chart)))[0] != counter.name
                    and _one_letter_apart(stem, _stem(found[0]))
                }
                for name, other in near.items():
                    yield report(
                        "CC207",
                        f"`{counter.name}` is almost `{name}`",
                        locate(chart.document, key),
                        hint="if they are one counter, delete one chart; if not, tell them apart, "
                        "or ignore CC207 with the reason",
                        related=((locate(other.document, _key(other, name)), f"in {other.id}"),),
                    )


def _named(chart: Chart) -> zip[tuple[str, Counter]]:
    keys = ("numerator", "denominator") if chart.type is ChartType.RATIO else ("counter",)
    return zip(keys, chart.counters, strict=True)


def _key(chart: Chart, name: str) -> str:
    return next(key for key, counter in _named(chart) if counter.name == name)


def _stem(name: str) -> str:
    """Return a name without what people mix up: case, hyphens, plural endings."""
    parts = _SEPARATORS.sub("", name.casefold()).split("/")
    return "/".join(_PLURAL.sub("", part) for part in parts)


def _variants(stem: str) -> Iterator[str]:
    """Yield the stem, whole and without each letter: neighbours have one of these in common."""
    yield stem
    if len(stem) >= _SHORTEST_TYPO:
        for index, character in enumerate(stem):
            if character.isalpha():
                yield stem[:index] + stem[index + 1 :]


def _one_letter_apart(left: str, right: str) -> bool:
    """Return whether two stems differ by at most one letter, put in or put for another."""
    pairs = enumerate(zip(left, right, strict=False))
    at = next((index for index, (one, other) in pairs if one != other), min(len(left), len(right)))
    return (
        left[at + 1 :] == right[at + 1 :]
        or left[at:] == right[at + 1 :]
        or left[at + 1 :] == right[at:]
    )


CHECKS = (prefix_not_owned, similar_counters)
