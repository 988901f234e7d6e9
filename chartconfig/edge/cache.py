"""What a client keeps from one run to the next: files below one folder, each whole."""

from __future__ import annotations

import fcntl
import os
import sys
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from chartconfig.diagnostics.catalogue import report
from chartconfig.edge.files import cannot_write, replace_file
from chartconfig.errors import ChartconfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

_LOCK: Final = ".lock"


class Cache(Protocol):
    """What a client keeps from one run to the next: files by path."""

    def read(self, name: str) -> bytes | None:
        """Return a file, or None."""

    def write(self, name: str, data: bytes) -> None:
        """Keep a file, whole or not at all."""

    def locked(self) -> AbstractContextManager[None]:
        """Keep other clients from `locked` meanwhile."""

    def place(self, name: str) -> str:
        """Return what a message calls a file."""


class Forgetful:
    """A cache that keeps nothing."""

    def read(self, name: str) -> bytes | None:  # noqa: ARG002 - as caches are
        """Return None."""
        return None

    def write(self, name: str, data: bytes) -> None:
        """Do nothing."""

    def locked(self) -> AbstractContextManager[None]:
        """Keep nobody from anything."""
        return nullcontext()

    def place(self, name: str) -> str:
        """Return the name."""
        return name


class DirectoryCache:
    """A cache in a directory, which may be deleted at any time."""

    def __init__(self, root: Path) -> None:
        """Keep files below `root`, which is made when there is something to keep."""
        self._root = root

    def read(self, name: str) -> bytes | None:
        """Return a file by its path, or None if it is not there.

        Raises:
            ChartconfigError: CC123, it is there and cannot be read: a state is not nothing for
                that.
        """
        path = self._root / name
        try:
            return path.read_bytes()
        except (FileNotFoundError, IsADirectoryError):
            return None
        except OSError as error:
            if isinstance(error, NotADirectoryError):
                if self._root.is_dir():
                    return None
                path = self._root
            message = f"{path} cannot be read: {(error.strerror or str(error)).lower()}"
            hint = "what was seen before is kept there: make it readable, or name another --cache"
            raise ChartconfigError(report("CC123", message, None, hint=hint)) from error

    def write(self, name: str, data: bytes) -> None:
        """Keep a file, in place of one that may be there.

        Raises:
            ChartconfigError: CC902, it cannot be written.
        """
        path = self._root / name
        _make_folder(path.parent)
        replace_file(path, data)

    def place(self, name: str) -> str:
        """Return the path of a file."""
        return str(self._root / name)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from `locked` meanwhile.

        Raises:
            ChartconfigError: CC902, nothing can be written here.
        """
        _make_folder(self._root)
        with locked(self._root / _LOCK, self._root):
            yield


@contextmanager
def locked(lock: Path, path: Path) -> Iterator[None]:
    """Keep other processes from `locked` meanwhile, by a file that is made, and stays.

    Args:
        lock: The file.
        path: What is locked by it, for the message.

    Raises:
        ChartconfigError: CC902, it cannot be written.
    """
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:
            os.close(descriptor)
            raise
    except OSError as error:
        raise cannot_write(path, error) from error
    try:
        yield
    finally:
        os.close(descriptor)


def default_cache() -> Path | None:
    """Return the folder where this user's caches are, and in it chartconfig's own.

    None if the user has no home; a relative one would be another wherever they stand.
    """
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if base.is_absolute():
        return base / "chartconfig"
    try:
        home = Path.home()
    except RuntimeError:
        return None
    inside = "Library/Caches" if sys.platform == "darwin" else ".cache"
    return home / inside / "chartconfig" if home.is_absolute() else None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise cannot_write(folder, error) from error
