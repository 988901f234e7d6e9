"""What two collection configs mean differently for an installation, not which lines moved.

Whatever clients do with a config is taken from `collection.config`: names are expanded, a rate is
limited by that of the whole config, 0 is never for a counter and no limit for the config. So a
config that is only written in another way makes no difference here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from chartconfig.collection.compile import NEVER
from chartconfig.collection.config import CollectionConfig, expand
from chartconfig.module.version import DEVEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from chartconfig.collection.config import ProgramConfig

_WEEKS: Final = 52
_PROGRAM: Final = "program"

Event = tuple[str, str]
"""A single counter, each bucket one, or a stack: "" or `STACK`, and its name."""

STACK: Final = "stack "


class Effect(Enum):
    """What a change does to installations, what matters most first."""

    MEANING = "meaning"
    """A counter keeps its name, and what is charted under it is something else."""
    MORE = "more"
    """Something is collected that was not, or more often."""
    IN_FLIGHT = "in-flight"
    """What installations with the older config still send is no longer accepted."""
    LESS = "less"
    """Something is no longer collected, or less often."""
    NONE = "none"
    """What is collected stays the same: versions, texts."""


class Topic(Enum):
    """What a change is about."""

    REPORTS = "reports"
    GOOS = "goos"
    GOARCH = "goarch"
    GO_VERSIONS = "go_versions"
    MODULE = "module"
    PROGRAM = "program"
    VERSIONS = "versions"
    COUNTER = "counter"
    STACK = "stack"
    DEPTH = "depth"
    CHART = "chart"
    EXPIRY = "expiry"
    TEXT = "text"
    NUMBERS = "numbers"
    WITHDRAWAL = "withdrawal"
    RETIREMENT = "retirement"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference."""

    effect: Effect
    what: str
    """What is different: a counter with its buckets, `reports`, `versions`."""
    where: str | None
    """Where that is counted: the program's full name; None for the whole config."""
    before: str | None
    """What it was; None if it was not there, or would take too long to tell."""
    after: str | None
    """What it is; None if it is gone."""
    topic: Topic = Topic.OTHER
    names: tuple[str, ...] = ()
    """What it is of: counters, each bucket one, or stacks; of a list what is in it; or charts."""

    def __str__(self) -> str:
        """Return the change as one line for people."""
        what = None if self.what == _PROGRAM else self.what
        subject = " of ".join(part for part in (what, self.where) if part)
        if self.before is None:
            return f"{subject}: changed" if self.after is None else f"{subject}, new: {self.after}"
        if self.after is None:
            return f"{subject}, gone: {self.before}"
        return f"{subject}: {self.after}, {self.before} before"


_LISTS: Final = {
    Topic.GOOS: "operating systems",
    Topic.GOARCH: "architectures",
    Topic.GO_VERSIONS: "Go versions",
    Topic.VERSIONS: "versions",
}
_NOTHING: Final = CollectionConfig(
    goos=(), goarch=(), go_versions=(), sample_rate=NEVER, programs=()
)


def compare(before: CollectionConfig | None, after: CollectionConfig) -> tuple[Change, ...]:
    """Return what installations are asked for differently; first what is more, then less.

    Before the first config, nothing was collected. A version that follows those known before is no
    difference: the same installation, upgraded, goes on reporting. One before them asks
    installations that were not asked.
    """
    before = before or _NOTHING
    return in_order((*_whole(before, after), *_programs(before, after)))


def in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return changes by what they do, in the order of `Effect`."""
    return tuple(sorted(changes, key=lambda change: list(Effect).index(change.effect)))


def _whole(before: CollectionConfig, after: CollectionConfig) -> Iterator[Change]:
    """Yield what is different in the config as a whole."""
    was, now = limit_of(before), limit_of(after)
    if was != now:
        yield Change(
            effect=Effect.MORE if now > was else Effect.LESS,
            what="reports",
            where=None,
            before=f"{_WEEKS * was:.3g} a year at most" if was > NEVER else None,
            after=f"{_WEEKS * now:.3g} a year at most" if now > NEVER else None,
            topic=Topic.REPORTS,
        )
    yield from _listed(Topic.GOOS, None, before.goos, after.goos)
    yield from _listed(Topic.GOARCH, None, before.goarch, after.goarch)
    yield from _versions(Topic.GO_VERSIONS, None, before.go_versions, after.go_versions)


def _programs(before: CollectionConfig, after: CollectionConfig) -> Iterator[Change]:
    """Yield what is different in each program, by name."""
    old = {program.name: program for program in before.programs}
    new = {program.name: program for program in after.programs}
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name), new.get(name)
        if was is None or now is None:
            yield Change(
                effect=Effect.MORE if was is None else Effect.LESS,
                what=_PROGRAM,
                where=name,
                before=None if was is None else _counted(was.versions),
                after=None if now is None else _counted(now.versions),
                topic=Topic.PROGRAM,
            )
        else:
            yield from _versions(Topic.VERSIONS, name, was.versions, now.versions)
        yield from _counters(name, rates_of(was, before), rates_of(now, after))
        yield from _depths(name, was, now)


def _counters(
    program: str,
    before: Mapping[Event, float],
    after: Mapping[Event, float],
) -> Iterator[Change]:
    """Yield the counters and stacks whose rate is another; buckets that change alike together."""
    alike: dict[tuple[str, float, float], list[Event]] = {}
    for event in dict.fromkeys((*before, *after)):
        was, now = before.get(event, 0.0), after.get(event, 0.0)
        if was != now:
            alike.setdefault((family(event), was, now), []).append(event)
    for (_, was, now), events in alike.items():
        yield Change(
            effect=Effect.MORE if now > was else Effect.LESS,
            what=together(events),
            where=program,
            before=_percent(was) if was else None,
            after=_percent(now) if now else None,
            topic=topic_of(events),
            names=tuple(name for _, name in events),
        )


def family(event: Event) -> str:
    """Return what buckets of one chart name have in common: a stack is alone."""
    kind, name = event
    return kind + (name if kind else name.partition(":")[0])


def together(events: Sequence[Event]) -> str:
    """Return counters of one family for people: a brace or comma in one is left as it is."""
    (kind, first), buckets = events[0], [name.partition(":")[2] for _, name in events]
    if kind or len(events) == 1:
        return kind + first
    return f"{first.partition(':')[0]}:{{{','.join(buckets)}}}"


def topic_of(events: Sequence[Event]) -> Topic:
    """Return whether events of one family are counters or a stack."""
    return Topic.STACK if events[0][0] else Topic.COUNTER


def _depths(
    program: str, before: ProgramConfig | None, after: ProgramConfig | None
) -> Iterator[Change]:
    """Yield the stacks of which more or fewer frames are collected."""
    old = {stack.name: stack.depth for stack in before.stacks} if before else {}
    for stack in after.stacks if after else ():
        was = old.get(stack.name, stack.depth)
        if was != stack.depth:
            yield Change(
                effect=Effect.MORE if stack.depth > was else Effect.LESS,
                what=f"depth of stack {stack.name}",
                where=program,
                before=str(was),
                after=str(stack.depth),
                topic=Topic.DEPTH,
                names=(stack.name,),
            )


def _listed(
    topic: Topic, where: str | None, before: Sequence[str], after: Sequence[str]
) -> Iterator[Change]:
    """Yield what a list has more, and what it has less."""
    added, gone = beyond(after, before), beyond(before, after)
    if added:
        yield of_list(Effect.MORE, topic, where, after=added)
    if gone:
        yield of_list(Effect.LESS, topic, where, before=gone)


def of_list(
    effect: Effect,
    topic: Topic,
    where: str | None,
    *,
    before: Sequence[str] = (),
    after: Sequence[str] = (),
) -> Change:
    """Return the change of a list by what is gone from it, or has come to it."""
    return Change(
        effect=effect,
        what=_LISTS[topic],
        where=where,
        before=_row(before) if before else None,
        after=_row(after) if after else None,
        topic=topic,
        names=(*before, *after),
    )


def row_of(topic: Topic, names: Sequence[str]) -> str:
    """Return what is different in a list, and what of it: `versions v1.0.0, v1.1.0`."""
    return f"{_LISTS[topic]} {_row(names)}"


def _versions(
    topic: Topic, where: str | None, before: Sequence[str], after: Sequence[str]
) -> Iterator[Change]:
    """Yield the versions that are new, oldest first, and those that are gone."""
    known = set(before) - {DEVEL}  # which stands first, whatever is known
    first = next((at for at, version in enumerate(after) if version in known), 0)
    later = beyond(after[first:], before) if before else []
    yield from _listed(topic, where, before, beyond(after, later))
    if later:
        yield of_list(Effect.NONE, topic, where, after=later)


def rates_of(program: ProgramConfig | None, config: CollectionConfig) -> dict[Event, float]:
    """Return how often each counter and stack of a program is collected, as clients do it."""
    rates: dict[Event, float] = {}
    for counter in program.counters if program else ():
        for event in expand(counter.name):
            rates["", event] = min(max(counter.rate, 0.0), limit_of(config))
    for stack in program.stacks if program else ():
        rates[STACK, stack.name] = min(max(stack.rate, 0.0), limit_of(config))
    return rates


def limit_of(config: CollectionConfig) -> float:
    """Return the probability of a weekly report: to clients, 0 or less is no limit."""
    return min(config.sample_rate, 1.0) if config.sample_rate > 0 else 1.0


def beyond(texts: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return the texts that are not among the known ones, in their order."""
    without = set(known)
    return [text for text in texts if text not in without]


def _counted(versions: Sequence[str]) -> str:
    return "1 version" if len(versions) == 1 else f"{len(versions):,} versions"


def _row(texts: Sequence[str]) -> str:
    """Return texts in a row; of many, how many more there are."""
    shown = 12
    more = f" and {len(texts) - shown:,} more" if len(texts) > shown else ""
    return ", ".join(texts[:shown]) + more


def _percent(rate: float) -> str:
    return f"{100 * rate:.4g}%"
