"""`check`: its closing line, its exit code, and the formats for other programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft4Validator

from tests.cli.command import ON, ROOT, run

if TYPE_CHECKING:
    from pathlib import Path

SARIF = ROOT / "tests" / "diagnostics" / "sarif-schema-2.1.0.json"

FINDING = """\
error[CC203] counter-name: the counter's name `gopls/client name` holds a space
 --> configs/charts/gopls/client.yaml:6:10
  |
6 | counter: gopls/client name
  |          ^^^^^^^^^^^^^^^^^
  = help: write gopls/client-name

1 error in 1 file
"""


def test_says_how_much_was_checked(clean: Path) -> None:
    result = run("-C", clean, "check")
    assert (result.code, result.out, result.err) == (0, "5 charts of 3 programs: no findings\n", "")


def test_shows_the_place_and_what_to_write(wrong: Path) -> None:
    result = run("-C", wrong, "check")
    assert (result.code, result.out, result.err) == (1, FINDING, "")


def test_takes_the_folder_itself_for_the_repository(wrong: Path) -> None:
    assert run("-C", wrong / "configs", "check").out == FINDING


def test_takes_the_current_directory(wrong: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(wrong)
    assert run("check").out == FINDING


@pytest.mark.parametrize(
    ("repository", "least", "code"),
    [("warned", "warning", 1), ("warned", "error", 0), ("wrong", "error", 1)],
)
def test_fails_on_what_is_asked(
    repository: str, least: str, code: int, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(repository)
    result = run("-C", folder, "check", f"--fail-on={least}")
    assert result.code == code
    assert "[CC" in result.out


@pytest.mark.parametrize(
    ("day", "code", "found"),
    [
        ("2026-06-01", 0, "no findings"),
        ("2027-09-02", 1, "gopls/client expires on 2027-11-01, in 60 days"),
        ("2027-11-02", 1, "gopls/client expired on 2027-11-01, and is not collected"),
    ],
)
def test_judges_for_the_day(clean: Path, day: str, code: int, found: str) -> None:
    result = run("-C", clean, "check", "--on", day)
    assert result.code == code
    assert found in result.out


def test_annotates_the_lines_of_a_pull_request(wrong: Path) -> None:
    result = run("-C", wrong, "check", "--format=github")
    assert (result.code, result.out, result.err) == (
        1,
        (
            "::error file=configs/charts/gopls/client.yaml,line=6,endLine=6,col=10,endColumn=27,"
            "title=CC203 counter-name::the counter's name `gopls/client name` holds a space"
            "%0Awrite gopls/client-name\n"
        ),
        "1 error in 1 file\n",
    )


def test_annotates_nothing_without_findings(clean: Path) -> None:
    result = run("-C", clean, "check", "--format=github")
    assert (result.code, result.out, result.err) == (0, "", "5 charts of 3 programs: no findings\n")


@pytest.mark.parametrize("repository", ["clean", "warned", "wrong", "/nowhere"])
def test_writes_valid_sarif(repository: str, request: pytest.FixtureRequest) -> None:
    there = repository.startswith("/")
    folder = repository if there else request.getfixturevalue(repository)
    result = run("-C", folder, "check", "--format=sarif")
    log = json.loads(result.out)
    Draft4Validator(json.loads(SARIF.read_text(encoding="utf-8"))).validate(log)
    found = {"clean": [], "warned": ["CC206"], "wrong": ["CC203"], "/nowhere": ["CC125"]}
    assert [each["ruleId"] for each in log["runs"][0]["results"]] == found[repository]
    assert result.code == bool(found[repository])


def test_gives_the_charts_that_are_shipped_no_more_than_information(shipped: Path) -> None:
    assert run("-C", shipped, "check", ON).code == 0
