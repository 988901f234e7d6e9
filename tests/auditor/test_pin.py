"""Pin files, and the state of a client: read only as they are written."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.auditor.pin import MalformedPinError, Pin, format_pin, parse_pin
from chartconfig.auditor.state import Known, State, decode_state, encode_state
from chartconfig.module.gomod import GoMod, Retraction
from tests.fuzz.mutation import mutated
from tests.sites import FOLDER, MODULE, NAME, site

HEAD = site("v1.0.0").files[f"{FOLDER}/latest"]
PIN = Pin(
    log=NAME,
    module=MODULE,
    version="v1.0.0",
    h1="h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    head=HEAD,
)
WITHDRAWN = Retraction(low="v1.0.0", high="v1.0.1", reason="Too much.")
KNOWN = Known(newest="v1.1.0", go_mod=GoMod(module=MODULE, retractions=(WITHDRAWN,)), latest=None)
STATES = [
    State(),
    State(head=HEAD),
    State(head=HEAD, modules={MODULE: KNOWN}),
    State(
        head=HEAD,
        modules={
            "example.org/a": dataclasses.replace(KNOWN, latest="v1.1.0"),
            MODULE: KNOWN,
        },
    ),
]


class TestPin:
    def test_is_read_as_it_was_written(self) -> None:
        assert parse_pin(format_pin(PIN)) == PIN

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b"pin/v1", b"pin/v2"),
            (b'"log"', b'"Log"'),
            (b'"version": "v1.0.0"', b'"version": "v1.0"'),
            (b'"version": "v1.0.0"', b'"version": 1'),
            (b'"module": "example.org', b'"module": "example'),
            (b"h1:47", b"h1:"),
            (b"{\n", b"{"),
            (b"}\n", b"}"),
            (b"{", b'{"more": 1,'),
            (b"{", b"["),
            (b"{", b"\xff"),
        ],
    )
    def test_of_another_spelling_is_refused(self, old: bytes, new: bytes) -> None:
        data = format_pin(PIN)
        assert old in data
        with pytest.raises(MalformedPinError, match=r"config\.pin is no pin"):
            parse_pin(data.replace(old, new, 1), path="config.pin")

    @pytest.mark.parametrize(
        "change", [{"module": "example"}, {"version": "v2.0.0"}, {"h1": "h1:"}, {"h1": ""}]
    )
    def test_that_would_be_refused_is_not_written(self, change: dict[str, str]) -> None:
        with pytest.raises(ValueError, match="this would be refused: the pin file is no pin"):
            format_pin(dataclasses.replace(PIN, **change))  # type: ignore[arg-type]

    @given(st.randoms(use_true_random=False))
    def test_of_any_bytes_is_a_value_or_refused(self, random: st.DataObject) -> None:
        data = mutated(format_pin(PIN), [HEAD], random)  # type: ignore[arg-type]
        try:
            pin = parse_pin(data)
        except MalformedPinError:
            return
        assert format_pin(pin) == data


class TestState:
    @pytest.mark.parametrize("state", STATES)
    def test_is_read_as_it_was_written(self, state: State) -> None:
        assert decode_state(encode_state(state), "state.json") == state

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b"client/v1", b"client/v2"),
            (b'"newest": "v1.1.0"', b'"newest": "v1.1"'),
            (b'"latest": null', b'"latest": ""'),
            (b'"latest": null', b'"latest": false'),
            (b'"latest": null', b'"newest": null'),
            (b"\\tv1.0.0", b"\\tv1.0"),
            (b"[v1.0.0", b"[v1"),
            (b'"head": "', b'"head": {}, "": "'),
            (b"}\n", b"}"),
            (b"{", b"[{"),
            (b"{", b"\xff"),
        ],
    )
    def test_of_another_spelling_is_refused(self, old: bytes, new: bytes) -> None:
        data = encode_state(STATES[2])
        if old not in data:
            old = old.replace(b"\\t", b"")
        assert old in data
        with pytest.raises(MalformedPinError, match=r"state\.json in the cache is not what was"):
            decode_state(data.replace(old, new, 1), "state.json")

    @given(st.randoms(use_true_random=False))
    def test_of_any_bytes_is_a_value_or_refused(self, random: st.DataObject) -> None:
        data = mutated(encode_state(STATES[3]), [HEAD], random)  # type: ignore[arg-type]
        try:
            state = decode_state(data, "state.json")
        except MalformedPinError:
            return
        assert encode_state(state) == data
