"""`proof`: a file by which whoever has the key can check, offline, that a version is in the log."""

from __future__ import annotations

import json
from pathlib import Path

import click

from chartconfig.cli import console
from chartconfig.cli.options import Name, format_option
from chartconfig.cli.reader import (
    TrustOptions,
    check_replaceable,
    forks_shown,
    timeout_option,
    trust_options,
)
from chartconfig.client import Client
from chartconfig.edge.fetch import open_site
from chartconfig.edge.files import replace_file

FORMAT = "chartconfig/written/v1"


@click.command("proof")
@click.argument("site", type=Name(), metavar="SITE")
@click.argument("version", metavar="VERSION")
@click.option(
    "-o", "--output", "out", type=Name(), required=True, metavar="FILE", help="The file to write."
)
@click.option(
    "--module", type=Name(), metavar="PATH", help="The module, where the log has several."
)
@trust_options
@timeout_option(60)
@format_option()
def command(
    *,
    site: str,
    version: str,
    out: str,
    module: str | None,
    trust: TrustOptions,
    timeout: float,
    output: str,
) -> None:
    """Write a proof that VERSION of the config at SITE is in the log.

    SITE is a directory or a URL. The files of the version are fetched and checked first. FILE
    holds the record, which has the version's hashes, its place in the tree, and the signed head:
    `chartconfig verify --proof FILE` needs nothing else, now or in ten years.
    """
    check_replaceable(Path(out))
    believed = trust.read()
    files = open_site(site, seconds=timeout)
    client = Client(files, believed.log, module=module, shown=believed.shown)
    with forks_shown():
        config = client.version(version)
    replace_file(Path(out), config.proof)
    if output == "json":
        console.write(f"{json.dumps({'format': FORMAT, 'written': [out]}, indent=2)}\n")
        return
    console.show([(("path", out),)])
    told = f"{config.module} {config.version} is record {config.index} of {config.log}"
    console.show([(("good", told),)])
