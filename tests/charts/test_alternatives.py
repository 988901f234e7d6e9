"""What other populations would do to a chart, and what other margins would cost."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from chartconfig.charts.alternatives import (
    OtherPopulation,
    OtherValue,
    neighbours,
    other_populations,
    other_values,
)
from chartconfig.pipeline import Planned, check
from chartconfig.sampling.proportion import worst_coverage
from tests.scenarios.repository import BASE, CLIENT, TODAY, Files, documents, with_keys


def with_gopls(low: int) -> Files:
    """Return a repository in which so many installations run gopls."""
    numbers = "".join(f"  {name}: {low}\n" for name in ("low", "likely", "high"))
    entry = f"gopls:\n{numbers}  as_of: 2026-06-01\n  source: a survey\n"
    return with_keys(BASE, "configs/populations.yaml", entry)


def planned(accuracy: str = "", files: Files = BASE) -> Planned:
    if accuracy:
        files = with_keys(files, CLIENT, f"accuracy: {{{accuracy}}}\n")
    found = check(documents(files), on=TODAY).planned
    assert found is not None
    return found


def populations(found: Planned) -> tuple[OtherPopulation, ...]:
    pairs = zip(found.targets, found.plan.rates, strict=True)
    return next(other_populations(*each) for each in pairs if each[0].key == "gopls/client")


def values(found: Planned, *, others: float) -> tuple[OtherValue, ...]:
    pairs = zip(found.targets, found.plan.rates, strict=True)
    return next(
        other_values(*each, others=others) for each in pairs if each[0].key == "gopls/client"
    )


class TestPopulations:
    def test_half_and_double(self) -> None:
        # n0 = 16,615 of the closed form, over N + n0 for 150,000 and 600,000 installations
        half, same, double = populations(planned())
        assert (half.installations, half.rate) == (150_000, 0.09974)
        assert (same.installations, same.rate, same.gives) == (300_000, 0.05248, 0.01)
        assert (double.installations, double.rate, double.gives) == (600_000, 0.02695, 0.00707)

    def test_coverage_falls_as_a_margin_of_twice_the_variance_tells(self) -> None:
        half, same, double = (other.coverage for other in populations(planned()))
        assert half == pytest.approx(0.932, abs=0.002)  # 2 * Phi(2.576 / sqrt(2)) - 1
        assert same == pytest.approx(0.99, abs=0.0005)
        assert double == pytest.approx(0.9997, abs=0.0001)
        assert same is not None
        assert same >= 0.99

    def test_coverage_of_a_handful_is_exact(self) -> None:
        found = planned("margin: 30%, confidence: 80%", with_gopls(60))
        half = populations(found)[0]
        rate = next(
            rate.rate
            for rate, each in zip(found.plan.rates, found.targets, strict=True)
            if each.key == "gopls/client"
        )
        expected = min(
            sum(
                binom.pmf(k1, carriers, rate) * binom.pmf(k0, 30 - carriers, rate)
                for k1 in range(carriers + 1)
                for k0 in range(31 - carriers)
                if k1 + k0
                and abs(Fraction(k1, k1 + k0) - Fraction(carriers, 30)) <= Fraction(3, 10)
            )
            for carriers in range(31)
        )
        assert half.coverage == pytest.approx(expected, abs=1e-9)

    def test_coverage_of_very_many_is_told_safely(self) -> None:
        found = planned("margin: 0.3%, confidence: 95%", files=with_gopls(3_000_000))
        _, same, double = populations(found)
        for other in (same, double):
            assert same.rate is not None
            assert other.coverage is not None
            exact = worst_coverage(
                rate=same.rate, margin=Fraction(3, 1000), population=other.installations
            )
            assert other.installations * same.rate > 100_000
            assert exact - 0.0005 < other.coverage < exact

    def test_coverage_of_the_largest_population_takes_no_time(self) -> None:
        found = planned("margin: 0.001%, confidence: 99%", files=with_gopls(10**12))
        half, same, double = (other.coverage for other in populations(found))
        assert half == pytest.approx(0.9315, abs=0.0003)
        assert same == pytest.approx(0.99, abs=0.0001)
        assert double == pytest.approx(0.99973, abs=0.00003)

    @pytest.mark.parametrize(
        "accuracy",
        [
            "margin: 1%, confidence: 99%, simultaneous: true",
            "detect: 1%, reports: 1, confidence: 9%",
        ],
    )
    def test_coverage_is_told_of_one_share_only(self, accuracy: str) -> None:
        assert {other.coverage for other in populations(planned(accuracy))} == {None}

    def test_coverage_is_not_told_of_a_mean(self) -> None:
        found = planned(
            files=with_keys(
                BASE,
                "configs/charts/go/gopath-mode.yaml",
                "accuracy: {margin: 2%, confidence: 95%}\n",
            )
        )
        pairs = zip(found.targets, found.plan.rates, strict=True)
        mean = next(other_populations(*each) for each in pairs if each[0].key == "go/gopath-mode")
        assert {other.coverage for other in mean} == {None}

    def test_nobody_is_left(self) -> None:
        found = planned(files=with_gopls(1))
        assert populations(found)[0] == OtherPopulation(
            installations=0, rate=None, gives=None, coverage=None
        )


class TestValues:
    def test_tighter_and_looser(self) -> None:
        assert values(planned(), others=0.03) == (
            OtherValue(value=Fraction(7, 1000), rate=0.1016, reports_per_year=None),
            OtherValue(value=Fraction(1, 100), rate=0.05248, reports_per_year=52 * 0.05248),
            OtherValue(value=Fraction(3, 200), rate=0.02405, reports_per_year=52 * 0.03),
        )

    def test_none_looser_than_everything(self) -> None:
        found = values(planned("margin: 80%, confidence: 99%"), others=0.0)
        assert [other.value for other in found] == [Fraction(7, 10), Fraction(4, 5)]

    @given(st.fractions(Fraction(1, 10**9), Fraction(99, 100), max_denominator=10**9))
    def test_neighbours_are_the_nearest(self, value: Fraction) -> None:
        rounds = sorted(
            Fraction(step) * Fraction(10) ** power
            for power in range(-13, 1)
            for step in ("1", "1.5", "2", "3", "5", "7")
        )
        below = max(number for number in rounds if number < value)
        above = [number for number in rounds if value < number < 1][:1]
        assert neighbours(value) == (below, *above)
