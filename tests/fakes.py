"""What tests put in the place of the world: a site that is a dictionary, and that can fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chartconfig.tlog.client import LogFiles
    from chartconfig.tlog.publish import Write


class StoppedError(Exception):
    """The power went, just now."""


class RefusedError(Exception):
    """A write was not performed, for the file is not what the writer takes it for."""


class MemoryStore:
    """A site in memory, which performs writes by the rules and counts what is read."""

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        self.files = dict(files or {})
        self.read_paths: list[str] = []
        self.stop_before: int | None = None
        """The number of the write, from 0, that is not performed any more."""
        self.stop_after: int | None = None
        """The number of the write, from 0, that is the last one performed."""

    def read(self, path: str, /) -> bytes | None:
        self.read_paths.append(path)
        return self.files.get(path)

    def write(self, write: Write, /) -> None:
        present = self.files.get(write.path)
        if write.immutable:
            if present not in {None, write.data}:
                raise RefusedError(f"{write.path} is there already, and is another")
        elif present != write.replaces:
            raise RefusedError(f"{write.path} is not what it was")
        self.files[write.path] = write.data

    def perform(self, writes: Iterable[Write]) -> None:
        for number, write in enumerate(writes):
            if number == self.stop_before:
                raise StoppedError
            self.write(write)
            if number == self.stop_after:
                raise StoppedError

    def log(self, name: str) -> LogFiles:
        """Return the files of one log, as its clients see them."""
        return lambda path: self.read(f"sumdb/{name}/{path}")
