"""What is compiled, before it is bytes; and that what much the same tree gave only saves time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from chartconfig.pipeline import Built, Made, build, check
from chartconfig.review.compiled import Published
from tests.collection.repositories import ORIGIN, planned, repositories
from tests.scenarios.repository import BASE, TODAY, Files, documents

CLIENT = "configs/charts/gopls/client.yaml"
COLLECTION = "configs/collection.yaml"
GOPLS = "configs/programs/gopls.yaml"

few = settings(max_examples=40, deadline=None)


class TestValues:
    @few
    @given(repositories())
    def test_are_those_of_the_files(self, files: Files) -> None:
        made = Built(planned=planned(files), documents=documents(files), origin=ORIGIN)
        read = Published(files=dict(made.files))
        assert made.config == read.config
        assert made.charts == read.charts
        assert made.go_mod == read.go_mod

    def test_files_are_made_when_they_are_asked_for(self) -> None:
        def fails() -> bytes:
            pytest.fail("nobody asked for it")

        made = Built(planned=planned(BASE), documents=documents(BASE), origin=ORIGIN).files
        assert dict(made) == build(planned(BASE), documents=documents(BASE), origin=ORIGIN)
        lazy = Made({"README.md": fails, "go.mod": lambda: b"module a\n"})
        assert "README.md" in lazy
        assert "LICENSE" not in lazy
        assert (len(lazy), list(lazy), lazy["go.mod"]) == (
            2,
            ["README.md", "go.mod"],
            b"module a\n",
        )


def edited(path: str, old: str, new: str) -> Files:
    text = BASE[path].decode()
    assert old in text
    files = dict(BASE) | {path: text.replace(old, new, 1).encode()}
    return {each: data for each, data in files.items() if data}


EDITS = {
    "nothing": edited(CLIENT, "", ""),
    "a title": edited(CLIENT, "title: Editors", "title: All editors"),
    "a mistake": edited(CLIENT, "counter: gopls/client", "counter: gopls/client name"),
    "a warning": edited(CLIENT, "# yaml-language-server: $schema=", "# schema="),
    "a program gone": edited(GOPLS, BASE[GOPLS].decode(), ""),
    "a program broken": edited(GOPLS, "prefixes: [", "prefixes: {"),
    "another prefix": edited(GOPLS, "prefixes: [gopls", "prefixes: [goplz"),
    "another default": edited(COLLECTION, "partition: {margin: 1%", "partition: {margin: 2%"),
    "no default": edited(COLLECTION, BASE[COLLECTION].decode(), ""),
    "a chart gone": edited(CLIENT, BASE[CLIENT].decode(), ""),
}


@pytest.mark.parametrize("before", EDITS)
@pytest.mark.parametrize("after", EDITS)
def test_what_was_checked_before_changes_nothing(before: str, after: str) -> None:
    like = check(documents(EDITS[before]), on=TODAY)
    assert check(documents(EDITS[after]), on=TODAY, like=like) == check(
        documents(EDITS[after]), on=TODAY
    )
