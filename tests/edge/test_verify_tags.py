""".ci/verify-tags, which stands between a tag and its publication."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci/verify-tags"


class Repository:
    """A repository with one commit, two keys, and the first of them allowed to sign on main."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "repository"
        self.keys = folder
        self.environment = {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "HOME": str(folder),
            "LC_ALL": "C",
            "PATH": os.environ["PATH"],
        }
        self.folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        for key in ("maintainer", "stranger"):
            self.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key))
        self.allow("maintainer")

    def allow(self, key: str) -> None:
        public = (self.keys / f"{key}.pub").read_text()
        (self.folder / "configs").mkdir(exist_ok=True)
        (self.folder / "configs/allowed_signers").write_text(f"{key}@example.com {public}")
        self.git("add", "configs")
        self.git("commit", "--quiet", "--message", f"Allow {key}")

    def sign(self, tag: str, key: str) -> None:
        self.git(
            *("-c", "gpg.format=ssh", "-c", f"user.signingKey={self.keys / key}"),
            *("tag", "--sign", "--message", tag, tag),
        )

    def git(self, *arguments: str) -> None:
        identity = ("-c", "user.name=A", "-c", "user.email=a@example.com")
        self.run("git", *identity, *arguments)

    def run(self, *command: str) -> None:
        subprocess.run(command, cwd=self.folder, env=self.environment, check=True)

    def verify(self) -> str | None:
        """Return what is said of the tag that is refused, or None if none is."""
        done = subprocess.run(
            [SCRIPT, "main"],
            cwd=self.folder,
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode in (0, 1)
        return done.stderr.splitlines()[-1] if done.returncode else None


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path)
    made.sign("v1.0.0", "maintainer")
    return made


def test_signed_and_merged_tags_are_verified(repository: Repository) -> None:
    repository.sign("v1.0.1", "maintainer")
    repository.sign("another", "stranger")  # no release
    assert repository.verify() is None


def test_a_tag_by_a_stranger(repository: Repository) -> None:
    repository.sign("v0.9.0", "stranger")
    assert repository.verify() == "v0.9.0: not signed by an allowed signer"


def test_a_tag_that_nobody_signed(repository: Repository) -> None:
    repository.git("tag", "--annotate", "--message", "v1.0.1", "v1.0.1")
    assert repository.verify() == "v1.0.1: not signed by an allowed signer"


def test_a_tag_that_is_only_a_name(repository: Repository) -> None:
    repository.git("tag", "v1.0.1")
    assert repository.verify() == "v1.0.1: not signed by an allowed signer"


def test_a_tag_under_the_name_of_another(repository: Repository) -> None:
    repository.git("update-ref", "refs/tags/v1.1.0", "refs/tags/v1.0.0")
    assert repository.verify() == "v1.1.0: was signed as v1.0.0"


def test_a_tag_that_allows_its_own_signer(repository: Repository) -> None:
    repository.git("switch", "--quiet", "--create", "branch")
    repository.allow("stranger")
    repository.sign("v1.0.1", "stranger")
    repository.git("switch", "--quiet", "main")
    assert repository.verify() == "v1.0.1: not signed by an allowed signer"


def test_a_tag_of_a_branch_that_was_not_merged(repository: Repository) -> None:
    repository.git("switch", "--quiet", "--create", "branch")
    repository.git("commit", "--quiet", "--allow-empty", "--message", "Not reviewed")
    repository.sign("v1.0.1", "maintainer")
    assert repository.verify() == "v1.0.1: not merged into main"
