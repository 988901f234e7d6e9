""".github/workflows/release.yml: what its steps run works, one release after the other.

Actions are not run. What they would do is done here: the checkout of the default branch with all
tags, the artifact that goes from one job to the next, and the site that is deployed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.cli.command import ROOT
from tests.cli.releases import ALONE, make_keys, make_repository, sign_with
from tests.edge.repository import git
from tests.edge.test_write import contents
from tests.server import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.server import Handler

WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))
EXPRESSION = re.compile(r"\$\{\{ (\S+) \}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Where the repository, the workflow's runs and the public site are."""

    repository: Path
    """The maintainer's."""
    runs: Path
    site: Path
    environment: dict[str, str]
    answers: dict[str, Callable[[Handler], None]]
    """What the public server says instead, by path."""

    def chartconfig(self, *arguments: str) -> str:
        return self._do(["chartconfig", *arguments], self.repository, {})

    def run(self, tag: str, *, first: str = "", url: str | None = None) -> str | None:
        """Run the workflow for a tag, while the site is served.

        Args:
            tag: Which was pushed.
            first: The tag that the maintainers say is that of the first release.
            url: Where the site is said to be, if not where it is.

        Returns:
            The name of the step that fails, or None.
        """
        with serving(contents(self.site)) as server:
            server.answers |= self.answers
            failed = self._run(tag, {"SITE_URL": url or server.url, "FIRST_RELEASE": first})
        if failed is None:
            shutil.rmtree(self.site, ignore_errors=True)
            shutil.copytree(self.runs / "publish/checkout/site", self.site)
        return failed

    def _run(self, tag: str, variables: dict[str, str]) -> str | None:
        values = {
            "github.event.repository.default_branch": "main",
            "secrets.LOG_KEY": (self.runs / "log.key").read_text(encoding="utf-8").rstrip("\n"),
            **{f"vars.{name}": value for name, value in variables.items()},
        }
        for job in ("rebuild", "publish"):
            folder = self.runs / job
            shutil.rmtree(folder, ignore_errors=True)
            (folder / "temp").mkdir(parents=True)
            checkout = folder / "checkout"
            git(folder, "clone", "--quiet", str(self.repository), str(checkout))
            (checkout / ".venv").mkdir()
            (checkout / ".venv/bin").symlink_to(Path(sys.executable).parent)
            if job == "publish":
                shutil.copytree(self.runs / "rebuild/checkout/rebuilt", checkout / "rebuilt")
            for step in self._steps(job):
                given = {
                    name: EXPRESSION.sub(lambda found: values[found[1]], text)
                    for name, text in step.get("env", {}).items()
                }
                given |= {"GITHUB_REF_NAME": tag, "RUNNER_TEMP": str(folder / "temp")}
                command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
                try:
                    self._do(command, checkout, given)
                except subprocess.CalledProcessError:
                    return str(step["name"])
        return None

    def _steps(self, job: str) -> Iterator[dict[str, Any]]:
        for step in WORKFLOW["jobs"][job]["steps"]:
            if "run" in step and step["name"] != "Install":
                yield step

    def _do(self, command: list[str], folder: Path, environment: dict[str, str]) -> str:
        return subprocess.run(
            command,
            cwd=folder,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout


@pytest.fixture
def host(tmp_path: Path) -> Host:
    make_keys(tmp_path)
    repository = make_repository(tmp_path / "repository", tmp_path)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    made = Host(
        repository=repository,
        runs=tmp_path / "runs",
        site=tmp_path / "site",
        environment=ALONE | {"PATH": path, "HOME": str(tmp_path)},
        answers={},
    )
    made.runs.mkdir()
    public = made.chartconfig("keygen", "example.org/log", "-o", str(made.runs / "log.key"))
    (repository / "configs/log.pub").write_text(public, encoding="utf-8")
    save(repository)
    return made


def save(repository: Path) -> None:
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message=charts")


def titled(repository: Path, title: str) -> None:
    """Give a chart another title, and commit that."""
    path = repository / "configs/charts/gopls/client.yaml"
    text = re.sub("^title: .*$", f"title: {title}", path.read_text("utf-8"), flags=re.MULTILINE)
    path.write_text(text, encoding="utf-8")
    save(repository)


def released(host: Host, title: str) -> None:
    titled(host.repository, title)
    host.chartconfig("release")


COMPARED = "Verify what is public, and that the site goes on from there"
CHECKPOINT = "sumdb/example.org/log/checkpoint"


def test_publishes_one_release_after_the_other(host: Host) -> None:
    host.chartconfig("release")
    assert host.run("v1.0.0", first="v1.0.0") is None
    released(host, "Another")
    assert host.run("v1.0.1") is None
    (listed,) = host.site.rglob("@v/list")
    assert listed.read_bytes() == b"v1.0.0\nv1.0.1\n"

    (shown,) = host.site.rglob("v1.0.0.info")  # somebody changes what is public
    shown.write_bytes(shown.read_bytes().replace(b"2026", b"2025"))
    released(host, "A third one")
    assert host.run("v1.0.2") == COMPARED
    assert host.run("v1.0.2", first="v1.0.2") == COMPARED  # for something is served


def test_publishes_on_after_a_withdrawal_was_undone(host: Host) -> None:
    host.chartconfig("release")
    assert host.run("v1.0.0", first="v1.0.0") is None
    host.chartconfig("retract", "v1.0.0", "--reason", "Wrong.")
    assert host.run("v1.0.1") is None
    (host.repository / "configs/retracted.yaml").unlink()
    save(host.repository)
    host.chartconfig("release")
    assert host.run("v1.0.2") is None
    released(host, "Another")
    assert host.run("v1.0.3") is None


class TestFirst:
    """Nothing is compared for a release that is said to be the first one, and where none is."""

    def test_has_to_be_said(self, host: Host) -> None:
        host.chartconfig("release")
        assert host.run("v1.0.0") == COMPARED
        assert host.run("v1.0.0", first="v1.0.1") == COMPARED
        assert host.run("v1.0.0", first="v1.0.0") is None
        assert host.run("v1.0.0", first="v1.0.0") is None  # it may be run again

    def test_counts_for_its_run_alone(self, host: Host) -> None:
        host.chartconfig("release")
        assert host.run("v1.0.0", first="v1.0.0") is None
        shutil.rmtree(host.site)
        released(host, "Another")
        assert host.run("v1.0.1", first="v1.0.0") == COMPARED
        assert not host.site.exists()

    @pytest.mark.parametrize("path", [CHECKPOINT, "sumdb/example.org/log/latest"])
    @pytest.mark.parametrize("status", [200, 403, 500])
    def test_has_no_log_before_it(self, host: Host, path: str, status: int) -> None:
        host.chartconfig("release")
        host.answers[path] = lambda handler: handler.answer(status, b"x")
        assert host.run("v1.0.0", first="v1.0.0") == COMPARED

    @pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://site.invalid", " "])
    def test_is_not_where_nobody_answers(self, host: Host, url: str) -> None:
        host.chartconfig("release")
        assert host.run("v1.0.0", first="v1.0.0", url=url) == COMPARED


def test_publishes_nothing_that_a_stranger_signed(host: Host, tmp_path: Path) -> None:
    host.chartconfig("release")
    message = git(host.repository, "tag", "--list", "--format=%(contents)", "v1.0.0")
    message = message.partition("-----BEGIN")[0].replace("v1.0.0", "v1.0.1")
    sign_with(host.repository, tmp_path / "stranger")
    git(host.repository, "tag", "--sign", "--cleanup=verbatim", "-m", message, "v1.0.1")
    assert host.run("v1.0.1") == "Verify that every tag is signed and merged"
    assert not host.site.exists()
