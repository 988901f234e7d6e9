"""Trees of files: read as documents, written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from errno import EISDIR, ENOENT
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Position, Span
from chartconfig.errors import ChartconfigError
from chartconfig.source.document import Document
from chartconfig.source.yaml import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from chartconfig.diagnostics.diagnostic import Diagnostic

_ENDINGS = (".yaml", ".yml")
_START = Position(1, 1)
_ROOT = "configs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The documents below a folder, sorted by path, and what could not be read."""

    documents: tuple[Document, ...]
    unread: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a config repository is: paths in diagnostics are relative to `base`."""

    base: Path
    root: str
    """The folder below `base` that holds collection.yaml."""


def find_place(directory: Path) -> Place:
    """Return where the config repository of a directory is: in its configs/, or in itself.

    The folder is always called configs, so that paths are the same for everybody.

    Raises:
        ChartconfigError: CC125, it is neither; CC122, its configs/ is a symbolic link.
    """
    try:
        resolved = Path(os.path.realpath(directory))
        if resolved.name == _ROOT and not (directory / _ROOT).is_dir():
            directory = resolved.parent
        if (directory / _ROOT).is_symlink():
            raise ChartconfigError(symbolic_link(_ROOT))
        if (directory / _ROOT).is_dir():
            return Place(base=directory, root=_ROOT)
        what = "is no config repository" if directory.is_dir() else "is no directory"
    except OSError as error:
        what = f"cannot be read: {(error.strerror or str(error)).lower()}"
    raise ChartconfigError(
        report(
            "CC125",
            f"{directory} {what}",
            None,
            hint="name one that holds configs/collection.yaml with -C DIR, "
            "or make one: chartconfig init DIR",
        )
    )


def path_in_git(place: Place) -> str:
    """Return where a config repository is in the git repository that holds it, with a last slash.

    That is "" where it is all of it, and where no folder above has a `.git`. Git is not asked.
    """
    base = Path(os.path.realpath(place.base))
    for folder in (base, *base.parents):
        if os.path.lexists(folder / ".git"):
            path = os.fsencode(base.relative_to(folder)).decode("utf-8", "backslashreplace")
            return "" if path == "." else f"{path}/"
    return ""


def read_tree(place: Place) -> Tree:
    """Return every YAML file of a config repository, and what could not be read."""
    documents: list[Document] = []
    unread: list[Diagnostic] = []
    for found in _walk(place.base / place.root, place.root):
        if isinstance(found, Document):
            documents.append(found)
        else:
            unread.append(found)
    documents.sort(key=lambda document: document.path)
    return Tree(documents=tuple(documents), unread=tuple(unread))


def symbolic_link(path: str) -> Diagnostic:
    """Return the finding on a symbolic link."""
    return report(
        "CC122",
        f"{path} is a symbolic link, and links are not followed",
        Span(path, _START, _START),
        hint="put the file itself there",
    )


def read_compiled(directory: Path, names: Iterable[str]) -> dict[str, bytes]:
    """Return files of a directory that compile wrote, by name.

    Raises:
        ChartconfigError: CC123, one cannot be read.
    """
    files: dict[str, bytes] = {}
    for name in names:
        path = directory / name
        try:
            if not path.is_file():  # to open something else might wait for ever
                raise FileNotFoundError(ENOENT, os.strerror(ENOENT))
            files[name] = path.read_bytes()
        except OSError as error:
            raise ChartconfigError(
                report(
                    "CC123",
                    f"{path} cannot be read: {(error.strerror or str(error)).lower()}",
                    None,
                    hint="name a directory that chartconfig compile wrote",
                )
            ) from error
    return files


def write_directory(
    directory: Path, files: Mapping[str, bytes], *, replaces: Callable[[Path], bool]
) -> None:
    """Make a directory hold exactly these files, all of them or none.

    They are written beside it, synced, and take its place by rename. Into the directory that the
    user stands in they are moved one by one, since a shell does not follow a rename.

    Args:
        directory: Absent, empty, or what may be replaced.
        files: Their contents by relative path, with forward slashes.
        replaces: Whether a directory that is not empty may be replaced.

    Raises:
        ChartconfigError: CC903, there is something else; CC902, it cannot be written.
    """
    try:
        target = Path(os.path.realpath(directory))
        stands_here = target.is_dir() and target.samefile(Path.cwd())
        if _is_foreign(directory, (lambda _: False) if stands_here else replaces):
            raise ChartconfigError(
                report(
                    "CC903",
                    f"{directory} is there already, and not from an earlier run",
                    None,
                    hint="name another directory, or move it away",
                )
            )
        nearest = target if stands_here else _nearest(target)
        first, *missing = target.relative_to(nearest).parts or (".",)  # made by one rename
        with tempfile.TemporaryDirectory(dir=nearest, prefix=".chartconfig.") as scratch:
            fresh, old, place = Path(scratch, "new"), Path(scratch, "old"), nearest / first
            for name, data in files.items():
                _write(fresh.joinpath(*missing, name), data)
            if stands_here:
                _move_entries(fresh, target)
                return
            if not missing and place.exists():
                place.rename(old)
            try:
                fresh.rename(place)
            except OSError:
                with suppress(OSError):
                    old.rename(place)
                raise
    except OSError as error:
        raise cannot_write(directory, error) from error


def read_document(path: Path) -> Document:
    """Return a file that a user names; of one that is too large, enough to see that.

    Raises:
        ChartconfigError: CC123, it cannot be read.
    """
    found = read_regular(os.path.realpath(path), str(path))
    if isinstance(found, Document):
        return found
    raise ChartconfigError(report("CC123", found.message, None, hint="name another file"))


def add_files(
    base: Path, new: Mapping[str, bytes], changed: Mapping[str, tuple[bytes, bytes]]
) -> None:
    """Add files to a directory and change some of its own: all of it, or nothing.

    Everything is written and synced before anything moves, and what has moved goes back if
    something does not. The changed files come first, then the new ones in order, so that what a
    kill leaves behind is a beginning.

    Args:
        base: The directory.
        new: Contents by relative path, with forward slashes; none of them is there.
        changed: By relative path, what a file holds and what it is to hold.

    Raises:
        ChartconfigError: CC903, a new file is there already, or a changed one is another by now;
            CC902, it cannot be written.
    """
    undo: list[Callable[[], object]] = []
    try:
        with tempfile.TemporaryDirectory(dir=base, prefix=".chartconfig.") as scratch:
            fresh, old = Path(scratch, "new"), Path(scratch, "old")
            for name, data in {
                **new,
                **{name: after for name, (_, after) in changed.items()},
            }.items():
                _write(fresh / name, data)
            try:
                for name, (before, _) in changed.items():
                    _check_unchanged(base / name, before)
                    _write(old / name, before)
                    undo.append(partial((old / name).replace, base / name))
                    (fresh / name).replace(base / name)
                for name in new:
                    _link(fresh / name, base, name, undo)
            except BaseException:
                for step in reversed(undo):
                    with suppress(OSError):
                        step()
                raise
    except OSError as error:
        raise cannot_write(base, error) from error


def _check_unchanged(path: Path, data: bytes) -> None:
    if path.is_symlink() or path.read_bytes() != data:
        hint = "nothing was changed; run it again"
        raise ChartconfigError(report("CC903", f"{path} has just been changed", None, hint=hint))


def _link(fresh: Path, base: Path, name: str, undo: list[Callable[[], object]]) -> None:
    """Put a file where none is, and its folders, and note how to take all of it away."""
    path = base / name
    for folder in reversed([parent for parent in path.parents if base in parent.parents]):
        if folder.is_symlink():
            raise ChartconfigError(symbolic_link(str(folder)))
        if not folder.exists():
            folder.mkdir()
            undo.append(folder.rmdir)
    try:
        os.link(fresh, path)  # unlike a rename, never replaces anything
    except FileExistsError as error:
        hint = "nothing was changed; move it away, and run it again"
        raise ChartconfigError(
            report("CC903", f"{path} is there already", None, hint=hint)
        ) from error
    undo.append(path.unlink)


def write_new_file(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, all of it or nothing.

    Raises:
        ChartconfigError: CC903, there is one; CC902, it cannot be written.
    """
    try:
        for folder in path.parents:
            if folder.is_symlink():
                raise ChartconfigError(symbolic_link(str(folder)))
        nearest = _nearest(path.absolute())
        with tempfile.TemporaryDirectory(dir=nearest, prefix=f".{path.name}.") as scratch:
            fresh = Path(scratch, "new")
            _write(fresh, data)
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(fresh, path)  # unlike a rename, never replaces anything
            except FileExistsError as error:
                raise ChartconfigError(
                    report("CC903", f"{path} is there already", None, hint="choose another name")
                ) from error
    except OSError as error:
        raise cannot_write(path, error) from error


def replace_file(path: Path, data: bytes) -> None:
    """Write a file, in the place of one that may be there: all of it, or nothing.

    Raises:
        ChartconfigError: CC902, it cannot be written, or there is no such directory: unlike one
            that is to be written, that of a file is made by whoever wants it.
    """
    check_parent(path)
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as scratch:
            fresh = Path(scratch, "new")
            _write(fresh, data)
            fresh.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error


def check_parent(path: Path) -> None:
    """Check that the directory is there in which a file is to be written.

    Raises:
        ChartconfigError: CC902, it is not.
    """
    try:
        if path.parent.is_dir():
            return
    except OSError as error:
        raise cannot_write(path, error) from error
    message = f"{path} cannot be written: there is no directory {path.parent}"
    hint = "make it, or choose another place; nothing was changed"
    raise ChartconfigError(report("CC902", message, None, hint=hint))


def cannot_write(path: Path, error: OSError) -> ChartconfigError:
    """Return CC902 for what the operating system says."""
    return ChartconfigError(
        report(
            "CC902",
            f"{path} cannot be written: {(error.strerror or str(error)).lower()}",
            None,
            hint="nothing was changed; make room or choose another place, and run it again",
        )
    )


def _is_foreign(directory: Path, replaces: Callable[[Path], bool]) -> bool:
    """Return whether something is there that is neither empty nor to be replaced."""
    if directory.is_symlink():
        return True
    if not directory.is_dir():
        return directory.exists()
    return any(directory.iterdir()) and not replaces(directory)


def _move_entries(source: Path, target: Path) -> None:
    """Move what a directory holds into another; back again if one does not move."""
    moved: list[Path] = []
    try:
        for entry in sorted(source.iterdir()):
            entry.rename(target / entry.name)
            moved.append(entry)
    except OSError:
        for entry in moved:
            (target / entry.name).rename(entry)
        raise


def _nearest(target: Path) -> Path:
    """Return the nearest folder above an absolute path that exists: on the disk of the target."""
    for parent in target.parents:
        if parent.is_dir():
            return parent
    raise IsADirectoryError(EISDIR, "it is the root of the file system")


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _walk(directory: Path, prefix: str) -> Iterator[Document | Diagnostic]:
    """Yield the documents below a directory, and findings on what cannot be read."""
    pending = [(directory, prefix)]  # folders may nest deeper than calls
    while pending:
        folder, prefix = pending.pop()
        try:
            with os.scandir(folder) as scan:
                entries = list(scan)
        except OSError as error:
            yield _unreadable(prefix, error.strerror or str(error))
            continue
        for entry in entries:
            name = os.fsencode(entry.name).decode("utf-8", "backslashreplace")
            path = f"{prefix}/{name}"
            if name.startswith("."):
                continue
            if entry.is_symlink():
                if name.endswith(_ENDINGS) or Path(entry.path).is_dir():
                    yield symbolic_link(path)
            elif entry.is_dir(follow_symlinks=False):
                pending.append((Path(entry.path), path))
            elif name.endswith(_ENDINGS):
                yield read_regular(entry.path, path)


def read_regular(file: str, path: str) -> Document | Diagnostic:
    """Return a regular file's document; of one that is too large, enough to see that.

    Args:
        file: Where it is.
        path: What it is called in findings.
    """
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return _unreadable(path, "it is no regular file")
            data = b""
            while part := os.read(descriptor, min(status.st_size, MAX_BYTES) + 1 - len(data)):
                data += part
            return Document(path=path, data=data)
        finally:
            os.close(descriptor)
    except OSError as error:
        return _unreadable(path, error.strerror or str(error))


def _unreadable(path: str, why: str) -> Diagnostic:
    return report(
        "CC123",
        f"{path} cannot be read: {why.lower()}",
        Span(path, _START, _START),
        hint="make it a file that you may read",
    )
