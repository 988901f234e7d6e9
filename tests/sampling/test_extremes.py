"""The ends of every scale: a right answer or none, and soon."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import isfinite
from time import perf_counter

import pytest

from chartconfig.sampling.accuracy import (
    Accuracy,
    Change,
    Detect,
    DistributionMargin,
    Margin,
    RelativeMargin,
)
from chartconfig.sampling.derivation import derivation
from chartconfig.sampling.inverse import least_root
from chartconfig.sampling.plan import Limits, Target, plan_rate
from chartconfig.sampling.population import Population, lower_quantile

POPULATIONS = (0, 1, 2, 10**9, 10**12)
MARGINS = tuple(Fraction(text) for text in ("1e-6", "0.003", "0.5"))
CONFIDENCES = (Fraction(1, 2), Fraction(95, 100), 1 - Fraction(1, 10**9))
ONE_OF_A_TRILLION = Fraction(1, 10**12)


def kinds(margin: Fraction, confidence: Fraction) -> dict[str, Accuracy]:
    return {
        "margin": Margin(margin=margin, confidence=confidence),
        "simultaneous": Margin(margin=margin, confidence=confidence, simultaneous=True),
        "guaranteed": Margin(margin=margin, confidence=confidence, guaranteed=True),
        "relative": RelativeMargin(
            relative_margin=margin, smallest_share=Fraction(1, 20), confidence=confidence
        ),
        "of one": RelativeMargin(
            relative_margin=margin, smallest_share=ONE_OF_A_TRILLION, confidence=confidence
        ),
        "detect": Detect(detect=margin, reports=3, confidence=confidence),
        "distribution": DistributionMargin(distribution_margin=margin, confidence=confidence),
        "change": Change(change=margin, power=confidence, confidence=confidence),
        "groups": Margin(
            margin=margin,
            confidence=confidence,
            for_each=("os",),
            smallest_group=Fraction(1, 1000),
            groups=1000,
        ),
    }


@pytest.mark.parametrize("cap", [Fraction(1, 10), Fraction(1)], ids=["a tenth", "everybody"])
@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("kind", kinds(MARGINS[0], CONFIDENCES[0]))
def test_a_right_answer_or_none(kind: str, population: int, cap: Fraction) -> None:
    for margin, confidence in product(MARGINS, CONFIDENCES):
        accuracy = kinds(margin, confidence)[kind]
        target = Target(
            key="c",
            accuracy=accuracy,
            population=Population(low=population, likely=population, high=population),
            buckets=5,
            exclusive=True,
            counters=(),
            mean=kind == "guaranteed",
        )
        before = perf_counter()
        planned = plan_rate(target, limits=Limits(cap=cap))
        lines = derivation(target, planned)
        assert perf_counter() - before < 5
        assert 0 < planned.rate <= planned.limit
        assert not any("nan" in line or "inf" in line for line in lines)
        assert population or planned.required is None
        if planned.required is not None:
            assert 0 < planned.required <= 1
            assert (planned.required <= planned.limit) == (planned.shortfall is None)
        if planned.shortfall is None:
            assert planned.rate >= (planned.required or 1)
        for number in (planned.floor, planned.sample_size, planned.achieved_at_likely):
            assert number is None or (isfinite(number) and number > 0)


@pytest.mark.parametrize("degree", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    "number", [Fraction(1, 2), Fraction(95, 100), 1 - Fraction(1, 10**9), 1 - Fraction(1, 10**14)]
)
def test_a_root_is_not_below_and_not_far(number: Fraction, degree: int) -> None:
    root = least_root(number, degree=degree)
    assert root**degree >= number
    assert (root - Fraction(1, 10**30)) ** degree < number
    assert root < 1


@pytest.mark.parametrize(
    ("likely", "cv", "assurance"), [(0, 0.5, 0.9), (1, -0.1, 0.9), (1, 0.5, 0), (1, 0.5, 1)]
)
def test_no_population_is_told_of_what_is_no_estimate(
    likely: float, cv: float, assurance: float
) -> None:
    with pytest.raises(ValueError, match=r"^no population for likely="):
        lower_quantile(likely=likely, cv=cv, assurance=assurance)


def test_a_population_that_is_known_is_itself() -> None:
    assert lower_quantile(likely=1000, cv=0, assurance=0.99) == 1000
    assert lower_quantile(likely=1000, cv=3, assurance=0.5) == pytest.approx(1000)
