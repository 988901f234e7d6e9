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


class Effect(Enum):
    """What a change does to installations."""

    MORE = "more"
    """Something is collected that was not, or more often."""
    LESS = "less"
    """Something is no longer collected, or less often."""
    NONE = "none"
    """What is collected stays the same: versions, texts."""


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

    def __str__(self) -> str:
        """Return the change as one line for people."""
        what = None if self.what == _PROGRAM else self.what
        subject = " of ".join(part for part in (what, self.where) if part)
        if self.before is None:
            return f"{subject}: changed" if self.after is None else f"{subject}, new: {self.after}"
        if self.after is None:
            return f"{subject}, gone: {self.before}"
        return f"{subject}: {self.after}, {self.before} before"


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
    """Return changes, first what is more, then less, then neither."""
    return tuple(sorted(changes, key=lambda change: list(Effect).index(change.effect)))


def _whole(before: CollectionConfig, after: CollectionConfig) -> Iterator[Change]:
    """Yield what is different in the config as a whole."""
    was, now = _limit(before), _limit(after)
    if was != now:
        yield Change(
            effect=Effect.MORE if now > was else Effect.LESS,
            what="reports",
            where=None,
            before=f"{_WEEKS * was:.3g} a year at most" if was > NEVER else None,
            after=f"{_WEEKS * now:.3g} a year at most" if now > NEVER else None,
        )
    yield from _listed("operating systems", None, before.goos, after.goos)
    yield from _listed("architectures", None, before.goarch, after.goarch)
    yield from _versions("Go versions", None, before.go_versions, after.go_versions)


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
            )
        else:
            yield from _versions("versions", name, was.versions, now.versions)
        yield from _counters(name, _rates(was, before), _rates(now, after))
        yield from _depths(name, was, now)


def _counters(
    program: str,
    before: Mapping[tuple[str, str], float],
    after: Mapping[tuple[str, str], float],
) -> Iterator[Change]:
    """Yield the counters and stacks whose rate is another; buckets that change alike together."""
    alike: dict[tuple[str, str, float, float], list[str]] = {}
    for kind, event in dict.fromkeys((*before, *after)):
        was, now = before.get((kind, event), 0.0), after.get((kind, event), 0.0)
        if was != now:
            chart_name, colon, bucket = event.partition(":")
            bucketed = colon and not kind
            key = (kind, chart_name if bucketed else event, was, now)
            alike.setdefault(key, []).extend([bucket] if bucketed else [])
    for (kind, name, was, now), buckets in alike.items():
        yield Change(
            effect=Effect.MORE if now > was else Effect.LESS,
            what=kind + _named(name, buckets),
            where=program,
            before=_percent(was) if was else None,
            after=_percent(now) if now else None,
        )


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
            )


def _listed(
    what: str, where: str | None, before: Sequence[str], after: Sequence[str]
) -> Iterator[Change]:
    """Yield what a list has more, and what it has less."""
    added, gone = _beyond(after, before), _beyond(before, after)
    if added:
        yield Change(effect=Effect.MORE, what=what, where=where, before=None, after=_row(added))
    if gone:
        yield Change(effect=Effect.LESS, what=what, where=where, before=_row(gone), after=None)


def _versions(
    what: str, where: str | None, before: Sequence[str], after: Sequence[str]
) -> Iterator[Change]:
    """Yield the versions that are new, oldest first, and those that are gone."""
    known = set(before) - {DEVEL}  # which stands first, whatever is known
    first = next((at for at, version in enumerate(after) if version in known), 0)
    later = _beyond(after[first:], before) if before else []
    yield from _listed(what, where, before, _beyond(after, later))
    if later:
        yield Change(effect=Effect.NONE, what=what, where=where, before=None, after=_row(later))


def _rates(program: ProgramConfig | None, config: CollectionConfig) -> dict[tuple[str, str], float]:
    """Return how often each counter and stack of a program is collected, as clients do it."""
    rates: dict[tuple[str, str], float] = {}
    for counter in program.counters if program else ():
        for event in expand(counter.name):
            rates["", event] = min(max(counter.rate, 0.0), _limit(config))
    for stack in program.stacks if program else ():
        rates["stack ", stack.name] = min(max(stack.rate, 0.0), _limit(config))
    return rates


def _limit(config: CollectionConfig) -> float:
    """Return the probability of a weekly report: to clients, 0 or less is no limit."""
    return min(config.sample_rate, 1.0) if config.sample_rate > 0 else 1.0


def _beyond(texts: Iterable[str], known: Iterable[str]) -> list[str]:
    without = set(known)
    return [text for text in texts if text not in without]


def _named(name: str, buckets: Sequence[str]) -> str:
    """Return a counter with its buckets, for people: a brace or comma in one is left as it is."""
    if len(buckets) > 1:
        return f"{name}:{{{','.join(buckets)}}}"
    return ":".join((name, *buckets))


def _counted(versions: Sequence[str]) -> str:
    return "1 version" if len(versions) == 1 else f"{len(versions):,} versions"


def _row(texts: Sequence[str]) -> str:
    """Return texts in a row; of many, how many more there are."""
    shown = 12
    more = f" and {len(texts) - shown:,} more" if len(texts) > shown else ""
    return ", ".join(texts[:shown]) + more


def _percent(rate: float) -> str:
    return f"{100 * rate:.4g}%"
