"""Findings that stop a command, and how findings are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.diagnostics.render import Line
    from chartconfig.source.document import Document


class FindingsError(Exception):
    """A command cannot go on because of findings; the exit code is 1."""

    def __init__(self, diagnostics: Iterable[Diagnostic], documents: Iterable[Document]) -> None:
        """Carry what was found, and the documents to quote from."""
        super().__init__()
        self.diagnostics = tuple(diagnostics)
        self.documents = tuple(documents)


def listing(
    diagnostics: Iterable[Diagnostic], documents: Iterable[Document] = ()
) -> tuple[Line, ...]:
    """Return findings as blocks of lines for the terminal at hand, quoting the documents."""
    from chartconfig.cli import console
    from chartconfig.diagnostics import render

    by_path = {document.path: document for document in documents}
    return render.listing(diagnostics, by_path, width=console.width())
