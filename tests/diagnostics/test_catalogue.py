"""The catalogue: its laws, its pages, and its examples, each of which shows what it says."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from chartconfig.diagnostics.catalogue import RETIRED, RULES
from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.diagnostics.page import page, pages
from chartconfig.pipeline import check
from chartconfig.source.document import Document

ROOT = Path(__file__).parents[2]
BASE = Path(__file__).parent / "base"
TODAY = date(2026, 11, 20)

SESSIONS = [rule.code for rule in RULES.values() if not rule.file]
"""Codes whose example is a shell session, for no text of one file shows them."""

ELSEWHERE = [
    *("CC609", "CC610"),
    *("CC701", "CC702", "CC703", "CC704", "CC707", "CC709"),
    *("CC105", "CC122", "CC123", "CC125"),
    *("CC321", "CC322", "CC323"),
    *("CC127", "CC128", "CC129", "CC130", "CC131", "CC132"),
    *("CC133", "CC134", "CC135", "CC136", "CC137", "CC138"),
    *(f"CC{number}" for number in range(801, 820) if number != 814),
    *("CC901", "CC902", "CC903", "CC904", "CC905", "CC906", "CC907", "CC908"),
    *("CC909", "CC910", "CC911", "CC912", "CC913", "CC914"),
    *("CC915", "CC916", "CC917", "CC918", "CC919", "CC920"),
    *("CC921", "CC922", "CC923", "CC924", "CC925", "CC926", "CC927", "CC928"),
    *("CC929", "CC930", "CC931", "CC932", "CC933", "CC934", "CC935", "CC936", "CC937", "CC938"),
    *("CC939", "CC940", "CC941", "CC942", "CC943"),
    *("CC946", "CC947"),
]
"""Those of them that documents alone do not show: the tests of what reports them do."""

COMPANIONS = {"CC413": {"CC411"}}
"""A margin that fine is met by no rate, so it comes with a shortfall."""

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def base() -> Files:
    files = sorted(BASE.rglob("*.yaml"))
    return {path.relative_to(BASE).as_posix(): path.read_bytes() for path in files}


def codes(files: Files) -> set[str]:
    documents = [Document(path=path, data=data) for path, data in files.items()]
    return {diagnostic.code for diagnostic in check(documents, on=TODAY).diagnostics}


def applied(base: Files, code: str, example: str) -> Files:
    """Return the base with the example's keys in place of the same keys of its file."""
    rule = RULES[code]
    path = f"configs/{rule.file}"
    text = "" if rule.whole else without(base[path].decode(), top_level(example))
    return base | {path: (text + example).encode("utf-8", "surrogateescape")}


def top_level(text: str) -> set[str]:
    return set(re.findall(r"^([a-z_][\w.-]*):", text, re.MULTILINE))


def without(text: str, keys: set[str]) -> str:
    """Return a YAML text without some of its top-level keys and what stands under them."""
    blocks = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
    return "".join(block for block in blocks if block.partition(":")[0] not in keys)


class TestRules:
    def test_are_in_the_order_of_their_codes(self) -> None:
        assert list(RULES) == sorted(RULES)

    def test_are_at_least_35(self) -> None:
        assert len(RULES) >= 35

    def test_have_names_of_their_own(self) -> None:
        assert len({rule.name for rule in RULES.values()}) == len(RULES)

    @pytest.mark.parametrize("code", RULES)
    def test_tell_everything(self, code: str) -> None:
        rule = RULES[code]
        assert re.fullmatch("CC[1-9][0-9]{2}", code)
        assert rule.code == code
        assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", rule.name)
        assert re.fullmatch(r"[A-Za-z`][^\n]+[^.]\.", rule.finds)
        assert re.fullmatch(r"[A-Z`][^\n]{80,}[^.]\.", rule.why)
        assert "  " not in rule.finds + rule.why
        assert rule.before != rule.after
        assert rule.before.endswith("\n")
        assert rule.after.endswith("\n")
        assert max(map(len, (rule.before + rule.after).splitlines())) <= 100

    @pytest.mark.parametrize("code", SESSIONS)
    def test_start_their_sessions_with_a_prompt(self, code: str) -> None:
        assert RULES[code].before.startswith("$ ")
        assert RULES[code].after.startswith("$ ")
        assert RULES[code].whole

    @pytest.mark.parametrize("code", RETIRED)
    def test_are_not_used_again_when_retired(self, code: str) -> None:
        retired = RETIRED[code]
        assert retired.code == code
        assert code not in RULES
        assert retired.name not in {rule.name for rule in RULES.values()}
        assert retired.see in RULES

    def test_let_only_findings_on_charts_be_ignored(self) -> None:
        ignorable_errors = {
            rule.code
            for rule in RULES.values()
            if rule.ignorable and rule.severity is Severity.ERROR
        }
        assert ignorable_errors == {"CC310"}
        assert not any(RULES[code].ignorable for code in RULES if code[2] in "19")


class TestExamples:
    def test_start_from_a_repository_without_findings(self, base: Files) -> None:
        assert codes(base) == set()

    @pytest.mark.parametrize("code", [code for code in RULES if code not in SESSIONS])
    def test_show_the_code_before_and_nothing_after(self, base: Files, code: str) -> None:
        rule = RULES[code]
        assert codes(applied(base, code, rule.before)) == {code} | COMPANIONS.get(code, set())
        assert codes(applied(base, code, rule.after)) == set()

    @pytest.mark.parametrize("code", [code for code in RULES if code not in SESSIONS])
    def test_every_error_is_found_where_not_all_is_asked_for(self, base: Files, code: str) -> None:
        files = applied(base, code, RULES[code].before)
        documents = [Document(path=path, data=data) for path, data in files.items()]
        in_full, in_part = (check(documents, on=TODAY, in_full=each) for each in (True, False))
        errors = [d for d in in_full.diagnostics if d.severity is Severity.ERROR]
        assert [d for d in in_part.diagnostics if d.severity is Severity.ERROR] == errors
        assert (in_part.compilable is None) == (in_full.compilable is None)

    def test_elsewhere_is_what_documents_do_not_show(self) -> None:
        shown = {"CC121", "CC124", "CC201", "CC301", "CC314"}
        assert set(SESSIONS) == shown | set(ELSEWHERE)

    def test_unexpected_file(self, base: Files) -> None:
        path = "configs/charts/gopls/package-loader.yaml"
        renamed = {path.replace(".yaml", ".yml"): base[path]}
        assert codes({**without_file(base, path), **renamed}) == {"CC121"}

    @pytest.mark.parametrize("name", ["collection.yaml", "populations.yaml", "versions.lock.yaml"])
    def test_missing_file(self, base: Files, name: str) -> None:
        assert codes(without_file(base, f"configs/{name}")) == {"CC124"}

    def test_id(self, base: Files) -> None:
        path = "configs/charts/gopls/client.yaml"
        renamed = {"configs/charts/gopls/Editor clients.yaml": base[path]}
        assert codes({**without_file(base, path), **renamed}) == {"CC201"}

    def test_unknown_program(self, base: Files) -> None:
        chart = base["configs/charts/gopls/client.yaml"]
        misspelled = chart.replace(b"program: gopls\n", b"program: gopsl\n")
        assert codes({**base, "configs/charts/gopsl/client.yaml": misspelled}) == {"CC301"}

    def test_program_without_charts(self, base: Files) -> None:
        program = base["configs/programs/compile.yaml"]
        added = program.replace(b"compile", b"vet")
        assert codes({**base, "configs/programs/vet.yaml": added}) == {"CC314"}


def without_file(files: Files, path: str) -> Files:
    return {name: data for name, data in files.items() if name != path}


class TestPages:
    def test_are_up_to_date(self) -> None:
        folder = ROOT / "docs" / "diagnostics"
        written = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
        assert written == pages(RULES.values(), RETIRED.values()), "run `make docs`"

    def test_one_of_a_chart(self) -> None:
        assert page(RULES["CC103"]) == (
            "# CC103 invisible-character\n\n"
            "Error. It cannot be ignored.\n\n"
            f"{RULES['CC103'].finds}\n\n"
            "## Why it matters\n\n"
            f"{RULES['CC103'].why}\n\n"
            "## Before\n\n"
            "In `charts/gopls/client.yaml`:\n\n"
            '```yaml\nbuckets: [vscode, "neo‹U+200B›vim", emacs, zed, other]\n```\n\n'
            "## After\n\n"
            "In `charts/gopls/client.yaml`:\n\n"
            "```yaml\nbuckets: [vscode, neovim, emacs, zed, other]\n```\n"
        )

    def test_one_of_a_session(self) -> None:
        assert page(RULES["CC314"]).endswith(
            "## After\n\n```console\n$ git rm configs/programs/vet.yaml\n```\n"
        )
        assert "Warning. It cannot be ignored." in page(RULES["CC314"])
        assert "A chart may ignore it: `ignore: [{code: CC206, reason: ...}]`." in page(
            RULES["CC206"]
        )

    def test_one_that_is_retired(self) -> None:
        assert page(RETIRED["CC409"]) == (
            "# CC409 not-computed-yet\n\n"
            "Retired: nothing is reported under this code any more, and it is not used again. The "
            "nearest is\n[CC419](CC419.md).\n\n"
            f"{RETIRED['CC409'].why}\n"
        )
        listed = pages([], RETIRED.values())["README.md"]
        assert "| not-computed-yet | retired | See [CC419](CC419.md). |\n" in listed

    def test_only_what_stands_in_charts_may_be_ignored(self) -> None:
        assert {rule.code for rule in RULES.values() if rule.ignorable} <= {
            rule.code for rule in RULES.values() if rule.file.startswith("charts/")
        }
