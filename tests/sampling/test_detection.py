"""Detection against the incomplete beta function, and where it is exactly as likely as asked."""

from __future__ import annotations

from fractions import Fraction

import pytest
from scipy import special

from chartconfig.sampling.detection import sample_rate, suffices


@pytest.mark.parametrize("confidence", [Fraction(1, 2), Fraction(95, 100), Fraction(9999, 10000)])
@pytest.mark.parametrize(
    ("reports", "chances"), [(1, 1), (1, 10**9), (2, 2), (3, 4), (5, 100), (12, 10**9)]
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
