"""Which counters keep their names while what is charted under them becomes something else.

The definition of a counter is what a chart makes of it: a share of installations, shares of which
an installation has only one, a value on a scale of ordered buckets and how an installation's own
is chosen, what is divided by what, a call stack. Buckets that come and go are not part of it, but
for a histogram in which some come while others go, or whose order changes: its scale is another.
Titles, accuracies and rates are not part of it at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartconfig.charts.numbers import percent
from chartconfig.collection.config import expand
from chartconfig.review.diff import STACK, Change, Effect, Event, family, together, topic_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from chartconfig.collection.charts_json import Entry

_DENOMINATOR = "what others are divided by"
_HALF = 0.5


def changed_meanings(before: Collection[Entry], after: Collection[Entry]) -> Iterator[Change]:
    """Yield the counters of which a definition has given way to another one.

    A chart that is added to others over the same counter changes none of theirs.
    """
    old, new = _definitions(before), _definitions(after)
    alike: dict[tuple[str, str, str, str], list[Event]] = {}
    for at in old:
        now = new.get(at, set())
        gone, added = old[at] - now, now - old[at]
        if gone and added:
            program, event = at
            was, is_now = " and ".join(sorted(gone)), " and ".join(sorted(added))
            alike.setdefault((program, family(event), was, is_now), []).append(event)
    for (program, _, was, is_now), events in alike.items():
        yield _change(program, events, was, is_now)
    yield from _scales(before, after)


def _scales(before: Iterable[Entry], after: Iterable[Entry]) -> Iterator[Change]:
    """Yield the histograms whose ordered buckets are others now, and not only more or fewer."""
    scales = {
        (entry["program"], family(events_of(entry)[0])): events_of(entry)
        for entry in before
        if entry["type"] == "histogram"
    }
    for entry in after:
        now = events_of(entry)
        was = scales.get((entry["program"], family(now[0])), ())
        if entry["type"] != "histogram" or not was:
            continue
        both = set(was) & set(now)
        replaced = both < set(was) and both < set(now)
        if replaced or [e for e in was if e in both] != [e for e in now if e in both]:
            yield _change(entry["program"], list(now), _row(was), _row(now))


def events_of(entry: Entry) -> tuple[Event, ...]:
    """Return the counters that a chart asks for, each bucket one, or its stack."""
    names: list[str] = entry["counters"]
    if entry["type"] == "stack":
        return tuple((STACK, name) for name in names)
    return tuple(("", event) for name in names for event in expand(name))


def _definitions(charts: Iterable[Entry]) -> Mapping[tuple[str, Event], set[str]]:
    """Return what each counter of each program is charted as, in words."""
    found: dict[tuple[str, Event], set[str]] = {}
    for entry in charts:
        program, events = entry["program"], events_of(entry)
        for position, event in enumerate(events):
            told = _definition(entry, events, position)
            found.setdefault((program, event), set()).add(told)
    return found


def _definition(entry: Entry, events: tuple[Event, ...], position: int) -> str:
    kind: str = entry["type"]
    if kind == "ratio":
        return f"a ratio to {events[-1][1]}" if position == 0 else _DENOMINATOR
    if kind == "histogram":
        quantile = entry.get("quantile", _HALF)
        return f"a histogram of each installation's {percent(quantile)} quantile"
    if kind == "stack":
        return "a stack"
    return "a partition into exclusive buckets" if entry.get("exclusive") else "a partition"


def _change(program: str, events: list[Event], was: str, now: str) -> Change:
    return Change(
        effect=Effect.MEANING,
        what=together(events),
        where=program,
        before=was,
        after=now,
        topic=topic_of(events),
        names=tuple(name for _, name in events),
    )


def _row(events: tuple[Event, ...]) -> str:
    return "the scale " + ", ".join(name.partition(":")[2] for _, name in events)
