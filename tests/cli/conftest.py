"""A day that stands still, and config repositories to run commands in."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.cli.command import BASE, ROOT, TODAY, changed

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    import chartconfig.cli.init
    import chartconfig.cli.project

    for module in (chartconfig.cli.init, chartconfig.cli.project):
        monkeypatch.setattr(module, "today", lambda: TODAY)


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
