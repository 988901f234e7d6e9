"""Where results and remarks are printed; the only import of rich.

Everything printed is made of lines of (style, text) segments. A pipe gets the text alone; a
terminal gets it coloured. rich is loaded only for a terminal.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chartconfig.diagnostics.render import Line

WIDTH = 100
"""Columns when there is no terminal."""

_STYLES = {
    "error": "bold red",
    "warning": "bold yellow",
    "info": "bold cyan",
    "good": "bold green",
    "path": "cyan",
    "source": "none",
    "gutter": "bold blue",
    "help": "bold green",
    "note": "bold cyan",
    "message": "bold",
    "heading": "bold",
    "dim": "dim",
    "number": "cyan",
    "plain": "none",
}


def write(text: str, *, stream: TextIO | None = None) -> None:
    """Print text as it is, whatever the encoding of the stream."""
    stream = stream or sys.stdout
    stream.write(_encodable(text, stream))
    stream.flush()


def show(lines: Iterable[Line], *, stream: TextIO | None = None) -> None:
    """Print lines, coloured on a terminal."""
    stream = stream or sys.stdout
    if not coloured(stream):
        write("".join("".join(part for _, part in line) + "\n" for line in lines), stream=stream)
        return
    from rich.console import Console  # rich is loaded for a terminal only
    from rich.text import Text

    console = Console(file=stream, highlight=False, soft_wrap=True)
    for line in lines:
        text = Text()
        for style, part in line:
            text.append(_encodable(part, stream), style=_STYLES.get(style, "none"))
        console.print(text)


def _encodable(text: str, stream: TextIO) -> str:
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


@contextmanager
def progress(told: str) -> Iterator[Callable[[float], object]]:
    """Show a bar while something takes its time; on a terminal only, and gone when it is done.

    Args:
        told: What is done.

    Yields:
        What to call with the part that is done, in (0, 1].
    """
    if not coloured(sys.stderr) or os.environ.get("CI"):
        yield lambda _: None
        return
    from rich.console import Console  # rich is loaded for a terminal only
    from rich.progress import Progress

    with Progress(console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task(told, total=1.0)
        yield lambda part: bar.update(task, completed=part)


def knows(text: str) -> bool:
    """Return whether standard output can show a text."""
    return _encodable(text, sys.stdout) == text


def coloured(stream: TextIO) -> bool:
    """Return whether a stream is a terminal that shows colours and wants them (no-color.org)."""
    return (
        stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "") != "dumb"
    )


def width() -> int:
    """Return the columns of the terminal; a pipe has as many as its lines need."""
    return shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH
