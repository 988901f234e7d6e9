"""A pytest plugin for mutants: the likeliest tests first, not all of them, and none forever.

The tests of a mutant's own module are run, and of the others that pass there the quickest, until
they have taken some seconds: what takes a test long is seldom what a mutant breaks. A mutant may
also loop, or take all memory: each test has twenty times the time that it took before.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEMORY = 4 << 30
_ENOUGH = 4.0
"""Seconds after which no more tests of other modules are run."""
_LEAST, _TIMES = 5.0, 20
"""Seconds of processor time that a test has at least, and times what it took."""


def _durations() -> dict[str, float]:
    with suppress(FileNotFoundError):
        stats = json.loads(Path("mutmut-stats.json").read_bytes())
        return {name: float(took) for name, took in stats["duration_by_test"].items()}
    return {}


_took = _durations()


def pytest_configure() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    function = os.environ.get("MUTANT_UNDER_TEST", "").split(".")  # chartconfig.sampling.module.x
    own = f"/test_{function[2]}" if len(function) > 2 else "/"
    items.sort(key=lambda item: (own not in item.nodeid, _took.get(item.nodeid, 0.0)))
    so_far = accumulate(_took.get(item.nodeid, 0.0) for item in items)
    items[:] = [
        item
        for item, took in zip(items, so_far, strict=True)
        if own in item.nodeid or took < _ENOUGH
    ]


def pytest_runtest_setup() -> None:
    """Forget what was computed before, or else no test but the first would pass there."""
    for name, module in sys.modules.items():
        if name.startswith("chartconfig.sampling."):
            for cached in vars(module).values():
                getattr(cached, "cache_clear", lambda: None)()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    def stop(*_: object) -> None:
        pytest.fail("too slow")

    if item.nodeid in _took:
        signal.signal(signal.SIGPROF, stop)
        signal.setitimer(signal.ITIMER_PROF, max(_LEAST, _TIMES * _took[item.nodeid]))
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
