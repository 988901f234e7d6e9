"""Of each change: where it is said, why it is of its class, and which chart decides."""

from __future__ import annotations

import pytest

from chartconfig.review.diff import Effect
from tests.review.test_edits import (
    BUG,
    CLIENT,
    COLLECTION,
    PEOPLE,
    TABLE,
    Edit,
    added,
    both,
    removal,
)


def told(*edits: Edit) -> dict[str, tuple[str, str, str | None]]:
    """Return what each change is of, where it is said, and why, by class: the first of each."""
    found: dict[str, tuple[str, str, str | None]] = {}
    for each in both(*edits).differences:
        place = f"{each.place.path}:{each.place.start.line}" if each.place else ""
        found.setdefault(each.change.effect.value, (place, each.why, each.chart))
    return found


REJECTED = (
    "installations with the older config still send it, and a server with the newer one rejects "
    "their whole reports"
)


@pytest.mark.parametrize(
    ("edit", "effect", "expected"),
    [
        (
            (CLIENT, "zed, other", "zed, helix, other"),
            "more",
            (f"configs/{CLIENT}:7", "chart gopls/client asks for it now", "gopls/client"),
        ),
        (removal(CLIENT), "in-flight", (f"configs/{CLIENT}:7", REJECTED, "gopls/client")),
        (
            removal(CLIENT),
            "less",
            (
                f"configs/{CLIENT}:7",
                "chart gopls/client, which asked for it, is gone",
                "gopls/client",
            ),
        ),
        (
            (CLIENT, "expires: 2027-11-01", "expires: 2026-11-01"),
            "less",
            (
                f"configs/{CLIENT}:7",
                (
                    "chart gopls/client, which asked for it, expired: its last day was 2026-11-01; "
                    "retired, and accepted until 2028-01-23"
                ),
                "gopls/client",
            ),
        ),
        (
            added("theme", "counter: gopls/theme\nbuckets: [dark, light, other]"),
            "more",
            (
                "configs/charts/gopls/theme.yaml:7",
                "the new chart gopls/theme asks for it",
                "gopls/theme",
            ),
        ),
        (
            (PEOPLE, "low: 500k", "low: 400k"),
            "more",
            (
                f"configs/{PEOPLE}:8",
                (
                    "the population was lowered from 500,000 to 400,000 installations, so more of "
                    "them need to report"
                ),
                "compile/bug",
            ),
        ),
        (
            (COLLECTION, "partition: {margin: 1%", "partition: {margin: 2%"),
            "less",
            (
                f"configs/{COLLECTION}:7",
                (
                    "the largest rate was that of chart gopls/client: chart gopls/client asks for "
                    "margin 2%, 1% before"
                ),
                "gopls/client",
            ),
        ),
        (
            (PEOPLE, "likely: 600k", "likely: 700k"),
            "none",
            (
                f"configs/{PEOPLE}:2",
                (
                    "the likely population is 700,000 installations, 600,000 before; its "
                    "counters are collected as before"
                ),
                "gopls/client",
            ),
        ),
        (
            (BUG, "depth: 16", "depth: 32"),
            "more",
            (f"configs/{BUG}:7", "more frames of each call stack are sent", "compile/bug"),
        ),
        (
            (COLLECTION, "goos: [darwin, ", "goos: ["),
            "less",
            (f"configs/{COLLECTION}:5", "reports from them are not accepted any more", None),
        ),
    ],
)
def test_where_and_why(edit: Edit, effect: str, expected: tuple[str, str, str | None]) -> None:
    assert told(edit)[effect] == expected


def test_every_change_says_why_and_all_that_matters_say_where() -> None:
    for edit, _, _ in TABLE:
        for each in both(edit).differences:
            assert each.why
            assert each.place or each.change.effect is Effect.NONE
