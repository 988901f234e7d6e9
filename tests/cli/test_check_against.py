"""`check` in a repository that has releases: what is compared, with what, and what is shown."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

from tests.cli.command import changed, run, spawn
from tests.cli.releases import edit, release, retract, save
from tests.edge.repository import commit, git, write

if TYPE_CHECKING:
    from pathlib import Path

FEWER = ("zed, other", "other")
RETIRED = "# yaml-language-server: $schema=../schema/retired.schema.json\n"
CLEAN = "5 charts of 3 programs: no findings\n"
ZED = """\
error[CC702] removed-without-retirement: gopls/client:zed of golang.org/x/tools/gopls: \
collected by v1.0.0, and not accepted any more
 --> configs/charts/gopls/client.yaml:7:1
  |
7 | buckets: [vscode, neovim, emacs, other]
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  = help: write to configs/retired.yaml: - {program: golang.org/x/tools/gopls, counters: \
[gopls/client:zed], until: 2027-08-01, reason: Collected up to v1.0.0.}

1 error in 1 file
"""


def check(repository: Path, *arguments: str) -> tuple[int, str]:
    result = run("-C", repository, "check", *arguments)
    assert result.err == ""
    return result.code, result.out


def codes(repository: Path, *arguments: str) -> list[str]:
    return re.findall(r"^\w+\[(CC\d+)\]", check(repository, *arguments)[1], re.MULTILINE)


class TestLastRelease:
    def test_what_it_collects_and_is_gone(self, repository: Path) -> None:
        assert check(repository) == (0, CLEAN)
        changed(repository, *FEWER)
        assert check(repository) == (1, ZED)
        save(repository)
        assert check(repository) == (1, ZED)
        assert check(repository, "--at=HEAD") == (1, ZED)
        assert check(repository, "--at=HEAD~") == (0, CLEAN)

    def test_the_hint_mends_it(self, repository: Path) -> None:
        changed(repository, *FEWER)
        (line,) = re.findall("- {.*}", check(repository)[1])
        write(repository, {"configs/retired.yaml": f"{RETIRED}{line}\n".encode()})
        assert check(repository) == (0, CLEAN)
        save(repository)
        assert release(repository).code == 0
        (repository / "configs/retired.yaml").unlink()
        assert codes(repository) == ["CC703"]

    def test_quotes_what_is_gone(self, repository: Path) -> None:
        (repository / "configs/charts/compile/bug.yaml").unlink()
        (repository / "configs/programs/compile.yaml").unlink()
        _, out = check(repository)
        assert "cmd/compile: collected by v1.0.0, and not accepted any more\n" in out
        assert "\n3 | name: cmd/compile\n" in out

    def test_of_what_is_merged(self, repository: Path) -> None:
        """A release of another branch is none of this one's."""
        git(repository, "switch", "--quiet", "-c", "old", "HEAD~")
        assert check(repository) == (0, CLEAN)
        changed(repository, *FEWER)
        assert check(repository) == (0, CLEAN)

    def test_in_a_merge_commit(self, repository: Path) -> None:
        git(repository, "switch", "--quiet", "-c", "proposal")
        edit(repository, *FEWER)
        git(repository, "switch", "--quiet", "main")
        git(repository, "commit", "--quiet", "--allow-empty", "--message=another")
        git(repository, "merge", "--quiet", "--no-ff", "--message=merge", "proposal")
        assert check(repository) == (1, ZED)

    def test_of_a_moved_file_is_the_same(self, repository: Path) -> None:
        git(repository, "mv", "configs/charts/gopls/client.yaml", "configs/charts/gopls/who.yaml")
        assert check(repository) == (0, CLEAN)

    def test_passes_over_what_is_withdrawn(self, repository: Path) -> None:
        edit(repository, "zed, other", "zed, helix, other")
        assert release(repository).code == 0
        edit(repository, "zed, helix, other", "zed, other")
        assert codes(repository) == ["CC702"]
        assert release(repository).code == 1
        assert retract(repository, "v1.1.0").code == 0
        assert check(repository) == (0, CLEAN)

    def test_passes_over_tags_of_something_else(self, repository: Path) -> None:
        git(repository, "tag", "v9.0.0")
        changed(repository, *FEWER)
        assert check(repository) == (1, ZED)

    def test_that_has_errors(self, repository: Path) -> None:
        edit(repository, "counter: gopls/client", "counter: gopls/client name")
        edit(repository, "counter: gopls/client name", "counter: gopls/client")
        code, out = check(repository, "--against=HEAD~")
        assert (code, out) == (
            1,
            (
                "warning[CC709] base-does-not-compile: HEAD~ has errors, so nothing can be "
                "compared with it\n"
                " = help: chartconfig check --at HEAD~ shows them; --against REV compares with "
                "another one\n\n1 warning\n"
            ),
        )


class TestMissing:
    def test_history_is_told_beside_the_rest(self, repository: Path, tmp_path: Path) -> None:
        changed(repository, "counter: gopls/client", "counter: gopls/client name")
        save(repository)
        git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", "shallow")
        code, out = check(tmp_path / "shallow")
        assert code == 1
        assert out.startswith(
            "error[CC947] missing-release: this clone is shallow: it may lack releases that were "
            "made\n = help: git fetch --unshallow --tags; fetch-depth: 0 for actions/checkout\n\n"
            "error[CC203]"
        )

    def test_tags_are_told(self, repository: Path, tmp_path: Path) -> None:
        git(tmp_path, "clone", "--quiet", "--no-tags", f"file://{repository}", "untagged")
        _, out = check(tmp_path / "untagged")
        assert out.startswith(
            "error[CC947] missing-release: v1.0.0 in configs/ of HEAD, and no such tag\n"
        )

    def test_history_does_not_matter_before_the_first_release(
        self, clean: Path, tmp_path: Path
    ) -> None:
        commit(clean)
        git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{clean}", "shallow")
        assert check(tmp_path / "shallow") == (0, CLEAN)

    def test_git_is_no_matter(self, repository: Path) -> None:
        shutil.rmtree(repository / ".git")
        changed(repository, *FEWER)
        assert check(repository) == (0, CLEAN)

    def test_revision_is_told(self, repository: Path) -> None:
        result = run("-C", repository, "check", "--against=nowhere")
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith("error[CC904] git: there is no revision nowhere\n")


class TestNewOnly:
    def test_shows_what_the_base_has_not(self, repository: Path) -> None:
        edit(repository, "expires: 2027-11-01", "expires: 2026-12-31")
        edit(repository, "title: Editors", "# Moved down.\ntitle: Editors")
        assert codes(repository, "--against=HEAD~2", "--new-only") == ["CC602"]
        assert check(repository, "--against=HEAD~", "--new-only") == (0, CLEAN)
        assert codes(repository, "--against=HEAD~") == ["CC602"]
        assert codes(repository, "--new-only") == ["CC602"]  # which the last release has not

    def test_what_was_broken_before_is_not_broken_anew(self, repository: Path) -> None:
        edit(repository, *FEWER)
        edit(repository, "title: Editors", "title: All editors")
        assert codes(repository) == ["CC702"]
        assert check(repository, "--against=HEAD~", "--new-only") == (0, CLEAN)
        assert codes(repository, "--against=HEAD~2", "--new-only") == ["CC702"]

    def test_what_was_never_released_can_be_taken_back(self, repository: Path) -> None:
        edit(repository, "zed, other", "zed, helix, other")
        edit(repository, "zed, helix, other", "zed, other")
        assert check(repository, "--against=HEAD~", "--new-only") == (0, CLEAN)
        assert codes(repository, "--against=HEAD~") == ["CC702"]

    def test_a_moved_file_has_no_new_findings(self, repository: Path) -> None:
        edit(repository, "expires: 2027-11-01", "expires: 2026-12-31")
        git(repository, "mv", "configs/charts/gopls/client.yaml", "configs/charts/gopls/who.yaml")
        save(repository)
        assert check(repository, "--against=HEAD~", "--new-only") == (0, CLEAN)

    def test_of_two_alike_one_is_new(self, repository: Path) -> None:
        old = "buckets: [vscode, neovim, emacs, zed, other]"
        one = f"{old}\nignore: [{{code: CC999, reason: One.}}]"
        edit(repository, old, one)
        changed(repository, "reason: One.}]", "reason: One.}, {code: CC999, reason: Two.}]")
        assert codes(repository, "--against=HEAD") == ["CC709", "CC606", "CC606"]
        assert codes(repository, "--against=HEAD", "--new-only") == ["CC606"]

    def test_shows_everything_before_the_first_release(self, warned: Path) -> None:
        commit(warned)
        assert codes(warned, "--new-only") == ["CC206"]


def test_runs_git_no_more_often_where_nothing_was_released(clean: Path, tmp_path: Path) -> None:
    commit(clean)
    shim, log = tmp_path / "shim/git", tmp_path / "log"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\necho "$*" >> {log}\nexec {shutil.which("git")} "$@"\n', "utf-8")
    shim.chmod(0o755)
    result = spawn("-C", clean, "check", PATH=f"{shim.parent}{os.pathsep}{os.environ['PATH']}")
    assert (result.code, result.out) == (0, CLEAN)
    assert len(log.read_text("utf-8").splitlines()) == 2


def test_a_tag_of_no_commit_is_told(clean: Path) -> None:
    commit(clean)
    git(clean, "tag", "v1.0.0", git(clean, "rev-parse", "HEAD^{tree}"))
    git(clean, "tag", "v1.0.1")
    assert check(clean) == (
        1,
        (
            "error[CC904] git: the tag v1.0.0 names no commit\n"
            " = help: delete it: git tag -d v1.0.0\n\n1 error\n"
        ),
    )
