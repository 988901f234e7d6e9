"""`simulate`: every promise of a compiled config, put to the test in simulated fleets."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chartconfig.charts.numbers import percent
from chartconfig.charts.target import KINDS
from chartconfig.cli import console
from chartconfig.cli.findings import FindingsError
from chartconfig.cli.options import at_option, format_option, on_option
from chartconfig.cli.project import open_project, planned_or_refuse
from chartconfig.cli.promise import promise
from chartconfig.cli.table import fitting
from chartconfig.collection.audit import FILES, HALF, POPULATIONS, audit, read_compiled_config
from chartconfig.collection.charts_json import accuracy_entry
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.render import counted
from chartconfig.edge.files import read_compiled
from chartconfig.pipeline import build
from chartconfig.sampling.simulation import ERROR_RATE, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from chartconfig.collection.audit import Audit, Audited, Found
    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.diagnostics.render import Line

FORMAT = "chartconfig/simulate/v1"

_FLEETS, _FLEETS_OF_INSTALLATIONS = 100_000, 20
_HEADINGS = ("chart", "promise", *POPULATIONS, "verdict")
_DISPENSABLE = ("high", "likely", "promise")
"""Columns left out, in this order, of a terminal too narrow."""


@click.command("simulate")
@click.argument("charts", nargs=-1, metavar="[CHART]...")
@click.option(
    "--compiled",
    metavar="DIR",
    help="Judge what compile wrote there, from its files alone, instead of the charts of configs/.",
)
@click.option(
    "--replications",
    type=click.IntRange(min=1, max=10**9),
    metavar="N",
    help=f"How many fleets are drawn for each truth. Default: {_FLEETS:,}, or "
    f"{_FLEETS_OF_INSTALLATIONS} with --each-installation.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    metavar="N",
    default=0,
    show_default=True,
    help="Of the random numbers: the same seed gives the same fleets.",
)
@click.option(
    "--each-installation",
    is_flag=True,
    help="Draw every installation of fleets that all charts share, not how many report.",
)
@click.option(
    "--fail-at-half", is_flag=True, help=f"Fail also for a promise that breaks at {HALF}."
)
@on_option
@at_option
@format_option()
@click.pass_obj
def command(
    directory: str,
    *,
    charts: tuple[str, ...],
    compiled: str | None,
    replications: int | None,
    seed: int,
    each_installation: bool,
    fail_at_half: bool,
    on: date | None,
    revision: str | None,
    output: str,
) -> None:
    """Test the promise of every CHART, or of all, in simulated fleets of installations.

    Fleets are drawn that are as hard on each promise as can be, and report as config.json says;
    what is published follows from their reports as charts.json says. The columns: what is promised;
    how often that held, in the worst of these fleets, for a population of low, likely, high, and
    half of low, if even that was assumed too high; the verdict. Of a chart with groups, these are
    the coverages in one group, the smallest.

    Exit code 1: a promise is broken at low, likely or high. A kept one is called broken by chance
    in one run of a thousand at most.
    """
    if compiled is not None and (on is not None or revision is not None):
        raise click.UsageError("--compiled reads neither charts nor git: leave out --on and --at")
    if compiled is None:
        known, config = read_compiled_config(_build(directory, on=on, revision=revision))
    else:
        paths = {name: f"{Path(compiled, name)}" for name in FILES}
        known, config = read_compiled_config(read_compiled(Path(compiled), FILES), paths=paths)
    ids = {chart.id for chart in known}
    if unknown := [chart for chart in charts if chart not in ids]:
        raise click.UsageError(f"there is no compiled chart {unknown[0]}")
    fleets = replications or (_FLEETS_OF_INSTALLATIONS if each_installation else _FLEETS)
    with console.progress(f"{fleets:,} fleets each") as advance:
        found = audit(
            [chart for chart in known if not charts or chart.id in charts],
            config,
            fleets=fleets,
            seed=seed,
            each_installation=each_installation,
            advance=advance,
        )
    if output == "json":
        document = _document(found, seed=seed, each_installation=each_installation)
        console.write(f"{json.dumps(document, indent=2)}\n")
    else:
        console.show(_table(found))
        console.show(_closing(found, each_installation=each_installation))
    failing = POPULATIONS if fail_at_half else [name for name in POPULATIONS if name != HALF]
    broken = []
    for audited in found.charts:
        breaking = [
            each
            for each in audited.found
            if each.verdict is Verdict.BROKEN and each.population in failing
        ]
        if breaking:
            broken.append(_finding(audited, breaking[0], found.error))
    if broken:
        raise FindingsError(broken, ())


def _build(directory: str, *, on: date | None, revision: str | None) -> Mapping[str, bytes]:
    project = open_project(directory, on=on, revision=revision)
    planned = planned_or_refuse(project)
    return build(planned, documents=project.documents, origin=project.origin)


def _finding(audited: Audited, found: Found, error: float) -> Diagnostic:
    """Return the finding that a promise is broken in a population."""
    worst = found.worst
    _, highest = worst.interval(error)
    message = (
        f"{audited.chart.id}: `{_promised(audited)}` holds in {worst.coverage:.2%} "
        f"of fleets of {found.installations:,} ({found.population}, {worst.truth}), and not in "
        f"more than {highest:.2%} of all"
    )
    hint = "compile the charts again: chartconfig compile -o DIR"
    if found.population == HALF:
        hint = "plan for a smaller low in populations.yaml"
    elif audited.missing:
        name, probability = audited.missing[0]
        others = len(audited.missing) - 1
        and_others = f" and {counted(others, 'other counter')}" if others else ""
        hint = (
            f"config.json asks for {name}{and_others} in {percent(probability)} of weeks, "
            f"charts.json counts on {percent(audited.chart.rate)}"
        )
    return report("CC907", message, None, hint=hint)


def _promised(audited: Audited) -> str:
    promised = audited.chart.promised
    return "nothing" if promised is None else promise(promised)


_VERDICTS = {
    Verdict.KEPT: "kept",
    Verdict.BROKEN: "broken",
    Verdict.UNTOLD: "too few fleets to tell",
}
_STYLES = {Verdict.KEPT: "good", Verdict.BROKEN: "error", Verdict.UNTOLD: "warning"}


def _table(found: Audit) -> tuple[Line, ...]:
    return fitting(
        _HEADINGS,
        [_row(audited, found.error) for audited in found.charts],
        width=console.width() if sys.stdout.isatty() else sys.maxsize,
        right=POPULATIONS,
        dispensable=_DISPENSABLE,
    )


def _row(audited: Audited, error: float) -> list[tuple[str, str]]:
    cells = [("path", audited.chart.id), ("plain", _promised(audited))]
    for found in audited.found:
        style = _STYLES[found.verdict]
        if found.population == HALF and found.verdict is Verdict.BROKEN:
            style = "warning"
        cells.append((style, _coverage(found, error)))
    if not audited.found:
        return [*cells, *[("plain", "")] * len(POPULATIONS), ("plain", "nothing promised")]
    verdict = _VERDICTS[audited.verdict]
    if audited.verdict is Verdict.KEPT and audited.half is Verdict.BROKEN:
        verdict += f", not at {HALF}"
    return [*cells, (_STYLES[audited.verdict], verdict)]


def _coverage(found: Found, error: float) -> str:
    """Return how often the promise held, and how far from that its probability may be."""
    coverage = found.worst.coverage
    low, high = found.worst.interval(error)
    return f"{coverage:.2%} ±{100 * max(coverage - low, high - coverage):.2f}"


def _closing(found: Audit, *, each_installation: bool) -> Iterator[Line]:
    promising = [audited for audited in found.charts if audited.found]
    by = {v: [each for each in promising if each.verdict is v] for v in Verdict}
    half = [each for each in promising if each.half is Verdict.BROKEN]
    text = f"{counted(len(promising), 'promise')}, {found.fleets:,} fleets each: "
    yield ()
    if not promising:
        yield (("plain", "nothing is promised"),)
    elif broken := by[Verdict.BROKEN]:
        yield (("error", f"{text}{len(broken)} broken"),)
    elif untold := by[Verdict.UNTOLD]:
        told = f"none seen to break, but too few to tell of {len(untold)}"
        advice = f"--replications {found.fleets_needed} would"
        if each_installation:
            advice += ", sooner without --each-installation"
        yield (("warning", f"{text}{told}: {advice}"),)
    else:
        yield (("good", f"{text}all kept at low, likely and high"),)
    if half:
        seen = f"{len(half)} of {len(promising)} are seen to break"
        yield (("plain", f"At {HALF}, if even that was too high, {seen}"),)


def _document(found: Audit, *, seed: int, each_installation: bool) -> dict[str, object]:
    verdicts = [audited.verdict for audited in found.charts if audited.found]
    return {
        "format": FORMAT,
        "replications": found.fleets,
        "seed": seed,
        "engine": "installations" if each_installation else "counts",
        "error_rate": ERROR_RATE,
        "charts": [_entry(audited, found.error) for audited in found.charts],
        "totals": {
            "charts": len(found.charts),
            **{verdict.value: verdicts.count(verdict) for verdict in Verdict},
            "broken_at_half_of_low": sum(
                audited.half is Verdict.BROKEN for audited in found.charts
            ),
        },
    }


def _entry(audited: Audited, error: float) -> dict[str, object]:
    promised = audited.chart.promised
    return {
        "id": audited.chart.id,
        "promised": None
        if promised is None
        else {"kind": KINDS[type(promised)], **accuracy_entry(promised)},
        "rate": audited.chart.rate,
        "verdict": audited.verdict.value if audited.found else None,
        "populations": [
            {
                "population": found.population,
                "installations": found.installations,
                "verdict": found.verdict.value,
                "coverage": found.worst.coverage,
                "interval": list(found.worst.interval(error)),
                "truths": [
                    {
                        "truth": outcome.truth,
                        "promised": outcome.promised,
                        "coverage": outcome.coverage,
                    }
                    for outcome in found.outcomes
                ],
            }
            for found in audited.found
        ],
    }
