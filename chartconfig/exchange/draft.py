"""Charts and programs as another format has them: what is known of each, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

    from chartconfig.charts.chart import ChartType
    from chartconfig.diagnostics.diagnostic import Diagnostic, Span
    from chartconfig.module.padding import Padding


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One value that is brought over, with the comments beside it."""

    text: str
    span: Span
    before: tuple[str, ...] = ()
    """Comments on lines of their own above it."""
    comment: str | None = None
    """The comment at its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftChart:
    """A chart, before it has an id, owners and an end."""

    program: Item
    """Its full name."""
    type: ChartType
    type_item: Item
    """What stands in the file of it, if anything does; its text is not written."""
    title: Item
    description: Item | None
    counter: Item
    buckets: tuple[Item, ...]
    depth: Item | None
    """Set for stacks."""
    issues: tuple[Item, ...]
    since: Item | None
    margin: tuple[Fraction, Item] | None
    """The margin that is asked for, a fraction in (0, 1)."""
    after: tuple[str, ...] = ()
    """Comments at the end."""

    @property
    def events(self) -> tuple[str, ...]:
        """The names of the single counters, as `Counter.events`."""
        name = self.counter.text
        return tuple(f"{name}:{bucket.text}" for bucket in self.buckets) or (name,)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftProgram:
    """A program that some of the charts are of."""

    name: Item
    module: str | None
    """None for a program of the toolchain."""
    module_known: bool
    """Whether the file says so."""
    versions: tuple[str, ...]
    """The versions that the file names, oldest first."""
    ahead: tuple[str, ...] = ()
    """Versions of the file that look like padding, oldest first; none of `versions`."""
    padding: Padding | None = None
    """That of `ahead`."""
    since: str | None = None
    """The first version that counts anything, if the file says so."""
    devel: bool = False
    """Whether development builds are collected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """Everything that a file says."""

    programs: tuple[DraftProgram, ...]
    """In the order in which the file names them."""
    charts: tuple[DraftChart, ...]
    """In the order of the file."""
    diagnostics: tuple[Diagnostic, ...]
    versions_known: bool
    """Whether the file lists the versions that are collected, not only some that there are."""
    toolchain: tuple[str, ...] = ()
    """The versions of the toolchain that the file names, oldest first."""
    goos: tuple[str, ...] = ()
    """The platforms collected from; empty if the file does not say."""
    goarch: tuple[str, ...] = ()
