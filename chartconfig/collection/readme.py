"""README.md of the module: for people, what is collected, why, and how often."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartconfig.charts.chart import ChartType
from chartconfig.charts.numbers import once_in, percent, rounded
from chartconfig.charts.target import kind
from chartconfig.collection.compile import collected_more_often, collected_names
from chartconfig.sampling.accuracy import Margin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chartconfig.charts.chart import Chart
    from chartconfig.charts.repository import Repository
    from chartconfig.sampling.plan import Plan, PlannedRate

_PROMISES = {
    "margin": "each share within {value} of the truth",
    "mean": "the mean within {value} of the truth",
    "relative_margin": "each share of {least} or more within {value} of itself",
    "detect": "whatever {value} of installations have is reported",
    "distribution_margin": "the distribution everywhere within {value} of the truth",
    "change": "a change by {value} is noticed with {power} power",
}


def encode_readme(repository: Repository, charts: Sequence[Chart], plan: Plan) -> bytes:
    """Return the README of a compiled config."""
    return "".join(f"{line}\n" for line in _lines(repository, charts, plan)).encode()


def _lines(repository: Repository, charts: Sequence[Chart], plan: Plan) -> Iterator[str]:
    reports = rounded(plan.reports_per_year)
    yield f"# {repository.collection.module}"
    yield ""
    yield "What installations are asked to report, why, and how often. Compiled by chartconfig"
    yield "from reviewed charts: clients read `config.json`, whoever draws or audits reads"
    yield "`charts.json`, and `manifest.json` says from which commit it can be compiled again."
    yield ""
    yield f"- {len(charts)} {'chart' if len(charts) == 1 else 'charts'}."
    yield f"- An installation sends a report in {percent(plan.sample_rate)} of weeks at most: about"
    yield f"  {reports} a year. A counter is in it only as often as its own rate says."
    yield "- What is not listed here is not collected."
    by_program: dict[str, list[tuple[Chart, PlannedRate]]] = {}
    for chart, planned in zip(charts, plan.rates, strict=True):
        by_program.setdefault(chart.program, []).append((chart, planned))
    for program in sorted(repository.programs.values(), key=lambda program: program.name):
        if program.id in by_program:
            yield ""
            yield f"## {_escaped(program.title)}"
            yield ""
            yield _code(program.name)
            yield from _charts(by_program[program.id], repository, plan)


def _charts(
    pairs: Iterable[tuple[Chart, PlannedRate]], repository: Repository, plan: Plan
) -> Iterator[str]:
    for chart, planned in pairs:
        asked = kind(chart)
        promise = _promise(chart)
        if planned.shortfall is not None:
            promise = f"less than asked for ({promise}): {_reached(asked, planned)}"
        yield ""
        yield f"### {_escaped(chart.title)}"
        yield ""
        yield _escaped(chart.description)
        yield ""
        yield f"- collected: {', '.join(_code(name) for name in collected_names(chart))}" + (
            f", {chart.depth} frames" if chart.depth else ""
        )
        yield f"- how often: {_how_often(planned.rate)}"
        for event, rate in collected_more_often(chart, planned, repository, plan).items():
            yield f"- {_code(event)} more often, since another chart needs it: {_how_often(rate)}"
        yield f"- accuracy: {promise}"
        yield f"- until: {chart.expires or f'never expires: {_escaped(chart.reason or str())}'}"
        yield f"- discussed: {', '.join(map(_link, chart.issues))}"


def _how_often(rate: float) -> str:
    return f"in {percent(rate)} of weeks, {once_in(rate)}"


def _promise(chart: Chart) -> str:
    """Return what is promised of what is published, in words."""
    accuracy, asked = chart.accuracy, kind(chart)
    of_mean = isinstance(accuracy, Margin) and chart.type is ChartType.RATIO
    told = _PROMISES["mean" if of_mean else asked].format(
        value=percent(getattr(accuracy, asked)),
        least=percent(getattr(accuracy, "smallest_share", 0)),
        power=percent(getattr(accuracy, "power", 0)),
    )
    told += f", with {percent(accuracy.confidence)} confidence"
    if accuracy.weeks > 1:
        told += f", over {accuracy.weeks} weeks"
    if accuracy.groups is not None:
        told += f", for all {accuracy.groups} groups by {' and '.join(accuracy.for_each)} at once"
    elif accuracy.for_each:
        told += f", for each {' and '.join(accuracy.for_each)}"
    return told


def _reached(asked: str, planned: PlannedRate) -> str:
    if planned.achieved_at_low is None:
        return "nothing can be promised"
    return f"{asked} {percent(planned.achieved_at_low)} is promised"


def _escaped(text: str) -> str:
    """Return text on one line, with what Markdown or HTML would read as markup escaped."""
    line = re.sub(r"([\\`*_\[\]<>#|&~])", r"\\\1", " ".join(text.split()))
    return re.sub(r"^([0-9]*)([-+=.)])", r"\1\\\2", line)  # would begin a list or a rule


def _link(url: str) -> str:
    return f"<{re.sub(r'[<>]', lambda sign: f'%{ord(sign[0]):X}', url)}>"


def _code(text: str) -> str:
    """Return text between so many backticks that those in it end nothing."""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}"
