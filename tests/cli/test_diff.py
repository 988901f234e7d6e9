"""`diff`: between revisions, trees, directories and published configs, in every format."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.command import ON, ROOT, changed, run
from tests.edge.repository import commit, git

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "formats" / "json.md"
HEADING = "less of\ngopls/client:\n\n```json\n"
FEWER = ("emacs, ", "")
LESS = ("less", "gopls/client:emacs", "configs/charts/gopls/client.yaml:7", "head")
REJECTED = ("in-flight", *LESS[1:])


@pytest.fixture
def tracked(clean: Path) -> Path:
    """Return a committed config repository."""
    commit(clean)
    return clean


def document(repository: Path, *arguments: str | Path) -> dict[str, Any]:
    result = run("-C", repository, "diff", *arguments, "--format=json")
    assert (result.code, result.err) == (0, "")
    found: dict[str, Any] = json.loads(result.out)
    return found


def told(repository: Path, *arguments: str | Path) -> list[tuple[str, ...]]:
    keys = ("class", "what", "where", "in")
    changes = document(repository, *arguments)["changes"]
    return [tuple(change[key] for key in keys) for change in changes]


def test_work_tree_against_a_revision(tracked: Path) -> None:
    assert told(tracked, "main") == []
    changed(tracked, *FEWER)
    assert told(tracked, "main") == [REJECTED, LESS]


def test_of_revisions(tracked: Path) -> None:
    changed(tracked, *FEWER)
    commit(tracked)
    assert told(tracked, "main~", "main") == [REJECTED, LESS]
    assert told(tracked, "main~", "HEAD~") == []
    assert [row[0] for row in told(tracked, "main", "main~")] == ["more"]


def test_of_directories_and_published_configs(tracked: Path, tmp_path: Path) -> None:
    other, build = tmp_path / "other", tmp_path / "build"
    shutil.copytree(tracked, other)
    changed(other, *FEWER)
    assert run("-C", tracked, "compile", "-o", build, ON).code == 0
    assert told(tracked, tracked, other) == [REJECTED, LESS]
    assert told(tracked, build, other, ON) == [REJECTED, LESS]
    assert [row[:2] for row in told(tracked, build / "config.json", other)] == [
        REJECTED[:2],
        LESS[:2],
    ]
    assert document(tracked, build / "config.json", other)["partial"]
    assert document(tracked, build)["changes"] == []
    assert told(tmp_path, build / "config.json", build / "config.json") == []


def test_shallow_clone_says_how_to_get_the_rest(tracked: Path, tmp_path: Path) -> None:
    commit(tracked)
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{tracked}", "shallow")
    shallow = changed(tmp_path / "shallow", *FEWER)
    assert told(shallow, "HEAD") == [REJECTED, LESS]
    result = run("-C", shallow, "diff", "HEAD~")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "error[CC904] git: there is no revision HEAD~\n"
        " = help: this clone is shallow, and may be without it: git fetch --unshallow, or "
        "fetch-depth: 0 for actions/checkout\n\n"
    )


def test_what_is_neither_revision_nor_path_is_refused(tracked: Path) -> None:
    result = run("-C", tracked, "diff", "mian")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("error[CC904] git: there is no revision mian\n")
    result = run("-C", tracked, "diff", "./mian")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("error[CC123]")


def test_merge_commit_shows_what_its_branch_brings(tracked: Path) -> None:
    git(tracked, "switch", "--quiet", "--create", "topic")
    changed(tracked, *FEWER)
    commit(tracked)
    git(tracked, "switch", "--quiet", "main")
    path = tracked / "configs/charts/compile/bug.yaml"
    path.write_text(path.read_text("utf-8").replace("depth: 16", "depth: 32"), "utf-8")
    commit(tracked)
    git(tracked, "merge", "--quiet", "--no-ff", "--message=merge", "topic")
    assert told(tracked, "HEAD^1", "HEAD") == [REJECTED, LESS]
    assert [row[:2] for row in told(tracked, "HEAD^2", "HEAD")] == [
        ("more", "depth of stack compile/bug")
    ]


def test_renamed_file_is_no_change(tracked: Path) -> None:
    git(tracked, "mv", "configs/charts/gopls/client.yaml", "configs/charts/gopls/editor.yaml")
    result = run("-C", tracked, "diff", "main")
    assert result.out.endswith("\nno change in what is collected\n")
    assert [row[0] for row in told(tracked, "main")] == ["none"]


def test_raised_population_lowers_rates_and_says_so(tracked: Path) -> None:
    path = tracked / "configs/populations.yaml"
    path.write_text(path.read_text("utf-8").replace("low: 300k", "low: 400k"), "utf-8")
    found = document(tracked, "main")
    assert {change["class"] for change in found["changes"]} == {"less"}
    assert {change["where"] for change in found["changes"]} == {"configs/populations.yaml:2"}
    raised = "the population was raised from 300,000 to 400,000 installations, so fewer of them"
    assert all(raised in change["why"] for change in found["changes"])
    change = next(each for each in found["changes"] if each["chart"] == "gopls/client")
    assert (change["before"]["rate"], change["after"]["rate"]) == (0.05248, 0.03989)
    assert change["before"]["expected_reports"] == 31488.0
    assert change["after"]["achieved"]["margin"] == 0.01
    assert (found["before"]["sample_rate"], found["after"]["sample_rate"]) == (0.05248, 0.03989)


def test_charts_with_errors_are_shown_instead(tracked: Path) -> None:
    changed(tracked, "counter: gopls/client", "counter: gopls/client name")
    result = run("-C", tracked, "diff", "main")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("the work tree does not compile, so there is nothing to compare\n")
    assert "error[CC203]" in result.err


@pytest.mark.parametrize(
    ("name", "edit", "code"),
    [
        ("config.json", ("{", "["), "CC901"),
        ("charts.json", ('"title": "Editors that run gopls"', '"title": 1'), "CC905"),
        ("charts.json", ('"expires": "2027-11-01"', '"expires": 1'), "CC905"),
        ("go.mod", ("module", "modul"), "CC908"),
    ],
)
def test_hostile_compiled_directory_is_refused(
    tracked: Path, tmp_path: Path, name: str, edit: tuple[str, str], code: str
) -> None:
    build = tmp_path / "build"
    assert run("-C", tracked, "compile", "-o", build).code == 0
    text = (build / name).read_text("utf-8")
    assert edit[0] in text
    (build / name).write_text(text.replace(*edit, 1), "utf-8")
    result = run("-C", tracked, "diff", build)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"error[{code}")


def test_annotations_are_of_what_matters(tracked: Path) -> None:
    changed(tracked, "type: partition", "type: histogram")
    result = run("-C", tracked, "diff", "main", "--format=github")
    first, *others = result.out.splitlines()
    assert first.startswith(
        "::error file=configs/charts/gopls/client.yaml,line=4,endLine=4,col=1,endColumn=16,"
        "title=Changes meaning::gopls/client:{vscode,neovim,emacs,zed,other} of "
    )
    assert others
    assert all(line.startswith("::notice file=configs/") for line in others)


def test_a_place_that_is_gone_is_told_in_words(tracked: Path) -> None:
    (tracked / "configs/charts/gopls/client.yaml").unlink()
    lines = run("-C", tracked, "diff", "main", "--format=github").out.splitlines()
    assert lines[0].startswith("::warning title=Rejects reports under way::gopls/client:{")
    assert lines[0].endswith("%0Awas at configs/charts/gopls/client.yaml:7:1")


def test_markdown_begins_with_what_matters_most(tracked: Path) -> None:
    changed(tracked, "type: partition", "type: histogram")
    text = run("-C", tracked, "diff", "main", "--format=markdown").out
    assert text.startswith("**Changes meaning: 1, collects less: 1**\n\n| | before | after |\n")
    meaning, less = text.index("\n### Changes meaning (1)"), text.index("\n### Collects less (1)")
    assert meaning < less < text.index("\n<details><summary>Every change: 3</summary>\n")
    assert text.endswith("\n</details>\n")


def test_json_is_what_the_page_shows(tracked: Path, *, update_golden: bool) -> None:
    changed(tracked, *FEWER)
    shown = json.dumps(document(tracked, "main"), indent=2)
    page = PAGE.read_text("utf-8")
    start = page.index(HEADING) + len(HEADING)
    end = page.index("\n```", start)
    if update_golden:
        PAGE.write_text(page[:start] + shown + page[end:], "utf-8")
    assert page[start:end] == shown or update_golden
