"""What git's history says of a config repository: who changed what, and what was there before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chartconfig.edge.git import read_blobs
from chartconfig.edge.gitcommand import output
from chartconfig.errors import ChartconfigError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from chartconfig.edge.files import Place

_ADDRESS: Final = re.compile(r"<([^<>]*)>")
_SYMBOLIC_LINK: Final = b"120000"
_TRAILERS: Final = "%(trailers:key=Co-authored-by,valueonly,unfold,separator=%x01)"
_COMMIT: Final = f"%x02%H%x01%P%x01%ae%x01%aE%x01{_TRAILERS}"
_CHANGES: Final = (
    *("-z", "--raw", "--no-abbrev", "-m", "--root", "--full-history", "--relative", "-M"),
    *("-l1000", "--topo-order", "--reverse"),
)


def read_folder(place: Place, revision: str, name: str) -> dict[str, bytes]:
    """Return every file of a revision below a folder of configs/, by path below configs/."""
    prefix = f"{place.root}/"
    listed = output("ls-tree", "-r", "-z", revision, "--", f"{prefix}{name}/", base=place.base)
    found: dict[str, bytes] = {}
    for row in filter(None, listed.split(b"\0")):
        head, _, path = row.partition(b"\t")
        mode, kind, blob = head.split(b" ")
        if kind == b"blob" and mode != _SYMBOLIC_LINK:
            found[path.decode("utf-8", "backslashreplace").removeprefix(prefix)] = blob
    blobs = read_blobs(place.base, found.values())
    return {path: blobs[blob] for path, blob in found.items()}


def were_there(place: Place, commit: str, folders: Iterable[str]) -> tuple[bytes, ...]:
    """Return every file that a commit, or any before it, had in some folders, and more of git's.

    Args:
        place: Where the config repository is.
        commit: Up to which.
        folders: The folders' paths below configs/.
    """
    paths = "".join(f"{place.root}/{folder}/\n" for folder in folders)
    if not paths:  # which would be every file
        return ()
    options = ("--objects", "--no-object-names", "--full-history", "--stdin")
    asked = f"{commit}\n--\n{paths}".encode()
    listed = output("rev-list", *options, base=place.base, stdin=asked).split()
    return tuple(read_blobs(place.base, listed).values())


def authors_since(place: Place, commit: str | None, *, until: str) -> dict[str, frozenset[str]]:
    """Return who changed each file of a config repository, by path below configs/.

    Those are the authors of commits, as they are written and as .mailmap has them, and whoever a
    Co-authored-by trailer names: addresses, in lower case. Who changed a file that was renamed
    changed what it became. A merge counts for the files that it has otherwise than all that
    it merges, and for those that it has as they were before `commit`, where they are so in the end.

    Args:
        place: Where the config repository is.
        commit: After which; None from the beginning.
        until: The last commit.
    """
    which = until if commit is None else f"{commit}..{until}"
    asked = ("log", "--no-show-signature", f"--format={_COMMIT}", *_CHANGES)
    shown = output(*asked, which, "--", f"{place.root}/", base=place.base)
    found: dict[str, set[str]] = {}
    made: set[tuple[str, str]] = set()  # each a path, and the blob that somebody put there
    chosen: list[tuple[str, str, set[str]]] = []
    for each in _commits(shown.decode("utf-8", "replace"), f"{place.root}/"):
        for old, new in each.renames:
            found.setdefault(new, set()).update(found.get(old, ()))
        for path, blobs in each.blobs.items():
            if len(blobs) < each.parents:  # it is as one of those that are merged has it
                chosen.append((path, blobs[0], each.people))
            else:
                found.setdefault(path, set()).update(each.people)
                made.add((path, blobs[0]))
    if chosen := [one for one in chosen if one[:2] not in made]:
        last = _blobs_of(place, until)
        for path, blob, people in chosen:
            if last.get(path, blob if not blob.strip("0") else None) == blob:
                found.setdefault(path, set()).update(people)
    return {name: frozenset(people) for name, people in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Commit:
    """What a commit changed, compared with each of its parents."""

    people: set[str]
    parents: int
    renames: list[tuple[str, str]]
    blobs: dict[str, list[str]]
    """What each path has now, once for each parent that had something else; zeros for nothing."""


def _commits(shown: str, prefix: str) -> Iterable[_Commit]:
    """Return what `git log` shows, the oldest first."""
    found: dict[str, _Commit] = {}  # a merge is shown once for each parent
    parts = iter(shown.split("\0"))
    for part in parts:
        if (told := part.lstrip("\n")).startswith("\2"):
            name, parents, written, mapped, *others = told[1:].split("\1")
            people = (written, mapped, *_ADDRESS.findall(" ".join(others)))
            commit = found.setdefault(
                name,
                _Commit(
                    people={each.strip().lower() for each in people},
                    parents=len(parents.split()),
                    renames=[],
                    blobs={},
                ),
            )
        elif told:
            *_, before, after, status = told.split(" ")
            path = next(parts).removeprefix(prefix)
            if status.startswith("R"):
                commit.blobs.setdefault(path, []).append("0" * len(before))
                commit.renames.append((path, path := next(parts).removeprefix(prefix)))
            commit.blobs.setdefault(path, []).append(after)
    return found.values()


def _blobs_of(place: Place, revision: str) -> dict[str, str]:
    """Return the names of the blobs of a revision's config repository, by path below configs/."""
    listed = output("ls-tree", "-r", "-z", revision, "--", f"{place.root}/", base=place.base)
    rows = filter(None, listed.decode("utf-8", "replace").split("\0"))
    heads = (row.partition("\t")[::2] for row in rows)
    return {path.removeprefix(f"{place.root}/"): head.split(" ")[2] for head, path in heads}


def own_address(base: Path) -> str | None:
    """Return the address that git would write as the author's of a commit, in lower case."""
    try:
        said = output("var", "GIT_AUTHOR_IDENT", base=base).decode("utf-8", "replace")
    except ChartconfigError:  # git knows nobody, as on a machine that commits nothing
        return None
    found = _ADDRESS.search(said)
    return found[1].strip().lower() if found else None
