"""Publishing a release: which files of a site are written, in which order, and why.

A site is plain files: the module's own under `<escaped module>/@v/`, the log's under
`sumdb/<name>/`. `plan` is given one release and what the site holds, and returns the writes that
publish it, as data. Whoever performs them keeps to three rules:

- In this order, one after the other, each file whole by rename, and on the disk before the next.
- An immutable file that is there already is compared, and never replaced by another.
- A mutable file is replaced only if it still is what `Write.replaces` says.

So of two publishers at once, the second one fails: at a tile if their releases are different, at
the checkpoint if they are the same.

The order lets a stop come before or after any single write:

1. The module's zip, go.mod and info. Nothing points at them.
2. The tiles and bundles of the tree with the new record. Nothing signed speaks of them yet.
3. The lookup, with a signed head of the new tree. From here on the record is out, and the tree of
   this size is this tree for ever; the go command already finds all that it needs.
4. The checkpoint: the log has grown. `plan` takes the site's state from here.
5. `latest`, the same head for the go command's auditors.
6. `list`, by which the go command finds the version, and `@latest`.

Planning again after a stop gives the writes that are missing, and the same bytes: nothing here has
a clock or chance in it, and signatures have none either. That holds as long as the release is the
same, for the caller to see to; another one is refused. So is the next release, until this one is
listed. For that reason the versions in `list` are in the order of the log.

What is written was checked: the site's tree against its own signed head, and every record that
goes into a new bundle against the tree. A damaged site is refused rather than signed anew.

Cost: to append to n records, at most 3 * log256(n) + 21 files are looked at, each once, and at most
2 * log256(n) + 14 are written; none holds more than 256 records or hashes. The exception is `list`,
a few bytes for each version there ever was, which the go command wants in one file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.render import counted
from chartconfig.errors import ChartconfigError
from chartconfig.tlog.checkpoint import (
    GO_ORIGIN,
    Checkpoint,
    format_checkpoint,
    open_checkpoint,
    sign_checkpoint,
)
from chartconfig.tlog.note import (
    Note,
    format_note,
    open_note,
    parse_note,
    sign_note,
    why_unpublishable_name,
)
from chartconfig.tlog.record import (
    Lookup,
    decode_records,
    encode_entries,
    encode_records,
    format_lookup,
    parse_lookup,
    why_malformed,
)
from chartconfig.tlog.tile import (
    FULL,
    HEIGHT,
    RECORDS,
    MissingLogFileError,
    Tile,
    TileReader,
    c2sp_path,
    go_path,
    new_tiles,
    nodes,
)
from chartconfig.tlog.tree import (
    EMPTY_ROOT,
    FailedProofError,
    Node,
    TreeHead,
    grow,
    leaf_hash,
    root_hash,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chartconfig.tlog.note import NoteVerifier, Signer

SUPPORTED: Final = b"supported\n"
"""What the file of that name says: for the go command it need not be empty."""
_VERSION: Final = re.compile(r"v[a-z0-9.-]+")
_PART: Final = "[a-z0-9_~!-][a-z0-9._~!-]*"
_PATH: Final = re.compile(f"{_PART}(?:/{_PART})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What is published of one version."""

    module: str
    """The module path, escaped, as in `example.com/config`."""
    version: str
    """The version, which needs no escaping: `v1.2.0`."""
    record: bytes
    """What the log is to say: two lines of go.sum."""
    zip: bytes
    mod: bytes
    """go.mod."""
    info: bytes
    """Version and time, as JSON; the same at every attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One file to write."""

    path: str
    """Relative to the site, with forward slashes."""
    data: bytes
    reason: str
    """What it is for, in a few words, to be shown."""
    immutable: bool
    """Whether it is never to change once it is there."""
    replaces: bytes | None = None
    """What a mutable file must hold at that moment; None if it must not be there."""


class LogStore(Protocol):
    """A site: `edge` has one on disk."""

    def read(self, path: str, /) -> bytes | None:
        """Return a whole file, or None if there is none."""

    def write(self, write: Write, /) -> None:
        """Perform one write, by the rules above, or raise and leave the file as it was."""


class ConflictError(ChartconfigError):
    """CC928 `site-in-conflict`: a site holds what the release, or its own head, contradicts."""

    def __init__(self, path: str, message: str) -> None:
        """Name the file, relative to the site, and say in a few words what is wrong with it."""
        hint = "find out which is right: chartconfig verify says all that is wrong with the site"
        super().__init__(report("CC928", f"{path}: {message}", None, hint=hint))
        self.path = path


def plan(
    release: Release,
    *,
    name: str,
    signers: Sequence[Signer],
    store: LogStore,
    verifiers: Iterable[NoteVerifier] = (),
) -> tuple[Write, ...]:
    """Return the writes that publish a release, in order; none if it is published already.

    Args:
        release: What to publish.
        name: The name of the log.
        signers: The log's keys, all of its name; more than one while it changes them.
        store: The site, which is only read.
        verifiers: Keys of the log besides the signers' that its present head may be signed with.

    Raises:
        ConflictError: The site holds something else under one of the names, or another release
            has not been finished.
        UnverifiedNoteError: None of the log's keys has signed the site's head.
        FailedProofError, MalformedLogError, MissingLogFileError: The site is damaged.
        ValueError: The release or the name of the log is none, or a signer has another name.
    """
    _check_input(release, name, signers)
    site = _Site(release, name, signers, store, verifiers)
    return site.plan()


def _check_input(release: Release, name: str, signers: Sequence[Signer]) -> None:
    if reason := why_unpublishable_name(name):
        raise ValueError(f"no log can be called {name!a}: {reason}")
    if not signers or any(signer.name != name for signer in signers):
        raise ValueError(f"the log {name} is signed by keys of that name, and by one at least")
    if not _VERSION.fullmatch(release.version) or not _PATH.fullmatch(release.module):
        raise ValueError(f"{release.module}@{release.version} is not an escaped path and version")
    if reason := why_malformed(release.record):
        raise ValueError(f"a record with {reason}")
    if release.version != _subject(release.record)[1]:
        raise ValueError(f"the record is not of {release.version}")


def _subject(record: bytes) -> tuple[str, str]:
    """Return the first two words of a record: the module, and the version that it is of."""
    module, _, rest = record.decode().partition("\n")[0].partition(" ")
    return module, rest.partition(" ")[0]


class _Site:
    """One release and the site that it goes to."""

    def __init__(
        self,
        release: Release,
        name: str,
        signers: Sequence[Signer],
        store: LogStore,
        verifiers: Iterable[NoteVerifier],
    ) -> None:
        self._release = release
        self._name = name
        self._signers = signers
        self._own = [signer.verifier for signer in signers]
        self._trusted = [*self._own, *(each for each in verifiers if each not in self._own)]
        self._store = store
        self._present: dict[str, bytes | None] = {}
        self._folder = f"{release.module}/@v"
        self._log = f"sumdb/{name}"
        self._lookup_path = f"{self._log}/lookup/{release.module}@{release.version}"
        self._writes: list[Write] = []

    def plan(self) -> tuple[Write, ...]:
        release = self._release
        # What is there: the tree, whether the record is in it, and which versions are listed.
        head = self._head()
        tree = TileReader(head, lambda tile: self._read(f"{self._log}/{go_path(tile)}"))
        tree(())
        self._check_latest(head, tree)
        listed = self._listed()
        lookup = self._lookup(head, tree)
        published = lookup is not None and lookup.index < head.size
        if lookup is None:
            self._check_unknown(head, tree, listed)
        if release.version not in listed:
            self._check_turn(head, tree, listed, head.size if lookup is None else lookup.index)
        elif not published:
            raise ConflictError(f"{self._folder}/list", f"{release.version} is not in the log")
        # 1. What nothing points at.
        for kind, data in (("zip", release.zip), ("mod", release.mod), ("info", release.info)):
            what = f"the module's {kind}, which nothing points at yet"
            self._put(f"{self._folder}/{release.version}.{kind}", data, what)
        # 2. The tree with the record; 3. the lookup.
        self._put(f"{self._log}/supported", SUPPORTED, "tells the go command to ask here")
        if not published:
            head = self._append(head, tree, lookup)
        # 4. The log has grown; 5. the same for the go command.
        self._sign("checkpoint", self._name, head, "the log has the record from here on")
        self._sign("latest", GO_ORIGIN, head, "the same tree, for the go command's auditors")
        # 6. The version can be found.
        if release.version not in listed:
            listed = [*listed, release.version]
        lines = "".join(f"{version}\n" for version in listed).encode()
        self._replace(f"{self._folder}/list", lines, "the version can be found")
        if listed[-1] == release.version:
            newest = f"{release.module}/@latest"
            self._replace(newest, release.info, "the newest version, where there is no list")
        return tuple(self._writes)

    # ---- what is there

    def _read(self, path: str) -> bytes | None:
        """Read a file once: what is replaced must be what was looked at."""
        if path not in self._present:
            self._present[path] = self._store.read(path)
        return self._present[path]

    def _head(self) -> TreeHead:
        """Return the head of the site's tree, of no records where there is no checkpoint."""
        path = f"{self._log}/checkpoint"
        data = self._read(path)
        if data is None:
            if self._read(f"{self._log}/latest") is not None:
                raise ConflictError(path, "it is missing, and the log is not a new one")
            return TreeHead(size=0, root=EMPTY_ROOT)
        return open_checkpoint(data, {self._name}, self._trusted)[0].head

    def _check_latest(self, head: TreeHead, tree: TileReader) -> None:
        """Check that the other face shows the same tree, or the one that was there before."""
        path = f"{self._log}/latest"
        data = self._read(path)
        if data is None:
            return
        latest = open_checkpoint(data, {GO_ORIGIN}, self._trusted)[0].head
        if latest.size > head.size:
            what = f"it has {counted(latest.size, 'record')}, the checkpoint {head.size}"
            raise ConflictError(path, what)
        if root_hash(latest.size, tree) != latest.root:
            raise ConflictError(path, "it is of another tree than the checkpoint")

    def _listed(self) -> list[str]:
        path = f"{self._folder}/list"
        *versions, rest = (self._read(path) or b"").decode("latin-1").split("\n")
        if rest or not all(map(_VERSION.fullmatch, versions)):
            raise ConflictError(path, "it is not a version a line")
        if len(set(versions)) != len(versions):
            raise ConflictError(path, "it has a version twice")
        return versions

    def _lookup(self, head: TreeHead, tree: TileReader) -> Lookup | None:
        """Return the lookup of this version, if it was written before."""
        data = self._read(self._lookup_path)
        if data is None:
            return None
        lookup = parse_lookup(data)
        if lookup.record != self._release.record:
            raise ConflictError(self._lookup_path, "the log has another record of this version")
        if lookup.index > head.size:
            what = f"it is record {lookup.index}, and the log has {head.size}"
            raise ConflictError(self._lookup_path, what)
        if lookup.index < head.size:
            (leaf,) = tree([Node(0, lookup.index)])
            if leaf != leaf_hash(lookup.record):
                raise FailedProofError(f"{self._lookup_path} is not the record of the tree")
        return lookup

    def _bundle(self, index: int, head: TreeHead, tree: TileReader) -> list[bytes]:
        """Return the records of one bundle, each of which is in the tree; none past its end."""
        width = min(FULL, head.size - (index << HEIGHT))
        if width <= 0:
            return []
        path = f"{self._log}/{go_path(Tile(level=RECORDS, index=index, width=width))}"
        data = self._read(path)
        if data is None:
            raise MissingLogFileError(path)
        records = list(decode_records(data, width))
        leaves = tree([Node(0, (index << HEIGHT) + place) for place in range(width)])
        if leaves != [leaf_hash(record) for record in records]:
            raise FailedProofError(f"{path} has a record that the tree does not have")
        return records

    def _check_unknown(self, head: TreeHead, tree: TileReader, listed: list[str]) -> None:
        """Check that no trace says the version was published: its lookup would be there."""
        newest = self._bundle((head.size - 1) >> HEIGHT, head, tree) if head.size else []
        if self._release.version in listed or self._release.record in newest:
            raise ConflictError(self._lookup_path, "it is missing, and the version is published")

    def _check_turn(self, head: TreeHead, tree: TileReader, listed: list[str], place: int) -> None:
        """Check that a version may be listed now: all before it are, and none after it is there."""
        path = f"{self._folder}/list"
        if place < head.size - 1:
            raise ConflictError(path, f"{self._release.version} is not in it, and not the newest")
        if place == 0:
            return
        before = self._bundle((place - 1) >> HEIGHT, head, tree)[(place - 1) % FULL]
        module, version = _subject(before)
        if module == _subject(self._release.record)[0] and version not in listed:
            raise ConflictError(path, f"{version} is in the log and not in it: finish that first")

    # ---- what is written

    def _append(self, head: TreeHead, tree: TileReader, lookup: Lookup | None) -> TreeHead:
        record, size = self._release.record, head.size
        new = grow(size, [leaf_hash(record)], tree)

        def read(wanted: Sequence[Node]) -> list[bytes]:
            return [new[node] if node in new else tree([node])[0] for node in wanted]

        grown = TreeHead(size=size + 1, root=root_hash(size + 1, read))
        for tile in new_tiles(size, size + 1):
            self._put_tile(tile, go=(hashes := b"".join(read(nodes(tile)))), c2sp=hashes)
        records = [*self._bundle(size >> HEIGHT, head, tree), record]
        self._put_tile(
            Tile(level=RECORDS, index=size >> HEIGHT, width=len(records)),
            go=encode_records(records),
            c2sp=encode_entries(records),
        )
        if lookup is None:
            note = sign_checkpoint(GO_ORIGIN, grown, self._signers)
            data = format_lookup(Lookup(index=size, record=record, head=note))
            self._put(self._lookup_path, data, "the record is out, with a head that has it")
        elif open_checkpoint(lookup.head, {GO_ORIGIN}, self._trusted)[0].head != grown:
            raise ConflictError(self._lookup_path, "its head is of another tree than follows")
        return grown

    def _put_tile(self, tile: Tile, *, go: bytes, c2sp: bytes) -> None:
        kind = "records" if tile.level == RECORDS else f"hashes of level {tile.level}"
        self._put(f"{self._log}/{go_path(tile)}", go, f"{kind}, for the go command")
        self._put(f"{self._log}/{c2sp_path(tile)}", c2sp, f"{kind}, for C2SP clients")

    def _put(self, path: str, data: bytes, reason: str) -> None:
        present = self._read(path)
        if present is None:
            self._writes.append(Write(path=path, data=data, reason=reason, immutable=True))
        elif present != data:
            raise ConflictError(path, "it is there already, and is another")

    def _sign(self, file: str, origin: str, head: TreeHead, reason: str) -> None:
        """Sign a head, unless it is there with these signatures, and perhaps cosignatures too."""
        path = f"{self._log}/{file}"
        text = format_checkpoint(Checkpoint(origin=origin, head=head))
        present = self._read(path)
        if present is not None:
            opened = open_note(present, self._trusted)
            signed = {(signature.name, signature.key_id) for signature in opened.verified}
            wanted = {(verifier.name, verifier.key_id) for verifier in self._own}
            if opened.note.text == text and wanted <= signed:
                return
        self._replace(path, sign_note(text, self._signers), reason)

    def _replace(self, path: str, data: bytes, reason: str) -> None:
        present = self._read(path)
        if present != data:
            write = Write(path=path, data=data, reason=reason, immutable=False, replaces=present)
            self._writes.append(write)


def resign(
    lookups: Iterable[str],
    *,
    name: str,
    signers: Sequence[Signer],
    store: LogStore,
    verifiers: Iterable[NoteVerifier],
) -> tuple[Write, ...]:
    """Return the writes that put the signatures of other keys under everything that is signed.

    This is how a log changes its key: with both as `signers`, then, once its readers have the new
    one, with that alone. Texts stay, so the tree is the same one for everybody; so do signatures of
    other names, which are witnesses'.

    Args:
        lookups: The paths of all lookups, relative to the site.
        name: The name of the log.
        signers: The keys to sign with.
        store: The site, which is only read.
        verifiers: The keys that are trusted to have signed what is there.

    Raises:
        MalformedLogError, MissingLogFileError, UnverifiedNoteError: The site is damaged.
        ValueError: A signer has another name, or there is none.
    """
    if not signers or any(signer.name != name for signer in signers):
        raise ValueError(f"the log {name} is signed by keys of that name, and by one at least")
    trusted = list(verifiers)
    writes = []
    for path in (*lookups, f"sumdb/{name}/checkpoint", f"sumdb/{name}/latest"):
        present = store.read(path)
        if present is None:
            raise MissingLogFileError(path)
        if path.startswith(f"sumdb/{name}/lookup/"):
            lookup = parse_lookup(present)
            head = _resigned(lookup.head, name, signers, trusted)
            data = format_lookup(Lookup(index=lookup.index, record=lookup.record, head=head))
        else:
            data = _resigned(present, name, signers, trusted)
        if data != present:
            reason = "the same text, signed with the keys of now"
            writes.append(
                Write(path=path, data=data, reason=reason, immutable=False, replaces=present)
            )
    return tuple(writes)


def _resigned(
    data: bytes, name: str, signers: Sequence[Signer], trusted: list[NoteVerifier]
) -> bytes:
    note = open_note(data, trusted).note
    own = parse_note(sign_note(note.text, signers)).signatures
    others = tuple(signature for signature in note.signatures if signature.name != name)
    return format_note(Note(text=note.text, signatures=own + others))
