"""Config repositories in which changes need approvals, and the people who give them."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from tests.cli.command import BASE, Result, run
from tests.cli.releases import CONFIG
from tests.edge.repository import git, write

if TYPE_CHECKING:
    from pathlib import Path

POLICY = """\
# yaml-language-server: $schema=../schema/policy.schema.json
approvals:
  groups:
    reviewers: [a@example.org, bo@example.org, cy@example.org]
    privacy: [cy@example.org]
  rules:
    - need: {reviewers: 1}
    - changes: [meaning, more]
      need: {reviewers: 2}
    - types: [stack]
      need: {privacy: 1}
"""
PEOPLE = {"a": "ed25519", "bo": "ecdsa", "cy": "ed25519", "stranger": "ed25519"}
BOTH = 'namespaces="git,approval@chartconfig"'
SUBJECTS = (
    *("compile/bug", "go/cache-miss-rate", "go/gopath-mode"),
    *("gopls/client", "gopls/package-loader"),
    *("allowed_signers", "collection.yaml", "policy.yaml", "populations.yaml"),
    *("programs/compile.yaml", "programs/go.yaml", "programs/gopls.yaml", "versions.lock.yaml"),
)
"""Everything that can be approved of the base repository."""

CLIENT = "configs/approvals/charts/gopls/client"


def make_people(folder: Path) -> None:
    """Make a key for everybody in a folder."""
    for name, kind in PEOPLE.items():
        command = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "", "-f", str(folder / name)]
        subprocess.run(command, check=True)


def line(keys: Path, name: str, options: str = BOTH, principal: str | None = None) -> str:
    """Return a line of allowed_signers."""
    public = (keys / f"{name}.pub").read_text(encoding="utf-8").strip()
    return f"{principal or f'{name}@example.org'} {options} {public}\n"


def signers(keys: Path) -> str:
    return "".join(line(keys, name) for name in ("a", "bo", "cy"))


def make_reviewed(folder: Path, keys: Path) -> Path:
    """Make a config repository whose policy asks for approvals, by a; nothing is approved yet."""
    files = {path.relative_to(BASE).as_posix(): path.read_bytes() for path in BASE.rglob("*.yaml")}
    files["configs/policy.yaml"] = POLICY.encode()
    files["configs/allowed_signers"] = signers(keys).encode()
    write(folder, files)
    git(folder, "init", "--quiet", "--initial-branch=main")
    with (folder / ".git/config").open("a", encoding="utf-8") as config:
        config.write(CONFIG.format(key=keys / "a"))
    return folder


def save(repository: Path, message: str = "change", *, by: str = "a") -> None:
    """Commit everything, as somebody's work."""
    git(repository, "add", "--all")
    author = f"--author={by} <{by}@example.org>"
    git(repository, "commit", "--quiet", author, "--message", message)


def approve(repository: Path, keys: Path, who: str, *subjects: str) -> Result:
    return run("-C", repository, "approve", *subjects, "--key", keys / who)


def approved(repository: Path, keys: Path, who: str, *subjects: str) -> None:
    """Approve, and commit that."""
    result = approve(repository, keys, who, *subjects)
    assert (result.code, result.err) == (0, "")
    save(repository, f"approved by {who}", by=who)


def edit(repository: Path, old: str, new: str, name: str = "charts/gopls/client.yaml") -> None:
    """Change a file of configs/, without a commit."""
    path = repository / "configs" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def found(repository: Path, *arguments: str) -> list[str]:
    """Return what check finds, each with its code, place and message."""
    document = json.loads(run("-C", repository, "check", "--format=json", *arguments).out)
    return [f"{d['code']} {d['path']} {d['message']}" for d in document["diagnostics"]]


def status(repository: Path, *arguments: str) -> dict[str, Any]:
    """Return what approvals status says."""
    result = run("-C", repository, "approvals", "status", "--format=json", *arguments)
    assert (result.code, result.err) == (0, "")
    document: dict[str, Any] = json.loads(result.out)
    return document


def steps(repository: Path) -> list[dict[str, Any]]:
    """Return what it says of each subject."""
    told: list[dict[str, Any]] = status(repository)["subjects"]
    return told
