"""Where a program's versions live, which of them are known, and what a look-up changes of that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from chartconfig.module.padding import padded
from chartconfig.module.version import Scheme

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from chartconfig.module.padding import Padding
    from chartconfig.module.registry import Listing


class SourceKind(Enum):
    """A kind of place where versions live: what is asked for them."""

    MODULE_PROXY = "module-proxy"
    GIT = "git"
    PYPI = "pypi"
    NPM = "npm"
    LIST = "list"


_SERVERS = {
    SourceKind.MODULE_PROXY: "https://proxy.golang.org",
    SourceKind.PYPI: "https://pypi.org",
    SourceKind.NPM: "https://registry.npmjs.org",
}
_SCHEMES = {SourceKind.PYPI: Scheme.PEP440, SourceKind.NPM: Scheme.SEMVER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where versions are looked up: `versions` of a program, or of the toolchain."""

    kind: SourceKind
    server: str = ""
    """The URL of the registry, without a slash at its end; empty for git and a list."""
    package: str = ""
    """What the registry calls it; for a module proxy that is the program's module."""
    repository: str = ""
    """A URL or a directory, for git."""
    prefix: str = ""
    """What stands before the version in a tag's name."""
    listed: tuple[str, ...] = ()
    """The versions themselves."""
    scheme: Scheme = Scheme.GO_MODULE


def read_source(data: Mapping[str, Any] | None, *, scheme: Scheme = Scheme.GO_MODULE) -> Source:
    """Return the source that a map of the YAML describes; without one, Go's module proxy.

    Args:
        data: `versions` as its schema has it.
        scheme: That of the versions, where neither the registry nor the map says another.
    """
    data = data or {"from": SourceKind.MODULE_PROXY.value}
    kind = SourceKind(data["from"])
    return Source(
        kind=kind,
        server=data.get("server", _SERVERS.get(kind, "")).rstrip("/"),
        package=data.get("package", ""),
        repository=data.get("repository", ""),
        prefix=data.get("prefix", ""),
        listed=tuple(data.get("list", ())),
        scheme=Scheme(data["scheme"]) if "scheme" in data else _SCHEMES.get(kind, scheme),
    )


def read_toolchain(collection: Mapping[str, Any]) -> Source:
    """Return the source of the toolchain's versions, from the data of collection.yaml."""
    data = collection.get("toolchain", {}).get("versions")
    return read_source(data, scheme=Scheme.GO_TOOLCHAIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One entry of versions.lock.yaml."""

    source: str
    """Where the versions were looked up, for people."""
    updated: str
    """The day on which a look-up last changed the entry; a date of ISO 8601."""
    versions: tuple[str, ...]
    """Every version that was ever seen, or written by hand."""
    ahead: tuple[str, ...] = ()
    """Versions that may come, or that an import assumed; a look-up works them out anew."""
    yanked: tuple[str, ...] = ()
    """Those of `versions` that their publisher took back, and which are still there."""
    gone: tuple[str, ...] = ()
    """Those of `versions` that the source did not name at the last look-up."""

    @property
    def collected(self) -> tuple[str, ...]:
        """Every version whose reports are collected."""
        return (*self.versions, *self.ahead)


def read_known(data: Mapping[str, Any]) -> Known:
    """Return an entry as its schema has it."""
    return Known(
        source=data["source"],
        updated=data["updated"],
        versions=tuple(data["versions"]),
        ahead=tuple(data.get("ahead", ())),
        yanked=tuple(data.get("yanked", ())),
        gone=tuple(data.get("gone", ())),
    )


def looked_up(
    old: Known | None,
    listing: Listing,
    *,
    source: str,
    scheme: Scheme,
    since: str | None,
    padding: Padding,
    on: date,
) -> Known:
    """Return an entry after a look-up. Where nothing is new, that is the old one, with its day.

    A version that was listed stays listed: reports of it arrive for as long as somebody has it,
    also when it was taken back. Versions that may come are worked out anew each time.

    Args:
        old: The entry before; None if there was none.
        listing: What the source names.
        source: Where that was, for people.
        scheme: How the versions are written.
        since: The first version that is wanted; None for all.
        padding: How far ahead versions are named.
        on: The day of the look-up.
    """
    seen = set(listing.versions)
    ahead = _from(since, padded(seen, scheme, padding), scheme)
    known = (set(old.versions) if old else set()) | _from(since, seen, scheme)
    taken_back = set(listing.yanked) | (set(old.yanked) - seen if old else set())

    def ordered(versions: Collection[str]) -> tuple[str, ...]:
        return tuple(sorted(versions, key=scheme.sort_key))

    new = Known(
        source=source,
        updated=old.updated if old else on.isoformat(),
        versions=ordered(known),
        ahead=ordered(ahead - known),
        yanked=ordered(known & taken_back),
        gone=ordered(known - seen),
    )
    return new if new == old else replace(new, updated=on.isoformat())


def uncovered(
    known: Known | None,
    *,
    scheme: Scheme,
    since: str | None,
    padding: Padding,
    seen: Collection[str] | None = None,
) -> tuple[str, ...]:
    """Return which versions of today and tomorrow the entry does not name, in version order.

    Args:
        known: The entry; None if there is none.
        scheme: How the versions are written.
        since: The first version that is wanted; None for all.
        padding: How far ahead the program wants versions named.
        seen: The versions that there are; where nobody looked, those of the entry.
    """
    listed = set(known.versions) - set(known.gone) if known else set()
    there = listed if seen is None else set(seen)
    tomorrow = padded(there, scheme, padding.required)
    needed = _from(since, (*there, *tomorrow), scheme)
    needed -= set(known.collected) if known else set()
    return tuple(sorted(needed, key=scheme.sort_key))


def _from(since: str | None, versions: Collection[str], scheme: Scheme) -> set[str]:
    """Return the versions that are not older than the first one that is wanted."""
    if since is None:
        return set(versions)
    first = scheme.sort_key(since)
    return {version for version in versions if scheme.sort_key(version) >= first}
