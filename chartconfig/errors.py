"""The base of every exception that chartconfig raises on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chartconfig.diagnostics.diagnostic import Diagnostic


class ChartconfigError(Exception):
    """Something that no chart author can mend: an edge that failed, bytes that do not decode."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        """Carry `diagnostic`, which is what the command line shows."""
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic
