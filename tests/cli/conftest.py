"""A day that stands still, and config repositories to run commands in."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli.approving import (
    MORE,
    SUBJECTS,
    approved,
    edit,
    make_people,
    make_reviewed,
    save,
)
from tests.cli.command import BASE, NOON, ROOT, TODAY, changed, run
from tests.cli.releases import ALONE, NOW, make_keys, make_repository
from tests.exchange.importing import EVERY_FEATURE

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    import chartconfig.cli.due
    import chartconfig.cli.import_
    import chartconfig.cli.init
    import chartconfig.cli.project
    import chartconfig.cli.renew

    for module in (
        chartconfig.cli.due,
        chartconfig.cli.import_,
        chartconfig.cli.init,
        chartconfig.cli.project,
        chartconfig.cli.renew,
    ):
        monkeypatch.setattr(module, "today", lambda: TODAY)
    monkeypatch.setattr("chartconfig.cli.approve.now", lambda: NOON)


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave nothing of the environment that changes what is printed."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM", "CI"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """Return a config repository without findings."""
    folder = tmp_path / "clean"
    shutil.copytree(BASE, folder)
    return folder


@pytest.fixture
def warned(clean: Path) -> Path:
    """Return a config repository with a warning."""
    return changed(clean, "buckets: [vscode, neovim, emacs, zed, other]", "buckets: [vim, zed]")


@pytest.fixture
def wrong(clean: Path) -> Path:
    """Return a config repository with an error."""
    return changed(clean, "counter: gopls/client", "counter: gopls/client name")


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """Return a copy of this project's own config repository."""
    folder = tmp_path / "shipped"
    shutil.copytree(ROOT / "configs", folder / "configs")
    return folder


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the SSH keys of a maintainer and of a stranger."""
    folder = tmp_path_factory.mktemp("keys")
    make_keys(folder)
    return folder


@pytest.fixture(scope="session")
def made(keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a config repository of which v1.0.0 is released; not to be changed."""
    repository = make_repository(tmp_path_factory.mktemp("made") / "repository", keys)
    with pytest.MonkeyPatch.context() as patch:
        _release_now(patch)
        result = run("-C", repository, "release")
    assert (result.code, result.err) == (0, "")
    return repository


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the SSH keys of three maintainers and of a stranger."""
    folder = tmp_path_factory.mktemp("people")
    make_people(folder)
    return folder


@pytest.fixture(scope="session")
def approved_once(people: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a config repository whose v1.0.0 two of its three maintainers approved."""
    folder = make_reviewed(tmp_path_factory.mktemp("approved") / "repository", people)
    save(folder, "charts")
    with pytest.MonkeyPatch.context() as patch:
        _release_now(patch)
        for who in ("bo", "cy"):
            approved(folder, people, who, *SUBJECTS)
        result = run("-C", folder, "release")
    assert (result.code, result.err) == (0, "")
    return folder


@pytest.fixture
def reviewed(approved_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of it, in which nothing is changed since."""
    _release_now(monkeypatch)
    folder = tmp_path / "reviewed"
    shutil.copytree(approved_once, folder, symlinks=True)
    return folder


@pytest.fixture
def more(reviewed: Path) -> Path:
    """Return that in which a collects more, and nobody has looked."""
    edit(reviewed, *MORE)
    save(reviewed)
    return reviewed


@pytest.fixture
def repository(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of it, in which versions are released at `NOW`."""
    _release_now(monkeypatch)
    folder = tmp_path / "repository"
    shutil.copytree(made, folder, symlinks=True)
    return folder


def _release_now(patch: pytest.MonkeyPatch) -> None:
    """Release at `NOW`, and with no settings of whoever runs the tests."""
    for name, value in ALONE.items():
        patch.setenv(name, value)
    patch.setattr("chartconfig.cli.releasing.now", lambda: NOW)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty directory to stand in, with the file of every feature."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(EVERY_FEATURE, tmp_path)
    return tmp_path
