"""What a client keeps: whole files, for this user alone, one client at a time."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from chartconfig.edge.cache import DirectoryCache, default_cache
from chartconfig.errors import ChartconfigError


def test_gives_back_what_was_kept(tmp_path: Path) -> None:
    cache = DirectoryCache(tmp_path / "cache")
    assert cache.read("a/b") is None
    cache.write("a/b", b"one")
    cache.write("a/b", b"another")
    assert cache.read("a/b") == b"another"
    assert cache.read("a") is None
    assert sorted(path.name for path in (tmp_path / "cache").rglob("*")) == ["a", "b"]


def test_is_for_its_user_alone(tmp_path: Path) -> None:
    cache = DirectoryCache(tmp_path / "cache")
    with cache.locked():
        cache.write("a", b"")
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700


def test_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = DirectoryCache(tmp_path / "file")
    with pytest.raises(ChartconfigError, match="file cannot be read: not a directory"):
        cache.read("a")
    with pytest.raises(ChartconfigError, match="cannot be written"):
        cache.write("a", b"")
    with pytest.raises(ChartconfigError, match="cannot be written"), cache.locked():
        pass
    (tmp_path / ".lock").mkdir()
    taken = DirectoryCache(tmp_path)
    with pytest.raises(ChartconfigError, match="cannot be written"), taken.locked():
        pass


def test_what_cannot_be_read_is_not_nothing(tmp_path: Path) -> None:
    (tmp_path / "state.json").symlink_to("state.json")
    with pytest.raises(ChartconfigError, match=r"state\.json cannot be read: too many levels"):
        DirectoryCache(tmp_path).read("state.json")


@pytest.mark.parametrize(
    ("platform", "base", "expected"),
    [
        ("linux", "/xdg", "/xdg/chartconfig"),
        ("linux", "", "/home/me/.cache/chartconfig"),
        ("darwin", "", "/home/me/Library/Caches/chartconfig"),
        ("darwin", "/xdg", "/xdg/chartconfig"),
        ("linux", "relative", "/home/me/.cache/chartconfig"),
    ],
)
def test_is_where_users_have_theirs(
    monkeypatch: pytest.MonkeyPatch, platform: str, base: str, expected: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("XDG_CACHE_HOME", base)
    monkeypatch.setenv("HOME", "/home/me")
    assert default_cache() == Path(expected)


def test_is_nowhere_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "relative")
    assert default_cache() is None
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)  # nobody's
    assert default_cache() is None
