"""charts.json: what its docstring says of each key."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from chartconfig.collection import charts_json
from tests.collection.repositories import (
    SMALL,
    built,
    chart,
    charts_of,
    config_of,
    repositories,
    repository,
    small,
)
from tests.scenarios.repository import read

if TYPE_CHECKING:
    from tests.scenarios.repository import Files

few = settings(max_examples=40, deadline=None)

KEYS = {
    *("id", "title", "description", "type", "program", "module", "counters", "issues", "owners"),
    *("expires", "accuracy", "population", "rate", "weight", "expected_reports", "achieved"),
}
OPTIONAL = {
    *("exclusive", "quantile", "depth", "expected_shares", "since", "reason", "shortfall"),
}


class TestForm:
    def test_names_its_format_and_ends_with_a_newline(self) -> None:
        data = small()["charts.json"]
        assert data.startswith(b'{\n  "format": "chartconfig/charts/v1",\n  "charts": [\n')
        assert data.endswith(b"\n  ]\n}\n")
        assert list(json.loads(data)) == ["format", "charts", "retired"]

    def test_says_nothing_of_retirements_where_there_are_none(self) -> None:
        """What was released before there were any compiles to the bytes that it did."""
        files = {path: data for path, data in read(SMALL).items() if "/old." not in path}
        assert list(json.loads(built(files)["charts.json"])) == ["format", "charts"]

    def test_of_no_charts(self) -> None:
        assert b"".join(charts_json.encode_charts([])) == (
            b'{\n  "format": "chartconfig/charts/v1",\n  "charts": [\n  ]\n}\n'
        )

    def test_documents_every_key(self) -> None:
        documented = set(re.findall(r"`([a-z_]+)`", charts_json.__doc__ or ""))
        assert documented >= KEYS | OPTIONAL

    @few
    @given(repositories())
    def test_is_sorted_and_has_the_keys(self, files: Files) -> None:
        charts = json.loads(built(files)["charts.json"])["charts"]
        assert [chart["id"] for chart in charts] == sorted(chart["id"] for chart in charts)
        for each in charts:
            assert KEYS <= set(each) <= KEYS | OPTIONAL
            assert set(each["population"]) == {"low", "likely", "high"}
            kind = each["accuracy"]["kind"]
            assert set(each["achieved"]) == {kind, f"{kind}_at_likely"}


class TestNumbers:
    @few
    @given(repositories())
    def test_follow_from_each_other(self, files: Files) -> None:
        output = built(files)
        charts = charts_of(output).values()
        for each in charts:
            assert each["weight"] * each["rate"] == pytest.approx(1, abs=1e-15)
            expected = each["rate"] * each["population"]["likely"]
            assert each["expected_reports"] == pytest.approx(expected, rel=1e-15)
            kind = each["accuracy"]["kind"]
            promised, at_likely = each["achieved"][kind], each["achieved"][f"{kind}_at_likely"]
            assert at_likely <= promised == each["accuracy"][kind]
            assert each["rate"] <= config_of(output)["SampleRate"]

    def test_are_fractions(self) -> None:
        assert charts_of(small())["go/cache-misses"]["accuracy"] == {
            "kind": "distribution_margin",
            "distribution_margin": 0.02,
            "confidence": 0.95,
            "for_each": ["os"],
            "smallest_group": 0.3,
        }

    def test_of_the_population_are_after_adoption(self) -> None:
        charts = charts_of(small())
        whole = {"low": 300_000, "likely": 600_000, "high": 1_200_000}
        assert charts["gopls/bug"]["population"] == whole
        of_v0_16 = {"low": 240_000, "likely": 480_000, "high": 960_000}
        assert charts["gopls/client"]["population"] == of_v0_16
        of_v0_20 = {"low": 75_000, "likely": 150_000, "high": 300_000}
        assert charts["gopls/zed-share"]["population"] == of_v0_20


class TestShortfall:
    def test_is_there_when_one_was_accepted(self) -> None:
        short = charts_of(small())["go/invocations"]
        assert short["rate"] == 0.07692
        assert short["achieved"] == {"margin": 0.00807, "margin_at_likely": 0.00571}
        shortfall = short["shortfall"]
        assert (shortfall["limit"], shortfall["binding"]) == (0.07692, "max_reports_per_year")
        assert shortfall["required"] == pytest.approx(0.5752, abs=5e-5)

    def test_is_not_there_otherwise(self) -> None:
        assert [name for name, each in charts_of(small()).items() if "shortfall" in each] == [
            "go/invocations"
        ]


def test_of_an_accuracy_the_keys_that_say_something() -> None:
    asking = chart(
        "go",
        "ratio",
        numerator="go/x",
        denominator="go/y",
        accuracy={
            "margin": "2%",
            "guaranteed": "true",
            "for_each": "[os]",
            "smallest_group": "20%",
            "groups": "3",
        },
    )
    assert charts_of(built(repository({"go/x": asking})))["go/x"]["accuracy"] == {
        "kind": "margin",
        "margin": 0.02,
        "guaranteed": True,
        "confidence": 0.95,
        "for_each": ["os"],
        "smallest_group": 0.2,
        "groups": 3,
    }


class TestTexts:
    def test_of_a_chart_are_as_its_file_has_them(self) -> None:
        client = charts_of(small())["gopls/client"]
        assert client["title"] == "Editors that run `gopls` <script>alert(1)</script> & more"
        assert client["description"] == (
            "~~~ Decides which *editors* are tested\n# before each release.\n"
        )
        assert client["issues"] == ["https://go.dev/issue/61038", "https://example.org/1><b>"]
        assert client["owners"] == ["@golang/tools"]

    def test_of_a_program_are_its_full_name_and_module(self) -> None:
        charts = charts_of(small())
        assert (charts["gopls/bug"]["program"], charts["gopls/bug"]["module"]) == (
            "golang.org/x/tools/gopls",
            "golang.org/x/tools/gopls",
        )
        assert (charts["go/invocations"]["program"], charts["go/invocations"]["module"]) == (
            "cmd/go",
            None,
        )

    def test_of_counters_are_collapsed(self) -> None:
        charts = charts_of(small())
        assert charts["gopls/client"]["counters"] == [
            "gopls/client:{vscode,neovim,a<b&c,zed,other}"
        ]
        assert charts["gopls/zed-share"]["counters"] == ["gopls/client:zed", "gopls/client:vscode"]
        assert charts["gopls/bug"]["counters"] == ["gopls/bug"]

    def test_of_an_end_are_a_day_or_never_with_a_reason(self) -> None:
        charts = charts_of(small())
        assert charts["gopls/client"]["expires"] == "2027-11-01"
        assert "reason" not in charts["gopls/client"]
        assert charts["gopls/bug"]["expires"] == "never"
        assert charts["gopls/bug"]["reason"] == "A bug is wanted for as long as there is a gopls."

    def test_that_are_no_ascii_stand_for_themselves(self) -> None:
        asking = chart("gopls", "partition", counter="gopls/x", buckets=["a", "other"])
        files = repository({"gopls/x": asking | {"title": "Éditeurs 日本"}})
        assert '"title": "Éditeurs 日本"'.encode() in built(files)["charts.json"]
