"""The summary for a phone: short whatever changes, and never markup of somebody else's."""

from __future__ import annotations

import re

from chartconfig.review.difference import Comparison
from chartconfig.review.markdown import LIMIT, markdown
from tests.collection.repositories import chart, repository
from tests.review.test_edits import side

BUCKETS = ["a", "b", "other"]


def compared(count: int, low: str) -> Comparison:
    """Return what is different when the population of many charts changes."""
    charts = {
        f"gopls/c{number}": chart("gopls", "partition", counter=f"gopls/c{number}", buckets=BUCKETS)
        for number in range(count)
    }
    files = repository(charts)
    at = "configs/populations.yaml"
    other = files | {at: files[at].replace(b"low: 500k", f"low: {low}".encode())}
    return Comparison(base=side(files), head=side(other))


def test_thirty_rates_that_one_estimate_moves_are_one_line() -> None:
    text = markdown(compared(30, "700k"))
    summary, _, details = text.partition("<details>")
    assert summary.startswith("**Collects less: 31**\n")
    bullets = re.findall("^- .*$", summary, re.MULTILINE)
    assert len(bullets) == 2
    assert " 27 more: the population was raised from 500,000 to 700,000 " in bullets[1]
    assert details.count("\n- ") == 31


def test_is_capped_and_says_so() -> None:
    comparison = compared(30, "700k")
    assert len(markdown(comparison)) < LIMIT
    short = markdown(comparison, limit=3000)
    assert len(short) <= 3000
    assert "\nThe others do not fit here: see `chartconfig diff`.\n" in short
    assert short.endswith("\n</details>\n")


def test_no_change_is_one_line_and_a_table() -> None:
    text = markdown(compared(1, "500k"))
    assert text.startswith("**No change in what is collected**\n")
    assert "details" not in text
    assert "###" not in text
