"""What one target accuracy asks of one population: one door to the modules that know each kind.

Weeks that are pooled make installation-weeks of installations, whether or not what is counted
persists from week to week; only what is to be detected is counted before it is multiplied.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeGuard

from chartconfig.sampling import detection, distribution, proportion, simultaneous
from chartconfig.sampling.accuracy import Accuracy, Detect, DistributionMargin, Margin
from chartconfig.sampling.inverse import least_count, least_margin

if TYPE_CHECKING:
    from fractions import Fraction
from math import ceil

Computed: TypeAlias = Margin | Detect | DistributionMargin
"""The kinds of accuracy for which a rate is computed."""

Method: TypeAlias = Literal["closed form", "exact"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An accuracy, and what else its rate depends on but the number of installations."""

    accuracy: Computed
    buckets: int = 1
    """How many shares are published; at least 1. Matters to a simultaneous margin only."""
    exclusive: bool = False
    """Whether an installation holds exactly one bucket."""


def is_computed(accuracy: Accuracy) -> TypeGuard[Computed]:
    """Return whether a rate is computed for this kind of accuracy."""
    return isinstance(accuracy, Computed)


def value_of(accuracy: Computed) -> Fraction:
    """Return what `reachable` replaces: the margin, or the share to detect."""
    match accuracy:
        case Margin():
            return accuracy.margin
        case Detect():
            return accuracy.detect
        case DistributionMargin():
            return accuracy.distribution_margin


def group_size(accuracy: Accuracy, installations: int) -> int:
    """Return how many installations the smallest group has, for which the promise must hold.

    Args:
        accuracy: Of any kind.
        installations: The whole population; at least 0.
    """
    return (
        installations
        if accuracy.smallest_group is None
        else int(accuracy.smallest_group * installations)
    )


def required_rate(question: Question, *, installations: int) -> float | None:
    """Return the least sample rate that the accuracy needs, before rounding.

    Args:
        question: What is asked.
        installations: The whole population in a week; at least 0. Its smallest group is planned.

    Returns:
        A rate in (0, 1], or None if no rate would do.
    """
    accuracy = question.accuracy
    group = group_size(accuracy, installations)
    population = group * accuracy.weeks
    if population == 0:
        return None
    confidence = accuracy.confidence
    match accuracy:
        case Detect():
            return detection.sample_rate(
                reports=accuracy.reports,
                confidence=confidence,
                chances=detection.chances(accuracy.detect, population=group, weeks=accuracy.weeks),
            )
        case DistributionMargin(distribution_margin=margin):
            return distribution.sample_rate(margin, confidence=confidence, population=population)
        case Margin(margin=margin, simultaneous=True):
            return simultaneous.sample_rate(
                margin,
                confidence=confidence,
                population=population,
                buckets=question.buckets,
                exclusive=question.exclusive,
            )
        case Margin(margin=margin):
            return proportion.sample_rate(margin, confidence=confidence, population=population)


def sample_size(question: Question, *, installations: int) -> float | None:
    """Return n0 of r = n0/(N + n0), reports that an infinite population would need.

    Args:
        question: What is asked.
        installations: The whole population in a week; at least 0.

    Returns:
        Reports; None where the rate is not computed in this form, or there is nobody.
    """
    accuracy = question.accuracy
    population = group_size(accuracy, installations) * accuracy.weeks
    match accuracy:
        case DistributionMargin(distribution_margin=margin):
            return distribution.sample_size(margin, confidence=accuracy.confidence)
        case Margin(margin=margin) if population > 0:
            single = one_bucket_confidence(question)
            if single is None:
                size = simultaneous.sample_size(
                    margin, confidence=accuracy.confidence, population=population
                )
                return size if size <= population else None
            if proportion.is_closed(margin, confidence=single, population=population):
                return proportion.closed_form(margin, confidence=single, population=population).size
    return None


def method(question: Question, *, installations: int) -> Method:
    """Return how the rate is computed.

    Args:
        question: What is asked.
        installations: The whole population in a week; at least 0.
    """
    accuracy = question.accuracy
    if isinstance(accuracy, Detect):
        return "closed form" if accuracy.reports == 1 else "exact"
    size = sample_size(question, installations=installations)
    return "exact" if size is None else "closed form"


def one_bucket_confidence(question: Question) -> Fraction | None:
    """Return the confidence for one bucket that the question comes down to.

    Returns:
        A fraction in (0, 1); None for anything but a margin, and for three or more exclusive
        buckets at once, which have a sample size of their own.
    """
    accuracy = question.accuracy
    if not isinstance(accuracy, Margin):
        return None
    if not accuracy.simultaneous:
        return accuracy.confidence
    return simultaneous.one_bucket_confidence(
        accuracy.confidence, buckets=question.buckets, exclusive=question.exclusive
    )


def suffices(rate: float, question: Question, *, installations: int, exactly: bool = True) -> bool:
    """Return whether the rate is enough for the accuracy, without computing what is plain.

    Args:
        rate: A fraction in (0, 1].
        question: What is asked.
        installations: The whole population in a week; at least 0.
        exactly: Whether to compute what the closed form for a share leaves open, rather than to
            deny it.
    """
    accuracy = question.accuracy
    population = group_size(accuracy, installations) * accuracy.weeks
    single = one_bucket_confidence(question)
    if isinstance(accuracy, Margin) and single is not None and population > 0:
        return proportion.suffices(
            rate,
            margin=accuracy.margin,
            confidence=single,
            population=population,
            exactly=exactly,
        )
    if isinstance(accuracy, Detect):
        return detection.suffices(
            rate,
            reports=accuracy.reports,
            confidence=accuracy.confidence,
            chances=detection.chances(
                accuracy.detect,
                population=group_size(accuracy, installations),
                weeks=accuracy.weeks,
            ),
        )
    return _allows(rate, question, installations=installations)


def _allows(rate: float, question: Question, *, installations: int) -> bool:
    required = required_rate(question, installations=installations)
    return required is not None and required <= rate


def reachable(
    rate: float, question: Question, *, installations: int, known: float | None = None
) -> float | None:
    """Return the least margin, or the least share to detect, that the rate gives.

    Args:
        rate: A fraction in (0, 1].
        question: What is asked, but for the margin or share.
        installations: The whole population in a week; at least 0.
        known: What the rate is known to give; then a margin is improved on in closed form only.

    Returns:
        A fraction of three significant digits, rounded up, or `known`; None if there is none
        below one.
    """

    def asking(value: Fraction) -> Question:
        match accuracy := question.accuracy:
            case Margin():
                return replace(question, accuracy=replace(accuracy, margin=value))
            case Detect():
                return replace(question, accuracy=replace(accuracy, detect=value))
            case DistributionMargin():
                return replace(question, accuracy=replace(accuracy, distribution_margin=value))

    def holds(value: Fraction) -> bool:
        return suffices(rate, asking(value), installations=installations, exactly=known is None)

    if known is not None:
        better = least_margin(holds, widest=known)
        return known if better is None else min(better, known)
    return least_margin(
        holds, surely=lambda value: _allows(rate, asking(value), installations=installations)
    )


def weeks_needed(rate: float, question: Question, *, installations: int) -> int | None:
    """Return the fewest weeks to pool so that the rate suffices; None if no number would do.

    Args:
        rate: A fraction in (0, 1].
        question: What is asked, but for the weeks.
        installations: The whole population in a week; at least 0.
    """
    if group_size(question.accuracy, installations) == 0:
        return None

    def asking(weeks: int) -> Question:
        return replace(question, accuracy=replace(question.accuracy, weeks=weeks))

    return least_count(
        lambda weeks: suffices(rate, asking(weeks), installations=installations),
        surely=lambda weeks: _allows(rate, asking(weeks), installations=installations),
    )


def population_needed(rate: float, question: Question) -> int | None:
    """Return the fewest installations in a week for which the rate suffices.

    Args:
        rate: A fraction in (0, 1].
        question: What is asked.

    Returns:
        Installations of the whole population, at least 1; None if no number would do.
    """
    share = question.accuracy.smallest_group
    whole = replace(question, accuracy=replace(question.accuracy, for_each=(), smallest_group=None))
    group = least_count(
        lambda installations: suffices(rate, whole, installations=installations),
        surely=lambda installations: _allows(rate, whole, installations=installations),
    )
    return group if group is None or share is None else ceil(group / share)
