"""Every promise of a compiled config put to the test: the compiler, from end to end."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from chartconfig.collection.audit import (
    HALF,
    POPULATIONS,
    Audit,
    Audited,
    Found,
    audit,
    cases_of,
    read_compiled_config,
)
from chartconfig.sampling.population import Population
from chartconfig.sampling.simulation import Outcome, Verdict
from tests.collection.repositories import built, chart, repository

if TYPE_CHECKING:
    from collections.abc import Mapping

BUCKETS = ["a", "b", "c", "other"]


def asked(number: int, kind: str, accuracy: Mapping[str, str], exclusive: str) -> Any:  # noqa: ANN401
    """Return a chart with counters of its own."""
    own: dict[str, Any] = {"counter": f"go/counter-{number}"}
    if kind == "ratio":
        own = {"numerator": f"go/over-{number}", "denominator": f"go/under-{number}"}
    elif kind == "stack":
        own["depth"] = 8
    else:
        own["buckets"] = BUCKETS
    if exclusive:
        own["exclusive"] = exclusive
    return chart("go", kind, accuracy=accuracy, **own)


ALL_KINDS: list[tuple[str, dict[str, str], str]] = [
    ("partition", {"margin": "1%"}, ""),
    ("partition", {"margin": "2%", "simultaneous": "true"}, ""),
    ("partition", {"margin": "2%", "simultaneous": "true", "weeks": "3"}, "true"),
    ("partition", {"margin": "3%", "for_each": "[os]", "smallest_group": "20%"}, ""),
    (
        "partition",
        {"margin": "3%", "for_each": "[os]", "smallest_group": "20%", "groups": "3"},
        "",
    ),
    ("partition", {"relative_margin": "20%", "smallest_share": "2%"}, ""),
    ("partition", {"detect": "0.1%", "reports": "2", "weeks": "4"}, ""),
    ("partition", {"change": "3%", "power": "90%", "weeks": "2"}, ""),
    ("histogram", {"distribution_margin": "2%"}, ""),
    ("histogram", {"margin": "2%"}, ""),
    ("histogram", {"relative_margin": "20%", "smallest_share": "5%"}, ""),
    ("histogram", {"detect": "1%", "reports": "2"}, ""),
    ("histogram", {"change": "4%", "power": "80%"}, ""),
    ("ratio", {"distribution_margin": "2%"}, ""),
    ("ratio", {"margin": "1%"}, ""),
    ("ratio", {"margin": "2%", "guaranteed": "true"}, ""),
    ("ratio", {"change": "3%", "power": "90%"}, ""),
    ("stack", {"detect": "0.1%", "reports": "3"}, ""),
    ("stack", {"margin": "1%"}, ""),
]


@pytest.fixture(scope="module")
def output() -> dict[str, bytes]:
    charts = {
        f"go/chart-{number:02}": asked(number, kind, accuracy, exclusive)
        for number, (kind, accuracy, exclusive) in enumerate(ALL_KINDS)
    }
    return built(repository(charts))


def audited(output: Mapping[str, bytes], **keys: Any) -> Audit:  # noqa: ANN401 - of audit
    charts, config = read_compiled_config(output)
    return audit(charts, config, **{"fleets": 5000, **keys})


def broken(found: Audit) -> list[str]:
    return [each.chart.id for each in found.charts if each.verdict is Verdict.BROKEN]


def tampered(output: Mapping[str, bytes], name: str, old: str, new: str) -> dict[str, bytes]:
    text = output[name].decode()
    changed = re.sub(old, new, text)
    assert changed != text
    return {**output, name: changed.encode()}


def test_every_kind_of_promise_is_kept_at_low_likely_and_high(output: Mapping[str, bytes]) -> None:
    found = audited(output)
    assert len(found.charts) == len(ALL_KINDS)
    assert broken(found) == []
    for each in found.charts:
        assert [one.population for one in each.found] == list(POPULATIONS)
        for one in each.found[:3]:
            assert one.worst.coverage > one.worst.promised - 0.02


def test_every_kind_of_promise_breaks_at_half_of_low_but_a_guaranteed_mean(
    output: Mapping[str, bytes],
) -> None:
    found = audited(output)
    kept = [each.chart.id for each in found.charts if each.half is not Verdict.BROKEN]
    assert kept == ["go/chart-15"]
    assert ALL_KINDS[15][1]["guaranteed"]


@pytest.mark.parametrize("number", range(len(ALL_KINDS)))
def test_every_kind_notices_a_counter_that_is_lost(
    output: Mapping[str, bytes], number: int
) -> None:
    names = rf"go/(?:counter|over|under)-{number}(?![0-9])"
    lost = tampered(output, "config.json", names, "go/lost")
    charts, config = read_compiled_config(lost)
    (one,) = (each for each in charts if each.id == f"go/chart-{number:02}")
    found = audit([one], config, fleets=200)
    assert broken(found) == [one.id]
    (only,) = found.charts
    assert [counter for counter, _ in only.missing] == list(one.counters)
    assert {probability for _, probability in only.missing} == {0.0}


def test_a_program_of_other_versions_only_sends_nothing(output: Mapping[str, bytes]) -> None:
    charts, config = read_compiled_config(output)
    program = replace(config.programs[0], versions=("go0.1",))
    found = audit(charts, replace(config, programs=(program,)), fleets=200)
    assert broken(found) == [each.id for each in charts]


def test_a_population_is_judged_by_its_smallest_group(output: Mapping[str, bytes]) -> None:
    charts, config = read_compiled_config(output)
    cases = cases_of(charts, config)
    installations = {name: cases[name]["go/chart-03"].installations for name in POPULATIONS}
    assert installations == {"low": 200_000, "likely": 400_000, "high": 600_000, HALF: 100_000}


def told(*outcomes: Outcome, error: float = 1e-6) -> Found:
    return Found.of(outcomes, population="low", installations=1, error=error)


def test_the_worst_truth_is_one_that_is_broken_before_one_that_seems_lower() -> None:
    # Of a change: noticed with a power of 80%, no change taken for one with 95%. 770 of 1,000 are
    # 2.4 standard deviations too few, and 900 are 7.3.
    changed = Outcome(truth="changed", promised=0.8, held=770, fleets=1000, lowered=0.78)
    same = Outcome(truth="unchanged", promised=0.95, held=900, fleets=1000, lowered=0.94)
    certain = Outcome(truth="everybody", promised=0.95, held=1000, fleets=1000, lowered=0.94)
    assert told(changed, certain, same).worst is same
    assert told(changed, certain, same).verdict is Verdict.BROKEN
    lower = replace(changed, held=740)
    assert lower.coverage - lower.promised < same.coverage - same.promised
    assert told(certain, same, lower).worst is same
    assert told(certain, lower).worst is lower
    assert told(certain, lower).verdict is Verdict.UNTOLD


def test_as_many_fleets_are_needed_as_tell_what_these_do_not(output: Mapping[str, bytes]) -> None:
    untold = Outcome(truth="changed", promised=0.8, held=800, fleets=1000, lowered=0.78)
    certain = Outcome(truth="unchanged", promised=0.99, held=2000, fleets=2000, lowered=0.988)
    (compiled, *_), _ = read_compiled_config(output)

    def needed(low: Outcome, half: Outcome) -> int:
        found = tuple(
            Found.of((certain, each), population=name, installations=1, error=1e-6)
            for name, each in (("low", low), (HALF, half))
        )
        chart = Audited(chart=compiled, found=found, missing=())
        return Audit(charts=(chart,), fleets=2000, error=1e-6).fleets_needed

    assert certain.verdict(1e-6) is Verdict.KEPT
    assert certain.needed(1e-6) > untold.needed(1e-6) > 2000
    assert needed(untold, certain) == untold.needed(1e-6)
    assert needed(certain, untold) == 2000


def test_charts_that_ask_the_same_have_the_same_fleets(output: Mapping[str, bytes]) -> None:
    charts, config = read_compiled_config(output)
    twice = [charts[0], replace(charts[0], id="go/again")]
    found = audit(twice, config, fleets=300)
    assert found.charts[0].found == found.charts[1].found
    alone = audit(charts[:1], config, fleets=300)
    assert found.error == alone.error


def test_few_installations_are_no_failure(output: Mapping[str, bytes]) -> None:
    charts, config = read_compiled_config(output)
    few = [
        replace(each, population=Population(low=low, likely=low, high=low + 1))
        for each in charts
        for low in (0, 1, 2, 3)
    ]
    for each_installation in (False, True):
        found = audit(few, config, fleets=20, each_installation=each_installation)
        assert all(0 <= one.worst.coverage <= 1 for each in found.charts for one in each.found)
        assert set(broken(found)) == {each.id for each in charts}


def test_neighbouring_seeds_share_no_fleets(
    output: Mapping[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[object] = []
    generator = np.random.SFC64

    def seeded(seed: object) -> np.random.SFC64:
        given.append(seed)
        return generator(seed)  # type: ignore[arg-type]

    monkeypatch.setattr(np.random, "SFC64", seeded)
    charts, config = read_compiled_config(output)
    some = [replace(charts[6], population=Population(low=90, likely=100, high=200))]
    for seed in (0, 1):
        audit(some, config, fleets=2, seed=seed, each_installation=True)
    assert given == [(seed, number) for seed in (0, 1) for number in range(len(POPULATIONS))]


def test_progress_is_told_to_its_end(output: Mapping[str, bytes]) -> None:
    for each_installation in (False, True):
        told: list[float] = []
        charts, config = read_compiled_config(output)
        some = [replace(charts[6], population=Population(low=90, likely=100, high=200))]
        audit(some, config, fleets=10, each_installation=each_installation, advance=told.append)
        assert told == sorted(told)
        assert told[-1] == pytest.approx(1)
