"""The options of `rates` that assume something else than the files say, and what comes of them."""

from __future__ import annotations

import re
from difflib import get_close_matches
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

import click

from chartconfig.charts.numbers import parse_fraction, parse_installations, percent, rounded
from chartconfig.charts.what_if import Assumptions, between
from chartconfig.cli.project import refuse
from chartconfig.cli.table import table
from chartconfig.diagnostics.diagnostic import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chartconfig.charts.repository import Repository
    from chartconfig.cli.project import Project
    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.diagnostics.render import Line
    from chartconfig.pipeline import WhatIf
    from chartconfig.sampling.population import Population

_Command = TypeVar("_Command", bound="Callable[..., Any]")

_LEAST = Fraction(1, 10**12)  # as the schemas have it
_MOST_INSTALLATIONS, _WEEKLY = 10**12, 52
_OF_SHORTFALLS = ("CC408", "CC410")


class _Installations(click.ParamType[tuple[str, "Population"]]):
    """Installations of a program, as gopls=300k or gopls=300k..900k."""

    name = "PROGRAM=N|LOW..HIGH"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, Population]:
        """Return the program's name and its population."""
        name, found, numbers = str(value).partition("=")
        if not name or not found:
            self.fail(
                f"{value!r} names no program: write gopls=300k or gopls=300k..900k", param, ctx
            )
        low, _, high = numbers.partition("..")
        try:
            ends = parse_installations(low), parse_installations(high or low)
        except ValueError as error:
            self.fail(f"{value!r}: {error}", param, ctx)
        if ends[0] > ends[1]:
            self.fail(f"{value!r}: {low} is more than {high}; write {high}..{low}", param, ctx)
        if ends[1] > _MOST_INSTALLATIONS:
            self.fail(f"{value!r}: write at most {_MOST_INSTALLATIONS:,}", param, ctx)
        return name, between(*ends)


class _Fraction(click.ParamType[Fraction]):
    """A fraction, as 1% or 0.01."""

    def __init__(self, name: str, *, example: str, most: str = "below 1") -> None:
        self.name = name
        self._example = example
        self._most = most

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Fraction:
        """Return the fraction, exactly."""
        try:
            fraction = parse_fraction(str(value))
        except ValueError:
            fraction = Fraction(0)
        if not _LEAST <= fraction <= 1 or (fraction == 1 and self._most == "below 1"):
            self.fail(
                f"{value!r} is no fraction above 0 and {self._most}: write {self._example}",
                param,
                ctx,
            )
        return fraction


class _Reports(click.ParamType[Fraction]):
    """Reports a year, as 1 or 0.5."""

    name = "B"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Fraction:
        """Return the number, exactly."""
        text = str(value)
        number = Fraction(text) if re.fullmatch(r"[0-9]*\.?[0-9]+", text, re.ASCII) else Fraction(0)
        if not _LEAST <= number <= _WEEKLY:
            self.fail(
                f"{value!r} is no number of reports a year above 0 and at most {_WEEKLY}: "
                "write 1 or 0.5",
                param,
                ctx,
            )
        return number


def what_if_options(command: _Command) -> _Command:
    """Add --population, --margin, --confidence, --cap and --budget."""
    options = (
        click.option(
            "--population",
            "populations",
            multiple=True,
            type=_Installations(),
            help="What if a program, or a key of populations.yaml, had so many installations: "
            "gopls=300k..900k. May be repeated.",
        ),
        click.option(
            "--margin",
            type=_Fraction("M", example="2% or 0.02"),
            help="What if every CHART that has a margin of some kind had this one.",
        ),
        click.option(
            "--confidence",
            type=_Fraction("C", example="95% or 0.95"),
            help="What if every CHART had this confidence.",
        ),
        click.option(
            "--cap",
            type=_Fraction("R", example="20% or 0.2", most="at most 1"),
            help="What if installations looked at the config in this share of the weeks.",
        ),
        click.option(
            "--budget",
            type=_Reports(),
            help="What if one installation, whatever it runs, were asked for B reports a year: "
            "widens all margins alike, by no more than that takes.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def refuse_unknown(project: Project, repository: Repository, assumptions: Assumptions) -> None:
    """Stop if the assumptions name what is not there, or one thing twice."""
    known = {*repository.programs, *repository.estimates}
    names = [name for name, _ in assumptions.populations]
    for index, name in enumerate(names):
        if name not in known:
            if project.checked.compilable is None:  # an error may hide it
                refuse(project)
            meant = get_close_matches(name, sorted(known), 1)
            hint = f"did you mean {meant[0]}?" if meant else f"there are {', '.join(sorted(known))}"
            raise click.UsageError(f"there is no program {name!r}, nor such a population; {hint}")
        if name in names[:index]:
            raise click.UsageError(f"--population gives {name} twice")


def other_errors(project: Project) -> list[Diagnostic]:
    """Return the errors of a project but for those that depend on what is assumed."""
    return [
        found
        for found in project.checked.diagnostics
        if found.severity is Severity.ERROR and found.code not in _OF_SHORTFALLS
    ]


def heading(found: WhatIf) -> tuple[Line, ...]:
    """Return what is assumed, beside what the files say."""
    rows = [[("plain", cell) for cell in row] for row in _assumed(found)]
    return (*table(("what if", "in the files", "assumed"), rows), ())


def _assumed(found: WhatIf) -> Iterator[tuple[str, str, str]]:
    files, assumptions = found.before.repository, found.assumptions
    for name, population in assumptions.populations:
        key = files.programs[name].population if name in files.programs else name
        before = files.estimates[key].population
        yield f"installations of {name}", _range(before), _range(population)
    if assumptions.margin is not None:
        yield "margin", "each chart's own", percent(assumptions.margin)
    if assumptions.confidence is not None:
        yield "confidence", "each chart's own", percent(assumptions.confidence)
    if assumptions.cap is not None:
        yield "cap", percent(files.collection.fetch_probability), percent(assumptions.cap)
    if assumptions.budget is not None:
        limit = files.collection.max_reports_per_year
        yield (
            "reports a year",
            "no limit" if limit is None else rounded(float(limit), digits=6),
            rounded(float(assumptions.budget), digits=6),
        )


def _range(population: Population) -> str:
    if population.low == population.high:
        return f"{population.low:,}"
    return f"{population.low:,} to {population.high:,}, likely {population.likely:,}"


def entry(assumptions: Assumptions) -> dict[str, object]:
    """Return the assumptions as `rates --format json` has them: those that were made."""
    made: dict[str, object] = {}
    if assumptions.populations:
        made["populations"] = {
            name: {"low": each.low, "likely": each.likely, "high": each.high}
            for name, each in assumptions.populations
        }
    fractions = {
        "margin": assumptions.margin,
        "confidence": assumptions.confidence,
        "cap": assumptions.cap,
        "budget": assumptions.budget,
    }
    made |= {key: float(value) for key, value in fractions.items() if value is not None}
    return made
