"""`publish` to a site of hundreds of versions: what it takes does not grow with them."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.publishing import NAME, make
from chartconfig.edge.store import DirectoryStore
from tests.cli.command import BASE, run
from tests.cli.releases import ALONE

if TYPE_CHECKING:
    from pathlib import Path

FEW, MANY = 10, 600


def shape(paths: list[str]) -> list[str]:
    """Return paths without what stands in them for the newest version, record or tile."""
    return [re.sub(r"v1\.\d+\.0|\d{3}\.p/\d{2,}|000\.p/9$", "N", path) for path in paths]


def taken(folder: Path) -> tuple[list[str], list[str], list[str]]:
    """Publish the newest release; return the git commands, the reads and the writes of that."""
    commands: list[str] = []
    reads: list[str] = []
    do, read = subprocess.run, DirectoryStore.read
    with pytest.MonkeyPatch.context() as patch:

        def count(
            command: list[str],
            **options: Any,  # noqa: ANN401 - those of `subprocess.run`
        ) -> subprocess.CompletedProcess[bytes]:
            at = command.index("-C")
            commands.append(command[at + 2])
            return do(command, **options)

        def note(self: DirectoryStore, path: str) -> bytes | None:
            reads.append(path)
            return read(self, path)

        patch.setattr(subprocess, "run", count)
        patch.setattr(DirectoryStore, "read", note)
        at = ("-C", folder / "repository", "publish", folder / "site")
        result = run(*at, "--key", folder / "log.key", "--format=json")
    assert result.code == 0, result.err
    return commands, reads, json.loads(result.out)["versions"][0]["written"]


@pytest.mark.parametrize("listed", [True, False])
def test_takes_as_much_as_to_one_of_a_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, listed: bool
) -> None:
    for name, value in ALONE.items():
        monkeypatch.setenv(name, value)
    few, many = (tmp_path / str(count) for count in (FEW, MANY))
    for folder, count in ((few, FEW), (many, MANY)):
        make(folder, configs=BASE / "configs", count=count, listed=listed)
    commands, reads, writes = taken(few)
    more_commands, more_reads, more_writes = taken(many)
    assert more_commands == commands
    level = f"sumdb/{NAME}/tile/8/1/000.p/2"  # a tree of more than 256 records has one more
    assert shape(more_reads) == [*shape(reads)[:3], level, *shape(reads)[3:]]
    assert shape(more_writes) == shape(writes)
    assert len(writes) == 12
