"""What `new`, `init` and `import` write where people are to write something else.

Of the texts in a chart, `check` tells while they stand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

DESCRIPTION = "Replace this with the decision that the answer serves."
ISSUE = "https://example.org/replace/with/the/proposal"
OWNER = "@replace/this"

COLLECTION = """\
module: {module}
fetch_probability: 10%  # an installation looks at the config in one week out of ten
max_reports_per_year: 2  # what one installation may be asked for
goos: {goos}
goarch: {goarch}
accuracy:  # what charts promise that do not say
  partition: {{margin: 1%, confidence: 95%}}
  histogram: {{distribution_margin: 2%, confidence: 95%}}
  ratio: {{distribution_margin: 2%, confidence: 95%}}
  stack: {{detect: 0.1%, reports: 1, confidence: 95%}}
"""
"""collection.yaml of a new config repository."""


def population(
    program: str,
    today: date,
    *,
    assumption: str = "Replace this with what nobody knows, such as how many take part.",
) -> str:
    """Return an entry of populations.yaml for which no default rate is too high.

    Args:
        program: Its id, in quotes where YAML needs them.
        today: The day on which it is written.
        assumption: What stands below `assumption`.
    """
    return f"""\
{program}:
  low: 300k  # rates are planned for this
  likely: 500k
  high: 1M
  as_of: {today}
  source: Replace this with where the numbers come from.
  assumption: {assumption}
"""
