"""What docs/publishing.md says is true: each command in it runs here and prints what it shows."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import BASE, changed
from tests.go.command import CLOSED
from tests.releases import released

PAGE = Path(__file__).parents[2] / "docs" / "publishing.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a config repository with two releases."""
    folder = tmp_path / "repository"
    shutil.copytree(BASE, folder)
    released(folder, "v1.0.0")
    changed(folder, "emacs, ", "")
    released(folder, "v1.0.1", at="2026-11-21T12:00:00Z")
    return folder


def test_every_command_prints_what_the_page_shows(repository: Path, *, update_golden: bool) -> None:
    go = importlib.util.find_spec("go")
    assert go is not None
    assert go.origin is not None
    goroot = Path(go.origin).parent
    path = (Path(sys.executable).parent, goroot / "bin", os.environ["PATH"])
    environment = {
        "PATH": os.pathsep.join(map(str, path)),
        "GOENV": "off",
        "GOROOT": str(goroot),
        "GOTOOLCHAIN": "local",
        "HOME": str(repository.parent),
        "HTTPS_PROXY": CLOSED,
    }

    def printed(command: str) -> str:
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=repository,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout

    def shown(block: re.Match[str]) -> str:
        commands = re.findall(r"^\$ (.*)$", block[1], re.MULTILINE)
        told = (f"$ {command}\n{printed(command)}" for command in commands)
        return f"```console\n{''.join(told)}```"

    page = PAGE.read_text(encoding="utf-8")
    true = BLOCK.sub(shown, page)
    if update_golden:
        PAGE.write_text(true, encoding="utf-8")
    assert page == true or update_golden
    assert (repository / "log.key").stat().st_mode & 0o077 == 0
