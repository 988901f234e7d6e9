"""docs/reviewing/: three pull requests, each as `diff` summarizes it for its reviewer.

`--update-golden` writes the pages anew.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.cli.command import BASE, ROOT, run
from tests.edge.repository import commit, git, write
from tests.scenarios.repository import read

if TYPE_CHECKING:
    from pathlib import Path

PAGES = ROOT / "docs" / "reviewing"
CHARTS = "configs/charts/gopls"
POPULATIONS = "configs/populations.yaml"
SETTINGS = (
    "analyses annotations budget build-flags codelenses completion-scope diagnostics-delay "
    "directory-filters documentation-links experimental expand-workspace folding formatter "
    "hover-kind imports-source inlay-hints links-in-hover local-prefix matcher memory-mode "
    "new-file-header placeholders semantic-tokens snippets staticcheck symbol-style template-files "
    "verbose-output vulncheck zero-config"
).split()
SETTING = """\
# yaml-language-server: $schema=../../../schema/chart.schema.json
title: Who changes the setting {name}
description: Decides which settings keep a page in the manual, and which become the default.
type: partition
program: gopls
counter: gopls/setting-{name}
buckets: [default, changed, other]
issues: [https://go.dev/issue/61038]
owners: ["@golang/tools"]
expires: 2027-11-01
"""
CRASHES = """\
# yaml-language-server: $schema=../../../schema/chart.schema.json
title: Where refactorings end in an error
description: Decides which refactoring is mended first.
type: stack
program: gopls
counter: gopls/refactoring-error
depth: 16
issues: [https://go.dev/issue/61038]
owners: ["@golang/tools"]
since: v0.20.0
expires: 2027-11-01
"""

Change = dict[str, tuple[str, str]]
"""By path, an old text and a new one; an empty old text is a new file, an empty new one is none."""

PULL_REQUESTS: dict[str, Change] = {
    "new-chart": {f"{CHARTS}/refactoring-errors.yaml": ("", CRASHES)},
    "population": {
        POPULATIONS: (
            "  low: 300k\n  likely: 600k\n  high: 1.2M\n  as_of: 2026-06-01\n",
            "  low: 400k\n  likely: 700k\n  high: 1.2M\n  as_of: 2026-11-01\n",
        )
    },
    "removal": {
        f"{CHARTS}/setting-memory-mode.yaml": (SETTING.format(name="memory-mode"), ""),
        f"{CHARTS}/client.yaml": ("emacs, ", ""),
    },
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a config repository of some size, committed."""
    write(tmp_path, read(BASE))
    for name in SETTINGS:
        write(tmp_path, {f"{CHARTS}/setting-{name}.yaml": SETTING.format(name=name).encode()})
    commit(tmp_path)
    git(tmp_path, "switch", "--quiet", "--create", "topic")
    return tmp_path


def changed(repository: Path, change: Change) -> None:
    for name, (old, new) in change.items():
        path = repository / name
        text = path.read_text("utf-8") if old else ""
        assert old in text
        if text := text.replace(old, new) if old else new:
            path.write_text(text, "utf-8")
        else:
            path.unlink()
    commit(repository)


@pytest.mark.parametrize("name", PULL_REQUESTS)
def test_is_what_diff_prints(repository: Path, name: str, *, update_golden: bool) -> None:
    changed(repository, PULL_REQUESTS[name])
    result = run("-C", repository, "diff", "main", "topic", "--format=markdown")
    assert (result.code, result.err) == (0, "")
    page = PAGES / f"{name}.md"
    if update_golden:
        page.write_text(result.out, "utf-8")
    assert page.read_text("utf-8") == result.out


def test_what_is_read_at_once_is_short() -> None:
    for name in PULL_REQUESTS:
        text, _, _ = (PAGES / f"{name}.md").read_text("utf-8").partition("<details>")
        assert len(re.findall(r"\w+", text)) < 150  # half a minute at 300 words a minute


def test_the_population_changes_thirty_rates() -> None:
    page = (PAGES / "population.md").read_text("utf-8")
    assert len(re.findall(r"^- `gopls/", page.partition("<details>")[2], re.MULTILINE)) >= len(
        SETTINGS
    )
