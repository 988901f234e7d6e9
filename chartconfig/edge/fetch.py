"""The files of a site, from a directory or over HTTP: whole, of a sane size, and in time.

Nothing that is read here is believed: whoever asks for a file checks it. What is seen to here is
that a server can neither keep a reader waiting for ever, nor fill its memory, nor send it away:

- A file has a limit by its kind, and not one byte more is read.
- Each wait for the other side has a limit, and so has everything together: a server that sends a
  byte now and then does not get further than one that sends none.
- A redirect leads to the same host only, never from https to http, and not on and on.
- A path is one that stands in the docstrings of `module.proxy` and `tlog.tile`: no part of it is
  empty or made of dots, and no link leads out of a directory.

A file that is not there is no error here: it is None, and what that means is for the caller to say.
"""

from __future__ import annotations

import io
import os
import re
import ssl
import stat
import time
import weakref
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import SplitResult, unquote_to_bytes, urljoin, urlsplit

from chartconfig import __version__
from chartconfig.diagnostics.catalogue import report
from chartconfig.edge.tunnel import open_tunnel, proxy_of
from chartconfig.errors import ChartconfigError
from chartconfig.tlog.tile import FULL, HEIGHT
from chartconfig.tlog.tree import HASH_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from socket import socket

_PATH: Final = re.compile(r"[A-Za-z0-9._~!@+-]+(?:/[A-Za-z0-9._~!@+-]+)*")
_DOTS: Final = re.compile(r"(?:^|/)\.+(?:/|$)")
_URL: Final = re.compile(r"(https?|file)://", re.IGNORECASE)
_SECONDS: Final = 10.0
_REDIRECTS: Final = 5
_CHUNK: Final = 1 << 16
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_GONE: Final = frozenset({404, 410})
_OK: Final = 200
_BROKEN: Final = 500

_NOTE: Final = 1 << 20
_RECORD: Final = 1 << 16
_LIMITS: Final = (
    (r"/@v/list", 16 << 20),  # a million versions
    (r"/@v/[^/]+\.info|/@latest", 1 << 12),
    (r"/@v/[^/]+\.mod", 1 << 20),
    (r"/@v/[^/]+\.zip", 64 << 20),  # a config of 10,000 charts has 20 MB
    (r"/lookup/.+", _RECORD + _NOTE),
    (rf"/tile/(?:{HEIGHT}/data|entries)/.+", FULL * (_RECORD + 2)),
    (r"/tile/.+", FULL * HASH_BYTES),
    (r".*", _NOTE),
)
"""The most bytes that a file may have, by how its path ends; the first one holds."""


class FetchError(ChartconfigError):
    """CC929 `cannot-fetch`: a file of a site could not be read, or not as a site serves files."""

    def __init__(self, where: str, what: str, hint: str) -> None:
        """Name the file as it was asked for, and say in a few words what happened."""
        super().__init__(report("CC929", f"{where}: {what}", None, hint=hint))


class UnreachableError(FetchError):
    """CC929 `cannot-fetch`: nobody answers. What was fetched before may do instead."""


class Site(Protocol):
    """Where a site's files are read."""

    def __call__(self, path: str, /) -> bytes | None:
        """Return a whole file by its path relative to the site, or None if there is none."""

    def listing(self) -> frozenset[str] | None:
        """Return the paths of all files of the site, or None where nobody can tell."""


def open_site(place: str, *, seconds: float = 600) -> Site:
    """Return the site at a directory or a URL; nothing is read yet.

    Args:
        place: A directory, or a URL of http, https or file.
        seconds: How long everything that is read from a URL may take together.

    Raises:
        FetchError: It is a URL of another kind, or has what no site's URL has.
    """
    hint = "name a directory, or a URL of http or https"
    if not _URL.match(place):
        if "://" not in place and "\0" not in place:
            return DirectorySite(Path(place))
        raise FetchError(place, "this is no URL of a site", hint)
    hint = "write a host and a path, such as https://example.com/x"
    with suppress(ValueError):  # half an address, a port that is no number, a host that cannot be
        url = urlsplit(place)
        more = url.query or url.fragment or url.username or url.password or url.port == 0
        if url.scheme == "file":
            path = os.fsdecode(unquote_to_bytes(url.path))
            if url.netloc in {"", "localhost"} and not more and "\0" not in path:
                return DirectorySite(Path(path))
            hint = "write a path of this machine, such as file:///srv/site"
        elif not place.isprintable() or " " in place or not url.path.isascii():
            hint = "write a space as %20, and what is not ASCII in the same way"
        elif url.hostname and url.hostname.encode("idna") and not more:
            return HttpSite(url, seconds=seconds)
    raise FetchError(place, "this is no URL of a site", hint)


def limit(path: str) -> int:
    """Return the most bytes that a file of a site may have.

    Examples:
        >>> limit("sumdb/example.com/log/tile/8/0/000")
        8192
    """
    return next(most for ending, most in _LIMITS if re.search(f"(?:{ending})\\Z", f"/{path}"))


def _check_path(path: str) -> None:
    if not _PATH.fullmatch(path) or _DOTS.search(path):
        raise FetchError(ascii(path[:200]), "no file of a site is called so", "ask for another")


class DirectorySite:
    """A site in a directory."""

    def __init__(self, root: Path) -> None:
        """Read files below `root`."""
        self._root = root

    def __call__(self, path: str, /) -> bytes | None:
        """Return a whole file, or None if there is none.

        Raises:
            FetchError: It is too large, no regular file, outside the directory, or unreadable.
        """
        _check_path(path)
        file = self._root / path
        try:
            root = os.path.realpath(self._root)
            if os.path.realpath(file) != str(Path(root, path)):
                raise self._failed(
                    file, "a link leads to another place", "put the file itself there"
                )
            # To open a pipe would wait for somebody to write to it.
            descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
            try:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise self._failed(file, "this is no file", "a site has files alone")
                with os.fdopen(descriptor, "rb", closefd=False) as stream:
                    data = stream.read(limit(path) + 1)
            finally:
                os.close(descriptor)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            told = (error.strerror or str(error)).lower()
            raise self._failed(file, told, "see that it can be read") from error
        if len(data) > limit(path):
            raise _too_large(str(file), limit(path))
        return data

    def listing(self) -> frozenset[str] | None:
        """Return the paths of all files, with forward slashes; hidden ones are no part of a site.

        Raises:
            FetchError: A folder cannot be read.
        """
        return frozenset(self._walk())

    def _walk(self) -> Iterator[str]:
        def fail(error: OSError) -> None:
            told = (error.strerror or str(error)).lower()
            raise self._failed(Path(error.filename), told, "see that it can be read") from error

        for folder, folders, files in os.walk(self._root, onerror=fail):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in files:
                if not name.startswith("."):
                    yield Path(folder, name).relative_to(self._root).as_posix()

    def _failed(self, file: Path, what: str, hint: str) -> FetchError:
        return FetchError(str(file), what, hint)


def _too_large(where: str, most: int) -> FetchError:
    told = f"it has more than {most:,} bytes, the most that such a file may have"
    return FetchError(where, told, "ask another mirror")


class HttpSite:
    """A site that a web server serves."""

    def __init__(self, url: SplitResult, *, seconds: float, accept: str = "*/*") -> None:
        """Read files below `url`, all of them together in so many seconds from now."""
        self._url = url
        self._headers = _HEADERS | {"Accept": accept}
        self._clock = _Clock(seconds)
        self._connections: dict[tuple[str, str], HTTPConnection] = {}
        # And no `__del__`: in a cycle of garbage, the sockets could be finalized before it.
        weakref.finalize(self, _hang_up, self._connections)

    def __call__(self, path: str, /) -> bytes | None:
        """Return a whole file, or None if there is none.

        Raises:
            UnreachableError: Nobody answers, or not in time.
            FetchError: It is too large, elsewhere, or the server has another answer.
        """
        _check_path(path)
        base = self._url
        folder = base.path.rstrip("/")
        url = f"{base.scheme}://{base.netloc}{folder}/{path}"
        for _ in range(_REDIRECTS + 1):
            target = self._get(url, path)
            if not isinstance(target, str):
                return target
            url = self._followed(url, target)
        raise FetchError(url, f"this is redirect {_REDIRECTS + 1}", "ask another mirror")

    def listing(self) -> frozenset[str] | None:
        """Return None: a web server does not tell."""
        return None

    def _followed(self, url: str, target: str) -> str:
        """Return where a redirect leads, if it may lead there."""
        where = "nowhere"
        if target.isascii() and target.isprintable():
            with suppress(ValueError):  # half an address, or a port that is no number
                old, new = urlsplit(url), urlsplit(urljoin(url, target))
                where = f"{new.scheme}://{new.netloc}"
                same = new.netloc == old.netloc and new.scheme == old.scheme
                safer = (new.hostname, new.port, old.port) == (old.hostname, None, None)
                if same or (safer and (old.scheme, new.scheme) == ("http", "https")):
                    return new._replace(fragment="").geturl()
        told = f"it redirects to {where[:200]}"
        raise FetchError(url, told, "if that is the site, name it instead")

    def _get(self, url: str, path: str) -> bytes | str | None:
        """Return a file, where it moved to, or None if there is none."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        key = (parts.scheme, parts.netloc)
        for fresh in (False, True):  # the other side may have closed a connection that was idle
            connection = None if fresh else self._connections.pop(key, None)
            if connection is None and not fresh:
                continue
            connection = connection or self._connected(parts)
            # http.client believes whatever size of a chunk it is told, below 0 too.
            most = self._limit(path)
            self._clock.allow(2 * most + _CHUNK, _too_large(url, most))
            try:
                connection.request("GET", target or "/", headers=self._headers)
                answer = connection.getresponse()
                try:
                    found = self._read(answer, url, path)
                finally:
                    whole = answer.isclosed()
                    answer.close()
            except (ConnectionError, HTTPException) as error:
                connection.close()
                if fresh:
                    raise _unreachable(url, error) from error
                continue
            except (OSError, ValueError) as error:  # the latter: no host or chunk can be so
                connection.close()
                raise _unreachable(url, error) from error
            except FetchError:
                connection.close()
                raise
            if whole and not answer.will_close:
                self._connections[key] = connection
            else:
                connection.close()
            return found
        raise AssertionError("the last try returns or raises")

    def _limit(self, path: str) -> int:
        return limit(path)

    def _connected(self, parts: SplitResult) -> HTTPConnection:
        kind = _Https if parts.scheme == "https" else _Http
        connection = kind(parts.hostname or "", parts.port, timeout=_SECONDS)
        connection.clock = self._clock
        return connection

    def _read(self, answer: HTTPResponse, url: str, path: str) -> bytes | str | None:
        if answer.status in _MOVED:
            return answer.getheader("Location", "")
        if answer.status in _GONE:
            answer.read(_CHUNK)
            return None
        if answer.status != _OK:
            kind = UnreachableError if answer.status >= _BROKEN else FetchError
            raise kind(url, f"the server answers {answer.status}", "try again later")
        if answer.getheader("Content-Encoding", "identity") != "identity":
            raise FetchError(url, "it is compressed, which was not asked for", "ask another mirror")
        most = self._limit(path)
        told = answer.length
        if told is not None and told > most:
            raise _too_large(url, most)
        data = bytearray()
        while len(data) <= most and (chunk := answer.read(min(_CHUNK, most + 1 - len(data)))):
            data += chunk
        if len(data) > most:
            raise _too_large(url, most)
        if told is not None and len(data) < told:
            raise UnreachableError(url, "it ends too early", "try again")
        return bytes(data)


def _hang_up(connections: Mapping[tuple[str, str], HTTPConnection]) -> None:
    for connection in connections.values():
        connection.close()


_HEADERS: Final = {"Accept-Encoding": "identity", "User-Agent": f"chartconfig/{__version__}"}


def _unreachable(url: str, error: Exception) -> UnreachableError:
    if isinstance(error, TimeoutError):
        return UnreachableError(url, "the server does not answer in time", "try again later")
    told = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return UnreachableError(url, str(told).lower(), "see that the site is there, and try again")


# ---- deadlines: http.client sets a time for each wait, and none for all of them together


class _Clock:
    """How long everything that is read may still take, and how many bytes an answer may have."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._bytes, self._too_large = 0, Exception()

    def allow(self, count: int, too_large: Exception) -> None:
        """Begin to count anew."""
        self._bytes, self._too_large = count, too_large

    def took(self, count: int) -> None:
        """Count bytes, and raise what was given if they are more than allowed."""
        self._bytes -= count
        if self._bytes < 0:
            raise self._too_large

    def left(self) -> float:
        """Return how many seconds the next wait may take.

        Raises:
            TimeoutError: None are left.
        """
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time is up")
        return min(left, _SECONDS)


class _Timed(io.RawIOBase):
    """What comes in over a socket, each time in the time that is left."""

    def __init__(self, sock: socket, clock: _Clock) -> None:
        self._sock = sock
        self._clock = clock
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int | None:  # type: ignore[override]
        self._sock.settimeout(self._clock.left())
        count = self._raw.readinto(buffer)
        self._clock.took(count or 0)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedSocket:
    """As much of a socket as http.client uses."""

    def __init__(self, sock: socket, clock: _Clock) -> None:
        self._sock = sock
        self._clock = clock

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(self._clock.left())
        self._sock.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        assert mode == "rb"
        return io.BufferedReader(_Timed(self._sock, self._clock))

    def close(self) -> None:
        with suppress(OSError):
            self._sock.close()


class _Clocked:
    """What makes a connection of http.client wait only as long as `left` says."""

    clock: _Clock
    sock: Any
    timeout: float

    def connect(self) -> None:
        self.timeout = self.clock.left()
        super().connect()  # type: ignore[misc]
        self.sock = _TimedSocket(self.sock, self.clock)


class _Http(_Clocked, HTTPConnection):  # type: ignore[misc]
    pass


class _Tls(HTTPSConnection):
    """Goes through a proxy, if the environment names one."""

    clock: _Clock

    def connect(self) -> None:
        proxy = proxy_of(self.host, self.port)
        if proxy is None:
            super().connect()
            return
        sock = open_tunnel(proxy, self.host, self.port, self.clock.left)
        try:
            sock.settimeout(self.clock.left())
            self.sock = ssl.create_default_context().wrap_socket(sock, server_hostname=self.host)
        except BaseException:
            sock.close()
            raise


class _Https(_Clocked, _Tls):  # type: ignore[misc]
    pass
