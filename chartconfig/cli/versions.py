"""`versions update` and `versions check`: the version lock, kept and judged."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chartconfig.charts.lock import EMPTY, encode_lock
from chartconfig.charts.parse import parse
from chartconfig.charts.versions import SourceKind, looked_up, uncovered
from chartconfig.checks import programs as checks
from chartconfig.cli import console
from chartconfig.cli.findings import FindingsError, listing
from chartconfig.cli.options import format_option
from chartconfig.diagnostics import render
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.edge.clock import today
from chartconfig.edge.files import find_place, read_tree, replace_file
from chartconfig.edge.registry import LookUpError, look_up, where
from chartconfig.module.padding import Padding
from chartconfig.module.version import Scheme
from chartconfig.source.document import Document
from chartconfig.source.schema import schema_line
from chartconfig.source.yaml import locate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chartconfig.charts.repository import Repository
    from chartconfig.charts.versions import Known, Source
    from chartconfig.diagnostics.diagnostic import Diagnostic, Span
    from chartconfig.edge.files import Place
    from chartconfig.module.registry import Listing

FORMAT = "chartconfig/versions-{}/v1"
_TOOLCHAIN = "toolchain"
_SHOWN = 3
_NO_VERSIONS = "CC305"
"""What a look-up mends, and may not keep one from being made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """The versions of one program, or of the toolchain: where they live and how they are listed."""

    id: str | None
    """None for the toolchain."""
    source: Source
    module: str | None
    scheme: Scheme
    since: str | None
    padding: Padding
    known: Known | None
    """None where nothing is listed."""
    span: Span
    """Where their source is named."""
    listed: Span
    """Where they are listed."""

    @property
    def name(self) -> str:
        return self.id or _TOOLCHAIN

    @property
    def told(self) -> str:
        return f"`{self.id}`" if self.id else "the toolchain"

    @property
    def is_unknown(self) -> bool:
        """Whether nobody has looked up yet which versions there are; `ahead` may be assumed."""
        return self.known is None or not (self.known.versions or self.since)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Files:
    """What both commands read."""

    where: Place
    documents: tuple[Document, ...]
    """What stands in files; where the lock is none, `repository` has an empty one."""
    repository: Repository
    wanted: tuple[_Wanted, ...]


@click.group("versions")
def command() -> None:
    """Keep the lists of versions that are collected, configs/versions.lock.yaml.

    A client reports a version only if the config names it, so the lock names every version that
    there is, and those that may come: docs/versions.md says which.
    """


@command.command("update")
@click.argument("programs", nargs=-1, metavar="[PROGRAM]...")
@click.option("--dry-run", is_flag=True, help="Show what is new, and write nothing.")
@format_option()
@click.pass_obj
def update(directory: str, *, programs: tuple[str, ...], dry_run: bool, output: str) -> None:
    """Look versions up where each PROGRAM says they live, and list them.

    Without PROGRAM, those of all programs and of the toolchain. A version that is listed stays, and
    is marked when it was taken back. All is written or nothing: where one look-up fails, name the
    programs that are to be updated without it.
    """
    files = _read(directory)
    chosen = _chosen(files, programs)
    listings, notes = _look_up(files, chosen, "update")
    on = today()
    fresh: dict[str | None, Known] = {
        wanted.id: looked_up(
            wanted.known,
            found,
            source=where(wanted.source, module=wanted.module),
            scheme=wanted.scheme,
            since=wanted.since,
            padding=wanted.padding,
            on=on,
        )
        for wanted, found in zip(chosen, listings, strict=True)
    }
    console.show(listing(notes, files.documents), stream=sys.stderr)
    changes = [(wanted, fresh[wanted.id]) for wanted in chosen]
    if not dry_run and any(known != wanted.known for wanted, known in changes):
        _write(files, fresh)
    if output == "json":
        entries = [_change_entry(wanted, known) for wanted, known in changes]
        _write_json("update", entries)
        return
    for wanted, known in changes:
        console.show([(("path", f"{wanted.name}: "), ("plain", _change(wanted.known, known)))])


@command.command("check")
@click.argument("programs", nargs=-1, metavar="[PROGRAM]...")
@click.option("--online", is_flag=True, help="Look up which versions there are by now.")
@format_option()
@click.pass_obj
def check(directory: str, *, programs: tuple[str, ...], online: bool, output: str) -> None:
    """Say whether the lock names what each PROGRAM may release tomorrow.

    That is two patch releases, or a new minor or major version and its patch, as far as the padding
    of the program goes; of the toolchain, what is released. Nobody is asked, unless --online is
    given. Exit code 0: nothing is missing; 1: something is, so run `versions update`, and release.
    """
    files = _read(directory)
    chosen = _chosen(files, programs)
    nobody = [None] * len(chosen)
    listings, _ = _look_up(files, chosen, "check --online") if online else (nobody, ())
    missing = [_missing(wanted, found) for wanted, found in zip(chosen, listings, strict=True)]
    diagnostics = tuple(
        _stale(wanted, versions)
        for wanted, versions in zip(chosen, missing, strict=True)
        if versions or wanted.is_unknown
    )
    if output == "json":
        entries: list[dict[str, object]] = [
            {
                "program": wanted.id,
                "stale": bool(versions) or wanted.is_unknown,
                "missing": list(versions),
            }
            for wanted, versions in zip(chosen, missing, strict=True)
        ]
        _write_json("check", entries)
    else:
        console.show(listing(diagnostics, files.documents))
    stream = sys.stdout if output == "text" else sys.stderr
    if diagnostics:
        console.show([(("error", render.summary(diagnostics)),)], stream=stream)
        raise click.exceptions.Exit(1)
    told = ", ".join(wanted.name for wanted in chosen)
    console.show([(("good", f"{told}: nothing is missing"),)], stream=stream)


def _read(directory: str) -> _Files:
    """Return the repository as far as versions go.

    Raises:
        FindingsError: A file that they stand in, or are described in, has an error.
    """
    place = find_place(Path(directory))
    tree = read_tree(place)
    unread = [found.span.path for found in tree.unread if found.span]
    path = f"{place.root}/versions.lock.yaml"
    documents = tree.documents
    if path not in unread and all(document.path != path for document in documents):
        text = f"{schema_line('versions', path)}\n".encode()
        documents = (*documents, Document(path=path, data=text + EMPTY))
    parsed = parse(documents, root=place.root, unread=unread)
    found = [*tree.unread, *parsed.diagnostics]
    repository = parsed.repository
    if repository is not None:
        for each in checks.CHECKS:
            found += each(repository)
    charts = f"{place.root}/charts/"
    errors = [
        error
        for error in found
        if error.severity is Severity.ERROR
        and error.code != _NO_VERSIONS
        and not (error.span and error.span.path.startswith(charts))
    ]
    if errors or repository is None:
        raise FindingsError(errors, documents)
    return _Files(
        where=place,
        documents=tree.documents,
        repository=repository,
        wanted=tuple(_wanted(repository)),
    )


def _wanted(repository: Repository) -> Iterator[_Wanted]:
    collection, versions = repository.collection, repository.versions
    yield _Wanted(
        id=None,
        source=collection.toolchain,
        module=None,
        scheme=Scheme.GO_TOOLCHAIN,
        since=collection.toolchain_since,
        padding=Padding(),
        known=_filled(versions.toolchain),
        span=locate(versions.document, _TOOLCHAIN),
        listed=locate(versions.document, _TOOLCHAIN),
    )
    for program in repository.programs.values():
        if program.is_toolchain:
            continue
        key = "versions" if program.source.kind is not SourceKind.MODULE_PROXY else "module"
        yield _Wanted(
            id=program.id,
            source=program.source,
            module=program.module,
            scheme=program.scheme,
            since=program.since,
            padding=program.padding,
            known=_filled(versions.programs.get(program.id)),
            span=locate(program.document, key),
            listed=locate(versions.document, "programs", program.id),
        )


def _filled(known: Known | None) -> Known | None:
    return known if known and known.collected else None


def _chosen(files: _Files, names: Sequence[str]) -> tuple[_Wanted, ...]:
    """Return those that arguments name, in the order of the lock; all without arguments."""
    programs = files.repository.programs
    ids = set()
    for name in names:
        program = programs.get(name)
        if program is None and name != _TOOLCHAIN:
            known = ", ".join((_TOOLCHAIN, *programs))
            raise click.UsageError(f"there is no program {name!r}; there are {known}")
        ids.add(None if program is None or program.is_toolchain else name)
    return tuple(wanted for wanted in files.wanted if not names or wanted.id in ids)


def _look_up(
    files: _Files, chosen: Iterable[_Wanted], told: str
) -> tuple[list[Listing], tuple[Diagnostic, ...]]:
    """Return what each source names, and notes on names that are no versions.

    Args:
        files: What was read.
        chosen: Whose versions are looked up.
        told: What to run for those that do not fail.

    Raises:
        FindingsError: CC321, one for each that gives no list; what the others gave is dropped.
    """
    wanted = tuple(chosen)
    found: list[Listing] = []
    failures: list[tuple[_Wanted, str]] = []
    notes: list[Diagnostic] = []
    with console.progress("looking versions up") as tell:
        for number, each in enumerate(wanted, start=1):
            try:
                answer = look_up(
                    each.source, module=each.module, scheme=each.scheme, base=files.where.base
                )
            except LookUpError as error:
                failures.append((each, str(error)))
            else:
                found.append(answer)
                if answer.passed_over:
                    notes.append(_passed_over(each, answer.passed_over))
            tell(number / len(wanted))
    if failures:
        failed = {each.name for each, _ in failures}
        others = [each.name for each in wanted if each.name not in failed]
        hint = (
            f"run `chartconfig versions {told} {' '.join(others)}` for the others"
            if others
            else "see that its source is right, and try again later"
        )
        errors = [_not_looked_up(each, why, hint) for each, why in failures]
        raise FindingsError((*errors, *notes), files.documents)
    return found, tuple(notes)


def _not_looked_up(wanted: _Wanted, why: str, hint: str) -> Diagnostic:
    message = f"the versions of {wanted.told} cannot be looked up: {why}"
    return report("CC321", message, wanted.span, hint=f"nothing was changed; {hint}")


def _passed_over(wanted: _Wanted, names: tuple[str, ...]) -> Diagnostic:
    counted = render.counted(len(names), "name")
    return report(
        "CC322",
        f"{counted} of {wanted.told} {'are' if len(names) > 1 else 'is'} no version: "
        f"{_some([ascii(name[:100])[1:-1] for name in names])}",
        wanted.span,
    )


def _missing(wanted: _Wanted, found: Listing | None) -> tuple[str, ...]:
    return uncovered(
        wanted.known,
        scheme=wanted.scheme,
        since=wanted.since,
        padding=wanted.padding,
        seen=found.versions if found else wanted.source.listed or None,
    )


def _stale(wanted: _Wanted, versions: tuple[str, ...]) -> Diagnostic:
    if wanted.known is None:
        told = f"no version of {wanted.told} is listed"
    elif wanted.is_unknown:
        told = f"no released version of {wanted.told} is listed: {_some(wanted.known.ahead)} "
        told += "are assumed" if len(wanted.known.ahead) > 1 else "is assumed"
    else:
        are = "are" if len(versions) > 1 else "is"
        counted = render.counted(len(versions), "version")
        told = f"{counted} of {wanted.told} {are} not listed: {_some(versions)}"
    return report(
        "CC323",
        told,
        wanted.listed,
        hint=f"run `chartconfig versions update {wanted.name}`, and release",
    )


def _some(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown


def _write(files: _Files, fresh: dict[str | None, Known]) -> None:
    versions = files.repository.versions
    programs = {key: known for key, known in fresh.items() if key is not None}
    data = encode_lock(
        fresh.get(None, versions.toolchain),
        {**versions.programs, **programs},
        path=versions.document.path,
        old=versions.document,
    )
    replace_file(files.where.base / versions.document.path, data)


def _write_json(kind: str, programs: list[dict[str, object]]) -> None:
    document = {"format": FORMAT.format(kind), "programs": programs}
    console.write(f"{json.dumps(document, indent=2)}\n")


def _change(old: Known | None, new: Known) -> str:
    """Return what a look-up changed, in one line."""
    if new == old:
        return "nothing new"
    told = []
    for what, before, after in (
        ("listed", old.versions if old else (), new.versions),
        ("yanked", old.yanked if old else (), new.yanked),
        ("gone", old.gone if old else (), new.gone),
    ):
        if more := [version for version in after if version not in before]:
            told.append(f"{what} {_some(more[::-1])}")
    return ", ".join((*told, f"{len(new.ahead) or 'none'} ahead"))


def _change_entry(wanted: _Wanted, new: Known) -> dict[str, object]:
    before = set(wanted.known.versions) if wanted.known else set()
    return {
        "program": wanted.id,
        "source": new.source,
        "changed": new != wanted.known,
        "new": [version for version in new.versions if version not in before],
        "ahead": list(new.ahead),
        "yanked": list(new.yanked),
        "gone": list(new.gone),
    }
