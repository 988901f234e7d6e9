"""How many installations there are, as far as anyone knows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import exp, log1p, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Installations that can report in a week: taking part, active, and having the counter.

    Rates are planned for `low`, so that the promise holds; `likely` is what is reported as
    expected. 0 <= low <= likely <= high.
    """

    low: int
    likely: int
    high: int

    def share(self, share: Fraction) -> Population:
        """Return the part of this population that is a share of it, each number rounded down.

        Args:
            share: A fraction in [0, 1].

        Examples:
            >>> from fractions import Fraction
            >>> Population(low=10, likely=15, high=20).share(Fraction(1, 4))
            Population(low=2, likely=3, high=5)
        """
        return _part(self, share)


@lru_cache(maxsize=1024)  # charts of a program share its population and a few versions
def _part(whole: Population, share: Fraction) -> Population:
    return Population(
        low=int(share * whole.low), likely=int(share * whole.likely), high=int(share * whole.high)
    )


def lower_quantile(*, likely: float, cv: float, assurance: float) -> float:
    """Return the population that there is at least, as surely as wished.

    The logarithm of the population is taken as normal: halving is as likely as doubling. What is
    planned for this number as `low` has its promise with the probability `assurance`, as far as
    that depends on the population.

    Args:
        likely: The median, positive.
        cv: Coefficient of variation, the standard deviation over the mean; at least 0.
        assurance: A fraction in (0, 1).

    Returns:
        Installations: at most `likely` if the assurance is at least one half.

    Raises:
        ValueError: An argument lies outside its interval.

    Examples:
        How many times larger the rate becomes, for 90 %:

        >>> for cv in 0.1, 0.3, 0.5, 1.0:
        ...     print(round(1 / lower_quantile(likely=1, cv=cv, assurance=0.9), 2))
        1.14
        1.46
        1.83
        2.91
    """
    if not (likely > 0 and cv >= 0 and 0 < assurance < 1):
        raise ValueError(f"no population for {likely=}, {cv=}, {assurance=}")
    return likely * exp(-NormalDist().inv_cdf(assurance) * sqrt(log1p(cv * cv)))
