"""What registries say of a program's versions: a module proxy, git, PyPI, npm.

Each answer becomes a `Listing`. What is no version of the program's scheme is passed over and told
of; an answer without any version is refused, for nobody has released nothing.

Source:
    The list and the go.mod of a module: https://go.dev/ref/mod#goproxy-protocol and #go-mod-file.
    Tags: git-ls-remote(1). PyPI: the JSON of the simple repository API, PEP 691, 700 and 592, at
    https://packaging.python.org. npm: the abbreviated metadata of a package, at
    https://github.com/npm/registry, package-metadata.md.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chartconfig.module.version import Scheme

if TYPE_CHECKING:
    from collections.abc import Iterable

TOOLCHAIN: Final = "golang.org/toolchain"
"""The module whose versions are the toolchain's, each with a platform behind it."""
_TOOLCHAIN: Final = re.compile(r"v0\.0\.1-(go.+)\.[a-z0-9]+-[a-z0-9]+")
_TAG: Final = re.compile(r"[0-9a-f]{40,64}\trefs/tags/(\S+)")
_RETRACT: Final = re.compile(
    r"^[ \t]*retract(?:[ \t]*\((?P<block>[^)]*)\)|[ \t]+(?P<line>[^\n(]+))", re.MULTILINE
)
_RANGE: Final = re.compile(r"\[\s*(v[^\s,\]]+)\s*,\s*(v[^\s,\]]+)\s*\]|(v[^\s,\]\[]+)")
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The versions that a source names."""

    versions: tuple[str, ...]
    """Those that a release can have, in version order, none twice."""
    yanked: tuple[str, ...] = ()
    """Those of them that their publisher took back."""
    passed_over: tuple[str, ...] = ()
    """What is no version, as it was written, none twice."""


class RefusedListingError(ValueError):
    """An answer that is no list of versions; the message says why, in a few words."""


def listing(names: Iterable[str], scheme: Scheme, yanked: Iterable[str] = ()) -> Listing:
    """Return what a source names, judged in the program's own scheme.

    Raises:
        RefusedListingError: There is no version among the names.
    """
    named = dict.fromkeys(names)
    versions = sorted(filter(scheme.is_published, named), key=scheme.sort_key)
    passed_over = tuple(name for name in named if not scheme.is_published(name))
    if not versions:
        first = f": the first name is {_shown(passed_over[0])}" if passed_over else ""
        raise RefusedListingError(f"it names no version such as {scheme.example}{first}")
    taken_back = set(yanked)
    return Listing(
        versions=tuple(versions),
        yanked=tuple(version for version in versions if version in taken_back),
        passed_over=passed_over,
    )


def decode_module_list(data: bytes) -> tuple[str, ...]:
    r"""Return the names in the `list` of a module.

    Examples:
        >>> decode_module_list(b"v1.0.0\nv1.1.0\n\n")
        ('v1.0.0', 'v1.1.0')
    """
    lines = (line.split() for line in data.decode("utf-8", "backslashreplace").splitlines())
    return tuple(dict.fromkeys(words[0] for words in lines if words))


def decode_toolchain_list(data: bytes) -> tuple[str, ...]:
    r"""Return the names of toolchains in the `list` of the module that holds them.

    Examples:
        >>> decode_toolchain_list(b"v0.0.1-go1.9.2rc2.linux-arm\nv0.0.1-go1.21.0.linux-arm\nv1\n")
        ('go1.9.2rc2', 'go1.21.0', 'v1')
    """
    matches = ((line, _TOOLCHAIN.fullmatch(line)) for line in decode_module_list(data))
    return tuple(dict.fromkeys(match[1] if match else line for line, match in matches))


def retracted(go_mod: bytes, versions: Iterable[str]) -> tuple[str, ...]:
    r"""Return the versions that a go.mod retracts.

    Examples:
        >>> retracted(b"module x.org/y\nretract [v1.0.0, v1.1.0] // bad", ["v1.0.5", "v1.2.0"])
        ('v1.0.5',)
    """
    text = re.sub("//[^\n]*", "", go_mod.decode("utf-8", "replace"))
    key = Scheme.GO_MODULE.sort_key
    ranges = [
        (key(low or single), key(high or single))
        for match in _RETRACT.finditer(text)
        for low, high, single in _RANGE.findall(match["block"] or match["line"] or "")
    ]
    return tuple(v for v in versions if any(low <= key(v) <= high for low, high in ranges))


def decode_tags(data: bytes, *, prefix: str) -> tuple[str, ...]:
    r"""Return what stands behind a prefix in the names of tags that git lists.

    Other tags are of something else: of another module of the repository, or of no version.

    Examples:
        >>> tags = b"%(h)b\trefs/tags/gopls/v0.1.0\n%(h)b\trefs/tags/v1.0.0\n" % {b"h": b"0" * 40}
        >>> decode_tags(tags, prefix="gopls/")
        ('v0.1.0',)
    """
    found = []
    for line in data.decode("utf-8", "backslashreplace").splitlines():
        match = _TAG.fullmatch(line)
        if match and match[1].startswith(prefix):
            found.append(match[1].removeprefix(prefix))
    return tuple(dict.fromkeys(found))


def decode_pypi(data: bytes, *, package: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the versions of a package, and those of which every file was yanked.

    Raises:
        RefusedListingError: It is no such JSON, of a later kind, or of another package.
    """
    from packaging.utils import canonicalize_name

    page = _object(data)
    meta = page.get("meta")
    kind = meta.get("api-version") if isinstance(meta, dict) else None
    if not isinstance(kind, str) or kind.partition(".")[0] != "1":
        raise RefusedListingError(f"it has the api-version {_shown(kind)}, not 1.x")
    name = page.get("name")
    if not isinstance(name, str) or canonicalize_name(name) != canonicalize_name(package):
        raise RefusedListingError(f"it is of {_shown(name)}")
    files = page.get("files")
    if not isinstance(files, list):
        raise RefusedListingError("it has no list of files")
    states: dict[str, list[bool]] = {}
    for file in files:
        version = _version_of(file)
        if version is not None:
            states.setdefault(version, []).append(file.get("yanked", False) is not False)
    versions = page.get("versions", list(states))
    if not isinstance(versions, list) or not all(isinstance(v, str) for v in versions):
        raise RefusedListingError("its versions are no list of texts")
    return tuple(versions), tuple(version for version, state in states.items() if all(state))


def _version_of(file: object) -> str | None:
    """Return the version in the name of a file, in its normal form; None where there is none."""
    from packaging.utils import (
        InvalidSdistFilename,
        InvalidWheelFilename,
        parse_sdist_filename,
        parse_wheel_filename,
    )

    name = file.get("filename") if isinstance(file, dict) else None
    if not isinstance(name, str):
        raise RefusedListingError("one of its files has no name")
    try:
        is_wheel = name.endswith(".whl")
        return str((parse_wheel_filename if is_wheel else parse_sdist_filename)(name)[1])
    except (InvalidSdistFilename, InvalidWheelFilename, ValueError):
        return None  # an egg, or an installer: such files are of old releases, beside others


def decode_npm(data: bytes, *, package: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the versions of a package, and those that are deprecated.

    Raises:
        RefusedListingError: It is no such JSON, or of another package.
    """
    page = _object(data)
    if page.get("name") != package:
        raise RefusedListingError(f"it is of {_shown(page.get('name'))}")
    versions = page.get("versions")
    if not isinstance(versions, dict) or not all(isinstance(v, dict) for v in versions.values()):
        raise RefusedListingError("its versions are no map of objects")
    deprecated = (name for name, entry in versions.items() if entry.get("deprecated"))
    return tuple(versions), tuple(deprecated)


def _object(data: bytes) -> dict[str, Any]:
    try:
        page = json.loads(data)
    except (ValueError, RecursionError):
        raise RefusedListingError(f"it is no JSON: it begins with {_shown(data[:20])}") from None
    if not isinstance(page, dict):
        raise RefusedListingError("it is no JSON object")
    return page


def _shown(value: object) -> str:
    text = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value
    shown = ascii(text) if isinstance(text, str) else json.dumps(text)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."
