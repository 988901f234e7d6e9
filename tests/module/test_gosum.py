"""go.sum lines: both of a version, in one spelling."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.module.dirhash import hash_go_mod
from chartconfig.module.gosum import ModuleSum, decode_sum, encode_sum
from chartconfig.module.malformed import MalformedModuleError

LINES = (
    b"github.com/pkg/errors v0.9.1 h1:FEBLx1zS214owpjy7qsBeixbURkuhQAwrK5UwLGTwt4=\n"
    b"github.com/pkg/errors v0.9.1/go.mod h1:bwawxfHBFNV+L2hUp1rHADufV3IMtnDRdf1r5NINEl0=\n"
)
SUM = ModuleSum(
    module="github.com/pkg/errors",
    version="v0.9.1",
    zip="h1:FEBLx1zS214owpjy7qsBeixbURkuhQAwrK5UwLGTwt4=",
    go_mod="h1:bwawxfHBFNV+L2hUp1rHADufV3IMtnDRdf1r5NINEl0=",
)


def test_the_lines_of_a_version() -> None:
    assert decode_sum(LINES) == SUM
    assert encode_sum(SUM) == LINES
    assert hash_go_mod(b"module github.com/pkg/errors\n") == SUM.go_mod


@given(
    st.sampled_from(["example.com/A", "x.y", "gopkg.in/yaml.v2", "a.b/c/v2"]),
    st.sampled_from(["v0.0.0", "v1.2.3-pre.1", "v2.0.0+incompatible", "v0.0.0-20260102-abc"]),
    st.binary(),
    st.binary(),
)
def test_decoding_undoes_encoding(module: str, version: str, one: bytes, two: bytes) -> None:
    known = ModuleSum(module=module, version=version, zip=hash_go_mod(one), go_mod=hash_go_mod(two))
    assert decode_sum(encode_sum(known)) == known


@pytest.mark.parametrize(
    ("data", "message"),
    [
        *(
            (data, "these are not the two lines of a version")
            for data in (
                b"",
                LINES[:-1],
                LINES + b"\n",
                LINES + LINES,
                LINES.replace(b" v0", b"  v0", 1),
                LINES.replace(b"\n", b"\r\n"),
                LINES.replace(b"/go.mod", b""),
                b"".join(reversed(LINES.splitlines(keepends=True))),
                LINES.replace(b"errors", b"err\xc3\xb6rs"),
                b"\xff" + LINES,
            )
        ),
        (
            LINES.replace(b"v0.9.1/", b"v0.9.2/"),
            (
                "the lines are of two versions, github.com/pkg/errors v0.9.1 "
                "and github.com/pkg/errors v0.9.2"
            ),
        ),
        (
            LINES.replace(b"pkg/errors", b"pkg/error", 1),
            (
                "the lines are of two versions, github.com/pkg/error v0.9.1 "
                "and github.com/pkg/errors v0.9.1"
            ),
        ),
        (LINES.replace(b"v0.9.1", b"v0.9"), "'v0.9' is no version in canonical form"),
        (LINES.replace(b"v0.9.1", b"v0.9.1+a"), "'v0.9.1+a' is no version in canonical form"),
        (
            LINES.replace(b"github.com/", b"github/"),
            (
                "'github/pkg/errors' is no module path: "
                'its first part, "github", has no dot: it must be a domain name'
            ),
        ),
        (
            LINES.replace(b"Twt4=", b"Twt5="),
            "'h1:FEBLx1zS214owpjy7qsBeixbURkuhQAwrK5UwLGTwt5=' is no h1 hash",
        ),
        (
            LINES.replace(b"h1:bwaw", b"h2:bwaw"),
            "'h2:bwawxfHBFNV+L2hUp1rHADufV3IMtnDRdf1r5NINEl0=' is no h1 hash",
        ),
    ],
)
def test_anything_else_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(MalformedModuleError) as caught:
        decode_sum(data, path="lookup")
    assert str(caught.value) == f"lookup: {message}"


def test_what_would_be_refused_is_not_written() -> None:
    with pytest.raises(ValueError, match=r"^'v1' is no version in canonical form$"):
        encode_sum(replace(SUM, version="v1"))
