"""What parsing documents gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from chartconfig.charts.chart import Chart, ChartType
    from chartconfig.charts.repository import Repository
    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.sampling.accuracy import Accuracy
    from chartconfig.source.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What the documents say, as far as they can be read."""

    repository: Repository | None
    """None when one of the files that all charts need cannot be read."""
    complete: bool
    """Whether every file gave its value."""
    diagnostics: tuple[Diagnostic, ...]

    def charts_with(
        self, programs: Collection[str], defaults: Mapping[ChartType, Accuracy] | None
    ) -> Mapping[Document, Chart]:
        """Return the charts that their files give in other surroundings too.

        Args:
            programs: The ids of all programs there.
            defaults: The accuracies that hold there for charts without one.
        """
        repository = self.repository
        if (
            repository is None
            or repository.programs.keys() != set(programs)
            or repository.collection.accuracy != defaults
        ):
            return {}
        told = {found.span.path for found in self.diagnostics if found.span}
        return {each.document: each for each in repository.charts if each.document.path not in told}
