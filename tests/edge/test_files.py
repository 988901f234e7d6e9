"""Reading trees: what is a document, what is a finding, and what is passed over."""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chartconfig.edge.files import Place, find_place, read_tree
from chartconfig.errors import ChartconfigError
from chartconfig.source.document import Document
from chartconfig.source.yaml import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

HINT = "name one that holds configs/collection.yaml with -C DIR, or make one: chartconfig init DIR"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Return a folder that holds configs/ with one file."""
    folder = tmp_path / "base"
    (folder / "configs").mkdir(parents=True)
    (folder / "configs" / "collection.yaml").write_bytes(b"module: example.org/x\n")
    return folder


def read(base: Path) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the paths of documents, and code and message of what could not be read."""
    tree = read_tree(find_place(base))
    unread = sorted((found.code, found.message) for found in tree.unread)
    assert all(found.hint for found in tree.unread)
    return [document.path for document in tree.documents], unread


class TestPlace:
    def test_is_the_folder_that_holds_configs(self, base: Path) -> None:
        assert find_place(base) == Place(base=base, root="configs")

    def test_is_above_the_folder_that_holds_the_collection(self, base: Path) -> None:
        assert find_place(base / "configs") == Place(base=base, root="configs")

    def test_is_found_from_within(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(base / "configs")
        assert find_place(Path()) == Place(base=base, root="configs")

    @pytest.mark.parametrize(
        ("directory", "what"),
        [
            (".", "is no config repository"),
            ("base/configs/collection.yaml", "is no directory"),
            ("nothing", "is no directory"),
            ("loop", "is no directory"),
        ],
    )
    def test_is_nowhere_else(self, base: Path, directory: str, what: str) -> None:
        (base.parent / "loop").symlink_to("loop")
        with pytest.raises(ChartconfigError) as caught:
            find_place(base.parent / directory)
        diagnostic = caught.value.diagnostic
        assert (diagnostic.code, diagnostic.message, diagnostic.hint) == (
            "CC125",
            f"{base.parent / directory} {what}",
            HINT,
        )

    def test_is_not_behind_a_link(self, base: Path) -> None:
        elsewhere = base.parent / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "configs").symlink_to(base / "configs")
        with pytest.raises(ChartconfigError) as caught:
            find_place(elsewhere)
        assert caught.value.diagnostic.code == "CC122"


class TestDocuments:
    def test_are_sorted_by_path_and_hold_the_bytes(self, base: Path) -> None:
        folder = base / "configs" / "charts" / "a b"
        folder.mkdir(parents=True)
        (folder / "é\n.yml").write_bytes(b"\xff\x00\r\n")
        assert read_tree(find_place(base)).documents == (
            Document(path="configs/charts/a b/é\n.yml", data=b"\xff\x00\r\n"),
            Document(path="configs/collection.yaml", data=b"module: example.org/x\n"),
        )

    def test_may_have_names_that_are_no_text(self, base: Path) -> None:
        (base / "configs" / os.fsdecode(b"caf\xe9.yaml")).write_bytes(b"")
        assert read(base) == (["configs/caf\\xe9.yaml", "configs/collection.yaml"], [])

    @pytest.mark.parametrize(
        "name", [".hidden.yaml", ".git/config.yaml", "README.md", "x.yaml~", "x.YAML", "yaml"]
    )
    def test_are_not_hidden_or_of_another_kind(self, base: Path, name: str) -> None:
        path = base / "configs" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
        assert read(base) == (["configs/collection.yaml"], [])

    def test_may_stand_in_a_folder_that_is_named_as_a_file(self, base: Path) -> None:
        (base / "configs" / "x.yaml").mkdir()
        (base / "configs" / "x.yaml" / "y.yaml").write_bytes(b"")
        assert read(base) == (["configs/collection.yaml", "configs/x.yaml/y.yaml"], [])

    def test_of_a_large_file_hold_what_shows_that_it_is(self, base: Path) -> None:
        path = base / "configs" / "large.yaml"
        path.touch()
        os.truncate(path, 50 * 2**20)
        (_, large) = read_tree(find_place(base)).documents
        assert len(large.data) == MAX_BYTES + 1

    def test_are_found_however_deep(self, base: Path) -> None:
        depth = 1200
        with nested(base / "configs", depth):
            documents, unread = read(base)
        assert documents == ["configs/collection.yaml", "configs/" + "d/" * depth + "x.yaml"]
        assert unread == []


class TestLinks:
    @pytest.mark.parametrize(
        ("name", "target"),
        [
            ("x.yaml", "collection.yaml"),
            ("x.yaml", "/etc/passwd"),
            ("x.yml", "nothing"),
            ("x.yaml", "x.yaml"),
            ("charts", "."),
            ("charts", "/etc"),
            ("charts", "../.."),
        ],
    )
    def test_are_told_and_not_followed(self, base: Path, name: str, target: str) -> None:
        (base / "configs" / name).symlink_to(target)
        message = f"configs/{name} is a symbolic link, and links are not followed"
        assert read(base) == (["configs/collection.yaml"], [("CC122", message)])

    @pytest.mark.parametrize(
        ("name", "target"),
        [("README", "collection.yaml"), ("loop", "loop"), ("gone", "gone/x"), (".x.yaml", "/etc")],
    )
    def test_that_lead_to_no_chart_are_passed_over(
        self, base: Path, name: str, target: str
    ) -> None:
        (base / "configs" / name).symlink_to(target)
        assert read(base) == (["configs/collection.yaml"], [])


class TestUnreadable:
    def test_pipe(self, base: Path) -> None:
        os.mkfifo(base / "configs" / "x.yaml")
        message = "configs/x.yaml cannot be read: it is no regular file"
        assert read(base) == (["configs/collection.yaml"], [("CC123", message)])

    def test_socket(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(base / "configs")  # the path of a socket must be short
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("x.yaml")
            message = "configs/x.yaml cannot be read: no such device or address"
            assert read(base) == (["configs/collection.yaml"], [("CC123", message)])

    def test_file_without_permission(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        # Permissions mean nothing to root, so that the system's answer is played.
        def refuse(path: str, flags: int) -> int:
            raise PermissionError(13, "Permission denied", path, flags)

        monkeypatch.setattr(os, "open", refuse)
        message = "configs/collection.yaml cannot be read: permission denied"
        assert read(base) == ([], [("CC123", message)])

    def test_folder_without_permission(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (base / "configs" / "charts").mkdir()
        scandir = os.scandir

        def refuse(path: Path) -> Iterator[os.DirEntry[str]]:
            if path.name == "charts":
                raise PermissionError(13, "Permission denied", path)
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refuse)
        message = "configs/charts cannot be read: permission denied"
        assert read(base) == (["configs/collection.yaml"], [("CC123", message)])

    def test_file_that_fails_half_way(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(descriptor: int) -> os.stat_result:
            raise OSError(5, "Input/output error", descriptor)

        with monkeypatch.context() as context:
            context.setattr(os, "fstat", fail)
            found = read(base)
        message = "configs/collection.yaml cannot be read: input/output error"
        assert found == ([], [("CC123", message)])


@contextmanager
def nested(folder: Path, depth: int) -> Iterator[None]:
    """Make a file below so many folders, and remove them again, which shutil could not."""
    folders = [folder / ("d/" * level) for level in range(1, depth + 1)]
    for each in folders:
        each.mkdir()
    (folders[-1] / "x.yaml").write_bytes(b"")
    yield
    (folders[-1] / "x.yaml").unlink()
    for each in reversed(folders):
        each.rmdir()
