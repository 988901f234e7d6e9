"""Codes on how long charts live, and on findings that they ignore."""

from __future__ import annotations

from chartconfig.diagnostics.catalogue.rule import Rule
from chartconfig.diagnostics.diagnostic import Severity

RULES = (
    Rule(
        code="CC601",
        name="expired",
        severity=Severity.WARNING,
        finds="The chart's last day is past.",
        why=(
            "It is not compiled in, so its counters are no longer collected; the file remains and "
            "makes people believe that they are."
        ),
        file="charts/gopls/client.yaml",
        before="expires: 2026-10-31  # and today is 2026-11-20\n",
        after="expires: 2027-11-01\n",
    ),
    Rule(
        code="CC602",
        name="expires-soon",
        severity=Severity.WARNING,
        finds="The chart expires within 60 days.",
        why=(
            "After that day nothing more is collected for it, and its line ends in every drawing. "
            "A later date has to be reviewed, released and fetched, and reaches installations "
            "over weeks; when it comes too late, the series has a gap."
        ),
        file="charts/gopls/client.yaml",
        before="expires: 2026-12-31  # and today is 2026-11-20\n",
        after="expires: 2027-11-01\n",
    ),
    Rule(
        code="CC603",
        name="never-without-reason",
        severity=Severity.ERROR,
        finds="A chart never expires and does not say why.",
        why=(
            "Data that was needed once goes on being collected because nobody looks again. A "
            "chart without an end is an exception that installations are owed a reason for, and "
            "the reason is published with it."
        ),
        file="charts/gopls/client.yaml",
        before="expires: never\n",
        after="""\
expires: never
reason: Which editors are supported is decided anew for every release.
""",
        ignorable=False,
    ),
    Rule(
        code="CC604",
        name="date",
        severity=Severity.ERROR,
        finds="A date is not a day of the calendar, written like 2027-11-01.",
        why=(
            "Whether a chart is collected hangs on this day. Of `01/02/2027` some readers think "
            "January and others February, and 30 February never comes, or is taken for 2 March."
        ),
        file="charts/gopls/client.yaml",
        before="expires: 2027-02-30\n",
        after="expires: 2027-02-28\n",
        ignorable=False,
    ),
    Rule(
        code="CC605",
        name="needless-ignore",
        severity=Severity.WARNING,
        finds="A chart ignores a finding that it does not have.",
        why=(
            "What was wrong has been mended, and the exception stayed. It would hide the same "
            "mistake when somebody makes it again."
        ),
        file="charts/gopls/client.yaml",
        before="""\
buckets: [vscode, neovim, emacs, other]
ignore:
  - {code: CC206, reason: gopls knows these three editors and no other}
""",
        after="""\
buckets: [vscode, neovim, emacs, other]
""",
        ignorable=False,
    ),
    Rule(
        code="CC606",
        name="ignore-of-unknown-code",
        severity=Severity.ERROR,
        finds="A chart ignores a code that does not exist.",
        why=(
            "The entry hits nothing, so what it was meant for is still reported, or will be. "
            "Reviewers see an exception that they cannot look up."
        ),
        file="charts/gopls/client.yaml",
        before="""\
ignore:
  - {code: CC026, reason: gopls knows these editors and no other}
""",
        after="""\
buckets: [vscode, neovim, emacs]
ignore:
  - {code: CC206, reason: gopls knows these editors and no other}
""",
        ignorable=False,
    ),
    Rule(
        code="CC607",
        name="ignore-not-allowed",
        severity=Severity.ERROR,
        finds="A chart ignores a code that protects installations or without which nothing works.",
        why=(
            "Some findings are not a matter of opinion: a bucket that names a person, a rate that "
            "cannot be computed, a name that clients read differently. An exception for one chart "
            "would be paid by everybody who is asked for it."
        ),
        file="charts/gopls/client.yaml",
        before="""\
ignore:
  - {code: CC408, reason: the margin is only a wish}
""",
        after="""\
buckets: [vscode, neovim, emacs]
ignore:
  - {code: CC206, reason: gopls knows these editors and no other}
""",
        ignorable=False,
    ),
    Rule(
        code="CC608",
        name="expires-too-late",
        severity=Severity.WARNING,
        finds="The chart expires more than five years ahead.",
        why=(
            "By then the people who asked are gone and the decision is long made, while "
            "installations go on reporting. A nearer date costs one review and may end a "
            "collection that nobody needs."
        ),
        file="charts/gopls/client.yaml",
        before="expires: 2040-01-01\n",
        after="expires: 2029-11-01\n",
    ),
    Rule(
        code="CC609",
        name="not-renewed",
        severity=Severity.ERROR,
        finds="A chart is to be renewed, and does not expire before the day that is named.",
        why=(
            "Whoever renews a chart lets it be collected for longer, and that is what reviewers "
            "are told. A day that comes sooner is another change, and belongs into the file by "
            "hand."
        ),
        file="",
        before="""\
$ chartconfig renew gopls/client --until 2026-12-01
""",
        after="""\
$ chartconfig renew gopls/client --until 2028-11-01
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC610",
        name="outdated-codeowners",
        severity=Severity.WARNING,
        finds="CODEOWNERS does not name the owners that the charts name.",
        why=(
            "Its platform asks whom CODEOWNERS names to look at a change, and not whom the chart "
            "names. Where the two differ, nobody who answers for the chart hears of it."
        ),
        file="",
        before="""\
$ sed -i 's/^owners: .*/owners: ["@golang/vscode"]/' configs/charts/gopls/client.yaml
$ chartconfig check
""",
        after="""\
$ chartconfig codeowners -o .github/CODEOWNERS
$ chartconfig check
""",
        ignorable=False,
        whole=True,
    ),
)
