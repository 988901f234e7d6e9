"""What a tag compiles to, beside what it says."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from chartconfig import __version__
from chartconfig.edge.files import find_place
from chartconfig.edge.git import read_tags
from chartconfig.edge.rebuild import rebuild, rebuild_or_refuse
from chartconfig.errors import ChartconfigError
from chartconfig.module.dirhash import hash_module
from tests.cli.command import BASE, changed
from tests.edge.repository import commit, git
from tests.releases import compiled, released

if TYPE_CHECKING:
    from pathlib import Path

OTHER = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
MODULE = "example.org/telemetry/config"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    shutil.copytree(BASE, folder)
    return folder


def refusal(repository: Path) -> tuple[str, str | None]:
    (tag,) = read_tags(repository)
    assert not rebuild(find_place(repository), tag).is_same
    with pytest.raises(ChartconfigError) as caught:
        rebuild_or_refuse(find_place(repository), tag)
    assert caught.value.diagnostic.code == "CC912"
    return caught.value.diagnostic.message, caught.value.diagnostic.hint


def tag_by_hand(repository: Path, end: str) -> None:
    message = f"--message=v1.0.0\n\n{end}"
    git(repository, "tag", "--annotate", "--cleanup=verbatim", message, "v1.0.0")


def test_the_same_whatever_the_work_tree_has(repository: Path) -> None:
    h1 = released(repository, "v1.0.0")
    files = compiled(repository)
    changed(repository, "zed, other", "other")
    (tag,) = read_tags(repository)
    rebuilt = rebuild(find_place(repository), tag)
    assert (rebuilt.is_same, rebuilt.h1, rebuilt.files) == (True, h1, files)
    assert rebuild_or_refuse(find_place(repository), tag) == (files, rebuilt.origin)
    assert rebuilt.origin.commit == git(repository, "rev-parse", "HEAD")


def test_only_of_what_was_merged(repository: Path) -> None:
    commit(repository)
    git(repository, "switch", "--quiet", "--create", "aside")
    changed(repository, "zed, other", "other")
    released(repository, "v1.0.0")
    git(repository, "switch", "--quiet", "-")
    (tag,) = read_tags(repository)
    with pytest.raises(ChartconfigError, match=r"v1\.0\.0 is no part of the history") as caught:
        rebuild(find_place(repository), tag)
    assert caught.value.diagnostic.code == "CC917"


def test_the_same_by_a_newer_chartconfig(repository: Path) -> None:
    commit(repository)
    files = dict(compiled(repository))
    older, newer = (f'"chartconfig": "{version}"'.encode() for version in ("0.0.9", __version__))
    files["manifest.json"] = files["manifest.json"].replace(newer, older)
    h1 = hash_module(files, module=MODULE, version="v1.0.0")
    tag_by_hand(repository, f"Module: {MODULE} v1.0.0 {h1}\nChartconfig: 0.0.9\n")
    (tag,) = read_tags(repository)
    assert rebuild_or_refuse(find_place(repository), tag)[0] == files


def test_another_hash(repository: Path) -> None:
    released(repository, "v1.0.0", h1=OTHER)
    message, hint = refusal(repository)
    assert message.startswith("v1.0.0 compiles to h1:")
    assert message.endswith(f", and what was released is {OTHER}")
    assert hint == "do not publish it: nobody signed what it compiles to"


def test_another_hash_by_another_chartconfig(repository: Path) -> None:
    released(repository, "v1.0.0", h1=OTHER, chartconfig="9.9.9")
    _, hint = refusal(repository)
    assert hint == f"use chartconfig 9.9.9, which compiled it; this is {__version__}"


def test_another_module(repository: Path) -> None:
    h1 = released(repository, "v1.0.0")
    git(repository, "tag", "--delete", "v1.0.0")
    end = f"Module: example.org/other v1.0.0 {h1}\nChartconfig: {__version__}\n"
    tag_by_hand(repository, end)
    refusal(repository)


def test_charts_with_errors(repository: Path) -> None:
    changed(repository, "counter: gopls/client", "counter: gopls/client name")
    commit(repository)
    tag_by_hand(repository, f"Module: {MODULE} v1.0.0 {OTHER}\nChartconfig: {__version__}\n")
    message, _ = refusal(repository)
    assert message == f"v1.0.0 has errors, and what was released is {OTHER}"
