"""Searches, against what is to be found; and how many tries that takes."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.sampling.inverse import (
    first_integer,
    first_number,
    least_count,
    least_margin,
    least_root,
)


@pytest.mark.parametrize("first", [1, 2, 3, 4, 5, 8, 9, 50, 1000, 2**40 + 1, 2**62])
def test_the_least_count(first: int) -> None:
    tried = list[int]()

    def holds(number: int) -> bool:
        tried.append(number)
        return number >= first

    assert least_count(holds) == first
    assert min(tried) >= 1
    assert len(tried) == len({*tried})
    assert len(tried) <= 2 * first.bit_length() + 1


def test_no_count_at_all() -> None:
    tried = list[int]()

    def never(number: int) -> bool:
        tried.append(number)
        return False

    assert least_count(never) is None
    assert tried == [2**power for power in range(63)]


@pytest.mark.parametrize("surely", [100, 101, 102, 103, 104, 107, 108, 150, 1000, 10**6])
def test_who_has_the_last_word(surely: int) -> None:
    tried = list[int]()

    def last(number: int) -> bool:
        tried.append(number)
        return number >= surely

    assert least_count(lambda number: number >= 100, surely=last) == surely
    assert min(tried) == 100
    assert len(tried) == len({*tried})
    assert len(tried) <= 2 * (surely - 99).bit_length() + 1


@pytest.mark.parametrize("surely", [Fraction(1, 3), Fraction(2, 5), Fraction(99, 100), Fraction(3)])
def test_who_has_the_last_word_on_a_margin(surely: Fraction) -> None:
    tried = list[Fraction]()

    def last(margin: Fraction) -> bool:
        tried.append(margin)
        return margin >= surely

    found = least_margin(lambda margin: 3 * margin >= 1, surely=last)
    assert found == {Fraction(1, 3): 0.334, Fraction(2, 5): 0.4, Fraction(99, 100): 0.99}.get(
        surely,
        0.999,  # the widest, which is not asked
    )
    assert tried[0] == Fraction(334, 1000)


def test_the_widest_margin() -> None:
    assert least_margin(lambda margin: margin >= 1) is None
    assert least_margin(lambda margin: margin > Fraction(998, 1000)) == 0.999
    assert least_margin(lambda _: True) == 1e-9


@given(places=st.tuples(*[st.integers(-100, 100)] * 3), near=st.integers(-200, 200))
def test_where_one_looks_first_makes_no_difference(places: tuple[int, int, int], near: int) -> None:
    low, first, high = sorted(places)
    tried = list[int]()

    def holds(number: int) -> bool:
        tried.append(number)
        return number >= first

    assert first_integer(holds, low=low, high=high, near=near) == first
    assert all(low <= number < high for number in tried)
    assert len(tried) == len({*tried})
    off = abs(min(max(near, low), high) - first)
    assert len(tried) <= 2 * (off + 1).bit_length() + 1


@pytest.mark.parametrize(
    ("first", "expected"),
    [(30, [50, 49, 47, 43, 35, 19]), (81, [50, 51, 53, 57, 65, 81]), (50, [50, 49])],
)
def test_strides_double(first: int, expected: list[int]) -> None:
    tried = list[int]()

    def holds(number: int) -> bool:
        tried.append(number)
        return number >= first

    assert first_integer(holds, low=0, high=100, near=50) == first
    assert tried[: len(expected)] == expected


def test_numbers_of_so_many_digits() -> None:
    def above(number: float) -> bool:
        return number > 0.1234

    def always(_: float) -> bool:
        return True

    assert first_number(above, low=1e-5, high=1, near=0.5) == 0.1235
    assert first_number(above, low=1e-5, high=1, near=0.5, digits=2) == 0.13
    assert first_number(always, low=0.01238, high=1, near=1, digits=3) == 0.0124
    assert first_number(always, low=0.0123456, high=1, near=1, digits=6) == 0.0123456


@pytest.mark.parametrize(
    ("near", "expected"), [(0.1235, [0.1235, 0.1234]), (-7, [1e-5]), (0.1, [0.1]), (9, [0.9999])]
)
def test_numbers_near_what_is_expected_are_tried_first(near: float, expected: list[float]) -> None:
    tried = list[float]()

    def holds(number: float) -> bool:
        tried.append(number)
        return number > 0.1234

    assert first_number(holds, low=1e-5, high=1, near=near) == 0.1235
    assert tried[: len(expected)] == expected


@pytest.mark.parametrize("degree", [1, 2, 7, 1000])
@pytest.mark.parametrize(
    "number", [Fraction(0), Fraction(1, 3), 1 - Fraction(1, 10**14), Fraction(1)]
)
def test_the_least_root_of_thirty_decimals(number: Fraction, degree: int) -> None:
    root = least_root(number, degree=degree)
    last = Fraction(1, 10**30)
    assert (root / last).denominator == 1
    assert root**degree >= number
    assert root == 0 or (root - last) ** degree < number
