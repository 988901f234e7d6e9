"""YAML to nodes: what is refused and where, what values are, and that both parsers agree."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chartconfig.source.document import Document
from chartconfig.source.nodes import Mapping, Node, Scalar, Sequence, index, plain
from chartconfig.source.yaml import MAX_BYTES, MAX_DEPTH, compose, locate
from tests.scenarios.repository import ROOT, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartconfig.diagnostics.diagnostic import Diagnostic, Span
    from chartconfig.source.nodes import Plain

LIBYAML: Any = getattr(yaml, "CSafeLoader", None)
TEXTS = sorted(data.decode() for data in read(ROOT / "configs").values() if len(data) < 2000)

Composed = tuple["Node | None", tuple["Diagnostic", ...]]


@pytest.fixture(params=["libyaml", "python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "python":
        monkeypatch.setattr("chartconfig.source.yaml._CLoader", None)
    else:
        assert LIBYAML is not None, "PyYAML was installed without libyaml"


def composed(text: str | bytes) -> Composed:
    data = text if isinstance(text, bytes) else text.encode()
    return compose(Document(path="chart.yaml", data=data))


def value(text: str | bytes) -> Plain:
    node, found = composed(text)
    assert node is not None, found
    assert found == ()
    return plain(node)


def places(text: str | bytes) -> list[tuple[str, str, str]]:
    """Return the code, place and message of every finding; a text with findings has no value."""
    node, found = composed(text)
    assert node is None
    assert all(diagnostic.hint for diagnostic in found)
    return [(each.code, place(each.span), each.message) for each in found]


def place(span: Span | None) -> str:
    assert span is not None
    return f"{span.start.line}:{span.start.column}-{span.end.line}:{span.end.column}"


@pytest.mark.usefixtures("parser")
class TestRefused:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (b"a:\t1\n", ("CC104", "1:3-1:4", "a tab")),
            (b"a:\n\t\t- 1\n", ("CC104", "2:1-2:3", "a tab")),
            (b"a: 1 # b\tc\n", ("CC104", "1:9-1:10", "a tab")),
            (
                b"\xef\xbb\xbfa: 1\n",
                ("CC102", "1:1-1:2", "the file starts with a byte order mark"),
            ),
            (b"\xff\xfea\x00:\x00", ("CC101", "1:1-1:1", "the file is UTF-16")),
            (b"\xfe\xff\x00a\x00:", ("CC101", "1:1-1:1", "the file is UTF-16")),
            (b"a: caf\xe9\n", ("CC101", "1:7-1:8", "the byte 0xE9 is not UTF-8")),
            ("é: né".encode() + b"\xe2\x82", ("CC101", "1:6-1:7", "the byte 0xE2 is not UTF-8")),
            (b"a: 1\nb: \xc0\x80", ("CC101", "2:4-2:5", "the byte 0xC0 is not UTF-8")),
            (b"a: \xed\xa0\x80", ("CC101", "1:4-1:5", "the byte 0xED is not UTF-8")),
            (b"a: b\x00c\n", ("CC103", "1:5-1:6", "U+0000 is an invisible character")),
            (b"a: 1\rb: 2\n", ("CC103", "1:5-1:6", "U+000D is an invisible character")),
            ("a: b\u0085", ("CC103", "1:5-1:6", "U+0085 is an invisible character")),
            ("a: \u2028b", ("CC103", "1:4-1:5", "U+2028 is an invisible character")),
            ("😀: \u202eb", ("CC103", "1:4-1:5", "U+202E is an invisible character")),
            ("a: b\ufeff", ("CC103", "1:5-1:6", "U+FEFF is an invisible character")),
            (
                'a: "\\u200b"',
                ("CC103", "1:4-1:12", "the escape of U+200B, an invisible character"),
            ),
            ('a: "\\0"', ("CC103", "1:4-1:8", "the escape of U+0000, an invisible character")),
            (
                'a: "\\ud800"',
                ("CC103", "1:4-1:12", "the escape of U+D800, an invisible character"),
            ),
            (
                'a: "\\U00110000"',
                ("CC109", "1:5-1:6", "this is not YAML: an escape that stands for no character"),
            ),
            ("", ("CC107", "1:1-1:1", "the file is empty")),
            (" \r\n\n ", ("CC107", "1:1-1:1", "the file is empty")),
            ("# nothing\n", ("CC107", "1:1-1:2", "the file holds no value")),
            ("---\n", ("CC107", "1:1-1:2", "the file holds no value")),
            ("a: 1\n---\nb: 2\n", ("CC108", "2:1-2:4", "a second document")),
            ("a: 1\na: 2", ("CC110", "2:1-2:2", "the key `a` is given twice")),
            ('a: 1\n"a": 2', ("CC110", "2:1-2:4", "the key `a` is given twice")),
            ("a: &b c", ("CC111", "1:4-1:8", "`&b` is an anchor")),
            ("a: *b", ("CC111", "1:4-1:6", "`*b` is an alias")),
            (
                "a: &b 1\nc: [*b, *b]",
                ("CC111", "1:4-1:8", "`&b` is an anchor, the first of 3 anchors and aliases"),
            ),
            ("a: !!int 1", ("CC112", "1:4-1:11", "`!!int` is a tag")),
            ("a: !b {c: 1}", ("CC112", "1:4-1:8", "`!b` is a tag")),
            ("a: ! b", ("CC112", "1:4-1:7", "`!` is a tag")),
            ("%YAML 1.2\n---\na: 1", ("CC112", "1:1-2:4", "a YAML directive")),
            ("1: a", ("CC113", "1:1-1:2", "the key `1` is not text")),
            ("~: a", ("CC113", "1:1-1:2", "the key `~` is not text")),
            ("? [a,\n   b]\n: c", ("CC113", "1:3-2:6", "the key `[a,` is not text")),
            ("{a: {? : b}}", ("CC113", "1:7-1:7", "the key `` is not text")),
            (
                "a: no",
                ("CC114", "1:4-1:6", "`no` is read differently by different readers of YAML"),
            ),
            (
                "NULL: a",
                ("CC114", "1:1-1:5", "`NULL` is read differently by different readers of YAML"),
            ),
            (
                "a: b: c",
                ("CC109", "1:5-1:6", "this is not YAML: mapping values are not allowed here"),
            ),
            (
                'a: "b\nc: d\n',
                ("CC109", "1:4-1:5", "this is not YAML: the quotation mark is not closed"),
            ),
            (
                "a: 1\n b: 2",
                (
                    "CC109",
                    "2:3-2:4",
                    "this is not YAML: the line is no part of the map or list above it",
                ),
            ),
            (
                "- a\nb: c",
                (
                    "CC109",
                    "2:1-2:2",
                    "this is not YAML: the line is no part of the map or list above it",
                ),
            ),
            (
                "a: [b, c\nd: e\n",
                ("CC109", "2:2-2:3", "this is not YAML: expected ',' or ']', but got ':'"),
            ),
        ],
        ids=lambda case: repr(case)[:40],
    )
    def test_at_its_place(self, text: str | bytes, expected: tuple[str, str, str]) -> None:
        assert places(text) == [expected]

    @pytest.mark.parametrize("size", [MAX_BYTES + 1, 50 << 20])
    def test_too_large(self, size: int) -> None:
        message = f"the file is larger than {MAX_BYTES:,} bytes, the most that is read"
        assert places(b"a: 1\n" + b"#" * (size - 5)) == [("CC105", "1:1-1:1", message)]

    def test_the_largest_that_is_read(self) -> None:
        assert value(b"a: 1\n" + b"#" * (MAX_BYTES - 5)) == {"a": 1}

    @pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}"), ("- ", "")])
    def test_nesting(self, opening: str, closing: str) -> None:
        assert value(opening * MAX_DEPTH + "b" + closing * MAX_DEPTH) is not None
        start = len(opening) * MAX_DEPTH + 1
        assert places(opening * (MAX_DEPTH + 1) + "b" + closing * (MAX_DEPTH + 1)) == [
            ("CC106", f"1:{start}-1:{start + 1}", f"more than {MAX_DEPTH} levels of nesting")
        ]

    def test_a_binary_file_is_a_few_mistakes(self) -> None:
        assert len(places(bytes(range(32)) * 100)) == 40

    def test_every_mistake(self) -> None:
        assert [code for code, _, _ in places("a: no\nb: [&c 1]\nb: !d 2\n3: x\n")] == [
            "CC114",
            "CC112",
            "CC110",
            "CC113",
            "CC111",
        ]


@pytest.mark.usefixtures("parser")
class TestValues:
    @pytest.mark.parametrize(
        ("spelled", "expected"),
        [
            ("true", True),
            ("false", False),
            ("null", None),
            ("~", None),
            ("", None),
            ("0", 0),
            ("-12", -12),
            ("1.20", 1.2),
            (".5", 0.5),
            ("16.0", 16),
            ("1e3", 1000),
            ("1e400", "1e400"),
            ("12345678901234567", 12345678901234567),
            ("123456789012345678", "123456789012345678"),
            ('"1.20"', "1.20"),
            ("'no'", "no"),
            ("v1.20", "v1.20"),
            ("1.20.3", "1.20.3"),
            ("2027-11-01", "2027-11-01"),
            ("+1 for generics", "+1 for generics"),
            ("1%", "1%"),
            ("a:b#c", "a:b#c"),
            ("nobody", "nobody"),
            ("|-\n  b\n  c", "b\nc"),
            (">-\n  b\n  c", "b c"),
            ('"\\u00e9\\n"', "é\n"),
            ("😀", "😀"),
        ],
    )
    def test_of_spellings(self, spelled: str, expected: Plain) -> None:
        found = value(f"a: {spelled}\n")
        assert found == {"a": expected}
        assert isinstance(found, dict)
        assert type(found["a"]) is type(expected)

    @pytest.mark.parametrize(
        "spelled",
        "y N yes No ON off TRUE False Null 012 0o17 0x1F 0b1 1_000 12:30 +1 +.5 .nan -.inf".split(),
    )
    def test_of_words_that_readers_disagree_about(self, spelled: str) -> None:
        assert [code for code, _, _ in places(f"a: {spelled}")] == ["CC114"]
        assert value(f'a: "{spelled}"') == {"a": spelled}

    @pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
    def test_of_files_with_other_line_ends(self, text: str) -> None:
        """CRLF is accepted and means a line feed; lines and columns stay as they were."""
        assert value(text.replace("\n", "\r\n")) == value(text)
        one, other = (
            Document(path="chart.yaml", data=data.encode())
            for data in (text, text.replace("\n", "\r\n"))
        )
        keys = value(text)
        assert isinstance(keys, dict)
        for key in keys:
            assert locate(one, key) == locate(other, key)

    def test_at_a_path(self) -> None:
        node, _ = composed("a: [b, {c: d}]\n")
        assert node is not None
        values = index(node).values
        assert values["a", 1, "c"] == Scalar("d", plain=True, start=11, end=12)
        assert values[()] == node
        assert ("a", 2) not in values


# ---- laws

VISIBLE = st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"))
WORD = st.text(VISIBLE, max_size=12)
TREE: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False, width=16).filter(
        lambda number: len(repr(number)) <= 17  # a longer one stays text
    )
    | WORD,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(WORD, below, max_size=4),
    max_leaves=12,
)

PIECES = [
    *"[]{}:,-#?&*!|>'\"%@` \n~",
    *(": ", "- ", "? ", "\n- ", "\n  ", "---\n", "...\n", "|\n", ">-\n", "|2\n", " #", "<<", " :"),
    *(
        "\\x41",
        "\\u00e9",
        "é",
        "😀",
        "%YAML 1.1\n",
        "!!str ",
        "&a ",
        "*a ",
        "\r\n",
        ",,",
        "{}",
        "[]",
    ),
    *("a", "key", "1.20", "a: b\n", "a:b", "no", "null", "x" * 1030, '"q"', "'q'", '"', "\\"),
]


@st.composite
def mutations(draw: st.DrawFn) -> str:
    """A file of configs/ with a few pieces put in and taken out."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 3))
        text = text[:start] + draw(st.sampled_from(["", *PIECES])) + text[start + cut :]
    return text


def agreed(text: str) -> Composed:
    """Return what both parsers make of a text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chartconfig.source.yaml._CLoader", LIBYAML)
        fast = composed(text)
        patch.setattr("chartconfig.source.yaml._CLoader", None)
        assert composed(text) == fast
    return fast


def scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from scalars(item)
    else:
        for key, below in node.entries:
            yield key
            yield from scalars(below)


class TestLaws:
    """The diagnostics are the same with and without libyaml."""

    @pytest.mark.parametrize(
        "text",
        [
            "[a?b]",
            "{a: b?c}",
            "{a: b\n?c}",
            "[? ,]",
            "{?\n :a:1 }",
            "{a: , b: 1}",
            "{a: # c\n , b: 1}",
            "[? ::a,b#c,]",
            "- |#",
            "a: > # b\n  c",
            "a: ># b\n  c",
            "!@!!str ",
            "&a.b c",
            "&a !!str b",
            "--- !!map\na: b",
            "a: !<tag:x,2000:y> 1",
            "%TAG ! tag:x,2000:\n---\na: !b c",
            "%FOO bar\n---\na: 1",
            "{a: b  :'?x'}",
            '"a\n b": c',
            "? a\n: b",
            "[a: b]",
            "{a, b}",
            "a: 'b''c'",
            'a: "b\\\n  c"',
            "a: |+\n\n  b\n\nc: d",
            f"{'a' * 1025}: b",
            f"{{{'a' * 1025}: b}}",
        ],
    )
    def test_parsers_agree_where_they_once_did_not(self, text: str) -> None:
        agreed(text)

    @settings(max_examples=2000, deadline=None)
    @given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
    def test_parsers_agree_on_pieces_of_yaml(self, text: str) -> None:
        agreed(text)

    @settings(max_examples=400, deadline=None)
    @given(mutations())
    def test_parsers_agree_on_mutated_files(self, text: str) -> None:
        agreed(text)

    @settings(max_examples=500, deadline=None)
    @given(TREE)
    def test_json_is_read_as_itself(self, tree: Plain) -> None:
        text = json.dumps(tree, ensure_ascii=False, allow_nan=False)
        node, found = agreed(text)
        assume(not any(diagnostic.code in {"CC103", "CC107"} for diagnostic in found))
        assert node is not None, found
        assert plain(node) == tree

    @settings(max_examples=500, deadline=None)
    @given(st.sampled_from(TEXTS) | mutations() | TREE.map(json.dumps))
    def test_the_text_at_the_span_of_a_scalar_is_its_spelling(self, text: str) -> None:
        node, _ = composed(text)
        for scalar in scalars(node) if node else ():
            spelled = text[scalar.start : scalar.end]
            if scalar.plain:
                assert spelled.split() == scalar.text.split()  # lines are folded
            else:
                assert spelled[0] in "\"'|>"
                assert spelled[0] in "|>" or spelled[-1] == spelled[0]

    @settings(max_examples=300, deadline=None)
    @given(st.sampled_from(TEXTS) | mutations())
    def test_a_part_lies_within_its_whole_and_after_the_part_before(self, text: str) -> None:
        def check(node: Node) -> None:
            assert 0 <= node.start <= node.end <= len(text)
            parts: list[Node] = []
            if isinstance(node, Sequence):
                parts = list(node.items)
            elif isinstance(node, Mapping):
                parts = [part for entry in node.entries for part in entry]
            at = node.start
            for part in parts:
                assert at <= part.start
                check(part)
                at = part.end
            assert at <= node.end

        node, _ = composed(text)
        if node is not None:
            check(node)
