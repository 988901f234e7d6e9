"""Codes on the text of a file: its bytes, its characters, its YAML."""

from __future__ import annotations

from chartconfig.diagnostics.catalogue.rule import Rule
from chartconfig.diagnostics.diagnostic import Severity

_CHART = """\
# yaml-language-server: $schema=../../../schema/chart.schema.json
title: Internal errors of the compiler
description: Decides which internal errors are looked into first.
type: stack
program: compile
counter: compile/bug
depth: 16
issues: [https://go.dev/issue/61574]
owners: ["@golang/compiler"]
expires: 2027-11-01
"""

RULES = (
    Rule(
        code="CC101",
        name="not-utf-8",
        severity=Severity.ERROR,
        finds="The file holds bytes that are not UTF-8.",
        why=(
            "What such bytes mean depends on the reader's settings: the reviewer's editor shows "
            "one word, the published list of what is collected another. Text that cannot be "
            "agreed on cannot be approved."
        ),
        file="charts/gopls/client.yaml",
        before="title: Editors that run gopls, caf\udce9 machines included\n",
        after="title: Editors that run gopls, café machines included\n",
        ignorable=False,
    ),
    Rule(
        code="CC102",
        name="byte-order-mark",
        severity=Severity.ERROR,
        finds="The file begins with a byte order mark.",
        why=(
            "UTF-8 needs no such mark, and it is invisible: two files that look the same differ, "
            "and so do their digests. Readers of YAML disagree whether the mark is part of the "
            "first key."
        ),
        file="charts/compile/bug.yaml",
        before="\ufeff" + _CHART,
        after=_CHART,
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC103",
        name="invisible-character",
        severity=Severity.ERROR,
        finds=(
            "A character that nobody sees stands in the text, or is written as an escape: a "
            "control, a direction mark, a zero-width space, a lone carriage return."
        ),
        why=(
            "A reviewer approves what is shown, and such characters make the shown text differ "
            "from the text that is compiled: a direction mark can swap words on the screen. "
            "Clients compare names byte by byte, so a bucket with a zero-width space in it is "
            "never counted."
        ),
        file="charts/gopls/client.yaml",
        before='buckets: [vscode, "neo\u200bvim", emacs, zed, other]\n',
        after="buckets: [vscode, neovim, emacs, zed, other]\n",
        ignorable=False,
    ),
    Rule(
        code="CC104",
        name="tab",
        severity=Severity.ERROR,
        finds="A tab stands in the text.",
        why=(
            "YAML does not indent with tabs, and how wide one is depends on the editor: a bucket "
            "can seem to stand in a list to which it does not belong, and the reviewer approves "
            "another list than the one that is collected."
        ),
        file="charts/gopls/client.yaml",
        before="buckets:\n\t- vscode\n\t- neovim\n\t- other\n",
        after="buckets:\n  - vscode\n  - neovim\n  - other\n",
        ignorable=False,
    ),
    Rule(
        code="CC105",
        name="file-too-large",
        severity=Severity.ERROR,
        finds="The file is larger than 1 MiB.",
        why=(
            "A chart has about a kilobyte. A file a thousand times as large is a mistake or an "
            "attack: nobody can review it, and reading it would hold up every check."
        ),
        file="",
        before="""\
$ ls -sh configs/charts/gopls/
4.0K client.yaml
 50M client-values.yaml
""",
        after="""\
$ git rm configs/charts/gopls/client-values.yaml
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC106",
        name="nested-too-deeply",
        severity=Severity.ERROR,
        finds="Lists and maps are nested more than 16 levels deep.",
        why=(
            "No file of a config repository needs more than five levels. Deep nesting is how a "
            "small file brings down a program that reads it, in this tool or in whatever else "
            "reads the charts."
        ),
        file="charts/gopls/client.yaml",
        before="buckets: [[[[[[[[[[[[[[[[[vscode, neovim, other]]]]]]]]]]]]]]]]]\n",
        after="buckets: [vscode, neovim, other]\n",
        ignorable=False,
    ),
    Rule(
        code="CC107",
        name="empty-file",
        severity=Severity.ERROR,
        finds="The file holds nothing, or nothing but comments.",
        why=(
            "An empty file asks for nothing, and yet it takes the id that its name stands for. "
            "Often it is what an interrupted save left behind, and the chart that stood there is "
            "no longer collected."
        ),
        file="charts/compile/bug.yaml",
        before="# yaml-language-server: $schema=../../../schema/chart.schema.json\n",
        after=_CHART,
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC108",
        name="several-documents",
        severity=Severity.ERROR,
        finds="A line `---` starts a second document in the file.",
        why=(
            "A file is one chart, whose id is the file's name; a second chart in it would have "
            "no id, and no approval could be bound to it. Some readers of YAML would silently "
            "read the first document only."
        ),
        file="charts/compile/bug.yaml",
        before=_CHART + "---\ntitle: Internal errors of the linker\n",
        after=_CHART,
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC109",
        name="not-yaml",
        severity=Severity.ERROR,
        finds="The text is not YAML.",
        why=(
            "Nothing of the file can be read from there on, so its chart is neither checked nor "
            "collected. The place that is named is where YAML stops making sense; the slip may "
            "stand a line earlier."
        ),
        file="charts/gopls/client.yaml",
        before="title: Editors: which of them run gopls\n",
        after='title: "Editors: which of them run gopls"\n',
        ignorable=False,
    ),
    Rule(
        code="CC110",
        name="repeated-key",
        severity=Severity.ERROR,
        finds="A key is given twice in one map.",
        why=(
            "Most readers of YAML keep the last value without a word, some keep the first. A "
            "reviewer who reads the upper line approves something else than what installations "
            "are then asked for."
        ),
        file="charts/gopls/client.yaml",
        before="expires: 2027-11-01\nexpires: 2029-11-01\n",
        after="expires: 2027-11-01\n",
        ignorable=False,
    ),
    Rule(
        code="CC111",
        name="anchor-or-alias",
        severity=Severity.ERROR,
        finds="A value is named with `&` to be repeated elsewhere with `*`.",
        why=(
            "With an alias, what a line says stands on another line, and the diff of a change "
            "does not show everything that it changes. A few lines of aliases to aliases grow to "
            "gigabytes when they are read."
        ),
        file="charts/gopls/client.yaml",
        before='issues: [&issue "https://go.dev/issue/61038"]\n',
        after="issues: [https://go.dev/issue/61038]\n",
        ignorable=False,
    ),
    Rule(
        code="CC112",
        name="tag",
        severity=Severity.ERROR,
        finds="A value has a type tag such as `!!int`, or the file a `%` directive.",
        why=(
            "The schema says what kind of value each key has. A tag tells one reader of YAML to "
            "take the value differently from another, and in some it starts code."
        ),
        file="charts/compile/bug.yaml",
        before='depth: !!int "16"\n',
        after="depth: 16\n",
        ignorable=False,
    ),
    Rule(
        code="CC113",
        name="key-not-text",
        severity=Severity.ERROR,
        finds="A key is a number, a truth, empty, a list or a map.",
        why=(
            "YAML reads the key `1.20` as the number 1.2, so the version that was meant is gone "
            "and the share that stands beside it counts for another version. Keys are names; what "
            "looks like a number is put in quotes."
        ),
        file="populations.yaml",
        before="""\
gopls:
  low: 300k
  likely: 600k
  high: 1.2M
  as_of: 2026-06-01
  source: https://example.org/survey-2026
  adoption: {0.16: 80%}
""",
        after="""\
gopls:
  low: 300k
  likely: 600k
  high: 1.2M
  as_of: 2026-06-01
  source: https://example.org/survey-2026
  adoption: {v0.16.0: 80%}
""",
        ignorable=False,
    ),
    Rule(
        code="CC114",
        name="ambiguous-word",
        severity=Severity.ERROR,
        finds=(
            "A word without quotes is text to some readers of YAML and a truth or a number to "
            "others: `no`, `on`, `1_000`, `0x1F`, `012`, `12:30`, or a number where text belongs."
        ),
        why=(
            "The bucket `no` becomes `false`, `1.20` becomes `1.2`, `012` becomes 10. Clients "
            "match names exactly, so a bucket that was read as something else is never counted, "
            "and the chart shows a zero that is not there."
        ),
        file="charts/gopls/client.yaml",
        before="buckets: [yes, no, other]\n",
        after='buckets: ["yes", "no", other]\n',
        ignorable=False,
    ),
)
