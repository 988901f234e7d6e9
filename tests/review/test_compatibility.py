"""What is removed and not retired is an error; and what its hint says, typed in, mends it."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartconfig.charts.retired import under_way
from chartconfig.collection.config import expand
from chartconfig.collection.encode import decode
from chartconfig.diagnostics.diagnostic import Position, Span
from chartconfig.pipeline import Built, check
from chartconfig.review.compatibility import incompatibilities, subject, without
from chartconfig.review.difference import Comparison
from chartconfig.review.sides import Side
from tests.collection.repositories import ORIGIN, repositories
from tests.review.test_edits import (
    BUG,
    CLIENT,
    COLLECTION,
    COMPILE,
    GOPLS,
    LOADER,
    LOCK,
    MISSES,
    RETIRED,
    TABLE,
    Edit,
    removal,
    retired,
)
from tests.scenarios.repository import BASE, TODAY, Files, documents, found

if TYPE_CHECKING:
    from chartconfig.diagnostics.diagnostic import Diagnostic

REMOVED = "{}: collected by v1.0.0, and not accepted any more"
GO = "golang.org/x/tools/gopls"


def edited(*edits: Edit) -> Files:
    files = dict(BASE)
    for path, old, new in edits:
        at = f"configs/{path}"
        text = files.get(at, b"").decode()
        assert old in text, (path, old)
        files[at] = text.replace(old, new, 1).encode()
    return {path: data for path, data in files.items() if data}


def side(files: Files, name: str, on: date = TODAY) -> Side:
    checked = check(documents(files), on=on)
    assert checked.compilable is not None, checked.diagnostics
    origin = type(ORIGIN)(commit=None, tree=None, on=on)
    made = Built(planned=checked.compilable, documents=documents(files), origin=origin)
    return Side(name=name, compiled=made, repository=checked.compilable.repository, on=on)


def broken(before: Files, after: Files, *, on: date = TODAY) -> tuple[Diagnostic, ...]:
    comparison = Comparison(base=side(before, "v1.0.0"), head=side(after, "head", on))
    return tuple(incompatibilities(comparison, on=on))


def told(*edits: Edit) -> list[tuple[str, str, str]]:
    return [(each.code, subject(each), each.message) for each in broken(BASE, edited(*edits))]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (
            (CLIENT, "emacs, ", ""),
            ("CC702", "gopls/client", REMOVED.format(f"gopls/client:emacs of {GO}")),
        ),
        (
            removal(CLIENT),
            (
                "CC702",
                "gopls/client",
                REMOVED.format(f"gopls/client:{{vscode,neovim,emacs,zed,other}} of {GO}"),
            ),
        ),
        (removal(BUG), ("CC702", "programs/compile.yaml", REMOVED.format("cmd/compile"))),
        (
            (COLLECTION, "[darwin, ", "["),
            ("CC702", "collection.yaml", REMOVED.format("operating systems darwin")),
        ),
        (
            (COLLECTION, "goarch: [amd64, ", "goarch: ["),
            ("CC702", "collection.yaml", REMOVED.format("architectures amd64")),
        ),
        (  # told once, not for each program of the toolchain
            (LOCK, "go1.25.0, ", ""),
            ("CC702", "versions.lock.yaml", REMOVED.format("Go versions go1.25.0")),
        ),
        (
            (LOCK, "v0.13.0, ", ""),
            ("CC702", "versions.lock.yaml", REMOVED.format(f"versions v0.13.0 of {GO}")),
        ),
        (
            (CLIENT, "type: partition", "type: partition\nexclusive: true"),
            (
                "CC701",
                "gopls/client",
                (
                    f"gopls/client:{{vscode,neovim,emacs,zed,other}} of {GO} is a partition into "
                    "exclusive buckets now, and a partition in v1.0.0"
                ),
            ),
        ),
    ],
)
def test_what_is_lost_is_told_once(edit: Edit, expected: tuple[str, str, str]) -> None:
    assert told(edit) == [expected]


@pytest.mark.parametrize(
    "edit",
    [
        (CLIENT, "title: Editors", "title: All editors"),
        (CLIENT, "zed, other", "zed, helix, other"),
        (CLIENT, "expires: 2027-11-01", "expires: 2026-11-01"),
        (BUG, "depth: 16", "depth: 8"),
        (LOCK, "v0.16.0, v0.20.0", "v0.16.0, v0.20.0, v0.21.0"),
        (GOPLS, "title: gopls", "title: The language server"),
    ],
)
def test_other_edits_break_nothing(edit: Edit) -> None:
    assert told(edit) == []


def test_the_line_to_add() -> None:
    """With the chart, the one version goes that only it was asked of."""
    versions, only = broken(BASE, edited(removal(LOADER)))
    assert only.span == Span(f"configs/{LOADER}", Position(7, 1), Position(7, 34))
    assert only.hint == (
        f"write to configs/retired.yaml: - {{program: {GO}, counters: "
        '["gopls/package-loader:{go,bazel,buck,other}"], until: 2027-08-01, '
        "reason: Collected up to v1.0.0.}"
    )
    assert versions.message == REMOVED.format(f"versions v0.13.0 of {GO}")


def test_a_meaning_wants_a_new_name() -> None:
    (only,) = broken(BASE, edited((MISSES, "type: histogram", "type: histogram\nquantile: 90%")))
    assert (only.code, only.hint) == (
        "CC701",
        "take a new name for the counter, here and in the program",
    )


class TestRetirements:
    def test_of_a_whole_program(self) -> None:
        gone = retired("until: 2027-08-01", program="cmd/compile").replace(
            "until: 2027-08-01, until", "until"
        )
        assert told(removal(BUG), removal(COMPILE), ("retired.yaml", "", gone)) == []

    def test_of_go_versions_are_those_of_the_toolchain(self) -> None:
        line = f"{RETIRED}- {{go_versions: [go1.25.0], until: 2027-08-01, reason: Old.}}\n"
        assert told((LOCK, "go1.25.0, ", ""), ("retired.yaml", "", line)) == []

    def test_of_one_bucket_is_not_of_another(self) -> None:
        one = retired("counters: [gopls/client:emacs]")
        assert told((CLIENT, "emacs, zed, ", ""), ("retired.yaml", "", one)) == [
            ("CC702", "gopls/client", REMOVED.format(f"gopls/client:zed of {GO}"))
        ]

    @pytest.mark.parametrize(("day", "codes"), [("2027-07-01", ["CC704"]), ("2027-07-02", [])])
    def test_for_less_than_reports_are_under_way(self, day: str, codes: list[str]) -> None:
        line = retired("counters: [gopls/client:emacs]").replace("2027-08-01", day)
        found = broken(BASE, edited((CLIENT, "emacs, ", ""), ("retired.yaml", "", line)))
        assert [each.code for each in found] == codes
        assert [(each.message, each.hint) for each in found] == [
            (
                "reports by v1.0.0 can come in until 2027-07-02, and this ends on 2027-07-01",
                "write until: 2027-08-01",
            )
        ] * len(codes)

    def test_of_what_no_release_asked_for(self) -> None:
        misspelled = retired('counters: ["gopls/client:{emcas,emacs}"]')
        (lost,) = told((CLIENT, "emacs, ", ""), ("retired.yaml", "", misspelled))
        assert lost == (
            "CC707",
            "retired.yaml",
            "v1.0.0 neither collects nor accepts gopls/client:emcas",
        )

    def test_names_programs_in_full(self) -> None:
        short = retired("counters: [gopls/client:emacs]", program="gopls")
        _, only = broken(BASE, edited((CLIENT, "emacs, ", ""), ("retired.yaml", "", short)))
        assert (only.code, only.hint) == ("CC707", f"write program: {GO}")

    def test_a_promise_is_kept_to_its_day(self) -> None:
        line = retired("counters: [gopls/client:emacs]")
        promising = edited((CLIENT, "emacs, ", ""), ("retired.yaml", "", line))
        gone = edited((CLIENT, "emacs, ", ""))
        (found,) = broken(promising, gone)
        assert (found.code, found.message) == (
            "CC703",
            f"gopls/client:emacs of {GO}: accepted by v1.0.0 until 2027-08-01, and not any more",
        )
        shorter = {**promising, "configs/retired.yaml": line.replace("-08-", "-07-").encode()}
        (found,) = broken(promising, shorter)
        assert (found.code, str(found.span), found.message) == (
            "CC703",
            "configs/retired.yaml:2:78",
            (
                f"gopls/client:emacs of {GO}: accepted by v1.0.0 until 2027-08-01, and only until "
                "2027-07-01 now"
            ),
        )
        assert broken(promising, gone, on=date(2027, 8, 2)) == ()
        assert broken(promising, BASE) == ()  # collected again

    def test_past_and_of_what_is_collected(self) -> None:
        line = retired('counters: ["gopls/client:{emacs,sublime}"]')
        files = {**BASE, "configs/retired.yaml": line.encode()}
        assert [(each.code, each.message) for each in found(files)] == [
            ("CC706", "gopls/client:emacs is collected, and so it is not retired")
        ]
        assert [
            (each.code, each.message)
            for each in found(files, on=date(2027, 8, 2))
            if each.span and each.span.path.endswith("retired.yaml")
        ] == [("CC705", "the last day was 2027-08-01, and nothing of it is accepted any more")]


class TestOverrides:
    def test_name_a_code_and_a_subject(self) -> None:
        found = broken(BASE, edited((CLIENT, "emacs, ", ""), removal(LOADER)))
        left = without(found, {("CC702", "gopls/client"), ("CC701", "gopls/package-loader")})
        assert [(each.code, subject(each)) for each in left] == [
            ("CC702", "versions.lock.yaml"),
            ("CC702", "gopls/package-loader"),
        ]


class TestExpiry:
    """A day that passes makes no server reject anything, whenever the next release is."""

    @settings(max_examples=30)
    @given(st.integers(0, 4000))
    def test_breaks_nothing(self, days: int) -> None:
        assert broken(BASE, BASE, on=TODAY + timedelta(days=days)) == ()

    @settings(max_examples=30)
    @given(st.integers(0, 2000), st.integers(0, 2000))
    def test_nor_after_a_release_in_between(self, one: int, other: int) -> None:
        first, second = (TODAY + timedelta(days=sum(d)) for d in ((one,), (one, other)))
        base = side(BASE, "v1.0.1", first)
        head = side(BASE, "head", second)
        assert not list(incompatibilities(Comparison(base=base, head=head), on=second))

    def test_is_accepted_for_as_long_as_reports_are_under_way(self) -> None:
        after = TODAY + timedelta(days=400)  # 2027-12-25: gopls/client expired on 2027-11-01
        (only,) = (
            each
            for each in json.loads(side(BASE, "head", after).files["charts.json"])["retired"]
            if "gopls/client:{vscode,neovim,emacs,zed,other}" in each.get("counters", ())
        )
        until = date.fromisoformat(only["until"])
        week = timedelta(weeks=32)
        assert after + week <= until < after + 2 * week
        assert only["reason"] == "Chart gopls/client expired on 2027-11-01."


class TestUnderWay:
    @given(st.fractions(Fraction(1, 1000), Fraction(999, 1000), max_denominator=10_000))
    def test_leaves_one_installation_in_twenty(self, probability: Fraction) -> None:
        weeks = under_way(probability).days // 7 - 3
        assert (1 - float(probability)) ** weeks <= 0.05 * (1 + 1e-9)
        assert weeks == 1 or (1 - float(probability)) ** (weeks - 1) > 0.05 * (1 - 1e-9)


def items(config: dict[str, Any]) -> set[tuple[str, ...]]:
    """Return what reports by a config.json can hold, worked out apart from what is tested."""
    found: set[tuple[str, ...]] = {
        (key, name) for key in ("GOOS", "GOARCH", "GoVersion") for name in config[key] or ()
    }
    for program in config["Programs"] or ():
        name = program["Name"]
        found |= {(name,), *((name, "version", each) for each in program["Versions"])}
        for counter in program.get("Counters", ()):
            found |= {(name, "counter", each) for each in expand(counter["Name"])}
        found |= {(name, "stack", each["Name"]) for each in program.get("Stacks", ())}
    return found


def accepted(head: Side) -> set[tuple[str, ...]]:
    """Return what a server accepts that has read all files."""
    found = items(json.loads(head.files["config.json"]))
    for entry in json.loads(head.files["charts.json"]).get("retired", ()):
        for key, told in (("goos", "GOOS"), ("goarch", "GOARCH"), ("go_versions", "GoVersion")):
            found |= {(told, name) for name in entry.get(key, ())}
        if "program" in entry:
            name = entry["program"]
            found |= {(name,), *((name, "version", each) for each in entry.get("versions", ()))}
            for counter in entry.get("counters", ()):
                found |= {(name, "counter", each) for each in expand(counter)}
            found |= {(name, "stack", each) for each in entry.get("stacks", ())}
            if not entry.keys() & {"versions", "counters", "stacks"}:
                found |= {(name, "everything")}
    return found


def is_rejected(item: tuple[str, ...], accepted: set[tuple[str, ...]]) -> bool:
    if item in accepted or (item[0], "everything") in accepted:
        return False
    toolchain = item[0].startswith("cmd/") and item[1:2] == ("version",)
    return not (toolchain and ("GoVersion", item[2]) in accepted)


def assert_law(before: Files, after: Files) -> None:
    """Whatever is lost and not retired is an error; its hints, typed in, leave nothing lost."""
    base, head = side(before, "v1.0.0"), side(after, "head")
    sent = items(json.loads(base.files["config.json"]))
    lost = {item for item in sent if is_rejected(item, accepted(head))}
    found = list(incompatibilities(Comparison(base=base, head=head), on=TODAY))
    errors = [each for each in found if each.code in {"CC702", "CC703"}]
    assert bool(lost) <= bool(errors)
    assert any(each.code == "CC702" for each in errors) == bool(lost)
    lines = [re.sub(r"^write to configs/retired\.yaml: ", "", str(e.hint)) for e in errors]
    text = after.get("configs/retired.yaml", RETIRED.encode()).decode()
    text += "".join(f"{line}\n" for line in lines)
    mended = {**after, "configs/retired.yaml": text.encode()} if lines else after
    head = side(mended, "head")
    assert not {item for item in sent if is_rejected(item, accepted(head))}
    left = incompatibilities(Comparison(base=base, head=head), on=TODAY)
    assert {each.code for each in left} <= {"CC701"}
    assert decode(head.files["config.json"]) == decode(side(after, "head").files["config.json"])


class TestLaws:
    @settings(max_examples=60)
    @given(repositories(), repositories())
    def test_of_any_two(self, one: Files, other: Files) -> None:
        assert_law(one, other)

    @settings(max_examples=60)
    @given(st.lists(st.sampled_from(TABLE), min_size=1, max_size=3))
    def test_of_edits(self, rows: list[tuple[Edit, str, str]]) -> None:
        by_file = {
            edit[0]: edit for edit, _, _ in rows if edit[0] != "retired.yaml"
        }  # two of one file may clash
        assert_law(BASE, edited(*by_file.values()))
        assert_law(edited(*by_file.values()), BASE)
