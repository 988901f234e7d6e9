"""The record format of Go's own charts: what its parser says, each refusal, and the way back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.diagnostics import render
from chartconfig.diagnostics.diagnostic import Position, Severity, Span
from chartconfig.exchange.go_chartconfig import KEYS, Field, Note, Record, format_records, parse
from chartconfig.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).parents[1] / "golden" / "go-chartconfig"
SOMEWHERE = Span("", Position(1, 1), Position(1, 1))
VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "go_chartconfig.json").read_text(encoding="utf-8")
)["files"]
REFUSED = [each["input"] for each in VECTORS if "refused" in each]
STRICTER = ["error: 1_0.5", "error: 0x1p-2"]
"""Numbers that only programs write, which Go's parser reads."""
ACCEPTED = [
    (each["input"], each["records"])
    for each in VECTORS
    if "records" in each and each["input"] not in STRICTER
]


def document(text: str) -> Document:
    return Document(path="config.txt", data=text.encode())


def as_go(record: Record) -> dict[str, Any]:
    """Return a record with the names of Go's fields, without what is empty or 0."""
    fields: dict[str, Any] = {key.capitalize(): record.value(key) for key in KEYS}
    fields["Issue"] = [issue.value for issue in record.issues]
    fields["Depth"] = int(record.value("depth") or 0)
    fields["Error"] = float(record.value("error") or 0)
    return {key: value for key, value in fields.items() if value}


class TestAgainstGo:
    @pytest.mark.parametrize(("text", "records"), ACCEPTED, ids=range(len(ACCEPTED)))
    def test_reads_the_records_that_go_reads(
        self, text: str, records: list[dict[str, Any]]
    ) -> None:
        parsed = parse(document(text))
        assert [as_go(record) for record in parsed.records] == records
        assert {each.severity for each in parsed.diagnostics} <= {Severity.WARNING}

    @pytest.mark.parametrize("text", [*REFUSED, *STRICTER], ids=repr)
    def test_refuses_what_go_refuses(self, text: str) -> None:
        diagnostics = parse(document(text)).diagnostics
        assert Severity.ERROR in {each.severity for each in diagnostics}

    def test_is_shown_many_of_both(self) -> None:
        assert (len(ACCEPTED), len(REFUSED)) == (80, 68)


class TestRefusals:
    """Each is told once, with its place, and what to write instead."""

    BROKEN = (
        *("tittle: A", "color: A", " title: A", "title : A", "hello"),
        *("title: A\n--- # x", "title: A\n---\t", "title: A\n---\r\ntitle: B\n---\r\n"),
        *("title: A\ntitle: B", "depth: x", "depth: 9223372036854775808"),
        *("error: 5%", "error: 1e400", "title: {a}", "title: a}"),
        *("counter: a:{b}}", "counter: a:{{b}", "counter: a:{\n{b}\n}\ntitle: A"),
        *("counter: a:{\nb}}", "counter: }a:{b}", "counter: a:{b,}", "counter: a:{\nb,\n}"),
        *("counter: a:{\nb\n---\ntitle: A", "counter: a:{\nb", "counter: a:{\ntitle: A"),
        *("title: A\0", "\ufefftitle: A", "title:", "title: # x"),
        "issue: https://example.org/1#c",
    )

    def test_are_told_as_the_golden_page_shows(self, golden: Callable[[Path, bytes], None]) -> None:
        page = ""
        for text in self.BROKEN:
            file = document(text)
            found = parse(file).diagnostics
            assert len(found) == 1
            page += f"{json.dumps(text)}\n\n{render.text(found, {file.path: file})}\n"
        golden(GOLDEN / "refusals.txt", page.encode())

    def test_of_bytes_that_are_not_utf_8(self) -> None:
        (found,) = parse(Document(path="config.txt", data=b"title: A\n# \xff")).diagnostics
        assert (found.code, str(found.span)) == ("CC101", "config.txt:2:3")
        assert (found.message, found.hint) == (
            "the byte 0xFF is not UTF-8",
            "save the file as UTF-8",
        )

    def test_are_all_reported_and_the_records_around_them_read(self) -> None:
        parsed = parse(document("title: A\ncolor: red\ndepth: x\n---\ntitle: {\n---\ntitle: C"))
        assert [each.code for each in parsed.diagnostics] == ["CC127", "CC131", "CC128"]
        assert [record.value("title") for record in parsed.records] == ["A", "C"]

    def test_of_another_kind_of_file_stop_after_a_while(self) -> None:
        assert len(parse(document("no field\n" * 100_000)).diagnostics) == 201

    def test_take_no_longer_for_long_files(self) -> None:
        """A megabyte of lines is read once, not once a line: within braces, and with warnings."""
        text = "counter: a:{\n" + "b,\n" * 300_000
        (found,) = parse(document(text)).diagnostics
        assert found.code == "CC128"
        assert len(parse(document("title:\n" * 100_000)).diagnostics) == 100_000


COMMENTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=9)
VALUES = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="#{}"),
    min_size=1,
    max_size=9,
)


@st.composite
def counters(draw: st.DrawFn) -> Field:
    """Return a counter, with buckets or without, and comments among them."""
    name = draw(VALUES)
    buckets = draw(st.lists(VALUES.filter(lambda text: "," not in text), max_size=4))
    value, notes = name, []
    if buckets:
        value = f"{name}:{{"
        for index, bucket in enumerate(buckets):
            texts = draw(st.lists(COMMENTS, max_size=2))
            ended = draw(st.booleans())  # whether the first of them ends a line
            notes += [
                Note(len(value), text, alone=at > 0 or not ended) for at, text in enumerate(texts)
            ]
            value += bucket + ("," if index + 1 < len(buckets) else "")
        value += "}"
    return Field(
        key="counter",
        value=value,
        before=tuple(draw(st.lists(COMMENTS, max_size=2))),
        comment=draw(st.none() | COMMENTS),
        notes=tuple(notes),
        span=SOMEWHERE,
    )


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Return a record with any fields, in any order."""
    keys = draw(st.permutations([*KEYS, "issue"]))
    fields = []
    for key in keys[: draw(st.integers(1, len(keys)))]:
        if key == "counter":
            fields.append(draw(counters()))
            continue
        value = {"depth": st.integers(0, 99).map(str), "error": st.just("0.01")}.get(key, VALUES)
        fields.append(
            Field(
                key=key,
                value=draw(value),
                before=tuple(draw(st.lists(COMMENTS, max_size=2))),
                comment=draw(st.none() | COMMENTS),
                span=SOMEWHERE,
            )
        )
    return Record(fields=tuple(fields))


class TestTheWayBack:
    @given(st.lists(records(), max_size=3))
    def test_what_is_formatted_is_parsed_as_it_was(self, written: list[Record]) -> None:
        parsed = parse(document(format_records(written)))
        assert (parsed.records, parsed.diagnostics) == (tuple(written), ())

    @pytest.mark.parametrize("text", [text for text, _ in ACCEPTED], ids=repr)
    def test_what_is_parsed_is_formatted_so_that_it_is_the_same(self, text: str) -> None:
        first = parse(document(text)).records
        assert parse(document(format_records(first))).records == first
