"""A log changes its key, and the unmodified go command goes on, whichever of the two it knows."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from chartconfig.edge.keys import write_signer
from chartconfig.tlog.note import format_verifier, generate
from tests.cli.command import run
from tests.go.command import Go, refused, succeeded
from tests.go.conftest import KEY, NAME, VKEY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.go.conftest import Made

MODULE = "example.org/telemetry/config"
NEW_KEY = generate(NAME, b"n" * 32)
NEW_VKEY = format_verifier(NEW_KEY.verifier)


@pytest.fixture
def root(made: Made, tmp_path: Path) -> Path:
    """Return a copy of the site, to be changed."""
    shutil.copytree(made.root, tmp_path / "site")
    write_signer(tmp_path / "old", KEY)
    write_signer(tmp_path / "new", NEW_KEY)
    return tmp_path / "site"


def sign(made: Made, root: Path, *names: str) -> None:
    keys = [f"--key={root.with_name(name)}" for name in names]
    result = run("-C", made.repository, "publish", root, *keys, "--resign")
    assert result.code == 0, result.err


def download(home: Path, root: Path, key: str, version: str) -> Go:
    go = Go(home=home, proxy=root.as_uri(), key=key)
    succeeded(go.run("mod", "download", f"{MODULE}@{version}"))
    return go


def test_both_sign_then_the_new_one_alone(made: Made, root: Path, tmp_path: Path) -> None:
    steady = tmp_path / "steady"
    download(steady, root, VKEY, "v1.0.0")
    # 1. Both: whoever knows either, and whoever has a history.
    sign(made, root, "old", "new")
    download(tmp_path / "old-only", root, VKEY, "v1.2.0")
    download(tmp_path / "new-only", root, NEW_VKEY, "v1.0.0")
    download(steady, root, VKEY, "v1.2.0")
    # 2. The new one alone: whoever knows it, and whoever has seen a head with both signatures.
    sign(made, root, "new")
    download(tmp_path / "newcomer", root, NEW_VKEY, "v1.0.0")
    download(steady, root, NEW_VKEY, "v1.1.0")
    late = Go(home=tmp_path / "late", proxy=root.as_uri(), key=VKEY)
    said = refused(late.run("mod", "download", f"{MODULE}@v1.0.0"))
    assert "note has no verifiable signatures" in said


def test_a_history_that_only_the_old_one_signed_has_to_be_forgotten(
    made: Made, root: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    download(home, root, VKEY, "v1.0.0")
    sign(made, root, "old", "new")
    sign(made, root, "new")
    go = Go(home=home, proxy=root.as_uri(), key=NEW_VKEY)
    said = refused(go.run("mod", "download", f"{MODULE}@v1.1.0"))
    assert "note has no verifiable signatures" in said
    shutil.rmtree(home / "go/pkg/sumdb" / NAME)
    download(home, root, NEW_VKEY, "v1.1.0")
