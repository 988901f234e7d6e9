"""JSON Schema for each kind of file, and its violations told in the language of the file.

The schemas in schema/ are the one description of the files: editors complete and check by them,
and so does this module, through the jsonschema-rs library. Two keywords of our own say what a
violation means: `diagnostic`, the code (or, for missing keys, a code for each), and `errorMessage`,
what to write instead, which editors show as well.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.render import in_order
from chartconfig.source.nodes import Mapping, Node, Scalar, Sequence, index, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.source.document import Document
    from chartconfig.source.nodes import Plain

_KINDS_OF_WORDS = {"true": "a truth", "false": "a truth", "null": "nothing", "~": "nothing"}
_NOT_BLANK = r"\S"
_KINDS = {
    "object": "a map of keys and values",
    "array": "a list",
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
}


@dataclass(frozen=True, slots=True)
class Schema:
    """The shape of one kind of file, with every reference resolved."""

    kind: str
    tree: dict[str, Any]
    validator: Any


@cache
def load(kind: str) -> Schema:
    """Return the schema of a kind of file: chart, collection, populations, program, versions."""
    tree = _resolved(_read(f"{kind}.schema.json"), f"{kind}.schema.json")
    return Schema(kind, tree, jsonschema_rs.Draft202012Validator(tree))


def names() -> tuple[str, ...]:
    """Return the file names of all schemas."""
    return tuple(sorted(path.name for path in _folder().iterdir() if path.name.endswith(".json")))


def text(name: str) -> str:
    """Return the text of the schema file `name`."""
    content: str = _folder().joinpath(name).read_text(encoding="utf-8")
    return content


def schema_line(kind: str, path: str) -> str:
    """Return the first line of a file, by which editors find its schema.

    Examples:
        >>> schema_line("chart", "configs/charts/gopls/client.yaml")
        '# yaml-language-server: $schema=../../../schema/chart.schema.json'
    """
    up = "../" * path.count("/")
    return f"# yaml-language-server: $schema={up}schema/{kind}.schema.json"


def violations(schema: Schema, node: Node, document: Document) -> tuple[Diagnostic, ...]:
    """Return every place where the node is not as the schema says, in the order of the file."""
    value = plain(node)
    if schema.validator.is_valid(value):
        return ()
    errors = list(schema.validator.iter_errors(value))
    unknown: dict[tuple[str | int, ...], set[str]] = {}
    for error in errors:
        if error.kind.name == "additionalProperties":
            allowed = _at(schema.tree, error.schema_path[:-1]).get("properties", {})
            unknown[tuple(error.instance_path)] = {
                meant for key in error.kind.unexpected for meant in _meant(key, allowed)
            }
    told = _Teller(schema, node, document, unknown)
    found = dict.fromkeys(diagnostic for error in errors for diagnostic in told.tell(error))
    return in_order(found)


class _Teller:
    """One error of the validator to diagnostics that name keys and values as they are written."""

    def __init__(
        self,
        schema: Schema,
        root: Node,
        document: Document,
        unknown: dict[tuple[str | int, ...], set[str]],
    ) -> None:
        self._schema = schema
        self._document = document
        self._unknown = unknown
        self._index = index(root)

    def tell(self, error: Any) -> Iterator[Diagnostic]:  # noqa: ANN401 - jsonschema-rs has no types
        """Yield what one error means; nothing where another error says it better."""
        path: tuple[str | int, ...] = tuple(error.instance_path)
        node = self._index.values[path]
        rule = _at(self._schema.tree, error.schema_path[:-1])
        name = f"`{_name(path)}`" if path else f"the {self._schema.kind} file"
        match error.kind.name:
            case "required" | "dependentRequired":
                yield from self._missing(error.kind.property, path, node, rule)
            case "additionalProperties":
                for key in error.kind.unexpected:
                    yield self._unknown_key(key, path, rule.get("properties", {}))
            case "falseSchema":
                yield self._unfitting_key(path)
            case "type":
                yield self._wrong_kind(name, node, rule)
            case "enum" | "constant":
                yield self._unknown_choice(name, node, rule)
            case "oneOfNotValid" | "oneOfMultipleValid" | "oneOf":
                if isinstance(node, Mapping) and not self._unknown.get(path):
                    yield self._report(rule, "CC403", f"{name} names no single target", node)
            case "minItems" | "minProperties":
                few = rule.get("minItems", rule.get("minProperties", 1))
                size = "is empty" if few == 1 else f"has fewer than {few} entries"
                yield self._report(rule, "CC120", f"{name} {size}", node, f"write {few} or more")
            case "maxItems" | "maxProperties":
                most = rule.get("maxItems", rule.get("maxProperties"))
                yield self._report(
                    rule, "CC120", f"{name} has too many entries", node, f"write at most {most}"
                )
            case "minLength":
                yield self._report(rule, "CC120", f"{name} is empty", node, "write some text")
            case "pattern" if rule["pattern"] == _NOT_BLANK:
                yield self._report(rule, "CC120", f"{name} is blank", node, "write some text")
            case "maxLength":
                assert isinstance(node, Scalar)
                most = rule["maxLength"]
                message = f"{name} has {len(node.text)} characters"
                yield self._report(rule, "CC120", message, node, f"write at most {most}")
            case "uniqueItems":
                yield self._repeated_item(name, node)
            case _:
                written = f"{name} is `{_spelled(node)}`"
                yield self._report(rule, "CC119", written, node, _bounds(rule))

    def _missing(
        self, key: str, path: tuple[str | int, ...], node: Node, rule: dict[str, Any]
    ) -> Iterator[Diagnostic]:
        if key in self._unknown.get(path, ()):
            return  # it is there, misspelled
        codes = rule.get("diagnostic")
        code = codes.get(key, "CC117") if isinstance(codes, dict) else "CC117"
        where = f"`{_name(path)}`" if path else f"this {self._what()}"
        described = self._property(path, key).get("description", "")
        yield report(
            code,
            f"`{key}` is missing from {where}",
            self._document.span(*_head(node)),
            hint=f"write `{key}:` {_uncapitalised(described)}".rstrip(". "),
        )

    def _what(self) -> str:
        """Return what the file is: `histogram chart`, `program file`."""
        if self._schema.kind != "chart":
            return f"{self._schema.kind} file"
        kind = self._index.values.get(("type",))
        types = self._schema.tree["properties"]["type"]["enum"]
        return f"{kind.text} chart" if isinstance(kind, Scalar) and kind.text in types else "chart"

    def _unknown_key(
        self, key: str, path: tuple[str | int, ...], allowed: dict[str, Any]
    ) -> Diagnostic:
        written = self._index.keys[*path, key]
        where = f"`{_name(path)}`" if path else f"a {self._schema.kind} file"
        name, colon, rest = key.partition(":")
        if colon and name in allowed:
            hint = f"put a space after the colon: `{name}: {rest}`"
        elif meant := _meant(key, allowed):
            hint = f"did you mean `{meant[0]}`?"
        else:
            hint = f"{where} has the keys {', '.join(allowed)}"
        return report(
            "CC116",
            f"`{key}` is no key of {where}",
            self._document.span(written.start, written.end),
            hint=hint,
        )

    def _unfitting_key(self, path: tuple[str | int, ...]) -> Diagnostic:
        written = self._index.keys[path]
        return report(
            "CC116",
            f"a {self._what()} has no `{path[-1]}`"
            if len(path) == 1
            else f"`{_name(path[:-1])}` has no `{path[-1]}`",
            self._document.span(written.start, written.end),
            hint=f"delete it, or change `{'type' if len(path) == 1 else 'from'}`",
        )

    def _wrong_kind(self, name: str, node: Node, rule: dict[str, Any]) -> Diagnostic:
        wanted = rule["type"] if isinstance(rule["type"], list) else [rule["type"]]
        if "string" in wanted and isinstance(node, Scalar) and node.text:
            if "diagnostic" in rule:
                return self._report(rule, "CC119", f"{name} is `{node.text}`", node)
            return self._report(
                rule,
                "CC114",
                f"`{node.text}` is {_KINDS_OF_WORDS.get(node.text, 'a number')} to YAML, "
                f"and {name} is text",
                node,
                f'write "{node.text}"',
            )
        is_empty = isinstance(node, Scalar) and not node.text
        what = "empty" if is_empty else _described(node)
        described = " or ".join(_KINDS[kind] for kind in wanted)
        hint = f"write {described}"
        if wanted == ["array"] and isinstance(node, Scalar) and not is_empty:
            hint = f"write a list: [{node.text if node.plain else json.dumps(node.text)}]"
        return self._report(rule, "CC115", f"{name} is {what}, not {described}", node, hint)

    def _unknown_choice(self, name: str, node: Node, rule: dict[str, Any]) -> Diagnostic:
        choices = [str(choice) for choice in rule.get("enum", [rule.get("const")])]
        written = _spelled(node)
        meant = get_close_matches(written, choices, 1)
        hint = f"did you mean `{meant[0]}`?" if meant else f"write one of {', '.join(choices)}"
        if len(choices) == 1:
            hint = f"write {choices[0]}"
        return self._report(rule, "CC118", f"{name} is `{written}`", node, hint)

    def _repeated_item(self, name: str, node: Node) -> Diagnostic:
        assert isinstance(node, Sequence)
        seen: dict[str, Node] = {}
        first, again = next(
            (first, item)
            for item in node.items
            if (first := seen.setdefault(json.dumps(plain(item), sort_keys=True), item)) is not item
        )
        return report(
            "CC120",
            f"{name} holds `{_spelled(again)}` twice",
            self._document.span(again.start, again.end),
            hint="delete one of the two",
            related=((self._document.span(first.start, first.end), "the first one"),),
        )

    def _property(self, path: tuple[str | int, ...], key: str) -> dict[str, Any]:
        """Return the schema of a key, as far as plain `properties` lead to it."""
        tree = self._schema.tree
        for step in path:
            if isinstance(step, int):
                tree = tree.get("items", {})
            else:
                tree = tree.get("properties", {}).get(step, tree.get("additionalProperties", {}))
        found = tree.get("properties", {}).get(key, {})
        return found if isinstance(found, dict) else {}

    def _report(
        self, rule: dict[str, Any], code: str, message: str, node: Node, hint: str | None = None
    ) -> Diagnostic:
        """Return a diagnostic with the schema's own code and hint where it has them."""
        own = rule.get("diagnostic")
        return report(
            own if isinstance(own, str) else code,
            message,
            self._document.span(*_head(node)),
            hint=rule.get("errorMessage", hint),
        )


def _folder() -> Any:  # noqa: ANN401 - importlib's Traversable has moved between Pythons
    return files("chartconfig").joinpath("schema")


@cache
def _read(name: str) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(text(name))
    return tree


def _resolved(tree: Any, name: str) -> Any:  # noqa: ANN401 - JSON
    """Return a schema with each `$ref` replaced by what it refers to; keys beside it win."""
    if isinstance(tree, list):
        return [_resolved(item, name) for item in tree]
    if not isinstance(tree, dict):
        return tree
    resolved = {key: _resolved(value, name) for key, value in tree.items() if key != "$ref"}
    if "$ref" not in tree:
        return resolved
    target, _, pointer = tree["$ref"].partition("#")
    found: Any = _read(target or name)
    for step in pointer.split("/")[1:]:
        found = found[step]
    return {**_resolved(found, target or name), **resolved}


def _at(tree: Any, path: list[str | int]) -> dict[str, Any]:  # noqa: ANN401 - JSON
    for step in path:
        tree = tree[step]
    return tree if isinstance(tree, dict) else {}


def _meant(key: str, allowed: dict[str, Any]) -> list[str]:
    return get_close_matches(key, list(allowed), 1, 0.7)


def _name(path: tuple[str | int, ...]) -> str:
    """Return a path as people write it: `ignore[0].code`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).lstrip(".")


def _head(node: Node) -> tuple[int, int]:
    """Return the span to underline: a value, or the first key of a map of several lines."""
    if isinstance(node, Mapping) and node.entries and node.start == node.entries[0][0].start:
        return node.start, node.entries[0][0].end
    return node.start, node.end


def _spelled(node: Node) -> str:
    return node.text if isinstance(node, Scalar) else _described(node)


def _described(node: Node) -> str:
    if isinstance(node, Sequence):
        return "a list"
    if isinstance(node, Mapping):
        return "a map"
    value: Plain = plain(node)
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true or false"
    return "text" if isinstance(value, str) else "a number"


def _bounds(rule: dict[str, Any]) -> str | None:
    """Return the interval that a number must lie in."""
    low, high = rule.get("minimum", rule.get("exclusiveMinimum")), rule.get("maximum")
    if low is None or high is None:
        return None
    return f"write a number {'above' if 'exclusiveMinimum' in rule else 'from'} {low} to {high}"


def _uncapitalised(sentence: str) -> str:
    first = sentence.partition(". ")[0]
    return f"- {first[:1].lower()}{first[1:]}" if first else ""
