"""`history`: every release in which a chart became another, and who approved that."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chartconfig.charts.numbers import percent
from chartconfig.cli import console
from chartconfig.cli.options import format_option
from chartconfig.cli.project import open_project
from chartconfig.diagnostics.page import visible
from chartconfig.edge.files import find_place
from chartconfig.edge.git import is_ancestor, list_folder, read_revision, read_tags
from chartconfig.edge.history import require_releases
from chartconfig.pipeline import Built
from chartconfig.review.diff import Effect
from chartconfig.review.history import known_subjects, steps
from chartconfig.review.release import is_announcement
from chartconfig.review.sides import Side
from chartconfig.review.summary import STYLES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from chartconfig.diagnostics.render import Line
    from chartconfig.edge.files import Place
    from chartconfig.edge.git import Tag
    from chartconfig.review.difference import Worth
    from chartconfig.review.history import Step

FORMAT = "chartconfig/history/v1"

_APPROVALS, _APPROVAL = "approvals/charts", ".approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Release:
    tag: Tag
    side: Side
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A step, and what git knows of it besides."""

    step: Step
    version: str
    on: date
    approved_by: tuple[str, ...]


@click.command("history")
@click.argument("subject", metavar="CHART|COUNTER")
@format_option()
@click.pass_obj
def command(directory: str, *, subject: str, output: str) -> None:
    """Show every release in which a chart, or what is charted of a counter, changed.

    Newest first: the version and its day, what is different for installations and why, the rate
    before and after, who approved it, and where it was discussed. A chart whose file was moved is
    followed. Texts do not count.
    """
    place = find_place(Path(directory))
    releases, left_out = _releases(directory, place)
    if left_out:
        told = f"left out, for they do not compile any more: {', '.join(left_out)}"
        console.show([(("warning", told),)], stream=sys.stderr)
    sides = [release.side for release in releases]
    known = list(dict.fromkeys(known_subjects(sides)))
    if subject not in known:
        meant = get_close_matches(subject, known, 1)
        hint = f": did you mean {meant[0]}?" if meant else ""
        where = f"in any of {len(sides)} releases" if sides else "before the first release"
        raise click.UsageError(f"there is no chart or counter {subject!r} {where}{hint}")
    found = [_told(place, releases, step) for step in steps(sides, subject)]
    if output == "json":
        document = {
            "format": FORMAT,
            "subject": subject,
            "releases": [_entry(each) for each in found],
        }
        console.write(f"{json.dumps(document, indent=2)}\n")
        return
    for index, each in enumerate(found):
        console.show([*([()] if index else []), *_lines(each)])


def _releases(directory: str, place: Place) -> tuple[list[_Release], list[str]]:
    """Return the releases that the commit has behind it, oldest first, and those left out."""
    read_revision(place, "HEAD")  # which tells best what is missing
    tags = read_tags(place.base)
    require_releases(place, tags, releasing=True)
    tags = tuple(
        tag
        for tag in tags
        if is_announcement(tag.message, tag=tag.name)
        and is_ancestor(place.base, tag.commit, "HEAD")
    )
    found, left_out, project = [], [], None
    with console.progress("Compiling the releases") as advance:
        for number, tag in enumerate(tags, 1):
            project = open_project(directory, revision=tag.commit, like=project)
            if project.checked.compilable is None:
                left_out.append(tag.name)
            else:
                built = Built(
                    planned=project.checked.compilable,
                    documents=project.documents,
                    origin=project.origin,
                )
                made = Side(name=tag.name, compiled=built, on=project.origin.on)
                found.append(_Release(tag=tag, side=made, on=project.origin.on))
            advance(number / len(tags))
    return found, left_out


def _told(place: Place, releases: list[_Release], step: Step) -> _Told:
    """Return a step with who approved it: by the files that came with that release."""
    release = releases[step.at]
    files = list_folder(place, release.tag.commit, f"{_APPROVALS}/{step.chart}")
    older: dict[str, bytes] = {}
    if step.at:
        chart = step.was or step.chart
        older = list_folder(place, releases[step.at - 1].tag.commit, f"{_APPROVALS}/{chart}")
    fresh = sorted(name for name, blob in files.items() if older.get(name) != blob)
    return _Told(
        step=step,
        version=release.tag.name,
        on=release.on,
        approved_by=tuple(n.removesuffix(_APPROVAL) for n in fresh if n.endswith(_APPROVAL)),
    )


def _lines(told: _Told) -> Iterator[Line]:
    step = told.step
    yield (
        ("heading", told.version),
        ("dim", f"  {told.on}  "),
        ("path", step.chart),
        ("plain", "  rate " if step.before or step.after else ""),
        ("number", _rates(step)),
    )
    for each in step.differences:
        effect = each.change.effect
        word = "same" if effect is Effect.NONE else effect.value
        yield (
            (STYLES[effect], f"    {word:7}"),
            ("plain", f"  {visible(str(each.change))}"),
        )
        yield (("dim", f"             {visible(each.why)}"),)
    if not step.differences:
        first = step.before is None
        yield (("plain", "    collected since this release" if first else "    another rate"),)
    if told.approved_by:
        yield (("good", "    approved"), ("plain", f" by {visible(', '.join(told.approved_by))}"))
    for issue in step.issues:
        yield (("path", f"    {visible(issue)}"),)


def _rates(step: Step) -> str:
    was, now = (None if each is None else percent(each.rate) for each in (step.before, step.after))
    return str(was) if was == now else f"{was or 'none'} -> {now or 'none'}"


def _entry(told: _Told) -> dict[str, object]:
    step = told.step
    return {
        "version": told.version,
        "day": told.on.isoformat(),
        "chart": step.chart,
        "was": step.was,
        "changes": [
            {
                "class": each.change.effect.value,
                "what": each.change.what,
                "before": each.change.before,
                "after": each.change.after,
                "why": each.why,
            }
            for each in step.differences
        ],
        "rate": {"before": _rate(step.before), "after": _rate(step.after)},
        "approved_by": list(told.approved_by),
        "issues": list(step.issues),
    }


def _rate(worth: Worth | None) -> float | None:
    return None if worth is None else worth.rate
