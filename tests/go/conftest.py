"""A config repository with three releases, published, and served from this machine."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from chartconfig.edge.keys import write_signer
from chartconfig.tlog.note import format_verifier, generate
from tests.cli.command import BASE, changed, run
from tests.releases import released

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NAME = "telemetry.example.com/log"
KEY = generate(NAME, bytes(range(32)))
VKEY = format_verifier(KEY.verifier)
CHARTS = "buckets: [vscode, neovim, emacs, zed, other]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A config repository and the site that it was published to."""

    repository: Path
    root: Path


def make(folder: Path, *buckets: str) -> Made:
    """Publish a release for the charts as they are, and one for each other list of buckets."""
    repository, root, key = folder / "repository", folder / "site", folder / "log.key"
    shutil.copytree(BASE, repository)
    write_signer(key, KEY)
    text = CHARTS
    for number, other in enumerate((CHARTS, *buckets)):
        changed(repository, text, other)
        released(repository, f"v1.{number}.0", at=f"2026-11-{20 + number}T12:00:00Z")
        text = other
    result = run("-C", repository, "publish", root, "--key", key, "--all")
    assert result.code == 0, result.err
    return Made(repository=repository, root=root)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return a site with three releases, not to be changed."""
    folder = tmp_path_factory.mktemp("made")
    return make(folder, "buckets: [vscode, neovim, zed, other]", CHARTS)


class Quiet(SimpleHTTPRequestHandler):
    """A static web server that does not say what it serves."""

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(root: Path) -> Iterator[str]:
    """Serve a directory on loopback, and give its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=root))
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(params=["file", "http"])
def url(request: pytest.FixtureRequest) -> Iterator[Callable[[Path], str]]:
    """Return what makes a URL of a directory, from which the go command can fetch."""
    if request.param == "file":
        yield lambda root: root.as_uri()
        return
    servers = []

    def serve(root: Path) -> str:
        server = served(root)
        servers.append(server)
        return server.__enter__()

    yield serve
    for server in servers:
        server.__exit__(None, None, None)
