"""What is written as YAML is read back as it was, and entries are added beside what is there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.diagnostics.diagnostic import Position, Span
from chartconfig.exchange.adding import add_entries
from chartconfig.exchange.draft import Item
from chartconfig.exchange.writing import entries, entry
from chartconfig.source.comments import read_comments
from chartconfig.source.document import Document
from chartconfig.source.nodes import plain
from chartconfig.source.yaml import compose

SOMEWHERE = Span("", Position(1, 1), Position(1, 1))
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), min_size=1)
WORDS = st.lists(st.sampled_from("no 1.20 go: #1 'a' \"b\" - ? [x] {y} & * ! % @ |".split()))
COMMENTS = st.text(st.characters(codec="ascii", exclude_categories=["C"])).map(str.strip)


def read(text: str) -> object:
    node, found = compose(Document(path="a.yaml", data=text.encode()))
    assert found == ()
    assert node is not None
    return plain(node)


@given(TEXTS | WORDS.map(" ".join) | WORDS.map(lambda words: " x ".join(words * 9)))
def test_a_text_reads_back(text: str) -> None:
    if text:
        assert read(entry("key", Item(text=text, span=SOMEWHERE))) == {"key": text}


@given(st.lists(st.tuples(TEXTS, st.lists(COMMENTS), st.none() | COMMENTS), min_size=1))
def test_a_list_reads_back_with_its_comments(
    items: list[tuple[str, list[str], str | None]],
) -> None:
    made = [
        Item(text=text, span=SOMEWHERE, before=tuple(before), comment=comment)
        for text, before, comment in items
    ]
    text = "# the schema\n" + entries("key", made)
    assert read(text) == {"key": [item.text for item in made]}
    comments = read_comments(Document(path="a.yaml", data=text.encode()))
    for index, item in enumerate(made):
        found = comments.get(("key", index))
        assert (found.before if found else ()) == item.before
        assert (found.end if found else None) == item.comment


class TestAdding:
    FILE = (
        "# Of both.\na:\n  x: 1  # one\nprograms:\n    # The first.\n    b:\n      w: [2]\n\nc: 3\n"
    )

    def added(self, file: str, new: str, under: str | None) -> str | None:
        document = add_entries(Document(path="a.yaml", data=file.encode()), new, under=under)
        return document.data.decode() if document else None

    def test_at_the_end(self) -> None:
        assert self.added(self.FILE, "d: 4\n", None) == self.FILE + "d: 4\n"
        assert self.added("a: 1", "d: 4\n", None) == "a: 1\nd: 4\n"

    def test_at_the_end_of_a_map(self) -> None:
        assert self.added(self.FILE, "d:\n  z: 4\n", "programs") == self.FILE.replace(
            "w: [2]\n", "w: [2]\n    d:\n      z: 4\n"
        )

    def test_of_a_map_that_is_not_there(self) -> None:
        assert self.added("a: 1\n", "d: 4\n", "programs") == "a: 1\nprograms:\n  d: 4\n"

    @pytest.mark.parametrize(
        "file",
        [
            *(
                "{a: 1}\n",
                "a: 1\nprograms: {b: 2}\n",
                "a: 1\nprograms: {}\n",
                "a: 1\nprograms: 2\n",
            ),
            *("a: [\n", "- a\n", "a: 1\nprograms:\n  d: 3\n"),
        ],
    )
    def test_of_nothing_that_would_change_what_is_there(self, file: str) -> None:
        assert self.added(file, "d: 4\n", "programs") is None
