"""`due`: what has to be looked at again, for the day it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.cli.command import ROOT, changed, run

if TYPE_CHECKING:
    from pathlib import Path

SHORT = "accuracy: {margin: 0.1%, confidence: 99%}\nshortfall: accept\nexpires: 2027-11-01"


def test_lists_nothing_where_nothing_is(clean: Path) -> None:
    result = run("-C", clean, "due")
    assert (result.code, result.err, result.out) == (0, "", "nothing to do on 2026-11-20\n")
    result = run("-C", clean, "due", "--format=markdown")
    assert (result.code, result.out) == (0, "Nothing is due on 2026-11-20.\n")


def test_lists_a_shortfall_that_was_accepted(clean: Path) -> None:
    changed(clean, "expires: 2027-11-01", SHORT)
    result = run("-C", clean, "due")
    assert result.code == 0
    assert result.out.startswith("Short of its accuracy\n  gopls/client  @golang/tools\n")
    assert result.out.endswith("\nnothing to do on 2026-11-20\n")


def test_lists_all_that_is_due(clean: Path) -> None:
    changed(clean, "expires: 2027-11-01", "expires: 2027-07-10")
    path = clean / "configs/retired.yaml"
    path.write_text(
        "# yaml-language-server: $schema=../schema/retired.schema.json\n"
        "- {program: cmd/go, counters: [go/x], until: 2027-06-01, reason: Old.}\n",
        encoding="utf-8",
    )
    result = run("-C", clean, "due", "--on=2027-06-20", "--format=json")
    document = json.loads(result.out)
    assert (result.code, document["format"], document["on"]) == (
        1,
        "chartconfig/due/v1",
        "2027-06-20",
    )
    assert [(each["heading"], each["subject"], each["owners"]) for each in document["due"]] == [
        ("Expires within 60 days", "gopls/client", ["@golang/tools"]),
        ("Population estimate older than a year", "populations.yaml", []),
        ("Population estimate older than a year", "populations.yaml", []),
        ("Retired for long enough", "retired.yaml", []),
    ]
    page = (ROOT / "docs/formats/json.md").read_text(encoding="utf-8")
    shown = json.loads(page.partition("## due\n\n```json\n")[2].partition("```")[0])
    assert document | {"due": document["due"][:1]} == shown
    result = run("-C", clean, "due", "--on=2027-06-20", "--format=markdown")
    assert (
        result.out
        == """\
As of 2027-06-20, as `chartconfig due` lists it.

## Expires within 60 days

- [ ] **gopls/client** (`@golang/tools`): expires on 2027-07-10, in 20 days
  if the answer is still needed: chartconfig renew gopls/client

## Population estimate older than a year

- [ ] **populations.yaml**: the estimate of \\`gopls\\` is of 2026-06-01
  estimate it again; rates are only as good as the population
- [ ] **populations.yaml**: the estimate of \\`go\\` is of 2026-06-01
  estimate it again; rates are only as good as the population

## Retired for long enough

- [ ] **retired.yaml**: the last day was 2027-06-01, and nothing of it is accepted any more
  delete the entry, and the file with the last one
"""
    )
    assert run("-C", clean, "due", "--on=2027-06-20").out.endswith(
        "\n4 things to do on 2027-06-20\n"
    )
