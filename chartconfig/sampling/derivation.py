"""How a rate came about, line by line, with the numbers put in: to be redone by hand."""

# ruff: noqa: RUF001 - formulas are written with their own signs

from __future__ import annotations

from typing import TYPE_CHECKING

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
    Change,
    Detect,
    DistributionMargin,
    Margin,
    RelativeMargin,
)
from chartconfig.sampling.plan import WEEKS_A_YEAR, question_of
from chartconfig.sampling.required import group_size, one_bucket_confidence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from chartconfig.sampling.plan import PlannedRate, Target


_WAYS = {
    "series": "by Edgeworth's series for the shares that are hardest",
    "exact": "by exact calculation for every share",
}


def derivation(target: Target, planned: PlannedRate) -> tuple[str, ...]:
    """Return the steps from target accuracy and population to the emitted rate.

    Args:
        target: What was asked.
        planned: What `plan` made of it.

    Returns:
        Lines of plain text. Numbers of more than six significant digits are rounded to six.
    """
    lines = _population(target, planned)
    if planned.planning_population > 0:
        lines += [*_groups(target), *_required(target, planned)]
    if planned.floor is not None:
        accuracy = question_of(target).accuracy
        some, number = (
            ("one report of the smallest share", "M")
            if isinstance(accuracy, RelativeMargin)
            else ("one report", "N")
        )
        lines.append(
            f"{some} at least: 1 - (1 - {_text(accuracy.confidence)})^(1/{number})"
            f" = {_text(planned.floor)}"
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


def _groups(target: Target) -> Iterator[str]:
    """Yield what each group is promised, where all are to have the promise at once."""
    accuracy, each = target.accuracy, question_of(target).accuracy
    if accuracy.groups is None:
        return
    root = f"^(1/{accuracy.groups})"
    yield (
        f"in each of {accuracy.groups} groups: confidence {_text(accuracy.confidence)}{root}"
        f" = {_text(each.confidence)}"
    )
    if isinstance(accuracy, Change) and isinstance(each, Change):
        yield f"and power {_text(accuracy.power)}{root} = {_text(each.power)}"


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
                *_when_few(planned, size / (population + size)),
            ]
        case RelativeMargin():
            return _relative(accuracy, planned)
        case Change():
            return _change(accuracy, planned)
        case Margin(margin=margin, guaranteed=True):
            return _guaranteed(margin, accuracy.confidence, planned)
        case Margin(margin=margin) if single is None:
            confidence = accuracy.confidence
            constant = _text(simultaneous.thompson(float(1 - confidence)))
            size = simultaneous.sample_size(margin, confidence=confidence, population=population)
            e = _text(min(float(margin), simultaneous.WIDEST))
            lines = [
                (
                    "T = the largest of z(α/m)² (1/m)(1 - 1/m) over m = 2, 3, ..., with α ="
                    f" {_text(1 - confidence)}: {constant}"
                ),
                (
                    f"n0 = T/e² + 2 = {constant}/{e}² + 2 = {_text(size)}"
                    if 9 * size <= population
                    else f"n0 = T/e² + 2, and more as counts are few, = {_text(size)}"
                ),
                _rate(size, population),
            ]
            if planned.method == "exact":
                lines.append(
                    "r = this, or the least rate for each bucket's part of α if that is higher,"
                    f" = {_text(_least(planned))}"
                )
            return lines
        case Margin(margin=margin):
            return _margin(margin, single or accuracy.confidence, target, planned)


def _when_few(planned: PlannedRate, rate: float) -> Iterator[str]:
    """Yield the rate that makes up for the number of reports being random, where it is higher."""
    required = _least(planned)
    if required > rate:
        yield f"r = the same on average over n ~ Bin(N, r), for few report, = {_text(required)}"


def _margin(
    margin: Fraction, confidence: Fraction, target: Target, planned: PlannedRate
) -> list[str]:
    population = planned.planning_population
    closed = proportion.closed_form(margin, confidence=confidence, population=population)
    e, z, n = _text(margin), _text(closed.z), _text(closed.normal_size)
    few = f"{closed.few:.6g}"
    asked = question_of(target).accuracy.confidence
    lines = []
    if target.mean:
        lines.append("the mean of a value in [0, 1], as one share: worst-case variance, normal")
    if confidence != asked:
        lines.append(
            f"confidence of each bucket: 1 - (1 - {_text(asked)})"
            f"/{target.buckets} = {_text(confidence)}"
        )
    lines += [
        f"z = {z}, the normal quantile for {_text(confidence)}, two-sided",
        f"n = z²/(4e²) = {z}²/(4 × {e}²) = {n}",
    ]
    constant = "2"
    if closed.few > 2:  # noqa: PLR2004 - as the line says
        constant = "c"
        lines.append(
            f"c = {few}, for few reports vary in number: 2, or 1 + z²(1/12 + 3n/(4N) + n²/(10N²))"
        )
    lines += [
        (
            f"n0 = n + (1 + n/N)/(4e) + {constant}"
            f" = {n} + (1 + {n}/{_text(population)})/(4 × {e}) + {few} = {_text(closed.size)}"
        ),
        _rate(closed.size, population),
    ]
    if planned.method != "closed form":
        lines.append(f"r = the least rate, {_WAYS[planned.method]}, = {_text(_least(planned))}")
    return lines


def _relative(accuracy: RelativeMargin, planned: PlannedRate) -> list[str]:
    population, share = planned.planning_population, accuracy.smallest_share
    closed = relative.closed_form(
        accuracy.relative_margin,
        smallest_share=share,
        confidence=accuracy.confidence,
        population=population,
    )
    margin, z, p = _text(accuracy.relative_margin), _text(closed.z), _text(closed.share)
    lines = [
        (
            f"the smallest share is that of M = ⌈{_text(share)} × {_text(population)}⌉"
            f" = {_text(closed.carriers)}: p = M/N = {p}"
        ),
        f"z = {z}, the normal quantile for {_text(accuracy.confidence)}, two-sided",
        (
            "n0 = (z²(1 - p)/ρ² + 1/(4ρ) + 1)/p"
            f" = ({z}² × (1 - {p})/{margin}² + 1/(4 × {margin}) + 1)/{p} = {_text(closed.size)}"
        ),
        _rate(closed.size, population),
    ]
    if planned.method == "exact":
        lines.append(
            f"r = the least rate, by exact calculation for every share, = {_text(_least(planned))}"
        )
    return lines


def _change(accuracy: Change, planned: PlannedRate) -> list[str]:
    population = planned.planning_population
    closed = change.closed_form(
        accuracy.change,
        confidence=accuracy.confidence,
        power=accuracy.power,
        population=population,
    )
    delta, first, second = _text(closed.change), _text(closed.z_alpha), _text(closed.z_beta)
    n = _text(closed.normal_size)
    lines = [f"in each of two periods; N is that of one, δ = {delta}"]
    if population < change.FEW:
        return [
            *lines,
            (
                f"so few must all report, twice, with probability {_text(closed.power)}:"
                f" r = {_text(_least(planned))}"
            ),
        ]
    return [
        *lines,
        f"z(α/2) = {first}, the normal quantile for {_text(closed.confidence)}, two-sided",
        f"z(β) = {second}, the normal quantile for {_text(closed.power)}",
        (
            "n = (z(α/2)√(1/2) + z(β)√((1 - δ²)/2))²/δ²"
            f" = ({first}√(1/2) + {second}√((1 - {delta}²)/2))²/{delta}² = {n}"
        ),
        (
            "n0 = n + (3 + (z(α/2) + z(β))²/8)(1 + n/N) + (n/N)²/2"
            f" = {n} + (3 + ({first} + {second})²/8)(1 + {n}/{_text(population)})"
            f" + ({n}/{_text(population)})²/2 = {_text(closed.size)}"
        ),
        _rate(closed.size, population),
        "noticed: a difference of z(α/2)√((1 - r)/4 × (1/(n1 - 1) + 1/(n2 - 1))) or more",
    ]


def _guaranteed(margin: Fraction, confidence: Fraction, planned: PlannedRate) -> list[str]:
    e, alpha = _text(margin), _text(1 - confidence)
    size = mean.sample_size(margin, confidence=confidence)
    return [
        "the mean of a value in [0, 1], guaranteed: of n reports it misses with a probability of",
        "at most 2 exp(-2ne²/(1 - (n - 1)/N)), whatever the values are",
        f"n0 = ln(2/α)/(2e²) = ln(2/{alpha})/(2 × {e}²) = {_text(size)}",
        f"{_rate(size, planned.planning_population)}, if just so many reported",
        (
            f"r = the rate at which that probability is {alpha} with n ~ Bin(N, r),"
            f" = {_text(_least(planned))}"
        ),
    ]


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


def _least(planned: PlannedRate) -> float:
    """Return the least rate, which there is unless more reports are asked for than can be."""
    assert planned.required is not None
    return planned.required


def _rate(size: float, population: int) -> str:
    n0, n = _text(size), _text(population)
    return f"r = n0/(N + n0) = {n0}/({n} + {n0}) = {_text(size / (population + size))}"


def _text(number: float | Fraction) -> str:
    """Return a number as people write it: whole ones in full, others to six digits."""
    if isinstance(number, int):
        return f"{number:,}"
    value = float(number)
    return f"{value:,.1f}" if value >= 1000 else f"{value:.6g}"  # noqa: PLR2004 - six digits
