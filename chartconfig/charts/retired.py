"""retired.yaml: what is collected no longer, and until when a server still accepts it.

    # yaml-language-server: $schema=../schema/retired.schema.json
    - program: golang.org/x/tools/gopls
      counters: ["gopls/client:{emacs,zed}"]
      until: 2027-08-01
      reason: Both are counted with the others now.
    - {goos: [plan9], until: 2027-08-01, reason: Go 1.28 is the last that runs there.}

Installations go on sending what an older config asked for, until they have looked at the newer one
and what they wrote before has gone out. A server that reads the newer one alone would reject their
whole reports, so charts.json tells it what to accept besides, and config.json tells clients nothing
of it.

How long
--------
An installation looks at the config in a week with the probability p (`fetch_probability`), so after
w weeks a share (1 - p)^w of installations has the older one still. Of the reports that they made by
it, clients drop those that could not be sent for 21 days. The shortest sensible time is therefore
the least w for which (1 - p)^w <= 5%, and three weeks: for p = 10% that is 29 + 3 = 32 weeks, or
some three times the 1/p weeks that pass on average until an installation looks. Then one in twenty
at most is still turned away, until it looks as well.

A chart that expires needs no entry. While its file stands, its counters are accepted for at least
that time after each release, so that no date, only an edit, makes a server reject anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, log, log1p
from typing import TYPE_CHECKING, Any, Final

from chartconfig.diagnostics.catalogue import report
from chartconfig.source.yaml import locate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from fractions import Fraction

    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.source.document import Document

NAME: Final = "retired.yaml"
OF_A_PROGRAM: Final = ("counters", "stacks", "versions")
OF_ALL: Final = ("goos", "goarch", "go_versions")

_STILL_OLDER: Final = 0.05
_DROPPED: Final = timedelta(days=21)
"""How long a report waits at most: golang.org/x/telemetry, internal/upload/reports.go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """What is collected no longer, and accepted until a day."""

    program: str | None = None
    """The full name of the program; None for what holds for the whole config."""
    counters: tuple[str, ...] = ()
    """As in config.json, where several buckets may share a name."""
    stacks: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    goos: tuple[str, ...] = ()
    goarch: tuple[str, ...] = ()
    go_versions: tuple[str, ...] = ()
    until: date
    """The last day."""
    reason: str

    @property
    def is_whole_program(self) -> bool:
        """Whether everything is accepted that any config before asked of the program."""
        return self.program is not None and not (self.counters or self.stacks or self.versions)


def under_way(fetch_probability: Fraction) -> timedelta:
    """Return how long after a release reports by the config before it may come in.

    Args:
        fetch_probability: With which an installation looks at the config in a week, in (0, 1).

    Examples:
        >>> from fractions import Fraction
        >>> under_way(Fraction(1, 10)).days // 7
        32
    """
    weeks = ceil(log(_STILL_OLDER) / log1p(-float(fetch_probability)))
    return timedelta(weeks=weeks) + _DROPPED


def read_retirements(
    data: Sequence[dict[str, Any]], document: Document, *, found: list[Diagnostic]
) -> tuple[Retirement, ...] | None:
    """Return the entries of retired.yaml, or None where one is none.

    Args:
        data: What the file holds, as its schema says.
        document: The file.
        found: Where what is wrong is put.
    """
    wrong = [each for index, entry in enumerate(data) for each in _wrong(index, entry, document)]
    found.extend(wrong)
    return None if wrong else tuple(read_retirement(entry) for entry in data)


def read_retirement(entry: dict[str, Any]) -> Retirement:
    """Return one entry, of retired.yaml or of charts.json."""
    lists = {key: tuple(entry[key]) for key in (*OF_A_PROGRAM, *OF_ALL) if key in entry}
    return Retirement(
        program=entry.get("program"),
        until=date.fromisoformat(entry["until"]),
        reason=entry["reason"],
        **lists,
    )


def _wrong(index: int, entry: dict[str, Any], document: Document) -> Iterator[Diagnostic]:
    """CC708 `malformed-retirement`, CC604 `date`."""
    try:
        date.fromisoformat(entry["until"])
    except ValueError:
        yield report(
            "CC604",
            f"{entry['until']} is no day of the calendar",
            locate(document, index, "until"),
            hint="write a date such as 2027-11-01",
        )
    if why := why_refused(entry):
        key, message, hint = why
        yield report("CC708", message, locate(document, index, key), hint=hint)


def why_refused(entry: dict[str, Any]) -> tuple[str, str, str] | None:
    """Return the key that is wrong in an entry, what is wrong, and what to do; None if nothing."""
    of_a_program = next((key for key in OF_A_PROGRAM if key in entry), None)
    of_all = next((key for key in OF_ALL if key in entry), None)
    if "program" in entry and of_all:
        hint = "give it an entry of its own, without `program`"
        return of_all, f"`{of_all}` is of no single program", hint
    if "program" not in entry and of_a_program:
        hint = "write `program:` and its full name, as in config.json"
        return of_a_program, f"`{of_a_program}` of which program?", hint
    if "program" not in entry and not of_all:
        hint = f"write `program:`, or one of {', '.join(OF_ALL)}"
        return "until", "the entry retires nothing", hint
    return None
