"""What one target accuracy asks of one population: one door to the modules that know each kind.

Weeks that are pooled make installation-weeks of installations, whether or not what is counted
persists from week to week; only what is to be detected is counted before it is multiplied.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, sqrt
from typing import TYPE_CHECKING, TypeAlias

from chartconfig.sampling import (
    change,
    detection,
    distribution,
    mean,
    proportion,
    relative,
    simultaneous,
)
from chartconfig.sampling.accuracy import (
    Accuracy,
    Change,
    Detect,
    DistributionMargin,
    Margin,
    RelativeMargin,
)
from chartconfig.sampling.inverse import (
    FINEST,
    MARGIN_DIGITS,
    first_number,
    least_count,
    least_margin,
    least_root,
)
from chartconfig.sampling.rounding import decimal_fraction

if TYPE_CHECKING:
    from fractions import Fraction

Method: TypeAlias = proportion.Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An accuracy, and what else its rate depends on but the number of installations."""

    accuracy: Accuracy
    """Of one group; `in_each_group` makes it so."""
    buckets: int = 1
    """How many shares are published; at least 1. Matters to a simultaneous margin only."""
    exclusive: bool = False
    """Whether an installation holds exactly one bucket."""


def in_each_group(accuracy: Accuracy) -> Accuracy:
    """Return what each group must be promised, so that all have the accuracy's promise at once.

    Groups have no installation in common and each reports by itself, so that probabilities
    multiply: the promise of each of G groups holds with confidence^(1/G), rounded up.

    Args:
        accuracy: Of any kind.

    Examples:
        >>> from fractions import Fraction
        >>> each = Margin(margin=Fraction(1, 100), confidence=Fraction(81, 100), groups=2)
        >>> in_each_group(each).confidence
        Fraction(9, 10)
    """
    if accuracy.groups is None:
        return accuracy
    confidence = least_root(accuracy.confidence, degree=accuracy.groups)
    if isinstance(accuracy, Change):
        power = least_root(accuracy.power, degree=accuracy.groups)
        return replace(accuracy, confidence=confidence, power=power, groups=None)
    return replace(accuracy, confidence=confidence, groups=None)


def value_of(accuracy: Accuracy) -> Fraction:
    """Return the number that makes an accuracy more or less demanding.

    Args:
        accuracy: Of any kind.

    Returns:
        The margin, the share to detect, or the change to notice.
    """
    match accuracy:
        case Margin():
            return accuracy.margin
        case RelativeMargin():
            return accuracy.relative_margin
        case Detect():
            return accuracy.detect
        case DistributionMargin():
            return accuracy.distribution_margin
        case Change():
            return accuracy.change


def with_value(accuracy: Accuracy, value: Fraction) -> Accuracy:
    """Return an accuracy that is the same but for its `value_of`.

    Args:
        accuracy: Of any kind.
        value: A fraction in (0, 1).
    """
    match accuracy:
        case Margin():
            return replace(accuracy, margin=value)
        case RelativeMargin():
            return replace(accuracy, relative_margin=value)
        case Detect():
            return replace(accuracy, detect=value)
        case DistributionMargin():
            return replace(accuracy, distribution_margin=value)
        case Change():
            return replace(accuracy, change=value)


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
        case RelativeMargin(relative_margin=margin, smallest_share=share):
            return relative.sample_rate(
                margin, smallest_share=share, confidence=confidence, population=population
            )
        case Change(change=wanted, power=power):
            return change.sample_rate(
                wanted, confidence=confidence, power=power, population=population
            )
        case Margin(margin=margin, guaranteed=True):
            return mean.sample_rate(margin, confidence=confidence, population=population)
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
        case RelativeMargin(relative_margin=margin, smallest_share=share) if population > 0:
            if relative.is_closed(
                margin,
                smallest_share=share,
                confidence=accuracy.confidence,
                population=population,
            ):
                return relative.closed_form(
                    margin,
                    smallest_share=share,
                    confidence=accuracy.confidence,
                    population=population,
                ).size
        case Change(change=wanted, power=power) if population >= change.FEW:
            return change.closed_form(
                wanted, confidence=accuracy.confidence, power=power, population=population
            ).size
        case Margin(margin=margin, guaranteed=False) if population > 0:
            single = one_bucket_confidence(question)
            if single is None:
                size = simultaneous.sample_size(
                    margin, confidence=accuracy.confidence, population=population
                )
                return size if size <= population else None
            if proportion.is_closed(margin, confidence=single, population=population):
                return proportion.closed_form(margin, confidence=single, population=population).size
    return None


def floor(question: Question, *, installations: int) -> float | None:
    """Return the rate at which somebody reports, of those of whom somebody must.

    Args:
        question: What is asked.
        installations: The whole population in a week; at least 0.

    Returns:
        For a relative margin, that of one report of the smallest share with the confidence; for
        other kinds of one at all. None for a change, whose confidence is that of noticing nothing,
        and where there is nobody.
    """
    accuracy = question.accuracy
    population = group_size(accuracy, installations) * accuracy.weeks
    if isinstance(accuracy, Change) or population == 0:
        return None
    if isinstance(accuracy, RelativeMargin):
        population = relative.carriers(accuracy.smallest_share, population=population)
    return proportion.one_report_rate(confidence=accuracy.confidence, population=population)


def method(question: Question, *, installations: int) -> Method:
    """Return how the rate is computed.

    Args:
        question: What is asked.
        installations: The whole population in a week; at least 0.
    """
    accuracy = question.accuracy
    if isinstance(accuracy, Detect):
        return "closed form" if accuracy.reports == 1 else "exact"
    if isinstance(accuracy, Change):
        return "closed form"
    single = one_bucket_confidence(question)
    population = group_size(accuracy, installations) * accuracy.weeks
    if isinstance(accuracy, Margin) and single is not None and population > 0:
        return proportion.method(accuracy.margin, confidence=single, population=population)
    size = sample_size(question, installations=installations)
    return "exact" if size is None else "closed form"


def one_bucket_confidence(question: Question) -> Fraction | None:
    """Return the confidence for one bucket that the question comes down to.

    Returns:
        A fraction in (0, 1); None for anything but a margin, for three or more exclusive buckets
        at once, which have a sample size of their own, and for a guaranteed mean.
    """
    accuracy = question.accuracy
    if not isinstance(accuracy, Margin) or accuracy.guaranteed:
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
    group = group_size(accuracy, installations)
    population = group * accuracy.weeks
    if population == 0:
        return False
    confidence = accuracy.confidence
    match accuracy:
        case Detect(reports=reports):
            chances = detection.chances(accuracy.detect, population=group, weeks=accuracy.weeks)
            return detection.suffices(rate, reports=reports, confidence=confidence, chances=chances)
        case RelativeMargin(relative_margin=margin, smallest_share=share):
            return relative.suffices(
                rate,
                relative_margin=margin,
                smallest_share=share,
                confidence=confidence,
                population=population,
                exactly=exactly,
            )
        case Margin(margin=margin, guaranteed=True):
            return mean.suffices(rate, margin=margin, confidence=confidence, population=population)
        case Margin(margin=margin, simultaneous=True):
            return simultaneous.suffices(
                rate,
                margin=margin,
                confidence=confidence,
                population=population,
                buckets=question.buckets,
                exclusive=question.exclusive,
                exactly=exactly,
            )
        case Margin(margin=margin):
            return proportion.suffices(
                rate, margin=margin, confidence=confidence, population=population, exactly=exactly
            )
    return _allows(rate, question, installations=installations)


def _allows(rate: float, question: Question, *, installations: int) -> bool:
    required = required_rate(question, installations=installations)
    return required is not None and required <= rate


def reachable(rate: float, question: Question, *, installations: int) -> float | None:
    """Return the least margin, share to detect or change to notice that the rate gives.

    Args:
        rate: A fraction in (0, 1].
        question: What is asked, but for that number.
        installations: The whole population in a week; at least 0.

    Returns:
        A fraction of three significant digits, rounded up; None if there is none below one.
    """
    exactly = _is_calculated(question)

    def holds(value: Fraction) -> bool:
        asked = _asking(question, value)
        return suffices(rate, asked, installations=installations, exactly=exactly)

    return least_margin(
        holds,
        surely=lambda value: _allows(rate, _asking(question, value), installations=installations),
    )


def improved(
    known: float | None, rate: float, question: Question, *, installations: int, more: int
) -> float | None:
    """Return the margin, share to detect or change to notice for more installations.

    Args:
        known: That which the rate gives, a fraction in (0, 1); None if it gives nothing.
        rate: A fraction in (0, 1].
        question: What is asked, but for that number.
        installations: The whole population in a week for which `known` holds; at least 0.
        more: At least so many installations.

    Returns:
        A fraction of three significant digits, rounded up, or `known`; one that is told in closed
        form, and not quite the least where the rate is computed otherwise. If nothing was known,
        `reachable`.
    """
    if known is None:
        return reachable(rate, question, installations=more)

    def holds(value: float) -> bool:
        asked = _asking(question, decimal_fraction(value))
        return suffices(rate, asked, installations=more, exactly=False)

    part = installations / more
    near = known * (part if isinstance(question.accuracy, Detect) else sqrt(part))
    better = first_number(holds, low=FINEST, high=known, near=near, digits=MARGIN_DIGITS)
    return min(better, known)


def _asking(question: Question, value: Fraction) -> Question:
    return replace(question, accuracy=with_value(question.accuracy, value))


def _is_calculated(question: Question) -> bool:
    """Return whether ways out are calculated exactly: not for relative margins, it takes too long.

    What they say in closed form is one, too, though not quite the nearest.
    """
    return not isinstance(question.accuracy, RelativeMargin)


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

    exactly = _is_calculated(question)
    return least_count(
        lambda weeks: suffices(rate, asking(weeks), installations=installations, exactly=exactly),
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
    exactly = _is_calculated(question)
    group = least_count(
        lambda size: suffices(rate, whole, installations=size, exactly=exactly),
        surely=lambda size: _allows(rate, whole, installations=size),
    )
    return group if group is None or share is None else ceil(group / share)
