"""How an installation reads config.json, written down apart from chartconfig.

Source:
    golang.org/x/telemetry, internal/config/config.go and internal/upload/reports.go.
"""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A program on a machine, and the random number of its weekly report."""

    program: str
    version: str
    go_version: str
    x: float


def uploads(config: bytes, x: float) -> bool:
    """Return whether a report goes out at all."""
    rate: float = json.loads(config)["SampleRate"]
    return rate <= 0 or x <= rate


def keeps(config: bytes, installation: Installation, counters: list[str]) -> list[str]:
    """Return which of the counters and stacks of a report are uploaded."""
    if not uploads(config, installation.x):
        return []
    known = rates(config, installation)
    return [name for name in counters if name in known and installation.x <= known[name]]


def rates(config: bytes, installation: Installation) -> dict[str, float]:
    """Return the rate of each counter and stack that is listed for the program; the last wins."""
    read = json.loads(config)
    found: dict[str, float] = {}
    if installation.go_version not in read["GoVersion"]:
        return found
    for program in read["Programs"]:
        if program["Name"] != installation.program:
            continue
        if installation.version not in program["Versions"]:
            continue
        for counter in program.get("Counters", []):
            for name in _expanded(counter["Name"]):
                found[name] = counter["Rate"]
        for stack in program.get("Stacks", []):
            found[stack["Name"]] = stack["Rate"]
    return {name: rate for name, rate in found.items() if rate > 0}


def _expanded(name: str) -> list[str]:
    at = name.find("{")
    if at < 0:
        return [name]
    rest = name[at + 1 :]
    rest = rest.removesuffix("}")
    return [name[:at] + bucket for bucket in rest.split(",")]
