"""`publish`: released versions, appended to a site and its log."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chartconfig.cli import console
from chartconfig.cli.findings import FindingsError
from chartconfig.cli.options import format_option
from chartconfig.cli.publishing import Draft, check_continues, is_intact
from chartconfig.cli.reader import read_trust
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.render import counted
from chartconfig.edge.approvals import unapproved
from chartconfig.edge.files import find_place
from chartconfig.edge.git import read_tags, verify_tag
from chartconfig.edge.history import incomplete, read_signers, require_releases
from chartconfig.edge.keys import public_line, read_signer
from chartconfig.edge.rebuild import rebuild_or_refuse
from chartconfig.edge.store import open_store
from chartconfig.errors import ChartconfigError
from chartconfig.module.proxy import Kind, ProxyFile, decode_list, format_path
from chartconfig.module.version import Scheme, next_release
from chartconfig.pipeline import pack
from chartconfig.review.release import parse_message
from chartconfig.tlog.checkpoint import open_checkpoint
from chartconfig.tlog.publish import plan, resign
from chartconfig.tlog.record import parse_lookup
from chartconfig.tlog.text import format_base64

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chartconfig.edge.files import Place
    from chartconfig.edge.git import Tag
    from chartconfig.edge.store import DirectoryStore
    from chartconfig.review.release import Announcement
    from chartconfig.tlog.note import Signer
    from chartconfig.tlog.publish import LogStore, Release, Write
    from chartconfig.tlog.tree import TreeHead

FORMAT = "chartconfig/publish/v1"

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
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


@click.command("publish")
@click.argument("site", metavar="SITE")
@click.option(
    "--key",
    "keys",
    multiple=True,
    required=True,
    metavar="FILE",
    help="The log's secret key, as keygen wrote it; both keys while the log changes its key.",
)
@click.option("--version", metavar="V", help="Publish this version. Default: the newest release.")
@click.option("--all", "every", is_flag=True, help="Publish every release that is missing.")
@click.option(
    "--against",
    multiple=True,
    metavar="FILE",
    help="A tree head, proof or pin that was kept: write nothing unless the log continues it.",
)
@click.option(
    "--resign",
    "resigning",
    is_flag=True,
    help="Sign anew what was signed before, with the keys of now and no other.",
)
@format_option()
@click.pass_obj
def command(
    directory: str,
    *,
    site: str,
    keys: tuple[str, ...],
    version: str | None,
    every: bool,
    against: tuple[str, ...],
    resigning: bool,
    output: str,
) -> None:
    """Publish released versions to the directory SITE, which any web server can serve.

    Each version is compiled from its tag, whatever the work tree has, and must come out as the
    tag says. It becomes a module, its hashes a record of the log, and the new head of the log is
    signed. What is published never changes: where anything is there already and is another,
    nothing is written.

    A stop at any moment does no harm. Run it again, and it goes on from there. With --all, files of
    older versions that are missing are written again, and a site that was lost is made anew, with
    the same bytes; give --against a head that was kept, to be sure of that.
    """
    if _URL.match(site):
        raise click.UsageError(
            f"{site} is no directory: publish to one, and serve that; one of that name is ./{site}"
        )
    if every and version is not None:
        raise click.UsageError("--all has every version in it: leave out --version")
    signers = tuple(dict.fromkeys(read_signer(Path(key)) for key in keys))
    if len({signer.name for signer in signers}) > 1:
        raise click.UsageError("the keys are of two logs; a site has one")
    shown = read_trust(public_line(signers[0]).rstrip(), (), None, against).shown
    place = find_place(Path(directory))
    tags = read_tags(place.base)
    if tags:
        require_releases(place, tags, releasing=False)
    with open_store(Path(site)) as store:
        publisher = Publisher(place, tags, store, signers)
        wanted, published = publisher.wanted(version, every=every), []
        if shown:
            publisher.check_continues(wanted, shown)
        with console.progress("publish") as advance:
            for tag in wanted:
                published.append(publisher.publish(tag))
                advance(len(published) / len(wanted))
        resigned = publisher.resign() if resigning else ()
        head = publisher.head()
    if publisher.allowed is None:
        told = f"{place.root}/allowed_signers is not there, so who signed the tags was not asked"
        console.show([(("warning", told),)], stream=sys.stderr)
    if output == "json":
        document = {
            "format": FORMAT,
            "site": site,
            "log": {"name": signers[0].name, "size": head.size, "root": format_base64(head.root)},
            "versions": [
                {
                    "version": each.release.version,
                    "record": each.index,
                    "h1": each.h1,
                    "written": [write.path for write in each.writes],
                }
                for each in published
            ],
            "resigned": [write.path for write in resigned],
        }
        console.write(f"{json.dumps(document, indent=2)}\n")
        return
    for each in published:
        files = f"{counted(len(each.writes), 'file')} written" if each.writes else "was there"
        told = f"  record {each.index}, {files}"
        console.show([(("path", each.release.version), ("plain", f"  {each.h1}"), ("dim", told))])
    if resigning:
        console.show([(("plain", f"{counted(len(resigned), 'file')} signed anew"),)])
    what = f"{signers[0].name} has {counted(head.size, 'record')}"
    console.show([(("good", f"{what}, root hash {format_base64(head.root)}"),)])


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
        if self.allowed is not None:
            verify_tag(self._place.base, tag, self.allowed)
        files, origin = rebuild_or_refuse(self._place, tag)
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


def _out_of_order(message: str, hint: str) -> ChartconfigError:
    return ChartconfigError(report("CC911", message, None, hint=hint))
