"""Relative margins: every share that is not too small is covered."""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from random import Random

import pytest

from chartconfig.sampling import proportion, relative

CONFIDENCES = [Fraction(c) for c in (".5", ".8", ".95", ".99", ".999")]


def covered(carriers: int, *, rate: float, margin: Fraction, population: int) -> float:
    return proportion.coverage(
        carriers,
        rate=rate,
        margin=margin * Fraction(carriers, population),
        population=population,
    )


@pytest.mark.parametrize("seed", range(120))
def test_every_share_is_covered(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - the same cases in every run
    population = int(10 ** random.uniform(0, 2.6))
    smallest = Fraction(ceil(10 ** random.uniform(0, 4)) - 1, 10_000) or Fraction(1, 10_000)
    margin = Fraction(random.randint(20, 980), 1000)
    confidence = random.choice(CONFIDENCES)
    rate = relative.sample_rate(
        margin, smallest_share=smallest, confidence=confidence, population=population
    )
    first = max(1, ceil(smallest * population))
    for carriers in range(first, population + 1):
        probability = covered(carriers, rate=rate, margin=margin, population=population)
        assert probability >= float(confidence) - 1e-12, carriers


@pytest.mark.parametrize("population", [1, 2, 7, 40])
def test_a_share_of_one_installation_is_reported_by_that_one(population: int) -> None:
    rate = relative.sample_rate(
        Fraction(9, 10),
        smallest_share=Fraction(1, 10**12),
        confidence=Fraction(95, 100),
        population=population,
    )
    assert rate >= 0.95
    held = covered(1, rate=rate, margin=Fraction(9, 10), population=population)
    assert held >= 0.95 - 1e-12


def test_the_normal_rate_of_the_textbook_misses_its_promise() -> None:
    """Relative "80 %" at p = 5e-4 and rho = 1/2, of a million installations, delivers .7685."""
    closed = relative.closed_form(
        Fraction(1, 2),
        smallest_share=Fraction(5, 10_000),
        confidence=Fraction(4, 5),
        population=10**6,
    )
    normal = closed.z**2 * (1 - closed.share) / (0.25 * closed.share)

    def worst(rate: float) -> float:
        return min(
            covered(carriers, rate=rate, margin=Fraction(1, 2), population=10**6)
            for carriers in range(500, 560)
        )

    assert worst(normal / (10**6 + normal)) == pytest.approx(0.7685, abs=5e-5)
    assert worst(closed.rate) >= 0.8
