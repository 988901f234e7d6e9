"""Detection against the incomplete beta function, and where it is exactly as likely as asked."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from chartconfig.sampling import detection
from chartconfig.sampling.binomial import fewer
from chartconfig.sampling.detection import sample_rate, suffices


@pytest.mark.parametrize("confidence", [Fraction(1, 2), Fraction(95, 100), Fraction(9999, 10000)])
@pytest.mark.parametrize(
    ("reports", "chances"),
    [(1, 1), (1, 10**9), (2, 2), (3, 4), (5, 100), (12, 10**9), (100, 10**12)],
)
def test_the_least_rate(reports: int, chances: int, confidence: Fraction) -> None:
    rate = sample_rate(reports=reports, confidence=confidence, chances=chances)
    exact = special.betaincinv(reports, chances - reports + 1, float(confidence))
    assert rate == pytest.approx(exact, rel=1e-11)


@pytest.mark.parametrize(("flips", "confidence"), [(1, Fraction(1, 2)), (2, Fraction(1, 4))])
def test_exactly_as_often_as_asked_suffices(flips: int, confidence: Fraction) -> None:
    assert suffices(0.5, reports=flips, confidence=confidence, chances=flips)
    assert not suffices(0.499, reports=flips, confidence=confidence, chances=flips)


def test_many_chances_do_not_make_up_for_a_low_rate() -> None:
    # 1 - .98^100 = .867
    assert suffices(0.02, reports=1, confidence=Fraction(867, 1000), chances=100)
    assert not suffices(0.02, reports=1, confidence=Fraction(868, 1000), chances=100)
    assert not suffices(1.0, reports=2, confidence=Fraction(1, 2), chances=1)


@given(
    reports=st.integers(2, 300),
    more=st.integers(0, 10**6),
    alpha=st.floats(-9, -0.1).map(lambda power: 10**power),
)
def test_no_less_would_do(reports: int, more: int, alpha: float) -> None:
    confidence = 1 - Fraction(alpha)
    rate = sample_rate(reports=reports, confidence=confidence, chances=reports + more)
    assert rate is not None
    assert suffices(rate, reports=reports, confidence=confidence, chances=reports + more)
    missed, less = (
        stats.binom.cdf(reports - 1, reports + more, tried) for tried in (rate, rate * (1 - 1e-12))
    )
    assert missed * (1 - 1e-9) <= alpha <= less * (1 + 1e-9)


@pytest.mark.parametrize("reports", [2, 10, 300])
@pytest.mark.parametrize("power", range(9, 18))
def test_no_rate_above_one(reports: int, power: int) -> None:
    rate = sample_rate(reports=reports, confidence=1 - Fraction(1, 10**power), chances=reports)
    # All must report, each with the root of the confidence.
    assert rate == pytest.approx((1 - 10**-power) ** (1 / reports), abs=1e-12)
    assert rate is not None
    assert rate <= 1


def test_what_is_too_rare_to_be_told_from_never() -> None:
    rate = sample_rate(reports=5, confidence=1 - Fraction(1, 10**25), chances=100)
    assert rate == pytest.approx(1 - special.betaincinv(96, 5, 1e-25), rel=0.05)


@pytest.mark.parametrize("confidence", [Fraction(1, 2), Fraction(95, 100), Fraction(9999, 10000)])
@pytest.mark.parametrize(("reports", "chances"), [(2, 10**6), (5, 100), (12, 10**9), (300, 10**4)])
def test_a_few_tries(
    reports: int, chances: int, confidence: Fraction, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = list[float]()

    def counted(successes: int, *, trials: int, rate: float) -> tuple[float, float]:
        tried.append(rate)
        return fewer(successes, trials=trials, rate=rate)

    monkeypatch.setattr(detection, "fewer", counted)
    sample_rate(reports=reports, confidence=confidence, chances=chances)
    assert len(tried) <= 7
