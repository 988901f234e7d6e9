"""Diagnostics as text, JSON, workflow commands and SARIF."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from chartconfig.diagnostics.catalogue import RULES, report
from chartconfig.diagnostics.diagnostic import Diagnostic, Position, Span
from chartconfig.diagnostics.page import page
from chartconfig.diagnostics.render import (
    block,
    github,
    in_order,
    listing,
    plain,
    summary,
    text,
    to_json,
)
from chartconfig.diagnostics.sarif import sarif
from chartconfig.source.document import Document

PATH = "configs/charts/gopls/client.yaml"
CHART = "title: Editors\ntype: partition\ncounter: gopls/client name\nbuckets: [vim, zed]\n"
DOCUMENTS = {PATH: Document(path=PATH, data=CHART.encode())}

# Unaltered from OASIS: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/
SARIF = json.loads((Path(__file__).parent / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))


def span(line: int, start: int, end: int, *, last: int | None = None, path: str = PATH) -> Span:
    return Span(path, Position(line, start), Position(last or line, end))


NAME = report(
    "CC203",
    "the counter's name `gopls/client name` holds a space",
    span(3, 10, 27),
    hint="write gopls/client-name",
    related=((span(2, 7, 16), "what the chart is"),),
)
OTHER = report("CC206", "none of the 2 buckets is `other`", span(4, 10, 20))
MISSING = report("CC125", "this is no config repository", None)
ACCEPTED = report("CC411", "it is accepted", span(1, 1, 6, path="configs/charts/a,b: 100%.yaml"))
ALL = (OTHER, NAME, ACCEPTED, MISSING)

positions = st.builds(Position, st.integers(1, 9), st.integers(1, 60))
spans = st.builds(
    lambda path, ends: Span(path, min(ends), max(ends)),
    st.sampled_from([PATH, "a/b.yaml"]) | st.text(min_size=1),
    st.tuples(positions, positions),
)
anything = st.builds(
    report,
    st.sampled_from(sorted(RULES)),
    st.text(),
    st.none() | spans,
    hint=st.none() | st.text(),
    related=st.lists(st.tuples(spans, st.text()), max_size=2),
)
sources = st.text().map(lambda content: {PATH: Document(path=PATH, data=content.encode())})


def columns_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


class TestText:
    def test_shows_what_where_and_what_to_do(self) -> None:
        assert text(ALL, DOCUMENTS) == (
            "error[CC125] not-a-repository: this is no config repository\n"
            "\n"
            "info[CC411] shortfall-accepted: it is accepted\n"
            " --> configs/charts/a,b: 100%.yaml:1:1\n"
            "\n"
            "error[CC203] counter-name: the counter's name `gopls/client name` holds a space\n"
            " --> configs/charts/gopls/client.yaml:3:10\n"
            "  |\n"
            "3 | counter: gopls/client name\n"
            "  |          ^^^^^^^^^^^^^^^^^\n"
            "  = help: write gopls/client-name\n"
            "  = note: configs/charts/gopls/client.yaml:2:7: what the chart is\n"
            "\n"
            "warning[CC206] partition-without-other: none of the 2 buckets is `other`\n"
            " --> configs/charts/gopls/client.yaml:4:10\n"
            "  |\n"
            "4 | buckets: [vim, zed]\n"
            "  |          ^^^^^^^^^^\n"
            "\n"
        )

    def test_names_the_style_of_each_part(self) -> None:
        assert block(NAME, "counter: gopls/client name") == (
            (
                ("error", "error[CC203]"),
                ("message", " counter-name: the counter's name `gopls/client name` holds a space"),
            ),
            (("gutter", " --> "), ("path", "configs/charts/gopls/client.yaml:3:10")),
            (("gutter", "  |"),),
            (("gutter", "3 |"), ("source", " counter: gopls/client name")),
            (("gutter", "  |"), ("error", "          ^^^^^^^^^^^^^^^^^")),
            (("gutter", "  = "), ("help", "help: "), ("message", "write gopls/client-name")),
            (
                ("gutter", "  = "),
                ("note", "note: "),
                ("message", "configs/charts/gopls/client.yaml:2:7: what the chart is"),
            ),
        )

    @pytest.mark.parametrize(
        ("source", "place", "shown", "underline"),
        [
            ("counter: a", span(1, 10, 10), "counter: a", "         ^"),
            ("counter: a", span(1, 11, 11), "counter: a", "          ^"),
            ("counter: a", span(1, 99, 120), "counter: a", "          ^"),
            ("counter: a", span(1, 1, 4, last=3), "counter: a", "^^^^^^^^^^"),
            ("counter: a\r", span(1, 10, 11), "counter: a", "         ^"),
            ("", span(1, 1, 1), "", "^"),
            ("日本: x", span(1, 5, 6), "日本: x", "      ^"),
            ("日本: x", span(1, 1, 3), "日本: x", "^^^^"),
            ("cafe\u0301: x", span(1, 8, 9), "cafe\u0301: x", "      ^"),
            ("\ta: x", span(1, 2, 3), "    a: x", "    ^"),
            ("\ta: x", span(1, 1, 2), "‹U+0009›a: x", "^^^^^^^^"),
            ("a: \x1b[31m", span(1, 4, 5), "a: ‹U+001B›[31m", "   ^^^^^^^^"),
            ("a: \u202eb", span(1, 5, 6), "a: ‹U+202E›b", "           ^"),
        ],
    )
    def test_underlines_the_place(
        self, source: str, place: Span, shown: str, underline: str
    ) -> None:
        lines = plain(block(report("CC103", "", place), source)).splitlines()
        assert lines[-2:] == [f"1 | {shown}".rstrip(), f"  | {underline}"]

    @pytest.mark.parametrize(
        ("start", "end", "shown", "underline"),
        [
            (1, 5, "abcdefghijklmnopqrstuvwxyz…", "^^^^"),
            (1, 300, "abcdefghijklmnopqrstuvwxyz…", "^" * 26),
            (100, 104, "…uvwxyz0123456789abcdefghij…", "        ^^^^"),
            (357, 361, "…klmnopqrstuvwxyz0123456789", "                       ^^^^"),
        ],
    )
    def test_cuts_a_long_line_around_the_place(
        self, start: int, end: int, shown: str, underline: str
    ) -> None:
        source = "abcdefghijklmnopqrstuvwxyz0123456789" * 10
        place = span(1, start, end)
        lines = plain(block(report("CC504", "", place), source, width=32)).splitlines()
        assert lines[-2:] == [f"1 | {shown}", f"  | {underline}"]

    def test_shows_no_line_that_is_not_there(self) -> None:
        diagnostic = report("CC124", "populations.yaml is missing", span(9, 1, 1))
        assert plain(listing([diagnostic], DOCUMENTS)) == (
            "error[CC124] missing-file: populations.yaml is missing\n"
            " --> configs/charts/gopls/client.yaml:9:1\n\n"
        )

    @given(st.lists(anything, max_size=3), sources, st.integers(0, 120))
    def test_never_holds_a_control_character(
        self, diagnostics: list[Diagnostic], documents: dict[str, Document], width: int
    ) -> None:
        shown = text(diagnostics, documents, width=width)
        assert "".join(shown.split("\n")).isprintable()
        shown.encode()

    @given(anything, st.text(), st.integers(24, 120))
    def test_keeps_source_lines_within_the_width(
        self, diagnostic: Diagnostic, source: str, width: int
    ) -> None:
        for line in block(diagnostic, source, width=width):
            if line[-1][0] == "source":
                columns = sum(map(columns_of, "".join(part for _, part in line)))
                assert columns <= width


class TestOrder:
    def test_is_by_path_position_and_code(self) -> None:
        assert in_order(ALL) == (MISSING, ACCEPTED, NAME, OTHER)
        assert in_order(reversed(ALL)) == (MISSING, ACCEPTED, NAME, OTHER)


class TestSummary:
    @pytest.mark.parametrize(
        ("diagnostics", "expected"),
        [
            ((), "no findings"),
            ((MISSING,), "1 error"),
            ((NAME, OTHER), "1 error, 1 warning in 1 file"),
            (ALL, "2 errors, 1 warning, 1 info in 2 files"),
        ],
    )
    def test_counts(self, diagnostics: tuple[Diagnostic, ...], expected: str) -> None:
        assert summary(diagnostics) == expected


class TestJson:
    def test_whole(self) -> None:
        place = {
            "path": PATH,
            "start": {"line": 3, "column": 10},
            "end": {"line": 3, "column": 27},
        }
        other = {"path": PATH, "start": {"line": 2, "column": 7}, "end": {"line": 2, "column": 16}}
        assert json.loads(to_json([NAME, MISSING])) == {
            "format": "chartconfig/diagnostics/v1",
            "diagnostics": [
                {
                    "code": "CC125",
                    "name": "not-a-repository",
                    "severity": "error",
                    "message": "this is no config repository",
                    "path": None,
                    "start": None,
                    "end": None,
                    "hint": None,
                    "related": [],
                },
                {
                    "code": "CC203",
                    "name": "counter-name",
                    "severity": "error",
                    "message": "the counter's name `gopls/client name` holds a space",
                    **place,
                    "hint": "write gopls/client-name",
                    "related": [{**other, "message": "what the chart is"}],
                },
            ],
            "summary": {"errors": 2, "warnings": 0, "infos": 0},
        }

    def test_is_as_documented(self) -> None:
        document = Path(__file__).parents[2] / "docs" / "formats" / "json.md"
        example = document.read_text(encoding="utf-8").split("```json\n")[1].split("```")[0]
        name = report("CC203", NAME.message, span(6, 10, 27), hint=NAME.hint)
        assert json.loads(to_json([name])) == json.loads(example)

    def test_of_nothing(self) -> None:
        assert to_json([]) == (
            "{\n"
            '  "format": "chartconfig/diagnostics/v1",\n'
            '  "diagnostics": [],\n'
            '  "summary": {\n'
            '    "errors": 0,\n'
            '    "warnings": 0,\n'
            '    "infos": 0\n'
            "  }\n"
            "}\n"
        )

    @given(st.lists(anything, max_size=3))
    def test_says_everything(self, diagnostics: list[Diagnostic]) -> None:
        def position(of: dict[str, int]) -> Position:
            return Position(of["line"], of["column"])

        def place(of: dict[str, Any]) -> Span:
            return Span(of["path"], position(of["start"]), position(of["end"]))

        encoded = to_json(diagnostics)
        assert encoded.isascii()
        decoded = json.loads(encoded)["diagnostics"]
        assert in_order(diagnostics) == tuple(
            report(
                each["code"],
                each["message"],
                None if each["path"] is None else place(each),
                hint=each["hint"],
                related=[(place(other), other["message"]) for other in each["related"]],
            )
            for each in decoded
        )


class TestGithub:
    def test_whole(self) -> None:
        assert github(ALL) == (
            "::error title=CC125 not-a-repository::this is no config repository\n"
            "::notice file=configs/charts/a%2Cb%3A 100%25.yaml,line=1,endLine=1,col=1,endColumn=6,"
            "title=CC411 shortfall-accepted::it is accepted\n"
            "::error file=configs/charts/gopls/client.yaml,line=3,endLine=3,col=10,endColumn=27,"
            "title=CC203 counter-name::the counter's name `gopls/client name` holds a space"
            "%0Awrite gopls/client-name"
            "%0Aconfigs/charts/gopls/client.yaml:2:7: what the chart is\n"
            "::warning file=configs/charts/gopls/client.yaml,line=4,endLine=4,col=10,endColumn=20,"
            "title=CC206 partition-without-other::none of the 2 buckets is `other`\n"
        )

    def test_leaves_out_the_columns_of_several_lines(self) -> None:
        assert github([report("CC106", "deep", span(1, 3, 2, last=4))]) == (
            f"::error file={PATH},line=1,endLine=4,title=CC106 nested-too-deeply::deep\n"
        )

    @given(st.lists(anything, max_size=3))
    def test_is_one_line_a_diagnostic(self, diagnostics: list[Diagnostic]) -> None:
        lines = github(diagnostics).splitlines()
        assert len(lines) == len(diagnostics)
        assert all(line.startswith("::") for line in lines)


class TestSarif:
    def test_whole(self) -> None:
        log = json.loads(sarif(ALL, version="1.2.3", nowhere="configs/collection.yaml"))
        run = log["runs"][0]
        assert {**log, "runs": []} == {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [],
        }
        assert run["columnKind"] == "unicodeCodePoints"
        assert {**run["tool"]["driver"], "rules": []} == {
            "name": "chartconfig",
            "version": "1.2.3",
            "rules": [],
        }
        rules = run["tool"]["driver"]["rules"]
        assert [rule["id"] for rule in rules] == ["CC125", "CC203", "CC206", "CC411"]
        assert rules[1] == {
            "id": "CC203",
            "name": "counter-name",
            "shortDescription": {"text": RULES["CC203"].finds},
            "fullDescription": {"text": RULES["CC203"].why},
            "help": {"text": RULES["CC203"].why, "markdown": page(RULES["CC203"])},
            "defaultConfiguration": {"level": "error"},
        }
        nowhere, accepted, name, other = run["results"]
        assert nowhere["locations"] == [
            {"physicalLocation": {"artifactLocation": {"uri": "configs/collection.yaml"}}}
        ]
        assert accepted["level"] == "note"
        assert accepted["locations"][0]["physicalLocation"]["artifactLocation"] == {
            "uri": "configs/charts/a%2Cb%3A%20100%25.yaml"
        }
        assert other["level"] == "warning"
        assert name == {
            "ruleId": "CC203",
            "ruleIndex": 1,
            "level": "error",
            "message": {
                "text": "the counter's name `gopls/client name` holds a space\n"
                "write gopls/client-name"
            },
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": PATH},
                        "region": {
                            "startLine": 3,
                            "startColumn": 10,
                            "endLine": 3,
                            "endColumn": 27,
                        },
                    }
                }
            ],
            "relatedLocations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": PATH},
                        "region": {
                            "startLine": 2,
                            "startColumn": 7,
                            "endLine": 2,
                            "endColumn": 16,
                        },
                    },
                    "id": 0,
                    "message": {"text": "what the chart is"},
                }
            ],
            "partialFingerprints": {"chartconfig/v1": "4eab121fbedcf3641b473d4121ea9daf:1"},
        }

    def test_fingerprint_outlives_a_moved_line(self) -> None:
        moved = report("CC206", OTHER.message, span(7, 10, 20))
        assert self.fingerprints([moved]) == self.fingerprints([OTHER])

    def test_fingerprints_tell_equal_findings_apart(self) -> None:
        first, second = self.fingerprints([OTHER, report("CC206", OTHER.message, span(9, 1, 2))])
        assert first.removesuffix(":1") == second.removesuffix(":2")

    @given(st.lists(anything, max_size=3))
    def test_is_valid(self, diagnostics: list[Diagnostic]) -> None:
        log = sarif(diagnostics, version="1.2.3", nowhere="configs/collection.yaml")
        Draft4Validator(SARIF).validate(json.loads(log))
        assert len(set(self.fingerprints(diagnostics))) == len(diagnostics)

    @staticmethod
    def fingerprints(diagnostics: list[Diagnostic]) -> list[str]:
        log = json.loads(sarif(diagnostics, version="1", nowhere="configs/collection.yaml"))
        results = log["runs"][0]["results"]
        return [result["partialFingerprints"]["chartconfig/v1"] for result in results]
