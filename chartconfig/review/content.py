r"""What is approved: the meaning of a chart, or what a file says, in one canonical form.

    {"accuracy":{"confidence":"99/100","for_each":[],"groups":null,"kind":"margin", ... },
    "counters":[{"buckets":["vscode","neovim","other"],"name":"gopls/client"}],
    "depth":0,"description":"Decides which ...","exclusive":false,"expires":"2027-11-01", ... }

An approval names the digest of this form, so what it leaves out may change under an approval, and
what it holds may not. `chartconfig approve` shows the form's differences before it signs.

Bytes
-----
    digest = "sha256:" lower-case hex SHA-256 of ( "chartconfig/content/v1\n" kind "\n" form )
    kind   = "chart" | "file"
    form   = JSON: keys sorted, no spaces, non-ASCII escaped as \uXXXX, no last newline

What counts in a chart
----------------------
The program's full name; the type; each counter's name; buckets, in their order; exclusive,
quantile, depth; the accuracy that holds, with every default in it, whether the chart says it, or
collection.yaml for all of its type; since, expires, and the reason for never; title and
description; issues and owners; expected_shares; shortfall; each ignore with its reason.

What does not count
-------------------
- Comments, quotes, the order of keys, block or flow style, line ends: all that YAML does not tell.
- White space in title, description and reasons: any run of it is one space, none at the ends.
- The order of issues, owners, expected_shares, ignores and for_each.
- How a number is spelled: 1% is 0.01. Keys that are left out and those that say the default.
- The chart's id, which the approval names itself, and the file that it stands in.

What other files say
--------------------
Of a YAML file the form is all that it says, as JSON would have it: comments, quotes and the order
of keys do not count; the spelling of values and the order of lists do. Of allowed_signers and
revoked_keys it is every byte.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from fractions import Fraction
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from chartconfig.source.nodes import plain
from chartconfig.source.yaml import compose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chartconfig.charts.chart import Chart
    from chartconfig.charts.repository import Repository
    from chartconfig.sampling.accuracy import Accuracy
    from chartconfig.source.document import Document

SIGNERS: Final = "allowed_signers"
REVOKED: Final = "revoked_keys"
POLICY: Final = "policy.yaml"
CONTROL: Final = (POLICY, SIGNERS, REVOKED)
"""The files that say whose approval counts."""
SHARED: Final = ("collection.yaml", "populations.yaml", "versions.lock.yaml", "retired.yaml")

_KINDS: Final = {
    "Margin": "margin",
    "RelativeMargin": "relative_margin",
    "Detect": "detect",
    "DistributionMargin": "distribution_margin",
    "Change": "change",
}


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What can be approved: a chart, or a file beside the charts."""

    name: str
    """The id of a chart, or the path of a file below configs/."""
    is_chart: bool

    def __str__(self) -> str:
        """Return it as statements have it."""
        return f"chart {self.name}" if self.is_chart else self.name

    @property
    def path(self) -> str:
        """The path of its file below configs/."""
        return f"charts/{self.name}.yaml" if self.is_chart else self.name


Content = dict[str, Any]
"""What counts of a subject, as JSON would have it."""


def contents(
    repository: Repository, documents: Iterable[Document], raw: Mapping[str, bytes], *, root: str
) -> dict[Subject, Content]:
    """Return every subject of a config repository with what counts of it.

    retracted.yaml is none of them: who may release may also withdraw, at once.

    Args:
        repository: What the documents say.
        documents: Every YAML file, free of errors.
        raw: The files of keys that there are, by name.
        root: The folder that holds collection.yaml, as the documents' paths spell it.
    """
    found = {
        Subject(chart.id, is_chart=True): chart_content(chart, repository)
        for chart in repository.charts
    }
    for document in documents:
        name = document.path.removeprefix(f"{root}/")
        if name in SHARED or name == POLICY or name.startswith("programs/"):
            found[Subject(name, is_chart=False)] = file_content(document)
    for name, data in raw.items():
        found[Subject(name, is_chart=False)] = {"text": data.decode("latin-1")}
    return found


def digest(subject: Subject, content: Content) -> str:
    """Return the digest of what counts of a subject."""
    form = json.dumps(content, sort_keys=True, separators=(",", ":"))
    kind = "chart" if subject.is_chart else "file"
    text = f"chartconfig/content/v1\n{kind}\n{form}"
    return f"sha256:{sha256(text.encode('ascii')).hexdigest()}"


def chart_content(chart: Chart, repository: Repository) -> Content:
    """Return what counts of a chart."""
    return {
        "title": _spaced(chart.title),
        "description": _spaced(chart.description),
        "type": chart.type.value,
        "program": repository.program(chart).name,
        "counters": [{"name": each.name, "buckets": [*each.buckets]} for each in chart.counters],
        "exclusive": chart.exclusive,
        "quantile": _plain(chart.quantile),
        "depth": chart.depth,
        "expected_shares": {bucket: str(share) for bucket, share in chart.expected_shares},
        "issues": sorted(chart.issues),
        "owners": sorted(chart.owners),
        "since": chart.since,
        "expires": "never" if chart.expires is None else chart.expires.isoformat(),
        "reason": None if chart.reason is None else _spaced(chart.reason),
        "accuracy": _accuracy(chart.accuracy),
        "shortfall": "accept" if chart.shortfall_accepted else None,
        "ignore": sorted([each.code, _spaced(each.reason)] for each in chart.ignores),
    }


def file_content(document: Document) -> Content:
    """Return what counts of a YAML file that is no chart."""
    node, _ = compose(document)
    data = None if node is None else plain(node)
    return data if isinstance(data, dict) else {"": data}


def differences(before: Content | None, after: Content | None) -> Iterator[tuple[str, str, str]]:
    """Yield what is different of what counts: where, what it was and what it is, "" for nothing."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    for key in dict.fromkeys((*old, *new)):
        if old.get(key) != new.get(key):
            yield key, old.get(key, ""), new.get(key, "")


def _leaves(content: Any, path: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - as JSON
    """Yield each value that has no parts, or a list of such, by its path."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _leaves(value, f"{path}.{key}" if path else key)
    elif isinstance(content, list) and any(isinstance(each, dict | list) for each in content):
        for at, value in enumerate(content):
            yield from _leaves(value, f"{path}[{at}]")
    elif isinstance(content, list):
        yield path, f"[{', '.join(map(str, content))}]"
    elif content is not None:
        yield path, str(content).lower() if isinstance(content, bool) else str(content)


def _accuracy(accuracy: Accuracy) -> Content:
    """Return an accuracy with all that holds by default."""
    told: Content = {"kind": _KINDS[type(accuracy).__name__]}
    for field in fields(accuracy):
        value = getattr(accuracy, field.name)
        told[field.name] = sorted(value) if isinstance(value, tuple) else _plain(value)
    return told


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Fraction) else value


def _spaced(text: str) -> str:
    return " ".join(text.split())
