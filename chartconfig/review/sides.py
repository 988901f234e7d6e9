"""What a difference is between: two configs, each with as much as is known of where it is from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chartconfig.charts.numbers import cleaned
from chartconfig.collection.compile import NEVER
from chartconfig.collection.config import expand
from chartconfig.diagnostics.diagnostic import Position, Span
from chartconfig.review.diff import limit_of
from chartconfig.review.inflight import Accepted
from chartconfig.review.meaning import events_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from chartconfig.charts.repository import Repository
    from chartconfig.charts.retired import Retirement
    from chartconfig.collection.charts_json import Entry
    from chartconfig.collection.config import CollectionConfig
    from chartconfig.review.compiled import Compiled
    from chartconfig.review.diff import Event
    from chartconfig.source.document import Document

_WEEKS = 52


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two."""

    name: str
    """As it was asked for: a revision, a path, `the work tree`."""
    compiled: Compiled
    """All of its files, or config.json alone."""
    repository: Repository | None = None
    """What it was compiled from, where that is at hand."""
    on: date | None = None
    """The day for which it was; None where nobody says so."""

    @property
    def config(self) -> CollectionConfig:
        """What clients read."""
        return self.compiled.config

    @property
    def files(self) -> Mapping[str, bytes]:
        """Its compiled files."""
        return self.compiled.files

    @property
    def charts(self) -> Mapping[str, Entry] | None:
        """Its charts by id; None where only config.json is known."""
        return self.compiled.charts if "charts.json" in self.files else None

    @property
    def retired(self) -> tuple[Retirement, ...]:
        """What is collected no longer and still accepted."""
        return self.compiled.retired if "charts.json" in self.files else ()

    @cached_property
    def accepted(self) -> Accepted:
        """What a server accepts."""
        return Accepted(self.config, self.retired)

    @cached_property
    def asking(self) -> Mapping[tuple[str, Event], Entry]:
        """The chart that decides the rate of each counter: of those that ask, the most often."""
        found: dict[tuple[str, Event], Entry] = {}
        for entry in (self.charts or {}).values():
            for event in events_of(entry):
                at = entry["program"], event
                if at not in found or entry["rate"] > found[at]["rate"]:
                    found[at] = entry
        return found

    @property
    def totals(self) -> dict[str, object]:
        """What all of it asks of an installation; `charts` is None where none are known."""
        config = self.config
        counters = {
            (p.name, name) for p in config.programs for c in p.counters for name in expand(c.name)
        }
        stacks = {
            (program.name, stack.name) for program in config.programs for stack in program.stacks
        }
        rate = limit_of(config)
        rate = 0.0 if rate <= NEVER else rate
        return {
            "charts": None if self.charts is None else len(self.charts),
            "counters": len(counters) + len(stacks),
            "sample_rate": rate,
            "reports_per_year": cleaned(_WEEKS * rate),
            "config_bytes": len(self.files["config.json"]),
        }

    def chart_line(self, chart: str, *keys: str, word: str = "") -> Span | None:
        """Return where a chart says the first of some keys that it has, or else where it begins.

        Args:
            chart: Its id.
            keys: Top-level keys of its file.
            word: What stands there, on one of the lines of the key, if it does.
        """
        repository = self.repository
        for each in repository.charts if repository else ():
            if each.id == chart:
                return line_of(each.document, *keys, word=word) or first_line(each.document)
        return None

    def population_line(self, chart: str) -> Span | None:
        """Return where the population of a chart is estimated."""
        repository = self.repository
        for each in repository.charts if repository else ():
            if repository and each.id == chart:
                key = repository.program(each).population
                return line_of(repository.populations_document, key)
        return None

    def program_line(self, name: str) -> Span | None:
        """Return where a program is described."""
        repository = self.repository
        for program in repository.programs.values() if repository else ():
            if program.name == name:
                return line_of(program.document, "name") or first_line(program.document)
        return None


def line_of(document: Document, *keys: str, word: str = "") -> Span | None:
    """Return the line of the first of some top-level keys that a YAML file has."""
    lines = document.text.split("\n")
    for key in keys:
        for at, line in enumerate(lines):
            if re.match(rf"[\"']?{re.escape(key)}[\"']?\s*:", line):
                return _whole_line(document, at + 1 + _further(lines[at:], word))
    return None


def first_line(document: Document) -> Span:
    """Return the first line of a file that is no comment."""
    lines = document.text.split("\n")
    passed_over = ("#", "%", "---")
    said = (at for at, line in enumerate(lines) if line.strip())
    at = next((at for at in said if not lines[at].startswith(passed_over)), 0)
    return _whole_line(document, at + 1)


def _further(lines: list[str], word: str) -> int:
    """Return how many lines below its key a word stands; 0 where it does not."""
    pattern = re.compile(rf"(?<![\w.-]){re.escape(word)}(?![\w.-])")
    for at, line in enumerate(lines):
        if at and line[:1].strip() and line[0] not in "-#]":
            break
        if word and pattern.search(line):
            return at
    return 0


def _whole_line(document: Document, number: int) -> Span:
    length = len(document.text.split("\n")[number - 1].rstrip("\r"))
    return Span(document.path, Position(number, 1), Position(number, length + 1))
