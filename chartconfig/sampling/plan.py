"""The plan over all charts: each chart's rate, the limits on it, and what does not fit.

A rate is what the accuracy asks of the population's `low`, rounded up to four significant digits,
and at most the limit. The samples are nested, since one random number a report is compared with
every rate: an installation reports as often as the largest rate says, and a counter that several
charts need has the largest of theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

from chartconfig.sampling.accuracy import Accuracy, Margin
from chartconfig.sampling.required import (
    Method,
    Question,
    floor,
    group_size,
    improved,
    in_each_group,
    method,
    population_needed,
    reachable,
    required_rate,
    sample_size,
    suffices,
    value_of,
    weeks_needed,
)
from chartconfig.sampling.rounding import round_down, round_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from fractions import Fraction

    from chartconfig.sampling.population import Population

WEEKS_A_YEAR = 52

LimitName: TypeAlias = Literal["cap", "max_reports_per_year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What no rate may exceed."""

    cap: Fraction
    """The share of weeks in which an installation looks at the config at all; in (0, 1]."""
    max_reports_per_year: Fraction | None = None
    """Of one installation, positive; None for no limit."""

    @property
    def binding(self) -> LimitName:
        """The limit that is the lower one; the cap if they are equal."""
        budget = self.max_reports_per_year
        tighter = budget is not None and budget / WEEKS_A_YEAR < self.cap
        return "max_reports_per_year" if tighter else "cap"

    @property
    def rate(self) -> float:
        """The largest rate of four significant digits within both limits.

        Examples:
            >>> from fractions import Fraction
            >>> Limits(cap=Fraction(1, 10), max_reports_per_year=Fraction(4)).rate
            0.07692
        """
        budget = self.max_reports_per_year
        return round_down(self.cap if budget is None else min(self.cap, budget / WEEKS_A_YEAR))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What one chart asks for, as far as sampling is concerned."""

    key: str
    """Whatever the caller knows it by; the chart's id."""
    accuracy: Accuracy
    population: Population
    buckets: int
    """How many shares are published; at least 1."""
    exclusive: bool
    """Whether an installation holds exactly one of them."""
    counters: tuple[tuple[str, str], ...]
    """Program's full name and counter's name, of each counter that is collected for it."""
    mean: bool = False
    """Whether a margin is that of the mean of a value in [0, 1], not of a share."""
    accept_shortfall: bool = False
    """Whether the chart says `shortfall: accept`; it is planned at the limit either way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """A target that the limit does not allow, and three ways out, each computed like a rate."""

    limit: float
    """The rate that is not enough."""
    binding: LimitName
    """Which limit that is."""
    required: float | None
    """The least rate for the accuracy; None if none would do."""
    reachable: float | None
    """The margin, or share to detect, that the limit gives for `low`: three digits, rounded up."""
    weeks: int | None
    """The fewest weeks to pool, with everything else as it is; None if no number would do."""
    population: int | None
    """The smallest `low` that would do, with everything else as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRate:
    """One chart's rate, and every number that it takes to follow how it came about."""

    required: float | None
    """The least rate for the accuracy, before rounding and limits; None if none would do."""
    rate: float
    """As emitted: four significant digits, at most the limit; in (0, 1]."""
    limit: float
    shortfall: Shortfall | None
    planning_population: int
    """N: the smallest group of `low`, times the weeks; installation-weeks."""
    method: Method
    """Closed form, or exact calculation."""
    sample_size: float | None
    """n0 of the closed form r = n0/(N + n0), reports; None where the rate has another form."""
    floor: float | None
    """The rate at which anything at all is reported with the confidence, or for a relative margin
    anything of the smallest share; None for a change, and if N is 0."""
    expected_reports: float
    """In a week, from all of `likely`."""
    achieved_at_low: float | None
    """The margin, or share to detect, that is promised for `low`: what was asked, or what a
    shortfall leaves; None if that is nothing."""
    achieved_at_likely: float | None
    """What `rate` gives for `likely`: three digits, rounded up; in closed form for a margin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All charts together."""

    rates: tuple[PlannedRate, ...]
    """In the order of the targets."""
    counter_rates: Mapping[tuple[str, str], float]
    """By program's full name and counter's name: the largest rate of the charts that need it."""
    sample_rate: float
    """The largest rate of all; 0 if there are no charts."""

    @property
    def reports_per_year(self) -> float:
        """Expected reports of one installation that runs everything, in 52 weeks."""
        return WEEKS_A_YEAR * self.sample_rate


def plan(targets: Sequence[Target], *, limits: Limits) -> Plan:
    """Return the rate of each target, of each counter, and of all together.

    Args:
        targets: In any order; equal questions are computed once.
        limits: What no rate may exceed.
    """
    return together(targets, [plan_rate(target, limits=limits) for target in targets])


def together(targets: Sequence[Target], rates: Iterable[PlannedRate]) -> Plan:
    """Return the plan in which each target has its rate.

    Args:
        targets: In any order.
        rates: Theirs, in the same order.
    """
    rates = tuple(rates)
    counters: dict[tuple[str, str], float] = {}
    for target, planned in zip(targets, rates, strict=True):
        for counter in target.counters:
            counters[counter] = max(planned.rate, counters.get(counter, 0.0))
    return Plan(
        rates=rates,
        counter_rates=MappingProxyType(counters),
        sample_rate=max((planned.rate for planned in rates), default=0.0),
    )


def find_shortfall(target: Target, *, limits: Limits) -> Shortfall | None:
    """Return why a target cannot be met within the limits, and the ways out; None if it can.

    Cheaper than planning: most targets are met in closed form, whatever their rate is.

    Args:
        target: What is asked.
        limits: What no rate may exceed.
    """
    return _shortfall(question_of(target), target.population.low, limits)


def plan_rate(target: Target, *, limits: Limits) -> PlannedRate:
    """Return the rate of one target.

    Args:
        target: What is asked.
        limits: What no rate may exceed.
    """
    return _plan(question_of(target), target.population, limits)


def question_of(target: Target) -> Question:
    """Return the question of a target, without what does not matter to its rate.

    Args:
        target: What is asked.
    """
    accuracy = in_each_group(target.accuracy)
    if isinstance(accuracy, Margin) and accuracy.guaranteed and not target.mean:
        accuracy = replace(accuracy, guaranteed=False)  # a share's margin is guaranteed as it is
    if isinstance(accuracy, Margin) and accuracy.simultaneous:
        return Question(accuracy=accuracy, buckets=target.buckets, exclusive=target.exclusive)
    return Question(accuracy=accuracy)


@cache
def _shortfall(question: Question, low: int, limits: Limits) -> Shortfall | None:
    limit = limits.rate
    if suffices(limit, question, installations=low, exactly=False):
        return None
    required = required_rate(question, installations=low)
    if required is not None and required <= limit:
        return None
    return Shortfall(
        limit=limit,
        binding=limits.binding,
        required=required,
        reachable=reachable(limit, question, installations=low),
        weeks=weeks_needed(limit, question, installations=low),
        population=population_needed(limit, question),
    )


@cache
def _plan(question: Question, population: Population, limits: Limits) -> PlannedRate:
    accuracy = question.accuracy
    low = population.low
    limit = limits.rate
    shortfall = _shortfall(question, low, limits)
    required: float | None
    at_low: float | None
    if shortfall is None:
        required = required_rate(question, installations=low)
        assert required is not None
        rate, at_low = min(round_up(required), limit), float(value_of(accuracy))
    else:
        required, rate, at_low = shortfall.required, limit, shortfall.reachable
    at_likely = improved(at_low, rate, question, installations=low, more=population.likely)
    planning_population = group_size(accuracy, low) * accuracy.weeks
    return PlannedRate(
        required=required,
        rate=rate,
        limit=limit,
        shortfall=shortfall,
        planning_population=planning_population,
        method=method(question, installations=low),
        sample_size=sample_size(question, installations=low),
        floor=floor(question, installations=low),
        expected_reports=rate * population.likely,
        achieved_at_low=at_low,
        achieved_at_likely=at_likely,
    )
