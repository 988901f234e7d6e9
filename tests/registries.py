"""Registries to test with: what they answer, as documents written for these tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

GIZMO = "example.com/Gizmo"
GIZMO_LIST = "example.com/!gizmo/@v/list"
TOOLCHAIN_LIST = "golang.org/toolchain/@v/list"


def module(
    versions: Iterable[str], *, go_mod: str = "module example.com/Gizmo\n"
) -> dict[str, bytes]:
    """Return the files of a module proxy that has a module in these versions."""
    files = {GIZMO_LIST: "".join(f"{version}\n" for version in versions).encode()}
    return files | {f"example.com/!gizmo/@v/{version}.mod": go_mod.encode() for version in versions}


def toolchain(versions: Iterable[str]) -> dict[str, bytes]:
    lines = [f"v0.0.1-{v}.{on}\n" for v in versions for on in ("linux-amd64", "darwin-arm64")]
    return {TOOLCHAIN_LIST: "".join(lines).encode()}


def pypi(versions: Mapping[str, bool], *, name: str = "gizmo-tool") -> dict[str, bytes]:
    """Return the page of a package at PyPI; each version with whether it is yanked."""
    files = [
        {"filename": file, "url": f"https://example.com/{file}", "hashes": {}, "yanked": yanked}
        for version, yanked in versions.items()
        for file in (f"gizmo_tool-{version}-py3-none-any.whl", f"gizmo_tool-{version}.tar.gz")
    ]
    page = {
        "meta": {"api-version": "1.1"},
        "name": name,
        "versions": list(versions),
        "files": files,
    }
    return {"simple/gizmo-tool": json.dumps(page).encode()}


def npm(versions: Mapping[str, str | None], *, name: str = "@gizmo/tool") -> dict[str, bytes]:
    """Return the metadata of a package at npm; each version with why it is deprecated."""
    entries = {
        version: {"name": name, "version": version} | ({"deprecated": why} if why else {})
        for version, why in versions.items()
    }
    page = {"name": name, "modified": "2026-11-20T12:00:00.000Z", "versions": entries}
    return {"@gizmo/tool": json.dumps(page).encode()}
