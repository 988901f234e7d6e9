"""A site as a directory: one publisher at a time, and every file whole, on the disk, and in turn.

`DirectoryStore` keeps the rules of `tlog.publish`. A file is written to `.chartconfig/new`, synced
and renamed to its place, and the folder is synced before the next one is begun; so after a stop or
a power failure the files that are there are the first ones of the plan, each of them whole.

`open_store` locks the directory itself, which leaves nothing behind that could outlive its owner:
the lock goes with the process, however that ends. `.chartconfig/` is there only meanwhile. One that
is found was left by a stop; then everything is synced first, for what that run wrote may be seen
already and not be on the disk yet.

Nothing else is kept of an unfinished publication: what is left to do follows from the site, and
the bytes from the tag, the key and what is in place.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chartconfig.diagnostics.catalogue import report
from chartconfig.errors import ChartconfigError
from chartconfig.tlog.publish import ConflictError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartconfig.tlog.publish import Write

_SCRATCH: Final = ".chartconfig"
_LONGEST_HOLDER: Final = 200


@contextmanager
def open_store(root: Path) -> Iterator[DirectoryStore]:
    """Give the only store that can write to a site.

    The directory is made if it is not there, and goes again if nothing is written to it.

    Raises:
        ChartconfigError: CC909, somebody else writes to it; CC902, it cannot be written.
    """
    missing = [folder for folder in (root, *root.parents) if not os.path.lexists(folder)]
    try:
        with _opened(root) as descriptor:
            _lock(descriptor, root)
            scratch = root / _SCRATCH
            try:
                _prepare(scratch)
                yield DirectoryStore(root)
            finally:
                with suppress(OSError):  # the next one makes up for it
                    shutil.rmtree(scratch)
    finally:
        for folder in missing:
            with suppress(OSError):  # it is not empty, or was never made
                folder.rmdir()


@contextmanager
def _opened(root: Path) -> Iterator[int]:
    """Give a descriptor of a directory, which is made if it is not there."""
    try:
        _make_folder(root)
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        in_the_way = isinstance(error, (FileExistsError, NotADirectoryError))
        told = "it is no directory" if in_the_way else (error.strerror or str(error)).lower()
        raise ChartconfigError(
            report(
                "CC902",
                f"{error.filename or root} cannot be written: {told}",
                None,
                hint="name a directory that you may write, or where one can be made",
            )
        ) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


class DirectoryStore:
    """The files of a site; a `LogStore`. To write, there must be no other: see `open_store`."""

    def __init__(self, root: Path) -> None:
        """Take a directory for a site."""
        self._root = root

    def read(self, path: str, /) -> bytes | None:
        """Return a whole file, or None if there is none.

        Raises:
            ChartconfigError: CC914, it is there and cannot be read.
        """
        try:
            return (self._root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise self._unreadable(path, error) from error

    def write(self, write: Write, /) -> None:
        """Perform one write, or raise and leave the file as it was.

        Raises:
            ConflictError: The file is not what the plan took it for.
            ChartconfigError: CC902, it cannot be written.
        """
        present = self.read(write.path)
        if write.immutable and present is not None:
            if present != write.data:
                raise ConflictError(write.path, "it is there already, and is another")
            return
        if present != write.replaces:
            raise ConflictError(write.path, "it is not what it was a moment ago")
        target, fresh = self._root / write.path, self._root / _SCRATCH / "new"
        try:
            _make_folder(target.parent)
            with fresh.open("wb") as file:
                file.write(write.data)
                file.flush()
                os.fchmod(file.fileno(), 0o644)
                os.fsync(file.fileno())
            fresh.replace(target)
            _sync(target.parent)
        except OSError as error:
            raise _cannot_write(target, error) from error

    def logs(self) -> tuple[str, ...]:
        """Return the names of the logs that have a face for the go command here."""
        top = self._root / "sumdb"
        names = []
        for folder, folders, files in self._walk(top):
            if "supported" in files:
                names.append(folder.relative_to(top).as_posix())
                folders.clear()
        return tuple(sorted(names))

    def lookups(self, name: str) -> tuple[str, ...]:
        """Return the paths of all lookups of a log, relative to the site."""
        found = []
        for folder, _, files in self._walk(self._root / "sumdb" / name / "lookup"):
            found += [(folder / file).relative_to(self._root).as_posix() for file in files]
        return tuple(sorted(found))

    def _walk(self, top: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
        """Yield every folder with what it holds; those taken out of the first list are left out."""

        def refuse(error: OSError) -> None:
            if not isinstance(error, FileNotFoundError):
                raise self._unreadable(str(error.filename), error) from error

        for folder, folders, files in os.walk(top, onerror=refuse):
            yield Path(folder), folders, files

    def _unreadable(self, path: str, error: OSError) -> ChartconfigError:
        told = (error.strerror or str(error)).lower()
        return ChartconfigError(
            report(
                "CC914",
                f"{self._root / path} cannot be read: {told}",
                None,
                hint="make it a file that you may read; nothing that was published has changed",
            )
        )


def _lock(descriptor: int, root: Path) -> None:
    """Lock the directory that is open, or say who has done so."""
    try:
        is_ours = _try_lock(descriptor, root)
    except OSError as error:
        raise _cannot_write(root, error) from error
    if not is_ours:
        holder = "another process"  # that has not come to say who it is
        with suppress(OSError, UnicodeDecodeError):
            text = (root / _SCRATCH / "holder").read_text(encoding="utf-8")
            holder = text[:_LONGEST_HOLDER] or holder
        raise ChartconfigError(
            report(
                "CC909",
                f"{root} is being written by {holder}",
                None,
                hint="wait for it, then run it again; nothing was changed",
            )
        )


def _try_lock(descriptor: int, root: Path) -> bool:
    """Return whether the directory that is open is locked now, and still the one of that name."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(descriptor), root.stat())
    except (BlockingIOError, FileNotFoundError):  # whoever had made it has just removed it
        return False


def _prepare(scratch: Path) -> None:
    """Make the folder for what is not in its place yet, and say in it whose it is."""
    try:
        if scratch.exists():
            os.sync()
            shutil.rmtree(scratch)
        scratch.mkdir()
        holder = f"process {os.getpid()} on {os.uname().nodename}"
        (scratch / "holder").write_bytes(holder.encode())
    except OSError as error:
        raise _cannot_write(scratch, error) from error


def _make_folder(folder: Path) -> None:
    """Make a folder, and those above it, so that they are on the disk."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)  # everybody may read what is published, whatever the umask
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    """Have on the disk what a folder holds by name."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cannot_write(path: Path, error: OSError) -> ChartconfigError:
    return ChartconfigError(
        report(
            "CC902",
            f"{path} cannot be written: {(error.strerror or str(error)).lower()}",
            None,
            hint="what is published is whole; make room, run it again, and it goes on from there",
        )
    )
