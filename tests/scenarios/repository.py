"""A small config repository without findings, for tests to change and check."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from chartconfig.diagnostics.render import text
from chartconfig.pipeline import Checked, check
from chartconfig.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartconfig.diagnostics.diagnostic import Diagnostic

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 20)
CLIENT = "configs/charts/gopls/client.yaml"

Files = dict[str, bytes]


def read(folder: Path) -> Files:
    """Return the YAML files below a folder, by path."""
    files = sorted(folder.rglob("*.yaml"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


BASE = read(ROOT / "tests" / "diagnostics" / "base")


def documents(files: Mapping[str, bytes]) -> list[Document]:
    return [Document(path=path, data=data) for path, data in files.items()]


def checked(files: Mapping[str, bytes], *, on: date = TODAY) -> Checked:
    return check(documents(files), on=on)


def found(files: Mapping[str, bytes], *, on: date = TODAY) -> tuple[Diagnostic, ...]:
    return checked(files, on=on).diagnostics


def codes(files: Mapping[str, bytes], *, on: date = TODAY) -> list[str]:
    return [diagnostic.code for diagnostic in found(files, on=on)]


def rendered(files: Mapping[str, bytes], *, on: date = TODAY) -> str:
    """Return every finding as `check` prints it to a pipe."""
    return text(found(files, on=on), {each.path: each for each in documents(files)})


def with_keys(files: Mapping[str, bytes], path: str, keys: str) -> Files:
    """Return the files, one of them with some top-level keys written anew, each in its place.

    New keys go to the end of the file. What starts with a comment or a directive is the whole file.
    """
    if keys.startswith(("#", "%")) or path not in files:
        return {**files, path: keys.encode()}
    written = _blocks(keys)
    kept = _blocks(files[path].decode())
    merged = {key: written.pop(key, block) for key, block in kept.items()} | written
    return {**files, path: "".join(merged.values()).encode()}


def without_keys(files: Mapping[str, bytes], path: str, *keys: str) -> Files:
    """Return the files, one of them without some of its top-level keys."""
    kept = _blocks(files[path].decode())
    return {**files, path: "".join(kept[key] for key in kept if key not in keys).encode()}


def _blocks(text: str) -> dict[str, str]:
    """Return each top-level key with the lines that it takes; a repeated key with its first."""
    blocks: dict[str, str] = {}
    for block in filter(None, re.split(r"^(?=[^\s])", text, flags=re.MULTILINE)):
        key = block.partition(":")[0]
        blocks[key] = blocks.get(key, "") + block
    return blocks
