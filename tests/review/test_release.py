"""What a tag says of a release, and what the changelog does."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.review.diff import Change, Effect
from chartconfig.review.release import (
    Announcement,
    UnreadableTagError,
    describe,
    format_message,
    has_pending_entry,
    parse_message,
    with_entry,
)

H1 = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
END = f"Module: example.org/telemetry/config v1.1.0 {H1}\nChartconfig: 0.1.0\n"
MESSAGE = f"v1.1.0\n\nCollects more:\n\n- reports, new: all\n\n{END}"


def announcement(text: str) -> Announcement:
    return Announcement(
        version="v1.1.0",
        text=text,
        module="example.org/telemetry/config",
        h1=H1,
        chartconfig="0.1.0",
    )


def refusal(message: str, tag: str = "v1.1.0") -> str:
    with pytest.raises(UnreadableTagError) as caught:
        parse_message(message, tag=tag)
    assert caught.value.diagnostic.code == "CC920"
    return caught.value.diagnostic.message


class TestMessage:
    def test_is_read_as_it_is_written(self) -> None:
        expected = announcement("Collects more:\n\n- reports, new: all\n")
        assert parse_message(MESSAGE, tag="v1.1.0") == expected
        assert format_message(expected) == MESSAGE

    def test_may_tell_no_changes(self) -> None:
        assert parse_message(f"v1.1.0\n\n{END}", tag="v1.1.0") == announcement("")

    @given(st.lists(st.text("-ab: #\r\x0b\u2028Module", min_size=1)))
    def test_of_any_text_is_read_as_it_is_written(self, lines: list[str]) -> None:
        written = announcement("".join(f"{line}\n" for line in lines))
        assert parse_message(format_message(written), tag="v1.1.0") == written

    @pytest.mark.parametrize(
        ("old", "new", "what"),
        [
            ("v1.1.0\n\n", "v1.2.0\n\n", "its message is that of v1.2.0"),
            ("config v1.1.0", "config v1.2.0", "its message is that of v1.1.0"),
            ("example.org", "example", "nothing is published under 'example/telemetry/config'"),
            ("hSuFU=", "hSuFV=", "'h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=' is no hash"),
            ("Module:", "Modul:", "its message is not one that chartconfig release writes"),
            ("\nChartconfig", "\n\nChartconfig", "its message is not one that chartconfig"),
            ("Chartconfig: 0.1.0\n", "Chartconfig: 0.1.0", "its message is not one that"),
            ("\n\nModule", "\nModule", "its message is not one that chartconfig release writes"),
            (MESSAGE, "The autumn release\n", "its message is not one that chartconfig release"),
            (MESSAGE, "", "its message is not one that chartconfig release writes"),
        ],
    )
    def test_is_refused_as_anything_else(self, old: str, new: str, what: str) -> None:
        assert old in MESSAGE
        assert refusal(MESSAGE.replace(old, new)).startswith(f"v1.1.0: {what}")

    def test_is_that_of_its_tag(self) -> None:
        assert refusal(MESSAGE, tag="v1.1.1") == "v1.1.1: its message is that of v1.1.0"

    @given(st.text(st.sampled_from("v1.0\nModule: Chartconfig h=")))
    def test_gives_a_value_or_one_error(self, text: str) -> None:
        try:
            found = parse_message(text + END, tag="v1.1.0")
        except UnreadableTagError:
            return
        assert format_message(found) == text + END


def test_changes_are_told_by_what_they_do() -> None:
    changes = [
        Change(effect=effect, what=what, where=None, before=None, after=None)
        for effect, what in [
            (Effect.MORE, "a"),
            (Effect.MORE, "b"),
            (Effect.NONE, "c"),
        ]
    ]
    assert describe(changes) == (
        "Collects more:\n\n- a: changed\n- b: changed\n\n"
        "No change in what is collected:\n\n- c: changed\n"
    )


def test_what_changed_is_no_markup() -> None:
    change = Change(effect=Effect.NONE, what="a:{<b>,*,x_y}", where=None, before=None, after=None)
    assert describe([change]).endswith("\n- a:{\\<b>,\\*,x_y}: changed\n")


class TestChangelog:
    OLD = "# Changes\n\nText.\n\n## v1.0.0\n\nThe first.\n"

    def test_begins_with_its_title(self) -> None:
        text = with_entry(None, version="v1.0.0", text="- all\n", last=None)
        assert re.fullmatch(r"# Changelog\n\n[^#]+\n\n## v1\.0\.0\n\n- all\n", text)

    def test_has_the_newest_first(self) -> None:
        assert with_entry(self.OLD, version="v1.1.0", text="- b\n", last="v1.0.0") == (
            "# Changes\n\nText.\n\n## v1.1.0\n\n- b\n\n## v1.0.0\n\nThe first.\n"
        )

    @pytest.mark.parametrize("pending", ["v1.0.1", "v1.1.0", "v1.10.0", "v1.0.1 (soon)"])
    def test_forgets_what_was_never_released(self, pending: str) -> None:
        old = self.OLD.replace("## v1.0.0", f"## {pending}\n\nNever.\n\n## v1.0.0")
        assert has_pending_entry(old, last="v1.0.0")
        new = with_entry(old, version="v1.1.0", text="- b\n", last="v1.0.0")
        assert new == with_entry(self.OLD, version="v1.1.0", text="- b\n", last="v1.0.0")

    def test_keeps_what_came_before_the_first_release(self) -> None:
        old = "# Changes\n\n## v1.0.0-beta\n\nOld.\n"
        assert not has_pending_entry(old, last=None)
        assert with_entry(old, version="v1.0.0", text="- a\n", last=None) == (
            "# Changes\n\n## v1.0.0\n\n- a\n\n## v1.0.0-beta\n\nOld.\n"
        )

    @pytest.mark.parametrize(
        ("changelog", "last"), [(None, None), ("", "v1.0.0"), (OLD, "v1.0.0"), (OLD, "v1.1.0")]
    )
    def test_has_nothing_pending(self, changelog: str | None, last: str | None) -> None:
        assert not has_pending_entry(changelog, last=last)

    def test_of_the_first_release_is_pending_until_it_is_tagged(self) -> None:
        assert has_pending_entry(self.OLD, last=None)

    def test_written_twice_is_the_same(self) -> None:
        once = with_entry(self.OLD, version="v1.1.0", text="- b\n", last="v1.0.0")
        assert with_entry(once, version="v1.1.0", text="- b\n", last="v1.0.0") == once
