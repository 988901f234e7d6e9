"""`rates`: what is assumed on the command line, and what it changes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.command import ON, changed, run, terminal

if TYPE_CHECKING:
    from pathlib import Path

WHAT_IF = """\
what if                 in the files                          assumed
installations of gopls  300,000 to 1,200,000, likely 600,000  100,000 to 900,000, likely 300,000
margin                  each chart's own                      2%
confidence              each chart's own                      95%
cap                     10%                                   20%

chart         promise     population   before     rate  reports           a week  likely worth
gopls/client  ±2% at 95%     100,000  0.05248  0.02358  once in 42 weeks   7,074  1.16%

5 charts, 17 counters: SampleRate 0.05248 -> 0.1426, 2.73 -> 7.42 reports a year expected
"""

BUDGET = """\
what if         in the files  assumed
reports a year  no limit      1

chart           promise             population    before      rate  reports            a week\
  can promise   likely worth
compile/bug     detect 0.1% at 95%     500,000   0.01822  0.006527  once in 2.9 years   6,527\
  detect 0.28%  0.14%
go/gopath-mode  CDF ±2% at 95%         500,000  0.009142  0.003256  once in 5.9 years   3,256\
  CDF ±3.37%    2.38%
gopls/client    ±1% at 99%             300,000   0.05248   0.01923  once in 52 weeks   11,538\
  ±1.69%        1.19%

5 charts, 17 counters: SampleRate 0.05248 -> 0.01923, 2.73 -> 1 report a year expected\
 of 1 allowed
Every margin is 1.68 times as wide, every share to detect is 2.82 times as large; or less,\
 where that costs no report.
"""

SHORT = """\
error[CC408] shortfall: gopls/client: margin 0.5% at 99% needs a rate of 0.1813 from 300,000\
 installations, and the cap is 10%
 = help: ask for `margin: 0.706%`, pool `weeks: 2`, have 597,660 installations at `low`,\
 or say `shortfall: accept`

1 error
"""


def document(*arguments: str | Path) -> dict[str, Any]:
    """Return what is printed as JSON."""
    result = run(*arguments, "--format=json")
    assert (result.code, result.err) == (0, "")
    printed: dict[str, Any] = json.loads(result.out)
    return printed


class TestAssumptions:
    def test_stand_before_a_table_of_before_and_after(self, clean: Path) -> None:
        options = ["--population=gopls=100k..900k", "--margin=2%", "--confidence=0.95", "--cap=20%"]
        result = run("-C", clean, "rates", "gopls/client", *options)
        assert (result.code, result.out, result.err) == (0, WHAT_IF, "")

    def test_change_no_file(self, clean: Path) -> None:
        before = {path: path.read_bytes() for path in clean.rglob("*") if path.is_file()}
        run("-C", clean, "rates", "--margin=2%", "--budget=1", "--population=gopls=1M")
        assert {path: path.read_bytes() for path in clean.rglob("*") if path.is_file()} == before

    def test_of_json_are_those_that_were_made(self, clean: Path) -> None:
        printed = document(
            *("-C", clean, "rates", "gopls/client", "--margin=2%", "--population=gopls=200k")
        )
        assert printed["assumptions"] == {
            "populations": {"gopls": {"low": 200_000, "likely": 200_000, "high": 200_000}},
            "margin": 0.02,
        }
        (chart,) = printed["charts"]
        assert chart["before"] == {
            "rate": 0.05248,
            "achieved": {"margin": 0.01, "margin_at_likely": 0.00707},
        }
        assert (chart["rate"], chart["accuracy"]["margin"]) == (0.02039, 0.02)
        assert chart["population"]["low"] == 200_000
        assert printed["totals"]["before"] == {"sample_rate": 0.05248, "reports_per_year": 2.72896}
        assert "widening" not in printed["totals"]

    def test_are_not_in_json_without_any(self, clean: Path) -> None:
        printed = document("-C", clean, "rates")
        assert list(printed) == ["format", "charts", "totals"]
        assert "before" not in printed["totals"]
        assert "before" not in printed["charts"][0]

    def test_about_a_population_may_be_repeated(self, clean: Path) -> None:
        printed = document(
            *("-C", clean, "rates", "--population=gopls=100k", "--population=go=5k", "--cap=90%")
        )
        assert {chart["id"]: chart["population"]["low"] for chart in printed["charts"]} == {
            "compile/bug": 500_000,
            "go/cache-miss-rate": 5000,
            "go/gopath-mode": 5000,
            "gopls/client": 100_000,
            "gopls/package-loader": 100_000,
        }

    def test_about_a_key_of_populations(self, shipped: Path) -> None:
        printed = document(
            *("-C", shipped, "rates", "cmd-compile/bugs", "cmd-go/vcs", ON),
            "--population=toolchain=1M",
        )
        assert {chart["population"]["high"] for chart in printed["charts"]} == {1_000_000, 300_000}

    def test_about_a_margin_tell_whose_stays(self, clean: Path) -> None:
        result = run("-C", clean, "rates", "--margin=2%")
        assert (result.code, result.err) == (
            0,
            "--margin changes no chart that has none: compile/bug\n",
        )
        assert "compile/bug           detect 0.1% at 95% " in result.out
        assert run("-C", clean, "rates", "--margin=2%", "gopls/client").err == ""


class TestShortfall:
    def test_under_assumptions_is_a_finding(self, clean: Path) -> None:
        result = run("-C", clean, "rates", "gopls/client", "--margin=0.5%")
        assert (result.code, result.err) == (1, SHORT)
        assert "  0.1  once in 10 weeks  60,000  0.5% (short)\n" in result.out

    def test_may_be_accepted(self, clean: Path) -> None:
        changed(clean, "since: v0.16.0\n", "since: v0.16.0\nshortfall: accept\n")
        result = run("-C", clean, "rates", "gopls/client", "--margin=0.5%")
        assert (result.code, result.err) == (0, "")
        assert " (short)\n" in result.out

    def test_of_the_files_is_none_under_assumptions_that_lift_it(self, clean: Path) -> None:
        changed(
            clean, "since: v0.16.0\n", "since: v0.16.0\naccuracy: {margin: 0.5%, confidence: 99%}\n"
        )
        assert run("-C", clean, "rates").code == 1
        for option in ("--margin=1%", "--cap=20%", "--population=gopls=600k"):
            result = run("-C", clean, "rates", option, "gopls/client")
            assert (result.code, result.err) == (0, "")
            assert "     0.1 " in result.out  # before

    def test_of_one_chart_does_not_hide_another_error(self, wrong: Path) -> None:
        result = run("-C", wrong, "rates", "--cap=20%")
        assert result.code == 1
        assert result.out.startswith("what if ")
        assert result.err.startswith("error[CC203] counter-name: ")


class TestBudget:
    def test_widens_what_it_must(self, clean: Path) -> None:
        charts = ("compile/bug", "go/gopath-mode", "gopls/client")
        result = run("-C", clean, "rates", "--budget=1", *charts)
        assert (result.code, result.out, result.err) == (0, BUDGET, "")

    def test_of_json_tells_by_how_much(self, clean: Path) -> None:
        printed = document("-C", clean, "rates", "--budget=1")
        totals = printed["totals"]
        assert totals["widening"] == pytest.approx(1.6807, abs=1e-4)
        assert totals["reports_per_year"] <= totals["max_reports_per_year"] == 1
        assert totals["before"]["reports_per_year"] == 2.72896
        assert printed["assumptions"] == {"budget": 1.0}

    def test_of_json_has_no_error_of_floats(self, clean: Path) -> None:
        assert 52 * 0.01923 == 0.9999600000000001
        assert document("-C", clean, "rates", "--budget=1")["totals"]["reports_per_year"] == 0.99996

    def test_that_is_large_enough_widens_nothing(self, clean: Path) -> None:
        result = run("-C", clean, "rates", "--budget=3")
        assert result.out.endswith(" 2.73 -> 2.73 reports a year expected of 3 allowed\n")
        assert document("-C", clean, "rates", "--budget=3")["totals"]["widening"] == 1

    def test_tells_of_which_charts_nothing_is_left_to_promise(self, clean: Path) -> None:
        result = run("-C", clean, "rates", "--budget=0.000001", "gopls/client", "compile/bug")
        assert (result.code, result.err) == (
            0,
            "nothing can be promised at this budget of compile/bug, gopls/client\n",
        )
        for row in result.out.splitlines()[4:6]:
            assert row.split()[-2:] == ["nothing", "nothing"]
        # 1e-6/52 is 1.9230...e-8; the likely 600,000 send .0115 reports a week
        assert "  1.923e-08  once in 1,000,040 years   0.0115  nothing " in result.out
        assert result.out.endswith(
            " 2.73 -> 0.000001 reports a year expected of 0.000001 allowed\n"
        )  # and no word of margins

    def test_says_how_much_wider_only_of_those_of_which_it_is_true(self, clean: Path) -> None:
        # The cap keeps the charts of go from 2%. Odds of 1/9 at .1 become .04 at .03846: by 2.778.
        result = run("-C", clean, "rates", "--budget=2", "--population=go=1k")
        assert result.out.endswith(
            "\nOf 3 charts, every margin is 1.67 times as wide, every share to detect is 2.78 times"
            " as large; or less, where that costs no report.\n"
            "More is given up of go/cache-miss-rate, go/gopath-mode.\n"
        )

    def test_says_of_each_kind_how_much_wider(self, clean: Path) -> None:
        (clean / "configs/charts/gopls/package-loader.yaml").unlink()
        changed(
            clean,
            "since: v0.16.0\n",
            "since: v0.16.0\naccuracy: {change: 2%, power: 80%, confidence: 95%}\n",
        )
        for chart in (clean / "configs/charts/go").iterdir():
            chart.unlink()
        result = run("-C", clean, "rates", "--budget=0.5")
        (*_, told) = result.out.splitlines()
        assert re.fullmatch(
            r"Every change to notice is [0-9.]+ times as large, every share to detect is [0-9.]+"
            r" times as large; or less, where that costs no report\.",
            told,
        ), told

    def test_shows_what_was_promised_before_where_that_fell_short(self, shipped: Path) -> None:
        result = run("-C", shipped, "rates", "--budget=0.5", "cmd-go/go386", ON)
        assert "  detect 0.128% (0.0612% before)  0.0548% (short)\n" in result.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ["--population=gopsl=3k"],
            "there is no program 'gopsl', nor such a population; did you m",
        ),
        (["--population=x=3k"], "there is no program 'x', nor such a population; there are compil"),
        (["--population=gopls"], "'gopls' names no program: write gopls=300k or gopls=300k..900k"),
        (["--population==3k"], "'=3k' names no program: write gopls=300k or gopls=300k..900k"),
        (["--population=gopls=9k..3k"], "'gopls=9k..3k': 9k is more than 3k; write 3k..9k"),
        (
            ["--population=gopls=0"],
            "'gopls=0': '0' is no number of installations: write a whole one, at l",
        ),
        (
            ["--population=gopls=3..x"],
            "'gopls=3..x': 'x' is no number of installations: write a wh",
        ),
        (["--population=gopls=2000000M"], "'gopls=2000000M': write at most 1,000,000,000,000"),
        (["--population=go=3", "--population=go=4"], "--population gives go twice"),
        (["--margin=1"], "'1' is no fraction above 0 and below 1: write 2% or 0.02"),
        (["--margin=0%"], "'0%' is no fraction above 0 and below 1: write 2% or 0.02"),
        (["--margin=-1%"], "'-1%' is no fraction above 0 and below 1: write 2% or 0.02"),
        (["--confidence=95"], "'95' is no fraction above 0 and below 1: write 95% or 0.95"),
        (["--cap=2"], "'2' is no fraction above 0 and at most 1: write 20% or 0.2"),
        (["--budget=0"], "'0' is no number of reports a year above 0 and at most 52: write 1 or"),
        (["--budget=53"], "'53' is no number of reports a year above 0 and at most 52: write 1"),
        (["--budget=1e3"], "'1e3' is no number of reports a year above 0 and at most 52: write"),
    ],
)
def test_wrong_usage_is_told(clean: Path, options: list[str], said: str) -> None:
    result = run("-C", clean, "rates", *options)
    assert (result.code, result.out) == (2, "")
    assert said in result.err


def test_an_error_that_may_hide_a_population_is_told_first(clean: Path) -> None:
    (clean / "configs/programs/gopls.yaml").write_text("title: gopls\n", encoding="utf-8")
    result = run("-C", clean, "rates", "--population=gopls-nightly=3k")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("error[CC")


def test_leaves_out_columns_that_do_not_fit(clean: Path) -> None:
    shown = terminal("-C", clean, "rates", ON, "--budget=1", NO_COLOR="1", COLUMNS="90").out
    heading = next(line for line in shown.splitlines() if line.startswith("chart "))
    assert heading.split() == "chart promise before rate can promise likely worth".split()
