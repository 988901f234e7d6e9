"""A compiled config read back: what it promises, and what clients make of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.charts.chart import ChartType
from chartconfig.collection.compiled import (
    CompiledChart,
    MalformedChartsError,
    decode_charts,
    decode_retired,
    probabilities,
    study,
)
from chartconfig.collection.config import CollectionConfig, CounterConfig, ProgramConfig
from chartconfig.collection.encode import decode
from chartconfig.module.version import Scheme
from chartconfig.sampling.accuracy import Detect, DistributionMargin, Margin
from chartconfig.sampling.fleets import Study
from chartconfig.sampling.population import Population
from tests.collection.client import Installation, rates, uploads
from tests.collection.repositories import built, repositories, small

KEYS = st.sampled_from(["program", "counters", "goos", "until", "reason"])

if TYPE_CHECKING:
    from tests.scenarios.repository import Files

CONFIDENCE = Fraction(95, 100)
NOT_OF_THAT_KIND = "it is no accuracy of that kind: see schema/accuracy.schema.json"


CHART = CompiledChart(
    id="gopls/client",
    type=ChartType.PARTITION,
    program="golang.org/x/tools/gopls",
    scheme=Scheme.GO_MODULE,
    since="v0.16.0",
    counters=("gopls/client:vim", "gopls/client:zed"),
    quantile=None,
    exclusive=False,
    accuracy=Margin(margin=Fraction(1, 100), confidence=CONFIDENCE),
    promised=Margin(margin=Fraction(1, 100), confidence=CONFIDENCE),
    population=Population(low=10, likely=20, high=30),
    rate=0.05,
)


def config(*programs: ProgramConfig, sample_rate: float = 0.1) -> CollectionConfig:
    return CollectionConfig(
        goos=("linux",),
        goarch=("amd64",),
        go_versions=("go1.26.0", "go1.27.0"),
        sample_rate=sample_rate,
        programs=programs,
    )


def gopls(
    *counters: tuple[str, float],
    stacks: tuple[tuple[str, float], ...] = (),
    versions: tuple[str, ...] = ("v0.16.0", "v0.20.0"),
) -> ProgramConfig:
    return ProgramConfig(
        name="golang.org/x/tools/gopls",
        versions=versions,
        counters=tuple(CounterConfig(name=name, rate=rate) for name, rate in counters),
        stacks=tuple(CounterConfig(name=name, rate=rate) for name, rate in stacks),
    )


class TestCharts:
    def test_are_what_was_compiled(self) -> None:
        charts = decode_charts(small()["charts.json"])
        document = json.loads(small()["charts.json"])
        assert [chart.id for chart in charts] == [entry["id"] for entry in document["charts"]]
        for chart, entry in zip(charts, document["charts"], strict=True):
            assert (chart.rate, chart.type.value) == (entry["rate"], entry["type"])
            assert chart.population.low == entry["population"]["low"]
            assert (chart.promised == chart.accuracy) == ("shortfall" not in entry)
            kind = entry["accuracy"]["kind"]
            assert float(getattr(chart.accuracy, kind)) == entry["accuracy"][kind]

    def test_of_every_type(self) -> None:
        charts = {chart.type for chart in decode_charts(small()["charts.json"])}
        assert charts == set(ChartType)

    def test_with_a_shortfall_promise_what_is_left(self) -> None:
        document = json.loads(small()["charts.json"])
        entry = document["charts"][0]
        kind = entry["accuracy"]["kind"]
        entry["shortfall"] = {"limit": 0.1, "binding": "cap", "required": 0.2}
        entry["achieved"] = {kind: 0.07}
        (chart, *_) = decode_charts(json.dumps(document).encode())
        assert float(getattr(chart.accuracy, kind)) == entry["accuracy"][kind]
        assert getattr(chart.promised, kind) == Fraction(7, 100)
        entry["achieved"] = {kind: None}
        (chart, *_) = decode_charts(json.dumps(document).encode())
        assert chart.promised is None
        assert study(chart, config()) is None


class TestMalformed:
    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"", "charts.json is no JSON"),
            (b"\xff", "charts.json is no JSON"),
            (b"[" * 100_000, "charts.json is no JSON"),
            (b"[]", "the document: it is no object"),
            (b"{}", 'the document: "format" is missing'),
            (b'{"format": 3}', 'the document: "format" is 3'),
            (b'{"format": "x"}', 'the document: "format" is not "chartconfig/charts/v1"'),
            (b'{"format": "chartconfig/charts/v1"}', 'the document: "charts" is missing'),
        ],
    )
    def test_documents(self, data: bytes, said: str) -> None:
        with pytest.raises(MalformedChartsError) as raised:
            decode_charts(data)
        assert str(raised.value) == said
        assert raised.value.diagnostic.code == "CC905"
        assert str(raised.value.diagnostic.span) == "charts.json:1:1"

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"rate": None}, ': "rate" is null'),
            ({"rate": "0.1"}, ': "rate" is "0.1"'),
            ({"rate": True}, ': "rate" is true'),
            ({"rate": 0}, ': "rate" is 0.0, not above 0 and at most 1'),
            ({"rate": float("nan")}, ': "rate" is nan, not above 0 and at most 1'),
            ({"rate": 10**400}, ': "rate" is too large'),
            ({"type": "pie"}, ': "type" is "pie", which is no type of chart'),
            ({"counters": []}, ': "counters" are not those of a stack'),
            ({"type": "ratio", "counters": ["a"]}, ': "counters" are not those of a ratio'),
            ({"counters": [3]}, ': "counters" holds something else than texts'),
            ({"quantile": 5e-324}, ': "quantile" is too small'),
            (
                {"population": {"low": 3, "likely": 2, "high": 4}},
                '.population: "low", "likely" and "high" do not ascend',
            ),
            (
                {"population": {"low": -3, "likely": 2, "high": 4}},
                '.population: "low" is no number of installations',
            ),
            (
                {"population": {"low": 3, "likely": 4, "high": 10**15}},
                '.population: "high" is no number of installations',
            ),
            ({"population": {"low": 3, "high": 4}}, '.population: "likely" is missing'),
            ({"accuracy": {}}, '.accuracy: "kind" is missing'),
            (
                {"accuracy": {"kind": "luck"}},
                '.accuracy: "kind" is "luck", which a stack cannot promise',
            ),
            ({"accuracy": {"kind": "detect"}}, f".accuracy: {NOT_OF_THAT_KIND}"),
            (
                {"accuracy": {"kind": "detect", "detect": 0.1, "reports": 1, "confidence": 1}},
                f".accuracy: {NOT_OF_THAT_KIND}",
            ),
            (
                {"accuracy": {"kind": "detect", "margin": 0.1, "confidence": 0.9}},
                f".accuracy: {NOT_OF_THAT_KIND}",
            ),
            (
                {
                    "accuracy": {
                        "kind": "detect",
                        "detect": 0.1,
                        "reports": 1,
                        "confidence": 0.9,
                        "for_each": ["\ud800"],
                    }
                },
                f".accuracy: {NOT_OF_THAT_KIND}",
            ),
            ({"shortfall": {}, "achieved": []}, ': "achieved" is []'),
            (
                {"scheme": "calver"},
                ': "scheme" is "calver", which is none of go-module, go-toolchain, pep440, semver',
            ),
        ],
    )
    def test_entries(self, changes: dict[str, object], said: str) -> None:
        document = json.loads(small()["charts.json"])
        (entry,) = (chart for chart in document["charts"] if chart["type"] == "stack")
        document["charts"] = [entry | changes]
        with pytest.raises(MalformedChartsError) as raised:
            decode_charts(json.dumps(document).encode())
        assert str(raised.value) == f"charts[0]{said}"

    @pytest.mark.parametrize(
        "changes",
        [
            {"until": "2027-02-30"},
            {"until": "soon"},
            {"until": 5},
            {"program": None},
            {"counters": "gopls/old"},
            {"counters": []},
            {"goos": ["plan9"]},
            {"reason": "\ud800"},
            {"since": "v1.0.0"},
        ],
    )
    def test_what_is_retired(self, changes: dict[str, object]) -> None:
        document = json.loads(small()["charts.json"])
        (entry,) = decode_retired(small()["charts.json"])
        assert (entry.program, entry.until) == ("golang.org/x/tools/gopls", date(2028, 2, 10))
        assert entry.counters == ("gopls/old:{yes-it-was,other}",)
        document["retired"][0] |= changes
        with pytest.raises(MalformedChartsError) as raised:
            decode_retired(json.dumps(document).encode())
        assert str(raised.value).startswith("retired[0]: ")

    def test_a_chart_twice(self) -> None:
        document = json.loads(small()["charts.json"])
        document["charts"].append(document["charts"][0])
        with pytest.raises(MalformedChartsError) as raised:
            decode_charts(json.dumps(document).encode())
        said = f'"id" is "{document["charts"][0]["id"]}", as of a chart before'
        assert str(raised.value) == f"charts[{len(document['charts']) - 1}]: {said}"

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda below: st.lists(below) | st.dictionaries(st.text() | KEYS, below),
        )
    )
    def test_nothing_else_is_retired(self, value: object) -> None:
        data = json.dumps(json.loads(small()["charts.json"]) | {"retired": value}).encode()
        try:
            found = decode_retired(data)
        except MalformedChartsError:
            return
        assert value is None or isinstance(value, list)
        assert len(found) == len(value or ())

    @given(st.data())
    def test_values_give_that_error_and_no_other(self, data: st.DataObject) -> None:
        document = json.loads(small()["charts.json"])
        node: Any = data.draw(st.sampled_from(document["charts"]))
        while True:
            key = data.draw(st.sampled_from(list(node)))
            if not isinstance(node[key], dict) or not node[key] or data.draw(st.booleans()):
                break
            node = node[key]
        junk: st.SearchStrategy[object] = (
            st.none() | st.booleans() | st.integers() | st.floats() | st.text()
        )
        node[key] = data.draw(junk | st.dictionaries(st.text(), junk) | st.lists(junk))
        try:
            charts = decode_charts(json.dumps(document).encode())
        except MalformedChartsError:
            return
        assert len(charts) == len(document["charts"])


class TestProbabilities:
    @given(repositories())
    def test_are_what_clients_do(self, files: Files) -> None:
        output = built(files)
        read = decode(output["config.json"])
        for chart in decode_charts(output["charts.json"]):
            (program,) = (p for p in read.programs if p.name == chart.program)
            version = program.versions[-1]
            go_version = version if chart.scheme is Scheme.GO_TOOLCHAIN else read.go_versions[-1]
            installation = Installation(
                program=chart.program, version=version, go_version=go_version, x=0
            )
            known = rates(output["config.json"], installation)
            shown, sent = probabilities(chart, read)
            assert shown == tuple(known[counter] for counter in chart.counters)
            assert uploads(output["config.json"], sent)
            assert not uploads(output["config.json"], sent * 1.001)
            assert min(shown) >= chart.rate

    @pytest.mark.parametrize(
        ("collected", "shown", "sent"),
        [
            (config(gopls(("gopls/client:{vim,zed}", 0.05))), (0.05, 0.05), 0.1),
            (config(gopls(("gopls/client:vim", 0.05))), (0.05, 0.0), 0.1),
            (config(gopls(("gopls/client:{vim, zed}", 0.05))), (0.05, 0.0), 0.1),
            (config(gopls(("gopls/client:{vim,zed}", 0.05)), sample_rate=0.03), (0.03, 0.03), 0.03),
            (config(gopls(("gopls/client:{vim,zed}", 0.05)), sample_rate=0), (0.05, 0.05), 1.0),
            (config(gopls(("gopls/client:{vim,zed}", -1))), (0.0, 0.0), 0.1),
            (
                config(gopls(("gopls/client:{vim,zed}", 0.05), ("gopls/client:vim", 0.02))),
                (0.02, 0.05),
                0.1,
            ),
            (
                config(
                    gopls(("gopls/client:{vim,zed}", 0.05), stacks=(("gopls/client:vim", 0.001),))
                ),
                (0.001, 0.05),
                0.1,
            ),
            (config(gopls(stacks=(("gopls/client:vim", 0.05),))), (0.0, 0.0), 0.1),
            (config(gopls(("gopls/client:{vim,zed}", 0.05), versions=())), (0.0, 0.0), 0.0),
            (
                config(gopls(("gopls/client:{vim,zed}", 0.05), versions=("v0.15.0",))),
                (0.0, 0.0),
                0.0,
            ),
            (config(), (0.0, 0.0), 0.0),
        ],
    )
    def test_are_those_of_a_config_by_hand(
        self, collected: CollectionConfig, shown: tuple[float, ...], sent: float
    ) -> None:
        assert probabilities(CHART, collected) == (shown, sent)

    def test_of_a_toolchain_program_need_its_version_among_those_of_go(self) -> None:
        chart = replace(CHART, scheme=Scheme.GO_TOOLCHAIN, since="go1.26.0", program="cmd/go")

        def of(*versions: str) -> float:
            counted = gopls(("gopls/client:{vim,zed}", 0.05), versions=versions)
            return probabilities(chart, config(replace(counted, name="cmd/go")))[1]

        assert [of("go1.27.0"), of("go1.28.0"), of("go1.25.0")] == [0.1, 0.0, 0.0]


class TestStudies:
    def test_of_a_partition_count_reports_that_show_no_bucket(self) -> None:
        collected = config(gopls(("gopls/client:{vim,zed}", 0.04)))
        assert CHART.promised is not None
        assert study(CHART, collected) == Study(
            accuracy=CHART.promised, held=(0.04, 0.04), counted=0.05
        )

    def test_count_no_report_above_the_charts_rate(self) -> None:
        found = study(CHART, config(gopls(("gopls/client:{vim,zed}", 0.09))))
        assert found is not None
        assert (found.held, found.counted) == ((0.05, 0.05), 0.05)

    def test_of_a_histogram_count_those_that_show_a_bucket(self) -> None:
        promise = DistributionMargin(distribution_margin=Fraction(1, 10), confidence=CONFIDENCE)
        chart = replace(CHART, type=ChartType.HISTOGRAM, accuracy=promise, promised=promise)
        found = study(chart, config(gopls(("gopls/client:{vim,zed}", 0.05))))
        assert found == Study(accuracy=promise, held=(0.05, 0.05), counted=None, exclusive=True)

    def test_of_a_ratio_take_a_lost_numerator_for_nothing(self) -> None:
        promise = DistributionMargin(distribution_margin=Fraction(1, 10), confidence=CONFIDENCE)
        chart = replace(CHART, type=ChartType.RATIO, accuracy=promise, promised=promise)
        collected = config(gopls(("gopls/client:vim", 0.02), ("gopls/client:zed", 0.04)))
        found = study(chart, collected)
        assert found == Study(accuracy=promise, held=(0.02,), counted=0.04, continuous=True)
        of_mean = replace(chart, promised=CHART.accuracy)
        assert study(of_mean, collected) == replace(
            found, accuracy=CHART.accuracy, continuous=False
        )

    def test_of_a_stack_know_it_among_stacks_only(self) -> None:
        promise = Detect(detect=Fraction(1, 100), confidence=CONFIDENCE)
        chart = replace(
            CHART, type=ChartType.STACK, counters=("gopls/bug",), accuracy=promise, promised=promise
        )
        listed = study(chart, config(gopls(stacks=(("gopls/bug", 0.05),))))
        assert listed == Study(accuracy=promise, held=(0.05,), counted=0.05)
        counted = study(chart, config(gopls(("gopls/bug", 0.05))))
        assert counted == Study(accuracy=promise, held=(0.0,), counted=0.05)

    def test_of_groups_at_once_promise_more_for_each(self) -> None:
        promise = Margin(margin=Fraction(1, 100), confidence=Fraction(81, 100), groups=2)
        chart = replace(CHART, accuracy=promise, promised=promise)
        found = study(chart, config(gopls(("gopls/client:{vim,zed}", 0.05))))
        assert found is not None
        assert (found.accuracy.confidence, found.accuracy.groups) == (Fraction(9, 10), None)
