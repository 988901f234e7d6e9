"""Published reports: lines that are none, what is counted of them, and the whole way back."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import nullcontext
from datetime import date
from fractions import Fraction
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.charts.chart import ChartType
from chartconfig.collection.compiled import CompiledChart, decode_charts
from chartconfig.collection.config import expand
from chartconfig.collection.encode import decode
from chartconfig.collection.estimate import ChartEstimate, changes, estimate
from chartconfig.collection.reports import (
    Count,
    Group,
    MalformedReportError,
    Report,
    count,
    parse_reports,
)
from chartconfig.module.version import Scheme
from chartconfig.sampling.accuracy import DistributionMargin
from chartconfig.sampling.population import Population
from tests.collection.client import Installation, keeps, uploads
from tests.collection.repositories import small

GOPLS = "golang.org/x/tools/gopls"


def program(
    counters: dict[str, int] | None = None, *, name: str = GOPLS, **keys: object
) -> dict[str, Any]:
    return {
        "Program": name,
        "Version": "v0.20.0",
        "GoVersion": "go1.27.0",
        "GOOS": "linux",
        "GOARCH": "amd64",
        "Counters": counters or {},
        "Stacks": {},
        **keys,
    }


def line(*programs: dict[str, Any], x: float = 0.01, **keys: object) -> str:
    report = {
        "Week": "2026-11-20",
        "LastWeek": "",
        "X": x,
        "Programs": list(programs) or None,
        "Config": "v1.0.0",
        **keys,
    }
    return json.dumps(report) + "\n"


def chart(kind: ChartType, *counters: str, **keys: Any) -> CompiledChart:  # noqa: ANN401 - of a chart
    accuracy = DistributionMargin(
        distribution_margin=Fraction(1, 10),
        confidence=Fraction(95, 100),
        for_each=keys.pop("for_each", ()),
        smallest_group=Fraction(1, 10),
    )
    defaults: dict[str, Any] = {
        "quantile": Fraction(1, 2),
        "since": "v0.16.0",
        "rate": 0.05,
        "exclusive": False,
    }
    return CompiledChart(
        id="gopls/x",
        type=kind,
        program=GOPLS,
        scheme=Scheme.GO_MODULE,
        counters=counters,
        accuracy=accuracy,
        promised=accuracy,
        population=Population(low=10, likely=20, high=30),
        **{**defaults, **keys},
    )


def counted(asked: CompiledChart, *lines: str) -> dict[Group, Count]:
    counts: dict[Group, Count] = {}
    for report in parse_reports(lines):
        count(asked, report, counts)
    return counts


def held(asked: CompiledChart, *lines: str) -> tuple[int, dict[str, int]]:
    """Return the denominator, and how many reports have each counter."""
    counts = counted(asked, *lines)
    return (counts[()].reports, dict(counts[()].held)) if counts else (0, {})


class TestLines:
    def test_are_read_as_go_writes_them(self) -> None:
        """The shape of a report in golang.org/x/telemetry, internal/telemetry/types.go."""
        text = (
            '{"Week":"2026-11-20","LastWeek":"2026-11-13","X":0.017171717,"Programs":[{"Program":'
            '"cmd/go","Version":"go1.27.0","GoVersion":"go1.27.0","GOOS":"darwin","GOARCH":"arm64",'
            '"Counters":{"go/invocations":42},"Stacks":{"go/bug\\nmain.main:3":1}}],'
            '"Config":"v0.30.0"}\n'
        )
        (report,) = parse_reports([text.encode(), b"\n"])
        assert (report.week, report.x, report.config) == (
            date(2026, 11, 20),
            0.017171717,
            "v0.30.0",
        )
        (only,) = report.programs
        assert only.program == "cmd/go"
        assert only.properties == {
            "os": "darwin",
            "arch": "arm64",
            "go_version": "go1.27.0",
            "version": "go1.27.0",
        }
        assert only.counters == {"go/invocations": 42}
        assert only.stacks == {"go/bug\nmain.main:3": 1}

    def test_may_be_without_programs(self) -> None:
        (report,) = parse_reports([line()])
        assert report.programs == ()

    def test_pass_over_keys_that_are_unknown(self) -> None:
        assert len(list(parse_reports([line(program(Extra=3), Extra=[])]))) == 1

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("{", "it is no JSON"),
            ("\ufeff" + line(), "it is no JSON"),
            (b"\xff", "it is no JSON"),
            ("[" * 100_000, "it is no JSON"),
            ("[]", "it is no object"),
            ("{}", "Week is missing"),
            (line(Week=3), "Week is no text"),
            (line(Week="20261120"), "Week is no day such as 2026-11-20"),
            (line(Week="2026-11-31"), "Week is no day such as 2026-11-20"),
            (line(X=None), "X is missing"),
            (line(X="0.1"), "X is no number from 0 to 1"),
            (line(X=True), "X is no number from 0 to 1"),
            (line(X=float("nan")), "X is no number from 0 to 1"),
            (line(X=-0.1), "X is no number from 0 to 1"),
            (line(X=1.1), "X is no number from 0 to 1"),
            (line(Config=None), "Config is missing"),
            (line(Programs={"a": 1}), "Programs is no list"),
            (line(Programs={}), "Programs is no list"),
            (line(Programs=[3]), "a program is no object"),
            (line(program(Version=None)), "Version is missing"),
            (line(program(GOOS=3)), "GOOS is no text"),
            (line(program(Counters=[3])), "Counters is no object"),
            (line(program(Stacks=[])), "Stacks is no object"),
            (line(program(Counters={"a": 2**63})), "a count in Counters is too large"),
            (line(program(Counters={"a": 1.5})), "a count in Counters is no whole number"),
            (line(program(Stacks={"a": True})), "a count in Stacks is no whole number"),
        ],
    )
    def test_that_are_no_reports(self, text: str | bytes, said: str) -> None:
        with pytest.raises(MalformedReportError) as raised:
            list(parse_reports([line(), "", text], path="2026-11-20.json"))
        assert str(raised.value) == f"line 3 of 2026-11-20.json: {said}"
        assert raised.value.diagnostic.code == "CC906"
        assert str(raised.value.diagnostic.span) == "2026-11-20.json:3:1"

    @given(st.binary(max_size=60) | st.text(max_size=60))
    def test_give_that_error_and_no_other(self, text: str | bytes) -> None:
        with pytest.raises(MalformedReportError) if text.strip() else nullcontext():
            assert list(parse_reports([text])) == []

    @given(st.data())
    def test_with_any_value_give_that_error_and_no_other(self, data: st.DataObject) -> None:
        report = json.loads(line(program({"a": 1})))
        node = data.draw(st.sampled_from([report, report["Programs"][0]]))
        key = data.draw(st.sampled_from(sorted(node)))
        junk: st.SearchStrategy[object] = (
            st.none() | st.booleans() | st.integers() | st.floats() | st.text()
        )
        node[key] = data.draw(junk | st.dictionaries(st.text(), junk) | st.lists(junk))
        try:
            (read,) = parse_reports([json.dumps(report)])
        except MalformedReportError:
            return
        assert isinstance(read, Report)


class TestDenominator:
    PARTITION = chart(ChartType.PARTITION, "gopls/c:vim", "gopls/c:zed")

    def test_is_the_reports_up_to_the_charts_rate(self) -> None:
        lines = [line(program({"gopls/c:vim": 1}), x=x) for x in (0.0, 0.05, 0.0500001, 0.9)]
        assert held(self.PARTITION, *lines) == (2, {"gopls/c:vim": 2})

    def test_is_those_with_the_program(self) -> None:
        lines = [line(), line(program({"gopls/c:vim": 1}, name="cmd/go")), line(program())]
        assert held(self.PARTITION, *lines) == (1, {})

    def test_is_those_of_a_version_that_has_the_counters(self) -> None:
        lines = [
            line(program({"gopls/c:vim": 1}, Version=version))
            for version in ("v0.15.9", "v0.16.0", "v0.9.0", "devel", "v0.20.0-pre.1")
        ]
        assert held(self.PARTITION, *lines) == (3, {"gopls/c:vim": 3})

    def test_counts_an_installation_once_however_many_versions_it_ran(self) -> None:
        both = line(
            program({"gopls/c:vim": 1}), program({"gopls/c:vim": 2, "gopls/c:zed": 1}, GOOS="x")
        )
        assert held(self.PARTITION, both) == (1, {"gopls/c:vim": 1, "gopls/c:zed": 1})

    def test_of_each_group_is_its_own(self) -> None:
        grouped = chart(ChartType.PARTITION, "gopls/c:vim", for_each=("os", "version"))
        linux, darwin = program({"gopls/c:vim": 1}), program(GOOS="darwin")
        counts = counted(grouped, line(linux), line(linux, darwin), line(darwin))
        found = {group: (each.reports, each.held["gopls/c:vim"]) for group, each in counts.items()}
        assert found == {
            (): (3, 2),
            ("linux", "v0.20.0"): (2, 2),
            ("darwin", "v0.20.0"): (2, 0),
        }


class TestValues:
    def test_of_a_partition_are_the_counters_that_a_report_has(self) -> None:
        partition = chart(ChartType.PARTITION, "gopls/c:vim", "gopls/c:zed")
        several = line(program({"gopls/c:vim": 500, "gopls/c:zed": 1, "gopls/other": 1}))
        none = line(program({"gopls/c:vim": 0, "gopls/c:zed": -3}))
        assert held(partition, several, none) == (2, {"gopls/c:vim": 1, "gopls/c:zed": 1})

    def test_of_a_stack_are_the_reports_with_it(self) -> None:
        stack = chart(ChartType.STACK, "gopls/bug")
        two = line(program(Stacks={"gopls/bug\na": 3, "gopls/bug\nb": 1}))
        other = line(program({"gopls/bug": 1}, Stacks={"gopls/bugs\na": 3}))
        assert held(stack, two, other) == (2, {"gopls/bug": 1})

    @pytest.mark.parametrize(
        ("quantile", "week", "bucket"),
        [
            ("0.5", (1, 0, 0), 0),
            ("0.5", (1, 1, 0), 0),
            ("0.5", (1, 2, 0), 1),
            ("0.5", (3, 2, 2), 1),
            ("0.9", (9, 0, 1), 0),
            ("0.9", (8, 0, 2), 2),
            ("0.1", (0, 0, 7), 2),
        ],
    )
    def test_of_a_histogram_are_a_quantile_of_the_own_week(
        self, quantile: str, week: tuple[int, ...], bucket: int
    ) -> None:
        names = ("gopls/h:0", "gopls/h:1", "gopls/h:2")
        histogram = chart(ChartType.HISTOGRAM, *names, quantile=Fraction(quantile))
        found = held(histogram, line(program(dict(zip(names, week, strict=True)))))
        assert found == (1, {names[bucket]: 1})

    def test_of_a_histogram_leave_out_who_has_none(self) -> None:
        histogram = chart(ChartType.HISTOGRAM, "gopls/h:0", "gopls/h:1")
        assert held(histogram, line(program()), line(program({"gopls/h:1": 1}))) == (
            1,
            {"gopls/h:1": 1},
        )

    def test_of_a_ratio_are_those_of_each_installation(self) -> None:
        ratio = chart(ChartType.RATIO, "gopls/miss", "gopls/hit")
        lines = [
            line(program({"gopls/miss": 1, "gopls/hit": 3}), program({"gopls/hit": 1}, GOOS="x")),
            line(program({"gopls/miss": 1_000_000, "gopls/hit": 4_000_000})),
            line(program({"gopls/hit": 7})),
            line(program({"gopls/miss": 7})),
        ]
        found = counted(ratio, *lines)[()]
        assert found.reports == 3
        assert found.ratios == Counter({Fraction(1, 4): 2, Fraction(0): 1})


class TestEstimates:
    """What is published, from the file that compile wrote and from lines."""

    def test_of_no_week_are_refused(self) -> None:
        with pytest.raises(ValueError, match="weeks must be at least 1, not 0"):
            estimate(small()["charts.json"], [], weeks=0)

    def test_of_every_chart_have_an_interval(self) -> None:
        found = estimate(small()["charts.json"], [])
        assert {each.id for each in found} == {
            chart.id for chart in decode_charts(small()["charts.json"])
        }
        for each in found:
            assert (each.reports, each.population.installations) == (0, 0)
            assert all(c.share.value is None for c in each.counters)
            assert each.assumed_too_high
            assert each.worth is None

    def test_take_weeks_from_the_days_that_they_span(self) -> None:
        def weeks(*days: str) -> float:
            lines = [line(program(), Week=day) for day in days]
            (found,) = (
                each
                for each in estimate(small()["charts.json"], lines)
                if each.id == "gopls/client"
            )
            return len(days) / found.rate / found.population.installations

        assert weeks("2026-11-20") == pytest.approx(1)
        assert weeks("2026-11-20", "2026-11-14") == pytest.approx(1)
        assert weeks("2026-11-20", "2026-11-13") == pytest.approx(2)
        assert weeks("2026-11-20", "2026-08-22", "2026-10-01") == pytest.approx(13)

    def test_say_what_is_left_of_a_promise_for_too_many(self) -> None:
        charts = json.loads(small()["charts.json"])
        (entry,) = (each for each in charts["charts"] if each["id"] == "gopls/client")
        charts["charts"] = [entry]
        low, rate, promised = entry["population"]["low"], entry["rate"], entry["achieved"]["margin"]
        plenty, few = round(low * rate), round(low * rate / 4)

        def found(reports: int) -> ChartEstimate:
            (of_all,) = estimate(json.dumps(charts), [line(program(), x=0)] * reports)
            return of_all

        enough, short = found(plenty), found(few)
        assert (enough.assumed_too_high, enough.worth) == (False, promised)
        assert short.assumed_too_high
        assert short.worth is not None
        assert 1.9 * promised < short.worth < 2.2 * promised  # a fourth of the reports

    def test_of_groups_that_are_promised_at_once_are_as_sure_as_each_must_be(self) -> None:
        charts = json.loads(small()["charts.json"])
        (entry,) = (each for each in charts["charts"] if each["id"] == "gopls/client")
        grouped = {"confidence": 0.95, "for_each": ["os"], "smallest_group": 0.1, "groups": 3}
        charts["charts"] = [{**entry, "accuracy": {**entry["accuracy"], **grouped}}]
        nobody_held = [line(program(), x=0)] * 30
        of_all, linux = estimate(json.dumps(charts), nobody_held)
        assert (of_all.group, linux.group) == ((), ("linux",))
        for found, confidence in ((of_all, 0.95), (linux, 0.95 ** (1 / 3))):
            assert float(found.confidence) == pytest.approx(confidence)
            z = NormalDist().inv_cdf((1 + confidence) / 2)
            part = z * z * (1 - found.rate) / 30
            assert found.counters[0].share.high == pytest.approx(part / (1 + part))

    def test_of_two_periods_tell_a_change(self) -> None:
        charts = json.loads(small()["charts.json"])
        charts["charts"] = [each for each in charts["charts"] if each["id"] == "gopls/client"]
        name, *_ = decode_charts(json.dumps(charts).encode())[0].counters

        def period(held: int) -> ChartEstimate:
            lines = [line(program({name: 1} if n < held else {}), x=0) for n in range(1000)]
            (found,) = estimate(json.dumps(charts), lines)
            return found

        found = dict(changes(period(300), period(400)))
        assert found[name].value == pytest.approx(0.1)
        assert found[name].low > 0
        same = dict(changes(period(300), period(310)))
        assert same[name].low < 0 < same[name].high

    def test_come_back_to_a_fleet_that_reports_as_clients_do(self) -> None:
        """A fleet counts, clients make reports by config.json, and the charts are read of them."""
        output = small()
        charts = decode_charts(output["charts.json"])
        rng = np.random.default_rng(7)
        weeks = [Week(output, float(x), rng) for x in rng.random(40_000) if x <= 0.08]
        lines = [line(*week.programs, x=week.x) for week in weeks if week.programs]
        for found in estimate(output["charts.json"], lines, weeks=1):
            (asked,) = (each for each in charts if each.id == found.id)
            if asked.type in {ChartType.HISTOGRAM, ChartType.RATIO}:
                continue
            counting = [week for week in weeks if week.x <= asked.rate]
            assert found.reports == len(counting)
            assert found.population.low < 40_000 < found.population.high
            for counter in found.counters:
                assert counter.held == sum(counter.counter in week.counted for week in counting)
                assert counter.share.value == pytest.approx(0.4, abs=2 / sqrt(found.reports))


class Week:
    """What one installation of all programs counted, each counter with probability .4, and sent."""

    def __init__(self, output: dict[str, bytes], x: float, rng: np.random.Generator) -> None:
        self.x = x
        self.counted: set[str] = set()
        self.programs: list[dict[str, Any]] = []
        for each in decode(output["config.json"]).programs:
            stacks = {stack.name for stack in each.stacks}
            listed = stacks | {name for c in each.counters for name in expand(c.name)}
            counted = {name for name in sorted(listed) if rng.random() < 0.4}
            self.counted |= counted
            version = each.versions[-1]
            installation = Installation(
                program=each.name,
                version=version,
                go_version=version if each.name.startswith("cmd/") else "go1.26.0",
                x=x,
            )
            if uploads(output["config.json"], x):
                kept = set(keeps(output["config.json"], installation, sorted(counted)))
                self.programs.append(
                    program(
                        dict.fromkeys(sorted(kept - stacks), 7),
                        name=each.name,
                        Version=version,
                        Stacks={f"{name}\nmain.main": 1 for name in sorted(kept & stacks)},
                    )
                )
