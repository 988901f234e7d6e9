"""What docs/lifecycle.md shows is what its commands print, one after the other."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cli.command import BASE, ROOT
from tests.cli.releases import ALONE
from tests.docs.page import run_page
from tests.releases import released

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = ROOT / "docs/lifecycle.md"


def test_the_page_shows_what_is_printed(
    tmp_path: Path, golden: Callable[[Path, bytes], None]
) -> None:
    repository = tmp_path / "repository"
    shutil.copytree(BASE, repository)
    released(repository, "v1.0.0", at="2026-09-01T12:00:00Z")
    populations = repository / "configs/populations.yaml"
    text = populations.read_text("utf-8").replace("low: 300k", "low: 400k")
    populations.write_text(text, "utf-8")
    released(repository, "v1.0.1", at="2026-10-01T12:00:00Z")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = ALONE | {"PATH": path, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    page = run_page(PAGE.read_text(encoding="utf-8"), repository, environment)
    golden(PAGE, page.encode())
