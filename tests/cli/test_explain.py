"""`explain`: by chart, by counter, by code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chartconfig.diagnostics.catalogue import RETIRED, RULES
from chartconfig.diagnostics.page import page
from tests.cli.command import changed, run

if TYPE_CHECKING:
    from pathlib import Path

GOPATH_MODE = """\
go/gopath-mode  Invocations in GOPATH mode

  Decides when GOPATH mode can be removed.

  program     The go command, cmd/go
  collected   go/gopath-mode, go/invocations
  since       go1.25.0
  until       2027-11-01
  discussed   https://go.dev/issue/60915
  owners      @golang/release
  population  500,000 to 2,000,000 installations a week, likely 1,000,000, as of 2026-06-01
  says who    https://example.org/survey-2026

  How the rate is computed
"""


def explained(repository: Path, subject: str) -> list[str]:
    """Return the charts that are explained."""
    result = run("-C", repository, "explain", subject, "--format=json")
    assert (result.code, result.err) == (0, "")
    return [chart["id"] for chart in json.loads(result.out)["charts"]]


def test_tells_which_question_and_how_the_rate_came_about(clean: Path) -> None:
    result = run("-C", clean, "explain", "go/gopath-mode")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(GOPATH_MODE)
    assert "rounded up to four digits: 0.009142, within the limit of 0.1\n" in result.out
    assert result.out.endswith(
        "  What it is worth\n"
        "    One installation reports once in 2.1 years, 0.475 times a year;"
        " a report stands for 109.4 installations.\n"
        "    9,142 reports a week are expected from the likely population.\n"
        "    From 500,000 installations (low): distribution margin 2%.\n"
        "    From 1,000,000 installations (likely): distribution margin 1.42%.\n"
        "\n"
        "  What if\n"
        "            installations  rate needed  one installation   0.009142 gives\n"
        "    half          250,000      0.01812  once in 55 weeks   2.83%\n"
        "    low           500,000     0.009142  once in 2.1 years  2%\n"
        "    double      1,000,000     0.004592  once in 4.2 years  1.42%\n"
        "\n"
        "             distribution margin  rate needed  one installation   all charts\n"
        "    tighter                 1.5%      0.01614  once in 62 weeks   2.73 reports a year\n"
        "    asked                     2%     0.009142  once in 2.1 years  2.73 reports a year\n"
        "    looser                    3%     0.004086  once in 4.7 years  2.73 reports a year\n"
    )


def test_tells_how_often_the_margin_of_one_share_would_still_hold(clean: Path) -> None:
    shown = run("-C", clean, "explain", "gopls/client").out
    assert shown.endswith(
        "            installations  rate needed  one installation  0.05248 gives  1% holds with\n"
        "    half          150,000      0.09974  once in 10 weeks  1.42%          93.13%\n"
        "    low           300,000      0.05248  once in 19 weeks  1%             99%\n"
        "    double        600,000      0.02695  once in 37 weeks  0.707%         99.97%\n"
        "\n"
        "             margin  rate needed  one installation  all charts\n"
        "    tighter    0.7%       0.1016  over 0.1\n"
        "    asked        1%      0.05248  once in 19 weeks  2.73 reports a year\n"
        "    looser     1.5%      0.02405  once in 42 weeks  2.73 reports a year\n"
    )


def test_says_where_no_rate_will_do(clean: Path) -> None:
    path = clean / "configs/populations.yaml"
    text = path.read_text(encoding="utf-8").replace("low: 300k", "low: 1")
    path.write_text(text, encoding="utf-8")
    lines = run("-C", clean, "explain", "gopls/client").out.splitlines()
    assert "    half                0               no rate will do   nothing" in lines
    assert "    low                 1        0.992  over 0.1          nothing    10%" in lines


@pytest.mark.parametrize(
    ("subject", "charts"),
    [
        ("gopls/client", ["gopls/client"]),
        ("gopls/client:zed", ["gopls/client"]),
        ("gopls/client:{vscode,neovim,emacs,zed,other}", ["gopls/client"]),
        ("gopls/client:{zed,vscode}", ["gopls/client"]),
        ("go/invocations", ["go/gopath-mode"]),
        ("compile/bug", ["compile/bug"]),
    ],
)
def test_finds_by_chart_counter_bucket_and_collapsed_name(
    clean: Path, subject: str, charts: list[str]
) -> None:
    assert explained(clean, subject) == charts


@pytest.mark.parametrize(
    "subject", ["gopls", "gopls/client:", "gopls/client:vim", "gopls/client:{zed,vim}", "", "x{"]
)
def test_says_that_nothing_else_is_collected(clean: Path, subject: str) -> None:
    result = run("-C", clean, "explain", subject)
    assert (result.code, result.out) == (2, "")
    assert f"there is no chart, counter or code {subject!r}; nothing else" in result.err


def test_tells_of_every_chart_that_asks_for_a_counter(clean: Path) -> None:
    changed(clean, "counter: gopls/client\n", "numerator: gopls/client:zed\ndenominator: gopls/x\n")
    changed(clean, "type: partition", "type: ratio")
    changed(clean, "buckets: [vscode, neovim, emacs, zed, other]\n", "")
    loader = clean / "configs/charts/gopls/package-loader.yaml"
    text = loader.read_text(encoding="utf-8").replace("package-loader", "client")
    loader.write_text(text.replace("bazel", "zed"), encoding="utf-8")
    assert explained(clean, "gopls/client:zed") == ["gopls/client", "gopls/package-loader"]
    shown = run("-C", clean, "explain", "gopls/client:zed").out
    assert "\n\ngopls/package-loader  What loads packages for gopls\n" in shown


def test_says_that_an_expired_chart_is_not_collected(clean: Path) -> None:
    result = run("-C", clean, "explain", "gopls/client", "--on=2027-11-02")
    assert result.code == 0
    assert result.out.endswith("  not collected: it has expired, or has no rate; see check\n")


@pytest.mark.parametrize("code", ["CC402", "cc402"])
def test_prints_the_page_of_a_code_wherever_it_is(code: str) -> None:
    result = run("-C", "/nowhere", "explain", code)
    assert (result.code, result.out, result.err) == (0, page(RULES["CC402"]), "")


def test_tells_of_a_code_that_is_retired() -> None:
    result = run("-C", "/nowhere", "explain", "CC409")
    assert (result.code, result.out, result.err) == (0, page(RETIRED["CC409"]), "")
    assert json.loads(run("-C", "/nowhere", "explain", "CC409", "--format=json").out) == {
        "format": "chartconfig/explain/v1",
        "subject": "CC409",
        "code": {
            "code": "CC409",
            "name": "not-computed-yet",
            "retired": RETIRED["CC409"].why,
            "see": "CC419",
        },
    }


def test_tells_which_versions_report_and_do_not_count(clean: Path) -> None:
    loader = clean / "configs/charts/gopls/package-loader.yaml"
    text = loader.read_text(encoding="utf-8").replace("since: ", "# since: ")
    loader.write_text(text, encoding="utf-8")
    assert (
        "  since       v0.16.0; config.json names the program from v0.13.0 on, for other charts: "
        "those\n              reports do not count here\n"
    ) in run("-C", clean, "explain", "gopls/client").out
    program = clean / "configs/programs/gopls.yaml"
    text = program.read_text(encoding="utf-8").replace("since: ", "# since: ")
    program.write_text(text, encoding="utf-8")
    assert (
        "  since       v0.16.0; config.json names every version of the program, for other charts: "
        "those\n              reports do not count here\n"
    ) in run("-C", clean, "explain", "gopls/client").out
    assert (
        "  since       every version\n" in run("-C", clean, "explain", "gopls/package-loader").out
    )
