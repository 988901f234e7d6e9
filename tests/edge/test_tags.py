"""Git's tags: which are releases, what they say, and who signed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chartconfig.edge.files import find_place
from chartconfig.edge.git import (
    Tag,
    branch,
    changes,
    is_ancestor,
    place_tag,
    read_blob,
    read_tags,
    sign_tag,
    verify_tag,
)
from chartconfig.errors import ChartconfigError
from tests.cli.releases import ALONE, edit, make_keys, make_repository, sign_with, tags
from tests.edge.repository import git

if TYPE_CHECKING:
    from pathlib import Path

MESSAGE = "v1.0.0\n\n# no comment\n\nModule: x\n"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ALONE.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    make_keys(folder)
    return folder


@pytest.fixture
def repository(tmp_path: Path, keys: Path) -> Path:
    return make_repository(tmp_path / "repository", keys)


@pytest.fixture
def signers(repository: Path) -> bytes:
    return (repository / "configs/allowed_signers").read_bytes()


def made_tag(repository: Path, name: str, commit: str, message: str) -> Tag:
    tag = sign_tag(repository, name, git(repository, "rev-parse", commit), message)
    place_tag(repository, tag)
    return tag


def refusal(repository: Path, signers: bytes, name: str) -> str:
    (tag,) = (tag for tag in read_tags(repository) if tag.name == name)
    with pytest.raises(ChartconfigError) as caught:
        verify_tag(repository, tag, signers)
    assert caught.value.diagnostic.code == "CC919"
    return caught.value.diagnostic.message


class TestRead:
    def test_all_of_a_tag(self, repository: Path) -> None:
        commit = git(repository, "rev-parse", "HEAD")
        made = made_tag(repository, "v1.0.0", commit, MESSAGE)
        assert read_tags(repository) == (made,)
        assert (made.name, made.named, made.commit) == ("v1.0.0", "v1.0.0", commit)
        assert (made.message, made.signed) == (MESSAGE, True)
        assert made.object == git(repository, "rev-parse", "v1.0.0")

    def test_only_releases_in_the_order_of_versions(self, repository: Path) -> None:
        for name in ("v1.10.0", "v1.9.0", "v1.9", "v2.0.0", "v1.0.0-rc.1", "release", "v01.0.0"):
            git(repository, "tag", name)
        assert [tag.name for tag in read_tags(repository)] == ["v1.9.0", "v1.10.0"]

    def test_a_name_for_a_commit(self, repository: Path) -> None:
        git(repository, "tag", "v1.0.0")
        (tag,) = read_tags(repository)
        assert tag.commit == tag.object == git(repository, "rev-parse", "HEAD")
        assert (tag.named, tag.message, tag.signed) == (None, "", False)

    @pytest.mark.parametrize("what", ["HEAD^{tree}", "HEAD:configs/collection.yaml", "v0.1.0"])
    def test_what_names_no_commit(self, repository: Path, what: str) -> None:
        git(repository, "tag", "--annotate", "--message=x", "v0.1.0")
        git(repository, "tag", "--annotate", "--message=x", "v1.0.0", what)
        with pytest.raises(ChartconfigError, match=r"^the tag v1\.0\.0 names no commit$"):
            read_tags(repository)


class TestVerify:
    def test_tells_who_signed(self, repository: Path, signers: bytes) -> None:
        tag = made_tag(repository, "v1.0.0", "HEAD", MESSAGE)
        assert verify_tag(repository, tag, signers) == "a@example.org"

    @pytest.mark.parametrize("allowed", [b"", b"\xff\n", b"a@example.org ssh-ed25519 AAAA\n"])
    def test_refuses_whom_the_list_does_not_have(self, repository: Path, allowed: bytes) -> None:
        made_tag(repository, "v1.0.0", "HEAD", MESSAGE)
        message = "the tag v1.0.0 is not signed by an allowed signer"
        assert refusal(repository, allowed, "v1.0.0") == message

    def test_refuses_a_stranger(self, repository: Path, keys: Path, signers: bytes) -> None:
        sign_with(repository, keys / "stranger")
        made_tag(repository, "v1.0.0", "HEAD", MESSAGE)
        message = "the tag v1.0.0 is not signed by an allowed signer"
        assert refusal(repository, signers, "v1.0.0") == message

    def test_refuses_a_signer_for_another_use(self, repository: Path, signers: bytes) -> None:
        made_tag(repository, "v1.0.0", "HEAD", MESSAGE)
        for_files = signers.replace(b" ssh", b' namespaces="file" ssh')
        for_git = signers.replace(b" ssh", b' namespaces="git" ssh')
        assert verify_tag(repository, read_tags(repository)[0], for_git) == "a@example.org"
        assert refusal(repository, for_files, "v1.0.0").endswith("by an allowed signer")

    def test_refuses_another_name(self, repository: Path, signers: bytes) -> None:
        made_tag(repository, "v1.0.0", "HEAD", MESSAGE)
        git(repository, "update-ref", "refs/tags/v1.1.0", "refs/tags/v1.0.0")
        assert refusal(repository, signers, "v1.1.0") == "the tag v1.1.0 was signed as v1.0.0"

    @pytest.mark.parametrize("option", [[], ["--annotate", "--message=x"]])
    def test_refuses_what_nobody_signed(
        self, repository: Path, signers: bytes, option: list[str]
    ) -> None:
        git(repository, "tag", *option, "v1.0.0")
        assert refusal(repository, signers, "v1.0.0").startswith("the tag v1.0.0 is ")

    def test_refuses_a_message_that_was_changed(self, repository: Path, signers: bytes) -> None:
        made_tag(repository, "v1.0.0", "HEAD", MESSAGE)
        text = git(repository, "cat-file", "tag", "v1.0.0")
        path = repository / "tag"
        path.write_text(text.replace("no comment", "a comment") + "\n", encoding="utf-8")
        changed = git(repository, "hash-object", "-t", "tag", "-w", str(path))
        git(repository, "update-ref", "refs/tags/v1.0.0", changed)
        assert refusal(repository, signers, "v1.0.0").endswith("by an allowed signer")

    def test_runs_nothing_that_the_repository_names(
        self, repository: Path, keys: Path, signers: bytes
    ) -> None:
        sign_with(repository, keys / "stranger")
        made_tag(repository, "v1.0.0", "HEAD", MESSAGE)
        everybody = repository / "everybody"
        everybody.write_text(f"a@example.org {(keys / 'stranger.pub').read_text()}")
        liar = repository / "liar"
        liar.write_text("#!/bin/sh\ntouch was-run\necho a@example.org\n")
        liar.chmod(0o755)
        git(repository, "config", "gpg.ssh.allowedSignersFile", str(everybody))
        git(repository, "config", "gpg.ssh.program", str(liar))
        assert refusal(repository, signers, "v1.0.0").endswith("by an allowed signer")
        assert not (repository / "was-run").exists()


class TestMake:
    def test_leaves_no_tag_that_git_could_not_sign(self, repository: Path, keys: Path) -> None:
        sign_with(repository, keys / "nobody")
        with pytest.raises(ChartconfigError, match=r"^the tag v1\.0\.0 was not made: "):
            made_tag(repository, "v1.0.0", "HEAD", MESSAGE)
        assert tags(repository) == []

    def test_replaces_no_tag(self, repository: Path) -> None:
        made = made_tag(repository, "v1.0.0", "HEAD", MESSAGE)
        with pytest.raises(ChartconfigError, match=r"tag 'v1\.0\.0' already exists"):
            made_tag(repository, "v1.0.0", "HEAD", MESSAGE)
        assert read_tags(repository) == (made,)

    def test_gives_it_no_name_before_it_is_placed(self, repository: Path) -> None:
        commit = git(repository, "rev-parse", "HEAD")
        before = git(repository, "for-each-ref")
        tag = sign_tag(repository, "v1.0.0", commit, MESSAGE)
        assert git(repository, "for-each-ref") == before
        assert git(repository, "cat-file", "-t", tag.object) == "tag"
        assert not list((repository / ".git").glob("chartconfig.*"))
        place_tag(repository, tag)
        assert read_tags(repository) == (tag,)

    def test_places_no_tag_where_another_is(self, repository: Path) -> None:
        commit = git(repository, "rev-parse", "HEAD")
        tag = sign_tag(repository, "v1.0.0", commit, MESSAGE)
        made = made_tag(repository, "v1.0.0", "HEAD", f"{MESSAGE}\n")
        with pytest.raises(ChartconfigError, match=r"^the tag v1\.0\.0 was not made$"):
            place_tag(repository, tag)
        assert read_tags(repository) == (made,)


class TestState:
    def test_changes_are_those_of_known_files_and_of_configs(self, repository: Path) -> None:
        assert changes(find_place(repository)) == ()
        (repository / "known").write_bytes(b"")
        git(repository, "add", "known")
        (repository / "other").write_bytes(b"")
        (repository / "configs/é\n").write_bytes(b"")
        (repository / "configs/collection.yaml").unlink()
        assert sorted(changes(find_place(repository))) == [
            "configs/collection.yaml",
            "configs/é\n",
            "known",
        ]

    def test_changes_below_another_folder_are_named_from_there(self, tmp_path: Path) -> None:
        below = tmp_path / "whole/below"
        (below / "configs").mkdir(parents=True)
        git(tmp_path / "whole", "init", "--quiet")
        (below / "configs/new.yaml").write_bytes(b"")
        assert changes(find_place(below)) == ("configs/new.yaml",)

    def test_branch_is_that_which_is_checked_out(self, repository: Path, tmp_path: Path) -> None:
        assert branch(repository) == "main"
        git(repository, "switch", "--quiet", "--detach")
        assert branch(repository) is None
        assert branch(tmp_path) is None

    def test_ancestors(self, repository: Path) -> None:
        first = git(repository, "rev-parse", "HEAD")
        edit(repository, "Editors that", "All editors that")
        second = git(repository, "rev-parse", "HEAD")
        assert is_ancestor(repository, first, second)
        assert is_ancestor(repository, first, first)
        assert not is_ancestor(repository, second, first)

    def test_a_file_of_a_revision(self, repository: Path, signers: bytes) -> None:
        place = find_place(repository)
        assert read_blob(place, "HEAD", "allowed_signers") == signers
        assert read_blob(place, "HEAD", "nothing") is None
        with pytest.raises(ChartconfigError, match=r"^configs/charts is no file at HEAD$"):
            read_blob(place, "HEAD", "charts")
