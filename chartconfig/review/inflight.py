"""What installations with an older config still send, and a server with a newer one rejects.

An installation keeps the config that it has until it fetches another, and what it wrote by that
one is sent later still. A server that reads the newer config rejects the whole of a report that
holds anything else than the config lists, not only the counter that was removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartconfig.collection.config import expand
from chartconfig.review.diff import (
    STACK,
    Change,
    Effect,
    Event,
    Topic,
    beyond,
    family,
    of_list,
    rates_of,
    together,
    topic_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartconfig.collection.config import CollectionConfig, ProgramConfig


def rejected(before: CollectionConfig, after: CollectionConfig) -> Iterator[Change]:
    """Yield what the older config asks for and the newer one does not list.

    A counter that is listed with a rate of 0 is never collected, but still accepted.
    """
    lists = (
        (Topic.GOOS, before.goos, after.goos),
        (Topic.GOARCH, before.goarch, after.goarch),
        (Topic.GO_VERSIONS, before.go_versions, after.go_versions),
    )
    for topic, was, now in lists:
        if gone := beyond(was, now):
            yield of_list(Effect.IN_FLIGHT, topic, None, before=gone)
    known = {program.name: program for program in after.programs}
    for program in before.programs:
        if program.name not in known:
            yield Change(
                effect=Effect.IN_FLIGHT,
                what="program",
                where=program.name,
                before="all of its reports",
                after=None,
                topic=Topic.PROGRAM,
            )
            continue
        if gone := beyond(program.versions, known[program.name].versions):
            yield of_list(Effect.IN_FLIGHT, Topic.VERSIONS, program.name, before=gone)
        yield from _events(program, known[program.name], before)


def _events(
    before: ProgramConfig, after: ProgramConfig, config: CollectionConfig
) -> Iterator[Change]:
    """Yield the counters and stacks of a program that are sent and no longer listed."""
    listed: set[Event] = {("", name) for each in after.counters for name in expand(each.name)}
    listed |= {(STACK, each.name) for each in after.stacks}
    families: dict[str, list[Event]] = {}
    for event, rate in rates_of(before, config).items():
        if rate > 0 and event not in listed:
            families.setdefault(family(event), []).append(event)
    for events in families.values():
        yield Change(
            effect=Effect.IN_FLIGHT,
            what=together(events),
            where=before.name,
            before="accepted",
            after=None,
            topic=topic_of(events),
            names=tuple(name for _, name in events),
        )
