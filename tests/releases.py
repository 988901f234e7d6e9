"""Releases of a config repository, tagged as `chartconfig release` does it, signed or not."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from chartconfig import __version__
from chartconfig.edge.files import find_place
from chartconfig.edge.git import read_revision
from chartconfig.module.dirhash import hash_module
from chartconfig.module.gomod import decode_go_mod
from chartconfig.pipeline import build, check
from chartconfig.review.release import Announcement, format_message
from tests.edge.repository import commit, git

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FIRST = "2026-11-20T12:00:00Z"


def compiled(repository: Path, revision: str = "HEAD") -> Mapping[str, bytes]:
    """Return what a revision compiles to."""
    place = find_place(repository)
    tree, origin = read_revision(place, revision)
    checked = check(tree.documents, on=origin.on, root=place.root)
    assert checked.compilable is not None, checked.diagnostics
    return build(checked.compilable, documents=tree.documents, origin=origin)


def released(
    repository: Path,
    version: str,
    *,
    at: str = FIRST,
    key: Path | None = None,
    h1: str | None = None,
    chartconfig: str = __version__,
) -> str:
    """Commit everything and tag it, signed with an SSH key where there is one; return the h1."""
    commit(repository, at=at)
    files = compiled(repository)
    module = decode_go_mod(files["go.mod"]).module
    h1 = h1 or hash_module(files, module=module, version=version)
    message = format_message(
        Announcement(version=version, text="", module=module, h1=h1, chartconfig=chartconfig)
    )
    signed = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={key}"] if key else []
    kind = "--sign" if key else "--annotate"
    arguments = ["tag", kind, "--cleanup=verbatim", f"--message={message}", version]
    git(repository, *signed, *arguments, at=at)
    return h1


def ssh_key(path: Path) -> str:
    """Make an SSH key, and return the line by which allowed_signers allows it."""
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path],
        env={"PATH": os.environ["PATH"]},
        check=True,
    )
    return f'a@example.org namespaces="git" {path.with_suffix(".pub").read_text("ascii")}'
