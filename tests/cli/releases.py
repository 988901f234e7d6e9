"""Config repositories from which versions are released, and keys to sign them with."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.cli.command import BASE, Result, changed, run
from tests.edge.repository import git

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
"""When everything is released."""

ALONE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
"""An environment for git in which nobody's settings count."""

CONFIG = """\
[user]
	name = A
	email = a@example.org
	signingKey = {key}
[gpg]
	format = ssh
[gc]
	auto = 0
"""


def make_keys(folder: Path) -> None:
    """Make the keys of a maintainer and of a stranger in a folder."""
    for name in ("maintainer", "stranger"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]
        subprocess.run([*command, str(folder / name)], check=True)


def make_repository(folder: Path, keys: Path) -> Path:
    """Make a committed config repository whose maintainer may sign; nothing is released yet."""
    shutil.copytree(BASE, folder)
    public = (keys / "maintainer.pub").read_text(encoding="utf-8")
    (folder / "configs/allowed_signers").write_text(f"a@example.org {public}", encoding="utf-8")
    git(folder, "init", "--quiet", "--initial-branch=main")
    with (folder / ".git/config").open("a", encoding="utf-8") as config:
        config.write(CONFIG.format(key=keys / "maintainer"))
    save(folder)
    return folder


def save(repository: Path, message: str = "charts") -> None:
    """Commit everything."""
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", message)


def edit(repository: Path, old: str, new: str) -> None:
    """Change the chart gopls/client, and commit that."""
    changed(repository, old, new)
    save(repository)


def sign_with(repository: Path, key: Path) -> None:
    """Sign with another key from now on."""
    git(repository, "config", "user.signingKey", str(key))


def tags(repository: Path) -> list[str]:
    return git(repository, "tag", "--list", "--sort=v:refname").split()


def release(repository: Path, *arguments: str) -> Result:
    return run("-C", repository, "release", *arguments)


def retract(repository: Path, version: str, *arguments: str) -> Result:
    reason = "--reason=Collected the names of branches."
    return run("-C", repository, "retract", version, reason, *arguments)


def refused(result: Result, code: str) -> str:
    """Return the message of a finding that stopped a command."""
    assert (result.code, result.out) == (1, "")
    match = re.match(rf"error\[{code}\] [a-z-]+: (.*)\n", result.err)
    assert match, result.err
    return match[1]


def state(repository: Path) -> tuple[str, str, str]:
    """Return everything that a release may change."""
    return (
        git(repository, "for-each-ref"),
        git(repository, "status", "--porcelain"),
        git(repository, "rev-parse", "HEAD"),
    )


def tag_as(repository: Path, version: str) -> None:
    """Tag the commit of v1.0.0 as another version, with the same hash."""
    message = git(repository, "tag", "--list", "--format=%(contents)", "v1.0.0")
    message = message.partition("-----BEGIN")[0].replace("v1.0.0", version)
    git(repository, "tag", "--sign", "--cleanup=verbatim", "-m", message, version, "v1.0.0^{}")
