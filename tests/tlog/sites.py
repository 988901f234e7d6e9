"""Releases, keys and published sites to test with: the same ones every time."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartconfig.tlog.client import Follower, Log
from chartconfig.tlog.note import Signer, generate
from chartconfig.tlog.publish import Release, Write, plan
from tests.fakes import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAME = "telemetry.example.com/log"
MODULE = "example.com/config"
KEY = generate(NAME, bytes(range(32)))
LOG = Log(name=NAME, verifiers=(KEY.verifier,))
VECTORS = Path(__file__).parents[1] / "vectors"


def vectors(name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((VECTORS / name).read_bytes())


def h1(files: Mapping[str, bytes]) -> str:
    """Return the hash of a module's files as Go has it, in the plainest way."""
    lines = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    return "h1:" + base64.b64encode(hashlib.sha256("".join(lines).encode()).digest()).decode()


@cache
def release(number: int, text: str = "{}") -> Release:
    """Return the release of version v1.<number>.0."""
    version = f"v1.{number}.0"
    mod = f"module {MODULE}\n".encode()
    files = {
        f"{MODULE}@{version}/config.json": text.encode(),
        f"{MODULE}@{version}/go.mod": mod,
    }
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        for name, data in files.items():
            writer.writestr(zipfile.ZipInfo(name), data)
    record = f"{MODULE} {version} {h1(files)}\n{MODULE} {version}/go.mod {h1({'go.mod': mod})}\n"
    return Release(
        module=MODULE,
        version=version,
        record=record.encode(),
        zip=archive.getvalue(),
        mod=mod,
        info=json.dumps({"Version": version, "Time": "2026-01-02T03:04:05Z"}).encode(),
    )


def planned(
    store: MemoryStore, number: int, signers: Sequence[Signer] = (KEY,), text: str = "{}"
) -> tuple[Write, ...]:
    return plan(release(number, text), name=NAME, signers=signers, store=store)


_SITE = MemoryStore()
_WRITES: list[tuple[Write, ...]] = []


def history(size: int) -> list[tuple[Write, ...]]:
    """Return what was written for each of the first releases of one site."""
    while len(_WRITES) < size:
        _WRITES.append(planned(_SITE, len(_WRITES)))
        _SITE.perform(_WRITES[-1])
    return _WRITES[:size]


def site(size: int) -> MemoryStore:
    """Return a new site with so many releases."""
    store = MemoryStore()
    for writes in history(size):
        store.perform(writes)
    return store


def follower(store: MemoryStore, seen: bytes | None = None, log: Log = LOG) -> Follower:
    return Follower(log, store.log(log.name), seen)


def key_of(number: int) -> str:
    """Return by what a version is looked up."""
    return f"{MODULE}@v1.{number}.0"


def forked(size: int, at: int) -> MemoryStore:
    """Return a site of the same log whose release `at` is another one, and signed all the same."""
    store = site(at)
    for number in range(at, size):
        text = '{"another": true}' if number == at else "{}"
        store.perform(planned(store, number, text=text))
    return store
