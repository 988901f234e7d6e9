"""A comparison as Markdown: a summary for half a minute on a phone, with details to unfold.

First a line that counts the classes, then what one installation is asked for, before and after, in
a table of three narrow columns, then each class by what it does and why. Changes with one reason
are told together: an estimate that moves thirty rates is one line. What is not shown at once is
unfolded; all of it has a limit, and says what it leaves out.
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Final

from chartconfig.diagnostics.page import visible
from chartconfig.review.diff import Effect, Topic
from chartconfig.review.summary import HEADINGS, by_reason, headline, numbers, totals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chartconfig.review.difference import Comparison, Difference

LIMIT: Final = 60_000
"""Characters: GitHub takes 65,536 in a comment."""

_AT_ONCE: Final = 3
_REASONS: Final = 8
_BUCKETS: Final = 6


def markdown(comparison: Comparison, *, limit: int = LIMIT) -> str:
    """Return all of it, at most so long; ends with a newline.

    Args:
        comparison: What is told.
        limit: Characters; at least 2,000.
    """
    groups = [
        (effect, list(group))
        for effect, group in groupby(comparison.differences, key=lambda each: each.change.effect)
    ]
    parts = [f"**{_capital(headline(comparison))}**\n\n", *_table(comparison)]
    if comparison.is_partial:
        parts.append("\nOf one side only config.json is known: charts are not compared.\n")
    details: list[str] = []
    for effect, group in groups:
        if effect is not Effect.NONE:
            parts.append(f"\n### {HEADINGS[effect]} ({len(group)})\n\n")
            parts += _bullets(by_reason(group))
        details.append(f"\n**{HEADINGS[effect]}**\n")
        for why, alike in by_reason(group):
            details += _details(why, alike)
    text = _fitting(
        parts, limit // 2, "\nMore than fits here: see the whole of it, `chartconfig diff`.\n"
    )
    if not groups:
        return text
    opening = f"\n<details><summary>Every change: {len(comparison.differences)}</summary>\n"
    closing = "\n</details>\n"
    room = limit - len(text) - len(opening) - len(closing)
    more = "\nThe others do not fit here: see `chartconfig diff`.\n"
    return f"{text}{opening}{_fitting(details, room, more)}{closing}"


def _table(comparison: Comparison) -> Iterator[str]:
    yield "| | before | after |\n| --- | ---: | ---: |\n"
    for name, was, now in totals(comparison):
        yield f"| {name} | {was} | {now if was == now else f'**{now}**'} |\n"


def _bullets(reasons: list[tuple[str, list[Difference]]]) -> Iterator[str]:
    """Yield a line for each of the first reasons, with the first of its changes."""
    for why, differences in reasons[:_REASONS]:
        shown = [_code(_short(each)) for each in differences[:_AT_ONCE]]
        if (left := len(differences) - len(shown)) > 0:
            shown.append(f"{left} more")
        yield f"- {', '.join(shown)}: {_escaped(why)}\n"
    if (left := len(reasons) - _REASONS) > 0:
        yield f"- and {left} more, below\n"


def _short(difference: Difference) -> str:
    """Return what changes and how, without the program where a counter names its own."""
    change = difference.change
    subject = change.where if change.what == "program" and change.where else change.what
    if len(change.names) > _BUCKETS and change.topic is Topic.COUNTER:
        subject = f"{subject.partition(':')[0]} ({len(change.names)} buckets)"
    if change.names or not change.where or change.what == "program":
        told = subject
    else:
        told = f"{subject} of {change.where}"
    if change.effect is Effect.IN_FLIGHT and change.names:
        return told
    if change.before is not None and change.after is not None:
        return f"{told}: {change.before} → {change.after}"
    return f"{told}: {change.before or change.after}" if change.before or change.after else told


def _details(why: str, differences: Sequence[Difference]) -> Iterator[str]:
    """Yield the changes that have one reason: first that, and where it stands if that is one."""
    places = {_place(each) for each in differences}
    common = places.pop() if len(places) == 1 else ""
    yield f"\n{_escaped(_capital(why))}{f' ({common})' if common else ''}:\n\n"
    for each in differences:
        parts = [] if common else [_place(each)]
        if told := ", ".join(numbers(each)):
            parts.append(_escaped(f"{each.chart}: {told}".replace("->", "→")))
        yield "\\\n  ".join([f"- {_code(str(each.change))}", *filter(None, parts)]) + "\n"


def _place(difference: Difference) -> str:
    place = difference.place
    if place is None:
        return ""
    return _code(f"{place.path}:{place.start.line}") + (" before" if difference.in_base else "")


def _fitting(parts: Sequence[str], room: int, more: str) -> str:
    """Return as many parts as there is room for, and what is said where some are left out."""
    text = "".join(parts)
    if len(text) <= room:
        return text
    kept, used = [], len(more)
    for part in parts:
        used += len(part)
        if used > room:
            break
        kept.append(part)
    return "".join(kept) + more


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _escaped(text: str) -> str:
    """Return text on one line, with what Markdown, HTML or GitHub would read as markup escaped.

    An at sign would call whom it names, so it stands alone.
    """
    line = re.sub(r"([\\`*_\[\]<>#|&~])", r"\\\1", visible(text))
    return line.replace("@", "@\u200b")


def _code(text: str) -> str:
    """Return text between so many backticks that those in it end nothing."""
    shown = visible(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    pad = " " if "`" in shown else ""
    return f"{fence}{pad}{shown}{pad}{fence}"
