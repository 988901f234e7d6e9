"""Why a change is of its class, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chartconfig.charts.numbers import percent
from chartconfig.review.diff import Change, Effect, Topic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartconfig.collection.charts_json import Entry
    from chartconfig.review.sides import Side

_OF_TOPIC: Final = {
    (Topic.GOOS, Effect.MORE): "reports from them are accepted, and were not",
    (Topic.GOARCH, Effect.MORE): "reports from them are accepted, and were not",
    (Topic.GO_VERSIONS, Effect.MORE): "installations with these versions were not asked",
    (Topic.VERSIONS, Effect.MORE): "installations with these versions were not asked",
    (Topic.GOOS, Effect.LESS): "reports from them are not accepted any more",
    (Topic.GOARCH, Effect.LESS): "reports from them are not accepted any more",
    (Topic.GO_VERSIONS, Effect.LESS): "installations with these versions are not asked any more",
    (Topic.VERSIONS, Effect.LESS): "installations with these versions are not asked any more",
    (Topic.GO_VERSIONS, Effect.NONE): "the same installations, upgraded, go on reporting",
    (Topic.VERSIONS, Effect.NONE): "the same installations, upgraded, go on reporting",
    (Topic.PROGRAM, Effect.MORE): "nothing was collected from it, and a chart asks it now",
    (Topic.PROGRAM, Effect.LESS): "no chart asks it any more",
    (Topic.MODULE, Effect.MORE): "whoever fetches the config by its new name was not asked",
    (Topic.EXPIRY, Effect.MORE): "it is collected for longer",
    (Topic.EXPIRY, Effect.LESS): "it is collected for less long",
    (Topic.WITHDRAWAL, Effect.NONE): "it is about a version that was released before",
    (Topic.RETIREMENT, Effect.NONE): "a server accepts it, and no client is asked for it",
    (Topic.CHART, Effect.NONE): "what it asks for is collected as before",
    (Topic.TEXT, Effect.NONE): "it changes nothing that an installation sends",
    (Topic.OTHER, Effect.NONE): "it changes nothing that an installation sends",
}


def because(change: Change, base: Side, head: Side, old: Entry | None, new: Entry | None) -> str:
    """Return why a change is of its class.

    Args:
        change: The change.
        base: The older one.
        head: The newer one.
        old: The chart that decides about it in the older one, if any does.
        new: The one that does in the newer one.
    """
    if change.effect is Effect.MEANING:
        return (
            "reports by the old definition and by the new one have the same name, and nobody can "
            "tell them apart: take a new name"
        )
    if change.effect is Effect.IN_FLIGHT and change.topic is Topic.RETIREMENT:
        return "installations with one before the older config may send it still, as that one says"
    if change.effect is Effect.IN_FLIGHT:
        return (
            "installations with the older config still send it, and a server with the newer one "
            "rejects their whole reports"
        )
    if change.topic in {Topic.COUNTER, Topic.STACK}:
        return _of_counter(change, base, head, old, new)
    if change.topic is Topic.DEPTH:
        more = change.effect is Effect.MORE
        return f"{'more' if more else 'fewer'} frames of each call stack are sent"
    if change.topic is Topic.REPORTS:
        return _of_reports(change, base, head, old, new)
    if change.topic is Topic.NUMBERS and old and new:
        causes = list(_causes(base, head, old, new))
        told = "its counters are collected as before"
        return f"{'; '.join(causes)}; {told}" if causes else told
    return _OF_TOPIC.get((change.topic, change.effect), "the config says so")


def _of_reports(
    change: Change, base: Side, head: Side, old: Entry | None, new: Entry | None
) -> str:
    """Return why installations report more or less often: of the chart with the largest rate."""
    more = change.effect is Effect.MORE
    chart = new if more else old
    if chart is None:
        return "the config says how often at most"
    told = f"the largest rate {'is' if more else 'was'} that of chart {chart['id']}"
    if old is None or new is None:
        return f"{told}, which {'is new' if more else 'is not collected any more'}"
    causes = "; ".join(_causes(base, head, old, new))
    return f"{told}: {causes}" if causes else told


def _of_counter(
    change: Change, base: Side, head: Side, old: Entry | None, new: Entry | None
) -> str:
    """Return why a counter is collected more or less often."""
    if change.before is None:
        if new is None:
            return "the config lists it, and did not"
        is_new = new["id"] not in (base.charts or {})
        return (
            f"the new chart {new['id']} asks for it"
            if is_new
            else f"chart {new['id']} asks for it now"
        )
    if change.after is None:
        if old is None:
            return "the config does not list it any more"
        if old["id"] in (head.charts or {}):
            return f"chart {old['id']} does not ask for it any more"
        there = head.repository.charts if head.repository else ()
        last = next((chart.expires for chart in there if chart.id == old["id"]), None)
        gone = f"expired: its last day was {last}" if last else "is gone"
        return f"chart {old['id']}, which asked for it, {gone}"
    if old is None or new is None:
        return "the config gives it another rate"
    causes = list(_causes(base, head, old, new))
    return "; ".join(causes) or f"the rate of chart {new['id']} is computed otherwise"


def _causes(base: Side, head: Side, old: Entry, new: Entry) -> Iterator[str]:
    """Yield what makes a rate another one."""
    if old["counters"] != new["counters"] and old["id"] != new["id"]:
        more = new["rate"] > old["rate"]
        often = "more often than" if more else "and no longer"
        yield f"chart {new['id']} asks for it {often} {old['id']}"
        return
    was, now = old["population"], new["population"]
    estimates = _estimate(base, old), _estimate(head, new)
    if estimates[0] and estimates[1] and estimates[0]["low"] != estimates[1]["low"]:
        was, now = estimates  # before adoption: as it stands in the file, alike for many charts
    if was["low"] != now["low"]:
        raised = now["low"] > was["low"]
        which = f"the population was {'raised' if raised else 'lowered'}"
        then = "fewer of them need" if raised else "more of them need"
        yield (f"{which} from {was['low']:,} to {now['low']:,} installations, so {then} to report")
    elif was != now:
        yield (
            f"the likely population is {now['likely']:,} installations, {was['likely']:,} before"
        )
    if old.get("since") != new.get("since"):
        yield f"it counts since {_since(new)}, before since {_since(old)}"
    asked, asks = old["accuracy"], new["accuracy"]
    if asked["kind"] != asks["kind"]:
        yield f"chart {new['id']} asks for {_asked(asks)}, before for {_asked(asked)}"
    elif asked != asks:
        told = (
            f"{_words(key)} {_value(asks.get(key))}, {_value(asked.get(key))} before"
            for key in dict.fromkeys((*asked, *asks))
            if asked.get(key) != asks.get(key)
        )
        yield f"chart {new['id']} asks for {', '.join(told)}"
    if old["type"] != new["type"]:
        yield f"chart {new['id']} is a {new['type']}, and was a {old['type']}"
    if base.repository and head.repository:
        before, after = base.repository.collection, head.repository.collection
        if old["rate"] != new["rate"] and before.fetch_probability != after.fetch_probability:
            yield (
                f"installations look at the config in {percent(after.fetch_probability)} of weeks, "
                f"{percent(before.fetch_probability)} before"
            )


def _estimate(side: Side, entry: Entry) -> dict[str, int] | None:
    """Return what populations.yaml says of a chart's program; None where no source is at hand."""
    repository = side.repository
    for program in repository.programs.values() if repository else ():
        if repository and program.name == entry["program"]:
            found = repository.estimates[program.population].population
            return {"low": found.low, "likely": found.likely, "high": found.high}
    return None


def _since(entry: Entry) -> str:
    return str(entry.get("since") or "ever")


def _asked(accuracy: Entry) -> str:
    kind = accuracy["kind"]
    return f"a {_words(kind)} of {_value(accuracy.get(kind))}"


def _words(key: str) -> str:
    return key.replace("_", " ")


def _value(value: object) -> str:
    if value is None:
        return "not set"
    if isinstance(value, list):
        return "+".join(map(str, value))
    if isinstance(value, bool):
        return "set"
    if isinstance(value, float):
        return percent(value)
    return str(value)
