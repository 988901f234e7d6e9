"""A site that is read from a server, and what is said where it cannot be."""

from __future__ import annotations

import pytest

from chartconfig.edge.fetch import FetchError, open_site
from tests.sites import FOLDER

LIST = "example.org/telemetry/config/@v/list"
LATEST = f"{FOLDER}/latest"


def refusal(place: str, path: str, *, seconds: float = 20) -> str:
    with pytest.raises(FetchError) as caught:
        open_site(place, seconds=seconds)(path)
    assert caught.value.diagnostic.code == "CC929"
    return caught.value.diagnostic.message
