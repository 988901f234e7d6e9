"""What a repository says of its charts, worked out by hand, and what does not change it."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartconfig import pipeline
from chartconfig.charts.parse import parse
from chartconfig.collection.manifest import Origin
from chartconfig.sampling.population import Population
from tests.scenarios.repository import (
    BASE,
    CLIENT,
    ROOT,
    TODAY,
    Files,
    documents,
    read,
    with_keys,
    without_keys,
)

if TYPE_CHECKING:
    from chartconfig.charts.repository import Repository

REAL = {f"configs/{path}": data for path, data in read(ROOT / "configs").items()}
GOPLS = """\
gopls:
  low: 1000
  likely: 2001
  high: 4000
  as_of: 2026-06-01
  source: a survey
"""
SHARES = "  adoption: {v0.16.0: 80%, v0.20.0: 25%}\n"


def repository(files: Files) -> Repository:
    parsed = parse(documents(files))
    assert parsed.diagnostics == ()
    assert parsed.complete
    assert parsed.repository is not None
    return parsed.repository


class TestPopulation:
    @pytest.mark.parametrize(
        ("since", "numbers"),
        [
            (None, (1000, 2001, 4000)),
            ("v0.13.0", (1000, 2001, 4000)),  # the program's own first version
            ("v0.14.0", (800, 1600, 3200)),  # at least those with v0.16.0; 1600.8 is rounded down
            ("v0.16.0", (800, 1600, 3200)),
            ("v0.16.1-pre.1", (250, 500, 1000)),
            ("v0.20.0", (250, 500, 1000)),
            ("v0.21.0", (250, 500, 1000)),  # newer than all that is known
        ],
    )
    def test_is_that_of_versions_that_have_the_counter(
        self, since: str | None, numbers: tuple[int, int, int]
    ) -> None:
        files = with_keys(BASE, "configs/populations.yaml", GOPLS + SHARES)
        files = without_keys(files, CLIENT, "since")
        if since:
            files = with_keys(files, CLIENT, f"since: {since}\n")
        found = repository(files)
        low, likely, high = numbers
        chart = next(chart for chart in found.charts if chart.id == "gopls/client")
        assert found.population(chart) == Population(low=low, likely=likely, high=high)

    def test_is_everybody_where_no_share_is_known(self) -> None:
        found = repository(with_keys(BASE, "configs/populations.yaml", GOPLS))
        assert [found.population(chart) for chart in found.charts if chart.program == "gopls"] == [
            Population(low=1000, likely=2001, high=4000)
        ] * 2


class TestVersions:
    @pytest.mark.parametrize(
        ("since", "expected"),
        [
            (None, ("v0.13.0", "v0.16.0", "v0.20.0")),
            ("v0.13.0", ("v0.13.0", "v0.16.0", "v0.20.0")),
            ("v0.16.0-pre.1", ("v0.16.0", "v0.20.0")),
            ("v0.16.1", ("v0.20.0",)),
            ("v1.0.0", ()),
        ],
    )
    def test_from_since_on(self, since: str | None, expected: tuple[str, ...]) -> None:
        found = repository(BASE)
        assert found.collected_versions(found.programs["gopls"], since) == expected

    def test_are_in_the_order_of_versions(self) -> None:
        toolchain = "{source: x, updated: 2026-11-01, versions: [go1.9, go1.26.0, go1.25rc1]}"
        files = with_keys(BASE, "configs/versions.lock.yaml", f"toolchain: {toolchain}\n")
        found = repository(with_keys(files, "configs/programs/go.yaml", "devel: true\n"))
        assert found.collected_versions(found.programs["go"], None) == (
            "devel",
            "go1.9",
            "go1.25rc1",
            "go1.26.0",
        )


class TestOrder:
    """Reordering files changes nothing."""

    @settings(max_examples=20, deadline=None)
    @given(st.randoms(use_true_random=False))
    def test_the_findings_are_the_same(self, random: Random) -> None:
        files = dict(BASE)
        for path in list(files):
            files[path] = files[path].replace(b"other", b"no").replace(b"golang", b"gol ang")
        expected = pipeline.check(documents(files), on=TODAY).diagnostics
        assert len(expected) > 5
        shuffled = documents(files)
        random.shuffle(shuffled)
        assert pipeline.check(shuffled, on=TODAY).diagnostics == expected

    def test_the_bytes_are_the_same(self) -> None:
        def build(files: Files) -> dict[str, bytes]:
            checked = pipeline.check(documents(files), on=TODAY)
            assert checked.compilable
            origin = Origin(commit=None, tree=None, on=TODAY)
            return pipeline.build(checked.compilable, documents=documents(files), origin=origin)

        paths = sorted(REAL)
        Random(1).shuffle(paths)  # noqa: S311 - any order but the usual one
        assert build({path: REAL[path] for path in paths}) == build(REAL)

    def test_keys_come_in_any_order(self) -> None:
        head, *lines = BASE[CLIENT].decode().splitlines(keepends=True)
        turned = {**BASE, CLIENT: "".join((head, *reversed(lines))).encode()}
        before, after = repository(BASE), repository(turned)
        assert [chart.id for chart in before.charts] == [chart.id for chart in after.charts]
        assert [
            (chart.title, chart.counters, chart.accuracy, chart.expires) for chart in before.charts
        ] == [
            (chart.title, chart.counters, chart.accuracy, chart.expires) for chart in after.charts
        ]


class TestKnockOn:
    """What refers to a broken file is not blamed for that."""

    @pytest.mark.parametrize("path", BASE)
    def test_a_broken_file_is_one_finding(self, path: str) -> None:
        found = pipeline.check(documents({**BASE, path: b"- broken\n"}), on=TODAY).diagnostics
        assert {diagnostic.code for diagnostic in found} == {"CC115", "CC126"}
        assert {diagnostic.span.path for diagnostic in found if diagnostic.span} == {path}

    @pytest.mark.parametrize("path", BASE)
    def test_every_other_file_tells_its_own_mistake(self, path: str) -> None:
        files = {**BASE, path: b"["}
        for other in files.keys() - {path}:
            broken = {**files, other: files[other] + b"colour: [green]\n"}
            found = pipeline.check(documents(broken), on=TODAY).diagnostics
            assert {diagnostic.span.path for diagnostic in found if diagnostic.span} == {
                path,
                other,
            }
            assert len(found) == 2
