"""Codes on programs: their modules, versions and platforms, and what they count."""

from __future__ import annotations

from chartconfig.diagnostics.catalogue.rule import Rule
from chartconfig.diagnostics.diagnostic import Severity

RULES = (
    Rule(
        code="CC301",
        name="unknown-program",
        severity=Severity.ERROR,
        finds="A chart's program has no file in programs/.",
        why=(
            "The program's file says under which name its reports come, from which versions, and "
            "how many installations there are. Without it there is nobody to ask and no rate to "
            "compute."
        ),
        file="",
        before="""\
$ ls configs/charts configs/programs
configs/charts:
compile  go  gopsl

configs/programs:
compile.yaml  go.yaml  gopls.yaml
""",
        after="""\
$ git mv configs/charts/gopsl configs/charts/gopls
$ sed -i 's/^program: gopsl$/program: gopls/' configs/charts/gopls/*.yaml
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC302",
        name="program-name-taken",
        severity=Severity.ERROR,
        finds="Two programs have the same full name.",
        why=(
            "Reports name a program by its full name alone, so nothing can tell the two apart: "
            "their versions and counters are thrown together, and rates are computed for "
            "populations that are not the ones that report."
        ),
        file="programs/compile.yaml",
        before="name: cmd/go\n",
        after="name: cmd/compile\n",
        ignorable=False,
    ),
    Rule(
        code="CC303",
        name="module-path",
        severity=Severity.ERROR,
        finds="A module path is one that the go command refuses.",
        why=(
            "Clients get the config with `go mod download`. A path that the command refuses can "
            "be published and never fetched: every installation keeps the config that it has, "
            "for good."
        ),
        file="collection.yaml",
        before="module: https://example.org/telemetry/config\n",
        after="module: example.org/telemetry/config\n",
        ignorable=False,
    ),
    Rule(
        code="CC304",
        name="module-does-not-fit",
        severity=Severity.ERROR,
        finds=(
            "A program has a module that does not contain it, has none, or has one although it "
            "is part of the toolchain."
        ),
        why=(
            "The versions of a program are those of its module. Taken from another module they "
            "match no report, and a client keeps a program only if name and version match "
            "exactly, so nothing of it is collected."
        ),
        file="programs/gopls.yaml",
        before="module: golang.org/x/vuln\n",
        after="module: golang.org/x/tools/gopls\n",
        ignorable=False,
    ),
    Rule(
        code="CC305",
        name="no-known-versions",
        severity=Severity.ERROR,
        finds="versions.lock.yaml lists no versions of a program.",
        why=(
            "A client keeps a program only if its exact version is in the config. Without "
            "versions every report of the program is left out, and its charts stay empty."
        ),
        file="versions.lock.yaml",
        before="programs: {}\n",
        after="""\
programs:
  gopls:
    source: https://proxy.golang.org/golang.org/x/tools/gopls/@v/list
    updated: 2026-11-01
    versions: [v0.13.0, v0.16.0, v0.20.0]
""",
        ignorable=False,
    ),
    Rule(
        code="CC306",
        name="version-not-valid",
        severity=Severity.ERROR,
        finds="A version in versions.lock.yaml is none that a release can have.",
        why=(
            "Clients compare versions as text. `0.20.0` is the version of no build, so the reports "
            "of the release that was meant are left out, and its users seem not to exist."
        ),
        file="versions.lock.yaml",
        before="""\
programs:
  gopls:
    source: https://proxy.golang.org/golang.org/x/tools/gopls/@v/list
    updated: 2026-11-01
    versions: [v0.13.0, v0.16.0, 0.20.0]
""",
        after="""\
programs:
  gopls:
    source: https://proxy.golang.org/golang.org/x/tools/gopls/@v/list
    updated: 2026-11-01
    versions: [v0.13.0, v0.16.0, v0.20.0]
""",
        ignorable=False,
    ),
    Rule(
        code="CC307",
        name="since-before-program",
        severity=Severity.ERROR,
        finds="A chart's `since` is older than the first version of the program that counts.",
        why=(
            "No installation of that version can report the counter. The population that the "
            "rate is computed for would include them, so the rate comes out too low and the "
            "promised margin is missed."
        ),
        file="charts/gopls/client.yaml",
        before="since: v0.12.0\n",
        after="since: v0.13.0\n",
        ignorable=False,
    ),
    Rule(
        code="CC308",
        name="since-not-a-version",
        severity=Severity.ERROR,
        finds="A `since`, or a version in `adoption`, is no version that the program can have.",
        why=(
            "It decides which versions are collected and how many installations have the "
            "counter. What cannot be compared with a version can decide neither."
        ),
        file="charts/gopls/client.yaml",
        before='since: "0.13"\n',
        after="since: v0.13.0\n",
        ignorable=False,
    ),
    Rule(
        code="CC309",
        name="since-after-all-versions",
        severity=Severity.WARNING,
        finds="No version in versions.lock.yaml is as new as the chart's `since`.",
        why=(
            "The counter is collected from no version, so the chart stays empty until somebody "
            "lists the release that has it. From the outside that looks like a feature that "
            "nobody uses."
        ),
        file="charts/gopls/client.yaml",
        before="since: v0.21.0\n",
        after="since: v0.20.0\n",
    ),
    Rule(
        code="CC310",
        name="prefix-not-owned",
        severity=Severity.ERROR,
        finds="A counter's name starts with a part that its program does not own.",
        why=(
            "The first part of a name says who counts. A foreign one is a slip, and then nothing "
            "is counted, or it takes a name that another program gives another meaning, and "
            "people add up the two."
        ),
        file="charts/gopls/client.yaml",
        before="counter: vscode/client\n",
        after="counter: gopls/client\n",
    ),
    Rule(
        code="CC311",
        name="stack-without-depth",
        severity=Severity.ERROR,
        finds="A stack chart does not say how many frames it needs.",
        why=(
            "A call stack shows how a program was used, the more so the deeper it goes. How much "
            "of it is needed is part of what reviewers approve; it is not left to whatever a "
            "program happens to record."
        ),
        file="charts/compile/bug.yaml",
        before="""\
# yaml-language-server: $schema=../../../schema/chart.schema.json
title: Internal errors of the compiler
description: Decides which internal errors are looked into first.
type: stack
program: compile
counter: compile/bug
issues: [https://go.dev/issue/61574]
owners: ["@golang/compiler"]
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
        code="CC312",
        name="depth-out-of-range",
        severity=Severity.ERROR,
        finds="A stack's depth is not from 1 to 64 frames.",
        why=(
            "No frames say nothing. Beyond 64 a stack tells apart single installations rather "
            "than kinds of failure, and a report can outgrow what a server accepts, so that all "
            "of it is lost."
        ),
        file="charts/compile/bug.yaml",
        before="depth: 200\n",
        after="depth: 16\n",
        ignorable=False,
    ),
    Rule(
        code="CC313",
        name="ratio-without-denominator",
        severity=Severity.ERROR,
        finds="A ratio does not say what it is divided by.",
        why=(
            "A count alone says how busy an installation is, not how often the thing happens: an "
            "installation that builds all day has more of everything. What divides it is half of "
            "the question, and has to be collected along with it."
        ),
        file="charts/go/gopath-mode.yaml",
        before="""\
# yaml-language-server: $schema=../../../schema/chart.schema.json
title: Invocations in GOPATH mode
description: Decides when GOPATH mode can be removed.
type: ratio
program: go
numerator: go/gopath-mode
issues: [https://go.dev/issue/60915]
owners: ["@golang/release"]
expires: 2027-11-01
""",
        after="""\
# yaml-language-server: $schema=../../../schema/chart.schema.json
title: Invocations in GOPATH mode
description: Decides when GOPATH mode can be removed.
type: ratio
program: go
numerator: go/gopath-mode
denominator: go/invocations
issues: [https://go.dev/issue/60915]
owners: ["@golang/release"]
expires: 2027-11-01
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC314",
        name="program-without-charts",
        severity=Severity.WARNING,
        finds="No chart is about a program that has a file in programs/.",
        why=(
            "Nothing of the program is collected, so its file and its population are upkeep "
            "without use. Or a chart was deleted or moved by mistake, and this is the only trace "
            "of it."
        ),
        file="",
        before="""\
$ ls configs/charts configs/programs
configs/charts:
compile  go  gopls

configs/programs:
compile.yaml  go.yaml  gopls.yaml  vet.yaml
""",
        after="""\
$ git rm configs/programs/vet.yaml
""",
        whole=True,
        ignorable=False,
    ),
    Rule(
        code="CC315",
        name="names-share-a-rate",
        severity=Severity.ERROR,
        finds="A stack and a counter of one program have the same name.",
        why=(
            "A client keeps one rate for a name, whichever it read last, so one of the two is "
            "collected at a rate that nobody computed for it: too rarely for its promise, or "
            "more often than its reviewers approved."
        ),
        file="charts/compile/share-with-bugs.yaml",
        before="""\
# yaml-language-server: $schema=../../../schema/chart.schema.json
title: Installations that meet an internal error
description: Decides whether a release of the compiler is withdrawn.
type: partition
program: compile
counter: compile/bug
issues: [https://go.dev/issue/61574]
owners: ["@golang/compiler"]
expires: 2027-11-01
""",
        after="""\
# yaml-language-server: $schema=../../../schema/chart.schema.json
title: Installations that meet an internal error
description: Decides whether a release of the compiler is withdrawn.
type: partition
program: compile
counter: compile/invocations-with-bug
issues: [https://go.dev/issue/61574]
owners: ["@golang/compiler"]
expires: 2027-11-01
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC316",
        name="unknown-platform",
        severity=Severity.WARNING,
        finds="An entry of goos or goarch is no name that Go has for a platform.",
        why=(
            "Servers refuse the whole report of an installation whose platform is not listed. "
            "With `macos` in place of `darwin`, every report from a Mac is lost, and the charts "
            "describe everybody else without saying so."
        ),
        file="collection.yaml",
        before="goos: [linux, macos, windows]\n",
        after="goos: [darwin, linux, windows]\n",
        ignorable=False,
    ),
    Rule(
        code="CC317",
        name="repeated-version",
        severity=Severity.ERROR,
        finds="A version is listed twice.",
        why=(
            "The list is looked up, not edited, so a repeated entry means that it was changed by "
            "hand or merged badly, and another version may be missing in its place. Installations "
            "of that one are not collected."
        ),
        file="versions.lock.yaml",
        before="""\
programs:
  gopls:
    source: https://proxy.golang.org/golang.org/x/tools/gopls/@v/list
    updated: 2026-11-01
    versions: [v0.13.0, v0.16.0, v0.16.0]
""",
        after="""\
programs:
  gopls:
    source: https://proxy.golang.org/golang.org/x/tools/gopls/@v/list
    updated: 2026-11-01
    versions: [v0.13.0, v0.16.0, v0.20.0]
""",
        ignorable=False,
    ),
    Rule(
        code="CC318",
        name="versions-of-no-program",
        severity=Severity.WARNING,
        finds="versions.lock.yaml lists versions for no program, or for one of the toolchain.",
        why=(
            "Nothing reads the list. Either the program is gone and its entry stayed, or the id "
            "is misspelled and the program that was meant has no versions."
        ),
        file="versions.lock.yaml",
        before="""\
programs:
  gopls:
    source: https://proxy.golang.org/golang.org/x/tools/gopls/@v/list
    updated: 2026-11-01
    versions: [v0.13.0, v0.16.0, v0.20.0]
  dlv:
    source: https://proxy.golang.org/github.com/go-delve/delve/@v/list
    updated: 2026-11-01
    versions: [v1.25.0]
""",
        after="""\
programs:
  gopls:
    source: https://proxy.golang.org/golang.org/x/tools/gopls/@v/list
    updated: 2026-11-01
    versions: [v0.13.0, v0.16.0, v0.20.0]
""",
        ignorable=False,
    ),
    Rule(
        code="CC319",
        name="population-of-no-program",
        severity=Severity.WARNING,
        finds="An entry of populations.yaml is the population of no program.",
        why=(
            "No rate uses the estimate, however carefully it was made. When the key is "
            "misspelled, the program that was meant is planned with another number than its "
            "reviewers believe."
        ),
        file="populations.yaml",
        before="""\
gopls-daemon:
  low: 20k
  likely: 50k
  high: 90k
  as_of: 2026-06-01
  source: https://example.org/survey-2026
""",
        after="""\
gopls:
  low: 300k
  likely: 600k
  high: 1.2M
  as_of: 2026-06-01
  source: https://example.org/survey-2026
""",
        ignorable=False,
    ),
)
