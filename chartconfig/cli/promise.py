"""A target accuracy in a few words, for a column of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartconfig.charts.numbers import percent
from chartconfig.charts.target import KINDS
from chartconfig.sampling.accuracy import Change, Margin, RelativeMargin
from chartconfig.sampling.required import value_of

if TYPE_CHECKING:
    from fractions import Fraction

    from chartconfig.sampling.accuracy import Accuracy

_SIGNS = {
    "margin": "±{}",
    "relative_margin": "±{} of itself",
    "distribution_margin": "CDF ±{}",
    "detect": "detect {}",
    "change": "change {}",
}


def promise(accuracy: Accuracy) -> str:
    """Return what is promised, and how surely.

    Examples:
        >>> from fractions import Fraction
        >>> promise(Margin(margin=Fraction(1, 100), confidence=Fraction(95, 100), weeks=13))
        '±1% at 95%, 13 weeks'
    """
    text = signed(accuracy, value_of(accuracy))
    if isinstance(accuracy, RelativeMargin):
        text += f" from {percent(accuracy.smallest_share)}"
    text += f" at {percent(accuracy.confidence)}"
    if isinstance(accuracy, Change):
        text += f", power {percent(accuracy.power)}"
    if isinstance(accuracy, Margin):
        text += " together" * accuracy.simultaneous + " guaranteed" * accuracy.guaranteed
    if accuracy.weeks > 1:
        text += f", {accuracy.weeks} weeks"
    if accuracy.groups:
        text += f", all {accuracy.groups} of {', '.join(accuracy.for_each)}"
    elif accuracy.for_each:
        text += f", each {', '.join(accuracy.for_each)}"
    return text


def signed(accuracy: Accuracy, value: Fraction | float) -> str:
    """Return a margin, share or change of an accuracy's kind."""
    return _SIGNS[KINDS[type(accuracy)]].format(percent(value))
