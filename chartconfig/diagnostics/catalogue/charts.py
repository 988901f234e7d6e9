"""Codes on charts: their ids, counters, buckets and words."""

from __future__ import annotations

from chartconfig.diagnostics.catalogue.rule import Rule
from chartconfig.diagnostics.diagnostic import Severity

RULES = (
    Rule(
        code="CC201",
        name="id",
        severity=Severity.ERROR,
        finds="The name of a file or folder is not an id: a-z, 0-9 and single hyphens.",
        why=(
            "A chart's id is its path, and the id stands in charts.json, in approvals and in "
            "commands. Some file systems do not tell `Client` from `client`, so two charts that "
            "differ only in that would be one chart on some machines."
        ),
        file="",
        before="""\
$ ls configs/charts/gopls/
'Editor clients.yaml'
""",
        after="""\
$ git mv 'configs/charts/gopls/Editor clients.yaml' configs/charts/gopls/editor-clients.yaml
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC202",
        name="wrong-folder",
        severity=Severity.ERROR,
        finds="The chart's program is not the one whose folder the chart is in.",
        why=(
            "The chart would be reviewed as one of this folder's program and collected from "
            "another. It is usually a copy in which `program` was not changed, and the other "
            "program never counts what it asks for."
        ),
        file="charts/gopls/client.yaml",
        before="program: go\n",
        after="program: gopls\n",
        ignorable=False,
    ),
    Rule(
        code="CC203",
        name="counter-name",
        severity=Severity.ERROR,
        finds=(
            "A counter's name holds what a client reads differently: a space, a comma, a brace, "
            "a second colon, anything but visible ASCII, or a bucket where `buckets` are given."
        ),
        why=(
            "A client cuts a name at the first brace, splits what follows at commas and compares "
            "the rest byte by byte. A name that it takes apart differently matches no counter of "
            "the program: nothing is reported, and nobody is told."
        ),
        file="charts/gopls/client.yaml",
        before="counter: gopls/client name\n",
        after="counter: gopls/client-name\n",
        ignorable=False,
    ),
    Rule(
        code="CC204",
        name="bucket-name",
        severity=Severity.ERROR,
        finds=(
            "A bucket's name holds what a client reads differently: a comma, a brace, a colon, a "
            "space, anything but visible ASCII."
        ),
        why=(
            "All buckets of a counter are written as one name, `gopls/client:{vscode,vim}`, which "
            "clients split at every comma without trimming. The bucket `vim,neovim` becomes two "
            "buckets, so both are collected apart although the chart promises to add them up."
        ),
        file="charts/gopls/client.yaml",
        before='buckets: [vscode, "vim,neovim", other]\n',
        after="buckets: [vscode, vim-or-neovim, other]\n",
        ignorable=False,
    ),
    Rule(
        code="CC205",
        name="repeated-bucket",
        severity=Severity.ERROR,
        finds="A bucket is given twice.",
        why=(
            "A client keeps one counter for the two, and the chart would show it twice: shares "
            "add up to more than there is, and a simultaneous margin is computed for one bucket "
            "too many."
        ),
        file="charts/gopls/client.yaml",
        before="buckets: [vscode, neovim, vscode, other]\n",
        after="buckets: [vscode, neovim, other]\n",
        ignorable=False,
    ),
    Rule(
        code="CC206",
        name="partition-without-other",
        severity=Severity.WARNING,
        finds="A partition of several buckets has no bucket `other`.",
        why=(
            "An installation that fits no bucket sends nothing for the chart. It cannot be told "
            "from one that never ran the feature, so every share is a share of an unknown part "
            "of the population, and a newcomer stays unseen however common it is."
        ),
        file="charts/gopls/client.yaml",
        before="buckets: [vscode, neovim, emacs]\n",
        after="buckets: [vscode, neovim, emacs, other]\n",
    ),
    Rule(
        code="CC207",
        name="similar-counters",
        severity=Severity.WARNING,
        finds=(
            "Two counters of a program have names that are almost the same: a plural, a hyphen, "
            "a letter."
        ),
        why=(
            "One of the two is usually a slip. Clients match names exactly, so the misspelled "
            "counter is asked for and never counted, and its chart shows zeros that look like a "
            "result."
        ),
        file="charts/gopls/package-loader.yaml",
        before="counter: gopls/clients\n",
        after="counter: gopls/package-loader\n",
    ),
    Rule(
        code="CC208",
        name="counter-charted-twice",
        severity=Severity.ERROR,
        finds="Two charts ask for the same counter, and neither of them is a ratio.",
        why=(
            "A counter has one rate, the larger one, so the chart that needs less is collected "
            "more often than its reviewers approved. When one chart is deleted, the counter goes "
            "on being collected for the other, and each of them seems to give the reason."
        ),
        file="charts/gopls/package-loader.yaml",
        before="counter: gopls/client\nbuckets: [vscode, neovim, emacs, zed, other]\n",
        after="counter: gopls/package-loader\nbuckets: [go, bazel, buck, other]\n",
        ignorable=False,
    ),
    Rule(
        code="CC209",
        name="ratio-of-itself",
        severity=Severity.ERROR,
        finds="A ratio has the same counter as numerator and denominator.",
        why=(
            "The answer is 1 for every installation, whatever it does. Reports would be collected "
            "for a chart that cannot tell anything."
        ),
        file="charts/go/gopath-mode.yaml",
        before="numerator: go/invocations\ndenominator: go/invocations\n",
        after="numerator: go/gopath-mode\ndenominator: go/invocations\n",
        ignorable=False,
    ),
    Rule(
        code="CC210",
        name="description-says-nothing",
        severity=Severity.WARNING,
        finds="The description repeats the title, or is too short to name a decision.",
        why=(
            "Whoever runs the program is asked for data on the strength of this sentence. A "
            "reviewer who does not know which decision the answer serves cannot judge whether 1% "
            "is needed or 5% would do, which is a factor of 25 in reports."
        ),
        file="charts/gopls/client.yaml",
        before="description: Editors that run gopls.\n",
        after="description: Decides which editor integrations are tested before each release.\n",
    ),
    Rule(
        code="CC211",
        name="buckets-not-ascending",
        severity=Severity.WARNING,
        finds="The buckets of a histogram do not ascend.",
        why=(
            "Each installation contributes the median bucket of its week, and the median depends "
            "on the order. With two buckets swapped, installations are put into the wrong one, "
            "and the curve that is drawn is of something else."
        ),
        file="charts/go/cache-miss-rate.yaml",
        before='buckets: ["0", "10-49", "1-9", "50-99", "100"]\n',
        after='buckets: ["0", "1-9", "10-49", "50-99", "100"]\n',
    ),
    Rule(
        code="CC212",
        name="issue-not-a-url",
        severity=Severity.ERROR,
        finds="An entry of `issues` is not a whole https address.",
        why=(
            "The link is published with the chart, for people who want to know who asked for the "
            "data and what was said against it. `#61038` leads them nowhere: they do not see "
            "which tracker it was written for."
        ),
        file="charts/gopls/client.yaml",
        before='issues: ["#61038"]\n',
        after="issues: [https://go.dev/issue/61038]\n",
        ignorable=False,
    ),
    Rule(
        code="CC213",
        name="owner-unreachable",
        severity=Severity.ERROR,
        finds="An owner is neither a handle such as @golang/tools nor a mail address.",
        why=(
            "Somebody must answer when a number looks wrong, when a chart expires, and when a "
            "user asks what it is for. A name that is no address reaches nobody, and such a "
            "chart lives on because nobody is asked."
        ),
        file="charts/gopls/client.yaml",
        before="owners: [the tools team]\n",
        after='owners: ["@golang/tools"]\n',
        ignorable=False,
    ),
    Rule(
        code="CC214",
        name="similar-buckets",
        severity=Severity.WARNING,
        finds="Two buckets differ only in case, hyphens or underscores.",
        why=(
            "Clients match names exactly. If both spellings are counted, one editor is split in "
            "two and each half looks small; if only one is, the other stays at zero for ever."
        ),
        file="charts/gopls/client.yaml",
        before="buckets: [vscode, vs-code, neovim, other]\n",
        after="buckets: [vscode, neovim, other]\n",
    ),
    Rule(
        code="CC215",
        name="repeated-title",
        severity=Severity.WARNING,
        finds="Two charts of one program have the same title.",
        why=(
            "People choose a chart by its title, in the published list and where it is drawn. "
            "With two of the same they read one number for the other."
        ),
        file="charts/gopls/package-loader.yaml",
        before="title: Editors that run gopls\n",
        after="title: What loads packages for gopls\n",
    ),
    Rule(
        code="CC216",
        name="unfilled-placeholder",
        severity=Severity.INFO,
        finds="A description, issue or owner is still the text that stands in for one.",
        why=(
            "The chart would be collected all the same, and installations would be told to report "
            "for a decision that nobody has named. It does not fail, so that a chart can be "
            "started and planned first."
        ),
        file="charts/gopls/client.yaml",
        before="description: Replace this with the decision that the answer serves.\n",
        after="description: Decides which editor integrations are tested before each release.\n",
    ),
)
