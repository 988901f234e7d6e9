"""The unmodified go command finds, downloads and verifies what `publish` wrote.

It is given the verifier key and a URL, from files or from a web server. Nothing is bypassed: its
checksum database is ours, its caches are new, and it reads no setting of this machine.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chartconfig.charts.retracted import with_retractions
from tests.cli.command import run
from tests.go.command import Go, succeeded
from tests.go.conftest import KEY, NAME, VKEY, served
from tests.releases import compiled, released
from tests.tlog import sites

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.go.conftest import Made

MODULE = "example.org/telemetry/config"
VERSIONS = ["v1.0.0", "v1.1.0", "v1.2.0"]


@pytest.fixture
def go(tmp_path: Path, made: Made, url: Callable[[Path], str]) -> Go:
    return Go(home=tmp_path / "home", proxy=url(made.root), key=VKEY)


def record(made: Made, version: str) -> str:
    """Return the record of a version, as its lookup has it."""
    lookup = made.root / "sumdb" / NAME / "lookup" / f"{MODULE}@{version}"
    index, rest = lookup.read_text(encoding="utf-8").split("\n", 1)
    assert index == str(VERSIONS.index(version))
    return rest.partition("\n\n")[0] + "\n"


def test_it_lists_the_versions(go: Go) -> None:
    listed = succeeded(go.run("list", "-m", "-versions", f"{MODULE}@latest"))
    assert listed.split() == [MODULE, *VERSIONS]


@pytest.mark.parametrize(("asked", "version"), [("latest", "v1.2.0"), ("v1.0.0", "v1.0.0")])
def test_it_downloads_a_version(go: Go, made: Made, asked: str, version: str) -> None:
    answer = json.loads(succeeded(go.run("mod", "download", "-json", f"{MODULE}@{asked}")))
    assert record(made, version) == (
        f"{MODULE} {version} {answer['Sum']}\n{MODULE} {version}/go.mod {answer['GoModSum']}\n"
    )
    assert json.loads(Path(answer["Info"]).read_bytes()) == {
        "Version": version,
        "Time": f"2026-11-{20 + VERSIONS.index(version)}T12:00:00Z",
    }
    files = compiled(made.repository, version)
    folder = Path(answer["Dir"])
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files
    # It has seen the log, and keeps its head.
    latest = go.home / "go/pkg/sumdb" / NAME / "latest"
    assert f"\n{VERSIONS.index(version) + 1}\n" in latest.read_text(encoding="utf-8")


def test_it_gets_and_verifies_it_as_a_dependency(go: Go, made: Made, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "go.mod").write_text("module example.com/client\n", encoding="utf-8")
    succeeded(go.run("get", f"{MODULE}@v1.0.0", cwd=scratch))
    assert (scratch / "go.sum").read_text(encoding="utf-8") == record(made, "v1.0.0")
    assert succeeded(go.run("mod", "verify", cwd=scratch)) == "all modules verified\n"
    succeeded(go.run("get", f"{MODULE}@latest", cwd=scratch))
    assert record(made, "v1.2.0") in (scratch / "go.sum").read_text(encoding="utf-8")
    assert succeeded(go.run("mod", "verify", cwd=scratch)) == "all modules verified\n"


def test_it_obeys_a_withdrawal(made: Made, tmp_path: Path) -> None:
    repository, root = tmp_path / "repository", tmp_path / "site"
    shutil.copytree(made.repository, repository)
    shutil.copytree(made.root, root)
    retracted = with_retractions(
        None,
        {"v1.2.0": "Collected too much.", "v1.2.1": "Collects the same as v1.2.0."},
        path="configs/retracted.yaml",
    )
    (repository / "configs/retracted.yaml").write_text(retracted, encoding="utf-8")
    released(repository, "v1.2.1", at="2026-11-24T12:00:00Z")
    key = made.root.with_name("log.key")
    result = run("-C", repository, "publish", root, "--key", key)
    assert result.code == 0, result.err
    go = Go(home=tmp_path / "home", proxy=root.as_uri(), key=VKEY)
    latest = json.loads(succeeded(go.run("mod", "download", "-json", f"{MODULE}@latest")))
    assert latest["Version"] == "v1.1.0"
    asked = ("list", "-m", "-retracted", "-json", f"{MODULE}@v1.2.0")
    assert json.loads(succeeded(go.run(*asked)))["Retracted"] == ["Collected too much."]


def test_it_follows_600_releases(tmp_path: Path) -> None:
    assert KEY == sites.KEY
    root = tmp_path / "site"
    with served(root) as proxy:
        for size in (1, 255, 257, 511, 513, 600):
            for path, data in sites.site(size).files.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(data)
            # Whoever has seen every tree so far, and whoever sees this one first.
            for home in ("old", f"new-{size}"):
                go = Go(home=tmp_path / home, proxy=proxy, key=VKEY)
                for version in ("latest", "v1.0.0"):
                    run = go.run("mod", "download", "-json", f"{sites.MODULE}@{version}")
                    found = json.loads(succeeded(run))["Version"]
                    assert found == (f"v1.{size - 1}.0" if version == "latest" else version)
