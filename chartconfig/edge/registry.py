"""Look versions up: at a module proxy, PyPI or npm, over HTTP, or in a git repository.

What answers is not believed further than a list of names can be: every name is judged in the
program's own scheme, and an answer has a size, a time and a host that it may not exceed. One that
fails for the moment, with a status of 500 and above or none, is asked for again, twice.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from chartconfig.charts.versions import SourceKind
from chartconfig.edge.fetch import FetchError, HttpSite, UnreachableError
from chartconfig.module.path import escape
from chartconfig.module.registry import (
    TOOLCHAIN,
    RefusedListingError,
    decode_module_list,
    decode_npm,
    decode_pypi,
    decode_tags,
    decode_toolchain_list,
    listing,
    retracted,
)
from chartconfig.module.version import Scheme

if TYPE_CHECKING:
    from pathlib import Path

    from chartconfig.charts.versions import Source
    from chartconfig.module.registry import Listing

_SECONDS: Final = 60.0
_TRIES: Final = 3
_PAUSE: Final = 0.5
_MOST: Final = 64 << 20
"""The most bytes of an answer; npm's largest package has some 20 MB."""
_ACCEPT: Final = {
    SourceKind.MODULE_PROXY: "text/plain, */*;q=0.1",
    SourceKind.PYPI: "application/vnd.pypi.simple.v1+json",
    SourceKind.NPM: "application/vnd.npm.install-v1+json",
}
_GIT: Final = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
}
_HERE: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX")


class LookUpError(Exception):
    """A source gave no list of versions; the message says which and why, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one look-up may take."""

    seconds: float = _SECONDS
    """For all its requests together."""
    most: int = _MOST
    """Bytes of one answer."""
    pause: float = _PAUSE
    """Seconds before the second try; before the third, twice as many."""


def where(source: Source, *, module: str | None) -> str:
    """Return where versions are looked up, for people: a URL, mostly.

    Args:
        source: The source.
        module: The program's module; None for the toolchain, and where there is none.
    """
    if source.kind is SourceKind.LIST:
        return "versions.list of the program's file"
    if source.kind is SourceKind.GIT:
        tags = f", its tags {source.prefix}*" if source.prefix else ", its tags"
        return f"{source.repository}{tags}"
    return f"{source.server}/{_path(source, module)}"


def look_up(
    source: Source, *, module: str | None, scheme: Scheme, base: Path, limits: Limits | None = None
) -> Listing:
    """Return the versions that a source names.

    Args:
        source: The source.
        module: The program's module; None for the toolchain, and where there is none.
        scheme: How the program's versions are written.
        base: The directory that the path of a repository is relative to.
        limits: How much it may take.

    Raises:
        LookUpError: There is no list of versions.
    """
    limits = limits or Limits()
    place = where(source, module=module)
    try:
        match source.kind:
            case SourceKind.LIST:
                return listing(source.listed, scheme)
            case SourceKind.GIT:
                return _tags(source, scheme, base, limits)
            case SourceKind.MODULE_PROXY:
                return _module(source, module, scheme, limits)
            case SourceKind.PYPI:
                names, yanked = decode_pypi(_asked(source, None, limits), package=source.package)
            case SourceKind.NPM:
                names, yanked = decode_npm(_asked(source, None, limits), package=source.package)
        return listing(names, scheme, yanked)
    except RefusedListingError as error:
        raise LookUpError(f"{place}: {error}") from None
    except FetchError as error:
        raise LookUpError(error.diagnostic.message) from None


def _path(source: Source, module: str | None) -> str:
    """Return the path of what a registry is asked for, relative to its root."""
    match source.kind:
        case SourceKind.MODULE_PROXY:
            return f"{escape(module or TOOLCHAIN)}/@v/list"
        case SourceKind.PYPI:
            return f"simple/{source.package}"
        case _:
            return source.package


def _module(source: Source, module: str | None, scheme: Scheme, limits: Limits) -> Listing:
    """Return the versions of a module, with those that its newest version retracts."""
    registry = _open(source, limits)
    data = _whole(registry, _path(source, module), limits)
    if scheme is Scheme.GO_TOOLCHAIN:
        return listing(decode_toolchain_list(data), scheme)
    found = listing(decode_module_list(data), scheme)
    releases = [version for version in found.versions if not scheme.is_prerelease(version)]
    newest = (releases or found.versions)[-1]
    go_mod = _tried(registry, f"{escape(module or '')}/@v/{escape(newest)}.mod", limits)
    return replace(found, yanked=retracted(go_mod or b"", found.versions))


class _Registry(HttpSite):
    """A web server whose answers may be larger than a site's files."""

    most = _MOST
    root = ""

    def _limit(self, path: str) -> int:  # noqa: ARG002 - that of a site
        return self.most


def _open(source: Source, limits: Limits) -> _Registry:
    try:
        url = urlsplit(source.server)
        _ = url.port
    except ValueError:
        raise LookUpError(f"{source.server}: this is no URL of a server") from None
    registry = _Registry(url, seconds=limits.seconds, accept=_ACCEPT[source.kind])
    registry.root, registry.most = source.server, limits.most
    return registry


def _asked(source: Source, module: str | None, limits: Limits) -> bytes:
    return _whole(_open(source, limits), _path(source, module), limits)


def _whole(registry: _Registry, path: str, limits: Limits) -> bytes:
    data = _tried(registry, path, limits)
    if data is None:
        raise LookUpError(f"{registry.root}/{path}: there is none")
    return data


def _tried(registry: _Registry, path: str, limits: Limits) -> bytes | None:
    """Return a file, or None if there is none; ask again where an answer fails for the moment."""
    for again in range(1, _TRIES):
        try:
            return registry(path)
        except UnreachableError:
            time.sleep(limits.pause * again)
    return registry(path)


def _tags(source: Source, scheme: Scheme, base: Path, limits: Limits) -> Listing:
    """Return the versions that the tags of a repository name."""
    names = (
        name
        for name in decode_tags(_listed(source.repository, base, limits), prefix=source.prefix)
        if scheme.is_published(name)  # a tag may be of anything
    )
    return listing(names, scheme)


def _listed(repository: str, base: Path, limits: Limits) -> bytes:
    """Return what git says of the tags of a repository."""
    environment = {name: value for name, value in os.environ.items() if name not in _HERE}
    environment |= {name: value for name, value in _GIT.items() if name != "GIT_SSH_COMMAND"}
    environment.setdefault("GIT_SSH_COMMAND", _GIT["GIT_SSH_COMMAND"])
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            done = subprocess.run(  # noqa: S603 - no shell, and what a user wrote is no option
                ["git", "ls-remote", "--tags", "--refs", "--", repository],  # noqa: S607
                cwd=base,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                timeout=limits.seconds,
                check=False,
                env=environment,
            )
        except subprocess.TimeoutExpired:
            raise LookUpError(f"{repository}: git does not answer in time") from None
        except OSError as error:
            raise LookUpError(f"git cannot be run: {error.strerror}") from None
        out.seek(0)
        err.seek(0)
        if done.returncode:
            said = err.read(1 << 16).decode("utf-8", "replace").strip().splitlines()
            told = [line.removeprefix("fatal: ") for line in said if line.startswith("fatal: ")]
            raise LookUpError(f"{repository}: {[*told, *said, 'git does not say why'][0]}")
        data = out.read(limits.most + 1)
    if len(data) > limits.most:
        raise LookUpError(f"{repository}: its tags take more than {limits.most:,} bytes")
    return data
