"""Following a log: which head a client, a mirror or an auditor accepts, and what it refuses.

A follower has one thing to keep, the newest head that it has accepted: the bytes of a signed note,
`Follower.note`, in a state that nobody else can change. All else can be read again, from
anybody, since everything is checked against it. The rules, in this order:

1. A head counts if a trusted key of the log has signed it, in either face of the log. Both faces
   are of one tree, so that neither can be used to show another.
2. Every head that is met, newer or older, must be of the same tree as the one accepted: the
   smaller tree is the beginning of the larger one. If it is not, the log has lied to somebody,
   and `ForkError` holds what proves it.
3. The newest head that a site offers must not be older than the one accepted.
4. If a quorum of witnesses is asked for, only a head that they have cosigned is accepted.
5. A record counts if it is in the tree that is accepted.

Nothing is accepted before it is checked. What is trusted at the first contact is the key: a log
that has shown this client another tree from the start is found out only by witnesses, or by
comparing notes with somebody else.

Source:
    https://research.swtch.com/tlog for the checks; the go command makes those of 1, 2 and 5.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.diagnostics.render import counted
from chartconfig.errors import ChartconfigError
from chartconfig.tlog.checkpoint import GO_ORIGIN, open_checkpoint
from chartconfig.tlog.cosignature import TooFewWitnessesError, Witness, check_quorum
from chartconfig.tlog.note import UnverifiedNoteError
from chartconfig.tlog.proof import Proof, prove_record
from chartconfig.tlog.record import Lookup, decode_records, parse_lookup
from chartconfig.tlog.text import MalformedLogError, format_base64
from chartconfig.tlog.tile import (
    FULL,
    HEIGHT,
    RECORDS,
    MissingLogFileError,
    Tile,
    TileReader,
    go_path,
)
from chartconfig.tlog.tree import (
    EMPTY_ROOT,
    FailedProofError,
    Node,
    TreeHead,
    check_consistency,
    leaf_hash,
    prove_consistency,
    root_hash,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.tlog.note import Note, NoteVerifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A log, and who is trusted to speak for it."""

    name: str
    """The origin of its checkpoints, and the name of its keys."""
    verifiers: tuple[NoteVerifier, ...]
    """Its keys; more than one while it changes them."""
    witnesses: tuple[Witness, ...] = ()
    """Those whose cosignatures count."""
    quorum: int = 0
    """How many of them must have cosigned a head for it to be accepted."""


class LogFiles(Protocol):
    """Files by path: those of a log, `sumdb/<name>/` of a site, or of a whole site."""

    def __call__(self, path: str, /) -> bytes | None:
        """Return a whole file, whoever it comes from, or None if there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """Two signed heads that no one log can have, and what shows that it cannot."""

    older: bytes
    """A signed note, of the smaller tree."""
    newer: bytes
    """A signed note, of the larger tree or one of the same size."""
    root: bytes
    """The root of the larger tree's beginning, as long as the smaller tree: another one."""
    proof: tuple[bytes, ...]
    """The consistency proof from that beginning to the larger tree."""


class ForkError(ChartconfigError):
    """CC924 `log-fork`: the log has signed two trees of which neither continues the other."""

    def __init__(self, fork: Fork, older: TreeHead, newer: TreeHead) -> None:
        """Hold the evidence, which convinces everybody who has the log's key."""
        what = f"the log has signed a tree of {counted(newer.size, 'record')}"
        super().__init__(
            report(
                "CC924",
                f"{what} that does not continue its tree of {older.size}",
                None,
                hint="keep and publish both heads and the proof: they convince everybody",
            )
        )
        self.fork = fork


class RollbackError(ChartconfigError):
    """CC925 `log-rollback`: a site offers an older tree than was seen before."""

    def __init__(self, *, seen: int, offered: int, offline: bool = False) -> None:
        """Name both tree sizes; offline, it is the cache that is older than what others saw."""
        message = f"the log offers {counted(offered, 'record')}, of the {seen} that it had before"
        hint = "ask another mirror: this one is stale, or hides what is newest"
        if offline:
            had = counted(offered, "record")
            message = f"the cache knows {had} of the log, of the {seen} that others were shown"
            hint = "fetch once while the site answers"
        super().__init__(report("CC925", message, None, hint=hint))
        self.seen = seen
        self.offered = offered


class LaggingError(ChartconfigError):
    """CC938 `unfinished-publication`: a head of a log is older than one that is needed.

    An error here, since without it nothing can be proven. It is of the same tree, so no fork.
    """

    def __init__(self, path: str, has: int, other: str, size: int) -> None:
        """Name both files, and the tree sizes of their heads."""
        super().__init__(replace(lagging(path, has, other, size), severity=Severity.ERROR))


def lagging(path: str, has: int, other: str, size: int) -> Diagnostic:
    """Return CC938 of a head that is of the beginning of another one's tree."""
    what = f"{path} lags behind {other}: it has {counted(has, 'record')}, of {size}"
    hint = "both are of one log: wait until the server gives out the newer one, and try again"
    return report("CC938", what, None, hint=hint)


def check_fork(fork: Fork, log: Log) -> None:
    """Check that a fork is what it says: evidence against the log, whoever presents it.

    Raises:
        MalformedLogError: One of the notes is no checkpoint.
        UnverifiedNoteError: The log has not signed one of them.
        FailedProofError: The two heads may well be of one tree.
    """
    origins = {log.name, GO_ORIGIN}
    older, _ = open_checkpoint(fork.older, origins, log.verifiers)
    newer, _ = open_checkpoint(fork.newer, origins, log.verifiers)
    if fork.root == older.head.root:
        raise FailedProofError("the two heads of a fork have the same beginning")
    beginning = TreeHead(size=older.head.size, root=fork.root)
    check_consistency(fork.proof, beginning, newer.head)


def format_fork(fork: Fork) -> str:
    """Return a fork as text for people: both notes, then the root and the proof in base64."""
    hashes = "".join(f"{format_base64(each)}\n" for each in (fork.root, *fork.proof))
    notes = (fork.older.decode(), fork.newer.decode())
    return "older tree head:\n\n{}\nnewer tree head:\n\n{}\nproof:\n\n{}".format(*notes, hashes)


def newer_of(follower: Follower, note: bytes) -> bytes:
    """Return the newer of two heads that were accepted, a follower's and another, of one tree.

    Raises:
        As `Follower.merge`.
    """
    follower.merge(note)
    assert follower.note is not None, "one was accepted"
    return follower.note


class Follower:
    """One reader's view of a log, which only ever moves forward."""

    def __init__(self, log: Log, files: LogFiles, seen: bytes | None = None) -> None:
        """Go on from the note that was seen last; without one, from the empty tree.

        Raises:
            MalformedLogError: What was seen is no checkpoint.
            UnverifiedNoteError: The log has not signed it.
        """
        self.log = log
        self.note = seen
        """The newest head accepted, a signed note: keep this."""
        self._files = files
        head = TreeHead(size=0, root=EMPTY_ROOT)
        if seen is not None:
            head, _ = self._open(seen, "the head that was seen before")
        self._reader = self._reader_of(head)

    @property
    def head(self) -> TreeHead:
        """The newest tree head accepted."""
        return self._reader.head

    @property
    def checked(self) -> dict[Tile, bytes]:
        """The tiles of that tree that were read and found right: these may be cached."""
        return self._reader.checked

    def refresh(self) -> TreeHead:
        """Read the newest heads of both faces of the log, and return the newest accepted.

        Raises:
            ForkError: One of them is of another tree.
            RollbackError: Both are older than the head accepted before.
            TooFewWitnessesError: The newest is not cosigned as it must be.
            MalformedLogError, UnverifiedNoteError, FailedProofError, MissingLogFileError: A file
                is not what it must be, or not there.
        """
        faces = ("latest", "checkpoint")
        notes = (self._read(faces[0]), self._read(faces[1]))
        heads = [self._open(note, path)[0] for path, note in zip(faces, notes, strict=True)]
        if heads[0].size == heads[1].size and heads[0].root != heads[1].root:
            raise self._forked(
                notes, (heads[0], heads[1]), heads[1].root
            )  # whatever tiles there are
        seen, offered = self.head.size, max(head.size for head in heads)
        # The newer first, by whose tiles the older is compared; and once more, for it is not
        # accepted, and so the other not compared with it, where too few witnesses cosigned it.
        newer, older = notes if heads[0].size >= heads[1].size else notes[::-1]
        try:
            for note in (newer, older, newer):
                self._merge(note, needs_quorum=note == notes[1])
        except (FailedProofError, MalformedLogError, MissingLogFileError):
            # Who has gone back cannot have the tiles of the tree that was seen.
            if offered >= seen:
                raise
        if offered < seen:
            raise RollbackError(seen=seen, offered=offered)
        if heads[1] == self.head:
            self.note = notes[1]  # the same tree, and perhaps signed by a newer key
        return self.head

    def merge(self, note: bytes) -> TreeHead:
        """Accept a tree head from anywhere, if it is of the same tree; return it.

        An older one, of a lookup or from another reader, is checked and changes nothing.

        Raises:
            As `refresh`, but for RollbackError and TooFewWitnessesError.
        """
        return self._merge(note, needs_quorum=False)

    def compare(self, note: bytes) -> None:
        """Check that a head which somebody else was shown is of the tree accepted.

        Raises:
            As `merge`; RollbackError also where it is newer.
        """
        size = self._open(note, "the head that was shown to others")[0].size
        if size > self.head.size:
            raise RollbackError(seen=size, offered=self.head.size)
        self.merge(note)

    def lookup(self, key: str) -> Lookup:
        """Return the record of `<escaped module>@<version>`, which is in the tree accepted.

        That it is in the log is checked here. What it says, and that it says it of this version, is
        for the caller to read: a server may answer with the record of another one.

        Raises:
            As `merge`; FailedProofError also where the record is not in the tree; LaggingError
                where it is in a newer one, which witnesses have not cosigned yet.
        """
        path = f"lookup/{key}"
        lookup = parse_lookup(self._read(path))
        self._open(lookup.head, path)
        size = self.merge(lookup.head).size
        if lookup.index >= size:
            what = f"{path} is record {lookup.index}, of a tree of {counted(size, 'record')}"
            raise FailedProofError(what)
        if lookup.index >= self.head.size:
            raise LaggingError("checkpoint", self.head.size, path, size)
        self._check_leaf(lookup.index, lookup.record, path)
        return lookup

    def records(self, start: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Yield the records of the tree accepted, each with its index, checked one by one.

        Reads one bundle for 256 of them.

        Raises:
            FailedProofError, MalformedLogError, MissingLogFileError: A bundle or a tile is not
                what it must be, or not there.
        """
        end = self.head.size if end is None else min(end, self.head.size)
        while start < end:
            path, bundle = self._bundle(start >> HEIGHT)
            for record in bundle[start % FULL :]:
                if start == end:
                    return
                self._check_leaf(start, record, path)
                yield start, record
                start += 1

    def prove(self, lookup: Lookup) -> Proof:
        """Return a proof of a record under the log's checkpoint, for a file that stands alone.

        Raises:
            As `refresh`, but for RollbackError; LaggingError where the checkpoint is older than
                the record.
        """
        checkpoint = self._read("checkpoint")
        head = self._merge(checkpoint, needs_quorum=True)
        if lookup.index >= head.size:
            raise LaggingError("checkpoint", head.size, "latest", self.head.size)
        reader = self._reader if head == self.head else self._reader_of(head)
        self._check_leaf(lookup.index, lookup.record, "the record to be proven")
        return prove_record(lookup.index, lookup.record, checkpoint, reader)

    def _open(self, note: bytes, where: str = "a tree head") -> tuple[TreeHead, Note]:
        """Return a head that the log has signed, and the note that it is."""
        origins = {self.log.name, GO_ORIGIN}
        try:
            checkpoint, opened = open_checkpoint(note, origins, self.log.verifiers)
        except MalformedLogError as error:
            raise MalformedLogError(f"{where}: {error}") from error
        except UnverifiedNoteError as error:
            raise UnverifiedNoteError(f"{where}: {error}", error.note) from error
        return checkpoint.head, opened.note

    def _merge(self, note: bytes, *, needs_quorum: bool) -> TreeHead:
        log = self.log
        head, opened = self._open(note)
        # Even of a head that is not accepted: a fork is worth more than a missing cosignature.
        reader = self._check_one_tree(head, note)
        if log.quorum:
            try:
                check_quorum(opened, log.witnesses, log.quorum)
            except TooFewWitnessesError:
                if needs_quorum:
                    raise
                return head
        if head.size > self.head.size or self.note is None:
            self._reader, self.note = reader, note
        return head

    def _check_one_tree(self, head: TreeHead, note: bytes) -> TileReader:
        """Check a head against the one accepted; return a reader of its tree."""
        mine = self.head
        reader = self._reader if head == mine else self._reader_of(head)
        if self.note is None:
            reader(())  # The first tree has nothing to agree with but its own tiles.
            return reader
        if head.size < mine.size:
            older, newer, larger = head, mine, self._reader
            notes = (note, self.note)
        else:
            older, newer, larger = mine, head, reader
            notes = (self.note, note)
        root = newer.root if older.size == newer.size else root_hash(older.size, larger)
        if root != older.root:
            proof = prove_consistency(older.size, newer.size, larger)
            raise self._forked(notes, (older, newer), root, proof)
        return reader

    def _forked(
        self,
        notes: tuple[bytes, bytes],
        heads: tuple[TreeHead, TreeHead],
        root: bytes,
        proof: tuple[bytes, ...] = (),
    ) -> ForkError:
        """Return the evidence that two heads are not of one tree, which convinces everybody."""
        fork = Fork(older=notes[0], newer=notes[1], root=root, proof=proof)
        check_fork(fork, self.log)
        return ForkError(fork, *heads)

    def _check_leaf(self, index: int, record: bytes, where: str) -> None:
        (leaf,) = self._reader([Node(0, index)])
        if leaf != leaf_hash(record):
            what = f"record {index} is not the one that the log has signed"
            raise FailedProofError(f"{where}: {what}")

    def _bundle(self, index: int) -> tuple[str, tuple[bytes, ...]]:
        """Return the path of one bundle and its records, as many of them as the tree has."""
        width = min(FULL, self.head.size - (index << HEIGHT))
        path = go_path(Tile(level=RECORDS, index=index, width=width))
        data, most = self._files(path), width
        if data is None and width < FULL:
            whole = go_path(Tile(level=RECORDS, index=index))
            data, most = self._files(whole), FULL
            path = path if data is None else whole
        if data is None:
            raise MissingLogFileError(path)
        try:
            return path, decode_records(data, most)[:width]
        except MalformedLogError as error:
            raise MalformedLogError(f"{path}: {error}") from error

    def _reader_of(self, head: TreeHead) -> TileReader:
        return TileReader(head, lambda tile: self._files(go_path(tile)))

    def _read(self, path: str) -> bytes:
        data = self._files(path)
        if data is None:
            raise MissingLogFileError(path)
        return data
