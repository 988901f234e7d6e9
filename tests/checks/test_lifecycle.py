"""Checks on dates, to the day, and on what charts ignore."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scenarios.repository import (
    BASE,
    CLIENT,
    TODAY,
    checked,
    codes,
    found,
    with_keys,
    without_keys,
)

IGNORE_206 = "buckets: [vscode, zed]\nignore: [{code: CC206, reason: There are no others.}]\n"


def day(days: int) -> date:
    return TODAY + timedelta(days=days)


class TestExpiry:
    @pytest.mark.parametrize(
        ("days", "expected"),
        [
            (-1, ["CC601"]),
            (0, ["CC602"]),
            (60, ["CC602"]),
            (61, []),
            (5 * 366, []),
            (5 * 366 + 1, ["CC608"]),
        ],
    )
    def test_to_the_day(self, days: int, expected: list[str]) -> None:
        assert codes(with_keys(BASE, CLIENT, f"expires: {day(days)}\n")) == expected

    @pytest.mark.parametrize(("days", "is_collected"), [(-1, False), (0, True)])
    def test_the_last_day_is_the_one_that_is_written(
        self, days: int, *, is_collected: bool
    ) -> None:
        result = checked(with_keys(BASE, CLIENT, f"expires: {day(days)}\n"))
        assert result.planned
        collected = {chart.id for chart in result.planned.charts}
        assert ("gopls/client" in collected) is is_collected

    def test_never(self) -> None:
        keys = "expires: never\nreason: Crashes are always looked into.\n"
        assert codes(with_keys(BASE, CLIENT, keys)) == []

    @settings(max_examples=30, deadline=None)
    @given(st.dates(), st.dates())
    def test_any_day_of_the_calendar_on_any_day(self, expires: date, today: date) -> None:
        files = with_keys(BASE, CLIENT, f"expires: {expires}\n")
        told = {
            diagnostic.code
            for diagnostic in found(files, on=today)
            if diagnostic.span and diagnostic.span.path == CLIENT
        }
        left = (expires - today).days
        assert ("CC601" in told) == (left < 0)
        assert ("CC602" in told) == (0 <= left <= 60)
        assert ("CC608" in told) == (left > 5 * 366)


class TestPopulationAge:
    @pytest.mark.parametrize(
        ("days", "expected"), [(-367, ["CC417"]), (-366, []), (0, []), (1, ["CC418"])]
    )
    def test_to_the_day(self, days: int, expected: list[str]) -> None:
        keys = f"go: {{low: 500k, likely: 1M, high: 2M, as_of: {day(days)}, source: a survey}}\n"
        assert codes(with_keys(BASE, "configs/populations.yaml", keys)) == expected


class TestIgnore:
    def test_what_is_found_is_not_told(self) -> None:
        assert codes(with_keys(BASE, CLIENT, IGNORE_206)) == []
        assert codes(without_keys(with_keys(BASE, CLIENT, IGNORE_206), CLIENT, "ignore")) == [
            "CC206"
        ]

    @pytest.mark.parametrize(
        ("code", "expected", "message"),
        [
            ("CC206", "CC605", "CC206 partition-without-other does not occur in this chart"),
            ("CC409", "CC605", "CC409 not-computed-yet is retired"),
            ("CC999", "CC606", "there is no code CC999"),
            ("CC203", "CC607", "CC203 counter-name cannot be ignored"),
            ("CC408", "CC607", "CC408 shortfall cannot be ignored"),
            ("CC605", "CC607", "CC605 needless-ignore cannot be ignored"),
        ],
    )
    def test_what_hits_nothing(self, code: str, expected: str, message: str) -> None:
        files = with_keys(BASE, CLIENT, f"ignore: [{{code: {code}, reason: a test}}]\n")
        (diagnostic,) = found(files)
        assert (diagnostic.code, diagnostic.message) == (expected, message)
        assert diagnostic.span is not None
        assert (diagnostic.span.start.line, diagnostic.span.start.column) == (12, 17)

    def test_each_entry_is_judged_by_itself(self) -> None:
        keys = "ignore:\n" + "".join(
            f"  - {{code: {code}, reason: a test}}\n" for code in ("CC206", "CC210", "CC999")
        )
        keys += "buckets: [vscode, zed]\n"
        assert codes(with_keys(BASE, CLIENT, keys)) == ["CC605", "CC606"]

    def test_one_chart_does_not_ignore_for_another(self) -> None:
        loader = "configs/charts/gopls/package-loader.yaml"
        files = with_keys(with_keys(BASE, CLIENT, IGNORE_206), loader, "buckets: [go, bazel]\n")
        assert codes(files) == ["CC206"]

    def test_a_needless_one_is_not_told_while_a_file_cannot_be_read(self) -> None:
        keys = "ignore: [{code: CC207, reason: The other name is another thing.}]\n"
        files = with_keys(BASE, CLIENT, keys)
        assert codes(files) == ["CC605"]
        broken = {**files, "configs/charts/gopls/package-loader.yaml": b"["}
        assert codes(broken) == ["CC109"]
