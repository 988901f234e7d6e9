"""The approvals of a config repository: its steps since the last release, and how they stand."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from chartconfig.collection.manifest import Origin
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Position, Severity, Span
from chartconfig.diagnostics.render import in_order
from chartconfig.edge import git
from chartconfig.edge.files import read_regular
from chartconfig.edge.history import last_release, require_signed
from chartconfig.edge.past import authors_since, own_address, read_folder, were_there
from chartconfig.edge.signatures import verify
from chartconfig.errors import ChartconfigError
from chartconfig.pipeline import Built, check
from chartconfig.review.approval import ENDING, FOLDER, folder_of, statement_of
from chartconfig.review.content import CONTROL, POLICY, REVOKED, SIGNERS, contents, file_content
from chartconfig.review.difference import Comparison
from chartconfig.review.sides import Side, first_line
from chartconfig.review.signers import doubts, read_signers, sound, with_aliases
from chartconfig.review.standing import Terms, findings, judge, unreachable
from chartconfig.review.steps import Causes, Version, changed, find_step
from chartconfig.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from chartconfig.charts.repository import Repository
    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.edge.files import Place
    from chartconfig.edge.git import Tag
    from chartconfig.pipeline import Checked, Planned
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
    checked: Checked | None = None
    """What the tree gave; it saves the time to read the last release all anew."""


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
            CC919, nobody who may signed the last one; CC912, it cannot be read; CC819, there is no
            ssh-keygen.
    """
    last = last_release(place, judged.revision or "HEAD", before=judged.tag)
    if last is not None and judged.tag is None:
        require_signed(place, last)  # else whoever may push tags says what was approved
    repository = judged.planned.repository
    if repository.policy.approvals is None and not (last and _asks(place, last)):
        return None
    base = None if last is None else _base(place, last, like=judged.checked)
    asked = base.planned.repository.policy.approvals if base else None
    policy = asked or repository.policy.approvals
    if policy is None:
        return None
    terms = Terms(
        policy=policy,
        module=repository.collection.module,
        on=judged.on,
        root=place.root,
        since=last.name if last else None,
        holds=last.name if last and asked else None,
    )
    raw = _raw(place, judged.revision)
    held = base.raw if base and asked else raw
    signers = held.get(SIGNERS, b"")
    revoked = {each: None for each in (held.get(REVOKED), raw.get(REVOKED)) if each is not None}
    case = _Case(
        place=place,
        judged=judged,
        base=base,
        after=_version(place, repository, judged.documents, raw),
        terms=terms,
        signers=read_signers(signers),
        verdict=partial(verify, signers=signers, revoked=tuple(revoked), on=judged.on),
    )
    return Review(
        terms=terms,
        before=case.before,
        after=case.after,
        comparison=case.comparison,
        standings=case.standings,
        signers=case.signers,
        verdict=case.verdict,
        findings=in_order((*case.found(), *_on_policy(place, judged, raw))),
    )


@dataclass(frozen=True, kw_only=True)
class _Case:
    """Everything by which steps are judged."""

    place: Place
    judged: Judged
    base: _Base | None
    after: Version
    terms: Terms
    signers: tuple[Line, ...]
    verdict: Callable[[Approval], Verdict]

    @property
    def before(self) -> Version | None:
        return self.base.version if self.base else None

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        return changed(self.before, self.after)

    @cached_property
    def comparison(self) -> Comparison | None:
        """Both compiled, where there is something to compare."""
        if self.base is None or self.base.side is None or not self.subjects:
            return None
        judged, origin = self.judged, Origin(commit=None, tree=None, on=self.judged.on)
        built = Built(planned=judged.planned, documents=(), origin=origin)
        name, repository = judged.revision or "the work tree", judged.planned.repository
        head = Side(name=name, compiled=built, repository=repository, on=judged.on)
        return Comparison(base=self.base.side, head=head)

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """Every step, with its approvals."""
        if not self.subjects:
            return ()
        place, base, revision = self.place, self.base, self.judged.revision
        since = base.tag.commit if base else None
        votes = _votes(place, revision, self.subjects)
        every = {name: data for files in votes.values() for name, data in files.items()}
        has = read_folder(place, since, FOLDER) if since and every else {}
        left = frozenset(name for name, data in every.items() if has.get(name) == data)
        folders = [folder_of(subject) for subject, files in votes.items() if files]
        had = were_there(place, since, folders) if since else ()
        given = frozenset(map(statement_of, had))
        spent = frozenset(name for name, data in every.items() if statement_of(data) in given)
        authors = self._authors(since)
        causes = Causes(self.comparison) if self.comparison else None
        steps = (find_step(each, self.before, self.after, causes) for each in self.subjects)
        return tuple(
            judge(
                step,
                votes[step.subject],
                left=left,
                spent=spent,
                authors=authors(step.files),
                terms=self.terms,
                verdict=self.verdict,
            )
            for step in steps
        )

    def _authors(self, since: str | None) -> Callable[[Iterable[str]], frozenset[str]]:
        """Return what tells who changed some files, by every address of theirs that is known."""
        revision = self.judged.revision
        made = authors_since(self.place, since, until=revision or "HEAD")
        mine = {} if revision else _uncommitted(self.place)

        def of(files: Iterable[str]) -> frozenset[str]:
            who = (each for file in files for by in (made, mine) for each in by.get(file, ()))
            return with_aliases(who, self.signers)

        return of

    def found(self) -> Iterator[Diagnostic]:
        """Yield what is wrong with approvals, or missing."""
        by_path = {document.path: document for document in self.judged.documents}
        for standing in self.standings:
            where = _place(standing.step.subject, by_path, self.place)
            yield from findings(standing, self.terms, where)


def _on_policy(place: Place, judged: Judged, raw: Mapping[str, bytes]) -> Iterator[Diagnostic]:
    """Yield what is wrong with the policy that is there, and with who may sign."""
    policy = judged.planned.repository.policy.approvals
    if policy is not None:
        lines = read_signers(raw.get(SIGNERS, b""))
        yield from doubts(lines, path=f"{place.root}/{SIGNERS}")
        document = next(d for d in judged.documents if d.path == f"{place.root}/{POLICY}")
        yield from unreachable(document, policy, sound(lines))


def unapproved(place: Place, tag: Tag) -> tuple[Diagnostic, ...]:
    """Return for which findings on approvals a version should not have been released on its day.

    Raises:
        ChartconfigError: As `review`.
    """
    last = last_release(place, tag.commit, before=tag)
    if not any(_asks(place, each) for each in (tag, last) if each):
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
        checked=checked,
    )
    found = review(place, judged)
    failing = found.failing if found else ()
    return tuple(replace(each, message=f"{tag.name}: {each.message}") for each in failing)


def _asks(place: Place, tag: Tag) -> bool:
    """Return whether the policy of a release asks for approvals: all else is not read."""
    data = git.read_blob(place, tag.commit, POLICY)
    return data is not None and "approvals" in file_content(Document(path=POLICY, data=data))


def _base(place: Place, tag: Tag, *, like: Checked | None) -> _Base:
    """Return what was released under a tag."""
    tree, origin = git.read_revision(place, tag.commit)
    checked = check(tree.documents, on=origin.on, root=place.root, unread=tree.unread, like=like)
    if checked.planned is None:
        raise _unreadable(tag)
    side = None
    if checked.compilable is not None:
        built = Built(planned=checked.compilable, documents=(), origin=origin)
        repository = checked.compilable.repository
        side = Side(name=tag.name, compiled=built, repository=repository, on=origin.on)
    raw = _raw(place, tag.commit)
    version = _version(place, checked.planned.repository, tree.documents, raw)
    return _Base(tag=tag, planned=checked.planned, side=side, version=version, raw=raw)


def _version(
    place: Place, repository: Repository, documents: Iterable[Document], raw: Mapping[str, bytes]
) -> Version:
    found = contents(repository, documents, raw, root=place.root)
    return Version(repository=repository, contents=found)


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


def _votes(
    place: Place, revision: str | None, subjects: Iterable[Subject]
) -> dict[Subject, dict[str, bytes]]:
    """Return the approvals of subjects, by path below configs/."""
    if revision is None:
        return {subject: dict(_below(place, folder_of(subject))) for subject in subjects}
    by_folder: dict[str, dict[str, bytes]] = {}
    for name, data in read_folder(place, revision, FOLDER).items():
        folder = name.rpartition("/")[0]
        if _is_vote(name, folder):
            by_folder.setdefault(folder, {})[name] = data
    return {subject: by_folder.get(folder_of(subject), {}) for subject in subjects}


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
    found = read_regular(str(path), name)
    if isinstance(found, Document):
        return found.data
    raise ChartconfigError(found)


def _uncommitted(place: Place) -> dict[str, tuple[str, ...]]:
    """Return who changed the files that are not as committed: the user, as git knows them."""
    address = own_address(place.base)
    prefix = f"{place.root}/"
    paths = git.changes(place) if address else ()
    return {path.removeprefix(prefix): (address or "",) for path in paths}


def _place(subject: Subject, documents: Mapping[str, Document], place: Place) -> Span | None:
    """Return where a subject is said, if it is there."""
    path = f"{place.root}/{subject.path}"
    document = documents.get(path)
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
