"""A site as its attackers serve it, and those who read it: an auditor, a client, a go command."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from chartconfig.auditor.site import audit
from chartconfig.client import Client
from chartconfig.tlog.checkpoint import GO_ORIGIN, sign_checkpoint
from chartconfig.tlog.record import Lookup, encode_entries, encode_records, format_lookup
from chartconfig.tlog.tree import (
    Node,
    TreeHead,
    grow,
    leaf_hash,
    root_hash,
)
from tests.go.command import Go, succeeded
from tests.sites import (
    FIRST,
    FOLDER,
    KEY,
    LOG,
    MODULE,
    NAME,
    VKEY,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from chartconfig.auditor.site import Audit
    from chartconfig.client import Config
    from tests.fakes import MemoryStore

NOW = FIRST + timedelta(days=100)
LIST = f"{MODULE}/@v/list"
Files = dict[str, bytes]


class Served:
    """A site that a client reads from memory; what is served may change."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)

    def __call__(self, path: str, /) -> bytes | None:
        return self.files.get(path)

    def listing(self) -> frozenset[str] | None:
        return frozenset(self.files)


def audited(files: Mapping[str, bytes], seen: bytes | None = None, **more: object) -> Audit:
    return audit(files.get, LOG, seen=seen, listing=files.keys(), **more)  # type: ignore[arg-type]


def codes(done: Audit) -> list[str]:
    return sorted({found.code for found in done.diagnostics})


def client(files: Mapping[str, bytes], cache: Path | None = None) -> Client:
    return Client(Served(files), VKEY, cache)


def latest(files: Mapping[str, bytes], cache: Path | None = None) -> Config:
    return client(files, cache).latest()


def go(tmp_path: Path, files: Mapping[str, bytes], name: str = "home") -> Go:
    root = written(files, tmp_path / f"site of {name}")
    return Go(home=tmp_path / name, proxy=root.as_uri(), key=VKEY)


def downloaded(user: Go, version: str) -> str:
    """Return the version that the go command accepts."""
    done = user.run("mod", "download", "-json", f"{MODULE}@{version}")
    found: str = json.loads(succeeded(done))["Version"]
    return found


def logged(records: Sequence[bytes], base: MemoryStore) -> Files:
    """Return a site whose log has these records, whatever they are, and signs them."""
    leaves = [leaf_hash(record) for record in records]
    nodes = grow(0, leaves, lambda _: [])
    head = TreeHead(
        size=len(records), root=root_hash(len(records), lambda asked: [nodes[n] for n in asked])
    )
    width = len(records)
    hashes = b"".join(nodes[Node(0, index)] for index in range(width))
    go_head = sign_checkpoint(GO_ORIGIN, head, [KEY])
    files = {path: data for path, data in base.files.items() if "/tile/" not in path}
    files |= {
        f"{FOLDER}/tile/8/0/000.p/{width}": hashes,
        f"{FOLDER}/tile/0/000.p/{width}": hashes,
        f"{FOLDER}/tile/8/data/000.p/{width}": encode_records(records),
        f"{FOLDER}/tile/entries/000.p/{width}": encode_entries(records),
        f"{FOLDER}/checkpoint": sign_checkpoint(NAME, head, [KEY]),
        f"{FOLDER}/latest": go_head,
    }
    for index, record in enumerate(records):
        module, version = record.decode().split()[:2]
        lookup = Lookup(index=index, record=record, head=go_head)
        files[f"{FOLDER}/lookup/{module}@{version}"] = format_lookup(lookup)
    return files
