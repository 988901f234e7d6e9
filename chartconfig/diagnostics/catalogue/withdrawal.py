"""Codes on versions that were released: which were, and which are withdrawn."""

from __future__ import annotations

from chartconfig.diagnostics.catalogue.rule import Rule
from chartconfig.diagnostics.diagnostic import Severity

RULES = (
    Rule(
        code="CC945",
        name="malformed-withdrawal",
        severity=Severity.ERROR,
        finds="An entry of retracted.yaml is not a released version with a reason in one line.",
        why=(
            "It goes into every later go.mod, where the go command shows the reason to whoever "
            "uses the version. What is no version there makes the whole file unreadable to it."
        ),
        file="retracted.yaml",
        before="""\
# yaml-language-server: $schema=../schema/retracted.schema.json
v1.1: Collected the names of branches.
""",
        after="""\
# yaml-language-server: $schema=../schema/retracted.schema.json
v1.1.0: Collected the names of branches.
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC946",
        name="not-released",
        severity=Severity.ERROR,
        finds="A version that is to be withdrawn was never released.",
        why=(
            "To withdraw the wrong version warns everybody off a good one, and leaves the bad one "
            "in use."
        ),
        file="",
        before="""\
$ chartconfig retract v1.10.0 --reason "Collected the names of branches."
""",
        after="""\
$ git tag --list
$ chartconfig retract v1.1.0 --reason "Collected the names of branches."
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC947",
        name="missing-release",
        severity=Severity.ERROR,
        finds="Not everything is at hand that was released or published before.",
        why=(
            "A version is numbered after those before it, and a log is the same one only if it "
            "begins the same. Without one of its releases, a new site would show another log "
            "under the same key, and every client that knows the first would have proof that the "
            "key signed two."
        ),
        file="",
        before="""\
$ git clone --depth 1 https://example.org/config
$ chartconfig -C config publish public --key log.key --all
""",
        after="""\
$ git -C config fetch --unshallow --tags
$ chartconfig -C config publish public --key log.key --all
""",
        ignorable=False,
        whole=True,
    ),
)
