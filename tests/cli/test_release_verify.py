"""`release --verify`, which stands between a tag and its publication."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from chartconfig.edge.git import read_tags
from tests.cli.command import ROOT, Result
from tests.cli.releases import edit, refused, release, save, sign_with, tag_as, tags
from tests.edge.repository import git

if TYPE_CHECKING:
    from pathlib import Path

TITLE = ("Editors that run gopls", "All editors that run gopls")
UNSIGNED = "is not signed by an allowed signer"


def verify(repository: Path, *arguments: str) -> Result:
    return release(repository, "--verify", *arguments)


def findings(result: Result) -> list[tuple[str, str]]:
    assert (result.code, result.out) == (1, "")
    return re.findall(r"^error\[(CC\d+)\] [a-z-]+: (.*)$", result.err, re.MULTILINE)


def test_every_release_is_told_with_its_signer(repository: Path) -> None:
    edit(repository, *TITLE)
    assert release(repository).code == 0
    git(repository, "tag", "another")  # no release
    result = verify(repository)
    assert (result.code, result.err) == (0, "")
    assert re.sub(r"h1:\S+", "H1", result.out) == (
        "v1.0.0  H1  signed by a@example.org\n"
        "v1.0.1  H1  signed by a@example.org\n"
        "2 releases, merged and signed by whom configs/allowed_signers lists\n"
    )


def test_as_json_is_as_the_page_shows(repository: Path) -> None:
    page = (ROOT / "docs/formats/json.md").read_text(encoding="utf-8")
    shown = page[page.index("`chartconfig release --verify --format json`") :].split("```")[1]
    expected = json.loads(shown.removeprefix("json"))
    (tag,) = read_tags(repository)
    expected["releases"][0]["h1"] = tag.message.splitlines()[-2].split()[-1]
    assert json.loads(verify(repository, "--format=json").out) == expected


def test_a_tag_by_a_stranger(repository: Path, keys: Path) -> None:
    sign_with(repository, keys / "stranger")
    tag_as(repository, "v0.9.0")
    assert findings(verify(repository)) == [("CC919", f"the tag v0.9.0 {UNSIGNED}")]


def test_a_tag_that_nobody_signed(repository: Path) -> None:
    git(repository, "tag", "--annotate", "--message=v1.0.1", "v1.0.1")
    git(repository, "tag", "v1.0.2")
    only = "is only a name for a commit, which nobody can sign"
    assert findings(verify(repository)) == [
        ("CC919", f"the tag v1.0.1 {UNSIGNED}"),
        ("CC919", f"the tag v1.0.2 {only}"),
    ]


def test_a_tag_under_the_name_of_another(repository: Path) -> None:
    git(repository, "update-ref", "refs/tags/v1.1.0", "refs/tags/v1.0.0")
    assert findings(verify(repository)) == [("CC919", "the tag v1.1.0 was signed as v1.0.0")]


def test_a_tag_that_says_nothing(repository: Path) -> None:
    git(repository, "tag", "--sign", "--message=The autumn release", "v1.0.1")
    said = "v1.0.1: its message is not one that chartconfig release writes"
    assert findings(verify(repository)) == [("CC920", said)]


def test_a_tag_that_allows_its_own_signer(repository: Path, keys: Path) -> None:
    git(repository, "switch", "--quiet", "--create", "branch")
    public = (keys / "stranger.pub").read_text(encoding="utf-8")
    (repository / "configs/allowed_signers").write_text(f"a@example.org {public}", "utf-8")
    save(repository)
    sign_with(repository, keys / "stranger")
    git(repository, "tag", "--sign", "--message=x", "v1.0.1")
    git(repository, "switch", "--quiet", "main")
    assert findings(verify(repository)) == [("CC919", f"the tag v1.0.1 {UNSIGNED}")]


def test_a_tag_of_a_branch_that_was_not_merged(repository: Path) -> None:
    git(repository, "switch", "--quiet", "--create", "branch")
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "Not reviewed")
    git(repository, "tag", "--sign", "--message=x", "v1.0.1")
    git(repository, "switch", "--quiet", "main")
    said = "v1.0.1 is no part of the history of what is checked out"
    assert findings(verify(repository)) == [("CC917", said)]


def test_a_clone_that_lacks_one(repository: Path) -> None:
    edit(repository, *TITLE)
    assert release(repository).code == 0
    git(repository, "tag", "--delete", "v1.0.0")
    assert refused(verify(repository), "CC947").startswith("v1.0.0 in configs/ of HEAD")


def test_nothing_where_nobody_may_sign(clean: Path) -> None:
    git(clean, "init", "--quiet", "--initial-branch=main")
    save(clean)
    assert refused(verify(clean), "CC911") == "nothing was released"
    git(clean, "tag", "v1.0.0")
    told = "configs/allowed_signers is not there, so nobody may sign a release"
    assert refused(verify(clean), "CC919") == told


def test_makes_nothing(repository: Path) -> None:
    edit(repository, *TITLE)
    assert verify(repository).code == 0
    assert tags(repository) == ["v1.0.0"]
    result = verify(repository, "--dry-run")
    assert (result.code, result.out) == (2, "")
    assert "Error: --verify makes nothing: leave out --dry-run" in result.err
