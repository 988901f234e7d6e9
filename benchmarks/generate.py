"""Input of any size, the same bytes every time, for chartconfig and for the tools beside it.

`python -m benchmarks.generate charts|metrics|single-metrics|rules COUNT DIRECTORY` writes

- charts: a config repository that passes `chartconfig check --on 2026-11-01`, one chart a file,
  50 charts a program;
- metrics: definitions of like content that pass glean_parser's `glinter`, 50 metrics a file, or,
  as single-metrics, one;
- rules: alerting rules of like content that pass `promtool check rules`, 50 rules a file.

Names are made of words that differ in several letters, because chartconfig reports near-duplicates.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PER_PROGRAM = 50
"""Charts of one program, metrics of one file, rules of one group."""

# A program is named by two of 50 words, a chart by an area and a subject: 2,500 programs of 50.
WORDS = (
    "anvil beacon cobalt dagger ember falcon glacier harbor indigo juniper kestrel lantern meadow "
    "nectar obsidian pebble quartz ripple saffron tundra umbrella velvet walnut xylem yonder "
    "zephyr almond bishop canyon drizzle eclipse fjord gondola hollow island jigsaw kayak lobster "
    "monsoon nimbus orchard pelican quiver rocket sparrow thicket uplift violin whistle zodiac"
).split()
AREAS = "cache editor linker network parser scheduler storage template update workspace".split()
SUBJECTS = "choices duration outcomes failures platform".split()

KINDS = ("partition", "histogram", "partition", "ratio", "partition", "stack")
PARTITIONS = (
    "enabled disabled other",
    "darwin linux windows other",
    "incremental full skipped interrupted other",
    "bash elvish nushell powershell other",
    "emacs helix kakoune neovim sublime vscode zed other",
)
HISTOGRAMS = ("1 2 4 8 16 32", "10 100 1000 10000", "1 3 10 30 100 300 1000 3000")
# An accuracy by kind of chart; nothing stands for the default of collection.yaml.
ACCURACIES = {
    "partition": (
        "{margin: 1%, confidence: 99%}",
        "{margin: 2%, confidence: 95%}",
        "{margin: 1.5%, confidence: 95%, simultaneous: true}",
        "",
        "{margin: 0.005, confidence: 0.9}",
    ),
    "histogram": ("{distribution_margin: 2%, confidence: 95%}", ""),
    "ratio": ("{distribution_margin: 1.5%, confidence: 99%}", ""),
    "stack": ("{detect: 0.1%, reports: 5, confidence: 99%}", ""),
}
VERSIONS = [f"v{major}.{minor}.0" for major in (0, 1) for minor in range(1, 11)]
TOOLCHAIN = [f"go1.{minor}.{patch}" for minor in range(22, 28) for patch in range(8)]

COLLECTION = """\
# yaml-language-server: $schema=../schema/collection.schema.json
module: example.org/telemetry/config
fetch_probability: 10%
max_reports_per_year: 5.2
goos: [darwin, freebsd, linux, windows]
goarch: [amd64, arm64, riscv64]
accuracy:
  partition: {margin: 2%, confidence: 95%}
  histogram: {distribution_margin: 2%, confidence: 95%}
  ratio: {distribution_margin: 2%, confidence: 95%}
  stack: {detect: 0.1%, reports: 3, confidence: 95%}
"""


def chart(number: int) -> tuple[str, str]:
    """Return path and text of the chart with this number, which is at least 0."""
    name, area, subject = _names(number)
    kind = KINDS[number % len(KINDS)]
    counter = f"{name}/{area}/{subject}"
    match kind:
        case "partition":
            buckets = PARTITIONS[number % len(PARTITIONS)].split()
            counters = f"counter: {counter}\nbuckets: [{', '.join(buckets)}]\n"
        case "histogram":
            buckets = [f'"{b}"' for b in HISTOGRAMS[number % len(HISTOGRAMS)].split()]
            counters = f"counter: {counter}\nbuckets: [{', '.join(buckets)}]\n"
        case "ratio":
            counters = f"numerator: {counter}:miss\ndenominator: {counter}:lookup\n"
        case _:
            counters = f"counter: {counter}\ndepth: {4 << number % 3}\n"
    choices = ACCURACIES[kind]
    accuracy = choices[number // len(KINDS) % len(choices)]
    text = (
        "# yaml-language-server: $schema=../../../schema/chart.schema.json\n"
        f"title: {subject.capitalize()} of the {area} in {name}\n"
        f"description: Decides whether the next release of {name} keeps the {area} as it is,"
        f" or spends a quarter on its {subject}.\n"
        f"type: {kind}\n"
        f"program: {name}\n"
        f"{counters}"
        f"issues: [https://example.org/{name}/issues/{number + 1}]\n"
        f'owners: ["@example/{name}"]\n'
        + (f"since: {VERSIONS[number % 5]}\n" if number % 4 == 0 else "")
        + f"expires: 2027-{number % 9 + 2:02}-{number % 28 + 1:02}\n"
        + (f"accuracy: {accuracy}\n" if accuracy else "")
    )
    return f"charts/{name}/{area}-{subject}.yaml", text


def charts(count: int) -> Iterator[tuple[str, str]]:
    """Yield path and text of every file of a config repository with `count` charts."""
    programs = [_names(number)[0] for number in range(0, count, PER_PROGRAM)]
    yield "collection.yaml", COLLECTION
    populations = ["# yaml-language-server: $schema=../schema/populations.schema.json\n"]
    versions = ["# yaml-language-server: $schema=../schema/versions.schema.json\n"]
    versions.append(f"toolchain:\n{_known(TOOLCHAIN, indent=2)}programs:\n")
    for number, name in enumerate(programs):
        low = 800 + 100 * (number % 30)
        populations.append(
            f"{name}:\n  low: {low}k\n  likely: {2 * low}k\n  high: {4 * low}k\n"
            f"  as_of: 2026-10-01\n  source: generated, as a survey of {name} might have it\n"
            + ("  adoption: {v0.2.0: 95%, v0.5.0: 85%}\n" if number % 3 == 0 else "")
        )
        versions.append(f"  {name}:\n{_known(VERSIONS, indent=4)}")
        program = (
            "# yaml-language-server: $schema=../../schema/program.schema.json\n"
            f"title: {name.replace('-', ' ').title()}\n"
            f"name: example.org/{name}/cmd/{name}\n"
            f"module: example.org/{name}\n"
            f"prefixes: [{name}]\n"
            f"since: {VERSIONS[0]}\n"
        )
        yield f"programs/{name}.yaml", program
    yield "populations.yaml", "".join(populations)
    yield "versions.lock.yaml", "".join(versions)
    yield from (chart(number) for number in range(count))


def metrics(count: int, *, per_file: int = PER_PROGRAM) -> Iterator[tuple[str, str]]:
    """Yield path and text of Glean metrics files with `count` metrics that ask like questions."""
    for start in range(0, count, per_file):
        name = _names(start)[0]
        lines = ["---\n$schema: moz://mozilla.org/schemas/glean/metrics/2-0-0\n"]
        for number in range(start, min(start + per_file, count)):
            _, area, subject = _names(number)
            category = f"{name.replace('-', '_')}.{area}"
            if number % len(SUBJECTS) == 0 or number == start:
                lines.append(f"\n{category}:\n")
            lines.append(
                f"  {subject}:\n"
                f"{_metric_type(number)}"
                "    description: >\n"
                f"      Decides whether the next release of {name} keeps the {area} as it is,\n"
                f"      or spends a quarter on its {subject}.\n"
                f"    bugs:\n      - https://example.org/{name}/issues/{number + 1}\n"
                f"    data_reviews:\n      - https://example.org/{name}/reviews/{number + 1}\n"
                f"    notification_emails:\n      - {name}@example.org\n"
                "    data_sensitivity:\n      - technical\n"
                "    expires: never\n"
            )
        yield f"{name}/{start}.yaml", "".join(lines)


def rules(count: int) -> Iterator[tuple[str, str]]:
    """Yield path and text of Prometheus rule files with `count` alerting rules of like content."""
    for start in range(0, count, PER_PROGRAM):
        name = _names(start)[0]
        lines = [f"groups:\n- name: {name}\n  rules:\n"]
        for number in range(start, min(start + PER_PROGRAM, count)):
            _, area, subject = _names(number)
            metric = f"{name.replace('-', '_')}_{area}_{subject}_total"
            lines.append(
                f"  - alert: {area.capitalize()}{subject.capitalize()}\n"
                f'    expr: sum by (os) (rate({metric}{{bucket!="other"}}[{number % 9 + 1}h]))'
                f" / ignoring (os) group_left sum(rate({metric}[1h])) > 0.{number % 9 + 1}\n"
                f"    for: {number % 20 + 1}m\n"
                f"    labels:\n      severity: page\n      owner: {name}\n"
                "    annotations:\n"
                f"      summary: {subject.capitalize()} of the {area} in {name}\n"
                f"      description: Decides whether the next release of {name} keeps the {area}"
                f" as it is, or spends a quarter on its {subject}.\n"
                f"      issue: https://example.org/{name}/issues/{number + 1}\n"
            )
        yield f"{name}.yaml", "".join(lines)


def _names(number: int) -> tuple[str, str, str]:
    """Return program, area and subject of the chart with this number."""
    program, place = divmod(number, PER_PROGRAM)
    last, first = divmod(program, len(WORDS))
    area, subject = divmod(place, len(SUBJECTS))
    # The second word moves on with the first, so that neighbours do not share it.
    program_name = f"{WORDS[first]}-{WORDS[(first + last + 1) % len(WORDS)]}"
    return program_name, AREAS[area], SUBJECTS[subject]


def _known(versions: list[str], *, indent: int) -> str:
    """Return the lines of versions.lock.yaml that list these versions."""
    lines = ("source: generated", "updated: 2026-10-30", f"versions: [{', '.join(versions)}]")
    return "".join(f"{' ' * indent}{line}\n" for line in lines)


def _metric_type(number: int) -> str:
    """Return the lines of a metric that say what its type is and what the type asks for."""
    match KINDS[number % len(KINDS)]:
        case "partition":
            labels = PARTITIONS[number % len(PARTITIONS)].split()
            listed = "".join(f"      - {label}\n" for label in labels)
            return f"    type: labeled_counter\n    labels:\n{listed}"
        case "histogram":
            return (
                "    type: custom_distribution\n    range_min: 1\n    range_max: 3000\n"
                "    bucket_count: 8\n    histogram_type: exponential\n    unit: milliseconds\n"
            )
        case "ratio":
            return "    type: rate\n"
        case _:
            return (
                "    type: event\n    extra_keys:\n      frame:\n"
                "        description: The innermost frame.\n        type: string\n"
            )


def main() -> None:
    """Write the files that the arguments ask for."""
    kinds: dict[str, Callable[[int], Iterator[tuple[str, str]]]] = {
        "charts": charts,
        "metrics": metrics,
        "single-metrics": partial(metrics, per_file=1),
        "rules": rules,
    }
    parser = argparse.ArgumentParser(description="Write benchmark input.")
    parser.add_argument("kind", choices=kinds)
    parser.add_argument("count", type=int)
    parser.add_argument("directory", type=Path)
    arguments = parser.parse_args()
    limit = PER_PROGRAM * len(WORDS) ** 2
    if not 0 < arguments.count <= limit:
        parser.error(f"count must be from 1 to {limit}")
    for path, text in kinds[arguments.kind](arguments.count):
        file: Path = arguments.directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
