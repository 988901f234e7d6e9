"""`export`: what is collected is said again, and nothing is lost without a word."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from chartconfig.charts import placeholder
from tests.cli.command import BASE, ROOT, run
from tests.exchange.importing import EVERY_FEATURE, compiled, records

if TYPE_CHECKING:
    from pathlib import Path

    from chartconfig.exchange.go_chartconfig import Record


def said(record: Record) -> tuple[object, ...]:
    """Return what a record says, whatever the order of its fields and its lines."""
    fields = [
        (each.key, each.value, each.before, each.comment, [(n.at, n.text) for n in each.notes])
        for each in record.fields
    ]
    return sorted(fields), record.after


@pytest.mark.usefixtures("here")
def test_gives_back_what_was_imported() -> None:
    """export(import(y)) is y, but for what import had to decide; comments are where they were."""
    assert run("import", "go-chartconfig", "every-feature.txt", "-o", "made").code == 0
    result = run("-C", "made", "export", "go-chartconfig")
    assert result.code == 0
    text = EVERY_FEATURE.read_text(encoding="utf-8")
    old = "counter: hello/mode:{fast,safe}\ntype: stack"
    assert old in text
    text = text.replace(old, old.replace("stack", "partition"))
    bugs = "title: Bugs\ncounter: hello/bug:{parser,printer}"
    start, end = text.index(bugs), text.index("---", text.index(bugs))
    one, two = (
        text[start:end].replace("Bugs", f"Bugs: {name}").replace("{parser,printer}", name)
        for name in ("parser", "printer")
    )
    text = f"{text[:start]}{one}---\n{two}{text[end:]}"
    wanted, given = records(text.encode()), records(result.out.encode())
    assert sorted(map(said, given), key=repr) == sorted(map(said, wanted), key=repr)


def test_of_what_was_exported_and_imported_is_the_same(here: Path) -> None:
    """Import and export are inverse on what the format can say."""
    words = ("go-chartconfig", "--partial", "--on=2026-11-20")
    assert run("-C", ROOT, "export", *words, "-o", "one.txt").code == 0
    assert run("import", "go-chartconfig", "one.txt", "-o", "made").code == 0
    assert run("-C", "made", "export", "go-chartconfig", "-o", "two.txt").code == 0
    one, two = (records((here / name).read_bytes()) for name in ("one.txt", "two.txt"))
    assert len(one) == 44
    assert sorted(map(said, two), key=repr) == sorted(map(said, one), key=repr)


def test_collects_the_same(here: Path) -> None:
    """compile(import(export(x))) is compile(x), without the ratios that are left out."""
    shutil.copytree(ROOT / "configs", here / "own/configs")
    for chart in (here / "own/configs/charts").rglob("*.yaml"):
        if "\ntype: ratio\n" in chart.read_text(encoding="utf-8"):
            chart.unlink()
    assert run("-C", "own", "compile", "-o", "one", "--on=2026-11-20").code == 0
    result = run("-C", "own", "export", "go-chartconfig", "-o", "own.txt", "--on=2026-11-20")
    assert result.code == 0
    assert run("import", "go-chartconfig", "own.txt", "-o", "made").code == 0
    assert run("-C", "made", "compile", "-o", "two").code == 0
    assert compiled(here / "two") == compiled(here / "one")


def test_refuses_ratios_and_writes_nothing(here: Path) -> None:
    result = run("-C", BASE, "export", "go-chartconfig", "-o", "out.txt", "--on=2026-11-20")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(
        "error[CC136] not-expressible: a ratio, which Go's format does not have\n"
        " --> configs/charts/go/gopath-mode.yaml:4:7"
    )
    assert not (here / "out.txt").exists()


def test_names_what_it_leaves_out(here: Path) -> None:
    options = ("--partial", "--on=2026-11-20", "--format=json")
    result = run("-C", BASE, "export", "go-chartconfig", "-o", "out.txt", *options)
    assert result.code == 0
    printed = json.loads(result.out)
    assert "warning[CC136] not-expressible: a ratio" in result.err
    assert "error[" not in result.err
    assert printed["left_out"] == ["go/gopath-mode"]
    assert [each["counter"] for each in printed["records"]] == [
        "compile/bug",
        "go/cache-miss-rate:{0,1-9,10-49,50-99,100}",
        "gopls/client:{vscode,neovim,emacs,zed,other}",
        "gopls/package-loader:{go,bazel,buck,other}",
    ]
    page = (ROOT / "docs/formats/json.md").read_text(encoding="utf-8")
    start = page.index('{\n  "format": "chartconfig/export/v1"')
    example = json.loads(page[start : page.index("```", start)])
    assert example == printed | {"records": printed["records"][:1]}
    text = (here / "out.txt").read_text(encoding="utf-8")
    assert "# Left out: go/gopath-mode, a ratio, which Go's format does not have\n" in text


def test_never_replaces_a_file(here: Path) -> None:
    (here / "out.txt").write_text("mine", encoding="utf-8")
    options = ("--partial", "--on=2026-11-20")
    result = run("-C", BASE, "export", "go-chartconfig", *options, "-o", "out.txt")
    assert (result.code, result.out) == (1, "")
    assert "error[CC903]" in result.err
    assert (here / "out.txt").read_text(encoding="utf-8") == "mine"


def test_tells_of_an_issue_that_is_a_placeholder(clean: Path) -> None:
    """Go's tool reads such a record, and generates nothing of it (ValidateChartConfig)."""
    (clean / "configs/charts/go/gopath-mode.yaml").unlink()
    path = clean / "configs/charts/gopls/client.yaml"
    text = path.read_text(encoding="utf-8")
    issues = f"issues: [{placeholder.ISSUE}]\n"
    path.write_text(re.sub("issues: .*\n", issues, text), encoding="utf-8")
    result = run("-C", clean, "export", "go-chartconfig", "--on=2026-11-20")
    assert result.code == 0
    assert placeholder.ISSUE not in result.out
    assert (
        "info[CC137] not-exported: `issues` of gopls/client: a placeholder is left out, and Go's "
        "tool asks for an issue\n --> configs/charts/gopls/client.yaml:"
    ) in result.err


def test_tells_of_keys_of_programs(clean: Path) -> None:
    """Nothing of how the versions of a program are kept has a place in a record."""
    (clean / "configs/charts/go/gopath-mode.yaml").unlink()
    path = clean / "configs/programs/gopls.yaml"
    lines = "versions: {from: git, repository: tools}\npadding: {releases: 2}\n"
    path.write_text(path.read_text(encoding="utf-8") + lines, encoding="utf-8")
    result = run("-C", clean, "export", "go-chartconfig", "--on=2026-11-20")
    assert result.code == 0
    told = "info[CC137] not-exported: `versions` and `padding` of gopls: Go's format has no key"
    assert told in result.err


def test_refuses_a_program_without_module(clean: Path) -> None:
    """Go's tool refuses a record without module, and has no versions of another language."""
    (clean / "configs/charts/go/gopath-mode.yaml").unlink()
    program = clean / "configs/programs/gopls.yaml"
    text = program.read_text(encoding="utf-8")
    source = "versions: {from: pypi, package: gopls}\npadding: {releases: 2}\n"
    program.write_text(re.sub("module: .*\n", source, text), encoding="utf-8")
    lock = clean / "configs/versions.lock.yaml"
    text = lock.read_text(encoding="utf-8")
    assert "\n  gopls:\n" in text
    entry = "\n  gopls:\n    source: none\n    updated: 2026-11-01\n    versions: ['0.13.0']\n"
    lock.write_text(text.partition("\n  gopls:\n")[0] + entry, encoding="utf-8")
    chart = clean / "configs/charts/gopls/client.yaml"
    for each in chart.parent.glob("*.yaml"):
        text = re.sub("since: .*\n", "", each.read_text(encoding="utf-8"))
        each.write_text(text, encoding="utf-8")
    result = run("-C", clean, "export", "go-chartconfig", "--on=2026-11-20")
    assert (result.code, result.out) == (1, "")
    assert (
        "error[CC136] not-expressible: its program `gopls` has no module, without which Go's tool "
        "has no versions\n --> configs/charts/gopls/client.yaml:"
    ) in result.err
    assert "\n  = help: leave the chart out with --partial\n" in result.err
    exported = run("-C", clean, "export", "go-chartconfig", "--on=2026-11-20", "--partial")
    assert exported.code == 0
    assert "counter: gopls/" not in exported.out
    assert "# Left out: gopls/client, its program `gopls` has no module" in exported.out


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("title: Editors", "title: 'C#: Editors", "its title holds `#`"),
        ("description: Decides", "description: Dec{}ides", "its description holds `{`"),
        ("issues: [https://go.dev/issue/61038", "issues: [https://go.dev/1#c", "issues holds"),
    ],
)
def test_refuses_texts_that_a_record_cannot_hold(
    clean: Path, old: str, new: str, told: str
) -> None:
    (clean / "configs/charts/go/gopath-mode.yaml").unlink()
    path = clean / "configs/charts/gopls/client.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    text = text.replace(old, new)
    if "'" in new:
        text = text.replace(" that run gopls\n", " that run gopls'\n")
    path.write_text(text, encoding="utf-8")
    result = run("-C", clean, "export", "go-chartconfig", "--on=2026-11-20")
    assert (result.code, result.out) == (1, "")
    assert result.err.count("error[CC136]") == 1
    assert told in result.err


def test_of_charts_that_have_all_expired_says_so(here: Path) -> None:
    result = run("-C", BASE, "export", "go-chartconfig", "-o", "out.txt", "--on=2099-01-01")
    assert (result.code, result.out) == (1, "")
    told = "no chart is collected on 2099-01-01: there is nothing to write"
    assert result.err.startswith(f"error[CC136] not-expressible: {told}\n")
    assert not (here / "out.txt").exists()
