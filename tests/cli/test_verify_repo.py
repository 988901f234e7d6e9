"""`verify --repo`: what is published is what its signed tag gives, built again."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from chartconfig.edge.keys import write_signer
from tests.cli.command import BASE, Result, changed, run
from tests.edge.repository import git
from tests.fakes import MemoryStore
from tests.releases import released, ssh_key
from tests.sites import KEY, VKEY, publish, release, written

if TYPE_CHECKING:
    from pathlib import Path

SECOND = "2026-11-21T12:00:00Z"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a repository of two signed releases, and a site with both."""
    repository = tmp_path / "repository"
    shutil.copytree(BASE, repository)
    line = ssh_key(tmp_path / "maintainer")
    (repository / "configs/allowed_signers").write_text(line, encoding="ascii")
    released(repository, "v1.0.0", key=tmp_path / "maintainer")
    changed(repository, "emacs, ", "")
    released(repository, "v1.0.1", at=SECOND, key=tmp_path / "maintainer")
    write_signer(tmp_path / "log.key", KEY)
    key = ("--key", tmp_path / "log.key")
    assert run("-C", repository, "publish", tmp_path / "public", *key, "--all").code == 0
    return tmp_path


def verify(folder: Path, *options: str) -> Result:
    repository = folder / "repository"
    return run("verify", folder / "public", "--key", VKEY, "--repo", repository, *options)


def retagged(folder: Path, version: str, **more: str | Path) -> None:
    git(folder / "repository", "tag", "--delete", version)
    released(folder / "repository", version, **more)  # type: ignore[arg-type]


def test_finds_nothing_wrong(folder: Path) -> None:
    result = verify(folder)
    assert (result.code, result.err) == (0, "")
    assert result.out.endswith(": no findings\n")
    assert verify(folder, "--version=v1.0.0").code == 0


def test_finds_a_version_without_a_tag(folder: Path) -> None:
    git(folder / "repository", "tag", "--delete", "v1.0.0")
    result = verify(folder)
    assert (result.code, result.err) == (1, "")
    assert "error[CC939] not-rebuilt: v1.0.0 has no tag\n = help: git fetch --tags\n" in result.out
    assert verify(folder, "--version=v1.0.1").code == 0


def test_finds_a_tag_that_nobody_allowed_has_signed(folder: Path) -> None:
    ssh_key(folder / "stranger")
    for key in (folder / "stranger", None):
        retagged(folder, "v1.0.1", at=SECOND, key=key)  # type: ignore[arg-type]
        result = verify(folder)
        assert (result.code, result.err) == (1, "")
        assert "error[CC919]" in result.out
        assert "the tag v1.0.1 is not signed by an allowed signer\n" in result.out


def test_finds_a_tag_that_gives_something_else(folder: Path) -> None:
    changed(folder / "repository", "zed, ", "")
    retagged(folder, "v1.0.1", at=SECOND, key=folder / "maintainer")
    result = verify(folder)
    assert (result.code, result.err) == (1, "")
    assert "error[CC939] not-rebuilt: v1.0.1: its tag gives example.org/telemetry/" in result.out
    assert verify(folder, "--version=v1.0.0").code == 0


def test_finds_a_tag_that_does_not_give_what_it_says(folder: Path) -> None:
    wrong = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    retagged(folder, "v1.0.1", at=SECOND, key=folder / "maintainer", h1=wrong)
    result = verify(folder)
    assert (result.code, result.err) == (1, "")
    assert f"what was released is {wrong}" in result.out


def test_says_that_it_does_not_ask_who_signed(folder: Path) -> None:
    (folder / "repository/configs/allowed_signers").unlink()
    git(folder / "repository", "commit", "--all", "--quiet", "--message=nobody")
    result = verify(folder)
    assert (result.code, result.out[-14:]) == (0, ": no findings\n")
    assert result.err == (
        "configs/allowed_signers is not there, so who signed the tags was not asked\n"
    )


def test_builds_its_own_module_alone(folder: Path) -> None:
    public = folder / "public"
    files = {
        path.relative_to(public).as_posix(): path.read_bytes()
        for path in public.rglob("*")
        if path.is_file()
    }
    store = publish(MemoryStore(files), release("v1.0.0", module="example.org/other"))
    written(store.files, public)
    told = "example.org/other was not built again: this repository has released none of it\n"
    for options in ((), ("--version=v1.0.0",)):
        result = verify(folder, *options)
        assert (result.code, result.err) == (0, told)
    for version in ("v1.0.0", "v1.0.1"):
        git(folder / "repository", "tag", "--delete", version)
    result = verify(folder)
    assert result.code == 1
    what = "no version in the log is of a module that this repository has released"
    assert f"error[CC939] not-rebuilt: {what}\n" in result.out


def test_of_no_repository_is_an_error(folder: Path) -> None:
    shutil.rmtree(folder / "repository")
    result = verify(folder)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("error[CC125]")
