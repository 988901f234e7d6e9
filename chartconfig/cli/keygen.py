"""`keygen`: the key of a new log."""

from __future__ import annotations

import json
from pathlib import Path

import click

from chartconfig.cli import console
from chartconfig.cli.options import format_option
from chartconfig.edge.keys import new_signer, public_line, write_signer

FORMAT = "chartconfig/keygen/v1"


@click.command("keygen")
@click.argument("name", metavar="NAME")
@click.option(
    "-o", "--output", "out", required=True, metavar="FILE", help="The file of the secret key."
)
@format_option()
def command(*, name: str, out: str, output: str) -> None:
    """Make the key of a log called NAME, such as example.com/log.

    The secret key is written to FILE, which nobody but you can read, and shown nowhere: whoever
    has it can make the log say anything. The verifier key is printed, for everybody to have before
    they fetch anything:

        chartconfig keygen example.com/log -o log.key > log.pub
    """
    try:
        signer = new_signer(name)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'NAME'") from None
    write_signer(Path(out), signer)
    line = public_line(signer)
    if output == "json":
        document = {"format": FORMAT, "name": name, "verifier": line.rstrip("\n"), "out": out}
        console.write(f"{json.dumps(document, indent=2)}\n")
        return
    console.write(line)
