"""Versions: valid and ordered as Go has them."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.module.version import Scheme, canonical, is_release, next_release
from tests.oracle.go_json import GoVersions, go_module_versions, go_toolchain_versions

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBERS = [
    "0",
    "1",
    "9",
    "10",
    "20",
    "21",
    "22",
    "01",
    "9" * 5000,
    "1" + "0" * 5000,
    "",
    "x",
    "\u0661",
]
MODULE_VERSIONS = [
    *(f"v{number}" for number in NUMBERS),
    *(f"v1.{number}" for number in NUMBERS),
    *(f"v1.2.{number}" for number in NUMBERS),
    *(
        f"v1.2.3-{pre}"
        for pre in ["", "a", "rc.1", "rc.2", "rc.10", "rc1", "rc", "rc.", ".rc", "-"]
    ),
    *(
        f"v1.2.3-{pre}"
        for pre in ["0", "00", "1", "01", "01a", "1.a", "a.1", "a.b", "A", "a_b", "é"]
    ),
    *(f"v1.2.3-{pre}" for pre in ["9" * 5000, "1" + "0" * 5000, "a.", "a..b", "0a", "1-", "-1"]),
    *(
        f"v1.2.3{build}"
        for build in ["+", "+a", "+a.b", "+01", "+a..b", "-rc+b", "-rc+b+c", "+a-b"]
    ),
    *(
        "v1-rc",
        "v1.2-rc",
        "v1+a",
        "v1.2+a",
        "v1.",
        "v1.2.",
        "v1.2.3.",
        "v1.2.3.4",
        "1.2.3",
        "V1.2.3",
    ),
    *(
        "",
        "v",
        "va",
        " v1.2.3",
        "v1.2.3 ",
        "v1.2.3\n",
        "v1.2.3-rc\n",
        "v1.2.3+b\n",
        "vv1.2.3",
        "devel",
    ),
    *(
        "v0.13.1-pre.1",
        "v0.13.1-pre.2",
        "v2.0.0+incompatible",
        "v0.0.0-20260102030405-0123456789ab",
    ),
]
TOOLCHAIN_VERSIONS = [
    *(f"go{number}" for number in NUMBERS),
    *(f"go1.{number}" for number in NUMBERS),
    *(f"go1.2.{number}" for number in NUMBERS),
    *(f"go1.{minor}{rest}" for minor in range(19, 24) for rest in ["", "rc1", "rc2", ".0", ".1"]),
    *(
        f"go1.{minor}{kind}{pre}"
        for minor in (9, 22)
        for kind in ("beta", "rc", "x")
        for pre in NUMBERS
    ),
    *(
        "go1.9.2rc2",
        "go1.21.0rc1",
        "go1rc1",
        "go1.21RC1",
        "go1.21rc1.2",
        "go1.21rc1x",
        "go1.21-",
        "go1-x",
    ),
    *(
        "go1.23.4-custom",
        "go1.23.4-a-b",
        "go1.23.4-\n",
        "go1.23.4\n",
        "go1.23.4 ",
        "go1.23.4+x",
        "go-1",
    ),
    *(
        "",
        "go",
        "g",
        "1.21",
        "Go1.21",
        " go1.21",
        "go1.",
        "go1.21.",
        "go1.21.1.",
        "go1.2.3.4",
        "devel",
    ),
]


@pytest.mark.parametrize(
    ("scheme", "versions", "judge"),
    [
        (Scheme.GO_MODULE, MODULE_VERSIONS, go_module_versions),
        (Scheme.GO_TOOLCHAIN, TOOLCHAIN_VERSIONS, go_toolchain_versions),
    ],
)
def test_go_agrees(
    scheme: Scheme, versions: list[str], judge: Callable[[list[str]], GoVersions]
) -> None:
    judged = judge(versions)
    for version, valid in zip(versions, judged.valid, strict=True):
        assert scheme.is_valid(version) == (valid or version == "devel"), version
    for (i, x), (j, y) in itertools.product(enumerate(versions), repeat=2):
        if "devel" not in (x, y):
            a, b = scheme.sort_key(x)[:2], scheme.sort_key(y)[:2]
            assert (a > b) - (a < b) == judged.order[i][j], (x, y)


def test_go_agrees_on_the_versions_of_npm() -> None:
    versions = [v.removeprefix("v") for v in MODULE_VERSIONS if v.startswith("v")]
    judged = go_module_versions([f"v{version}" for version in versions])
    complete = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+([-+].*)?", re.DOTALL)
    for version, valid in zip(versions, judged.valid, strict=True):
        expected = valid and complete.fullmatch(version) is not None
        assert Scheme.SEMVER.is_valid(version) == expected, version
    whole = [i for i, version in enumerate(versions) if Scheme.SEMVER.is_valid(version)]
    assert len(whole) > 20
    for i, j in itertools.product(whole, repeat=2):
        a, b = (Scheme.SEMVER.sort_key(versions[k])[:2] for k in (i, j))
        assert (a > b) - (a < b) == judged.order[i][j], (versions[i], versions[j])


def test_pre_releases_precede_as_the_specification_of_semver_has_it() -> None:
    rising = "alpha alpha.1 alpha.beta beta beta.2 beta.11 rc.1".split()  # its section 11
    versions = [*(f"1.0.0-{name}" for name in rising), "1.0.0", "2.0.0", "2.1.0", "2.1.1"]
    assert sorted_from_the_end(Scheme.SEMVER, versions) == versions
    assert [Scheme.SEMVER.is_prerelease(version) for version in versions] == [True] * 7 + [
        False
    ] * 4


def test_python_versions_come_as_pep_440_has_it() -> None:
    rising = "1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2"
    rising += " 1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7"
    rising += " 1.0+5 1.0.post456.dev34 1.0.post456 1.0.15 1.1.dev1 1!0.1"
    versions = rising.split()  # "Summary of permitted suffixes and relative ordering"
    assert sorted_from_the_end(Scheme.PEP440, versions) == versions
    assert all(map(Scheme.PEP440.is_valid, versions))


@pytest.mark.parametrize(
    "text",
    ["", " 1.0", "1.0 ", "1.0\n", "1.0x", "1..0", "one", "1" * 300, "1.0-", "v", "1_0", "\u0661.0"],
)
def test_what_is_no_version_of_python(text: str) -> None:
    assert not Scheme.PEP440.is_valid(text)
    assert not Scheme.PEP440.is_published(text)


@pytest.mark.parametrize(
    ("scheme", "published", "valid_alone"),
    [
        (Scheme.GO_MODULE, "v1.2.3 v2.0.0+incompatible v1.0.0-rc.1", "v1.2 v1.2.3+a"),
        (Scheme.GO_TOOLCHAIN, "go1.9 go1.21.0 go1.23rc1", ""),
        (Scheme.PEP440, "1.0 1.0.0 1!1.0rc1 1.0.post1", "v1.0 1.0-1 1.0RC1 1.0-rc1 1.0+local 01.0"),
        (Scheme.SEMVER, "1.2.3 1.2.3-rc.1", "1.2.3+build"),
    ],
)
def test_what_a_release_can_report(scheme: Scheme, published: str, valid_alone: str) -> None:
    assert scheme.is_published(scheme.example)
    for version in published.split():
        assert scheme.is_published(version), version
    for version in valid_alone.split():
        assert scheme.is_valid(version), version
        assert not scheme.is_published(version), version
    assert not scheme.is_published("devel")


@pytest.mark.parametrize(
    ("scheme", "before", "not_before"),
    [
        (Scheme.GO_MODULE, "v1.0.0-rc.1 v1.0.0-0+a", "v1.0.0 v1.0.0+a-b v2.0.0+incompatible"),
        (Scheme.GO_TOOLCHAIN, "go1.23rc1 go1.9beta2", "go1.23 go1.23.0 go1.23.4-custom"),
        (Scheme.PEP440, "1.0rc1 1.0.dev1 1.0a1.post1", "1.0 1.0.post1 1!1.0"),
        (Scheme.SEMVER, "1.0.0-rc.1 1.0.0--", "1.0.0 1.0.0+a-b"),
    ],
)
def test_what_comes_before_a_release(scheme: Scheme, before: str, not_before: str) -> None:
    assert all(map(scheme.is_prerelease, before.split()))
    assert not any(map(scheme.is_prerelease, not_before.split()))


def test_go_agrees_on_canonical_forms() -> None:
    judged = go_module_versions(MODULE_VERSIONS)
    assert [canonical(version) or "" for version in MODULE_VERSIONS] == judged.canonical


def sorted_from_the_end(scheme: Scheme, versions: list[str]) -> list[str]:
    backwards = versions[::-1]
    backwards.sort(key=scheme.sort_key)
    return backwards


@pytest.mark.parametrize("scheme", Scheme)
def test_devel_comes_first_then_what_is_invalid(scheme: Scheme) -> None:
    assert scheme.is_valid("devel")
    version = scheme.example
    texts = [version, "-1", "devel", "", "(devel)", "zebra"]
    assert sorted(texts, key=scheme.sort_key) == ["devel", "", "(devel)", "-1", "zebra", version]


@pytest.mark.parametrize(
    ("scheme", "versions"),
    [
        (Scheme.GO_MODULE, ["v1", "v1.0", "v1.0.0", "v1.0.0+a", "v1.0.0+b"]),
        (Scheme.GO_TOOLCHAIN, ["go1", "go1.0", "go1.0.0", "go1.0.0-a"]),
        (Scheme.PEP440, ["1", "1.0", "1.0.0", "v1.0"]),
        (Scheme.SEMVER, ["1.0.0", "1.0.0+a", "1.0.0+b"]),
    ],
)
def test_equal_versions_are_ordered_by_their_text(scheme: Scheme, versions: list[str]) -> None:
    assert len({scheme.sort_key(version)[:2] for version in versions}) == 1
    assert sorted_from_the_end(scheme, versions) == versions


def test_releases_are_ordered_as_they_came_out() -> None:
    releases = ["devel", "go1", "go1.2.2", "go1.9", "go1.9.1", "go1.10beta1", "go1.10rc1", "go1.10"]
    releases += ["go1.20rc1", "go1.20", "go1.20.1", "go1.21", "go1.21rc2", "go1.21.0", "go1.27.3"]
    assert sorted_from_the_end(Scheme.GO_TOOLCHAIN, releases) == releases
    releases = ["devel", "v0.13.0", "v0.13.1-pre.1", "v0.13.1-pre.2", "v0.13.1-pre.10", "v0.13.1"]
    assert sorted_from_the_end(Scheme.GO_MODULE, releases) == releases


def test_a_config_has_canonical_versions_of_v0_and_v1() -> None:
    assert [version for version in MODULE_VERSIONS if is_release(version)] == [
        version
        for version in MODULE_VERSIONS
        if re.fullmatch(r"v[01](\.\d{1,9}){2}", version, re.ASCII) and canonical(version) == version
    ]
    assert is_release("v0.0.0")
    assert is_release("v1.999999999.999999999")
    for text in ("v1.1000000000.0", "v1.01.0", "v2.0.0", "v1.0.0\n", "v1.0.\u0661", "1.0.0", ""):
        assert not is_release(text)


@given(st.tuples(st.integers(0, 1), st.integers(0, 10**9 - 2), st.integers(0, 10**9 - 2)))
def test_the_next_release_is_above_the_last(numbers: tuple[int, int, int]) -> None:
    major, minor, patch = numbers
    last = f"v{major}.{minor}.{patch}"
    assert next_release(last, minor=True) == f"v{major}.{minor + 1}.0"
    assert next_release(last, minor=False) == f"v{major}.{minor}.{patch + 1}"
    key = Scheme.GO_MODULE.sort_key
    assert key(last) < key(next_release(last, minor=False)) < key(next_release(last, minor=True))


@pytest.mark.parametrize("minor", [True, False])
def test_the_first_release(minor: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert next_release(None, minor=minor) == "v1.0.0"


@pytest.mark.parametrize(
    ("last", "minor", "message"),
    [
        ("v1.2", True, "'v1.2' is no version of a config, such as v1.2.3"),
        ("v2.0.0", False, "'v2.0.0' is no version of a config, such as v1.2.3"),
        (
            "v1.999999999.0",
            True,
            "nothing comes after v1.999999999.0: a number has nine digits at most",
        ),
        (
            "v1.0.999999999",
            False,
            "nothing comes after v1.0.999999999: a number has nine digits at most",
        ),
    ],
)
def test_nothing_comes_after(last: str, minor: bool, message: str) -> None:  # noqa: FBT001
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        next_release(last, minor=minor)
