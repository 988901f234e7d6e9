"""README.md of a compiled config: everything that is collected, and no markup of a chart's own."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from chartconfig.collection.readme import encode_readme
from tests.collection.repositories import (
    built,
    chart,
    charts_of,
    planned,
    repositories,
    repository,
    small,
)

if TYPE_CHECKING:
    from tests.scenarios.repository import Files


def readme(**texts: str) -> str:
    """Return the README of a config with one chart that has these texts."""
    asking = chart("gopls", "partition", counter="gopls/x", buckets=["a", "other"])
    plan = planned(repository({"gopls/x": asking}))
    (one,) = plan.charts
    return encode_readme(plan.repository, [replace(one, **texts)], plan.plan).decode()  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(repositories())
def test_lists_every_chart(files: Files) -> None:
    output = built(files)
    text = output["README.md"].decode()
    charts = charts_of(output)
    assert text.count("\n### ") == len(charts)
    assert f"- {len(charts)} chart{'' if len(charts) == 1 else 's'}.\n" in text
    for each in charts.values():
        for name in each["counters"]:
            assert f"`{name}`" in text


def test_says_what_how_often_how_accurate_and_until_when() -> None:
    text = small()["README.md"].decode()
    start = text.index("### Conditions held")
    assert text[start : text.index("\n### ", start)] == (
        "### Conditions held to be impossible\n"
        "\n"
        "Decides which wrong assumption is mended first.\n"
        "\n"
        "- collected: `gopls/bug`, 16 frames\n"
        "- how often: in 0.7612% of weeks, once in 2.5 years\n"
        "- accuracy: whatever 0.1% of installations have is reported, with 95% confidence,"
        " over 4 weeks\n"
        "- until: never expires: A bug is wanted for as long as there is a gopls.\n"
        "- discussed: <https://go.dev/issue/62249>\n"
    )


def test_says_what_is_promised_where_less_is() -> None:
    assert (
        "- accuracy: less than asked for (each share within 0.2% of the truth, with 99.9%"
        " confidence): margin 0.807% is promised\n"
    ) in small()["README.md"].decode()


@pytest.mark.parametrize(
    ("chart_type", "accuracy", "promised"),
    [
        (
            "partition",
            {"relative_margin": "20%", "smallest_share": "2%"},
            "each share of 2% or more within 20% of itself, with 95% confidence",
        ),
        (
            "partition",
            {"change": "2%", "power": "90%", "weeks": "4"},
            "a change by 2% is noticed with 90% power, with 95% confidence, over 4 weeks",
        ),
        ("ratio", {"margin": "2%"}, "the mean within 2% of the truth, with 95% confidence"),
        (
            "partition",
            {"margin": "3%", "for_each": "[os, arch]", "smallest_group": "10%"},
            "each share within 3% of the truth, with 95% confidence, for each os and arch",
        ),
        (
            "partition",
            {"margin": "3%", "for_each": "[os]", "smallest_group": "10%", "groups": "3"},
            (
                "each share within 3% of the truth, with 95% confidence,"
                " for all 3 groups by os at once"
            ),
        ),
    ],
)
def test_says_what_each_kind_promises(
    chart_type: str, accuracy: dict[str, str], promised: str
) -> None:
    asking = (
        chart("gopls", "ratio", accuracy=accuracy, numerator="gopls/x", denominator="gopls/y")
        if chart_type == "ratio"
        else chart("gopls", "partition", accuracy=accuracy, counter="gopls/x", buckets=["other"])
    )
    plan = planned(repository({"gopls/x": asking}))
    text = encode_readme(plan.repository, plan.charts, plan.plan).decode()
    assert f"\n- accuracy: {promised}\n" in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "plain, text: with (some) 'signs' 50% - ok!",
            "plain, text: with (some) 'signs' 50% - ok!",
        ),
        ("<script>&lt;", r"\<script\>\&lt;"),
        ("*a* _b_ `c` ~~d~~", r"\*a\* \_b\_ \`c\` \~\~d\~\~"),
        ("[a](b) ![c][d]", r"\[a\](b) !\[c\]\[d\]"),
        ("# a | b \\ c", r"\# a \| b \\ c"),
        ("two\n\nlines\t and  more", "two lines and more"),
        ("- a", r"\- a"),
        ("+ a", r"\+ a"),
        ("=== a", r"\=== a"),
        ("1. a", r"1\. a"),
        ("12) a", r"12\) a"),
        ("1.5 a", r"1\.5 a"),
        ("2026 a", "2026 a"),
    ],
)
def test_escapes_markup(text: str, shown: str) -> None:
    assert f"\n### {shown}\n" in readme(title=text)
    assert f"\n\n{shown}\n\n- collected: " in readme(description=text)
    ending = readme(reason=text, expires=None)  # type: ignore[arg-type]
    assert f"\n- until: never expires: {shown}\n" in ending


def test_keeps_links_and_names_in_their_bounds() -> None:
    text = small()["README.md"].decode()
    assert "<https://example.org/1%3E%3Cb%3E>" in text
    asking = chart("gopls", "partition", counter='"gopls/a`b``<i>"', buckets=["a", "other"])
    text = built(repository({"gopls/x": asking}))["README.md"].decode()
    assert "- collected: ``` gopls/a`b``<i>:{a,other} ```\n" in text


def test_holds_no_html() -> None:
    text = small()["README.md"].decode()
    outside_of_code = re.sub("`[^`]*`", "", text)
    assert re.findall(r"(?<!\\)<(?!https://[^<>]*>)", outside_of_code) == []
