"""manifest.json: where a compiled config came from, and the digest of everything in and out.

    {
      "format": "chartconfig/manifest/v1",
      "module": "example.org/telemetry/config",
      "chartconfig": "0.1.0",
      "commit": "6819ec0e...",
      "tree": "5f1d3c0a...",
      "on": "2026-11-20",
      "inputs": {"configs/collection.yaml": "44af061a..."},
      "outputs": {"config.json": "6e34d006..."}
    }

Whoever has the commit can compile it again, and compare. The keys:

- `module`: the module path. `chartconfig`: the version that compiled it.
- `commit`, `tree`: git's hashes of the commit whose files these are exactly, and of its tree; null
  for a tree with changes that are not committed, or outside git.
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

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

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
        "on": origin.on.isoformat(),
        "inputs": {
            document.path: sha256(document.data).hexdigest()
            for document in sorted(inputs, key=lambda document: document.path)
        },
        "outputs": {name: sha256(data).hexdigest() for name, data in sorted(outputs.items())},
    }
    return f"{json.dumps(manifest, ensure_ascii=False, indent=2)}\n".encode()
