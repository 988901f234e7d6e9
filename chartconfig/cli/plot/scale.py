"""Axes: where a number is drawn, and which round numbers are written beside it."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MARGIN = 0.06
"""Of the axis, left free at each end of a logarithmic one, and at the far end of a linear one."""
_STEPS = ((1, 2, 5), (1, 3), (1,))
_LINEAR_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A stretch of numbers, and those of them that are written at it."""

    low: float
    high: float
    ticks: tuple[float, ...]
    logarithmic: bool

    def place(self, number: float) -> float:
        """Return where a number is: 0 at the low end, 1 at the high end, and beyond.

        Examples:
            >>> logarithmic([1, 100], ticks=5).place(10)
            0.5
        """
        if self.logarithmic:
            return log10(number / self.low) / log10(self.high / self.low)
        return (number - self.low) / (self.high - self.low)


def logarithmic(numbers: Iterable[float], *, ticks: int) -> Scale:
    """Return a logarithmic scale on which numbers fit.

    Args:
        numbers: Positive, at least one.
        ticks: How many numbers may be written at it, more or less.

    Examples:
        >>> logarithmic([0.02, 0.6], ticks=5).ticks
        (0.02, 0.05, 0.1, 0.2, 0.5)
    """
    numbers = list(numbers)
    low, high = min(numbers), max(numbers)
    if high < 2 * low:  # too near to each other to be told apart by an axis of their own
        low, high = low / 2, high * 2
    room = (high / low) ** _MARGIN
    powers = range(floor(log10(low)), floor(log10(high)) + 1)
    for steps in _STEPS:
        marks = [float(f"{step}e{power}") for power in powers for step in steps]
        marks = [mark for mark in marks if low / room <= mark <= high * room]
        if len(marks) <= ticks:
            break
    while len(marks) > ticks:
        marks = marks[::2]
    return Scale(low=low / room, high=high * room, ticks=tuple(marks), logarithmic=True)


def linear(high: float, *, ticks: int) -> Scale:
    """Return a linear scale from 0 to a number and a little further.

    Args:
        high: Positive.
        ticks: How many numbers may be written at it at most, 0 among them; at least 2.

    Examples:
        >>> linear(0.02, ticks=5).ticks
        (0.0, 0.005, 0.01, 0.015, 0.02)
    """
    end = high * (1 + _MARGIN)
    power = floor(log10(end)) - 1
    steps = (float(f"{step}e{power + more}") for more in (0, 1, 2) for step in _LINEAR_STEPS)
    step = next(step for step in steps if int(end / step) < ticks)
    count = int(end / step) + 1
    marks = tuple(float(f"{step * index:.6g}") for index in range(count))
    return Scale(low=0.0, high=end, ticks=marks, logarithmic=False)


def installations(number: float) -> str:
    """Return a number of installations as people write it.

    Examples:
        >>> [installations(number) for number in (1_200_000, 21_850, 300, 10**9)]
        ['1.2M', '21.85k', '300', '1,000M']
    """
    for size, sign in ((10**6, "M"), (10**3, "k")):
        if number >= size:
            return f"{number / size:,.7g}{sign}"
    return f"{number:g}"
