"""`approvals status`: who still has to look at what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from chartconfig.cli import console
from chartconfig.cli.approve import review_of
from chartconfig.cli.options import at_option, format_option, on_option
from chartconfig.cli.project import open_project
from chartconfig.review.diff import Effect
from chartconfig.review.standing import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from chartconfig.diagnostics.render import Line
    from chartconfig.edge.approvals import Review
    from chartconfig.review.standing import Standing

FORMAT = "chartconfig/approvals/v1"


@click.group("approvals")
def command() -> None:
    """Show who approved what, and who still has to."""


@command.command("status")
@on_option
@at_option
@format_option()
@click.pass_obj
def status(directory: str, *, on: date | None, revision: str | None, output: str) -> None:
    """Show who still has to look at what before it can be released.

    Every chart and file that is not as in the last release: what its change does, whose approvals
    it needs, who gave one, who could. What is wrong with an approval `check` tells.
    """
    project = open_project(directory, on=on, revision=revision)
    found = review_of(project, revision=revision)
    if output == "json":
        console.write(f"{json.dumps(_document(found), indent=2)}\n")
    elif found is None:
        console.show([(("good", "no change needs an approval"),)])
    else:
        console.show(_lines(found))


def _lines(found: Review) -> Iterator[Line]:
    since = f"since {found.terms.since}" if found.terms.since else "for the first release"
    holds = f"that of {found.terms.holds}" if found.terms.holds else "the one that is there"
    yield (("heading", f"changed {since}; the policy that holds is {holds}"),)
    waiting = 0
    for standing in found.standings:
        effects = in_words(standing.step.changes)
        yield ()
        yield (("path", str(standing.step.subject)), ("plain", f"  {effects}"))
        if standing.reviewers:
            yield (("good", f"  approved by {', '.join(standing.reviewers)}"),)
        yield from _accepted(standing, found)
        for vote in standing.votes:
            if vote.refused:
                told = f"{vote.approval.statement.reviewer}: {vote.refused.message}"
                yield (("warning", f"  {vote.refused.code} {told}"),)
        if standing.missing:
            waiting += 1
            more = " and ".join(f"{n} more of {group}" for group, n in standing.missing.items())
            who = " or ".join(standing.waiting) or "nobody: all others made the change"
            yield (("warning", f"  needs {more}: {who}"),)
        elif not standing.need:
            yield (("dim", "  needs no approval"),)
    yield ()
    told = f"{waiting} of {len(found.standings)} to be approved" if waiting else "all approved"
    yield (("warning" if waiting else "good", told if found.standings else "nothing changed"),)


def _accepted(standing: Standing, found: Review) -> Iterator[Line]:
    """Yield which findings on compatibility are accepted, by whom and until when."""
    allowed = standing.allowed(found.terms.on, found.terms.policy)
    for code, days in sorted(standing.allowances.items()):
        who = ", ".join(f"{reviewer} until {day}" for reviewer, day in sorted(days.items()))
        if code in allowed:
            yield (("good", f"  {code} accepted by {who}"),)
        else:
            yield (("warning", f"  {code} not accepted on {found.terms.on}: only by {who}"),)


def _document(found: Review | None) -> dict[str, object]:
    if found is None:
        return {"format": FORMAT, "since": None, "policy": None, "subjects": []}
    return {
        "format": FORMAT,
        "since": found.terms.since,
        "policy": found.terms.holds,
        "subjects": [_subject(each) for each in found.standings],
    }


def _subject(standing: Standing) -> dict[str, object]:
    step = standing.step
    return {
        "subject": str(step.subject),
        "before": step.before,
        "after": step.after,
        "classes": [each.value for each in Effect if each in step.changes],
        "need": dict(standing.need),
        "approved": list(standing.reviewers),
        "missing": dict(standing.missing),
        "waiting": list(standing.waiting),
        "allows": {
            code: {reviewer: day.isoformat() for reviewer, day in sorted(days.items())}
            for code, days in sorted(standing.allowances.items())
        },
        "authors": sorted(standing.authors),
        "refused": [
            {"reviewer": v.approval.statement.reviewer, "code": v.refused.code, "file": v.path}
            for v in standing.votes
            if v.refused
        ],
    }
