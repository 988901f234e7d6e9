"""How a rate came about, line by line, with the numbers put in: to be redone by hand."""

# ruff: noqa: RUF001 - formulas are written with their own signs

from __future__ import annotations

from typing import TYPE_CHECKING

from chartconfig.sampling import detection, distribution, proportion, simultaneous
from chartconfig.sampling.accuracy import Detect, DistributionMargin, Margin
from chartconfig.sampling.plan import WEEKS_A_YEAR, question_of
from chartconfig.sampling.required import group_size, one_bucket_confidence

if TYPE_CHECKING:
    from fractions import Fraction

    from chartconfig.sampling.plan import PlannedRate, Target


def derivation(target: Target, planned: PlannedRate) -> tuple[str, ...]:
    """Return the steps from target accuracy and population to the emitted rate.

    Args:
        target: What was asked.
        planned: What `plan` made of it.

    Returns:
        Lines of plain text. Numbers of more than six significant digits are rounded to six.

    Raises:
        ValueError: The target's accuracy is of a kind that is not computed.
    """
    lines = _population(target, planned)
    if planned.planning_population > 0:
        lines += _required(target, planned)
        lines.append(
            f"one report at least: 1 - (1 - {_text(target.accuracy.confidence)})^(1/N)"
            f" = {_text(planned.floor or 0)}"
        )
    return (*lines, *_emitted(target, planned))


def _population(target: Target, planned: PlannedRate) -> list[str]:
    accuracy, low = target.accuracy, target.population.low
    lines = [f"planned for the low estimate: {_text(low)} installations a week"]
    group = group_size(accuracy, low)
    if accuracy.smallest_group is not None:
        lines.append(
            f"smallest group by {', '.join(accuracy.for_each)}:"
            f" {_text(accuracy.smallest_group)} × {_text(low)} = {_text(group)} installations"
        )
    n = _text(planned.planning_population)
    if accuracy.weeks > 1:
        lines.append(f"N = {_text(accuracy.weeks)} weeks × {_text(group)} = {n} installation-weeks")
    else:
        lines.append(f"N = {n}")
    return lines


def _required(target: Target, planned: PlannedRate) -> list[str]:
    question = question_of(target)
    accuracy, population = question.accuracy, planned.planning_population
    single = one_bucket_confidence(question)
    match accuracy:
        case Detect():
            return _detect(accuracy, group_size(accuracy, target.population.low), planned)
        case DistributionMargin(distribution_margin=margin):
            alpha = 1 - accuracy.confidence
            size = distribution.sample_size(margin, confidence=accuracy.confidence)
            return [
                (
                    f"n0 = ln(2/α)/(2e²) + 2 = ln(2/{_text(alpha)})/(2 × {_text(margin)}²) + 2"
                    f" = {_text(size)}"
                ),
                _rate(size, population),
            ]
        case Margin(margin=margin) if single is None:
            confidence = accuracy.confidence
            constant = _text(simultaneous.thompson(float(1 - confidence)))
            size = simultaneous.sample_size(margin, confidence=confidence, population=population)
            lines = [
                (
                    "T = the largest of z(α/m)² (1/m)(1 - 1/m) over m = 2, 3, ..., with α ="
                    f" {_text(1 - confidence)}: {constant}"
                ),
                (
                    f"n0 = T/e² + 2 = {constant}/{_text(margin)}² + 2 = {_text(size)}"
                    if 9 * size <= population and margin <= simultaneous.WIDEST
                    else f"n0 = T/e² + 2, and more as counts are few, = {_text(size)}"
                ),
                _rate(size, population),
            ]
            if planned.method == "exact":
                lines.append(
                    "r = this, or the least rate for each bucket's part of α if that is higher,"
                    f" = {_text(planned.required or 1)}"
                )
            return lines
        case Margin(margin=margin):
            return _margin(margin, single or accuracy.confidence, target, planned)


def _margin(
    margin: Fraction, confidence: Fraction, target: Target, planned: PlannedRate
) -> list[str]:
    population = planned.planning_population
    closed = proportion.closed_form(margin, confidence=confidence, population=population)
    e, z, n = _text(margin), _text(closed.z), _text(closed.normal_size)
    lines = []
    if confidence != target.accuracy.confidence:
        lines.append(
            f"confidence of each bucket: 1 - (1 - {_text(target.accuracy.confidence)})"
            f"/{target.buckets} = {_text(confidence)}"
        )
    lines += [
        f"z = {z}, the normal quantile for {_text(confidence)}, two-sided",
        f"n = z²/(4e²) = {z}²/(4 × {e}²) = {n}",
        (
            f"n0 = n + (1 + n/N)/(4e) + 2 = {n} + (1 + {n}/{_text(population)})/(4 × {e}) + 2"
            f" = {_text(closed.size)}"
        ),
        _rate(closed.size, population),
    ]
    if planned.method == "exact":
        lines.append(
            "r = the least rate, by exact calculation for every share,"
            f" = {_text(planned.required or 1)}"
        )
    return lines


def _detect(accuracy: Detect, group: int, planned: PlannedRate) -> list[str]:
    chances = detection.chances(accuracy.detect, population=group, weeks=accuracy.weeks)
    confidence, m = _text(accuracy.confidence), _text(accuracy.reports)
    product = f"{_text(accuracy.detect)} × {_text(group)}"
    lines = [
        f"chances = {_text(accuracy.weeks)} weeks × ⌈{product}⌉ = {_text(chances)}"
        if accuracy.weeks > 1
        else f"chances = ⌈{product}⌉ = {_text(chances)}"
    ]
    if planned.required is None:
        lines.append(f"no rate gives {m} reports of {_text(chances)} chances")
    elif accuracy.reports == 1:
        lines.append(f"r = 1 - (1 - {confidence})^(1/{_text(chances)}) = {_text(planned.required)}")
    else:
        lines.append(
            f"r = the rate at which Bin({_text(chances)}, r) is at least {m} with probability"
            f" {confidence}, = {_text(planned.required)}"
        )
    return lines


def _emitted(target: Target, planned: PlannedRate) -> list[str]:
    limit, rate = _text(planned.limit), repr(planned.rate)
    if planned.shortfall is None:
        lines = [f"rounded up to four digits: {rate}, within the limit of {limit}"]
    else:
        name = planned.shortfall.binding
        lines = [f"the limit ({name}) is {limit}, which is not enough: {rate}"]
    likely = target.population.likely
    return [
        *lines,
        (
            f"expected reports a week: {rate} × {_text(likely)}"
            f" = {_text(planned.expected_reports)};"
            f" of one installation a year: {WEEKS_A_YEAR} × {rate}"
            f" = {_text(WEEKS_A_YEAR * planned.rate)}"
        ),
    ]


def _rate(size: float, population: int) -> str:
    n0, n = _text(size), _text(population)
    return f"r = n0/(N + n0) = {n0}/({n} + {n0}) = {_text(size / (population + size))}"


def _text(number: float | Fraction) -> str:
    """Return a number as people write it: whole ones in full, others to six digits."""
    if isinstance(number, int):
        return f"{number:,}"
    value = float(number)
    return f"{value:,.1f}" if value >= 1000 else f"{value:.6g}"  # noqa: PLR2004 - six digits
