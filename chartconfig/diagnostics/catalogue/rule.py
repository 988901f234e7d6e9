"""What a code means: the entry that `explain CODE` prints and docs/diagnostics/ is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chartconfig.diagnostics.diagnostic import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One code of the catalogue; codes are for ever, a retired one is not reused."""

    code: str
    """`CC` and three digits."""
    name: str
    """What was found, in words joined by hyphens."""
    severity: Severity
    finds: str
    """What is found, in one sentence."""
    why: str
    """Why it matters, and to whom."""
    file: str
    """The file of the example, relative to the config repository; empty for a shell session."""
    before: str
    """Top-level keys of that file with the mistake, or all of it; see `whole`."""
    after: str
    """The same without the mistake."""
    ignorable: bool = True
    """Whether a chart may ignore it, with a reason; what protects installations may not be."""
    whole: bool = False
    """Whether `before` and `after` are the whole file, not keys of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retired:
    """A code that nothing is reported under any more, for whoever meets it in an old log."""

    code: str
    name: str
    why: str
    """What it found, and why that can no longer be, in a few sentences."""
    see: str
    """The code that comes nearest to it."""
