"""One-line edits of a config repository, each with the classes of change that it makes, both ways.

And the law that holds for any of them: nothing is ever "no change" when clients do otherwise.
"""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartconfig.collection.config import expand
from chartconfig.collection.encode import decode
from chartconfig.pipeline import Built, check
from chartconfig.review.diff import Effect
from chartconfig.review.difference import Comparison
from chartconfig.review.markdown import markdown
from chartconfig.review.sides import Side
from tests.collection.repositories import ORIGIN, repositories
from tests.scenarios.repository import BASE, TODAY, Files, documents

Edit = tuple[str, str, str]

CLIENT = "charts/gopls/client.yaml"
LOADER = "charts/gopls/package-loader.yaml"
MISSES = "charts/go/cache-miss-rate.yaml"
GOPATH = "charts/go/gopath-mode.yaml"
BUG = "charts/compile/bug.yaml"
COLLECTION = "collection.yaml"
PEOPLE = "populations.yaml"
LOCK = "versions.lock.yaml"
GOPLS = "programs/gopls.yaml"
GO = "programs/go.yaml"
COMPILE = "programs/compile.yaml"
RETIRED = "# yaml-language-server: $schema=../schema/retired.schema.json\n"
RETRACTED = "# yaml-language-server: $schema=../schema/retracted.schema.json\n"


def side(files: Files, name: str = "side") -> Side:
    """Return what files compile to, in which there is no error."""
    checked = check(documents(files), on=TODAY)
    assert checked.compilable is not None, checked.diagnostics
    made = Built(planned=checked.compilable, documents=documents(files), origin=ORIGIN)
    return Side(name=name, compiled=made, repository=checked.compilable.repository)


@cache
def edited(*edits: Edit) -> Side:
    files = dict(BASE)
    for path, old, new in edits:
        at = f"configs/{path}"
        text = files.get(at, b"").decode()
        assert old in text, (path, old)
        files[at] = text.replace(old, new, 1).encode()
    return side({path: data for path, data in files.items() if data})


def classes(comparison: Comparison) -> str:
    """Return the classes of all changes, what matters most first."""
    found = {each.change.effect for each in comparison.differences}
    return " ".join(effect.value for effect in Effect if effect in found)


def removal(path: str) -> Edit:
    return (path, BASE[f"configs/{path}"].decode(), "")


def added(name: str, keys: str) -> Edit:
    text = BASE[f"configs/{LOADER}"].decode()
    text = text.replace("counter: gopls/package-loader\nbuckets: [go, bazel, buck, other]", keys)
    return (f"charts/gopls/{name}.yaml", "", text)


def retired(what: str, program: str = "golang.org/x/tools/gopls") -> str:
    """Return a retired.yaml with one entry."""
    return f"{RETIRED}- {{program: {program}, {what}, until: 2027-08-01, reason: Gone.}}\n"


TABLE: list[tuple[Edit, str, str]] = [
    ((CLIENT, "zed, other", "zed, helix, other"), "more", "in-flight less"),
    ((CLIENT, "emacs, ", ""), "in-flight less", "more"),
    ((CLIENT, "zed, other", "helix, other"), "more in-flight less", "more in-flight less"),
    ((CLIENT, "vscode, neovim", "neovim, vscode"), "none", "none"),
    (
        (CLIENT, "counter: gopls/client", "counter: gopls/editor"),
        "more in-flight less",
        "more in-flight less",
    ),
    ((CLIENT, "expires: 2027-11-01", "expires: 2028-11-01"), "more", "less"),
    ((CLIENT, "expires: 2027-11-01", "expires: 2026-11-01"), "less none", "more none"),
    (
        (CLIENT, "expires: 2027-11-01", "expires: never\nreason: It is always asked."),
        "more none",
        "less none",
    ),
    ((CLIENT, "title: Editors", "title: All editors"), "none", "none"),
    ((CLIENT, "description: Decides", "description: Also decides"), "none", "none"),
    ((CLIENT, 'owners: ["@golang/tools"]', 'owners: ["@golang/vscode"]'), "none", "none"),
    ((CLIENT, "issue/61038", "issue/61039"), "none", "none"),
    ((CLIENT, "title:", "# A comment.\ntitle:"), "", ""),
    ((CLIENT, "program: gopls", "program:   gopls"), "", ""),
    ((CLIENT, "since: v0.16.0", "since: v0.20.0"), "none", "none"),
    ((CLIENT, "since: v0.16.0\n", ""), "none", "none"),
    ((CLIENT, "type: partition", "type: histogram"), "meaning less none", "meaning more none"),
    (
        (CLIENT, "type: partition", "type: partition\nexclusive: true"),
        "meaning",
        "meaning",
    ),
    (
        (CLIENT, "expires:", "accuracy: {margin: 2%, confidence: 99%}\nexpires:"),
        "less none",
        "more none",
    ),
    (
        (CLIENT, "expires:", "accuracy: {margin: 0.8%, confidence: 99%}\nexpires:"),
        "more none",
        "less none",
    ),
    (
        (CLIENT, "expires:", "accuracy: {margin: 1%, confidence: 95%}\nexpires:"),
        "less none",
        "more none",
    ),
    ((CLIENT, "expires:", "accuracy: {margin: 1%, confidence: 99%}\nexpires:"), "", ""),
    (
        (CLIENT, "expires:", "accuracy: {margin: 1%, confidence: 99%, weeks: 4}\nexpires:"),
        "less none",
        "more none",
    ),
    (
        (
            CLIENT,
            "expires:",
            "accuracy: {margin: 1%, confidence: 99%, simultaneous: true}\nexpires:",
        ),
        "more none",
        "less none",
    ),
    (
        (
            CLIENT,
            "expires:",
            "accuracy: {relative_margin: 20%, smallest_share: 2%, confidence: 95%}\nexpires:",
        ),
        "less none",
        "more none",
    ),
    ((CLIENT, "expires:", "expected_shares: {vscode: 50%}\nexpires:"), "none", "none"),
    (removal(CLIENT), "in-flight less", "more"),
    (removal(LOADER), "in-flight less", "more"),
    (removal(MISSES), "in-flight less", "more"),
    (removal(GOPATH), "in-flight less", "more"),
    (removal(BUG), "in-flight less", "more"),
    (
        added("theme", "counter: gopls/theme\nbuckets: [dark, light, other]"),
        "more",
        "in-flight less",
    ),
    (added("one", "counter: gopls/one\nbuckets: [one, other]"), "more", "in-flight less"),
    ((LOADER, "bazel, buck, ", "bazel, "), "in-flight less", "more"),
    (
        (LOADER, "counter: gopls/package-loader", "counter: gopls/loader"),
        "more in-flight less",
        "more in-flight less",
    ),
    ((LOADER, "type: partition", "type: histogram"), "meaning less none", "meaning more none"),
    ((MISSES, '"50-99", ', ""), "in-flight less", "more"),
    ((MISSES, '"50-99", "100"', '"50-99", "100", "101"'), "more", "in-flight less"),
    (
        (MISSES, '"1-9", "10-49"', '"1-19", "20-49"'),
        "meaning more in-flight less",
        "meaning more in-flight less",
    ),
    ((MISSES, '"0", "1-9"', '"1-9", "0"'), "meaning", "meaning"),
    ((MISSES, "type: histogram", "type: histogram\nquantile: 90%"), "meaning", "meaning"),
    ((MISSES, "type: histogram", "type: partition"), "meaning more none", "meaning less none"),
    ((MISSES, "since: go1.25.0", "since: go1.26.0"), "none", "none"),
    (
        (MISSES, "since:", "accuracy: {distribution_margin: 3%, confidence: 95%}\nsince:"),
        "less none",
        "more none",
    ),
    (
        (GOPATH, "denominator: go/invocations", "denominator: go/builds"),
        "meaning more in-flight less",
        "meaning more in-flight less",
    ),
    (
        (GOPATH, "numerator: go/gopath-mode", "numerator: go/gopath"),
        "more in-flight less",
        "more in-flight less",
    ),
    (
        (
            GOPATH,
            "numerator: go/gopath-mode\ndenominator: go/invocations",
            "numerator: go/invocations\ndenominator: go/gopath-mode",
        ),
        "meaning",
        "meaning",
    ),
    (
        (GOPATH, "expires:", "accuracy: {distribution_margin: 1%, confidence: 95%}\nexpires:"),
        "more none",
        "less none",
    ),
    (
        (GOPATH, "expires:", "accuracy: {margin: 2%, confidence: 95%}\nexpires:"),
        "less none",
        "more none",
    ),
    ((BUG, "depth: 16", "depth: 32"), "more", "less"),
    ((BUG, "depth: 16", "depth: 8"), "less", "more"),
    (
        (BUG, "counter: compile/bug", "counter: compile/panic"),
        "more in-flight less",
        "more in-flight less",
    ),
    (
        (BUG, "expires:", "accuracy: {detect: 0.2%, reports: 5, confidence: 95%}\nexpires:"),
        "less none",
        "more none",
    ),
    (
        (BUG, "expires:", "accuracy: {detect: 0.1%, reports: 8, confidence: 95%}\nexpires:"),
        "more none",
        "less none",
    ),
    (
        (COLLECTION, "goos: [darwin, linux", "goos: [darwin, freebsd, linux"),
        "more",
        "in-flight less",
    ),
    ((COLLECTION, "goos: [darwin, ", "goos: ["), "in-flight less", "more"),
    (
        (COLLECTION, "goarch: [amd64, arm64]", "goarch: [amd64, arm64, riscv64]"),
        "more",
        "in-flight less",
    ),
    ((COLLECTION, "goarch: [amd64, arm64]", "goarch: [amd64]"), "in-flight less", "more"),
    ((COLLECTION, "goos: [darwin, linux, windows]", "goos: [windows, linux, darwin]"), "", ""),
    ((COLLECTION, "module: example.org/", "module: example.com/"), "more", "more"),
    ((COLLECTION, "max_buckets: 8", "max_buckets: 9"), "", ""),
    ((COLLECTION, "fetch_probability: 10%", "fetch_probability: 20%"), "", ""),
    ((COLLECTION, "partition: {margin: 1%", "partition: {margin: 2%"), "less none", "more none"),
    ((COLLECTION, "stack: {detect: 0.1%", "stack: {detect: 0.05%"), "more none", "less none"),
    ((PEOPLE, "low: 300k", "low: 400k"), "less", "more"),
    ((PEOPLE, "low: 300k", "low: 250k"), "more", "less"),
    ((PEOPLE, "likely: 600k", "likely: 700k"), "none", "none"),
    ((PEOPLE, "high: 1.2M", "high: 1.5M"), "none", "none"),
    ((PEOPLE, "as_of: 2026-06-01", "as_of: 2026-07-01"), "", ""),
    ((PEOPLE, "low: 500k", "low: 600k"), "less", "more"),
    (
        (PEOPLE, "source: https://example.org/survey-2026", "source: https://example.org/survey"),
        "",
        "",
    ),
    ((LOCK, "v0.16.0, v0.20.0", "v0.16.0, v0.20.0, v0.21.0"), "none", "in-flight less"),
    ((LOCK, "v0.13.0, v0.16.0", "v0.16.0"), "in-flight less", "more"),
    ((LOCK, "v0.16.0, v0.20.0", "v0.16.0"), "in-flight less", "none"),
    ((LOCK, "go1.25.1, go1.26.0", "go1.25.1, go1.26.0, go1.26.1"), "none", "in-flight less"),
    ((LOCK, "go1.25.0, go1.25.1", "go1.25.1"), "in-flight less", "more"),
    ((LOCK, "updated: 2026-11-01", "updated: 2026-11-02"), "", ""),
    ((GOPLS, "title: gopls", "title: The language server"), "none", "none"),
    ((GOPLS, "since: v0.13.0", "since: v0.16.0"), "in-flight less", "more"),
    ((GOPLS, "since: v0.13.0", "since: v0.13.0\ndevel: true"), "more", "in-flight less"),
    ((COMPILE, "name: cmd/compile", "name: cmd/asm"), "more in-flight less", "more in-flight less"),
    (("retracted.yaml", "", RETRACTED + "v1.1.0: Too much.\n"), "none", "none"),
    (("retired.yaml", "", retired("counters: [gopls/theme]")), "none", "in-flight none"),
    (
        ("retired.yaml", "", RETIRED + "- {goos: [plan9], until: 2027-08-01, reason: Gone.}\n"),
        "none",
        "in-flight none",
    ),
]
"""Each edit, the classes of what it changes, and of what taking it back does; "" is nothing."""


def both(*edits: Edit) -> Comparison:
    return Comparison(base=edited(), head=edited(*edits))


@pytest.mark.parametrize(("edit", "forth", "back"), TABLE)
def test_an_edit_is_of_its_classes(edit: Edit, forth: str, back: str) -> None:
    assert classes(both(edit)) == forth
    assert classes(Comparison(base=edited(edit), head=edited())) == back


def test_the_table_has_every_class_both_ways() -> None:
    assert len(TABLE) >= 60
    for column in (1, 2):
        found = {name for row in TABLE for name in str(row[column]).split()}
        assert found == {effect.value for effect in Effect}


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        (
            [(CLIENT, "zed, other", "zed, helix, other"), (LOADER, "buck, ", "")],
            "more in-flight less",
        ),
        (  # what is retired is not rejected
            [
                (CLIENT, "emacs, ", ""),
                ("retired.yaml", "", retired("counters: [gopls/client:emacs]")),
            ],
            "less none",
        ),
        ([(PEOPLE, "low: 300k", "low: 400k"), (BUG, "depth: 16", "depth: 32")], "more less"),
        ([(CLIENT, "title: Editors", "title: All"), (BUG, "depth: 16", "depth: 8")], "less none"),
        (
            [(CLIENT, "type: partition", "type: histogram"), (COLLECTION, "[darwin, ", "[")],
            "meaning in-flight less none",
        ),
        (  # one takes back what the other does
            [(CLIENT, "emacs, ", ""), (CLIENT, "neovim, ", "neovim, emacs, ")],
            "",
        ),
        (  # the same counters, but now of another chart, charted otherwise
            [
                removal(LOADER),
                (
                    "charts/gopls/loader.yaml",
                    "",
                    BASE[f"configs/{LOADER}"].decode().replace("partition", "histogram"),
                ),
            ],
            "meaning less none",
        ),
    ],
)
def test_edits_together(edits: list[Edit], expected: str) -> None:
    assert classes(both(*edits)) == expected


def moved(old: str, new: str, *edits: Edit) -> Comparison:
    """Return what is different after a chart's file was moved and edited."""
    text = BASE[f"configs/{old}"].decode()
    return both(removal(old), (new, "", text), *edits)


def test_a_renamed_file_is_no_change() -> None:
    (only,) = moved(CLIENT, "charts/gopls/editor.yaml").differences
    assert str(only.change) == "name of chart: gopls/editor, gopls/client before"
    assert only.change.effect is Effect.NONE


def test_a_renamed_file_hides_no_edit() -> None:
    new = "charts/gopls/editor.yaml"
    longer = moved(CLIENT, new, (new, "2027-11-01", "2028-11-01"))
    assert classes(longer) == "more none"
    (first, _) = longer.differences
    assert str(first.change) == "expiry of chart gopls/editor: 2028-11-01, 2027-11-01 before"
    deeper = moved(BUG, "charts/compile/bugs.yaml", ("charts/compile/bugs.yaml", "16", "32"))
    assert classes(deeper) == "more none"


def of_clients(side: Side) -> dict[str, object]:
    """Return what clients do by a config, worked out apart from what is tested."""
    config = decode(side.files["config.json"])
    found: dict[str, object] = {"": config.sample_rate}
    for program in config.programs:
        found[program.name] = True
        for counter in program.counters:
            for event in expand(counter.name):
                found[f"{program.name} {event}"] = counter.rate
        for stack in program.stacks:
            found[f"{program.name} stack {stack.name}"] = stack.rate, stack.depth
    return found


def assert_told(base: Side, head: Side) -> None:
    """Assert that more than "no change" is told where clients do otherwise, and only there."""
    comparison = Comparison(base=base, head=head)
    told = {each.change.effect for each in comparison.differences} - {Effect.NONE}
    if of_clients(base) != of_clients(head):
        assert told & {Effect.MORE, Effect.LESS}
    if base.files == head.files:
        assert comparison.differences == ()


def test_an_empty_config_asks_for_nothing() -> None:
    charts = [removal(path) for path in (CLIENT, LOADER, MISSES, GOPATH, BUG)]
    comparison = Comparison(base=edited(*charts), head=edited())
    assert classes(comparison) == "more"
    totals = comparison.base.totals
    assert (totals["counters"], totals["sample_rate"], totals["reports_per_year"]) == (0, 0.0, 0.0)
    assert "SampleRate | 0% | **5.248%**" in markdown(comparison)


class TestLaws:
    @settings(max_examples=40)
    @given(repositories(), repositories())
    def test_nothing_is_no_change_where_clients_do_otherwise(
        self, one: Files, other: Files
    ) -> None:
        base, head = side(one), side(other)
        assert_told(base, head)
        assert_told(head, base)
        assert_told(base, base)

    @settings(max_examples=60)
    @given(st.lists(st.sampled_from(TABLE), max_size=3), st.sampled_from(TABLE))
    def test_nor_after_edits_of_the_table(
        self, rows: list[tuple[Edit, str, str]], last: tuple[Edit, str, str]
    ) -> None:
        by_file = {edit[0]: edit for edit, _, _ in (*rows, last)}  # two of one file may clash
        assert_told(edited(), edited(*by_file.values()))
        assert_told(edited(*by_file.values()), edited(last[0]))
