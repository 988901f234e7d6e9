"""The files of a published module: where they stand, and what list and .info say."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.module.malformed import MalformedModuleError
from chartconfig.module.proxy import (
    Info,
    Kind,
    ProxyFile,
    decode_info,
    decode_list,
    encode_info,
    encode_list,
    format_path,
    parse_path,
)

MODULE = "example.com/telemetry/Config"
ROOT = "example.com/telemetry/!config"
PATHS = {
    f"{ROOT}/@latest": ProxyFile(kind=Kind.LATEST, module=MODULE),
    f"{ROOT}/@v/list": ProxyFile(kind=Kind.LIST, module=MODULE),
    f"{ROOT}/@v/v1.2.3.info": ProxyFile(kind=Kind.INFO, module=MODULE, version="v1.2.3"),
    f"{ROOT}/@v/v1.2.3.mod": ProxyFile(kind=Kind.MOD, module=MODULE, version="v1.2.3"),
    f"{ROOT}/@v/v1.2.3.zip": ProxyFile(kind=Kind.ZIP, module=MODULE, version="v1.2.3"),
}
NUMBERS = st.tuples(st.integers(0, 1), st.integers(0, 999_999_999), st.integers(0, 12))
NO_VERSION = "is no version of a config, such as v1.2.3"


@pytest.mark.parametrize("path", PATHS)
def test_where_files_stand(path: str) -> None:
    assert format_path(PATHS[path]) == path
    assert parse_path(path) == PATHS[path]


def test_what_belongs_to_a_version() -> None:
    assert [kind for kind in Kind if kind.of_version] == [Kind.INFO, Kind.MOD, Kind.ZIP]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        *(
            (path, "no file of a published module stands there")
            for path in (
                "",
                "/@latest",
                f"{ROOT}/@v/",
                f"{ROOT}/@v/.zip",
                f"{ROOT}/@v/v1.2.3.ziphash",
                f"{ROOT}/@v/v1.2.3.ZIP",
                f"{ROOT}/@latest/",
                f"{ROOT}/@v/list\n",
            )
        ),
        (
            f"{ROOT}/@v/../@v/list",
            (
                f"nothing is published under '{MODULE}/@v/..': "
                "it has '@': letters, digits and -._~ are all that it may have"
            ),
        ),
        (
            "example.com/Config/@v/list",
            "'example.com/Config' is not an escaped path or version",
        ),
        (
            "../@v/list",
            "nothing is published under '..': its part \"..\" begins or ends with a dot",
        ),
        (f"{ROOT}/@v/v1.2.zip", f"'v1.2' {NO_VERSION}"),
        (f"{ROOT}/@v/list.zip", f"'list' {NO_VERSION}"),
        (f"{ROOT}/@v/v1.2.3/x.zip", f"'v1.2.3/x' {NO_VERSION}"),
    ],
)
def test_where_no_file_stands(path: str, message: str) -> None:
    with pytest.raises(MalformedModuleError) as caught:
        parse_path(path)
    assert str(caught.value) == f"{path!a}: {message}"


def test_a_long_path_is_shown_in_part() -> None:
    with pytest.raises(MalformedModuleError) as caught:
        parse_path(f"{'x' * 100_000}/@v/list")
    reason = f"nothing is published under '{'x' * 100_000}"[:300]
    assert str(caught.value) == f"'{'x' * 200}...': {reason}..."


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (ProxyFile(kind=Kind.LIST, module=MODULE, version="v1.0.0"), "list is of no version"),
        (ProxyFile(kind=Kind.LATEST, module=MODULE, version="v1.0.0"), "@latest is of no version"),
        (ProxyFile(kind=Kind.ZIP, module=MODULE), f"None {NO_VERSION}"),
        (ProxyFile(kind=Kind.ZIP, module=MODULE, version="v2.0.0"), f"'v2.0.0' {NO_VERSION}"),
        (
            ProxyFile(kind=Kind.LIST, module="config"),
            (
                "nothing is published under 'config': "
                'its first part, "config", has no dot: it must be a domain name'
            ),
        ),
    ],
)
def test_what_has_no_place(file: ProxyFile, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        format_path(file)


@given(st.lists(NUMBERS, unique=True))
def test_a_list_is_read_back(numbers: list[tuple[int, int, int]]) -> None:
    versions = tuple(f"v{a}.{b}.{c}" for a, b, c in sorted(numbers))
    assert decode_list(encode_list(versions)) == versions


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"v1.0.0", "its last line does not end"),
        (b"\n", f"'' {NO_VERSION}"),
        (b"v1.0.0\r\n", f"'v1.0.0\\r' {NO_VERSION}"),
        (b"v1.0.0 2026-01-02\n", f"'v1.0.0 2026-01-02' {NO_VERSION}"),
        (b"v1.0\n", f"'v1.0' {NO_VERSION}"),
        (b"v1.0.\xff\n", f"'v1.0.\\\\xff' {NO_VERSION}"),
        (b"v1.10.0\nv1.9.0\n", "v1.9.0 stands after v1.10.0"),
        (b"v1.0.0\nv1.0.0\n", "v1.0.0 stands after v1.0.0"),
    ],
)
def test_another_list_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(MalformedModuleError) as caught:
        decode_list(data)
    assert str(caught.value) == f"list: {message}"


def test_no_list_that_would_be_refused_is_written() -> None:
    with pytest.raises(ValueError, match=r"^v1\.9\.0 stands after v1\.10\.0$"):
        encode_list(("v1.10.0", "v1.9.0"))


@given(st.datetimes(timezones=st.just(UTC)), NUMBERS)
def test_info_is_read_back(time: datetime, numbers: tuple[int, int, int]) -> None:
    info = Info(version="v{}.{}.{}".format(*numbers), time=time.replace(microsecond=0))
    assert decode_info(encode_info(info)) == info


INFO = b'{"Version":"v1.1.0","Time":"2026-01-02T03:04:05Z"}'
SHAPE = "this is not a version and its time"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        *(
            (data, SHAPE)
            for data in (
                b"",
                INFO + b"\n",
                INFO.replace(b":", b": ", 1),
                INFO.replace(b"Version", b"version"),
                INFO.replace(b"}", b',"Version":"v1.0.0"}'),
                INFO.replace(b"Z", b"+00:00"),
                INFO.replace(b"05Z", b"05.000Z"),
                INFO.replace(b"v1", b"\\u00761"),
                INFO.replace(b"2026", "2026".translate({ord("2"): 0xFF12}).encode()),
            )
        ),
        (INFO.replace(b"v1.1.0", b"v1.1"), f"'v1.1' {NO_VERSION}"),
        (INFO.replace(b"-01-", b"-1-"), "its time is spelled in another way"),
        (
            INFO.replace(b"-02T", b"-32T"),
            "time data '2026-01-32T03:04:05Z' does not match format '%Y-%m-%dT%H:%M:%SZ'",
        ),
        (
            INFO.replace(b"-01-02", b"-02-29"),
            "day is out of range for month",
        ),
    ],
)
def test_another_info_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(MalformedModuleError) as caught:
        decode_info(data, path="v1.1.0.info")
    assert str(caught.value) == f"v1.1.0.info: {message}"


@pytest.mark.parametrize(
    "time",
    [
        datetime(2026, 1, 2),  # noqa: DTZ001 - the point
        datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=1))),
        datetime(2026, 1, 2, microsecond=1, tzinfo=UTC),
    ],
)
def test_no_other_time_is_written(time: datetime) -> None:
    message = f"the time is not in UTC to the second: {time!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        encode_info(Info(version="v1.0.0", time=time))
