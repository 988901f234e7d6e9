"""What counts of a chart or file: every edit of meaning, and none of spelling."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from chartconfig.pipeline import check
from chartconfig.review.content import Subject, contents, differences, digest
from chartconfig.review.diff import Effect, Topic
from chartconfig.review.difference import Comparison
from chartconfig.review.steps import Causes, Version, changed, find_step
from tests.collection.repositories import repositories
from tests.review.test_edits import (
    BUG,
    CLIENT,
    COLLECTION,
    COMPILE,
    GOPLS,
    LOADER,
    LOCK,
    MISSES,
    PEOPLE,
    TABLE,
    Edit,
    both,
    edited,
    side,
)
from tests.scenarios.repository import BASE, TODAY, Files, documents

if TYPE_CHECKING:
    from random import Random

CHART = Subject("gopls/client", is_chart=True)


def version(files: Files) -> Version:
    checked = check(documents(files), on=TODAY)
    assert checked.compilable is not None, checked.diagnostics
    repository = checked.compilable.repository
    return Version(
        repository=repository, contents=contents(repository, documents(files), {}, root="configs")
    )


def after(*edits: Edit) -> Files:
    files = dict(BASE)
    for path, old, new in edits:
        at = f"configs/{path}"
        files[at] = files.get(at, b"").decode().replace(old, new, 1).encode()
    return {path: data for path, data in files.items() if data}


def digests(files: Files) -> dict[str, str]:
    found = version(files)
    return {str(each): digest(each, content) for each, content in found.contents.items()}


def test_the_digest_of_a_chart_by_hand() -> None:
    """Worked out apart from what is tested, from what content.md says."""
    form = {
        "accuracy": {
            "kind": "margin",
            "margin": "1/100",
            "confidence": "99/100",
            "weeks": 1,
            "for_each": [],
            "groups": None,
            "smallest_group": None,
            "simultaneous": False,
            "guaranteed": False,
        },
        "counters": [
            {"buckets": ["vscode", "neovim", "emacs", "zed", "other"], "name": "gopls/client"}
        ],
        "depth": 0,
        "description": "Decides which editor integrations are tested before each release.",
        "exclusive": False,
        "expected_shares": {},
        "expires": "2027-11-01",
        "ignore": [],
        "issues": ["https://go.dev/issue/61038"],
        "owners": ["@golang/tools"],
        "program": "golang.org/x/tools/gopls",
        "quantile": None,
        "reason": None,
        "shortfall": None,
        "since": "v0.16.0",
        "title": "Editors that run gopls",
        "type": "partition",
    }
    text = json.dumps(form, sort_keys=True, separators=(",", ":"))
    expected = hashlib.sha256(b"chartconfig/content/v1\nchart\n" + text.encode()).hexdigest()
    assert digests(dict(BASE))["chart gopls/client"] == f"sha256:{expected}"


SPELLINGS = [
    (CLIENT, "title:", "# A comment.\ntitle:"),
    (CLIENT, "program: gopls", "program:   'gopls'"),
    (CLIENT, "title: Editors that run gopls", "title: >-\n  Editors\n  that run   gopls"),
    (
        CLIENT,
        "[vscode, neovim, emacs, zed, other]",
        "\n- vscode\n- neovim\n- emacs\n- zed\n- other",
    ),
    (CLIENT, "expires:", "accuracy: {margin: 0.01, confidence: 99%}\nexpires:"),
    (CLIENT, "expires:", "exclusive: false\nexpires:"),
    (MISSES, "type: histogram", "type: histogram\nquantile: 0.5"),
    (COLLECTION, "partition: {margin: 1%", "partition: {margin: 0.01"),
    (PEOPLE, "low: 300k", "low: 300000"),
    (GOPLS, "title: gopls", "title: 'gopls'"),
]
"""Edits that mean nothing, of charts; or of other files, whose spelling counts there alone."""


@pytest.mark.parametrize("edit", SPELLINGS)
def test_how_a_chart_is_spelled_does_not_count(edit: Edit) -> None:
    was, now = digests(dict(BASE)), digests(after(edit))
    assert {name for name in was if name.startswith("chart") and was[name] != now[name]} == set()


MEANINGS = [
    *(edit for edit, _, _ in TABLE if edit != (CLIENT, "title:", "# A comment.\ntitle:")),
    (CLIENT, "neovim", "neovin"),
    (CLIENT, "neovim", "neoVim"),
    (CLIENT, "61038]", "61038, https://go.dev/issue/1]"),
    (CLIENT, "2027-11-01", "2027-11-02"),
    (CLIENT, "v0.16.0", "v0.16.1"),
    (CLIENT, "since:", "ignore: [{code: CC206, reason: None is other.}]\nsince:"),
    (BUG, "depth: 16", "depth: 17"),
    (MISSES, "type: histogram", "type: histogram\nquantile: 51%"),
    (COMPILE, "name: cmd/compile", "name: cmd/asm"),
]
SILENT = {
    (CLIENT, "program: gopls", "program:   gopls"),
    (CLIENT, "expires:", "accuracy: {margin: 1%, confidence: 99%}\nexpires:"),
    ("retracted.yaml", "", next(e[2] for e, _, _ in TABLE if e[0] == "retracted.yaml")),
}
"""Those of the table that mean nothing; and what is withdrawn, which takes no approval."""


@pytest.mark.parametrize("edit", MEANINGS)
def test_every_edit_of_meaning_counts(edit: Edit) -> None:
    if edit[:2] == (CLIENT, "since:"):  # the ignore has to ignore something
        edit_of = [(CLIENT, "zed, other", "zed"), edit]
        assert digests(after(*edit_of)) != digests(after(edit_of[0]))
        return
    assert (digests(dict(BASE)) == digests(after(edit))) == (edit in SILENT)


@pytest.mark.parametrize(("edit", "forth", "back"), TABLE)
def test_a_step_is_never_taken_for_less_than_the_edit(edit: Edit, forth: str, back: str) -> None:
    """The classes of the one file that was edited hold all that the edit changes, both ways."""
    if edit in SILENT or (edit[0] == CLIENT and edit[2].startswith("# ")):
        return
    file = edit[0]
    name = file.removeprefix("charts/").removesuffix(".yaml")
    subject = (
        Subject(name, is_chart=True)
        if file.startswith("charts/")
        else Subject(file, is_chart=False)
    )
    base, head = version(dict(BASE)), version(after(edit))
    assert subject in changed(base, head)
    step = find_step(subject, base, head, Causes(both(edit)))
    assert " ".join(e.value for e in Effect if e in step.changes) == (forth or "none")
    causes = Causes(Comparison(base=edited(edit), head=edited()))
    step = find_step(subject, head, base, causes)
    assert " ".join(e.value for e in Effect if e in step.changes) == (back or "none")


def assert_all_told(before: Files, after: Files) -> None:
    """Assert that a step of something has caused each difference, but texts of a build."""
    old, new = version(before), version(after)
    comparison = Comparison(base=side(before), head=side(after))
    causes = Causes(comparison)
    told = {id(difference) for subject in changed(old, new) for difference in causes.of(subject)}
    for difference in comparison.differences:
        if difference.change.topic not in {Topic.WITHDRAWAL, Topic.OTHER}:
            assert id(difference) in told, difference.change


@settings(max_examples=30)
@given(repositories(), repositories())
def test_a_step_of_something_causes_each_difference(one: Files, other: Files) -> None:
    assert_all_told(one, other)


@settings(max_examples=40)
@given(st.lists(st.sampled_from(TABLE), min_size=1, max_size=4))
def test_so_it_does_after_edits(rows: list[tuple[Edit, str, str]]) -> None:
    by_file = {edit[0]: edit for edit, _, _ in rows}  # two of one file may clash
    assert_all_told(dict(BASE), after(*by_file.values()))
    assert_all_told(after(*by_file.values()), dict(BASE))


def rewritten(data: Any, random: Random) -> str:  # noqa: ANN401 - as YAML has it
    """Return data as YAML of another style, with keys in another order."""

    def shuffled(value: Any) -> Any:  # noqa: ANN401 - as above
        if isinstance(value, dict):
            items = [(key, shuffled(each)) for key, each in value.items()]
            random.shuffle(items)
            return dict(items)
        return value

    return yaml.safe_dump(
        shuffled(data),
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=random.choice([None, False]),
        width=random.choice([30, 80, 10_000]),
        indent=random.choice([2, 4]),
        default_style=random.choice([None, '"', "'"]),
    )


TEXTS = [path for path in BASE if path.startswith("configs/charts/")]


@settings(max_examples=60)
@given(st.sampled_from(TEXTS), st.randoms(use_true_random=False))
def test_no_reformatting_counts(path: str, random: Random) -> None:
    head, _, rest = BASE[path].decode().partition("\n")
    data = yaml.load(rest, Loader=yaml.BaseLoader)  # noqa: S506 - it makes nothing but text
    text = re.sub(r"(?m)^(.depth.|depth): .16.$", "depth: 16", rewritten(data, random))
    assert digests({**BASE, path: f"{head}\n{text}".encode()}) == digests(dict(BASE))


@settings(max_examples=40)
@given(
    st.lists(
        st.sampled_from([edit for edit in MEANINGS if edit[:2] != (CLIENT, "since:")]), max_size=3
    )
)
def test_what_differs_is_told(edits: list[Edit]) -> None:
    """`approve` shows something of all that counts, and nothing of the rest."""
    by_file = {edit[0]: edit for edit in edits}
    old, new = version(dict(BASE)), version(after(*by_file.values()))
    for subject in old.contents.keys() | new.contents.keys():
        told = list(differences(old.contents.get(subject), new.contents.get(subject)))
        assert bool(told) == (subject in changed(old, new))


def test_differences_are_told_by_place() -> None:
    old = version(dict(BASE)).contents[CHART]
    new = version(after((CLIENT, "zed, other", "other"), (CLIENT, "since: v0.16.0\n", ""))).contents
    assert list(differences(old, new[CHART])) == [
        (
            "counters[0].buckets",
            "[vscode, neovim, emacs, zed, other]",
            "[vscode, neovim, emacs, other]",
        ),
        ("since", "v0.16.0", ""),
    ]


def test_every_file_is_a_subject_but_what_is_withdrawn() -> None:
    files = after(("retracted.yaml", "", next(e[2] for e in SILENT if e[0] == "retracted.yaml")))
    repository = version(files).repository
    found = contents(repository, documents(files), {"allowed_signers": b"\xff"}, root="configs")
    assert {str(each) for each in found} == {
        *("chart compile/bug", "chart go/cache-miss-rate", "chart go/gopath-mode"),
        *("chart gopls/client", "chart gopls/package-loader"),
        *("allowed_signers", COLLECTION, PEOPLE, LOCK, GOPLS, COMPILE, "programs/go.yaml"),
    }
    assert LOADER in {each.path for each in found}
