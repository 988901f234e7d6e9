"""Relative margins: every share that is not too small is covered."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from math import ceil
from random import Random
from typing import TypeAlias

import pytest
from scipy import stats

from chartconfig.sampling import proportion, relative
from chartconfig.sampling.coverage import Interval
from chartconfig.sampling.relative import _first
from tests.oracle import sample_rates as oracle

CONFIDENCE = Fraction(95, 100)
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


Asked: TypeAlias = "tuple[Fraction, Fraction, Fraction, int]"
"""Relative margin, smallest share, confidence and population."""


def closed_form(asked: Asked) -> relative.ClosedForm:
    margin, smallest, confidence, population = asked
    return relative.closed_form(
        margin, smallest_share=smallest, confidence=confidence, population=population
    )


def sample_rate(asked: Asked) -> float:
    margin, smallest, confidence, population = asked
    return relative.sample_rate(
        margin, smallest_share=smallest, confidence=confidence, population=population
    )


def is_closed(asked: Asked) -> bool:
    margin, smallest, confidence, population = asked
    return relative.is_closed(
        margin, smallest_share=smallest, confidence=confidence, population=population
    )


def suffices(rate: float, asked: Asked, *, exactly: bool | None = None) -> bool:
    margin, smallest, confidence, population = asked
    enough = partial(
        relative.suffices,
        relative_margin=margin,
        smallest_share=smallest,
        confidence=confidence,
        population=population,
    )
    return enough(rate) if exactly is None else enough(rate, exactly=exactly)


def common_share(rate: float, asked: Asked) -> float:
    """Return the least coverage of the shares that are not too small."""
    margin, smallest, _, population = asked
    return oracle.worst_common_share(
        rate=rate, margin=margin, smallest=smallest, population=population
    )[1]


class TestClosedForm:
    @pytest.mark.parametrize(
        ("margin", "smallest", "population", "part"),
        [
            ("0.2", "0.1", 10**6, 0.998),  # 3.84 * .9/.04 is 86 of the smallest share
            ("0.08", "0.1", 10**6, 0.9997),  # 540
            ("0.2", "0.3", 99_990, 0.998),  # 67
        ],
    )
    def test_no_less_than_nearly_the_normal_rate(
        self, margin: str, smallest: str, population: int, part: float
    ) -> None:
        closed = closed_form((Fraction(margin), Fraction(smallest), CONFIDENCE, population))
        share = float(Fraction(smallest))
        normal = stats.norm.isf(0.025) ** 2 * (1 - share) / (float(Fraction(margin)) ** 2 * share)
        assert closed.least == pytest.approx(oracle.fraction_of(part * normal, population), 1e-12)

    def test_no_less_than_six_tenths_where_few_report(self) -> None:
        closed = closed_form((Fraction(1, 2), Fraction(1, 10), CONFIDENCE, 10**6))
        size = 3.841458820694124 * 0.9 / (0.25 * 0.1) + (1 / 2 + 1) / 0.1
        assert closed.size == pytest.approx(size, rel=1e-12)
        assert closed.least == pytest.approx(oracle.fraction_of(0.6 * size, 10**6), rel=1e-12)

    @pytest.mark.parametrize(
        ("smallest", "confidence", "population", "expected"),
        [
            ("0.3", "0.95", 100_000, True),
            ("0.31", "0.95", 100_000, False),
            ("0.31", "0.95", 100_001, True),
            ("0.3", "0.999", 100_000, True),
            ("0.3", "0.9991", 10**6, False),
            ("0.1", "0.95", 1_000, True),  # .29 of them report
            ("0.1", "0.95", 900, False),  # .31 do
            ("0.99", "0.5", 100, False),
        ],
    )
    def test_where_it_suffices(
        self, smallest: str, confidence: str, population: int, *, expected: bool
    ) -> None:
        closed = closed_form(
            (Fraction(3, 10), Fraction(smallest), Fraction(confidence), population)
        )
        assert closed.suffices is expected
        if not expected:
            floor = oracle.one_report_rate(
                confidence=Fraction(confidence), population=closed.carriers
            )
            assert closed.least == pytest.approx(floor, rel=1e-12)


TOO_LOW = Fraction("0.15"), Fraction("0.1"), Fraction("0.9999"), 140
"""The closed form is 2 % below the least rate here."""
TOO_HIGH = Fraction("0.01"), Fraction("0.9"), Fraction("0.8"), 4
"""And the normal approximation is 2.6 times the least rate here."""


@pytest.mark.parametrize(
    "asked",
    [
        (Fraction(1, 5), Fraction(1, 100), CONFIDENCE, 10**6),  # many of the smallest share
        # The worst is a hundredth to a tenth of 1/r behind the smallest.
        (Fraction(39, 500), Fraction(9, 50), Fraction(1, 2), 8138),
        (Fraction(79, 500), Fraction(137, 500), Fraction(4, 5), 36_473),
        (Fraction(1, 20), Fraction(127, 500), Fraction(1, 2), 18_974),
        # Without room it would not be covered.
        (Fraction(157, 1000), Fraction(63, 250), Fraction(9, 10), 60_327),
        (Fraction(1, 2), Fraction(1, 2000), CONFIDENCE, 10**6),  # few
        (Fraction(1, 2), Fraction(1, 10), CONFIDENCE, 20_000),  # many hold it
        (Fraction(3, 10), Fraction(1, 10), Fraction(9999, 10_000), 2_000),
        (Fraction(1, 2), Fraction(2, 1000), Fraction(9999, 10_000), 100_000),
        TOO_LOW,
        TOO_HIGH,
    ],
)
def test_what_is_asked_suffices_and_no_less(asked: Asked) -> None:
    rate = sample_rate(asked)
    assert common_share(rate, asked) >= asked[2]
    assert common_share(rate / 1.005, asked) < asked[2]
    assert not is_closed(asked)
    assert suffices(rate, asked)
    assert suffices(1.0, asked)
    assert not suffices(rate * 0.999, asked)
    assert not suffices(rate, asked, exactly=False)


def test_the_closed_form_may_be_too_low_for_few() -> None:
    assert not suffices(closed_form(TOO_LOW).rate, TOO_LOW)


def test_the_closed_form_suffices_without_calculation() -> None:
    asked = Fraction(3, 10), Fraction(1, 10), CONFIDENCE, 10_000
    closed = closed_form(asked)
    assert suffices(closed.rate, asked, exactly=False)
    assert not suffices(closed.rate * 0.9999, asked, exactly=False)
    assert suffices(closed.rate * 0.9999, asked)


@pytest.mark.parametrize("population", [10**6, 10**9])
def test_one_report_of_nearly_all(population: int) -> None:
    asked = Fraction(1, 2), Fraction(999, 1000), Fraction(999, 1000), population
    rate = sample_rate(asked)
    assert is_closed(asked)
    floor = oracle.one_report_rate(confidence=asked[2], population=population * 999 // 1000)
    assert rate == pytest.approx(floor, rel=1e-9)
    assert suffices(rate, asked)
    assert not suffices(rate * 0.9999, asked)


@pytest.mark.parametrize(
    ("margin", "smallest", "confidence", "population"),
    [
        ("1/20", "1/10", "0.9999", 10**6),
        ("1/10", "1/100", "0.9995", 10**7),
        ("1/50", "1/20", "0.99999", 10**8),
    ],
)
def test_a_large_sample_of_high_confidence_is_hardly_more_than_the_normal_one(
    margin: str, smallest: str, confidence: str, population: int
) -> None:
    rho, share = Fraction(margin), Fraction(smallest)
    rate = sample_rate((rho, share, Fraction(confidence), population))
    z = stats.norm.isf((1 - float(confidence)) / 2)
    size = z**2 * (1 - share) / rho**2 / share
    assert 0.999 < rate / (size / (population + size)) < 1.006


def test_the_worst_is_looked_for_where_another_count_is_caught() -> None:
    closed = closed_form((Fraction(1, 5), Fraction(1, 100), CONFIDENCE, 10**6))
    places = _first(Interval.within_relative(Fraction(1, 5), population=10**6), closed)
    # A report stands for 1/r installations: from 10,000 on, 32 places in two and a half of these,
    # each further from the one before it than that is from its own.
    expected = [10_000 + int(place**2 * 2.5 / closed.rate / 1024) for place in range(32)]
    assert {*expected} <= {*places}
    assert (min(places), max(places)) == (expected[0], expected[-1])


def test_nobody_else_is_left_to_be_looked_at() -> None:
    closed = closed_form((Fraction(1, 5), Fraction(999, 1000), CONFIDENCE, 100))
    places = _first(Interval.within_relative(Fraction(1, 5), population=100), closed)
    assert places == (100,)
