"""Answers of registries: any bytes give names of versions, or one refusal of one line."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.module.registry import (
    Listing,
    RefusedListingError,
    decode_module_list,
    decode_npm,
    decode_pypi,
    decode_tags,
    decode_toolchain_list,
    listing,
    retracted,
)
from chartconfig.module.version import Scheme

if TYPE_CHECKING:
    from collections.abc import Callable

LINES: list[Callable[[bytes], tuple[str, ...]]] = [
    decode_module_list,
    decode_toolchain_list,
    lambda data: decode_tags(data, prefix=""),
]
PAGES: list[Callable[[bytes], tuple[tuple[str, ...], tuple[str, ...]]]] = [
    lambda data: decode_pypi(data, package="x"),
    lambda data: decode_npm(data, package="x"),
]
KEYS = st.sampled_from(
    ["meta", "api-version", "name", "versions", "files", "filename", "yanked", "deprecated", "1.0"]
)
VALUES = st.sampled_from(["x", "1.0", "1.0.0", "x-1.0.tar.gz", "x-1.0-py3-none-any.whl", "\ud800"])
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | VALUES | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=5)
    ),
)


@given(st.binary(max_size=200), st.sampled_from(Scheme))
def test_any_lines_give_names(data: bytes, scheme: Scheme) -> None:
    for decode in LINES:
        names = decode(data)
        with suppress(RefusedListingError):
            found = listing(names, scheme)
            assert set(found.versions) | set(found.passed_over) == set(names)
    retracted(data, ["v1.0.0"])


def names_or_refusal(data: bytes) -> None:
    for decode in PAGES:
        told = refusal(decode, data)
        assert told.isprintable()
        assert len(told) < 200


def refusal(decode: Callable[[bytes], Any], data: bytes) -> str:
    try:
        names, yanked = decode(data)
    except RefusedListingError as error:  # and nothing else, whatever the bytes
        return str(error)
    assert all(isinstance(name, str) for name in (*names, *yanked))
    return ""


@given(st.binary(max_size=50) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_page_gives_names_or_a_refusal(data: bytes) -> None:
    names_or_refusal(data)


@given(JSON, JSON, JSON)
def test_any_page_of_the_package_does(versions: object, files: object, entry: object) -> None:
    page = {"meta": {"api-version": "1.1"}, "name": "x", "versions": versions, "files": files}
    names_or_refusal(json.dumps(page).encode())
    page = {"name": "x", "versions": {"1.0.0": entry, "1.0.1": {"deprecated": versions}}}
    names_or_refusal(json.dumps(page).encode())


def test_a_name_that_is_long_or_strange_is_told_shortly() -> None:
    with pytest.raises(RefusedListingError) as caught:
        listing(["\x1b[31m" + "x" * 5000], Scheme.SEMVER)
    told = str(caught.value)
    assert told.startswith("it names no version such as 1.20.3: the first name is '\\x1b[31mxxx")
    assert told.endswith("xxx...")
    assert len(told) < 200


@pytest.mark.parametrize(
    ("go_mod", "expected"),
    [
        (b"", ()),
        (b"retract v1.1.0", ("v1.1.0",)),
        (b"retract v1.1.0 // why\n", ("v1.1.0",)),
        (b"retract [v1.0.0, v1.1.0]\n", ("v1.0.0", "v1.0.5", "v1.1.0")),
        (
            b"retract (\n\tv1.0.0 // why (not)\n\t[v1.1.0,v1.2.0]\n)\n",
            ("v1.0.0", "v1.1.0", "v1.2.0"),
        ),
        (b"retract(v1.0.5)\nretract v1.2.0\r\n", ("v1.0.5", "v1.2.0")),
        (b"// retract v1.1.0\nrequire x.org/retract v1.1.0\n", ()),
        (b"require (\n\tx.org/y v1.1.0 // retract v1.1.0\n)\n", ()),
        (b"retracted v1.1.0\n", ()),
    ],
)
def test_what_a_go_mod_retracts(go_mod: bytes, expected: tuple[str, ...]) -> None:
    assert retracted(go_mod, ["v1.0.0", "v1.0.5", "v1.1.0", "v1.2.0"]) == expected


def test_of_what_was_taken_back_only_what_is_listed() -> None:
    assert listing(["1.0.0", "x", "1.0.0"], Scheme.SEMVER, ["1.0.0", "0.9.0"]) == Listing(
        versions=("1.0.0",), yanked=("1.0.0",), passed_over=("x",)
    )
