"""What installations with an older config still send, and a server with a newer one rejects.

An installation keeps the config that it has until it fetches another, and what it wrote by that
one is sent later still. A server that reads the newer config rejects the whole of a report that
holds anything else than the config lists, not only the counter that was removed; but what it lists
as retired it accepts up to a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from chartconfig.collection.config import expand
from chartconfig.review.diff import (
    STACK,
    Change,
    Effect,
    Topic,
    family,
    of_list,
    rates_of,
    row_of,
    together,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from chartconfig.charts.retired import Retirement
    from chartconfig.collection.config import CollectionConfig

_WHOLE = "*"
"""The name of a program's item that stands for everything in its reports."""


class Item(NamedTuple):
    """One thing that a report can hold, and a server accepts or not."""

    topic: Topic
    program: str | None
    """The full name of the program; None for the platform and the Go version."""
    name: str
    """A counter, each bucket one; a stack; a version; empty for the program itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Things of one kind that were accepted, and are not any more, or not for as long."""

    topic: Topic
    program: str | None
    names: tuple[str, ...]
    promised: date | None
    """Until when the older one accepts it; None where the older one collects it."""
    until: date | None
    """Until when the newer one accepts it; None where it does not."""

    @property
    def is_whole_program(self) -> bool:
        """Whether it is everything in the reports of a program."""
        return self.topic is Topic.PROGRAM

    def __str__(self) -> str:
        """Return what it is, without the program."""
        return _told(self.topic, self.names)


class Accepted:
    """Everything that a server accepts that reads one config."""

    def __init__(self, config: CollectionConfig, retired: Iterable[Retirement] = ()) -> None:
        """Take what the config lists, collected or not, and what is retired."""
        self._listed = set(_listed(config))
        self._until = promises(retired)

    def until(self, item: Item) -> date | None:
        """Return the last day on which it is accepted: None for never, `date.max` for ever."""
        if item in self._listed:
            return date.max
        asked = [item, Item(Topic.PROGRAM, item.program, _WHOLE)]
        if item.topic is Topic.VERSIONS and str(item.program).startswith("cmd/"):
            asked.append(Item(Topic.GO_VERSIONS, None, item.name))
        return max((self._until[each] for each in asked if each in self._until), default=None)


def promises(retired: Iterable[Retirement]) -> Mapping[Item, date]:
    """Return what is retired, each with the last day on which it is accepted."""
    found: dict[Item, date] = {}
    for entry in retired:
        for item in items_of(entry):
            found[item] = max(entry.until, found.get(item, entry.until))
    return found


def items_of(entry: Retirement) -> Iterator[Item]:
    """Yield everything that an entry retires."""
    for topic, names in (
        (Topic.GOOS, entry.goos),
        (Topic.GOARCH, entry.goarch),
        (Topic.GO_VERSIONS, entry.go_versions),
        (Topic.VERSIONS, entry.versions),
        (Topic.STACK, entry.stacks),
    ):
        for name in names:
            yield Item(topic, entry.program, name)
    for counter in entry.counters:
        for name in expand(counter):
            yield Item(Topic.COUNTER, entry.program, name)
    if entry.program is not None:
        yield Item(Topic.PROGRAM, entry.program, "")
        if entry.is_whole_program:
            yield Item(Topic.PROGRAM, entry.program, _WHOLE)


def sent(config: CollectionConfig) -> Iterator[Item]:
    """Yield everything that reports by a config can hold, in its order.

    A counter that is listed with a rate of 0 is never collected, but still accepted.
    """
    yield from _whole(config)
    for program in config.programs:
        yield Item(Topic.PROGRAM, program.name, "")
        for version in program.versions:
            yield Item(Topic.VERSIONS, program.name, version)
        for (kind, name), rate in rates_of(program, config).items():
            if rate > 0:
                yield Item(Topic.STACK if kind else Topic.COUNTER, program.name, name)


def lost(
    before: CollectionConfig,
    promised: Mapping[Item, date],
    after: Accepted,
    *,
    on: date | None = None,
) -> Iterator[Lost]:
    """Yield what was accepted and is not any more: of a program that is gone, only that.

    Args:
        before: What the older one collects.
        promised: What it accepts besides, each with the last day.
        after: What the newer one accepts.
        on: The day of the newer one: what was accepted up to a day before it may go. None takes
            every promise as one that still holds.
    """
    alike: dict[tuple[Topic, str | None, str, date | None, date | None], list[str]] = {}
    gone: set[str | None] = set()
    for item in sent(before):
        if item.program in gone or after.until(item) is not None:
            continue
        if item.topic is Topic.PROGRAM:
            gone.add(item.program)
        alike.setdefault((*_kind(item), None, None), []).append(item.name)
    listed = set(sent(before))
    for item, day in promised.items():
        until = after.until(item)
        kept = item in listed or item[::2] == (Topic.PROGRAM, "")  # told of what it holds
        if not kept and (until is None or until < day) and (on is None or day >= on):
            alike.setdefault((*_kind(item), day, until), []).append(item.name)
    for (topic, program, _, was, now), names in alike.items():
        yield Lost(topic=topic, program=program, names=tuple(names), promised=was, until=now)


def rejection(each: Lost) -> Change:
    """Return as a change what is no longer accepted."""
    names = () if each.is_whole_program else each.names
    if each.promised is not None:
        return Change(
            effect=Effect.IN_FLIGHT,
            what=f"retired {each}",
            where=each.program,
            before=f"accepted until {each.promised}",
            after=None if each.until is None else f"accepted until {each.until}",
            topic=Topic.RETIREMENT,
            names=names,
        )
    if each.is_whole_program:
        return Change(
            effect=Effect.IN_FLIGHT,
            what="program",
            where=each.program,
            before="all of its reports",
            after=None,
            topic=Topic.PROGRAM,
        )
    if each.topic not in {Topic.COUNTER, Topic.STACK}:
        return of_list(Effect.IN_FLIGHT, each.topic, each.program, before=each.names)
    return Change(
        effect=Effect.IN_FLIGHT,
        what=str(each),
        where=each.program,
        before="accepted",
        after=None,
        topic=each.topic,
        names=names,
    )


def retired(before: Iterable[Retirement], after: Iterable[Retirement]) -> Iterator[Change]:
    """Yield what is retired, no longer listed as that, or up to another day."""
    old, new = promises(before), promises(after)
    alike: dict[tuple[Topic, str | None, str, date | None, date | None], list[str]] = {}
    for item in dict.fromkeys((*old, *new)):
        at = (*_kind(item), old.get(item), new.get(item))
        if old.get(item) != new.get(item):
            alike.setdefault(at, []).append(item.name)
    for (topic, program, _, was, now), names in alike.items():
        if topic is Topic.PROGRAM and names == [""]:
            continue  # of which some is retired, as is told
        yield Change(
            effect=Effect.NONE,
            what=f"retired {_told(topic, names)}",
            where=program,
            before=None if was is None else f"until {was}",
            after=None if now is None else f"until {now}",
            topic=Topic.RETIREMENT,
            names=() if topic is Topic.PROGRAM else tuple(names),
        )


def _told(topic: Topic, names: Sequence[str]) -> str:
    if topic is Topic.PROGRAM:
        return "program"
    if topic in {Topic.COUNTER, Topic.STACK}:
        return together([(STACK if topic is Topic.STACK else "", name) for name in names])
    return row_of(topic, names)


def _kind(item: Item) -> tuple[Topic, str | None, str]:
    """Return what things have in common that are told together: buckets of one chart name."""
    if item.topic in {Topic.COUNTER, Topic.STACK}:
        kind = STACK if item.topic is Topic.STACK else ""
        return item.topic, item.program, family((kind, item.name))
    return item.topic, item.program, ""


def _whole(config: CollectionConfig) -> Iterator[Item]:
    for topic, names in (
        (Topic.GOOS, config.goos),
        (Topic.GOARCH, config.goarch),
        (Topic.GO_VERSIONS, config.go_versions),
    ):
        for name in names:
            yield Item(topic, None, name)


def _listed(config: CollectionConfig) -> Iterator[Item]:
    """Yield everything that a config lists, whatever its rate."""
    yield from _whole(config)
    for program in config.programs:
        yield Item(Topic.PROGRAM, program.name, "")
        for version in program.versions:
            yield Item(Topic.VERSIONS, program.name, version)
        for counter in program.counters:
            for name in expand(counter.name):
                yield Item(Topic.COUNTER, program.name, name)
        for stack in program.stacks:
            yield Item(Topic.STACK, program.name, stack.name)
