"""Documents to a repository, reporting every mistake on the way.

A file that is not as its schema says gives no value, and what refers to it is not blamed for that.
"""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from chartconfig.charts.chart import Chart, ChartType, Ignore
from chartconfig.charts.counter import (
    read_counters,
    suggested_bucket,
    suggested_name,
    why_bucket_refused,
    why_name_refused,
)
from chartconfig.charts.numbers import parse_installations, read_accuracy, read_fraction
from chartconfig.charts.parsed import Parsed
from chartconfig.charts.policy import Policy, mistakes, read_policy
from chartconfig.charts.program import Program
from chartconfig.charts.repository import Collection, Estimate, Repository, Versions
from chartconfig.charts.retired import read_retirements
from chartconfig.charts.retracted import read_retractions, why_refused
from chartconfig.charts.versions import read_known, read_source, read_toolchain
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Position, Severity, Span
from chartconfig.module.padding import Padding
from chartconfig.sampling.population import Population
from chartconfig.source.nodes import plain
from chartconfig.source.schema import load, schema_line, violations
from chartconfig.source.yaml import compose, locate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.module.gomod import Retraction
    from chartconfig.sampling.accuracy import Accuracy
    from chartconfig.source.document import Document
    from chartconfig.source.nodes import Plain

_SHARED = {
    "collection.yaml": "collection",
    "populations.yaml": "populations",
    "versions.lock.yaml": "versions",
}
_OPTIONAL = {"policy.yaml": "policy", "retracted.yaml": "retracted", "retired.yaml": "retired"}
_MAKES = {"versions.lock.yaml": "run `chartconfig versions update`"}
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SCHEMA_LINE = re.compile(r"# yaml-language-server: \$schema=(?:\S*/)?([a-z]+)\.schema\.json\r?$")
_DEFAULT_FETCH_PROBABILITY = Fraction(1, 10)
_DEFAULT_MAX_BUCKETS = 50


def parse(
    documents: Iterable[Document],
    *,
    root: str = "configs",
    unread: Iterable[str] = (),
    like: Parsed | None = None,
) -> Parsed:
    """Return the repository that the documents below the folder `root` make.

    Args:
        documents: Every file of it that could be read.
        root: The folder that holds collection.yaml, as the documents' paths spell it.
        unread: The paths of files that are there and could not be read.
        like: What much the same documents gave: it changes nothing but the time that this takes.
    """
    return _Parser(root, unread).run(documents, like)


class _Parser:
    """One pass over the documents; `found` grows as it goes."""

    def __init__(self, root: str, unread: Iterable[str]) -> None:
        self._root = f"{root}/" if root else ""
        self._found: list[Diagnostic] = []
        self._broken = set(unread)

    def run(self, documents: Iterable[Document], like: Parsed | None) -> Parsed:
        """Return everything, shared files first, for charts need them."""
        shared: dict[str, Document] = {}
        programs: dict[str, Document] = {}
        charts: dict[str, Document] = {}
        for document in documents:
            self._sort_in(document, shared, programs, charts)
        for name in _SHARED:
            if name not in shared and f"{self._root}{name}" not in self._broken:
                self._missing(name)
        collection = self._shared(shared, "collection.yaml", self._collection)
        estimates = self._shared(shared, "populations.yaml", self._estimates)
        versions = self._shared(shared, "versions.lock.yaml", self._versions)
        parsed_programs = {
            key: program
            for key, document in sorted(programs.items())
            if (program := self._program(key, document)) is not None
        }
        policy = self._shared(shared, "policy.yaml", self._policy)
        retractions = self._shared(shared, "retracted.yaml", self._retractions)
        retired = self._shared(shared, "retired.yaml", partial(read_retirements, found=self._found))
        defaults = collection.accuracy if collection else None
        same = like.charts_with(parsed_programs, defaults) if like else {}
        parsed_charts = tuple(
            chart
            for key, document in sorted(charts.items())
            if (
                chart := same.get(document) or self._chart(key, document, parsed_programs, defaults)
            )
            is not None
        )
        repository = None
        if collection is not None and estimates is not None and versions is not None:
            known = self._with_population(parsed_programs, estimates, shared["populations.yaml"])
            repository = Repository(
                collection=collection,
                estimates=estimates,
                populations_document=shared["populations.yaml"],
                versions=versions,
                programs=known,
                charts=tuple(chart for chart in parsed_charts if chart.program in known),
                policy=policy or Policy(),
                retractions=retractions or (),
                retirements=retired or (),
                retired_document=shared.get("retired.yaml"),
            )
        return Parsed(
            repository=repository,
            complete=repository is not None and not self._broken,
            diagnostics=tuple(self._found),
        )

    def _sort_in(
        self,
        document: Document,
        shared: dict[str, Document],
        programs: dict[str, Document],
        charts: dict[str, Document],
    ) -> None:
        """Put a document where its path says it belongs, or report that it belongs nowhere."""
        path = document.path.removeprefix(self._root)
        match path.split("/"):
            case [name] if name in _SHARED or name in _OPTIONAL:
                shared[name] = document
            case ["programs", name] if name.endswith(".yaml"):
                if self._is_id(document, name.removesuffix(".yaml")):
                    programs[name.removesuffix(".yaml")] = document
            case ["charts", folder, name] if name.endswith(".yaml"):
                key = name.removesuffix(".yaml")
                if self._is_id(document, folder) and self._is_id(document, key):
                    charts[f"{folder}/{key}"] = document
            case _:
                hint = "charts are charts/<program>/<chart>.yaml, programs programs/<program>.yaml"
                if path.endswith(".yml"):
                    hint = f"rename it to {path.rpartition('/')[2].removesuffix('.yml')}.yaml"
                self._report("CC121", f"nothing reads {document.path}", document, hint=hint)

    def _is_id(self, document: Document, name: str) -> bool:
        if _ID.fullmatch(name):
            return True
        better = "-".join(re.findall("[a-z0-9]+", name.lower()))
        self._broken.add(document.path)
        self._report(
            "CC201",
            f"`{name}` is no id",
            document,
            hint=f"rename it to `{better}`" if better else "use a-z, 0-9 and single hyphens",
        )
        return False

    def _missing(self, name: str) -> None:
        path = f"{self._root}{name}"
        start = Position(1, 1)
        self._found.append(
            report(
                "CC124",
                f"{path} is missing",
                Span(path, start, start),
                hint=_MAKES.get(name, "write it; `chartconfig init DIR` shows one that works"),
            )
        )

    def _shared(self, shared: Mapping[str, Document], name: str, build: Any) -> Any:  # noqa: ANN401 - one of six
        """Return the value of a file that there is one of, or None."""
        document = shared.get(name)
        data = self._load((_SHARED | _OPTIONAL)[name], document) if document else None
        return build(data, document) if data is not None else None

    def _load(self, kind: str, document: Document) -> Any:  # noqa: ANN401 - as the schema says
        """Return the document's data, which is as the schema of its kind says, or None."""
        node, found = compose(document)
        if node is not None:
            self._check_schema_line(kind, document)
            schema = load(kind)
            data = plain(node)
            if kind == "chart":
                self._check_names(data, document)
            if schema.validator.is_valid(data):
                return data
            found = violations(schema, node, document)
        self._broken.add(document.path)
        self._found.extend(found)
        return None

    def _check_schema_line(self, kind: str, document: Document) -> None:
        first = document.data.partition(b"\n")[0].decode("utf-8", "replace")
        match = _SCHEMA_LINE.match(first)
        if match is None or match[1] != kind:
            self._found.append(
                report(
                    "CC126",
                    f"the first line does not name the schema of a {kind} file",
                    document.span(0, len(first)),
                    hint=f"write `{schema_line(kind, document.path)}`",
                )
            )

    def _collection(self, data: dict[str, Any], document: Document) -> Collection:
        limit = data.get("max_reports_per_year")
        return Collection(
            module=data["module"],
            fetch_probability=(
                read_fraction(data["fetch_probability"])
                if "fetch_probability" in data
                else _DEFAULT_FETCH_PROBABILITY
            ),
            max_reports_per_year=None if limit is None else Fraction(str(limit)),
            max_buckets=data.get("max_buckets", _DEFAULT_MAX_BUCKETS),
            goos=tuple(data["goos"]),
            goarch=tuple(data["goarch"]),
            toolchain=read_toolchain(data),
            toolchain_since=data.get("toolchain", {}).get("since"),
            accuracy={
                chart_type: read_accuracy(data["accuracy"][chart_type.value])
                for chart_type in ChartType
            },
            document=document,
        )

    def _policy(self, data: dict[str, Any], document: Document) -> Policy:
        for code, path, message, hint in mistakes(data):
            self._report(code, message, document, path, hint)
        return read_policy(data)

    def _retractions(self, data: dict[str, str], document: Document) -> tuple[Retraction, ...]:
        """Return what is withdrawn, without the entries that are reported."""
        for version, reason in data.items():
            if why := why_refused(version, reason):
                hint = "write a released version and why nobody should use it: `v1.2.3: ...`"
                self._report("CC945", why, document, (version,), hint)
        return read_retractions(data)

    def _estimates(self, data: dict[str, Any], document: Document) -> dict[str, Estimate]:
        estimates = {}
        for key, entry in data.items():
            numbers = {}
            for bound in ("low", "likely", "high"):
                try:
                    numbers[bound] = parse_installations(str(entry[bound]))
                except ValueError:
                    self._report(
                        "CC405",
                        f"`{key}.{bound}` is {entry[bound]}, which is no whole number",
                        document,
                        (key, bound),
                        "write a whole number of installations",
                    )
            as_of = self._date(entry["as_of"], document, (key, "as_of"))
            if as_of is None or len(numbers) < 3:  # noqa: PLR2004 - low, likely, high
                continue
            if not numbers["low"] <= numbers["likely"] <= numbers["high"]:
                self._report(
                    "CC404",
                    f"`{key}` is not in order: low {numbers['low']:,}, "
                    f"likely {numbers['likely']:,}, high {numbers['high']:,}",
                    document,
                    (key, "low"),
                    "order them: low <= likely <= high",
                )
                continue
            estimates[key] = Estimate(
                population=Population(**numbers),
                as_of=as_of,
                source=entry["source"],
                assumption=entry.get("assumption"),
                adoption=tuple(
                    (version, read_fraction(share))
                    for version, share in entry.get("adoption", {}).items()
                ),
            )
        if len(estimates) < len(data):
            self._broken.add(document.path)
        return estimates

    def _versions(self, data: dict[str, Any], document: Document) -> Versions:
        programs = data.get("programs", {})
        entries = [(("programs", key), entry) for key, entry in programs.items()]
        for path, entry in ((("toolchain",), data["toolchain"]), *entries):
            if self._date(entry["updated"], document, (*path, "updated")) is None:
                self._broken.add(document.path)
        return Versions(
            toolchain=read_known(data["toolchain"]),
            programs={key: read_known(entry) for key, entry in programs.items()},
            document=document,
        )

    def _program(self, key: str, document: Document) -> Program | None:
        data = self._load("program", document)
        if data is None:
            return None
        return Program(
            id=key,
            title=data["title"],
            name=data["name"],
            module=data.get("module"),
            source=read_source(data.get("versions")),
            prefixes=tuple(data["prefixes"]),
            since=data.get("since"),
            devel=data.get("devel", False),
            population=data.get("population", key),
            padding=Padding(**data.get("padding", {})),
            document=document,
        )

    def _chart(
        self,
        key: str,
        document: Document,
        programs: Mapping[str, Program],
        defaults: Mapping[ChartType, Accuracy] | None,
    ) -> Chart | None:
        """Return the chart of one file; None also where its program's file is broken."""
        before = len(self._found)
        data = self._load("chart", document)
        if data is None:
            return None
        chart_type = ChartType(data["type"])
        expires = (
            None
            if data["expires"] == "never"
            else self._date(data["expires"], document, ("expires",))
        )
        self._check_program(key, data["program"], document, programs)
        if any(found.severity is Severity.ERROR for found in self._found[before:]):
            self._broken.add(document.path)
            return None
        if data["program"] not in programs or ("accuracy" not in data and defaults is None):
            return None
        return Chart(
            id=key,
            title=data["title"],
            description=data["description"],
            type=chart_type,
            program=data["program"],
            counters=read_counters(data),
            exclusive=data.get("exclusive", chart_type is ChartType.HISTOGRAM),
            quantile=(
                read_fraction(data.get("quantile", "50%"))
                if chart_type is ChartType.HISTOGRAM
                else None
            ),
            depth=data.get("depth", 0),
            expected_shares=tuple(
                (bucket, read_fraction(share))
                for bucket, share in data.get("expected_shares", {}).items()
            ),
            issues=tuple(data["issues"]),
            owners=tuple(data["owners"]),
            since=data.get("since"),
            expires=expires,
            reason=data.get("reason"),
            accuracy=(
                read_accuracy(data["accuracy"])
                if "accuracy" in data
                else (defaults or {})[chart_type]
            ),
            has_own_accuracy="accuracy" in data,
            shortfall_accepted="shortfall" in data,
            ignores=tuple(
                Ignore(entry["code"], entry["reason"]) for entry in data.get("ignore", ())
            ),
            document=document,
        )

    def _check_program(
        self, key: str, program: str, document: Document, programs: Mapping[str, Program]
    ) -> None:
        folder = key.partition("/")[0]
        if program != folder:
            self._report(
                "CC202",
                f"the chart is in the folder of `{folder}` and says `program: {program}`",
                document,
                ("program",),
                f"write `program: {folder}`"
                + (f", or move the file to charts/{program}/" if program in programs else ""),
            )
        elif program not in programs and f"{self._root}programs/{program}.yaml" not in self._broken:
            self._report(
                "CC301",
                f"there is no program `{program}`",
                document,
                ("program",),
                f"write programs/{program}.yaml, or one of {', '.join(programs) or 'none yet'}",
            )

    def _check_names(self, data: Plain, document: Document) -> None:
        """Report names that clients would read differently, whatever else is wrong in the file."""
        if not isinstance(data, dict):
            return
        for key in ("counter", "numerator", "denominator"):
            name = data.get(key)
            if isinstance(name, str) and name and (why := why_name_refused(name)):
                message = f"the counter's name `{name}` {why}"
                self._report("CC203", message, document, (key,), suggested_name(name))
        buckets = data.get("buckets")
        if not isinstance(buckets, list):
            return
        name = data.get("counter")
        if isinstance(name, str) and ":" in name and not why_name_refused(name):
            self._report(
                "CC203",
                f"the counter's name `{name}` holds a bucket beside `buckets`",
                document,
                ("counter",),
                "move the bucket into `buckets`",
            )
        seen: dict[str, int] = {}
        for index, bucket in enumerate(buckets):
            if not isinstance(bucket, str) or not bucket:
                continue
            first = seen.setdefault(bucket, index)
            if why := why_bucket_refused(bucket):
                message = f"the bucket `{bucket}` {why}"
                hint = suggested_bucket(bucket)
                self._report("CC204", message, document, ("buckets", index), hint)
            elif first < index:
                self._report(
                    "CC205",
                    f"the bucket `{bucket}` is given twice",
                    document,
                    ("buckets", index),
                    "keep one of the two",
                    related=((locate(document, "buckets", first), "the first one"),),
                )

    def _with_population(
        self,
        programs: Mapping[str, Program],
        estimates: Mapping[str, Estimate],
        populations: Document,
    ) -> dict[str, Program]:
        """Return the programs whose population is known; report the others."""
        known = {}
        for key, program in programs.items():
            if program.population in estimates:
                known[key] = program
            elif populations.path not in self._broken:
                self._broken.add(program.document.path)
                self._report(
                    "CC407",
                    f"populations.yaml does not say how many installations run `{key}`",
                    program.document,
                    ("population",) if program.population != key else ("title",),
                    f"write an entry `{program.population}` there, or name one in `population`",
                )
        return known

    def _date(self, text: str, document: Document, path: tuple[str, ...]) -> date | None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            self._report(
                "CC604",
                f"{text} is no day of the calendar",
                document,
                path,
                "write a date such as 2027-11-01",
            )
            return None

    def _report(
        self,
        code: str,
        message: str,
        document: Document,
        path: tuple[str | int, ...] | None = None,
        hint: str | None = None,
        *,
        related: tuple[tuple[Span, str], ...] = (),
    ) -> None:
        span = document.span(0, 0) if path is None else locate(document, *path)
        self._found.append(report(code, message, span, hint=hint, related=related))
