"""The share that a sample rate serves worst: found, or proven to be served well enough.

Each installation more that holds a bucket moves the estimate up, or leaves it. So from a to b
holders, P(estimate < x) is largest for a and P(estimate > x) for b, and over all shares between

    coverage >= 1 - P(nobody) - P_a(estimate < lowest(b)) - P_b(estimate > highest(a)).

Where this bound is too weak the range is cut into smaller ones, until what is left are neighbours.
"""

from __future__ import annotations

from itertools import pairwise
from math import ceil, floor, gcd, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, TypeAlias

from chartconfig.sampling.coverage import coverages, misses, silence
from chartconfig.sampling.inverse import first_number
from chartconfig.sampling.rounding import round_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from fractions import Fraction

    from chartconfig.sampling.coverage import Interval

_LARGEST_DENOMINATOR = 8
_FIRST_CUT, _GROWTH, _MOST_PIECES = 8, 1.25, 8
_MOST_COUNTS = 2_000_000
"""Probabilities to work out before a search is given up: some 50 ms."""
_HIGHER, _WORST = 0.0005, 8
_NEAR = 1e-5
"""The least coverage is told to so much."""

Range: TypeAlias = tuple[int, int]


def cuts(interval: Interval, *, low: int, high: int, hardest: int) -> tuple[int, ...]:
    """Return where to cut the range of shares at first, ascending.

    Coverage falls where an end of the interval passes a fraction with a small denominator, because
    all samples with that ratio then miss; both sides of such places are cuts. The others are
    denser where the variance leaves the least room.

    Args:
        interval: What is promised.
        low: The least M to examine.
        high: The largest M.
        hardest: `low` or `high`, where the cuts are dense.
    """
    places = {low, high}
    for q in range(1, _LARGEST_DENOMINATOR + 1):
        for h in range(q + 1):
            if gcd(h, q) == 1:
                end = interval.scale * h
                over = -((q * interval.slack - end) // (q * interval.above))
                under = (q * interval.slack + end) // (q * interval.below)
                places.update((over - 1, over, under, under + 1))
    width = (interval.highest(hardest) - interval.lowest(hardest)) * interval.population
    step = max(1.0, width / (2 * _FIRST_CUT * interval.scale))
    place = float(hardest)
    while low <= place <= high:
        places.add(floor(place))
        place += step if hardest == low else -step
        step *= _GROWTH
    return tuple(sorted(place for place in places if low <= place <= high))


def uncovered(
    places: Sequence[int], *, rate: float, confidence: Fraction, interval: Interval
) -> tuple[int, ...] | None:
    """Return shares that a rate does not cover; none is a proof that it covers all.

    Args:
        places: The least and the largest M, and others between them; see `cuts`.
        rate: A fraction in (0, 1).
        confidence: A fraction in (0, 1).
        interval: What is promised.

    Returns:
        Some M, the worst first; empty if every M from the first place to the last is covered;
        None if that takes too long to tell.
    """
    least, examined = float(confidence), 0.0
    known: dict[int, float] = {}
    ranges = list(pairwise(places)) or [(places[0], places[0])]
    while True:
        weak = [
            (ends, bound)
            for ends, bound in zip(ranges, _bounds(ranges, rate, interval), strict=True)
            if bound < least
        ]
        ends_of_weak = {place for ends, _ in weak for place in ends}
        known = _known(sorted(ends_of_weak), rate, interval, known)
        if missed := sorted((held, place) for place, held in known.items() if held < least):
            return tuple(place for _, place in missed[:_WORST])
        ranges = []
        for (start, stop), bound in weak:
            if stop - start > 1:
                held = min(known[start], known[stop])
                ranges += _cut((start, stop), 2 + (held - bound) / max(held - least, 1e-9))
        if not ranges:
            return ()
        examined += _counts(ranges, rate, interval)
        if examined > _MOST_COUNTS:
            return None


def least_coverage(places: Sequence[int], *, rate: float, interval: Interval) -> tuple[int, float]:
    """Return the share that is covered worst, and its coverage.

    Args:
        places: The least and the largest M, and others between them; see `cuts`.
        rate: A fraction in (0, 1).
        interval: What is promised.

    Returns:
        M, and a probability. That of no other M is lower by more than 1e-5, or it was not found
        among two million counts.
    """
    known = _known(places, rate, interval, {})
    ranges = list(pairwise(places))
    examined = 0.0
    while ranges:
        enough = min(known.values()) - _NEAR
        weak = [
            ends
            for ends, bound in zip(ranges, _bounds(ranges, rate, interval), strict=True)
            if bound < enough and ends[1] - ends[0] > 1
        ]
        ranges = [piece for ends in weak for piece in _cut(ends, _MOST_PIECES)]
        examined += 2 * _counts(ranges, rate, interval)
        if examined > _MOST_COUNTS:
            break
        known |= _known(sorted({place for ends in ranges for place in ends}), rate, interval, known)
    return min((held, place) for place, held in known.items())[::-1]


def least_rate(
    places: Sequence[int],
    *,
    confidence: Fraction,
    interval: Interval,
    low: float,
    high: float,
    room: float = 1.0,
    between: bool = True,
) -> float:
    """Return the least sample rate, of four significant digits, that covers every share.

    Args:
        places: The least and the largest M, and others between them; see `cuts`.
        confidence: A fraction in (0, 1).
        interval: What is promised.
        low: In (0, 1]; no lower rate is tried.
        high: At least `low`; a rate known to suffice.
        room: What the rate is to be divided by and still cover every share; at least 1. Proofs are
            shorter where there is some, and it is safe where coverage rises with the rate.
        between: Whether every M between the places is to be covered, rather than the places alone.

    Returns:
        A rate that was proven to suffice, while the next lower was seen to fail some share; or one
        that is .05 % higher than that, or more, where the proof would have taken too long.
    """
    hard: set[int] = set()

    def held(tried: Iterable[int], rate: float) -> list[tuple[float, int]]:
        """Return how well shares are covered, the worst first."""
        tried = sorted(tried)
        return sorted(
            zip(coverages(tried, rate=rate / room, interval=interval), tried, strict=True)
        )

    # 1. What is hard at the lowest rate, and how hard, tells about where the rate will be.
    near = low
    if low < high:
        known = held(places, low)
        hard.update(place for _, place in known[:_WORST])
        near *= 1 + (float(confidence) - known[0][0]) / _slope(confidence)
    # 2. The rate that those need that were hard so far, until no other is harder.
    higher = _HIGHER
    rate = low
    while True:
        rate = first_number(
            lambda tried: held(hard, tried)[0][0] >= confidence, low=rate, high=high, near=near
        )
        if rate >= high:
            return high
        found: Sequence[int] | None
        if between:
            found = uncovered(places, rate=rate / room, confidence=confidence, interval=interval)
        else:
            found = [place for covered, place in held(places, rate) if covered < confidence]
        if found is None:
            rate = round_up(rate * (1 + higher))
            higher *= 2
        elif not found:
            return rate
        else:
            hard.update(found[:_WORST])
        near = rate


def _slope(confidence: Fraction) -> float:
    """Return how much coverage rises where the rate does by a part of itself: z φ(z)."""
    z = -NormalDist().inv_cdf(float(1 - confidence) / 2)
    return z * NormalDist().pdf(z)


def _known(
    places: Iterable[int], rate: float, interval: Interval, known: dict[int, float]
) -> dict[int, float]:
    """Return the coverage of each share, without computing what is known."""
    fresh = [place for place in places if place not in known]
    new = dict(zip(fresh, coverages(fresh, rate=rate, interval=interval), strict=True))
    return {place: new[place] if place in new else known[place] for place in places}


def _bounds(ranges: Sequence[Range], rate: float, interval: Interval) -> Iterator[float]:
    """Yield the least that the coverage can be within each range."""
    places: list[tuple[int, int, int]] = []
    for start, stop in ranges:  # a place that two ranges share is worked out once
        if places and places[-1][0] == start:
            places[-1] = (start, stop, places[-1][2])
        else:
            places.append((start, stop, start))
        places.append((stop, stop, start))
    held, after, before = zip(*places, strict=True)
    falls, rises = misses(held, after, before, rate=rate, interval=interval)
    fall, rise = dict(zip(held, falls, strict=True)), dict(zip(held, rises, strict=True))
    silent = silence(rate, population=interval.population)
    for start, stop in ranges:
        yield 1 - silent - fall[start] - rise[stop]


def _counts(ranges: Sequence[Range], rate: float, interval: Interval) -> float:
    """Return about how many probabilities it takes to bound the ranges."""
    return len(ranges) * 16 * sqrt(interval.population * rate * (1 - rate) + 1)


def _cut(ends: Range, pieces: float) -> list[Range]:
    start, stop = ends
    count = min(ceil(min(pieces, _MOST_PIECES)), stop - start)
    places = [start + (stop - start) * place // count for place in range(count + 1)]
    return list(pairwise(places))
