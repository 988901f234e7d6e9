"""`new`: a chart to start from, which passes check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from chartconfig.charts.chart import ChartType
from tests.cli.command import ON, changed, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SKELETON = """\
# yaml-language-server: $schema=../../../schema/chart.schema.json
title: "Start in gopls"
description: Replace this with the decision that the answer serves.
type: partition
program: gopls
counter: gopls/start
buckets: [first, second, other]  # keep `other`
issues: ["https://example.org/replace/with/the/proposal"]  # where it was proposed
owners: ["@golang/release"]  # who answers for it
expires: 2027-11-20  # somebody looks again by then
# accuracy: {margin: 1%, confidence: 99%}  # this when left out, as collection.yaml says
"""

UNFILLED = """\
info[CC216] unfilled-placeholder: `description` still holds the placeholder
 --> configs/charts/gopls/start.yaml:3:14
  |
3 | description: Replace this with the decision that the answer serves.
  |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  = help: say which decision the answer serves

6 charts of 3 programs: 1 info in 1 file
"""

TYPES = [chart_type.value for chart_type in ChartType]


def files(repository: Path) -> Iterator[tuple[Path, bytes]]:
    return ((path, path.read_bytes()) for path in sorted(repository.rglob("*")) if path.is_file())


def test_writes_a_chart_to_fill_in(clean: Path) -> None:
    result = run("-C", clean, "new", "gopls/start")
    assert (result.code, result.out, result.err) == (
        0,
        (
            "configs/charts/gopls/start.yaml\n"
            "written, and it passes check: replace what its comments ask for\n"
        ),
        "",
    )
    assert (clean / "configs/charts/gopls/start.yaml").read_text(encoding="utf-8") == SKELETON


@pytest.mark.parametrize("chart_type", TYPES)
def test_of_each_type_passes_check(clean: Path, chart_type: str) -> None:
    assert run("-C", clean, "new", "gopls/start", "--type", chart_type).code == 0
    result = run("-C", clean, "check")
    assert result.code == 0
    assert result.out.endswith("\n6 charts of 3 programs: 2 infos in 1 file\n")
    assert result.out.count("info[CC216] unfilled-placeholder: ") == 2


def test_passes_without_a_finding_once_it_is_filled_in(clean: Path) -> None:
    given = ("--issue=https://go.dev/issue/1", "--owner=@golang/tools")
    assert run("-C", clean, "new", "gopls/start", *given).code == 0
    path = clean / "configs/charts/gopls/start.yaml"
    result = run("-C", clean, "check")
    assert (result.code, result.out) == (0, UNFILLED)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Replace this with the", "Serves a"), encoding="utf-8")
    result = run("-C", clean, "check")
    assert (result.code, result.out) == (0, "6 charts of 3 programs: no findings\n")


def test_asks_for_an_owner_where_nobody_owns_a_chart(clean: Path) -> None:
    for path in sorted(clean.rglob("charts/*/*.yaml")):
        path.unlink()
    assert run("-C", clean, "new", "gopls/start").code == 0
    result = run("-C", clean, "check")
    assert [row for row in result.out.splitlines() if row.startswith("info[")] == [
        f"info[CC216] unfilled-placeholder: `{key}` still holds the placeholder"
        for key in ("description", "issues", "owners")
    ]


@pytest.mark.parametrize("chart_type", TYPES)
@pytest.mark.parametrize("low", ["10", "100", "2k"])
def test_asks_no_more_than_the_population_can_give(clean: Path, low: str, chart_type: str) -> None:
    populations = clean / "configs/populations.yaml"
    text = populations.read_text(encoding="utf-8")
    text += f"few: {{low: {low}, likely: 2k, high: 3k, as_of: 2026-06-01, source: a guess}}\n"
    populations.write_text(text, encoding="utf-8")
    collection = clean / "configs/collection.yaml"
    weeks = collection.read_text(encoding="utf-8").replace("95%}", "95%, weeks: 4}")
    collection.write_text(weeks.replace("99%}", "99%, weeks: 13}"), encoding="utf-8")
    program = clean / "configs/programs/vet.yaml"
    program.write_text(
        "# yaml-language-server: $schema=../../schema/program.schema.json\n"
        "title: vet\nname: cmd/vet\nprefixes: [vet]\npopulation: few\n",
        encoding="utf-8",
    )
    assert run("-C", clean, "new", "vet/start", "--type", chart_type).code == 0
    path = clean / "configs/charts/vet/start.yaml"
    assert "  # what the population can give\n" in path.read_text(encoding="utf-8")
    assert run("-C", clean, "check").code == 0


@pytest.mark.parametrize(
    "title",
    [
        'Who says "no"',
        "Yes: no # really",
        "'",
        "- a",
        "{a: b}",
        "!tag",
        "&a *b",
        "back\\slash",
        "Éditeurs 日本 \U0001f600",
        "two\nlines",
        "tab\there",
        "~",
    ],
)
def test_keeps_a_title_as_it_is(clean: Path, title: str) -> None:
    result = run("-C", clean, "new", "gopls/start", "--title", title, "--owner", "@golang/x")
    path = clean / "configs/charts/gopls/start.yaml"
    if result.code:
        assert result.err.startswith(("error[CC", "warning[CC"))
        assert not path.exists()
    else:
        assert yaml.safe_load(path.read_bytes())["title"] == title
        assert run("-C", clean, "check").code == 0


@pytest.mark.parametrize(
    ("option", "text", "finding"),
    [
        ("--counter", "gopls/a b", "error[CC203] counter-name: "),
        ("--counter", "gopls/a: b", "error[CC203] counter-name: "),
        ("--counter", "gopls/a #b", "error[CC203] counter-name: "),
        ("--counter", "gopls/a\nshortfall: accept", "error[CC203] counter-name: "),
        ("--counter", "gopls/{a,b}", "error[CC203] counter-name: "),
        ("--counter", "other/a", "error[CC310] "),
        ("--counter", "gopls/client", "error[CC208] counter-charted-twice: "),
        ("--title", "a\u202eb", "error[CC103] invisible-character: "),
        ("--title", "a\udcffb", "error[CC101] "),
        ("--issue", "12", "error[CC"),
        ("--issue", "https://example.org/1\nowners: []", "error[CC"),
        ("--owner", "me", "error[CC"),
        ("--owner", '@a/b", "@c/d', "error[CC"),
    ],
)
def test_writes_nothing_that_does_not_pass(
    clean: Path, option: str, text: str, finding: str
) -> None:
    before = list(files(clean))
    result = run("-C", clean, "new", "gopls/a", option, text)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(finding)
    assert list(files(clean)) == before


@pytest.mark.parametrize("counter", ["gopls/start", "gopls/no", "gopls/1.20", "gopls/a*&!%@`"])
def test_keeps_a_counter_as_it_is(clean: Path, counter: str) -> None:
    assert run("-C", clean, "new", "gopls/start", "--counter", counter).code == 0
    text = (clean / "configs/charts/gopls/start.yaml").read_bytes()
    assert yaml.safe_load(text)["counter"] == counter


def test_never_overwrites(clean: Path) -> None:
    assert run("-C", clean, "new", "gopls/start").code == 0
    before = list(files(clean))
    again = run("-C", clean, "new", "gopls/start", "--counter=gopls/another", "--title=Another")
    assert (again.code, again.out) == (1, "")
    assert again.err.startswith("error[CC903] ")
    assert "start.yaml is there already\n" in again.err
    assert list(files(clean)) == before


@pytest.mark.parametrize(
    "chart", ["gopls", "gopls/", "gopls/A", "gopls/a b", "gopls/a/b", "gopls/../b", "gopls/a.b"]
)
def test_refuses_what_is_no_id(clean: Path, chart: str) -> None:
    before = list(files(clean))
    result = run("-C", clean, "new", chart)
    assert (result.code, result.out) == (2, "")
    assert f"write PROGRAM/CHART with a-z, 0-9 and hyphens, not {chart!r}" in result.err
    assert list(files(clean)) == before


def test_minds_its_own_chart_alone(wrong: Path) -> None:
    assert run("-C", wrong, "new", "gopls/start").code == 0
    assert run("-C", wrong, "check").out.endswith("\n1 error, 2 infos in 2 files\n")


def test_needs_the_files_that_all_charts_need(clean: Path) -> None:
    (clean / "configs/collection.yaml").unlink()
    result = run("-C", clean / "configs" / "..", "new", "gopls/start")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("error[CC124] missing-file: ")


@pytest.mark.parametrize("program", ["cmd-go", "govulncheck"])
@pytest.mark.parametrize("chart_type", TYPES)
def test_adds_to_the_charts_that_are_shipped(shipped: Path, program: str, chart_type: str) -> None:
    assert run("-C", shipped, "new", f"{program}/start", "--type", chart_type).code == 0
    assert run("-C", shipped, "check", ON).code == 0


def test_takes_the_owner_of_most_charts(clean: Path) -> None:
    changed(clean, "@golang/tools", "@golang/compiler")
    assert run("-C", clean, "new", "gopls/start").code == 0
    text = (clean / "configs/charts/gopls/start.yaml").read_text(encoding="utf-8")
    assert 'owners: ["@golang/compiler"]' in text
