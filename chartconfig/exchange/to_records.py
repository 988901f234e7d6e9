"""Charts to records of Go's format, reporting what has no place there.

A chart becomes the record that it would be imported from, so that what is collected stays the
same: programs, counters, buckets, stacks, depths, first versions; comments too. What else a chart
says is left out, with a finding; one whose counters or texts no record can hold is not expressible.
What `new` and `import` fill in until somebody replaces it says nothing, and is not written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from chartconfig.charts import placeholder
from chartconfig.charts.chart import ChartType
from chartconfig.charts.versions import read_source
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Position, Span
from chartconfig.diagnostics.render import counted
from chartconfig.exchange.from_records import DIGITS
from chartconfig.exchange.go_chartconfig import SPACE, Field, Note, Record
from chartconfig.module.padding import Padding
from chartconfig.sampling.accuracy import Margin
from chartconfig.source.comments import Comments, read_comments
from chartconfig.source.yaml import locate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chartconfig.charts.chart import Chart
    from chartconfig.charts.program import Program
    from chartconfig.charts.repository import Repository
    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.source.comments import Path

_NOWHERE = Span("", Position(1, 1), Position(1, 1))
_REFUSED = re.compile("[#{}]")
_CONFIDENCE = Fraction(95, 100)
"""That of a margin which an error rate stands for."""
_MEDIAN = Fraction(1, 2)
_NO_KEY = "Go's format has no key for it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """The records of charts, and what they do not say."""

    records: tuple[Record, ...]
    left_out: tuple[str, ...]
    """The ids of the charts that are not expressible."""
    diagnostics: tuple[Diagnostic, ...]


def to_records(repository: Repository, charts: Sequence[Chart]) -> Exported:
    """Return the records of charts, in their order.

    Args:
        repository: What they are of.
        charts: Those that are collected.
    """
    found: list[Diagnostic] = []
    records: list[Record] = []
    left_out: list[str] = []
    comments: list[str] = []
    for chart in charts:
        refused = tuple(_inexpressible(chart, repository.program(chart)))
        found += refused
        if refused:
            left_out.append(chart.id)
            comments.append(f"Left out: {chart.id}, {refused[0].message}")
            continue
        found += _lost(chart)
        records.append(_record(chart, repository.program(chart), comments))
        comments = []
    if comments and records:
        last = records[-1]
        records[-1] = replace(last, after=(*last.after, *comments))
    if records:
        found += _lost_of_all(repository, charts, len(records))
    return Exported(records=tuple(records), left_out=tuple(left_out), diagnostics=tuple(found))


def _inexpressible(chart: Chart, program: Program) -> Iterator[Diagnostic]:
    """CC136 `not-expressible`: a chart, or a text of it, that a record cannot hold."""
    if program.module is None and not program.is_toolchain:
        told = f"its program `{program.id}` has no module, without which Go's tool has no versions"
        yield _refuse(chart, told, "program", hint="leave the chart out with --partial")
        return
    if chart.type is ChartType.RATIO:
        yield _refuse(chart, "a ratio, which Go's format does not have", "type")
        return
    texts: list[tuple[tuple[str | int, ...], str]] = [
        (("title",), chart.title),
        (("description",), chart.description),
        *((("issues", at), issue) for at, issue in enumerate(chart.issues)),
    ]
    for place, text in texts:
        if refused := _REFUSED.search(text):
            what = "a comment starts" if refused.group() == "#" else "only counters have braces"
            told = f"its {place[0]} holds `{refused.group()}`, where {what}"
            yield _refuse(chart, told, *place)


def _refuse(
    chart: Chart,
    what: str,
    *place: str | int,
    hint: str = "write it otherwise, or leave the chart out with --partial",
) -> Diagnostic:
    return report("CC136", what, locate(chart.document, *place), hint=hint)


def _record(chart: Chart, program: Program, left_out: Sequence[str]) -> Record:
    """Return the record of a chart, with the comments of the keys that it has."""
    comments = read_comments(chart.document)
    written = chart.description != placeholder.DESCRIPTION
    keyed: list[tuple[str, str | None, Path]] = [
        ("title", _one_line(chart.title), ("title",)),
        ("counter", chart.counters[0].name, ("counter",)),
        ("description", _one_line(chart.description) if written else None, ("description",)),
        ("type", chart.type.value, ("type",)),
        *(
            ("issue", issue, ("issues", at))
            for at, issue in enumerate(chart.issues)
            if issue != placeholder.ISSUE
        ),
        ("program", program.name, ("program",)),
        ("module", program.module, ()),
        ("depth", str(chart.depth) if chart.type is ChartType.STACK else None, ("depth",)),
        ("version", chart.since or program.since, ("since",)),
        ("error", _error(chart), ("accuracy",)),
    ]
    fields: list[Field] = []
    for key, value, path in keyed:
        if value is None:
            continue
        said = comments.get(path, Comments()) if path else Comments()
        above = _texts(comments.get(("issues",), Comments())) if path == ("issues", 0) else ()
        before = (*above, *said.before)
        own = Field(key=key, value=value, before=before, comment=said.end or None, span=_NOWHERE)
        fields.append(_with_buckets(own, chart, comments) if key == "counter" else own)
    fields[0] = replace(fields[0], before=(*left_out, *fields[0].before))
    return Record(fields=tuple(fields), after=comments.get((), Comments()).before)


def _with_buckets(counter: Field, chart: Chart, comments: Mapping[Path, Comments]) -> Field:
    """Return the field of a counter with its buckets, and what is said of them."""
    buckets = chart.counters[0].buckets
    if not buckets:
        return counter
    value, said = f"{counter.value}:{{", comments.get(("buckets",), Comments())
    notes = [Note(len(value), text, alone=True) for text in _texts(said)]
    for index, bucket in enumerate(buckets):
        said = comments.get(("buckets", index), Comments())
        notes += [Note(len(value), text, alone=True) for text in said.before]
        value += bucket + ("," if index + 1 < len(buckets) else "")
        notes += [Note(len(value), said.end, alone=False)] if said.end else []
    return replace(counter, value=f"{value}}}", notes=tuple(notes))


def _texts(said: Comments) -> tuple[str, ...]:
    return (*said.before, *([said.end] if said.end else []))


def _one_line(text: str) -> str:
    return " ".join(filter(None, re.split(f"[{SPACE}]+", text)))


def _error(chart: Chart) -> str | None:
    """Return the error rate of which the chart's own accuracy would come, or None."""
    accuracy = chart.accuracy
    if not isinstance(accuracy, Margin) or not chart.has_own_accuracy:
        return None
    whole = accuracy.margin * 10**DIGITS
    if accuracy != Margin(margin=accuracy.margin, confidence=_CONFIDENCE) or whole % 1:
        return None
    return f"{Decimal(int(whole)).scaleb(-DIGITS):f}".rstrip("0")


def _lost(chart: Chart) -> Iterator[Diagnostic]:
    """CC137 `not-exported`: the keys of a chart that no record has."""
    told = {
        "exclusive": chart.exclusive and chart.type is ChartType.PARTITION,
        "quantile": chart.quantile not in (None, _MEDIAN),
        "expected_shares": bool(chart.expected_shares),
        "reason": chart.reason is not None,
        "accuracy": chart.has_own_accuracy and _error(chart) is None,
        "shortfall": chart.shortfall_accepted,
        "ignore": bool(chart.ignores),
    }
    keys = [key for key, there in told.items() if there]
    if keys:
        yield report(
            "CC137",
            f"{' and '.join(f'`{key}`' for key in keys)} of {chart.id}: {_NO_KEY}",
            locate(chart.document, keys[0]),
            hint="say it again where the records are brought in",
        )
    if set(chart.issues) <= {placeholder.ISSUE}:
        yield report(
            "CC137",
            f"`issues` of {chart.id}: a placeholder is left out, and Go's tool asks for an issue",
            locate(chart.document, "issues"),
            hint="name the page where the chart is discussed",
        )


def _lost_of_all(
    repository: Repository, charts: Sequence[Chart], number: int
) -> Iterator[Diagnostic]:
    """CC137: what no record says of any chart or program."""
    yield report(
        "CC137",
        f"`owners` and `expires` of {counted(number, 'chart')}, and how many installations there "
        f"are: {_NO_KEY}",
        None,
        hint="say it again where the records are brought in",
    )
    for key in dict.fromkeys(chart.program for chart in charts):
        program = repository.programs[key]
        if program.devel:
            yield report(
                "CC137",
                f"`devel` of {key}: {_NO_KEY}",
                locate(program.document, "devel"),
                hint="development builds are not collected by what is written",
            )
        told = {
            "versions": program.source != read_source(None),
            "padding": program.padding != Padding(),
        }
        if keys := [key for key, there in told.items() if there]:
            yield report(
                "CC137",
                f"{' and '.join(f'`{key}`' for key in keys)} of {program.id}: {_NO_KEY}",
                locate(program.document, keys[0]),
                hint="say it again where the records are brought in",
            )
