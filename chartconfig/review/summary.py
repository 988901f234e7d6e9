"""A comparison as lines for a terminal, as JSON, and as annotations of a pull request or SARIF."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Final

from chartconfig.charts.numbers import percent, rounded
from chartconfig.diagnostics.page import visible
from chartconfig.diagnostics.render import annotation
from chartconfig.diagnostics.sarif import Kind, Result, log
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
STYLES: Final = {
    Effect.MEANING: "error",
    Effect.MORE: "warning",
    Effect.IN_FLIGHT: "warning",
    Effect.LESS: "info",
    Effect.NONE: "dim",
}
_WHY: Final = {
    Effect.MEANING: "Numbers from before and after are of different things under one name.",
    Effect.MORE: "Installations are asked for something that they were not asked for.",
    Effect.IN_FLIGHT: "A server with this config rejects whole reports that older configs ask for.",
    Effect.LESS: "Installations are asked for less, or more rarely.",
}
_LEVELS: Final = {
    Effect.MEANING: "error",
    Effect.MORE: "warning",
    Effect.IN_FLIGHT: "warning",
    Effect.LESS: "note",
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
    was, now = (
        dict(_worth(each)) if each else {} for each in (difference.before, difference.after)
    )
    for name in now or was:
        if was and now and was[name] != now[name]:
            yield f"{name} {was[name]} -> {now[name]}"
        else:
            yield f"{name} {(now or was)[name]}{'' if now else ' before'}"


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
        yield ((STYLES[effect], HEADINGS[effect]),)
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


def github(comparison: Comparison, *, folder: str) -> str:
    """Return workflow commands, a line each, most important first, and only of what matters.

    Args:
        comparison: What is told.
        folder: Where the config repository is in that of git, with a last slash; "" for all of it.
    """
    told = [
        annotation(
            result.level.replace("note", "notice"), result.lines, title=title, span=result.span
        )
        for title, result in _results(comparison, folder)
    ]
    return "".join(f"{line}\n" for line in told)


def sarif(comparison: Comparison, *, folder: str, version: str, nowhere: str) -> str:
    """Return a SARIF log of what matters, most important first.

    Args:
        comparison: What is told.
        folder: As above.
        version: chartconfig's own.
        nowhere: The path shown for what no file of the newer one says.
    """
    found = [result for _, result in _results(comparison, folder)]
    kinds = {
        effect.value: Kind(
            name=_name(effect),
            level=_LEVELS[effect],
            short=f"{HEADINGS[effect]}.",
            full=why,
            markdown=why,
        )
        for effect, why in _WHY.items()
        if any(result.rule == effect.value for result in found)
    }
    return log(found, kinds, version=version, nowhere=nowhere)


def _name(effect: Effect) -> str:
    return HEADINGS[effect].lower().replace(" ", "-")


def _results(comparison: Comparison, folder: str) -> Iterator[tuple[str, Result]]:
    """Yield what matters, each under its heading.

    A place that only the older one has is not in the pull request's files, so it is told in words.
    """
    for each in comparison.differences:
        effect = each.change.effect
        if effect is Effect.NONE:
            continue
        place = each.place and each.place.below(folder)
        was = f"was at {place}" if place and each.in_base else ""
        parts = (str(each.change), each.why, "; ".join(numbers(each)), was)
        yield (
            HEADINGS[effect],
            Result(
                rule=effect.value,
                level=_LEVELS[effect],
                lines=tuple(part for part in parts if part),
                span=None if each.in_base else place,
            ),
        )


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


def _worth(worth: Worth) -> Iterator[tuple[str, str]]:
    yield "rate", percent(worth.rate)
    yield "expected reports a week", f"{worth.expected_reports:,.0f}"
    kind, value = worth.achieved[0] if worth.achieved else ("", None)
    yield (
        "promised",
        f"{kind.replace('_', ' ')} {percent(value)}" if value is not None else "nothing",
    )


def by_reason(differences: Sequence[Difference]) -> list[tuple[str, list[Difference]]]:
    """Return differences of one class, those of one reason together, in their order."""
    found: dict[str, list[Difference]] = {}
    for each in differences:
        found.setdefault(each.why, []).append(each)
    return list(found.items())
