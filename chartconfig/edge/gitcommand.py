"""Git's own command, for `edge.git`: run to read, with no effects, or to change something."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from chartconfig.diagnostics.catalogue import report
from chartconfig.errors import ChartconfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SECONDS = 60

_ELSEWHERE = {"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX"}
"""Set within hooks: they name a repository, but the one of -C is meant."""

_SETTINGS = {
    "LC_ALL": "C",
    "GIT_ALLOW_PROTOCOL": "none",  # a partial clone fetches nothing, and runs no ssh command
    "GIT_GRAFT_FILE": os.devnull,  # a commit has the same parents on every machine
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",  # a commit has the same files on every machine
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}


def output(command: str, *arguments: str, base: Path, stdin: bytes = b"") -> bytes:
    """Return what a git command prints.

    Raises:
        ChartconfigError: CC904, the command failed, and what git says about it; or there is no git.
    """
    try:
        done = run(command, *arguments, base=base, stdin=stdin)
    except OSError as error:
        raise cannot_run(error) from error
    if done.returncode:
        said = last_line(done.stderr)
        if said.startswith("fatal: not a git repository"):
            raise failed(f"{base} is in no git repository", "git init, then commit what is there")
        raise failed(f"git {command} failed", said)
    return done.stdout


def run(
    command: str,
    *arguments: str,
    base: Path,
    stdin: bytes = b"",
    settings: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run a git command that reads; nothing of the repository's own settings is run.

    Raises:
        ChartconfigError: CC904, it takes too long.
        OSError: There is no git.
    """
    line = ["git", *_options({"core.fsmonitor": "false"} | dict(settings or {}))]
    try:
        return subprocess.run(  # noqa: S603 - no shell, and what a user wrote is no option
            [*line, "-C", str(base), command, *arguments],
            input=stdin,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            env=_environment() | _SETTINGS,
        )
    except subprocess.TimeoutExpired as error:
        raise failed(f"git {command} took too long", "see what keeps git busy") from error


def change(
    command: str,
    *arguments: str,
    base: Path,
    environment: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
    aloud: bool = True,
) -> bytes | None:
    """Run a git command that writes, as the user would; it may ask for a passphrase or a touch.

    Args:
        command: Its name.
        arguments: Its options and what follows them.
        base: The repository.
        environment: Variables besides those of the user.
        settings: Settings besides those of the user.
        aloud: Whether what it says is shown at once, on a terminal.

    Returns:
        What it says when it fails.
    """
    done = subprocess.run(  # noqa: S603 - as above
        ["git", *_options(settings), "-C", str(base), command, *arguments],  # noqa: S607 - the user's git
        stdout=subprocess.DEVNULL,
        stderr=None if aloud and sys.stderr.isatty() else subprocess.PIPE,
        check=False,
        env=_environment() | {"LC_ALL": "C"} | dict(environment or {}),
    )
    return done.stderr or b"see above" if done.returncode else None


def _options(settings: Mapping[str, str] | None) -> list[str]:
    return [word for each in (settings or {}).items() for word in ("-c", "=".join(each))]


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}


def last_line(said: bytes) -> str:
    """Return the last line of what git says, which is most often the reason."""
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "git did not say why"


def cannot_run(error: OSError) -> ChartconfigError:
    """Return the error that there is no git."""
    return failed("git cannot be run", f"have it in PATH: {(error.strerror or str(error)).lower()}")


def failed(message: str, hint: str) -> ChartconfigError:
    """Return the error that git does not do what was asked."""
    return ChartconfigError(report("CC904", message, None, hint=hint))
