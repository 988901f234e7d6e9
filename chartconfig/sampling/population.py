"""How many installations there are, as far as anyone knows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
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
