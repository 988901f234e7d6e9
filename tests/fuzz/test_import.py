"""Any bytes give records or diagnostics, and what is brought in can be compiled."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.exchange.from_config import read_config
from chartconfig.exchange.from_records import read_records
from chartconfig.exchange.go_chartconfig import format_records, parse
from chartconfig.source.document import Document
from tests.cli.command import run
from tests.exchange.importing import EVERY_FEATURE
from tests.fuzz.mutation import mutated, rounds, seed
from tests.fuzz.test_fuzz import check_diagnostics

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

RECORDS = [record.encode() for record in EVERY_FEATURE.read_text(encoding="utf-8").split("---\n")]
LINES = [
    *(b"title: Again\n", b"---\n", b"depth: 16\n", b"depth: 65\n", b"error: 1e-9\n", b"{", b"}"),
    *(b"# why\n", b"type: stack\n", b"type: histogram\n", b"program: cmd/go\n", b"version: v0\n"),
    *(b"module: example.org\n", b"counter: a/b:{c,\nd}\n", b"counter: hello/start\n", b",", b":"),
]
CONFIG = b"""{
\t"GOOS": [],
\t"GOARCH": null,
\t"GoVersion": [
\t\t"go1.26.0"
\t],
\t"SampleRate": 1,
\t"Programs": [
\t\t{
\t\t\t"Name": "cmd/go",
\t\t\t"Versions": null,
\t\t\t"Counters": [
\t\t\t\t{
\t\t\t\t\t"Name": "go/x:{a,b}",
\t\t\t\t\t"Rate": 1
\t\t\t\t}
\t\t\t],
\t\t\t"Stacks": [
\t\t\t\t{
\t\t\t\t\t"Name": "go/y",
\t\t\t\t\t"Rate": 1,
\t\t\t\t\t"Depth": 4
\t\t\t\t}
\t\t\t]
\t\t}
\t]
}"""


def changed(random: Random) -> bytes:
    """Return some records with changes, most of them in words of the format."""
    data = b"---\n".join(random.sample(RECORDS, random.randint(1, 3)))
    for _ in range(random.choice((0, 1, 1, 2, 4))):
        lines = data.splitlines(keepends=True) or [b""]
        at = random.randrange(len(lines))
        lines[at : at + random.choice((0, 1))] = [random.choice(LINES)]
        data = b"".join(lines)
    return mutated(data, RECORDS, random) if random.random() < 0.4 else data


def test_any_bytes_give_records_or_diagnostics_and_records_their_file() -> None:
    for number, random in enumerate(rounds(3)):
        data = random.randbytes(random.randint(0, 40)) if number % 50 == 0 else changed(random)
        try:
            document = Document(path="config.txt", data=data)
            parsed = parse(document)
            check_diagnostics(parsed.diagnostics, {document.path: document})
            again = Document(path="config.txt", data=format_records(parsed.records).encode())
            assert parse(again).records == parsed.records
            check_diagnostics(read_records(document).diagnostics, {document.path: document})
            config = mutated(CONFIG, [CONFIG], random)
            document = Document(path="config.json", data=config)
            check_diagnostics(read_config(document).diagnostics, {document.path: document})
        except Exception as error:
            error.add_note(f"seed {seed()}, round {number}: {data!r}")
            raise


def test_what_is_imported_compiles_and_what_is_not_leaves_nothing(tmp_path: Path) -> None:
    made, out = tmp_path / "made", tmp_path / "out"
    for number, random in enumerate(rounds(5)):
        kind = random.choice(("go-chartconfig", "go-chartconfig", "collection-config"))
        data = changed(random)
        if kind == "collection-config":
            data = CONFIG.replace(
                random.choice((b"a", b"1", b"go", b"4")), random.choice(LINES)[:3]
            )
        try:
            (tmp_path / "file").write_bytes(data)
            result = run("import", kind, tmp_path / "file", "-o", made)
            assert result.code in {0, 1}, result.err
            assert made.exists() == (result.code == 0)
            if made.exists():
                compiled = run("-C", made, "compile", "-o", out)
                assert compiled.code == 0, compiled.err
                exported = run("-C", made, "export", "go-chartconfig")
                assert exported.code == 0, exported.err
                document = Document(path="config.txt", data=exported.out.encode())
                found = {each.severity for each in read_records(document).diagnostics}
                assert Severity.ERROR not in found
        except Exception as error:
            error.add_note(f"seed {seed()}, round {number}: {data!r}")
            raise
        shutil.rmtree(made, ignore_errors=True)
        shutil.rmtree(out, ignore_errors=True)
