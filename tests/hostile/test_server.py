"""Servers that send too much, too slowly, or to somewhere else: readers of a URL do not wait."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from chartconfig.client import Client
from chartconfig.edge.fetch import FetchError, UnreachableError
from tests.cli.command import run
from tests.server import Handler, Server, serving
from tests.sites import FOLDER, MODULE, VKEY, site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FILES = site("v1.0.0", "v1.1.0").files
PATHS = [
    f"{FOLDER}/checkpoint",
    f"{FOLDER}/tile/8/data/000.p/2",
    f"{MODULE}/@v/v1.1.0.info",
    f"{MODULE}/@v/v1.1.0.mod",
]


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(FILES) as running:
        yield running


def endless(it: Handler) -> None:
    it.send_response(200)
    it.end_headers()
    while True:
        it.wfile.write(b"x" * (1 << 20))


def slow(it: Handler) -> None:
    it.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(40):
        it.wfile.write(b"x")
        time.sleep(0.05)


def cut(it: Handler) -> None:
    data = FILES[it.path.removeprefix("/")]
    it.answer(200, data[:-1], Content_Length=str(len(data)))
    it.close_connection = True


def sent_to(place: str) -> Callable[[Handler], None]:
    return lambda it: it.answer(302, Location=place)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("attack", "said", "falls_back"),
    [
        (endless, "the most that such a file may have", False),
        (slow, "does not answer in time", True),
        (cut, "it ends too early", True),
        (sent_to("file:///etc/passwd"), "it redirects to file://", False),
        (sent_to("ftp://127.0.0.1/x"), "it redirects to ftp://127.0.0.1", False),
        (sent_to("https://example.com/x"), "it redirects to https://example.com", False),
        (sent_to("/"), None, False),
    ],
    ids=["endless", "slow", "cut", "file", "scheme", "host", "missing"],
)
def test_is_refused_in_time(
    server: Server,
    tmp_path: Path,
    path: str,
    attack: Callable[[Handler], None],
    said: str | None,
    *,
    falls_back: bool,
) -> None:
    cache = tmp_path / "cache"
    assert Client(server.url, VKEY, cache).version("v1.0.0").version == "v1.0.0"
    server.answers[path] = attack
    seconds = 0.5 if attack is slow else 10
    began = time.monotonic()
    result = run("verify", server.url, "--key", VKEY, f"--timeout={seconds}")
    assert result.code == 1
    if said is not None:
        assert result.err.startswith("error[CC929] cannot-fetch: ")
        assert said in result.err
        error = UnreachableError if falls_back else FetchError
        with pytest.raises(error, match=said):
            Client(server.url, VKEY, seconds=seconds).latest()
        # Who has fetched before goes on where nobody answers, and nowhere else.
        client = Client(server.url, VKEY, cache, seconds=seconds)
        if falls_back:
            assert client.version("v1.0.0").version == "v1.0.0"
        elif path != f"{MODULE}/@v/v1.1.0.info":
            with pytest.raises(FetchError, match=said):
                client.version("v1.0.0")
    assert time.monotonic() - began < 5
