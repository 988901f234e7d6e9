"""config.json: the bytes are Go's, no others are read, and every mistake has its place."""

from __future__ import annotations

import contextlib
import random
import re
import struct
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from chartconfig.collection.config import (
    NULL,
    CollectionConfig,
    CounterConfig,
    NullList,
    ProgramConfig,
)
from chartconfig.collection.encode import MalformedConfigError, decode, encode
from chartconfig.diagnostics.diagnostic import Diagnostic, Position, Severity, Span
from tests.oracle.go_json import go_marshal

if TYPE_CHECKING:
    from collections.abc import Iterable

EMPTY = CollectionConfig(goos=(), goarch=(), go_versions=(), sample_rate=0, programs=())
SMALL = CollectionConfig(
    goos=("linux",),
    goarch=NULL,
    go_versions=("devel", "go1.27.0"),
    sample_rate=0.01659,
    programs=(
        ProgramConfig(
            name="cmd/go",
            versions=("go1.27.0",),
            counters=(
                CounterConfig(name="go/invocations", rate=1e-7),
                CounterConfig(name="go/<é>:{a,b}", rate=0.01659),
            ),
            stacks=(CounterConfig(name="go/bug", rate=0.01, depth=16),),
        ),
    ),
)

numbers = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text() | st.text('<>&"\\/\b\f\n\r\t\x00\x1f\x7f\u2028\u2029\ufffd\ufeffé😀a:{,}')
lists = st.just(NULL) | st.lists(texts, max_size=3).map(tuple)
counters = st.lists(
    st.builds(
        CounterConfig,
        name=texts,
        rate=numbers,
        depth=st.integers(-1, 20) | st.integers(-(2**63), 2**63 - 1),
    ),
    max_size=3,
).map(tuple)
programs = st.builds(ProgramConfig, name=texts, versions=lists, counters=counters, stacks=counters)
configs = st.builds(
    CollectionConfig,
    goos=lists,
    goarch=lists,
    go_versions=lists,
    sample_rate=numbers,
    programs=st.just(NULL) | st.lists(programs, max_size=3).map(tuple),
)


def for_go(config: CollectionConfig) -> dict[str, object]:
    """Return `config` as Go reads it, not by way of `encode`."""
    return {
        "GOOS": _list_for_go(config.goos),
        "GOARCH": _list_for_go(config.goarch),
        "GoVersion": _list_for_go(config.go_versions),
        "SampleRate": config.sample_rate,
        "Programs": _list_for_go(
            config.programs, [_program_for_go(program) for program in config.programs]
        ),
    }


def _program_for_go(program: ProgramConfig) -> dict[str, object]:
    def counters(configs: Iterable[CounterConfig]) -> list[object]:
        return [{"Name": c.name, "Rate": c.rate, "Depth": c.depth} for c in configs]

    return {
        "Name": program.name,
        "Versions": _list_for_go(program.versions),
        "Counters": counters(program.counters),
        "Stacks": counters(program.stacks),
    }


def _list_for_go(
    items: tuple[object, ...], written: list[object] | None = None
) -> list[object] | None:
    if isinstance(items, NullList):
        return None
    return list(items) if written is None else written


def test_go_writes_the_same_bytes_for_300_configs() -> None:
    made: list[CollectionConfig] = []

    @seed(20260102)
    @settings(max_examples=300, database=None, deadline=None, phases=[Phase.generate])
    @given(configs)
    def make(config: CollectionConfig) -> None:
        made.append(config)

    make()
    assert len(made) >= 300
    written = go_marshal([for_go(config) for config in made])
    assert [encode(config) for config in made] == written
    assert go_marshal(written) == written
    assert [encode(decode(data)) for data in written] == written
    assert [decode(data) for data in written] == made


def test_go_writes_the_same_numbers() -> None:
    generator = random.Random(1)  # noqa: S311 - nothing secret
    drawn = (struct.unpack("<d", generator.randbytes(8))[0] for _ in range(3000))
    rates = [
        *(0.0, -0.0, 1, 0.1 + 0.2, 0.01659, 1 / 3, -0.5, 123456789.0, 2**53 + 2.0),
        *(1e-6, 9.999e-7, 9.999999999999999e-7, 1.0000000000000002e-6, 1e-7, 1.5e-9, 1e-10, 1e-100),
        *(1e15, 1e16, 123456789012345680000.0, 1e20, 9.999999999999999e20, 1e21, 1.5e22, 1e100),
        *(5e-324, 2.2250738585072014e-308, 1.7976931348623157e308),
        *(number for number in drawn if number - number == 0),
        *(generator.random() * 10.0 ** generator.randint(-12, 24) for _ in range(3000)),
        *(n / 10_000 * 10.0**-k for n in range(1000, 10_000, 7) for k in range(4)),
    ]
    asked = [replace(EMPTY, sample_rate=rate) for rate in rates]
    assert [encode(config) for config in asked] == go_marshal([for_go(config) for config in asked])


def test_go_writes_the_same_texts() -> None:
    chars = [chr(code) for code in (*range(0x300), *range(0x2000, 0x2100), *range(0xFFF0, 0x10010))]
    chars += ["\ud7ff", "\ue000", "\ufeff", "😀", "\U0010ffff", "e\u0301", "\\u003c", "a\\b/c", ""]
    config = replace(EMPTY, goos=tuple(chars), goarch=tuple(f"<{char}a{char}" for char in chars))
    assert [encode(config)] == go_marshal([for_go(config)])


def test_go_writes_null_where_a_list_was_never_made() -> None:
    program = ProgramConfig(name="p", versions=NULL)
    config = CollectionConfig(
        goos=NULL, goarch=NULL, go_versions=NULL, sample_rate=0, programs=(program,)
    )
    made = [
        EMPTY,
        config,
        replace(config, programs=NULL),
        replace(config, programs=(replace(program, versions=()),)),
    ]
    asked = [b"{}", b'{"GOOS": [], "Programs": [{"Name": "p", "Counters": [], "Stacks": []}]}']
    written = go_marshal([*(for_go(config) for config in made), *asked])
    assert written[: len(made)] == [encode(config) for config in made]
    assert written[len(made) :] == [
        encode(replace(config, programs=NULL)),
        encode(replace(config, goos=())),
    ]
    for data in written:
        assert encode(decode(data)) == data


@settings(deadline=None)
@given(configs)
def test_decoding_undoes_encoding(config: CollectionConfig) -> None:
    data = encode(config)
    assert decode(data) == config
    assert encode(decode(data)) == data


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (replace(EMPTY, sample_rate=float("nan")), "nan cannot be written as a rate"),
        (replace(EMPTY, sample_rate=float("-inf")), "-inf cannot be written as a rate"),
        (
            replace(
                EMPTY,
                programs=(
                    ProgramConfig(
                        name="p",
                        versions=(),
                        stacks=(CounterConfig(name="s", rate=1, depth=2**63),),
                    ),
                ),
            ),
            "the depth of 's' needs more than 64 bits: 9223372036854775808",
        ),
        (replace(EMPTY, goos=("\ud800",)), "surrogates not allowed"),
    ],
)
def test_what_json_cannot_say_is_not_encoded(config: CollectionConfig, message: str) -> None:
    with pytest.raises(ValueError, match=f"{re.escape(message)}$"):
        encode(config)


def refused(data: bytes) -> tuple[str, str, str | None]:
    """Return the place, message and hint of the mistake in `data`."""
    with pytest.raises(MalformedConfigError) as caught:
        decode(data, path="c.json")
    diagnostic = caught.value.diagnostic
    assert diagnostic.span is not None
    return str(diagnostic.span), diagnostic.message, diagnostic.hint


def test_a_mistake_is_an_error_with_code_and_span() -> None:
    with pytest.raises(MalformedConfigError, match=r'^"programs", which clients read') as caught:
        decode(encode(EMPTY).replace(b"Programs", b"programs"))
    assert caught.value.diagnostic == Diagnostic(
        code="CC901",
        severity=Severity.ERROR,
        message='"programs", which clients read as Programs',
        span=Span("config.json", Position(6, 2), Position(6, 12)),
    )


@pytest.mark.parametrize(
    ("data", "place", "message"),
    [
        (b"", "1:1", "the end of the file where the config, an object, belongs"),
        (b" \n\t", "2:2", "the end of the file where the config, an object, belongs"),
        (b"null", "1:1", '"null" where the config, an object, belongs'),
        (b"[]", "1:1", "a list where the config, an object, belongs"),
        (b'"GOOS"', "1:1", "a string where the config, an object, belongs"),
        (b"\x00", "1:1", '"\\u0000" where the config, an object, belongs'),
        (b"{}", "1:2", '"}" where a key belongs'),
        (b"{GOOS: []}", "1:2", '"GOOS" where a key belongs'),
        (b'{"GOOS" []}', "1:9", "a list where a colon belongs"),
        (b'{"GOOS": {}}', "1:10", "an object where a list belongs"),
        (b'{"GOOS": nil}', "1:10", '"nil" where a list belongs'),
        (b'{"GOOS": ["a" "b"]}', "1:15", "a string where a comma or closing bracket belongs"),
        (b'{"GOOS": ["a",]}', "1:15", '"]" where a string belongs'),
        (b'{"GOOS": [null]}', "1:11", '"null" where a string belongs'),
        (b'{"GOOS": ["a\nb"]}', "1:11", "a string with a raw control, an unknown escape or no end"),
        (b'{"GOOS": ["\\x"]}', "1:11", "a string with a raw control, an unknown escape or no end"),
        (b'{"GOOS": ["a', "1:11", "a string with a raw control, an unknown escape or no end"),
        (b'{"GOOS": ["\\ud83d"]}', "1:11", "half a surrogate pair in a string"),
        (b'{"GOOS": ["\\udc00\\ud83d"]}', "1:11", "half a surrogate pair in a string"),
        (b'{"GOOS": ["\xc3\xa9\xff"]}', "1:13", "a byte that is not UTF-8"),
        (b'{"GOOS": ["\xed\xa0\x80"]}', "1:12", "a byte that is not UTF-8"),
        (b'{"GOOS": [], "GOOS": []}', "1:14", '"GOOS" a second time; clients obey the last'),
        (b'{"goos": []}', "1:2", '"goos", which clients read as GOOS'),
        (b'{"go\\u004fs": []}', "1:2", '"goOs", which clients read as GOOS'),
        ('{"GOO\u017f": []}'.encode(), "1:2", '"GOO\\u017f", which clients read as GOOS'),
        (b'{"Version": "v1"}', "1:2", '"Version", which is no key here'),
        (b'{"SampleRate": true}', "1:16", '"true" where a number belongs'),
        (b'{"SampleRate": "1"}', "1:16", "a string where a number belongs"),
        (b'{"SampleRate": null}', "1:16", '"null" where a number belongs'),
        (b'{"SampleRate": NaN}', "1:16", '"NaN" where a number belongs'),
        (b'{"SampleRate": -Infinity}', "1:16", '"-Infinity" where a number belongs'),
        (b'{"SampleRate": 1e400}', "1:16", "a number that overflows"),
        (b'{"SampleRate": 1e99999999999999999999}', "1:16", "a number that overflows"),
        (b'{"SampleRate": 01}', "1:17", '"1" where a comma or closing brace belongs'),
        (b'{"SampleRate": 1.}', "1:17", '"." where a comma or closing brace belongs'),
        (b'{"SampleRate": .5}', "1:16", '".5" where a number belongs'),
        (b'{"Programs": [null]}', "1:15", '"null" where a program, an object, belongs'),
        (b'{"Programs": [{"Name": "p"}]}', "1:15", "a program without Versions"),
        (b'{"Programs": []}', "1:1", "the config without GOOS"),
        (b'{"Programs": [{"Depth": 1}]}', "1:16", '"Depth", which is no key here'),
        (b'{"Programs": [{"Counters": [{"Rate": 1}]}]}', "1:29", "a counter without Name"),
        (
            b'{"Programs": [{"Stacks": [{"Depth": 1e1}]}]}',
            "1:37",
            "a depth that is not a whole number",
        ),
        (
            b'{"Programs": [{"Stacks": [{"Depth": 9223372036854775808}]}]}',
            "1:37",
            "a depth that needs more than 64 bits",
        ),
        (
            b'{"Programs": [{"Stacks": [{"Depth": ' + b"9" * 10_000 + b"}]}]}",
            "1:37",
            "a depth that needs more than 64 bits",
        ),
        (b'{"Programs": [' * 100_000, "1:16", '"Programs", which is no key here'),
        (b'{"GOOS": ' + b"[" * 100_000, "1:11", "a list where a string belongs"),
    ],
)
def test_what_clients_would_misread_is_refused(data: bytes, place: str, message: str) -> None:
    assert refused(data) == (f"c.json:{place}", message, None)


@pytest.mark.parametrize(
    ("old", "new", "place", "line"),
    [
        (b"{\n", b"{\r\n", "1:2", "0 x tab, then {"),
        (b"{\n\t", b" {\n\t", "1:1", "0 x tab, then {"),
        (b'\t"GOARCH"', b'  "GOARCH"', "5:1", '1 x tab, then "GOARCH": null,'),
        (b'"GOARCH": null', b'"GOARCH":null', "5:11", '1 x tab, then "GOARCH": null,'),
        (b'\t"GOARCH": null,\n', b"", "5:4", None),
        (b"0.01659,\n", b"1.659e-2,\n", "10:16", '1 x tab, then "SampleRate": 0.01659,'),
        (b"0.01659,\n", b"0.016590,\n", "10:23", '1 x tab, then "SampleRate": 0.01659,'),
        (b"1e-7", b"1e-07", "20:17", '5 x tab, then "Rate": 1e-7'),
        (b"1e-7", b"1E-7", "20:15", '5 x tab, then "Rate": 1e-7'),
        (b"\\u003c", b"<", "23:18", '5 x tab, then "Name": "go/\\u003cé\\u003e:{a,b}",'),
        (b"\\u003c", b"\\u003C", "23:23", '5 x tab, then "Name": "go/\\u003cé\\u003e:{a,b}",'),
        (b"cmd/go", b"cmd\\/go", "13:16", '3 x tab, then "Name": "cmd/go",'),
        ("é".encode(), b"\\u00e9", "23:24", '5 x tab, then "Name": "go/\\u003cé\\u003e:{a,b}",'),
        (b'Depth": 16', b'Depth": 0', "30:18", '5 x tab, then "Rate": 0.01'),
        (b'Depth": 16', b'Depth": -0', "30:18", '5 x tab, then "Rate": 0.01'),
        (b'"go1.27.0"\n\t],', b'"go1.27.0"],', "8:13", '2 x tab, then "go1.27.0"'),
    ],
)
def test_other_spellings_are_refused(old: bytes, new: bytes, place: str, line: str | None) -> None:
    data = encode(SMALL)
    assert old in data
    mistake = refused(data.replace(old, new, 1))
    if line is None:
        assert mistake == ("c.json:1:1", "the config without GOARCH", None)
    else:
        message = "the config is not in canonical form"
        assert mistake == (f"c.json:{place}", message, f"write {line}")


def test_keys_in_another_order_are_refused() -> None:
    data = encode(EMPTY).replace(b"GOOS", b"X").replace(b"GOARCH", b"GOOS").replace(b"X", b"GOARCH")
    assert refused(data) == (
        "c.json:2:5",
        "the config is not in canonical form",
        'write 1 x tab, then "GOOS": [],',
    )


@pytest.mark.parametrize("list_", [b"null", b"[]"])
def test_lists_that_go_leaves_out_are_refused_when_written(list_: bytes) -> None:
    data = encode(SMALL).replace(b'"Stacks": [', b'"Stacks": ' + list_ + b', "Rest": [')
    data = data.partition(b', "Rest"')[0] + b"\n\t\t}\n\t]\n}"
    assert refused(data)[1] == "the config is not in canonical form"


def test_nothing_stands_around_the_config() -> None:
    data = encode(SMALL)
    hint = "end the file at the last brace, without a newline"
    assert data.count(b"\n") == 35
    for rest in (b"\n", b" ", b"{}", b"\x00"):
        assert refused(data + rest) == ("c.json:36:2", "bytes after the end of the config", hint)
    assert refused(b"\xef\xbb\xbf" + data) == (
        "c.json:1:1",
        "a byte order mark before the config",
        "save it as plain UTF-8",
    )


def test_a_number_of_any_length_is_read_in_no_time() -> None:
    data = encode(EMPTY).replace(b": 0", b": 0." + b"3" * 1_000_000)
    assert refused(data)[1] == "the config is not in canonical form"


# Any bytes give a value or MalformedConfigError, nothing else; a value gives the same bytes back.


def _decode_or_refuse(data: bytes) -> None:
    config = None
    with contextlib.suppress(MalformedConfigError):
        config = decode(data)
    assert config is None or encode(config) == data


@given(st.binary())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    _decode_or_refuse(data)


TOKENS = [
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b'"',
        b"\\",
        b"\\u",
        b"\\ud800",
        b"null",
        b"true",
        b"NaN",
    ),
    *(
        b"0",
        b"-",
        b".",
        b"e",
        b"1e400",
        b"9" * 30,
        b"\n",
        b"\t",
        b" ",
        b"\x00",
        b"\xff",
        b"\xef\xbb\xbf",
    ),
    *(
        b'"Name"',
        b'"name"',
        b'"Rate"',
        b'"Depth"',
        b'"Versions"',
        b'"Programs"',
        b'"GOOS"',
        b"[" * 99,
    ),
]


@settings(max_examples=500, deadline=None)
@given(st.just(SMALL) | configs, st.data())
def test_altered_configs_are_read_or_refused(config: CollectionConfig, data: st.DataObject) -> None:
    altered = encode(config)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(altered)))
        end = data.draw(st.sampled_from([start, start + 1, start + 5, start + 50]))
        put = data.draw(st.sampled_from(TOKENS) | st.just(altered[start:end] * 2) | st.just(b""))
        altered = altered[:start] + put + altered[end:]
    _decode_or_refuse(altered)
