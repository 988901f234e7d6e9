"""action.yml, the workflow that comments, and the pre-commit hook: their steps run as written.

In a scratch repository with a pull request. Actions of others are not run; what they would do is
done here. `gh` is a script that keeps what it is asked.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft4Validator

from tests.cli.command import BASE, ENVIRONMENT, ROOT, changed, run
from tests.edge.repository import commit, git

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/review.yml").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
SARIF = ROOT / "tests" / "diagnostics" / "sarif-schema-2.1.0.json"
EXPRESSION = re.compile(r"\$\{\{ (.+?) \}\}")
FEWER = ("emacs, ", "")
GH = """\
#!/usr/bin/env python3
import json, sys
with open("asked", "a") as asked:
    asked.write(json.dumps(sys.argv[1:]) + "\\n")
if "--paginate" in sys.argv:
    print(open("comments").read(), end="")
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """A machine on which steps run, with a clone of the repository."""

    folder: Path
    checkout: Path

    def run(
        self, step: dict[str, Any], values: dict[str, str], *, at: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one step, with the values of the expressions that it uses."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{self.folder}"
        given = {
            name: EXPRESSION.sub(lambda found: values[found[1]], text)
            for name, text in step.get("env", {}).items()
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=at or self.checkout,
            env=ENVIRONMENT
            | {
                "PATH": f"{path}{os.pathsep}{os.environ['PATH']}",
                "GITHUB_ACTION_PATH": str(self.folder / "action"),
                "GITHUB_OUTPUT": str(self.folder / "output"),
                "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
                "GITHUB_SERVER_URL": f"file://{self.folder}",
                "GITHUB_REPOSITORY": "repository",
                "RUNNER_TEMP": str(self.folder),
            }
            | given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @property
    def outputs(self) -> dict[str, str]:
        """What steps have handed on."""
        lines = (self.folder / "output").read_text("utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """Return a machine; the repository has a pull request whose one change is not merged."""
    repository = tmp_path / "repository"
    shutil.copytree(BASE, repository)
    commit(repository)
    git(repository, "switch", "--quiet", "--create", "topic")
    changed(repository, *FEWER)
    commit(repository)
    git(repository, "update-ref", "refs/pull/7/head", "HEAD")
    git(repository, "switch", "--quiet", "main")
    git(repository, "branch", "--quiet", "-D", "topic")
    git(tmp_path, "clone", "--quiet", f"file://{repository}", "checkout")
    action = tmp_path / "action"
    (action / ".venv").mkdir(parents=True)
    (action / ".venv/bin").symlink_to(Path(sys.executable).parent)
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, action)
    for name in ("locked", "ready"):  # as they are left by make
        (action / ".venv" / name).touch()
    return Runner(folder=tmp_path, checkout=tmp_path / "checkout")


def inputs(**given: str) -> dict[str, str]:
    """Return the inputs of the action, by the expressions that read them."""
    defaults = {name: each.get("default", "") for name, each in ACTION["inputs"].items()}
    unknown = given.keys() - defaults.keys()
    assert not unknown
    values = defaults | {name.replace("_", "-"): value for name, value in given.items()}
    return {f"inputs.{name}": value for name, value in values.items()}


def steps(job: str) -> dict[str, dict[str, Any]]:
    return {step["name"]: step for step in WORKFLOW["jobs"][job]["steps"] if "run" in step}


def test_action_annotates_and_summarizes(runner: Runner) -> None:
    changed(runner.checkout, *FEWER)
    install, check, compare = ACTION["runs"]["steps"]
    values = inputs(base="HEAD")
    assert runner.run(install, values).returncode == 0
    checked = runner.run(check, values)
    assert (checked.returncode, checked.stdout) == (0, "")
    compared = runner.run(compare, values)
    assert compared.returncode == 0
    assert compared.stdout.startswith("::warning file=configs/charts/gopls/client.yaml,line=7,")
    summary = Path(runner.outputs["summary"]).read_text("utf-8")
    assert summary.startswith("**Rejects reports under way: 1, collects less: 1**\n")
    assert (runner.folder / "summary").read_text("utf-8") == summary


def test_action_fails_where_check_does(runner: Runner) -> None:
    changed(runner.checkout, "counter: gopls/client", "counter: gopls/client name")
    _, check, compare = ACTION["runs"]["steps"]
    checked = runner.run(check, inputs(base="HEAD"))
    assert checked.returncode == 1
    assert checked.stdout.startswith("::error file=configs/charts/gopls/client.yaml,line=6,")
    log = json.loads(Path(runner.outputs["sarif"]).read_text("utf-8"))
    Draft4Validator(json.loads(SARIF.read_text("utf-8"))).validate(log)
    assert [each["ruleId"] for each in log["runs"][0]["results"]] == ["CC203"]
    assert runner.run(compare, inputs(base="HEAD")).returncode == 1


def test_action_annotates_files_where_git_has_them(runner: Runner) -> None:
    """The config repository is in a folder of a git repository, as `directory` says."""
    folder = runner.checkout / "telemetry" / "config"
    shutil.copytree(BASE, folder)
    commit(runner.checkout)
    changed(folder, *FEWER)
    _, check, compare = ACTION["runs"]["steps"]
    values = inputs(base="HEAD", directory="telemetry/config")
    assert runner.run(check, values).returncode == 0
    compared = runner.run(compare, values)
    path = "telemetry/config/configs/charts/gopls/client.yaml"
    assert compared.stdout.startswith(f"::warning file={path},line=7,")
    changed(folder, "counter: gopls/client", "counter: gopls/client name")
    checked = runner.run(check, values)
    assert checked.stdout.startswith(f"::error file={path},line=6,")
    log = json.loads(Path(runner.outputs["sarif"]).read_text("utf-8"))
    (place,) = log["runs"][0]["results"][0]["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == path
    assert run("-C", folder, "check", "--format=json").out.count(path) == 0


def test_outputs_of_the_action_are_those_of_its_steps() -> None:
    told = [EXPRESSION.findall(each["value"]) for each in ACTION["outputs"].values()]
    assert told == [["steps.compare.outputs.summary"], ["steps.check.outputs.sarif"]]
    assert {step.get("id") for step in ACTION["runs"]["steps"]} == {None, "check", "compare"}


def test_workflow_reads_a_pull_request_of_anybody_as_data(runner: Runner) -> None:
    head = git(runner.folder / "repository", "rev-parse", "refs/pull/7/head")
    base = git(runner.folder / "repository", "rev-parse", "main")
    event = {
        "github.event.number": "7",
        "github.event.pull_request.base.sha": base,
        "github.event.pull_request.head.sha": head,
    }
    (fetch,) = steps("compare").values()
    fetched = runner.run(fetch, event)
    assert (fetched.returncode, fetched.stderr) == (0, "")
    assert runner.outputs == {"base": base}
    assert git(runner.checkout, "rev-parse", "HEAD") == base
    _, check, compare = ACTION["runs"]["steps"]
    values = inputs(base=base, head=head)
    assert runner.run(check, values).returncode == 0
    assert runner.run(compare, values).returncode == 0
    assert "gopls/client:emacs" in Path(runner.outputs["summary"]).read_text("utf-8")
    assert git(runner.checkout, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("found", "asked"),
    [
        ("", ["api", "--silent", "--method", "POST", "repos/repository/issues/7/comments"]),
        (
            "12\n34\n",
            ["api", "--silent", "--method", "PATCH", "repos/repository/issues/comments/12"],
        ),
    ],
)
def test_workflow_writes_one_comment(runner: Runner, found: str, asked: list[str]) -> None:
    gh = runner.folder / "gh"
    gh.write_text(GH, encoding="utf-8")
    gh.chmod(0o755)
    there = runner.folder / "job"
    there.mkdir()
    (there / "chartconfig.md").write_text("**Collects more: 1**\n", encoding="utf-8")
    (there / "comments").write_text(found, encoding="utf-8")
    (comment,) = steps("comment").values()
    done = runner.run(comment, {"github.token": "t", "github.event.number": "7"}, at=there)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = map(json.loads, (there / "asked").read_text("utf-8").splitlines())
    assert first[:3] == ["api", "--paginate", "repos/repository/issues/7/comments"]
    assert [word for word in second if word not in {"-F", "body=@body.md"}] == asked
    assert second.count("body=@body.md") == 1
    body = (there / "body.md").read_text("utf-8")
    assert body == "<!-- chartconfig -->\n**Collects more: 1**\n"


def test_jobs_that_may_write_run_nothing_of_a_pull_request() -> None:
    for name, job in WORKFLOW["jobs"].items():
        uses = [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]
        writes = [scope for scope, access in job["permissions"].items() if access == "write"]
        assert not (writes and {"./", "actions/checkout"} & set(uses)), name
        refs = [step.get("with", {}).get("ref") for step in job["steps"] if "checkout" in str(step)]
        assert refs == [None] * len(refs)


def test_pre_commit_hook(runner: Runner) -> None:
    (hook,) = HOOKS
    assert hook["language"] == "python"
    assert re.search(hook["files"], "configs/charts/gopls/client.yaml")
    assert not re.search(hook["files"], "docs/configs/notes.md")
    step = {"run": shlex.join(shlex.split(hook["entry"]))}
    assert runner.run(step, {}).returncode == 0
    changed(runner.checkout, "counter: gopls/client", "counter: gopls/client name")
    assert runner.run(step, {}).returncode == 1
