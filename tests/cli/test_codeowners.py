"""`codeowners`: the part between two marks says what charts say, and the rest is people's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.command import changed, run
from tests.edge.repository import commit

if TYPE_CHECKING:
    from pathlib import Path

CLIENT = '["@golang/tools"]'
PART = """\
# chartconfig codeowners: begin, from the owners of the charts
/configs/charts/compile/bug.yaml @golang/compiler
/configs/charts/go/cache-miss-rate.yaml @golang/release
/configs/charts/go/gopath-mode.yaml @golang/release
/configs/charts/gopls/client.yaml @golang/tools
/configs/charts/gopls/package-loader.yaml @golang/tools
# chartconfig codeowners: end
"""


@pytest.fixture
def github(clean: Path) -> Path:
    (clean / ".github").mkdir()
    (clean / ".github/CODEOWNERS").write_text("* @golang/all\n", "utf-8")
    return clean


def owners(repository: Path) -> str:
    return (repository / ".github/CODEOWNERS").read_text("utf-8")


def test_prints_them(clean: Path) -> None:
    result = run("-C", clean, "codeowners")
    assert (result.code, result.err, result.out) == (0, "", PART)
    document = json.loads(run("-C", clean, "codeowners", "--format=json").out)
    assert document["format"] == "chartconfig/codeowners/v1"
    assert document["owners"][3] == {
        "path": "configs/charts/gopls/client.yaml",
        "owners": ["@golang/tools"],
    }


def test_names_files_as_git_does_where_the_configs_are_in_a_folder(clean: Path) -> None:
    (clean.parent / ".git").mkdir()
    part = PART.replace("/configs/", "/clean/configs/")
    assert run("-C", clean, "codeowners").out == part
    file = clean.parent / "CODEOWNERS"
    assert run("-C", clean, "codeowners", "-o", file).code == 0
    assert file.read_text("utf-8") == part
    assert run("-C", clean, "codeowners", "--check", file).code == 0


def test_writes_them_and_keeps_the_rest(github: Path) -> None:
    file = github / ".github/CODEOWNERS"
    result = run("-C", github, "codeowners", "-o", file)
    assert (result.code, result.out) == (0, f"{file} written\n")
    assert owners(github) == f"* @golang/all\n\n{PART}"
    file.write_text(f"{owners(github)}/docs/ @golang/docs\n", "utf-8")
    changed(github, CLIENT, '["@golang/vscode", ana@example.org]')
    assert run("-C", github, "codeowners", "-o", file).code == 0
    named = PART.replace("client.yaml @golang/tools", "client.yaml @golang/vscode ana@example.org")
    assert owners(github) == f"* @golang/all\n\n{named}/docs/ @golang/docs\n"
    assert run("-C", github, "codeowners", "-o", file).out == f"{file} is as it was\n"
    assert run("-C", github, "codeowners", "--check", file).code == 0


def test_check_tells_where_they_differ(github: Path) -> None:
    file = github / ".github/CODEOWNERS"
    assert run("-C", github, "check").code == 0  # of no concern, without the marks
    run("-C", github, "codeowners", "-o", file)
    assert run("-C", github, "check").code == 0
    changed(github, CLIENT, '["@golang/vscode"]')
    result = run("-C", github, "check")
    assert (result.code, result.out) == (
        1,
        """\
warning[CC610] outdated-codeowners: .github/CODEOWNERS does not name the owners of the charts as \
they are now
 --> .github/CODEOWNERS:7:1
  |
7 | /configs/charts/gopls/client.yaml @golang/tools
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  = help: chartconfig codeowners -o .github/CODEOWNERS

1 warning in 1 file
""",
    )
    checked = run("-C", github, "codeowners", "--check", file)
    assert (checked.code, checked.out) == (1, "")
    assert "error[CC610]" in checked.err or "warning[CC610]" in checked.err


def test_check_compares_those_of_a_revision(github: Path) -> None:
    run("-C", github, "codeowners", "-o", github / ".github/CODEOWNERS")
    changed(github, CLIENT, '["@golang/vscode"]')
    commit(github)
    assert run("-C", github, "check", "--at=HEAD").code == 1
    assert run("-C", github, "check", "--against=HEAD", "--new-only").code == 0
    run("-C", github, "codeowners", "-o", github / ".github/CODEOWNERS")
    assert run("-C", github, "check").code == 0
    assert run("-C", github, "check", "--at=HEAD").code == 1


@pytest.mark.parametrize("cut", ["# chartconfig codeowners: end\n", "/configs/charts/go/"])
def test_a_broken_part_is_made_whole(github: Path, cut: str) -> None:
    file = github / ".github/CODEOWNERS"
    file.write_text(f"* @golang/all\n\n{PART.partition(cut)[0]}", "utf-8")
    assert "CC610" in run("-C", github, "check").out
    run("-C", github, "codeowners", "-o", file)
    assert owners(github) == f"* @golang/all\n\n{PART}"


def test_a_file_without_marks_fails_where_it_is_named(github: Path) -> None:
    result = run("-C", github, "codeowners", "--check", github / ".github/CODEOWNERS")
    assert (result.code, result.out) == (1, "")
    assert "CC610" in result.err
    assert "Traceback" not in result.err


def test_takes_one_of_the_two(clean: Path) -> None:
    result = run("-C", clean, "codeowners", "-o", "a", "--check", "b")
    assert result.code == 2
    assert run("-C", clean, "codeowners", "--check", clean / "none").code == 1
    assert run("-C", clean, "codeowners", "-o", clean / "none/CODEOWNERS").code == 1


def test_names_a_file_that_cannot_be_read(clean: Path) -> None:
    result = run("-C", clean, "codeowners", "--check", clean)
    assert (result.code, result.out, result.err) == (
        1,
        "",
        (
            f"error[CC123] unreadable-file: {clean} cannot be read: it is no regular file\n"
            " = help: name another file\n\n"
        ),
    )
