"""The go command itself is a telemetry client: it downloads our config, and reports by it.

The config is published as golang.org/x/telemetry/config below a root of this test. The counters of
one week are aged, the next go command takes them for the last week's, fetches the config and writes
the report that it would upload. It is told to do so through a port that is closed, so that nothing
leaves the machine.
"""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from chartconfig.edge.keys import write_signer
from tests.cli.command import run
from tests.edge.repository import write
from tests.go.command import Go, succeeded
from tests.go.conftest import KEY, NAME, VKEY
from tests.releases import released

if TYPE_CHECKING:
    from pathlib import Path

MODULE = "golang.org/x/telemetry/config"
CONFIG = {
    "collection.yaml": f"""\
module: {MODULE}
fetch_probability: 99.99%
goos: [darwin, linux]
goarch: [amd64, arm64]
accuracy:
  partition: {{margin: 1%, confidence: 99%}}
  histogram: {{distribution_margin: 2%, confidence: 95%}}
  ratio: {{distribution_margin: 2%, confidence: 95%}}
  stack: {{detect: 0.1%, reports: 5, confidence: 95%}}
""",
    "populations.yaml": """\
go: {low: 500, likely: 1k, high: 2k, as_of: 2026-06-01, source: "https://example.org/survey"}
""",
    "versions.lock.yaml": """\
toolchain: {source: "https://go.dev/dl/", updated: 2026-11-01, versions: [GOVERSION]}
""",
    "programs/go.yaml": """\
title: The go command
name: cmd/go
prefixes: [go]
population: go
devel: false
""",
    "charts/go/subcommand.yaml": """\
title: Subcommands of the go command
description: Decides which subcommand is made faster first.
type: partition
program: go
counter: go/subcommand
buckets: [env, version, other]
issues: [https://example.org/1]
owners: [a@example.org]
since: GOVERSION
expires: 2028-11-30
accuracy: {margin: 0.3%, confidence: 99%}
shortfall: accept
""",
}
"""As many reports as can be: an installation reports in all weeks but one in ten thousand."""


def published(folder: Path, version: str) -> Path:
    """Publish the config for a version of the go command, and return the site."""
    files = {
        f"configs/{name}": text.replace("GOVERSION", version).encode()
        for name, text in CONFIG.items()
    }
    write(folder / "repository", files)
    released(folder / "repository", "v1.0.0")
    write_signer(folder / "log.key", KEY)
    arguments = ("publish", folder / "site", "--key", folder / "log.key")
    result = run("-C", folder / "repository", *arguments)
    assert result.code == 0, result.err
    return folder / "site"


def age(local: Path) -> None:
    """Make the counters of this week those of the last one, and let the next upload be due."""
    (path,) = local.glob("*.count")
    data = path.read_bytes()
    today = datetime.now(UTC).date()
    for key, days in (("TimeBegin", 9), ("TimeEnd", 2)):
        then = f"{key}: {today - timedelta(days=days)}".encode()
        data, changes = re.subn(rb"%b: [0-9-]{10}" % key.encode(), then, data)
        assert changes == 1
    path.unlink()
    begun = f"{today - timedelta(days=9)}"
    (local / re.sub(r"\d{4}-\d\d-\d\d(?=\.v1)", begun, path.name)).write_bytes(data)
    (local / "upload.token").unlink()


def report(telemetry: Path, go: Go) -> tuple[Any, Any]:
    """Return the report that would be uploaded, if any, and the one that stays on the machine."""
    telemetry.mkdir()
    (telemetry / "mode").write_text("on 2000-01-01", encoding="ascii")
    for command in (("env", "GOVERSION"), ("version",), ("env", "GOOS"), ("help",)):
        succeeded(go.run(*command))
    local = telemetry / "local"
    age(local)
    succeeded(go.run("version"))
    deadline = time.monotonic() + 30
    while not (kept := list(local.glob("local.*.json"))):  # it is written by a child of its own
        assert time.monotonic() < deadline
        time.sleep(0.05)
    (kept_report,) = kept
    sent = kept_report.with_name(kept_report.name.removeprefix("local."))
    return sent.exists() and json.loads(sent.read_bytes()), json.loads(kept_report.read_bytes())


def test_it_reports_what_our_config_lists_and_nothing_else(tmp_path: Path) -> None:
    asking = Go(home=tmp_path / "asking", proxy="off", key="off")
    version = succeeded(asking.run("env", "GOVERSION")).strip()
    proxy = published(tmp_path, version).as_uri()
    for week in range(4):  # one in ten thousand reports nothing
        telemetry = tmp_path / f"week-{week}"
        home, environment = tmp_path / f"home-{week}", {"TEST_TELEMETRY_DIR": str(telemetry)}
        go = Go(home=home, proxy=proxy, key=VKEY, environment=environment)
        sent, kept = report(telemetry, go)
        assert bool(sent) == (kept["X"] <= 0.9999)
        if sent:
            break
    assert sent["Config"] == kept["Config"] == "v1.0.0"
    (program,) = sent["Programs"]
    assert {key: program[key] for key in ("Program", "Version", "GoVersion")} == {
        "Program": "cmd/go",
        "Version": version,
        "GoVersion": version,
    }
    assert (program["Counters"], program["Stacks"]) == (
        {"go/subcommand:env": 2, "go/subcommand:version": 1},
        {},
    )
    (everything,) = kept["Programs"]
    assert everything["Counters"]["go/invocations"] >= 4
    # It believed the config for the log's sake, whose head it keeps.
    latest = go.home / "go/pkg/sumdb" / NAME / "latest"
    assert latest.read_bytes() == (tmp_path / "site/sumdb" / NAME / "latest").read_bytes()
