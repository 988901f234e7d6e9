"""Draw fleets for all charts of configs/, one installation at a time.

`python -m benchmarks.simulation` says how long a million installations take in one week.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from chartconfig.cli.project import open_project, planned_or_refuse
from chartconfig.collection.audit import HALF, POPULATIONS, cases_of, read_compiled_config
from chartconfig.pipeline import build
from chartconfig.sampling.installations import simulate_each

ROOT = Path(__file__).parent.parent
MILLION = 1_000_000


def seconds_a_million() -> float:
    """Return what a million installations take: to draw a number each, and to report by it."""
    project = open_project(str(ROOT))
    files = build(planned_or_refuse(project), documents=project.documents, origin=project.origin)
    charts, config = read_compiled_config(files)
    asked = cases_of(charts, config)
    drawn, taken = 0, 0.0
    for name in POPULATIONS:
        if name != HALF:
            cases = list(dict.fromkeys(asked[name].values()))
            start = time.perf_counter()
            simulate_each(cases, fleets=1)
            taken += time.perf_counter() - start
            largest = max(case.installations for case in cases)
            drawn += largest * max(case.study.accuracy.weeks for case in cases)
    return taken / drawn * MILLION


if __name__ == "__main__":
    sys.stdout.write(f"{seconds_a_million():.3f} s for a million installations\n")
