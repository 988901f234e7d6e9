"""`compile`: the same bytes everywhere, whole or not at all, without the network."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.cli.command import COMMAND, ENVIRONMENT, ON, ROOT, changed, run
from tests.collection.repositories import SMALL
from tests.edge.repository import commit, git
from tests.edge.test_write import contents

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


FILES = ["README.md", "charts.json", "config.json", "go.mod", "manifest.json"]


class TestBytes:
    def test_are_the_same_everywhere(
        self, shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def compiled(name: str, repository: Path, **environment: str) -> dict[str, bytes]:
            at = tmp_path / name
            at.mkdir()
            subprocess.run(
                [*COMMAND, "-C", repository, "compile", ON, "-o", "out"],
                cwd=at,
                env=ENVIRONMENT | environment,
                capture_output=True,
                check=True,
            )
            return contents(at / "out")

        moved = tmp_path / "a place with spaces"
        moved.mkdir()
        (shipped / "configs").rename(moved / "configs")
        expected = compiled("one", moved, LC_ALL="C", TZ="UTC", PYTHONHASHSEED="1")
        assert sorted(expected) == FILES
        other = {"LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "2"}
        assert compiled("two", moved / "configs", **other, PYTHONUTF8="0", COLUMNS="20") == expected

        scandir = os.scandir
        monkeypatch.setattr(os, "scandir", lambda path: Backwards(scandir(path)))
        assert run("-C", moved, "compile", ON, "-o", tmp_path / "three").code == 0
        assert contents(tmp_path / "three") == expected

    def test_of_a_revision_are_those_of_its_work_tree(self, clean: Path, tmp_path: Path) -> None:
        first = commit(clean, at="2026-11-19T12:00:00Z")
        assert run("-C", clean, "compile", "-o", tmp_path / "then").code == 0
        manifest = json.loads((tmp_path / "then" / "manifest.json").read_bytes())
        assert (manifest["commit"], manifest["on"]) == (first, "2026-11-19")
        assert manifest["tree"] == git(clean, "rev-parse", f"{first}^{{tree}}")

        changed(clean, "zed, other", "other")
        commit(clean)
        assert run("-C", clean, "compile", "-o", tmp_path / "now").code == 0
        assert run("-C", clean, "compile", "--at", first, "-o", tmp_path / "again").code == 0
        assert contents(tmp_path / "again") == contents(tmp_path / "then")
        assert contents(tmp_path / "now") != contents(tmp_path / "then")

    def test_of_a_tree_with_changes_are_of_no_commit(self, clean: Path, tmp_path: Path) -> None:
        commit(clean, at="2026-11-19T12:00:00Z")
        changed(clean, "zed, other", "other")
        assert run("-C", clean, "compile", "-o", tmp_path / "out").code == 0
        manifest = json.loads((tmp_path / "out" / "manifest.json").read_bytes())
        assert (manifest["commit"], manifest["tree"], manifest["on"]) == (None, None, "2026-11-20")

    def test_are_what_is_kept(self, tmp_path: Path) -> None:
        assert run("-C", SMALL, "compile", ON, "-o", tmp_path / "out").code == 0
        kept, found = contents(SMALL / "build"), contents(tmp_path / "out")
        for files in (kept, found):  # the one is of a made-up commit
            del files["manifest.json"]
        assert found == kept


class Backwards:
    """The entries of a folder, the last one first."""

    def __init__(self, scan: Iterator[os.DirEntry[str]]) -> None:
        self._entries = sorted(scan, key=lambda entry: entry.name, reverse=True)

    def __enter__(self) -> list[os.DirEntry[str]]:
        return self._entries

    def __exit__(self, *_: object) -> None:
        pass


class TestOutput:
    def test_is_told(self, clean: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        result = run("-C", clean, "compile", "-o", out)
        assert (result.code, result.err) == (0, "")
        sizes = {name: len(data) for name, data in contents(out).items()}
        assert result.out == "".join(f"{out / name}  {sizes[name]:,} bytes\n" for name in FILES) + (
            "5 charts compiled: an installation is expected to report 2.73 times a year at most"
            " (SampleRate 0.05248)\n"
            "not from a commit, so nobody else can compile it again: see manifest.json\n"
        )

    def test_replaces_that_of_an_earlier_run(self, clean: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        assert run("-C", clean, "compile", "-o", out).code == 0
        before = contents(out)
        changed(clean, "zed, other", "other")
        assert run("-C", clean, "compile", "-o", out).code == 0
        assert sorted(contents(out)) == FILES
        assert contents(out)["config.json"] != before["config.json"]

    @pytest.mark.parametrize("stranger", ["notes.txt", ".git/config"])
    def test_replaces_nothing_else(self, clean: Path, tmp_path: Path, stranger: str) -> None:
        out = tmp_path / "out"
        assert run("-C", clean, "compile", "-o", out).code == 0
        (out / stranger).parent.mkdir(exist_ok=True)
        (out / stranger).write_bytes(b"mine")
        before = contents(out)
        result = run("-C", clean, "compile", "-o", out)
        assert (result.code, result.err[:12]) == (1, "error[CC903]")
        assert contents(out) == before

    @pytest.mark.parametrize("manifest", [b"{}", b"[]", b"\xff", b'{"format": "x", "outputs": {}}'])
    def test_replaces_no_folder_with_another_manifest(
        self, clean: Path, tmp_path: Path, manifest: bytes
    ) -> None:
        (tmp_path / "manifest.json").write_bytes(manifest)
        assert run("-C", clean, "compile", "-o", tmp_path).code == 1
        assert (tmp_path / "manifest.json").read_bytes() == manifest

    def test_is_as_it_was_with_an_error(self, clean: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        assert run("-C", clean, "compile", "-o", out).code == 0
        before = contents(out)
        changed(clean, "counter: gopls/client", "counter: gopls/client name")
        result = run("-C", clean, "compile", "-o", out)
        assert (result.code, result.out) == (1, "")
        assert contents(out) == before

    def test_never_replaces_the_charts_themselves(self, clean: Path) -> None:
        before = contents(clean)
        for out in (clean, clean / "configs"):
            result = run("-C", clean, "compile", "-o", out)
            assert (result.code, result.out) == (1, "")
            assert result.err == (
                f"error[CC903] output-in-the-way: {out} is there already, and not from an earlier"
                " run\n = help: name another directory, or move it away\n\n"
            )
        assert contents(clean) == before

    def test_is_not_there_when_the_disk_is_full(
        self, clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(descriptor: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), descriptor)

        monkeypatch.setattr(os, "fsync", fail)
        out = tmp_path / "out"
        result = run("-C", clean, "compile", "-o", out)
        assert (result.code, result.out) == (1, "")
        assert result.err == (
            f"error[CC902] cannot-write: {out} cannot be written: no space left on device\n"
            " = help: nothing was changed; make room or choose another place, and run it again\n\n"
        )
        assert sorted(path.name for path in tmp_path.iterdir()) == ["clean"]


def test_warnings_do_not_stop_it(warned: Path, tmp_path: Path) -> None:
    result = run("-C", warned, "compile", "-o", tmp_path / "out")
    assert result.code == 0
    assert result.err.startswith("warning[CC206] partition-without-other: ")
    assert (tmp_path / "out" / "config.json").is_file()


def test_never_opens_a_socket(
    shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    for name in ("socket", "create_connection", "getaddrinfo", "socketpair"):
        monkeypatch.setattr(socket, name, refuse)
    assert run("-C", shipped, "compile", ON, "-o", tmp_path / "out").code == 0
    assert run("-C", ROOT, "check", ON).code == 0
    assert run("-C", shipped, "rates", ON).code == 0
