"""Measure chartconfig, and what is like it beside it, and write the table of docs/benchmarks.md.

`make bench`, or `python -m benchmarks.run --sizes 1000 5000 --output -` for a quick look. Every
measured run is a new process, with its files in the system's cache; times are medians, memory is
the largest resident set. A child's resident set never reads below this process's own, some 15 MiB.
A tool that is not installed gets a row that says so.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.generate import PER_PROGRAM
from benchmarks.planning import by_method
from benchmarks.publishing import seconds_early_and_late
from benchmarks.simulation import seconds_a_million

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"
ON = ("--on", "2026-11-01")
BESIDE = 10_000
"""How many charts are compared with as many metrics and rules."""
MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a command took."""

    seconds: float
    """Median wall time of a process."""
    memory: int
    """Largest resident set, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table; `run` is None where the command is not installed."""

    what: str
    command: str
    run: Run | None


class Bench:
    """The measurements, in a directory of their own."""

    def __init__(self, *, directory: Path, runs: int) -> None:
        """Measure each command in `directory`, `runs` times."""
        self.directory = directory
        self.runs = runs
        self.rows: list[Row] = []

    def generate(self, kind: str, count: int, to: str) -> None:
        """Write `count` charts, metrics or rules to a directory, in a process of its own."""
        command = [sys.executable, "-m", "benchmarks.generate", kind, str(count)]
        subprocess.run([*command, str(self.directory / to)], cwd=ROOT, check=True)

    def measure(
        self, what: str, *command: str, tool: Path, cwd: Path, runs: int | None = None
    ) -> Run | None:
        """Add a row for a command, whose first word is shown for `tool`, and return what it took.

        A word with a `*` in it stands for the files it matches in `cwd`.
        """
        run = None
        if tool.exists():
            words: list[str] = []
            for word in command[1:]:
                found = sorted(str(file.relative_to(cwd)) for file in cwd.glob(word))
                words.extend(found if "*" in word else [word])
            print(f"{what} ...", file=sys.stderr, flush=True)
            taken = [_spawn([str(tool), *words], cwd=cwd) for _ in range(runs or self.runs)]
            run = Run(
                seconds=median(one.seconds for one in taken),
                memory=max(one.memory for one in taken),
            )
        self.rows.append(Row(what=what, command=" ".join(command), run=run))
        return run


def _spawn(command: list[str], *, cwd: Path) -> Run:
    """Run a command to its end, or stop with what it said where it fails."""
    shutil.rmtree(cwd / "build", ignore_errors=True)
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            sys.exit(f"{' '.join(command[:4])} failed:\n{said.read(4000).decode()}")
    # Linux counts in KiB, macOS in bytes.
    return Run(seconds=seconds, memory=usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))


def measure(bench: Bench, *, sizes: list[int]) -> list[str]:
    """Fill the table, and return the goals with what came of them."""
    python = Path(sys.executable)
    chartconfig = python.parent / "chartconfig"
    goals: list[str] = []

    def goal(text: str, value: float, limit: float, unit: str) -> None:
        met = "met" if value <= limit else "**missed**"
        goals.append(f"- {text}: {value:.2f} {unit}, at most {limit:.4g} {unit}: {met}")

    empty = bench.measure(
        "an empty Python", "python", "-c", "pass", tool=python, cwd=bench.directory, runs=41
    )
    started = bench.measure(
        "start-up", "chartconfig", "--version", tool=chartconfig, cwd=bench.directory, runs=41
    )
    own = bench.measure("configs/", "chartconfig", "check", tool=chartconfig, cwd=ROOT)
    if empty and started and own:
        goal("start-up against an empty Python", started.seconds / empty.seconds, 4, "times")
        goal("check of configs/", own.seconds, 0.4, "s")
    rates = bench.measure("rates of configs/", "chartconfig", "rates", tool=chartconfig, cwd=ROOT)
    if rates:
        goal("rates of configs/", rates.seconds, 0.5, "s")
    planned = bench.measure(
        f"{BESIDE:,} different targets planned",
        *("python", "-m", "benchmarks.planning", str(BESIDE)),
        tool=python,
        cwd=ROOT,
    )
    if planned:
        goal(f"plan {BESIDE:,} different targets", planned.seconds, 5, "s")
        goal("memory of that", planned.memory / MIB, 300, "MiB")
    ways = by_method(BESIDE // 5)  # once: what was computed is remembered
    for way, most in (("closed form", 1), ("series", 1), ("exact", 60)):
        taken = ways[way]
        goal(f"one target, {way}, median", taken.median, most, "ms")
        goal(f"one target, {way}, slowest of {taken.count}", taken.largest, most, "ms")
    simulated = bench.measure(
        "100,000 fleets for each promise of configs/",
        *("chartconfig", "simulate", "--replications", "100000"),
        tool=chartconfig,
        cwd=ROOT,
        runs=1,
    )
    if simulated:
        goal("100,000 fleets for each promise of configs/", simulated.seconds, 60, "s")
    goal("a million installations, each drawn", seconds_a_million(), 1, "s")
    early, late = seconds_early_and_late()
    goal("publish release 11", early, 1, "s")
    goal("publish release 601 against release 11", late / early, 2, "times")

    compiled: dict[int, Run] = {}
    for size in sizes:
        bench.generate("charts", size, f"charts-{size}/configs")
        cwd = bench.directory / f"charts-{size}"
        charts = f"{size:,} charts in {size:,} files"
        runs = bench.runs if size <= BESIDE else 1
        bench.measure(charts, "chartconfig", "check", *ON, tool=chartconfig, cwd=cwd, runs=runs)
        command = ("chartconfig", "compile", *ON, "-o", "build")
        run = bench.measure(
            f"{charts}, checked and compiled", *command, tool=chartconfig, cwd=cwd, runs=runs
        )
        if run:
            compiled[size] = run
        if run and size == BESIDE:
            changed = _change_some(cwd)
            diff = ("chartconfig", "diff", *ON, "main")
            what = f"{charts}, {changed} of them changed, compared"
            compared = bench.measure(what, *diff, tool=chartconfig, cwd=cwd, runs=runs)
            assert compared is not None
            text = f"compare {size:,} charts with themselves before, against compiling once"
            goal(text, compared.seconds / run.seconds, 1.5, "times")
        shutil.rmtree(cwd)

    for files, glinter in _beside(bench).items():
        if BESIDE in compiled:
            text = (
                f"check and compile {BESIDE:,} charts, half of glinter's time for {files:,} files"
            )
            goal(text, compiled[BESIDE].seconds, glinter.seconds / 2, "s")
    if len(compiled) > 1:
        small, large = min(compiled), max(compiled)
        growth = compiled[large].seconds / compiled[small].seconds
        goal(f"time, {small:,} to {large:,} charts", growth, 1.2 * large / small, "times")
        goal(f"memory at {large:,} charts", compiled[large].memory / MIB, 1024, "MiB")
    return goals


def _change_some(repository: Path) -> int:
    """Commit a config repository, then change every hundredth chart; return how many that were."""
    (repository / ".gitignore").write_text("/build/\n", encoding="utf-8")
    git = shutil.which("git") or "git"
    identity = ("-c", "user.name=benchmark", "-c", "user.email=benchmark@example.org")
    for arguments in (("init", "-b", "main"), ("add", "-A"), (*identity, "commit", "-m", "before")):
        subprocess.run([git, *arguments], cwd=repository, check=True, capture_output=True)
    charts = sorted(repository.glob("configs/charts/*/*.yaml"))[::100]
    for path in charts:
        text = path.read_text(encoding="utf-8")
        changed = text.replace("\ntitle: ", "\ntitle: Now ").replace(
            "confidence: 99%", "confidence: 98%"
        )
        path.write_text(changed, encoding="utf-8")
    return len(charts)


def _beside(bench: Bench) -> dict[int, Run]:
    """Measure the tools beside chartconfig, and return what glinter took, by number of files."""
    bench.generate("rules", BESIDE, "rules")
    glean = ROOT / ".venv-bench" / "bin" / "glean_parser"
    taken: dict[int, Run] = {}
    for kind, files in (("single-metrics", BESIDE), ("metrics", BESIDE // PER_PROGRAM)):
        bench.generate(kind, BESIDE, kind)
        run = bench.measure(
            f"{_version(glean)}, {BESIDE:,} metrics in {files:,} files",
            *("glean_parser", "glinter", f"{kind}/*/*.yaml"),
            tool=glean,
            cwd=bench.directory,
        )
        if run:
            taken[files] = run
    promtool = Path(shutil.which("promtool") or "promtool")
    bench.measure(
        f"{_version(promtool)}, {BESIDE:,} alerting rules in {BESIDE // 50} files",
        *("promtool", "check", "rules", "rules/*.yaml"),
        tool=promtool,
        cwd=bench.directory,
    )
    return taken


def _version(tool: Path) -> str:
    """Return name and version of a tool that says `name, version 1.2.3 ...`, or its name alone."""
    if not tool.exists():
        return tool.name
    said = subprocess.run([str(tool), "--version"], capture_output=True, text=True, check=True)
    return f"{tool.name} {said.stdout.split()[2]}"


def _machine() -> str:
    """Return the processor, its cores, the system and the Python that all this ran on."""
    processor = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                processor = value.strip()
                break
    except FileNotFoundError:  # not Linux
        pass
    return (
        f"{processor}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"{platform.python_implementation()} {platform.python_version()}"
    )


def report(bench: Bench, goals: list[str]) -> str:
    """Return the table and the goals as Markdown."""
    lines = [f"Measured on: {_machine()}.", ""]
    lines += ["| what | time | peak memory | command |", "| --- | ---: | ---: | --- |"]
    for row in bench.rows:
        taken = "not installed | "
        if row.run:
            taken = f"{row.run.seconds:.3f} s | {row.run.memory / MIB:.0f} MiB"
        lines.append(f"| {row.what} | {taken} | `{row.command}` |")
    return "\n".join([*lines, "", "Goals:", "", *goals])


def main() -> None:
    """Measure, and put the table between the markers of the page."""
    parser = argparse.ArgumentParser(description="Measure chartconfig.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[BESIDE, 10 * BESIDE])
    parser.add_argument("--runs", type=int, default=3, help="of each command (default: 3)")
    parser.add_argument("--output", default="docs/benchmarks.md", help="a page, or - for none")
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as directory:
        bench = Bench(directory=Path(directory), runs=arguments.runs)
        text = report(bench, measure(bench, sizes=arguments.sizes))
    print(text)
    if arguments.output != "-":
        page = Path(arguments.output)
        before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
