"""What a client keeps from one run to the next: files below one folder, each whole."""

from __future__ import annotations

import fcntl
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chartconfig.edge.files import cannot_write, replace_file

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCK: Final = ".lock"


class DirectoryCache:
    """A cache in a directory, which may be deleted at any time."""

    def __init__(self, root: Path) -> None:
        """Keep files below `root`, which is made when there is something to keep."""
        self._root = root

    def read(self, name: str) -> bytes | None:
        """Return a file by its path, or None if it is not there, or cannot be read."""
        try:
            return (self._root / name).read_bytes()
        except OSError:
            return None

    def write(self, name: str, data: bytes) -> None:
        """Keep a file, in place of one that may be there.

        Raises:
            ChartconfigError: CC902, it cannot be written.
        """
        path = self._root / name
        _make_folder(path.parent)
        replace_file(path, data)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from `locked` meanwhile.

        Raises:
            ChartconfigError: CC902, nothing can be written here.
        """
        _make_folder(self._root)
        path = self._root / _LOCK
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise cannot_write(path, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def default_cache() -> Path:
    """Return the folder where this user's caches are, and in it chartconfig's own."""
    if base := os.environ.get("XDG_CACHE_HOME"):
        return Path(base, "chartconfig")
    inside = "Library/Caches" if sys.platform == "darwin" else ".cache"
    return Path.home() / inside / "chartconfig"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise cannot_write(folder, error) from error
