"""Pages whose console blocks are run: what they show is what is printed."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run_page(
    page: str, directory: Path, environment: Mapping[str, str], *, check: bool = False
) -> str:
    """Return a page with what its commands print, run one after the other.

    What they print to standard error is included, unless all must succeed.
    """

    def printed(command: str) -> str:
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=directory,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=None if check else subprocess.STDOUT,
            text=True,
            timeout=60,
            check=check,
        )
        return done.stdout

    def shown(block: re.Match[str]) -> str:
        commands = re.findall(r"^\$ (.*)$", block[1], re.MULTILINE)
        told = (f"$ {command}\n{printed(command)}" for command in commands)
        return f"```console\n{''.join(told)}```"

    return _BLOCK.sub(shown, page)


def run_step(step: str, directory: Path, environment: Mapping[str, str]) -> str:
    """Return what the commands of one step print, errors included; all of them must succeed."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", step],
        cwd=directory,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{step}{done.stdout}"
    return done.stdout
