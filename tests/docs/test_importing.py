"""docs/importing.md: its file is imported, and its commands print what it shows."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from tests.cli.command import ROOT
from tests.docs.page import run_page

PAGE = ROOT / "docs/importing.md"


def test_prints_what_the_page_shows(tmp_path: Path, *, update_golden: bool) -> None:
    page = PAGE.read_text(encoding="utf-8")
    file = re.search(r"^```text\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert file is not None
    (tmp_path / "hello.txt").write_text(file[1], encoding="utf-8")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shown = run_page(page, tmp_path, os.environ | {"PATH": path, "COLUMNS": "100"})
    shown = re.sub(r"^expires: [0-9-]+  #", "expires: 2027-11-21  #", shown, flags=re.MULTILINE)
    if update_golden:
        PAGE.write_text(shown, encoding="utf-8")
        page = shown
    assert shown == page
