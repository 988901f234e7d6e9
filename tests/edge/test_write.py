"""Writing: all of it or nothing, whatever fails and whatever is there."""

from __future__ import annotations

import builtins
import errno
import io
import os
import subprocess
import sys
from functools import partial
from itertools import count
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest

from chartconfig.edge.files import replace_file, write_directory, write_new_file
from chartconfig.errors import ChartconfigError

if TYPE_CHECKING:
    from collections.abc import Callable


def ours(directory: Path) -> bool:
    """Return whether an earlier call made a directory, in the eyes of these tests."""
    return (directory / "marker").is_file()


NEW = {"marker": b"new", "sub/one": b"1", "two": b"2" * 100_000}
OLD = {"marker": b"old", "three": b"3"}


class FullDisk:
    """Counts everything by which a disk can turn out to be full, and refuses one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, refused: int) -> None:
        self.log: list[str] = []
        self._refused = refused
        for name in ("mkdir", "fsync", "rename", "replace", "link"):
            monkeypatch.setattr(os, name, self._counted(name, getattr(os, name)))
        monkeypatch.setattr(io, "open", self._opened)

    @property
    def refused(self) -> bool:
        return len(self.log) > self._refused

    def count(self, name: str) -> None:
        self.log.append(name)
        if len(self.log) - 1 == self._refused:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _counted(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401 - as the function's
            self.count(name)
            return function(*arguments, **keywords)

        return counted

    def _opened(self, path: Path, mode: str, *rest: Any) -> IO[Any]:  # noqa: ANN401 - as open's
        if mode != "wb":
            return builtins.open(path, mode, *rest)  # noqa: PTH123 - which Path.open calls
        self.count("open")
        disk = self

        class HalfWritten(io.BufferedWriter):
            def write(self, data: Any) -> int:  # noqa: ANN401 - any buffer
                half = super().write(data[: len(data) // 2])
                self.flush()
                disk.count("write")
                return half + super().write(data[half:])

        return HalfWritten(io.FileIO(path, "w"))


def told_by(call: Callable[[], None]) -> str:
    """Return the code and message with which a call fails, empty if it does not."""
    try:
        call()
    except ChartconfigError as error:
        return f"{error.diagnostic.code} {error.diagnostic.message}"
    return ""


def contents(directory: Path) -> dict[str, bytes]:
    files = (path for path in sorted(directory.rglob("*")) if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in files}


def everything(directory: Path) -> list[str]:
    return sorted(path.relative_to(directory).as_posix() for path in directory.rglob("*"))


def absent(folder: Path) -> Path:
    return folder / "out"


def absent_with_parents(folder: Path) -> Path:
    return folder / "far" / "away" / "out"


def empty(folder: Path) -> Path:
    (folder / "out").mkdir()
    return folder / "out"


def earlier(folder: Path) -> Path:
    write_directory(folder / "out", OLD, replaces=ours)
    return folder / "out"


TARGETS = (absent, absent_with_parents, empty, earlier)


@pytest.mark.parametrize("target", TARGETS)
class TestDirectory:
    def test_holds_exactly_the_files(self, tmp_path: Path, target: Callable[[Path], Path]) -> None:
        directory = target(tmp_path)
        write_directory(directory, NEW, replaces=ours)
        assert contents(directory) == NEW
        beside = [path.name for path in directory.parent.iterdir()]
        assert beside == ["out"]

    def test_is_as_it_was_after_any_write_that_fails(
        self, tmp_path: Path, target: Callable[[Path], Path]
    ) -> None:
        refused: list[str] = []
        for step in count():
            folder = tmp_path / str(step)
            folder.mkdir()
            directory = target(folder)
            before = (contents(folder), everything(folder))
            with pytest.MonkeyPatch.context() as monkeypatch:
                disk = FullDisk(monkeypatch, refused=step)
                told = told_by(partial(write_directory, directory, NEW, replaces=ours))
            if not told:  # also where a folder that is there already could not be made
                assert contents(directory) == NEW
                if not disk.refused:
                    break
                continue
            assert told == f"CC902 {directory} cannot be written: no space left on device"
            assert (contents(folder), everything(folder)) == before
            refused.append(disk.log[step])
        assert set(refused) == {"mkdir", "open", "write", "fsync", "rename"}
        assert [refused.count(write) for write in ("open", "write", "fsync")] == [3, 3, 3]


class TestForeign:
    @pytest.mark.parametrize("kind", ["directory", "file", "link", "dangling link", "pipe"])
    def test_is_never_replaced(self, tmp_path: Path, kind: str) -> None:
        target = tmp_path / "out"
        match kind:
            case "directory":
                target.mkdir()
                (target / "mine").write_bytes(b"mine")
            case "file":
                target.write_bytes(b"mine")
            case "pipe":
                os.mkfifo(target)
            case _:
                target.symlink_to(tmp_path / "elsewhere")
        if kind == "link":
            (tmp_path / "elsewhere").mkdir()
        before = (contents(tmp_path), everything(tmp_path))
        with pytest.raises(ChartconfigError) as caught:
            write_directory(target, NEW, replaces=ours)
        diagnostic = caught.value.diagnostic
        assert (diagnostic.code, diagnostic.message) == (
            "CC903",
            f"{target} is there already, and not from an earlier run",
        )
        assert (contents(tmp_path), everything(tmp_path)) == before

    @pytest.mark.parametrize("parent", ["file", "loop"])
    def test_is_not_written_into(self, tmp_path: Path, parent: str) -> None:
        (tmp_path / "file").write_bytes(b"mine")
        (tmp_path / "loop").symlink_to("loop")
        before = everything(tmp_path)
        with pytest.raises(ChartconfigError) as caught:
            write_directory(tmp_path / parent / "out", NEW, replaces=ours)
        assert caught.value.diagnostic.code == "CC902"
        assert everything(tmp_path) == before

    def test_is_what_the_caller_says(self, tmp_path: Path) -> None:
        earlier(tmp_path)
        told = told_by(partial(write_directory, tmp_path / "out", NEW, replaces=lambda _: False))
        assert told.startswith("CC903 ")
        assert contents(tmp_path / "out") == OLD


class TestNamed:
    @pytest.mark.parametrize("name", ["out", "./out/", "sub/../out", "link/out"])
    def test_in_any_way(self, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to("real")
        monkeypatch.chdir(tmp_path)
        write_directory(Path(name), NEW, replaces=ours)
        at = "real/out" if name == "link/out" else "out"
        assert contents(tmp_path / at) == NEW

    def test_as_the_current_directory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "out").mkdir()
        monkeypatch.chdir(tmp_path / "out")
        write_directory(Path(), NEW, replaces=ours)
        assert contents(Path()) == contents(tmp_path / "out") == NEW
        assert told_by(partial(write_directory, Path(), NEW, replaces=ours)).startswith("CC903 ")

    def test_as_the_current_directory_with_any_write_that_fails(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for step in count():
            folder = tmp_path / str(step)
            folder.mkdir()
            monkeypatch.chdir(folder)
            with pytest.MonkeyPatch.context() as patch:
                disk = FullDisk(patch, refused=step)
                told = told_by(partial(write_directory, Path(), NEW, replaces=ours))
            assert told.startswith("CC902 ") or contents(folder) == NEW
            assert not told or everything(folder) == []
            if not disk.refused:
                break

    def test_with_the_usual_permissions(self, tmp_path: Path) -> None:
        (tmp_path / "usual").mkdir()
        (tmp_path / "usual" / "file").touch()
        write_directory(tmp_path / "out", NEW, replaces=ours)
        for made, usual in (("out", "usual"), ("out/sub", "usual"), ("out/two", "usual/file")):
            assert (tmp_path / made).stat().st_mode == (tmp_path / usual).stat().st_mode


LIMITED = """\
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
from pathlib import Path
from chartconfig.edge.files import write_directory, write_new_file
from chartconfig.errors import ChartconfigError
from tests.edge.test_write import NEW, ours
try:
    if sys.argv[1] == "directory":
        write_directory(Path("out"), NEW, replaces=ours)
    else:
        write_new_file(Path("out/two"), NEW["two"])
except ChartconfigError as error:
    print(error.diagnostic.code, error.diagnostic.message)
"""


@pytest.mark.parametrize(("what", "path"), [("directory", "out"), ("file", "out/two")])
def test_a_real_limit(tmp_path: Path, what: str, path: str) -> None:
    earlier(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, what],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == f"CC902 {path} cannot be written: file too large\n", done.stderr
    assert contents(tmp_path) == {f"out/{name}": data for name, data in OLD.items()}
    assert everything(tmp_path) == ["out", "out/marker", "out/three"]


class TestNewFile:
    def test_is_written_with_its_folders(self, tmp_path: Path) -> None:
        write_new_file(tmp_path / "a" / "b.yaml", b"b")
        assert (contents(tmp_path), everything(tmp_path)) == ({"a/b.yaml": b"b"}, ["a", "a/b.yaml"])

    @pytest.mark.parametrize("kind", ["file", "folder", "dangling link"])
    def test_never_replaces_anything(self, tmp_path: Path, kind: str) -> None:
        path = tmp_path / "b.yaml"
        match kind:
            case "file":
                path.write_bytes(b"mine")
            case "folder":
                path.mkdir()
            case _:
                path.symlink_to("nothing")
        before = (contents(tmp_path), everything(tmp_path))
        with pytest.raises(ChartconfigError) as caught:
            write_new_file(path, b"b")
        diagnostic = caught.value.diagnostic
        assert (diagnostic.code, diagnostic.message) == ("CC903", f"{path} is there already")
        assert (contents(tmp_path), everything(tmp_path)) == before

    def test_is_not_put_below_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"mine")
        with pytest.raises(ChartconfigError) as caught:
            write_new_file(tmp_path / "a" / "b.yaml", b"b")
        assert caught.value.diagnostic.code == "CC902"
        assert contents(tmp_path) == {"a": b"mine"}

    def test_is_not_there_after_any_write_that_fails(self, tmp_path: Path) -> None:
        refused: list[str] = []
        for step in count():
            folder = tmp_path / str(step)
            folder.mkdir()
            path = folder / "b.yaml"
            with pytest.MonkeyPatch.context() as monkeypatch:
                disk = FullDisk(monkeypatch, refused=step)
                told = told_by(partial(write_new_file, path, b"content"))
            if not told:
                assert contents(folder) == {"b.yaml": b"content"}
                if not disk.refused:
                    break
                continue
            assert told == f"CC902 {path} cannot be written: no space left on device"
            assert everything(folder) == []
            refused.append(disk.log[step])
        assert refused == ["mkdir", "open", "write", "fsync", "link"]


class TestReplacedFile:
    def test_is_written(self, tmp_path: Path) -> None:
        replace_file(tmp_path / "b.svg", b"b")
        assert (contents(tmp_path), everything(tmp_path)) == ({"b.svg": b"b"}, ["b.svg"])

    @pytest.mark.parametrize("folder", ["a", "a/b", "file"])
    def test_makes_no_folder(self, tmp_path: Path, folder: str) -> None:
        (tmp_path / "file").write_bytes(b"")
        path = tmp_path / folder / "b.svg"
        told = told_by(partial(replace_file, path, b"b"))
        assert told == f"CC902 {path} cannot be written: there is no directory {path.parent}"
        assert everything(tmp_path) == ["file"]

    @pytest.mark.parametrize("kind", ["file", "link", "dangling link"])
    def test_takes_the_place_of_a_file(self, tmp_path: Path, kind: str) -> None:
        path, other = tmp_path / "b.svg", tmp_path / "other"
        if kind == "file":
            path.write_bytes(b"old")
        else:
            path.symlink_to(other)
        if kind == "link":
            other.write_bytes(b"mine")
        replace_file(path, b"new")
        assert not path.is_symlink()
        assert path.read_bytes() == b"new"
        assert not other.exists() or other.read_bytes() == b"mine"

    def test_does_not_take_the_place_of_a_folder(self, tmp_path: Path) -> None:
        (tmp_path / "b.svg").mkdir()
        told = told_by(partial(replace_file, tmp_path / "b.svg", b"new"))
        assert told == f"CC902 {tmp_path / 'b.svg'} cannot be written: is a directory"
        assert everything(tmp_path) == ["b.svg"]

    def test_is_the_old_one_after_any_write_that_fails(self, tmp_path: Path) -> None:
        refused: list[str] = []
        for step in count():
            folder = tmp_path / str(step)
            folder.mkdir()
            path = folder / "b.svg"
            path.write_bytes(b"old")
            with pytest.MonkeyPatch.context() as monkeypatch:
                disk = FullDisk(monkeypatch, refused=step)
                told = told_by(partial(replace_file, path, b"content"))
            if not told:
                assert contents(folder) == {"b.svg": b"content"}
                if not disk.refused:
                    break
                continue
            assert told == f"CC902 {path} cannot be written: no space left on device"
            assert contents(folder) == {"b.svg": b"old"}
            assert everything(folder) == ["b.svg"]
            refused.append(disk.log[step])
        assert refused == ["mkdir", "open", "write", "fsync", "replace"]
