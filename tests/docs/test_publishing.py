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
from tests.docs.page import run_page
from tests.go.command import CLOSED
from tests.releases import released

PAGE = Path(__file__).parents[2] / "docs" / "publishing.md"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a config repository with two releases."""
    folder = tmp_path / "repository"
    shutil.copytree(BASE, folder)
    released(folder, "v1.0.0")
    changed(folder, "emacs, ", "")
    released(folder, "v1.0.1", at="2026-11-21T12:00:00Z")
    return folder


@pytest.fixture
def environment(repository: Path) -> dict[str, str]:
    """Return that of a user who has chartconfig and go."""
    go = importlib.util.find_spec("go")
    assert go is not None
    assert go.origin is not None
    goroot = Path(go.origin).parent
    path = (Path(sys.executable).parent, goroot / "bin", os.environ["PATH"])
    return {
        "PATH": os.pathsep.join(map(str, path)),
        "GOENV": "off",
        "GOROOT": str(goroot),
        "GOTOOLCHAIN": "local",
        "HOME": str(repository.parent),
        "HTTPS_PROXY": CLOSED,
    }


def test_every_command_prints_what_the_page_shows(
    repository: Path, environment: dict[str, str], *, update_golden: bool
) -> None:
    page = PAGE.read_text(encoding="utf-8")
    true = run_page(page, repository, environment, check=True)
    if update_golden:
        PAGE.write_text(true, encoding="utf-8")
    assert page == true or update_golden
    assert (repository / "log.key").stat().st_mode & 0o077 == 0


def test_the_commands_of_the_readme_work_in_their_order(
    repository: Path, environment: dict[str, str]
) -> None:
    readme = (PAGE.parents[1] / "README.md").read_text(encoding="utf-8")
    _, _, sections = readme.partition("\n## Publish\n")
    sections, _, _ = sections.partition("\n## Commands\n")
    commands = "".join(re.findall(r"^    (.*\n)", sections, re.MULTILINE))
    assert commands.count("chartconfig ") == 7
    served = (repository / "public").as_uri()
    site = commands.replace("https://telemetry.example.com", served)
    site = site.replace("publish public --key log.key", "publish public --key log.key --all")
    module = "example.org/telemetry/config"
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", site],
        cwd=repository,
        env={**environment, "GOFLAGS": "-modcacherw", "XDG_CACHE_HOME": str(repository / "cache")},
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=True,
    )
    assert f'"Path": "{module}"' in done.stdout
    assert f"{module} v1.0.0 is record 0 of telemetry.example.com/log" in done.stdout
    assert (repository / "config" / "config.json").is_file()
