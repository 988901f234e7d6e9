"""Codes on what the next release breaks for installations that have the last one."""

from __future__ import annotations

from chartconfig.diagnostics.catalogue.rule import Rule
from chartconfig.diagnostics.diagnostic import Severity

_SCHEMA = "# yaml-language-server: $schema=../schema/retired.schema.json\n"

RULES = (
    Rule(
        code="CC701",
        name="changed-meaning",
        severity=Severity.ERROR,
        finds="A counter keeps its name, and something else is charted under it than released.",
        why=(
            "Reports by the old definition and by the new one arrive together for months, and "
            "nobody can tell which is which: the number that is published is neither. Under a new "
            "name, both can be drawn while the one gives way to the other."
        ),
        file="",
        before="""\
$ sed -i 's/^type: partition/type: histogram/' configs/charts/gopls/client.yaml
$ chartconfig check
""",
        after="""\
$ sed -i 's/^counter: .*/counter: gopls/clients/' configs/charts/gopls/client.yaml
$ chartconfig check
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC702",
        name="removed-without-retirement",
        severity=Severity.ERROR,
        finds="What the last release collects is gone, and a server would not accept it any more.",
        why=(
            "Installations go on sending it until they have looked at the new config, and a server "
            "that reads that one rejects their whole reports, with every other answer in them. "
            "What is retired is accepted for a while, though no installation is asked for it."
        ),
        file="",
        before="""\
$ git rm configs/charts/gopls/client.yaml
$ chartconfig check
""",
        after="""\
$ cat configs/retired.yaml
# yaml-language-server: $schema=../schema/retired.schema.json
- program: golang.org/x/tools/gopls
  counters: ["gopls/client:{vscode,neovim,emacs,zed,other}"]
  until: 2027-08-01
  reason: The decision has been made.
$ chartconfig check
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC703",
        name="retirement-cut-short",
        severity=Severity.ERROR,
        finds="A release says until when something is accepted, and now it is not, or not so long.",
        why=(
            "Reports that hold it are still under way: the day was chosen so that they can arrive. "
            "Whoever takes the entry out earlier rejects them after all."
        ),
        file="",
        before="""\
$ git rm configs/retired.yaml
$ chartconfig check
""",
        after="""\
$ git restore --staged --worktree configs/retired.yaml
$ chartconfig check
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC704",
        name="retirement-too-short",
        severity=Severity.WARNING,
        finds="Something is retired for less time than reports that hold it can be under way.",
        why=(
            "An installation looks at the config rarely, and sends what it could not send at once "
            "for three weeks more. On the last day there are still too many that know the older "
            "config alone, and a server will reject their whole reports."
        ),
        file="",
        before="""\
$ grep until configs/retired.yaml
  until: 2026-12-24
$ chartconfig check
""",
        after="""\
$ grep until configs/retired.yaml
  until: 2027-08-01
$ chartconfig check
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC705",
        name="retirement-over",
        severity=Severity.WARNING,
        finds="The last day of something that is retired has passed.",
        why=(
            "Servers do not accept it any more, and the entry says nothing to anybody. The file "
            "is read as the list of what is still accepted."
        ),
        file="retired.yaml",
        before=f"""\
{_SCHEMA}- program: golang.org/x/tools/gopls
  counters: [gopls/theme]
  until: 2026-11-19
  reason: The decision has been made.
- program: golang.org/x/tools/gopls
  counters: [gopls/font]
  until: 2027-08-01
  reason: The decision has been made.
""",
        after=f"""\
{_SCHEMA}- program: golang.org/x/tools/gopls
  counters: [gopls/font]
  until: 2027-08-01
  reason: The decision has been made.
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC706",
        name="retirement-of-collected",
        severity=Severity.WARNING,
        finds="Something is retired that is still collected.",
        why=(
            "One of the two is a mistake: installations are asked for it while the file says that "
            "they are not, or it was taken back and the entry stayed."
        ),
        file="retired.yaml",
        before=f"""\
{_SCHEMA}- program: golang.org/x/tools/gopls
  counters: ["gopls/client:{{emacs,sublime}}"]
  until: 2027-08-01
  reason: Both are counted with the others now.
""",
        after=f"""\
{_SCHEMA}- program: golang.org/x/tools/gopls
  counters: [gopls/client:sublime]
  until: 2027-08-01
  reason: It is counted with the others now.
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC707",
        name="retirement-of-nothing",
        severity=Severity.WARNING,
        finds="Something is retired that the last release neither collects nor accepts.",
        why=(
            "No report holds it, so mostly it is misspelled, and what was meant is rejected. Or it "
            "was never released, and servers are told to accept what nobody was asked for."
        ),
        file="",
        before="""\
$ grep counters configs/retired.yaml
  counters: [gopls/client:emcas]
$ chartconfig check
""",
        after="""\
$ grep counters configs/retired.yaml
  counters: [gopls/client:emacs]
$ chartconfig check
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC708",
        name="malformed-retirement",
        severity=Severity.ERROR,
        finds="An entry of retired.yaml does not say of what it is.",
        why=(
            "Counters, stacks and versions are those of one program, platforms and Go versions of "
            "none. What cannot be told apart cannot be accepted."
        ),
        file="retired.yaml",
        before=f"""\
{_SCHEMA}- counters: [gopls/theme]
  until: 2027-08-01
  reason: The decision has been made.
""",
        after=f"""\
{_SCHEMA}- program: golang.org/x/tools/gopls
  counters: [gopls/theme]
  until: 2027-08-01
  reason: The decision has been made.
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC709",
        name="base-does-not-compile",
        severity=Severity.WARNING,
        finds="What the charts are to be compared with has errors itself.",
        why=(
            "Nobody can tell what installations were asked for then, so nothing is found that they "
            "would suffer from. Mostly a newer chartconfig finds more than the one that compiled "
            "it."
        ),
        file="",
        before="""\
$ chartconfig check --against v1.0.0
""",
        after="""\
$ chartconfig check --at v1.0.0
$ chartconfig check --against v1.0.1
""",
        ignorable=False,
        whole=True,
    ),
)
