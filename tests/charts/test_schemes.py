"""Versions of Python and npm all the way: what is older, newer or no version is so everywhere."""

from __future__ import annotations

import json

import pytest

from chartconfig.collection.compiled import decode_charts
from chartconfig.module.version import Scheme
from chartconfig.sampling.population import Population
from tests.collection.repositories import built, charts_of, config_of, planned
from tests.scenarios.repository import BASE, CLIENT, Files, codes, rendered, with_keys, without_keys

PROGRAM = "configs/programs/gopls.yaml"
POPULATIONS = "configs/populations.yaml"
LOCK = "configs/versions.lock.yaml"
SOURCES = {
    Scheme.PEP440: "{from: pypi, package: gizmo}",
    Scheme.SEMVER: "{from: npm, package: gizmo}",
    Scheme.GO_MODULE: "{from: git, repository: gizmo}",
}
ASCENDING = {
    Scheme.PEP440: ["1.0rc1", "1.0", "1.0.post1", "1.9", "1.10", "1!0.1"],
    Scheme.SEMVER: ["1.0.0-rc.2", "1.0.0-rc.10", "1.0.0", "1.9.0", "1.10.0", "2.0.0"],
    Scheme.GO_MODULE: ["v1.0.0-rc.2", "v1.0.0-rc.10", "v1.0.0", "v1.9.0", "v1.10.0", "v2.0.0"],
}


def gizmo(scheme: Scheme, *, since: str | None = None, listed: list[str] | None = None) -> Files:
    """Return a repository whose gopls is a program of another kind, with all versions listed."""
    versions = ASCENDING[scheme]
    program = f'versions: {SOURCES[scheme]}\nsince: "{versions[0]}"\n'
    files = without_keys(with_keys(BASE, PROGRAM, program), PROGRAM, "module")
    adoption = {version: f"{100 - 10 * at}%" for at, version in enumerate(versions[2:])}
    populations = (
        "gopls: {low: 300k, likely: 600k, high: 1.2M, as_of: 2026-06-01, source: a survey, "
        f"adoption: {json.dumps(adoption)}}}\n"
    )
    files = with_keys(files, POPULATIONS, populations)
    entry = {"source": "a page", "updated": "2026-11-01", "versions": listed or versions}
    files = with_keys(files, LOCK, f"programs: {json.dumps({'gopls': entry})}\n")
    for chart in (CLIENT, "configs/charts/gopls/package-loader.yaml"):
        files = with_keys(files, chart, f'since: "{since or versions[2]}"\n')
    return files


@pytest.mark.parametrize("scheme", ASCENDING)
class TestScheme:
    def test_orders_what_is_collected(self, scheme: Scheme) -> None:
        versions = ASCENDING[scheme]
        output = built(gizmo(scheme, listed=versions[::-1], since=versions[3]))
        program = next(
            p for p in config_of(output)["Programs"] if p["Name"] == "golang.org/x/tools/gopls"
        )
        assert program["Versions"] == versions[3:]

    def test_orders_adoption(self, scheme: Scheme) -> None:
        versions = ASCENDING[scheme]
        repository = planned(gizmo(scheme, since=versions[4])).repository
        chart = next(chart for chart in repository.charts if chart.id == "gopls/client")
        expected = Population(low=240_000, likely=480_000, high=960_000)  # 80% have 1.10
        assert repository.population(chart) == expected

    def test_is_known_to_whoever_reads_the_charts(self, scheme: Scheme) -> None:
        versions = ASCENDING[scheme]
        output = built(gizmo(scheme, since=versions[3]))
        entry = charts_of(output)["gopls/client"]
        assert (entry["module"], entry["scheme"], entry["since"]) == (
            None,
            scheme.value,
            versions[3],
        )
        chart = next(c for c in decode_charts(output["charts.json"]) if c.id == "gopls/client")
        assert [chart.has(version) for version in versions] == [False] * 3 + [True] * 3

    def test_judges_since(self, scheme: Scheme) -> None:
        versions = ASCENDING[scheme]
        files = with_keys(gizmo(scheme), PROGRAM, f'since: "{versions[3]}"\n')
        assert set(codes(files)) == {"CC307"}
        files = gizmo(scheme, listed=versions[:2], since=versions[3])
        assert set(codes(files)) == {"CC309"}
        assert set(codes(gizmo(scheme, since="go1.23"))) == {"CC308"}
        assert f"write a version such as {versions[0]}" in rendered(gizmo(scheme, since="go1.23"))

    def test_judges_what_is_listed(self, scheme: Scheme) -> None:
        versions = ASCENDING[scheme]
        files = gizmo(scheme, listed=[*versions, "1.0-x", "devel", versions[0]])
        assert codes(files) == ["CC306", "CC306", "CC317"]


def test_a_list_of_another_scheme_is_one_finding() -> None:
    files = gizmo(Scheme.SEMVER, listed=["v1.0.0", "v1.1.0"], since="1.0.0")
    told = rendered(files).splitlines()
    *older, wrong = [line for line in told if line.startswith(("error", "warning"))]
    assert [line[:14] for line in older] == ["warning[CC309]"] * 2
    assert wrong == (
        "error[CC306] version-not-valid: none of 2 versions is one that a release can have: they "
        "look like 1.20.3"
    )
    assert "  = help: empty its lists, and run `chartconfig versions update gopls`" in told


def test_charts_of_go_say_no_scheme() -> None:
    assert not any("scheme" in entry for entry in charts_of(built(BASE)).values())


def test_what_may_come_is_collected_too() -> None:
    entry = "{source: a, updated: 2026-11-01, versions: [v0.16.0], ahead: [v0.16.1, v0.17.0]}"
    output = built(with_keys(BASE, LOCK, f"programs: {{gopls: {entry}}}\n"))
    names = {p["Name"]: p["Versions"] for p in config_of(output)["Programs"]}
    assert names["golang.org/x/tools/gopls"] == ["v0.16.0", "v0.16.1", "v0.17.0"]


def test_what_may_come_is_listed_once() -> None:
    entry = "{source: a, updated: 2026-11-01, versions: [v0.16.0], ahead: [v0.16.0, v0.17]}"
    told = rendered(with_keys(BASE, LOCK, f"programs: {{gopls: {entry}}}\n")).splitlines()
    assert [line for line in told if line.startswith(("error", " -->"))] == [
        "error[CC317] repeated-version: `v0.16.0` is listed twice",
        " --> configs/versions.lock.yaml:6:81",
        "error[CC306] version-not-valid: `v0.17` is no version that a release can have",
        " --> configs/versions.lock.yaml:6:90",
    ]
