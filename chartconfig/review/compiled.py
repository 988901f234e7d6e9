"""What two compiled configs mean differently, all their files taken together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chartconfig.collection.compiled import decode_retired
from chartconfig.collection.encode import decode
from chartconfig.module.gomod import decode_go_mod
from chartconfig.review.diff import Change, Effect, Topic, compare, in_order
from chartconfig.review.inflight import retired
from chartconfig.review.meaning import events_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartconfig.review.meaning import Entry

_TEXTS = "title description issues owners reason accuracy expected_shares since".split()
"""Keys of a chart in charts.json that change nothing by themselves for an installation."""

_OF_A_BUILD = "manifest.json"
"""It names the commit, so it is another in every build."""


def same(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> bool:
    """Return whether two builds hold the same, whatever commit they are of."""
    return all(
        name == _OF_A_BUILD or before.get(name) == after.get(name)
        for name in before.keys() | after.keys()
    )


def compare_compiled(
    before: Mapping[str, bytes] | None, after: Mapping[str, bytes]
) -> tuple[Change, ...]:
    """Return every difference between two builds; none where they are the same.

    Args:
        before: The files of the earlier one; None before the first release.
        after: The files of the later one.
    """
    if before is None:
        return compare(None, decode(after["config.json"]))
    old, new = decode(before["config.json"]), decode(after["config.json"])
    changes = [*compare(old, new), *_module(before, after), *_charts(before, after)]
    changes += retired(*(decode_retired(files["charts.json"]) for files in (before, after)))
    if not changes and not same(before, after):
        names = sorted(name for name in before.keys() | after.keys() if name != _OF_A_BUILD)
        other = [name for name in names if before.get(name) != after.get(name)]
        changes.append(_neither(f"what {' and '.join(other)} say besides"))
    return in_order(changes)


def _module(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[Change]:
    """Yield what is different in go.mod: the module's path, and what is withdrawn."""
    was, now = decode_go_mod(before["go.mod"]), decode_go_mod(after["go.mod"])
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


def _charts(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[Change]:
    """Yield what is different in charts and not in config.json."""
    old, new = charts_by_id(before["charts.json"]), charts_by_id(after["charts.json"])
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
    collected = [_collected(charts) for charts in (old, new)]
    for chart in sorted((old.keys() - set(names.values())) ^ (new.keys() - names.keys())):
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
