"""Write docs/diagnostics/ from the catalogue, docs/formats/ from the schemas and docstrings."""

from __future__ import annotations

import json
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartconfig.auditor import pin, state
from chartconfig.charts import retired
from chartconfig.collection import charts_json, encode, manifest
from chartconfig.diagnostics.catalogue import RETIRED, RULES
from chartconfig.diagnostics.page import pages
from chartconfig.exchange import go_chartconfig
from chartconfig.module import dirhash, gomod, gosum, proxy
from chartconfig.module import zip as module_zip
from chartconfig.review import approval, codeowners, content, release
from chartconfig.source import schema
from chartconfig.tlog import checkpoint, cosignature, note, proof, record, tile, tree

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent
OUTPUTS = {
    "config": encode,
    "charts": charts_json,
    "retired": retired,
    "manifest": manifest,
    "go.mod": gomod,
    "zip": module_zip,
    "h1": dirhash,
    "go.sum": gosum,
    "proxy": proxy,
    "note": note,
    "checkpoint": checkpoint,
    "cosignature": cosignature,
    "record": record,
    "tile": tile,
    "tree": tree,
    "proof": proof,
    "release": release,
    "approval": approval,
    "codeowners": codeowners,
    "content": content,
    "pin": pin,
    "go-chartconfig": go_chartconfig,
    "state": state,
}
FILES = {
    "chart": "charts/&lt;program&gt;/&lt;chart&gt;.yaml",
    "accuracy": "accuracy of a chart, or of a type in collection.yaml",
    "program": "programs/&lt;program&gt;.yaml",
    "populations": "an entry of populations.yaml",
    "collection": "collection.yaml",
    "versions": "versions.lock.yaml",
    "policy": "policy.yaml",
    "retracted": "retracted.yaml",
    "retired": "an entry of retired.yaml",
}


def main() -> None:
    """Write the pages, and delete those of codes that are gone."""
    written = every_page()
    for path in (FOLDER / "diagnostics").glob("*.md"):
        if f"diagnostics/{path.name}" not in written:
            path.unlink()
    for name, text in written.items():
        (FOLDER / name).parent.mkdir(exist_ok=True)
        (FOLDER / name).write_text(text, encoding="utf-8")


def every_page() -> dict[str, str]:
    """Return every generated page, by its path below docs/."""
    diagnostics = pages(RULES.values(), RETIRED.values())
    written = {f"diagnostics/{name}": text for name, text in diagnostics.items()}
    written["formats/files.md"] = files()
    for name, module in OUTPUTS.items():
        written[f"formats/{name}.md"] = f"# {cleandoc(module.__doc__ or '')}\n"
    return written


def files() -> str:
    """Return the page that lists the keys of every file of a config repository."""
    lines = [
        "# The files of a config repository",
        "",
        "Every key of every file, from the schemas in `schema/`, by which editors and `check` go.",
        "",
    ]
    for kind, where in FILES.items():
        tree = json.loads(schema.text(f"{kind}.schema.json"))
        described = tree["description"].replace("<", "&lt;")
        lines += [f"## {tree['title']}: {where}", "", described, ""]
        if "properties" not in tree:  # its keys are names; what stands under each has keys itself
            tree = tree.get("additionalProperties") or tree["items"]
        if "properties" not in tree:
            continue
        lines += ["| key | in | what it says |", "| --- | --- | --- |"]
        lines += [f"| `{key}` | {used} | {what} |" for key, used, what in _keys(tree)]
        lines.append("")
    return "\n".join(lines)


def _keys(tree: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield each key, where it is needed or allowed, and what it says."""
    by_type = {
        rule["if"]["properties"]["type"]["const"]: rule["then"]
        for rule in tree.get("allOf", ())
        if "type" in rule.get("if", {}).get("properties", {})
    }
    for key, described in tree["properties"].items():
        needing = [kind for kind, then in by_type.items() if key in then.get("required", ())]
        barring = [kind for kind, then in by_type.items() if key in then.get("properties", {})]
        allowing = [kind for kind in by_type if kind not in needing + barring]
        if key in tree.get("required", ()):
            used = "**needed**"
        elif needing:
            used = f"**needed** in {', '.join(needing)}"
            used += f"; optional in {', '.join(allowing)}" if allowing else ""
        elif barring:
            used = f"optional in {', '.join(allowing)}"
        else:
            used = "optional"
        choices = described.get("enum", ())
        what = described.get("description", "").replace("|", "\\|").replace("<", "&lt;")
        yield key, used, what or f"One of {', '.join(choices)}." if choices else what


if __name__ == "__main__":
    main()
