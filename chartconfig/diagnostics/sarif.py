"""SARIF 2.1.0, for GitHub code scanning and other viewers.

A log has one run, and is ASCII: a terminal obeys some of what JSON leaves as it is.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartconfig.diagnostics.catalogue import RULES
from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.diagnostics.page import page, visible
from chartconfig.diagnostics.render import in_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chartconfig.diagnostics.diagnostic import Diagnostic, Span

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_URI_AS_IS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What results of one rule have in common."""

    name: str
    level: str
    """`error`, `warning` or `note`."""
    short: str
    full: str
    markdown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One thing that was found."""

    rule: str
    """The id of its kind."""
    level: str
    lines: tuple[str, ...]
    """What is told; the first line and the path tell it from others, wherever its line moves."""
    span: Span | None
    related: tuple[tuple[Span, str], ...] = ()


def sarif(diagnostics: Iterable[Diagnostic], *, version: str, nowhere: str) -> str:
    """Return diagnostics as a log; the arguments are those of `log`."""
    found = in_order(diagnostics)
    kinds = {}
    for code in sorted({each.code for each in found}):
        rule = RULES[code]
        kinds[code] = Kind(
            name=rule.name,
            level=_LEVEL[rule.severity],
            short=rule.finds,
            full=rule.why,
            markdown=page(rule),
        )
    results = [
        Result(
            rule=each.code,
            level=_LEVEL[each.severity],
            lines=(each.message, each.hint) if each.hint else (each.message,),
            span=each.span,
            related=each.related,
        )
        for each in found
    ]
    return log(results, kinds, version=version, nowhere=nowhere)


def log(results: Iterable[Result], kinds: Mapping[str, Kind], *, version: str, nowhere: str) -> str:
    """Return a log; ends with a newline.

    Args:
        results: In the order of the log.
        kinds: The kinds of all of them, by id.
        version: chartconfig's own.
        nowhere: The path shown for a result that no file is to blame for, such as
            `configs/collection.yaml`; GitHub refuses a result that has no location.
    """
    indexes = {each: index for index, each in enumerate(kinds)}
    seen: Counter[str] = Counter()
    told = []
    for result in results:
        key = _fingerprint(result)
        seen[key] += 1
        told.append(
            {
                "ruleId": result.rule,
                "ruleIndex": indexes[result.rule],
                "level": result.level,
                "message": {"text": "\n".join(visible(line) for line in result.lines)},
                "locations": [_location(result.span, nowhere)],
                "relatedLocations": [
                    {**_location(span, nowhere), "id": index, "message": {"text": visible(what)}}
                    for index, (span, what) in enumerate(result.related)
                ],
                # upload-sarif adds GitHub's own, from the lines; this one outlives a moved line.
                "partialFingerprints": {"chartconfig/v1": f"{key}:{seen[key]}"},
            }
        )
    rules = [_rule(each, kind) for each, kind in kinds.items()]
    driver = {"name": "chartconfig", "version": version, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": told}
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, ensure_ascii=True, indent=2) + "\n"


def _fingerprint(result: Result) -> str:
    path = result.span.path if result.span else ""
    told = f"{result.rule}\n{path}\n{result.lines[0]}"
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _location(span: Span | None, nowhere: str) -> dict[str, object]:
    physical: dict[str, object] = {
        "artifactLocation": {"uri": _uri(span.path if span else nowhere)}
    }
    if span:
        physical["region"] = {
            "startLine": span.start.line,
            "startColumn": span.start.column,
            "endLine": span.end.line,
            "endColumn": span.end.column,
        }
    return {"physicalLocation": physical}


def _uri(path: str) -> str:
    encoded = path.encode("utf-8", "surrogatepass")
    return "".join(chr(byte) if byte in _URI_AS_IS else f"%{byte:02X}" for byte in encoded)


def _rule(name: str, kind: Kind) -> dict[str, object]:
    return {
        "id": name,
        "name": kind.name,
        "shortDescription": {"text": kind.short},
        "fullDescription": {"text": kind.full},
        "help": {"text": kind.full, "markdown": kind.markdown},
        "defaultConfiguration": {"level": kind.level},
    }
