"""A program that counts: its names, its module, its versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartconfig.module.version import Scheme

if TYPE_CHECKING:
    from chartconfig.source.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Padding:
    """How many versions ahead of the newest release the version lock names."""

    releases: int = 0
    major: int = 0
    minor: int = 0
    patch: int = 0
    prereleases: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One file of programs/."""

    id: str
    title: str
    name: str
    """In full, as reports have it: the path of the main package."""
    module: str | None
    """Whose versions the program has; None for a program of the toolchain."""
    prefixes: tuple[str, ...]
    """The first parts of its counters' names."""
    since: str | None
    """The first version that counts anything; None when all do."""
    devel: bool
    """Whether development builds are collected too."""
    population: str
    """The key of its entry in populations.yaml."""
    padding: Padding | None
    document: Document

    @property
    def is_toolchain(self) -> bool:
        """Whether it comes with the toolchain, whose versions it then has."""
        return self.name.startswith("cmd/")

    @property
    def scheme(self) -> Scheme:
        """How its versions are written and ordered."""
        return Scheme.GO_TOOLCHAIN if self.is_toolchain else Scheme.GO_MODULE
