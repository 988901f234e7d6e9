"""What `check` and `release` share: the charts compared with those of the last release."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartconfig.cli.owners import owners_file, owners_found
from chartconfig.cli.project import open_project, planned_or_refuse
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.render import in_order
from chartconfig.edge.history import last_release
from chartconfig.errors import ChartconfigError
from chartconfig.pipeline import Built
from chartconfig.review.compatibility import chart_of, incompatibilities
from chartconfig.review.difference import Comparison
from chartconfig.review.sides import Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from chartconfig.cli.project import Project
    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.source.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What the charts are compared with."""

    name: str
    """As it was asked for, or the version that was released."""
    project: Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What `check` tells."""

    diagnostics: tuple[Diagnostic, ...]
    """In the order of files and places."""
    documents: tuple[Document, ...]
    """From which they may quote of what is gone: the older ones."""


def judge(
    directory: str,
    project: Project,
    diagnostics: Iterable[Diagnostic],
    *,
    against: str | None,
    new_only: bool,
) -> Judged:
    """Return what is wrong with a project, compared with what installations have.

    Args:
        directory: As given with -C.
        project: What is judged.
        diagnostics: What is wrong with it in itself.
        against: The revision to compare with; None is the last release.
        new_only: Whether to leave out what that has too. Then both are compared with the last
            release, if there is one: what was broken before is not broken anew, and what was never
            released can still be taken back.

    Raises:
        ChartconfigError: CC904, there is no such revision.
    """
    found = list(diagnostics)
    last: Base | None = None
    if against is None or new_only:
        try:
            last = _last_release(directory, project)
        except ChartconfigError as error:  # the rest can be told all the same
            found.append(error.diagnostic)
    base = last
    if against is not None:
        base = Base(name=against, project=open_project(directory, revision=against, like=project))
    older = (last or base) if new_only else base
    if older is not None:
        found.extend(compared(older, project))
    if new_only and base is not None:
        before = _as_of(project.origin.on, base, directory)
        known = [*before.checked.diagnostics, *(compared(last, before) if last else ())]
        known += owners_found(before, owners_file(before))
        found = list(newly_found(found, known, before=before.documents, after=project.documents))
    paths = {document.path for document in project.documents}
    gone = older.project.documents if older else ()
    quoted = tuple(document for document in gone if document.path not in paths)
    return Judged(diagnostics=in_order(found), documents=quoted)


def newly_found(
    found: Iterable[Diagnostic],
    known: Iterable[Diagnostic],
    *,
    before: Sequence[Document],
    after: Sequence[Document],
) -> Iterator[Diagnostic]:
    """Yield the findings that were not there before.

    A finding is the same one if it has the same code and message and is on the same file, whatever
    the line; a file that was only moved is the same. Of two that are alike, one may be new.
    """
    paths = {document.path for document in after}
    gone = {document.data: document.path for document in before if document.path not in paths}
    moved = {document.path: gone[document.data] for document in after if document.data in gone}
    left = Counter(_identity(each, {}) for each in known)
    for each in found:
        identity = _identity(each, moved)
        if left[identity]:
            left[identity] -= 1
        else:
            yield each


def _identity(found: Diagnostic, moved: Mapping[str, str]) -> tuple[str, str, str]:
    path, message = found.span.path if found.span else "", found.message
    if path in moved:
        message = message.replace(chart_of(path) or path, chart_of(moved[path]) or moved[path])
    return found.code, message, moved.get(path, path)


def _last_release(directory: str, project: Project) -> Base | None:
    """Return the last release before a project's commit; None before the first.

    A withdrawn one is none: what nobody should collect may go at once.

    Raises:
        ChartconfigError: CC947, releases are missing in this clone.
    """
    if project.head.commit is None:
        return None
    planned = project.checked.planned
    withdrawn = {each.low for each in planned.repository.retractions} if planned else ()
    tag = last_release(project.place, project.head.commit, withdrawn=withdrawn)
    if tag is None:
        return None
    return Base(name=tag.name, project=open_project(directory, revision=tag.commit, like=project))


def _as_of(day: date, base: Base, directory: str) -> Project:
    """Return a base, judged for another day."""
    if base.project.origin.on == day:
        return base.project
    commit = base.project.origin.commit
    return open_project(directory, on=day, revision=commit, like=base.project)


def compared(base: Base, project: Project) -> tuple[Diagnostic, ...]:
    """Return what a project breaks for installations with the config of another one."""
    if base.project.documents == project.documents:
        return ()  # a day that passes breaks nothing
    if base.project.checked.compilable is None:
        return (
            report(
                "CC709",
                f"{base.name} has errors, so nothing can be compared with it",
                None,
                hint=f"chartconfig check --at {base.name} shows them; --against REV compares with "
                "another one",
            ),
        )
    if project.checked.compilable is None:
        return ()  # there are errors enough, and nothing to compare
    sides = _side(base.project, base.name), _side(project, "the work tree")
    comparison = Comparison(base=sides[0], head=sides[1])
    return tuple(incompatibilities(comparison, on=project.origin.on))


def _side(project: Project, name: str) -> Side:
    planned, origin = planned_or_refuse(project), project.origin
    built = Built(planned=planned, documents=project.documents, origin=origin)
    return Side(name=name, compiled=built, repository=planned.repository, on=origin.on)
