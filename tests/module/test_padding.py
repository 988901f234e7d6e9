"""Padding: the lists of the tool whose rules these are, and laws for what it does not know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.module.padding import TOMORROW, Padding, find_padding, padded
from chartconfig.module.version import Scheme

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "padding.json").read_text(encoding="utf-8")
)
CASES = VECTORS["cases"]


def in_npm(version: str) -> str:
    return version.removeprefix("v")


def in_python(version: str) -> str:
    return version.removeprefix("v").replace("-pre.", "rc").replace("-rc.", "b")


def test_the_vectors_have_what_is_hard() -> None:
    assert len(CASES) > 80
    versions = [version for case in CASES for version in case["versions"]]
    assert any("-pre." in version for version in versions)
    assert any(not case["versions"] for case in CASES)
    majors = [{version.partition(".")[0] for version in case["padded"]} for case in CASES]
    assert max(map(len, majors)) >= 3


@pytest.mark.parametrize("case", CASES)
def test_what_comes_is_what_the_tool_of_go_names(case: dict[str, Any]) -> None:
    versions, padding = case["versions"], Padding(**case["padding"])
    found = padded(versions, Scheme.GO_MODULE, padding)
    assert not set(found) & set(versions)
    assert sorted((*versions, *found), key=Scheme.GO_MODULE.sort_key) == case["padded"]


@pytest.mark.parametrize("case", CASES)
def test_npm_has_the_same_rules(case: dict[str, Any]) -> None:
    padding = Padding(**case["padding"], prerelease="-pre.")
    versions = [in_npm(version) for version in case["versions"]]
    found = padded(versions, Scheme.SEMVER, padding)
    assert set(versions) | set(found) == {in_npm(version) for version in case["padded"]}


def is_of_go(version: str) -> bool:
    """Return whether only Go has such a version."""
    return version.startswith("v0.0.0-") or "+" in version


@pytest.mark.parametrize("case", [c for c in CASES if not any(map(is_of_go, c["versions"]))])
def test_python_has_the_same_rules(case: dict[str, Any]) -> None:
    versions = [in_python(version) for version in case["versions"]]
    found = padded(versions, Scheme.PEP440, Padding(**case["padding"]))
    assert set(versions) | set(found) == {in_python(version) for version in case["padded"]}


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        (["24.1"], ("24.1.1", "24.2", "25.0")),
        (["24.1", "24.1.1"], ("24.1.2", "24.2", "25.0")),
        (["24.1.0"], ("24.1.1", "24.2.0", "25.0.0")),
        (["24.1", "24.2.0"], ("24.2.1", "24.3.0", "25.0.0")),
        (["3"], ("3.0.1", "3.1", "4.0")),
        (["1!2.0"], ("1!2.0.1", "1!2.1", "1!3.0")),
        (["1.0.post1", "1.1.dev1", "1.1rc1"], ("1.0.1", "1.1", "2.0")),
        (["1.2.3.4"], ("1.2.4", "1.3.0", "2.0.0")),
        ([], ("0.0.1", "0.1.0", "1.0.0")),
    ],
)
def test_python_writes_releases_as_before(versions: list[str], expected: tuple[str, ...]) -> None:
    assert padded(versions, Scheme.PEP440, Padding(releases=1)) == expected


@pytest.mark.parametrize(
    ("scheme", "version", "expected"),
    [
        (Scheme.GO_MODULE, "v1.0.0", "v1.0.1-pre.1"),
        (Scheme.SEMVER, "1.0.0", "1.0.1-rc.1"),
        (Scheme.PEP440, "1.0.0", "1.0.1rc1"),
    ],
)
def test_pre_releases_are_named_as_is_usual(scheme: Scheme, version: str, expected: str) -> None:
    one = Padding(releases=1, major=0, minor=0, patch=1, prereleases=1)
    assert padded([version], scheme, one)[0] == expected


def test_they_may_be_named_otherwise() -> None:
    one = Padding(releases=1, major=0, minor=0, patch=1, prereleases=2, prerelease="-beta.")
    assert padded(["1.0.0", "1.0.1-beta.1", "1.0.1-rc.1"], Scheme.SEMVER, one) == (
        "1.0.1-beta.2",
        "1.0.1",
    )


def test_the_toolchain_is_not_padded() -> None:
    assert padded(["go1.26.0"], Scheme.GO_TOOLCHAIN, Padding()) == ()


def test_nothing_is_counted_up_from_a_number_that_nobody_means() -> None:
    patch = Padding(releases=1, major=0, minor=0)
    assert padded([f"v1.{'9' * 5000}.0", "v1.2.3"], Scheme.GO_MODULE, patch) == ("v1.2.4",)
    assert padded(["1.0.20261121094500"], Scheme.SEMVER, patch) == ("1.0.20261121094501",)


SCHEMES = st.sampled_from([Scheme.GO_MODULE, Scheme.PEP440, Scheme.SEMVER])
COUNTS = st.integers(0, 6)
PADDINGS = st.builds(
    Padding, releases=COUNTS, major=COUNTS, minor=COUNTS, patch=COUNTS, prereleases=COUNTS
)
NUMBERS = st.lists(st.tuples(COUNTS, COUNTS, COUNTS), max_size=5)


@given(SCHEMES, NUMBERS, PADDINGS)
def test_what_comes_is_valid_new_and_ordered(
    scheme: Scheme, numbers: list[tuple[int, int, int]], padding: Padding
) -> None:
    v = "v" if scheme is Scheme.GO_MODULE else ""
    versions = {f"{v}{a}.{b}.{c}" for a, b, c in numbers}
    found = padded(versions, scheme, padding)
    assert all(scheme.is_published(version) for version in found)
    assert list(found) == sorted(set(found) - versions, key=scheme.sort_key)
    newest = max(versions, key=scheme.sort_key, default="devel")
    assert all(scheme.sort_key(version) > scheme.sort_key(newest) for version in found)


@given(NUMBERS, PADDINGS)
def test_what_is_written_covers_tomorrow(
    numbers: list[tuple[int, int, int]], padding: Padding
) -> None:
    versions = {f"{a}.{b}.{c}" for a, b, c in numbers}
    required = padding.required
    written = padded(versions, Scheme.SEMVER, padding)
    assert set(padded(versions, Scheme.SEMVER, required)) <= set(written)


@given(
    st.lists(st.tuples(COUNTS, COUNTS, COUNTS), min_size=1, max_size=5),
    st.builds(
        Padding,
        releases=st.integers(2, 6),
        major=COUNTS,
        minor=st.integers(1, 6),
        patch=st.integers(2, 6),
        prereleases=COUNTS,
    ),
)
def test_padding_is_found_again(numbers: list[tuple[int, int, int]], padding: Padding) -> None:
    """What is taken for padding is at least what is, and is named again in its place."""
    scheme, versions = Scheme.GO_MODULE, {f"v{a}.{b}.{c}" for a, b, c in numbers}
    ahead = padded(versions, scheme, padding)
    listed = {*versions, *ahead}
    found = find_padding(listed, scheme)
    assert found is not None
    assert set(ahead) <= set(found.ahead)
    released = listed - set(found.ahead)
    assert found.newest == max(released, key=scheme.sort_key)
    assert padded(released, scheme, found.padding) == found.ahead


@pytest.mark.parametrize(
    "versions",
    [
        [],
        ["v1.0.0"],
        ["v1.0.0", "v1.0.1", "v1.0.2"],
        ["v1.0.0", "v1.1.0", "v1.2.0"],
        ["v1.0.0", "v1.0.1", "v1.0.3", "v1.1.0"],
        ["v1.0.0", "v1.0.1", "v1.0.2", "v1.1.0", "v999999999999.0.0"],
        ["v1.0.0", "v1.0.1", "v1.0.2", "v1.1.0", "v1.1.0-pre.99999999999999999999"],
        ["v1.0.0", "v1.0.1", "v1.0.2", "v1.1.0", f"v1.{'9' * 5000}.0"],
        ["v1.0.0", *(f"v1.0.{patch}" for patch in range(1, 3000))],
    ],
)
def test_no_padding_is_found_where_there_is_none(versions: list[str]) -> None:
    assert find_padding(versions, Scheme.GO_MODULE) is None


PATCHES = st.integers(2, 6)


@given(st.builds(Padding, releases=PATCHES, major=COUNTS, minor=COUNTS, patch=PATCHES))
def test_one_patch_release_makes_no_padding_stale(padding: Padding) -> None:
    """What was written before v1.4.3 came out covers what is required after it."""
    scheme = Scheme.GO_MODULE
    written = padded(["v1.4.2"], scheme, padding)
    assert "v1.4.3" in written
    assert set(padded(["v1.4.3"], scheme, padding.required)) <= set(written)


@pytest.mark.parametrize(
    ("written", "required"),
    [
        (Padding(prereleases=4), TOMORROW),
        (
            Padding(releases=8, major=1, minor=4, patch=5),
            Padding(releases=2, major=1, minor=1, patch=2),
        ),
        (
            Padding(releases=2, major=0, minor=1, patch=2),
            Padding(releases=1, major=0, minor=1, patch=1),
        ),
        (Padding(releases=0), Padding(releases=0, major=1, minor=1, patch=2)),
    ],
    ids=["gopls", "vscgo", "dlv", "nothing"],
)
def test_what_is_required_is_what_go_has(written: Padding, required: Padding) -> None:
    """The tables regularPaddings and minimumPaddings of Go's tool, at commit 16c97dc83219."""
    assert written.required == required
