"""What went wrong, where, and what to do: the one report type.

Checks yield diagnostics, parsers yield them, exceptions carry one, and the command line renders
them. A diagnostic is a plain value; nothing here formats or prints.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum


class Severity(Enum):
    """How much a diagnostic weighs."""

    ERROR = "error"
    """Nothing is compiled while it stands."""
    WARNING = "warning"
    """`check` fails; `compile` goes on."""
    INFO = "info"
    """Worth knowing; nothing fails."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a text: line and column, both from 1, columns counted in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one file, from `start` up to and not including `end`.

    `path` is relative to the repository, with forward slashes.
    """

    path: str
    start: Position
    end: Position

    def __str__(self) -> str:
        """Return `path:line:column`, the form that terminals and editors make a link of."""
        return f"{self.path}:{self.start.line}:{self.start.column}"

    def below(self, folder: str) -> Span:
        """Return it with the path that it has for whoever stands above a folder.

        Args:
            folder: A path that ends with a slash; "" where nobody stands above.
        """
        return replace(self, path=f"{folder}{self.path}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One finding."""

    code: str
    """`CC` and three digits; `chartconfig.diagnostics.catalogue` has an entry for each."""
    severity: Severity
    message: str
    """What is there, in one line that stands alone."""
    span: Span | None
    """Where; None when no file is to blame."""
    hint: str | None = None
    """What to write instead."""
    related: tuple[tuple[Span, str], ...] = ()
    """The other places involved, each with what it has to do with this."""

    def below(self, folder: str) -> Diagnostic:
        """Return it with the paths that its places have for whoever stands above a folder."""
        return replace(
            self,
            span=self.span and self.span.below(folder),
            related=tuple((place.below(folder), what) for place, what in self.related),
        )
