"""What a look-up changes of an entry of the version lock, and the text of the lock."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.charts.lock import encode_lock
from chartconfig.charts.parse import parse
from chartconfig.charts.versions import Known, looked_up, read_known, uncovered
from chartconfig.module.padding import Padding, padded
from chartconfig.module.registry import Listing, listing
from chartconfig.module.version import Scheme
from chartconfig.source.document import Document
from chartconfig.source.nodes import plain
from chartconfig.source.yaml import compose
from tests.scenarios.repository import BASE, ROOT, documents, read

if TYPE_CHECKING:
    from chartconfig.charts.repository import Repository

FIRST, SECOND = date(2026, 11, 20), date(2026, 11, 21)
PATH = "configs/versions.lock.yaml"
PATCH = Padding(releases=1, major=0, minor=0, patch=1)


def seen(*versions: str, yanked: tuple[str, ...] = ()) -> Listing:
    return listing(versions, Scheme.GO_MODULE, yanked)


def again(
    old: Known | None,
    found: Listing,
    *,
    since: str | None = None,
    padding: Padding = PATCH,
    on: date = FIRST,
) -> Known:
    return looked_up(
        old, found, source="there", scheme=Scheme.GO_MODULE, since=since, padding=padding, on=on
    )


class TestLookedUp:
    def test_the_first_time(self) -> None:
        assert again(None, seen("v1.10.0", "v1.9.0", yanked=("v1.9.0",))) == Known(
            source="there",
            updated="2026-11-20",
            versions=("v1.9.0", "v1.10.0"),
            ahead=("v1.10.1",),
            yanked=("v1.9.0",),
        )

    def test_nothing_new_leaves_the_day(self) -> None:
        first = again(None, seen("v1.0.0"))
        assert again(first, seen("v1.0.0"), on=SECOND) == first

    @pytest.mark.parametrize(
        ("found", "padding", "source"),
        [
            (seen("v1.0.0", "v1.0.1"), PATCH, "there"),
            (seen("v1.0.0", yanked=("v1.0.0",)), PATCH, "there"),
            (seen("v1.0.0"), replace(PATCH, patch=0), "there"),
            (seen("v1.0.0"), PATCH, "elsewhere"),
        ],
    )
    def test_anything_new_is_of_the_day(
        self, found: Listing, padding: Padding, source: str
    ) -> None:
        first = again(None, seen("v1.0.0"))
        second = looked_up(
            first,
            found,
            source=source,
            scheme=Scheme.GO_MODULE,
            since=None,
            padding=padding,
            on=SECOND,
        )
        assert (first.updated, second.updated) == ("2026-11-20", "2026-11-21")

    def test_what_came_is_no_longer_ahead(self) -> None:
        first = again(None, seen("v1.0.0"))
        second = again(first, seen("v1.0.0", "v1.0.1"))
        assert (second.versions, second.ahead) == (("v1.0.0", "v1.0.1"), ("v1.0.2",))

    def test_what_is_gone_stays_and_is_marked(self) -> None:
        first = again(None, seen("v1.0.0", "v1.1.0", "v1.2.0", yanked=("v1.1.0",)))
        second = again(first, seen("v1.2.0"))
        assert second.versions == first.versions
        assert (second.yanked, second.gone) == (("v1.1.0",), ("v1.0.0", "v1.1.0"))
        back = again(second, seen("v1.0.0", "v1.1.0", "v1.2.0"))
        assert (back.yanked, back.gone) == ((), ())

    def test_versions_before_the_first_one_that_counts_are_left_out(self) -> None:
        first = again(None, seen("v1.0.0", "v1.1.0", "v1.2.0-rc.1"), since="v1.1.1")
        assert (first.versions, first.ahead) == (("v1.2.0-rc.1",), ("v1.1.1",))
        old = Known(source="there", updated="2026-11-01", versions=("v1.0.0",), ahead=())
        assert again(old, seen("v1.0.0", "v1.1.0"), since="v1.1.0").versions == ("v1.0.0", "v1.1.0")

    def test_what_was_written_by_hand_stays_too(self) -> None:
        hand = ("v1.0.0", "v1.0.1", "v1.0.7")
        old = Known(source="a page", updated="2026-11-01", versions=hand)
        assert again(old, seen("v1.0.0")) == Known(
            source="there",
            updated="2026-11-20",
            versions=hand,
            gone=("v1.0.1", "v1.0.7"),
        )


NUMBERS = st.integers(0, 3)
VERSIONS = st.builds(
    "v{}.{}.{}{}".format, NUMBERS, NUMBERS, NUMBERS, st.sampled_from(["", "-pre.1"])
)
LISTINGS = st.builds(
    lambda versions, yanked: seen(*versions, yanked=tuple(yanked)),
    st.lists(VERSIONS, min_size=1, max_size=8),
    st.lists(VERSIONS, max_size=3),
)
PADDINGS = st.builds(Padding, releases=NUMBERS, major=NUMBERS, minor=NUMBERS, patch=NUMBERS)


class TestLaws:
    @given(st.lists(LISTINGS, min_size=1, max_size=5), PADDINGS, st.none() | VERSIONS)
    def test_of_any_history(
        self, history: list[Listing], padding: Padding, since: str | None
    ) -> None:
        known, ever = None, set[str]()
        key = Scheme.GO_MODULE.sort_key
        for found in history:
            before = known
            known = again(known, found, padding=padding, since=since)
            ever |= {v for v in found.versions if since is None or key(v) >= key(since)}
            assert set(known.versions) == ever  # never lost, nothing made up
            assert set(known.gone) == ever - set(found.versions)
            assert set(known.yanked) <= ever
            expected = padded(found.versions, Scheme.GO_MODULE, padding)
            later = {v for v in expected if since is None or key(v) >= key(since)}
            assert set(known.ahead) == later - ever
            assert list(known.versions) == sorted(known.versions, key=key)
            assert again(known, found, padding=padding, since=since, on=SECOND) == known
            if before is not None:
                assert set(before.versions) <= set(known.versions)
            assert uncovered(known, scheme=Scheme.GO_MODULE, since=since, padding=padding) == ()

    @given(st.lists(VERSIONS, min_size=1, max_size=8), LISTINGS)
    def test_of_what_was_written_by_hand(self, versions: list[str], found: Listing) -> None:
        hand = tuple(dict.fromkeys(versions))
        old = Known(source="a page", updated="2026-11-01", versions=hand)
        first = again(old, found)
        assert set(hand) <= set(first.versions)
        assert set(hand) <= set(again(first, seen("v9.0.0")).versions)


class TestUncovered:
    KNOWN = Known(
        source="there", updated="2026-11-20", versions=("v1.0.0", "v1.0.1"), ahead=("v1.0.2",)
    )

    def uncovered(self, *found: str, **more: object) -> tuple[str, ...]:
        padding = Padding(major=0, minor=0, patch=9)
        asked = {"scheme": Scheme.GO_MODULE, "since": None, "padding": padding, **more}
        return uncovered(self.KNOWN, **asked, seen=found or None)  # type: ignore[arg-type]

    def test_two_patches_of_tomorrow(self) -> None:
        assert self.uncovered() == ("v1.0.3",)

    def test_what_the_program_never_releases_is_not_missed(self) -> None:
        assert self.uncovered(padding=Padding(major=0, minor=0, patch=1)) == ()

    def test_from_what_there_is(self) -> None:
        assert self.uncovered("v1.0.0") == ()
        assert self.uncovered("v1.0.5") == ("v1.0.5", "v1.0.6", "v1.0.7")
        assert self.uncovered("v1.0.5", since="v1.0.6") == ("v1.0.6", "v1.0.7")

    def test_what_is_gone_is_not_the_newest(self) -> None:
        gone = replace(self.KNOWN, gone=("v1.0.1",))
        padding = Padding(major=0, minor=0)
        assert uncovered(gone, scheme=Scheme.GO_MODULE, since=None, padding=padding) == ()


COMMENTED = """\
# yaml-language-server: $schema=../schema/versions.schema.json
# For reviewers # and others

toolchain:  # of Go
  source: "a # b"
  # of the day
  updated: 2026-11-01   # a Sunday
  versions: [go1.25.0, # first
    go1.26.0] # second
  # before programs
programs:
  # of gopls
  gopls:
    source: >-
      a page # no comment
      of: two lines
    # after the source
    updated: 2026-11-01
    versions:
    - v0.13.0 # one
    # before v0.16.0
    - v0.16.0
    - "v0.20.0"
    ahead:
    # will it come?
    - v0.20.1 # perhaps
    # surely
    - v0.20.2
    gone: [v0.13.0] # a pity
# at the end
"""
WRITTEN = """\
# yaml-language-server: $schema=../schema/versions.schema.json
# For reviewers # and others
toolchain:  # of Go
  source: >-
    a # b
  # of the day
  updated: 2026-11-01  # a Sunday
  versions:
    - go1.25.0  # first
    - go1.26.0  # second
# before programs
programs:
  # of gopls
  gopls:
    source: >-
      a page # no comment of: two lines
    # after the source
    updated: 2026-11-01
    versions:
      - v0.13.0  # one
      # before v0.16.0
      - v0.16.0
      - v0.20.0
    ahead:
      # will it come?
      - v0.20.1  # perhaps
      # surely
      - v0.20.2
    gone:
      - v0.13.0  # a pity
# at the end
"""


SCHEMA = "# yaml-language-server: $schema=../schema/versions.schema.json\n"
WHERE = """\
toolchain:
  source: a page
  updated: 2026-11-01
  versions: [
    go1.25.0, go1.26.0,
    go1.26.1
  ]
programs:
  gopls:
    source: >-
      a page # that
      is folded
    updated: 2026-11-02
    versions:
      - v0.13.0
      - v0.20.0
    ahead: [v0.20.1]
    yanked: [
      v0.13.0]
"""
IN_FULL = SCHEMA + WHERE


def repository(lock: str) -> Repository:
    parsed = parse(documents({**BASE, PATH: lock.encode()}))
    assert parsed.diagnostics == ()
    assert parsed.repository is not None
    return parsed.repository


def rewritten(lock: str, **programs: Known) -> str:
    """Return the lock after entries have changed."""
    versions = repository(lock).versions
    merged = {**versions.programs, **programs}
    return encode_lock(versions.toolchain, merged, path=PATH, old=versions.document).decode()


class TestLock:
    @pytest.mark.parametrize("lock", [COMMENTED, WRITTEN, COMMENTED.replace("\n", "\r\n")])
    def test_keeps_comments(self, lock: str) -> None:
        assert rewritten(lock) == WRITTEN

    def test_keeps_what_configs_has(self) -> None:
        lock = read(ROOT / "configs")["versions.lock.yaml"].decode()
        assert rewritten(lock) == lock

    def test_moves_comments_with_versions(self) -> None:
        known = repository(COMMENTED).versions.programs["gopls"]
        came = replace(known, versions=(*known.versions, "v0.20.1"), ahead=("v0.20.3",), gone=())
        assert rewritten(COMMENTED, gopls=came).partition("  gopls:\n")[2] == (
            "    source: >-\n"
            "      a page # no comment of: two lines\n"
            "    # after the source\n"
            "    updated: 2026-11-01\n"
            "    # surely\n"
            "    # a pity\n"
            "    versions:\n"
            "      - v0.13.0  # one\n"
            "      # before v0.16.0\n"
            "      - v0.16.0\n"
            "      - v0.20.0\n"
            "      # will it come?\n"
            "      - v0.20.1  # perhaps\n"
            "    ahead:\n"
            "      - v0.20.3\n"
            "# at the end\n"
        )

    def test_puts_new_programs_behind_in_their_order(self) -> None:
        known = Known(source="a page", updated="2026-11-20", versions=("1.20", "24"))
        lock = rewritten(WRITTEN, zeta=known, alpha=known)
        entry = (
            "    source: a page\n    updated: 2026-11-20\n"
            '    versions:\n      - "1.20"\n      - "24"\n'
        )
        assert lock.endswith(
            f"      - v0.13.0  # a pity\n  alpha:\n{entry}  zeta:\n{entry}# at the end\n"
        )
        assert repository(lock).versions.programs["zeta"] == known

    @given(st.data())
    def test_loses_no_comment_wherever_it_stands(self, data: st.DataObject) -> None:
        lines = WHERE.splitlines()
        folded = range(lines.index("    source: >-") + 1, lines.index("    updated: 2026-11-02"))
        written = 0
        for at in range(len(lines)):
            if at not in folded and data.draw(st.booleans()):
                lines[at] += f" # {(written := written + 1)}."
            if at not in folded and data.draw(st.booleans()):
                lines[at] = f"  # {(written := written + 1)}.\n{lines[at]}"
        lock = SCHEMA + "".join(f"{line}\n" for line in lines)
        once = rewritten(lock)
        assert sorted(re.findall(r"# (\d+)\.", once)) == sorted(map(str, range(1, written + 1)))
        assert repository(once).versions.programs == repository(IN_FULL).versions.programs
        assert rewritten(once) == once

    def test_is_written_where_there_was_none(self) -> None:
        known = Known(source="https://go.dev/dl/", updated="2026-11-20", versions=())
        assert encode_lock(known, {}, path=PATH) == (
            b"# yaml-language-server: $schema=../schema/versions.schema.json\n"
            b"toolchain:\n  source: https://go.dev/dl/\n  updated: 2026-11-20\n  versions: []\n"
        )

    @given(
        st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=150)
        .map(lambda text: " ".join(text.split()))
        .filter(bool),
        st.lists(st.from_regex(r"[0-9A-Za-z][0-9A-Za-z.!_-]{0,8}", fullmatch=True), max_size=4),
    )
    def test_reads_back_as_it_was(self, source: str, versions: list[str]) -> None:
        known = Known(source=source, updated="2026-11-20", versions=tuple(versions))
        data = encode_lock(known, {"x": known}, path=PATH)
        root, found = compose(Document(path=PATH, data=data))
        assert found == ()
        assert root is not None
        tree = plain(root)
        assert isinstance(tree, dict)
        assert read_known(tree["toolchain"]) == known  # type: ignore[arg-type]
