"""Published sites to test with: a small config in a few versions, the same ones every time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from chartconfig.module.gomod import GoMod, encode_go_mod
from chartconfig.pipeline import pack
from chartconfig.tlog.client import Log
from chartconfig.tlog.note import Signer, format_verifier, generate
from chartconfig.tlog.publish import Release, plan
from tests.collection.repositories import small
from tests.fakes import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from chartconfig.module.gomod import Retraction

NAME = "telemetry.example.com/log"
MODULE = "example.org/telemetry/config"
KEY = generate(NAME, bytes(range(32)))
OTHER_KEY = generate(NAME, b"o" * 32)
VKEY = format_verifier(KEY.verifier)
LOG = Log(name=NAME, verifiers=(KEY.verifier,))
FOLDER = f"sumdb/{NAME}"
FIRST = datetime(2026, 11, 1, 12, tzinfo=UTC)


@cache
def release(
    version: str,
    *,
    retractions: tuple[Retraction, ...] = (),
    time: datetime = FIRST,
    note: str = "",
    module: str = MODULE,
) -> Release:
    """Return a release, whose files differ in what is said of it, and in a note in README.md."""
    files = {
        **small(),
        "README.md": small()["README.md"] + f"\n{version} {note}\n".encode(),
        "go.mod": encode_go_mod(GoMod(module=module, retractions=retractions)),
    }
    manifest = json.loads(files.pop("manifest.json"))
    manifest["module"] = module
    manifest["time"] = f"{time.replace(tzinfo=None).isoformat()}Z"
    manifest["outputs"] = {name: sha256(data).hexdigest() for name, data in sorted(files.items())}
    files["manifest.json"] = f"{json.dumps(manifest, ensure_ascii=False, indent=2)}\n".encode()
    return pack(files, version=version, time=time)


def publish(store: MemoryStore, made: Release, *signers: Signer) -> MemoryStore:
    """Publish a release to a site, and return it."""
    store.perform(plan(made, name=NAME, signers=signers or (KEY,), store=store))
    return store


@cache
def _published(versions: tuple[str, ...], note: str) -> Mapping[str, bytes]:
    *before, last = versions
    store = MemoryStore(_published(tuple(before), "") if before else {})
    time = FIRST + timedelta(days=len(before))
    return publish(store, release(last, time=time, note=note)).files


def site(*versions: str, note: str = "") -> MemoryStore:
    """Return a new site with these versions; the note stands in the last one."""
    return MemoryStore(_published(versions, note) if versions else {})


def versions(count: int) -> list[str]:
    return [f"v1.{number}.0" for number in range(count)]


def written(files: Mapping[str, bytes], root: Path) -> Path:
    """Write the files of a site to a directory, and return it."""
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return root


def resigned(files: Mapping[str, bytes], path: str, texts: Sequence[str]) -> bytes:
    """Return the head at a path with other lines in place of some, signed by the log's own key."""
    from chartconfig.tlog.note import parse_note, sign_note

    lines = parse_note(files[path]).text.splitlines()
    lines[: len(texts)] = texts
    return sign_note("".join(f"{line}\n" for line in lines), (KEY,))
