"""A plan that fits a budget of reports: every margin widened by one factor, no more than it takes.

A margin that is λ times as wide needs a λ²-th of the reports: in odds, N r/(1 - r) = n0 becomes
n0/λ². So every rate is known when λ is, and λ follows from the largest rate and the budget. What
is to be detected takes reports, not their root, so the share that can be detected grows by λ².

Samples are nested: a program reports as often as its most frequent chart. A chart below that gets
back what it gave up, as far as that costs no report.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING

from chartconfig.sampling.plan import (
    Limits,
    Plan,
    PlannedRate,
    Target,
    plan_rate,
    question_of,
    together,
)
from chartconfig.sampling.required import improved, reachable
from chartconfig.sampling.rounding import round_up

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

_ALMOST_ALL = 0.9999
"""The largest rate of four digits below 1, for which odds would be infinite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """Rates within a limit."""

    widening: float
    """λ, at least 1; exactly 1 if all rates were within the limit."""
    rates: tuple[float, ...]
    """In the order of the rates that were to be fitted; none is above its own."""


def fit(rates: Sequence[tuple[str, float]], *, limit: float) -> Fitted:
    """Return the rates that remain when all margins are widened by one factor, to fit a limit.

    Args:
        rates: For each chart its program, and the rate that it asks for; in (0, 1].
        limit: The largest rate that there may be, of four significant digits; in (0, 1].

    Returns:
        λ, and for each chart its widened rate, rounded up, or what it asks for as far as that is
        not above the largest widened rate of its program.

    Examples:
        Two charts of one program need odds of 1/9 and 1/99, and one of another 1/99; the limit
        allows 1/24. So λ² = 24/9, and only the other program's chart must give something up.

        >>> fit([("a", 0.1), ("a", 0.01), ("b", 0.01)], limit=0.04)
        Fitted(widening=1.632993161855452, rates=(0.04, 0.01, 0.003774))
    """
    largest = max((rate for _, rate in rates), default=0.0)
    if largest <= limit:
        return Fitted(widening=1.0, rates=tuple(rate for _, rate in rates))
    squared = _odds(largest) / _odds(limit)
    widened = [min(round_up(_widened(rate, squared)), limit) for _, rate in rates]
    cuts: dict[str, float] = {}
    for (program, _), rate in zip(rates, widened, strict=True):
        cuts[program] = max(rate, cuts.get(program, 0.0))
    return Fitted(
        widening=sqrt(squared),
        rates=tuple(min(rate, cuts[program]) for program, rate in rates),
    )


def _odds(rate: float) -> float:
    rate = min(rate, _ALMOST_ALL)
    return rate / (1 - rate)


def _widened(rate: float, squared: float) -> float:
    odds = _odds(rate) / squared
    return odds / (1 + odds)


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetPlan:
    """The plan that fits a budget, and what that took."""

    widening: float
    """λ, at least 1."""
    plan: Plan


def plan_for_budget(
    targets: Sequence[Target], *, limits: Limits, reports_per_year: Fraction
) -> BudgetPlan:
    """Return a plan that asks one installation for no more reports a year than a budget.

    Where the budget is too small for what is asked, each chart is promised what its rate then
    gives, computed from that rate. A chart that the cap alone keeps from what it asks starts at the
    cap, and one that accepts its shortfall at the limits that it accepts, so that nobody gives way
    to a chart that cannot be had.

    Args:
        targets: Each with the full name of its program in its counters.
        limits: What no rate may exceed without the budget, which takes the place of
            `max_reports_per_year`.
        reports_per_year: Of one installation that runs everything; positive.
    """
    accepted = limits.max_reports_per_year
    if accepted is not None:
        accepted = max(accepted, reports_per_year)
    asked = [
        plan_rate(
            target,
            limits=Limits(
                cap=limits.cap,
                max_reports_per_year=accepted if target.accept_shortfall else None,
            ),
        )
        for target in targets
    ]
    fitted = fit(
        [
            (target.counters[0][0], planned.rate)
            for target, planned in zip(targets, asked, strict=True)
        ],
        limit=Limits(cap=limits.cap, max_reports_per_year=reports_per_year).rate,
    )
    given = zip(targets, asked, fitted.rates, strict=True)
    rates = [_at_rate(target, planned, rate) for target, planned, rate in given]
    return BudgetPlan(widening=fitted.widening, plan=together(targets, rates))


def _at_rate(target: Target, planned: PlannedRate, rate: float) -> PlannedRate:
    """Return what a target gets at a lower rate than it was planned with."""
    if rate == planned.rate:
        return planned
    question, population = question_of(target), target.population
    low, likely = population.low, population.likely
    at_low = reachable(rate, question, installations=low)
    return replace(
        planned,
        rate=rate,
        expected_reports=rate * likely,
        achieved_at_low=at_low,
        achieved_at_likely=improved(at_low, rate, question, installations=low, more=likely),
    )
