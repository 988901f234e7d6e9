"""config.json: it collects what the charts need, and nothing else."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from chartconfig.collection.compile import NEVER
from chartconfig.collection.config import expand
from chartconfig.collection.encode import decode, encode
from chartconfig.pipeline import build
from tests.collection.client import Installation, keeps, rates, uploads
from tests.collection.repositories import (
    MODULE,
    ORIGIN,
    SMALL,
    TOOLCHAIN,
    built,
    chart,
    charts_of,
    config_of,
    planned,
    repositories,
    repository,
    shuffled,
    small,
)
from tests.oracle.go_json import go_marshal
from tests.scenarios.repository import ROOT, TODAY, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chartconfig.pipeline import Planned
    from tests.scenarios.repository import Files

NAMES = {"gopls": "golang.org/x/tools/gopls", "go": "cmd/go"}
GOPLS = Installation(program=NAMES["gopls"], version="v0.20.0", go_version="go1.26.0", x=0)

few = settings(max_examples=60, deadline=None)


def charts_in(folder: Path) -> Files:
    """Return the files below configs/ of a folder."""
    return {f"configs/{path}": data for path, data in read(folder / "configs").items()}


def events_of(plan: Planned) -> set[tuple[str, str]]:
    """Return program and name of everything that the live charts ask for."""
    return {
        (plan.repository.program(chart).name, event)
        for chart in plan.charts
        for counter in chart.counters
        for event in counter.events
    }


def listed(config: dict[str, Any]) -> list[tuple[str, str, float]]:
    """Return program, name and rate of everything that a config lists, one by one."""
    counters = [
        (program["Name"], name, counter["Rate"])
        for program in config["Programs"]
        for counter in program.get("Counters", [])
        for name in expand(counter["Name"])
    ]
    stacks = [
        (program["Name"], stack["Name"], stack["Rate"])
        for program in config["Programs"]
        for stack in program.get("Stacks", [])
    ]
    return counters + stacks


@pytest.mark.parametrize(
    "name", ["README.md", "charts.json", "config.json", "go.mod", "manifest.json"]
)
def test_a_small_repository(name: str, golden: Callable[[Path, bytes], None]) -> None:
    assert len(small()) == 5
    golden(SMALL / "build" / name, small()[name])


class TestBytes:
    @pytest.mark.parametrize("folder", [ROOT, SMALL])
    def test_are_those_that_go_writes(self, folder: Path) -> None:
        config = built(charts_in(folder))["config.json"]
        assert go_marshal([config]) == [config]
        assert encode(decode(config)) == config

    @few
    @given(repositories())
    def test_do_not_depend_on_the_order_of_files(self, files: Files) -> None:
        expected = built(files)
        assert built(dict(reversed(list(files.items())))) == expected
        assert build(planned(files), documents=shuffled(files), origin=ORIGIN) == expected


class TestLaws:
    """`compile_config` collects what the charts need, and nothing else."""

    @few
    @given(repositories())
    def test_everything_asked_for_is_listed_once(self, files: Files) -> None:
        names = [(program, name) for program, name, _ in listed(config_of(built(files)))]
        assert len(names) == len(set(names))
        assert set(names) == events_of(planned(files))

    @few
    @given(repositories())
    def test_a_rate_is_the_largest_that_a_chart_needs(self, files: Files) -> None:
        plan = planned(files)
        needed: dict[tuple[str, str], list[float]] = {}
        for asking, rate in zip(plan.charts, plan.plan.rates, strict=True):
            for counter in asking.counters:
                for event in counter.events:
                    key = (plan.repository.program(asking).name, event)
                    needed.setdefault(key, []).append(rate.rate)
        for program, name, rate_listed in listed(config_of(built(files))):
            assert rate_listed == max(needed[program, name])

    @few
    @given(repositories())
    def test_the_sample_rate_is_the_largest_of_all(self, files: Files) -> None:
        config = config_of(built(files))
        largest = max((rate for *_, rate in listed(config)), default=NEVER)
        assert 0 < config["SampleRate"] == largest <= 0.1

    @few
    @given(repositories())
    def test_programs_and_versions_are_sorted(self, files: Files) -> None:
        config = config_of(built(files))
        names = [program["Name"] for program in config["Programs"]]
        assert names == sorted(set(names))
        for program in config["Programs"]:
            known = TOOLCHAIN if program["Name"] == "cmd/go" else MODULE
            assert tuple(program["Versions"]) == known[known.index(program["Versions"][0]) :]

    @few
    @given(repositories())
    def test_an_installation_keeps_what_is_charted(self, files: Files) -> None:
        plan, output = planned(files), built(files)
        offered = sorted({name for _, name in events_of(plan)} | {"gopls/ant:zzz", "go/nothing"})
        for program, versions in ((NAMES["gopls"], MODULE), (NAMES["go"], TOOLCHAIN)):
            mine = {name for where, name in events_of(plan) if where == program}
            for version in versions:
                here = Installation(program=program, version=version, go_version="go1.26.0", x=0)
                needed = {
                    event
                    for chart in plan.charts
                    if plan.repository.program(chart).name == program
                    and (not chart.since or versions.index(chart.since) <= versions.index(version))
                    for counter in chart.counters
                    for event in counter.events
                }
                kept = set(keeps(output["config.json"], here, offered))
                assert needed <= kept <= mine

    @few
    @given(repositories())
    def test_samples_are_nested(self, files: Files) -> None:
        config = built(files)["config.json"]
        offered = sorted({name for _, name, _ in listed(json.loads(config))})
        thresholds = sorted({rate for *_, rate in listed(json.loads(config))} | {0.0, 1.0})
        kept = [
            {
                (program, name)
                for program in NAMES.values()
                for version in (MODULE[-1], TOOLCHAIN[-1])
                for name in keeps(
                    config,
                    Installation(program=program, version=version, go_version="go1.26.0", x=x),
                    offered,
                )
            }
            for x in thresholds
        ]
        assert all(more >= fewer for more, fewer in itertools.pairwise(kept))
        assert kept[-1] == set()


class TestNothing:
    """To clients a SampleRate of 0 is no limit: an empty config must not have it."""

    def test_is_asked_of_anybody_when_every_chart_has_expired(self) -> None:
        yesterday = TODAY.replace(day=TODAY.day - 1)
        old = chart("gopls", "partition", counter="gopls/x", buckets=["a"], expires=yesterday)
        config = built(repository({"gopls/x": old}))["config.json"]
        assert config_of({"config.json": config})["Programs"] == []
        assert not any(uploads(config, x) for x in (2**-53, 1e-9, 0.5))


class TestSharing:
    CLIENT = chart("gopls", "partition", counter="gopls/client", buckets=["vim", "zed", "other"])

    @staticmethod
    def ratio(margin: str) -> dict[str, object]:
        return chart(
            "gopls",
            "ratio",
            numerator="gopls/client:zed",
            denominator="gopls/all",
            accuracy={"distribution_margin": margin},
        )

    def counters(self, charts: dict[str, dict[str, object]]) -> list[tuple[str, float]]:
        (program,) = config_of(built(repository(charts)))["Programs"]
        return [(counter["Name"], counter["Rate"]) for counter in program["Counters"]]

    @pytest.mark.parametrize("share", ["gopls/a-share", "gopls/zed-share"])
    def test_splits_out_a_bucket_that_is_needed_more_often(self, share: str) -> None:
        charts = {"gopls/client": self.CLIENT, share: self.ratio("1%")}
        rates_of = charts_of(built(repository(charts)))
        often, seldom = rates_of[share]["rate"], rates_of["gopls/client"]["rate"]
        assert often > seldom
        assert sorted(self.counters(charts)) == [
            ("gopls/all", often),
            ("gopls/client:zed", often),
            ("gopls/client:{vim,other}", seldom),
        ]

    def test_keeps_together_what_is_needed_less_often(self) -> None:
        charts = {"gopls/client": self.CLIENT, "gopls/zed-share": self.ratio("5%")}
        rates_of = charts_of(built(repository(charts)))
        often, seldom = rates_of["gopls/client"]["rate"], rates_of["gopls/zed-share"]["rate"]
        assert often > seldom
        assert self.counters(charts) == [
            ("gopls/client:{vim,zed,other}", often),
            ("gopls/all", seldom),
        ]

    def test_leaves_counters_in_the_order_of_charts_and_buckets(self) -> None:
        charts = {
            "gopls/client": self.CLIENT,
            "gopls/bugs": chart(
                "gopls", "partition", counter="gopls/z", buckets=["b", "a", "other"]
            ),
        }
        assert [name for name, _ in self.counters(charts)] == [
            "gopls/z:{b,a,other}",
            "gopls/client:{vim,zed,other}",
        ]


class TestVersions:
    @pytest.mark.parametrize(
        ("since", "first"),
        [
            (["v0.20.0"], "v0.20.0"),
            (["v0.20.0", "v0.16.0"], "v0.16.0"),
            (["v0.16.0", "v0.13.0", "v0.20.0"], "v0.13.0"),
            (["v0.20.0", None], "v0.9.0"),
        ],
    )
    def test_start_at_the_oldest_since(self, since: list[str | None], first: str) -> None:
        charts = {
            f"gopls/{name}": chart(
                "gopls", "partition", since=each, counter=f"gopls/{name}", buckets=["a", "other"]
            )
            for name, each in zip(["ant", "bee", "cow"], since, strict=False)
        }
        (program,) = config_of(built(repository(charts)))["Programs"]
        assert program["Versions"][0] == first
        assert tuple(program["Versions"]) == MODULE[MODULE.index(first) :]

    def test_of_development_builds_come_first(self) -> None:
        config = config_of(small())
        go, gopls = config["Programs"]
        assert config["GoVersion"] == ["devel", *TOOLCHAIN]
        assert go["Versions"] == ["devel", *TOOLCHAIN]
        assert gopls["Versions"] == list(MODULE[1:])

    def test_of_others_keep_nothing(self) -> None:
        config = small()["config.json"]
        assert keeps(config, GOPLS, ["gopls/client:zed", "gopls/bug"])
        assert rates(config, replace(GOPLS, version="v0.9.0")) == {}
        assert rates(config, replace(GOPLS, go_version="go1.24.0")) == {}
        assert rates(config, replace(GOPLS, program="gopls")) == {}


def test_an_expired_chart_is_not_collected() -> None:
    assert not any(b"gopls/old" in small()[name] for name in ("README.md", "config.json"))
    assert "gopls/old" not in charts_of(small())


def test_the_last_day_is_still_collected() -> None:
    assert charts_of(small())["go/cache-misses"]["expires"] == TODAY.isoformat()


def test_a_stack_has_its_depth() -> None:
    (_, gopls) = config_of(small())["Programs"]
    assert gopls["Stacks"] == [{"Name": "gopls/bug", "Rate": 0.007612, "Depth": 16}]


def test_platforms_are_sorted() -> None:
    config = config_of(small())
    assert config["GOOS"] == ["darwin", "linux", "windows"]
    assert config["GOARCH"] == ["amd64", "arm64"]


def test_go_mod_names_no_version_of_go() -> None:
    assert small()["go.mod"] == b"module example.org/telemetry/config\n"


def test_all_files_are_read_for_the_manifest() -> None:
    assert set(json.loads(small()["manifest.json"])["inputs"]) == set(charts_in(SMALL))
