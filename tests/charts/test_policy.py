"""policy.yaml and retracted.yaml: what may stand beside the charts."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.charts.chart import ChartType
from chartconfig.charts.policy import strictest
from chartconfig.charts.retracted import why_refused, with_retractions
from chartconfig.module.gomod import Retraction
from chartconfig.pipeline import build, check
from chartconfig.source.document import Document
from tests.collection.repositories import ORIGIN
from tests.scenarios.repository import BASE

if TYPE_CHECKING:
    from chartconfig.charts.repository import Repository

TODAY = date(2026, 11, 20)
POLICY = "# yaml-language-server: $schema=../schema/policy.schema.json\n"
RETRACTED = "# yaml-language-server: $schema=../schema/retracted.schema.json\n"


def documents(name: str, text: str) -> list[Document]:
    files = BASE | {f"configs/{name}": text.encode()}
    return [Document(path=path, data=data) for path, data in files.items()]


def read(name: str, text: str) -> Repository:
    """Return the small base with one more file, which has no mistakes."""
    checked = check(documents(name, text), on=TODAY)
    assert checked.diagnostics == ()
    assert checked.planned is not None
    return checked.planned.repository


def found(name: str, text: str) -> list[str]:
    """Return what is found on that file."""
    return [
        f"{d.code} {d.span} {d.message}" for d in check(documents(name, text), on=TODAY).diagnostics
    ]


def test_releases_are_made_from_main_unless_the_policy_says_otherwise() -> None:
    assert read("policy.yaml", f"{POLICY}release: {{branch: stable}}\n").policy.branch == "stable"
    checked = check([Document(path=path, data=data) for path, data in BASE.items()], on=TODAY)
    assert checked.planned
    assert checked.planned.repository.policy.branch == "main"
    assert checked.planned.repository.retractions == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("release: {}\n", "CC117 configs/policy.yaml:2:10 `branch` is missing from `release`"),
        (
            "{}\n",
            "CC120 configs/policy.yaml:2:1 the policy file is empty",
        ),
        (
            "release: {branch: main}\nreviewers: []\n",
            "CC116 configs/policy.yaml:3:1 `reviewers` is no key of a policy file",
        ),
        (
            "release: {branch: 1}\n",
            "CC114 configs/policy.yaml:2:19 `1` is a number to YAML, and `release.branch` is text",
        ),
    ],
)
def test_a_policy_with_mistakes(text: str, expected: str) -> None:
    assert found("policy.yaml", POLICY + text) == [expected]


APPROVALS = """\
approvals:
  groups:
    reviewers: [ana@example.org, bo@example.org, cy@example.org]
    privacy: [cy@example.org]
  rules:
    - need: {reviewers: 1}
    - changes: [more, meaning]
      need: {reviewers: 2}
    - types: [stack]
      paths: [gopls/*, compile/*]
      need: {privacy: 1}
    - paths: [populations.yaml, programs/*]
      need: {privacy: 1, reviewers: 1}
"""


class TestApprovals:
    @pytest.mark.parametrize(
        ("name", "changes", "types", "expected"),
        [
            ("gopls/client", ["none"], [ChartType.PARTITION], {"reviewers": 1}),
            ("gopls/client", ["none", "more"], [ChartType.PARTITION], {"reviewers": 2}),
            ("gopls/bug", ["less"], [ChartType.STACK], {"reviewers": 1, "privacy": 1}),
            (
                "gopls/bug",
                ["meaning"],
                [ChartType.PARTITION, ChartType.STACK],
                {"reviewers": 2, "privacy": 1},
            ),
            ("go/bug", ["less"], [ChartType.STACK], {"reviewers": 1}),
            ("populations.yaml", ["more"], [], {"reviewers": 2, "privacy": 1}),
            ("programs/gopls.yaml", ["less"], [], {"reviewers": 1, "privacy": 1}),
            ("collection.yaml", ["less"], [], {"reviewers": 1}),
        ],
    )
    def test_the_strictest_of_all_rules_holds(
        self, name: str, changes: list[str], types: list[ChartType], expected: dict[str, int]
    ) -> None:
        approvals = read("policy.yaml", POLICY + APPROVALS).policy.approvals
        assert approvals is not None
        matching = [rule for rule in approvals.rules if rule.matches(name, changes, types)]
        assert strictest(matching) == expected

    def test_a_policy_may_say_either_or_both(self) -> None:
        policy = read("policy.yaml", f"{POLICY}{APPROVALS}release: {{branch: stable}}\n").policy
        assert policy.branch == "stable"
        assert policy.approvals is not None
        assert policy.approvals.people == ("ana@example.org", "bo@example.org", "cy@example.org")

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            (
                "need: {privacy: 1}",
                "need: {security: 1}",
                "CC814 configs/policy.yaml:12:24 there is no group `security`",
            ),
            (
                "need: {privacy: 1}",
                "need: {privacy: 2}",
                "CC814 configs/policy.yaml:12:23 `privacy` has 1, and 2 are to approve",
            ),
            (
                "[cy@example.org]",
                "[Cy@example.org]",
                "CC813 configs/policy.yaml:5:15 `Cy@example.org` looks like `cy@example.org`",
            ),
            (
                "[cy@example.org]",
                "[a*@b.de]",
                "CC813 configs/policy.yaml:5:15 `a*@b.de` is a pattern, which many names match",
            ),
            (
                "reviewers: 2",
                "reviewers: 0",
                "CC119 configs/policy.yaml:9:25 `approvals.rules[1].need.reviewers` is `0`",
            ),
            (
                "[more, meaning]",
                "[mroe]",
                "CC118 configs/policy.yaml:8:17 `approvals.rules[1].changes[0]` is `mroe`",
            ),
            (
                "types: [stack]",
                "types: [stacks]",
                "CC118 configs/policy.yaml:10:15 `approvals.rules[2].types[0]` is `stacks`",
            ),
            (
                "privacy: [cy@example.org]",
                "privacy: []",
                "CC120 configs/policy.yaml:5:14 `approvals.groups.privacy` is empty",
            ),
        ],
    )
    def test_with_mistakes(self, old: str, new: str, expected: str) -> None:
        assert found("policy.yaml", POLICY + APPROVALS.replace(old, new)) == [expected]


class TestRetracted:
    def test_versions_ascend_in_go_mod(self) -> None:
        text = f"{RETRACTED}v1.10.0: Ten.\nv1.9.0: 'Nine: the ninth.'\n"
        checked = check(documents("retracted.yaml", text), on=TODAY)
        assert checked.compilable
        files = build(checked.compilable, documents=(), origin=ORIGIN)
        assert files["go.mod"].decode() == (
            "module example.org/telemetry/config\n\nretract (\n"
            "\t// Nine: the ninth.\n\tv1.9.0\n\t// Ten.\n\tv1.10.0\n)\n"
        )

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (
                "v1.1: Too much.\n",
                "CC945 configs/retracted.yaml:2:7 `v1.1` is no version of a config, such as v1.2.3",
            ),
            (
                'v1.1.0: " Too much."\n',
                (
                    "CC945 configs/retracted.yaml:2:9 the reason for withdrawing v1.1.0 is not one "
                    "line of text"
                ),
            ),
            (
                "v1.1.0:\n",
                "CC115 configs/retracted.yaml:2:8 `v1.1.0` is empty, not text",
            ),
        ],
    )
    def test_with_mistakes(self, text: str, expected: str) -> None:
        assert found("retracted.yaml", RETRACTED + text) == [expected]

    @given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
    def test_any_reason_is_read_as_it_is_written(self, reason: str) -> None:
        if why_refused("v1.1.0", reason):
            return
        path = "configs/retracted.yaml"
        before = with_retractions(None, {"v1.0.0": "First."}, path=path)
        text = with_retractions(before, {"v1.1.0": reason}, path=path)
        assert read("retracted.yaml", text).retractions == (
            Retraction(low="v1.0.0", high="v1.0.0", reason="First."),
            Retraction(low="v1.1.0", high="v1.1.0", reason=reason),
        )

    def test_a_last_line_may_lack_its_end(self) -> None:
        text = with_retractions("v1.0.0: First.", {"v1.1.0": "More."}, path="configs/x.yaml")
        assert text == 'v1.0.0: First.\nv1.1.0: "More."\n'
