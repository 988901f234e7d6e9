"""Options that several commands share, and the types of their values."""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

_Command = TypeVar("_Command", bound="Callable[..., Any]")


class Day(click.ParamType[date]):
    """A day, as 2026-11-20."""

    name = "DATE"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> date:
        """Return the day that an argument names."""
        day = None
        with suppress(ValueError):
            day = date.fromisoformat(str(value))
        if day is None or day.isoformat() != str(value):  # Python reads 20261120 and W47, too
            self.fail(f"{value!r} is no day: write one such as 2026-11-20", param, ctx)
        return day


class Name(click.ParamType[str]):
    """The name of a file, a site or a module: not empty, as the value of an unset variable is."""

    name = "NAME"

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str:
        """Return the name."""
        if not value:
            self.fail("it is empty", param, ctx)
        return str(value)


class Seconds(click.FloatRange):
    """A time above 0, up to a most."""

    def __init__(self, most: float) -> None:
        """Set the most."""
        super().__init__(min=0, min_open=True, max=most)

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> float:
        """Return the time; what is not a number is in no range, whatever comparisons say."""
        seconds: float = super().convert(value, param, ctx)
        if math.isnan(seconds):
            self.fail(f"{value} is no number.", param, ctx)
        return seconds


def on_option(command: _Command) -> _Command:
    """Add --on DATE."""
    return click.option(
        "--on",
        type=Day(),
        help="Judge the charts for this day. Default: the day of the commit, or today for a tree "
        "with changes that are not committed.",
    )(command)


def at_option(command: _Command) -> _Command:
    """Add --at REV."""
    return click.option(
        "--at",
        "revision",
        metavar="REV",
        help="Read this git revision instead of the work tree.",
    )(command)


def format_option(*formats: str) -> Callable[[_Command], _Command]:
    """Add --format, with text and json and whatever else is named."""
    return click.option(
        "--format",
        "output",
        type=click.Choice(["text", "json", *formats]),
        default="text",
        show_default=True,
        help="How results are printed.",
    )
