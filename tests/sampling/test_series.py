"""The least sample size by Edgeworth's series, against coverage by scipy."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from random import Random

import pytest

from chartconfig.sampling import proportion, series
from tests.oracle import sample_rates as oracle

CONFIDENCES = [Fraction(c) for c in (".8", ".85", ".9", ".95", ".98", ".99", ".999")]
NEAR = 1.0018
"""What the series asks for is told to be within .18 % of the least size."""


def size_of(margin: Fraction, confidence: Fraction, population: int) -> float:
    alpha = float(1 - confidence)
    z = proportion.normal_quantile(alpha)
    return series.sample_size(margin, z=z, alpha=alpha, population=population)


@pytest.mark.parametrize("seed", range(200))
def test_the_size_is_near_the_least(seed: int) -> None:
    choose = Random(seed)  # noqa: S311 - the same cases every time
    confidence = choose.choice(CONFIDENCES)
    z = proportion.normal_quantile(float(1 - confidence))
    normal = max(300, 4 * z**4) * 10 ** choose.uniform(0, 1.2)  # where the series is used
    margin = Fraction(int(1e5 * z / 2 / normal**0.5), 10**5)
    # Half of the populations are as small as is allowed.
    often = choose.choice([0, choose.uniform(0.5, 5)])
    population = ceil(9.3 * normal * 10**often)
    size = size_of(margin, confidence, population)
    enough, few = (
        oracle.worst_share(
            rate=oracle.fraction_of(tried, population), margin=margin, population=population
        )[1]
        for tried in (size * NEAR, size / NEAR)
    )
    assert few < confidence <= enough


@pytest.mark.parametrize(
    ("margin", "confidence"),
    [
        ("0.05", "0.95"),  # shares of 9/20 just miss one half
        ("0.0333", "0.9"),
        ("0.025", "0.95"),
        ("0.02", "0.999"),
        ("0.0299", "0.8"),
    ],
)
def test_round_margins_of_many_installations(margin: str, confidence: str) -> None:
    for population in (10**5, 10**7, 10**9):
        size = size_of(Fraction(margin), Fraction(confidence), population)
        enough, few = (
            oracle.worst_share(
                rate=oracle.fraction_of(tried, population),
                margin=Fraction(margin),
                population=population,
            )[1]
            for tried in (size * NEAR, size / NEAR)
        )
        assert few < Fraction(confidence) <= enough


def test_the_size_is_between_the_normal_one_and_the_closed_form() -> None:
    for permille in range(10, 50):
        margin, confidence, population = Fraction(permille, 1000), Fraction(95, 100), 10**8
        closed = proportion.closed_form(margin, confidence=confidence, population=population)
        size = size_of(margin, confidence, population)
        assert closed.normal_size < size < closed.size
