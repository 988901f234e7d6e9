"""Checks on programs, modules, versions and platforms."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from chartconfig.charts.versions import SourceKind, read_source
from chartconfig.diagnostics.catalogue import report
from chartconfig.module.path import why_invalid, why_unpublishable
from chartconfig.module.version import DEVEL, Scheme
from chartconfig.source.yaml import locate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartconfig.charts.program import Program
    from chartconfig.charts.repository import Repository
    from chartconfig.charts.versions import Known
    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.source.document import Document

_Path: TypeAlias = tuple[str | int, ...]
_GOOS = frozenset(
    "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 "
    "solaris wasip1 windows zos".split()
)
_GOARCH = frozenset(
    "386 amd64 amd64p32 arm arm64 arm64be armbe loong64 mips mips64 mips64le mips64p32 mips64p32le "
    "mipsle ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm".split()
)


def program_name_taken(repository: Repository) -> Iterator[Diagnostic]:
    """CC302 `program-name-taken`: two programs that reports cannot tell apart."""
    seen: dict[str, Program] = {}
    for program in repository.programs.values():
        first = seen.setdefault(program.name, program)
        if first is not program:
            yield report(
                "CC302",
                f"`{first.id}` has the name `{program.name}` already",
                locate(program.document, "name"),
                hint="keep one file for one program",
                related=((locate(first.document, "name"), "the other program"),),
            )


def module_paths(repository: Repository) -> Iterator[Diagnostic]:
    """CC303 `module-path`, CC304 `module-does-not-fit`."""
    collection = repository.collection
    if why := why_unpublishable(collection.module):
        yield report(
            "CC303",
            f"the go command refuses the module path `{collection.module}`: {why}",
            locate(collection.document, "module"),
            hint="write a path such as example.org/telemetry/config",
        )
    for program in repository.programs.values():
        if program.is_toolchain:
            if program.module is not None:
                yield report(
                    "CC304",
                    f"`{program.name}` comes with the toolchain and has no module of its own",
                    locate(program.document, "module"),
                    hint="delete `module`",
                )
        elif program.module is None and program.source.kind is SourceKind.MODULE_PROXY:
            yield report(
                "CC304",
                f"`{program.name}` has no `module`, whose versions it would have",
                locate(program.document, "name"),
                hint="write `module:`, the path of the module that holds the program",
            )
        elif program.module is None:
            continue
        elif why := why_invalid(program.module):
            yield report(
                "CC303",
                f"the go command refuses the module path `{program.module}`: {why}",
                locate(program.document, "module"),
                hint="write the path of the module that holds the program",
            )
        elif program.name != program.module and not program.name.startswith(f"{program.module}/"):
            yield report(
                "CC304",
                f"`{program.name}` is not in the module `{program.module}`",
                locate(program.document, "module"),
                hint="write the first part of the program's name",
            )


def sources(repository: Repository) -> Iterator[Diagnostic]:
    """CC320 `source-does-not-fit`; CC306, CC317 in a list that stands in a program's file."""
    collection = repository.collection
    if collection.toolchain.scheme is not Scheme.GO_TOOLCHAIN:
        yield report(
            "CC320",
            f"{collection.toolchain.scheme.value} is not how the toolchain's versions are written",
            locate(collection.document, "toolchain", "versions"),
            hint="look them up from module-proxy, or from git or a list without `scheme`",
        )
    if collection.toolchain_since is not None:
        scheme, path = Scheme.GO_TOOLCHAIN, ("toolchain", "since")
        if not scheme.is_valid(collection.toolchain_since):
            yield _not_a_version(collection.toolchain_since, scheme, collection.document, path)
    for program in repository.programs.values():
        source = program.source
        if program.is_toolchain and source != read_source(None):
            yield report(
                "CC320",
                f"`{program.name}` has the toolchain's versions, not its own",
                locate(program.document, "versions"),
                hint="delete `versions`; those of the toolchain are `toolchain` in collection.yaml",
            )
        elif program.module is not None and not source.scheme.is_of_go:
            yield report(
                "CC320",
                f"the versions of a module of Go are not written as {source.scheme.value}",
                locate(program.document, "versions", "from"),
                hint="delete `module`, or look the versions up from module-proxy",
            )
        lists: dict[_Path, tuple[str, ...]] = {("versions", "list"): source.listed}
        yield from _version_lists(lists, program.scheme, program.document)


def known_versions(repository: Repository) -> Iterator[Diagnostic]:
    """CC305, CC306, CC317, CC318: the version lock, program by program."""
    versions = repository.versions
    toolchain = Scheme.GO_TOOLCHAIN
    if not versions.toolchain.collected:
        yield report(
            "CC305",
            "versions.lock.yaml lists no versions of the toolchain, so nothing is collected",
            locate(versions.document, "toolchain"),
            hint="run `chartconfig versions update toolchain`",
        )
    yield from _known(versions.toolchain, toolchain, versions.document, ("toolchain",))
    for program in repository.programs.values():
        entry = versions.programs.get(program.id)
        if not program.is_toolchain and not (entry and entry.collected):
            yield report(
                "CC305",
                f"versions.lock.yaml lists no versions of `{program.id}`, so nothing is collected",
                locate(program.document, "name"),
                hint=f"run `chartconfig versions update {program.id}`",
            )
    for key, known in versions.programs.items():
        program_or_none = repository.programs.get(key)
        if program_or_none is None or program_or_none.is_toolchain:
            continue
        yield from _known(known, program_or_none.scheme, versions.document, ("programs", key))


def versions_of_no_program(repository: Repository) -> Iterator[Diagnostic]:
    """CC318 `versions-of-no-program`: a list that nothing reads."""
    for key in repository.versions.programs:
        program = repository.programs.get(key)
        if program is None or program.is_toolchain:
            why = "has the toolchain's versions" if program else "is no program"
            yield report(
                "CC318",
                f"versions are listed for `{key}`, which {why}",
                locate(repository.versions.document, "programs", key),
                hint="delete the entry",
            )


def since(repository: Repository) -> Iterator[Diagnostic]:
    """CC307, CC308, CC309: the first version of programs and charts."""
    for program in repository.programs.values():
        if program.since is not None:
            yield from _since_version(program.since, program, program.document)
    for chart in repository.charts:
        program = repository.program(chart)
        if chart.since is None:
            continue
        wrong = tuple(_since_version(chart.since, program, chart.document))
        yield from wrong
        key = program.scheme.sort_key
        if wrong:
            continue
        if program.since is not None and key(chart.since) < key(program.since):
            yield report(
                "CC307",
                f"{chart.since} is older than {program.since}, the first version that counts",
                locate(chart.document, "since"),
                hint=f"write {program.since} or a newer version",
                related=((locate(program.document, "since"), "the program's first version"),),
            )
        elif _lists_only_older(repository, program, chart.since):
            yield report(
                "CC309",
                f"no listed version of `{program.id}` is {chart.since} or newer",
                locate(chart.document, "since"),
                hint="list the version in versions.lock.yaml, so that its reports are collected",
            )


def adoption(repository: Repository) -> Iterator[Diagnostic]:
    """CC406 `adoption-order`: a newer version that more installations have than an older one."""
    shared = dict.fromkeys(
        (program.population, program.scheme) for program in repository.programs.values()
    )  # versions must be those of every program that shares the population
    document = repository.populations_document
    for key, scheme in shared:
        written = repository.estimates[key].adoption
        for version, _ in written:
            if not scheme.is_valid(version):
                yield _not_a_version(version, scheme, document, (key, "adoption", version))
        in_order = sorted(written, key=lambda entry: scheme.sort_key(entry[0]))
        for (older, share_older), (newer, share_newer) in pairwise(in_order):
            if share_newer > share_older:
                yield report(
                    "CC406",
                    f"more installations are said to have {newer} or newer than {older} or newer",
                    locate(document, key, "adoption", newer),
                    hint="write for each version the share at or above it",
                    related=((locate(document, key, "adoption", older), "the older version"),),
                )


def platforms(repository: Repository) -> Iterator[Diagnostic]:
    """CC316 `unknown-platform`: names that no installation has."""
    collection = repository.collection
    for key, written, known in (
        ("goos", collection.goos, _GOOS),
        ("goarch", collection.goarch, _GOARCH),
    ):
        for index, name in enumerate(written):
            if name not in known:
                yield report(
                    "CC316",
                    f"`{name}` is no {key.upper()} that Go knows",
                    locate(collection.document, key, index),
                    hint=f"delete it, or write one of {', '.join(sorted(known))}",
                )


def program_without_charts(repository: Repository) -> Iterator[Diagnostic]:
    """CC314 `program-without-charts`: a program of which nothing is collected."""
    charted = {chart.program for chart in repository.charts}
    for program in repository.programs.values():
        if program.id not in charted:
            yield report(
                "CC314",
                f"no chart needs `{program.id}`, so nothing of it is collected",
                locate(program.document, "name"),
                hint=f"delete the file, or start a chart: chartconfig new {program.id}/NAME",
            )


def population_of_no_program(repository: Repository) -> Iterator[Diagnostic]:
    """CC319 `population-of-no-program`: an estimate that nothing reads."""
    used = {program.population for program in repository.programs.values()}
    for key in repository.estimates:
        if key not in used:
            yield report(
                "CC319",
                f"`{key}` is the population of no program",
                locate(repository.populations_document, key),
                hint="delete the entry, or name it in a program's `population`",
            )


def _known(
    known: Known, scheme: Scheme, document: Document, path: tuple[str, ...]
) -> Iterator[Diagnostic]:
    """CC306, CC317: the versions of one entry of the lock."""
    if len(known.collected) > 1 and not any(map(scheme.is_published, known.collected)):
        yield report(
            "CC306",
            f"none of {len(known.collected)} versions is one that a release can have: they look "
            f"like {scheme.example}",
            locate(document, *path, "versions"),
            hint=f"empty its lists, and run `chartconfig versions update {path[-1]}`",
        )
        return
    lists: dict[_Path, tuple[str, ...]] = {
        (*path, "versions"): known.versions,
        (*path, "ahead"): known.ahead,
    }
    yield from _version_lists(lists, scheme, document)


def _version_lists(
    lists: Mapping[_Path, tuple[str, ...]], scheme: Scheme, document: Document
) -> Iterator[Diagnostic]:
    """CC306 `version-not-valid`, CC317 `repeated-version`, in lists that belong together."""
    written = (
        (v, (*at, index)) for at, versions in lists.items() for index, v in enumerate(versions)
    )
    seen: dict[str, _Path] = {}
    for version, path in written:
        first = seen.setdefault(version, path)
        if not scheme.is_published(version):
            yield report(
                "CC306",
                f"`{version}` is no version that a release can have",
                locate(document, *path),
                hint="write `devel: true` in the program's file instead"
                if version == DEVEL
                else f"delete it; versions look like {scheme.example}",
            )
        elif first != path:
            yield report(
                "CC317",
                f"`{version}` is listed twice",
                locate(document, *path),
                hint="delete one of the two",
                related=((locate(document, *first), "the first one"),),
            )


def _lists_only_older(repository: Repository, program: Program, since: str) -> bool:
    """Return whether versions are listed, and none of them is `since` or newer."""
    listed = set(repository.collected_versions(program, None)) - {DEVEL}
    return bool(listed) and listed.isdisjoint(repository.collected_versions(program, since))


def _since_version(version: str, program: Program, document: Document) -> Iterator[Diagnostic]:
    if not program.scheme.is_valid(version) or version == DEVEL:
        like = program.since if program.since != version else None
        yield _not_a_version(version, program.scheme, document, ("since",), like)


def _not_a_version(
    version: str, scheme: Scheme, document: Document, path: tuple[str, ...], like: str | None = None
) -> Diagnostic:
    """CC308 `since-not-a-version`."""
    return report(
        "CC308",
        f"`{version}` is no version of the program",
        locate(document, *path),
        hint=f"write a version such as {like or scheme.example}",
    )


CHECKS = (program_name_taken, module_paths, sources, known_versions, since, adoption, platforms)
COMPLETE_CHECKS = (versions_of_no_program, program_without_charts, population_of_no_program)
"""Checks for what is absent, which mean something only when every file could be read."""
