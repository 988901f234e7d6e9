"""`retract`: withdraw a released version, by releasing a newer one that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from chartconfig.charts.retracted import why_refused
from chartconfig.cli import console
from chartconfig.cli.options import format_option
from chartconfig.cli.release import finish, tell_nothing
from chartconfig.cli.releasing import open_desk, prepare
from chartconfig.diagnostics.catalogue import report
from chartconfig.errors import ChartconfigError
from chartconfig.module.gomod import decode_go_mod

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chartconfig.cli.releasing import Candidate


@click.command("retract")
@click.argument("version", metavar="VERSION")
@click.option("--reason", required=True, metavar="TEXT", help="Why nobody should use it; one line.")
@click.option("--dry-run", is_flag=True, help="Show all of it, and change nothing.")
@format_option()
@click.pass_obj
def command(directory: str, *, version: str, reason: str, dry_run: bool, output: str) -> None:
    """Withdraw a released VERSION, by releasing a newer one that says so.

    What is published stays published: the newer version's go.mod lists what is withdrawn, and
    clients then take the newest version that is not. Change the charts and commit that first; where
    they still collect what VERSION did, the new version withdraws itself as well, and the newest
    one before it is the latest again.

    VERSION and the reason are added to configs/retracted.yaml. All else is as with `release`.
    """
    if why := why_refused(version, reason):
        raise click.UsageError(why)
    desk = open_desk(directory)
    released = [tag.name for tag in desk.tags]
    if version not in released:
        raise ChartconfigError(
            report(
                "CC946",
                f"{version} was never released",
                None,
                hint=f"there are {', '.join(released[-5:])}" if released else "nothing was",
            )
        )
    files = desk.rebuilt.files if desk.rebuilt else None
    if files is not None and decode_go_mod(files["go.mod"]).retracts(version):
        told = f"nothing to release: {version} is withdrawn already"
        tell_nothing(told, last=released[-1], output=output)
        return
    candidate = prepare(desk, withdraw=(version, reason))
    assert candidate is not None, "go.mod withdraws a version that it did not"
    finish(desk, candidate, dry_run=dry_run, output=output)
    if output == "text":
        console.show([(("plain", _newest(candidate, released)),)])


def _newest(candidate: Candidate, released: Sequence[str]) -> str:
    """Return which version clients take from now on."""
    go_mod = decode_go_mod(candidate.files["go.mod"])
    left = [name for name in (*released, candidate.version) if not go_mod.retracts(name)]
    if not left:
        return "no version is left that is not withdrawn: change the charts, and release"
    take = "take" if left[-1] == candidate.version else "go back to"
    return f"once {candidate.version} is published, clients {take} {left[-1]}"
