"""`simulate`: what holds, what is flagged, from the charts and from what compile wrote of them."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.command import ENVIRONMENT, ON, ROOT, Result, run, spawn, terminal
from tests.cli.test_json import PAGE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FEW = "--replications=300"


@pytest.fixture(scope="module")
def shipped_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what compile writes of this project's own charts, all but what simulate reads."""
    out = tmp_path_factory.mktemp("shipped") / "build"
    assert spawn("-C", ROOT, "compile", ON, "-o", out).code == 0
    for name in ("README.md", "go.mod", "manifest.json"):
        (out / name).unlink()
    return out


@pytest.fixture
def build(clean: Path, tmp_path: Path) -> Path:
    """Return what compile writes of a small config repository."""
    out = tmp_path / "build"
    assert run("-C", clean, "compile", ON, "-o", out).code == 0
    return out


def edit(path: Path, change: Callable[[str], str]) -> None:
    text = path.read_text(encoding="utf-8")
    changed = change(text)
    assert changed != text
    path.write_text(changed, encoding="utf-8")


def lowered(key: str, by: float = 0.95) -> Callable[[str], str]:
    """Return what lowers every number that stands after a key."""

    def lower(text: str) -> str:
        return re.sub(
            rf'("{key}": )([0-9.e-]+)', lambda found: f"{found[1]}{float(found[2]) * by:.4g}", text
        )

    return lower


def renamed(counter: str) -> Callable[[str], str]:
    """Return what gives a counter another name."""
    return lambda text: text.replace(f'"{counter}"', f'"{counter}-x"')


def simulated(*arguments: str | Path) -> tuple[Result, dict[str, Any]]:
    result = run("simulate", *arguments, "--format=json")
    return result, json.loads(result.out)


def verdicts(document: dict[str, Any]) -> dict[str, str]:
    return {chart["id"]: chart["verdict"] for chart in document["charts"]}


class TestShippedCharts:
    """The acceptance of the command, with as many fleets as a test has time for."""

    def test_hold_every_promise_at_low_and_likely_and_none_at_half_of_low(
        self, shipped_build: Path
    ) -> None:
        result, document = simulated("--compiled", shipped_build, "--replications=2000")
        assert (result.code, result.err) == (0, "")
        assert document["totals"]["broken"] == 0
        assert document["totals"]["charts"] == len(document["charts"]) > 40
        assert document["totals"]["broken_at_half_of_low"] == len(document["charts"])

    def test_are_flagged_with_rates_lowered_by_five_percent(
        self, shipped_build: Path, tmp_path: Path
    ) -> None:
        shutil.copytree(shipped_build, tmp_path / "build")
        edit(tmp_path / "build/config.json", lowered("(?:Rate|SampleRate)"))
        result, document = simulated("--compiled", tmp_path / "build", "--replications=500")
        assert result.code == 1
        assert document["totals"]["broken"] > 20  # the shares of what is not collected are wrong
        assert result.err.count("error[CC907] broken-promise: ") == document["totals"]["broken"]

        edit(tmp_path / "build/charts.json", lowered("rate"))
        some = ["cmd-compile/bugs", "cmd-compile/invocations", "gopls/rename"]
        result, document = simulated(
            "--compiled", tmp_path / "build", "--replications=60000", *some
        )
        assert result.code == 1
        assert verdicts(document) == dict.fromkeys(some, "broken")


class TestFindings:
    def test_tell_of_a_bucket_that_the_config_lost(self, build: Path) -> None:
        edit(build / "config.json", lambda text: text.replace("{vscode,", "{"))
        result = run("simulate", "--compiled", build, FEW)
        assert result.code == 1
        assert result.err == (
            "error[CC907] broken-promise: gopls/client: `±1% at 99%` holds in 0.00% of fleets of "
            "300,000 (low, worst share), and not in more than 3.75% of all\n"
            " = help: config.json asks for gopls/client:vscode in 0% of weeks, charts.json counts"
            " on 5.248%\n\n"
            "1 error\n"
        )
        (row,) = (text for text in result.out.splitlines() if text.startswith("gopls/client"))
        assert row.endswith("broken")

    @pytest.mark.parametrize(
        ("name", "change", "broken"),
        [
            ("config.json", lowered("SampleRate", 0.5), ["gopls/client", "gopls/package-loader"]),
            ("config.json", renamed("compile/bug"), ["compile/bug"]),
            ("config.json", renamed("go/gopath-mode"), ["go/gopath-mode"]),
            ("charts.json", renamed("go/invocations"), ["go/gopath-mode"]),
        ],
    )
    def test_tell_of_whatever_is_not_collected(
        self, build: Path, name: str, change: Callable[[str], str], broken: list[str]
    ) -> None:
        edit(build / name, change)
        result, document = simulated("--compiled", build, FEW)
        assert result.code == 1
        assert [
            each for each, verdict in verdicts(document).items() if verdict == "broken"
        ] == broken

    def test_name_each_chart_once_and_half_of_low_only_if_asked(self, build: Path) -> None:
        assert run("simulate", "--compiled", build, FEW).code == 0
        result = run("simulate", "--compiled", build, FEW, "--fail-at-half", "gopls/client")
        assert result.code == 1
        assert result.err.count("CC907") == 1
        assert "of fleets of 150,000 (half of low, " in result.err
        assert " = help: plan for a smaller low in populations.yaml\n" in result.err

    def test_are_of_charts_that_promise_something(self, build: Path) -> None:
        edit(
            build / "charts.json",
            lambda text: text.replace(
                '"achieved": {"margin": 0.01,',
                '"shortfall": {"limit": 0.1}, "achieved": {"margin": null,',
            ),
        )
        result, document = simulated("--compiled", build, FEW)
        assert result.code == 0
        assert verdicts(document)["gopls/client"] is None
        shown = run("simulate", "--compiled", build, FEW, "gopls/client").out
        assert shown.splitlines()[1].split() == ["gopls/client", "nothing", "nothing", "promised"]
        assert shown.splitlines()[-1] == "nothing is promised"


class TestRun:
    def test_of_the_charts_is_that_of_what_compile_writes(self, clean: Path, build: Path) -> None:
        of_charts = run("-C", clean, "simulate", ON, FEW)
        assert (of_charts.code, of_charts.err) == (0, "")
        assert run("simulate", "--compiled", build, FEW) == of_charts

    def test_reads_nothing_but_two_files(self, build: Path) -> None:
        before = run("simulate", "--compiled", build, FEW)
        for name in ("README.md", "go.mod", "manifest.json"):
            (build / name).unlink()
        assert run("simulate", "--compiled", build, FEW) == before

    def test_of_some_charts_has_the_same_fleets(self, build: Path) -> None:
        _, of_all = simulated("--compiled", build, FEW)
        _, of_one = simulated("--compiled", build, FEW, "gopls/client")
        (alone,) = of_one["charts"]
        (among,) = (chart for chart in of_all["charts"] if chart["id"] == "gopls/client")
        for here, there in zip(alone["populations"], among["populations"], strict=True):
            assert here["truths"] == there["truths"]

    def test_depends_on_the_seed_alone(self, build: Path) -> None:
        first, again, other = (
            run("simulate", "--compiled", build, FEW, f"--seed={seed}") for seed in (1, 1, 2)
        )
        assert first == again != other

    def test_of_each_installation_tells_the_same(self, clean: Path) -> None:
        arguments = ("-C", clean, "simulate", ON, "gopls/client", "--format=json")
        counts = json.loads(run(*arguments, "--replications=40").out)
        each = json.loads(run(*arguments, "--replications=2", "--each-installation").out)
        assert (counts["engine"], each["engine"]) == ("counts", "installations")

        def without_numbers(document: dict[str, Any]) -> list[Any]:
            return [
                (each["population"], each["installations"], [t["truth"] for t in each["truths"]])
                for chart in document["charts"]
                for each in chart["populations"]
            ]

        assert without_numbers(each) == without_numbers(counts)

    def test_says_how_many_fleets_would_tell(self, build: Path) -> None:
        (*_, told, half) = run("simulate", "--compiled", build, FEW).out.splitlines()
        assert told == (
            "5 promises, 300 fleets each: none seen to break, but too few to tell of 5: "
            "--replications 77524 would"
        )
        assert half == "At half of low, if even that was too high, 5 of 5 are seen to break"

    def test_of_each_installation_says_where_more_fleets_are_sooner_drawn(
        self, clean: Path
    ) -> None:
        arguments = ("-C", clean, "simulate", ON, "compile/bug", "--replications=2")
        for option, told in (((), ""), (("--each-installation",), ", sooner without --each-ins")):
            (_, _, _, told_last, *_) = run(*arguments, *option).out.splitlines()
            assert f": --replications 4501 would{told}" in told_last
            assert told_last.endswith("would") == (not option)

    def test_is_clean_with_enough_fleets(self, build: Path) -> None:
        result = run("simulate", "--compiled", build, "compile/bug", "--replications=50000")
        assert result.code == 0
        heading, row, _, told, _ = result.out.splitlines()
        assert heading.split("  ")[0] == "chart"
        assert re.fullmatch(
            r"compile/bug  detect 0\.1% at 95%  9[45]\.\d\d% ±0\.3\d  99\.9\d% ±0\.0\d  "
            r"100\.00% ±0\.0\d  4[789]\.\d\d% ±0\.7\d  kept, not at half of low",
            row,
        )
        assert told == "1 promise, 50,000 fleets each: all kept at low, likely and high"


class TestUsage:
    def test_tells_of_which_installations_the_columns_are(self) -> None:
        shown = " ".join(run("simulate", "--help").out.split())
        assert (
            "Of a chart with groups, these are the coverages in one group, the smallest." in shown
        )

    def test_names_charts_that_are_compiled(self, clean: Path, build: Path) -> None:
        for place in (("-C", clean, "simulate", ON), ("simulate", "--compiled", build)):
            result = run(*place, "gopls/nothing")
            assert (result.code, result.out) == (2, "")
            assert result.err.endswith("Error: there is no compiled chart gopls/nothing\n")

    @pytest.mark.parametrize("option", [ON, "--at=HEAD"])
    def test_of_a_compiled_directory_needs_no_day(self, build: Path, option: str) -> None:
        result = run("simulate", "--compiled", build, option)
        assert (result.code, result.out) == (2, "")
        assert "--compiled reads neither charts nor git: leave out --on and --at" in result.err

    def test_needs_charts_without_errors(self, wrong: Path) -> None:
        result = run("-C", wrong, "simulate", ON)
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith("error[CC203] counter-name: ")

    def test_needs_both_files(self, build: Path) -> None:
        (build / "config.json").unlink()
        result = run("simulate", "--compiled", build)
        assert (result.code, result.out) == (1, "")
        assert result.err == (
            f"error[CC123] unreadable-file: {build}/config.json cannot be read: no such file or "
            "directory\n = help: name a directory that chartconfig compile wrote\n\n"
        )

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("charts.json", "error[CC905] malformed-charts: {path} is no JSON\n"),
            (
                "config.json",
                "error[CC901] malformed-config: the end of the file where a key belongs\n",
            ),
        ],
    )
    def test_needs_both_files_whole(
        self, build: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
    ) -> None:
        (build / name).write_bytes(b"{")
        monkeypatch.chdir(build.parent)
        for given in (f"{build}", build.name, f"../{build.parent.name}/{build.name}/"):
            result = run("simulate", "--compiled", given)
            assert (result.code, result.out) == (1, "")
            path = f"{given.removesuffix('/')}/{name}"
            assert result.err.startswith(f"{said.format(path=path)} --> {path}:1:")


class TestTerminal:
    def test_shows_a_bar_that_goes(self, build: Path) -> None:
        arguments = ("simulate", "--compiled", build, "gopls/client", FEW)
        shown = terminal(*arguments, COLUMNS="100")
        assert shown.code == 0
        assert "300 fleets each" in shown.out
        assert "\x1b[2K" in shown.out  # the bar's line is erased
        assert "\x1b[2K" not in terminal(*arguments, COLUMNS="100", CI="1").out

    def test_too_narrow_leaves_out_columns(self, build: Path) -> None:
        arguments = ("simulate", "--compiled", build, "gopls/client", FEW)
        wide, narrow = (terminal(*arguments, COLUMNS=width, CI="1").out for width in ("120", "70"))
        assert "high" in wide.splitlines()[0]
        assert "high" not in narrow.splitlines()[0]
        assert "verdict" in narrow.splitlines()[0]

    def test_in_a_pipe_stays_away(self, build: Path) -> None:
        assert "TERM" in ENVIRONMENT
        result = spawn("simulate", "--compiled", build, "gopls/client", FEW)
        assert (result.code, result.err) == (0, "")
        assert "\x1b" not in result.out


def test_json_is_as_the_page_shows(build: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    _, _, section = page.partition("\n## simulate\n")
    example = json.loads(section.partition("```json\n")[2].partition("```")[0])
    result, document = simulated(
        "--compiled", build, "gopls/client", f"--replications={example['replications']}"
    )
    assert (result.code, result.err) == (0, "")
    assert result.out.isascii()

    def shape(value: Any) -> Any:  # noqa: ANN401 - any JSON
        """Return a document without the numbers that depend on what is drawn."""
        if isinstance(value, dict):
            return {
                key: None if key in {"coverage", "interval"} else shape(each)
                for key, each in value.items()
            }
        return [shape(each) for each in value] if isinstance(value, list) else value

    assert shape(document) == shape(example)
    assert document["charts"][0]["populations"][0]["coverage"] == pytest.approx(
        example["charts"][0]["populations"][0]["coverage"], abs=0.002
    )
