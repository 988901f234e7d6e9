"""Approvals ask git: who made a change, and whether the clone has what it is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.approving import (
    CLIENT,
    MORE,
    TITLE,
    approve,
    approved,
    edit,
    save,
    steps,
)
from tests.cli.command import run
from tests.cli.releases import release
from tests.edge.repository import git

if TYPE_CHECKING:
    from pathlib import Path


class TestWhoMadeIt:
    def test_never_counts(self, reviewed: Path, people: Path) -> None:
        edit(reviewed, *MORE)
        save(reviewed, by="Bo")  # the case of an address is nobody's
        edit(reviewed, *TITLE)
        save(reviewed, "title\n\nCo-authored-by: Cy <cy@example.org>")
        for who in ("a", "bo", "cy"):
            message = f"{who}@example.org made this change of chart gopls/client, and cannot"
            result = approve(reviewed, people, who, "gopls/client")
            assert result.err.startswith(f"error[CC808] own-approval: {message} approve it\n")
            assert result.code == 1
        assert not (reviewed / CLIENT / "a@example.org.approval").exists()
        result = run("-C", reviewed, "check")
        assert "help: nobody is left who could: all others made the change" in result.out

    def test_is_whoever_edits_what_is_not_committed(self, reviewed: Path, people: Path) -> None:
        edit(reviewed, *MORE)
        assert approve(reviewed, people, "a", "gopls/client").code == 1
        assert approve(reviewed, people, "bo", "gopls/client").code == 0
        git(reviewed, "config", "user.email", "bo@example.org")
        assert approve(reviewed, people, "bo", "gopls/client").code == 1

    def test_is_nobody_who_merged_it(self, reviewed: Path) -> None:
        git(reviewed, "switch", "--quiet", "--create=side")
        edit(reviewed, *MORE)
        save(reviewed, by="cy")
        git(reviewed, "switch", "--quiet", "main")
        edit(reviewed, "low: 500k", "low: 600k", "populations.yaml")
        save(reviewed, by="a")
        git(reviewed, "-c", "user.email=bo@example.org", "merge", "--quiet", "--no-ff", "side")
        authors = {each["subject"]: each["authors"] for each in steps(reviewed)}
        assert authors == {
            "chart gopls/client": ["cy@example.org"],
            "populations.yaml": ["a@example.org"],
        }

    def test_is_who_changed_it_in_a_merge(self, reviewed: Path) -> None:
        git(reviewed, "switch", "--quiet", "--create=side")
        edit(reviewed, *TITLE)
        save(reviewed, by="cy")
        git(reviewed, "switch", "--quiet", "main")
        git(reviewed, "merge", "--quiet", "--no-ff", "--no-commit", "side")
        edit(reviewed, *MORE)
        save(reviewed, by="bo")
        (only,) = steps(reviewed)
        assert only["authors"] == ["bo@example.org", "cy@example.org"]

    def test_is_who_merged_what_was_there_before(self, reviewed: Path, people: Path) -> None:
        """Neither parent's file is somebody's new one: the merge brings back what it once was."""
        first = git(reviewed, "rev-parse", "v1.0.0")
        edit(reviewed, *TITLE)
        save(reviewed, by="a")
        for who in ("bo", "cy"):
            approved(reviewed, people, who, "gopls/client")
        assert release(reviewed).code == 0
        git(reviewed, "switch", "--quiet", "--create=side", first)
        git(reviewed, "commit", "--quiet", "--allow-empty", "--message=nothing")
        git(reviewed, "switch", "--quiet", "main")
        git(reviewed, "merge", "--quiet", "--no-ff", "--no-commit", "side")
        git(reviewed, "checkout", "side", "--", "configs/charts/gopls/client.yaml")
        save(reviewed, by="bo")
        (only,) = steps(reviewed)
        assert only["authors"] == ["bo@example.org"]

    def test_is_who_changed_it_before_it_was_renamed(self, reviewed: Path) -> None:
        edit(reviewed, *MORE)
        save(reviewed, by="bo")
        git(reviewed, "mv", "configs/charts/gopls/client.yaml", "configs/charts/gopls/editor.yaml")
        save(reviewed, by="cy")
        authors = {each["subject"]: each["authors"] for each in steps(reviewed)}
        both = ["bo@example.org", "cy@example.org"]
        assert authors == {"chart gopls/client": both, "chart gopls/editor": both}

    def test_is_known_by_another_address(self, reviewed: Path, people: Path) -> None:
        mailmap = "Bo <bo@example.org> <bo@home.example>\n"
        (reviewed / ".mailmap").write_text(mailmap, encoding="utf-8")
        edit(reviewed, *MORE)
        git(reviewed, "add", "--all")
        git(reviewed, "commit", "--quiet", "--author=Bo <bo@home.example>", "--message=more")
        assert approve(reviewed, people, "bo", "gopls/client").code == 1


class TestTheClone:
    def test_that_is_shallow_says_how_to_get_the_rest(self, reviewed: Path, tmp_path: Path) -> None:
        git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{reviewed}", "short")
        for command in (
            ["check"],
            ["approvals", "status"],
            ["approve", "gopls/client", "--dry-run"],
        ):
            result = run("-C", tmp_path / "short", *command)
            assert result.code == 1
            assert (result.out + result.err).startswith(
                "error[CC947] missing-release: this clone is shallow: it may lack releases that "
                "were made\n = help: git fetch --unshallow --tags; fetch-depth: 0 for"
            )

    def test_that_has_no_tags(self, reviewed: Path, tmp_path: Path) -> None:
        git(tmp_path, "clone", "--quiet", "--no-tags", str(reviewed), "bare")
        assert (
            "v1.0.0 in configs/ of HEAD, and no such tag"
            in run("-C", tmp_path / "bare", "check").out
        )

    def test_that_is_no_repository(self, reviewed: Path, tmp_path: Path) -> None:
        (reviewed / ".git").rename(tmp_path / "gone")
        assert run("-C", reviewed, "check").out.startswith("error[CC904] git: ")
