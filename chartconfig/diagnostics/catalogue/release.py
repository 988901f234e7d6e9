"""Codes on commands: what they read besides charts, and what they write."""

from __future__ import annotations

from chartconfig.diagnostics.catalogue.rule import Rule
from chartconfig.diagnostics.diagnostic import Severity

RULES = (
    Rule(
        code="CC901",
        name="malformed-config",
        severity=Severity.ERROR,
        finds="A compiled config is not what an existing client would read as it is meant.",
        why=(
            "Clients read keys without regard to case and let the last one win, and do nothing "
            "at all when a type is wrong, the file begins with a mark or something follows its "
            "end. Such a config silences every installation until the next one, or asks for "
            "something that nobody sees in it."
        ),
        file="",
        before="""\
$ cat config.json
{"GOOS": ["linux"], "Programs": [null]}
""",
        after="""\
$ chartconfig compile -o build
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC902",
        name="cannot-write",
        severity=Severity.ERROR,
        finds="An output cannot be written: the disk is full, or the folder may not be changed.",
        why=(
            "Outputs appear whole or not at all, so what stood there before still stands. Half a "
            "config would be read by clients as a smaller one, and what is missing would no "
            "longer be collected."
        ),
        file="",
        before="""\
$ chartconfig compile -o /mnt/full/build
""",
        after="""\
$ df -h /mnt/full
$ chartconfig compile -o build
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC903",
        name="output-in-the-way",
        severity=Severity.ERROR,
        finds="The output exists and is not something that chartconfig wrote.",
        why=(
            "An output is replaced as a whole. Were anything accepted as the place for it, a slip "
            "in a path would delete a folder of somebody's work."
        ),
        file="",
        before="""\
$ chartconfig compile -o ~/Documents
""",
        after="""\
$ chartconfig compile -o ~/Documents/build
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC904",
        name="git",
        severity=Severity.ERROR,
        finds="Git cannot give what was asked for: no repository, or no such revision.",
        why=(
            "The source commit stands in manifest.json, and everybody who rebuilds the config "
            "starts from it. Without it nobody could show that the config is what was reviewed."
        ),
        file="",
        before="""\
$ chartconfig compile -o build --at v1.2.O
""",
        after="""\
$ git tag --list
$ chartconfig compile -o build --at v1.2.0
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC905",
        name="malformed-charts",
        severity=Severity.ERROR,
        finds="A charts.json is not one that compile wrote.",
        why=(
            "It says what each published number is worth, and which reports count for it. Read as "
            "something else than was meant, it would make a broken promise look kept, or a kept "
            "one broken."
        ),
        file="",
        before="""\
$ cat build/charts.json
{"format": "chartconfig/charts/v1", "charts": [{"id": "gopls/client"}]}
$ chartconfig simulate --compiled build
""",
        after="""\
$ chartconfig compile -o build
$ chartconfig simulate --compiled build
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC906",
        name="malformed-report",
        severity=Severity.ERROR,
        finds="A line of published reports is not a report as the client of Go writes it.",
        why=(
            "A report that is passed over is missing from every share, and nobody could tell: "
            "reports are not lost at random, but those of one platform or one version are."
        ),
        file="",
        before="""\
$ head -c 200 2026-11-20.json
{"Week": "2026-11-20", "X": "0.0123", "Programs": null}
""",
        after="""\
$ head -c 200 2026-11-20.json
{"Week": "2026-11-20", "X": 0.0123, "Programs": null}
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC907",
        name="broken-promise",
        severity=Severity.ERROR,
        finds="In simulated fleets, a chart's promise holds less often than its confidence says.",
        why=(
            "Whoever reads the published number takes it to be within its margin. If the config "
            "collects a counter less often than that needs, or not at all, the number is further "
            "from the truth than anybody can see from it."
        ),
        file="",
        before="""\
$ chartconfig compile -o build
$ sed -i 's/"Rate": 0.05248/"Rate": 0.04/' build/config.json
$ chartconfig simulate --compiled build
""",
        after="""\
$ chartconfig compile -o build
$ chartconfig simulate --compiled build
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC908",
        name="malformed-module",
        severity=Severity.ERROR,
        finds="A file of a published module is not one that chartconfig publishes.",
        why=(
            "Published files are hashed, and everybody has to get the same out of them. A zip with "
            "two names for one file, or a go.mod that another go command reads in another way, "
            "would give two people two configs under one hash."
        ),
        file="",
        before="""\
$ zip -q v1.4.0.zip -z <<< "a comment"
$ chartconfig verify site --key key.pub
""",
        after="""\
$ chartconfig publish site --key key --all
$ chartconfig verify site --key key.pub
""",
        ignorable=False,
        whole=True,
    ),
)
