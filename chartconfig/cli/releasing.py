"""The steps that `release` and `retract` share.

Everything is computed first, from the commit that is checked out, and then two things are done:

1. the changelog entry, and what is withdrawn, are written and committed;
2. that commit is tagged: the tag is signed, verified, and only then given its name.

A run that stops before 1, within it or between the two leaves what the next run finds again: files
that it would write itself, or an entry of a version that has no tag.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from chartconfig import __version__
from chartconfig.charts import retracted
from chartconfig.cli.findings import FindingsError
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.edge import git
from chartconfig.edge.approvals import Judged, review
from chartconfig.edge.clock import now
from chartconfig.edge.files import find_place, read_tree
from chartconfig.edge.git import CHANGELOG
from chartconfig.edge.history import read_signers, require_releases, require_reviewed
from chartconfig.edge.rebuild import Rebuilt, rebuild, rebuild_or_refuse
from chartconfig.errors import ChartconfigError
from chartconfig.module.dirhash import hash_module
from chartconfig.module.version import next_release
from chartconfig.pipeline import build, check
from chartconfig.review.compatibility import incompatibilities, without
from chartconfig.review.compiled import Published, compare_compiled, same
from chartconfig.review.diff import Change, Effect, in_order
from chartconfig.review.difference import Comparison
from chartconfig.review.release import (
    Announcement,
    describe,
    format_message,
    has_pending_entry,
    with_entry,
)
from chartconfig.review.sides import Side
from chartconfig.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from chartconfig.collection.manifest import Origin
    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.edge.files import Place, Tree
    from chartconfig.edge.git import Tag
    from chartconfig.pipeline import Planned

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What is to be released: nothing is written yet."""

    version: str
    last: str | None
    """The version before; None for the first."""
    changes: tuple[Change, ...]
    writes: Mapping[str, bytes]
    """What is written and committed before the tag is made, by path below configs/."""
    files: Mapping[str, bytes]
    """Every file of the module; the manifest is not yet that of the commit."""
    findings: tuple[Diagnostic, ...]
    """On the charts; none of them is an error."""
    planned: Planned
    documents: tuple[Document, ...]
    """What it is compiled from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What was released."""

    announcement: Announcement
    commit: str
    signer: str | None
    """Who signed the tag, as configs/allowed_signers names them; None without that file."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A config repository that is ready for a release: clean, on its branch, with its last one."""

    place: Place
    tree: Tree
    """What is committed."""
    head: Origin
    tags: Sequence[Tag]
    dirty: frozenset[str]
    """Paths of files that are not as committed: those that a release writes itself at most."""
    allowed: bytes | None
    """Who may sign; None where nobody ever said so."""

    @property
    def last(self) -> Tag | None:
        """The newest release."""
        return self.tags[-1] if self.tags else None

    @cached_property
    def rebuilt(self) -> Rebuilt | None:
        """The newest release, compiled again; where it comes out otherwise, by another chartconfig.

        Raises:
            ChartconfigError: It comes out otherwise by the same chartconfig.
        """
        if self.last is None:
            return None
        found = rebuild(self.place, self.last)
        if not found.is_same and found.announcement.chartconfig == __version__:
            rebuild_or_refuse(self.place, self.last)
        return found

    def committed(self, name: str) -> bytes | None:
        """Return a file below configs/ as it is committed."""
        return git.read_blob(self.place, str(self.head.commit), name)

    def planned(self, on: date, tree: Tree | None = None) -> Planned:
        """Return the plan of the committed charts, or of others, on a day.

        Raises:
            FindingsError: There are errors.
        """
        return self.judged(on, tree)[0]

    def judged(self, on: date, tree: Tree | None = None) -> tuple[Planned, tuple[Diagnostic, ...]]:
        """Return the plan, and what was found that is no error.

        Raises:
            FindingsError: There are errors.
        """
        tree = tree or self.tree
        checked = check(tree.documents, on=on, root=self.place.root, unread=tree.unread)
        if checked.compilable is None:
            errors = [d for d in checked.diagnostics if d.severity is Severity.ERROR]
            raise FindingsError(errors, tree.documents)
        return checked.compilable, checked.diagnostics


def open_desk(directory: str) -> Desk:
    """Return the config repository of a directory, from whose commit a release can be made.

    Raises:
        ChartconfigError: CC904, CC915, CC916, CC917, CC919, CC920 or CC947.
        FindingsError: The committed charts have errors.
    """
    place = find_place(Path(directory))
    tree, head = git.read_revision(place, "HEAD")
    dirty = frozenset(_dirty(place, tree))
    own = {f"{place.root}/{name}" for name in (CHANGELOG, retracted.NAME)}
    if strange := sorted(dirty - own):
        raise _not_clean(strange)
    tags = git.read_tags(place.base)
    require_releases(place, tags, releasing=True)
    allowed = read_signers(place, tags)
    desk = Desk(place=place, tree=tree, head=head, tags=tags, dirty=dirty, allowed=allowed)
    wanted, found = desk.planned(head.on).repository.policy.branch, git.branch(place.base)
    if found != wanted:
        raise ChartconfigError(
            report(
                "CC916",
                f"versions are released from the branch {wanted}, and "
                f"{found or 'a commit, no branch,'} is checked out",
                None,
                hint=f"git switch {wanted}; another one is named in configs/policy.yaml",
            )
        )
    if desk.last is not None:
        require_reviewed(place, desk.last, desk.allowed)
    return desk


def prepare(desk: Desk, *, withdraw: tuple[str, str] | None = None) -> Candidate | None:
    """Return what is to be released; None where nothing is.

    Args:
        desk: From which commit.
        withdraw: A released version that is to be withdrawn, and why.

    Raises:
        ChartconfigError: CC915, a file that a release writes holds something else; CC918.
        FindingsError: The charts have errors on the day of the release, or lack approvals.
    """
    candidate, on = None, desk.head.on
    changelog = _text(desk.committed(CHANGELOG))
    if has_pending_entry(changelog, last=desk.last.name if desk.last else None):
        candidate = _candidate(desk, on, changelog, withdraw)
    if candidate is None or candidate.writes:  # else it was committed already, and not tagged
        on = now().date()
        candidate = _candidate(desk, on, changelog, withdraw)
    if candidate is not None:
        candidate = _reviewed(desk, candidate, on)
    for path in sorted(desk.dirty):
        name = path.removeprefix(f"{desk.place.root}/")
        found = _read(desk.place.base / path)
        if candidate is None or found not in (candidate.writes.get(name), desk.committed(name)):
            raise _not_clean([path])
    return candidate


def carry_out(desk: Desk, candidate: Candidate) -> Released:
    """Commit what is to be written, and tag that commit.

    Raises:
        ChartconfigError: CC902, CC904, CC915, CC919. Run again, it does the rest.
    """
    git.require_identity(desk.place.base)
    if candidate.writes:
        git.commit_files(
            desk.place, candidate.writes, message=f"Release {candidate.version}", time=now()
        )
    tree, origin = git.read_revision(desk.place, "HEAD")
    planned = desk.planned(origin.on, tree)
    files = build(planned, documents=tree.documents, origin=origin)
    if not same(files, candidate.files):
        raise _not_clean(["the branch, in the meantime"])
    module = planned.repository.collection.module
    announcement = Announcement(
        version=candidate.version,
        text=describe(candidate.changes),
        module=module,
        h1=hash_module(files, module=module, version=candidate.version),
        chartconfig=__version__,
    )
    base, message = desk.place.base, format_message(announcement)
    tag = git.sign_tag(base, candidate.version, str(origin.commit), message)
    signer = require_reviewed(desk.place, tag, desk.allowed)
    git.place_tag(base, tag)
    return Released(announcement=announcement, commit=str(origin.commit), signer=signer)


def _candidate(
    desk: Desk, on: date, changelog: str | None, withdraw: tuple[str, str] | None
) -> Candidate | None:
    """Return what would be released on a day, or None."""
    last = desk.last.name if desk.last else None
    tree, reasons = desk.tree, dict([withdraw] if withdraw else [])
    planned = desk.planned(on)
    like = _withdrawn_one_like(desk, planned, reasons)
    for _ in range(2):  # a version that withdraws itself is known only when it has its number
        tree = _withdrawing(desk, reasons)
        planned, findings = desk.judged(on, tree)
        files = build(planned, documents=tree.documents, origin=replace(desk.head, on=on))
        changes = _changes(desk.rebuilt, files)
        if not changes:
            return None
        version = next_release(last, minor=any(each.effect is Effect.MORE for each in changes))
        withdrawn = {each.low for each in planned.repository.retractions}
        if like is None or version in withdrawn:
            break
        if withdraw is None:
            raise _withdrawn(like)
        reasons[version] = f"Collects the same as {like}."
    entry = with_entry(changelog, version=version, text=describe(changes), last=last)
    writes = {CHANGELOG: entry.encode("utf-8", "surrogateescape")}
    path = f"{desk.place.root}/{retracted.NAME}"
    for document in tree.documents:
        if document.path == path:
            writes[retracted.NAME] = document.data
    return Candidate(
        version=version,
        last=last,
        changes=changes,
        writes={name: d for name, d in writes.items() if d != desk.committed(name)},
        files=files,
        findings=findings,
        planned=planned,
        documents=tree.documents,
    )


def _reviewed(desk: Desk, candidate: Candidate, on: date) -> Candidate:
    """Return a candidate that breaks nothing but what was approved, and has all approvals.

    Raises:
        ChartconfigError: Approvals cannot be judged.
        FindingsError: Something breaks, or approvals are missing, or do not count.
    """
    revision, documents = str(desk.head.commit), desk.tree.documents
    judged = Judged(planned=desk.planned(on), documents=documents, revision=revision, on=on)
    approvals = review(desk.place, judged)
    broken = without(_broken(desk, candidate, on), approvals.overrides if approvals else ())
    if errors := [each for each in broken if each.severity is Severity.ERROR]:
        raise FindingsError(errors, candidate.documents)
    if approvals is not None and approvals.failing:
        raise FindingsError(approvals.failing, documents)
    return replace(candidate, findings=(*candidate.findings, *broken))


def _broken(desk: Desk, candidate: Candidate, on: date) -> tuple[Diagnostic, ...]:
    """Return what breaks for installations that have the last release.

    That is the last one that is not withdrawn: what nobody should collect may go at once.
    """
    repository = candidate.planned.repository
    withdrawn = {each.low for each in repository.retractions}
    tag = next((tag for tag in reversed(desk.tags) if tag.name not in withdrawn), None)
    if tag is None:
        return ()
    rebuilt = desk.rebuilt if tag is desk.last else rebuild(desk.place, tag)
    if rebuilt is None or rebuilt.files is None:
        return ()
    name, origin = rebuilt.announcement.version, rebuilt.origin
    was, now = Published(files=rebuilt.files), Published(files=candidate.files)
    base = Side(name=name, compiled=was, repository=rebuilt.repository, on=origin.on)
    head = Side(name="the commit", compiled=now, repository=repository, on=on)
    return tuple(incompatibilities(Comparison(base=base, head=head), on=on))


def _changes(rebuilt: Rebuilt | None, files: Mapping[str, bytes]) -> tuple[Change, ...]:
    """Return what is different from the last release, as it was published."""
    now = Published(files=files)
    if rebuilt is None:
        return compare_compiled(None, now)
    was = rebuilt.files
    known = () if was is None else compare_compiled(Published(files=was), now)
    if rebuilt.is_same:
        return known
    by = Change(  # how much of it is more, nobody can tell
        effect=Effect.MORE,
        what="the chartconfig that compiles it, otherwise",
        where=None,
        before=rebuilt.announcement.chartconfig,
        after=__version__,
    )
    return in_order((by, *known))


def _withdrawn_one_like(desk: Desk, planned: Planned, reasons: Mapping[str, str]) -> str | None:
    """Return a withdrawn version that collects just what would be released, or None."""
    withdrawn = {each.low for each in planned.repository.retractions} | reasons.keys()
    config = build(planned, documents=(), origin=desk.head)["config.json"]
    for tag in reversed(desk.tags):
        if tag.name in withdrawn:
            files = rebuild(desk.place, tag).files
            if files is not None and files["config.json"] == config:
                return tag.name
    return None


def _withdrawing(desk: Desk, reasons: Mapping[str, str]) -> Tree:
    """Return the committed tree with more versions withdrawn."""
    known = {each.low for each in desk.planned(desk.head.on).repository.retractions}
    added = {version: reason for version, reason in reasons.items() if version not in known}
    if not added:
        return desk.tree
    path = f"{desk.place.root}/{retracted.NAME}"
    text = retracted.with_retractions(_text(desk.committed(retracted.NAME)), added, path=path)
    others = [document for document in desk.tree.documents if document.path != path]
    documents = [*others, Document(path=path, data=text.encode())]
    documents.sort(key=lambda document: document.path)
    return replace(desk.tree, documents=tuple(documents))


def _dirty(place: Place, tree: Tree) -> Iterator[str]:
    """Yield the paths of files that are not as committed.

    YAML files are compared by content, because settings can tell git to leave some out.
    """
    yield from git.changes(place)
    committed = {document.path: document.data for document in tree.documents}
    found = {document.path: document.data for document in read_tree(place).documents}
    for path in committed.keys() | found.keys():
        if committed.get(path) != found.get(path):
            yield path


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "surrogateescape")


def _not_clean(paths: Sequence[str]) -> ChartconfigError:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ChartconfigError(
        report(
            "CC915",
            f"not as it is committed: {', '.join(paths[:_SHOWN])}{more}",
            None,
            hint="commit the changes, or take them back: git restore --staged --worktree",
        )
    )


def _withdrawn(version: str) -> ChartconfigError:
    return ChartconfigError(
        report(
            "CC918",
            f"this collects the same as {version}, which was withdrawn",
            None,
            hint="change the charts; if the version was right after all, delete its line from "
            "configs/retracted.yaml",
        )
    )
