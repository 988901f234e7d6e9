"""Module paths and file names: which are valid, may be published under, and how paths are escaped.

A module path names a module to the go command, and its versions are found under it on a file system
or a web server that may not tell `A` from `a`. So a path keeps to ASCII, and is escaped where it
becomes part of a file name or URL: `github.com/Azure/go` stands under `github.com/!azure/go`.

Source:
    https://go.dev/ref/mod#module-path and #goproxy-protocol. The answers are those of
    golang.org/x/mod/module: CheckPath, EscapePath and UnescapePath. Of the file names that its
    CheckFilePath accepts, some are refused here.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST_FILE_NAME: Final = 200
"""The most characters that a file's path in a module may have."""
_WINDOWS_DEVICES: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
)
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9._~-]")
_FOREIGN_IN_FILE: Final = re.compile(r"[^A-Za-z0-9!#$%&()+,.=@\[\]^_{}~-]")
_FOREIGN_IN_DOMAIN: Final = re.compile(r"[^a-z0-9.-]")
_SHORT_NAME: Final = re.compile(r"~[0-9]+\Z")
_MAJOR: Final = re.compile(r"/v([0-9.]+)\Z")
_VALID_MAJOR: Final = re.compile(r"[2-9]|[1-9][0-9]+")
_GOPKG: Final = "gopkg.in/"
# Go lets the number be left out before -unstable, but not be 0.
_GOPKG_MAJOR: Final = re.compile(r"\.v(?:0|[1-9][0-9]*|(?:[1-9][0-9]*)?-unstable)\Z")
_ESCAPED: Final = re.compile(r"(?:[^A-Z!]|![a-z])*")


def why_invalid(path: str) -> str | None:
    """Return why the go command refuses a module of this path, or None if it accepts it.

    A major version from 2 on stands at the end, as in `/v2`. At gopkg.in, and only there, every
    path ends in its major version, as in `.v1`.

    Examples:
        >>> why_invalid("example.com/tool/v2")
        >>> why_invalid("cmd/go")
        'its first part, "cmd", has no dot: it must be a domain name'
    """
    parts = path.split("/")
    for part in parts:
        if reason := _why_part_invalid(part):
            return reason
    domain = parts[0]
    if "." not in domain:
        return f'its first part, "{domain}", has no dot: it must be a domain name'
    if domain.startswith("-"):
        return "it begins with a dash"
    if foreign := _FOREIGN_IN_DOMAIN.search(domain):
        return f'its first part, "{domain}", has {foreign[0]!r}, which no domain name has'
    return _why_major_invalid(path)


def _why_major_invalid(path: str) -> str | None:
    if path.startswith(_GOPKG):
        if not _GOPKG_MAJOR.search(path):
            return "it does not end in a major version such as .v1, as paths at gopkg.in do"
    elif (major := _MAJOR.search(path)) and not _VALID_MAJOR.fullmatch(major[1]):
        return f'it ends in "{major[0]}": /v and a number from 2 on, or nothing, belongs there'
    return None


def _why_part_invalid(part: str) -> str | None:
    if not part:
        return "it is empty, or has a slash at an end or beside another"
    if foreign := _FOREIGN.search(part):
        return f"it has {foreign[0]!a}: letters, digits and -._~ are all that it may have"
    if part.startswith(".") or part.endswith("."):
        return f'its part "{part}" begins or ends with a dot'
    stem = part.partition(".")[0]
    if stem.lower() in _WINDOWS_DEVICES:
        return f'its part "{part}" names a device on Windows'
    if _SHORT_NAME.search(stem):
        return f'its part "{part}" looks like a short file name of Windows'
    return None


def why_unpublishable(path: str) -> str | None:
    """Return why chartconfig does not publish under this path, or None if it does.

    Versions of a collection config stay on v0 and v1, since clients would have to be changed to ask
    for a path that ends in `/v2`. So the path must be valid and must not name a major version: none
    with `/v2`, and none at gopkg.in.

    Examples:
        >>> why_unpublishable("example.com/telemetry/config")
        >>> why_unpublishable("example.com/telemetry/config/v2")
        'it ends in the major version "/v2": a collection config stays on v0 and v1'
    """
    if reason := why_invalid(path):
        return reason
    pattern = _GOPKG_MAJOR if path.startswith(_GOPKG) else _MAJOR
    if major := pattern.search(path):
        return f'it ends in the major version "{major[0]}": a collection config stays on v0 and v1'
    return None


def why_file_invalid(name: str) -> str | None:
    """Return why no file in a module may have this name, or None if one may.

    The go command refuses some names because a file system could not hold them, or would hold them
    under another name. Refused besides are spaces, which Windows drops at an end; letters outside
    ASCII, which file systems spell in more than one way; and names of more than 200 characters.

    Args:
        name: Path in the module, its parts joined by `/`.

    Examples:
        >>> why_file_invalid("docs/README.md")
        >>> why_file_invalid("../config.json")
        'its part ".." ends with a dot'
    """
    if len(name) > LONGEST_FILE_NAME:
        return f"it has {len(name)} characters, more than {LONGEST_FILE_NAME}"
    for part in name.split("/"):
        if not part:
            return "it is empty, or has a slash at an end or beside another"
        if foreign := _FOREIGN_IN_FILE.search(part):
            return f"it has {foreign[0]!a}, which file systems differ about"
        if part.endswith("."):
            return f'its part "{part}" ends with a dot'
        if part.partition(".")[0].lower() in _WINDOWS_DEVICES:
            return f'its part "{part}" names a device on Windows'
    return None


def escape(text: str) -> str:
    """Return a module path or a version as it stands in file names and URLs.

    Each capital letter becomes `!` and its small letter. Nothing else is checked or changed.

    Raises:
        ValueError: `text` has a `!` or a character outside ASCII: no path or version has them.

    Examples:
        >>> escape("github.com/Azure/go")
        'github.com/!azure/go'
    """
    if "!" in text or not text.isascii():
        raise ValueError(f"{text!a} cannot be escaped: it is not ASCII without !")
    return re.sub("[A-Z]", lambda capital: "!" + capital[0].lower(), text)


def unescape(text: str) -> str:
    """Return what `escape` made `text` of.

    Raises:
        ValueError: `escape` makes no such text: it has a capital letter, a `!` without a small
            letter after it, or a character outside ASCII.

    Examples:
        >>> unescape("github.com/!azure/go")
        'github.com/Azure/go'
    """
    if not text.isascii() or not _ESCAPED.fullmatch(text):
        raise ValueError(f"{text!a} is not an escaped path or version")
    return re.sub("!([a-z])", lambda escaped: escaped[1].upper(), text)
