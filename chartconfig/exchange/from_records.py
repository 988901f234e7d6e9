"""Records of Go's format to drafts of charts, reporting every decision and every mistake.

What is collected stays the same. Go's tool puts a record with a depth among a program's stacks and
any other among its counters, whatever its type says; a client expands the buckets of a counter, and
none in the name of a stack.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from chartconfig.charts.chart import ChartType
from chartconfig.charts.counter import (
    suggested_bucket,
    suggested_name,
    why_bucket_refused,
    why_name_refused,
)
from chartconfig.diagnostics.catalogue import report
from chartconfig.exchange.draft import DraftChart, DraftProgram, Drafts, Item
from chartconfig.exchange.go_chartconfig import SPACE, parse
from chartconfig.module.path import why_invalid
from chartconfig.module.version import DEVEL, Scheme, canonical
from chartconfig.source.schema import load

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartconfig.diagnostics.diagnostic import Diagnostic, Span
    from chartconfig.exchange.go_chartconfig import Field, Record
    from chartconfig.source.document import Document

_NEEDED = ("title", "counter", "type", "program")
_TEXTS = ("title", "description")
_MOST_DEPTH = 64
_MOST_BUCKETS = 1000
DIGITS = 14
"""Of a fraction, after the point: a percentage has two less, as many as a chart may have."""
_SMALLEST = 1e-12  # of a fraction in a chart
_LONGEST_NUMBER = 30  # characters; a file may spell one out to a million
_TYPES = {
    "partition": ChartType.PARTITION,
    "histogram": ChartType.HISTOGRAM,
    "stack": ChartType.STACK,
}


def read_records(document: Document) -> Drafts:
    """Return what a file in Go's format says; with an error among the diagnostics, only a part."""
    if document.data.lstrip()[:1] in (b"{", b"["):  # with which no record begins
        hint = f"run `chartconfig import collection-config {document.path}` if it is a config.json"
        told = report("CC127", "the file holds JSON, and no record", document.span(0, 1), hint=hint)
        return Drafts(programs=(), charts=(), diagnostics=(told,), versions_known=False)
    parsed = parse(document)
    reader = _Reader(document=document, found=list(parsed.diagnostics))
    charts = [chart for record in parsed.records for chart in reader.record(record)]
    if not parsed.records and not parsed.diagnostics:
        hint = "name a file with records such as `title: ...`"
        reader.report("CC107", "the file holds no record", document.span(0, 0), hint)
    return Drafts(
        programs=tuple(reader.programs()),
        charts=tuple(charts),
        diagnostics=tuple(reader.found),
        versions_known=False,
        toolchain=tuple(sorted(reader.toolchain, key=Scheme.GO_TOOLCHAIN.sort_key)),
    )


def is_toolchain(program: str) -> bool:
    """Return whether a program comes with the toolchain, by its full name."""
    return program.startswith("cmd/")


def pattern(kind: str, key: str) -> str:
    """Return the pattern of a key, or of the items of its list, in the schema of a kind of file."""
    described = load(kind).tree["properties"][key]
    found: str = described.get("items", described)["pattern"]
    return found


def longest(key: str) -> int:
    """Return how many characters a text of a chart may have."""
    most: int = load("chart").tree["properties"][key]["maxLength"]
    return most


def guessed_module(program: str) -> str:
    """Return the module that a program is most likely in: what stands before `/cmd/`.

    Examples:
        >>> guessed_module("example.org/tools/cmd/hello"), guessed_module("example.org/hello")
        ('example.org/tools', 'example.org/hello')
    """
    return program.partition("/cmd/")[0]


@dataclass(slots=True)
class _Program:
    name: Item
    module: Field | None = None
    versions: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Reader:
    """One pass over the records; `found` grows as it goes."""

    document: Document
    found: list[Diagnostic]
    toolchain: set[str] = field(default_factory=set)
    _programs: dict[str, _Program] = field(default_factory=dict)

    def report(
        self,
        code: str,
        message: str,
        span: Span,
        hint: str,
        related: tuple[tuple[Span, str], ...] = (),
    ) -> None:
        self.found.append(report(code, message, span, hint=hint, related=related))

    def record(self, record: Record) -> Iterable[DraftChart]:
        """Return the charts of a record: one, or one for each bucket of a stack."""
        title, counter, type_, program = (record.get(key) for key in _NEEDED)
        if not (title and counter and type_ and program):
            if record.broken:
                return ()
            missing = [key for key in _NEEDED if record.get(key) is None]
            told = " and ".join(f"`{key}`" for key in missing)
            hint = f"write `{missing[0]}: ...`"
            self.report("CC130", f"a record without {told}", record.fields[0].span, hint)
            return ()
        self._check_texts(record)
        chart_type = _TYPES.get(type_.value)
        if chart_type is None:
            hint = f"write one of {', '.join(_TYPES)}"
            self.report("CC118", f"`type` is `{type_.value}`", type_.span, hint)
        known = self._program(program, record.get("module"))
        name, buckets = self._counter(counter)
        depth = self._depth(record.get("depth"), type_)
        since = self._since(record.get("version"), known)
        if chart_type is None or known is None or name is None:
            return ()
        issues = self._issues(record.issues)
        margin = self._margin(record.get("error"))
        kept = {"depth": depth, "version": since, "error": margin, "module": None}
        unwritten = [record.get(key) for key, item in kept.items() if item is None]
        unwritten += [
            issue for issue in record.issues if all(issue.span != item.span for item in issues)
        ]
        draft = DraftChart(
            program=_item(program),
            type=chart_type,
            type_item=_item(type_),
            title=_item(title),
            description=_item_or_none(record.get("description")),
            counter=name,
            buckets=buckets,
            depth=depth,
            issues=issues,
            since=since,
            margin=margin,
            after=(*_comments(unwritten), *record.after),
        )
        return self._as_collected(draft)

    def programs(self) -> Iterable[DraftProgram]:
        """Yield the programs in the order of the file."""
        for name, known in self._programs.items():
            scheme = Scheme.GO_TOOLCHAIN if is_toolchain(name) else Scheme.GO_MODULE
            module = None if is_toolchain(name) else guessed_module(name)
            if module is not None and known.module is not None:
                module = known.module.value
            yield DraftProgram(
                name=known.name,
                module=module,
                module_known=known.module is not None,
                versions=tuple(sorted(known.versions, key=scheme.sort_key)),
            )

    def _check_texts(self, record: Record) -> None:
        for key in _TEXTS:
            found, most = record.get(key), longest(key)
            if found is not None and len(found.value) > most:
                told = f"`{key}` has {len(found.value)} characters, of {most} allowed"
                self.report("CC131", told, found.span, "say it in fewer words")

    def _program(self, program: Field, module: Field | None) -> _Program | None:
        """Return what is known of a program, with its module if the record names one."""
        name = program.value
        if not re.search(pattern("program", "name"), name):
            hint = "write the path of the main package, such as golang.org/x/tools/gopls"
            self.report("CC131", f"`program` is no path: `{name}`", program.span, hint)
            return None
        known = self._programs.setdefault(name, _Program(_item(program)))
        if module is None:
            return known
        if is_toolchain(name):
            told = f"`{name}` comes with the toolchain: its module is left out"
            self.report("CC133", told, module.span, "delete `module`")
        elif why := why_invalid(module.value):
            told = f"the go command refuses the module path `{module.value}`: {why}"
            hint = "write the path of the module that holds the program"
            self.report("CC303", told, module.span, hint)
        elif name != module.value and not name.startswith(f"{module.value}/"):
            told = f"`{name}` is not in the module `{module.value}`"
            self.report("CC304", told, module.span, "write the first part of the program's name")
        elif known.module is not None and known.module.value != module.value:
            self.report(
                "CC132",
                f"`{name}` is in the module `{module.value}` here, and in "
                f"`{known.module.value}` before",
                module.span,
                "name the module that holds the program, in every record",
                ((known.module.span, "the other module"),),
            )
        else:
            known.module = known.module or module
        return known

    def _counter(self, counter: Field) -> tuple[Item | None, tuple[Item, ...]]:
        """Return the name and the buckets of a counter, without a name if it is refused."""
        value, brace, rest = counter.value.partition("{")
        name = value.removesuffix(":") if brace else value
        span = self._part(counter, 0, len(name)) if name else counter.span
        before = len(self.found)
        if brace and not value.endswith(":"):
            hint = f"write {value}:{{{rest}"
            self.report("CC203", "there is no colon before the buckets", counter.span, hint)
        elif brace and ":" in name:
            told = f"the counter's name `{name}` holds a bucket beside others"
            self.report("CC203", told, span, "move the bucket into the braces")
        elif not name:
            self.report("CC203", "the counter has no name", span, "write one before the colon")
        elif why := why_name_refused(name):
            told = f"the counter's name `{name}` {why}"
            self.report("CC203", told, span, suggested_name(name))
        buckets = self._buckets(counter, len(value) + 1) if brace else ()
        wrong = any(found.code in {"CC203", "CC204"} for found in self.found[before:])
        item = Item(text=name, span=span, before=counter.before, comment=counter.comment)
        return (None if wrong else item), buckets

    def _buckets(self, counter: Field, start: int) -> tuple[Item, ...]:
        close = counter.value.index("}")
        if close + 1 < len(counter.value):
            span = self._part(counter, close + 1, len(counter.value))
            told = f"the counter goes on after `}}`: `{counter.value[close + 1 :]}`"
            self.report("CC204", told, span, "end the counter at `}`")
        pieces = counter.value[start:close].split(",")
        if len(pieces) > _MOST_BUCKETS:
            told = f"{len(pieces):,} buckets, of {_MOST_BUCKETS:,} allowed"
            self.report("CC204", told, counter.span, "make several charts of them")
            return ()
        buckets: dict[str, Item] = {}
        notes = list(counter.notes)
        above: list[str] = []
        for index, piece in enumerate(pieces):
            # A comment belongs to the bucket that its line ends with; one alone to the next.
            last = index + 1 == len(pieces)
            end = start + len(piece) + (not last)
            above += [note.text for note in notes if note.at <= start]
            own = [
                note for note in notes if start < note.at and (last or note.at <= end - note.alone)
            ]
            notes = [note for note in notes if note.at > start and note not in own]
            bucket = self._bucket(counter, piece, start, buckets)
            if bucket is not None:
                text, span = bucket
                comment = "; ".join(note.text for note in own) if own else None
                buckets[text] = Item(text=text, span=span, before=tuple(above), comment=comment)
                above = []
            start = end
        return tuple(buckets.values())

    def _bucket(
        self, counter: Field, piece: str, start: int, known: dict[str, Item]
    ) -> tuple[str, Span] | None:
        """Return a bucket as a client should read it, or None if it is left out."""
        text = piece.strip(SPACE)
        begin = start + len(piece) - len(piece.lstrip(SPACE))
        span = self._part(counter, begin, begin + len(text)) if text else counter.span
        if not text:
            self.report("CC204", "an empty bucket", counter.span, "delete it, and its comma")
        elif why := why_bucket_refused(text):
            told = f"the bucket `{text}` {why}"
            self.report("CC204", told, span, suggested_bucket(text))
        elif text in known:
            self.report(
                "CC133",
                f"the bucket `{text}` is given twice; it is written once",
                span,
                "delete one of the two",
                ((known[text].span, "the first one"),),
            )
            return None
        elif text != piece:
            told = f"the bucket `{piece}` is written without white space, as programs count it"
            self.report("CC133", told, span, "delete the white space: clients read it as a part")
        return text, span

    def _part(self, counter: Field, start: int, end: int) -> Span:
        """Return where a part of a counter's value stands."""
        return self.document.span(counter.offsets[start], counter.offsets[end - 1] + 1)

    def _depth(self, depth: Field | None, type_: Field) -> Item | None:
        number = int(depth.value) if depth else 0
        if depth is None or number == 0:
            return None
        if number < 0:
            self.report("CC131", f"`depth` is {number}", depth.span, "write a positive number")
        elif type_.value != "stack":
            told = f"`depth` in a chart of type `{type_.value}`"
            self.report("CC131", told, depth.span, "delete it, or write `type: stack`")
        elif number > _MOST_DEPTH:
            told = f"`depth` is {number}, of {_MOST_DEPTH} frames at most"
            self.report("CC312", told, depth.span, f"write a number from 1 to {_MOST_DEPTH}")
        return _item(depth, text=str(number))

    def _since(self, version: Field | None, program: _Program | None) -> Item | None:
        """Return the first version, as releases are named."""
        if version is None or program is None:
            return None
        toolchain = is_toolchain(program.name.text)
        text = version.value if toolchain else canonical(version.value)
        if text is None or text == DEVEL or (not Scheme.GO_TOOLCHAIN.is_valid(text) and toolchain):
            meant = canonical(f"v{version.value}")
            like = "go1.23rc1" if toolchain else meant or "v0.13.0"
            told = f"`{version.value}` is no version of the program"
            self.report("CC308", told, version.span, f"write a version such as {like}")
            return None
        if text != version.value:
            told = f"{version.value} is written as {text}, as a release is called"
            self.report("CC133", told, version.span, f"write `version: {text}`")
        (self.toolchain if toolchain else program.versions).add(text)
        return _item(version, text=text)

    def _issues(self, issues: Iterable[Field]) -> tuple[Item, ...]:
        known: dict[str, Item] = {}
        for issue in issues:
            if not re.search(pattern("chart", "issues"), issue.value):
                hint = "write the whole address of the discussion, such as https://go.dev/issue/1"
                self.report("CC212", f"the issue `{issue.value}` is no address", issue.span, hint)
            elif issue.value in known:
                related = ((known[issue.value].span, "the first one"),)
                told = f"the issue `{issue.value}` is given twice; it is written once"
                self.report("CC133", told, issue.span, "delete one of the two", related)
            else:
                known[issue.value] = _item(issue)
        return tuple(known.values())

    def _margin(self, error: Field | None) -> tuple[Fraction, Item] | None:
        """Return the error rate as a margin, which it is in all that chartconfig computes."""
        if error is None:
            return None
        margin = Fraction(0)
        if len(error.value) <= _LONGEST_NUMBER and _SMALLEST <= float(error.value) < 1:
            margin = Fraction(Decimal(error.value))
        if margin == 0 or (margin * 10**DIGITS).denominator != 1:
            told = f"an error rate of {error.value} is left out: the default accuracy holds"
            hint = f"write a fraction above 0 and below 1, of at most {DIGITS} digits"
            self.report("CC133", told, error.span, hint)
            return None
        return margin, _item(error)

    def _as_collected(self, draft: DraftChart) -> Iterable[DraftChart]:
        """Return a chart as what is collected of it, which its type does not always say."""
        if draft.type is ChartType.STACK and draft.depth is None:
            self.report(
                "CC133",
                f"`{draft.counter.text}` is a stack without depth, which Go's tool collects as a "
                "plain counter: it becomes a partition",
                draft.type_item.span,
                "write `depth: 16` for call stacks, or `type: partition`",
            )
            return (replace(draft, type=ChartType.PARTITION),)
        if draft.type is ChartType.STACK and draft.buckets:
            self.report(
                "CC133",
                f"clients read no buckets in a stack's name: `{draft.counter.text}` becomes "
                + ("one chart" if len(draft.buckets) == 1 else f"{len(draft.buckets)} charts"),
                draft.counter.span,
                "write a record for each stack",
            )
            return tuple(self._stack(draft, bucket) for bucket in draft.buckets)
        if draft.type is ChartType.HISTOGRAM and not draft.buckets:
            told = "a histogram without buckets"
            hint = "write the buckets in order, or `type: partition`"
            self.report("CC131", told, draft.type_item.span, hint)
        return (draft,)

    def _stack(self, draft: DraftChart, bucket: Item) -> DraftChart:
        """Return the chart of one bucket of a stack; comments stay with the first."""
        name = f"{draft.counter.text}:{bucket.text}"
        title = f"{draft.title.text}: {bucket.text}"[: longest("title")]
        chart = replace(
            draft,
            buckets=(),
            counter=replace(bucket, text=name),
            title=replace(draft.title, text=title),
        )
        if bucket is draft.buckets[0]:
            before = (*draft.counter.before, *bucket.before)
            comments = [text for text in (bucket.comment, draft.counter.comment) if text]
            counter = replace(chart.counter, before=before, comment="; ".join(comments) or None)
            return replace(chart, counter=counter)
        return replace(
            chart,
            program=_bare(chart.program),
            type_item=_bare(chart.type_item),
            title=_bare(chart.title),
            description=_bare(chart.description) if chart.description else None,
            depth=_bare(chart.depth) if chart.depth else None,
            issues=tuple(map(_bare, chart.issues)),
            since=_bare(chart.since) if chart.since else None,
            margin=(chart.margin[0], _bare(chart.margin[1])) if chart.margin else None,
            after=(),
        )


def _item(found: Field, *, text: str | None = None) -> Item:
    value = found.value if text is None else text
    return Item(text=value, span=found.span, before=found.before, comment=found.comment)


def _item_or_none(found: Field | None) -> Item | None:
    return _item(found) if found else None


def _bare(item: Item) -> Item:
    """Return an item without its comments."""
    return Item(text=item.text, span=item.span)


def _comments(fields: Iterable[Field | None]) -> Iterable[str]:
    """Yield the comments of fields that have no key of their own."""
    for found in filter(None, fields):
        yield from found.before
        if found.comment is not None:
            yield found.comment
