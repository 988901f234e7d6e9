"""Which way leads to the least rate of a share, and what is plain without it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from chartconfig.sampling.proportion import (
    Method,
    closed_form,
    coverage,
    is_closed,
    method,
    sample_rate,
    suffices,
)
from tests.oracle import sample_rates as oracle


@pytest.mark.parametrize(
    ("margin", "confidence", "population", "expected"),
    [
        ("0.008", "0.95", 10**5, "closed form"),  # so near to the normal rate
        ("0.003", "0.8", 10**9, "closed form"),  # a sample of more than 20,000
        ("0.00237", "0.52", 30_000, "closed form"),  # the same, though not tight
        ("0.004", "0.8", 10**6, "closed form"),  # so near to the series
        ("0.014", "0.8", 10**5, "closed form"),
        ("0.017", "0.95", 3000, "closed form"),  # a rate .4 % lower fails some share
        ("0.02", "0.8", 10**5, "series"),
        ("0.05", "0.95", 10**5, "series"),
        ("0.0736", "0.999", 10**6, "series"),  # n is 500, and 4 z⁴ is 469
        ("0.088", "0.999", 10**6, "exact"),  # n is 350
        ("0.03", "0.79", 10**6, "exact"),  # a confidence too low for the series
        ("0.05", "0.95", 3000, "exact"),  # where more than a ninth reports
        ("0.2", "0.95", 10**6, "exact"),  # a margin too wide for the closed form
        ("0.05", "0.95", 150, "exact"),
    ],
)
def test_the_way(margin: str, confidence: str, population: int, expected: Method) -> None:
    asked = Fraction(margin), Fraction(confidence)
    found = method(asked[0], confidence=asked[1], population=population)
    assert found == expected
    closed = is_closed(asked[0], confidence=asked[1], population=population)
    assert closed == (expected == "closed form")


@pytest.mark.parametrize(
    ("margin", "confidence", "population"),
    [
        ("0.05", "0.95", 150),
        ("0.05", "0.95", 10**5),
        ("0.01", "0.99", 10**6),
        ("0.9", "0.95", 30),
        ("0.2", "0.8", 1000),
        ("0.0736", "0.999", 10**6),
    ],
)
def test_the_least_rate_suffices_and_less_does_not(
    margin: str, confidence: str, population: int
) -> None:
    asked = Fraction(margin), Fraction(confidence)
    rate = sample_rate(asked[0], confidence=asked[1], population=population)
    for tried, enough in ((rate, True), (rate * 0.999, False), (1.0, True)):
        found = suffices(tried, margin=asked[0], confidence=asked[1], population=population)
        assert found == enough
    assert oracle.worst_share(rate=rate, margin=asked[0], population=population)[1] >= asked[1]


def test_all_of_many_must_report_to_be_so_exact() -> None:
    margin, confidence = Fraction(1, 10**7), Fraction(95, 100)
    assert sample_rate(margin, confidence=confidence, population=200_000) == 1
    assert suffices(1.0, margin=margin, confidence=confidence, population=200_000)
    assert not suffices(0.9999, margin=margin, confidence=confidence, population=200_000)


def test_how_few_may_be_left_out_is_calculated_for_ten_thousand() -> None:
    margin, confidence = Fraction(9, 10_000), Fraction(95, 100)
    # The closed form leaves out 81.
    rate = sample_rate(margin, confidence=confidence, population=10_000)
    assert rate < 1
    assert oracle.worst_share(rate=rate, margin=margin, population=10_000)[1] >= confidence
    assert sample_rate(margin, confidence=confidence, population=10_001) == 1


def test_what_is_plain_without_exact_calculation() -> None:
    confidence, population = Fraction(95, 100), 10**6
    wide, narrow = Fraction(1, 2), Fraction(1, 100)
    closed = closed_form(narrow, confidence=confidence, population=population)

    def plain(rate: float, margin: Fraction) -> bool:
        return suffices(
            rate, margin=margin, confidence=confidence, population=population, exactly=False
        )

    assert plain(1.0, Fraction(1, 10**6))
    assert plain(closed.rate, narrow)
    assert not plain(closed.rate * 0.9999, narrow)
    # For a margin of .3 that is z²/(4 .09) + 1.2/1.2 + 2, some 13.7 reports, and a fifth more.
    assert plain(17e-6, wide)
    assert plain(0.5, wide)
    assert not plain(15e-6, wide)
    assert not plain(0.51, wide)


@pytest.mark.parametrize("population", [30, 31])
def test_shares_and_their_complements_are_covered_alike(population: int) -> None:
    every = np.arange(population + 1)
    margin = Fraction(1, 7)
    exact = oracle.coverages(every, rate=0.3, margin=margin, population=population)
    found = [
        coverage(carriers, rate=0.3, margin=margin, population=population)
        for carriers in range(population + 1)
    ]
    assert found == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize(
    ("margin", "confidence", "population", "expected"),
    [
        ("0.1", "0.9999", 10**6, True),  # n is 378, for the widest margin
        ("0.101", "0.9999", 10**6, False),
        ("0.1", "0.99", 10**6, False),  # n is 166
        ("0.05", "0.95", 1000, True),  # .29 of them report, and fifty make a margin
        ("0.05", "0.95", 999, False),
        ("0.02", "0.95", 2500, True),  # .5 of them
        ("0.02", "0.95", 2499, False),
        ("0.02", "0.95", 10_000, True),
        ("0.03", "0.95", 1700, True),  # .4
        ("0.03", "0.8", 3000, True),  # .14, where fewer than fifty would do
        ("0.03", "0.8", 1600, False),  # .23
        ("0.01", "0.99", 6000, True),  # .73, and 1,591 do not report
        ("0.002", "0.99", 26_000, True),  # .94, and 1,528 do not
        ("0.1", "0." + 13 * "9", 500, True),  # .7, and 150 do not
        ("0.1", "0." + 21 * "9", 500, False),  # .83, and 85 do not
    ],
)
def test_where_the_closed_form_suffices(
    margin: str, confidence: str, population: int, *, expected: bool
) -> None:
    closed = closed_form(Fraction(margin), confidence=Fraction(confidence), population=population)
    assert closed.suffices == expected


@pytest.mark.parametrize(
    ("margin", "population", "part"),
    [
        ("0.05", 401, 0.9),
        ("0.05", 400, None),
        ("0.05", 10**6, 1),
        ("0.3", 10**6, 0.9),
        ("0.301", 10**6, None),
        ("0.301", 300, None),
    ],
)
def test_no_less_than_the_normal_rate_or_nearly(
    margin: str, population: int, part: float | None
) -> None:
    confidence = Fraction(95, 100)
    closed = closed_form(Fraction(margin), confidence=confidence, population=population)
    normal = oracle.normal_rate(Fraction(margin), confidence=confidence, population=population)
    floor = oracle.one_report_rate(confidence=confidence, population=population)
    assert closed.least == pytest.approx(floor if part is None else part * normal, 1e-12)


def test_the_closed_form_by_hand() -> None:
    closed = closed_form(Fraction(1, 20), confidence=Fraction(95, 100), population=1000)
    # z = 1.959964, n = 384.1459, q = .3841459: n + (1 + q)/.2 + 1 + 3.841459 (1/12 + .75 q + .1 q²)
    assert closed.few == pytest.approx(1 + 3.841459 * 0.3862, abs=2e-3)
    assert closed.size == pytest.approx(384.1459 + 6.92073 + closed.few, abs=1e-4)
    assert closed.few == pytest.approx(2.48357, abs=1e-4)
