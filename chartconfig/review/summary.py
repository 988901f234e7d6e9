"""A comparison as lines for a terminal, as JSON, and as annotations of a pull request."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Final

from chartconfig.charts.numbers import percent, rounded
from chartconfig.diagnostics.page import visible
from chartconfig.diagnostics.render import annotation
from chartconfig.review.diff import Effect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chartconfig.diagnostics.render import Line
    from chartconfig.review.difference import Comparison, Difference, Worth

FORMAT: Final = "chartconfig/diff/v1"

HEADINGS: Final = {
    Effect.MEANING: "Changes meaning",
    Effect.MORE: "Collects more",
    Effect.IN_FLIGHT: "Rejects reports under way",
    Effect.LESS: "Collects less",
    Effect.NONE: "No change in what is collected",
}
_STYLES: Final = {
    Effect.MEANING: "error",
    Effect.MORE: "warning",
    Effect.IN_FLIGHT: "warning",
    Effect.LESS: "info",
    Effect.NONE: "dim",
}
_TOTALS: Final = {
    "charts": "charts",
    "counters": "counters",
    "sample_rate": "SampleRate",
    "reports_per_year": "reports a year of one installation, at most",
    "config_bytes": "bytes of config.json",
}


def headline(comparison: Comparison) -> str:
    """Return all of it in a line, what matters most first."""
    counts = Counter(each.change.effect for each in comparison.differences)
    told = [
        f"{HEADINGS[effect].lower()}: {counts[effect]}"
        for effect in Effect
        if counts[effect] and effect is not Effect.NONE
    ]
    return ", ".join(told) or "no change in what is collected"


def totals(comparison: Comparison) -> Iterator[tuple[str, str, str]]:
    """Yield what each total is, what it was and what it has become."""
    before, after = comparison.base.totals, comparison.head.totals
    for key, name in _TOTALS.items():
        yield name, _number(key, before[key]), _number(key, after[key])


def numbers(difference: Difference) -> Iterator[str]:
    """Yield what the chart that decides costs and is worth, before and after."""
    was, now = difference.before, difference.after
    if was is None and now is None:
        return
    rates = (percent(each.rate) if each else None for each in (was, now))
    yield f"rate {_both(*rates)}"
    reports = (f"{each.expected_reports:,.0f}" if each else None for each in (was, now))
    yield f"expected reports a week {_both(*reports)}"
    yield f"promised {_both(_promised(was), _promised(now))}"


def lines(comparison: Comparison) -> Iterator[Line]:
    """Yield all of it for a terminal: by class, then the totals."""
    yield from difference_lines(comparison.differences)
    width = max(map(len, _TOTALS.values()))
    for name, was, now in totals(comparison):
        yield (("plain", f"{name:{width}}  {was if was == now else f'{was} -> {now}'}"),)


def difference_lines(differences: Iterable[Difference]) -> Iterator[Line]:
    """Yield differences for a terminal, by class; what matters most has to be first."""
    groups = groupby(differences, key=lambda each: each.change.effect)
    for effect, group in groups:
        yield ((_STYLES[effect], HEADINGS[effect]),)
        for each in group:
            yield (("plain", f"  {visible(str(each.change))}"),)
            if each.place is not None:
                where = f"{visible(each.place.path)}:{each.place.start.line}"
                yield (("path", f"      {where}"), ("dim", " before" if each.in_base else ""))
            yield (("dim", f"      {visible(each.why)}"),)
            if told := "; ".join(numbers(each)):
                yield (("dim", f"      {visible(f'{each.chart}: {told}')}"),)
        yield ()


def document(comparison: Comparison) -> dict[str, object]:
    """Return all of it as docs/formats/json.md has it."""
    return {
        "format": FORMAT,
        "base": comparison.base.name,
        "head": comparison.head.name,
        "partial": comparison.is_partial,
        "changes": [_change(each) for each in comparison.differences],
        "before": comparison.base.totals,
        "after": comparison.head.totals,
    }


def github(comparison: Comparison) -> str:
    """Return workflow commands, a line each, most important first, and only of what matters.

    A place that only the older one has is not in the pull request's files, so it is told in words.
    """
    commands = {Effect.MEANING: "error", Effect.IN_FLIGHT: "warning", Effect.MORE: "warning"}
    told = []
    for each in comparison.differences:
        effect = each.change.effect
        if effect is Effect.NONE:
            continue
        was = f"was at {each.place}" if each.place and each.in_base else ""
        parts = (str(each.change), each.why, "; ".join(numbers(each)), was)
        told.append(
            annotation(
                commands.get(effect, "notice"),
                [part for part in parts if part],
                title=HEADINGS[effect],
                span=None if each.in_base else each.place,
            )
        )
    return "".join(f"{line}\n" for line in told)


def _change(difference: Difference) -> dict[str, object]:
    change, place = difference.change, difference.place
    return {
        "class": change.effect.value,
        "what": change.what,
        "program": change.where,
        "names": list(change.names),
        "where": f"{place.path}:{place.start.line}" if place else None,
        "in": None if place is None else "base" if difference.in_base else "head",
        "why": difference.why,
        "chart": difference.chart,
        "before": _state(change.before, difference.before),
        "after": _state(change.after, difference.after),
    }


def _state(told: str | None, worth: Worth | None) -> dict[str, object] | None:
    if told is None and worth is None:
        return None
    state: dict[str, object] = {"is": told}
    if worth is not None:
        state["rate"] = worth.rate
        state["expected_reports"] = worth.expected_reports
        state["achieved"] = dict(worth.achieved)
    return state


def _number(key: str, value: object) -> str:
    if value is None:
        return "unknown"
    if key == "sample_rate":
        return percent(float(str(value)))
    return rounded(value) if isinstance(value, float) else f"{value:,}"


def _both(was: str | None, now: str | None) -> str:
    if was == now:
        return was or "nothing"
    return f"{was or 'none'} -> {now or 'none'}"


def _promised(worth: Worth | None) -> str | None:
    if worth is None or not worth.achieved:
        return None
    kind, value = worth.achieved[0]
    return f"{kind.replace('_', ' ')} {'nothing' if value is None else percent(value)}"


def by_reason(differences: Sequence[Difference]) -> list[tuple[str, list[Difference]]]:
    """Return differences of one class, those of one reason together, in their order."""
    found: dict[str, list[Difference]] = {}
    for each in differences:
        found.setdefault(each.why, []).append(each)
    return list(found.items())
