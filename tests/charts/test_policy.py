"""policy.yaml and retracted.yaml: what may stand beside the charts."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
