"""Chart, the value that the rest of the pipeline reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from fractions import Fraction

    from chartconfig.charts.counter import Counter
    from chartconfig.sampling.accuracy import Accuracy
    from chartconfig.source.document import Document


class ChartType(Enum):
    """What is drawn."""

    PARTITION = "partition"
    """The share of installations that used each bucket in the week."""
    HISTOGRAM = "histogram"
    """The distribution of one value for each installation over ordered buckets."""
    RATIO = "ratio"
    """The distribution of each installation's own numerator over its own denominator."""
    STACK = "stack"
    """Call stacks of rare events."""


@dataclass(frozen=True, slots=True)
class Ignore:
    """A finding that does not apply to a chart."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One file of charts/: a question put to installations."""

    id: str
    """`<program>/<chart>`, from the file's path."""
    title: str
    description: str
    type: ChartType
    program: str
    """The id of the program that counts."""
    counters: tuple[Counter, ...]
    """One; for a ratio, the numerator and the denominator."""
    exclusive: bool
    """Whether an installation can have only one of the buckets."""
    quantile: Fraction | None
    """Which bucket of its own week an installation contributes; set for histograms."""
    depth: int
    """The frames of a stack that are collected; 0 for other types."""
    expected_shares: tuple[tuple[str, Fraction], ...]
    issues: tuple[str, ...]
    owners: tuple[str, ...]
    since: str | None
    """The first version of the program that has the counter; None when all have."""
    expires: date | None
    """The last day of collection; None is never."""
    reason: str | None
    """Why it never expires."""
    accuracy: Accuracy
    has_own_accuracy: bool
    """Whether the chart's file says so, not the default of its type."""
    shortfall_accepted: bool
    ignores: tuple[Ignore, ...]
    document: Document

    def expired(self, on: date) -> bool:
        """Return whether the chart is no longer collected on a day."""
        return self.expires is not None and self.expires < on
