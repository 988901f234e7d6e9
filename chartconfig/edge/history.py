"""Whether a clone has every release, and each was reviewed.

A log made anew without one of its releases would be another log.

A clone may be shallow, or have come without tags, and nothing in git says that something is
missing. What is committed does: the changelog names each release, and so does the list of those
that were withdrawn. The branch and the tag of a release are pushed together, so what is named on
the branch of the remote has a tag somewhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from chartconfig.charts import retracted
from chartconfig.diagnostics.catalogue import report
from chartconfig.edge.git import (
    CHANGELOG,
    has_revision,
    have_file,
    is_ancestor,
    is_shallow,
    read_blob,
    read_tags,
    tags_up_to,
    verify_tag,
)
from chartconfig.errors import ChartconfigError
from chartconfig.module.version import Scheme, is_release, next_release
from chartconfig.review.release import is_announcement

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from chartconfig.edge.files import Place
    from chartconfig.edge.git import Tag

SIGNERS: Final = "allowed_signers"
_NAMED: Final = {
    CHANGELOG: re.compile(rb"^## (v[0-9.]+)\s*$", re.MULTILINE),
    retracted.NAME: re.compile(rb"""^["']?(v[0-9.]+)["']?\s*:""", re.MULTILINE),
}
_SHOWN: Final = 5
_UPSTREAM: Final = "@{upstream}"


def require_releases(place: Place, tags: Sequence[Tag], *, releasing: bool) -> None:
    """See that no release is missing from a clone.

    Args:
        place: Where the config repository is.
        tags: Those of the clone.
        releasing: Whether the next version may be named already, by a release that was stopped.

    Raises:
        ChartconfigError: CC947, one is missing, or nobody could tell.
    """
    if is_shallow(place.base):
        raise incomplete(
            "this clone is shallow: it may lack releases that were made",
            "git fetch --unshallow --tags; fetch-depth: 0 for actions/checkout",
        )
    tagged = {tag.name for tag in tags}
    missing = _named(place, "HEAD") - tagged
    if releasing and len(missing) == 1 and not missing & _pushed(place):
        last = tags[-1].name if tags else None
        missing -= {next_release(last, minor=True), next_release(last, minor=False)}
    if missing:
        names = sorted(missing, key=Scheme.GO_MODULE.sort_key)
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        raise incomplete(
            f"{', '.join(names[:_SHOWN])}{more} in {place.root}/ of HEAD, and no such tag",
            "git fetch --tags; where there never was one, chartconfig release, or take its entry "
            f"out of {place.root}/{CHANGELOG}",
        )


def last_release(
    place: Place, commit: str, *, withdrawn: Container[str] = (), before: Tag | None = None
) -> Tag | None:
    """Return the newest release that a commit comes after, or is; None before the first.

    Tags that look like one and say nothing of a release, as those of a program that lives in the
    same repository, are passed over.

    Args:
        place: Where the config repository is.
        commit: The commit.
        withdrawn: The releases that nobody should use, which are passed over as well.
        before: A release that only older versions come before.

    Raises:
        ChartconfigError: CC947, releases are missing, so nobody can tell.
    """
    tags = read_tags(place.base)
    require_releases(place, tags, releasing=True)
    older = tags if before is None else tags[: tags.index(before)]
    there = tags_up_to(place.base, commit) if older else frozenset()
    return next(
        (
            tag
            for tag in reversed(older)
            if tag.name in there
            and tag.name not in withdrawn
            and is_announcement(tag.message, tag=tag.name)
        ),
        None,
    )


def require_signed(place: Place, tag: Tag) -> None:
    """See that a release was signed by somebody who may, wherever somebody says who may.

    Raises:
        ChartconfigError: CC919, nobody of them signed it; or nobody says any longer who may.
    """
    allowed = read_signers(place, (tag,))
    if allowed is not None:
        verify_tag(place.base, tag, allowed)


def read_signers(place: Place, tags: Sequence[Tag]) -> bytes | None:
    """Return who may sign releases now; None where nobody ever said so.

    Raises:
        ChartconfigError: CC919, a release said so, and nobody does any longer.
    """
    allowed = read_blob(place, "HEAD", SIGNERS)
    if allowed is None and tags:
        had = have_file(place, [tag.commit for tag in tags], SIGNERS)
        for tag, there in zip(reversed(tags), reversed(had), strict=True):
            if there:
                raise ChartconfigError(
                    report(
                        "CC919",
                        f"{place.root}/{SIGNERS} is no longer there, and {tag.name} had it",
                        None,
                        hint=f"commit it again: git checkout {tag.name} -- {place.root}/{SIGNERS}",
                    )
                )
    return allowed


def require_reviewed(place: Place, tag: Tag, allowed: bytes | None) -> str | None:
    """See that a release was signed by somebody who may, and merged into what is checked out.

    Args:
        place: Where the config repository is.
        tag: The release.
        allowed: Who may sign now, as `read_signers` gives it; None where nobody says so.

    Returns:
        Who signed it; None where nobody was asked for.

    Raises:
        ChartconfigError: CC919, nobody of them signed it, or under another name; CC917, it is no
            part of the history.
    """
    signer = None if allowed is None else verify_tag(place.base, tag, allowed)
    if not is_ancestor(place.base, tag.commit, "HEAD"):
        raise ChartconfigError(
            report(
                "CC917",
                f"{tag.name} is no part of the history of what is checked out",
                None,
                hint="git switch to the branch that versions are released from, and git pull; a "
                "tag of a commit that is nowhere else was never reviewed",
            )
        )
    return signer


def incomplete(message: str, hint: str) -> ChartconfigError:
    """Return the error that not everything is here that was published before."""
    return ChartconfigError(report("CC947", message, None, hint=hint))


def _pushed(place: Place) -> frozenset[str]:
    """Return the versions that the remote's branch names."""
    if not has_revision(place.base, _UPSTREAM):
        return frozenset()
    return _named(place, _UPSTREAM)


def _named(place: Place, revision: str) -> frozenset[str]:
    """Return the versions that a revision says were released."""
    found: set[str] = set()
    for name, pattern in _NAMED.items():
        text = read_blob(place, revision, name) or b""
        found |= {version.decode() for version in pattern.findall(text)}
    return frozenset(filter(is_release, found))
