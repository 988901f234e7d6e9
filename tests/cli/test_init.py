"""`init`: a config repository to start from, which passes check."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.cli.command import run, spawn

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = re.compile(r"^# yaml-language-server: \$schema=(\S+)$", re.MULTILINE)


def test_passes_check_and_compiles(tmp_path: Path) -> None:
    made = tmp_path / "made"
    result = run("init", made)
    assert (result.code, result.err) == (0, "")
    assert result.out.endswith(f"\nwritten: chartconfig -C {made} check\n")
    assert run("-C", made, "check").out == "1 chart of 1 program: no findings\n"
    assert run("-C", made, "compile", "-o", tmp_path / "out").code == 0


def test_passes_check_on_the_day_it_is_made(tmp_path: Path) -> None:
    assert spawn("init", tmp_path / "made").code == 0
    assert spawn("-C", tmp_path / "made", "check").code == 0


def test_names_a_schema_in_every_file(tmp_path: Path) -> None:
    made = tmp_path / "made"
    assert run("init", made).code == 0
    files = list((made / "configs").rglob("*.yaml"))
    assert len(files) == 5
    for path in files:
        (schema,) = SCHEMA.findall(path.read_text(encoding="utf-8"))
        named = (path.parent / schema).resolve()
        assert named.parent == made / "schema"
        assert named.is_file()


def test_takes_the_path_of_the_module(tmp_path: Path) -> None:
    made = tmp_path / "made"
    assert run("init", made, "--module", "telemetry.example.com/config").code == 0
    assert run("-C", made, "compile", "-o", tmp_path / "out").code == 0
    go_mod = tmp_path / "out" / "go.mod"
    assert go_mod.read_text(encoding="utf-8") == "module telemetry.example.com/config\n"


@pytest.mark.parametrize("module", ["", "config", "a b/c", "example.org/x/v2\n", "Example.org: x"])
def test_refuses_a_module_that_go_does_not_take(tmp_path: Path, module: str) -> None:
    result = run("init", tmp_path / "made", "--module", module)
    assert (result.code, result.out) == (2, "")
    assert f"the go command refuses the module path {module!r}: " in result.err
    assert list(tmp_path.iterdir()) == []


def test_fills_an_empty_directory(tmp_path: Path) -> None:
    assert run("init", tmp_path).code == 0
    assert run("-C", tmp_path, "check").code == 0


def test_refuses_one_that_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    result = run("init", tmp_path)
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        f"error[CC903] output-in-the-way: {tmp_path} is there already, "
        "and not from an earlier run\n"
        " = help: name another directory, or move it away\n\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_refuses_its_own_work(tmp_path: Path) -> None:
    assert run("init", tmp_path / "made").code == 0
    assert run("init", tmp_path / "made").code == 1


@pytest.mark.parametrize("kind", ["file", "link", "dangling link"])
def test_refuses_what_is_no_directory(tmp_path: Path, kind: str) -> None:
    target, elsewhere = tmp_path / "made", tmp_path / "elsewhere"
    if kind == "file":
        target.write_text("mine", encoding="utf-8")
    else:
        target.symlink_to(elsewhere)
        if kind == "link":
            elsewhere.mkdir()
    result = run("init", target)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("error[CC903] ")
    assert not (elsewhere / "configs").exists()
