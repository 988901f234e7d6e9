r"""Where the files of a published module stand, and what the two that are not of it say.

Below one root, which the go command takes for a module proxy, for each module and each version:

    example.com/config/@v/list            v1.0.0\nv1.1.0\n
    example.com/config/@v/v1.1.0.info     {"Version":"v1.1.0","Time":"2026-01-02T03:04:05Z"}
    example.com/config/@v/v1.1.0.mod      its go.mod, the same as in the zip
    example.com/config/@v/v1.1.0.zip      all of it
    example.com/config/@latest            as .info, of the newest version

Bytes
-----
- The module path is escaped, as `path.escape` does it; versions have no capital letter to escape.
- `list`: each version and a newline, ascending, none twice. It is empty before the first.
- `.info`: the JSON object of the example, without a space or a newline. `Time` is the commit's, in
  UTC, to the second.

Versions are releases, as `version.is_release` has them. The go command reads much more than this,
and does not look at the time; what is refused here is what nobody who publishes with chartconfig
writes: another order, another key, another spelling of a time.

Source:
    https://go.dev/ref/mod#goproxy-protocol
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Final

from chartconfig.module.malformed import MalformedModuleError
from chartconfig.module.path import escape, unescape, why_unpublishable
from chartconfig.module.version import Scheme, is_release

_PATH: Final = re.compile(r"(.+)/(?:@latest|@v/(?:list|(.+)\.(info|mod|zip)))")
_INFO: Final = re.compile(r'\{"Version":"([v0-9.]+)","Time":"([0-9TZ:-]+)"\}')
_LONGEST_SHOWN: Final = 200


class Kind(Enum):
    """A kind of file below a module; the value is how its name ends."""

    LIST = "list"
    LATEST = "@latest"
    INFO = ".info"
    MOD = ".mod"
    ZIP = ".zip"

    @property
    def of_version(self) -> bool:
        """Whether every version has one of its own, which never changes."""
        return self.value.startswith(".")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyFile:
    """A file of a published module."""

    kind: Kind
    module: str
    """The module path."""
    version: str | None = None
    """The version that it is of; None for `list` and `@latest`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """What is said of a version without its files."""

    version: str
    """The version."""
    time: datetime
    """When it was committed: in UTC, to the second."""


def format_path(file: ProxyFile) -> str:
    """Return where a file stands, relative to the root.

    Raises:
        ValueError: There is no such file: nothing is published under its module path, its version
            is no release, or it has a version and its kind has none, or the other way round.

    Examples:
        >>> format_path(ProxyFile(kind=Kind.ZIP, module="example.com/Config", version="v1.0.0"))
        'example.com/!config/@v/v1.0.0.zip'
        >>> format_path(ProxyFile(kind=Kind.LIST, module="example.com/Config"))
        'example.com/!config/@v/list'
    """
    if reason := _why_invalid(file):
        raise ValueError(reason)
    folder = escape(file.module)
    if file.kind is Kind.LATEST:
        return f"{folder}/@latest"
    return f"{folder}/@v/{file.version or ''}{file.kind.value}"


def parse_path(text: str) -> ProxyFile:
    """Return which file stands at a path.

    Raises:
        MalformedModuleError: None that `format_path` knows. The only exception, whatever the text.
    """
    match = _PATH.fullmatch(text)
    if match is None:
        raise MalformedModuleError("no file of a published module stands there", _shown(text))
    try:
        folder, version, extension = match.groups()
        kind = Kind(f".{extension}") if extension else Kind(text.rpartition("/")[2])
        file = ProxyFile(kind=kind, module=unescape(folder), version=version)
        same = format_path(file)
    except ValueError as error:
        raise MalformedModuleError(str(error), _shown(text)) from None
    assert same == text
    return file


def _shown(path: str) -> str:
    return ascii(path if len(path) <= _LONGEST_SHOWN else path[:_LONGEST_SHOWN] + "...")


def _why_invalid(file: ProxyFile) -> str | None:
    if reason := why_unpublishable(file.module):
        return f"nothing is published under {file.module!a}: {reason}"
    if not file.kind.of_version:
        return None if file.version is None else f"{file.kind.value} is of no version"
    if file.version is None or not is_release(file.version):
        return f"{file.version!a} is no version of a config, such as v1.2.3"
    return None


def encode_list(versions: tuple[str, ...]) -> bytes:
    r"""Return the bytes of `list`.

    Raises:
        ValueError: A version is no release, or they do not ascend.

    Examples:
        >>> encode_list(("v1.9.0", "v1.10.0"))
        b'v1.9.0\nv1.10.0\n'
    """
    if reason := _why_no_list(versions):
        raise ValueError(reason)
    return "".join(f"{version}\n" for version in versions).encode()


def decode_list(data: bytes, *, path: str = "list") -> tuple[str, ...]:
    """Return the versions that `list` names, ascending.

    Args:
        data: The whole file.
        path: Where it was found, for the span of a mistake; never opened.

    Raises:
        MalformedModuleError: It is not what `encode_list` writes. The only exception, whatever the
            bytes.
    """
    if data and not data.endswith(b"\n"):
        raise MalformedModuleError("its last line does not end", path)
    lines = data.decode("ascii", "backslashreplace").split("\n")
    versions = tuple(lines[:-1])
    if reason := _why_no_list(versions):
        raise MalformedModuleError(reason, path)
    assert encode_list(versions) == data
    return versions


def _why_no_list(versions: tuple[str, ...]) -> str | None:
    key = Scheme.GO_MODULE.sort_key
    last: str | None = None
    for version in versions:
        if not is_release(version):
            return f"{version!a} is no version of a config, such as v1.2.3"
        if last is not None and key(version) <= key(last):
            return f"{version} stands after {last}"
        last = version
    return None


def encode_info(info: Info) -> bytes:
    """Return the bytes of .info.

    Raises:
        ValueError: Its version is no release, or its time is not in UTC to the second.

    Examples:
        >>> encode_info(Info(version="v1.1.0", time=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)))
        b'{"Version":"v1.1.0","Time":"2026-01-02T03:04:05Z"}'
    """
    if not is_release(info.version):
        raise ValueError(f"{info.version!a} is no version of a config, such as v1.2.3")
    if info.time.tzinfo is not UTC or info.time.microsecond:
        raise ValueError(f"the time is not in UTC to the second: {info.time!r}")
    time = info.time.replace(tzinfo=None).isoformat()
    return f'{{"Version":"{info.version}","Time":"{time}Z"}}'.encode()


def decode_info(data: bytes, *, path: str = ".info") -> Info:
    """Return what .info or @latest says.

    Args:
        data: The whole file.
        path: Where it was found, for the span of a mistake; never opened.

    Raises:
        MalformedModuleError: It is not what `encode_info` writes. The only exception, whatever the
            bytes.
    """
    match = _INFO.fullmatch(data.decode("ascii", "backslashreplace"))
    if match is None:
        raise MalformedModuleError("this is not a version and its time", path)
    try:
        time = datetime.strptime(match[2], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        info = Info(version=match[1], time=time)
        same = encode_info(info)
    except ValueError as error:
        raise MalformedModuleError(str(error), path) from None
    if same != data:
        raise MalformedModuleError("its time is spelled in another way", path)
    return info
