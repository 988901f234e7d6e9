"""The smallest number for which a promise holds: bisection over what can be written down.

Margins of few digits and whole numbers of weeks or installations are what people read and write,
so these are searched rather than the reals: the answer itself was tried and found to hold.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from chartconfig.sampling.rounding import DIGITS, decimal_fraction, round_up

if TYPE_CHECKING:
    from collections.abc import Callable

FINEST, _WIDEST, MARGIN_DIGITS = 1e-9, 0.999, 3
_LARGEST_COUNT = 1 << 62
_ROOT_DECIMALS = 30
"""The thousandth root of .99999999999999, as near to 1 as a confidence can be, has 17 nines."""


def first_number(
    holds: Callable[[float], bool],
    *,
    low: float,
    high: float,
    near: float,
    digits: int = DIGITS,
) -> float:
    """Return the smallest number of so many digits in [low, high] for which a condition holds.

    Args:
        holds: False up to some number and true from there on; taken to be true at `high`.
        low: Positive; rounded up to the digits.
        high: At least `low`; rounded up too.
        near: Where to look first: the nearer it is, the fewer numbers are tried.
        digits: At least 1.

    Examples:
        >>> first_number(lambda rate: rate * rate >= 0.5, low=0.1, high=1, near=0.7)
        0.7072
    """
    first = first_integer(
        lambda index: holds(_number(index, digits)),
        low=_index(low, digits),
        high=_index(high, digits),
        near=_index(max(low, near), digits),
    )
    return _number(first, digits)


def _index(number: float, digits: int) -> int:
    """Return the place of a number, rounded up, among all positive ones of so many digits."""
    decimal = Decimal(repr(round_up(number, digits=digits)))
    exponent = decimal.adjusted() - digits + 1
    least: int = 10 ** (digits - 1)
    return exponent * 9 * least + int(decimal.scaleb(-exponent)) - least


def _number(index: int, digits: int) -> float:
    """Return the number at a place, the inverse of `_index`."""
    least: int = 10 ** (digits - 1)
    exponent, offset = divmod(index, 9 * least)
    return float(f"{offset + least}e{exponent}")


def first_integer(
    holds: Callable[[int], bool], *, low: int, high: int, near: int | None = None
) -> int:
    """Return the smallest integer in [low, high] for which a condition holds.

    By bisection, or in strides that double from where it is expected.

    Args:
        holds: False up to some integer and true from there on; taken to be true at `high`.
        low: Where to start.
        high: At least `low`.
        near: Where to look first: the nearer it is, the fewer integers are tried.

    Examples:
        >>> first_integer(lambda n: n * n >= 50, low=0, high=50)
        8
        >>> first_integer(lambda n: n * n >= 50, low=0, high=50, near=7)
        8
    """
    if near is not None:
        place, stride = min(max(low, near), high), 1
        if place == high or holds(place):
            while low < place and holds(below := max(low, place - stride)):
                place, stride = below, 2 * stride
            low, high = max(low, place - stride + 1), place
        else:
            low = place + 1
            while (place := min(place + stride, high)) < high and not holds(place):
                low, stride = place + 1, 2 * stride
            high = place
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


@cache
def least_root(number: Fraction, *, degree: int) -> Fraction:
    """Return the smallest number of 30 decimals whose power is at least `number`.

    Args:
        number: In [0, 1].
        degree: Of the power, at least 1.

    Examples:
        >>> from fractions import Fraction
        >>> least_root(Fraction(81, 100), degree=2)
        Fraction(9, 10)
    """
    whole = 10**_ROOT_DECIMALS
    least = first_integer(
        lambda root: root**degree * number.denominator >= number.numerator * whole**degree,
        low=0,
        high=whole,
    )
    return Fraction(least, whole)


def least_margin(
    holds: Callable[[Fraction], bool],
    *,
    surely: Callable[[Fraction], bool] | None = None,
) -> float | None:
    """Return the smallest margin of three significant digits for which a promise holds.

    Args:
        holds: False up to some margin and true from there on.
        surely: A costlier form of `holds`, which has the last word.

    Returns:
        A fraction in [1e-9, .999], or None if not even the widest will do.

    Examples:
        >>> least_margin(lambda margin: 3 * margin >= 1)
        0.334
    """
    low, high = _index(FINEST, MARGIN_DIGITS), _index(_WIDEST, MARGIN_DIGITS)

    def margin(index: int) -> Fraction:
        return decimal_fraction(_number(index, MARGIN_DIGITS))

    if not holds(margin(high)):
        return None
    first = first_integer(lambda index: holds(margin(index)), low=low, high=high)
    if surely is not None:
        first = first_integer(lambda index: surely(margin(index)), low=first, high=high, near=first)
    return _number(first, MARGIN_DIGITS)


def least_count(
    holds: Callable[[int], bool], *, surely: Callable[[int], bool] | None = None
) -> int | None:
    """Return the smallest positive integer for which a promise holds.

    Args:
        holds: False up to some integer and true from there on.
        surely: A costlier form of `holds`, which has the last word.

    Returns:
        The integer, or None if there is none up to 2**62.

    Examples:
        >>> least_count(lambda n: n * n >= 50)
        8
    """
    high = 1
    while not holds(high):
        if high >= _LARGEST_COUNT:
            return None
        high *= 2
    count = first_integer(holds, low=high // 2 + 1, high=high)
    if surely is None:
        return count
    return first_integer(surely, low=count, high=_LARGEST_COUNT, near=count)
