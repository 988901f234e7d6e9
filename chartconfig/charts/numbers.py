"""Numbers as people write and read them: fractions, installations, target accuracies."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chartconfig.sampling.accuracy import (
    Accuracy,
    Change,
    Detect,
    DistributionMargin,
    Margin,
    RelativeMargin,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_MULTIPLES = {"k": 1_000, "M": 1_000_000}
_WHOLE = 100  # percent
_OFTEN = 1.5  # up to which a whole number of weeks would be one
_TWO_YEARS = 104  # from which on weeks say nothing
_DECADE = 10  # from which on parts of a year say nothing


@lru_cache(maxsize=1024)  # a thousand charts share a handful of fractions
def parse_fraction(text: str) -> Fraction:
    """Return `1%` or `0.01` as an exact fraction.

    Raises:
        ValueError: It is neither.

    Examples:
        >>> parse_fraction("1%") == parse_fraction("0.01") == Fraction(1, 100)
        True
    """
    if not re.fullmatch(r"[0-9]*\.?[0-9]+(?:e-?[0-9]{1,2})?%?", text, re.ASCII | re.IGNORECASE):
        message = f"{text!r} is no fraction: write 1% or 0.01"
        raise ValueError(message)
    if text.endswith("%"):
        return Fraction(text[:-1]) / 100
    return Fraction(text)


def parse_installations(text: str) -> int:
    """Return `300000`, `300k` or `1.2M` as a number of installations.

    Raises:
        ValueError: It is none of these.

    Examples:
        >>> parse_installations("1.2M")
        1200000
    """
    match = re.fullmatch(r"([0-9]{1,13}(?:\.[0-9]{1,6})?)([kM]?)", text, re.ASCII)
    number = Fraction(match[1]) * _MULTIPLES.get(match[2], 1) if match else Fraction(0)
    if number < 1 or number.denominator != 1:
        message = (
            f"{text!r} is no number of installations: write a whole one, at least 1, such as "
            "300000, 300k or 1.2M"
        )
        raise ValueError(message)
    return int(number)


def percent(fraction: Fraction | float) -> str:
    """Return a fraction as people write it, to six significant digits and without an exponent.

    What is less than 1 is never written as 100%, which no confidence is.

    Examples:
        >>> percent(Fraction(1, 100)), percent(0.0123), percent(Fraction(1, 3)), percent(1e-9)
        ('1%', '1.23%', '33.3333%', '0.0000001%')
        >>> percent(1), percent(Fraction("0.999999999"))
        ('100%', '99.9999999%')
    """
    number = float(fraction) * 100
    digits = 6 if float(f"{number:.6g}") < _WHOLE or number >= _WHOLE else 13
    return f"{Decimal(f'{number:.{digits}g}'):f}%"


def rounded(number: float, *, digits: int = 3) -> str:
    """Return a number to so many significant digits, without an exponent.

    Examples:
        >>> rounded(2.72896), rounded(0.99996), rounded(0.0000010199), rounded(3.25, digits=6)
        ('2.73', '1', '0.00000102', '3.25')
    """
    return f"{Decimal(f'{number:.{digits}g}'):f}"


def reports_a_year(number: float, *, digits: int = 3) -> str:
    """Return so many reports a year in words.

    Examples:
        >>> reports_a_year(2.72896), reports_a_year(0.99996)
        ('2.73 reports a year', '1 report a year')
    """
    told = rounded(number, digits=digits)
    return f"{told} report{'' if told == '1' else 's'} a year"


def cleaned(number: float) -> float:
    """Return a number without the error of floats in its last digits.

    Examples:
        >>> 52 * 0.01923, cleaned(52 * 0.01923)
        (0.9999600000000001, 0.99996)
    """
    return float(f"{number:.12g}")


def once_in(rate: float) -> str:
    """Return how often one installation reports at a rate a week.

    Examples:
        >>> once_in(0.0134), once_in(0.0073), once_in(0.0008)
        ('once in 75 weeks', 'once in 2.6 years', 'once in 24 years')
        >>> once_in(0.98), once_in(1)
        ('nearly every week', 'every week')
    """
    if rate == 1:
        return "every week"
    weeks = 1 / rate
    if weeks < _OFTEN:
        return "nearly every week"
    if weeks < _TWO_YEARS:
        return f"once in {weeks:.0f} weeks"
    years = weeks / 52
    return f"once in {years:.1f} years" if years < _DECADE else f"once in {years:,.0f} years"


def read_fraction(value: float | str) -> Fraction:
    """Return a fraction that its schema has let through, exactly as it is written."""
    return parse_fraction(value if isinstance(value, str) else repr(value))


def read_accuracy(data: Mapping[str, Any]) -> Accuracy:
    """Return a target accuracy that its schema has let through."""
    common: dict[str, Any] = {
        "confidence": read_fraction(data["confidence"]),
        "weeks": data.get("weeks", 1),
        "for_each": tuple(data.get("for_each", ())),
        "smallest_group": read_fraction(data["smallest_group"])
        if "smallest_group" in data
        else None,
        "groups": data.get("groups"),
    }
    if "margin" in data:
        return Margin(
            margin=read_fraction(data["margin"]),
            simultaneous=data.get("simultaneous", False),
            guaranteed=data.get("guaranteed", False),
            **common,
        )
    if "relative_margin" in data:
        return RelativeMargin(
            relative_margin=read_fraction(data["relative_margin"]),
            smallest_share=read_fraction(data["smallest_share"]),
            **common,
        )
    if "detect" in data:
        return Detect(detect=read_fraction(data["detect"]), reports=data["reports"], **common)
    if "distribution_margin" in data:
        margin = read_fraction(data["distribution_margin"])
        return DistributionMargin(distribution_margin=margin, **common)
    return Change(
        change=read_fraction(data["change"]), power=read_fraction(data["power"]), **common
    )
