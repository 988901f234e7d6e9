"""Publish 600 releases to one site, and compare what the first and the last ones take.

`python -m benchmarks.publishing` says how long release 11 and release 601 take, disk included.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from unittest import mock

from chartconfig.edge.store import open_store
from chartconfig.module.gomod import GoMod, encode_go_mod
from chartconfig.pipeline import pack
from chartconfig.tlog.note import generate
from chartconfig.tlog.publish import plan

NAME = "example.com/log"
KEY = generate(NAME, bytes(32))
FILES = {"config.json": b"{}", "go.mod": encode_go_mod(GoMod(module="example.com/config"))}
TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
EARLY, LATE = 11, 601
"""The releases that are compared, by number from 1."""
_AROUND = 7


def publish(site: Path, number: int) -> float:
    """Publish a release, and return the seconds that it took."""
    release = pack(FILES, version=f"v1.{number}.0", time=TIME)
    start = time.perf_counter()
    with open_store(site) as store:
        for write in plan(release, name=NAME, signers=(KEY,), store=store):
            store.write(write)
    return time.perf_counter() - start


def seconds_early_and_late() -> tuple[float, float]:
    """Return what release 11 and release 601 take: the medians of them and those around them."""
    taken = {}
    with tempfile.TemporaryDirectory(prefix="chartconfig.") as directory:
        site = Path(directory, "site")
        for number in range(1, LATE + _AROUND):
            if min(abs(number - EARLY), abs(number - LATE)) < _AROUND:
                taken[number] = publish(site, number)
            else:  # only to be there
                with mock.patch.object(os, "fsync"):
                    publish(site, number)
    early, late = (
        median(taken[number] for number in range(around - _AROUND + 1, around + _AROUND))
        for around in (EARLY, LATE)
    )
    return early, late


if __name__ == "__main__":
    sys.stdout.write(
        "{:.3f} s for release 11, {:.3f} s for release 601\n".format(*seconds_early_and_late())
    )
