"""A web server on this machine that serves a site, honestly or not."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


class Server(ThreadingHTTPServer):
    """Serves files from memory; what `answers` has for a path answers in their place."""

    daemon_threads = True

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = dict(files)
        self.answers: dict[str, Callable[[Handler], None]] = {}
        self.asked: list[str] = []
        self.connections = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that hangs up is what many a test is for."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and content do not wait for each other
    server: Server

    def setup(self) -> None:
        self.server.connections += 1
        super().setup()

    def do_CONNECT(self) -> None:
        """Be a proxy: pass on what comes from either side to the other."""
        self.server.asked.append(f"CONNECT {self.path}")
        if "CONNECT" in self.server.answers:
            self.server.answers["CONNECT"](self)
            return
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port)), 10) as there:
            self.send_response(200)
            self.end_headers()
            here = self.connection
            while ready := select.select([here, there], [], [], 10)[0]:
                for one in ready:
                    data = one.recv(65536)
                    if not data:
                        return
                    (there if one is here else here).sendall(data)

    def do_GET(self) -> None:
        path = self.path.removeprefix("/")
        self.server.asked.append(path)
        if path in self.server.answers:
            self.server.answers[path](self)
        elif path in self.server.files:
            self.answer(200, self.server.files[path])
        else:
            self.answer(404, b"not found")

    def answer(self, status: int, data: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content_Length": str(len(data))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server has it
        """Say nothing."""


@contextmanager
def serving(files: Mapping[str, bytes]) -> Iterator[Server]:
    with Server(files) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
