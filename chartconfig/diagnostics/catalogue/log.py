"""Codes on the transparency log: what is served that must not be believed, or not be written."""

from __future__ import annotations

from chartconfig.diagnostics.catalogue.rule import Rule
from chartconfig.diagnostics.diagnostic import Severity

RULES = (
    Rule(
        code="CC921",
        name="malformed-log-file",
        severity=Severity.ERROR,
        finds="A file of the log, a key or a proof is not what its format allows.",
        why=(
            "Whoever reads the same bytes must read the same thing. What two clients could take "
            "for two things is taken for neither."
        ),
        file="",
        before="""\
$ chartconfig fetch https://example.com --key example.com/log
""",
        after="""\
$ chartconfig fetch https://example.com --key log.vkey
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC922",
        name="unverified-note",
        severity=Severity.ERROR,
        finds="A tree head bears no valid signature of a key that is trusted.",
        why=(
            "Anybody can write that a log has so many records and such a root. Only the log's own "
            "key makes it the log's word, which it can be held to."
        ),
        file="",
        before="""\
$ chartconfig verify https://mirror.example.net --key another.vkey
""",
        after="""\
$ chartconfig verify https://mirror.example.net --key log.vkey
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC923",
        name="not-in-log",
        severity=Severity.ERROR,
        finds="A record, a tile or a proof does not lead to the root hash that was signed.",
        why=(
            "What is not in the tree is seen by nobody but the one it was served to. Damage on the "
            "way looks the same as a version made for one reader alone, and neither is used."
        ),
        file="",
        before="""\
$ chartconfig verify --proof v1.2.0.tlog-proof --key log.vkey
""",
        after="""\
$ chartconfig proof https://example.com --key log.vkey v1.2.0 -o v1.2.0.tlog-proof
$ chartconfig verify --proof v1.2.0.tlog-proof --key log.vkey
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC924",
        name="log-fork",
        severity=Severity.ERROR,
        finds="The log has signed two trees of which neither continues the other.",
        why=(
            "It shows different records to different readers, or has taken one back. Both heads "
            "are signed, so the two notes and the proof convince everybody: keep and publish them."
        ),
        file="",
        before="""\
$ chartconfig verify https://example.com --key log.vkey --state auditor.state
""",
        after="""\
$ chartconfig verify https://example.com --key log.vkey --state auditor.state --format json
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC925",
        name="log-rollback",
        severity=Severity.ERROR,
        finds="The newest tree that is served is older than one that was seen before.",
        why=(
            "A stale mirror, or somebody who hides the newest version: a withdrawal, say. What is "
            "served is true and not the whole truth."
        ),
        file="",
        before="""\
$ chartconfig fetch https://stale.example.net --key log.vkey
""",
        after="""\
$ chartconfig fetch https://example.com --key log.vkey
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC926",
        name="too-few-witnesses",
        severity=Severity.ERROR,
        finds="Fewer witnesses than are asked for have cosigned the tree head.",
        why=(
            "A log could show each reader a tree of its own. A witness signs one tree only, so a "
            "head that enough of them have signed is the one that everybody sees."
        ),
        file="",
        before="""\
$ chartconfig verify --proof v1.2.0.tlog-proof --key log.vkey
""",
        after="""\
$ chartconfig proof https://example.com --key log.vkey v1.2.0 -o v1.2.0.tlog-proof
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC927",
        name="missing-log-file",
        severity=Severity.ERROR,
        finds="The log does not have a file that its own tree head says it has.",
        why=(
            "A proof cannot be made without it. A server that leaves out a file keeps readers from "
            "checking just what it stands for, whether it means to or not."
        ),
        file="",
        before="""\
$ chartconfig verify https://example.com --key log.vkey
""",
        after="""\
$ chartconfig publish public --key log.key --all
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC928",
        name="site-in-conflict",
        severity=Severity.ERROR,
        finds="The site holds something that the next record of the log contradicts.",
        why=(
            "What was published is never changed. To go on regardless would sign a second tree of "
            "one size, which every client that saw the first takes for a fork, and rightly so."
        ),
        file="",
        before="""\
$ chartconfig publish public --key log.key --version v1.2.0
""",
        after="""\
$ chartconfig verify public --key log.vkey
$ chartconfig publish public --key log.key --all
""",
        ignorable=False,
        whole=True,
    ),
)
