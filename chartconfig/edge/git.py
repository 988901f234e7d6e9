"""Git, through its own command: the files of a revision, and the tags that releases are.

Reading runs nothing that a repository's own settings name. Committing and signing do: they are the
maintainer's, with the keys, hooks and prompts that they have set up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1, sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from chartconfig.collection.manifest import Origin
from chartconfig.diagnostics.catalogue import report
from chartconfig.edge.files import Tree, replace_file, symbolic_link
from chartconfig.edge.gitcommand import cannot_run, change, failed, last_line, output, run
from chartconfig.errors import ChartconfigError
from chartconfig.module.version import Scheme, is_release
from chartconfig.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chartconfig.edge.files import Place

CHANGELOG = "CHANGELOG.md"
"""What each release says of itself, below configs/."""

_SYMBOLIC_LINK = b"120000"
_SHA1_DIGITS = 40
_ORIGIN = ("--no-show-signature", "--format=%H %T %ct %D")

_SIGNATURE = re.compile(r"^-----BEGIN (?:SSH|PGP) (?:SIGNATURE|MESSAGE)-----$", re.MULTILINE)
_SIGNER = re.compile(r'^Good "git" signature for (.+) with \S+ key \S+$', re.MULTILINE)

_VERIFY = {
    "gpg.ssh.program": "ssh-keygen",
    "gpg.program": "false",  # a keyring on this machine allows nobody
    "gpg.openpgp.program": "false",
    "gpg.x509.program": "false",
}

_SAY_NO = """\
#!/bin/sh
read -r old new name && echo "$new" > "$0.noted"
exit 1
"""
"""A hook that git asks before it writes a reference: it notes what was to have a name."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What git says of a work tree, which may be nothing."""

    origin: Origin | None = None
    """The commit that it is exactly of; None where a file differs from the commit, is missing or
    is not in it, where there is no commit, and where there is no git."""
    commit: str | None = None
    """The commit that is checked out, whatever the files are."""
    has_tags: bool = False
    """Whether any tag begins like one of a release."""


def read_head(place: Place, documents: Iterable[Document]) -> Head:
    """Return what git says of a work tree.

    Files are compared with the commit by content, because `git status` leaves out what settings
    and ignore files tell it to.

    Args:
        place: Where the config repository is.
        documents: Every file of it.
    """
    tags = ("--no-walk=unsorted", "HEAD", "--decorate-refs=refs/tags/v*", "--tags=v*")
    try:  # one call for both: most runs are on a repository that has no releases
        head, *others = output("log", *_ORIGIN, *tags, "--", base=place.base).decode().splitlines()
        origin = _parsed_origin(head)
        files, _ = _listed(place, "HEAD")
    except (ChartconfigError, OSError):
        return Head()
    found = {document.path: document.data for document in documents}
    same = files.keys() == found.keys() and all(
        _hash(data, like=files[path]) == files[path] for path, data in found.items()
    )
    has_tags = bool(others) or "tag: v" in head
    return Head(origin=origin if same else None, commit=origin.commit, has_tags=has_tags)


def read_revision(place: Place, revision: str) -> tuple[Tree, Origin]:
    """Return the config repository of a revision, and which commit that is.

    Raises:
        ChartconfigError: CC904, git does not know the revision, or there is no config repository.
    """
    try:
        told = f"there is no revision {revision}"
        arguments = ("--verify", "--end-of-options", f"{revision}^{{commit}}")
        found = run("rev-parse", *arguments, base=place.base)
        if found.returncode:
            raise failed(told, _why_unknown(place.base, revision, found.stderr))
        commit = found.stdout.decode().strip()
        if commit.startswith("^"):  # which git takes for everything but a revision
            raise failed(told, "name a commit, a branch or a tag")
        origin = _origin(place.base, commit)
        files, links = _listed(place, str(origin.commit))
        blobs = _blobs(place.base, list(files.values()))
    except OSError as error:
        raise cannot_run(error) from error
    if not files and not links:
        raise failed(f"{revision} holds no {place.root}/", "name a revision that does")
    documents = (Document(path=path, data=blobs[blob]) for path, blob in sorted(files.items()))
    return Tree(documents=tuple(documents), unread=tuple(map(symbolic_link, links))), origin


def has_revision(base: Path, revision: str) -> bool:
    """Return whether git knows a revision."""
    arguments = ("--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    try:
        return run("rev-parse", *arguments, base=base).returncode == 0
    except OSError:  # there is no git
        return False


def is_shallow(base: Path) -> bool:
    """Return whether a clone has only the newest commits."""
    found = run("rev-parse", "--is-shallow-repository", base=base)
    return found.stdout.strip() == b"true"


def _why_unknown(base: Path, revision: str, said: bytes) -> str:
    """Return what to do about a revision that git does not know."""
    if is_shallow(base):
        return (
            "this clone is shallow, and may be without it: git fetch --unshallow, or fetch-depth: "
            "0 for actions/checkout"
        )
    if run("rev-parse", "--git-dir", base=base).returncode:
        return "this is no git repository yet: git init, then commit what is there"
    return "commit something first: git add, git commit" if revision == "HEAD" else last_line(said)


def read_blob(place: Place, revision: str, name: str) -> bytes | None:
    """Return a file of a revision's config repository, or None where there is none.

    Args:
        place: Where the config repository is.
        revision: A commit, or what names one.
        name: Its path below configs/.
    """
    return read_file(place.base, revision, f"{place.root}/{name}")


def read_file(base: Path, revision: str, path: str) -> bytes | None:
    """Return a file of a revision by its path below `base`, or None where there is none."""
    listed = output("ls-tree", "-z", revision, "--", path, base=base)
    if not listed:
        return None
    mode, kind, blob = listed.partition(b"\t")[0].split(b" ")
    if kind != b"blob" or mode == _SYMBOLIC_LINK:
        raise failed(f"{path} is no file at {revision}", "put the file itself there")
    return _blobs(base, [blob])[blob]


def list_folder(place: Place, revision: str, name: str) -> dict[str, bytes]:
    """Return the files of a folder of a revision's config repository, each with its blob's hash.

    Args:
        place: Where the config repository is.
        revision: A commit, or what names one.
        name: The folder's path below configs/; where there is none, it holds nothing.
    """
    path = f"{place.root}/{name}/"
    rows = output("ls-tree", "-z", revision, "--", path, base=place.base).split(b"\0")
    columns = [row.partition(b"\t") for row in rows if row]
    return {
        file.decode("utf-8", "backslashreplace").rpartition("/")[2]: head.split(b" ")[2]
        for head, _, file in columns
        if head.split(b" ")[1] == b"blob"
    }


def have_file(place: Place, commits: Sequence[str], name: str) -> list[bool]:
    """Return of each commit whether its config repository has a file, read by one process."""
    asked = "".join(f"{commit}:./{place.root}/{name}\n" for commit in commits)
    answers = output("cat-file", "--batch-check", base=place.base, stdin=asked.encode())
    return [not line.endswith(b" missing") for line in answers.splitlines()]


def read_tags(base: Path) -> tuple[Tag, ...]:
    """Return every tag with the name of a release, in the order of versions.

    Raises:
        ChartconfigError: CC904, one of them names something else than a commit.
    """
    columns = "refname:lstrip=2 objectname objecttype *objectname *objecttype".split()
    line = "%00".join(f"%({column})" for column in columns)
    listed = output("for-each-ref", f"--format={line}", "refs/tags/v*", base=base).decode()
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
            raise failed(f"the tag {name} names no commit", f"delete it: git tag -d {name}")
        tags.append(_tag(name, tag, commit or tag, contents.get(tag.encode(), b"")))
    return tuple(tags)


def _tag(name: str, tag: str, commit: str, content: bytes) -> Tag:
    head, _, body = content.decode("utf-8", "replace").partition("\n\n")
    signature = _SIGNATURE.search(body)
    return Tag(
        name=name,
        object=tag,
        commit=commit,
        named=next((line[4:] for line in head.split("\n") if line.startswith("tag ")), None),
        message=body[: signature.start()] if signature else body,
        signed=signature is not None,
    )


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
        done = run("verify-tag", tag.object, base=base, settings=settings)
    said = done.stderr.decode("utf-8", "replace")
    signer = _SIGNER.search(said)
    if done.returncode or signer is None:
        raise _unsigned(tag.name, "is not signed by an allowed signer")
    return signer[1]


def sign_tag(base: Path, name: str, commit: str, message: str) -> Tag:
    """Make a tag, signed with the key that git's settings name, which has no name here yet.

    It can be looked at before `place_tag` lets anybody find it. Git only signs what it also names,
    so a hook says no to the name, once it has noted which object it was for.

    Args:
        base: The repository.
        name: The name of the tag, which is signed with it.
        commit: The hash of a commit.
        message: What the tag says; ends with a newline.

    Raises:
        ChartconfigError: CC919, git did not sign it.
    """
    folder = output("rev-parse", "--absolute-git-dir", base=base).decode().rstrip("\n")
    with TemporaryDirectory(prefix="chartconfig.", dir=folder) as scratch:  # where hooks may run
        file, hook = Path(scratch, "message"), Path(scratch, "reference-transaction")
        file.write_text(message, encoding="utf-8")
        hook.write_text(_SAY_NO, encoding="ascii")
        hook.chmod(0o700)
        options = ("--sign", "--cleanup=verbatim", f"--file={file}")
        settings = {"core.hooksPath": scratch}
        said = change("tag", *options, name, commit, base=base, settings=settings, aloud=False)
        noted = hook.with_suffix(".noted")
        made = noted.read_text(encoding="ascii").strip() if noted.exists() else None
    if said is None:  # by a git that asks no hook
        output("update-ref", "-d", f"refs/tags/{name}", base=base)
        raise _unmade(name, "it takes git 2.28 or newer")
    if made is None:
        first = said.decode("utf-8", "replace").partition("\n")[0]
        raise _unmade(name, re.sub("^(error|fatal): ", "", first))
    tag = _tag(name, made, commit, _blobs(base, [made.encode()])[made.encode()])
    if not tag.signed:  # as some versions of git leave it where there is no such key
        raise _unmade(name, "git finds no such key")
    return tag


def place_tag(base: Path, tag: Tag) -> None:
    """Let a tag be found by its name, which no other may have.

    Raises:
        ChartconfigError: CC904, another one has it.
    """
    if said := change("update-ref", f"refs/tags/{tag.name}", tag.object, "", base=base):
        raise failed(f"the tag {tag.name} was not made", last_line(said))


def tags_up_to(base: Path, commit: str) -> frozenset[str]:
    """Return the names of all tags like those of releases that are of a commit or one before it."""
    asked = (f"--merged={commit}", "--format=%(refname:lstrip=2)", "refs/tags/v*")
    return frozenset(output("for-each-ref", *asked, base=base).decode().splitlines())


def require_identity(base: Path) -> None:
    """See that git knows in whose name it commits and tags.

    Raises:
        ChartconfigError: CC904, it does not.
    """
    for name in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        if run("var", name, base=base).returncode:
            raise failed(
                "git does not know in whose name to commit",
                "git config user.name NAME, and git config user.email ADDRESS",
            )


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
        if said := change(command, *options, "--", *paths, base=place.base, environment=dates):
            raise failed(f"git {command} failed", last_line(said))


def branch(base: Path) -> str | None:
    """Return the branch that is checked out; None where that is a commit, or there is no git."""
    done = run("symbolic-ref", "--quiet", "--short", "HEAD", base=base)
    return done.stdout.decode("utf-8", "backslashreplace").strip() or None


def changes(place: Place) -> tuple[str, ...]:
    """Return the paths of files that are not as the commit has them, as those of documents.

    Files that git does not know count below configs/ alone.
    """
    prefix = output("rev-parse", "--show-prefix", base=place.base).rstrip(b"\n")
    status = ("--porcelain", "-z", "--no-renames")
    known = output("status", *status, "--untracked-files=no", base=place.base)
    options = (*status, "--untracked-files=all", "--", f"{place.root}/")
    rows = (known + output("status", *options, base=place.base)).split(b"\0")
    paths = (row[3:].removeprefix(prefix) for row in rows if row)
    return tuple(dict.fromkeys(path.decode("utf-8", "backslashreplace") for path in paths))


def is_ancestor(base: Path, commit: str, of: str) -> bool:
    """Return whether a commit is another one, or comes before it."""
    return run("merge-base", "--is-ancestor", commit, of, base=base).returncode == 0


def read_blobs(base: Path, hashes: Iterable[bytes]) -> dict[bytes, bytes]:
    """Return the contents of blobs, by hash."""
    return _blobs(base, list(hashes))


def _origin(base: Path, commit: str) -> Origin:
    return _parsed_origin(output("log", "-1", *_ORIGIN, commit, "--", base=base).decode())


def _parsed_origin(shown: str) -> Origin:
    commit, tree, seconds, *_ = shown.split()
    try:
        time = datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise failed(f"commit {commit} has no date: {seconds}", "give one with --on") from error
    return Origin(commit=commit, tree=tree, on=time.date(), time=time)


def _listed(place: Place, commit: str) -> tuple[dict[str, bytes], list[str]]:
    """Return the YAML files of a commit, each with the hash of its blob, and the links."""
    listed = output("ls-tree", "-r", "-z", commit, "--", f"{place.root}/", base=place.base)
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
    answer = output("cat-file", "--batch", base=base, stdin=wanted)
    blobs: dict[bytes, bytes] = {}
    offset = 0
    for blob in hashes:
        head_end = answer.index(b"\n", offset)
        head = answer[offset:head_end]
        if head.endswith(b" missing"):
            raise failed(f"git has no {blob.decode()}", "fetch the whole revision, then try again")
        size = int(head.split(b" ")[2])
        blobs[blob] = answer[head_end + 1 : head_end + 1 + size]
        offset = head_end + 1 + size + 1
    return blobs


def _unmade(tag: str, why: str) -> ChartconfigError:
    return ChartconfigError(
        report(
            "CC919",
            f"the tag {tag} was not made: {why}",
            None,
            hint="say what signs, then run it again: git config gpg.format ssh, and git config "
            "user.signingKey FILE",
        )
    )


def _unsigned(tag: str, what: str) -> ChartconfigError:
    return ChartconfigError(
        report(
            "CC919",
            f"the tag {tag} {what}",
            None,
            hint="a maintainer whom configs/allowed_signers lists has to sign it; see git config "
            f"user.signingKey. One that was never pushed may go: git tag -d {tag}",
        )
    )
