"""charts.json: for whoever draws or audits, what each number is worth.

    {
      "format": "chartconfig/charts/v1",
      "charts": [
        {
          "id": "gopls/client",
          "title": "Editors that run gopls",
          ...
          "rate": 0.1243,
          "weight": 8.045052292839904,
          "expected_reports": 14916.0,
          "achieved": {"margin": 0.01, "margin_at_likely": 0.00905}
        }
      ]
    }

Charts are sorted by id. Fractions are numbers: one percent is 0.01. Reports to count for a chart
are those with X <= `rate`, not all that arrive, and each stands for `weight` installations. The
keys:

- `id`, `title`, `description`, `type`, `issues`, `owners`: as the chart's file has them; `expires`
  is a date or `"never"`; `reason`, `quantile`, `exclusive`, `depth` and `expected_shares` stand
  where they apply, as does `since`.
- `program`: its full name, as in config.json; `module`: the module whose versions it has, null for
  a program that has none. `scheme` says how its versions are written and ordered where that is not
  clear: `pep440`, `semver` or `go-module`. Else those of a module are Go's, and those of a program
  without one the Go toolchain's.
- `since`: the first version of the chart's own that has the counter. config.json names versions for
  a whole program, so reports of older ones may hold the counter, and do not count for the chart.
- `counters`: names as clients read them, buckets collapsed; in config.json, those that another
  chart needs more often have an entry of their own.
- `accuracy`: the keys of the YAML, and `kind`, the one of them that says what is promised.
- `population`: the chart's own `low`, `likely`, `high`, after adoption.
- `rate`: the chart's own; a counter that another chart needs more often stands in config.json with
  that chart's rate. `weight`: 1/rate. `expected_reports`: in a week, from `likely`.
- `achieved`: what the rate gives for `low` (the promise) and for `likely`; null where nothing can
  be promised. `shortfall` appears when one was accepted (in `rates --format json`, when there is
  one): `limit`, `binding`, `required`.

Where something is collected no longer and still accepted, `charts` is followed by it:

      "retired": [
        {
          "program": "golang.org/x/tools/gopls",
          "counters": ["gopls/client:{emacs,zed}"],
          "until": "2027-08-01",
          "reason": "Both are counted with the others now."
        }
      ]

Installations with an older config send it still. A server accepts reports that hold it up to and
including the day `until`, besides what config.json lists, which alone is for clients. An entry has

- `program` with `counters`, `stacks` or `versions`; with none of them it is of the whole program,
  of which everything is accepted that an older version of the config lists;
- or `goos`, `goarch` or `go_versions` without a program. Retired Go versions are retired versions
  of the toolchain's programs, too.

Names are as in config.json; several buckets may share one. Of an expired chart whose file still
stands, all that no other chart asks for is listed, with a day that moves on; see
[retired.md](retired.md).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chartconfig.charts.target import kind
from chartconfig.collection.compile import collected_names
from chartconfig.collection.retired import retirement_entry
from chartconfig.module.version import scheme_of_module

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chartconfig.charts.chart import Chart
    from chartconfig.charts.repository import Repository
    from chartconfig.charts.retired import Retirement
    from chartconfig.sampling.accuracy import Accuracy
    from chartconfig.sampling.plan import PlannedRate

FORMAT = "chartconfig/charts/v1"

_dump = json.JSONEncoder(ensure_ascii=False).encode

Entry = dict[str, Any]
"""A chart, as charts.json has it."""


def chart_entry(chart: Chart, planned: PlannedRate, repository: Repository) -> Entry:
    """Return a chart as charts.json and `rates --format json` have it."""
    program = repository.program(chart)
    population = repository.population(chart)
    asked = kind(chart)
    of_module = scheme_of_module(program.module)
    entry: Entry = {
        "id": chart.id,
        "title": chart.title,
        "description": chart.description,
        "type": chart.type.value,
        "program": program.name,
        "module": program.module,
        "scheme": program.scheme.value if program.scheme is not of_module else None,
        "counters": list(collected_names(chart)),
        "exclusive": chart.exclusive or None,
        "quantile": float(chart.quantile) if chart.quantile is not None else None,
        "depth": chart.depth or None,
        "expected_shares": {name: float(share) for name, share in chart.expected_shares} or None,
        "since": chart.since,
        "issues": list(chart.issues),
        "owners": list(chart.owners),
        "expires": chart.expires.isoformat() if chart.expires else "never",
        "reason": chart.reason,
        "accuracy": {"kind": asked, **accuracy_entry(chart.accuracy)},
        "population": {
            "low": population.low,
            "likely": population.likely,
            "high": population.high,
        },
        "rate": planned.rate,
        "weight": 1 / planned.rate,
        "expected_reports": round(planned.expected_reports, 3),
        "achieved": {
            asked: planned.achieved_at_low,
            f"{asked}_at_likely": planned.achieved_at_likely,
        },
    }
    if planned.shortfall is not None:
        entry["shortfall"] = {
            "limit": planned.shortfall.limit,
            "binding": planned.shortfall.binding,
            "required": planned.required,
        }
    optional = ("scheme", "exclusive", "quantile", "depth", "expected_shares", "since", "reason")
    return {key: value for key, value in entry.items() if key not in optional or value is not None}


def encode_charts(entries: Iterable[Entry], retired: Iterable[Retirement] = ()) -> Iterator[bytes]:
    """Yield charts.json in parts, one chart at a time: a key a line, with a last newline."""
    yield f'{{\n  "format": "{FORMAT}",\n  "charts": ['.encode()
    separator = "\n"
    for entry in entries:
        yield f"{separator}{_object(entry)}".encode()
        separator = ",\n"
    if told := ",\n".join(_object(retirement_entry(each)) for each in retired):
        yield f'\n  ],\n  "retired": [\n{told}'.encode()
    yield b"\n  ]\n}\n"


def _object(entry: Mapping[str, object]) -> str:
    lines = ",\n".join(f"      {_dump(key)}: {_dump(value)}" for key, value in entry.items())
    return f"    {{\n{lines}\n    }}"


def accuracy_entry(accuracy: Accuracy) -> dict[str, object]:
    """Return the keys of the YAML that say something, in the order of the schema."""
    entry: dict[str, object] = {}
    for key in (
        "margin",
        "simultaneous",
        "guaranteed",
        "relative_margin",
        "smallest_share",
        "detect",
        "reports",
        "distribution_margin",
        "change",
        "power",
        "confidence",
        "weeks",
        "for_each",
        "smallest_group",
        "groups",
    ):
        value = getattr(accuracy, key, None)
        if value is None or value is False or value == () or (key == "weeks" and value == 1):
            continue
        exact = isinstance(value, (bool, int, tuple))
        entry[key] = list(value) if isinstance(value, tuple) else value if exact else float(value)
    return entry
