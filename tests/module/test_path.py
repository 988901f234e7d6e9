"""Module paths: valid as Go has them, escaped as the go command looks for them."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.module.path import (
    escape,
    unescape,
    why_file_invalid,
    why_invalid,
    why_unpublishable,
)
from tests.oracle.go_json import go_file_names, go_paths

PARTS = [
    *(
        "a",
        "A",
        "x.y",
        "v1",
        "v2",
        "v02",
        "v10",
        "v1.2",
        "v",
        "v2.",
        "2",
        "con",
        "CON.txt",
        "com1",
        "com0",
    ),
    *(
        "console",
        "lpt9.a.b",
        "aux",
        "a.con",
        "nul~1",
        "a~1",
        "a~",
        "~1",
        "a~1b",
        "a~1.b",
        "a.b~1",
        "a~b~2",
    ),
    *(
        "",
        ".",
        "..",
        "...",
        ".a",
        "a.",
        "a..b",
        "-",
        "-a",
        "_",
        "~",
        "a b",
        "a+b",
        "a@b",
        "a!b",
        "a%b",
        "a:b",
    ),
    *(
        "é",
        "\x00",
        "\n",
        "a\\b",
        "a*",
        "K",
        "x.v1",
        "x.v0",
        "x.v01",
        "x.v",
        "x.v1-unstable",
        "x.v-unstable",
    ),
    *("x.v0-unstable", "x.v2-unstable-unstable", "xv2", ".v2", "v2-unstable", "v1.x2", "v.2"),
]
DOMAINS = [
    "example.com",
    "gopkg.in",
    "Example.com",
    "a_b.com",
    "a~b.com",
    "-a.com",
    "com",
    "v1.2",
    ".",
]
PATHS = [
    *PARTS,
    *DOMAINS,
    *("/".join(parts) for parts in itertools.product(DOMAINS, PARTS)),
    *(f"example.com/{'/'.join(parts)}" for parts in itertools.product(PARTS, PARTS)),
    *(
        "gopkg.in/a/b.v2",
        "gopkg.in.com/v2",
        "golang.org/x/telemetry/config",
        "github.com/Azure/AzSDK",
    ),
]


def test_go_agrees() -> None:
    for path, judged in zip(PATHS, go_paths(PATHS), strict=True):
        assert (why_invalid(path) is None) == (not judged.invalid), (path, judged.invalid)
        publishable = not judged.invalid and not judged.major
        assert (why_unpublishable(path) is None) == publishable, path
        if not judged.invalid:
            assert escape(path) == judged.escaped
            assert unescape(judged.escaped) == path


def test_every_file_name_is_one_for_go_and_few_more_are_refused() -> None:
    ascii_names = [f"a{chr(code)}b" for code in range(128)]
    ends = ["a/", "/a", "a//b", "a/b", "a/./b", "../a", "a/..", ".", "..", "a. ", " a", ""]
    letters = ["\u212a", "e\u0301", "日本", "a" * 200, "a" * 201]
    names = [*ascii_names, *ends, *letters, *PARTS, *(f"x/{part}/y" for part in PARTS)]
    for name, reason in zip(names, go_file_names(names), strict=True):
        stricter = " " in name or not name.isascii() or len(name) > 200
        assert (why_file_invalid(name) is None) == (not reason and not stricter), (name, reason)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", "it is empty, or has a slash at an end or beside another"),
        ("example.com/", "it is empty, or has a slash at an end or beside another"),
        ("example.com//a", "it is empty, or has a slash at an end or beside another"),
        ("example.com/a b", "it has ' ': letters, digits and -._~ are all that it may have"),
        ("example.com/é", r"it has '\xe9': letters, digits and -._~ are all that it may have"),
        ("example.com/.git", 'its part ".git" begins or ends with a dot'),
        ("example.com/Aux.x", 'its part "Aux.x" names a device on Windows'),
        ("example.com/a~1", 'its part "a~1" looks like a short file name of Windows'),
        ("cmd/go", 'its first part, "cmd", has no dot: it must be a domain name'),
        ("-a.com/x", "it begins with a dash"),
        ("Example.com/x", """its first part, "Example.com", has 'E', which no domain name has"""),
        (
            "example.com/v1",
            'it ends in "/v1": /v and a number from 2 on, or nothing, belongs there',
        ),
        (
            "gopkg.in/yaml",
            "it does not end in a major version such as .v1, as paths at gopkg.in do",
        ),
    ],
)
def test_an_invalid_path_has_a_reason(path: str, reason: str) -> None:
    assert why_invalid(path) == reason
    assert why_unpublishable(path) == reason


@pytest.mark.parametrize(
    ("path", "major"),
    [
        ("example.com/config/v2", "/v2"),
        ("gopkg.in/config.v0", ".v0"),
        ("gopkg.in/config.v1", ".v1"),
        ("gopkg.in/config.v1-unstable", ".v1-unstable"),
    ],
)
def test_a_collection_config_stays_on_v0_and_v1(path: str, major: str) -> None:
    assert why_invalid(path) is None
    assert why_unpublishable(path) == (
        f'it ends in the major version "{major}": a collection config stays on v0 and v1'
    )


@given(st.text(st.characters(max_codepoint=127, exclude_characters="!")))
def test_unescaping_undoes_escaping(text: str) -> None:
    assert unescape(escape(text)) == text
    assert escape(text) == escape(text).lower()


@given(st.text("aA!-/é"))
def test_what_is_unescaped_was_escaped(text: str) -> None:
    try:
        plain = unescape(text)
    except ValueError as error:
        expected = f"{text!a} is not an escaped path or version"
        assert str(error) == expected  # noqa: PT017 - either outcome is right
    else:
        assert escape(plain) == text


@pytest.mark.parametrize("text", ["a!b", "é", "\u212a"])
def test_what_cannot_be_escaped_is_refused(text: str) -> None:
    message = f"{text!a} cannot be escaped: it is not ASCII without !"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        escape(text)


@pytest.mark.parametrize("text", ["A", "!", "!A", "!!a", "a!", "!1", "é"])
def test_what_no_escape_makes_is_not_unescaped(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not an escaped path or version$"):
        unescape(text)
