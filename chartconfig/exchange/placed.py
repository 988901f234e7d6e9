"""What drafts become in a config repository, and what is wished for on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from chartconfig.diagnostics.diagnostic import Diagnostic, Span
    from chartconfig.exchange.draft import DraftChart, Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What whoever imports wants to stand in every chart."""

    expires: date
    expires_assumed: bool
    """Whether nobody has named that day."""
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedChart:
    """A chart's file, and where its keys come from."""

    path: str
    text: str
    draft: DraftChart

    def source(self, key: str) -> Span:
        """Return where a key of the file comes from; the counter, for what comes from nowhere."""
        draft = self.draft
        sources: dict[str, Item | None] = {
            "title": draft.title,
            "description": draft.description,
            "type": draft.type_item,
            "program": draft.program,
            "depth": draft.depth,
            "issues": next(iter(draft.issues), None),
            "since": draft.since,
            "accuracy": draft.margin[1] if draft.margin else None,
        }
        return (sources.get(key) or draft.counter).span


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What is to be written."""

    charts: tuple[PlacedChart, ...]
    programs: Mapping[str, str]
    """The files of programs that are new, by path."""
    populations: str
    """The entries of populations.yaml that are new."""
    versions: Mapping[str, str]
    """The entries of versions.lock.yaml below `programs` that are new, by id."""
    toolchain: str
    """The entry `toolchain` of a new versions.lock.yaml."""
    diagnostics: tuple[Diagnostic, ...]
