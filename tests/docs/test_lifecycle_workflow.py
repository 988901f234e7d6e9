""".github/workflows/lifecycle.yml: its steps as written keep one issue, week after week.

`gh` is a script here that keeps issues in files, and takes the options that the real one has.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.command import BASE, ROOT
from tests.cli.releases import ALONE

WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/lifecycle.yml").read_text(encoding="utf-8"))

GH = f"""\
#!{sys.executable}
import os, pathlib, sys
issues = pathlib.Path(os.environ["ISSUES"])
assert os.environ["GH_TOKEN"] == "a token" and os.environ["GH_REPO"] == "example/config"
arguments, options, rest = iter(sys.argv[1:]), {{}}, []
for each in arguments:
    if each == "--force":
        options[each] = True
    elif each.startswith("--"):
        options[each] = next(arguments)
    else:
        rest.append(each)
body = pathlib.Path(options["--body-file"]).read_text() if "--body-file" in options else ""
match rest:
    case ["issue", "list"]:
        wanted = {{"--app": "github-actions", "--label": "lifecycle", "--state": "open",
                  "--limit": "1", "--json": "number", "--jq": ".[0].number // empty"}}
        assert options == wanted, options
        print(*[path.stem for path in issues.glob("*.open")][:1])
    case ["label", "create", "lifecycle"]:
        assert options["--force"]
        (issues / "label").touch()
    case ["issue", "create"]:
        assert options["--title"] == "Charts: what is due" and options["--label"] == "lifecycle"
        assert (issues / "label").exists()
        number = 1 + len([*issues.glob("*.open"), *issues.glob("*.closed")])
        (issues / f"{{number}}.open").write_text(body)
    case ["issue", "edit", number]:
        (issues / f"{{number}}.open").write_text(body)
    case ["issue", "close", number]:
        assert options == {{"--comment": "Nothing is due any more."}}
        (issues / f"{{number}}.open").rename(issues / f"{{number}}.closed")
    case _:
        sys.exit(f"unexpected: {{rest}}")
"""


class Week:
    """A checkout of the default branch, the issues, and the runs of the workflow."""

    def __init__(self, folder: Path) -> None:
        self.checkout, self._temp, self.issues = (
            folder / name for name in ("checkout", "temp", "issues")
        )
        for path in (self._temp, self.issues, folder / "bin", self.checkout / ".venv"):
            path.mkdir(parents=True)
        for path in BASE.rglob("*.yaml"):
            at = self.checkout / path.relative_to(BASE)
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_bytes(path.read_bytes())
        (self.checkout / ".venv/bin").symlink_to(Path(sys.executable).parent)
        (folder / "bin/gh").write_text(GH, encoding="utf-8")
        (folder / "bin/gh").chmod(0o755)
        self._path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"

    def run(self) -> str | None:
        """Run every step; return the name of the one that fails, or None."""
        output = self._temp / "output"
        output.write_text("", encoding="utf-8")
        steps: list[dict[str, Any]] = WORKFLOW["jobs"]["due"]["steps"]
        for step in steps:
            if "run" not in step or step["name"] == "Install":
                continue
            outputs = dict(
                line.split("=", 1) for line in output.read_text(encoding="utf-8").splitlines()
            )
            values = {
                "${{ steps.list.outputs.due }}": outputs.get("due", ""),
                "${{ github.repository }}": "example/config",
                "${{ github.token }}": "a token",
            }
            given = {name: values[text] for name, text in step.get("env", {}).items()}
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                cwd=self.checkout,
                env=ALONE
                | {"PATH": self._path, "RUNNER_TEMP": str(self._temp)}
                | {"GITHUB_OUTPUT": str(output), "ISSUES": str(self.issues)}
                | given,
                capture_output=True,
                timeout=60,
                check=False,
            )
            if done.returncode:
                return str(step["name"])
        return None

    def expires(self, day: str) -> None:
        path = self.checkout / "configs/charts/gopls/client.yaml"
        lines = path.read_text("utf-8").splitlines(keepends=True)
        changed = (f"expires: {day}\n" if ln.startswith("expires:") else ln for ln in lines)
        path.write_text("".join(changed), "utf-8")

    def listed(self) -> dict[str, str]:
        return {
            path.name: path.read_text("utf-8")
            for path in sorted(self.issues.iterdir())
            if path.name != "label"
        }


@pytest.fixture
def week(tmp_path: Path) -> Week:
    made = Week(tmp_path)
    populations = made.checkout / "configs/populations.yaml"  # the day is the real one
    text = populations.read_text("utf-8").replace("as_of: 2026", "as_of: 2999")
    populations.write_text(text, "utf-8")
    for path in (made.checkout / "configs/charts").rglob("*.yaml"):
        text = path.read_text("utf-8").replace("expires: 2027", "expires: 2999")
        path.write_text(text, "utf-8")
    return made


def test_keeps_one_issue(week: Week) -> None:
    assert week.run() is None
    assert week.listed() == {}
    week.expires("2020-01-31")
    assert week.run() is None
    ((name, text),) = week.listed().items()
    assert name == "1.open"
    assert "## Expired, and collected no longer\n\n- [ ] **gopls/client** (`@golang/tools`)" in text
    week.expires("2020-02-29")
    assert week.run() is None
    ((name, text),) = week.listed().items()
    assert (name, "2020-02-29" in text) == ("1.open", True)
    week.expires("2999-01-01")
    assert week.run() is None
    assert list(week.listed()) == ["1.closed"]
    assert week.run() is None
    week.expires("2020-03-31")
    assert week.run() is None
    assert list(week.listed()) == ["1.closed", "2.open"]


def test_fails_where_the_charts_cannot_be_read(week: Week) -> None:
    (week.checkout / "configs/collection.yaml").write_text("module: [", "utf-8")
    assert week.run() == "List what is due"
    assert week.listed() == {}


def test_the_token_is_given_to_one_step(week: Week) -> None:
    steps = WORKFLOW["jobs"]["due"]["steps"]
    assert [step["name"] for step in steps if "GH_TOKEN" in step.get("env", {})] == [
        "Open, write or close the issue"
    ]
    assert WORKFLOW["permissions"] == {}
    assert WORKFLOW["jobs"]["due"]["permissions"] == {"contents": "read", "issues": "write"}
    assert week.listed() == {}
