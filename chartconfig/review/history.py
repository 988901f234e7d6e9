"""Every release in which a chart, or what is charted of a counter, became another.

A chart is followed through the names that it had: one that only moved is the same. A counter is
followed through the charts that ask for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from chartconfig.review.diff import Effect, Topic
from chartconfig.review.difference import Comparison, worth
from chartconfig.review.meaning import events_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chartconfig.collection.charts_json import Entry
    from chartconfig.review.difference import Difference, Worth
    from chartconfig.review.sides import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one release made of one chart."""

    at: int
    """Which release: its position among all of them."""
    chart: str
    """The chart's id then; of one that is gone, its last one."""
    was: str | None
    """The id before, where that is another."""
    differences: tuple[Difference, ...]
    """What is different, what matters most first; none for the first release that has it."""
    before: Worth | None
    after: Worth | None
    issues: tuple[str, ...]
    """Where it was discussed."""


def steps(sides: Sequence[Side], subject: str) -> list[Step]:
    """Return every release in which something became another, newest first.

    Args:
        sides: All releases, oldest first; of each, all files.
        subject: The id of a chart in any of them, or the name of a counter, with its bucket or
            without.
    """
    compared = [Comparison(base=old, head=new) for old, new in pairwise(sides)]
    found = []
    for ids in _followed(sides, compared, subject):
        for at, side in enumerate(sides):
            step = _step(at, side, sides, compared, ids)
            if step is not None:
                found.append(step)
    return sorted(found, key=lambda step: (-step.at, step.chart))


def known_subjects(sides: Sequence[Side]) -> Iterator[str]:
    """Yield every chart and counter that any release had."""
    for side in sides:
        for chart, entry in _charts(side).items():
            yield chart
            yield from _names(entry)


def _followed(
    sides: Sequence[Side], compared: Sequence[Comparison], subject: str
) -> list[dict[int, str]]:
    """Return the charts that a subject names: of each its id in the releases that have it."""
    found: list[dict[int, str]] = []
    seen: set[tuple[int, str]] = set()
    for at in reversed(range(len(sides))):
        for chart, entry in _charts(sides[at]).items():
            if (at, chart) not in seen and subject in {chart, *_names(entry)}:
                ids = _through(sides, compared, at, chart)
                found.append(ids)
                seen.update(ids.items())
    return found


def _through(
    sides: Sequence[Side], compared: Sequence[Comparison], at: int, chart: str
) -> dict[int, str]:
    """Return the ids that a chart had in all releases, from one of them forth and back."""
    ids, current = {at: chart}, chart
    for earlier in reversed(range(at)):
        current = compared[earlier].names.get(current, current)
        if current in _charts(sides[earlier]):
            ids[earlier] = current
    current = chart
    for later in range(at + 1, len(sides)):
        now = {was: new for new, was in compared[later - 1].names.items()}
        current = now.get(current, current)
        if current in _charts(sides[later]):
            ids[later] = current
    return ids


def _step(
    at: int,
    side: Side,
    sides: Sequence[Side],
    compared: Sequence[Comparison],
    ids: Mapping[int, str],
) -> Step | None:
    """Return what a release made of a chart; None where it left it as it was."""
    now, was = ids.get(at), ids.get(at - 1)
    if now is None and was is None:
        return None
    old = _charts(sides[at - 1])[was] if was is not None else None
    new = _charts(side)[now] if now is not None else None
    differences = () if at == 0 else _of_chart(compared[at - 1], now, was)
    before, after = worth(old), worth(new)
    rates = [each.rate if each else None for each in (before, after)]
    if not differences and rates[0] == rates[1]:
        return None
    entry = new or old or {}
    return Step(
        at=at,
        chart=entry["id"],
        was=was if now is not None and was != now else None,
        differences=differences,
        before=before,
        after=after,
        issues=tuple(entry["issues"]),
    )


def _of_chart(comparison: Comparison, now: str | None, was: str | None) -> tuple[Difference, ...]:
    """Return the differences that are of a chart, but for those of its texts."""
    return tuple(
        each
        for each in comparison.differences
        if each.chart in {now, was} - {None}
        and each.change.topic is not Topic.REPORTS
        and (each.change.effect is not Effect.NONE or each.change.topic is Topic.CHART)
    )


def _names(entry: Entry) -> set[str]:
    """Return the names that a chart's counters go by, with their buckets and without."""
    names = {name for _, name in events_of(entry)}
    return names | {name.partition(":")[0] for name in names}


def _charts(side: Side) -> Mapping[str, Entry]:
    return side.charts or {}
