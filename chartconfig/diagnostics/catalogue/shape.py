"""Codes on what a file holds, against its schema, and on which files there are."""

from __future__ import annotations

from chartconfig.diagnostics.catalogue.rule import Rule
from chartconfig.diagnostics.diagnostic import Severity

RULES = (
    Rule(
        code="CC115",
        name="wrong-kind",
        severity=Severity.ERROR,
        finds="A value is of another kind than its key has, such as text in place of a list.",
        why=(
            "`buckets: vscode, neovim` is one text, not a list of two. To guess what was meant is "
            "to collect something that is not written down, and what is written is all that a "
            "reviewer can approve."
        ),
        file="charts/gopls/client.yaml",
        before="buckets: vscode, neovim, other\n",
        after="buckets: [vscode, neovim, other]\n",
        ignorable=False,
    ),
    Rule(
        code="CC116",
        name="unknown-key",
        severity=Severity.ERROR,
        finds="A key is none that the file, or a chart of this type, has.",
        why=(
            "A misspelled key would be passed over, and the default taken in its place: the rate "
            "would be computed for buckets that may coincide although the author said that they "
            "exclude each other, and installations would report more often than needed."
        ),
        file="charts/gopls/client.yaml",
        before="exlusive: true\n",
        after="exclusive: true\n",
        ignorable=False,
    ),
    Rule(
        code="CC117",
        name="missing-key",
        severity=Severity.ERROR,
        finds="A key that the file must have is not there.",
        why=(
            "Each required key answers a question that a reviewer or an installation may ask: "
            "what for, where was it discussed, who answers for it, until when. A chart that "
            "leaves one open is not collected."
        ),
        file="charts/compile/bug.yaml",
        before="""\
# yaml-language-server: $schema=../../../schema/chart.schema.json
title: Internal errors of the compiler
description: Decides which internal errors are looked into first.
type: stack
program: compile
counter: compile/bug
depth: 16
issues: [https://go.dev/issue/61574]
expires: 2027-11-01
""",
        after="""\
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
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC118",
        name="unknown-choice",
        severity=Severity.ERROR,
        finds="A value is none of the few that its key allows.",
        why=(
            "The type of a chart decides what is estimated and so which rate is computed. A "
            "word that chartconfig does not know cannot be turned into a rate, and a guess would "
            "either ask installations too often or promise an accuracy that the chart has not."
        ),
        file="charts/gopls/client.yaml",
        before="type: pie\n",
        after="type: partition\n",
        ignorable=False,
    ),
    Rule(
        code="CC119",
        name="malformed-value",
        severity=Severity.ERROR,
        finds="A value is of the right kind but not of a form or size that its key allows.",
        why=(
            "A value outside its range makes the arithmetic meaningless: an answer pooled over "
            "no weeks has no reports, and no rate could promise anything about it."
        ),
        file="charts/gopls/client.yaml",
        before="accuracy: {margin: 1%, confidence: 99%, weeks: 0}\n",
        after="accuracy: {margin: 1%, confidence: 99%, weeks: 1}\n",
        ignorable=False,
    ),
    Rule(
        code="CC120",
        name="wrong-amount",
        severity=Severity.ERROR,
        finds="A text or list is empty or too long, or a list holds the same item twice.",
        why=(
            "An empty list satisfies the letter of a required key and not its purpose: without "
            "an issue nobody can look up who asked for the chart, what was objected, and why it "
            "was accepted all the same."
        ),
        file="charts/gopls/client.yaml",
        before="issues: []\n",
        after="issues: [https://go.dev/issue/61038]\n",
        ignorable=False,
    ),
    Rule(
        code="CC121",
        name="unexpected-file",
        severity=Severity.ERROR,
        finds="A .yaml or .yml file stands where no file of a config repository belongs.",
        why=(
            "Nothing reads it. Its author believes that the chart is collected and its reviewer "
            "believes that it was checked, and neither is so."
        ),
        file="",
        before="""\
$ ls configs/charts/gopls/
client.yaml  package-loader.yml
""",
        after="""\
$ git mv configs/charts/gopls/package-loader.yml configs/charts/gopls/package-loader.yaml
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC122",
        name="symbolic-link",
        severity=Severity.ERROR,
        finds="A file or folder of the config repository is a symbolic link.",
        why=(
            "A link shows a path to the reviewer and another file's text to the compiler. What "
            "it points to may lie outside the repository, differ from machine to machine, and "
            "change without a commit, so the same commit would no longer give the same config."
        ),
        file="",
        before="""\
$ ls -l configs/charts/gopls/
lrwxrwxrwx client.yaml -> /home/gopher/client.yaml
""",
        after="""\
$ rm configs/charts/gopls/client.yaml
$ cp /home/gopher/client.yaml configs/charts/gopls/client.yaml
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC123",
        name="unreadable-file",
        severity=Severity.ERROR,
        finds="A file or folder of the config repository cannot be read.",
        why=(
            "Going on without it would compile a config that lacks its charts: installations "
            "would stop reporting counters that somebody needs, and reports that are under way "
            "would be rejected, because of a permission on one machine."
        ),
        file="",
        before="""\
$ ls -l configs/charts/gopls/
---------- client.yaml
""",
        after="""\
$ chmod 644 configs/charts/gopls/client.yaml
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC124",
        name="missing-file",
        severity=Severity.ERROR,
        finds="collection.yaml, populations.yaml or versions.lock.yaml is not there.",
        why=(
            "Every rate needs the caps, the number of installations and the versions that these "
            "files give. There is no default for them that would be right for anybody."
        ),
        file="",
        before="""\
$ ls configs/
charts  collection.yaml  programs  versions.lock.yaml
""",
        after="""\
$ git restore configs/populations.yaml
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC125",
        name="not-a-repository",
        severity=Severity.ERROR,
        finds="The folder is no config repository: it has none of the files of one.",
        why=(
            "Most often the command was started one folder too high or too low. Were an empty "
            "folder taken for a config without charts, a slip in a path would publish a config "
            "that collects nothing."
        ),
        file="",
        before="""\
$ chartconfig -C ~/src check
""",
        after="""\
$ chartconfig -C ~/src/telemetry check
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC126",
        name="schema-line",
        severity=Severity.WARNING,
        finds="The first line does not name the schema of this kind of file.",
        why=(
            "Editors complete keys and mark mistakes by the schema that the first line names. "
            "Without it, or with that of another kind of file, the author learns of a mistake "
            "from CI instead of while typing."
        ),
        file="programs/go.yaml",
        before="""\
title: The go command
name: cmd/go
prefixes: [go]
since: go1.25.0
""",
        after="""\
# yaml-language-server: $schema=../../schema/program.schema.json
title: The go command
name: cmd/go
prefixes: [go]
since: go1.25.0
""",
        ignorable=False,
        whole=True,
    ),
)
