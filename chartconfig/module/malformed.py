"""The one error that the readers of this package raise, whatever the bytes."""

from __future__ import annotations

from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Position, Span
from chartconfig.errors import ChartconfigError

_START = Position(1, 1)
_LONGEST = 300


class MalformedModuleError(ChartconfigError):
    """CC908 `malformed-module`: bytes are not a file of a module that chartconfig publishes."""

    def __init__(self, message: str, path: str) -> None:
        """Say what is wrong with a file.

        Args:
            message: What is there, without the file's name.
            path: Where the file was found.
        """
        if len(message) > _LONGEST:  # it quotes the bytes, which may be many
            message = message[:_LONGEST] + "..."
        super().__init__(
            report(
                "CC908",
                f"{path}: {message}",
                Span(path, _START, _START),
                hint="do not use it; if it was published so, tell whoever publishes it",
            )
        )
