"""Checks on how long charts live, and on what they ignore."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chartconfig.diagnostics.catalogue import RETIRED, RULES, report
from chartconfig.source.yaml import locate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from chartconfig.charts.repository import Repository
    from chartconfig.diagnostics.diagnostic import Diagnostic

_SOON = timedelta(days=60)
_FAR = timedelta(days=5 * 366)


def expiry(repository: Repository, on: date) -> Iterator[Diagnostic]:
    """CC601 `expired`, CC602 `expires-soon`, CC608 `expires-too-late`."""
    for chart in repository.charts:
        if chart.expires is None:
            continue
        left = chart.expires - on
        if left < timedelta(0):
            code, message = "CC601", f"expired on {chart.expires}, and is not collected"
            hint = f"delete the file, or, if it is asked still: chartconfig renew {chart.id}"
        elif left <= _SOON:
            code, message = "CC602", f"expires on {chart.expires}, in {left.days} days"
            hint = f"if the answer is still needed: chartconfig renew {chart.id}"
        elif left > _FAR:
            code, message = "CC608", f"expires on {chart.expires}, more than five years ahead"
            hint = "choose a day on which somebody looks again, or `never` with a reason"
        else:
            continue
        yield report(code, f"{chart.id} {message}", locate(chart.document, "expires"), hint=hint)


def apply_ignores(
    repository: Repository, found: Iterable[Diagnostic], *, complete: bool
) -> Iterator[Diagnostic]:
    """Yield the findings that no chart ignores, and what is wrong with the ignores.

    CC605 `needless-ignore`, CC606 `ignore-of-unknown-code`, CC607 `ignore-not-allowed`. A needless
    one is only told when every check could run.
    """
    ignoring = {chart.document.path: chart for chart in repository.charts if chart.ignores}
    hits: set[tuple[str, str]] = set()
    for diagnostic in found:
        path = diagnostic.span.path if diagnostic.span else ""
        chart = ignoring.get(path)
        if (
            chart is not None
            and RULES[diagnostic.code].ignorable
            and any(ignore.code == diagnostic.code for ignore in chart.ignores)
        ):
            hits.add((path, diagnostic.code))
            continue
        yield diagnostic
    for path, chart in ignoring.items():
        for index, ignore in enumerate(chart.ignores):
            rule = RULES.get(ignore.code)
            if retired := RETIRED.get(ignore.code):
                code, message = "CC605", f"{retired.code} {retired.name} is retired"
                hint = "delete the entry"
            elif rule is None:
                code, message = "CC606", f"there is no code {ignore.code}"
                hint = "`chartconfig explain CODE` tells what each code finds"
            elif not rule.ignorable:
                code, message = "CC607", f"{rule.code} {rule.name} cannot be ignored"
                hint = "mend what it finds, and delete the entry"
            elif complete and (path, ignore.code) not in hits:
                code, message = "CC605", f"{rule.code} {rule.name} does not occur in this chart"
                hint = "delete the entry"
            else:
                continue
            yield report(code, message, locate(chart.document, "ignore", index, "code"), hint=hint)
