r"""go.sum lines: the two hashes by which everybody knows a version of a module.

    github.com/pkg/errors v0.9.1 h1:FEBLx1zS214owpjy7qsBeixbURkuhQAwrK5UwLGTwt4=
    github.com/pkg/errors v0.9.1/go.mod h1:bwawxfHBFNV+L2hUp1rHADufV3IMtnDRdf1r5NINEl0=

The first is of all files of the zip, the second of go.mod alone: the go command looks at that one
long before it needs the rest, if ever. The same two lines are what the log records of a version.

Bytes
-----
    lines = module " " version " " h1 "\n"  module " " version "/go.mod " h1 "\n"

- `module` is a module path as the go command accepts it, not escaped.
- `version` is in canonical form; `+incompatible` may follow, as it does for modules that are older
  than modules are. It is the same in both lines.
- `h1` is the text that `dirhash` makes.

Both lines are there, in this order, and each ends with a newline. Anything else is refused: another
space, a line more, a hash that is spelled otherwise. What is read has one spelling, so that it can
itself be hashed, as the record of a log is.

Source:
    https://go.dev/ref/mod#go-sum-files and #checksum-database.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from chartconfig.module.dirhash import is_hash
from chartconfig.module.malformed import MalformedModuleError
from chartconfig.module.path import why_invalid
from chartconfig.module.version import canonical

_LINES: Final = re.compile(rb"([!-~]+) ([!-~]+) ([!-~]+)\n([!-~]+) ([!-~]+)/go\.mod ([!-~]+)\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleSum:
    """What a version of a module consists of, by its hashes."""

    module: str
    """The module path."""
    version: str
    """Its version, in canonical form."""
    zip: str
    """The h1 of all files."""
    go_mod: str
    """The h1 of go.mod alone."""


def encode_sum(asked: ModuleSum) -> bytes:
    """Return the two lines of a version, which are also its record in the log.

    Raises:
        ValueError: Its path, its version or a hash is not valid.
    """
    if reason := _why_invalid(asked):
        raise ValueError(reason)
    return (
        f"{asked.module} {asked.version} {asked.zip}\n"
        f"{asked.module} {asked.version}/go.mod {asked.go_mod}\n"
    ).encode()


def decode_sum(data: bytes, *, path: str = "go.sum") -> ModuleSum:
    """Return what the two lines of a version say.

    Args:
        data: The two lines.
        path: Where they were found, for the span of a mistake; never opened.

    Raises:
        MalformedModuleError: They are anything else. The only exception, whatever the bytes.
    """
    match = _LINES.fullmatch(data)
    if match is None:
        raise MalformedModuleError("these are not the two lines of a version", path)
    module, version, hashed, again, same, go_mod = (part.decode() for part in match.groups())
    if (again, same) != (module, version):
        raise MalformedModuleError(
            f"the lines are of two versions, {module} {version} and {again} {same}", path
        )
    found = ModuleSum(module=module, version=version, zip=hashed, go_mod=go_mod)
    if reason := _why_invalid(found):
        raise MalformedModuleError(reason, path)
    assert encode_sum(found) == data
    return found


def _why_invalid(asked: ModuleSum) -> str | None:
    if reason := why_invalid(asked.module):
        return f"{asked.module!a} is no module path: {reason}"
    plain = asked.version.removesuffix("+incompatible")
    if canonical(plain) != plain:
        return f"{asked.version!a} is no version in canonical form"
    for text in (asked.zip, asked.go_mod):
        if not is_hash(text):
            return f"{text!a} is no h1 hash"
    return None
