"""Codes on accuracy and populations: what is asked, and of how many installations."""

from __future__ import annotations

from chartconfig.diagnostics.catalogue.rule import Retired, Rule
from chartconfig.diagnostics.diagnostic import Severity

RULES = (
    Rule(
        code="CC401",
        name="fraction",
        severity=Severity.ERROR,
        finds="A fraction is not written as one: above 0 and below 1, such as 1% or 0.01.",
        why=(
            "`margin: 1` may mean one percent or one hundred. Taken as the whole, any answer "
            "would be accurate enough and nobody would be asked; taken as one percent, a guess "
            "would decide how often installations report."
        ),
        file="charts/gopls/client.yaml",
        before="accuracy: {margin: 1, confidence: 99%}\n",
        after="accuracy: {margin: 1%, confidence: 99%}\n",
        ignorable=False,
    ),
    Rule(
        code="CC402",
        name="confidence",
        severity=Severity.ERROR,
        finds="A confidence is not above 0 and below 100%.",
        why=(
            "A sample is never certain: for a confidence of 100% every installation would have "
            "to report every week, and no cap allows that. Only a stated chance of being wrong "
            "gives a rate."
        ),
        file="charts/gopls/client.yaml",
        before="accuracy: {margin: 1%, confidence: 100%}\n",
        after="accuracy: {margin: 1%, confidence: 99%}\n",
        ignorable=False,
    ),
    Rule(
        code="CC403",
        name="accuracy-kind",
        severity=Severity.ERROR,
        finds=(
            "An accuracy names none, or more than one, of margin, relative_margin, detect, "
            "distribution_margin and change."
        ),
        why=(
            "Each kind is another promise about the published number, with its own rate. With "
            "two, readers of the chart cannot tell which one holds; with none, nothing is "
            "promised and no rate follows."
        ),
        file="charts/gopls/client.yaml",
        before="accuracy: {margin: 1%, detect: 0.1%, reports: 5, confidence: 99%}\n",
        after="accuracy: {margin: 1%, confidence: 99%}\n",
        ignorable=False,
    ),
    Rule(
        code="CC404",
        name="population-order",
        severity=Severity.ERROR,
        finds="A population does not ascend from low over likely to high.",
        why=(
            "Rates are planned for `low`. If it is larger than what is likely, too few "
            "installations are asked, and the published number is further from the truth than "
            "the chart promises."
        ),
        file="populations.yaml",
        before="""\
gopls:
  low: 600k
  likely: 300k
  high: 1.2M
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
    Rule(
        code="CC405",
        name="population-size",
        severity=Severity.ERROR,
        finds="A number of installations is not a whole number of at least 1.",
        why=(
            "A rate is the part of so many installations that has to report. Of none, or of fewer "
            "than none, no part gives an answer."
        ),
        file="populations.yaml",
        before="""\
gopls:
  low: 0
  likely: 600k
  high: 1.2M
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
    Rule(
        code="CC406",
        name="adoption-order",
        severity=Severity.ERROR,
        finds="A newer version is said to be on more installations than an older one.",
        why=(
            "A share counts the installations at or above a version, so it can only fall as "
            "versions rise. If it was meant as the share of that version alone, the population of "
            "a new counter comes out too large, and its rate too low for its promise."
        ),
        file="populations.yaml",
        before="""\
gopls:
  low: 300k
  likely: 600k
  high: 1.2M
  as_of: 2026-06-01
  source: https://example.org/survey-2026
  adoption: {v0.13.0: 15%, v0.16.0: 80%}
""",
        after="""\
gopls:
  low: 300k
  likely: 600k
  high: 1.2M
  as_of: 2026-06-01
  source: https://example.org/survey-2026
  adoption: {v0.13.0: 95%, v0.16.0: 80%}
""",
        ignorable=False,
    ),
    Rule(
        code="CC407",
        name="no-population",
        severity=Severity.ERROR,
        finds="populations.yaml does not say how many installations run a program.",
        why=(
            "The same accuracy takes one installation in twenty of 300,000 and one in six hundred "
            "of ten million. Without the number a rate would be a guess, and the smaller the "
            "guess, the more often installations are asked."
        ),
        file="programs/compile.yaml",
        before="population: toolchain\n",
        after="population: go\n",
        ignorable=False,
    ),
    Rule(
        code="CC408",
        name="shortfall",
        severity=Severity.ERROR,
        finds="The accuracy needs a higher rate than the cap allows.",
        why=(
            "An installation looks at the config in one week out of ten, so a counter cannot be "
            "collected more often than that. Published as it is, the number would be further "
            "from the truth than the chart says, and its readers could not know."
        ),
        file="charts/gopls/client.yaml",
        before="accuracy: {margin: 0.2%, confidence: 99%}\n",
        after="accuracy: {margin: 1%, confidence: 99%}\n",
        ignorable=False,
    ),
    Rule(
        code="CC410",
        name="over-budget",
        severity=Severity.ERROR,
        finds="The accuracy needs a higher rate than max_reports_per_year allows.",
        why=(
            "The budget is what installations were told: at most so many reports a year. One "
            "counter over it makes every installation that runs the program report more often, "
            "because the largest rate of all is the one that counts."
        ),
        file="collection.yaml",
        before="max_reports_per_year: 1\n",
        after="max_reports_per_year: 4\n",
        ignorable=False,
    ),
    Rule(
        code="CC411",
        name="shortfall-accepted",
        severity=Severity.INFO,
        finds="The accuracy needs a higher rate than is allowed, and the chart accepts that.",
        why=(
            "The counter is collected at the highest rate that is allowed, and the published "
            "number is further from the truth than the accuracy asks. What can be promised "
            "instead stands in charts.json and wherever the chart is shown."
        ),
        file="charts/gopls/client.yaml",
        before="accuracy: {margin: 0.2%, confidence: 99%}\nshortfall: accept\n",
        after="accuracy: {margin: 1%, confidence: 99%}\n",
        ignorable=False,
    ),
    Rule(
        code="CC412",
        name="needless-shortfall",
        severity=Severity.WARNING,
        finds="The chart accepts a shortfall and has none.",
        why=(
            "It warns readers of an inaccuracy that is not there. And should the population "
            "shrink later, the promise would be broken without an error, since it has been "
            "accepted already."
        ),
        file="charts/gopls/client.yaml",
        before="accuracy: {margin: 1%, confidence: 99%}\nshortfall: accept\n",
        after="accuracy: {margin: 1%, confidence: 99%}\n",
    ),
    Rule(
        code="CC413",
        name="margin-below-one-installation",
        severity=Severity.WARNING,
        finds="The margin is smaller than the share of one installation.",
        why=(
            "A share moves in steps of one installation, so such a margin asks for the exact "
            "number, which only a report from everybody could give. It is usually a slip of two "
            "digits, and no rate that is allowed can meet it."
        ),
        file="charts/gopls/client.yaml",
        before="accuracy: {margin: 0.0001%, confidence: 99%}\nshortfall: accept\n",
        after="accuracy: {margin: 1%, confidence: 99%}\n",
    ),
    Rule(
        code="CC414",
        name="bucket-rarer-than-margin",
        severity=Severity.WARNING,
        finds="A bucket is expected to be rarer than the margin.",
        why=(
            "If 0.4% of installations have it and the margin is 1%, then 0 is within the promise: "
            "the chart may say that nobody has it. The bucket is collected, and nothing can be "
            "learnt from it."
        ),
        file="charts/gopls/client.yaml",
        before="expected_shares: {vscode: 60%, zed: 0.4%}\n",
        after="""\
buckets: [vscode, neovim, emacs, other]
expected_shares: {vscode: 60%}
""",
    ),
    Rule(
        code="CC415",
        name="expected-share-of-no-bucket",
        severity=Severity.ERROR,
        finds="expected_shares names something that is none of the buckets.",
        why=(
            "The share is compared with nothing, so a bucket too rare for the margin is not "
            "noticed. The bucket was renamed, or one of the two names is misspelled."
        ),
        file="charts/gopls/client.yaml",
        before="expected_shares: {vscode: 60%, vim: 20%}\n",
        after="expected_shares: {vscode: 60%, neovim: 20%}\n",
        ignorable=False,
    ),
    Rule(
        code="CC416",
        name="needless-simultaneous",
        severity=Severity.WARNING,
        finds="The accuracy is to hold for all buckets at once, and there is one.",
        why=(
            "It changes no rate. But it tells readers that several numbers were planned together, "
            "and when buckets are added later, their rate rises without anybody having decided so."
        ),
        file="charts/gopls/package-loader.yaml",
        before="""\
buckets: [bazel]
accuracy: {margin: 1%, simultaneous: true, confidence: 95%}
""",
        after="""\
buckets: [bazel]
accuracy: {margin: 1%, confidence: 95%}
""",
    ),
    Rule(
        code="CC417",
        name="stale-population",
        severity=Severity.WARNING,
        finds="An estimate of a population is more than a year old.",
        why=(
            "If installations have halved since, half the reports come in and the margin is 1.4 "
            "times what the chart promises. If they have doubled, each is asked nearly twice as "
            "often as needed."
        ),
        file="populations.yaml",
        before="""\
gopls:
  low: 300k
  likely: 600k
  high: 1.2M
  as_of: 2024-06-01
  source: https://example.org/survey-2024
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
    Rule(
        code="CC418",
        name="population-from-the-future",
        severity=Severity.WARNING,
        finds="An estimate of a population is for a day that has not come.",
        why=(
            "The day is mistyped, and then nobody knows how old the estimate is; or it is a "
            "forecast, and rates planned for more installations than there are miss their promise "
            "until then."
        ),
        file="populations.yaml",
        before="""\
gopls:
  low: 300k
  likely: 600k
  high: 1.2M
  as_of: 2027-06-01
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
    Rule(
        code="CC419",
        name="accuracy-does-not-fit",
        severity=Severity.ERROR,
        finds="The accuracy is of a kind that says nothing about a chart of this type.",
        why=(
            "The buckets of a partition have no order, so there is no cumulative distribution "
            "that could be within a margin. A rate computed for one would promise something that "
            "nobody can check against the published shares."
        ),
        file="charts/gopls/client.yaml",
        before="accuracy: {distribution_margin: 2%, confidence: 95%}\n",
        after="accuracy: {margin: 1%, confidence: 95%}\n",
        ignorable=False,
    ),
    Rule(
        code="CC420",
        name="shares-above-one",
        severity=Severity.WARNING,
        finds="The expected shares of buckets that exclude each other add up to more than 100%.",
        why=(
            "Either the estimates are wrong, and then the check for buckets that are too rare is "
            "wrong as well, or an installation can have several of the buckets, and then the rate "
            "is too low for a promise about all of them."
        ),
        file="charts/gopls/client.yaml",
        before="exclusive: true\nexpected_shares: {vscode: 80%, neovim: 40%}\n",
        after="exclusive: true\nexpected_shares: {vscode: 60%, neovim: 20%}\n",
    ),
    Rule(
        code="CC421",
        name="adoption-unknown",
        severity=Severity.ERROR,
        finds="A counter is newer than every version whose share of installations is known.",
        why=(
            "Fewer installations have the counter than have the newest version that is listed, "
            "and nobody has said how many. The rate is computed for too many of them, so the "
            "promised margin is missed until most have updated."
        ),
        file="populations.yaml",
        before="""\
gopls:
  low: 300k
  likely: 600k
  high: 1.2M
  as_of: 2026-06-01
  source: https://example.org/survey-2026
  adoption: {v0.13.0: 95%}
""",
        after="""\
gopls:
  low: 300k
  likely: 600k
  high: 1.2M
  as_of: 2026-06-01
  source: https://example.org/survey-2026
  adoption: {v0.13.0: 95%, v0.16.0: 80%}
""",
        ignorable=False,
    ),
    Rule(
        code="CC422",
        name="needless-guaranteed",
        severity=Severity.WARNING,
        finds="The accuracy asks for a guarantee, and the chart is not of a mean.",
        why=(
            "It changes no rate: the margin of a share holds whatever the share is, as it stands. "
            "Only the mean of a ratio has the choice, since it can be taken to be normal. Readers "
            "would think that other charts promise less."
        ),
        file="charts/gopls/client.yaml",
        before="accuracy: {margin: 1%, guaranteed: true, confidence: 99%}\n",
        after="accuracy: {margin: 1%, confidence: 99%}\n",
    ),
    Rule(
        code="CC423",
        name="groups-above-whole",
        severity=Severity.ERROR,
        finds="There are to be more groups of the smallest size than there is room for.",
        why=(
            "Six groups with a fifth of the installations each are more than everybody. The "
            "smallest group is smaller than the chart says, so it sends fewer reports than its "
            "promise needs; or there are fewer groups, and the confidence is dearer than needed."
        ),
        file="charts/gopls/client.yaml",
        before="""\
accuracy: {margin: 5%, confidence: 99%, for_each: [os], smallest_group: 40%, groups: 3}
""",
        after="""\
accuracy: {margin: 5%, confidence: 99%, for_each: [os], smallest_group: 10%, groups: 3}
""",
        ignorable=False,
    ),
)

RETIRED = (
    Retired(
        code="CC409",
        name="not-computed-yet",
        why=(
            "It found an accuracy of a kind for which no rate was computed. Now one is computed "
            "for every kind; a kind that means nothing for the type of a chart is still refused."
        ),
        see="CC419",
    ),
)
