"""What `publish` sees to besides the plan: a head that must be continued, and files that are whole.

Both look at nothing but bytes: what is to be signed is first made here, and not on the site.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartconfig.auditor.version import decode_record, open_version
from chartconfig.edge.history import incomplete
from chartconfig.errors import ChartconfigError
from chartconfig.module.path import escape
from chartconfig.module.proxy import Kind, ProxyFile, format_path
from chartconfig.tlog.checkpoint import GO_ORIGIN, open_checkpoint
from chartconfig.tlog.record import parse_lookup
from chartconfig.tlog.tile import TileReader, go_path
from chartconfig.tlog.tree import root_hash

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartconfig.review.release import Announcement
    from chartconfig.tlog.note import NoteVerifier
    from chartconfig.tlog.publish import LogStore, Write
    from chartconfig.tlog.tree import TreeHead


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
