"""`import collection-config`: a config that exists becomes charts that compile to it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chartconfig.collection.encode import decode
from chartconfig.source.document import Document
from chartconfig.source.nodes import plain
from chartconfig.source.yaml import compose
from tests.cli.command import ROOT, run
from tests.exchange.importing import compiled, contents

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = ROOT / "tests" / "golden" / "go-chartconfig"


class TestCollectionConfig:
    @pytest.fixture
    def config(self, here: Path) -> Path:
        """Return the compiled config of this project's own charts."""
        assert run("-C", ROOT, "compile", "-o", here / "own", "--on=2026-11-20").code == 0
        return here / "own/config.json"

    def test_that_was_written_anew_is_named_as_published(self, here: Path, config: Path) -> None:
        text = json.dumps(json.loads(config.read_bytes()))
        (here / "other.json").write_text(text, encoding="utf-8")
        result = run("import", "collection-config", "other.json", "-o", "made")
        assert (result.code, result.out) == (1, "")
        assert "error[CC901] malformed-config: the config is not in canonical form" in result.err
        assert "help: name a config.json as it is published, to the last byte\n" in result.err

    @pytest.mark.usefixtures("here")
    def test_what_is_padding_stays_so(self, config: Path) -> None:
        """What the own lock has as `ahead`, and the padding of each program, are found again."""
        result = run("import", "collection-config", config, "-o", "made")
        assert result.code == 0
        assert (
            "warning[CC134] assumed: 12 versions of `golang.org/x/vuln/cmd/govulncheck` are taken "
            "for not released yet: they are what padding names after v1.7.0\n"
        ) in result.err
        locks: list[dict[str, dict[str, list[str]]]] = []
        for root in (ROOT, Path("made")):
            text = (root / "configs/versions.lock.yaml").read_text(encoding="utf-8")
            node, _ = compose(Document(path="versions.lock.yaml", data=text.encode()))
            assert node is not None
            lock: Any = plain(node)
            locks.append(
                {
                    key: {name: entry[name] for name in ("versions", "ahead")}
                    for key, entry in lock["programs"].items()
                }
            )
        own, made = locks
        assert sorted(made) == ["dlv", "gopls", "govulncheck", "vscgo"]
        for key, entry in made.items():
            assert entry["ahead"] == own[key]["ahead"]
            assert set(entry["versions"]) <= set(own[key]["versions"])
            asked = (ROOT / f"configs/programs/{key}.yaml").read_text(encoding="utf-8")
            given = Path(f"made/configs/programs/{key}.yaml").read_text(encoding="utf-8")
            padding = re.search("padding: {.*}", asked)
            assert padding
            assert f"{padding[0]}  # assumed by chartconfig import\n" in given

    def test_is_collected_again(self, here: Path, config: Path) -> None:
        """Programs, versions, counters, stacks, depths and platforms; rates are computed."""
        result = run("import", "collection-config", config, "-o", "made")
        assert result.code == 0
        assert run("-C", "made", "compile", "-o", "out").code == 0
        assert compiled(here / "out") == compiled(config.parent)
        old, new = decode(config.read_bytes()), decode((here / "out/config.json").read_bytes())
        assert (new.goos, new.goarch) == (old.goos, old.goarch)
        assert new.go_versions == old.go_versions
        assert [(each.name, each.versions) for each in new.programs] == [
            (each.name, each.versions) for each in old.programs
        ]

    def test_is_refused_unless_it_is_one(self, here: Path, config: Path) -> None:
        data = config.read_bytes()
        for broken in (b"{}", data + b"\n", data.replace(b'"Rate"', b'"rate"', 1)):
            (here / "broken.json").write_bytes(broken)
            result = run("import", "collection-config", "broken.json", "-o", "made")
            assert (result.code, result.out) == (1, "")
            assert result.err.startswith("error[CC901] malformed-config: ")
            assert not (here / "made").exists()

    def test_tells_what_it_had_to_decide(
        self, here: Path, golden: Callable[[Path, bytes], None]
    ) -> None:
        config = """{
\t"GOOS": [
\t\t"linux"
\t],
\t"GOARCH": null,
\t"GoVersion": [
\t\t"go1.9.2rc2",
\t\t"go1.26.0",
\t\t"devel"
\t],
\t"SampleRate": 1,
\t"Programs": [
\t\t{
\t\t\t"Name": "example.org/tools/cmd/hello",
\t\t\t"Versions": [
\t\t\t\t"v1.0.0",
\t\t\t\t"v1.1",
\t\t\t\t"devel"
\t\t\t],
\t\t\t"Counters": [
\t\t\t\t{
\t\t\t\t\t"Name": "hello/start:{a,b}",
\t\t\t\t\t"Rate": 1
\t\t\t\t},
\t\t\t\t{
\t\t\t\t\t"Name": "hello/start:{b,c}",
\t\t\t\t\t"Rate": 0.5
\t\t\t\t},
\t\t\t\t{
\t\t\t\t\t"Name": "hello/start",
\t\t\t\t\t"Rate": 0.5
\t\t\t\t},
\t\t\t\t{
\t\t\t\t\t"Name": "hello/never",
\t\t\t\t\t"Rate": 0
\t\t\t\t}
\t\t\t]
\t\t}
\t]
}"""
        (here / "config.json").write_text(config, encoding="utf-8")
        result = run("import", "collection-config", "config.json", "-o", "made")
        page = result.err + result.out
        for path, data in contents(here / "made/configs").items():
            page += f"\n== {path}\n{data.decode()}"
        golden(GOLDEN / "collection-config.txt", page.encode())
        assert run("-C", "made", "compile", "-o", "out").code == 0
        assert compiled(here / "out") == {
            "example.org/tools/cmd/hello": (
                {"hello/start": ["hello/start:a", "hello/start:b", "hello/start:c", "hello/start"]},
                {},
            )
        }
