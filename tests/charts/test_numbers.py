"""Numbers as files write them, each read exactly."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.charts.numbers import (
    once_in,
    parse_fraction,
    parse_installations,
    percent,
    read_accuracy,
    read_fraction,
)
from chartconfig.sampling.accuracy import Change, Detect, DistributionMargin, Margin, RelativeMargin
from chartconfig.source.schema import text

FRACTION = json.loads(text("accuracy.schema.json"))["$defs"]["fraction"]["pattern"]
INSTALLATIONS = json.loads(text("populations.schema.json"))["$defs"]["installations"]["pattern"]


class TestFractions:
    @given(st.from_regex(re.compile(FRACTION, re.ASCII), fullmatch=True))
    def test_whatever_the_schema_lets_through_is_read_exactly(self, spelled: str) -> None:
        expected = Fraction(Decimal(spelled.rstrip("%\n"))) / (100 if "%" in spelled else 1)
        assert read_fraction(spelled.rstrip("\n")) == expected
        assert 0 < expected < 1

    @given(st.integers(1, 10**12 - 1), st.integers(0, 12))
    def test_a_number_is_what_it_is_written_as(self, digits: int, places: int) -> None:
        """YAML reads 0.1 as a double, and what is meant is one tenth."""
        number = Decimal(digits).scaleb(-12 - places + 12 - len(str(digits)))
        if number >= Decimal("1e-12"):
            assert read_fraction(float(number)) == Fraction(number)

    @pytest.mark.parametrize(
        "spelled",
        [
            "",
            "%",
            ".",
            "1.",
            "-1%",
            "+1%",
            "1 %",
            "1_0%",
            "1e400%",
            "1%%",
            "1%\n",
            "\uff11%",
            "nan",
            "1/2",
        ],
    )
    def test_anything_else_is_refused(self, spelled: str) -> None:
        with pytest.raises(ValueError, match=r"is no fraction: write 1% or 0\.01") as refused:
            parse_fraction(spelled)
        assert str(refused.value).startswith(repr(spelled))

    @given(st.integers(1, 999_999), st.integers(-14, -6))
    def test_percent_is_read_back(self, digits: int, exponent: int) -> None:
        fraction = digits * Fraction(10) ** exponent
        assert parse_fraction(percent(fraction)) == fraction


class TestInstallations:
    @given(st.integers(1, 10**12))
    def test_plain_numbers(self, number: int) -> None:
        assert parse_installations(str(number)) == number

    @given(st.from_regex(re.compile(INSTALLATIONS, re.ASCII), fullmatch=True))
    def test_multiples_are_exact_or_refused(self, spelled: str) -> None:
        spelled = spelled.rstrip("\n")
        expected = Decimal(spelled[:-1]) * (1000 if spelled[-1] == "k" else 1_000_000)
        if expected == int(expected):
            assert parse_installations(spelled) == expected
        else:
            with pytest.raises(ValueError, match="is no number of installations"):
                parse_installations(spelled)

    @pytest.mark.parametrize("spelled", ["", "0", "0k", "-1", "1.5", "1K", "1 k", "1e6", "1G", "٣"])
    def test_anything_else_is_refused(self, spelled: str) -> None:
        with pytest.raises(
            ValueError,
            match="is no number of installations: write a whole one, at least 1, such as 300000",
        ):
            parse_installations(spelled)


@pytest.mark.parametrize(
    ("rate", "told"),
    [(1.0, "every week"), (0.9999, "nearly every week"), (0.7, "nearly every week")],
)
def test_every_week_is_every_week(rate: float, told: str) -> None:
    assert once_in(rate) == told


def test_accuracies() -> None:
    ninety_five = Fraction(95, 100)
    assert read_accuracy({"margin": "1%", "confidence": "95%"}) == Margin(
        margin=Fraction(1, 100), confidence=ninety_five
    )
    assert read_accuracy(
        {
            "margin": 0.01,
            "simultaneous": True,
            "confidence": 0.95,
            "weeks": 4,
            "for_each": ["os", "version"],
            "smallest_group": ".5%",
        }
    ) == Margin(
        margin=Fraction(1, 100),
        simultaneous=True,
        confidence=ninety_five,
        weeks=4,
        for_each=("os", "version"),
        smallest_group=Fraction(1, 200),
    )
    assert read_accuracy({"detect": "0.1%", "reports": 5, "confidence": "95%"}) == Detect(
        detect=Fraction(1, 1000), reports=5, confidence=ninety_five
    )
    assert read_accuracy({"distribution_margin": "2%", "confidence": "95%"}) == DistributionMargin(
        distribution_margin=Fraction(1, 50), confidence=ninety_five
    )
    assert read_accuracy(
        {"relative_margin": "10%", "smallest_share": "1%", "confidence": "95%"}
    ) == RelativeMargin(
        relative_margin=Fraction(1, 10), smallest_share=Fraction(1, 100), confidence=ninety_five
    )
    assert read_accuracy({"change": "1%", "power": "80%", "confidence": "95%"}) == Change(
        change=Fraction(1, 100), power=Fraction(4, 5), confidence=ninety_five
    )
    assert read_accuracy({"margin": "1%", "guaranteed": True, "confidence": "95%"}) == Margin(
        margin=Fraction(1, 100), guaranteed=True, confidence=ninety_five
    )
    assert read_accuracy(
        {
            "margin": "1%",
            "confidence": "95%",
            "for_each": ["os"],
            "smallest_group": "10%",
            "groups": 3,
        }
    ) == Margin(
        margin=Fraction(1, 100),
        confidence=ninety_five,
        for_each=("os",),
        smallest_group=Fraction(1, 10),
        groups=3,
    )
