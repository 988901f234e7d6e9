"""What an installation with the last release's config would suffer from the next one.

Two things cannot be taken back: a number whose name stands for something else than before, and a
report that was rejected. Each is an error unless an approval says that it is meant to be, and each
is known by a code and a subject, which is what such an approval names.
"""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from chartconfig.charts.retired import NAME, under_way
from chartconfig.diagnostics.catalogue import report
from chartconfig.review.diff import Topic
from chartconfig.review.inflight import Item, items_of, promises, rejection, sent
from chartconfig.review.meaning import changed_meanings
from chartconfig.source.yaml import locate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from chartconfig.charts.repository import Repository
    from chartconfig.diagnostics.diagnostic import Diagnostic, Span
    from chartconfig.review.difference import Comparison, Difference
    from chartconfig.review.inflight import Lost

Override = tuple[str, str]
"""What an approval allows: the code of a finding, and its subject, as `subject` returns it."""

_KEYS: Final = {
    Topic.COUNTER: "counters",
    Topic.STACK: "stacks",
    Topic.VERSIONS: "versions",
    Topic.GOOS: "goos",
    Topic.GOARCH: "goarch",
    Topic.GO_VERSIONS: "go_versions",
}
_REVIEW: Final = timedelta(weeks=4)
"""What a suggested day leaves for review and release."""

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_./:+-]*[A-Za-z0-9]")
_SENTENCE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_./ -]*")
_WORDS: Final = {"true", "false", "null", "yes", "no", "on", "off"}
_ROOT: Final = "configs/"
_CHART: Final = re.compile(rf"{_ROOT}charts/([^/]+/[^/]+)\.yaml")


def incompatibilities(comparison: Comparison, *, on: date) -> Iterator[Diagnostic]:
    """Yield what the newer one breaks for installations that have the older one.

    Args:
        comparison: The last release, and what is to come; of both, charts.json is known.
        on: The day for which it is judged.
    """
    repository, base, head = comparison.head.repository, comparison.base, comparison.head
    if repository is None or base.charts is None or head.charts is None:
        return
    for change in changed_meanings(base.charts.values(), head.charts.values()):
        yield _changed_meaning(comparison, comparison.explained(change))
    suggested = suggested_day(repository, on)
    for each in _told_once(comparison.lost):
        yield _removed(comparison, each, repository, suggested)
    yield from _retirements(comparison, repository, on)


def subject(found: Diagnostic) -> str:
    """Return what a finding is about: the id of a chart, or a file's path below configs/.

    Examples:
        >>> from chartconfig.diagnostics.diagnostic import Position, Span
        >>> at = Span("configs/charts/gopls/client.yaml", Position(1, 1), Position(1, 1))
        >>> subject(report("CC702", "...", at))
        'gopls/client'
    """
    path = found.span.path if found.span else ""
    return chart_of(path) or path.removeprefix(_ROOT)


def chart_of(path: str) -> str | None:
    """Return the id of the chart that a path is of, or None."""
    match = _CHART.fullmatch(path)
    return match[1] if match else None


def without(found: Iterable[Diagnostic], overrides: Collection[Override]) -> tuple[Diagnostic, ...]:
    """Return the findings that no override allows."""
    return tuple(each for each in found if (each.code, subject(each)) not in overrides)


def suggested_day(repository: Repository, on: date) -> date:
    """Return a day until which to accept what is retired now: the first of a month.

    Reports can be under way no longer by then, though review and release take four weeks.
    """
    least = on + under_way(repository.collection.fetch_probability) + _REVIEW
    return least if least.day == 1 else (least.replace(day=1) + timedelta(days=32)).replace(day=1)


def _changed_meaning(comparison: Comparison, found: Difference) -> Diagnostic:
    """CC701 `changed-meaning`."""
    change = found.change
    return report(
        "CC701",
        f"{change.what} of {change.where} is {change.after} now, and {change.before} in "
        f"{comparison.base.name}",
        found.place,
        hint="take a new name for the counter, here and in the program",
    )


def _told_once(lost: Iterable[Lost]) -> Iterator[Lost]:
    """Yield what is lost; versions of the toolchain's programs once, as Go versions."""
    gone: set[str] = set()
    for each in lost:
        if each.topic is Topic.GO_VERSIONS and each.promised is None:
            gone.update(each.names)
        toolchain = each.topic is Topic.VERSIONS and str(each.program).startswith("cmd/")
        if not (toolchain and each.promised is None and gone.issuperset(each.names)):
            yield each


def _removed(
    comparison: Comparison, each: Lost, repository: Repository, suggested: date
) -> Diagnostic:
    """CC702 `removed-without-retirement`, CC703 `retirement-cut-short`."""
    name, place = comparison.base.name, comparison.explained(rejection(each)).place
    what = str(each) if each.program is None else each.program
    if each.program is not None and not each.is_whole_program:
        what = f"{each} of {each.program}"
    if each.promised is None:
        code, message = "CC702", f"{what}: collected by {name}, and not accepted any more"
        until, reason = suggested, f"Collected up to {name}."
    else:
        now = f"only until {each.until} now" if each.until else "not any more"
        code, message = "CC703", f"{what}: accepted by {name} until {each.promised}, and {now}"
        until, reason = each.promised, f"Released as retired in {name}."
        place = _until_place(repository, each) or place
    line = retirement_line(each, until=until, reason=reason)
    return report(code, message, place, hint=f"write to {_path(repository)}: {line}")


def _until_place(repository: Repository, each: Lost) -> Span | None:
    """Return where it is said until when something is retired, if it is."""
    document = repository.retired_document
    for index, entry in enumerate(repository.retirements):
        at = [item.name for item in items_of(entry) if item[:2] == (each.topic, each.program)]
        if document is not None and not set(each.names).isdisjoint(at):
            return locate(document, index, "until")
    return None


def retirement_line(each: Lost, *, until: date, reason: str) -> str:
    """Return the line of retired.yaml that would retire something.

    Examples:
        >>> from chartconfig.review.inflight import Lost
        >>> names = ("go/x:a", "go/x:b")
        >>> lost = Lost(
        ...     topic=Topic.COUNTER, program="cmd/go", names=names, promised=None, until=None
        ... )
        >>> retirement_line(lost, until=date(2027, 8, 1), reason="Nobody asks.")
        '- {program: cmd/go, counters: ["go/x:{a,b}"], until: 2027-08-01, reason: Nobody asks.}'
    """
    parts = [] if each.program is None else [f"program: {_scalar(each.program)}"]
    if not each.is_whole_program:
        names = [str(each)] if each.topic is Topic.COUNTER else each.names
        parts.append(f"{_KEYS[each.topic]}: [{', '.join(map(_scalar, names))}]")
    reason = reason if _SENTENCE.fullmatch(reason) else json.dumps(reason, ensure_ascii=False)
    return f"- {{{', '.join(parts)}, until: {until}, reason: {reason}}}"


def _retirements(comparison: Comparison, repository: Repository, on: date) -> Iterator[Diagnostic]:
    """CC704 `retirement-too-short`, CC707 `retirement-of-nothing`."""
    base, head, document = comparison.base, comparison.head, repository.retired_document
    collected, promised = set(sent(base.config)), promises(base.retired)
    least = on + under_way(repository.collection.fetch_probability)
    for index, entry in enumerate(repository.retirements):
        if document is None or entry.until < on:
            continue
        items = [item for item in items_of(entry) if item[::2] != (Topic.PROGRAM, "")]
        unknown = [item for item in items if not _is_known(item, collected, promised)]
        if unknown:
            yield report(
                "CC707",
                f"{base.name} neither collects nor accepts {_named(unknown)}",
                locate(document, index, _key_of(unknown[0])),
                hint=f"write program: {named.name}"
                if (named := repository.programs.get(entry.program or ""))
                else "delete it: no report that is under way can hold it",
            )
        days = [
            day
            for item in items
            if _sends(item, collected) and (day := head.accepted.until(item)) and day < least
        ]
        if days:
            yield report(
                "CC704",
                f"reports by {base.name} can come in until {least}, and this ends on {entry.until}",
                locate(document, index, "until"),
                hint=f"write until: {suggested_day(repository, on)}",
            )


def _is_known(item: Item, collected: Collection[Item], promised: Collection[Item]) -> bool:
    return item in promised or _sends(item, collected)


def _sends(item: Item, collected: Collection[Item]) -> bool:
    """Return whether a report can hold it; of a whole program, whether it is in reports."""
    if item.topic is Topic.PROGRAM:
        return Item(Topic.PROGRAM, item.program, "") in collected
    return item in collected


def _named(items: list[Item]) -> str:
    if items[0].topic is Topic.PROGRAM:
        return str(items[0].program)
    return ", ".join(item.name for item in items)


def _key_of(item: Item) -> str:
    return _KEYS.get(item.topic, "program")


def _path(repository: Repository) -> str:
    return repository.collection.document.path.replace("collection.yaml", NAME)


def _scalar(text: str) -> str:
    """Return a text as YAML has it within brackets, quoted where it has to be."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)
