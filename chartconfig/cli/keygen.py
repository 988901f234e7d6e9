"""`keygen`: the key of a new log."""

from __future__ import annotations

import json
from pathlib import Path

import click

from chartconfig.cli import console
from chartconfig.cli.options import format_option
from chartconfig.edge.keys import new_signer, public_line, read_signer, write_signer

FORMAT = "chartconfig/keygen/v1"


@click.command("keygen")
@click.argument("name", metavar="[NAME]", required=False)
@click.option("-o", "--output", "out", metavar="FILE", help="The file of the secret key.")
@click.option("--show", metavar="FILE", help="Print the verifier key of a secret one.")
@format_option()
def command(*, name: str | None, out: str | None, show: str | None, output: str) -> None:
    """Make the key of a log called NAME, such as example.com/log.

    The secret key is written to FILE, which nobody but you can read, and shown nowhere: whoever
    has it can make the log say anything. The verifier key is printed, for everybody to have before
    they fetch anything, and again with --show, as often as you like:

        chartconfig keygen --show log.key > log.pub
    """
    if show is not None:
        if name is not None or out is not None:
            raise click.UsageError("--show makes no key: leave out NAME and -o")
        out, signer = show, read_signer(Path(show))
    elif name is None or out is None:
        raise click.UsageError("name the log and the file of its key, NAME -o FILE; or --show FILE")
    else:
        try:
            signer = new_signer(name)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="'NAME'") from None
        write_signer(Path(out), signer)
    line = public_line(signer)
    if output == "json":
        document = {"format": FORMAT, "name": signer.name, "verifier": line.rstrip(), "out": out}
        console.write(f"{json.dumps(document, indent=2)}\n")
        return
    console.write(line)
