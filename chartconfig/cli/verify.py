"""`verify`: the auditor's part. Everything that a site shows, computed again."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chartconfig.auditor.site import Audit, audit
from chartconfig.auditor.version import decode_record
from chartconfig.cli import console
from chartconfig.cli.findings import listing
from chartconfig.cli.options import Name, format_option
from chartconfig.cli.reader import (
    Trust,
    TrustOptions,
    max_age_option,
    naming,
    read_small,
    timeout_option,
    trust_options,
)
from chartconfig.cli.state import keep_state, read_state
from chartconfig.diagnostics import render
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.edge.approvals import unapproved
from chartconfig.edge.clock import now
from chartconfig.edge.fetch import open_site
from chartconfig.edge.files import find_place
from chartconfig.edge.git import read_blob, read_tags
from chartconfig.edge.rebuild import rebuild_or_refuse
from chartconfig.errors import ChartconfigError
from chartconfig.module.gosum import encode_sum
from chartconfig.pipeline import pack
from chartconfig.review.release import parse_message
from chartconfig.tlog.client import format_fork
from chartconfig.tlog.proof import check_proof, parse_proof
from chartconfig.tlog.text import format_base64

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chartconfig.auditor.site import AuditedVersion
    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.edge.fetch import Site
    from chartconfig.edge.files import Place
    from chartconfig.edge.git import Tag
    from chartconfig.tlog.client import Fork, Log

FORMAT = "chartconfig/verify/v1"
PROOF_FORMAT = "chartconfig/proof/v1"
_SEVERAL = 2


@click.command("verify")
@click.argument("site", type=Name(), metavar="[SITE]", required=False)
@click.option("--version", metavar="V", help="Read the files of this version only.")
@click.option(
    "--repo",
    type=Name(),
    metavar="DIR",
    help="Build each version again from this repository's tags.",
)
@click.option(
    "--state",
    type=Name(),
    metavar="FILE",
    help="Where the newest head seen is kept: the log must continue it, next time too.",
)
@click.option(
    "--proof", "proof", type=Name(), metavar="FILE", help="Check a proof file instead of a site."
)
@max_age_option("Warn if nothing was published for longer, in case newer versions are kept back.")
@trust_options
@timeout_option(600)
@format_option()
def command(
    *,
    site: str | None,
    version: str | None,
    repo: str | None,
    state: str | None,
    proof: str | None,
    max_age: int | None,
    trust: TrustOptions,
    timeout: float,
    output: str,
) -> None:
    """Verify everything that the directory or URL SITE shows, trusting nobody but the log's key.

    Every record, tile, proof, hash and file is computed again: no version may be changed, hidden
    or recorded twice, and the log must continue what was seen before. With --repo, each version is
    built again from its signed tag, and must come out the same.

    With --proof, no site is asked: the file shows by itself that a version is in the log.
    """
    if (site is None) == (proof is None):
        raise click.UsageError("name a site, or a proof with --proof FILE")
    if proof is not None:
        told = {"--repo": repo, "--state": state, "--max-age": max_age, "--against": trust.against}
        for option, value in told.items():
            if value not in {None, ()}:
                raise click.UsageError(f"{option} is about a site, and --proof asks none")
    believed = trust.read()
    if proof is not None:
        _check_proof(Path(proof), believed.log, version, output)
        return
    files = open_site(str(site), seconds=timeout)
    place = None if repo is None else find_place(Path(repo))
    done = _audit(files, believed, version=version, state=state, max_age=max_age)
    found = list(done.diagnostics)
    if version is not None and done.head and version not in {v.sum.version for v in done.versions}:
        found.append(report("CC942", f"the log has no {version}", None, hint="name another"))
    if place is not None:
        found += _rebuilt(place, done, version)
    if output == "json":
        console.write(f"{json.dumps(_as_json(believed.log, done, found), indent=2)}\n")
    else:
        _print(believed.log, done, found)
    if _fails(found):
        raise click.exceptions.Exit(1)


def _audit(
    files: Site, trust: Trust, *, version: str | None, state: str | None, max_age: int | None
) -> Audit:
    """Audit a site, and keep the head that it has now."""
    seen = read_state(Path(state)) if state else None
    # What is wrong with the site is in what the audit says: what is raised is of the state.
    with naming(state), console.progress("verify") as advance:
        done = audit(
            files,
            trust.log,
            seen=seen,
            shown=trust.shown,
            listing=files.listing(),
            only=version,
            now=now(),
            max_age=None if max_age is None else timedelta(days=max_age),
            progress=advance,
        )
    return keep_state(Path(state), done, seen, trust.log, files) if state else done


def _rebuilt(place: Place, done: Audit, only: str | None) -> Iterator[Diagnostic]:
    """Yield what is wrong with the tags of versions, or comes out of them otherwise."""
    allowed = read_blob(place, "HEAD", "allowed_signers")
    tags = {tag.name: tag for tag in read_tags(place.base)}
    if allowed is None:
        told = "configs/allowed_signers is not there, so who signed the tags was not asked"
        console.show([(("warning", told),)], stream=sys.stderr)
    own = _own(done.versions, tags.values())
    if done.versions and not own:
        what = "no version in the log is of a module that this repository has released"
        yield report("CC939", what, None, hint="name the repository of the config")
    for version in own:
        name = version.sum.version
        if only not in {None, name}:
            continue
        if name not in tags:
            yield report("CC939", f"{name} has no tag", None, hint="git fetch --tags")
            continue
        try:
            yield from _compared(place, tags[name], version, allowed)
            yield from unapproved(place, tags[name])
        except ChartconfigError as error:
            yield error.diagnostic


def _own(versions: Sequence[AuditedVersion], tags: Iterable[Tag]) -> Sequence[AuditedVersion]:
    """Return the versions that the repository must have; of one module, all that the log has."""
    if len({each.sum.module for each in versions}) < _SEVERAL:
        return versions
    modules: set[str] = set()
    for tag in tags:
        with suppress(ChartconfigError):  # it is said below, of the version that needs it
            modules.add(parse_message(tag.message, tag=tag.name).module)
    others = sorted({each.sum.module for each in versions} - modules)
    for module in others:
        told = f"{module} was not built again: this repository has released none of it"
        console.show([(("warning", told),)], stream=sys.stderr)
    return [each for each in versions if each.sum.module in modules]


def _compared(
    place: Place, tag: Tag, version: AuditedVersion, allowed: bytes | None
) -> Iterator[Diagnostic]:
    files, origin = rebuild_or_refuse(place, tag, allowed=allowed)
    assert origin.time is not None, "a commit has a time"
    made = pack(files, version=tag.name, time=origin.time)
    if made.record != encode_sum(version.sum):
        built = decode_record(made.record, tag.name)
        what = f"its tag gives {built.module} {built.zip}, the log has {version.sum.zip}"
        hint = "what is published was not reviewed: do not use it"
        yield report("CC939", f"{tag.name}: {what}", None, hint=hint)


def _check_proof(path: Path, log: Log, version: str | None, output: str) -> None:
    """Check a proof file, with nothing but the key, and that it is of a version, if one is asked.

    Raises:
        ChartconfigError: It proves nothing, or CC942, it is of another version.
    """
    data = read_small(path)
    with naming(path):
        proven = check_proof(
            parse_proof(data),
            origin=log.name,
            verifiers=log.verifiers,
            witnesses=log.witnesses,
            quorum=log.quorum,
        )
    asked = decode_record(proven.record, str(path))
    if version not in {None, asked.version}:
        what = f"{path} is of {asked.module} {asked.version}, not of {version}"
        raise ChartconfigError(report("CC942", what, None, hint="name the proof of that version"))
    head = proven.checkpoint.head
    if output == "json":
        document = {
            "format": PROOF_FORMAT,
            "log": log.name,
            "tree": {"size": head.size, "root": format_base64(head.root)},
            "record": proven.index,
            "module": asked.module,
            "version": asked.version,
            "h1": asked.zip,
            "go_mod": asked.go_mod,
            "witnesses": [each.witness.name for each in proven.cosignatures],
        }
        console.write(f"{json.dumps(document, indent=2)}\n")
        return
    console.write(encode_sum(asked).decode())
    told = f"record {proven.index} of {head.size} of {log.name}, root hash"
    console.show([(("good", f"{told} {format_base64(head.root)}"),)])
    for each in proven.cosignatures:
        console.show([(("plain", f"cosigned by {each.witness.name}"),)])


def _print(log: Log, done: Audit, found: list[Diagnostic]) -> None:
    several = len({each.sum.module for each in done.versions}) > 1
    for each in done.versions:
        told = f"  {_time(each) or 'not verified':20}  {each.sum.zip}"
        withdrawn = f"  withdrawn: {each.retraction.reason}" if each.retraction else ""
        style = "path" if each.time else "error"
        name = f"{each.sum.module} {each.sum.version}" if several else each.sum.version
        line = ((style, name), ("plain", told), ("warning", withdrawn))
        console.show([tuple(part for part in line if part[1])])
    if found:
        if done.versions:
            console.write("\n")
        console.show(listing(found))
    if done.fork is not None:
        console.write(f"{format_fork(done.fork)}\n")
    summary = render.summary(found)
    if done.head is not None:
        size, root = render.counted(done.head.size, "record"), format_base64(done.head.root)
        summary = f"{log.name} has {size}, root hash {root}: {summary}"
    console.show([(("error" if _fails(found) else "good", summary),)])


def _fails(found: Iterable[Diagnostic]) -> bool:
    return any(each.severity is not Severity.INFO for each in found)


def _as_json(log: Log, done: Audit, found: list[Diagnostic]) -> dict[str, object]:
    head = done.head
    return {
        "format": FORMAT,
        "log": log.name,
        "tree": head and {"size": head.size, "root": format_base64(head.root)},
        "versions": [
            {
                "module": each.sum.module,
                "version": each.sum.version,
                "record": each.index,
                "time": _time(each),
                "h1": each.sum.zip,
                "go_mod": each.sum.go_mod,
                "retracted": each.retraction.reason if each.retraction else None,
            }
            for each in done.versions
        ],
        "diagnostics": json.loads(render.to_json(found))["diagnostics"],
        "fork": done.fork and _fork_as_json(done.fork),
    }


def _fork_as_json(fork: Fork) -> dict[str, object]:
    return {
        "older": fork.older.decode(),
        "newer": fork.newer.decode(),
        "root": format_base64(fork.root),
        "proof": [format_base64(each) for each in fork.proof],
    }


def _time(version: AuditedVersion) -> str | None:
    return version.time.isoformat().replace("+00:00", "Z") if version.time else None
