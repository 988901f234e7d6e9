"""`release`: a new version of the config, from what is committed: its changelog entry and tag."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chartconfig.cli import console
from chartconfig.cli.findings import FindingsError, listing
from chartconfig.cli.options import format_option
from chartconfig.cli.releasing import carry_out, open_desk, prepare
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.render import counted
from chartconfig.edge.files import find_place
from chartconfig.edge.git import branch, read_tags
from chartconfig.edge.history import SIGNERS, read_signers, require_releases, require_reviewed
from chartconfig.errors import ChartconfigError
from chartconfig.review.diff import Effect
from chartconfig.review.release import describe, parse_message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chartconfig.cli.releasing import Candidate, Desk, Released
    from chartconfig.review.diff import Change
    from chartconfig.review.release import Announcement

FORMAT = "chartconfig/release/v1"
RELEASES_FORMAT = "chartconfig/releases/v1"


@click.command("release")
@click.option("--dry-run", is_flag=True, help="Show all of it, and change nothing.")
@click.option(
    "--verify", "verifying", is_flag=True, help="Verify every release that there is, and make none."
)
@format_option()
@click.pass_obj
def command(directory: str, *, dry_run: bool, verifying: bool, output: str) -> None:
    """Release what is committed as a new version, if it differs from the last one.

    The minor version goes up where anything is collected that was not, or more often, and the patch
    where not. What changed is written to configs/CHANGELOG.md and committed, and that commit is
    tagged, signed with your SSH or GPG key as git's settings have it. Nothing is pushed.

    The work tree has to be clean, and on the branch that configs/policy.yaml names: main without
    it. After a stop at any moment, run it again: it does the rest.

    With --verify, nothing is made: each release must be merged into what is checked out, and
    signed, under its own name, by somebody whom configs/allowed_signers lists.
    """
    if verifying:
        if dry_run:
            raise click.UsageError("--verify makes nothing: leave out --dry-run")
        _tell_releases(_verified(directory), output)
        return
    desk = open_desk(directory)
    candidate = prepare(desk)
    if candidate is None:
        last = desk.last.name if desk.last else None
        tell_nothing(f"nothing to release: all is as in {last}", last=last, output=output)
        return
    finish(desk, candidate, dry_run=dry_run, output=output)


def finish(desk: Desk, candidate: Candidate, *, dry_run: bool, output: str) -> None:
    """Release a candidate, or only show it; what was found on its charts comes first."""
    console.show(listing(candidate.findings, desk.tree.documents), stream=sys.stderr)
    released = None if dry_run else carry_out(desk, candidate)
    if output == "json":
        console.write(f"{json.dumps(_document(candidate, released), indent=2)}\n")
        return
    console.show([(("heading", _headline(candidate)),), (("plain", ""),)])
    console.write(f"{describe(candidate.changes)}\n")
    files = ", ".join(f"{desk.place.root}/{name}" for name in sorted(candidate.writes))
    if released is None:
        told = f"a commit of {files}, and " if files else ""
        console.show([(("warning", f"to be made: {told}the tag {candidate.version}"),)])
        return
    if files:
        console.show([(("path", files),)])
    announced = released.announcement
    by = f", signed by {released.signer}" if released.signer else ""
    push = f"git push --atomic origin {branch(desk.place.base)} {candidate.version}"
    console.show(
        [
            (("plain", f"{announced.module} {announced.version} {announced.h1}"),),
            (("good", f"{announced.version} tagged at {released.commit[:12]}{by}"),),
            (("dim", f"now: {push}"),),
        ]
    )


def tell_nothing(told: str, *, last: str | None, output: str) -> None:
    """Say that nothing is released."""
    if output == "json":
        document: dict[str, object] = {"format": FORMAT, "version": None, "last": last}
        document["changes"] = []
        console.write(f"{json.dumps(document, indent=2)}\n")
        return
    console.show([(("good", told),)])


def _verified(directory: str) -> list[tuple[Announcement, str]]:
    """Return all releases, each with who signed it.

    Raises:
        ChartconfigError: CC919, nobody may sign; CC947, a release is missing.
        FindingsError: One is not as a release must be.
    """
    place = find_place(Path(directory))
    tags = read_tags(place.base)
    if not tags:
        raise ChartconfigError(
            report("CC911", "nothing was released", None, hint="release a version, or fetch --tags")
        )
    require_releases(place, tags, releasing=False)
    allowed = read_signers(place, tags)
    if allowed is None:
        what = f"{place.root}/{SIGNERS} is not there, so nobody may sign a release"
        raise ChartconfigError(report("CC919", what, None, hint="say who may: docs/releasing.md"))
    verified, refused = [], []
    for tag in tags:
        try:
            signer = require_reviewed(place, tag, allowed)
            assert signer is not None, "somebody was asked for"
            verified.append((parse_message(tag.message, tag=tag.name), signer))
        except ChartconfigError as error:
            refused.append(error.diagnostic)
    if refused:
        raise FindingsError(refused, ())
    return verified


def _tell_releases(verified: Sequence[tuple[Announcement, str]], output: str) -> None:
    if output == "json":
        document = {
            "format": RELEASES_FORMAT,
            "releases": [
                {
                    "version": each.version,
                    "module": each.module,
                    "h1": each.h1,
                    "chartconfig": each.chartconfig,
                    "signer": signer,
                }
                for each, signer in verified
            ],
        }
        console.write(f"{json.dumps(document, indent=2)}\n")
        return
    for each, signer in verified:
        told = f"  {each.h1}  signed by {signer}"
        console.show([(("path", each.version), ("plain", told))])
    told = f"{counted(len(verified), 'release')}, merged and signed by whom "
    console.show([(("good", f"{told}configs/{SIGNERS} lists"),)])


def _headline(candidate: Candidate) -> str:
    if candidate.last is None:
        return f"{candidate.version}, the first release"
    more = any(change.effect is Effect.MORE for change in candidate.changes)
    why = "more is collected" if more else "nothing more is collected"
    return f"{candidate.version} after {candidate.last}: {why}"


def _document(candidate: Candidate, released: Released | None) -> dict[str, object]:
    document: dict[str, object] = {
        "format": FORMAT,
        "version": candidate.version,
        "last": candidate.last,
        "changes": [_change(change) for change in candidate.changes],
    }
    if released is not None:
        document |= {
            "module": released.announcement.module,
            "h1": released.announcement.h1,
            "commit": released.commit,
            "signer": released.signer,
        }
    return document


def _change(change: Change) -> dict[str, object]:
    return {
        "class": change.effect.value,
        "what": change.what,
        "where": change.where,
        "before": change.before,
        "after": change.after,
    }
