"""Whole fleets, drawn: how often does a promise hold?

What comes from installations that hold the same is a sum of independent yes and no, so how many of
them report is a binomial count: a hundred thousand fleets take no longer than the counts of their
classes. `installations` draws the same distribution one installation at a time.

A kept promise is called broken in one run of a thousand at most, however many promises are judged:
each of m comparisons is an exact binomial test at .001/m.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from hashlib import sha256
from itertools import pairwise
from math import ceil, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, TypeAlias

from chartconfig.sampling.accuracy import Change, Detect, DistributionMargin, Margin, RelativeMargin
from chartconfig.sampling.binomial import at_least
from chartconfig.sampling.detection import sample_rate as detection_rate
from chartconfig.sampling.fleets import truths
from chartconfig.sampling.proportion import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from chartconfig.sampling.accuracy import Accuracy
    from chartconfig.sampling.fleets import Arc, Case, Study, Truth

    Ints: TypeAlias = NDArray[np.int64]
    Flags: TypeAlias = NDArray[np.bool_]
    Advance: TypeAlias = Callable[[float], object]
    """Called now and then with the part of the work that is done, in (0, 1]."""

ERROR_RATE = 0.001
"""Of a whole run: the probability that any promise that holds is called broken, at most."""
_NOTICED, _LOWER = 0.9, 0.95
"""So surely it is noticed if a rate is too low, at so much of what it should be."""
_LEAST = 1e-16
"""Coverages that differ by less are one float."""
_MANY = 10**6
"""Chances of being reported, so many that one more or less does not matter."""
_AT_ONCE = 1 << 20
"""How many counts are drawn at a time."""
POINTS = 1 << 14
"""A distribution of different values is compared at so many points."""
_FIRST, _LARGEST_CLASS = 16, 10**9
_HALVINGS = 30
"""Of the unit interval, so that one part in 1e9 is left."""
_IMPOSSIBLE = 18
"""exp(-18) is 2e-8."""
_TIE = 1e-15
"""An estimate that differs from the end of an interval by less is taken to lie on it."""


class Verdict(Enum):
    """What so many fleets say about a promise."""

    KEPT = "kept"
    """It holds as often as promised; that a rate is 5 % too low would have been noticed."""
    BROKEN = "broken"
    """It holds less often than promised."""
    UNTOLD = "untold"
    """Too few fleets were drawn to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a promise in the fleets of one truth."""

    truth: str
    promised: float
    """How often it was to hold: the confidence, or the power of noticing a change."""
    held: int
    """In how many fleets it held; of the bucket that fared worst, where each has a promise."""
    fleets: int
    lowered: float
    """How often it would hold if the rate were 5 % too low."""
    comparisons: int = 1
    """Of how many buckets that is the worst."""

    @property
    def coverage(self) -> float:
        """The share of fleets in which the promise held."""
        return self.held / self.fleets

    def interval(self, error: float) -> tuple[float, float]:
        """Return the coverages that these fleets allow, each end with so much probability of error.

        Source:
            Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case
            of the binomial", *Biometrika* 26 (1934), pp. 404-413.

        Examples:
            >>> outcome = Outcome(truth="", promised=0.95, held=100, fleets=100, lowered=0.94)
            >>> low, high = outcome.interval(0.025)
            >>> round(low, 4), high
            (0.9638, 1.0)
        """
        return (
            1 - _highest(self.fleets - self.held, self.fleets, error),
            _highest(self.held, self.fleets, error),
        )

    def needed(self, error: float) -> int:
        """Return how many fleets tell, with so much probability of error, if these do not."""
        return fleets_needed(self.promised, self.lowered, error)

    def verdict(self, error: float) -> Verdict:
        """Return what the fleets say, with so much probability of calling a kept promise broken."""
        missed = self.fleets - self.held
        if at_least(missed, trials=self.fleets, rate=1 - self.promised) < error:
            return Verdict.BROKEN
        if (
            self.fleets >= self.needed(error)
            or at_least(self.held, trials=self.fleets, rate=self.promised) < error
        ):
            return Verdict.KEPT
        return Verdict.UNTOLD


@cache
def _highest(successes: int, trials: int, error: float) -> float:
    """Return the rate at which so few successes have a probability of `error`."""
    if successes == trials:
        return 1.0
    low, high = successes / trials, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if 1 - at_least(successes + 1, trials=trials, rate=middle) > error:
            low = middle
        else:
            high = middle
    return high


@cache
def fleets_needed(promised: float, lowered: float, error: float) -> int:
    """Return how many fleets show nine times out of ten that a promise holds less often.

    In the normal approximation, with its correction for counts that are skewed.

    Args:
        promised: How often it is to hold, a fraction in (0, 1).
        lowered: How often it does hold, in [0, promised).
        error: The probability of calling it broken when it holds, a fraction in (0, 1).

    Source:
        Cornish and Fisher, "Moments and cumulants in the specification of distributions", *Revue de
        l'Institut International de Statistique* 5 (1938), pp. 307-320.

    Examples:
        >>> fleets_needed(0.95, 0.94, 0.000001)
        18589
    """
    missed, more = 1 - promised, 1 - lowered
    z, power = -NormalDist().inv_cdf(error), NormalDist().inv_cdf(_NOTICED)
    root = z * sqrt(missed * (1 - missed)) + power * sqrt(more * (1 - more))
    skew = ((z * z - 1) * (1 - 2 * missed) - (power * power - 1) * (1 - 2 * more)) / 6
    apart = max(more - missed, _LEAST)
    return ceil(((root + sqrt(root * root + 4 * apart * skew)) / (2 * apart)) ** 2)


@cache
def lowered_coverage(accuracy: Accuracy, *, promised: float) -> float:
    """Return how often a promise that just holds would hold if the rate were 5 % too low.

    For many installations at small rates. Reports that are fewer by a factor f leave z sqrt(f) of a
    quantile z. A distribution is taken for a share, as its band is a little wider than it must be;
    so is what does not change, which no rate harms.

    Args:
        accuracy: What is promised.
        promised: How often, a fraction in (0, 1): the confidence, or the power of a change.

    Examples:
        Of detecting with one report, .05 to the power of .95 is missed.

        >>> from fractions import Fraction
        >>> confidence = Fraction(95, 100)
        >>> rare = Detect(detect=Fraction(1, 100), confidence=confidence)
        >>> round(lowered_coverage(rare, promised=0.95), 4), round(1 - 0.05**0.95, 4)
        (0.9419, 0.9419)
        >>> margin = Margin(margin=Fraction(1, 100), confidence=confidence)
        >>> round(lowered_coverage(margin, promised=0.95), 4)
        0.9439
    """
    normal = NormalDist()
    coverage = 1 - 2 * normal.cdf(-normal_quantile(1 - promised) * sqrt(_LOWER))
    match accuracy:
        case Detect(reports=reports, confidence=confidence):
            rate = detection_rate(reports=reports, confidence=confidence, chances=_MANY)
            assert rate is not None
            return at_least(reports, trials=_MANY, rate=_LOWER * rate)
        case Change(power=power, confidence=confidence) if promised == float(power):
            z = normal_quantile(float(1 - confidence))
            noticed = normal.cdf((z + normal.inv_cdf(promised)) * sqrt(_LOWER) - z)
            return min(noticed, coverage)
    return coverage


def error_rate(outcomes: Iterable[Outcome]) -> float:
    """Return the error rate of each comparison, so that that of all together is `ERROR_RATE`."""
    return ERROR_RATE / max(1, sum(outcome.comparisons for outcome in outcomes))


def simulate(case: Case, *, fleets: int, seed: int = 0) -> tuple[Outcome, ...]:
    """Return how a promise fares in fleets of each adversarial truth.

    Args:
        case: What is promised, and how reports come in from how many.
        fleets: How many are drawn for each truth; at least 1.
        seed: Of the random numbers, which depend on nothing else but the case.

    Examples:
        >>> from fractions import Fraction
        >>> from chartconfig.sampling.fleets import Case, Study
        >>> promise = Margin(margin=Fraction(1, 20), confidence=Fraction(95, 100))
        >>> study = Study(accuracy=promise, held=(0.038,), counted=0.038)
        >>> case = Case(study=study, installations=10_000)
        >>> worst, everybody = simulate(case, fleets=10_000)
        >>> round(worst.coverage, 2), everybody.coverage
        (0.95, 1.0)
    """
    import numpy as np

    study = case.study
    if case.installations == 0:
        return (nobody(study, fleets),)
    key = sha256(repr((case, seed)).encode()).digest()
    rng = np.random.Generator(np.random.SFC64(int.from_bytes(key)))
    return tuple(
        outcome(study, truth, _held(study, truth, fleets, rng), fleets) for truth in truths(case)
    )


def nobody(study: Study, fleets: int) -> Outcome:
    """Return what becomes of a promise when there are no installations: nothing is published."""
    promised = float(study.accuracy.confidence)
    lowered = lowered_coverage(study.accuracy, promised=promised)
    return Outcome(truth="nobody", promised=promised, held=0, fleets=fleets, lowered=lowered)


def outcome(study: Study, truth: Truth, held: Iterable[Flags], fleets: int) -> Outcome:
    """Return an outcome of what held in fleets, a row for each and a column for each bucket."""
    sums = sum(flags.sum(axis=0) for flags in held)
    promised = study.accuracy.confidence
    if isinstance(study.accuracy, Change) and truth.arcs != truth.later:
        promised = study.accuracy.power
    return Outcome(
        truth=truth.name,
        promised=float(promised),
        held=int(min(sums)),
        fleets=fleets,
        lowered=lowered_coverage(study.accuracy, promised=float(promised)),
        comparisons=len(sums),
    )


def _held(study: Study, truth: Truth, fleets: int, rng: np.random.Generator) -> Iterator[Flags]:
    """Yield whether the promise held, for some fleets at a time."""
    step = max(1, _AT_ONCE // max(_FIRST, 2 * len(study.held)))
    for start in range(0, fleets, step):
        count = min(step, fleets - start)
        if not truth.arcs:
            yield _untied(study, truth.size, count, rng)
            continue
        reports = _reports(study, truth.arcs, truth.size, count, rng)
        later = _reports(study, truth.later, truth.size, count, rng) if truth.later else None
        yield judge(study, truth, reports, later)


Reports: TypeAlias = "tuple[Ints, Ints]"
"""How many show each bucket, a row for each fleet, and how many count at all."""


def _reports(
    study: Study, arcs: Sequence[Arc], size: int, fleets: int, rng: np.random.Generator
) -> Reports:
    """Draw the reports of fleets: between the ends of arcs all hold the same, and are one class.

    One number X decides what a report shows: those that show a bucket of a higher probability are
    those that show one of a lower, and some more.
    """
    import numpy as np

    ends = sorted({0, size, *(end % size for at, held in arcs for end in (at, at + held) if held)})
    classes = [(start, stop - start) for start, stop in pairwise(ends)]
    holds = [[(start - at) % size < held for start, _ in classes] for at, held in arcs]
    held = np.zeros((fleets, len(arcs)), dtype=np.int64)
    counted = np.zeros(fleets, dtype=np.int64)
    drawn = np.zeros((len(classes), fleets), dtype=np.int64)
    before = 0.0
    for probability in sorted({*study.held, study.counted or 0.0} - {0.0}):
        rest = (probability - before) / (1 - before)
        for row, (_, places) in enumerate(classes):
            silent = places - drawn[row] if before else places
            drawn[row] += rng.binomial(silent, rest, fleets)
        for bucket, own in enumerate(study.held):
            if own == probability:
                held[:, bucket] = drawn[holds[bucket]].sum(axis=0)
        if study.counted == probability:
            counted = drawn.sum(axis=0)
        before = probability
    return held, held.sum(axis=1) if study.counted is None else counted


def judge(study: Study, truth: Truth, reports: Reports, later: Reports | None = None) -> Flags:
    """Return whether the promise holds, a row for each fleet and a column for each bucket.

    Args:
        study: What is promised.
        truth: What the fleets hold.
        reports: What came in.
        later: The same in the second period, where there is one.
    """
    import numpy as np

    accuracy = study.accuracy
    held, counted = reports
    size = truth.size
    lengths = np.array([held for _, held in truth.arcs])
    shares = lengths / size
    estimates = held / np.maximum(counted, 1)[:, None]
    some = (counted > 0)[:, None]
    match accuracy:
        case Detect(detect=share, reports=wanted, weeks=weeks):
            enough = lengths >= ceil(share * (size // weeks)) * weeks
            kept: Flags = held[:, enough] >= wanted
        case DistributionMargin(distribution_margin=margin):
            off = np.abs(estimates.cumsum(axis=1) - shares.cumsum())
            kept = (off <= float(margin) + _TIE).all(axis=1, keepdims=True) & some
        case Margin(margin=margin, simultaneous=together):
            within: Flags = np.abs(estimates - shares) <= float(margin) + _TIE
            held_at_all = lengths > 0 if lengths.any() else lengths == 0
            each = within.all(axis=1, keepdims=True) if together else within[:, held_at_all]
            kept = np.logical_and(each, some)
        case RelativeMargin(relative_margin=margin, smallest_share=least):
            within = np.abs(estimates - shares) <= float(margin) * shares + _TIE
            kept = within[:, lengths >= max(1, ceil(least * size))] & some
        case Change():
            assert later is not None
            kept = _tested(study, accuracy, truth, (reports, later))
    return kept


def judge_untied(study: Study, truth: Truth, cells: Ints, blank: Ints) -> Flags:
    """Return whether a distribution of different values holds, a row for each fleet.

    Args:
        study: What is promised, a distribution.
        truth: Without arcs.
        cells: How many values were reported between the points, a row for each fleet.
        blank: How many reports count without a value, which then is the least.
    """
    import numpy as np

    assert isinstance(study.accuracy, DistributionMargin)
    below = np.column_stack([blank, cells]).cumsum(axis=1)
    points = _points(cells.shape[1], truth.size)
    off = np.abs(below / np.maximum(below[:, -1:], 1) - points / truth.size)
    within = off.max(axis=1) <= float(study.accuracy.distribution_margin) + _TIE
    held: Flags = within[:, None]  # not without reports: then the last is off by 1
    return held


@cache
def _points(count: int, size: int) -> Ints:
    """Return the ends of so many nearly equal parts of `size` places."""
    import numpy as np

    return np.array([place * size // count for place in range(count + 1)])


def _untied(study: Study, size: int, fleets: int, rng: np.random.Generator) -> Flags:
    """Draw reports of different values, and return whether their distribution holds.

    Counts are drawn for a few wide cells, and then for the halves of a cell wherever the distance
    can still leave the margin: within a cell it is a random walk tied at both ends, which climbs
    a and b above them with probability exp(-2ab/variance).
    """
    import numpy as np

    assert isinstance(study.accuracy, DistributionMargin)
    margin = float(study.accuracy.distribution_margin) + _TIE
    count = min(size, POINTS)
    cells = min(count, max(_FIRST, -(-size // _LARGEST_CLASS)))
    points = _points(count, size)
    ends = _points(cells, count)
    widths = np.diff(points[ends])
    rate = min(study.held)
    reports = np.array([rng.binomial(width, rate, fleets) for width in widths.tolist()]).T
    blank = np.zeros(fleets, dtype=np.int64)
    if study.counted is not None and study.counted > rate:
        silent = size - reports.sum(axis=1)
        blank = rng.binomial(silent, (study.counted - rate) / (1 - rate))
    below = np.column_stack([blank, reports]).cumsum(axis=1)
    total = np.maximum(below[:, -1], 1)
    off = below / total[:, None] - points[ends] / size
    within = np.abs(off).max(axis=1) <= margin

    fleet, cell = (index.ravel() for index in np.indices(reports.shape))
    first, last, inside = ends[cell], ends[cell + 1], reports.ravel()
    here, there = off[:, :-1].ravel(), off[:, 1:].ravel()
    while fleet.size:
        width = points[last] - points[first]
        rise, fall = inside / total[fleet], width / size
        variance = rise * (1 - inside / width) / total[fleet]
        above = (np.minimum(here + rise, there + fall) > margin) & (
            2 * (margin - here) * (margin - there) < _IMPOSSIBLE * variance
        )
        under = (np.maximum(here - fall, there - rise) < -margin) & (
            2 * (margin + here) * (margin + there) < _IMPOSSIBLE * variance
        )
        kept = (above | under) & within[fleet] & (last - first > 1)
        fleet, first, last, inside, here, there = (
            state[kept] for state in (fleet, first, last, inside, here, there)
        )
        middle = (first + last) // 2
        left = points[middle] - points[first]
        reported = rng.hypergeometric(left, points[last] - points[middle], inside)
        between = here + reported / total[fleet] - left / size
        within[fleet[np.abs(between) > margin]] = False
        fleet = np.concatenate([fleet, fleet])
        first, last = np.concatenate([first, middle]), np.concatenate([middle, last])
        inside = np.concatenate([reported, inside - reported])
        here, there = np.concatenate([here, between]), np.concatenate([between, there])
    held: Flags = within[:, None]
    return held


def _tested(
    study: Study, accuracy: Change, truth: Truth, periods: tuple[Reports, Reports]
) -> Flags:
    """Return whether the test of `change` told rightly that a share changed, or that it did not."""
    import numpy as np

    z = normal_quantile(float(1 - accuracy.confidence))
    before, after = periods
    first, second = (counted[:, None] for _, counted in periods)
    rate = max(study.held) if study.counted is None else study.counted
    enough = (first > 1) & (second > 1)
    error = np.sqrt(  # `change.standard_error`, for all fleets at once
        (1 - rate) / 4 * (1 / np.maximum(first - 1, 1) + 1 / np.maximum(second - 1, 1))
    )
    difference = after[0] / np.maximum(second, 1) - before[0] / np.maximum(first, 1)
    # where all report, the error is 0, and so is the difference of what did not change
    noticed = (np.abs(difference) >= z * error) & (difference != 0) & enough
    changed = np.array([one != other for one, other in zip(truth.arcs, truth.later, strict=True)])
    right: Flags = noticed[:, changed] if changed.any() else ~noticed[:, [0]]
    return right
