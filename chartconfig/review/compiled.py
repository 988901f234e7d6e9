"""What two compiled configs mean differently, all their files taken together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chartconfig.collection.encode import decode
from chartconfig.module.gomod import decode_go_mod
from chartconfig.review.diff import Change, Effect, compare, in_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TEXTS = "title description issues owners reason accuracy expected_shares".split()
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
            effect=Effect.MORE, what="module", where=None, before=was.module, after=now.module
        )
    old = {each.low: each.reason for each in was.retractions}
    new = {each.low: each.reason for each in now.retractions}
    for version in dict.fromkeys((*old, *new)):
        if old.get(version) != new.get(version):
            what = f"withdrawal of {version}"
            yield _neither(what, before=old.get(version), after=new.get(version))


def _charts(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[Change]:
    """Yield what is different in charts and not in config.json."""
    old, new = _by_id(before["charts.json"]), _by_id(after["charts.json"])
    for chart in sorted(old.keys() & new.keys()):
        was, now = old[chart], new[chart]
        if was["expires"] != now["expires"]:
            yield Change(
                effect=Effect.MORE if now["expires"] > was["expires"] else Effect.LESS,
                what=f"expiry of chart {chart}",
                where=None,
                before=was["expires"],
                after=now["expires"],
            )
        if other := [key for key in _TEXTS if was.get(key) != now.get(key)]:
            yield _neither(f"{', '.join(other)} of chart {chart}")
    if before["config.json"] == after["config.json"]:
        for chart in sorted(old.keys() ^ new.keys()):
            was_there = chart in old
            title = (old if was_there else new)[chart]["title"]
            yield _neither(
                f"chart {chart}",
                before=title if was_there else None,
                after=None if was_there else title,
            )


def _by_id(data: bytes) -> dict[str, Any]:
    return {chart["id"]: chart for chart in json.loads(data)["charts"]}


def _neither(what: str, *, before: str | None = None, after: str | None = None) -> Change:
    return Change(effect=Effect.NONE, what=what, where=None, before=before, after=after)
