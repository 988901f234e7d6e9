"""A target that cannot be met comes with ways out, and each of them is one."""

from __future__ import annotations

import re
from random import Random

import pytest

from tests.scenarios.repository import BASE, CLIENT, Files, found, with_keys

BUG = "configs/charts/compile/bug.yaml"
RATIO = "configs/charts/go/gopath-mode.yaml"
SHORT = {"CC408", "CC410"}


def shortfall(files: Files, path: str) -> str | None:
    """Return the help of the finding that a chart's target cannot be met; None if it can."""
    hints = [
        diagnostic.hint
        for diagnostic in found(files)
        if diagnostic.code in SHORT and diagnostic.span and diagnostic.span.path == path
    ]
    assert len(hints) <= 1
    return hints[0] if hints else None


def random_case(random: Random) -> tuple[Files, str, str]:
    """Return files in which the target of one chart is hard, its path, and its accuracy."""
    path = random.choice((CLIENT, BUG, RATIO))
    share = f"{random.choice((1, 2, 5)) * 10 ** -random.randint(0, 2):.4f}%"
    change = f"change: {share}, power: {random.choice(('80%', '95%'))}"
    ten_times = f"{10 * float(share[:-1]):.3f}%"
    target = {
        CLIENT: random.choice(
            (
                f"margin: {share}",
                f"margin: {share}, simultaneous: true",
                f"relative_margin: {ten_times}, smallest_share: 2%",
                change,
            )
        ),
        BUG: f"detect: {share}, reports: {random.choice((1, 3, 20))}",
        RATIO: random.choice(
            (
                f"distribution_margin: {share}",
                f"margin: {share}",
                f"margin: {share}, guaranteed: true",
                change,
            )
        ),
    }[path]
    accuracy = f"{target}, confidence: {random.choice(('90%', '95%', '99%'))}"
    if random.random() < 0.3:
        accuracy += f", weeks: {random.randint(2, 8)}"
    if random.random() < 0.3:
        accuracy += ", for_each: [os], smallest_group: 5%" + random.choice(("", ", groups: 3"))
    low = random.choice((2_000, 30_000, 400_000))
    files = with_population(BASE, low)
    if random.random() < 0.5:
        budget = f"max_reports_per_year: {random.choice((0.1, 0.52, 1))}\n"
        files = with_keys(files, "configs/collection.yaml", budget)
    if random.random() < 0.5:
        path_since = {CLIENT: "v0.16.0", BUG: "go1.25.1", RATIO: "go1.25.1"}[path]
        files = with_keys(files, path, f"since: {path_since}\n")
    return files, path, accuracy


def with_population(files: Files, low: int) -> Files:
    numbers = f"low: {low}, likely: {low * 2}, high: {low * 3}, as_of: 2026-06-01, source: a survey"
    return with_keys(
        files,
        "configs/populations.yaml",
        f"go: {{{numbers}, adoption: {{go1.25.0: 100%, go1.25.1: 35%}}}}\n"
        f"gopls: {{{numbers}, adoption: {{v0.13.0: 100%, v0.16.0: 7%}}}}\n",
    )


@pytest.mark.parametrize("seed", range(60))
def test_each_way_out_makes_the_finding_go_away(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - the same cases in every run
    hint = None
    while hint is None:
        files, path, accuracy = random_case(random)
        before = with_keys(files, path, f"accuracy: {{{accuracy}}}\n")
        hint = shortfall(before, path)
    if way := re.search(r"ask for `(\w+): ([0-9.]+%)`", hint):
        wider = re.sub(rf"{way[1]}: [0-9.]+%", f"{way[1]}: {way[2]}", accuracy)
        assert shortfall(with_keys(files, path, f"accuracy: {{{wider}}}\n"), path) is None, hint
    if way := re.search(r"pool `(weeks: [0-9]+)`", hint):
        longer = re.sub(", weeks: [0-9]+", "", accuracy) + f", {way[1]}"
        assert shortfall(with_keys(files, path, f"accuracy: {{{longer}}}\n"), path) is None, hint
    if way := re.search(r"have ([0-9,]+) installations at `low`", hint):
        more = with_population(before, int(way[1].replace(",", "")))
        assert shortfall(more, path) is None, hint
    assert hint.endswith("say `shortfall: accept`")
    accepted = with_keys(before, path, "shortfall: accept\n")
    told = {each.code for each in found(accepted) if each.span and each.span.path == path}
    assert told - {"CC413"} == {"CC411"}  # CC413 says why the margin is too fine


def test_all_three_ways() -> None:
    files = with_keys(BASE, CLIENT, "accuracy: {margin: 0.1%, confidence: 99%}\n")
    assert shortfall(files, CLIENT) == (
        "ask for `margin: 0.706%`, pool `weeks: 50`, have 14,931,037 installations at `low`, "
        "or say `shortfall: accept`"
    )


def test_a_way_that_no_file_can_say_is_not_one() -> None:
    """`weeks` is at most 520, and `low` at most a million million."""
    files = with_keys(BASE, CLIENT, "accuracy: {margin: 0.01%, confidence: 99%}\n")
    hint = shortfall(files, CLIENT)
    assert hint
    assert re.fullmatch(
        "ask for `margin: 0.706%`, have 1,492,[0-9]{3},[0-9]{3} installations at `low`, "
        "or say `shortfall: accept`",
        hint,
    )


def test_where_nothing_but_acceptance_is_left() -> None:
    budget = with_keys(BASE, "configs/collection.yaml", "max_reports_per_year: 0.000000001\n")
    assert shortfall(budget, CLIENT) == "say `shortfall: accept`"
