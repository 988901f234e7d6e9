"""What git's history says of a config repository: who changed what, and what was there before."""

from __future__ import annotations

import re
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
_NAMES: Final = (
    "-z",
    "-c",
    "--root",
    "--full-history",
    "--no-renames",
    "--name-only",
    "--relative",
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
    Co-authored-by trailer names: addresses, in lower case. A merge counts for the files that it
    has otherwise than all that it merges.

    Args:
        place: Where the config repository is.
        commit: After which; None from the beginning.
        until: The last commit.
    """
    which = until if commit is None else f"{commit}..{until}"
    shown = output(
        *("log", "--no-show-signature", f"--format=%x02%ae%x01%aE%x01{_TRAILERS}", *_NAMES),
        *(which, "--", f"{place.root}/"),
        base=place.base,
    )
    found: dict[str, set[str]] = {}
    people: set[str] = set()
    for part in shown.decode("utf-8", "replace").split("\0"):
        if (told := part.lstrip("\n")).startswith("\2"):
            written, mapped, *others = told[1:].split("\1")
            people = {written, mapped, *_ADDRESS.findall(" ".join(others))}
        elif told:
            name = told.removeprefix(f"{place.root}/")
            found.setdefault(name, set()).update(each.strip().lower() for each in people)
    return {name: frozenset(addresses) for name, addresses in found.items()}


def own_address(base: Path) -> str | None:
    """Return the address that git would write as the author's of a commit, in lower case."""
    try:
        said = output("var", "GIT_AUTHOR_IDENT", base=base).decode("utf-8", "replace")
    except ChartconfigError:  # git knows nobody, as on a machine that commits nothing
        return None
    found = _ADDRESS.search(said)
    return found[1].strip().lower() if found else None
