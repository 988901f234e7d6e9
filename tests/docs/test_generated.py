"""The generated pages are those that the schemas and the catalogue give."""

from __future__ import annotations

from pathlib import Path

from docs.generate import files

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_all_keys_is_up_to_date() -> None:
    written = (DOCS / "formats/files.md").read_text(encoding="utf-8")
    assert written == files(), "run `make docs`"
