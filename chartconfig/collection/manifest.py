"""manifest.json: where a compiled config came from, and the digest of everything in and out.

    {
      "format": "chartconfig/manifest/v1",
      "module": "example.org/telemetry/config",
      "chartconfig": "0.1.0",
      "commit": "6819ec0e...",
      "tree": "5f1d3c0a...",
      "time": "2026-11-20T09:30:00Z",
      "on": "2026-11-20",
      "inputs": {"configs/collection.yaml": "44af061a..."},
      "outputs": {"config.json": "6e34d006..."}
    }

Whoever has the commit can compile it again, and compare. The keys:

- `module`: the module path. `chartconfig`: the version that compiled it.
- `commit`, `tree`: git's hashes of the commit whose files these are exactly, and of its tree; null
  for a tree with changes that are not committed, or outside git.
- `time`: the time of that commit, its committer's, in UTC; null where there is none. A published
  version has the same time beside it, which so is one that the log vouches for.
- `on`: the day for which charts were judged, the commit's in UTC unless another was asked for.
- `inputs`, `outputs`: the SHA-256 of every file that was read, and of every other one written, by
  path, sorted.

Indented by two, with a last newline. Within a version keys are only added.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from chartconfig.module.malformed import MalformedModuleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from chartconfig.source.document import Document

FORMAT = "chartconfig/manifest/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The tree that was compiled."""

    commit: str | None
    """The hash of the commit; None for a tree that is not committed."""
    tree: str | None
    """The hash of its tree."""
    on: date
    """The day for which charts were judged: the commit's, unless another was asked for."""
    time: datetime | None = None
    """When the commit was made: in UTC, to the second; None for a tree that is not committed."""


def outputs_of(manifest: bytes) -> frozenset[str] | None:
    """Return the names of all files that a manifest.json is of, itself among them, or None.

    Examples:
        >>> sorted(outputs_of(b'{"format": "chartconfig/manifest/v1", "outputs": {"go.mod": ""}}'))
        ['go.mod', 'manifest.json']
        >>> outputs_of(b"{}")
    """
    try:
        decoded = json.loads(manifest)
        if decoded["format"] == FORMAT:
            return frozenset({*decoded["outputs"], "manifest.json"})
    except (ValueError, LookupError, TypeError, RecursionError):
        pass
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a manifest.json says, as far as somebody else can check it."""

    module: str
    """The module path of the config."""
    version: str
    """The version of chartconfig that compiled it."""
    commit: str | None
    """The hash of the commit; None for a tree that is not committed."""
    time: str | None
    """When that was made, as `2026-11-20T09:30:00Z`."""
    outputs: Mapping[str, str]
    """The SHA-256 of every other file, in hexadecimal digits, by name."""


def decode_manifest(data: bytes, *, path: str = "manifest.json") -> Manifest:
    """Return what a manifest says.

    Args:
        data: The whole file.
        path: Where it was found, for the span of a mistake; never opened.

    Raises:
        MalformedModuleError: It is not a manifest as `encode_manifest` spells one. The only
            exception, whatever the bytes.
    """
    try:
        decoded = json.loads(data)
        same = _spelled(decoded) == data and decoded["format"] == FORMAT
        found = Manifest(
            module=decoded["module"],
            version=decoded["chartconfig"],
            commit=decoded["commit"],
            time=decoded["time"],
            outputs=dict(decoded["outputs"]),
        )
    except (ValueError, LookupError, TypeError, RecursionError):
        raise MalformedModuleError("this is no manifest", path) from None
    texts = (found.module, found.version, found.commit or "", found.time or "")
    if not same or not all(isinstance(each, str) for each in (*texts, *found.outputs.values())):
        raise MalformedModuleError("this is not a manifest that chartconfig wrote", path)
    return found


def encode_manifest(
    *,
    module: str,
    version: str,
    origin: Origin,
    inputs: Iterable[Document],
    outputs: Mapping[str, bytes],
) -> bytes:
    """Return manifest.json.

    Args:
        module: The module path of the config.
        version: The version of chartconfig.
        origin: What was compiled.
        inputs: Every file that was read.
        outputs: Every other file that is written, by name.
    """
    manifest = {
        "format": FORMAT,
        "module": module,
        "chartconfig": version,
        "commit": origin.commit,
        "tree": origin.tree,
        "time": origin.time and f"{origin.time.replace(tzinfo=None).isoformat()}Z",
        "on": origin.on.isoformat(),
        "inputs": {
            document.path: sha256(document.data).hexdigest()
            for document in sorted(inputs, key=lambda document: document.path)
        },
        "outputs": {name: sha256(data).hexdigest() for name, data in sorted(outputs.items())},
    }
    return _spelled(manifest)


def _spelled(manifest: object) -> bytes:
    return f"{json.dumps(manifest, ensure_ascii=False, indent=2)}\n".encode()
