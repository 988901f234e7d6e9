"""What docs/releasing.md tells a maintainer to do works, step by step."""

from __future__ import annotations

import os
import re
import sys
from functools import partial
from pathlib import Path

import pytest

from chartconfig.edge.git import read_tags
from tests.cli.command import BASE, ROOT
from tests.cli.releases import ALONE
from tests.docs.page import run_step

PAGE = ROOT / "docs/releasing.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEPS = BLOCK.findall(PAGE.read_text(encoding="utf-8"))


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / ".ssh").mkdir()
    scripts = Path(sys.executable).parent
    return ALONE | {"HOME": str(tmp_path), "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}


def test_every_step_can_be_taken(tmp_path: Path, environment: dict[str, str]) -> None:
    repository = tmp_path / "repository"

    take = partial(run_step, directory=repository, environment=environment)

    repository.mkdir()
    take(
        f"git init --quiet --bare ../origin && cp -r {BASE}/configs . && "
        "git init --quiet --initial-branch=main && git remote add origin ../origin && "
        "git config user.name A && git config user.email a@example.org && "
        "git add . && git commit --quiet --message charts"
    )
    printed = [take(step) for step in STEPS]
    assert "to be made: a commit of configs/CHANGELOG.md, and the tag v1.0.0" in printed[3]
    assert printed[3].count("v1.0.0, the first release") == 2
    assert "v1.0.1 after v1.0.0" in printed[7]
    assert [tag.name for tag in read_tags(tmp_path / "origin")] == [*("v1.0.0", "v1.0.1", "v1.0.2")]
    assert "- withdrawal of v1.0.0, gone: " in printed[8]
    for version in ("v1.0.0", "v1.0.1"):
        told = f"v1.0.2 no longer withdraws {version}, which v1.0.1 withdrew\n"
        assert f"info[CC936] dropped-retraction: {told}" in printed[8]
    assert len(STEPS) == 9
