"""Steps: every chart and file that is not as the last release had it, and what that changes.

The classes of a step are those that `diff` gives to whatever the step may have caused. Where one
change has several causes, say a bucket more and a lower population, each has its class: a step is
never taken for less than it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from chartconfig.review.content import CONTROL, Content, Subject, digest
from chartconfig.review.diff import Effect, Topic
from chartconfig.review.meaning import events_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chartconfig.charts.chart import Chart, ChartType
    from chartconfig.charts.repository import Repository
    from chartconfig.review.difference import Comparison, Difference

_OF_CHARTS: Final = {Topic.EXPIRY, Topic.TEXT, Topic.NUMBERS, Topic.CHART}
_OF_COUNTERS: Final = {Topic.COUNTER, Topic.STACK, Topic.DEPTH}
_BY_ESTIMATES: Final = {Topic.COUNTER, Topic.STACK, Topic.REPORTS, Topic.NUMBERS}
_ASIDE: Final = {Topic.WITHDRAWAL, Topic.TEXT, Topic.EXPIRY, Topic.CHART}


@dataclass(frozen=True, kw_only=True)
class Version:
    """What a tree says, as far as approvals are about it."""

    repository: Repository
    contents: Mapping[Subject, Content]

    @cached_property
    def charts(self) -> Mapping[str, Chart]:
        """Its charts by id."""
        return {chart.id: chart for chart in self.repository.charts}

    def chart(self, subject: Subject) -> Chart | None:
        """Return the chart that a subject is, if it is one that is there."""
        return self.charts.get(subject.name) if subject.is_chart else None

    @cached_property
    def by_counter(self) -> Mapping[tuple[str, str], list[str]]:
        """The ids of the charts that ask for each counter of each program."""
        found: dict[tuple[str, str], list[str]] = {}
        for chart in self.repository.charts:
            for each in self.counters(chart):
                found.setdefault(each, []).append(chart.id)
        return found

    def counters(self, chart: Chart) -> tuple[tuple[str, str], ...]:
        """Return the counters that one of its charts asks for, each with its program."""
        program = self.repository.program(chart).name
        return tuple((program, counter.name) for counter in chart.counters)

    def digest(self, subject: Subject) -> str | None:
        """Return the digest of a subject; None where it is not there."""
        content = self.contents.get(subject)
        return None if content is None else digest(subject, content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One subject that is not as the last release had it."""

    subject: Subject
    before: str | None
    """The digest of what the last release had; None where it had none of it."""
    after: str | None
    """The digest of what is there; None where it is removed."""
    changes: frozenset[Effect]
    """What it may do to installations; never empty."""
    types: frozenset[ChartType]
    """Of a chart, what it was and what it is."""
    files: tuple[str, ...]
    """The files below configs/ whose authors made the step."""
    names: tuple[str, ...]
    """By which the policy knows the subject: its own, and of a new chart those of the last release
    that ask for one of its counters, since it may be one of them under another name."""


def changed(before: Version | None, after: Version) -> tuple[Subject, ...]:
    """Return what is not as the last release had it, charts first; None before the first."""
    old = before.contents if before else {}
    subjects = [each for each in old.keys() | after.contents.keys() if _differs(each, old, after)]
    return tuple(sorted(subjects, key=lambda each: (not each.is_chart, each.name)))


def find_step(
    subject: Subject, before: Version | None, after: Version, causes: Causes | None
) -> Step:
    """Return the step of a subject that is not as the last release had it.

    Args:
        subject: One of `changed`.
        before: The last release; None before the first.
        after: What is there now.
        causes: Of what both compile to; None before the first release, and where this chartconfig
            does not compile the last one: then a step may do anything.
    """
    old, new = before.chart(subject) if before else None, after.chart(subject)
    if subject.name in CONTROL:
        effects = {Effect.NONE}
    elif before is None:
        effects = {Effect.MORE}
    elif causes is None:
        effects = set(Effect)
    else:
        effects = {each.change.effect for each in causes.of(subject)}
    return Step(
        subject=subject,
        before=before.digest(subject) if before else None,
        after=after.digest(subject),
        changes=frozenset(effects or {Effect.NONE}),
        types=frozenset(chart.type for chart in (old, new) if chart),
        files=(subject.path, *_elsewhere(old, new, before, after)),
        names=(subject.name, *(_like(new, before, after) if old is None else ())),
    )


class Causes:
    """Which differences the step of each subject may have caused."""

    def __init__(self, comparison: Comparison) -> None:
        """Look at every difference once, however many steps there are."""
        self._comparison = comparison
        self._by_chart: dict[str, list[Difference]] = {}
        by_event: dict[tuple[str | None, str], set[str]] = {}
        by_program: dict[str | None, set[str]] = {}
        for side in (comparison.base.charts or {}, comparison.head.charts or {}):
            for chart, entry in side.items():
                by_program.setdefault(entry["program"], set()).add(chart)
                for _, name in events_of(entry):
                    by_event.setdefault((entry["program"], name), set()).add(chart)
        sides = (comparison.base.repository, comparison.head.repository)
        for repository in filter(None, sides):
            for each in repository.charts:  # also those that expired
                by_program.setdefault(repository.program(each).name, set()).add(each.id)
        for difference in comparison.differences:
            change = difference.change
            charts: set[str | None] = set()
            if change.topic in _OF_CHARTS:
                charts.update(change.names, map(comparison.names.get, change.names))
            elif change.topic is Topic.REPORTS:
                charts.add(difference.chart)
            elif change.topic in _OF_COUNTERS:
                charts.update(*(by_event.get((change.where, name), ()) for name in change.names))
            else:
                charts.update(by_program.get(change.where, ()))
            for touched in filter(None, charts):
                self._by_chart.setdefault(touched, []).append(difference)

    def of(self, subject: Subject) -> tuple[Difference, ...]:
        """Return what the step of a subject may have caused, what matters most first."""
        if subject.is_chart:
            return tuple(self._by_chart.get(subject.name, ()))
        found = self._comparison.differences
        return tuple(each for each in found if _by_file(subject, each, self._comparison))


def _differs(subject: Subject, old: Mapping[Subject, Content], after: Version) -> bool:
    was, now = old.get(subject), after.contents.get(subject)
    return was != now and (
        was is None or now is None or digest(subject, was) != digest(subject, now)
    )


def _like(new: Chart | None, before: Version | None, after: Version) -> Iterable[str]:
    """Yield the charts of the last release that ask for one of a chart's counters."""
    if new is not None and before is not None:
        known = before.by_counter
        yield from {id_: None for each in after.counters(new) for id_ in known.get(each, ())}


def _elsewhere(
    old: Chart | None, new: Chart | None, before: Version | None, after: Version
) -> Iterable[str]:
    """Yield the other files in which the meaning of a chart was changed."""
    if old is None or new is None or before is None:
        return
    defaults = before.repository.collection.accuracy, after.repository.collection.accuracy
    is_default = not (old.has_own_accuracy and new.has_own_accuracy)
    if is_default and any(defaults[0][each] != defaults[1][each] for each in (old.type, new.type)):
        yield "collection.yaml"
    if before.repository.program(old).name != after.repository.program(new).name:
        yield f"programs/{new.program}.yaml"


def _by_file(subject: Subject, difference: Difference, comparison: Comparison) -> bool:
    """Return whether the step of a file beside the charts may have caused a difference."""
    change = difference.change
    match subject.name:
        case "populations.yaml":
            return change.topic in _BY_ESTIMATES
        case "versions.lock.yaml":
            return change.topic in {Topic.VERSIONS, Topic.GO_VERSIONS, Topic.PROGRAM}
        case "retired.yaml":
            return change.topic is Topic.RETIREMENT or change.effect is Effect.IN_FLIGHT
        case "collection.yaml":
            return change.topic not in _ASIDE or "accuracy" in change.what
        case name if name in CONTROL:
            return False
    key = subject.name.removeprefix("programs/").removesuffix(".yaml")
    sides = (comparison.base.repository, comparison.head.repository)
    names = {each.programs[key].name for each in sides if each and key in each.programs}
    return (
        change.where in names
        or change.topic in {Topic.REPORTS, Topic.GO_VERSIONS}
        or (difference.chart or "").startswith(f"{key}/")
    )
