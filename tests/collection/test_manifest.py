"""manifest.json: where a config came from, with the digest of everything in and out."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256

import pytest

import chartconfig
from chartconfig.collection.manifest import Origin, decode_manifest, encode_manifest
from chartconfig.module.malformed import MalformedModuleError
from chartconfig.source.document import Document
from tests.collection.repositories import SMALL, small


def test_has_the_digest_of_every_file() -> None:
    manifest = json.loads(small()["manifest.json"])
    files = sorted((SMALL / "configs").rglob("*.yaml"))
    assert manifest["inputs"] == {
        path.relative_to(SMALL).as_posix(): sha256(path.read_bytes()).hexdigest() for path in files
    }
    assert manifest["outputs"] == {
        name: sha256(data).hexdigest() for name, data in small().items() if name != "manifest.json"
    }


def test_says_from_what_and_by_what() -> None:
    manifest = json.loads(small()["manifest.json"])
    del manifest["inputs"], manifest["outputs"]
    assert manifest == {
        "format": "chartconfig/manifest/v1",
        "module": "example.org/telemetry/config",
        "chartconfig": chartconfig.__version__,
        "commit": "c" * 40,
        "tree": "d" * 40,
        "time": "2026-11-20T12:00:00Z",
        "on": "2026-11-20",
    }


def test_whole() -> None:
    origin = Origin(commit=None, tree=None, on=date(2026, 1, 2))
    inputs = [Document(path="configs/é.yaml", data=b"b"), Document(path="configs/a.yaml", data=b"")]
    manifest = encode_manifest(
        module="example.org/x", version="1.2.3", origin=origin, inputs=inputs, outputs={"o": b"b"}
    )
    assert manifest.decode() == (
        "{\n"
        '  "format": "chartconfig/manifest/v1",\n'
        '  "module": "example.org/x",\n'
        '  "chartconfig": "1.2.3",\n'
        '  "commit": null,\n'
        '  "tree": null,\n'
        '  "time": null,\n'
        '  "on": "2026-01-02",\n'
        '  "inputs": {\n'
        f'    "configs/a.yaml": "{sha256(b"").hexdigest()}",\n'
        f'    "configs/é.yaml": "{sha256(b"b").hexdigest()}"\n'
        "  },\n"
        '  "outputs": {\n'
        f'    "o": "{sha256(b"b").hexdigest()}"\n'
        "  }\n"
        "}\n"
    )


def test_decodes_to_what_others_can_check() -> None:
    data = small()["manifest.json"]
    manifest = decode_manifest(data)
    assert (manifest.module, manifest.version) == ("example.org/telemetry/config", "0.1.0")
    assert (manifest.commit, manifest.time) == ("c" * 40, "2026-11-20T12:00:00Z")
    assert manifest.outputs["config.json"] == sha256(small()["config.json"]).hexdigest()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"format": "chartconfig/manifest/v1"', b'"format": "chartconfig/manifest/v2"'),
        (b'"commit": "', b'"commit":  "'),
        (b'"module"', b'"modul"'),
        (b'"module": "example.org/telemetry/config"', b'"module": 1'),
        (b'"time": "2026-11-20T12:00:00Z"', b'"time": 1'),
        (b'"outputs": {', b'"outputs": [{}], "more": {'),
        (b"}\n}\n", b"}\n}"),
        (b"{", b"["),
        (b"{", b"\xff"),
    ],
)
def test_decodes_only_as_it_is_spelled(old: bytes, new: bytes) -> None:
    data = small()["manifest.json"]
    assert old in data
    with pytest.raises(MalformedModuleError, match="this is no"):
        decode_manifest(data.replace(old, new, 1))
