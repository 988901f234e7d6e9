"""Every difference of two configs with what a reviewer asks of it: where, why, worth what.

`compare_compiled` says what is collected otherwise. Here come to it what keeps its name and changes
its meaning, what a server with the newer config rejects, and, of the chart that decides, its rate,
its expected reports and what they are worth, before and after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from chartconfig.review.compiled import besides, differences, renamed
from chartconfig.review.diff import STACK, Change, Effect, Topic, compare, in_order
from chartconfig.review.inflight import Item, lost, promises, rejection
from chartconfig.review.meaning import changed_meanings
from chartconfig.review.reasons import because
from chartconfig.review.sides import first_line, line_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartconfig.collection.charts_json import Entry
    from chartconfig.diagnostics.diagnostic import Span
    from chartconfig.review.inflight import Lost
    from chartconfig.review.sides import Side

_WHOLE = {"config.json", "charts.json", "go.mod"}
_COLLECTION_KEYS = {Topic.GOOS: "goos", Topic.GOARCH: "goarch", Topic.MODULE: "module"}
_KEYS = {
    Topic.EXPIRY: ("expires",),
    Topic.DEPTH: ("depth",),
    Topic.STACK: ("counter",),
    Topic.COUNTER: ("buckets", "counter", "numerator"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What a chart costs, and what it is worth."""

    rate: float
    expected_reports: float
    achieved: tuple[tuple[str, float | None], ...]
    """What is promised, and what is likely, each by the name of its kind as charts.json has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One change, as a reviewer sees it."""

    change: Change
    why: str
    """Why it is of its class, in a sentence without its full stop."""
    chart: str | None
    """The chart that decides; None where none does."""
    place: Span | None
    """Where that is said; None where no source is at hand."""
    in_base: bool
    """Whether the place is in the older one, because the newer one has none."""
    before: Worth | None
    after: Worth | None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two configs, and everything that is different."""

    base: Side
    head: Side

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The charts of the newer one that have another id, each with the older one."""
        return renamed(self.base.charts or {}, self.head.charts or {})

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """What is different, what matters most first."""
        return tuple(self.explained(change) for change in in_order(self._changes()))

    @cached_property
    def lost(self) -> tuple[Lost, ...]:
        """What a server accepted and accepts no more."""
        base, head = self.base, self.head
        return tuple(lost(base.config, promises(base.retired), head.accepted, on=head.on))

    @property
    def is_partial(self) -> bool:
        """Whether of one of them only config.json is known, and of charts nothing can be told."""
        return not (self.base.files.keys() >= _WHOLE and self.head.files.keys() >= _WHOLE)

    def _changes(self) -> Iterator[Change]:
        base, head = self.base, self.head
        if self.is_partial:
            known = list(compare(base.config, head.config))
        else:
            known = list(differences(base.compiled, head.compiled))
        old, new = base.charts, head.charts
        if old is not None and new is not None:
            known += changed_meanings([*old.values()], [*new.values()])
            known += self._numbers(known, old, new)
        if not known and not self.is_partial:  # not all files are published everywhere
            known += besides(base.compiled, head.compiled, base.files.keys() & head.files.keys())
        yield from known
        yield from (rejection(each) for each in self.lost)

    def _numbers(
        self, known: list[Change], old: Mapping[str, Entry], new: Mapping[str, Entry]
    ) -> Iterator[Change]:
        """Yield the charts whose numbers are others, though no counter is collected otherwise."""
        told = {(c.where, name) for c in known if c.topic in _KEYS for name in c.names}
        for chart, entry in new.items():
            was = old.get(self.names.get(chart, chart))
            if was is None or _numbers_of(was) == _numbers_of(entry):
                continue
            asked = {at for at, decides in self.head.asking.items() if decides is entry}
            if not any((program, name) in told for program, (_, name) in asked):
                yield Change(
                    effect=Effect.NONE,
                    what=f"what chart {chart} is worth",
                    where=None,
                    before=None,
                    after=None,
                    topic=Topic.NUMBERS,
                    names=(chart,),
                )

    def explained(self, change: Change) -> Difference:
        """Return a change with what a reviewer asks of it."""
        old, new = self._deciding(change)
        place = self._place(change, old, new)
        in_base = False
        if place is None:
            place = _place_in(self.base, change, old)
            in_base = place is not None
        chart = new or old
        return Difference(
            change=change,
            why=self._why(change, old, new),
            chart=chart["id"] if chart else None,
            place=place,
            in_base=in_base,
            before=worth(old),
            after=worth(new),
        )

    def _why(self, change: Change, old: Entry | None, new: Entry | None) -> str:
        why = because(change, self.base, self.head, old, new)
        day = self._retired_until(change)
        if day is None:
            return why
        if change.topic in {Topic.GOOS, Topic.GOARCH}:
            return f"retired: reports from them are accepted until {day}"
        return f"{why}; retired, and accepted until {day}"

    def _retired_until(self, change: Change) -> date | None:
        """Return until when what is collected no longer is accepted; None where it is not."""
        if change.effect is not Effect.LESS or change.after is not None:
            return None
        items = (Item(change.topic, change.where, name) for name in change.names or ("",))
        days = [day for item in items if (day := self.head.accepted.until(item))]
        first = min(days, default=date.max)
        return None if first == date.max else first

    def _deciding(self, change: Change) -> tuple[Entry | None, Entry | None]:
        """Return the chart that decides about a change, in each of the two."""
        old, new = self.base.charts or {}, self.head.charts or {}
        if change.topic in {Topic.EXPIRY, Topic.TEXT, Topic.NUMBERS, Topic.CHART}:
            (chart,) = change.names
            return old.get(self.names.get(chart, chart)), new.get(chart)
        if change.topic in {Topic.COUNTER, Topic.STACK, Topic.DEPTH}:
            return _asking(self.base, change), _asking(self.head, change)
        if change.topic is Topic.REPORTS and change.effect is Effect.MORE:
            most = _most_often(new)
            return most and old.get(self.names.get(most["id"], most["id"])), most
        if change.topic is Topic.REPORTS:
            most = _most_often(old)
            return most, most and new.get(self._now(most["id"]))
        return None, None

    def _place(self, change: Change, old: Entry | None, new: Entry | None) -> Span | None:
        """Return the place in the newer one that a change comes from."""
        head = self.head
        if (
            old
            and new
            and change.topic in {Topic.COUNTER, Topic.STACK, Topic.REPORTS, Topic.NUMBERS}
        ):
            if change.effect is Effect.MEANING:
                return head.chart_line(new["id"], "type", "counter")
            if old["population"] != new["population"]:
                return head.population_line(new["id"])
            if old["accuracy"] != new["accuracy"]:
                return self._accuracy_place(new)
        if old and not new and change.topic in _KEYS:  # the chart may be there, without a bucket
            return head.chart_line(self._now(old["id"]), *_KEYS[change.topic])
        if new and change.topic is Topic.TEXT and change.what.startswith("accuracy of "):
            return self._accuracy_place(new)
        return _place_in(head, change, new)

    def _now(self, chart: str) -> str:
        """Return the id in the newer one of a chart of the older one."""
        return next((name for name, was in self.names.items() if was == chart), chart)

    def _accuracy_place(self, chart: Entry) -> Span | None:
        repository = self.head.repository
        for each in repository.charts if repository else ():
            if repository and each.id == chart["id"] and not each.has_own_accuracy:
                return line_of(repository.collection.document, "accuracy")
        return self.head.chart_line(chart["id"], "accuracy")


def worth(entry: Entry | None) -> Worth | None:
    """Return what a chart of charts.json costs and is worth."""
    if entry is None:
        return None
    return Worth(
        rate=entry["rate"],
        expected_reports=entry.get("expected_reports", 0.0),
        achieved=tuple(entry.get("achieved", {}).items()),
    )


def _place_in(side: Side, change: Change, entry: Entry | None) -> Span | None:
    """Return where one of the two says what a change is about."""
    repository = side.repository
    if repository is None:
        return None
    if entry is not None:
        keys = _KEYS.get(change.topic, ())
        if change.topic is Topic.TEXT:
            keys = tuple(change.what.partition(" of ")[0].split(", "))
        word = change.names[0].partition(":")[2] if change.topic is Topic.COUNTER else ""
        return side.chart_line(entry["id"], *keys, word=word)
    if change.topic in _COLLECTION_KEYS:
        return line_of(repository.collection.document, _COLLECTION_KEYS[change.topic])
    if change.topic is Topic.GO_VERSIONS:
        return line_of(repository.versions.document, "toolchain")
    if change.topic is Topic.VERSIONS:
        return line_of(repository.versions.document, "programs", "toolchain")
    if change.topic is Topic.PROGRAM and change.where:
        return side.program_line(change.where)
    if change.topic is Topic.RETIREMENT and repository.retired_document:
        return first_line(repository.retired_document)
    return None


def _asking(side: Side, change: Change) -> Entry | None:
    """Return the chart that decides about the counters of a change; of several, the first."""
    events = [(kind, name) for name in change.names for kind in ("", STACK)]
    found = (side.asking.get((change.where or "", event)) for event in events)
    return min(filter(None, found), key=lambda entry: str(entry["id"]), default=None)


def _most_often(charts: Mapping[str, Entry]) -> Entry | None:
    return max(charts.values(), key=lambda entry: float(entry["rate"]), default=None)


def _numbers_of(entry: Entry) -> tuple[object, ...]:
    return tuple(entry.get(key) for key in ("rate", "population", "expected_reports", "achieved"))
