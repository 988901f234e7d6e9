"""Changes are noticed as often as promised, and what did not change is not: by every outcome."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt

import pytest
from scipy import stats

from chartconfig.sampling import change
from tests.oracle.changes import noticed

TARGETS = [
    ("0.05", "0.95", "0.9"),
    ("0.1", "0.95", "0.8"),
    ("0.1", "0.5", "0.5"),
    ("0.2", "0.95", "0.9"),
    ("0.2", "0.99", "0.95"),
    ("0.3", "0.8", "0.8"),
    ("0.3", "0.999", "0.99"),
    ("0.5", "0.95", "0.9"),
    ("0.7", "0.9", "0.95"),
    ("0.95", "0.5", "0.99"),
]


def rate_of(delta: str, confidence: str, power: str, population: int) -> float:
    return change.sample_rate(
        Fraction(delta),
        confidence=Fraction(confidence),
        power=Fraction(power),
        population=population,
    )


def z_of(confidence: str) -> float:
    return float(stats.norm.isf((1 - float(confidence)) / 2))


def shares(population: int, by: int = 0) -> list[int]:
    """Return numbers that hold a share before it grows: from none to around one half."""
    middle = (population - by) // 2
    return sorted({*range(0, middle + 1, max(1, population // 8)), middle - middle % 2, middle})


@pytest.mark.parametrize("population", [2, 3, 5, 9, 15, 19, 20, 24, 31, 50, 100, 200])
@pytest.mark.parametrize(("delta", "confidence", "power"), TARGETS)
def test_a_change_is_noticed(population: int, delta: str, confidence: str, power: str) -> None:
    by = -(-Fraction(delta) * population // 1)
    rate = rate_of(delta, confidence, power, population)
    if by > population or population * rate * (1 - rate) > 22:
        return
    for before in shares(population, int(by)):
        told = noticed(
            before,
            before + int(by),
            population=population,
            rate=rate,
            z=z_of(confidence),
        )
        assert told >= float(power) - 1e-9, before


@pytest.mark.parametrize("population", [20, 24, 31, 50, 100, 200])
@pytest.mark.parametrize(("delta", "confidence", "power"), TARGETS)
def test_what_did_not_change_is_not_noticed(
    population: int, delta: str, confidence: str, power: str
) -> None:
    rate = rate_of(delta, confidence, power, population)
    if rate > 0.5:
        return  # false alarms are promised up to there
    alpha = 1 - float(confidence)
    for held in shares(population):
        told = noticed(held, held, population=population, rate=rate, z=z_of(confidence))
        assert told <= alpha * (1.005 if alpha == 0.5 else 1), held


def test_a_change_of_many_installations() -> None:
    rate = rate_of("0.2", "0.95", "0.9", 10**5)
    z, population = z_of("0.95"), 10**5
    told = noticed(40_000, 60_000, population=population, rate=rate, z=z)
    assert 0.9 <= told < 0.905
    assert noticed(50_000, 50_000, population=population, rate=rate, z=z) <= 0.05


def test_the_usual_test_gives_twice_as_many_false_alarms_as_promised() -> None:
    rate, z = rate_of("0.3", "0.95", "0.9", 30), z_of("0.95")
    told = noticed(2, 2, population=30, rate=rate, z=z, of_the_mean=True)
    assert told > 2 * 0.05
    assert noticed(2, 2, population=30, rate=rate, z=z) < 0.05


def test_the_size_of_the_textbook_falls_short_of_its_power() -> None:
    closed = change.closed_form(
        Fraction(1, 5), confidence=Fraction(99, 100), power=Fraction(19, 20), population=100
    )
    rate, z = closed.normal_size / (100 + closed.normal_size), z_of("0.99")
    for of_the_mean in (False, True):
        told = noticed(40, 60, population=100, rate=rate, z=z, of_the_mean=of_the_mean)
        assert told < 0.95


def test_the_standard_error_is_that_of_two_means_of_a_finite_population() -> None:
    """N/(N - 1) p(1 - p)/n (1 - n/N), with p = 1/2 and n reports for each n/rate installations."""
    variance = sum(0.25 * (1 - 0.2) / (n - 1) for n in (30, 50))
    assert change.standard_error(before=30, after=50, rate=0.2) == pytest.approx(sqrt(variance))
    assert change.standard_error(before=30, after=50, rate=1.0) == 0
    with pytest.raises(ValueError, match=r"^1 and 50 reports tell no change$"):
        change.standard_error(before=1, after=50, rate=0.2)


@pytest.mark.parametrize("confidence", ["0.999999", "0.9999999999"])
@pytest.mark.parametrize(("population", "delta"), [(2, "0.25"), (3, "0.25"), (7, "0.1")])
def test_few_who_all_report_notice_a_change_that_is_just_so_large(
    population: int, delta: str, confidence: str
) -> None:
    """Where that takes more than that all report in both periods: .9^(1/(2N)) of the time."""
    rate = rate_of(delta, confidence, "0.9", population)
    assert rate > 0.9 ** (1 / (2 * population))
    error = change.standard_error(before=population, after=population, rate=rate)
    assert z_of(confidence) * error == pytest.approx(float(delta), rel=1e-6)


def test_twenty_are_not_few() -> None:
    closed = change.closed_form(
        Fraction(1, 5), confidence=Fraction(95, 100), power=Fraction(9, 10), population=20
    )
    # 129.253 + (3 + (1.95996 + 1.28155)²/8)(1 + 129.253/20) + (129.253/20)²/2
    assert closed.size == pytest.approx(182.325, abs=0.001)
    assert (closed.confidence, closed.power) == (Fraction(95, 100), Fraction(9, 10))
    quantiles = stats.norm.isf(0.025), stats.norm.isf(0.1)
    assert (closed.z_alpha, closed.z_beta) == pytest.approx(quantiles)
    assert rate_of("0.2", "0.95", "0.9", 20) == pytest.approx(182.325 / 202.325, abs=1e-6)
    assert rate_of("0.2", "0.95", "0.9", 19) == pytest.approx(0.9 ** (1 / 38), rel=1e-12)


@pytest.mark.parametrize(
    ("asked", "as_if"),
    [
        (("0.9", "0.95", "0.9"), ("0.5", "0.95", "0.9")),
        (("0.1", "0.1", "0.9"), ("0.1", "0.5", "0.9")),
        (("0.1", "0.95", "0.2"), ("0.1", "0.95", "2/3")),
    ],
)
def test_what_asks_for_less_than_the_normal_approximation_can_say(
    asked: tuple[str, str, str], as_if: tuple[str, str, str]
) -> None:
    assert rate_of(*asked, population=1000) == rate_of(*as_if, population=1000)
