"""`release`: a version, its changelog entry and its signed tag; all of it or a rest for later."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from chartconfig.edge.files import Place
from chartconfig.edge.git import read_tags, verify_tag
from chartconfig.edge.rebuild import rebuild
from tests.cli.command import ROOT
from tests.cli.releases import (
    NOW,
    edit,
    make_repository,
    refused,
    release,
    save,
    sign_with,
    state,
    tag_as,
    tags,
)
from tests.edge.repository import git, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOTHING = "nothing to release: all is as in v1.0.0\n"

MORE = """\
v1.1.0 after v1.0.0: more is collected

Collects more:

- gopls/client:helix of golang.org/x/tools/gopls, new: 5.248%

configs/CHANGELOG.md
example.org/telemetry/config v1.1.0 H1
v1.1.0 tagged at COMMIT, signed by a@example.org
now: git push --atomic origin main v1.1.0
"""

TITLE = ("Editors that run gopls", "All editors that run gopls")
HELIX = ("zed, other", "zed, helix, other")
RETIRED = "# yaml-language-server: $schema=../schema/retired.schema.json\n"
FEWER = ("zed, other", "other")


@pytest.fixture
def unlisted(repository: Path, keys: Path) -> Path:
    """Return a config repository that has never said who may sign, or released anything."""
    made = make_repository(repository.with_name("unlisted"), keys)
    git(made, "rm", "--quiet", "configs/allowed_signers")
    save(made)
    return made


def told(text: str) -> str:
    """Return what was printed, without hashes."""
    return re.sub("tagged at [0-9a-f]{12}", "tagged at COMMIT", re.sub(r"h1:\S+", "H1", text))


class TestVersion:
    def test_first_is_v1_0_0(self, made: Path) -> None:
        assert tags(made) == ["v1.0.0"]
        assert git(made, "log", "-1", "--format=%s %ct", "v1.0.0") == (
            f"Release v1.0.0 {NOW.timestamp():.0f}"
        )
        changelog = (made / "configs/CHANGELOG.md").read_text(encoding="utf-8")
        assert "\n## v1.0.0\n\nCollects more:\n\n- reports, new: 2.73 a year at most\n" in changelog

    def test_minor_where_more_is_collected(self, repository: Path) -> None:
        edit(repository, *HELIX)
        result = release(repository)
        assert (result.code, result.err) == (0, "")
        assert told(result.out) == MORE

    def test_patch_where_less_is_collected(self, repository: Path) -> None:
        edit(repository, *FEWER)
        result = release(repository, "--dry-run")
        zed = "gopls/client:zed of golang.org/x/tools/gopls"
        assert refused(result, "CC702") == (
            f"{zed}: collected by v1.0.0, and not accepted any more"
        )
        (line,) = re.findall("- {.*}", result.err)
        write(repository, {"configs/retired.yaml": f"{RETIRED}{line}\n".encode()})
        save(repository)
        result = release(repository, "--dry-run")
        assert result.out.startswith("v1.0.1 after v1.0.0: nothing more is collected\n\nCollects l")
        assert f"\n- retired {zed}, new: until 2027-08-01\n" in result.out

    def test_patch_where_a_text_is_another(self, repository: Path) -> None:
        edit(repository, *TITLE)
        result = release(repository, "--dry-run")
        assert result.out.startswith("v1.0.1 after v1.0.0: nothing more is collected\n\nNo change")
        assert "\n- title of chart gopls/client: changed\n" in result.out

    def test_none_where_nothing_is(self, repository: Path) -> None:
        before = state(repository)
        result = release(repository)
        assert (result.code, result.out, result.err) == (0, NOTHING, "")
        assert state(repository) == before

    def test_none_for_a_comment(self, repository: Path) -> None:
        edit(repository, "\ntitle:", "\n# a comment\ntitle:")
        assert release(repository).out == NOTHING

    def test_comes_after_the_newest_by_number(self, repository: Path) -> None:
        for version in ("v1.9.0", "v1.10.0"):
            tag_as(repository, version)
        message = refused(release(repository), "CC912")
        assert message.startswith("v1.10.0 compiles to h1:")

    def test_patch_where_a_chart_has_expired_since(
        self, repository: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        later = NOW.replace(year=2027, month=11, day=2)
        monkeypatch.setattr("chartconfig.cli.releasing.now", lambda: later)
        result = release(repository)
        assert "- gopls/client:{vscode,neovim,emacs,zed,other} of golang" in result.out
        (*_, tag) = read_tags(repository)
        assert tag.name == "v1.0.1"
        rebuilt = rebuild(Place(base=repository, root="configs"), tag)
        assert (rebuilt.is_same, rebuilt.origin.time) == (True, later)
        assert release(repository).out == NOTHING.replace("v1.0.0", "v1.0.1")


class TestTag:
    def test_names_what_it_compiles_to(self, repository: Path) -> None:
        edit(repository, *HELIX)
        assert release(repository).code == 0
        place = Place(base=repository, root="configs")
        for tag in read_tags(repository):
            rebuilt = rebuild(place, tag)
            assert rebuilt.is_same
            assert rebuilt.origin.time == NOW
            assert git(repository, "rev-parse", f"{tag.name}^{{commit}}") == tag.commit

    def test_is_signed_by_whom_the_repository_allows(self, made: Path) -> None:
        (tag,) = read_tags(made)
        signers = (made / "configs/allowed_signers").read_bytes()
        assert verify_tag(made, tag, signers) == "a@example.org"
        assert release(made, "--verify").code == 0

    def test_of_a_stranger_is_taken_back(self, repository: Path, keys: Path) -> None:
        edit(repository, *TITLE)
        sign_with(repository, keys / "stranger")
        message = refused(release(repository), "CC919")
        assert message == "the tag v1.0.1 is not signed by an allowed signer"
        assert tags(repository) == ["v1.0.0"]

        sign_with(repository, keys / "maintainer")
        result = release(repository)
        assert "\nv1.0.1 tagged at " in result.out
        assert git(repository, "log", "-2", "--format=%s") == "Release v1.0.1\ncharts"

    def test_without_a_key_is_not_made(self, repository: Path, keys: Path) -> None:
        edit(repository, *TITLE)
        sign_with(repository, keys / "nobody")
        message = refused(release(repository), "CC919")
        assert message.startswith("the tag v1.0.1 was not made: ")
        assert tags(repository) == ["v1.0.0"]

    def test_needs_no_list_of_signers(self, unlisted: Path) -> None:
        assert re.search(r"\nv1.0.0 tagged at [0-9a-f]{12}\n", release(unlisted).out)

    def test_misses_a_list_that_is_gone(self, repository: Path) -> None:
        git(repository, "rm", "--quiet", "configs/allowed_signers")
        save(repository)
        edit(repository, *TITLE)
        before = state(repository)
        message = refused(release(repository), "CC919")
        assert message == "configs/allowed_signers is no longer there, and v1.0.0 had it"
        assert state(repository) == before


class TestGpg:
    """A tag may be signed with GPG; whom allowed_signers lists has an SSH key."""

    @pytest.fixture(autouse=True)
    def _key(self, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        with TemporaryDirectory(prefix="gpg.") as home:  # its socket needs a short path
            monkeypatch.setenv("GNUPGHOME", home)
            make = "gpg --batch --quiet --passphrase= --quick-generate-key".split()
            subprocess.run([*make, "A <a@example.org>", "ed25519"], check=True, capture_output=True)
            for name in ("gpg.format", "user.signingKey"):
                git(repository, "config", "--unset", name)
            edit(repository, *TITLE)
            yield
            subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=True)

    def test_signs_for_a_repository_that_lists_nobody(self, unlisted: Path) -> None:
        for name in ("gpg.format", "user.signingKey"):
            git(unlisted, "config", "--unset", name)
        result = release(unlisted)
        assert (result.code, result.err) == (0, "")
        assert "\nv1.0.0 tagged at " in result.out
        tag = read_tags(unlisted)[-1]
        assert tag.signed
        assert rebuild(Place(base=unlisted, root="configs"), tag).is_same

    def test_signs_nothing_for_one_that_lists_somebody(self, repository: Path) -> None:
        message = refused(release(repository), "CC919")
        assert message == "the tag v1.0.1 is not signed by an allowed signer"
        assert tags(repository) == ["v1.0.0"]


class TestRefuses:
    def test_a_change_that_is_not_committed(self, repository: Path) -> None:
        edit(repository, *TITLE)
        path = repository / "configs/charts/gopls/client.yaml"
        path.write_bytes(path.read_bytes() + b"# a comment\n")
        message = refused(release(repository), "CC915")
        assert message == "not as it is committed: configs/charts/gopls/client.yaml"

    def test_a_change_that_git_is_told_to_leave_out(self, repository: Path) -> None:
        path = "configs/charts/gopls/client.yaml"
        git(repository, "update-index", "--assume-unchanged", path)
        (repository / path).write_bytes((repository / path).read_bytes() + b"# a comment\n")
        assert refused(release(repository), "CC915") == f"not as it is committed: {path}"

    def test_a_file_that_was_not_added(self, repository: Path) -> None:
        (repository / "configs/new").write_bytes(b"")
        (repository / "elsewhere").write_bytes(b"")  # which is nobody's business
        assert refused(release(repository), "CC915") == "not as it is committed: configs/new"

    def test_a_changelog_that_somebody_is_writing(self, repository: Path) -> None:
        edit(repository, *TITLE)
        path = repository / "configs/CHANGELOG.md"
        path.write_bytes(path.read_bytes() + b"more\n")
        message = refused(release(repository), "CC915")
        assert message == "not as it is committed: configs/CHANGELOG.md"
        assert path.read_bytes().endswith(b"more\n")

    def test_another_branch(self, repository: Path) -> None:
        git(repository, "switch", "--quiet", "--create", "another")
        message = refused(release(repository), "CC916")
        assert message == "versions are released from the branch main, and another is checked out"
        git(repository, "switch", "--quiet", "--detach")
        assert "and a commit, no branch, is" in refused(release(repository), "CC916")

    def test_another_branch_than_that_of_the_policy(self, repository: Path) -> None:
        policy = repository / "configs/policy.yaml"
        line = "# yaml-language-server: $schema=../schema/policy.schema.json"
        policy.write_text(f"{line}\nrelease: {{branch: stable}}\n", encoding="utf-8")
        save(repository)
        assert "from the branch stable, and main" in refused(release(repository), "CC916")
        git(repository, "switch", "--quiet", "--create", "stable")
        assert release(repository).out == NOTHING

    def test_a_branch_without_the_last_release(self, repository: Path) -> None:
        git(repository, "reset", "--quiet", "--hard", "HEAD~")
        message = refused(release(repository), "CC917")
        assert message == "v1.0.0 is no part of the history of what is checked out"

    def test_a_last_release_that_a_stranger_signed(self, repository: Path, keys: Path) -> None:
        sign_with(repository, keys / "stranger")
        tag_as(repository, "v1.0.1")
        assert "v1.0.1 is not signed by an allowed" in refused(release(repository), "CC919")

    def test_a_last_release_that_says_nothing(self, repository: Path) -> None:
        git(repository, "tag", "--sign", "-m", "The autumn release", "v1.0.1")
        message = refused(release(repository), "CC920")
        assert message == "v1.0.1: its message is not one that chartconfig release writes"

    def test_charts_with_errors(self, repository: Path) -> None:
        edit(repository, "counter: gopls/client", "counter: gopls/client name")
        before = state(repository)
        result = release(repository)
        assert (result.code, result.err[:30]) == (1, "error[CC203] counter-name: the")
        assert state(repository) == before

    def test_what_is_no_repository_of_git(self, clean: Path) -> None:
        result = release(clean)
        assert refused(result, "CC904") == "there is no revision HEAD"
        assert " = help: this is no git repository yet: git init, then commit" in result.err
        git(clean, "init", "--quiet")
        result = release(clean)
        assert refused(result, "CC904") == "there is no revision HEAD"
        assert " = help: commit something first: git add, git commit\n" in result.err

    def test_a_clone_that_lacks_releases(self, repository: Path, tmp_path: Path) -> None:
        edit(repository, *HELIX)
        assert release(repository).code == 0
        clone = tmp_path / "clone"
        git(tmp_path, "clone", "--quiet", "--no-tags", str(repository), str(clone))
        assert refused(release(clone), "CC947").startswith("v1.0.0, v1.1.0 in configs/ of HEAD")
        git(clone, "fetch", "--quiet", "origin", "tag", "v1.0.0")
        assert refused(release(clone), "CC947").startswith("v1.1.0 in configs/ of HEAD")
        git(clone, "fetch", "--quiet", "origin", "tag", "v1.1.0")
        assert release(clone).out == "nothing to release: all is as in v1.1.0\n"
        git(clone, "tag", "--delete", "v1.0.0")
        assert refused(release(clone), "CC947").startswith("v1.0.0 in configs/ of HEAD")
        shutil.rmtree(clone)
        git(tmp_path, "clone", "--quiet", "--depth=1", repository.as_uri(), str(clone))
        assert refused(release(clone), "CC947").startswith("this clone is shallow")

    def test_what_a_hook_of_the_repository_refuses(self, repository: Path) -> None:
        edit(repository, *HELIX)
        hook = repository / ".git/hooks/pre-commit"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho not today >&2\nexit 1\n", encoding="utf-8")
        hook.chmod(0o755)
        result = release(repository)
        assert refused(result, "CC904") == "git commit failed"
        assert " = help: not today\n" in result.err
        hook.unlink()
        assert told(release(repository).out) == MORE
        assert git(repository, "status", "--porcelain") == ""


class TestDryRun:
    def test_shows_all_and_changes_nothing(self, repository: Path) -> None:
        edit(repository, *HELIX)
        before = state(repository)
        result = release(repository, "--dry-run")
        shown, _, _ = MORE.partition("configs/CHANGELOG.md")
        to_be = "to be made: a commit of configs/CHANGELOG.md, and the tag v1.1.0\n"
        assert (result.code, result.out, result.err) == (0, shown + to_be, "")
        assert state(repository) == before

    def test_shows_what_was_found_and_is_no_error(self, repository: Path) -> None:
        edit(repository, "expires: 2027-11-01", "expires: 2026-12-31")
        for arguments in (("--dry-run",), ("--format=json",)):
            result = release(repository, *arguments)
            assert result.code == 0
            assert result.err.startswith("warning[CC")
            assert "configs/charts/gopls/client.yaml" in result.err


class TestChangelog:
    def test_has_the_newest_at_the_top_and_keeps_what_was_reworded(self, repository: Path) -> None:
        path = repository / "configs/CHANGELOG.md"
        text = path.read_text(encoding="utf-8").replace("reports, new", "Reports at all")
        path.write_text(text, encoding="utf-8")
        edit(repository, *HELIX)
        assert release(repository).code == 0
        new = path.read_text(encoding="utf-8")
        entry = "## v1.1.0\n\nCollects more:\n\n- gopls/client:helix of golang.org/x/tools/gopls,"
        assert new.replace(f"{entry} new: 5.248%\n\n", "") == text
        assert new.index(entry) < new.index("## v1.0.0")

    def test_forgets_a_version_that_never_came_to_be(self, repository: Path, keys: Path) -> None:
        edit(repository, *TITLE)
        sign_with(repository, keys / "nobody")
        assert release(repository).code == 1
        edit(repository, *HELIX)
        sign_with(repository, keys / "maintainer")
        assert release(repository).code == 0
        assert tags(repository) == ["v1.0.0", "v1.1.0"]
        text = (repository / "configs/CHANGELOG.md").read_text(encoding="utf-8")
        assert re.findall("^## (.*)$", text, re.MULTILINE) == ["v1.1.0", "v1.0.0"]


def test_a_newer_chartconfig_that_compiles_otherwise_goes_up_by_a_minor(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import chartconfig.cli.releasing
    import chartconfig.pipeline
    from chartconfig.collection.readme import encode_readme

    assert release(repository).out == NOTHING
    monkeypatch.setattr(chartconfig.cli.releasing, "__version__", "9.9.9")
    assert release(repository).out == NOTHING
    monkeypatch.setattr(chartconfig.pipeline, "encode_readme", lambda *a: encode_readme(*a) + b"\n")
    result = release(repository, "--dry-run")
    assert result.out.startswith("v1.1.0 after v1.0.0: more is collected\n")
    assert "\n- the chartconfig that compiles it, otherwise: 9.9.9, 0.1.0 before\n" in result.out


def test_json_is_as_the_page_shows(repository: Path) -> None:
    page = (ROOT / "docs/formats/json.md").read_text(encoding="utf-8")
    shown = page[page.index("`chartconfig release --format json`") :].split("```")[1]
    edit(repository, *HELIX)
    result = release(repository, "--format=json")
    place = Place(base=repository, root="configs")
    assert json.loads(result.out) == json.loads(shown.removeprefix("json")) | {
        "h1": rebuild(place, read_tags(repository)[-1]).h1,
        "commit": git(repository, "rev-parse", "HEAD"),
    }
    assert json.loads(release(repository, "--format=json").out) == {
        "format": "chartconfig/release/v1",
        "version": None,
        "last": "v1.1.0",
        "changes": [],
    }
    edit(repository, *TITLE)
    planned = json.loads(release(repository, "--format=json", "--dry-run").out)
    assert list(planned) == ["format", "version", "last", "changes"]
