"""The share that a sample rate serves worst: found, or proven to be served well enough.

Each installation more that holds a bucket moves the estimate up, or leaves it. So from a to b
holders, P(estimate < x) is largest for a and P(estimate > x) for b, and over all shares between

    coverage >= 1 - P(nobody) - P_a(estimate < lowest(b)) - P_b(estimate > highest(a)).

Where this bound is too weak the range is cut into smaller ones, until what is left are neighbours.
"""

from __future__ import annotations

from itertools import pairwise
from math import ceil, floor, gcd, sqrt
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
_HIGHER, _WIDER, _WORST = 0.0005, 1.1, 12
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
    known = _known(places, rate, interval)
    ranges = list(pairwise(places))
    while True:
        if missed := sorted((held, place) for place, held in known.items() if held < least):
            return tuple(place for _, place in missed[:_WORST])
        open_ranges = [
            (held, bound)
            for held, bound in zip(ranges, _bounds(ranges, rate, interval), strict=True)
            if bound < least and held[1] - held[0] > 1
        ]
        if not open_ranges:
            return ()
        ranges = []
        for ends, bound in open_ranges:
            held = min(known[ends[0]], known[ends[1]])
            ranges += _cut(ends, 2 + (held - bound) / max(held - least, 1e-9))
        examined += _counts(ranges, rate, interval)
        if examined > _MOST_COUNTS:
            return None
        known = _known(sorted({place for ends in ranges for place in ends}), rate, interval, known)


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
    known = _known(places, rate, interval)
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

    Returns:
        A rate that was proven to suffice, while the next lower was seen to fail some share; or one
        that is .05 % higher than that, or more, where the proof would have taken too long.
    """
    hard: set[int] = set()
    higher = _HIGHER

    def holds(rate: float) -> bool:
        return rate >= high or all(
            held >= confidence
            for held in coverages(sorted(hard), rate=rate / room, interval=interval)
        )

    rate = low
    while True:
        above = rate
        while not holds(above):
            above = min(high, above * _WIDER)
        rate = first_number(holds, low=max(rate, above / _WIDER), high=above)
        if rate >= high:
            return high
        found = uncovered(places, rate=rate / room, confidence=confidence, interval=interval)
        if found == ():
            return rate
        if found is None:
            rate = round_up(rate * (1 + higher))
            higher *= 2
        else:
            hard.update(found)


def _known(
    places: Iterable[int], rate: float, interval: Interval, known: dict[int, float] | None = None
) -> dict[int, float]:
    """Return the coverage of each share, without computing what is known."""
    known = known or {}
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
    held, after, before = zip(*places, strict=True) if places else ((), (), ())
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
