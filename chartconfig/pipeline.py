"""The whole run as functions of values: documents in, findings and files out.

    documents -> parse -> repository -> checks -> diagnostics
                              |
                              +-> targets -> plan -> collection config -> files -> release

Nothing here reads a file, a clock or the network, so the same documents give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from chartconfig import __version__, checks
from chartconfig.charts.parse import parse
from chartconfig.charts.target import has_rate, target
from chartconfig.charts.what_if import ask, assume
from chartconfig.checks.lifecycle import apply_ignores
from chartconfig.checks.sampling import shortfalls
from chartconfig.collection.charts_json import chart_entry, encode_charts
from chartconfig.collection.compile import compile_config
from chartconfig.collection.encode import encode
from chartconfig.collection.manifest import encode_manifest
from chartconfig.collection.readme import encode_readme
from chartconfig.collection.retired import still_accepted
from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.diagnostics.render import in_order
from chartconfig.module.gomod import GoMod, decode_go_mod, encode_go_mod
from chartconfig.review.retired import retirements
from chartconfig.sampling.budget import plan_for_budget
from chartconfig.sampling.plan import Limits, find_shortfall, plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date, datetime
    from fractions import Fraction

    from chartconfig.charts.chart import Chart
    from chartconfig.charts.parsed import Parsed
    from chartconfig.charts.repository import Repository
    from chartconfig.charts.retired import Retirement
    from chartconfig.charts.what_if import Assumptions
    from chartconfig.collection.charts_json import Entry
    from chartconfig.collection.config import CollectionConfig
    from chartconfig.collection.manifest import Origin
    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.sampling.plan import Plan, Target
    from chartconfig.source.document import Document
    from chartconfig.tlog.publish import Release


@dataclass(frozen=True, kw_only=True)
class Planned:
    """The charts that are collected on a day, and have a rate."""

    repository: Repository
    charts: tuple[Chart, ...]

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """What each chart asks of sampling, in the same order."""
        return tuple(target(chart, self.repository) for chart in self.charts)

    @property
    def limits(self) -> Limits:
        """What no rate may exceed."""
        collection = self.repository.collection
        return Limits(
            cap=collection.fetch_probability, max_reports_per_year=collection.max_reports_per_year
        )

    @cached_property
    def plan(self) -> Plan:
        """The plan of their rates, in the same order: computed when it is asked for."""
        return plan(self.targets, limits=self.limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Everything that was found, and what can be compiled."""

    planned: Planned | None
    """None when the files that all charts need cannot be read."""
    diagnostics: tuple[Diagnostic, ...]
    """In the order of files and places."""
    parsed: Parsed
    """What the documents say."""

    @property
    def compilable(self) -> Planned | None:
        """What can be compiled: the plan, unless there is an error."""
        errors = any(found.severity is Severity.ERROR for found in self.diagnostics)
        return None if errors else self.planned


def check(
    documents: Iterable[Document],
    *,
    on: date,
    root: str = "configs",
    unread: Sequence[Diagnostic] = (),
    like: Checked | None = None,
    in_full: bool = True,
) -> Checked:
    """Return what is wrong with the documents, and the plan of what is right.

    Args:
        documents: The files of a config repository.
        on: The day for which it is judged: charts that expired before it are not collected.
        root: The folder that holds collection.yaml, as the documents' paths spell it.
        unread: What was found on files that could not be read.
        like: What much the same documents gave: it changes nothing but the time that this takes.
        in_full: Whether all findings are asked for, or only whether it can be compiled: every
            error is found in any case.
    """
    paths = [found.span.path for found in unread if found.span]
    parsed = parse(documents, root=root, unread=paths, like=like.parsed if like else None)
    if parsed.repository is None:
        told = in_order((*unread, *parsed.diagnostics))
        return Checked(planned=None, diagnostics=told, parsed=parsed)
    found = list(checks.run(parsed.repository, on=on, complete=parsed.complete, in_full=in_full))
    found.extend(retirements(parsed.repository, on))
    planned = Planned(
        repository=parsed.repository, charts=tuple(_collected(parsed.repository, on=on))
    )
    limits = planned.limits
    short = (find_shortfall(target, limits=limits) for target in planned.targets)
    found.extend(shortfalls(parsed.repository, zip(planned.charts, short, strict=True)))
    live = sum(not chart.expired(on) for chart in parsed.repository.charts)
    complete = in_full and parsed.complete and len(planned.charts) == live
    kept = apply_ignores(parsed.repository, found, complete=complete)
    told = in_order((*unread, *parsed.diagnostics, *kept))
    return Checked(planned=planned, diagnostics=told, parsed=parsed)


def _collected(repository: Repository, *, on: date) -> Iterator[Chart]:
    """Yield the charts that are collected on a day and have a rate."""
    for chart in repository.charts:
        if has_rate(chart) and not chart.expired(on):
            yield chart


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """Rates under assumptions, beside those that the files give."""

    assumptions: Assumptions
    before: Planned
    """What the files say."""
    planned: Planned
    """The same charts, in the same order, under the assumptions."""
    plan: Plan
    """Their rates."""
    widening: float
    """λ, by which the assumed budget widens every margin; at least 1."""
    diagnostics: tuple[Diagnostic, ...]
    """The shortfalls under the assumptions that no chart accepts."""

    @property
    def max_reports_per_year(self) -> Fraction | None:
        """How many reports one installation may be asked for; None is no limit."""
        return self.assumptions.budget or self.planned.limits.max_reports_per_year


def what_if(before: Planned, assumptions: Assumptions) -> WhatIf:
    """Return the rates that assumptions would give.

    Args:
        before: What the files say.
        assumptions: Their populations name programs, or keys of populations.yaml, that there are.
    """
    planned = before
    if assumptions:
        planned = Planned(
            repository=assume(before.repository, assumptions),
            charts=tuple(ask(chart, assumptions) for chart in before.charts),
        )
    limits, widening = planned.limits, 1.0
    if assumptions.budget is None:
        rates = planned.plan
    else:
        fitted = plan_for_budget(
            planned.targets, limits=limits, reports_per_year=assumptions.budget
        )
        rates, widening = fitted.plan, fitted.widening
        limits = replace(limits, max_reports_per_year=None)
    return WhatIf(
        assumptions=assumptions,
        before=before,
        planned=planned,
        plan=rates,
        widening=widening,
        diagnostics=tuple(_unaccepted(before, planned, limits)),
    )


def _unaccepted(before: Planned, after: Planned, limits: Limits) -> Iterator[Diagnostic]:
    """Yield the shortfalls under assumptions that no chart accepts.

    What is assumed of a chart stands in no file, so no line of one is shown for it.
    """
    for old, new, asked in zip(before.charts, after.charts, after.targets, strict=True):
        short = find_shortfall(asked, limits=limits)
        for found in shortfalls(after.repository, [(new, short)]):
            if found.severity is Severity.ERROR:
                message = f"{new.id}: {found.message}"
                yield replace(found, message=message, span=found.span if new == old else None)


class Made(Mapping[str, bytes]):
    """Files that are made when they are asked for, each once."""

    def __init__(self, make: Mapping[str, Callable[[], bytes]]) -> None:
        """Take how each is made, by name."""
        self._make = make
        self._made: dict[str, bytes] = {}

    def __getitem__(self, name: str) -> bytes:
        """Return a file."""
        if name not in self._made:
            self._made[name] = self._make[name]()
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        """Return whether there is such a file; it is not made for that."""
        return name in self._make

    def __iter__(self) -> Iterator[str]:
        """Return their names."""
        return iter(self._make)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._make)


@dataclass(frozen=True, kw_only=True)
class Built:
    """What charts are compiled to: the values, and the files, each made when it is asked for."""

    planned: Planned
    """What is collected, free of errors."""
    documents: Iterable[Document]
    """Every file that was read, for the manifest."""
    origin: Origin
    """The tree that they are of."""
    version: str = __version__
    """The version of chartconfig that the manifest names: another than this one where what that
    one compiled is compiled again, to see whether it comes out the same."""

    @cached_property
    def config(self) -> CollectionConfig:
        """What clients read."""
        return compile_config(self.planned.repository, self.planned.charts, self.planned.plan)

    @cached_property
    def charts(self) -> Mapping[str, Entry]:
        """The charts of charts.json by id."""
        return {entry["id"]: entry for entry in self._entries()}

    @cached_property
    def retired(self) -> tuple[Retirement, ...]:
        """What is collected no longer and still accepted."""
        return still_accepted(self.planned.repository, self.config, on=self.origin.on)

    @cached_property
    def go_mod(self) -> GoMod:
        """The module, and what is withdrawn of it."""
        repository = self.planned.repository
        return GoMod(module=repository.collection.module, retractions=repository.retractions)

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """Every file, by name."""
        repository, charts, rates = self.planned.repository, self.planned.charts, self.planned.plan
        return Made(
            {
                "README.md": lambda: encode_readme(repository, charts, rates),
                "charts.json": lambda: b"".join(encode_charts(self._entries(), self.retired)),
                "config.json": lambda: encode(self.config),
                "go.mod": lambda: encode_go_mod(self.go_mod),
                "manifest.json": self._manifest,
            }
        )

    def _entries(self) -> Iterator[Entry]:
        """Yield the charts of charts.json one by one: of many, few are kept at a time."""
        repository, rates = self.planned.repository, self.planned.plan.rates
        for chart, rate in zip(self.planned.charts, rates, strict=True):
            yield chart_entry(chart, rate, repository)

    def _manifest(self) -> bytes:
        own = "manifest.json"
        return encode_manifest(
            module=self.go_mod.module,
            version=self.version,
            origin=self.origin,
            inputs=self.documents,
            outputs={name: self.files[name] for name in self.files if name != own},
        )


def build(
    planned: Planned,
    *,
    documents: Iterable[Document],
    origin: Origin,
    version: str = __version__,
) -> dict[str, bytes]:
    """Return every file of a compiled config, by name; the arguments are those of `Built`."""
    built = Built(planned=planned, documents=documents, origin=origin, version=version)
    return dict(built.files)


def pack(files: Mapping[str, bytes], *, version: str, time: datetime) -> Release:
    """Return what is published of a compiled config under a version.

    Args:
        files: What `build` returned.
        version: Its version.
        time: When its commit was made: in UTC, to the second.

    Raises:
        MalformedModuleError: go.mod is not one that chartconfig writes.
        ValueError: The version or the time is none, or the files are no module.
    """
    # What only a release needs: checking charts is not to wait for it.
    from chartconfig.module.dirhash import hash_go_mod, hash_module
    from chartconfig.module.gosum import ModuleSum, encode_sum
    from chartconfig.module.path import escape
    from chartconfig.module.proxy import Info, encode_info
    from chartconfig.module.zip import encode_zip
    from chartconfig.tlog.publish import Release

    go_mod = files["go.mod"]
    module = decode_go_mod(go_mod).module
    summed = ModuleSum(
        module=module,
        version=version,
        zip=hash_module(files, module=module, version=version),
        go_mod=hash_go_mod(go_mod),
    )
    return Release(
        module=escape(module),
        version=version,
        record=encode_sum(summed),
        zip=encode_zip(files, module=module, version=version),
        mod=go_mod,
        info=encode_info(Info(version=version, time=time)),
    )
