"""Git, through its own command: which commit a tree is of, and the files of a revision."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from hashlib import sha1, sha256
from typing import TYPE_CHECKING

from chartconfig.collection.manifest import Origin
from chartconfig.diagnostics.catalogue import report
from chartconfig.edge.files import Tree, symbolic_link
from chartconfig.errors import ChartconfigError
from chartconfig.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from chartconfig.edge.files import Place

_SECONDS = 60
_SYMBOLIC_LINK = b"120000"
_SHA1_DIGITS = 40

_ELSEWHERE = {"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX"}
"""Set within hooks: they name a repository, but the one of -C is meant."""

_SETTINGS = {
    "LC_ALL": "C",
    "GIT_ALLOW_PROTOCOL": "none",  # a partial clone fetches nothing, and runs no ssh command
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",  # a commit has the same files on every machine
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}


def committed_origin(place: Place, documents: Iterable[Document]) -> Origin | None:
    """Return the commit that a work tree's config repository is exactly of.

    Files are compared with the commit by content, because `git status` leaves out what settings
    and ignore files tell it to.

    Args:
        place: Where the config repository is.
        documents: Every file of it.

    Returns:
        None where a file differs from the commit, is missing or is not in it, where there is no
        commit, and where there is no git.
    """
    try:
        origin = _origin(place.base, "HEAD")
        files, _ = _listed(place, "HEAD")
    except (ChartconfigError, OSError):
        return None
    found = {document.path: document.data for document in documents}
    same = files.keys() == found.keys() and all(
        _hash(data, like=files[path]) == files[path] for path, data in found.items()
    )
    return origin if same else None


def read_revision(place: Place, revision: str) -> tuple[Tree, Origin]:
    """Return the config repository of a revision, and which commit that is.

    Raises:
        ChartconfigError: CC904, git does not know the revision, or there is no config repository.
    """
    try:
        told = f"there is no revision {revision}"
        arguments = ("--verify", "--end-of-options", f"{revision}^{{commit}}")
        commit = _git("rev-parse", *arguments, base=place.base, refusal=told).decode().strip()
        if commit.startswith("^"):  # which git takes for everything but a revision
            raise _failed(told, "name a commit, a branch or a tag")
        origin = _origin(place.base, commit)
        files, links = _listed(place, str(origin.commit))
        blobs = _blobs(place.base, list(files.values()))
    except OSError as error:
        raise _failed("git cannot be run", str(error)) from error
    if not files and not links:
        raise _failed(f"{revision} holds no {place.root}/", "name a revision that does")
    documents = (Document(path=path, data=blobs[blob]) for path, blob in sorted(files.items()))
    return Tree(documents=tuple(documents), unread=tuple(map(symbolic_link, links))), origin


def _origin(base: Path, commit: str) -> Origin:
    shown = _git("log", "-1", "--no-show-signature", "--format=%H %T %ct", commit, "--", base=base)
    commit, tree, seconds = shown.decode().split()
    try:
        on = datetime.fromtimestamp(int(seconds), UTC).date()
    except (ValueError, OverflowError, OSError) as error:
        raise _failed(f"commit {commit} has no date: {seconds}", "give one with --on") from error
    return Origin(commit=commit, tree=tree, on=on)


def _listed(place: Place, commit: str) -> tuple[dict[str, bytes], list[str]]:
    """Return the YAML files of a commit, each with the hash of its blob, and the links."""
    listed = _git("ls-tree", "-r", "-z", commit, "--", f"{place.root}/", base=place.base)
    files: dict[str, bytes] = {}
    links: list[str] = []
    for row in listed.split(b"\0"):
        head, _, name = row.partition(b"\t")
        if not name.endswith((b".yaml", b".yml")) or b"/." in name:
            continue
        path = name.decode("utf-8", "backslashreplace")
        mode, kind, blob = head.split(b" ")
        if mode == _SYMBOLIC_LINK:
            links.append(path)
        elif kind == b"blob":
            files[path] = blob
    return files, links


def _hash(data: bytes, *, like: bytes) -> bytes:
    """Return git's name for a file's content, by the hash function of another such name."""
    function = sha1 if len(like) == _SHA1_DIGITS else sha256
    blob = b"blob %d\0%b" % (len(data), data)
    return function(blob, usedforsecurity=False).hexdigest().encode()


def _blobs(base: Path, hashes: list[bytes]) -> dict[bytes, bytes]:
    """Return the contents of blobs, by hash."""
    wanted = b"".join(blob + b"\n" for blob in hashes)
    answer = _git("cat-file", "--batch", base=base, stdin=wanted)
    blobs: dict[bytes, bytes] = {}
    offset = 0
    for blob in hashes:
        head_end = answer.index(b"\n", offset)
        head = answer[offset:head_end]
        if head.endswith(b" missing"):
            raise _failed(f"git has no {blob.decode()}", "fetch the whole revision, then try again")
        size = int(head.split(b" ")[2])
        blobs[blob] = answer[head_end + 1 : head_end + 1 + size]
        offset = head_end + 1 + size + 1
    return blobs


def _git(
    command: str,
    *arguments: str,
    base: Path,
    stdin: bytes = b"",
    refusal: str | None = None,
) -> bytes:
    """Return what a git command prints; nothing of the repository's own settings is run.

    Raises:
        ChartconfigError: CC904, the command failed: `refusal`, and what git says about it.
        OSError: There is no git.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    line = ["git", "-c", "core.fsmonitor=false", "-C", str(base), command, *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and what a user wrote is no option
            line,
            input=stdin,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            env=environment | _SETTINGS,
        )
    except subprocess.TimeoutExpired as error:
        raise _failed(f"git {command} took too long", "see what keeps git busy") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        told = refusal or f"git {command} failed"
        raise _failed(told, said[-1] if said else "git did not say why")
    return done.stdout


def _failed(message: str, hint: str) -> ChartconfigError:
    return ChartconfigError(report("CC904", message, None, hint=hint))
