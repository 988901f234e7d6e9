"""Git, through its own command: the files of a revision, and the tags that releases are.

Reading runs nothing that a repository's own settings name. Committing and signing do: they are the
maintainer's, with the keys, hooks and prompts that they have set up.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1, sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from chartconfig.collection.manifest import Origin
from chartconfig.diagnostics.catalogue import report
from chartconfig.edge.files import Tree, replace_file, symbolic_link
from chartconfig.errors import ChartconfigError
from chartconfig.module.version import Scheme, is_release
from chartconfig.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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


_SIGNATURE = re.compile(r"^-----BEGIN (?:SSH|PGP) (?:SIGNATURE|MESSAGE)-----$", re.MULTILINE)
_SIGNER = re.compile(r'^Good "git" signature for (.+) with \S+ key \S+$', re.MULTILINE)

_VERIFY = {
    "gpg.ssh.program": "ssh-keygen",
    "gpg.program": "false",  # a keyring on this machine allows nobody
    "gpg.openpgp.program": "false",
    "gpg.x509.program": "false",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag with the name of a release."""

    name: str
    """The name that it goes by: `v1.2.3`."""
    object: str
    """The hash of the tag itself; of the commit, where the tag is only a name for one."""
    commit: str
    """The hash of the commit that it names."""
    named: str | None
    """The name that its signer gave it; None where the tag is only a name for a commit."""
    message: str
    """Its message, without the signature."""
    signed: bool
    """Whether there is a signature: `verify_tag` tells whose."""


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
        found = _run("rev-parse", *arguments, base=place.base)
        if found.returncode:
            raise _failed(told, _why_unknown(place.base, revision, found.stderr))
        commit = found.stdout.decode().strip()
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


def has_revision(base: Path, revision: str) -> bool:
    """Return whether git knows a revision."""
    arguments = ("--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    try:
        return _run("rev-parse", *arguments, base=base).returncode == 0
    except OSError:  # there is no git
        return False


def is_shallow(base: Path) -> bool:
    """Return whether a clone has only the newest commits."""
    found = _run("rev-parse", "--is-shallow-repository", base=base)
    return found.stdout.strip() == b"true"


def _why_unknown(base: Path, revision: str, said: bytes) -> str:
    """Return what to do about a revision that git does not know."""
    if is_shallow(base):
        return (
            "this clone is shallow, and may be without it: git fetch --unshallow, or fetch-depth: "
            "0 for actions/checkout"
        )
    if _run("rev-parse", "--git-dir", base=base).returncode:
        return "this is no git repository yet: git init, then commit what is there"
    return "commit something first: git add, git commit" if revision == "HEAD" else _last_line(said)


def read_blob(place: Place, revision: str, name: str) -> bytes | None:
    """Return a file of a revision's config repository, or None where there is none.

    Args:
        place: Where the config repository is.
        revision: A commit, or what names one.
        name: Its path below configs/.
    """
    listed = _git("ls-tree", "-z", revision, "--", f"{place.root}/{name}", base=place.base)
    if not listed:
        return None
    mode, kind, blob = listed.partition(b"\t")[0].split(b" ")
    if kind != b"blob" or mode == _SYMBOLIC_LINK:
        raise _failed(f"{place.root}/{name} is no file at {revision}", "put the file itself there")
    return _blobs(place.base, [blob])[blob]


def read_tags(base: Path) -> tuple[Tag, ...]:
    """Return every tag with the name of a release, in the order of versions.

    Raises:
        ChartconfigError: CC904, one of them names something else than a commit.
    """
    columns = "refname:lstrip=2 objectname objecttype *objectname *objecttype".split()
    line = "%00".join(f"%({column})" for column in columns)
    listed = _git("for-each-ref", f"--format={line}", "refs/tags/v*", base=base).decode()
    rows = [row.split("\0") for row in listed.splitlines()]
    rows = sorted(
        (row for row in rows if is_release(row[0])),
        key=lambda row: Scheme.GO_MODULE.sort_key(row[0]),
    )
    annotated = [row[1].encode() for row in rows if row[2] == "tag"]
    contents = _blobs(base, annotated)
    tags = []
    for name, tag, kind, commit, of in rows:
        if (of or kind) != "commit":
            raise _failed(f"the tag {name} names no commit", f"delete it: git tag -d {name}")
        head, _, body = contents.get(tag.encode(), b"").decode("utf-8", "replace").partition("\n\n")
        signature = _SIGNATURE.search(body)
        tags.append(
            Tag(
                name=name,
                object=tag,
                commit=commit or tag,
                named=next((n[4:] for n in head.split("\n") if n.startswith("tag ")), None),
                message=body[: signature.start()] if signature else body,
                signed=signature is not None,
            )
        )
    return tuple(tags)


def verify_tag(base: Path, tag: Tag, allowed_signers: bytes) -> str:
    """Return who signed a tag, as the list of allowed signers names them.

    Args:
        base: The repository.
        tag: The tag, as it was read.
        allowed_signers: OpenSSH's list of who may sign, and by which keys; see ssh-keygen(1).

    Raises:
        ChartconfigError: CC919, nobody of them signed it, or under another name.
    """
    if tag.named is None:
        raise _unsigned(tag.name, "is only a name for a commit, which nobody can sign")
    if tag.named != tag.name:  # git does not compare them
        raise _unsigned(tag.name, f"was signed as {tag.named}")
    with TemporaryDirectory(prefix="chartconfig.") as scratch:
        signers = Path(scratch, "allowed_signers")
        signers.write_bytes(allowed_signers)
        settings = _VERIFY | {"gpg.ssh.allowedSignersFile": str(signers)}
        done = _run("verify-tag", tag.object, base=base, settings=settings)
    said = done.stderr.decode("utf-8", "replace")
    signer = _SIGNER.search(said)
    if done.returncode or signer is None:
        raise _unsigned(tag.name, "is not signed by an allowed signer")
    return signer[1]


def make_tag(base: Path, name: str, commit: str, message: str) -> Tag:
    """Tag a commit with a version, signed with the key that git's settings name for it.

    Raises:
        ChartconfigError: CC919, git did not sign it; nothing is tagged.
    """
    with TemporaryDirectory(prefix="chartconfig.") as scratch:
        file = Path(scratch, "message")
        file.write_text(message, encoding="utf-8")
        options = ("--sign", "--cleanup=verbatim", f"--file={file}")
        if said := _change("tag", *options, name, commit, base=base):
            why = said.removeprefix("error: ").removeprefix("fatal: ")
            raise _unsigned(name, f"was not made: {why}")
    tag = next(tag for tag in read_tags(base) if tag.name == name)
    if not tag.signed:  # as some versions of git leave it where there is no such key
        delete_tag(base, tag)
        raise _unsigned(name, "was not made: git finds no such key")
    return tag


def delete_tag(base: Path, tag: Tag) -> None:
    """Delete a tag, unless it is another one by now."""
    _git("update-ref", "-d", f"refs/tags/{tag.name}", tag.object, base=base)


def commit_files(place: Place, files: Mapping[str, bytes], *, message: str, time: datetime) -> None:
    """Write files of a config repository, and commit them and nothing else.

    Args:
        place: Where the config repository is.
        files: Their contents, by path below configs/.
        message: What the commit says.
        time: When it is made, by its author and committer.

    Raises:
        ChartconfigError: CC902, CC904; a file that was written is then not committed.
    """
    paths = [f"{place.root}/{name}" for name in files]
    for path, data in zip(paths, files.values(), strict=True):
        replace_file(place.base / path, data)
    at = f"@{int(time.timestamp())} +0000"
    dates = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
    for command, *options in (["add"], ["commit", "--quiet", "--only", f"--message={message}"]):
        if said := _change(command, *options, "--", *paths, base=place.base, environment=dates):
            raise _failed(f"git {command} failed", said)


def branch(base: Path) -> str | None:
    """Return the branch that is checked out; None where that is a commit, or there is no git."""
    done = _run("symbolic-ref", "--quiet", "--short", "HEAD", base=base)
    return done.stdout.decode("utf-8", "backslashreplace").strip() or None


def changes(place: Place) -> tuple[str, ...]:
    """Return the paths of files that are not as the commit has them, as those of documents.

    Files that git does not know count below configs/ alone.
    """
    prefix = _git("rev-parse", "--show-prefix", base=place.base).rstrip(b"\n")
    status = ("--porcelain", "-z", "--no-renames")
    known = _git("status", *status, "--untracked-files=no", base=place.base)
    options = (*status, "--untracked-files=all", "--", f"{place.root}/")
    rows = (known + _git("status", *options, base=place.base)).split(b"\0")
    paths = (row[3:].removeprefix(prefix) for row in rows if row)
    return tuple(dict.fromkeys(path.decode("utf-8", "backslashreplace") for path in paths))


def is_ancestor(base: Path, commit: str, of: str) -> bool:
    """Return whether a commit is another one, or comes before it."""
    return _run("merge-base", "--is-ancestor", commit, of, base=base).returncode == 0


def printed(base: Path, command: str, *arguments: str) -> bytes:
    """Return what a git command prints that reads.

    Raises:
        ChartconfigError: CC904, it failed.
    """
    return _git(command, *arguments, base=base)


def read_blobs(base: Path, hashes: Iterable[bytes]) -> dict[bytes, bytes]:
    """Return the contents of blobs, by hash."""
    return _blobs(base, list(hashes))


def _origin(base: Path, commit: str) -> Origin:
    shown = _git("log", "-1", "--no-show-signature", "--format=%H %T %ct", commit, "--", base=base)
    commit, tree, seconds = shown.decode().split()
    try:
        time = datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise _failed(f"commit {commit} has no date: {seconds}", "give one with --on") from error
    return Origin(commit=commit, tree=tree, on=time.date(), time=time)


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
) -> bytes:
    """Return what a git command prints.

    Raises:
        ChartconfigError: CC904, the command failed, and what git says about it.
        OSError: There is no git.
    """
    done = _run(command, *arguments, base=base, stdin=stdin)
    if done.returncode:
        raise _failed(f"git {command} failed", _last_line(done.stderr))
    return done.stdout


def _run(
    command: str,
    *arguments: str,
    base: Path,
    stdin: bytes = b"",
    settings: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run a git command that reads; nothing of the repository's own settings is run."""
    line = ["git", "-c", "core.fsmonitor=false"]
    for name, value in (settings or {}).items():
        line += ["-c", f"{name}={value}"]
    try:
        return subprocess.run(  # noqa: S603 - no shell, and what a user wrote is no option
            [*line, "-C", str(base), command, *arguments],
            input=stdin,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            env=_environment() | _SETTINGS,
        )
    except subprocess.TimeoutExpired as error:
        raise _failed(f"git {command} took too long", "see what keeps git busy") from error


def _change(
    command: str, *arguments: str, base: Path, environment: Mapping[str, str] | None = None
) -> str | None:
    """Run a git command that writes, as the user would; it may ask for a passphrase or a touch.

    Returns:
        What it says when it fails.
    """
    done = subprocess.run(  # noqa: S603 - as above
        ["git", "-C", str(base), command, *arguments],  # noqa: S607 - the user's git
        stdout=subprocess.DEVNULL,
        stderr=None if sys.stderr.isatty() else subprocess.PIPE,
        check=False,
        env=_environment() | {"LC_ALL": "C"} | dict(environment or {}),
    )
    return _last_line(done.stderr or b"see above") if done.returncode else None


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}


def _last_line(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "git did not say why"


def _failed(message: str, hint: str) -> ChartconfigError:
    return ChartconfigError(report("CC904", message, None, hint=hint))


def _unsigned(tag: str, what: str) -> ChartconfigError:
    return ChartconfigError(
        report(
            "CC919",
            f"the tag {tag} {what}",
            None,
            hint="a maintainer whom configs/allowed_signers lists has to sign it; see git config "
            "gpg.format and user.signingKey",
        )
    )
