"""What README.md says is true: each command in it runs here and prints what it shows."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "GIT_AUTHOR_DATE": "2026-11-20T12:00:00Z",
    "GIT_COMMITTER_DATE": "2026-11-20T12:00:00Z",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


def run(command: str, directory: Path) -> str:
    """Return what a shell prints, errors included."""
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=directory,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a committed config repository with the charts of this one, compiled to build/."""
    directory = tmp_path_factory.mktemp("readme")
    for folder in ("configs", "schema"):
        shutil.copytree(ROOT / folder, directory / folder)
    identity = "-c user.name=chartconfig -c user.email=chartconfig@example.org"
    run(f"git init -q . && git add . && git {identity} commit -q -m charts", directory)
    assert "charts compiled" in run("chartconfig compile -o build", directory)
    return directory


def test_every_command_prints_what_the_readme_shows(clone: Path, *, update_golden: bool) -> None:
    readme = README.read_text(encoding="utf-8")

    def shown(block: re.Match[str]) -> str:
        commands = re.findall(r"^\$ (.*)$", block[1], re.MULTILINE)
        printed = (f"$ {command}\n{run(command, clone)}" for command in commands)
        return f"```console\n{''.join(printed)}```"

    true = BLOCK.sub(shown, readme)
    if update_golden:
        README.write_text(true, encoding="utf-8")
    assert readme == true or update_golden


def test_the_chart_shown_compiles_to_the_entry_shown(clone: Path) -> None:
    readme = README.read_text(encoding="utf-8")
    chart = re.search(r"```yaml\n(.*?)```", readme, re.DOTALL)
    entry = re.search(r"```json\n(.*?)```", readme, re.DOTALL)
    assert chart
    assert entry
    directory = clone.with_name("shown")
    shutil.copytree(clone / "configs", directory / "configs")
    path = directory / "configs/charts/cmd-go/gopath-mode.yaml"
    path.write_text(chart[1], encoding="utf-8")
    assert "charts compiled" in run("chartconfig compile --on 2026-11-20 -o build", directory)
    config = json.loads((directory / "build/config.json").read_bytes())
    counters = [
        counter for program in config["Programs"] for counter in program.get("Counters", [])
    ]
    assert json.loads(entry[1]) in counters


def test_make_demo_runs() -> None:
    binaries = Path(sys.executable).parent
    printed = run(f"make demo --no-print-directory -o .venv/ready BIN={binaries}", ROOT)
    assert "no findings" in printed or "info in" in printed
    assert "charts compiled: an installation is expected to report" in printed


def test_make_test_runs_these_tests() -> None:
    assert run("make test -n -o .venv/ready", ROOT).strip().endswith("pytest -q -n auto")


def test_every_link_leads_somewhere() -> None:
    pages = [README, ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)[^):]*\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []
