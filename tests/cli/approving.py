"""Config repositories in which changes need approvals, and the people who give them."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from tests.cli.command import BASE, Result, run
from tests.cli.releases import CONFIG, release, tags
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

MORE = ("zed, other", "zed, helix, other")
"""An edit of gopls/client that collects more."""
TITLE = ("title: Editors", "title: All editors")
"""One that collects nothing else."""
CLIENT = "configs/approvals/charts/gopls/client"
BO = f"{CLIENT}/bo@example.org.approval"
CY = f"{CLIENT}/cy@example.org.approval"
MISSING = "CC801 configs/charts/gopls/client.yaml chart gopls/client collects more: approved by"


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


def text(repository: Path, name: str) -> str:
    return (repository / name).read_text(encoding="ascii")


def put(repository: Path, name: str, data: str) -> None:
    path = repository / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data, encoding="ascii")


def signed(key: Path, statement: str, namespace: str = "approval@chartconfig") -> str:
    """Return an approval, signed by hand."""
    command = ["ssh-keygen", "-Y", "sign", "-f", str(key), "-n", namespace]
    done = subprocess.run(
        command, input=statement, text=True, capture_output=True, timeout=60, check=True
    )
    return f"{statement}\n{done.stdout}"


def statement(repository: Path, who: str, subject: str = "chart gopls/client") -> str:
    """Return what somebody would sign of a change."""
    step = next(each for each in steps(repository) if each["subject"] == subject)
    before, after = (step[key] or "none" for key in ("before", "after"))
    return (
        "chartconfig/approval/v1\nmodule: example.org/telemetry/config\n"
        f"subject: {subject}\nbefore: {before}\nafter: {after}\n"
        f"reviewer: {who}@example.org\ntime: 2026-11-20T12:00:00Z\n"
    )


def assert_refused(repository: Path, *expected: str) -> None:
    """Assert what check finds, and that nothing is released."""
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--allow-empty", "--message=change")
    assert found(repository) == list(expected)
    result = release(repository)
    assert (result.code, result.out) == (1, "")
    assert tags(repository)[-1] == "v1.0.0"
