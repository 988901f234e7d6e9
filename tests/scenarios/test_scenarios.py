"""Every page of this folder: prose, changes to a config repository, and what check says of them.

A section is a scenario. Its blocks of YAML name a file of tests/diagnostics/base, which has no
findings, and stand in place of the same top-level keys there; a block that starts with a comment
or a directive is a whole file. The block of text is what check then prints, to the letter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.scenarios.repository import BASE, codes, found, rendered, with_keys

_BLOCK = re.compile(r"^```(yaml (?P<path>\S+)|text)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    page: Path
    name: str
    changes: tuple[tuple[str, str], ...]
    expected: str


def scenarios() -> list[Scenario]:
    found = []
    for page in sorted(Path(__file__).parent.glob("*.md")):
        for section in page.read_text(encoding="utf-8").split("\n## ")[1:]:
            blocks = list(_BLOCK.finditer(section))
            found.append(
                Scenario(
                    page=page,
                    name=f"{page.stem}: {section.partition(chr(10))[0]}",
                    changes=tuple((block["path"], block["text"]) for block in blocks[:-1]),
                    expected=blocks[-1]["text"],
                )
            )
    return found


ALL = scenarios()


def test_the_base_has_no_findings() -> None:
    assert codes(BASE) == []


@pytest.mark.parametrize("scenario", ALL, ids=[scenario.name for scenario in ALL])
def test_check_says_what_the_page_says(scenario: Scenario, *, update_golden: bool) -> None:
    files = BASE
    for path, keys in scenario.changes:
        files = with_keys(files, path, keys)
    printed = f"{rendered(files).rstrip()}\n".lstrip()
    if update_golden:
        heading = f"## {scenario.name.partition(': ')[2]}\n"
        before, _, section = scenario.page.read_text(encoding="utf-8").partition(heading)
        section = section.replace(f"```text\n{scenario.expected}", f"```text\n{printed}", 1)
        scenario.page.write_text(f"{before}{heading}{section}", encoding="utf-8")
    else:
        assert printed == scenario.expected
    diagnostics = found(files)
    assert all(diagnostic.hint for diagnostic in diagnostics)
    if scenario.name.startswith("bad-input"):
        assert len(diagnostics) == 1
