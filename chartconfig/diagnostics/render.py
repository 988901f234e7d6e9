"""Diagnostics as text for people, and as the formats that other programs read.

Pure functions from values to text; docs/formats/json.md describes what `to_json` writes. Text from
a chart is shown, never obeyed: a character that has no shape of its own (a control, a direction
mark, a space other than the plain one) is written as its code point, so that a chart can neither
steer its reviewer's terminal nor hide anything from them.

A `Line` is a tuple of (style, text) segments. The styles are `error`, `warning`, `info`, `message`,
`path`, `source`, `gutter`, `help` and `note`; the command line chooses their colours.
"""

from __future__ import annotations

import json
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Protocol, TypeAlias

from chartconfig.diagnostics.catalogue import RULES
from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.diagnostics.page import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chartconfig.diagnostics.diagnostic import Diagnostic, Position, Span

Line: TypeAlias = tuple[tuple[str, str], ...]

WIDTH = 100
"""Terminal columns when nobody says how many there are."""

_NARROWEST = 20
_TAB = "    "
"""A tab beside the place that is marked: there it is indentation, and nothing to worry about."""
_GITHUB_COMMAND = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


class Source(Protocol):
    """What the text form asks of a source file."""

    @property
    def text(self) -> str:
        """The whole file, with its line ends as they are."""


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return `diagnostics` by path, position and code; first those that no file is to blame for."""

    def key(diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
        span = diagnostic.span
        place = (span.path, span.start.line, span.start.column) if span else ("", 0, 0)
        return (*place, diagnostic.code, diagnostic.message)

    return tuple(sorted(diagnostics, key=key))


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Return the closing line, such as `3 errors, 1 warning in 2 files` or `no findings`."""
    found = tuple(diagnostics)
    if not found:
        return "no findings"
    counts = Counter(diagnostic.severity for diagnostic in found)
    parts = [counted(counts[severity], severity.value) for severity in Severity if counts[severity]]
    files = len({diagnostic.span.path for diagnostic in found if diagnostic.span})
    return ", ".join(parts) + (f" in {counted(files, 'file')}" if files else "")


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


# ---- text


def text(
    diagnostics: Iterable[Diagnostic], documents: Mapping[str, Source], *, width: int = WIDTH
) -> str:
    """Return all diagnostics in order, a block each, without the summary; ends with a newline."""
    return plain(listing(diagnostics, documents, width=width))


def plain(lines: Iterable[Line]) -> str:
    """Return `lines` without their styles, a newline after each."""
    return "".join("".join(part for _, part in line) + "\n" for line in lines)


def listing(
    diagnostics: Iterable[Diagnostic], documents: Mapping[str, Source], *, width: int = WIDTH
) -> tuple[Line, ...]:
    """Return the blocks of all diagnostics in order, each followed by an empty line.

    Args:
        diagnostics: In any order.
        documents: By path; a path that is missing here is shown without its source line.
        width: Columns of the terminal; source lines are cut to fit, messages are not.
    """
    found: list[Line] = []
    by_path = groupby(in_order(diagnostics), key=lambda each: each.span.path if each.span else "")
    for path, group in by_path:
        # Once a file: a large one may hold thousands of mistakes.
        source = documents[path].text.split("\n") if path in documents else []
        for diagnostic in group:
            number = diagnostic.span.start.line if diagnostic.span else 0
            source_line = source[number - 1] if 0 < number <= len(source) else None
            found += [*block(diagnostic, source_line, width=width), ()]
    return tuple(found)


def block(
    diagnostic: Diagnostic, source_line: str | None, *, width: int = WIDTH
) -> tuple[Line, ...]:
    """Return one diagnostic: what, where, the source line with the place underlined, the help.

    Args:
        diagnostic: What to show.
        source_line: The line on which its span starts; None shows the place without the line.
        width: Columns of the terminal.
    """
    severity, span = diagnostic.severity.value, diagnostic.span
    number = str(span.start.line) if span else ""
    margin = " " * len(number)
    found: list[Line] = [
        (
            (severity, f"{severity}[{diagnostic.code}]"),
            ("message", f" {RULES[diagnostic.code].name}: {visible(diagnostic.message)}"),
        )
    ]
    if span:
        found.append((("gutter", f"{margin}--> "), ("path", visible(str(span)))))
    if span and source_line is not None:
        room = max(width - len(number) - 3, _NARROWEST)
        shown, before, marked = _underlined(source_line.removesuffix("\r"), span, room)
        found += [
            (("gutter", f"{margin} |"),),
            (("gutter", f"{number} |"), ("source", f" {shown}" if shown else "")),
            (("gutter", f"{margin} |"), (severity, f" {' ' * before}{'^' * marked}")),
        ]
    if diagnostic.hint is not None:
        found.append(_footnote(margin, "help", diagnostic.hint))
    for place, what in diagnostic.related:
        found.append(_footnote(margin, "note", f"{place}: {what}"))
    return tuple(found)


def _footnote(margin: str, kind: str, what: str) -> Line:
    return (("gutter", f"{margin} = "), (kind, f"{kind}: "), ("message", visible(what)))


def _underlined(line: str, span: Span, room: int) -> tuple[str, int, int]:
    """Return the part of `line` to show, the columns before the mark, and the mark's columns.

    Where the line is too long, the span's start is in view with a quarter of `room` before it, or
    more at the line's end.
    """
    start = min(span.start.column - 1, len(line))
    end = min(span.end.column - 1, len(line)) if span.end.line == span.start.line else len(line)
    # A character takes a column or more, so these are all that can come into view.
    first = max(0, start - room)
    cells = [
        _TAB if character == "\t" and not start <= at < end else visible(character)
        for at, character in enumerate(line[first : start + room], start=first)
    ]
    edges = [0, *accumulate(_columns(cell) for cell in cells)]
    mark, stop = start - first, min(max(start, end) - first, len(cells))
    if first == 0 and start + room >= len(line) and edges[-1] <= room:
        return "".join(cells), edges[mark], max(1, edges[stop] - edges[mark])
    inner = room - 2  # an ellipsis on each side
    wanted = 0 if edges[stop] <= inner else min(edges[mark] - room // 4, edges[-1] - inner)
    left = bisect_left(edges, max(0, wanted))
    right = bisect_right(edges, edges[left] + inner) - 1
    head = "…" if first + left else ""
    tail = "…" if first + right < len(line) else ""
    before = edges[mark] - edges[left] + len(head)
    marked = max(1, edges[min(stop, right)] - edges[mark])
    return head + "".join(cells[left:right]) + tail, before, marked


def _columns(cell: str) -> int:
    return sum(
        0 if unicodedata.combining(character) else 2 if _is_wide(character) else 1
        for character in cell
    )


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in {"W", "F"}


# ---- JSON


def to_json(diagnostics: Iterable[Diagnostic]) -> str:
    """Return the document that docs/formats/json.md describes: ASCII, ends with a newline."""
    found = in_order(diagnostics)
    counts = Counter(diagnostic.severity for diagnostic in found)
    return _json(
        {
            "format": "chartconfig/diagnostics/v1",
            "diagnostics": [_as_json(diagnostic) for diagnostic in found],
            "summary": {f"{severity.value}s": counts[severity] for severity in Severity},
        }
    )


def _as_json(diagnostic: Diagnostic) -> dict[str, object]:
    return {
        "code": diagnostic.code,
        "name": RULES[diagnostic.code].name,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        **(_place(diagnostic.span) if diagnostic.span else dict.fromkeys(("path", "start", "end"))),
        "hint": diagnostic.hint,
        "related": [{**_place(span), "message": what} for span, what in diagnostic.related],
    }


def _place(span: Span) -> dict[str, object]:
    def position(of: Position) -> dict[str, int]:
        return {"line": of.line, "column": of.column}

    return {"path": span.path, "start": position(span.start), "end": position(span.end)}


def _json(value: object) -> str:
    # ASCII, for a terminal obeys some of what JSON leaves as it is, and not every str has UTF-8.
    return json.dumps(value, ensure_ascii=True, indent=2) + "\n"


# ---- GitHub


def github(diagnostics: Iterable[Diagnostic]) -> str:
    """Return workflow commands, a line each: annotations on the changed lines of a pull request.

    The runner drops the columns of an annotation of several lines, so those are left out; it shows
    ten errors and ten warnings a step.

    Source:
        actions/runner, src/Runner.Worker/ActionCommandManager.cs and
        src/Runner.Common/ActionCommand.cs (what is escaped where).
    """
    return "".join(f"{_workflow_command(diagnostic)}\n" for diagnostic in in_order(diagnostics))


def _workflow_command(diagnostic: Diagnostic) -> str:
    related = (f"{place}: {what}" for place, what in diagnostic.related)
    return annotation(
        _GITHUB_COMMAND[diagnostic.severity],
        (*_told(diagnostic), *related),
        title=f"{diagnostic.code} {RULES[diagnostic.code].name}",
        span=diagnostic.span,
    )


def annotation(command: str, lines: Iterable[str], *, title: str, span: Span | None) -> str:
    """Return one workflow command, without the end of its line.

    Args:
        command: `error`, `warning` or `notice`.
        lines: What is told.
        title: What stands above it.
        span: Where it is shown; None for none of the files.
    """
    properties: dict[str, str | int] = {}
    if span:
        properties |= {"file": span.path, "line": span.start.line, "endLine": span.end.line}
        if span.start.line == span.end.line:
            properties |= {"col": span.start.column, "endColumn": span.end.column}
    properties["title"] = title
    told = ",".join(
        f"{key}={_escaped(str(value)).replace(':', '%3A').replace(',', '%2C')}"
        for key, value in properties.items()
    )
    return f"::{command} {told}::{'%0A'.join(_escaped(line) for line in lines)}"


def _escaped(value: str) -> str:
    return visible(value).replace("%", "%25")  # `visible` leaves no CR or LF to escape


def _told(diagnostic: Diagnostic) -> tuple[str, ...]:
    return (diagnostic.message, diagnostic.hint) if diagnostic.hint else (diagnostic.message,)
