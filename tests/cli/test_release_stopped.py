"""`release` and `retract`, killed at any moment: the next run does the rest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from chartconfig.edge.git import read_tags
from tests.cli.command import ROOT, Result
from tests.cli.releases import NOW, edit, release, retract, sign_with, tags
from tests.edge.repository import git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HELIX = ("zed, other", "zed, helix, other")

STOPPING = """\
import os, sys
import chartconfig.cli.releasing, chartconfig.edge.git
from datetime import datetime
from chartconfig.cli import main

at, now = int(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
chartconfig.cli.releasing.now = lambda: now
passed = 0

def stopping(change):
    def step(*arguments, **options):
        stop()
        done = change(*arguments, **options)
        stop()
        return done
    return step

def stop():
    global passed
    if passed == at:
        os._exit(9)
    passed += 1

for name in ("replace_file", "change"):
    setattr(chartconfig.edge.git, name, stopping(getattr(chartconfig.edge.git, name)))
sys.argv[1:3] = []
sys.exit(main())
"""


class TestStop:
    """Killed before and after everything that it changes, a run is made up for by the next."""

    @pytest.mark.parametrize("at", range(10))
    def test_of_release(self, repository: Path, tmp_path: Path, at: int) -> None:
        edit(repository, *HELIX)
        self.stopped(repository, tmp_path, at, release, "release")

    @pytest.mark.parametrize("at", range(12))
    def test_of_retract(self, repository: Path, tmp_path: Path, at: int) -> None:
        reason = "--reason=Collected the names of branches."
        words = ("retract", "v1.0.0", reason)
        self.stopped(repository, tmp_path, at, lambda path: retract(path, "v1.0.0"), *words)

    @pytest.mark.parametrize("at", range(8))
    def test_leaves_no_tag_of_a_stranger(self, repository: Path, keys: Path, at: int) -> None:
        edit(repository, *HELIX)
        sign_with(repository, keys / "stranger")
        assert self.run(repository, at, "release") == 9
        assert tags(repository) == ["v1.0.0"]
        assert self.run(repository, 8, "release") == 1  # which is refused before it has a name
        assert tags(repository) == ["v1.0.0"]
        sign_with(repository, keys / "maintainer")
        assert release(repository).code == 0
        assert tags(repository) == ["v1.0.0", "v1.1.0"]

    def test_of_retract_is_made_up_for_by_release(self, repository: Path) -> None:
        reason = "--reason=Collected the names of branches."
        assert self.run(repository, 8, "retract", "v1.0.0", reason) == 9
        assert tags(repository) == ["v1.0.0"]
        assert release(repository).code == 0
        assert tags(repository) == ["v1.0.0", "v1.0.1"]

    def test_is_made_up_for_on_another_day(
        self, repository: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        edit(repository, *HELIX)
        assert self.run(repository, 6, "release") == 9
        commit = git(repository, "rev-parse", "HEAD")
        monkeypatch.setattr("chartconfig.cli.releasing.now", lambda: NOW.replace(day=29))
        assert release(repository).code == 0
        assert git(repository, "rev-parse", "HEAD", "v1.1.0^{commit}").split() == [commit] * 2

    def test_is_made_up_for_where_nothing_was_pushed(
        self, repository: Path, tmp_path: Path
    ) -> None:
        clone = tmp_path / "clone"
        git(tmp_path, "clone", "--quiet", str(repository), str(clone))
        shutil.copy(repository / ".git/config", clone / ".git/config")
        git(clone, "remote", "add", "origin", str(repository))
        git(clone, "branch", "--quiet", "--set-upstream-to=origin/main")
        edit(clone, *HELIX)
        assert self.run(clone, 6, "release") == 9
        assert tags(clone) == ["v1.0.0"]
        assert release(clone).code == 0
        assert tags(clone) == ["v1.0.0", "v1.1.0"]

    def stopped(
        self,
        repository: Path,
        tmp_path: Path,
        at: int,
        again: Callable[[Path], Result],
        *words: str,
    ) -> None:
        undisturbed = tmp_path / "undisturbed"
        shutil.copytree(repository, undisturbed, symlinks=True)
        assert again(undisturbed).code == 0
        assert self.run(repository, at, *words) == 9
        assert again(repository).code == 0
        assert git(repository, "status", "--porcelain") == ""
        assert self.released(repository) == self.released(undisturbed)

    def run(self, repository: Path, at: int, *words: str) -> int:
        return subprocess.run(
            [sys.executable, "-c", STOPPING, str(at), NOW.isoformat(), "-C", repository, *words],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            timeout=60,
            check=False,
        ).returncode

    def released(self, repository: Path) -> list[tuple[str, str, str]]:
        return [(tag.name, tag.commit, tag.message) for tag in read_tags(repository)]


def test_steps_that_change_something_are_those_that_were_stopped_at(repository: Path) -> None:
    edit(repository, *HELIX)
    assert TestStop().run(repository, 10, "release") == 0
