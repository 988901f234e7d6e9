"""Checks on buckets: each is a fixed word of the program, nothing that says whose machine it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartconfig.diagnostics.catalogue import report
from chartconfig.source.yaml import locate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartconfig.charts.repository import Repository
    from chartconfig.diagnostics.diagnostic import Diagnostic

_LONGEST_WORD = 64
_MOST_WORDS = 8
_ADDRESS = re.compile(
    r"[^@]+@[^@]+\.[^@]+|(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.(?!$)|$)){4}"
)
_PATH = re.compile(r"(?:\.{0,2}|~[^/]*)/|.*\\|(?:[^/]+/){2,}|.*/[^/]+\.[a-z]{1,4}$")
_HOST = re.compile(
    r"localhost|www\..+|(?:[a-z0-9-]+\.)+"
    r"(?:com|org|net|edu|gov|io|dev|app|cloud|local|localdomain|internal|intranet|corp|lan|home)",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(r"<[A-Za-z_-]+>|%[sdvqx]|\$[A-Za-z({]|\*")
_PERSON = re.compile(r"[@~][A-Za-z]|(?:user|username|login|uid)[=-].", re.IGNORECASE)
_DIGEST = re.compile(
    r"(?=.*[0-9])[0-9a-f]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE
)

_HINT = "list the fixed words that the program counts; what a user typed or has is not collected"


def bucket_says_who(repository: Repository) -> Iterator[Diagnostic]:
    """CC501 to CC507: buckets that look like a path, host, address, person or free text."""
    for chart in repository.charts:
        handles = {owner.lstrip("@").casefold() for owner in chart.owners}
        for index, bucket in enumerate(chart.counters[0].buckets):
            if looks := _looks_like(bucket, handles):
                code, what = looks
                yield report(
                    code,
                    f"the bucket `{bucket}` looks like {what}",
                    locate(chart.document, "buckets", index),
                    hint=_HINT,
                )


def too_many_buckets(repository: Repository) -> Iterator[Diagnostic]:
    """CC505 `too-many-buckets`: more buckets than the budget of one chart."""
    most = repository.collection.max_buckets
    for chart in repository.charts:
        if len(chart.counters[0].buckets) > most:
            yield report(
                "CC505",
                f"{len(chart.counters[0].buckets)} buckets; one chart may have {most}",
                locate(chart.document, "buckets"),
                hint="merge what the decision does not tell apart, or raise `max_buckets` "
                "in collection.yaml",
            )


def _looks_like(bucket: str, handles: set[str]) -> tuple[str, str] | None:
    if _ADDRESS.fullmatch(bucket):
        return "CC503", "a mail or network address"
    if _PLACEHOLDER.search(bucket):
        return "CC507", "a placeholder, and clients match names exactly"
    if _PATH.match(bucket):
        return "CC501", "a path"
    if _HOST.fullmatch(bucket):
        return "CC502", "a host"
    if _PERSON.match(bucket) or bucket.casefold() in handles:
        return "CC506", "somebody's name"
    words = len(re.findall(r"[A-Za-z]+", bucket))
    if len(bucket) > _LONGEST_WORD or words > _MOST_WORDS or bucket[-1] in "?!;":
        return "CC504", "free text"
    if _DIGEST.fullmatch(bucket):
        return "CC504", "a digest or an identifier"
    return None


CHECKS = (bucket_says_who, too_many_buckets)
