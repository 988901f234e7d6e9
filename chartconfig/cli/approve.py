"""`approve`: sign what a change makes of charts and files, for the one who looked at it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from difflib import get_close_matches, unified_diff
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chartconfig.charts.principal import why_refused
from chartconfig.cli import console
from chartconfig.cli.options import Day, format_option, on_option
from chartconfig.cli.project import open_project, planned_or_refuse
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.page import visible
from chartconfig.edge.approvals import Judged, review
from chartconfig.edge.clock import now
from chartconfig.edge.files import cannot_write, replace_file, symbolic_link
from chartconfig.edge.signatures import public_key, sign
from chartconfig.errors import ChartconfigError
from chartconfig.review.approval import (
    FOLDER,
    Allowance,
    Approval,
    Statement,
    format_approval,
    format_statement,
    is_allowance,
    place_of,
)
from chartconfig.review.content import differences
from chartconfig.review.signers import sound
from chartconfig.review.standing import in_words, judge
from chartconfig.review.steps import Causes
from chartconfig.review.summary import difference_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from chartconfig.cli.project import Project
    from chartconfig.diagnostics.render import Line
    from chartconfig.edge.approvals import Review
    from chartconfig.review.standing import Standing

FORMAT = "chartconfig/approve/v1"


@click.command("approve")
@click.argument("names", metavar="CHART|FILE...", nargs=-1, required=True)
@click.option(
    "--key",
    metavar="FILE",
    help="Your SSH key; or the public one, if an agent has the secret one.",
)
@click.option(
    "--as",
    "principal",
    metavar="NAME",
    help="Who you are in configs/allowed_signers. Default: whom it names for the key.",
)
@click.option(
    "--allow",
    "codes",
    metavar="CODE",
    multiple=True,
    help="Accept a finding on compatibility, CC7xx, until a day.",
)
@click.option("--until", type=Day(), help="The last day of --allow.")
@click.option("--dry-run", is_flag=True, help="Show what would be approved, and sign nothing.")
@on_option
@format_option()
@click.pass_obj
def command(
    directory: str,
    *,
    names: Sequence[str],
    key: str | None,
    principal: str | None,
    codes: Sequence[str],
    until: date | None,
    dry_run: bool,
    on: date | None,
    output: str,
) -> None:
    """Approve what was changed of charts and files since the last release.

    What the change means is shown as `diff` does, and then what of it counts. Your signature is
    over exactly that, and is written to configs/approvals/: commit it. It is void as soon as
    something else is there, or was in the last release.

    CHART is an id, FILE a file below configs/ that is no chart: policy.yaml, programs/gopls.yaml.
    Who made a change cannot approve it.
    """
    _require_options(key, principal, codes, until, dry_run=dry_run)
    project = open_project(directory, on=on)
    found = review_of(project)
    if found is None:
        told = "no approvals are asked for: configs/policy.yaml has no `approvals`"
        hint = "see docs/approvals.md for how they are turned on"
        raise ChartconfigError(report("CC818", told, None, hint=hint))
    named = {each.step.subject: each for each in (_standing(n, found, project) for n in names)}
    standings = list(named.values())
    signer = None
    if key is not None and not dry_run:
        signer = _Signer(
            key=Path(key),
            reviewer=principal or _reviewer(Path(key), found),
            allows=tuple(Allowance(code, until) for code in sorted(set(codes)) if until),
        )
        for standing in standings:
            _refuse_author(signer.reviewer, standing)
    causes = Causes(found.comparison) if found.comparison else None
    for standing in standings:
        shown = sys.stdout if output == "text" else sys.stderr
        console.show(_told(standing, found, causes), stream=shown)
    approvals = [_signed(each, found, signer) for each in standings] if signer else []
    for approval in approvals:
        _write(approval, project)
    entries = [_document(each, project) for each in approvals]
    if output == "json":
        console.write(f"{json.dumps({'format': FORMAT, 'approvals': entries}, indent=2)}\n")
        return
    for entry in entries:
        told = f"{entry['subject']} approved by {entry['reviewer']}: "
        console.show([(("good", told), ("path", str(entry["file"])))])
    if entries:
        console.show([(("dim", f"now: git add {project.place.root}/{FOLDER}, and commit it"),)])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signer:
    """Who signs, and what they accept."""

    key: Path
    reviewer: str
    allows: tuple[Allowance, ...]


def _require_options(
    key: str | None,
    principal: str | None,
    codes: Sequence[str],
    until: date | None,
    *,
    dry_run: bool,
) -> None:
    """See that options go together.

    Raises:
        UsageError: They do not.
    """
    if bool(codes) != (until is not None):
        raise click.UsageError("--allow and --until go together")
    for code in codes:
        if not is_allowance(code):
            raise click.UsageError(f"{code} is no finding on compatibility, such as CC701")
    if principal is not None and (why := why_refused(principal)):
        raise click.UsageError(f"--as {visible(principal)}: it {why}")
    if key is None and not dry_run:
        raise click.UsageError("name your SSH key: --key FILE")


def _write(approval: Approval, project: Project) -> None:
    """Write an approval to its place, or over an older one there.

    Raises:
        ChartconfigError: CC902, it cannot be written; CC122, a folder is a link to somewhere else.
    """
    root = project.place.base / project.place.root
    told = approval.statement
    path = root / place_of(told.subject, told.reviewer)
    for folder in path.parents:
        if folder != root and folder.is_relative_to(root) and folder.is_symlink():
            raise ChartconfigError(symbolic_link(str(folder.relative_to(project.place.base))))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(path, error) from error
    replace_file(path, format_approval(approval).encode("ascii"))


def review_of(project: Project, *, revision: str | None = None) -> Review | None:
    """Return how the steps of a project stand; None where none needs approval.

    Raises:
        FindingsError: There are errors, and what cannot be compiled cannot be approved.
    """
    judged = Judged(
        planned=planned_or_refuse(project),
        documents=project.documents,
        revision=revision and (project.origin.commit or revision),
        on=project.origin.on,
        checked=project.checked,
    )
    return review(project.place, judged)


def _standing(name: str, found: Review, project: Project) -> Standing:
    """Return the step that an argument names.

    Raises:
        BadParameter: There is no such chart or file.
        ChartconfigError: CC818, it is as in the last release.
    """
    plain = name.removeprefix(f"{project.place.root}/")
    if plain.startswith("charts/"):
        plain = plain.removeprefix("charts/").removesuffix(".yaml")
    standing = next((s for s in found.standings if s.step.subject.name == plain), None)
    if standing is not None:
        return standing
    known = sorted(subject.name for subject in found.after.contents)
    if plain in known:
        told = f"{plain} is as in {found.terms.since}: there is nothing to approve"
        changed = ", ".join(s.step.subject.name for s in found.standings)
        hint = f"changed are {changed}" if changed else "nothing was changed since"
        raise ChartconfigError(report("CC818", told, None, hint=hint))
    near = get_close_matches(plain, known, n=1)
    suffix = f"; did you mean {near[0]}?" if near else ""
    raise click.BadParameter(f"there is no chart or file {visible(name)}{suffix}")


def _told(standing: Standing, found: Review, causes: Causes | None) -> Iterator[Line]:
    """Yield what a step means, and what of it counts, for a terminal."""
    step, subject = standing.step, standing.step.subject
    since = f"since {found.terms.since}" if found.terms.since else "for the first release"
    yield (("heading", f"{subject} {since}: {in_words(step.changes)}"),)
    yield ()
    if causes is not None:
        yield from difference_lines(causes.of(subject))
    yield (("heading", "What counts of it"),)
    before = found.before.contents.get(subject) if found.before else None
    for key, was, becomes in differences(before, found.after.contents.get(subject)):
        if "\n" in was + becomes:
            lines = unified_diff(was.splitlines(), becomes.splitlines(), n=0, lineterm="")
            for line in list(lines)[2:]:
                if not line.startswith("@@"):
                    yield (("plain", f"  {visible(line)}"),)
        elif was:
            yield (
                ("plain", f"  {visible(key)}: {visible(becomes) or 'gone'}, {visible(was)} before"),
            )
        else:
            yield (("plain", f"  {visible(key)}: {visible(becomes)}"),)
    yield (("dim", f"  {step.before or 'none'} -> {step.after or 'none'}"),)
    yield ()


def _reviewer(key: Path, found: Review) -> str:
    """Return whom the allowed signers name for a key.

    Raises:
        ChartconfigError: CC806, nobody.
    """
    public = public_key(key)
    if public is None:
        raise click.UsageError(
            f"whose key {key} is cannot be seen without {key}.pub: say --as NAME"
        )
    named = [
        each for line in sound(found.signers) if line.key == public for each in line.principals
    ]
    asked = [each for each in named if each in found.terms.policy.people] or named
    if not asked:
        held = f" of {found.terms.holds}" if found.terms.holds else ""
        told = f"{key} is no key of an allowed signer{held} who may approve"
        hint = (
            "somebody else has to add it to configs/allowed_signers, for approval@chartconfig; it "
            "counts after the release that has it"
        )
        raise ChartconfigError(report("CC806", told, None, hint=hint))
    if len(set(asked)) > 1:
        raise click.UsageError(f"the key is that of {' and '.join(asked)}: say --as NAME")
    return asked[0]


def _refuse_author(reviewer: str, standing: Standing) -> None:
    if reviewer.lower() in standing.authors:
        told = f"{reviewer} made this change of {standing.step.subject}, and cannot approve it"
        hint = "ask somebody who had no part in it"
        raise ChartconfigError(report("CC808", told, None, hint=hint))


def _signed(standing: Standing, found: Review, signer: _Signer) -> Approval:
    """Return a reviewer's approval of a step, which counts.

    Raises:
        ChartconfigError: It would not count: the reason.
    """
    step = standing.step
    statement = Statement(
        module=found.terms.module,
        subject=step.subject,
        before=step.before,
        after=step.after,
        reviewer=signer.reviewer,
        time=now(),
        allows=signer.allows,
    )
    approval = Approval(
        statement=statement, signature=sign(format_statement(statement), signer.key)
    )
    files = {
        place_of(step.subject, signer.reviewer): format_approval(approval).encode(
            "ascii", "replace"
        )
    }
    judged = judge(
        step,
        files,
        left=frozenset(),
        spent=frozenset(),
        authors=standing.authors,
        terms=found.terms,
        verdict=found.verdict,
    )
    wrong = [*judged.malformed, *(vote.refused for vote in judged.votes)]
    if wrong[0] is not None:
        raise ChartconfigError(wrong[0])
    return approval


def _document(approval: Approval, project: Project) -> dict[str, object]:
    told = approval.statement
    return {
        "subject": str(told.subject),
        "before": told.before,
        "after": told.after,
        "reviewer": told.reviewer,
        "time": f"{told.time:%Y-%m-%dT%H:%M:%SZ}",
        "allows": {each.code: each.until.isoformat() for each in told.allows},
        "file": f"{project.place.root}/{place_of(told.subject, told.reviewer)}",
    }
