"""The approvals of a config repository: its steps since the last release, and how they stand."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from chartconfig.collection.manifest import Origin
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Position, Severity, Span
from chartconfig.diagnostics.render import in_order
from chartconfig.edge import git
from chartconfig.edge.files import read_document
from chartconfig.edge.history import require_releases
from chartconfig.edge.signatures import verify
from chartconfig.errors import ChartconfigError
from chartconfig.pipeline import build, check
from chartconfig.review.approval import ENDING, FOLDER, folder_of
from chartconfig.review.content import CONTROL, POLICY, REVOKED, SIGNERS, contents
from chartconfig.review.difference import Comparison
from chartconfig.review.sides import Side, first_line
from chartconfig.review.signers import doubts, read_signers, sound, with_aliases
from chartconfig.review.standing import Terms, findings, judge, unreachable
from chartconfig.review.steps import Version, changed, find_step
from chartconfig.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.edge.files import Place
    from chartconfig.edge.git import Tag
    from chartconfig.pipeline import Planned
    from chartconfig.review.approval import Approval
    from chartconfig.review.content import Subject
    from chartconfig.review.signers import Line
    from chartconfig.review.standing import Standing, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What is judged: a tree without errors."""

    planned: Planned
    documents: tuple[Document, ...]
    revision: str | None
    """The commit that it is of; None for the work tree."""
    on: date
    """The day for which all is judged."""
    tag: Tag | None = None
    """The release that it is, which is judged by the one before it; None for what is none yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Every step since the last release, with its approvals."""

    terms: Terms
    before: Version | None
    """The last release; None before the first."""
    after: Version
    comparison: Comparison | None
    """Both compiled; None before the first release, or where it does not compile any more."""
    standings: tuple[Standing, ...]
    """Charts first."""
    signers: tuple[Line, ...]
    """The lines of allowed_signers by which approvals are judged."""
    verdict: Callable[[Approval], Verdict]
    """What ssh-keygen says of a signature."""
    findings: tuple[Diagnostic, ...]
    """What is missing and what does not count, in the order of places."""

    @property
    def failing(self) -> tuple[Diagnostic, ...]:
        """The findings for which nothing is released."""
        return tuple(each for each in self.findings if each.severity is not Severity.INFO)

    @property
    def overrides(self) -> frozenset[tuple[str, str]]:
        """The findings that are accepted for this day: each a code, and the name of its subject."""
        return frozenset(
            (code, standing.step.subject.name)
            for standing in self.standings
            for code in standing.allowed(self.terms.on, self.terms.policy)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    """The last release."""

    tag: Tag
    planned: Planned
    side: Side | None
    version: Version
    raw: Mapping[str, bytes]


def review(place: Place, judged: Judged) -> Review | None:
    """Return how every step since the last release stands; None where none needs approval.

    Raises:
        ChartconfigError: CC904, git cannot tell; CC947, the clone is shallow or lacks releases;
            CC912, the last release cannot be read; CC819, there is no ssh-keygen.
    """
    last = _last(place, judged)
    repository = judged.planned.repository
    if repository.policy.approvals is None and not (last and _asked_for_some(place, last)):
        return None
    until = judged.revision or "HEAD"
    base = None if last is None else _base(place, last)
    asked = base.planned.repository.policy.approvals if base else None
    policy = asked or repository.policy.approvals
    if policy is None:
        return None
    raw = _raw(place, judged.revision)
    after = Version(
        repository=repository,
        contents=contents(repository, judged.documents, raw, root=place.root),
    )
    terms = Terms(
        policy=policy,
        module=repository.collection.module,
        on=judged.on,
        root=place.root,
        since=last.name if last else None,
        holds=last.name if last and asked else None,
    )
    held = base.raw if base and asked else raw
    lines = read_signers(held.get(SIGNERS, b""))
    revoked = {each: None for each in (held.get(REVOKED), raw.get(REVOKED)) if each is not None}
    verdict = partial(verify, signers=held.get(SIGNERS, b""), revoked=tuple(revoked), on=judged.on)
    before = base.version if base else None
    comparison = None
    standings: tuple[Standing, ...] = ()
    if subjects := changed(before, after):
        comparison = _compared(base, judged)
        steps = [find_step(each, before, after, comparison) for each in subjects]
        made = git.authors_since(place, last.commit if last else None, until=until)
        mine = {} if judged.revision else _uncommitted(place)
        known = git.read_folder(place, last.commit, FOLDER) if last else {}
        standings = tuple(
            judge(
                step,
                {
                    name: data
                    for name, data in _votes(place, judged.revision, step.subject).items()
                    if known.get(name) != data
                },
                authors=with_aliases(
                    (who for file in step.files for by in (made, mine) for who in by.get(file, ())),
                    lines,
                ),
                terms=terms,
                verdict=verdict,
            )
            for step in steps
        )
    found: list[Diagnostic] = []
    if repository.policy.approvals is not None:
        now = read_signers(raw.get(SIGNERS, b""))
        found += doubts(now, path=f"{place.root}/{SIGNERS}")
        document = next(d for d in judged.documents if d.path == f"{place.root}/{POLICY}")
        found += unreachable(document, repository.policy.approvals, sound(now))
    for standing in standings:
        where = _place(standing.step.subject, judged, place)
        found += findings(standing, terms, where)
    return Review(
        terms=terms,
        before=before,
        after=after,
        comparison=comparison,
        standings=standings,
        signers=lines,
        verdict=verdict,
        findings=in_order(found),
    )


def unapproved(place: Place, tag: Tag) -> tuple[Diagnostic, ...]:
    """Return for which findings on approvals a version should not have been released on its day.

    Raises:
        ChartconfigError: As `review`.
    """
    tags = git.read_tags(place.base)
    upto = tags[: tags.index(tag) + 1]
    if not any(_asked_for_some(place, each) for each in upto[-2:]):
        return ()
    tree, origin = git.read_revision(place, tag.commit)
    checked = check(tree.documents, on=origin.on, root=place.root, unread=tree.unread)
    if checked.planned is None:
        raise _unreadable(tag)
    judged = Judged(
        planned=checked.planned,
        documents=tree.documents,
        revision=tag.commit,
        on=origin.on,
        tag=tag,
    )
    found = review(place, judged)
    failing = found.failing if found else ()
    return tuple(replace(each, message=f"{tag.name}: {each.message}") for each in failing)


def _last(place: Place, judged: Judged) -> Tag | None:
    """Return the newest release that comes before what is judged."""
    tags = git.read_tags(place.base)
    require_releases(place, tags, releasing=True)
    if judged.tag is not None:
        tags = tags[: tags.index(judged.tag)]
    until = judged.revision or "HEAD"
    return next((t for t in reversed(tags) if git.is_ancestor(place.base, t.commit, until)), None)


def _asked_for_some(place: Place, tag: Tag) -> bool:
    """Return whether the policy of a release may ask for approvals: without parsing it."""
    return b"approvals" in (git.read_blob(place, tag.commit, POLICY) or b"")


def _base(place: Place, tag: Tag) -> _Base:
    """Return what was released under a tag."""
    tree, origin = git.read_revision(place, tag.commit)
    checked = check(tree.documents, on=origin.on, root=place.root, unread=tree.unread)
    if checked.planned is None:
        raise _unreadable(tag)
    side = None
    if checked.compilable is not None:
        files = build(checked.compilable, documents=(), origin=origin)
        side = Side(name=tag.name, files=files, repository=checked.compilable.repository)
    raw = _raw(place, tag.commit)
    repository = checked.planned.repository
    version = Version(
        repository=repository,
        contents=contents(repository, tree.documents, raw, root=place.root),
    )
    return _Base(tag=tag, planned=checked.planned, side=side, version=version, raw=raw)


def _compared(base: _Base | None, judged: Judged) -> Comparison | None:
    if base is None or base.side is None:
        return None
    origin = Origin(commit=None, tree=None, on=judged.on)
    files = build(judged.planned, documents=(), origin=origin)
    name = judged.revision or "the work tree"
    head = Side(name=name, files=files, repository=judged.planned.repository)
    return Comparison(base=base.side, head=head)


def _raw(place: Place, revision: str | None) -> dict[str, bytes]:
    """Return the files that say whose signatures count, as far as there are any."""
    found = {}
    for name in (SIGNERS, REVOKED):
        data = (
            _read(place.base / place.root / name, f"{place.root}/{name}")
            if revision is None
            else git.read_blob(place, revision, name)
        )
        if data is not None:
            found[name] = data
    return found


def _votes(place: Place, revision: str | None, subject: Subject) -> dict[str, bytes]:
    """Return the approvals of a subject, by path below configs/."""
    folder = folder_of(subject)
    if revision is not None:
        found = git.read_folder(place, revision, folder)
        return {name: data for name, data in found.items() if _is_vote(name, folder)}
    return dict(_below(place, folder))


def _below(place: Place, folder: str) -> Iterator[tuple[str, bytes]]:
    path = place.base / place.root / folder
    if not path.is_dir():
        return
    for entry in sorted(path.iterdir()):
        name = f"{folder}/{os.fsencode(entry.name).decode('utf-8', 'backslashreplace')}"
        shown = f"{place.root}/{name}"
        if _is_vote(name, folder) and (data := _read(entry, shown)) is not None:
            yield name, data


def _is_vote(name: str, folder: str) -> bool:
    below = name.removeprefix(f"{folder}/")
    return name.endswith(ENDING) and "/" not in below and not below.startswith(".")


def _read(path: Path, name: str) -> bytes | None:
    """Return a regular file; None where there is nothing.

    Raises:
        ChartconfigError: CC123, it is something else, or cannot be read.
    """
    if not os.path.lexists(path):
        return None
    found = read_document(str(path), name)
    if isinstance(found, Document):
        return found.data
    raise ChartconfigError(found)


def _uncommitted(place: Place) -> dict[str, tuple[str, ...]]:
    """Return who changed the files that are not as committed: the user, as git knows them."""
    address = git.own_address(place.base)
    prefix = f"{place.root}/"
    paths = git.changes(place) if address else ()
    return {path.removeprefix(prefix): (address or "",) for path in paths}


def _place(subject: Subject, judged: Judged, place: Place) -> Span | None:
    """Return where a subject is said, if it is there."""
    path = f"{place.root}/{subject.path}"
    document = next((each for each in judged.documents if each.path == path), None)
    if document is not None:
        return first_line(document)
    start = Position(1, 1)
    return Span(path, start, start) if subject.name in CONTROL else None


def _unreadable(tag: Tag) -> ChartconfigError:
    return ChartconfigError(
        report(
            "CC912",
            f"{tag.name} cannot be read any more, and approvals are about what it had",
            None,
            hint="use the version of chartconfig that its tag names",
        )
    )
