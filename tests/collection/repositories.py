"""Small config repositories: the one that is kept with its output, and any others."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from chartconfig.collection.manifest import Origin
from chartconfig.pipeline import Planned, build, check
from tests.scenarios.repository import ROOT, TODAY, Files, documents, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.strategies import DrawFn

    from chartconfig.source.document import Document

SMALL = ROOT / "tests" / "golden" / "small"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ORIGIN = Origin(commit="c" * 40, tree="d" * 40, on=TODAY, time=NOON)

TOOLCHAIN = ("go1.25.2", "go1.25.10", "go1.26rc1", "go1.26.0")
MODULE = ("v0.9.0", "v0.13.0", "v0.16.0-pre.1", "v0.16.0", "v0.20.0")


def planned(files: Mapping[str, bytes]) -> Planned:
    """Return the plan of a repository, in which nothing is wrong."""
    checked = check(documents(files), on=TODAY)
    assert checked.compilable is not None, checked.diagnostics
    return checked.compilable


def built(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return build(planned(files), documents=documents(files), origin=ORIGIN)


@cache
def small() -> dict[str, bytes]:
    """Return the output for the repository of tests/golden/small."""
    return built({path: data for path, data in read(SMALL).items() if path.startswith("configs/")})


def charts_of(output: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the charts of charts.json by id."""
    return {chart["id"]: chart for chart in json.loads(output["charts.json"])["charts"]}


def config_of(output: Mapping[str, bytes]) -> dict[str, Any]:
    config: dict[str, Any] = json.loads(output["config.json"])
    return config


_COMMON: dict[str, Mapping[str, object]] = {
    "configs/collection.yaml": {
        "module": "example.org/telemetry/config",
        "fetch_probability": "10%",
        "goos": ["linux", "darwin"],
        "goarch": ["arm64", "amd64"],
        "accuracy": {
            "partition": {"margin": "1%", "confidence": "95%"},
            "histogram": {"distribution_margin": "2%", "confidence": "95%"},
            "ratio": {"distribution_margin": "2%", "confidence": "95%"},
            "stack": {"detect": "0.1%", "reports": "2", "confidence": "95%"},
        },
    },
    "configs/populations.yaml": {
        name: {"low": low, "likely": "2M", "high": "3M", "as_of": "2026-06-01", "source": "a guess"}
        for name, low in (("gopls", "500k"), ("go", "1M"))
    },
    "configs/versions.lock.yaml": {
        "toolchain": {"source": "a guess", "updated": "2026-11-01", "versions": list(TOOLCHAIN)},
        "programs": {
            "gopls": {"source": "a guess", "updated": "2026-11-01", "versions": list(MODULE)}
        },
    },
    "configs/programs/gopls.yaml": {
        "title": "gopls",
        "name": "golang.org/x/tools/gopls",
        "module": "golang.org/x/tools/gopls",
        "prefixes": ["gopls"],
    },
    "configs/programs/go.yaml": {"title": "go", "name": "cmd/go", "prefixes": ["go"]},
}

_ACCURACY = {
    "partition": [
        {"margin": "2%"},
        {"margin": "1%", "weeks": "2"},
        {"relative_margin": "20%", "smallest_share": "2%"},
        {"change": "2%", "power": "90%"},
    ],
    "histogram": [{"distribution_margin": "3%"}, {"distribution_margin": "1.5%"}],
    "ratio": [
        {"distribution_margin": "1.2%"},
        {"distribution_margin": "4%"},
        {"margin": "2%", "guaranteed": "true"},
    ],
    "stack": [{"detect": "0.5%", "reports": "1"}],
}


def chart(
    program: str,
    chart_type: str,
    *,
    since: str | None = None,
    expires: date = TODAY + timedelta(days=365),
    accuracy: Mapping[str, str] | None = None,
    **keys: object,
) -> dict[str, object]:
    """Return a chart's keys and values."""
    promise = {} if accuracy is None else {"accuracy": {**accuracy, "confidence": "95%"}}
    return {
        "title": "A question",
        "description": "Decides something.",
        "type": chart_type,
        "program": program,
        "issues": ["https://example.org/issues/1"],
        "owners": ["@example"],
        "expires": expires.isoformat(),
        **({} if since is None else {"since": since}),
        **promise,
        **keys,
    }


def repository(charts: Mapping[str, Mapping[str, object]]) -> Files:
    """Return the files of a repository with these charts, by id."""
    files = {f"configs/charts/{name}.yaml": _yaml(keys) for name, keys in charts.items()}
    return {path: _yaml(keys) for path, keys in _COMMON.items()} | files


def _yaml(keys: Mapping[str, object]) -> bytes:
    # JSON is YAML, but numbers and dates are to be plain.
    return "".join(f"{key}: {_flow(value)}\n" for key, value in keys.items()).encode()


def _flow(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(json.dumps(each) for each in value) + "]"
    return str(value)


@st.composite
def repositories(draw: DrawFn) -> Files:
    """Any repository of a few charts, some expired, some ratios over buckets of others."""
    charts: dict[str, dict[str, object]] = {}
    shared = {"gopls": ["gopls/all", "gopls/some"], "go": ["go/all", "go/some"]}
    names = draw(st.permutations(["ant", "bee", "cow", "dog", "elk", "fox"]))
    for name in names[: draw(st.integers(1, 6))]:
        program = draw(st.sampled_from(["gopls", "go"]))
        chart_type = draw(st.sampled_from(sorted(_ACCURACY)))
        keys: dict[str, object] = {"counter": f"{program}/{name}"}
        if chart_type in {"partition", "histogram"}:
            buckets = draw(st.permutations(["other", "a", "b", "c+d", "e"]))
            keys["buckets"] = chosen = buckets[: draw(st.integers(2, 5))]
            shared[program] += [f"{program}/{name}:{bucket}" for bucket in chosen]
        elif chart_type == "stack":
            keys["depth"] = draw(st.integers(1, 32))
        else:
            both = draw(st.permutations(shared[program]))
            keys = {"numerator": both[0], "denominator": both[1]}
        charts[f"{program}/{name}"] = chart(
            program,
            chart_type,
            since=draw(st.none() | st.sampled_from(MODULE if program == "gopls" else TOOLCHAIN)),
            expires=TODAY + timedelta(days=draw(st.sampled_from([-1, 0, 365]))),
            accuracy=draw(st.none() | st.sampled_from(_ACCURACY[chart_type])),
            **keys,
        )
    return repository(charts)


def shuffled(files: Files) -> list[Document]:
    return documents(dict(reversed(list(files.items()))))
