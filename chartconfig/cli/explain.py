"""`explain`: why a counter is collected, how its rate came about, what a code means."""

from __future__ import annotations

import json
import re
import textwrap
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from chartconfig.charts.numbers import once_in, percent, rounded
from chartconfig.charts.target import kind, target
from chartconfig.cli import console
from chartconfig.cli.alternatives import entry, lines
from chartconfig.cli.options import at_option, format_option, on_option
from chartconfig.cli.project import open_project, refuse
from chartconfig.collection.charts_json import chart_entry
from chartconfig.collection.compile import collected_more_often, collected_names, first_version
from chartconfig.collection.config import expand
from chartconfig.diagnostics.catalogue import RETIRED, RULES
from chartconfig.diagnostics.catalogue.rule import Retired
from chartconfig.diagnostics.page import page, visible
from chartconfig.sampling.derivation import derivation
from chartconfig.sampling.plan import WEEKS_A_YEAR

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from chartconfig.charts.chart import Chart
    from chartconfig.charts.repository import Repository
    from chartconfig.diagnostics.render import Line
    from chartconfig.pipeline import Planned
    from chartconfig.sampling.plan import PlannedRate

FORMAT = "chartconfig/explain/v1"


@click.command("explain")
@click.argument("subject", metavar="CHART|COUNTER|CODE")
@on_option
@at_option
@format_option()
@click.pass_obj
def command(
    directory: str, *, subject: str, on: date | None, revision: str | None, output: str
) -> None:
    """Explain a chart, a counter, or the code of a finding.

    For a chart or a counter: which chart asks for it and why, since when and until when, its rate,
    and how the rate was computed, with the numbers put in. For a code: what it finds, why that
    matters, and a chart before and after.
    """
    if re.fullmatch("CC[0-9]{3}", subject, re.IGNORECASE):
        _explain_code(subject.upper(), output)
        return
    project = open_project(directory, on=on, revision=revision)
    planned = project.checked.planned
    if planned is None:
        refuse(project)
    rates = dict(zip((chart.id for chart in planned.charts), planned.plan.rates, strict=True))
    charts = [chart for chart in planned.repository.charts if _asks_for(chart, subject)]
    if not charts:
        if project.checked.compilable is None:  # an error may hide it
            refuse(project)
        known = [name for chart in planned.repository.charts for name in _names(chart)]
        meant = get_close_matches(subject, known, 1)
        hint = f": did you mean {meant[0]}?" if meant else ""
        raise click.UsageError(
            f"there is no chart, counter or code {subject!r}; nothing else is collected{hint}"
        )
    if output == "json":
        entries = [
            {
                **chart_entry(chart, rates[chart.id], planned.repository),
                "derivation": derivation(target(chart, planned.repository), rates[chart.id]),
                **entry(chart, rates[chart.id], planned),
            }
            for chart in charts
            if chart.id in rates
        ]
        document = {"format": FORMAT, "subject": subject, "charts": entries}
        console.write(f"{json.dumps(document, indent=2)}\n")
        return
    for index, chart in enumerate(charts):
        if index:
            console.show([()])
        console.show(_explained(chart, rates.get(chart.id), planned))


def _explain_code(code: str, output: str) -> None:
    rule = RULES.get(code) or RETIRED.get(code)
    if rule is None:
        raise click.UsageError(f"there is no code {code}; docs/diagnostics/ lists all")
    if output == "text":
        console.write(page(rule))
        return
    if isinstance(rule, Retired):
        retired = {"code": code, "name": rule.name, "retired": rule.why, "see": rule.see}
        document = {"format": FORMAT, "subject": code, "code": retired}
        console.write(f"{json.dumps(document, indent=2)}\n")
        return
    document = {
        "format": FORMAT,
        "subject": code,
        "code": {
            "code": rule.code,
            "name": rule.name,
            "severity": rule.severity.value,
            "ignorable": rule.ignorable,
            "finds": rule.finds,
            "why": rule.why,
            "before": rule.before,
            "after": rule.after,
        },
    }
    console.write(f"{json.dumps(document, indent=2)}\n")


def _names(chart: Chart) -> tuple[str, ...]:
    """Return what a chart can be asked for by, without its buckets."""
    return chart.id, *(counter.name for counter in chart.counters)


def _asks_for(chart: Chart, subject: str) -> bool:
    events = {event for counter in chart.counters for event in counter.events}
    return subject in _names(chart) or events.issuperset(expand(subject))


def _explained(chart: Chart, rate: PlannedRate | None, planned: Planned) -> Iterator[Line]:
    repository = planned.repository
    yield (("path", chart.id), ("heading", f"  {visible(chart.title)}"))
    yield ()
    for line in _wrapped(chart.description, 2):
        yield (("plain", f"  {line}"),)
    yield ()
    yield from _facts(chart, planned)
    yield ()
    if rate is None:
        yield (("warning", "  not collected: it has expired, or has no rate; see check"),)
        return
    yield (("heading", "  How the rate is computed"),)
    for step in derivation(target(chart, repository), rate):
        yield (("plain", f"    {step}"),)
    yield ()
    yield (("heading", "  What it is worth"),)
    yield from _worth(chart, rate, repository)
    for event, more in collected_more_often(chart, rate, repository, planned.plan).items():
        told = f"{event} is collected {once_in(more)}, since another chart needs it"
        yield (("warning", f"    {told}: explain {event}"),)
    yield ()
    yield (("heading", "  What if"),)
    for row in lines(chart, rate, planned):
        yield (("plain", "    "), *row) if row else ()


def _facts(chart: Chart, planned: Planned) -> Iterator[Line]:
    repository = planned.repository
    program = repository.program(chart)
    estimate = repository.estimates[program.population]
    population = repository.population(chart)
    between = f"{population.low:,} to {population.high:,} installations a week"
    facts = [
        ("program", f"{program.title}, {program.name}"),
        ("collected", ", ".join(collected_names(chart))),
        ("since", _since(chart, planned)),
        ("until", str(chart.expires or f"never expires: {chart.reason}")),
        ("discussed", ", ".join(chart.issues)),
        ("owners", ", ".join(chart.owners)),
        ("population", f"{between}, likely {population.likely:,}, as of {estimate.as_of}"),
        ("says who", estimate.source),
    ]
    if estimate.assumption:
        facts.append(("assumed", estimate.assumption))
    for name, fact in facts:
        for index, line in enumerate(_wrapped(fact, 14)):
            yield (("dim", f"  {'' if index else name:<12}"), ("plain", line))


def _since(chart: Chart, planned: Planned) -> str:
    """Return which versions a chart counts, and which more of its program config.json names."""
    program = planned.repository.program(chart)
    since = chart.since or program.since
    if since is None:
        return "every version"
    first = first_version(program, [c for c in planned.charts if c.program == chart.program])
    key = program.scheme.sort_key
    if first is not None and key(first) >= key(since):
        return since
    named = f"the program from {first} on" if first else "every version of the program"
    return f"{since}; config.json names {named}, for other charts: those reports do not count here"


def _wrapped(text: str, indent: int) -> list[str]:
    """Return text as lines that fit beside an indent."""
    width = max(console.width() - indent, 40)
    return textwrap.wrap(
        visible(" ".join(text.split())), width, break_long_words=False, break_on_hyphens=False
    )


def _worth(chart: Chart, rate: PlannedRate, repository: Repository) -> Iterator[Line]:
    asked = kind(chart).replace("_", " ")
    often = f"{once_in(rate.rate)}, {rounded(WEEKS_A_YEAR * rate.rate)} times a year"
    yield (
        ("plain", f"    One installation reports {often}; "),
        ("plain", f"a report stands for {1 / rate.rate:,.1f} installations."),
    )
    expected = f"{rate.expected_reports:,.0f} reports a week are expected"
    yield (("plain", f"    {expected} from the likely population."),)
    for population, achieved in (
        ("low", rate.achieved_at_low),
        ("likely", rate.achieved_at_likely),
    ):
        number = getattr(repository.population(chart), population)
        worth = "nothing can be promised" if achieved is None else f"{asked} {percent(achieved)}"
        yield (("plain", f"    From {number:,} installations ({population}): {worth}."),)
    if rate.shortfall is not None:
        accepted = "the chart accepts it" if chart.shortfall_accepted else "see check"
        yield (("warning", f"    Less than asked for: {accepted}."),)
