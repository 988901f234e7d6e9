"""What two compiled configs mean differently, all their files taken together."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from chartconfig.collection.compiled import decode_retired
from chartconfig.collection.encode import decode
from chartconfig.module.gomod import decode_go_mod
from chartconfig.review.diff import Change, Effect, Topic, compare, in_order
from chartconfig.review.inflight import retired
from chartconfig.review.meaning import events_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chartconfig.charts.retired import Retirement
    from chartconfig.collection.charts_json import Entry
    from chartconfig.collection.config import CollectionConfig
    from chartconfig.module.gomod import GoMod

_TEXTS = "title description issues owners reason accuracy expected_shares since".split()
"""Keys of a chart in charts.json that change nothing by themselves for an installation."""

_OF_A_BUILD = "manifest.json"
"""It names the commit, so it is another in every build."""


class Compiled(Protocol):
    """A compiled config: its files, and what they say."""

    @property
    def files(self) -> Mapping[str, bytes]:
        """All of them by name, or config.json alone."""

    @property
    def config(self) -> CollectionConfig:
        """What clients read."""

    @property
    def charts(self) -> Mapping[str, Entry]:
        """The charts of charts.json by id."""

    @property
    def retired(self) -> tuple[Retirement, ...]:
        """What is collected no longer and still accepted."""

    @property
    def go_mod(self) -> GoMod:
        """The module, and what is withdrawn of it."""


@dataclass(frozen=True, kw_only=True)
class Published:
    """What was compiled before, read from its files."""

    files: Mapping[str, bytes]

    @cached_property
    def config(self) -> CollectionConfig:
        """What clients read."""
        return decode(self.files["config.json"])

    @cached_property
    def charts(self) -> Mapping[str, Entry]:
        """The charts of charts.json by id."""
        return charts_by_id(self.files["charts.json"])

    @cached_property
    def retired(self) -> tuple[Retirement, ...]:
        """What is collected no longer and still accepted."""
        return decode_retired(self.files["charts.json"])

    @cached_property
    def go_mod(self) -> GoMod:
        """The module, and what is withdrawn of it."""
        return decode_go_mod(self.files["go.mod"])


def same(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> bool:
    """Return whether two builds hold the same, whatever commit they are of."""
    return all(_same(name, before, after) for name in before.keys() | after.keys())


def _same(name: str, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> bool:
    return name == _OF_A_BUILD or before.get(name) == after.get(name)


def compare_compiled(before: Compiled | None, after: Compiled) -> tuple[Change, ...]:
    """Return every difference between two builds; none where they are the same.

    Args:
        before: The earlier one; None before the first release.
        after: The later one. Of both, all files are known.
    """
    if before is None:
        return compare(None, after.config)
    changes = tuple(differences(before, after))
    names = before.files.keys() | after.files.keys()
    return in_order(changes or besides(before, after, names))


def differences(before: Compiled, after: Compiled) -> Iterator[Change]:
    """Yield what config.json, go.mod and charts.json say differently."""
    yield from compare(before.config, after.config)
    yield from _module(before.go_mod, after.go_mod)
    yield from _charts(before.charts, after.charts)
    yield from retired(before.retired, after.retired)


def besides(before: Compiled, after: Compiled, names: Iterable[str]) -> Iterator[Change]:
    """Yield which of some files are different, whatever they mean."""
    files = before.files, after.files
    if other := [name for name in sorted(names) if not _same(name, *files)]:
        yield _neither(f"what {' and '.join(other)} say besides")


def _module(was: GoMod, now: GoMod) -> Iterator[Change]:
    """Yield what is different in go.mod: the module's path, and what is withdrawn."""
    if was.module != now.module:
        yield Change(
            effect=Effect.MORE,
            what="module",
            where=None,
            before=was.module,
            after=now.module,
            topic=Topic.MODULE,
        )
    old = {each.low: each.reason for each in was.retractions}
    new = {each.low: each.reason for each in now.retractions}
    for version in dict.fromkeys((*old, *new)):
        if old.get(version) != new.get(version):
            what = f"withdrawal of {version}"
            yield _neither(
                what, before=old.get(version), after=new.get(version), topic=Topic.WITHDRAWAL
            )


def _charts(old: Mapping[str, Entry], new: Mapping[str, Entry]) -> Iterator[Change]:
    """Yield what is different in charts and not in config.json."""
    names = renamed(old, new)
    for chart in sorted(new.keys() & (old.keys() | names.keys())):
        was, now = old[names.get(chart, chart)], new[chart]
        if chart in names:
            yield _neither("name of chart", before=names[chart], after=chart, charts=(chart,))
        if was["expires"] != now["expires"]:
            yield Change(
                effect=Effect.MORE if now["expires"] > was["expires"] else Effect.LESS,
                what=f"expiry of chart {chart}",
                where=None,
                before=was["expires"],
                after=now["expires"],
                topic=Topic.EXPIRY,
                names=(chart,),
            )
        if other := [key for key in _TEXTS if was.get(key) != now.get(key)]:
            what = f"{', '.join(other)} of chart {chart}"
            yield _neither(what, topic=Topic.TEXT, charts=(chart,))
    moved = sorted((old.keys() - set(names.values())) ^ (new.keys() - names.keys()))
    collected = [_collected(charts) for charts in (old, new)] if moved else []
    for chart in moved:
        was_there = chart in old
        entry = (old if was_there else new)[chart]
        if all(_collected({chart: entry}) <= each for each in collected):
            yield _neither(
                f"chart {chart}",
                before=entry["title"] if was_there else None,
                after=None if was_there else entry["title"],
                charts=(chart,),
            )


def renamed(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> dict[str, str]:
    """Return the charts that only have another id, each with the one before.

    Where a file was moved, the chart of the one id is gone and that of the other is there, which
    asks of the same program for the same counters in the same way.
    """
    gone: dict[str, list[str]] = {}
    for chart in sorted(before.keys() - after.keys()):
        gone.setdefault(_question(before[chart]), []).append(chart)
    found: dict[str, str] = {}
    for chart in sorted(after.keys() - before.keys()):
        if candidates := gone.get(_question(after[chart])):
            found[chart] = candidates.pop(0)
    return found


def charts_by_id(data: bytes) -> dict[str, Entry]:
    """Return the charts of a charts.json."""
    return {chart["id"]: chart for chart in json.loads(data)["charts"]}


def _question(entry: Entry) -> str:
    return json.dumps([entry[key] for key in ("type", "program", "counters")])


def _collected(charts: Mapping[str, Entry]) -> set[tuple[str, object]]:
    return {(entry["program"], event) for entry in charts.values() for event in events_of(entry)}


def _neither(
    what: str,
    *,
    before: str | None = None,
    after: str | None = None,
    topic: Topic | None = None,
    charts: tuple[str, ...] = (),
) -> Change:
    return Change(
        effect=Effect.NONE,
        what=what,
        where=None,
        before=before,
        after=after,
        topic=topic or (Topic.CHART if charts else Topic.OTHER),
        names=charts,
    )
