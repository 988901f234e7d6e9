"""Codes on charts that are brought in from other formats, or written out in one."""

from __future__ import annotations

from chartconfig.diagnostics.catalogue.rule import Rule
from chartconfig.diagnostics.diagnostic import Severity

_IMPORT = "$ chartconfig import go-chartconfig config.txt -o charts\n"

RULES = (
    Rule(
        code="CC127",
        name="not-a-field",
        severity=Severity.ERROR,
        finds="A line of a file in Go's record format is no field, no comment and no `---`.",
        why=(
            "Go's own parser stops there. A misspelled key, a key behind a space or a separator "
            "with something after it would otherwise lose a field, or make one record of two."
        ),
        file="",
        before="$ grep tittle config.txt\ntittle: Editors that run hello\n" + _IMPORT,
        after="$ sed -i s/^tittle:/title:/ config.txt\n" + _IMPORT,
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC128",
        name="unbalanced-braces",
        severity=Severity.ERROR,
        finds="`{` and `}` do not stand once each around the buckets of a `counter` field.",
        why=(
            "Go's own parser stops there. From `{` on, lines are taken for buckets, so a brace "
            "too few would swallow the fields below, and clients read a brace too many as part "
            "of a bucket's name, which no program counts."
        ),
        file="",
        before="$ grep counter: config.txt\ncounter: hello/start:{terminal,editor\n" + _IMPORT,
        after="$ sed -i '/^counter:/ s/$/}/' config.txt\n" + _IMPORT,
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC129",
        name="repeated-field",
        severity=Severity.ERROR,
        finds="A field other than `issue` is given twice in one record of Go's format.",
        why=(
            "Go's own parser stops there. Most often the line `---` between two records is "
            "missing, and what is read as one chart are two."
        ),
        file="",
        before="$ grep -c ^title: config.txt\n2\n$ grep -c ^---$ config.txt\n0\n" + _IMPORT,
        after="$ sed -i '1!s/^title:/---\\n&/' config.txt\n" + _IMPORT,
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC130",
        name="missing-field",
        severity=Severity.ERROR,
        finds="A record of Go's format lacks a field that Go's own tool needs, too.",
        why=(
            "Without a title, a counter, a type and a program, nobody can say what would be "
            "collected of whom. What Go's format does not have, such as owners, is filled in "
            "instead, and reported."
        ),
        file="",
        before="$ cat config.txt\ntitle: Invocations\ncounter: hello/invocations\n" + _IMPORT,
        after="$ printf 'type: partition\\nprogram: cmd/hello\\n' >> config.txt\n" + _IMPORT,
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC131",
        name="malformed-field",
        severity=Severity.ERROR,
        finds="The value of a field of Go's format is none that the field can have.",
        why=(
            "A depth that is no number, a depth of what is no stack or an error rate that is a "
            "word says something else than its author meant, and a guess would be collected."
        ),
        file="",
        before="$ grep depth: config.txt\ndepth: sixteen\n" + _IMPORT,
        after="$ sed -i 's/^depth:.*/depth: 16/' config.txt\n" + _IMPORT,
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC132",
        name="contradicting-records",
        severity=Severity.ERROR,
        finds="Two records, or a record and the config repository, cannot both be true.",
        why=(
            "A program has one module, whose versions it has, and a counter is either a number "
            "or a stack. To pick one of two would collect what the other record does not say."
        ),
        file="",
        before=(
            "$ grep module: config.txt\nmodule: example.org/hello\nmodule: example.org/hallo\n"
            + _IMPORT
        ),
        after="$ sed -i s/hallo/hello/ config.txt\n" + _IMPORT,
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC133",
        name="brought-over-otherwise",
        severity=Severity.WARNING,
        finds="Something is written otherwise than the file that is imported has it, or left out.",
        why=(
            "The two formats do not say everything alike: Go's tool collects a stack without "
            "depth as a plain counter, and a client expands no buckets in a stack's name. What "
            "is collected stays the same, but it is not what the line seems to say."
        ),
        file="",
        before="$ grep -A 1 'type: stack' config.txt\ntype: stack\n---\n" + _IMPORT,
        after="$ sed -i 's/^type: stack/&\\ndepth: 16/' config.txt\n" + _IMPORT,
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC134",
        name="assumed",
        severity=Severity.WARNING,
        finds="Something that the file does not say was assumed, and is marked in what is written.",
        why=(
            "How many installations there are and which versions have been released stands in no "
            "chart of Go's. Rates are computed from the one, and reports are dropped by the "
            "other: until both are replaced, the compiled config is a draft."
        ),
        file="",
        before="$ head -3 charts/configs/populations.yaml\n" + _IMPORT,
        after="$ $EDITOR charts/configs/populations.yaml\n$ chartconfig -C charts check\n",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC135",
        name="filled-in",
        severity=Severity.INFO,
        finds="A key that every chart must have, and the imported file does not, was filled in.",
        why=(
            "Whoever installs the program may ask who answers for a chart and until when it is "
            "collected. The imported file has no answer, so one that is to be replaced stands "
            "there, and `check` tells while it does."
        ),
        file="",
        before=_IMPORT,
        after=_IMPORT.replace("\n", " --owner @example/hello\n"),
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC136",
        name="not-expressible",
        severity=Severity.ERROR,
        finds="A chart says something that the format it is to be written in cannot say.",
        why=(
            "Go's format knows no ratios and no program without a module, and `#` ends a value "
            "there. A file without the chart, "
            "or with half of its description, would be read as the whole truth by whoever "
            "imports it. With --partial the chart is left out, and a comment says so."
        ),
        file="",
        before="$ chartconfig export go-chartconfig -o config.txt\n",
        after="$ chartconfig export go-chartconfig --partial -o config.txt\n",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC137",
        name="not-exported",
        severity=Severity.INFO,
        finds="Some keys of a chart have no place in the format that it is written in.",
        why=(
            "What is collected is the same without them, but who answers for it, until when and "
            "how accurately is not: whoever imports the file has to say it anew."
        ),
        file="",
        before="$ chartconfig export go-chartconfig -o config.txt\n",
        after="$ chartconfig export go-chartconfig -o config.txt 2>lost.txt\n",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC138",
        name="charted-already",
        severity=Severity.INFO,
        finds="Counters of the file that is imported are charted in the config repository already.",
        why=(
            "What people have reviewed is never replaced by an import: nothing is written for "
            "these counters, so the same import twice does nothing the second time, and one of a "
            "newer file brings in what is new."
        ),
        file="",
        before=_IMPORT + _IMPORT,
        after=_IMPORT,
        ignorable=False,
        whole=True,
    ),
)
