"""All buckets at once: the part of each, and Thompson's worst case, against other calculations."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import numpy as np
import pytest

from chartconfig.sampling.simultaneous import (
    one_bucket_confidence,
    sample_rate,
    sample_size,
    suffices,
)
from tests.oracle import sample_rates as oracle


def least_covered(rate: float, margin: Fraction, population: int) -> float:
    every = np.arange(population // 2 + 1)
    return float(oracle.coverages(every, rate=rate, margin=margin, population=population).min())


@pytest.mark.parametrize(
    ("buckets", "exclusive", "expected"),
    [
        (1, True, Fraction(9, 10)),
        (2, True, Fraction(9, 10)),
        (3, True, None),
        (1, False, Fraction(9, 10)),
        (2, False, Fraction(95, 100)),
        (10, False, Fraction(99, 100)),
    ],
)
def test_the_part_of_each_bucket(
    buckets: int, expected: Fraction | None, *, exclusive: bool
) -> None:
    assert one_bucket_confidence(Fraction(9, 10), buckets=buckets, exclusive=exclusive) == expected


@pytest.mark.parametrize("population", [20, 200, 1_146, 1_148, 10**6])
@pytest.mark.parametrize("margin", [Fraction(1, 10), Fraction(3, 10), Fraction(1, 2)])
def test_the_size_of_a_partition(population: int, margin: Fraction) -> None:
    confidence = Fraction(95, 100)
    assert sample_size(margin, confidence=confidence, population=population) == pytest.approx(
        oracle.partition_size(margin, confidence=confidence, population=population), 1e-9
    )


@pytest.mark.parametrize(("buckets", "exclusive"), [(2, True), (2, False), (5, False)])
def test_each_bucket_is_covered_for_its_part(buckets: int, *, exclusive: bool) -> None:
    margin, confidence, population = Fraction(1, 10), Fraction(9, 10), 150
    rate = sample_rate(
        margin, confidence=confidence, population=population, buckets=buckets, exclusive=exclusive
    )
    part = 0.9 if exclusive else 1 - 0.1 / buckets
    assert least_covered(rate, margin, population) >= part
    assert least_covered(rate / 1.005, margin, population) < part


@pytest.mark.parametrize("population", [130, 5000])
def test_a_partition_of_many(population: int) -> None:
    margin, confidence = Fraction(1, 10), Fraction(95, 100)
    size = oracle.partition_size(margin, confidence=confidence, population=population)
    assert size < population * 1.5
    rate = sample_rate(
        margin, confidence=confidence, population=population, buckets=3, exclusive=True
    )
    assert rate >= oracle.fraction_of(size, population) * (1 - 1e-12)
    if size <= population:
        assert rate == pytest.approx(oracle.fraction_of(size, population), 1e-12)


@pytest.mark.parametrize(("population", "buckets"), [(60, 8), (40, 30)])
def test_a_partition_of_few_where_each_bucket_asks_for_more(population: int, buckets: int) -> None:
    margin, confidence = Fraction(1, 10), Fraction(95, 100)
    size = oracle.partition_size(margin, confidence=confidence, population=population)
    rate = sample_rate(
        margin, confidence=confidence, population=population, buckets=buckets, exclusive=True
    )
    part = 1 - 0.05 / buckets
    assert rate > oracle.fraction_of(size, population)
    assert least_covered(rate, margin, population) >= part
    assert least_covered(rate / 1.005, margin, population) < part


@pytest.mark.parametrize(("population", "margin"), [(12, Fraction(3, 10)), (20, Fraction(1, 10))])
def test_a_partition_of_few_where_it_asks_for_more_than_each_bucket(
    population: int, margin: Fraction
) -> None:
    confidence = Fraction(95, 100)
    size = oracle.partition_size(margin, confidence=confidence, population=population)
    rate = sample_rate(
        margin, confidence=confidence, population=population, buckets=3, exclusive=True
    )
    assert size > population
    assert rate == pytest.approx(oracle.fraction_of(size, population), 1e-12)


@pytest.mark.parametrize(
    ("population", "buckets", "exclusive"),
    [
        *((5000, 2, True), (5000, 5, False), (150, 5, False)),  # for the part of each bucket
        *((5000, 3, True), (130, 3, True)),  # for a partition of many
        *((60, 8, True), (40, 30, True)),  # of few where each bucket asks for more
        (12, 3, True),  # and where it asks for more than each bucket
    ],
)
def test_what_is_asked_suffices_and_no_less(
    population: int, buckets: int, *, exclusive: bool
) -> None:
    margin, confidence = Fraction(3, 10) if population < 20 else Fraction(1, 10), Fraction(95, 100)
    least = sample_rate(
        margin, confidence=confidence, population=population, buckets=buckets, exclusive=exclusive
    )
    for rate, expected in ((least, True), (1.0, True), (least * 0.999, False)):
        found = suffices(
            rate,
            margin=margin,
            confidence=confidence,
            population=population,
            buckets=buckets,
            exclusive=exclusive,
        )
        assert found is expected


@pytest.mark.parametrize(("population", "buckets"), [(60, 8), (40, 30)])
def test_the_rate_of_a_partition_does_not_suffice_where_each_bucket_asks_for_more(
    population: int, buckets: int
) -> None:
    margin, confidence = Fraction(1, 10), Fraction(95, 100)
    size = sample_size(margin, confidence=confidence, population=population)
    rate = size / (population + size)
    assert least_covered(rate, margin, population) < 1 - 0.05 / buckets
    assert not suffices(
        rate,
        margin=margin,
        confidence=confidence,
        population=population,
        buckets=buckets,
        exclusive=True,
    )


def test_what_the_closed_form_leaves_open_is_denied_where_it_is_not_computed() -> None:
    margin, confidence = Fraction(1, 10), Fraction(95, 100)
    rate = sample_rate(margin, confidence=confidence, population=150, buckets=5, exclusive=False)
    enough = partial(
        suffices,
        margin=margin,
        confidence=confidence,
        population=150,
        buckets=5,
        exclusive=False,
    )
    assert enough(rate)
    assert not enough(rate, exactly=False)
    assert enough(1.0, exactly=False)
