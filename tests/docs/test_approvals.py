"""What docs/approvals.md tells three maintainers to do works, and prints what it shows."""

from __future__ import annotations

import os
import re
import sys
from functools import partial
from pathlib import Path

from tests.cli.command import BASE, ROOT
from tests.cli.releases import ALONE
from tests.docs.page import run_page, run_step

PAGE = (ROOT / "docs/approvals.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?:sh|console)\n.*?^```$", re.MULTILINE | re.DOTALL)
START = f"""\
cp -r {BASE}/configs . && git init --quiet --initial-branch=main &&
git config user.name Ana && git config user.email ana@example.org &&
git config gpg.format ssh && git config user.signingKey ~/.ssh/id_ana &&
ssh-keygen -q -t ed25519 -N "" -C "" -f ~/.ssh/id_ana &&
git add . && git commit --quiet --message charts && chartconfig release
"""
DAY = "2026-11-20T12:00:00Z"


def test_every_step_can_be_taken(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    (tmp_path / ".ssh").mkdir()
    scripts = Path(sys.executable).parent
    environment = ALONE | {
        "HOME": str(tmp_path),
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "GIT_AUTHOR_DATE": DAY,
        "GIT_COMMITTER_DATE": DAY,
    }

    take = partial(run_step, directory=repository, environment=environment)

    take(START)
    printed = []
    for block in BLOCK.findall(PAGE):
        if block.startswith("```sh\n"):
            printed.append(take(block.removeprefix("```sh\n").removesuffix("```")))
        else:
            assert run_page(block, repository, environment) == block
    assert len(printed) == 7
    assert "v1.1.0 tagged at" in printed[5]
    assert "signed by ana@example.org" in printed[5]
