"""A way through a proxy to a server of https: what HTTPS_PROXY and NO_PROXY ask for.

The proxy is asked for a tunnel (CONNECT, RFC 9110 section 9.3.6), in which the server's certificate
is checked as without it: the proxy learns the name of the host, and neither reads nor changes
anything. Its answer has a limit, and waiting for it is part of the time that all reading has.

    HTTPS_PROXY=http://proxy.example:3128 NO_PROXY=.corp.example,localhost

The proxy itself is spoken to without TLS. A site of plain http is read without a proxy.
"""

from __future__ import annotations

import base64
import re
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, unquote_to_bytes, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_BYTES: Final = 1 << 14
_END: Final = b"\r\n\r\n"
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([0-9]{3})[ \r]")
_PORT: Final = 80


def proxy_of(host: str, port: int) -> SplitResult | None:
    """Return the proxy that the environment names for a host, if any.

    Raises:
        OSError: What it names is no proxy of the kind that is spoken here.
    """
    from urllib.request import getproxies_environment, proxy_bypass

    place = getproxies_environment().get("https")
    if not place or proxy_bypass(f"{host}:{port}"):
        return None
    with suppress(ValueError):  # half an address, or a port that is no number
        url = urlsplit(place if "://" in place else f"http://{place}")
        if url.scheme == "http" and url.hostname and url.hostname.encode("idna") and url.port != 0:
            return url
    raise OSError("HTTPS_PROXY is no proxy such as http://proxy.example:3128")  # it may be secret


def open_tunnel(
    proxy: SplitResult, host: str, port: int, left: Callable[[], float]
) -> socket.socket:
    """Return a socket to a host, through a proxy.

    Args:
        proxy: Whom `proxy_of` gave.
        host: Where the tunnel leads.
        port: And there.
        left: How many seconds the next wait may take; it raises TimeoutError if none.

    Raises:
        TimeoutError: The proxy does not answer in time.
        OSError: It refuses, or cannot be reached.
    """
    name = f"the proxy {proxy.hostname}:{proxy.port or _PORT}"
    try:
        sock = socket.create_connection((proxy.hostname, proxy.port or _PORT), left())
    except TimeoutError:
        raise
    except OSError as error:
        raise OSError(f"{name}: {error.strerror or error}") from error
    try:
        sock.sendall(_request(proxy, f"[{host}]" if ":" in host else host, port))
        status = _STATUS.match(_answer(sock, left))
    except BaseException:
        sock.close()
        raise
    if status is None or status[1] != b"200":
        sock.close()
        told = f"answers {status[1].decode()}" if status else "does not answer as one"
        raise OSError(f"{name} {told}")
    return sock


def _answer(sock: socket.socket, left: Callable[[], float]) -> bytes:
    """Return what the proxy answers, and nothing that the server says after it."""
    answer = bytearray()
    while not answer.endswith(_END) and len(answer) < _MOST_BYTES:
        sock.settimeout(left())
        byte = sock.recv(1)
        if not byte:
            break
        answer += byte
    return bytes(answer) if answer.endswith(_END) else b""


def _request(proxy: SplitResult, host: str, port: int) -> bytes:
    place = f"{host.encode('idna').decode()}:{port}"
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
    if proxy.username is not None:
        user, word = unquote_to_bytes(proxy.username), unquote_to_bytes(proxy.password or "")
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(user + b':' + word).decode()}")
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii")
