"""The population that there is at least, and what there is none for."""

from __future__ import annotations

from fractions import Fraction
from math import exp, inf, log, nan, sqrt

import pytest

from chartconfig.sampling.population import Population, lower_quantile


@pytest.mark.parametrize(
    ("likely", "cv", "assurance"),
    [
        (0, 0.1, 0.9),
        (-1, 0.1, 0.9),
        (10, -0.1, 0.9),
        (10, 0.1, 0),
        (10, 0.1, 1),
        (10, 0.1, 1.5),
        (0, 0.1, 2),
        (0, -0.1, 0.9),
        (nan, 0.1, 0.9),
    ],
)
def test_no_population(likely: float, cv: float, assurance: float) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the whole message is compared
        lower_quantile(likely=likely, cv=cv, assurance=assurance)
    expected = f"no population for likely={likely!r}, cv={cv!r}, assurance={assurance!r}"
    assert str(raised.value) == expected


def test_quantiles_of_a_lognormal() -> None:
    assert lower_quantile(likely=7, cv=0, assurance=0.9) == 7
    assert lower_quantile(likely=0.5, cv=2, assurance=0.5) == 0.5
    # 97.5 % of a normal lies above -1.959964.
    expected = 1000 * exp(-1.959963984540054 * sqrt(log(1 + 0.3**2)))
    assert lower_quantile(likely=1000, cv=0.3, assurance=0.975) == pytest.approx(expected, 1e-12)
    assert lower_quantile(likely=inf, cv=0.3, assurance=0.975) == inf


def test_shares_are_rounded_down() -> None:
    whole = Population(low=99, likely=100, high=101)
    assert whole.share(Fraction(1, 10)) == Population(low=9, likely=10, high=10)
    assert whole.share(Fraction(1)) == whole
    assert whole.share(Fraction(0)) == Population(low=0, likely=0, high=0)
