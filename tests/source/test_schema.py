"""The schemas: valid, judged as another validator judges them, and told in the file's language."""

from __future__ import annotations

import copy
import json
import re
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from chartconfig.diagnostics.catalogue import RULES
from chartconfig.source.document import Document
from chartconfig.source.nodes import plain
from chartconfig.source.schema import load, names, text, violations
from chartconfig.source.yaml import compose
from tests.scenarios.repository import BASE, ROOT, read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartconfig.diagnostics.diagnostic import Diagnostic

KINDS = {
    "chart": "charts/",
    "collection": "collection.yaml",
    "policy": "policy.yaml",
    "populations": "populations.yaml",
    "program": "programs/",
    "retired": "retired.yaml",
    "retracted": "retracted.yaml",
    "versions": "versions.lock.yaml",
}
WORDING = re.compile(
    r"given schema|is not of type|does not match|is not one of|required property|were unexpected"
    r"|is too short|is too long|is less than|is greater than|non-empty|False schema|is not valid"
    r"|is not allowed|non-unique|\^|additionalProperties|oneOf|allOf|None|True|False",
)
"""How validators put it, and how schemas and Python do."""

REGISTRY: Registry[Any] = Registry().with_resources(
    (name, Resource.from_contents(json.loads(text(name)))) for name in names()
)
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 3, 0.01, 0.5, 1.5, 99, 10**13, [], {}, "", " ", "a", "x" * 101),
    *("1%", "0.01", "1", "100%", "0%", "150%", "99%", ".5", "0.0", "1e-3", "never", "2027-11-01"),
    *("tomorrow", "accept", "ratio", "stack", "histogram", "partition", "@golang/tools", "a@b.org"),
    *("https://go.dev/issue/1", "http://go.dev", "300k", "1.2M", "0k", "CC206", "CC", "é" * 60),
    *(["a"], ["a", "a"], ["os"], ["os", "os"], [1, True], [1, 1.0], {"a": 1}, {"margin": "1%"}),
    *({"margin": "1%", "confidence": "99%"}, {"detect": 0.5, "reports": 3, "confidence": 0.9}),
    *([{"code": "CC206", "reason": "x"}], [{"code": "CC206"}], {"releases": 1}, {"v1": "100%"}),
)


def samples(kind: str) -> list[Any]:
    """Return what the files of a kind hold, in configs/, in the small base, and made up."""
    found = []
    base = {path[8:]: data for path, data in BASE.items()}
    others = {
        "retracted.yaml": b"v1.1.0: Collected too much.",
        "retired.yaml": b"""\
- {program: gopls, counters: [gopls/theme], until: 2027-08-01, reason: Answered.}
- {program: gopls, versions: [v0.1.0], stacks: [gopls/bug], until: 2027-08-01, reason: Old.}
- {goos: [plan9], goarch: [mips], go_versions: [go1.9], until: 2027-08-01, reason: Old.}
""",
    }
    for files in (read(ROOT / "configs"), base, others):
        for path, data in files.items():
            if path.startswith(KINDS[kind]):
                node, _ = compose(Document(path=path, data=data))
                assert node is not None
                found.append(shortened(plain(node)))
    return found


def shortened(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a value with no list longer than ten; the lists of versions are hundreds long."""
    if isinstance(value, list):
        return [shortened(item) for item in value[:10]]
    return (
        {key: shortened(below) for key, below in value.items()}
        if isinstance(value, dict)
        else value
    )


def paths(value: Any) -> list[tuple[str | int, ...]]:  # noqa: ANN401 - JSON
    """Return the path of every part of a value but the whole."""
    parts: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict | list):
        parts = value.items() if isinstance(value, dict) else enumerate(value)
    return [path for key, below in parts for path in [(key,), *((key, *p) for p in paths(below))]]


def mutated(value: Any, keys: list[str], random: Random) -> Any:  # noqa: ANN401 - JSON
    """Return a value with one or two parts taken out, replaced, moved or added."""
    value = copy.deepcopy(value)
    for _ in range(random.choice((1, 1, 2))):
        *above, last = random.choice(paths(value) or [("title",)])
        place: Any = value
        for step in above:
            place = place[step]
        match random.randrange(4):
            case 0 if isinstance(place, list):
                place.pop()
            case 0:
                place.pop(last, None)
            case 1 if isinstance(place, dict):
                place[random.choice(keys)] = copy.deepcopy(random.choice(ODD))
            case 2 if isinstance(place, dict) and last in place:
                place[f"{last}s"] = place.pop(last)
            case _:
                place[last] = copy.deepcopy(random.choice(ODD))
    return value


def keys_of(tree: Any) -> set[str]:  # noqa: ANN401 - JSON
    """Return every key that a schema names, anywhere."""
    below = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    found = set(tree.get("properties", {})) if isinstance(tree, dict) else set()
    return found.union(*map(keys_of, below))


def told(kind: str, source: str) -> tuple[Diagnostic, ...]:
    document = Document(path="file.yaml", data=source.encode())
    node, found = compose(document)
    assert node is not None, found
    return violations(load(kind), node, document)


def test_every_schema_is_there_and_valid() -> None:
    assert names() == tuple(sorted(f"{kind}.schema.json" for kind in (*KINDS, "accuracy")))
    for name in names():
        Draft202012Validator.check_schema(json.loads(text(name)))


def test_the_codes_that_schemas_name_are_in_the_catalogue() -> None:
    def codes(tree: Any) -> set[str]:  # noqa: ANN401 - JSON
        below = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
        own = tree.get("diagnostic", ()) if isinstance(tree, dict) else ()
        found = {own} if isinstance(own, str) else set(dict(own).values())
        return found.union(*map(codes, below))

    named = set[str]().union(*(codes(json.loads(text(name))) for name in names()))
    assert named
    assert named <= set(RULES)


@pytest.mark.parametrize("kind", KINDS)
class TestKinds:
    def test_files_that_are_as_they_should_be(self, kind: str) -> None:
        for value in samples(kind):
            assert told(kind, json.dumps(value)) == ()

    def test_two_validators_agree_and_every_violation_is_told_in_words(self, kind: str) -> None:
        """The oracle reads the schemas as they are shipped, references and all."""
        oracle = Draft202012Validator(json.loads(text(f"{kind}.schema.json")), registry=REGISTRY)
        values, keys = samples(kind), [*sorted(keys_of(load(kind).tree)), "colour", "titel"]
        random = Random(kind)  # noqa: S311 - the same values in every run
        verdicts = set()
        for _ in range(1500):
            value = mutated(random.choice(values), keys, random)
            source = json.dumps(value, indent=random.choice((None, 2)), ensure_ascii=False)
            found = told(kind, source)
            verdicts.add(not found)
            assert (not found) == oracle.is_valid(value), source
            assert len(set(found)) == len(found)
            for diagnostic in found:
                shown = f"{diagnostic.message} {diagnostic.hint}"
                assert not WORDING.search(shown), (shown, source)
                assert diagnostic.hint
        assert verdicts == {True, False}


class TestWords:
    @pytest.mark.parametrize(
        ("line", "code", "message", "hint"),
        [
            ("titel: x", "CC116", "`titel` is no key of a chart file", "did you mean `title`?"),
            (
                "Exclusive: true",
                "CC116",
                "`Exclusive` is no key of a chart file",
                "did you mean `exclusive`?",
            ),
            (
                "ignore: [{code: CC206}]",
                "CC117",
                "`reason` is missing from `ignore[0]`",
                "write `reason:`",
            ),
            (
                "exclusive: 1",
                "CC115",
                "`exclusive` is a number, not true or false",
                "write true or false",
            ),
            ("shortfall: yes please", "CC118", "`shortfall` is `yes please`", "write accept"),
            ("reason: [x]", "CC115", "`reason` is a list, not text", "write text"),
            (
                "reason: true",
                "CC114",
                "`true` is a truth to YAML, and `reason` is text",
                'write "true"',
            ),
            ('since: ""', "CC120", "`since` is empty", "write some text"),
            ("expected_shares: {}", "CC120", "`expected_shares` is empty", "write 1 or more"),
            (
                "depth: 3",
                "CC116",
                "a partition chart has no `depth`",
                "delete it, or change `type`",
            ),
            (
                "accuracy: {margin: 1%, confidence: 95%, weeks: 521}",
                "CC119",
                "`accuracy.weeks` is `521`",
                "write a number from 1 to 520",
            ),
            (
                "accuracy: {margin: 1%, confidence: 95%, for_each: [os, os], smallest_group: 1%}",
                "CC120",
                "`accuracy.for_each` holds `os` twice",
                "delete one of the two",
            ),
            (
                "accuracy: {detect: 1%, confidence: 95%}",
                "CC117",
                "`reports` is missing from `accuracy`",
                "write `reports:` - how many reports count as detected",
            ),
            (
                'accuracy: {margin: "1%\\n", confidence: 95%}',
                "CC401",
                "`accuracy.margin` is `1%\n`",
                "write a fraction above 0 and below 1, such as 1% or 0.01",
            ),
        ],
    )
    def test_of_a_violation(self, line: str, code: str, message: str, hint: str) -> None:
        chart = BASE["configs/charts/gopls/package-loader.yaml"].decode()
        (found,) = told("chart", f"{chart}{line}\n")
        assert (found.code, found.message, found.hint) == (code, message, hint)
        assert found.span is not None
        assert found.span.start.line == chart.count("\n") + 1

    def test_of_a_type_that_there_is_not(self) -> None:
        """It is not said of the missing keys which type they are missing from."""
        found = told("chart", "type: partitoin\ntitle: x\n")
        assert [diagnostic.message for diagnostic in found] == [
            *(
                f"`{key}` is missing from this chart"
                for key in ("description", "expires", "issues", "owners", "program")
            ),
            "`type` is `partitoin`",
        ]
