"""Estimates from reports: numbers of others, and coverage by enumeration of every outcome."""

from __future__ import annotations

from fractions import Fraction
from math import inf, log, sqrt
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from chartconfig.sampling import estimate
from chartconfig.sampling.estimate import Estimate, PopulationEstimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CONFIDENCE = Fraction(95, 100)
ALMOST_NOBODY = 1e-12
"""A rate at which a population has no end, as the textbook takes it."""


def counts(installations: int, rate: float) -> tuple[range, Floats]:
    """Return every count of reports that is not negligible, and its probability."""
    low, high = stats.binom.ppf([1e-9, 1 - 1e-9], installations, rate)
    possible = range(int(low), int(high) + 1)
    return possible, stats.binom.pmf(possible, installations, rate)


class TestShare:
    @pytest.mark.parametrize(
        ("held", "reports", "low", "high"),
        [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611)],
    )
    def test_of_few_reports_is_wilsons(
        self, held: int, reports: int, low: float, high: float
    ) -> None:
        """Newcombe, *Statistics in Medicine* 17 (1998), pp. 857-872, table I, method 3."""
        found = estimate.share(held, reports=reports, rate=ALMOST_NOBODY, confidence=CONFIDENCE)
        assert found.value == held / reports
        assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)

    def test_of_many_reports_is_the_normal_one_with_the_finite_population(self) -> None:
        found = estimate.share(300, reports=1200, rate=0.19, confidence=CONFIDENCE)
        error = 1.959964 * sqrt(0.25 * 0.75 * 0.81 / 1200)
        assert found.value == 0.25
        assert (found.low, found.high) == pytest.approx((0.25 - error, 0.25 + error), abs=1e-7)

    @pytest.mark.parametrize(("rate", "border"), [(0.01, 99), (0.5, 50)])
    def test_changes_its_interval_at_a_hundred_reports_less_the_finite_population(
        self, rate: float, border: int
    ) -> None:
        def symmetric(held: int) -> bool:
            found = estimate.share(held, reports=1000, rate=rate, confidence=CONFIDENCE)
            assert found.value is not None
            return found.high - found.value == pytest.approx(found.value - found.low)

        assert [symmetric(held) for held in (border - 1, border)] == [False, True]
        assert [symmetric(1000 - held) for held in (border - 1, border)] == [False, True]

    def test_may_be_anything_without_a_report(self) -> None:
        nothing = estimate.share(0, reports=0, rate=0.1, confidence=CONFIDENCE)
        assert nothing == Estimate(value=None, low=0, high=1)

    @pytest.mark.parametrize("held", [0, 1, 500, 999, 1000])
    def test_is_a_point_when_everybody_reports(self, held: int) -> None:
        found = estimate.share(held, reports=1000, rate=1.0, confidence=CONFIDENCE)
        assert found == Estimate(value=held / 1000, low=held / 1000, high=held / 1000)

    @pytest.mark.parametrize("confidence", [Fraction(95, 100), Fraction(99, 100)])
    @pytest.mark.parametrize("rate", [0.02, 0.5])
    @pytest.mark.parametrize(("held", "reports"), [(3, 60), (40, 100), (100, 400)])
    def test_covers_the_truth_as_often_as_it_says(
        self, confidence: Fraction, rate: float, held: int, reports: int
    ) -> None:
        carriers, installations = round(held / rate), round(reports / rate)
        truth = carriers / installations
        with_it, first = counts(carriers, rate)
        without, second = counts(installations - carriers, rate)
        covered = 0.0
        for number, weight in zip(with_it, first, strict=True):
            for other, chance in zip(without, second, strict=True):
                found = estimate.share(
                    number, reports=number + other, rate=rate, confidence=confidence
                )
                covered += weight * chance * (found.low <= truth <= found.high)
        assert covered > confidence - Fraction(3, 1000)


class TestMean:
    def test_of_many_reports_has_the_variance_of_the_values(self) -> None:
        values = np.tile([0.2, 0.4, 0.9], 400)
        found = estimate.mean(
            values.sum(), (values**2).sum(), reports=1200, rate=0.1, confidence=CONFIDENCE
        )
        error = 1.959964 * values.std(ddof=1) * sqrt(0.9 / 1200)
        assert found.value == pytest.approx(0.5)
        assert (found.low, found.high) == pytest.approx((0.5 - error, 0.5 + error), abs=1e-7)

    @pytest.mark.parametrize("held", [0, 3, 50, 200, 950, 1000])
    def test_of_zeros_and_ones_is_a_share(self, held: int) -> None:
        of_share = estimate.share(held, reports=1000, rate=0.1, confidence=CONFIDENCE)
        found = estimate.mean(held, held, reports=1000, rate=0.1, confidence=CONFIDENCE)
        assert (found.low, found.high) == pytest.approx((of_share.low, of_share.high), rel=1e-3)

    def test_of_few_reports_is_as_wide_as_that_of_a_share(self) -> None:
        found = estimate.mean(5.0, 2.5, reports=10, rate=0.1, confidence=CONFIDENCE)
        of_share = estimate.share(5, reports=10, rate=0.1, confidence=CONFIDENCE)
        assert found == of_share

    def test_may_be_anything_without_a_report(self) -> None:
        nothing = estimate.mean(0, 0, reports=0, rate=0.1, confidence=CONFIDENCE)
        assert nothing == Estimate(value=None, low=0, high=1)

    @pytest.mark.parametrize("rate", [0.1, 0.5])
    @pytest.mark.parametrize(("lower", "upper"), [(150, 150), (100, 400)])
    def test_covers_the_truth_as_often_as_it_says(
        self, rate: float, lower: int, upper: int
    ) -> None:
        """Of values 1/4 and 1/2, each reported so many times on average."""
        quarter, half = round(lower / rate), round(upper / rate)
        truth = (quarter / 4 + half / 2) / (quarter + half)
        covered = 0.0
        for low, weight in zip(*counts(quarter, rate), strict=True):
            for high, chance in zip(*counts(half, rate), strict=True):
                found = estimate.mean(
                    low / 4 + high / 2,
                    low / 16 + high / 4,
                    reports=low + high,
                    rate=rate,
                    confidence=CONFIDENCE,
                )
                covered += weight * chance * (found.low <= truth <= found.high)
        assert covered > CONFIDENCE - Fraction(3, 1000)


class TestDistribution:
    def test_accumulates(self) -> None:
        found = estimate.distribution([10, 0, 30, 40], rate=0.2, confidence=CONFIDENCE)
        assert found.cumulative == (0.125, 0.125, 0.5, 1.0)
        assert found.band == pytest.approx(sqrt(log(40) / 2 * 0.8 / 80))

    def test_may_be_anything_without_a_report(self) -> None:
        found = estimate.distribution([0, 0], rate=0.2, confidence=CONFIDENCE)
        assert (found.cumulative, found.band) == ((), 1.0)

    def test_is_exact_when_everybody_reports(self) -> None:
        assert estimate.distribution([1, 2], rate=1.0, confidence=CONFIDENCE).band == 0

    @pytest.mark.parametrize("rate", [0.05, 0.2, 0.5])
    @pytest.mark.parametrize("installations", range(2, 13))
    def test_leaves_its_band_no_more_often_than_it_says(
        self, rate: float, installations: int
    ) -> None:
        """Of different values: every set of installations that may report."""
        sets = np.arange(2**installations)[:, None] >> np.arange(installations) & 1
        true = np.arange(1, installations + 1) / installations
        covered = 0.0
        for reporting in sets:
            reports = int(reporting.sum())
            found = estimate.distribution(reporting.tolist(), rate=rate, confidence=CONFIDENCE)
            off = np.abs(np.array(found.cumulative) - true).max() if reports else 0
            chance = rate**reports * (1 - rate) ** (installations - reports)
            covered += chance * (off <= found.band + 1e-12)
        assert covered >= 0.95


class TestPopulation:
    def test_is_nobody_perhaps_without_a_report(self) -> None:
        found = estimate.population(0, rate=0.1, confidence=CONFIDENCE)
        assert (found.installations, found.low, found.relative_error) == (0, 0, inf)
        assert found.high == pytest.approx(1.959964**2 * 9, rel=1e-6)

    def test_is_known_when_everybody_reports(self) -> None:
        found = estimate.population(1300, rate=1.0, weeks=13, confidence=CONFIDENCE)
        assert found == PopulationEstimate(installations=100, low=100, high=100, relative_error=0)

    @pytest.mark.parametrize("weeks", [0, -1])
    def test_of_no_week_is_refused(self, weeks: int) -> None:
        said = f"weeks must be at least 1, not {weeks}"
        with pytest.raises(ValueError, match=said):
            estimate.population(5, rate=0.1, weeks=weeks, confidence=CONFIDENCE)
        with pytest.raises(ValueError, match=said):
            estimate.was_too_high(5, reports=5, rate=0.1, weeks=weeks, confidence=CONFIDENCE)

    @pytest.mark.parametrize("rate", [0.01, 0.3])
    @pytest.mark.parametrize("reports", [5, 30, 500])
    def test_covers_the_truth_as_often_as_it_says(self, rate: float, reports: int) -> None:
        weeks = 4
        installations = round(reports / rate / weeks)
        covered = 0.0
        for number, chance in zip(*counts(installations * weeks, rate), strict=True):
            found = estimate.population(number, rate=rate, weeks=weeks, confidence=CONFIDENCE)
            covered += chance * (found.low <= installations <= found.high)
        assert covered == pytest.approx(0.95, abs=0.03)


class TestWasTooHigh:
    @pytest.mark.parametrize("rate", [0.003, 0.1, 0.7])
    @pytest.mark.parametrize("installations", [10, 300, 5000])
    def test_is_hardly_ever_said_of_what_was_not(self, rate: float, installations: int) -> None:
        said = [
            chance
            for reports, chance in zip(*counts(installations * 2, rate), strict=True)
            if estimate.was_too_high(
                installations, reports=reports, rate=rate, weeks=2, confidence=CONFIDENCE
            )
        ]
        assert sum(said) < 0.05

    def test_is_said_as_soon_as_it_is_significant(self) -> None:
        likely = stats.binom.cdf([79, 80, 81, 82, 83, 84, 85], 1000, 0.1)
        said = [
            estimate.was_too_high(1000, reports=n, rate=0.1, confidence=CONFIDENCE)
            for n in range(79, 86)
        ]
        assert said == [chance < 0.05 for chance in likely]
        assert True in said
        assert False in said

    def test_is_certain_when_everybody_reports(self) -> None:
        told = [
            estimate.was_too_high(100, reports=n, rate=1.0, confidence=CONFIDENCE)
            for n in (99, 100, 101)
        ]
        assert told == [True, False, False]

    def test_is_never_said_of_nobody(self) -> None:
        assert not estimate.was_too_high(0, reports=0, rate=0.1, confidence=CONFIDENCE)


class TestChange:
    def test_has_the_interval_of_the_test(self) -> None:
        found = estimate.change((300, 1001), (380, 901), rate=0.19, confidence=CONFIDENCE)
        error = 1.959964 * sqrt(0.81 / 4 * (1 / 1000 + 1 / 900))
        difference = 380 / 901 - 300 / 1001
        assert found.value == difference
        assert (found.low, found.high) == pytest.approx((difference - error, difference + error))

    @pytest.mark.parametrize(
        ("before", "after", "value"), [((0, 0), (3, 5), None), ((1, 1), (0, 9), -1.0)]
    )
    def test_may_be_anything_without_reports(
        self, before: tuple[int, int], after: tuple[int, int], value: float | None
    ) -> None:
        found = estimate.change(before, after, rate=0.1, confidence=CONFIDENCE)
        assert found == Estimate(value=value, low=-1, high=1)

    def test_is_a_point_when_everybody_reports(self) -> None:
        found = estimate.change((1, 4), (2, 4), rate=1.0, confidence=CONFIDENCE)
        assert found == Estimate(value=0.25, low=0.25, high=0.25)


class TestEnds:
    """What is impossible is outside, to the last bit."""

    @pytest.mark.parametrize("rate", [0.01, 0.05, 0.17, 0.49, 0.5, 0.81])
    def test_nobody_and_everybody(self, rate: float) -> None:
        for reports in range(1, 50):
            nobody = estimate.share(0, reports=reports, rate=rate, confidence=CONFIDENCE)
            everybody = estimate.share(reports, reports=reports, rate=rate, confidence=CONFIDENCE)
            assert nobody.low == 0
            assert everybody.high == 1
            # Wilson's other end is n/(n + z²), with n/(1 - r) for n.
            other = reports / (reports + 3.841458820694124 * (1 - rate))
            assert everybody.low == pytest.approx(other, abs=1e-12)
            assert nobody.high == pytest.approx(1 - other, abs=1e-12)

    def test_a_sum_that_is_rounded_up(self) -> None:
        total = 10.000000000000002
        found = estimate.mean(total, total, reports=10, rate=0.5, confidence=CONFIDENCE)
        assert (found.value, found.high) == (1, 1)

    def test_a_change_of_all(self) -> None:
        risen = estimate.change((0, 2), (2, 2), rate=0.1, confidence=CONFIDENCE)
        assert (risen.value, risen.high) == (1, 1)
        fallen = estimate.change((2, 2), (0, 2), rate=0.1, confidence=CONFIDENCE)
        assert (fallen.value, fallen.low) == (-1, -1)

    def test_a_band(self) -> None:
        found = estimate.distribution([0, 1], rate=0.1, confidence=CONFIDENCE)
        assert found.band == 1  # sqrt(ln(40) .9/2) is 1.29

    def test_exactly_as_rare_as_is_said(self) -> None:
        # One installation reports nothing half of the time.
        for confidence, said in ((Fraction(1, 2), False), (Fraction(499, 1000), True)):
            assert estimate.was_too_high(1, reports=0, rate=0.5, confidence=confidence) is said, (
                confidence
            )


class TestMeanOfValues:
    @pytest.mark.parametrize(("total", "normal"), [(50.0, True), (51.0, True), (49.0, False)])
    def test_is_normal_from_a_hundred_reports_less_the_finite_population(
        self, total: float, *, normal: bool
    ) -> None:
        for mirrored in (total, 1000 - total):
            squares = mirrored * mirrored / 1000 + 0.5
            found = estimate.mean(mirrored, squares, reports=1000, rate=0.5, confidence=CONFIDENCE)
            error = 1.959963984540054 * sqrt(0.5 / 999 * 0.5 / 1000)
            assert found.value == mirrored / 1000
            assert (found.high - found.value == pytest.approx(error, rel=1e-9)) == normal

    def test_of_two_is_divided_by_one(self) -> None:
        found = estimate.mean(1.0, 1.0, reports=2, rate=0.999, confidence=CONFIDENCE)
        assert found.high - 0.5 == pytest.approx(1.959963984540054 * sqrt(0.5 * 0.001 / 2))
