"""What somebody has to look at again: charts that end, promises not kept, old estimates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.diagnostics.page import visible
from chartconfig.review.compatibility import subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from chartconfig.charts.repository import Repository
    from chartconfig.diagnostics.diagnostic import Diagnostic

FORMAT: Final = "chartconfig/due/v1"

_HEADINGS: Final = {
    "Expired, and collected no longer": ("CC601",),
    "Expires within 60 days": ("CC602",),
    "Population estimate older than a year": ("CC417",),
    "Short of its accuracy": ("CC408", "CC410", "CC411"),
    "Retired for long enough": ("CC705",),
}
_MOST: Final = 100
"""Entries of one heading in Markdown: GitHub takes 65,536 characters."""

_MARKUP: Final = re.compile(r"[\\`*_{}\[\]<>#|@!~]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing that is due."""

    heading: str
    subject: str
    """A chart's id, or a file's path below configs/."""
    owners: tuple[str, ...]
    """Who answers for the chart; nobody for another file."""
    finding: Diagnostic

    @property
    def message(self) -> str:
        """What is due, without the subject."""
        return self.finding.message.removeprefix(f"{self.subject} ")

    @property
    def is_pressing(self) -> bool:
        """Whether there is something to do: a shortfall that was accepted is only listed."""
        return self.finding.severity is not Severity.INFO


def due(repository: Repository, found: Iterable[Diagnostic]) -> tuple[Due, ...]:
    """Return what is due, by heading, then in the order of the findings.

    Args:
        repository: For the owners of its charts.
        found: Everything that `check` finds for the day.
    """
    owners = {chart.id: chart.owners for chart in repository.charts}
    findings = list(found)
    return tuple(
        Due(
            heading=heading,
            subject=subject(finding),
            owners=owners.get(subject(finding), ()),
            finding=finding,
        )
        for heading, codes in _HEADINGS.items()
        for finding in findings
        if finding.code in codes
    )


def markdown(entries: Sequence[Due], *, on: date) -> str:
    """Return what is due as the body of an issue; owners are named and not notified."""
    if not entries:
        return f"Nothing is due on {on}.\n"
    parts = [f"As of {on}, as `chartconfig due` lists it.\n"]
    for heading in dict.fromkeys(each.heading for each in entries):
        group = [each for each in entries if each.heading == heading]
        parts.append(f"## {heading}\n")
        parts.append("".join(_item(each) for each in group[:_MOST]))
        if len(group) > _MOST:
            parts[-1] += f"- and {len(group) - _MOST:,} more\n"
    return "\n".join(parts)


def document(entries: Sequence[Due], *, on: date) -> dict[str, object]:
    """Return what is due as docs/formats/json.md has it."""
    return {
        "format": FORMAT,
        "on": on.isoformat(),
        "due": [
            {
                "heading": each.heading,
                "subject": each.subject,
                "owners": list(each.owners),
                "code": each.finding.code,
                "message": each.finding.message,
                "hint": each.finding.hint,
                "pressing": each.is_pressing,
            }
            for each in entries
        ],
    }


def _item(entry: Due) -> str:
    box = "- [ ] " if entry.is_pressing else "- "
    owners = f" ({', '.join(f'`{owner}`' for owner in entry.owners)})" if entry.owners else ""
    hint = f"\n  {_escaped(entry.finding.hint)}" if entry.finding.hint else ""
    return f"{box}**{_escaped(entry.subject)}**{owners}: {_escaped(entry.message)}{hint}\n"


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", visible(text))
