"""Ask Go itself: its JSON encoder, its version order, and its rules for modules and their files.

`go_program` compiles `gojson/`.
"""

from __future__ import annotations

import base64
import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.oracle.go_program import compiled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class GoVersions:
    """What Go says about a list of versions."""

    valid: list[bool]
    order: list[list[int]]
    """`order[i][j]` is -1, 0 or 1, as version i is below, equal to or above version j."""
    canonical: list[str]
    """Canonical spelling, empty for an invalid version; for module versions only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoPath:
    """What Go says about one module path."""

    invalid: str
    """The reason; empty for a valid path."""
    escaped: str
    """Empty for an invalid path."""
    major: str
    """`/v2` or `.v2` at the end of the path, empty if there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoModFile:
    """What Go says about one go.mod."""

    invalid: str
    """The reason; empty for a valid file."""
    module: str
    retractions: list[tuple[str, str, str]]
    """Low, high and why, of each."""
    formatted: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class GoZip:
    """What the go command makes of one zip of a module."""

    invalid: str
    """The reason; empty for one that it takes."""
    files: dict[str, bytes]
    """Contents by name, each with its prefix."""
    hash: str
    """The h1 of them."""


def go_marshal(configs: Sequence[bytes | Mapping[str, object]]) -> list[bytes]:
    r"""Return what `json.MarshalIndent(config, "", "\t")` writes for each config.

    Args:
        configs: Each as the JSON that Go is to read, or as what `json.dumps` makes JSON of. A list
            that is `null` or missing becomes a nil slice.

    Raises:
        subprocess.CalledProcessError: Go does not read one of them as a collection config.
    """
    texts = (c if isinstance(c, bytes) else json.dumps(c).encode() for c in configs)
    reply = _ask(b'{"Configs": [' + b",".join(texts) + b"]}")
    return [base64.b64decode(data) for data in reply["Configs"] or ()]


def go_toolchain_versions(versions: Sequence[str]) -> GoVersions:
    """Return the judgement of Go's package go/version."""
    reply = _ask(json.dumps({"ToolchainVersions": list(versions)}).encode())["ToolchainVersions"]
    return GoVersions(valid=reply["Valid"], order=reply["Order"], canonical=[])


def go_module_versions(versions: Sequence[str]) -> GoVersions:
    """Return the judgement of golang.org/x/mod/semver."""
    reply = _ask(json.dumps({"ModuleVersions": list(versions)}).encode())
    judged = reply["ModuleVersions"]
    return GoVersions(valid=judged["Valid"], order=judged["Order"], canonical=reply["Canonical"])


def go_paths(paths: Sequence[str]) -> list[GoPath]:
    """Return the judgement of golang.org/x/mod/module."""
    return [
        GoPath(invalid=path["Invalid"], escaped=path["Escaped"], major=path["Major"])
        for path in _ask(json.dumps({"Paths": list(paths)}).encode())["Paths"]
    ]


def go_file_names(names: Sequence[str]) -> list[str]:
    """Return the reason of golang.org/x/mod/module against each name; empty for a valid one."""
    reasons: list[str] = _ask(json.dumps({"FileNames": list(names)}).encode())["FileNames"]
    return reasons


def go_mods(files: Sequence[bytes]) -> list[GoModFile]:
    """Return what golang.org/x/mod/modfile reads in each go.mod, and how it formats it."""
    asked = {"GoMods": [base64.b64encode(data).decode() for data in files]}
    return [
        GoModFile(
            invalid=judged["Invalid"],
            module=judged["Module"],
            retractions=[(low, high, why) for low, high, why in judged["Retractions"] or ()],
            formatted=base64.b64decode(judged["Formatted"] or ""),
        )
        for judged in _ask(json.dumps(asked).encode())["GoMods"]
    ]


def go_zips(zips: Sequence[bytes], *, module: str, version: str) -> list[GoZip]:
    """Return what golang.org/x/mod/zip, dirhash and archive/zip make of each zip of a version."""
    asked = [
        {"Path": module, "Version": version, "Data": base64.b64encode(data).decode()}
        for data in zips
    ]
    return [
        GoZip(
            invalid=read["Invalid"],
            files={n: base64.b64decode(data) for n, data in (read["Files"] or {}).items()},
            hash=read["Hash"],
        )
        for read in _ask(json.dumps({"Zips": asked}).encode())["Zips"]
    ]


def _ask(request: bytes) -> dict[str, Any]:
    program = compiled("gojson")
    run = subprocess.run([program], input=request, stdout=subprocess.PIPE, check=True)
    reply: dict[str, Any] = json.loads(run.stdout)
    return reply
