"""Options and fixtures of all tests."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import hypothesis
import pytest

# The same examples every time, so that a change is judged by itself; tests/fuzz/ seeks new ones.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.load_profile("steady")

# What a shell starts in the background ignores interrupts, and so would the commands under test.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="Write what is expected anew from what is there; the diff is the review.",
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture
def golden(*, update_golden: bool) -> Callable[[Path, bytes], None]:
    """Return what compares bytes with a file, or writes them to it."""

    def compare(path: Path, data: bytes) -> None:
        if update_golden:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        assert path.read_bytes() == data, f"{path.name} is another; see pytest --update-golden"

    return compare
