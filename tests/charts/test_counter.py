"""Names of counters and buckets: which are refused, why, and what is suggested instead."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.charts.counter import (
    Counter,
    suggested_bucket,
    suggested_name,
    why_bucket_refused,
    why_name_refused,
)
from chartconfig.collection.config import collapse, expand

ALLOWED = "write letters, digits and hyphens, 200 characters at most"

PART = st.from_regex(r"[!-+\--.0-9;-z|~]{1,8}", fullmatch=True)
"""Visible ASCII without what has a meaning in names: comma, slash, colon, braces."""
NAME = st.lists(PART, min_size=1, max_size=4).map("/".join)
ANY = st.text() | st.text("ab/: ,{}\n-", max_size=12)


@pytest.mark.parametrize(
    ("name", "why", "hint"),
    [
        ("gopls/editor client", "holds a space", "write gopls/editor-client"),
        ("gopls/client:{vim}", "holds a brace", "write gopls/client:vim"),
        ("gopls/a,b", "holds a comma", "write gopls/a-b"),
        ("gopls/client\n", "holds a line break", "write gopls/client"),
        ("gopls:client:vim", "holds two colons", "write gopls:client-vim"),
        ("gopls/client:", "ends with a colon", "write gopls/client"),
        ("/gopls", "has an empty part beside a slash", "write gopls"),
        ("gopls//client", "has an empty part beside a slash", "write gopls/client"),
        ("gopls/", "has an empty part beside a slash", "write gopls"),
        (":vim", "has an empty part beside a slash", "write vim"),
        ("gopls/é", "holds U+00E9, which is not visible ASCII", "write gopls"),
        ("a\x00b", "holds U+0000, which is not visible ASCII", "write a-b"),
        (" ", "holds a space", ALLOWED),
        ("x" * 201, "is longer than 200 characters", ALLOWED),
    ],
)
def test_a_name_that_is_refused(name: str, why: str, hint: str) -> None:
    assert why_name_refused(name) == why
    assert suggested_name(name) == hint


@pytest.mark.parametrize(
    ("bucket", "why", "hint"),
    [
        ("vs code", "holds a space", "write vs-code"),
        ("{vim}", "holds a brace", "write vim"),
        ("vim,zed", "holds a comma", "write vim-zed"),
        ("vscode:insiders", "holds a colon", "write vscode-insiders"),
        ("vim\n", "holds a line break", "write vim"),
        ("{}", "holds a brace", ALLOWED),
        ("x" * 201, "is longer than 200 characters", ALLOWED),
    ],
)
def test_a_bucket_that_is_refused(bucket: str, why: str, hint: str) -> None:
    assert why_bucket_refused(bucket) == why
    assert suggested_bucket(bucket) == hint


class TestLaws:
    """What a client would read differently is refused."""

    @given(NAME)
    def test_names_of_parts_are_accepted(self, name: str) -> None:
        assert why_name_refused(name) is None
        assert why_name_refused(f"{name}:bucket") is None

    @given(NAME, st.sampled_from(" ,{}\n\t\x00é:\u200b"), st.integers(0, 40))
    def test_names_with_a_refused_character_are_not(self, name: str, mark: str, at: int) -> None:
        assert why_name_refused(f"{name[:at]}{mark}{name[at:]}:bucket")
        assert why_bucket_refused(f"{name[:at]}{mark}{name[at:]}")

    @given(ANY)
    def test_what_is_suggested_is_accepted(self, text: str) -> None:
        for hint, refused in (
            (suggested_name(text), why_name_refused),
            (suggested_bucket(text), why_bucket_refused),
        ):
            better = re.fullmatch("write (.*)", hint)
            assert better
            assert hint == ALLOWED or refused(better[1]) is None

    @given(ANY, st.lists(ANY.filter(bool), max_size=4))
    def test_clients_read_what_is_accepted_as_it_was_meant(
        self, name: str, buckets: list[str]
    ) -> None:
        if why_name_refused(name) is None and not any(map(why_bucket_refused, buckets)):
            counter = Counter(name=name, buckets=tuple(buckets))
            assert expand(collapse(name, buckets)) == counter.events

    @given(PART, st.lists(PART, max_size=3), st.sampled_from(["", ":bucket"]))
    def test_the_prefix_is_the_first_part(self, first: str, rest: list[str], end: str) -> None:
        assert Counter(name="/".join((first, *rest)) + end).prefix == first


def test_events() -> None:
    assert Counter(name="gopls/bug").events == ("gopls/bug",)
    assert Counter(name="gopls/client", buckets=("vim", "zed")).events == (
        "gopls/client:vim",
        "gopls/client:zed",
    )
