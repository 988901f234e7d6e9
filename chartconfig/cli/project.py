"""What most commands start with: the config repository, read, checked and planned."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from chartconfig.cli.findings import FindingsError
from chartconfig.collection.manifest import Origin
from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.edge.clock import today
from chartconfig.edge.files import find_place, path_in_git, read_tree
from chartconfig.edge.git import CHANGELOG, Head, read_head, read_revision
from chartconfig.errors import ChartconfigError
from chartconfig.pipeline import Checked, Planned, check

if TYPE_CHECKING:
    from datetime import date

    from chartconfig.edge.files import Place
    from chartconfig.source.document import Document

NOWHERE = "configs/collection.yaml"
"""What annotations blame for a finding that is of no file: a platform wants one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A config repository as it is on a day."""

    place: Place
    documents: tuple[Document, ...]
    origin: Origin
    checked: Checked
    head: Head
    """What git says of the work tree; of a revision, that there may be tags."""
    is_revision: bool
    """Whether it is of a revision, and not of the work tree."""

    @property
    def may_have_releases(self) -> bool:
        """Whether anything was released before, as far as can be told at no cost."""
        changelog = self.place.base / self.place.root / CHANGELOG
        return self.head.commit is not None and (self.head.has_tags or changelog.exists())


def open_project(
    directory: str,
    *,
    on: date | None = None,
    revision: str | None = None,
    like: Project | None = None,
    in_full: bool = True,
) -> Project:
    """Read and check the config repository of a directory.

    Args:
        directory: As given with -C.
        on: The day for which it is judged; the commit's day when left out, and today for a tree
            with changes that are not committed.
        revision: A git revision to read instead of the work tree.
        like: Much the same repository, which saves time.
        in_full: Whether its warnings are asked for, or only whether it can be compiled.

    Raises:
        ChartconfigError: It cannot be read at all.
    """
    place = find_place(Path(directory))
    if revision is not None:
        tree, origin = read_revision(place, revision)
        head = Head(origin=origin, commit=origin.commit, has_tags=True)
    else:
        tree = read_tree(place)
        head = read_head(place, tree.documents)
        origin = head.origin or Origin(commit=None, tree=None, on=on or today())
    if on is not None:
        origin = replace(origin, on=on)
    checked = check(
        tree.documents,
        on=origin.on,
        root=place.root,
        unread=tree.unread,
        like=like.checked if like else None,
        in_full=in_full,
    )
    return Project(
        place=place,
        documents=tree.documents,
        origin=origin,
        checked=checked,
        head=head,
        is_revision=revision is not None,
    )


def above(directory: str) -> str:
    """Return what a pull request puts before the paths of a config repository; "" for nothing."""
    try:
        return path_in_git(find_place(Path(directory)))
    except ChartconfigError:
        return ""


def planned_or_refuse(project: Project) -> Planned:
    """Return the plan, or show the errors that stand in its way and stop with exit code 1."""
    planned = project.checked.compilable
    if planned is None:
        refuse(project)
    return planned


def may_need_approvals(place: Place, planned: Planned) -> bool:
    """Return whether approvals may be needed, as far as can be told without asking git.

    Where a policy of the last release is gone, the approvals made under it are still there; and a
    release looks at the last one in any case.
    """
    asks = planned.repository.policy.approvals is not None
    return asks or (place.base / place.root / "approvals").is_dir()


def refuse(project: Project) -> NoReturn:
    """Stop with exit code 1 because of a project's errors."""
    errors = [d for d in project.checked.diagnostics if d.severity is Severity.ERROR]
    raise FindingsError(errors, project.documents)
