"""`retract`: the go command passes over what is withdrawn, and says why to whoever uses it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chartconfig.edge.keys import write_signer
from tests.cli.command import run
from tests.cli.releases import ALONE, NOW, edit, make_keys, make_repository
from tests.go.command import Go, succeeded
from tests.go.conftest import KEY, VKEY

if TYPE_CHECKING:
    from pathlib import Path

MODULE = "example.org/telemetry/config"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return one of which v1.0.0 and v1.1.0 are released."""
    import chartconfig.cli.releasing

    for name, value in ALONE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(chartconfig.cli.releasing, "now", lambda: NOW)
    make_keys(tmp_path)
    write_signer(tmp_path / "log.key", KEY)
    made = make_repository(tmp_path / "repository", tmp_path)
    done(made, "release")
    edit(made, "zed, other", "zed, helix, other")
    done(made, "release")
    return made


def done(repository: Path, *words: str | Path) -> None:
    result = run("-C", repository, *words)
    assert result.code == 0, result.err


def published(repository: Path, user: str) -> Go:
    """Publish everything; return a user."""
    folder = repository.parent
    done(repository, "publish", folder / "site", "--key", folder / "log.key", "--all")
    return Go(home=folder / user, proxy=(folder / "site").as_uri(), key=VKEY)


def latest(go: Go) -> str:
    return succeeded(go.run("list", "-m", "-f", "{{.Version}}", f"{MODULE}@latest")).strip()


def test_the_newest_that_was_not_withdrawn_is_the_latest(repository: Path) -> None:
    assert latest(published(repository, "a")) == "v1.1.0"
    done(repository, "retract", "v1.1.0", "--reason", "Collected the names of branches.")
    go = published(repository, "b")
    assert latest(go) == "v1.0.0"
    listed = succeeded(go.run("list", "-m", "-versions", MODULE + "@latest"))
    assert listed.split() == [MODULE, "v1.0.0"]
    all_of_them = succeeded(go.run("list", "-m", "-versions", "-retracted", MODULE + "@latest"))
    assert all_of_them.split() == [MODULE, "v1.0.0", "v1.1.0", "v1.1.1"]

    edit(repository, "zed, helix, other", "zed, other")
    done(repository, "release")
    assert latest(published(repository, "c")) == "v1.1.2"


def test_whoever_uses_it_is_told_why(repository: Path) -> None:
    done(repository, "retract", "v1.1.0", "--reason", 'Collected "the names" of branches.')
    go = published(repository, "d")
    told = go.run("list", "-m", "-retracted", "-json", f"{MODULE}@v1.1.0")
    assert json.loads(succeeded(told))["Retracted"] == ['Collected "the names" of branches.']


def test_what_was_mended_first_is_the_latest(repository: Path) -> None:
    edit(repository, "zed, helix, other", "zed, other")
    done(repository, "retract", "v1.1.0", "--reason", "Collected the names of branches.")
    assert latest(published(repository, "e")) == "v1.1.1"
