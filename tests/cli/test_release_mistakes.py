"""`release` and `publish` where something is not as it should be: one clear diagnostic each."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from chartconfig.edge.keys import write_signer
from chartconfig.tlog.note import generate
from tests.cli.command import Result, run
from tests.cli.releases import edit, release, retract, state, tags
from tests.edge.repository import git

if TYPE_CHECKING:
    from pathlib import Path

TITLE = ("Editors that run gopls", "All editors that run gopls")
NO_KEY = (
    "say what signs, then run it again: git config gpg.format ssh, and git config"
    " user.signingKey FILE"
)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "log.key"
    write_signer(path, generate("example.org/log", bytes(32)))
    return path


def refusal(result: Result) -> tuple[str, str, str]:
    """Return the code, the message and the hint of the one finding that stops a command."""
    assert (result.code, result.out) == (1, "")
    found = re.fullmatch(r"error\[(CC\d+)\] [a-z-]+: (.*)\n = help: (.*)\n\n", result.err)
    assert found, result.err
    return found[1], found[2], found[3]


class TestRelease:
    def test_in_nobodys_name(self, repository: Path) -> None:
        edit(repository, *TITLE)
        for name in ("user.name", "user.email"):
            git(repository, "config", name, "")
        git(repository, "config", "user.useConfigOnly", "true")
        before = state(repository)
        for result in (release(repository), retract(repository, "v1.0.0")):
            assert refusal(result) == (
                "CC904",
                "git does not know in whose name to commit",
                "git config user.name NAME, and git config user.email ADDRESS",
            )
        assert state(repository) == before

    def test_without_a_signing_key(self, repository: Path) -> None:
        edit(repository, *TITLE)
        git(repository, "config", "--unset", "user.signingKey")
        code, message, hint = refusal(release(repository))
        assert (code, hint) == ("CC919", NO_KEY)
        assert message.startswith("the tag v1.0.1 was not made: either user.signingkey or gpg.ssh.")

    def test_with_a_key_that_is_not_there(self, repository: Path, tmp_path: Path) -> None:
        edit(repository, *TITLE)
        git(repository, "config", "user.signingKey", str(tmp_path / "none"))
        code, message, hint = refusal(release(repository))
        assert (code, hint) == ("CC919", NO_KEY)
        assert message.startswith("the tag v1.0.1 was not made: ")

    def test_with_gpg_where_there_is_none(self, repository: Path) -> None:
        edit(repository, *TITLE)
        git(repository, "config", "gpg.format", "openpgp")
        git(repository, "config", "gpg.program", "/nowhere/gpg")
        why = "cannot run /nowhere/gpg: No such file or directory"
        message = f"the tag v1.0.1 was not made: {why}"
        assert refusal(release(repository)) == ("CC919", message, NO_KEY)
        assert tags(repository) == ["v1.0.0"]

    def test_with_a_tag_that_somebody_made(self, repository: Path) -> None:
        edit(repository, *TITLE)
        git(repository, "tag", "v1.0.1")
        code, message, hint = refusal(release(repository))
        only = "is only a name for a commit, which nobody can sign"
        assert (code, message) == ("CC919", f"the tag v1.0.1 {only}")
        assert hint.endswith("One that was never pushed may go: git tag -d v1.0.1")
        git(repository, "tag", "--delete", "v1.0.1")
        assert release(repository).code == 0

    def test_beside_a_branch_of_that_name(
        self, repository: Path, key: Path, tmp_path: Path
    ) -> None:
        edit(repository, *TITLE)
        git(repository, "branch", "v1.0.1", "HEAD~")
        assert release(repository).code == 0
        assert release(repository, "--verify").code == 0
        arguments = ("publish", tmp_path / "site", "--key", key, "--all")
        assert run("-C", repository, *arguments).code == 0

    def test_in_another_worktree(self, repository: Path, tmp_path: Path) -> None:
        edit(repository, *TITLE)
        git(repository, "switch", "--quiet", "--create", "another")
        git(repository, "worktree", "add", "--quiet", str(tmp_path / "worktree"), "main")
        assert release(tmp_path / "worktree").code == 0
        assert tags(repository) == ["v1.0.0", "v1.0.1"]
        assert git(repository, "rev-parse", "v1.0.1^{}") == git(repository, "rev-parse", "main")

    def test_of_a_bare_repository(self, repository: Path, tmp_path: Path) -> None:
        bare = tmp_path / "bare"
        git(tmp_path, "clone", "--quiet", "--bare", str(repository), str(bare))
        code, message, _ = refusal(release(bare))
        assert (code, message) == ("CC125", f"{bare} is no config repository")

    def test_where_there_is_no_git(
        self, repository: Path, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        publish = run("-C", repository, "publish", tmp_path / "site", "--key", key)
        for result in (release(repository), release(repository, "--verify"), publish):
            hint = "have it in PATH: no such file or directory"
            assert refusal(result) == ("CC904", "git cannot be run", hint)


class TestPublish:
    def publish(self, repository: Path, site: Path | str, key: Path) -> Result:
        return run("-C", repository, "publish", site, "--key", key)

    def test_outside_of_git(self, repository: Path, key: Path, tmp_path: Path) -> None:
        shutil.rmtree(repository / ".git")
        for result in (
            self.publish(repository, tmp_path / "site", key),
            release(repository, "--verify"),
        ):
            hint = "git init, then commit what is there"
            assert refusal(result) == ("CC904", f"{repository} is in no git repository", hint)
        assert not (tmp_path / "site").exists()

    @pytest.mark.parametrize("site", ["", ".", "configs", "configs/public", ".git/public", "link"])
    def test_among_what_is_committed(
        self, repository: Path, key: Path, site: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (repository / "link").symlink_to("configs")
        monkeypatch.chdir(repository)
        before = state(repository)
        result = self.publish(repository, site, key)
        assert (result.code, result.out) == (2, "")
        told = "is of the config repository itself" if site else "SITE is empty"
        assert told in result.err
        assert state(repository) == before

    def test_beside_what_is_committed(self, repository: Path, key: Path) -> None:
        assert self.publish(repository, repository / "public", key).code == 0
        (repository / "link").symlink_to("public")
        assert self.publish(repository, repository / "link", key).code == 0
        assert release(repository).code == 0

    def test_to_what_is_no_directory(self, repository: Path, key: Path, tmp_path: Path) -> None:
        file, link = tmp_path / "file", tmp_path / "link"
        file.write_bytes(b"")
        link.symlink_to("nowhere")
        for site, what in ((file, file), (file / "site", file), (link, link)):
            assert refusal(self.publish(repository, site, key)) == (
                "CC902",
                f"{what} cannot be written: it is no directory",
                "name a directory that you may write, or where one can be made",
            )
        assert link.is_symlink()

    def test_with_a_key_that_others_can_read(
        self, repository: Path, key: Path, tmp_path: Path
    ) -> None:
        key.chmod(0o644)
        assert refusal(self.publish(repository, tmp_path / "site", key)) == (
            "CC910",
            f"{key} is not its owner's alone: its mode is 0644",
            f"chmod 600 {key}; if others could have read it, take a new key",
        )
        assert not (tmp_path / "site").exists()


def test_a_submodule_is_a_repository(repository: Path, key: Path, tmp_path: Path) -> None:
    above = tmp_path / "above"
    above.mkdir()
    git(above, "init", "--quiet")
    allow = ("-c", "protocol.file.allow=always")
    git(above, *allow, "submodule", "--quiet", "add", str(repository), "below")
    below = above / "below"
    for name in ("user.name", "user.email", "user.signingKey", "gpg.format"):
        git(below, "config", name, git(repository, "config", name))
    edit(below, *TITLE)
    assert release(below).code == 0
    assert tags(below) == ["v1.0.0", "v1.0.1"]
    assert run("-C", below, "publish", above / "public", "--key", key, "--all").code == 0
    assert tags(above) == []
