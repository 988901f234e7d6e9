"""The command line: arguments, wiring, exit codes."""

from __future__ import annotations

import sys

from chartconfig import __version__


def main() -> int:
    """Run the command line and return its exit code."""
    if sys.argv[1:] == ["--version"]:  # answered before anything is loaded
        sys.stdout.write(f"chartconfig {__version__}\n")
        return 0
    from chartconfig.cli.main import run  # see above

    return run()
