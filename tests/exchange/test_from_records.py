"""What a record says of a chart: each mistake is told once, with its place and a way out."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chartconfig.diagnostics import render
from chartconfig.exchange.from_records import read_records
from chartconfig.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable

    from chartconfig.exchange.draft import Drafts

MISTAKES = Path(__file__).parent / "every-mistake.txt"
GOLDEN = Path(__file__).parents[1] / "golden" / "go-chartconfig"
RECORD = """\
title: A
counter: hello/a
type: partition
program: example.org/hello
module: example.org/hello
"""


def read(text: str) -> Drafts:
    return read_records(Document(path="config.txt", data=text.encode()))


def test_mistakes_are_told_as_the_golden_page_shows(
    golden: Callable[[Path, bytes], None],
) -> None:
    document = Document(path="every-mistake.txt", data=MISTAKES.read_bytes())
    found = render.in_order(read_records(document).diagnostics)
    page = f"{render.text(found, {document.path: document})}\n{render.summary(found)}\n"
    golden(GOLDEN / "mistakes.txt", page.encode())


@pytest.mark.parametrize(
    ("error", "margin"),
    [
        *(("0.01", Fraction(1, 100)), (".5", Fraction(1, 2)), ("1e-3", Fraction(1, 1000))),
        ("0.00000000000100", Fraction(1, 10**12)),
        *(("0", None), ("1", None), ("-0.1", None), ("1e-13", None), ("1e-99999999999", None)),
        *(("0.123456789012345", None), ("0." + "0" * 100_000 + "1", None)),
    ],
    ids=lambda value: str(value)[:20],
)
def test_an_error_rate_is_a_margin(error: str, margin: Fraction | None) -> None:
    drafts = read(f"{RECORD}error: {error}\n")
    (chart,) = drafts.charts
    if margin is None:
        assert chart.margin is None
        assert [each.code for each in drafts.diagnostics] == ["CC133"]
    else:
        assert chart.margin is not None
        assert chart.margin[0] == margin
        assert drafts.diagnostics == ()


@pytest.mark.parametrize(
    ("program", "version", "since"),
    [
        ("example.org/hello", "v1.2", "v1.2.0"),
        ("example.org/hello", "v1.2.0-rc.1", "v1.2.0-rc.1"),
        ("cmd/hello", "go1.21", "go1.21"),
        ("cmd/hello", "go1.23rc1", "go1.23rc1"),
    ],
)
def test_a_version_is_the_first(program: str, version: str, since: str) -> None:
    module = "" if program.startswith("cmd/") else f"module: {program}\n"
    text = f"title: A\ncounter: a/b\ntype: partition\nprogram: {program}\n{module}"
    (chart,) = read(f"{text}version: {version}\n").charts
    assert chart.since is not None
    assert chart.since.text == since


def test_a_module_is_taken_from_any_record_of_the_program() -> None:
    text = RECORD.replace("module: example.org/hello\n", "").replace("/a", "/b")
    (program,) = read(f"{text}---\n{RECORD}").programs
    assert (program.module, program.module_known) == ("example.org/hello", True)


@pytest.mark.parametrize(
    ("line", "instead", "told"),
    [
        ("title: A", "title A", "`title A` is no field"),
        ("counter: hello/a", "counter: hello/a:{x,y", "`{` is not closed before the end of the"),
        ("counter: hello/a", "counter: hello/a:{x}{y}", "a second `{`"),
    ],
)
def test_a_line_that_was_refused_is_not_missed_too(line: str, instead: str, told: str) -> None:
    """What stands on it, or was taken for buckets, is there for all that anybody knows."""
    (found,) = read(RECORD.replace(line, instead)).diagnostics
    assert found.message.startswith(told)
    (missing,) = read(f"title A\n---\n{RECORD.replace(line, '')}").diagnostics[1:]
    assert missing.message == f"a record without `{line.partition(':')[0]}`"


def test_a_version_without_its_letter_is_named_with_it() -> None:
    (found,) = read(f"{RECORD}version: 1.2\n").diagnostics
    assert found.message == "`1.2` is no version of the program"
    assert found.hint == "write a version such as v1.2.0"
