"""Run the command line: in this process, as one of its own, and on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from unittest import mock

from chartconfig.cli import main

ROOT = Path(__file__).parents[2]
BASE = ROOT / "tests" / "diagnostics" / "base"
"""A config repository without findings on `TODAY`."""

TODAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

ON = f"--on={TODAY}"

COMMAND = (sys.executable, "-m", "chartconfig")

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "PYTHONPATH": str(ROOT),
    "PYTHONDONTWRITEBYTECODE": "1",
    "LC_ALL": "C.UTF-8",
    "TERM": "xterm-256color",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a run left: its exit code, its results, and everything else it said."""

    code: int
    out: str
    err: str


def changed(repository: Path, old: str, new: str) -> Path:
    """Change what the chart gopls/client says, and return the repository."""
    path = repository / "configs/charts/gopls/client.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return repository


def run(*arguments: str | Path) -> Result:
    """Run the command line in this process, its output in a pipe."""
    out, err = StringIO(), StringIO()
    argv = ["chartconfig", *map(str, arguments)]
    with redirect_stdout(out), redirect_stderr(err), mock.patch.object(sys, "argv", argv):
        code = main()
    return Result(code=code, out=out.getvalue(), err=err.getvalue())


def spawn(*arguments: str | Path, **environment: str) -> Result:
    """Run the command line in a process of its own, its output in a pipe."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env=ENVIRONMENT | environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return Result(
        code=done.returncode,
        out=done.stdout.decode("utf-8", "surrogateescape"),
        err=done.stderr.decode("utf-8", "surrogateescape"),
    )


def shell(script: str, **environment: str) -> Result:
    """Run a script of bash, in which `$chartconfig` is the command."""
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script],
        env=ENVIRONMENT | {"chartconfig": " ".join(COMMAND)} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Result(code=done.returncode, out=done.stdout, err=done.stderr)


def terminal(*arguments: str | Path, **environment: str) -> Result:
    """Run the command line on a terminal of its own, which shows results and all else together."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        env=ENVIRONMENT | environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        shown = b"".join(iter(lambda: _read(ours), b""))
        code = process.wait(timeout=60)
    os.close(ours)
    return Result(code=code, out=shown.decode("utf-8", "surrogateescape"), err="")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux says so when the other end is closed
        return b""
