"""Any bytes give diagnostics or a tree, nothing else.

`make test` tries for a few seconds from one seed. CHARTCONFIG_FUZZ_SECONDS=60 tries for a minute
each from a new one; a failure names the seed of its round, and CHARTCONFIG_FUZZ_SEED repeats all.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml as pyyaml

from chartconfig import pipeline
from chartconfig.collection.manifest import Origin
from chartconfig.diagnostics import render
from chartconfig.diagnostics.catalogue import RULES
from chartconfig.diagnostics.page import visible
from chartconfig.diagnostics.sarif import sarif
from chartconfig.source.document import Document
from chartconfig.source.yaml import compose
from tests.fuzz.mutation import mutated, rounds, seed
from tests.scenarios.repository import BASE, ROOT, TODAY, documents, read

if TYPE_CHECKING:
    from random import Random

    import pytest

    from chartconfig.diagnostics.diagnostic import Diagnostic

LIBYAML: Any = pyyaml.CSafeLoader
REAL = list(read(ROOT / "configs").values())
SEEDS = [data for data in (*REAL, *BASE.values()) if len(data) < 4000]
OUTPUTS = {"README.md", "charts.json", "config.json", "go.mod", "manifest.json"}


def check_diagnostics(found: tuple[Diagnostic, ...], files: dict[str, Document]) -> None:
    """Every finding is of the catalogue, lies within its file, says what to do, and renders."""
    for diagnostic in found:
        assert diagnostic.code in RULES
        assert diagnostic.severity is RULES[diagnostic.code].severity
        assert diagnostic.hint
        assert "\n" not in visible(diagnostic.message)
        assert "given schema" not in diagnostic.message
        for span in filter(None, (diagnostic.span, *(where for where, _ in diagnostic.related))):
            lines = files[span.path].text.split("\n") if span.path in files else [""]
            assert span.start <= span.end
            assert 1 <= span.start.line <= span.end.line <= len(lines)
            assert 1 <= span.start.column <= len(lines[span.start.line - 1]) + 2
    shown = render.text(found, files)
    assert all(diagnostic.code in shown for diagnostic in found)
    assert len(json.loads(render.to_json(found))["diagnostics"]) == len(found)
    json.loads(sarif(found, version="0", nowhere="configs/collection.yaml"))
    render.github(found)


def test_any_bytes_give_a_tree_or_diagnostics_the_same_with_and_without_libyaml(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number, random in enumerate(rounds(3)):
        data = random.randbytes(random.randint(0, 40))
        if random.random() < 0.95:
            data = mutated(random.choice(SEEDS), SEEDS, random)
        try:
            document = Document(path="configs/charts/a/b.yaml", data=data)
            monkeypatch.setattr("chartconfig.source.yaml._CLoader", LIBYAML)
            node, found = compose(document)
            assert (node is None) == bool(found)
            check_diagnostics(found, {document.path: document})
            monkeypatch.setattr("chartconfig.source.yaml._CLoader", None)
            assert compose(document) == (node, found)
        except Exception as error:
            error.add_note(f"seed {seed()}, round {number}: {data!r}")
            raise


def test_any_file_in_a_repository_gives_diagnostics_and_what_has_no_error_is_compiled() -> None:
    origin = Origin(commit=None, tree=None, on=TODAY)
    for number, random in enumerate(rounds(6)):
        files = changed(random)
        try:
            read_files = documents(files)
            checked = pipeline.check(read_files, on=TODAY)
            check_diagnostics(checked.diagnostics, {each.path: each for each in read_files})
            if checked.compilable:
                built = pipeline.build(checked.compilable, documents=read_files, origin=origin)
                assert set(built) == OUTPUTS
        except Exception as error:
            different = {path: data for path, data in files.items() if BASE.get(path) != data}
            error.add_note(f"seed {seed()}, round {number}: {different!r}")
            raise


def changed(random: Random) -> dict[str, bytes]:
    """Return the base with one or two files changed, gone, or at a path where none belongs."""
    files = dict(BASE)
    for _ in range(random.choice((1, 1, 1, 2))):
        path = random.choice(sorted(files))
        match random.randrange(12):
            case 0:
                del files[path]
            case 1:
                new = mutated(path.encode(), [b"/.YAML-ym\xc3\xa9"], random)
                files[new.decode("utf-8", "replace")] = files[path]
            case _:
                files[path] = mutated(files[path], SEEDS, random)
    return files
