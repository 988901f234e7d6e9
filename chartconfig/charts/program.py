"""A program that counts: its names, its module, its versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartconfig.module.version import Scheme

if TYPE_CHECKING:
    from chartconfig.charts.versions import Source
    from chartconfig.module.padding import Padding
    from chartconfig.source.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One file of programs/."""

    id: str
    title: str
    name: str
    """In full, as reports have it: the path of the main package."""
    module: str | None
    """Whose versions the program has; None for one of the toolchain, or of another language."""
    source: Source
    """Where its versions are looked up."""
    prefixes: tuple[str, ...]
    """The first parts of its counters' names."""
    since: str | None
    """The first version that counts anything; None when all do."""
    devel: bool
    """Whether development builds are collected too."""
    population: str
    """The key of its entry in populations.yaml."""
    padding: Padding
    """How far ahead the version lock names versions."""
    document: Document

    @property
    def is_toolchain(self) -> bool:
        """Whether it comes with the toolchain, whose versions it then has."""
        return self.name.startswith("cmd/")

    @property
    def scheme(self) -> Scheme:
        """How its versions are written and ordered."""
        if self.is_toolchain:
            return Scheme.GO_TOOLCHAIN
        return Scheme.GO_MODULE if self.module else self.source.scheme
