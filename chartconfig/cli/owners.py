"""The CODEOWNERS of a repository, compared with the owners that charts name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartconfig.edge.files import path_in_git, read_compiled
from chartconfig.edge.git import read_file
from chartconfig.review.codeowners import NAMES, outdated
from chartconfig.source.document import Document

if TYPE_CHECKING:
    from chartconfig.cli.project import Project
    from chartconfig.diagnostics.diagnostic import Diagnostic


def owners_file(project: Project) -> Document | None:
    """Return the CODEOWNERS that platforms go by; None where there is none."""
    base, commit = project.place.base, str(project.head.commit)
    for name in NAMES:
        data = None
        if project.is_revision:
            data = read_file(base, commit, name)
        elif (base / name).is_file():
            data = read_compiled(base, [name])[name]
        if data is not None:
            return Document(path=name, data=data)
    return None


def owners_found(project: Project, file: Document | None) -> tuple[Diagnostic, ...]:
    """Return the finding on CODEOWNERS, if there is one."""
    planned = project.checked.compilable
    if planned is None or file is None:
        return ()
    return tuple(
        outdated(
            file.text, planned.repository.charts, path=file.path, folder=path_in_git(project.place)
        )
    )
