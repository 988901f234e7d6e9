"""`publish` from a clone that lacks something, to a site that does, and against a head kept."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from chartconfig.edge.keys import write_signer
from chartconfig.tlog.note import format_verifier
from tests.cli.command import BASE, Result, changed, run
from tests.cli.test_publish import (
    CHARTS,
    KEY,
    MODULE,
    NAME,
    SECOND,
    UNSIGNED,
    publish,
    refused,
)
from tests.edge.repository import commit, git
from tests.edge.test_write import contents
from tests.releases import released, ssh_key

if TYPE_CHECKING:
    from pathlib import Path

SIGNERS = "configs/allowed_signers"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "log.key"
    write_signer(path, KEY)
    return path


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "site"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a config repository with two releases, which its changelog names."""
    folder = tmp_path / "repository"
    shutil.copytree(BASE, folder)
    log(folder, "v1.0.0")
    released(folder, "v1.0.0")
    changed(folder, *CHARTS)
    log(folder, "v1.0.1", "v1.0.0")
    released(folder, "v1.0.1", at=SECOND)
    return folder


def log(repository: Path, *versions: str) -> None:
    text = "".join(f"\n## {version}\n" for version in versions)
    (repository / "configs/CHANGELOG.md").write_text(f"# Changelog\n{text}", encoding="utf-8")


def clone(repository: Path, *options: str) -> Path:
    into = repository.with_name("clone")
    git(repository.parent, "clone", "--quiet", *options, repository.as_uri(), str(into))
    return into


class TestClone:
    def test_that_is_shallow(self, repository: Path, site: Path, key: Path) -> None:
        short = clone(repository, "--depth=1")
        git(short, "fetch", "--quiet", "--tags", "--depth=1")
        told = refused(publish(short, site, key, "--all"), "CC947")
        assert told == (
            "this clone is shallow: it may lack releases that were made: git fetch --unshallow"
            " --tags; fetch-depth: 0 for actions/checkout"
        )
        assert not site.exists()
        git(short, "fetch", "--quiet", "--unshallow", "--tags")
        assert publish(short, site, key, "--all").code == 0

    @pytest.mark.parametrize("missing", ["v1.0.0", "v1.0.1"])
    def test_that_lacks_a_tag(self, repository: Path, site: Path, key: Path, missing: str) -> None:
        short = clone(repository)
        git(short, "tag", "--delete", missing)
        told = refused(publish(short, site, key, "--all"), "CC947")
        assert told.startswith(f"{missing} in configs/ of HEAD, and no such tag: git fetch --tags;")
        assert not site.exists()
        git(short, "fetch", "--quiet", "--tags")
        assert publish(short, site, key, "--all").code == 0

    def test_that_lacks_a_withdrawn_version(self, repository: Path, site: Path, key: Path) -> None:
        path = repository / "configs/retracted.yaml"
        path.write_text('v1.0.0: "a"\n"v1.0.2": "b"\n', encoding="utf-8")
        commit(repository)
        assert refused(publish(repository, site, key, "--all"), "CC947").startswith("v1.0.2 in")

    def test_that_lacks_the_first_release(self, repository: Path, site: Path, key: Path) -> None:
        log(repository, "v1.0.1")
        commit(repository)
        git(repository, "tag", "--delete", "v1.0.0")
        told = "a new log begins with v1.0.0, and the first release here is v1.0.1"
        for arguments in ((), ("--all",)):
            result = publish(repository, site, key, *arguments)
            assert refused(result, "CC947").startswith(f"{told}: ")
        assert contents(site) == {}


class TestAgainst:
    def test_a_head_that_is_continued(self, repository: Path, site: Path, key: Path) -> None:
        assert publish(repository, site, key, "--version", "v1.0.0").code == 0
        kept = key.with_name("kept")
        shutil.copy(site / "sumdb" / NAME / "latest", kept)
        assert self.lost(repository, site, key, kept).code == 0
        again = contents(site)
        checkpoint = site / "sumdb" / NAME / "checkpoint"
        shutil.copy(checkpoint, kept)
        assert self.lost(repository, site, key, kept).code == 0
        assert contents(site) == again

    def test_a_head_of_more_records(self, repository: Path, site: Path, key: Path) -> None:
        assert publish(repository, site, key, "--all").code == 0
        kept = key.with_name("kept")
        shutil.copy(site / "sumdb" / NAME / "latest", kept)
        git(repository, "tag", "--delete", "v1.0.1")
        log(repository, "v1.0.0")
        commit(repository)
        told = refused(self.lost(repository, site, key, kept), "CC947")
        assert told.startswith(f"{NAME} had 2 records, and would have 1: publish all that was")
        assert contents(site) == {}

    def test_a_head_of_another_tree(self, repository: Path, site: Path, key: Path) -> None:
        assert publish(repository, site, key, "--all").code == 0
        kept = key.with_name("kept")
        shutil.copy(site / "sumdb" / NAME / "checkpoint", kept)
        git(repository, "tag", "--delete", "v1.0.1")
        changed(repository, "Editors that run gopls", "All editors that run gopls")
        released(repository, "v1.0.1", at=SECOND)
        told = refused(self.lost(repository, site, key, kept), "CC947")
        assert told.startswith(f"{NAME} would not continue the tree of 2 records that it had: ")
        assert contents(site) == {}

    def test_what_is_no_head(self, repository: Path, site: Path, key: Path) -> None:
        kept = key.with_name("kept")
        kept.write_bytes(b"nothing\n")
        result = publish(repository, site, key, "--all", "--against", kept)
        assert (result.code, result.out) == (1, "")
        assert contents(site) == {}

    def lost(self, repository: Path, site: Path, key: Path, kept: Path) -> Result:
        shutil.rmtree(site)
        return publish(repository, site, key, "--all", "--against", kept)


class TestDamaged:
    @pytest.mark.parametrize("kind", ["zip", "mod", "info"])
    def test_files_of_an_older_version_are_made_again(
        self, repository: Path, site: Path, key: Path, kind: str
    ) -> None:
        assert publish(repository, site, key, "--all").code == 0
        before = contents(site)
        path = site / MODULE / f"@v/v1.0.0.{kind}"
        path.unlink()
        result = publish(repository, site, key, "--all")
        assert result.out.startswith("v1.0.0  h1:")
        assert "  record 0, 1 file written\n" in result.out
        assert contents(site) == before

    @pytest.mark.parametrize("name", ["zip", "mod", "info"])
    def test_altered_ones_are_refused(
        self, repository: Path, site: Path, key: Path, name: str
    ) -> None:
        assert publish(repository, site, key, "--all").code == 0
        path = site / MODULE / f"@v/v1.0.0.{name}"
        path.write_bytes(path.read_bytes() + b"\n")
        before = contents(site)
        result = publish(repository, site, key, "--all")
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith(
            f"error[CC928] site-in-conflict: {MODULE}/@v/v1.0.0.{name}: it is there already"
        )
        assert contents(site) == before

    def test_a_lookup_that_is_gone_is_refused(
        self, repository: Path, site: Path, key: Path
    ) -> None:
        assert publish(repository, site, key, "--all").code == 0
        path = f"sumdb/{NAME}/lookup/{MODULE}@v1.0.0"
        (site / path).unlink()
        result = publish(repository, site, key, "--all")
        assert f"{path}: it is missing, and the version is published" in result.err


class TestSigners:
    def test_none_is_said(self, repository: Path, site: Path, key: Path) -> None:
        result = publish(repository, site, key, "--all")
        assert (result.code, result.err) == (0, UNSIGNED)

    def test_a_list_that_is_gone_is_missed(
        self, repository: Path, site: Path, key: Path, tmp_path: Path
    ) -> None:
        line = ssh_key(tmp_path / "ssh")
        (repository / SIGNERS).write_text(line, encoding="ascii")
        log(repository, "v1.0.2", "v1.0.1", "v1.0.0")
        released(repository, "v1.0.2", key=tmp_path / "ssh")
        (repository / SIGNERS).unlink()
        commit(repository)
        told = refused(publish(repository, site, key, "--all"), "CC919")
        assert told == (
            "configs/allowed_signers is no longer there, and v1.0.2 had it: commit it again: git"
            " checkout v1.0.2 -- configs/allowed_signers"
        )
        assert contents(site) == {}


def test_a_public_key_signs_nothing(repository: Path, site: Path, key: Path) -> None:
    public = key.with_name("log.pub")
    public.write_text(f"{format_verifier(KEY.verifier)}\n", encoding="ascii")
    told = refused(publish(repository, site, public, "--all"), "CC910")
    assert told.startswith(f"{public} holds a public key, and the secret one is asked for: ")


@pytest.mark.parametrize("target", ["s3:bucket/site", "HTTPS://example.org", "https:/example.org"])
def test_what_looks_like_a_url_is_no_directory(
    repository: Path, key: Path, target: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    before = contents(tmp_path)
    result = run("-C", repository, "publish", target, "--key", key)
    assert result.code == 2
    assert f"{target} is no directory" in result.err
    assert contents(tmp_path) == before
