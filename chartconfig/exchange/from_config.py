"""A collection config that exists to drafts of charts: one for each counter and stack.

The config says what is collected and nothing of why, so titles, descriptions, issues and the
modules of programs are filled in or assumed. Its rates are not taken over: they are computed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chartconfig.charts.chart import ChartType
from chartconfig.charts.counter import why_bucket_refused, why_name_refused
from chartconfig.collection.config import expand
from chartconfig.collection.encode import decode
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Position, Severity, Span
from chartconfig.errors import ChartconfigError
from chartconfig.exchange.draft import DraftChart, DraftProgram, Drafts, Item
from chartconfig.exchange.from_records import guessed_module, is_toolchain, longest, pattern
from chartconfig.module.padding import find_padding
from chartconfig.module.version import DEVEL, Scheme, canonical
from chartconfig.source.yaml import MAX_BYTES, too_large

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartconfig.collection.config import CollectionConfig, CounterConfig, ProgramConfig
    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.source.document import Document

_NAME = re.compile(r'(\t{3}|\t{5})"Name": (".*?"),?')
_MOST_DEPTH = 64


def read_config(document: Document) -> Drafts:
    """Return what a collection config says; with an error among the diagnostics, only a part."""
    if len(document.data) > MAX_BYTES:
        found = too_large(document)
        return Drafts(programs=(), charts=(), diagnostics=(found,), versions_known=True)
    try:
        config = decode(document.data, path=document.path)
    except ChartconfigError as error:
        hint = "name a config.json as it is published, to the last byte"
        broken = (replace(error.diagnostic, hint=hint),)
        return Drafts(programs=(), charts=(), diagnostics=broken, versions_known=True)
    reader = _Reader(names=_names(document))
    programs = [reader.program(program) for program in config.programs]
    reader.tell_rates(config, document)
    toolchain = tuple(reader.toolchain(config, document))
    if not reader.charts and not any(each.severity is Severity.ERROR for each in reader.found):
        hint = "name a config that collects something"
        told = "the config collects nothing"
        reader.found.append(report("CC107", told, document.span(0, 1), hint=hint))
    return Drafts(
        programs=tuple(programs),
        charts=tuple(reader.charts),
        diagnostics=tuple(reader.found),
        versions_known=True,
        toolchain=toolchain,
        goos=tuple(config.goos),
        goarch=tuple(config.goarch),
    )


def _names(document: Document) -> Iterator[Span]:
    """Yield where the names of programs, counters and stacks stand, in the order of the file.

    Only the canonical spelling is decoded, and that has each on a line of its own.
    """
    for number, line in enumerate(document.text.split("\n"), start=1):
        if match := _NAME.fullmatch(line):
            start, end = (Position(number, at + 1) for at in match.span(2))
            yield Span(document.path, start, end)


@dataclass(slots=True)
class _Family:
    """Counters of one chart name, or a single one."""

    item: Item
    buckets: list[Item] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    """One pass over the programs; `found` and `charts` grow as it goes."""

    names: Iterator[Span]
    found: list[Diagnostic] = field(default_factory=list)
    charts: list[DraftChart] = field(default_factory=list)
    _programs: set[str] = field(default_factory=set)

    def program(self, program: ProgramConfig) -> DraftProgram:
        """Return a program, after its charts."""
        name = Item(text=program.name, span=next(self.names))
        if not re.search(pattern("program", "name"), program.name):
            told = f"the program {_shown(program.name)} has no path for a name"
            self._report("CC131", told, name.span, "write the path of its main package")
        if program.name in self._programs:
            told = f"the program {_shown(program.name)} is listed twice"
            self._report("CC132", told, name.span, "put its counters into one program")
        self._programs.add(program.name)
        families: dict[str, _Family] = {}
        for counter in program.counters:
            self._counter(counter, families)
        for family in families.values():
            self.charts.append(self._chart(name, family))
        for stack in program.stacks:
            self._stack(name, stack)
        module = None if is_toolchain(program.name) else guessed_module(program.name)
        versions = () if module is None else tuple(self._versions(program, name.span))
        found = find_padding(versions, Scheme.GO_MODULE)
        if found:
            count = len(found.ahead)
            told = (
                f"{count} versions of {_shown(program.name)} are taken for not released yet: they "
                f"are what padding names after {found.newest}"
            )
            hint = "nothing is to be done: `chartconfig versions update` lists what did come out"
            self._report("CC134", told, name.span, hint)
        return DraftProgram(
            name=name,
            module=module,
            module_known=False,
            versions=tuple(v for v in versions if not found or v not in found.ahead),
            ahead=found.ahead if found else (),
            padding=found.padding if found else None,
            since=_oldest(program) if module is None else None,
            devel=DEVEL in program.versions,
        )

    def _counter(self, counter: CounterConfig, families: dict[str, _Family]) -> None:
        """Add a counter to its family, as a client expands it."""
        span = next(self.names)
        if not self._is_collected(counter, span):
            return
        for event in expand(counter.name):
            name, colon, bucket = event.partition(":")
            why = why_name_refused(name) if name else "is empty"
            if colon and not why:
                why = why_bucket_refused(bucket) if bucket else "ends with a colon"
            if why:
                told = f"the counter's name {_shown(event)} {why}"
                self._report("CC203", told, span, "no program counts it: delete it")
                continue
            key = f"{name}:" if colon else name
            family = families.setdefault(key, _Family(Item(text=name, span=span)))
            if any(item.text == bucket for item in family.buckets) or (
                not colon and family.item.span != span
            ):
                told = f"the counter {_shown(event)} is listed twice; it is written once"
                self._report("CC133", told, span, "delete one of the two")
            elif colon:
                family.buckets.append(Item(text=bucket, span=span))

    def _stack(self, program: Item, stack: CounterConfig) -> None:
        """Add the chart of a stack, which a client does not expand."""
        span = next(self.names)
        if not self._is_collected(stack, span):
            return
        if why := why_name_refused(stack.name) if stack.name else "is empty":
            told = f"the stack's name {_shown(stack.name)} {why}"
            self._report("CC203", told, span, "no program counts it: delete it")
        depth = stack.depth
        if not 1 <= depth <= _MOST_DEPTH:
            told = f"the stack {_shown(stack.name)} has a depth of {depth}"
            hint = f"write a depth from 1 to {_MOST_DEPTH}, or list it among the counters"
            self._report("CC312", told, span, hint)
        family = _Family(Item(text=stack.name, span=span))
        self.charts.append(self._chart(program, family, Item(text=str(depth), span=span)))

    def _is_collected(self, counter: CounterConfig, span: Span) -> bool:
        if counter.rate > 0:
            return True
        told = f"{_shown(counter.name)} has a rate of {counter.rate:g}: it is never collected"
        self._report("CC133", f"{told}, and left out", span, "delete it, or give it a rate")
        return False

    def _chart(self, program: Item, family: _Family, depth: Item | None = None) -> DraftChart:
        return DraftChart(
            program=program,
            type=ChartType.PARTITION if depth is None else ChartType.STACK,
            type_item=family.item,
            title=Item(
                text=f"Counter {family.item.text}"[: longest("title")], span=family.item.span
            ),
            description=None,
            counter=family.item,
            buckets=tuple(family.buckets),
            depth=depth,
            issues=(),
            since=None,
            margin=None,
        )

    def _versions(self, program: ProgramConfig, span: Span) -> Iterator[str]:
        """Yield the versions that a release can have."""
        for version in dict.fromkeys(program.versions):
            if version == DEVEL:
                continue
            if canonical(version) == version.removesuffix("+incompatible"):
                yield version
            else:
                told = f"{_shown(version)} is no version of a module, and left out"
                self._report("CC133", told, span, "no installation reports it: delete it")

    def toolchain(self, config: CollectionConfig, document: Document) -> Iterator[str]:
        """Yield the versions of the toolchain, those of its programs among them."""
        listed = [*config.go_versions]
        for program in config.programs:
            listed += program.versions if is_toolchain(program.name) else ()
        for version in dict.fromkeys(listed):
            if version == DEVEL:
                continue
            if Scheme.GO_TOOLCHAIN.is_valid(version):
                yield version
            else:
                told = f"{_shown(version)} is no version of Go, and left out"
                span = document.span(0, 0)
                at = document.text.find(json.dumps(version))
                if at >= 0:
                    span = document.span(at, at + len(json.dumps(version)))
                self._report("CC133", told, span, "no installation reports it: delete it")

    def tell_rates(self, config: CollectionConfig, document: Document) -> None:
        """Say that rates are not taken over."""
        at = document.text.find('"SampleRate"')
        told = f"the rates are not taken over, nor is the SampleRate of {config.sample_rate:g}"
        hint = "each chart says how accurate its answer must be, and its rate is computed"
        self._report("CC133", told, document.span(at, at + len('"SampleRate"')), hint)

    def _report(self, code: str, message: str, span: Span, hint: str) -> None:
        self.found.append(report(code, message, span, hint=hint))


def _oldest(program: ProgramConfig) -> str | None:
    """Return the first version of a program of the toolchain: from it on, all are collected."""
    valid = [v for v in program.versions if v != DEVEL and Scheme.GO_TOOLCHAIN.is_valid(v)]
    return min(valid, key=Scheme.GO_TOOLCHAIN.sort_key, default=None)


def _shown(text: str) -> str:
    return f"`{text[:80]}`"
