"""What a release's tag compiles to, compared with what its message says that was released."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartconfig import __version__
from chartconfig.diagnostics.catalogue import report
from chartconfig.edge.git import read_revision
from chartconfig.edge.history import require_reviewed
from chartconfig.errors import ChartconfigError
from chartconfig.module.dirhash import hash_module
from chartconfig.pipeline import build, check
from chartconfig.review.release import parse_message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartconfig.charts.repository import Repository
    from chartconfig.collection.manifest import Origin
    from chartconfig.edge.files import Place
    from chartconfig.edge.git import Tag
    from chartconfig.review.release import Announcement


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """A release, compiled again from its tag."""

    announcement: Announcement
    """What the tag says."""
    origin: Origin
    """The commit that it names."""
    files: Mapping[str, bytes] | None
    """Every file of the module; None where this chartconfig finds errors in the charts."""
    repository: Repository | None
    """What they were compiled from; None as before."""
    h1: str | None
    """Their hash."""
    is_same: bool
    """Whether they are what was released."""


def rebuild(place: Place, tag: Tag, *, allowed: bytes | None = None) -> Rebuilt:
    """Compile the commit of a tag again.

    Args:
        place: Where the config repository is.
        tag: The release.
        allowed: Who may have signed it; None where that is not asked.

    Raises:
        ChartconfigError: CC904, git cannot give the commit; CC917, it is no part of the history
            of what is checked out; CC919, nobody who may signed it; CC920, the tag says nothing.
    """
    require_reviewed(place, tag, allowed)
    announcement = parse_message(tag.message, tag=tag.name)
    tree, origin = read_revision(place, tag.commit)
    checked = check(tree.documents, on=origin.on, root=place.root, unread=tree.unread)
    files = h1 = module = repository = None
    if checked.compilable is not None:
        repository = checked.compilable.repository
        module = repository.collection.module
        files = build(
            checked.compilable,
            documents=tree.documents,
            origin=origin,
            version=announcement.chartconfig,
        )
        h1 = hash_module(files, module=module, version=tag.name)
    same = (module, h1) == (announcement.module, announcement.h1)
    return Rebuilt(
        announcement=announcement,
        origin=origin,
        files=files,
        repository=repository,
        h1=h1,
        is_same=same,
    )


def rebuild_or_refuse(
    place: Place, tag: Tag, *, allowed: bytes | None = None
) -> tuple[Mapping[str, bytes], Origin]:
    """Return the files that were released under a tag, and the commit that they are of.

    Raises:
        ChartconfigError: As `rebuild`; CC912, they come out otherwise.
    """
    rebuilt = rebuild(place, tag, allowed=allowed)
    if rebuilt.files is None or not rebuilt.is_same:
        by = rebuilt.announcement.chartconfig
        what = "has errors" if rebuilt.files is None else f"compiles to {rebuilt.h1}"
        raise ChartconfigError(
            report(
                "CC912",
                f"{tag.name} {what}, and what was released is {rebuilt.announcement.h1}",
                None,
                hint=f"use chartconfig {by}, which compiled it; this is {__version__}"
                if by != __version__
                else "do not publish it: nobody signed what it compiles to",
            )
        )
    return rebuilt.files, rebuilt.origin
