"""What two builds mean differently, all their files together."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import pytest

from chartconfig.pipeline import build, check
from chartconfig.review.compiled import Published, compare_compiled, same
from chartconfig.source.document import Document
from tests.collection.repositories import ORIGIN
from tests.scenarios.repository import BASE

if TYPE_CHECKING:
    from chartconfig.review.diff import Change

CLIENT = "configs/charts/gopls/client.yaml"
RETRACTED = "# yaml-language-server: $schema=../schema/retracted.schema.json\n"


@cache
def built(*edits: tuple[str, str, str]) -> dict[str, bytes]:
    """Return what the small base compiles to; each edit is a path, an old text and a new one."""
    files = {path: data.decode() for path, data in BASE.items()}
    for path, old, new in edits:
        assert old in files.get(path, "")
        files[path] = files.get(path, "").replace(old, new, 1)
    documents = [Document(path=path, data=text.encode()) for path, text in files.items()]
    checked = check(documents, on=date(2026, 11, 20))
    assert checked.compilable, checked.diagnostics
    return build(checked.compilable, documents=documents, origin=ORIGIN)


def compared(before: dict[str, bytes] | None, after: dict[str, bytes]) -> tuple[Change, ...]:
    """Return every difference between the files of two builds."""
    was = None if before is None else Published(files=before)
    return compare_compiled(was, Published(files=after))


def told(*edits: tuple[str, str, str]) -> list[str]:
    """Return what is told of edits; what is told the other way round is never nothing either."""
    assert compared(built(*edits), built())
    changes = compared(built(), built(*edits))
    return [f"{change.effect.value}: {change}" for change in changes]


def test_same_builds_have_no_change() -> None:
    assert compared(built(), built()) == ()
    other = built() | {"manifest.json": b"of another commit"}
    assert same(built(), other)
    assert compared(built(), other) == ()
    assert not same(built(), built() | {"more": b""})


def test_first_build_is_compared_with_nothing() -> None:
    changes = [str(change) for change in compared(None, built())]
    assert changes[0] == "reports, new: 2.73 a year at most"
    assert "stack compile/bug of cmd/compile, new: 1.822%" in changes


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (
            (CLIENT, "expires: 2027-11-01", "expires: 2028-11-01"),
            "more: expiry of chart gopls/client: 2028-11-01, 2027-11-01 before",
        ),
        (
            (CLIENT, "expires: 2027-11-01", "expires: 2027-02-01"),
            "less: expiry of chart gopls/client: 2027-02-01, 2027-11-01 before",
        ),
        (
            (CLIENT, "expires: 2027-11-01", "expires: never\nreason: It is always asked."),
            "more: expiry of chart gopls/client: never, 2027-11-01 before",
        ),
        (
            (CLIENT, "title: Editors", "title: All editors"),
            "none: title of chart gopls/client: changed",
        ),
        (
            ("configs/collection.yaml", "module: example.org/", "module: example.com/"),
            ("more: module: example.com/telemetry/config, example.org/telemetry/config before"),
        ),
    ],
)
def test_what_config_json_does_not_show(edit: tuple[str, str, str], expected: str) -> None:
    assert expected in told(edit)


def test_a_config_that_is_the_same_has_charts_that_come_and_go() -> None:
    charts = json.loads(built()["charts.json"])
    charts["charts"].append(charts["charts"][-2] | {"id": "gopls/again"})
    extra = built() | {"charts.json": json.dumps(charts).encode()}
    assert [str(change) for change in compared(built(), extra)] == [
        "chart gopls/again, new: Editors that run gopls"
    ]
    assert [str(change) for change in compared(extra, built())] == [
        "chart gopls/again, gone: Editors that run gopls"
    ]


def test_withdrawals() -> None:
    one = ("configs/retracted.yaml", "", f"{RETRACTED}v1.1.0: Too much.\n")
    two = ("configs/retracted.yaml", "Too much.\n", "Far too much.\nv1.1.1: And again.\n")
    assert told(one) == ["none: withdrawal of v1.1.0, new: Too much."]
    assert [str(change) for change in compared(built(one), built(one, two))] == [
        "withdrawal of v1.1.0: Far too much., Too much. before",
        "withdrawal of v1.1.1, new: And again.",
    ]
    assert [str(change) for change in compared(built(one), built())] == [
        "withdrawal of v1.1.0, gone: Too much."
    ]


def test_anything_else_is_told_by_its_file() -> None:
    other = built() | {"README.md": b"", "charts.json": built()["charts.json"] + b"\n"}
    assert [str(change) for change in compared(built(), other)] == [
        "what README.md and charts.json say besides: changed"
    ]
