"""`publish`: released versions, appended to a site and its log."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chartconfig.cli import console
from chartconfig.cli.options import format_option
from chartconfig.cli.publishing import Publisher
from chartconfig.cli.reader import read_trust
from chartconfig.diagnostics.render import counted
from chartconfig.edge.files import find_place
from chartconfig.edge.git import read_tags
from chartconfig.edge.history import SIGNERS, require_releases
from chartconfig.edge.keys import public_line, read_signer
from chartconfig.edge.store import open_store
from chartconfig.tlog.text import format_base64

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chartconfig.cli.publishing import Published
    from chartconfig.edge.files import Place
    from chartconfig.tlog.publish import Write
    from chartconfig.tlog.tree import TreeHead

FORMAT = "chartconfig/publish/v1"

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


@click.command("publish")
@click.argument("site", metavar="SITE")
@click.option(
    "--key",
    "keys",
    multiple=True,
    required=True,
    metavar="FILE",
    help="The log's secret key, as keygen wrote it; both keys while the log changes its key.",
)
@click.option("--version", metavar="V", help="Publish this version. Default: the newest release.")
@click.option("--all", "every", is_flag=True, help="Publish every release that is missing.")
@click.option(
    "--against",
    multiple=True,
    metavar="FILE",
    help="A tree head, proof or pin that was kept: write nothing unless the log continues it.",
)
@click.option(
    "--resign",
    "resigning",
    is_flag=True,
    help="Sign anew what was signed before, with the keys of now and no other.",
)
@format_option()
@click.pass_obj
def command(
    directory: str,
    *,
    site: str,
    keys: tuple[str, ...],
    version: str | None,
    every: bool,
    against: tuple[str, ...],
    resigning: bool,
    output: str,
) -> None:
    """Publish released versions to the directory SITE, which any web server can serve.

    Each version is compiled from its tag, whatever the work tree has, and must come out as the
    tag says. It becomes a module, its hashes a record of the log, and the new head of the log is
    signed. What is published never changes: where anything is there already and is another,
    nothing is written.

    A stop at any moment does no harm. Run it again, and it goes on from there. With --all, files of
    older versions that are missing are written again, and a site that was lost is made anew, with
    the same bytes; give --against a head that was kept, to be sure of that.
    """
    if why := _why_no_site(site):
        raise click.UsageError(why)
    if every and version is not None:
        raise click.UsageError("--all has every version in it: leave out --version")
    signers = tuple(dict.fromkeys(read_signer(Path(key)) for key in keys))
    if len({signer.name for signer in signers}) > 1:
        raise click.UsageError("the keys are of two logs; a site has one")
    shown = read_trust(public_line(signers[0]).rstrip(), (), None, against).shown
    place = find_place(Path(directory))
    if _is_among_sources(Path(site), place):
        raise click.UsageError(
            f"{site} is of the config repository itself: name a directory of its own, as public"
        )
    tags = read_tags(place.base)
    if tags:
        require_releases(place, tags, releasing=False)
    with open_store(Path(site)) as store:
        publisher = Publisher(place, tags, store, signers)
        wanted, published = publisher.wanted(version, every=every), []
        if shown:
            publisher.check_continues(wanted, shown)
        with console.progress("publish") as advance:
            for tag in wanted:
                published.append(publisher.publish(tag))
                advance(len(published) / len(wanted))
        resigned = publisher.resign() if resigning else ()
        head = publisher.head()
    if publisher.allowed is None:
        told = f"{place.root}/{SIGNERS} is not there, so who signed the tags was not asked"
        console.show([(("warning", told),)], stream=sys.stderr)
    if output == "json":
        document = _as_json(site, signers[0].name, head, published, resigned)
        console.write(f"{json.dumps(document, indent=2)}\n")
        return
    for each in published:
        files = f"{counted(len(each.writes), 'file')} written" if each.writes else "was there"
        told = f"  record {each.index}, {files}"
        console.show([(("path", each.release.version), ("plain", f"  {each.h1}"), ("dim", told))])
    if resigning:
        console.show([(("plain", f"{counted(len(resigned), 'file')} signed anew"),)])
    what = f"{signers[0].name} has {counted(head.size, 'record')}"
    console.show([(("good", f"{what}, root hash {format_base64(head.root)}"),)])


def _as_json(
    site: str,
    log: str,
    head: TreeHead,
    published: Sequence[Published],
    resigned: Sequence[Write],
) -> dict[str, object]:
    return {
        "format": FORMAT,
        "site": site,
        "log": {"name": log, "size": head.size, "root": format_base64(head.root)},
        "versions": [
            {
                "version": each.release.version,
                "record": each.index,
                "h1": each.h1,
                "written": [write.path for write in each.writes],
            }
            for each in published
        ],
        "resigned": [write.path for write in resigned],
    }


def _why_no_site(site: str) -> str | None:
    """Return why an argument names no directory, or None."""
    if not site:
        return "SITE is empty: name a directory"
    if _URL.match(site):
        told = f"{site} is no directory: publish to one, and serve that"
        return f"{told}; one of that name is ./{site}"
    return None


def _is_among_sources(site: Path, place: Place) -> bool:
    """Return whether a site would stand among what is committed, or among git's own files."""
    there, base = (Path(os.path.realpath(path)) for path in (site, place.base))
    return there == base or any(there.is_relative_to(base / name) for name in (place.root, ".git"))
