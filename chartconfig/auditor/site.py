"""Auditing a site: everything that it shows, computed again from its bytes and the log's key.

A client checks what it uses. An auditor checks that all clients are shown the same, and all of it:

1. The head is signed, in both faces of the log, and continues the one that was seen before and
   those that others were shown.
2. Every record leads to the root that was signed, and is of a version that may be published. No
   version has two, and each is newer than the one before it.
3. Every tile and every bundle, in both faces, is what follows from the records.
4. Every lookup is of its record, under a signed head that has it in it.
5. Every version's zip and go.mod have the hashes of its record. They are spelled as chartconfig
   spells them; the zip's manifest vouches for the time in .info and for each file.
6. The list has exactly the versions of the log, @latest is the newest, and what was withdrawn once
   stays withdrawn.
7. Where the files of a site can be listed: nothing else stands among them.

So each byte of a site follows from others, up to the signatures, whose bytes follow from nothing.
What cannot be seen in a site alone is whether somebody is shown another one, for which heads are
compared; and whether a version is what was reviewed, for which it is built again from its tag.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from chartconfig.auditor.version import (
    AlteredFileError,
    NoLogError,
    Version,
    check_go_mod,
    decode_record,
    lookup_key,
    open_version,
    paths_of,
)
from chartconfig.collection.encode import MalformedConfigError
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.render import counted
from chartconfig.module.malformed import MalformedModuleError
from chartconfig.module.proxy import Kind, ProxyFile, decode_list, format_path
from chartconfig.module.version import Scheme
from chartconfig.tlog.checkpoint import GO_ORIGIN, open_checkpoint
from chartconfig.tlog.client import Follower, ForkError, RollbackError, lagging
from chartconfig.tlog.cosignature import TooFewWitnessesError
from chartconfig.tlog.note import UnverifiedNoteError
from chartconfig.tlog.publish import SUPPORTED
from chartconfig.tlog.record import encode_entries, encode_records, parse_lookup
from chartconfig.tlog.text import MalformedLogError
from chartconfig.tlog.tile import (
    FULL,
    HEIGHT,
    RECORDS,
    MissingLogFileError,
    Tile,
    c2sp_path,
    go_path,
    parse_c2sp_path,
    parse_go_path,
)
from chartconfig.tlog.tree import FailedProofError, leaf_hash, node_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.module.gomod import GoMod, Retraction
    from chartconfig.module.gosum import ModuleSum
    from chartconfig.module.proxy import Info
    from chartconfig.tlog.client import Fork, Log, LogFiles
    from chartconfig.tlog.tree import TreeHead

T = TypeVar("T")

_key: Final = Scheme.GO_MODULE.sort_key


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedVersion:
    """What an audit says of a record."""

    index: int
    """Its place in the log, from 0."""
    sum: ModuleSum
    time: datetime | None
    """When its commit was made, in UTC; None where its files were not read, or are not right."""
    retraction: Retraction | None
    """What withdraws it, according to the newest version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What a site is worth."""

    head: TreeHead | None
    """The newest tree head; None where none could be believed."""
    note: bytes | None
    """The signed note of it: what to keep as the state."""
    versions: tuple[AuditedVersion, ...]
    """In the order of the log."""
    diagnostics: tuple[Diagnostic, ...]
    fork: Fork | None = None
    """What proves that the log has signed two trees, if it has."""


_ENOUGH: Final = 10
"""After so many bundles that cannot be read, no more are asked for."""
_REFUSALS: Final = (
    AlteredFileError,
    FailedProofError,
    ForkError,
    MalformedConfigError,
    MalformedLogError,
    MalformedModuleError,
    MissingLogFileError,
    RollbackError,
    TooFewWitnessesError,
    UnverifiedNoteError,
)
"""What is said of a site's bytes. Another exception says that they could not be had."""


def audit(
    files: LogFiles,
    log: Log,
    *,
    seen: bytes | None = None,
    shown: Sequence[bytes] = (),
    listing: Collection[str] | None = None,
    only: str | None = None,
    now: datetime | None = None,
    max_age: timedelta | None = None,
    progress: Callable[[float], object] = lambda _: None,
) -> Audit:
    """Return what a site is worth.

    Args:
        files: The site.
        log: The log that it must be of, and who is trusted to speak for it.
        seen: The newest head that this auditor accepted before: a signed note.
        shown: Heads that others were shown: signed notes.
        listing: The paths of all files of the site, where that can be known.
        only: The one version whose files are read; None for all. The log is read in any case.
        now: The time it is, for `max_age`.
        max_age: How old the newest version may be.
        progress: Called with the part that is done.

    Raises:
        MalformedLogError, UnverifiedNoteError: What was seen is no head of this log.
        Whatever `files` raises.
    """
    auditor = _Auditor(files, log, listing, only, progress)
    head = auditor.follow(seen, shown)
    if head is not None:
        auditor.read()
        auditor.check_age(now, max_age)
    return Audit(
        head=head,
        note=auditor.follower.note if head is not None else None,
        versions=auditor.versions,
        diagnostics=tuple(auditor.found),
        fork=auditor.fork,
    )


class _Auditor:
    """One audit, which collects what it finds."""

    def __init__(
        self,
        files: LogFiles,
        log: Log,
        listing: Collection[str] | None,
        only: str | None,
        progress: Callable[[float], object],
    ) -> None:
        self.follower: Follower
        self.versions: tuple[AuditedVersion, ...] = ()
        self.found: list[Diagnostic] = []
        self.fork: Fork | None = None
        self._files = files
        self._log = log
        self._folder = f"sumdb/{log.name}"
        self._listing = listing
        self._only = only
        self._progress = progress
        self._known: set[str] = set()
        """The paths of all files that were looked at."""

    def _try(self, check: Callable[..., T], *arguments: Any) -> T | None:  # noqa: ANN401 - the check's
        """Return what a check does; what it refuses is a finding, and the next check goes on."""
        try:
            return check(*arguments)
        except ForkError as error:
            self.fork = error.fork
            self.found.append(error.diagnostic)
        except _REFUSALS as error:
            self.found.append(error.diagnostic)
        return None

    def _say(self, code: str, message: str) -> None:
        self.found.append(report(code, message, None))

    def _read(self, path: str) -> bytes | None:
        self._known.add(path)
        return self._files(path)

    def _required(self, path: str) -> bytes:
        data = self._read(path)
        if data is None:
            raise MissingLogFileError(path)
        return data

    # ---- 1. the head

    def follow(self, seen: bytes | None, shown: Sequence[bytes]) -> TreeHead | None:
        """Return the newest head, if it can be believed."""
        self.follower = Follower(self._log, lambda path: self._read(f"{self._folder}/{path}"), seen)

        def refresh() -> None:
            try:
                self.follower.refresh()
            except MissingLogFileError as error:
                if error.path != "latest":
                    raise
                raise NoLogError(error, self._log.name, self._listing) from error
            for note in shown:
                self.follower.compare(note)

        self._try(refresh)
        if self.found:
            return None
        self._try(self._check_faces)
        return self.follower.head

    def _check_faces(self) -> None:
        """Check that each face has its own kind of head, and both are of one size."""
        sizes = {}
        for file, origin in (("checkpoint", self._log.name), ("latest", GO_ORIGIN)):
            data = self._required(f"{self._folder}/{file}")
            sizes[file] = open_checkpoint(data, {origin}, self._log.verifiers)[0].head.size
        old, new = sorted(sizes, key=lambda file: sizes[file])
        if sizes[old] < sizes[new]:
            self.found.append(lagging(old, sizes[old], new, sizes[new]))

    # ---- 2. the records

    def read(self) -> None:
        """Check everything below the head."""
        records: dict[int, bytes] = {}
        size = self.follower.head.size
        failed = 0
        for start in range(0, size, FULL):
            bundle = self._try(self._bundle, start)
            records |= bundle or {}
            failed += bundle is None
            if failed == _ENOUGH:
                break  # a head may speak of any number
        if len(records) == size:
            self._check_tree([records[index] for index in range(size)])
        sums: dict[int, ModuleSum] = {}
        for index, record in records.items():
            decoded = self._try(decode_record, record, f"record {index}")
            if decoded is not None:
                sums[index] = decoded
        modules: dict[str, list[int]] = {}
        for index, found in sums.items():
            modules.setdefault(found.module, []).append(index)
        for module in sorted(modules):
            self._check_order(module, [(index, sums[index]) for index in modules[module]])
        opened = self._check_versions(records, sums)
        for module in sorted(modules):
            self._check_module(module, [sums[index].version for index in modules[module]])
        self.versions = tuple(self._audited(sums, opened))
        if len(sums) == size:  # else nobody knows what belongs to those that were not read
            self._check_strays()

    def _bundle(self, start: int) -> dict[int, bytes]:
        return dict(self.follower.records(start, start + FULL))

    def _check_order(self, module: str, sums: list[tuple[int, ModuleSum]]) -> None:
        """Check that no version has two records, and each is newer than all before it."""
        first: dict[str, int] = {}
        newest: str | None = None
        for index, each in sums:
            version = each.version
            if version in first:
                what = f"the log has {module} {version} as record {first[version]} and as {index}"
                self._say("CC931", what)
                continue
            first[version] = index
            if newest is not None and _key(version) < _key(newest):
                self._say("CC932", f"record {index} is of {version}, after one of {newest}")
            else:
                newest = version

    # ---- 3. the tree

    def _check_tree(self, records: list[bytes]) -> None:
        """Check each file of the tree that is there, and that all that are needed are."""
        rows = [[leaf_hash(record) for record in records]]
        while full := len(rows[-1]) >> HEIGHT:
            rows.append([_root(rows[-1][at << HEIGHT : (at + 1) << HEIGHT]) for at in range(full)])
        for tile in self._tiles(rows):
            for path, expected in self._faces(tile, rows, records):
                self._try(self._check_file, path, expected)
        self._try(self._check_file, f"{self._folder}/supported", SUPPORTED)

    def _check_file(self, path: str, expected: bytes) -> None:
        if self._required(path) != expected:
            raise AlteredFileError(path, "it is not what follows from the records")

    def _tiles(self, rows: list[list[bytes]]) -> list[Tile]:
        """Return the tiles that must be there, and those of smaller trees that happen to be."""
        tiles = {
            Tile(level=level, index=start >> HEIGHT, width=min(FULL, len(row) - start)): None
            for level, row in enumerate(rows)
            for start in range(0, len(row), FULL)
        }
        tiles |= {
            Tile(level=RECORDS, index=tile.index, width=tile.width): None
            for tile in list(tiles)
            if tile.level == 0
        }
        for path in sorted(self._listing or ()):
            try:
                tile = _parse_tile(path.removeprefix(f"{self._folder}/"))
            except MalformedLogError:
                continue
            row = rows[max(tile.level, 0)] if tile.level < len(rows) else []
            if (tile.index << HEIGHT) + tile.width <= len(row):
                tiles[tile] = None
        return list(tiles)

    def _faces(
        self, tile: Tile, rows: list[list[bytes]], records: list[bytes]
    ) -> Iterator[tuple[str, bytes]]:
        """Yield the paths of a tile, and what must be there; of an old one, those that are."""
        start = tile.index << HEIGHT
        stop = start + tile.width
        if tile.level == RECORDS:
            part = records[start:stop]
            both = (go_path(tile), encode_records(part)), (c2sp_path(tile), encode_entries(part))
        else:
            hashes = b"".join(rows[tile.level][start:stop])
            both = (go_path(tile), hashes), (c2sp_path(tile), hashes)
        old = tile.width < FULL and stop < len(rows[max(tile.level, 0)])
        for name, expected in both:
            path = f"{self._folder}/{name}"
            if not old or path in (self._listing or ()):
                yield path, expected

    # ---- 4. and 5. lookups and versions

    def _check_versions(
        self, records: Mapping[int, bytes], sums: Mapping[int, ModuleSum]
    ) -> dict[int, tuple[Info, GoMod]]:
        """Return of each version whose files are right what they say of it, and of others."""
        opened: dict[int, tuple[Info, GoMod]] = {}
        for done, (index, asked) in enumerate(sums.items(), start=1):
            self._try(self._check_lookup, index, asked, records[index])
            if self._only in {None, asked.version}:
                version = self._try(self._open, index, asked)
                if version is not None:
                    opened[index] = version.info, version.go_mod
            self._progress(done / len(sums))
        return opened

    def _check_lookup(self, index: int, asked: ModuleSum, record: bytes) -> None:
        path = f"{self._folder}/lookup/{lookup_key(asked.module, asked.version)}"
        lookup = parse_lookup(self._required(path))
        if (lookup.index, lookup.record) != (index, record):
            raise AlteredFileError(path, f"it does not hold record {index}")
        checkpoint, _ = open_checkpoint(lookup.head, {GO_ORIGIN}, self._log.verifiers)
        if checkpoint.head.size <= index:
            before = counted(checkpoint.head.size, "record")
            raise AlteredFileError(path, f"its head is of the {before} before it")
        self.follower.merge(lookup.head)

    def _open(self, index: int, asked: ModuleSum) -> Version:
        paths = paths_of(asked)
        return open_version(
            asked,
            index=index,
            info=self._required(paths[Kind.INFO]),
            mod=self._required(paths[Kind.MOD]),
            archive=self._required(paths[Kind.ZIP]),
        )

    # ---- 6. what clients go by

    def _check_module(self, module: str, logged: list[str]) -> None:
        """Check by what a version is found: the list, and @latest."""
        path = format_path(ProxyFile(kind=Kind.LIST, module=module))
        listed = self._try(self._list, path)
        if listed is not None:
            both = {*logged} & {*listed}
            for version in dict.fromkeys(logged):
                if version not in both:
                    self._say("CC933", f"{path}: it does not name {version}, which is in the log")
            for version in listed:
                if version not in both:
                    self._say("CC934", f"{path}: it names {version}, which is not in the log")
        # A list that hides the newest is not @latest's fault; who published in between wrote both.
        newest = {(listed or logged)[-1], max(logged, key=_key)}
        self._try(self._check_latest, module, sorted(newest, key=_key))

    def _list(self, path: str) -> tuple[str, ...]:
        return decode_list(self._required(path), path=path)

    def _check_latest(self, module: str, newest: list[str]) -> None:
        path = format_path(ProxyFile(kind=Kind.LATEST, module=module))
        data = self._required(path)
        for version in newest:
            info = format_path(ProxyFile(kind=Kind.INFO, module=module, version=version))
            if data == self._required(info):
                return
        raise AlteredFileError(path, f"it is not {info}, the newest version's")

    def _newest_of(self, sums: Mapping[int, ModuleSum]) -> Iterator[GoMod]:
        """Yield what the newest version says of the only one that is read."""
        for module in sorted({each.module for each in sums.values() if each.version == self._only}):
            own = [each for each in sums.values() if each.module == module]
            newest = max(own, key=lambda each: _key(each.version))
            go_mod = self._try(self._go_mod, newest)
            if go_mod is not None:
                yield go_mod

    def _go_mod(self, asked: ModuleSum) -> GoMod:
        return check_go_mod(asked, self._required(paths_of(asked)[Kind.MOD]))

    def _audited(
        self, sums: Mapping[int, ModuleSum], opened: Mapping[int, tuple[Info, GoMod]]
    ) -> Iterator[AuditedVersion]:
        """Yield all versions, with what the newest of each module says of them."""
        newest: dict[str, tuple[Info, GoMod]] = {}
        for index in sorted(opened):
            info, go_mod = opened[index]
            if go_mod.module in newest:
                self._check_withdrawals(*newest[go_mod.module], info, go_mod)
            newest[go_mod.module] = info, go_mod
        said = {module: go_mod for module, (_, go_mod) in newest.items()}
        said |= {go_mod.module: go_mod for go_mod in self._newest_of(sums)}
        for index, each in sorted(sums.items()):
            retraction = None
            if each.module in said:
                retraction = said[each.module].retracts(each.version)
            time = opened[index][0].time if index in opened else None
            yield AuditedVersion(index=index, sum=each, time=time, retraction=retraction)

    def _check_withdrawals(self, old: Info, before: GoMod, new: Info, after: GoMod) -> None:
        for version in before.dropped(after):
            what = f"{new.version} no longer withdraws {version}, which {old.version} withdrew"
            self._say("CC936", what)

    # ---- 7. what else there is

    def _check_strays(self) -> None:
        for path in sorted(set(self._listing or ()) - self._known):
            ours = path.startswith("sumdb/") or "/@v/" in path or path.endswith("/@latest")
            hidden = self._only is not None and "/@v/" in path
            if ours and not hidden:
                self._say("CC937", f"{path}: nothing in the log accounts for it")

    def check_age(self, now: datetime | None, max_age: timedelta | None) -> None:
        """Check that a version came lately."""
        times = [each.time for each in self.versions if each.time is not None]
        if now is None or max_age is None or not times:
            return
        newest = max(times)
        if now - newest > max_age:
            age = counted((now - newest).days, "day")
            self._say("CC935", f"the newest version is {age} old, of {max_age.days} allowed")


def _root(hashes: list[bytes]) -> bytes:
    """Return the root over the hashes of a full tile."""
    while len(hashes) > 1:
        hashes = [node_hash(*hashes[at : at + 2]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def _parse_tile(path: str) -> Tile:
    """Return the tile at a path of either face."""
    try:
        return parse_go_path(path)
    except MalformedLogError:
        return parse_c2sp_path(path)
