"""What no schema can say: checks on charts, counters, programs, sampling, privacy, lifecycle."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from chartconfig.checks import charts, counters, lifecycle, privacy, programs, sampling

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from chartconfig.charts.repository import Repository
    from chartconfig.diagnostics.diagnostic import Diagnostic


_SLOW_WARNINGS = frozenset({counters.similar_counters})
"""Checks that take time, and find nothing for which charts do not compile."""


def run(
    repository: Repository, *, on: date, complete: bool, in_full: bool = True
) -> Iterator[Diagnostic]:
    """Yield what every check finds, but for those on the plan.

    Args:
        repository: What was parsed.
        on: The day for which it is judged.
        complete: Whether every file could be read; if not, what is absent is not reported.
        in_full: Whether to look for all; if not, warnings that take time are left out.
    """
    for check in chain(
        charts.CHECKS, counters.CHECKS, programs.CHECKS, sampling.CHECKS, privacy.CHECKS
    ):
        if in_full or check not in _SLOW_WARNINGS:
            yield from check(repository)
    if complete:
        for check in programs.COMPLETE_CHECKS:
            yield from check(repository)
    yield from lifecycle.expiry(repository, on)
    yield from sampling.population_age(repository, on)
