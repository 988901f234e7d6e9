"""Numbers of few significant digits, and rounding to them in the direction that keeps a promise.

A rate or a margin that is written down is a decimal. What a float stands for here is the decimal
that its `repr` shows, so that 0.1 is one tenth and a number of four digits is left alone.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction

DIGITS = 4
"""Significant digits of a rate in a collection config."""


def round_up(number: float, *, digits: int = DIGITS) -> float:
    """Return the smallest number of so many significant digits that is at least `number`.

    Args:
        number: Non-negative and finite.
        digits: At least 1.

    Examples:
        >>> round_up(0.0163342)
        0.01634
        >>> round_up(0.1)
        0.1
    """
    return float(Context(prec=digits, rounding=ROUND_CEILING).create_decimal(repr(number)))


def round_down(number: Fraction, *, digits: int = DIGITS) -> float:
    """Return the largest number of so many significant digits that is at most `number`.

    Args:
        number: Non-negative.
        digits: At least 1.

    Examples:
        >>> round_down(Fraction(5, 52))
        0.09615
    """
    context = Context(prec=digits, rounding=ROUND_FLOOR)
    return float(context.divide(Decimal(number.numerator), Decimal(number.denominator)))


def decimal_fraction(number: float) -> Fraction:
    """Return the decimal that the `repr` of a float shows, exactly.

    Examples:
        >>> decimal_fraction(0.1)
        Fraction(1, 10)
    """
    return Fraction(repr(number))
