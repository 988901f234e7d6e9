"""`fetch`: the client's part. A config that the log vouches for, or nothing."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chartconfig.auditor.pin import Pin, format_pin, parse_pin
from chartconfig.cli import console
from chartconfig.cli.compile import is_compiled
from chartconfig.cli.findings import listing
from chartconfig.cli.options import Name, format_option
from chartconfig.cli.reader import (
    TrustOptions,
    check_head,
    forks_shown,
    max_age_option,
    read_if_there,
    timeout_option,
    trust_options,
)
from chartconfig.client import Client
from chartconfig.diagnostics import render
from chartconfig.diagnostics.catalogue import report
from chartconfig.edge.cache import default_cache
from chartconfig.edge.clock import now
from chartconfig.edge.fetch import open_site
from chartconfig.edge.files import check_parent, replace_file, write_directory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartconfig.client import Config
    from chartconfig.diagnostics.diagnostic import Diagnostic

FORMAT = "chartconfig/fetch/v1"


@click.command("fetch")
@click.argument("site", type=Name(), metavar="SITE")
@click.option("--version", metavar="V", help="Fetch this version. Default: the latest.")
@click.option(
    "-o", "--output", "out", type=Name(), metavar="DIR", help="Write the files of the config here."
)
@click.option(
    "--pin",
    type=Name(),
    metavar="FILE",
    help="Fetch the version that this file pins; written if it is not there yet.",
)
@click.option("--update", is_flag=True, help="Move the pin to the version that is fetched.")
@click.option(
    "--module", type=Name(), metavar="PATH", help="The module, where the log has several."
)
@click.option(
    "--cache",
    type=Name(),
    metavar="DIR",
    help="Where to keep what was fetched. Default: the user's.",
)
@click.option("--offline", is_flag=True, help="Ask nobody: use what was fetched before.")
@max_age_option("Warn if the version is older, in case newer ones are kept back.")
@trust_options
@timeout_option(60)
@format_option()
def command(
    *,
    site: str,
    version: str | None,
    out: str | None,
    pin: str | None,
    update: bool,
    module: str | None,
    cache: str | None,
    offline: bool,
    max_age: int | None,
    trust: TrustOptions,
    timeout: float,
    output: str,
) -> None:
    """Fetch the latest config, or one version of it, from the directory or URL SITE.

    Nothing is kept or written before it is verified: the log's signature, that the log continues
    what was seen before, that the version is in it, and every file by its hash. What is older than
    what was seen is not taken for the latest.

    If nobody answers, what was fetched before is used, and verified again.
    """
    believed = trust.read()
    pinned = _pinned(pin)
    shown = believed.shown
    if pinned is not None:
        shown = (*shown, check_head(pinned.head, believed.log, str(pin)))
        module = module or pinned.module
    client = Client(
        open_site(site, seconds=timeout),
        believed.log,
        _cache(cache),
        module=module,
        shown=shown,
        offline=offline,
    )
    keep = pinned if pinned and not update and version in {None, pinned.version} else None
    if pinned and keep is None and not update:
        raise click.UsageError(f"{pin} pins {pinned.version}: --update moves it to {version}")
    with forks_shown():
        if keep is not None:
            config = client.version(keep.version, pin=keep)
        else:
            config = client.latest() if version is None else client.version(version)
    if out is not None:
        write_directory(Path(out), config.files, replaces=is_compiled)
    if pin is not None and keep is None:
        replace_file(Path(pin), format_pin(config.pin))
    console.show(listing(_remarks(config, max_age)), stream=sys.stderr)
    if output == "json":
        console.write(f"{json.dumps(_as_json(config), indent=2)}\n")
        return
    for name, data in sorted(config.files.items()) if out is not None else ():
        console.show([(("path", f"{Path(out or '') / name}"), ("dim", f"  {len(data):,} bytes"))])
    told = f"  {config.h1}  record {config.index} of {config.log}"
    console.show([(("good", f"{config.module} {config.version}"), ("plain", told))])
    if config.offline:
        console.show([(("warning", _why_offline(config)),)])


def _cache(cache: str | None) -> Path:
    place = default_cache() if cache is None else Path(cache)
    if place is None:
        raise click.UsageError("there is no home directory to keep a cache in: name a --cache DIR")
    return place


def _why_offline(config: Config) -> str:
    what = "the site was not asked"
    if config.unanswered is not None:
        what = f"the site does not answer: {config.unanswered.message}"
    return f"from the cache, as released on {config.time.date()}: {what}"


def _pinned(pin: str | None) -> Pin | None:
    if pin is None:
        return None
    check_parent(Path(pin))
    data = read_if_there(Path(pin))
    return None if data is None else parse_pin(data, path=pin)


def _remarks(config: Config, max_age: int | None) -> Iterator[Diagnostic]:
    if config.retraction is not None:
        what = f"{config.version} was withdrawn: {config.retraction.reason}"
        yield report("CC943", what, None, hint="fetch the latest instead")
    age = now() - config.time
    if max_age is not None and age > timedelta(days=max_age):
        old = render.counted(age.days, "day")
        what = f"{config.version} is {old} old, of {max_age} allowed"
        yield report("CC935", what, None, hint="ask whoever releases it whether it is the newest")


def _as_json(config: Config) -> dict[str, object]:
    return {
        "format": FORMAT,
        "log": config.log,
        "module": config.module,
        "version": config.version,
        "time": config.time.isoformat().replace("+00:00", "Z"),
        "h1": config.h1,
        "record": config.index,
        "retracted": config.retraction.reason if config.retraction else None,
        "offline": config.offline,
        "files": {name: len(data) for name, data in sorted(config.files.items())},
    }
