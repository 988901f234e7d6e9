"""Write docs/diagnostics/ anew from the catalogue; run by `make docs`."""

from __future__ import annotations

from pathlib import Path

from chartconfig.diagnostics.catalogue import RULES
from chartconfig.diagnostics.page import pages

FOLDER = Path(__file__).parent / "diagnostics"


def main() -> None:
    """Write the pages, and delete those of codes that are gone."""
    written = pages(RULES.values())
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.md"):
        if path.name not in written:
            path.unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
