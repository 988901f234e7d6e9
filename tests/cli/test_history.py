"""`history`: from real tags, every release in which a chart became another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.command import BASE, ROOT, run
from tests.edge.repository import git, write
from tests.releases import released

if TYPE_CHECKING:
    from pathlib import Path

WHO = "configs/charts/gopls/who.yaml"
CLIENT = "configs/charts/gopls/client.yaml"

HISTORY = """\
v1.2.0  2026-11-24  gopls/who  rate 5.248% -> 1.369%
    less     gopls/client:{vscode,neovim,emacs,zed,other} of golang.org/x/tools/gopls: 1.369%, \
5.248% before
             chart gopls/who asks for margin 2%, 1% before
    approved by ana@example.org, bo@example.org
    https://go.dev/issue/61038

v1.1.0  2026-11-22  gopls/who  rate 5.248%
    same     name of chart: gopls/who, gopls/client before
             what it asks for is collected as before
    https://go.dev/issue/61038

v1.0.0  2026-11-20  gopls/client  rate none -> 5.248%
    collected since this release
    https://go.dev/issue/61038
"""


def change(repository: Path, name: str, old: str, new: str) -> None:
    path = repository / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def past(clean: Path) -> Path:
    """Return a repository of four releases, one of which is of no matter to the chart."""
    approvals = f"configs/approvals/charts/gopls/{{}}/{{}}{'.approval'}"
    released(clean, "v1.0.0", at="2026-11-20T12:00:00Z")
    change(clean, "configs/charts/compile/bug.yaml", "depth: 16", "depth: 8")
    released(clean, "v1.0.1", at="2026-11-21T12:00:00Z")
    (clean / CLIENT).rename(clean / WHO)
    write(clean, {approvals.format("client", "cy@example.org"): b"of another change"})
    released(clean, "v1.1.0", at="2026-11-22T12:00:00Z")
    change(clean, WHO, "title: Editors", "title: All editors")
    released(clean, "v1.1.1", at="2026-11-23T12:00:00Z")
    change(clean, WHO, "expires:", "accuracy: {margin: 2%, confidence: 99%}\nexpires:")
    write(clean, {approvals.format("who", f"{n}@example.org"): b"yes" for n in ("ana", "bo")})
    released(clean, "v1.2.0", at="2026-11-24T12:00:00Z")
    return clean


@pytest.mark.parametrize("subject", ["gopls/who", "gopls/client", "gopls/client:emacs"])
def test_follows_a_chart_by_any_of_its_names(past: Path, subject: str) -> None:
    result = run("-C", past, "history", subject)
    assert (result.code, result.err, result.out) == (0, "", HISTORY)


def test_ends_with_what_is_gone(past: Path) -> None:
    (past / "configs/charts/compile/bug.yaml").unlink()
    (past / "configs/programs/compile.yaml").unlink()
    released(past, "v1.3.0", at="2026-11-25T12:00:00Z")
    result = run("-C", past, "history", "compile/bug", "--format=json")
    document = json.loads(result.out)
    assert (result.code, document["format"]) == (0, "chartconfig/history/v1")
    assert [
        (each["version"], each["day"], each["rate"], [c["class"] for c in each["changes"]])
        for each in document["releases"]
    ] == [
        ("v1.3.0", "2026-11-25", {"before": 0.01822, "after": None}, ["less"]),
        ("v1.0.1", "2026-11-21", {"before": 0.01822, "after": 0.01822}, ["less"]),
        ("v1.0.0", "2026-11-20", {"before": None, "after": 0.01822}, []),
    ]


def test_is_that_of_what_is_checked_out(past: Path) -> None:
    git(past, "switch", "--quiet", "--detach", "v1.0.1")
    assert run("-C", past, "history", "gopls/client").out == HISTORY.rsplit("\n\n", maxsplit=1)[-1]


def test_refuses_what_never_was(past: Path) -> None:
    result = run("-C", past, "history", "gopls/clinet")
    assert (result.code, result.out) == (2, "")
    assert result.err.endswith(
        "Error: there is no chart or counter 'gopls/clinet' in any of 5 releases: did you mean "
        "gopls/client?\n"
    )


def test_needs_a_release(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    write(folder, {p.relative_to(BASE).as_posix(): p.read_bytes() for p in BASE.rglob("*.yaml")})
    git(folder, "init", "--quiet", "--initial-branch=main")
    result = run("-C", folder, "history", "gopls/client")
    assert (result.code, result.err) == (
        1,
        (
            "error[CC904] git: there is no revision HEAD\n"
            " = help: commit something first: git add, git commit\n\n"
        ),
    )
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=charts")
    result = run("-C", folder, "history", "gopls/client")
    assert result.code == 2
    assert "there is no chart or counter 'gopls/client' before the first release" in result.err


def test_needs_its_history(past: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{past}", "shallow")
    result = run("-C", tmp_path / "shallow", "history", "gopls/client")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("error[CC947] missing-release: this clone is shallow")


def test_outside_git_there_is_none(clean: Path) -> None:
    result = run("-C", clean, "history", "gopls/client")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("error[CC904] git: ")


def test_json_is_as_its_page_shows(past: Path) -> None:
    page = (ROOT / "docs/formats/json.md").read_text(encoding="utf-8")
    shown = json.loads(page.partition("## history\n\n```json\n")[2].partition("```")[0])
    printed = json.loads(run("-C", past, "history", "gopls/client", "--format=json").out)
    assert printed | {"releases": printed["releases"][:1]} == shown
