"""What docs/verify.md and docs/keys.md say is true: each command runs and prints what they show."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chartconfig.edge.keys import write_signer
from chartconfig.tlog.note import format_verifier, generate
from tests.cli.command import BASE, ROOT, changed, run
from tests.docs.page import run_page
from tests.releases import released

NAME = "telemetry.example.com/log"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return a folder with a site, its repository of two signed releases, and its keys."""
    repository = tmp_path / "repository"
    shutil.copytree(BASE, repository)
    line = _same_ssh_key(tmp_path / "maintainer")
    (repository / "configs" / "allowed_signers").write_text(line, encoding="ascii")
    released(repository, "v1.0.0", key=tmp_path / "maintainer")
    changed(repository, "emacs, ", "")
    at = "2026-11-21T12:00:00Z"
    released(repository, "v1.0.1", at=at, key=tmp_path / "maintainer")
    for kind, seed in (("log", bytes(range(32))), ("new", b"n" * 32)):
        signer = generate(NAME, seed)
        write_signer(tmp_path / f"{kind}.key", signer)
        text = f"{format_verifier(signer.verifier)}\n"
        (tmp_path / f"{kind}.vkey").write_text(text, encoding="ascii")
    key = ("--key", tmp_path / "log.key")
    assert run("-C", repository, "publish", tmp_path / "public", *key, "--all").code == 0
    return tmp_path


def _same_ssh_key(path: Path) -> str:
    """Write an SSH key, always the same one, and return the line that allows it."""
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.from_private_bytes(b"m" * 32)
    secret = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.OpenSSH, form.NoEncryption())
    path.touch(mode=0o600)
    path.write_bytes(secret)
    public = key.public_key().public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH)
    path.with_suffix(".pub").write_bytes(public + b"\n")
    return f'a@example.org namespaces="git" {public.decode()}\n'


def environment_of(directory: Path) -> dict[str, str]:
    return {
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
        "HOME": str(directory),
        "PYTHONPATH": str(ROOT),
    }


@pytest.mark.parametrize("page", ["verify.md", "keys.md"])
def test_every_command_prints_what_the_page_shows(
    directory: Path, page: str, *, update_golden: bool
) -> None:
    path = ROOT / "docs" / page
    text = path.read_text(encoding="utf-8")
    true = run_page(text, directory, environment_of(directory))
    if update_golden:
        path.write_text(true, encoding="utf-8")
    assert text == true or update_golden


def test_the_program_of_the_page_runs(directory: Path) -> None:
    text = (ROOT / "docs" / "verify.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=directory,
        env=environment_of(directory),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "v1.0.1 1062\n"
