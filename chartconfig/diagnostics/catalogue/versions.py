"""Codes on versions: where they are looked up, and whether what is listed is enough."""

from __future__ import annotations

from chartconfig.diagnostics.catalogue.rule import Rule
from chartconfig.diagnostics.diagnostic import Severity

RULES = (
    Rule(
        code="CC320",
        name="source-does-not-fit",
        severity=Severity.ERROR,
        finds=(
            "A program's versions are looked up where they cannot be: those of a Go module at "
            "PyPI or npm, or those of a toolchain program anywhere."
        ),
        why=(
            "Clients compare versions as text, and each kind of registry writes them in its own "
            "way. What such a look-up lists is the version of no report."
        ),
        file="programs/gopls.yaml",
        before="versions: {from: npm, package: gopls}\n",
        after="versions: {from: module-proxy}\n",
        ignorable=False,
    ),
    Rule(
        code="CC321",
        name="versions-not-looked-up",
        severity=Severity.ERROR,
        finds="The source of a program's versions does not answer, or not with a list of them.",
        why=(
            "The file versions.lock.yaml stays as it is: half a look-up would leave some programs "
            "ahead of others, and an empty answer is far more often a broken server than a program "
            "without releases. Nothing is lost meanwhile but reports of versions that are newer "
            "than the padding."
        ),
        file="",
        before="""\
$ chartconfig versions update gopls
error[CC321] versions-not-looked-up: the versions of `gopls` cannot be looked up
""",
        after="""\
$ sed -i 's/goplz/gopls/' configs/programs/gopls.yaml
$ chartconfig versions update gopls
gopls: listed v0.20.1, 36 ahead
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC322",
        name="version-passed-over",
        severity=Severity.INFO,
        finds="A source names what is no version of the program's scheme, and it is not listed.",
        why=(
            "Go's module proxy has a toolchain go1.9.2rc2, which Go itself calls invalid: it has "
            "no place in the order of versions, so nobody can say whether it is older than a "
            "`since`. No installation reports it."
        ),
        file="",
        before="""\
$ chartconfig versions update toolchain
info[CC322] version-passed-over: 1 name of the toolchain is no version: go1.9.2rc2
toolchain: nothing new
""",
        after="""\
$ chartconfig versions update gopls
gopls: nothing new
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC323",
        name="stale-versions",
        severity=Severity.WARNING,
        finds="versions.lock.yaml does not name what is released, or what tomorrow may bring.",
        why=(
            "A client reports a version only if the config names it. A release that comes before "
            "the next config is then not counted in its first weeks, when most is to be learned."
        ),
        file="",
        before="""\
$ chartconfig versions check --online gopls
warning[CC323] stale-versions: 2 versions of `gopls` are not listed: v0.20.3, v0.21.1
""",
        after="""\
$ chartconfig versions update gopls
gopls: listed v0.20.2, 36 ahead
$ chartconfig versions check gopls
gopls: nothing is missing
""",
        ignorable=False,
        whole=True,
    ),
)
