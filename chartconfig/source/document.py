"""A source file's text, with offsets to line and column."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

from chartconfig.diagnostics.diagnostic import Position, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file as it was read: where it stands, and its bytes.

    `path` is relative to the repository, with forward slashes.
    """

    path: str
    data: bytes

    @property
    def text(self) -> str:
        """The text, with U+FFFD where the bytes are not UTF-8, and all line ends as they are."""
        return self.data.decode("utf-8", errors="replace")

    def span(self, start: int, end: int) -> Span:
        """Return the span of the characters from `start` up to and not including `end`."""
        return Span(self.path, self._position(start), self._position(end))

    def _position(self, offset: int) -> Position:
        starts = _line_starts(self.data)
        line = bisect_right(starts, offset)
        return Position(line, offset - starts[line - 1] + 1)


@lru_cache(maxsize=4)  # findings come file by file
def _line_starts(data: bytes) -> tuple[int, ...]:
    """Return the offsets at which lines start, in characters."""
    text = data.decode("utf-8", errors="replace")
    return 0, *(match.end() for match in re.finditer("\n", text))
