"""What docs/versions.md says is true: each block runs and prints what it shows."""

from __future__ import annotations

import doctest
import os
import shutil
import sys
from pathlib import Path

import pytest

from chartconfig.charts.parse import parse
from chartconfig.module.padding import padded
from tests.cli.command import BASE, ROOT
from tests.docs.page import run_page
from tests.edge.repository import git
from tests.scenarios.repository import documents, read

PAGE = ROOT / "docs" / "versions.md"


def test_every_example_of_python() -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert (failed, tried > 12) == (0, True)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return a config repository beside one of tags."""
    shutil.copytree(BASE / "configs", tmp_path / "configs")
    program = tmp_path / "configs/programs/gopls.yaml"
    program.write_text(
        program.read_text() + "versions: {from: git, repository: tools, prefix: gopls/}\n"
    )
    tools = tmp_path / "tools"
    tools.mkdir()
    git(tools, "init", "--quiet")
    git(tools, "commit", "--quiet", "--allow-empty", "--message=one")
    for version in ("v0.13.0", "v0.16.0", "v0.20.0"):
        git(tools, "tag", f"gopls/{version}")
    return tmp_path


def test_every_command(directory: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    environment = {
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
        "LC_ALL": "C.UTF-8",
    }
    assert run_page(page, directory, environment) == page


def test_what_go_published_is_what_the_rules_give() -> None:
    files = {f"configs/{path}": data for path, data in read(ROOT / "configs").items()}
    repository = parse(documents(files)).repository
    assert repository is not None
    assert len(repository.versions.programs) == 4
    for key, known in repository.versions.programs.items():
        program = repository.programs[key]
        assert padded(known.versions, program.scheme, program.padding) == known.ahead
