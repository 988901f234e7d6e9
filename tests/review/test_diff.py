"""What two configs mean differently: for an installation, not for a reader of the files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.collection.config import CollectionConfig, CounterConfig, ProgramConfig, expand
from chartconfig.review.diff import Change, Effect, compare

if TYPE_CHECKING:
    from collections.abc import Mapping

GOPLS = "golang.org/x/tools/gopls"


def program(**keys: object) -> ProgramConfig:
    standard = ProgramConfig(
        name=GOPLS,
        versions=("devel", "v0.16.0", "v0.17.0"),
        counters=(CounterConfig(name="gopls/client:{vim,zed}", rate=0.01),),
        stacks=(CounterConfig(name="gopls/bug", rate=0.005, depth=16),),
    )
    return replace(standard, **keys)  # type: ignore[arg-type]


def config(**keys: object) -> CollectionConfig:
    standard = CollectionConfig(
        goos=("darwin", "linux"),
        goarch=("amd64",),
        go_versions=("go1.25.0", "go1.26.0"),
        sample_rate=0.01,
        programs=(program(),),
    )
    return replace(standard, **keys)  # type: ignore[arg-type]


def told(before: CollectionConfig | None, after: CollectionConfig) -> list[str]:
    return [f"{change.effect.value}: {change}" for change in compare(before, after)]


def of_program(**keys: object) -> list[str]:
    """Return what is told of a change to the program."""
    return told(config(), config(programs=(program(**keys),)))


CLIENT = f"gopls/client:{{vim,zed}} of {GOPLS}"
OF = f"of {GOPLS}"


def test_first_config_collects_everything_more() -> None:
    assert told(None, config()) == [
        "more: reports, new: 0.52 a year at most",
        "more: operating systems, new: darwin, linux",
        "more: architectures, new: amd64",
        "more: Go versions, new: go1.25.0, go1.26.0",
        f"more: {GOPLS}, new: 3 versions",
        f"more: {CLIENT}, new: 1%",
        f"more: stack gopls/bug {OF}, new: 0.5%",
    ]


def test_same_config_is_no_change() -> None:
    assert told(config(), config()) == []


@pytest.mark.parametrize(
    ("counters", "expected"),
    [
        ((("gopls/client:vim", 0.01), ("gopls/client:zed", 0.01)), []),  # spelled otherwise
        ((("gopls/client:{vim,zed}", 0.02),), []),  # no report is sent so often
        ((("gopls/client:{vim,zed}", 0.002),), [f"less: {CLIENT}: 0.2%, 1% before"]),
        ((("gopls/client:{vim,zed}", -1.0),), [f"less: {CLIENT}, gone: 1%"]),
        ((), [f"less: {CLIENT}, gone: 1%"]),
        ((("gopls/client:vim", 0.01),), [f"less: gopls/client:zed {OF}, gone: 1%"]),
        (
            (("gopls/client:{vim,zed,emacs,helix}", 0.01), ("gopls/new", 0.001)),
            [
                f"more: gopls/client:{{emacs,helix}} {OF}, new: 1%",
                f"more: gopls/new {OF}, new: 0.1%",
            ],
        ),
        (
            (("gopls/client:vim", 0.001), ("gopls/client:other", 0.01)),
            [
                f"more: gopls/client:other {OF}, new: 1%",
                f"less: gopls/client:vim {OF}: 0.1%, 1% before",
                f"less: gopls/client:zed {OF}, gone: 1%",
            ],
        ),
    ],
)
def test_counters(counters: tuple[tuple[str, float], ...], expected: list[str]) -> None:
    after = tuple(CounterConfig(name=name, rate=rate) for name, rate in counters)
    assert of_program(counters=after) == expected


@pytest.mark.parametrize(
    ("depth", "expected"),
    [
        (16, []),
        (32, [f"more: depth of stack gopls/bug {OF}: 32, 16 before"]),
        (8, [f"less: depth of stack gopls/bug {OF}: 8, 16 before"]),
    ],
)
def test_depth(depth: int, expected: list[str]) -> None:
    stack = CounterConfig(name="gopls/bug", rate=0.005, depth=depth)
    assert of_program(stacks=(stack,)) == expected


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        (("devel", "v0.16.0", "v0.17.0", "v0.18.0"), [f"none: versions {OF}, new: v0.18.0"]),
        (("devel", "v0.16.0", "v0.16.1", "v0.17.0"), [f"none: versions {OF}, new: v0.16.1"]),
        (("devel", "v0.15.0", "v0.16.0", "v0.17.0"), [f"more: versions {OF}, new: v0.15.0"]),
        (("v0.16.0", "v0.17.0"), [f"less: versions {OF}, gone: devel"]),
        (("devel", "v0.17.0"), [f"less: versions {OF}, gone: v0.16.0"]),
        (
            ("devel", "v0.15.0", "v0.17.0", "v0.18.0"),
            [
                f"more: versions {OF}, new: v0.15.0",
                f"less: versions {OF}, gone: v0.16.0",
                f"none: versions {OF}, new: v0.18.0",
            ],
        ),
    ],
)
def test_versions(versions: tuple[str, ...], expected: list[str]) -> None:
    assert of_program(versions=versions) == expected


def test_development_builds_are_collected_from_anew() -> None:
    without = config(programs=(program(versions=("v0.16.0", "v0.17.0")),))
    assert told(without, config()) == [f"more: versions {OF}, new: devel"]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (
            {"goos": ("darwin", "linux", "plan9")},
            ["more: operating systems, new: plan9"],
        ),
        ({"goos": ("linux",)}, ["less: operating systems, gone: darwin"]),
        (
            {"goarch": ("arm64",)},
            ["more: architectures, new: arm64", "less: architectures, gone: amd64"],
        ),
        (
            {"go_versions": ("go1.25.0", "go1.26.0", "go1.27.0")},
            ["none: Go versions, new: go1.27.0"],
        ),
        ({"sample_rate": 0.02}, ["more: reports: 1.04 a year at most, 0.52 a year at most before"]),
    ],
)
def test_the_config_as_a_whole(keys: Mapping[str, object], expected: list[str]) -> None:
    assert told(config(), config(**keys)) == expected


def test_no_limit_on_reports_is_more_than_any() -> None:
    assert told(config(), config(sample_rate=0.0)) == [
        "more: reports: 52 a year at most, 0.52 a year at most before"
    ]


def test_programs_that_come_and_go() -> None:
    other = program(name="example.org/other", versions=("v1.0.0",), counters=(), stacks=())
    assert told(config(), config(programs=(other,))) == [
        "more: example.org/other, new: 1 version",
        f"less: {GOPLS}, gone: 3 versions",
        f"less: {CLIENT}, gone: 1%",
        f"less: stack gopls/bug {OF}, gone: 0.5%",
    ]


def test_many_versions_are_counted() -> None:
    versions = tuple(f"v0.17.{patch}" for patch in range(14))
    (change,) = of_program(versions=("devel", "v0.16.0", *versions))
    assert change.endswith("v0.17.11, v0.17.12 and 1 more")


NAMES = st.sampled_from(["a/b", "a/b:x", "a/b:{x,y}", "a/b:{x,y", "c:", "c:{}", "{,}", "d:{x}}"])
COUNTERS = st.lists(
    st.builds(CounterConfig, name=NAMES, rate=st.sampled_from([-1.0, 0.0, 0.01, 0.5, 2.0])),
    max_size=4,
).map(tuple)
CONFIGS = st.builds(
    lambda counters, stacks, rate: config(
        sample_rate=rate, programs=(program(counters=counters, stacks=stacks),)
    ),
    COUNTERS,
    COUNTERS,
    st.sampled_from([-1.0, 0.0, 0.01, 1.0]),
)


def collected(of: CollectionConfig) -> dict[str, float]:
    """Return how often each counter is collected, as FORMATS of clients say it, in another way."""
    limit = of.sample_rate if of.sample_rate > 0 else 1.0
    rates = {}
    for counter in of.programs[0].counters:
        for event in expand(counter.name):
            rates[event] = min(limit, 1.0, counter.rate) if counter.rate > 0 else 0.0
    return rates


class TestLaws:
    @given(CONFIGS)
    def test_a_config_does_not_differ_from_itself(self, one: CollectionConfig) -> None:
        assert compare(one, one) == ()

    @given(CONFIGS, CONFIGS)
    def test_what_is_more_one_way_is_less_the_other(
        self, one: CollectionConfig, other: CollectionConfig
    ) -> None:
        opposite = {Effect.MORE: Effect.LESS, Effect.LESS: Effect.MORE, Effect.NONE: Effect.NONE}
        there = {_key(change) for change in compare(one, other)}
        back = {
            _key(
                replace(
                    change, effect=opposite[change.effect], before=change.after, after=change.before
                )
            )
            for change in compare(other, one)
        }
        assert there == back

    @given(CONFIGS, CONFIGS)
    def test_more_is_told_where_a_counter_is_collected_more_often(
        self, one: CollectionConfig, other: CollectionConfig
    ) -> None:
        was, now = collected(one), collected(other)
        more = any(now[event] > was.get(event, 0.0) for event in now)
        effects = {
            change.effect
            for change in compare(one, other)
            if change.where and "stack" not in change.what
        }
        assert (Effect.MORE in effects) == more


def _key(change: Change) -> tuple[Effect, str, str | None, str | None, str | None]:
    buckets = "".join(sorted(change.what))  # in the order of either config
    return change.effect, buckets, change.where, change.before, change.after
