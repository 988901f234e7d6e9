"""`retract`: a newer version that withdraws an older one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chartconfig.edge.files import Place
from chartconfig.edge.git import read_tags
from chartconfig.edge.rebuild import rebuild
from tests.cli.command import run
from tests.cli.releases import edit, refused, release, retract, state, tags

if TYPE_CHECKING:
    from pathlib import Path

TITLE = ("Editors that run gopls", "All editors that run gopls")
HELIX = ("zed, other", "zed, helix, other")


class TestRetract:
    def test_withdraws_itself_where_the_same_is_collected(self, repository: Path) -> None:
        edit(repository, *HELIX)
        assert release(repository).code == 0
        result = retract(repository, "v1.1.0")
        assert (result.code, result.err) == (0, "")
        assert result.out.endswith("\nonce v1.1.1 is published, clients go back to v1.0.0\n")
        assert tags(repository)[-1] == "v1.1.1"
        assert self.go_mod(repository) == (
            "module example.org/telemetry/config\n\nretract (\n"
            "\t// Collected the names of branches.\n\tv1.1.0\n"
            "\t// Collects the same as v1.1.0.\n\tv1.1.1\n)\n"
        )
        assert run("-C", repository, "check", "--on=2026-11-21").code == 0

    def test_withdraws_the_version_alone_where_it_was_mended(self, repository: Path) -> None:
        edit(repository, *HELIX)
        assert release(repository).code == 0
        edit(repository, *reversed(HELIX))
        result = retract(repository, "v1.1.0")
        assert result.out.endswith("\nonce v1.1.1 is published, clients take v1.1.1\n")
        assert self.go_mod(repository).count("\tv1.1.") == 1
        assert tags(repository)[-1] == "v1.1.1"

    def test_is_said_by_every_later_version(self, repository: Path) -> None:
        edit(repository, *HELIX)
        assert release(repository).code == 0
        assert retract(repository, "v1.1.0").code == 0
        edit(repository, *TITLE)
        before = state(repository)
        message = refused(release(repository), "CC918")
        assert message == "this collects the same as v1.1.1, which was withdrawn"
        assert state(repository) == before
        edit(repository, *reversed(HELIX))
        assert release(repository).code == 0
        assert tags(repository)[-1] == "v1.1.2"
        assert self.go_mod(repository).count("\tv1.1.") == 2

    def test_is_done_once(self, repository: Path) -> None:
        edit(repository, *HELIX)
        assert release(repository).code == 0
        assert retract(repository, "v1.1.0").code == 0
        before = state(repository)
        result = retract(repository, "v1.1.0")
        done = "nothing to release: v1.1.0 is withdrawn already\n"
        assert (result.code, result.out, result.err) == (0, done, "")
        assert state(repository) == before

    def test_knows_the_versions(self, repository: Path) -> None:
        message = refused(retract(repository, "v1.0.1"), "CC946")
        assert message == "v1.0.1 was never released"

    @pytest.mark.parametrize(
        ("version", "reason", "said"),
        [
            ("v1.0", "x", "`v1.0` is no version of a config, such as v1.2.3"),
            ("v1.0.0", "", "the reason for withdrawing v1.0.0 is not one line of text"),
            ("v1.0.0", "one\ntwo", "the reason for withdrawing v1.0.0 is not one line of text"),
        ],
    )
    def test_needs_a_version_and_a_reason(
        self, repository: Path, version: str, reason: str, said: str
    ) -> None:
        result = run("-C", repository, "retract", version, "--reason", reason)
        assert result.code == 2
        assert f"Error: {said}" in result.err

    def test_shows_all_and_changes_nothing(self, repository: Path) -> None:
        before = state(repository)
        result = retract(repository, "v1.0.0", "--dry-run")
        assert result.out.endswith(
            "to be made: a commit of configs/CHANGELOG.md, configs/retracted.yaml, and the tag"
            " v1.0.1\nno version is left that is not withdrawn: change the charts, and release\n"
        )
        assert state(repository) == before

    def go_mod(self, repository: Path) -> str:
        tag = read_tags(repository)[-1]
        files = rebuild(Place(base=repository, root="configs"), tag).files
        assert files
        return files["go.mod"].decode()
