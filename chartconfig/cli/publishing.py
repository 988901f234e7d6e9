"""The steps of `publish`: which releases, and for each what it compiles to and what that writes.

What is to be signed is first made here, and not on the site, where a head was kept that it must
continue; and files that are there are looked at, not compiled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartconfig.auditor.version import decode_record, open_version
from chartconfig.cli.findings import FindingsError
from chartconfig.diagnostics.catalogue import report
from chartconfig.edge.approvals import unapproved
from chartconfig.edge.history import incomplete, read_signers
from chartconfig.edge.rebuild import rebuild_or_refuse
from chartconfig.errors import ChartconfigError
from chartconfig.module.path import escape
from chartconfig.module.proxy import Kind, ProxyFile, decode_list, format_path
from chartconfig.module.version import Scheme, next_release
from chartconfig.pipeline import pack
from chartconfig.review.release import parse_message
from chartconfig.tlog.checkpoint import GO_ORIGIN, open_checkpoint
from chartconfig.tlog.publish import plan, resign
from chartconfig.tlog.record import parse_lookup
from chartconfig.tlog.tile import TileReader, go_path
from chartconfig.tlog.tree import root_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chartconfig.edge.files import Place
    from chartconfig.edge.git import Tag
    from chartconfig.edge.store import DirectoryStore
    from chartconfig.review.release import Announcement
    from chartconfig.tlog.note import NoteVerifier, Signer
    from chartconfig.tlog.publish import LogStore, Release, Write
    from chartconfig.tlog.tree import TreeHead

_key = Scheme.GO_MODULE.sort_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A version that is on the site now."""

    release: Release
    index: int
    """Of its record in the log."""
    writes: tuple[Write, ...]
    """What was missing; nothing, if it was there before."""

    @property
    def h1(self) -> str:
        """The hash of the module, as the log has it."""
        return self.release.record.decode().split(maxsplit=3)[2]


class Publisher:
    """One site, of which we are the only publisher for the moment, and the releases for it."""

    def __init__(
        self, place: Place, tags: Sequence[Tag], store: DirectoryStore, signers: Sequence[Signer]
    ) -> None:
        """Take a site that has no log yet, or that of the keys.

        Raises:
            ChartconfigError: CC913, it has another one; CC919, nobody may sign any longer.
        """
        self._place = place
        self._tags = tags
        # Those of now: a tag that brings its own would allow anybody.
        self.allowed = read_signers(place, tags) if tags else None
        self._store = store
        self._signers = signers
        self._name = signers[0].name
        self._log = f"sumdb/{self._name}"
        if (logs := store.logs()) and self._name not in logs:
            raise ChartconfigError(
                report(
                    "CC913",
                    f"the key is of the log {self._name}, and the site has {', '.join(logs)}",
                    None,
                    hint="publish with the key of that log, or to a site of its own",
                )
            )

    def wanted(self, version: str | None, *, every: bool) -> list[Tag]:
        """Return the releases to publish, in order.

        With `every`, the last one that is listed is among them, for a stop may have come after
        that, and so are those that are damaged.

        Raises:
            ChartconfigError: CC911, there is no such release, or it is not its turn; CC947, a new
                log would not begin with the first one.
        """
        if not self._tags:
            raise _out_of_order(
                "nothing was released: there is no tag such as v1.0.0",
                "release a version: chartconfig release",
            )
        announced = {tag: parse_message(tag.message, tag=tag.name) for tag in self._tags}
        modules = {each.module for each in announced.values()}
        lists = {module: self._listed(module) for module in modules}
        listed = {v for versions in lists.values() for v in versions}
        newest = max(listed, key=_key, default="")
        missing = [tag for tag in self._tags if tag.name not in listed]
        first = next_release(None, minor=True)
        if not listed and self._tags[0].name != first:
            raise incomplete(
                f"a new log begins with {first}, and the first release here is "
                f"{self._tags[0].name}",
                "git fetch --tags; or publish to the site that there is",
            )
        if every:
            there = [tag for tag in self._tags if tag.name in listed]
            wanted = [
                *(tag for tag in there[:-1] if not self._is_intact(announced[tag])),
                *there[-1:],
                *missing,
            ]
        elif version is None:
            wanted = [self._tags[-1]]
        else:
            wanted = [tag for tag in self._tags if tag.name == version]
        if not wanted:
            raise _out_of_order(
                f"{version} was never released: the newest release is {self._tags[-1].name}",
                "name a release, see git tag --list",
            )
        _check_turn(wanted, missing, newest=newest)
        return wanted

    def _is_intact(self, announced: Announcement) -> bool:
        return is_intact(self._store, announced, log=self._name)

    def _listed(self, module: str) -> tuple[str, ...]:
        """Return the versions of a module that the go command finds."""
        path = format_path(ProxyFile(kind=Kind.LIST, module=module))
        return decode_list(self._store.read(path) or b"", path=path)

    def check_continues(self, wanted: Sequence[Tag], shown: Sequence[bytes]) -> None:
        """See that the log will continue heads that were kept, once releases are published.

        Raises:
            ChartconfigError: CC947, it will not; else as `publish`.
        """
        draft = Draft(self._store)
        for tag in wanted:
            for write in self._plan(tag, draft)[1]:
                draft.write(write)
        verifiers = [signer.verifier for signer in self._signers]
        check_continues(shown, self._head(draft), site=draft, verifiers=verifiers)

    def publish(self, tag: Tag) -> Published:
        """Publish a release, or what is missing of it.

        Raises:
            ChartconfigError: It is not signed as it should be, does not compile to what was
                released, or the site has something else in its place.
            FindingsError: It lacks approvals.
        """
        release, writes = self._plan(tag, self._store)
        self._perform(writes)
        lookup = self._store.read(f"{self._log}/lookup/{release.module}@{release.version}")
        assert lookup is not None, "it was just written, or looked at"
        return Published(release=release, index=parse_lookup(lookup).index, writes=writes)

    def _plan(self, tag: Tag, store: LogStore) -> tuple[Release, tuple[Write, ...]]:
        """Return a release, and what publishes it."""
        files, origin = rebuild_or_refuse(self._place, tag, allowed=self.allowed)
        if found := unapproved(self._place, tag):
            raise FindingsError(found, ())
        assert origin.time is not None, "a commit has a time"
        release = pack(files, version=tag.name, time=origin.time)
        return release, plan(release, name=self._name, signers=self._signers, store=store)

    def resign(self) -> tuple[Write, ...]:
        """Put the signatures of the keys, and of no other of the log, under all that is signed.

        Raises:
            ChartconfigError: None of the keys has signed it before, or the site is damaged.
        """
        writes = resign(
            self._store.lookups(self._name),
            name=self._name,
            signers=self._signers,
            store=self._store,
            verifiers=[signer.verifier for signer in self._signers],
        )
        self._perform(writes)
        return writes

    def head(self) -> TreeHead:
        """Return the head of the log."""
        return self._head(self._store)

    def _head(self, store: LogStore) -> TreeHead:
        checkpoint = store.read(f"{self._log}/checkpoint")
        assert checkpoint is not None, "a version was published"
        verifiers = [signer.verifier for signer in self._signers]
        return open_checkpoint(checkpoint, {self._name}, verifiers)[0].head

    def _perform(self, writes: Iterable[Write]) -> None:
        for write in writes:
            self._store.write(write)


def _check_turn(wanted: Sequence[Tag], missing: Sequence[Tag], *, newest: str) -> None:
    """See that it is the turn of releases.

    Args:
        wanted: What is to be published, in order.
        missing: Every release that is not listed yet.
        newest: The newest version that is; empty where none is.

    Raises:
        ChartconfigError: CC911, it is not.
    """
    for tag in missing:
        if _key(tag.name) < _key(newest):
            if tag in wanted:
                raise _out_of_order(
                    f"{tag.name} can no longer be published: the newer {newest} is",
                    f"delete the tag, and release a newer version: git tag -d {tag.name}",
                )
        elif tag not in wanted and _key(tag.name) < _key(wanted[-1].name):
            raise _out_of_order(
                f"{tag.name} comes before {wanted[-1].name}, and is not published yet",
                "publish both, in their order: --all",
            )


def _out_of_order(message: str, hint: str) -> ChartconfigError:
    return ChartconfigError(report("CC911", message, None, hint=hint))


class Draft:
    """A site as it will be, of which nothing is written yet; a `LogStore`."""

    def __init__(self, site: LogStore) -> None:
        """Begin with a site as it is."""
        self._site = site
        self._new: dict[str, bytes] = {}

    def read(self, path: str, /) -> bytes | None:
        """Return a whole file, or None if there is none."""
        return self._new[path] if path in self._new else self._site.read(path)

    def write(self, write: Write, /) -> None:
        """Remember what is to be written."""
        self._new[write.path] = write.data


def check_continues(
    shown: Iterable[bytes], head: TreeHead, *, site: LogStore, verifiers: Iterable[NoteVerifier]
) -> None:
    """See that a tree continues those that somebody was shown.

    Args:
        shown: Signed heads, of either face of the log.
        head: That of the tree.
        site: Where its tiles are.
        verifiers: The keys of the log, all of its name.

    Raises:
        ChartconfigError: CC947, it does not; or a head was not signed by the keys.
    """
    trusted = list(verifiers)
    log = trusted[0].name
    tree = TileReader(head, lambda tile: site.read(f"sumdb/{log}/{go_path(tile)}"))
    for note in shown:
        known = open_checkpoint(note, {log, GO_ORIGIN}, trusted)[0].head
        if known.size > head.size:
            raise incomplete(
                f"{log} had {known.size} records, and would have {head.size}",
                "publish all that was published: --all, and git fetch --tags before it",
            )
        if root_hash(known.size, tree) != known.root:
            raise incomplete(
                f"{log} would not continue the tree of {known.size} records that it had",
                "do not publish: other versions, or others of these, were published before",
            )


def is_intact(site: LogStore, announced: Announcement, *, log: str) -> bool:
    """Return whether the files of a published version are all there, and are what was released.

    The zip is compared with its record, and the rest with the zip: nothing is compiled.

    Args:
        site: Where they are.
        announced: What the version's tag says.
        log: The name of the log.
    """
    module, version = announced.module, announced.version
    lookup = site.read(f"sumdb/{log}/lookup/{escape(module)}@{version}")
    archive, mod, info = (
        site.read(format_path(ProxyFile(kind=kind, module=module, version=version)))
        for kind in (Kind.ZIP, Kind.MOD, Kind.INFO)
    )
    if lookup is None or archive is None or mod is None or info is None:
        return False
    try:
        found = parse_lookup(lookup)
        asked = decode_record(found.record, version)
        open_version(asked, index=found.index, info=info, mod=mod, archive=archive)
    except ChartconfigError:
        return False
    return (asked.module, asked.version, asked.zip) == (module, version, announced.h1)
