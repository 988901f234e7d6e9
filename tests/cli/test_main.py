"""Exit codes, streams, and what is true of every command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import chartconfig
from chartconfig.cli import project
from tests.cli.command import ON, ROOT, changed, run, shell, spawn, terminal

if TYPE_CHECKING:
    from collections.abc import Callable

HELP = ROOT / "tests" / "golden" / "help"

NOWHERE = """\
error[CC125] not-a-repository: /nowhere is no directory
 = help: name one that holds configs/collection.yaml with -C DIR, or make one: chartconfig init DIR

"""

ON_A_DISK_WITHOUT_SPACE = """\
chartconfig failed: OSError: [Errno 28] No space left on device
This is a mistake in chartconfig, or of the machine; --debug shows where.
"""


def every_command(repository: Path, out: Path) -> list[tuple[str | Path, ...]]:
    """Return a run of each command that reads a config repository."""
    return [
        ("-C", repository, "check", ON),
        ("-C", repository, "rates", ON),
        ("-C", repository, "explain", ON, "gopls/client"),
        ("-C", repository, "compile", ON, "-o", out),
        ("-C", repository, "new", "gopls/added"),
    ]


class TestExitCode:
    def test_is_0_when_clean_or_done(self, clean: Path, tmp_path: Path) -> None:
        runs = every_command(clean, tmp_path / "out")
        assert [run(*arguments).code for arguments in runs] == [0, 0, 0, 0, 0]

    def test_is_1_with_an_error(self, wrong: Path, tmp_path: Path) -> None:
        *runs, _ = every_command(wrong, tmp_path / "out")
        assert [run(*arguments).code for arguments in runs] == [1, 1, 1, 1]
        assert not (tmp_path / "out").exists()

    def test_of_check_alone_is_1_with_a_warning(self, warned: Path, tmp_path: Path) -> None:
        runs = every_command(warned, tmp_path / "out")
        assert [run(*arguments).code for arguments in runs] == [1, 0, 0, 0, 0]
        assert (tmp_path / "out" / "config.json").is_file()

    def test_is_1_for_what_is_no_config_repository(self, tmp_path: Path) -> None:
        for arguments in every_command(Path("/nowhere"), tmp_path / "out"):
            result = run(*arguments)
            assert (result.code, result.out, result.err) == (1, "", NOWHERE)

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["frobnicate"], "No such command 'frobnicate'."),
            (["chek"], "No such command 'chek': did you mean check?"),
            (["check", "--frobnicate"], "No such option '--frobnicate'."),
            (["--frobnicate", "check"], "No such option '--frobnicate'."),
            (["check", "configs"], "Got unexpected extra argument (configs)"),
            (["check", "--format", "xml"], "Invalid value for '--format': 'xml' is not one of"),
            (["check", "--on", "tomorrow"], "'tomorrow' is no day: write one such as 2026-11-20"),
            (["check", "--on", "2026-02-30"], "'2026-02-30' is no day: write one such as"),
            (["compile"], "Missing option '-o'"),
            (["explain"], "Missing argument 'CHART|COUNTER|CODE'."),
            (["init"], "Missing argument 'DIR'."),
            (["keygen", "example.com/log"], "name the log and the file of its key, NAME -o FILE"),
            (["publish", "public"], "Missing option '--key'"),
            (["verify", "public"], "Missing option '--key'"),
            (["proof", "public", "--key=x", "v1.0.0"], "Missing option '-o'"),
            (["fetch", "--key=x"], "Missing argument 'SITE'."),
        ],
    )
    def test_is_2_for_wrong_usage(self, arguments: list[str], said: str) -> None:
        result = run(*arguments)
        assert result.code == 2
        assert result.out == ""
        assert result.err.startswith("Usage: chartconfig")
        assert said in result.err

    def test_is_2_without_a_command(self) -> None:
        result = run()
        assert (result.code, result.out) == (2, "")
        assert result.err == run("--help").out

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["rates", "gopls/nothing"], "there is no chart gopls/nothing; `chartconfig rates`"),
            (["explain", "gopls/nothing"], "there is no chart, counter or code 'gopls/nothing'"),
            (["explain", "CC999"], "there is no code CC999; docs/diagnostics/ lists all"),
            (["new", "nothing/chart"], "there is no program 'nothing'; there are compile, go, "),
        ],
    )
    def test_is_2_for_what_is_unknown(self, clean: Path, arguments: list[str], said: str) -> None:
        result = run("-C", clean, *arguments)
        assert (result.code, result.out) == (2, "")
        assert f"Error: {said}" in result.err

    @pytest.mark.parametrize("command", ["rates", "explain"])
    def test_is_1_for_a_chart_that_an_error_hides(self, wrong: Path, command: str) -> None:
        result = run("-C", wrong, command, "gopls/client")
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith("error[CC203] counter-name: ")

    def test_of_a_process_is_the_same(self, clean: Path) -> None:
        assert spawn("-C", clean, "check", ON).code == 0
        assert spawn("-C", clean, "check", "--on=2028-01-01").code == 1
        assert spawn("-C", clean, "frobnicate").code == 2


class TestStreams:
    def test_results_alone_are_on_standard_output(self, wrong: Path, tmp_path: Path) -> None:
        check, rates, explain, compiling, new = (
            run(*arguments) for arguments in every_command(wrong, tmp_path / "out")
        )
        finding = "error[CC203] counter-name: the counter's name `gopls/client name` holds a space"
        assert check.out.startswith(f"{finding}\n")
        assert check.err == ""
        for result in (rates, explain, compiling):
            assert result.err.startswith(f"{finding}\n")
            assert result.err.endswith("\n1 error in 1 file\n")
        assert rates.out.startswith("chart ")
        assert (explain.out, compiling.out) == ("", "")
        assert (new.out.partition("\n")[0], new.err) == ("configs/charts/gopls/added.yaml", "")

    def test_a_pipe_gets_plain_text(self, warned: Path, tmp_path: Path) -> None:
        for arguments in every_command(warned, tmp_path / "out"):
            result = spawn(*arguments, FORCE_COLOR="1")
            assert "\x1b" not in result.out + result.err

    def test_a_reader_who_has_seen_enough_is_no_failure(self, shipped: Path) -> None:
        result = shell('$chartconfig -C "$repository" rates | head -1', repository=str(shipped))
        assert result.out.startswith("chart ")
        assert result.err == ""

    @pytest.mark.parametrize("arguments", ["check --on=2040-01-01", "--help", "explain CC203"])
    def test_a_closed_pipe_is_quiet(self, shipped: Path, arguments: str) -> None:
        script = f'(sleep .01; $chartconfig -C "$repository" {arguments}; echo $? >&2) | true'
        assert shell(script, repository=str(shipped)).err == "141\n"

    def test_a_closed_pipe_of_findings_is_quiet(self, wrong: Path) -> None:
        script = 'exec 3>&1; (sleep .01; $chartconfig -C "$repository" rates 2>&1; echo $? >&3)'
        assert shell(f"{script} | true", repository=str(wrong)).out == "141\n"

    def test_a_full_disk_behind_standard_output(self, clean: Path) -> None:
        result = shell('$chartconfig -C "$repository" rates > /dev/full', repository=str(clean))
        assert (result.code, result.err) == (2, ON_A_DISK_WITHOUT_SPACE)

    @pytest.mark.parametrize("encoding", ["ascii", "latin-1", "ascii:strict"])
    def test_any_encoding_will_do(self, clean: Path, tmp_path: Path, encoding: str) -> None:
        changed(clean, "Editors that", "Éditeurs 日本 \U0001f600 that")
        for command in (
            ("rates", ON),
            ("explain", "gopls/client", ON),
            ("explain", "gopls/client", ON, "--format=json"),
            ("rates", ON, "--format=json"),
            ("check", ON),
            ("compile", ON, "-o", tmp_path / "caf\xe9"),
        ):
            result = spawn("-C", clean, *command, PYTHONIOENCODING=encoding)
            assert (result.code, result.err) == (0, "")
            if "--format=json" in command:
                titles = [chart["title"] for chart in json.loads(result.out)["charts"]]
                assert "Éditeurs 日本 \U0001f600 that run gopls" in titles


class TestTerminal:
    def test_shows_colour(self, wrong: Path) -> None:
        result = terminal("-C", wrong, "check", ON)
        assert result.code == 1
        assert result.out.startswith("\x1b[1;31merror[CC203]\x1b[0m\x1b[1m counter-name: ")
        assert result.out.endswith("\x1b[1;31m1 error in 1 file\x1b[0m\r\n")

    @pytest.mark.parametrize("wish", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
    def test_shows_none_where_none_is_wanted(self, wrong: Path, wish: dict[str, str]) -> None:
        result = terminal("-C", wrong, "check", ON, **wish)
        assert result.out.replace("\r", "") == run("-C", wrong, "check", ON).out

    @pytest.mark.parametrize("columns", [1, 20, 40])
    def test_may_be_narrow(self, wrong: Path, columns: int) -> None:
        result = terminal("-C", wrong, "check", ON, NO_COLOR="1", COLUMNS=str(columns))
        lines = result.out.splitlines()
        source = next(line for line in lines if line.startswith("6 | "))
        mark = lines[lines.index(source) + 1]
        assert len(source) <= max(columns, 24)
        assert source[mark.index("^") :].startswith("gopls/client nam"[: max(columns - 16, 4)])

    def test_leaves_out_columns_of_rates_that_do_not_fit(self, clean: Path) -> None:
        narrow = terminal("-C", clean, "rates", ON, NO_COLOR="1", COLUMNS="70").out.splitlines()
        wide = terminal("-C", clean, "rates", ON, NO_COLOR="1", COLUMNS="200").out.splitlines()
        assert wide[0].split() == run("-C", clean, "rates", ON).out.splitlines()[0].split()
        assert len(narrow[0]) < len(wide[0])

    def test_may_know_ascii_alone(self, clean: Path) -> None:
        result = terminal("-C", clean, "explain", "gopls/client", ON, PYTHONIOENCODING="ascii")
        assert result.code == 0
        assert "\\xd7" in result.out  # the sign of multiplication

    def test_obeys_nothing_that_a_chart_says(self, clean: Path) -> None:
        path = clean / "configs/charts/gopls/client.yaml"
        path.write_bytes(path.read_bytes() + b'reason: "\x1b[31m\xc2\x9b\xe2\x80\xae"\n')
        result = terminal("-C", clean, "check", ON, NO_COLOR="1")
        assert result.code == 1
        assert "".join(result.out.split("\r\n")).isprintable()

    def test_shows_a_file_name_that_is_no_text(self, clean: Path, tmp_path: Path) -> None:
        out = f"{tmp_path}/caf\udce9"
        result = terminal("-C", clean, "compile", ON, "-o", out, PYTHONIOENCODING="utf-8")
        assert result.code == 0
        assert "caf\\udce9/config.json" in result.out


class TestFailure:
    @pytest.fixture(autouse=True)
    def _failing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object, **__: object) -> None:
            raise ZeroDivisionError("division by zero\nand more")

        monkeypatch.setattr(project, "check", fail)

    def test_is_told_without_a_traceback(self, clean: Path) -> None:
        result = run("-C", clean, "check")
        assert (result.code, result.out, result.err) == (
            2,
            "",
            (
                "chartconfig failed: ZeroDivisionError: division by zero\n"
                "This is a mistake in chartconfig, or of the machine; --debug shows where.\n"
            ),
        )

    def test_is_told_with_one_when_asked(self, clean: Path) -> None:
        result = run("--debug", "-C", clean, "check")
        assert (result.code, result.out) == (2, "")
        assert result.err.startswith("Traceback (most recent call last):\n")

    def test_is_an_interrupt_of_its_own_kind(
        self, clean: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(project, "check", interrupt)
        result = run("-C", clean, "check")
        assert (result.code, result.out, result.err) == (130, "", "\ninterrupted\n")


def test_debug_shows_where_an_error_comes_from() -> None:
    result = run("--debug", "-C", "/nowhere", "check")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"{NOWHERE}Traceback (most recent call last):\n")


@pytest.mark.parametrize(
    "command",
    [
        *("", "check", "rates", "explain", "simulate", "compile", "diff", "new", "init"),
        *("approve", "approvals", "approvals status"),
        *("history", "due", "renew", "codeowners"),
        *("release", "retract", "keygen", "publish", "verify", "proof", "fetch"),
        *("versions", "versions update", "versions check"),
        *("import", "export"),
    ],
)
def test_help(
    command: str, golden: Callable[[Path, bytes], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = run(*command.split(), "--help")
    assert (result.code, result.err) == (0, "")
    name = command.replace(" ", "-") or "chartconfig"
    golden(HELP / f"{name}.txt", result.out.encode())
    assert run(*command.split(), "-h") == result


@pytest.mark.parametrize(("columns", "most"), [(60, 60), (80, 80), (120, 100)])
@pytest.mark.parametrize("command", ["rates", "simulate"])
def test_help_is_as_wide_as_the_terminal(
    monkeypatch: pytest.MonkeyPatch, command: str, columns: int, most: int
) -> None:
    monkeypatch.setenv("COLUMNS", f"{columns}")
    lines = run(command, "--help").out.splitlines()
    assert most - 12 < max(map(len, lines)) <= most
    _, *options = lines[lines.index("Options:") :]
    assert {len(line) - len(line.lstrip()) for line in options} <= {2, 24, 26}  # two columns


def test_version() -> None:
    expected = f"chartconfig {chartconfig.__version__}\n"
    assert run("--version").out == expected
    assert spawn("--version").out == expected
    assert run("-C", "/nowhere", "--version").out == expected
