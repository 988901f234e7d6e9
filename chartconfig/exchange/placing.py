"""Drafts to the files of a config repository: a new one, or one that is there already.

Nothing that is there is changed, but that populations.yaml and versions.lock.yaml get entries for
programs that they do not know. What nobody has said is filled in so that the charts can be
compiled, marked where it stands, and reported.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from chartconfig.charts import placeholder
from chartconfig.charts.chart import ChartType
from chartconfig.charts.lock import encode_entry
from chartconfig.charts.versions import Known
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.render import counted
from chartconfig.exchange.from_records import longest
from chartconfig.exchange.naming import chart_id, program_id
from chartconfig.exchange.placed import Placed, PlacedChart
from chartconfig.exchange.writing import above, at_end, entries, entry, listed, scalar
from chartconfig.module.padding import Padding
from chartconfig.module.version import Scheme
from chartconfig.source.schema import schema_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from fractions import Fraction

    from chartconfig.charts.chart import Chart
    from chartconfig.charts.program import Program
    from chartconfig.charts.repository import Repository
    from chartconfig.diagnostics.diagnostic import Diagnostic, Span
    from chartconfig.exchange.draft import DraftChart, DraftProgram, Drafts, Item
    from chartconfig.exchange.placed import Wishes

ASSUMED = "assumed by chartconfig import"
_UNKNOWN_RELEASE = "v1.0.0"
_UNKNOWN_TOOLCHAIN = ("go1.25.0", "go1.26.0")
_CONFIDENCE = "95%"
_IMPORTED = "the config that was imported"
_LANGUAGE = re.compile(r"go1\.(?:2[1-9]|[3-9][0-9]|[1-9][0-9]{2,})")
"""Of Go 1.21 and newer: the language, which no release is called by."""


def place(
    drafts: Drafts,
    wishes: Wishes,
    *,
    on: date,
    root: str = "configs",
    existing: Repository | None = None,
) -> Placed:
    """Return the files that drafts become.

    Args:
        drafts: Free of errors.
        wishes: What stands in every chart.
        on: The day that is written beside what was assumed.
        root: The folder that holds collection.yaml.
        existing: The repository that they are brought into; None for a new one.
    """
    placer = _Placer(drafts, wishes, on, root, existing)
    return placer.run()


@dataclass(slots=True)
class _Placer:
    """One pass over programs, then charts; `found` grows as it goes."""

    drafts: Drafts
    wishes: Wishes
    on: date
    root: str
    existing: Repository | None
    found: list[Diagnostic] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    """By the full names of programs."""

    def run(self) -> Placed:
        """Return everything."""
        known = {program.name: program for program in self._existing_programs()}
        taken = {program.id for program in known.values()}
        new: list[DraftProgram] = []
        for draft in self.drafts.programs:
            if (program := known.get(draft.name.text)) is not None:
                self._check_known(draft, program)
                made = program.id
            else:
                made = program_id(draft.name.text, taken)
                self._tell_id(draft, made, program_id(draft.name.text, ()))
                new.append(draft)
            self.ids[draft.name.text] = made
            taken.add(made)
        charts = tuple(self._charts())
        self._tell_filled_in(charts)
        programs = {
            f"{self.root}/programs/{self.ids[draft.name.text]}.yaml": self._program(draft)
            for draft in new
        }
        return Placed(
            charts=charts,
            programs=programs,
            populations="".join(
                self._population(draft) for draft in new if self._lacks(draft, "estimates")
            ),
            versions={
                self.ids[draft.name.text]: self._versions(draft)
                for draft in new
                if draft.module is not None and self._lacks(draft, "versions")
            },
            toolchain=self._toolchain(),
            diagnostics=tuple(self.found),
        )

    def _existing_programs(self) -> Iterable[Program]:
        return self.existing.programs.values() if self.existing else ()

    def _check_known(self, draft: DraftProgram, program: Program) -> None:
        if draft.module_known and draft.module != program.module:
            self._report(
                "CC132",
                f"`{draft.name.text}` is in the module `{draft.module}` here, and in "
                f"`{program.module}` in {program.document.path}",
                draft.name.span,
                "name the module that holds the program",
            )

    def _tell_id(self, draft: DraftProgram, made: str, wanted: str) -> None:
        if made != wanted:
            self._report(
                "CC133",
                f"`{draft.name.text}` becomes the program `{made}`: `{wanted}` is another",
                draft.name.span,
                f"rename programs/{made}.yaml and charts/{made}/ if another id is better",
            )

    def _charts(self) -> Iterable[PlacedChart]:
        """Yield the charts, each counter once."""
        taken: defaultdict[str, set[str]] = defaultdict(set)
        for chart in self.existing.charts if self.existing else ():
            taken[chart.program].add(chart.id.partition("/")[2])
        before = self._charted()
        seen: dict[tuple[str, str], DraftChart] = {}
        kept: list[DraftChart] = []
        for draft in self.drafts.charts:
            if self._is_repeated(draft, seen) or self._is_there(draft, before, kept):
                continue
            program = self.ids[draft.program.text]
            name = chart_id(draft.counter.text, draft.title.text, taken[program])
            if name != (wanted := chart_id(draft.counter.text, draft.title.text, ())):
                self._report(
                    "CC133",
                    f"the chart becomes `{program}/{name}`: `{program}/{wanted}` is another",
                    draft.counter.span,
                    "rename its file if another id is better",
                )
            taken[program].add(name)
            path = f"{self.root}/charts/{program}/{name}.yaml"
            yield PlacedChart(path=path, text=self._chart(draft, path), draft=draft)
        if kept:
            self._report(
                "CC138",
                f"{counted(len(kept), 'chart')} of the file {'is' if len(kept) == 1 else 'are'} "
                "there already: nothing is written for them",
                kept[0].counter.span,
                "nothing is to be done",
            )

    def _charted(self) -> dict[tuple[str, str], Chart]:
        """Return the charts that are there, by program and counter; a ratio shares its own."""
        if self.existing is None:
            return {}
        return {
            (self.existing.program(chart).name, event): chart
            for chart in self.existing.charts
            if chart.type is not ChartType.RATIO
            for event in chart.counters[0].events
        }

    def _is_repeated(self, draft: DraftChart, seen: dict[tuple[str, str], DraftChart]) -> bool:
        """Return whether a counter is in a chart before, which is reported."""
        keys = [(draft.program.text, event) for event in draft.events]
        first = next(filter(None, map(seen.get, keys)), None)
        for key in keys:
            seen.setdefault(key, draft)
        if first is None:
            return False
        same = (first.type, first.depth and first.depth.text, set(first.events)) == (
            *(draft.type, draft.depth and draft.depth.text, set(draft.events)),
        )
        self._report(
            "CC133" if same else "CC132",
            f"`{draft.counter.text}` is charted before"
            + (": this chart is left out" if same else ", in another way"),
            draft.counter.span,
            "keep one of the two" + ("" if same else ", with all buckets of both"),
            ((first.counter.span, "the first one"),),
        )
        return True

    def _is_there(
        self,
        draft: DraftChart,
        before: Mapping[tuple[str, str], Chart],
        kept: list[DraftChart],
    ) -> bool:
        """Return whether a counter is in a chart that is there, which stays as it is."""
        keys = ((draft.program.text, event) for event in draft.events)
        chart = next(filter(None, map(before.get, keys)), None)
        if chart is None:
            return False
        if (chart.type is ChartType.STACK) == (draft.type is ChartType.STACK) and set(
            chart.counters[0].events
        ) == set(draft.events):
            kept.append(draft)
        else:
            self._report(
                "CC133",
                f"`{draft.counter.text}` is charted otherwise in {chart.document.path}, which "
                "stays as it is",
                draft.counter.span,
                "compare the two",
            )
        return True

    def _tell_filled_in(self, charts: tuple[PlacedChart, ...]) -> None:
        """Report the keys that nobody has given: of all charts at once, or of one."""
        if not charts:
            return
        keys = [*([] if self.wishes.owner else ["owners"])]
        keys += ["expires"] if self.wishes.expires_assumed else []
        missing = {
            "description": [chart for chart in charts if chart.draft.description is None],
            "issues": [chart for chart in charts if not chart.draft.issues],
        }
        keys += [key for key, lacking in missing.items() if len(lacking) == len(charts) > 1]
        if keys:
            self._report(
                "CC135",
                f"{_joined(keys)} of {counted(len(charts), 'chart')} {_were(keys)} filled in",
                charts[0].draft.title.span,
                "replace them; `--owner HANDLE` and `--expires DATE` write others into all",
            )
        for chart in charts:
            own = [key for key, lacking in missing.items() if chart in lacking and key not in keys]
            if own:
                self._report(
                    "CC135",
                    f"{_joined(own)} of the chart {_were(own)} filled in",
                    chart.draft.title.span,
                    f"replace what stands in {chart.path}",
                )

    def _chart(self, draft: DraftChart, path: str) -> str:
        """Return the YAML of a chart."""
        text = f"{schema_line('chart', path)}\n"
        text += entry("title", draft.title)
        if draft.description is not None:
            text += entry("description", draft.description)
        else:
            text += f"description: {placeholder.DESCRIPTION}\n"
        text += entry("type", replace(draft.type_item, text=draft.type.value))
        text += entry("program", replace(draft.program, text=self.ids[draft.program.text]))
        text += entry("counter", draft.counter)
        if draft.buckets:
            text += entries("buckets", draft.buckets)
        if draft.depth is not None and draft.type is ChartType.STACK:
            depth = draft.depth
            text += f"{above(depth.before)}depth: {depth.text}{at_end(depth.comment)}\n"
        text += (
            entries("issues", draft.issues)
            if draft.issues
            else f"issues: [{placeholder.ISSUE}]  # {ASSUMED}\n"
        )
        owner = self.wishes.owner or placeholder.OWNER
        text += f"owners: {listed([owner])}" + ("" if self.wishes.owner else f"  # {ASSUMED}")
        text += "\n"
        if draft.since is not None:
            text += entry("since", self._since(draft, draft.since))
        marked = f"  # {ASSUMED}" if self.wishes.expires_assumed else ""
        text += f"expires: {self.wishes.expires}{marked}\n"
        if draft.margin is not None:
            margin, item = draft.margin
            self._report(
                "CC135",
                f"the margin of {exact_percent(margin)} holds with a confidence of {_CONFIDENCE}, "
                "which was filled in",
                item.span,
                f"write another into `accuracy` in {path}",
            )
            value = f"{{margin: {exact_percent(margin)}, confidence: {_CONFIDENCE}}}"
            text += f"{above(item.before)}accuracy: {value}{at_end(item.comment)}\n"
        return text + above(draft.after)

    def _since(self, draft: DraftChart, since: Item) -> Item:
        """Return the first version: that of the program, if the chart's is older."""
        known = self.existing.programs.get(self.ids[draft.program.text]) if self.existing else None
        if known is None or known.since is None or known.name != draft.program.text:
            return since
        key = known.scheme.sort_key
        if key(since.text) >= key(known.since):
            return since
        self._report(
            "CC133",
            f"{since.text} becomes {known.since}, from which on `{known.id}` counts",
            since.span,
            f"make `since` of {known.document.path} older if it does count before",
        )
        return replace(since, text=known.since)

    def _program(self, draft: DraftProgram) -> str:
        """Return the YAML of a program."""
        name = draft.name.text
        made = self.ids[name]
        path = f"{self.root}/programs/{made}.yaml"
        mine = [chart for chart in self.drafts.charts if chart.program.text == name]
        counters = (chart.counter.text for chart in mine)
        prefixes = dict.fromkeys(
            counter.partition(":")[0].partition("/")[0] for counter in counters
        )
        text = f"{schema_line('program', path)}\n"
        text += f"title: {scalar(name if len(name) <= longest('title') else made)}\n"
        text += f"name: {scalar(name)}\n"
        if draft.module is not None:
            comment = "" if draft.module_known else f"  # {ASSUMED}"
            if not draft.module_known:
                self._report(
                    "CC134",
                    f"the module of `{name}` is assumed to be `{draft.module}`",
                    draft.name.span,
                    f"correct `module` in {path}, the module whose versions the program has",
                )
            text += f"module: {scalar(draft.module)}{comment}\n"
        text += f"prefixes: {listed(tuple(prefixes) or (made,))}\n"
        if draft.since is not None:
            text += f"since: {scalar(draft.since)}\n"
        if draft.padding is not None and draft.padding != Padding():
            text += f"padding: {_spelled(draft.padding)}  # {ASSUMED}\n"
        return text + ("devel: true\n" if draft.devel else "")

    def _population(self, draft: DraftProgram) -> str:
        """Return the entry of a program in populations.yaml."""
        made = self.ids[draft.name.text]
        told = "300,000 to 1,000,000 installations"
        hint = "say how many there are in populations.yaml"
        if versions := self._assumed_versions(draft):
            word = "version" if len(versions) == 1 else "versions"
            told += f" and the {word} {', '.join(versions)}"
            hint += f", and run `chartconfig versions update {made}`"
        self._report("CC134", f"of `{draft.name.text}`, {told} are assumed", draft.name.span, hint)
        return placeholder.population(
            scalar(made), self.on, assumption="Assumed by chartconfig import; replace all of it."
        )

    def _lacks(self, draft: DraftProgram, what: str) -> bool:
        """Return whether nobody has written an entry of a new program, or a run that was killed."""
        there = self.existing
        if there is None:
            return True
        known = there.estimates if what == "estimates" else there.versions.programs
        return self.ids[draft.name.text] not in known

    def _assumed_versions(self, draft: DraftProgram) -> tuple[str, ...]:
        """Return what is assumed where the file does not list versions; else nothing."""
        if draft.module is None or (self.drafts.versions_known and draft.versions):
            return ()
        return draft.versions or (_UNKNOWN_RELEASE,)

    def _versions(self, draft: DraftProgram) -> str:
        """Return the entry of a program in versions.lock.yaml."""
        made = self.ids[draft.name.text]
        if assumed := self._assumed_versions(draft):
            source = f"{ASSUMED}, from the versions that charts name" if draft.versions else ASSUMED
            return self._entry(made, source, ahead=assumed)
        return self._entry(made, _IMPORTED, draft.versions, ahead=draft.ahead)

    def _toolchain(self) -> str:
        """Return the entry of the toolchain for a new versions.lock.yaml."""
        if self.drafts.versions_known and self.drafts.toolchain:
            return self._entry("toolchain", _IMPORTED, self.drafts.toolchain)
        named = (f"{v}.0" if _LANGUAGE.fullmatch(v) else v for v in self.drafts.toolchain)
        versions = sorted({*named, *_UNKNOWN_TOOLCHAIN}, key=Scheme.GO_TOOLCHAIN.sort_key)
        if self.existing is None:
            self._report(
                "CC134",
                f"the versions of Go are assumed: {', '.join(versions)}",
                self.drafts.programs[0].name.span,
                "run `chartconfig versions update toolchain`",
            )
        return self._entry("toolchain", ASSUMED, ahead=tuple(versions))

    def _entry(
        self,
        key: str,
        source: str,
        versions: tuple[str, ...] = (),
        *,
        ahead: tuple[str, ...] = (),
    ) -> str:
        """Return an entry of versions.lock.yaml.

        What is assumed is `ahead`: it is collected, and the first look-up replaces it.
        """
        on = self.on.isoformat()
        known = Known(source=source, updated=on, versions=versions, ahead=ahead)
        return encode_entry(key, known)

    def _report(
        self,
        code: str,
        message: str,
        span: Span,
        hint: str,
        related: tuple[tuple[Span, str], ...] = (),
    ) -> None:
        self.found.append(report(code, message, span, hint=hint, related=related))


def exact_percent(fraction: Fraction) -> str:
    """Return a fraction of at most fourteen digits as a chart has it, all of them.

    Examples:
        >>> from fractions import Fraction
        >>> exact_percent(Fraction("0.01")), exact_percent(Fraction("0.12345678901234"))
        ('1%', '12.345678901234%')
    """
    digits = f"{Decimal(int(fraction * 10**14)).scaleb(-12):f}"
    return f"{digits.rstrip('0').rstrip('.') if '.' in digits else digits}%"


def _joined(keys: Sequence[str]) -> str:
    """Return keys in words: `a`, `b` and `c`."""
    *others, last = (f"`{key}`" for key in keys)
    return f"{', '.join(others)} and {last}" if others else last


def _were(keys: Sequence[str]) -> str:
    return "was" if keys in (["description"], ["expires"]) else "were"


def _spelled(padding: Padding) -> str:
    said = {key: value for key, value in asdict(padding).items() if value is not None}
    return f"{{{', '.join(f'{key}: {value}' for key, value in said.items())}}}"
