"""The generated pages are those that catalogue, schemas and docstrings give."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.generate import every_page

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", sorted(every_page()))
def test_is_up_to_date(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == every_page()[name], "run `make docs`"
