"""`--format json`: docs/formats/json.md shows what each command prints."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.command import ROOT, Result, run

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "formats" / "json.md"
EXAMPLE = re.compile(r"`chartconfig ([^`]+)`:\n\n```json\n(.*?)```", re.DOTALL)
COMMANDS = [found[1] for found in EXAMPLE.finditer(PAGE.read_text(encoding="utf-8"))]


def in_repository(repository: Path, command: str, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.chdir(repository)
    result = run(*shlex.split(command))
    assert result.out.isascii()
    assert "\x1b" not in result.out
    assert "\x7f" not in result.out
    return result


def test_every_command_has_an_example() -> None:
    assert [command.partition(" ")[0] for command in COMMANDS] == [
        *("rates", "rates", "explain", "explain", "renew", "codeowners", "compile", "new")
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_prints_what_the_page_shows(
    clean: Path, command: str, monkeypatch: pytest.MonkeyPatch, *, update_golden: bool
) -> None:
    result = in_repository(clean, command, monkeypatch)
    assert (result.code, result.err) == (0, "")
    printed = json.loads(result.out)
    for file in printed.get("files", ()):  # another with each version
        file["sha256"] = "0" * 64
    shown = json.dumps(printed, indent=2)
    page = PAGE.read_text(encoding="utf-8")
    if update_golden:
        heading = f"`chartconfig {command}`:\n\n```json\n"
        start = page.index(heading) + len(heading)
        page = page[:start] + shown + page[page.index("\n```", start) :]
        PAGE.write_text(page, encoding="utf-8")
    examples = {found[1]: found[2] for found in EXAMPLE.finditer(page)}
    assert examples[command] == f"{shown}\n"


def test_of_check_has_the_keys_that_the_page_shows(
    wrong: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = PAGE.read_text(encoding="utf-8")
    start = page.index("```json\n") + len("```json\n")
    example = json.loads(page[start : page.index("```", start)])
    result = in_repository(wrong, "check --format json", monkeypatch)
    assert (result.code, result.err) == (1, "1 error in 1 file\n")
    assert json.loads(result.out) == example


def test_of_check_is_there_whatever_is_wrong() -> None:
    result = run("-C", "/nowhere", "check", "--format=json")
    assert (result.code, result.err) == (1, "1 error\n")
    (diagnostic,) = json.loads(result.out)["diagnostics"]
    assert diagnostic["code"] == "CC125"
    assert diagnostic["path"] is None


def test_of_rates_leaves_out_what_has_an_error(
    wrong: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = in_repository(wrong, "rates --format json", monkeypatch)
    assert result.code == 1
    assert result.err.startswith("error[CC203] counter-name: ")
    printed: dict[str, Any] = json.loads(result.out)
    assert [chart["id"] for chart in printed["charts"]] == [
        "compile/bug",
        "go/cache-miss-rate",
        "go/gopath-mode",
        "gopls/package-loader",
    ]


@pytest.mark.parametrize(
    "command", ["explain gopls/client", "compile -o build", "new gopls/client"]
)
def test_is_nothing_when_a_command_cannot_go_on(
    wrong: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = in_repository(wrong, f"{command} --format json", monkeypatch)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("error[CC")
    assert not (wrong / "build").exists()


def test_of_init_names_what_was_written(tmp_path: Path) -> None:
    result = run("init", tmp_path / "made", "--format=json")
    assert (result.code, result.err) == (0, "")
    files = sorted(path for path in (tmp_path / "made").rglob("*") if path.is_file())
    names = [path.relative_to(tmp_path / "made").as_posix() for path in files]
    assert json.loads(result.out) == {"format": "chartconfig/written/v1", "written": sorted(names)}
