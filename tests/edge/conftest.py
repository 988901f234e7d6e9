"""A server of a small site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.server import serving
from tests.sites import site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server import Server


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(site("v1.0.0").files) as running:
        yield running
