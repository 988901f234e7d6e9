"""manifest.json: where a compiled config came from, and the digest of everything in and out.

Whoever has the commit can compile it again, and compare.
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
