"""What the unmodified go command refuses of a published site, by itself."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from chartconfig.tlog.note import format_verifier, generate
from tests.go.command import Go, refused, succeeded
from tests.go.conftest import NAME, VKEY, make

if TYPE_CHECKING:
    from pathlib import Path

    from tests.go.conftest import Made

MODULE = "example.org/telemetry/config"
FOLDER = f"sumdb/{NAME}"


@pytest.fixture
def root(made: Made, tmp_path: Path) -> Path:
    """Return a copy of the site, to be changed."""
    shutil.copytree(made.root, tmp_path / "site")
    return tmp_path / "site"


def download(root: Path, home: Path, *, version: str = "v1.2.0", key: str = VKEY) -> str:
    """Return what the go command says when it refuses a version."""
    go = Go(home=home, proxy=root.as_uri(), key=key)
    return refused(go.run("mod", "download", "-json", f"{MODULE}@{version}"))


def swap(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert data.count(old) == 1
    path.write_bytes(data.replace(old, new))


def test_a_changed_zip(root: Path, tmp_path: Path) -> None:
    """Another zip that is as good: that of a release with another config."""
    other = make(tmp_path / "other", "buckets: [vscode, other]", "buckets: [zed, other]").root
    path = f"{MODULE}/@v/v1.2.0.zip"
    assert (root / path).read_bytes() != (other / path).read_bytes()
    shutil.copyfile(other / path, root / path)
    said = download(root, tmp_path / "home")
    assert "checksum mismatch" in said
    assert "SECURITY ERROR" in said


def test_a_changed_go_mod(root: Path, tmp_path: Path) -> None:
    path = root / MODULE / "@v/v1.2.0.mod"
    path.write_bytes(path.read_bytes() + b"\nrequire example.com/evil v1.0.0\n")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "go.mod").write_text("module example.com/client\n", encoding="utf-8")
    go = Go(home=tmp_path / "home", proxy=root.as_uri(), key=VKEY)
    said = refused(go.run("get", f"{MODULE}@v1.2.0", cwd=scratch))
    assert f"{MODULE}@v1.2.0: verifying go.mod: checksum mismatch" in said
    assert "SECURITY ERROR" in said


def test_a_changed_record(root: Path, tmp_path: Path) -> None:
    path = root / FOLDER / f"lookup/{MODULE}@v1.2.0"
    swap(path, f"{MODULE} v1.2.0/go.mod h1:".encode(), f"{MODULE} v1.2.0/go.mod h1;".encode())
    assert "cannot authenticate record data" in download(root, tmp_path / "home")


def test_a_changed_tile(root: Path, tmp_path: Path) -> None:
    path = root / FOLDER / "tile/8/0/000.p/3"
    data = path.read_bytes()
    path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    assert "downloaded inconsistent tile" in download(root, tmp_path / "home")


@pytest.mark.parametrize("path", [f"lookup/{MODULE}@v1.2.0", "tile/8/0/000.p/3", "supported"])
def test_a_missing_file(root: Path, tmp_path: Path, path: str) -> None:
    (root / FOLDER / path).unlink()
    said = download(root, tmp_path / "home")
    assert f"{MODULE}@v1.2.0: verifying go.mod: {MODULE}@v1.2.0/go.mod: " in said


def test_another_key(root: Path, tmp_path: Path) -> None:
    stranger = format_verifier(generate(NAME, bytes(32)).verifier)
    said = download(root, tmp_path / "home", key=stranger)
    assert "note has no verifiable signatures" in said


def test_a_fork_by_who_has_a_history(root: Path, tmp_path: Path) -> None:
    go = Go(home=tmp_path / "home", proxy=root.as_uri(), key=VKEY)
    succeeded(go.run("mod", "download", f"{MODULE}@v1.2.0"))
    other = make(tmp_path / "other", *(f"buckets: [b{n}, other]" for n in range(4))).root
    said = download(other, go.home, version="v1.4.0")
    assert "SECURITY ERROR" in said
    assert "proof of misbehavior" in said
