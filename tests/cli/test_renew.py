"""`renew`: one date is another, and every other byte is the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.command import changed, run

if TYPE_CHECKING:
    from pathlib import Path

CLIENT = "configs/charts/gopls/client.yaml"
BUG = "configs/charts/compile/bug.yaml"


@pytest.mark.parametrize(
    "line",
    [
        "expires: 2027-11-01",
        "expires:   2027-11-01   # 2027-11-01, as agreed",
        '"expires" : "2027-11-01"',
        "expires: '2027-11-01'",
        "expires:\n  2027-11-01",
        "expires: 2027-11-01\r",
        "# ü expires: 2027-11-01\nexpires: 2027-11-01",
    ],
)
def test_writes_nothing_but_the_date(clean: Path, line: str) -> None:
    changed(clean, "expires: 2027-11-01", line)
    path = clean / CLIENT
    data = path.read_bytes()
    if line.endswith("\r"):
        data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        path.write_bytes(data)
    result = run("-C", clean, "renew", "gopls/client", "--until", "2028-05-31")
    assert (result.code, result.err, result.out) == (
        0,
        "",
        f"gopls/client expires on 2028-05-31, 2027-11-01 before  {CLIENT}\n",
    )
    at = data.index(b"2027-11-01", data.index(b"\nexpires") if b"\nexpires" in data else 0)
    assert path.read_bytes() == data[:at] + b"2028-05-31" + data[at + 10 :]
    assert run("-C", clean, "check").code == 0


def test_takes_a_year_by_default(clean: Path) -> None:
    changed(clean, "expires: 2027-11-01", "expires: 2026-11-30")
    result = run("-C", clean, "renew", "gopls/client", "--format=json")
    assert json.loads(result.out) == {
        "format": "chartconfig/renew/v1",
        "charts": [
            {"id": "gopls/client", "path": CLIENT, "before": "2026-11-30", "after": "2027-11-20"}
        ],
    }


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        (
            "expires: 2028-05-31",
            "gopls/client expires on 2028-05-31, which is not before 2028-05-31",
            "name a later day with --until; a chart that is to end earlier is edited",
        ),
        (
            "expires: never\nreason: It is asked anew for each release.",
            "gopls/client never expires",
            "leave it out: nothing is to be renewed",
        ),
    ],
)
def test_all_or_none(clean: Path, line: str, message: str, hint: str) -> None:
    changed(clean, "expires: 2027-11-01", line)
    before = (clean / BUG).read_bytes()
    result = run("-C", clean, "renew", "compile/bug", "gopls/client", "--until=2028-05-31")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"error[CC609] not-renewed: {message}\n  --> {CLIENT}:11:10\n")
    assert f"= help: {hint}\n" in result.err
    assert (clean / BUG).read_bytes() == before


def test_refuses_what_is_not_there(clean: Path) -> None:
    result = run("-C", clean, "renew", "gopls/nobody")
    assert result.code == 2
    assert "there is no chart 'gopls/nobody'" in result.err
    assert run("-C", clean, "renew").code == 2
