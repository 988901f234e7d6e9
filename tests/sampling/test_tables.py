"""Published tables and rules, reproduced; and how far the textbook's rate falls short."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import ceil, log, sqrt

import pytest
from scipy import stats

from chartconfig.sampling import detection, distribution, proportion, relative, simultaneous
from tests.oracle import sample_rates as oracle


def percent(number: float) -> Fraction:
    return Fraction(str(number)) / 100


# ---- Krejcie and Morgan, "Determining sample size for research activities", Educational and
# Psychological Measurement 30 (1970), pp. 607-610: N and S for a margin of 5 % at 95 %.

KREJCIE_MORGAN = """
    10 10   15 14   20 19   25 24   30 28   35 32   40 36   45 40   50 44   55 48   60 52   65 56
    70 59   75 63   80 66   85 70   90 73   95 76   100 80  110 86  120 92  130 97  140 103 150 108
    160 113 170 118 180 123 190 127 200 132 210 136 220 140 230 144 240 148 250 152 260 155 270 159
    280 162 290 165 300 169 320 175 340 181 360 186 380 191 400 196 420 201 440 205 460 210 480 214
    500 217 550 226 600 234 650 242 700 248 750 254 800 260 850 265 900 269 950 274 1000 278
    1100 285 1200 291 1300 297 1400 302 1500 306 1600 310 1700 313 1800 317 1900 320 2000 322
    2200 327 2400 331 2600 335 2800 338 3000 341 3500 346 4000 351 4500 354 5000 357 6000 361
    7000 364 8000 367 9000 368 10000 370 15000 375 20000 377 30000 379 40000 380 50000 381
    75000 382 1000000 384
"""
ROWS = [
    (int(population), int(sample))
    for population, sample in zip(
        KREJCIE_MORGAN.split()[::2], KREJCIE_MORGAN.split()[1::2], strict=True
    )
]
FIVE, NINETY_FIVE = percent(5), percent(95)
LUCKY = {10, 25, 100, 120}
"""Populations for which the rounded number happens to be enough, or is everybody."""


def formula(population: int) -> float:
    chi_square = 3.841
    return chi_square * population / 4 / (0.05**2 * (population - 1) + chi_square / 4)


def test_krejcie_and_morgan_round_to_the_nearest_and_half_of_their_rows_down() -> None:
    assert len(ROWS) == 90
    assert all(sample == round(formula(population)) for population, sample in ROWS)
    assert sum(sample < formula(population) for population, sample in ROWS) == 45


@pytest.mark.parametrize(("population", "sample"), ROWS)
def test_more_reports_are_expected_than_krejcie_and_morgan_ask_and_needed(
    population: int, sample: int
) -> None:
    rate = proportion.sample_rate(FIVE, confidence=NINETY_FIVE, population=population)
    assert formula(population) < population * rate < 1.025 * formula(population)
    _, covered = oracle.worst_share(rate=rate, margin=FIVE, population=population)
    assert covered >= 0.95
    if sample < population:
        _, covered = oracle.worst_share(
            rate=sample / population, margin=FIVE, population=population
        )
        assert (covered >= 0.95) == (population in LUCKY)


# ---- Thompson, "Sample size for estimating multinomial proportions", The American Statistician 41
# (1987), pp. 42-46, table 1: d²n by alpha. The last two rows are misprints.

THOMPSON = {
    0.5: 0.44129,
    0.4: 0.50729,
    0.3: 0.60123,
    0.2: 0.74739,
    0.1: 1.00635,
    0.05: 1.27359,
    0.025: 1.55963,
    0.02: 1.65872,
    0.01: 1.96986,
    0.005: 2.28514,
    0.001: 3.02892,
    0.0005: 3.33530,
    0.0001: 4.11209,
}
CORRECT = {0.0005: 3.35304, 0.0001: 4.11203}


@pytest.mark.parametrize("alpha", THOMPSON)
def test_thompson(alpha: float) -> None:
    published = CORRECT.get(alpha, THOMPSON[alpha])
    assert simultaneous.thompson(alpha) == pytest.approx(published, abs=1e-5)
    assert (abs(THOMPSON[alpha] - published) > 5e-5) == (alpha in CORRECT)


# ---- Massey, "The Kolmogorov-Smirnov test for goodness of fit", Journal of the American
# Statistical Association 46 (1951), pp. 68-78, table 1: the distance that n values exceed with
# probability alpha.

MASSEY = {
    "0.05": "5 .565   8 .457   10 .410   12 .375   15 .338   18 .309   20 .294",
    "0.01": "5 .669   8 .543   10 .490   12 .450   15 .404   18 .371   20 .356",
}
MILLER = {("0.01", 20): 0.352}
"""Miller, "Table of percentage points of Kolmogorov statistics", Journal of the American
Statistical Association 51 (1956), pp. 111-121, corrects one, and the third digits of others."""
LARGE = {"0.05": 1.36, "0.01": 1.63}
"""Above 35 values: this over the square root of their number."""


@pytest.mark.parametrize("alpha", MASSEY)
def test_massey(alpha: str) -> None:
    confidence = 1 - Fraction(alpha)
    words = MASSEY[alpha].split()
    for number, published in zip(map(int, words[::2]), map(float, words[1::2]), strict=True):
        exact = float(stats.kstwo.isf(float(alpha), number))
        assert exact == pytest.approx(MILLER.get((alpha, number), published), abs=3e-3)
        # That many and some are asked for: it is a bound, and how many report varies.
        asked = distribution.sample_rate(
            Fraction(published), confidence=confidence, population=10**9
        )
        assert number + 2 < 1e9 * asked < number + 4.1
    assert sqrt(log(2 / float(alpha)) / 2) == pytest.approx(LARGE[alpha], abs=5e-3)


# ---- Cannon and Roe, Livestock Disease Surveys (1982): animals to examine so as to find disease
# with 95 %, by how many of a hundred have it: of an infinite herd and of 100. And the R package
# RSurveillance 0.2.1, n.hypergeo: N, M, confidence and animals, approximately N (1 - alpha^(1/M)).

INFINITE = {10: 29, 5: 59, 2: 149, 1: 299}
HUNDRED = {10: 25, 5: 45, 2: 78, 1: 95}
R_SURVEILLANCE = [
    (100, 1, "0.95", 95),
    (200, 2, "0.95", 156),
    (500, 5, "0.95", 226),
    (1000, 10, "0.95", 259),
    (10_000, 100, "0.95", 296),
    (100, 5, "0.5", 13),
    (100, 5, "0.8", 28),
    (100, 5, "0.9", 37),
    (100, 5, "0.95", 46),
    (80, 1, "0.95", 76),
    (80, 2, "0.95", 63),
    (80, 5, "0.95", 37),
    (80, 10, "0.95", 21),
]


def detected(share: Fraction, population: int, confidence: Fraction = NINETY_FIVE) -> float:
    chances = detection.chances(share, population=population)
    rate = detection.sample_rate(reports=1, confidence=confidence, chances=chances)
    assert rate is not None
    return population * rate


@pytest.mark.parametrize("prevalence", INFINITE)
def test_cannon_and_roe(prevalence: int) -> None:
    share, chances = percent(prevalence), prevalence
    assert ceil(log(0.05) / log(1 - share)) == INFINITE[prevalence]
    # Of 100, drawn without replacement.
    enough, few = (
        stats.hypergeom.pmf(0, 100, chances, HUNDRED[prevalence] - less) for less in (0, 1)
    )
    assert enough <= 0.05 < few
    # Everybody deciding by himself, how many report varies, and more must be expected to.
    assert HUNDRED[prevalence] - 1 < detected(share, 100) < HUNDRED[prevalence] + 2.2
    assert detected(share, 10**9) == pytest.approx(-log(0.05) / share, rel=1e-6)
    assert INFINITE[prevalence] - 1 < detected(share, 10**9) < INFINITE[prevalence] + 2


@pytest.mark.parametrize(("population", "ill", "confidence", "animals"), R_SURVEILLANCE)
def test_r_surveillance(population: int, ill: int, confidence: str, animals: int) -> None:
    expected = detected(Fraction(ill, population), population, Fraction(confidence))
    assert ceil(expected) == animals


# ---- Hanley and Lippman-Hand, "If nothing goes wrong, is everything all right?", Journal of the
# American Medical Association 249 (1983), pp. 1743-1745: the rule of three, and its exact form.


@pytest.mark.parametrize(
    ("patients", "exact"),
    [(10, 0.26), (20, 0.14), (30, 0.10), (50, 0.06), (100, 0.03), (1000, 0.003)],
)
def test_the_rule_of_three(patients: int, exact: float) -> None:
    rate = detection.sample_rate(reports=1, confidence=NINETY_FIVE, chances=patients)
    assert rate == pytest.approx(exact, rel=0.05)
    assert rate is not None
    assert rate < 3 / patients
    assert (patients < 30) == (3 / patients > 1.06 * rate)


# ---- What the textbook's rate delivers: of the normal approximation, for shares of one half. Each
# number was computed beforehand, by other means, for as large a population.


@pytest.mark.parametrize(
    ("margin", "confidence", "population", "delivered"),
    [
        (20, 80, 10**6, 0.760),
        (20, 95, 10**6, 0.9406),
        (10, 95, 10**6, 0.9482),
        (1, 99, 10**6, 0.98996),
    ],
)
def test_the_normal_rate_breaks_its_promise_and_ours_does_not(
    margin: int, confidence: int, population: int, delivered: float
) -> None:
    e, promised = percent(margin), percent(confidence)
    normal = oracle.normal_rate(e, confidence=promised, population=population)
    ours = proportion.sample_rate(e, confidence=promised, population=population)
    _, covered = oracle.worst_share(rate=normal, margin=e, population=population)
    assert covered == pytest.approx(delivered, abs=5e-4 if margin > 1 else 5e-6)
    assert covered < promised
    _, covered = oracle.worst_share(rate=ours, margin=e, population=population)
    assert covered >= promised


@pytest.mark.parametrize(("margin", "confidence", "delivered"), [(10, 95, 0.903), (20, 80, 0.595)])
def test_a_rate_for_each_of_three_buckets_is_none_for_all(
    margin: int, confidence: int, delivered: float
) -> None:
    e, promised = percent(margin), percent(confidence)
    thirds = (333_333, 333_333, 333_334)
    normal = oracle.normal_rate(e, confidence=promised, population=10**6)
    assert oracle.partition_coverage(thirds, rate=normal, margin=e) == pytest.approx(
        delivered, abs=5e-4
    )
    each = proportion.sample_rate(e, confidence=promised, population=10**6)
    assert oracle.partition_coverage(thirds, rate=each, margin=e) < promised - Fraction(4, 100)
    ours = simultaneous.sample_rate(
        e, confidence=promised, population=10**6, buckets=3, exclusive=True
    )
    assert oracle.partition_coverage(thirds, rate=ours, margin=e) >= promised


def test_a_relative_margin_of_half_a_rare_share() -> None:
    share, margin, promised, population = Fraction(5, 10_000), Fraction(1, 2), percent(80), 10**6
    z = float(stats.norm.isf(0.1))
    normal = oracle.fraction_of(z * z * (1 - float(share)) / 0.25 / float(share), population)
    ours = relative.sample_rate(
        margin, smallest_share=share, confidence=promised, population=population
    )
    by_normal, by_ours = (
        oracle.worst_common_share(rate=rate, margin=margin, smallest=share, population=population)[
            1
        ]
        for rate in (normal, ours)
    )
    assert by_normal == pytest.approx(0.7685, abs=5e-5)
    assert by_ours >= promised


# ---- SAMPLING numbers to check by hand: n0 of an infinite population.


@pytest.mark.parametrize(
    ("margin", "confidence", "one", "all_at_once", "whole"),
    [
        (10, 95, 100.5, 129.4, 186.4),
        (5, 95, 391.1, 511.4, 739.8),
        (2, 95, 2_415, 3_186, 4_613),
        (1, 95, 9_631, 12_738, 18_446),
        (1, 99, 16_614, 19_701, 26_494),
    ],
)
def test_sizes_to_check_by_hand(
    margin: int, confidence: int, one: float, all_at_once: float, whole: float
) -> None:
    e, promised = percent(margin), percent(confidence)
    closed = proportion.closed_form(e, confidence=promised, population=10**12)
    assert closed.size == pytest.approx(one, abs=0.51 if one > 1000 else 0.051)
    size = simultaneous.sample_size(e, confidence=promised, population=10**12)
    assert size == pytest.approx(all_at_once, abs=0.51 if one > 1000 else 0.051)
    assert distribution.sample_size(e, confidence=promised) == pytest.approx(
        whole, abs=0.51 if one > 1000 else 0.051
    )


def test_populations_that_suffice_for_one_report_at_a_tenth() -> None:
    enough = {"0.8": 16, "0.9": 22, "0.95": 29, "0.99": 44, "0.999": 66}
    for confidence, population in enough.items():
        few, least = (
            proportion.one_report_rate(confidence=Fraction(confidence), population=installations)
            for installations in (population - 1, population)
        )
        assert least <= 0.1 < few


def test_sizes_grow_from_row_to_row() -> None:
    asked = [
        population * proportion.sample_rate(FIVE, confidence=NINETY_FIVE, population=population)
        for population, _ in ROWS
    ]
    assert all(fewer < more for fewer, more in pairwise(asked))
