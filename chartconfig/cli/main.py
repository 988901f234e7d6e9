"""Arguments, wiring, exit codes.

0: clean, or done. 1: there are findings, each with its code. 2: wrong usage, or a failure of
chartconfig itself. As shells count, 130 and 141: interrupted; nobody reads the results any more.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from keyword import iskeyword
from typing import TYPE_CHECKING

import click

from chartconfig import __version__
from chartconfig.cli import console
from chartconfig.cli.findings import FindingsError, listing
from chartconfig.errors import ChartconfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

_SECTIONS = {
    "Start": {
        "init": "Make a config repository that passes check.",
        "new": "Start a chart that passes check.",
        "import": "Bring in charts of Go's own tool, or a config that exists.",
        "export": "Write the charts in the format of Go's own tool.",
    },
    "Charts": {
        "check": "Check every chart and every file that charts refer to.",
        "rates": "Show the sample rate of every chart, and what it is worth.",
        "explain": "Explain a chart, a counter, or the code of a finding.",
        "simulate": "Test every promise in simulated fleets of installations.",
        "compile": "Compile the charts into the config that clients read.",
        "versions": "Keep the lists of versions that are collected.",
    },
    "Review": {
        "diff": "Show what a change means for installations.",
        "approve": "Approve what was changed since the last release.",
        "approvals": "Show who approved what, and who still has to.",
        "history": "Show every release in which a chart changed, and why.",
        "due": "List what expires, and what else has to be looked at again.",
        "renew": "Let charts expire later, and change nothing else.",
        "codeowners": "Write CODEOWNERS from the owners of the charts.",
    },
    "Release": {
        "release": "Release what is committed as a new version.",
        "retract": "Withdraw a released version, by releasing a newer one.",
        "keygen": "Make the key of a new log.",
        "publish": "Publish released versions to a site, in its log.",
    },
    "Verify": {
        "verify": "Verify everything that a site shows, with its log's key alone.",
        "proof": "Write a proof that a version is in the log, for use offline.",
        "fetch": "Fetch a config that the log vouches for, or nothing.",
    },
}
_COMMANDS = [name for section in _SECTIONS.values() for name in section]

_FINDINGS, _FAILURE, _INTERRUPTED, _UNREAD = 1, 2, 130, 141


class _Help(click.HelpFormatter):
    """Help with a narrow column for options: a long one has a line of its own."""

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 22, col_spacing: int = 2
    ) -> None:
        """Write what stands in two columns."""
        super().write_dl(rows, col_max, col_spacing)


class _Context(click.Context):
    formatter_class = _Help


class _Commands(click.Group):
    """Commands that are imported when they are asked for, listed by who uses them for what."""

    context_class = _Context

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the list of commands without importing any."""
        width = max(map(len, _COMMANDS))
        for title, commands in _SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), told) for name, told in commands.items()])

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """Return the names of all commands."""
        return _COMMANDS

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name."""
        if cmd_name not in _COMMANDS:
            from difflib import get_close_matches

            if near := get_close_matches(cmd_name, _COMMANDS, n=1):
                ctx.fail(f"No such command '{cmd_name}': did you mean {near[0]}?")
            return None
        module = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = import_module(f"chartconfig.cli.{module}").command
        command.context_class = _Context
        return command


@click.command(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": console.WIDTH},
)
@click.option(
    "-C",
    "directory",
    metavar="DIR",
    default=".",
    show_default="the current directory",
    help="The config repository: a directory that holds configs/.",
)
@click.option("--debug", is_flag=True, help="Show the traceback of a failure.")
@click.version_option(__version__, message="chartconfig %(version)s")
@click.pass_context
def cli(context: click.Context, directory: str, *, debug: bool) -> None:  # noqa: ARG001 - see run
    """Compile reviewed charts into a collection config with computed sample rates.

    A chart is a question put to installations: which counter, how accurate, until when. chartconfig
    checks the charts of configs/, computes how rarely each installation needs to report, and writes
    the config that telemetry clients read.
    """
    context.obj = directory


def run() -> int:
    """Run the command that the arguments name and return the exit code."""
    gc.disable()  # a run is short and makes next to no cycles: looking for them takes a tenth of it
    try:
        return _run()
    except BrokenPipeError:
        _discard_output()
        return _UNREAD


def _run() -> int:
    debug = "--debug" in sys.argv
    try:
        with cli.make_context("chartconfig", sys.argv[1:]) as context:
            cli.invoke(context)
    except FindingsError as error:
        _show_findings(error)
        return _FINDINGS
    except ChartconfigError as error:
        console.show(listing([error.diagnostic]), stream=sys.stderr)
        if debug:
            _print_traceback()
        return _FINDINGS
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return _FAILURE
    except (click.Abort, KeyboardInterrupt):
        console.write("\ninterrupted\n", stream=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - never a traceback unless it is asked for
        return _failed(error, debug=debug)
    return 0


def _show_findings(error: FindingsError) -> None:
    from chartconfig.diagnostics.render import summary

    console.show(listing(error.diagnostics, error.documents), stream=sys.stderr)
    console.write(f"{summary(error.diagnostics)}\n", stream=sys.stderr)


def _failed(error: Exception, *, debug: bool) -> int:
    if isinstance(error, OSError):
        _discard_output()
    if debug:
        _print_traceback()
    else:
        from chartconfig.diagnostics.page import visible

        told = visible(f"{type(error).__name__}: {error}".splitlines()[0])
        console.write(
            f"chartconfig failed: {told}\nThis is a mistake in chartconfig, or of the machine; "
            "--debug shows where.\n",
            stream=sys.stderr,
        )
    return _FAILURE


def _discard_output() -> None:
    """Drop what could not be printed, or Python would try again at its end, and complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _print_traceback() -> None:
    import traceback

    traceback.print_exc()
