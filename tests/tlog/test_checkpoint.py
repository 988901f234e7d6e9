"""Checkpoints: one text for one tree head, and whose it is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.tlog.checkpoint import (
    GO_ORIGIN,
    Checkpoint,
    format_checkpoint,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from chartconfig.tlog.note import UnverifiedNoteError, parse_note
from chartconfig.tlog.text import LARGEST, MalformedLogError
from chartconfig.tlog.tree import EMPTY_ROOT, TreeHead, leaf_hash
from tests.tlog.sites import KEY, NAME, vectors

GOLDEN = "go.sum database tree\n123456789012\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=\n"
"""golang.org/x/mod/sumdb/tlog, note_test.go: the root is the leaf hash of `hello world`."""

HEAD = TreeHead(size=123456789012, root=leaf_hash(b"hello world"))
HASH = GOLDEN.splitlines()[2]

lines = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), min_size=1)
checkpoints = st.builds(
    Checkpoint,
    origin=lines,
    head=st.builds(
        TreeHead, size=st.integers(1, LARGEST), root=st.binary(min_size=32, max_size=32)
    ),
    extensions=st.lists(lines, max_size=3).map(tuple),
)


@given(checkpoints)
def test_is_read_as_it_was_written(checkpoint: Checkpoint) -> None:
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


def test_is_the_text_of_go() -> None:
    checkpoint = Checkpoint(origin=GO_ORIGIN, head=HEAD)
    assert format_checkpoint(checkpoint) == GOLDEN
    assert parse_checkpoint(GOLDEN) == checkpoint


@pytest.mark.parametrize("vector", vectors("notes.json")["notes"])
def test_of_others_is_read(vector: dict[str, str]) -> None:
    text = parse_note(vector["note"].encode()).text
    if vector["checkpoint"]:
        assert format_checkpoint(parse_checkpoint(text)) == text
    else:
        with pytest.raises(MalformedLogError, match="a checkpoint that is not three lines"):
            parse_checkpoint(text)


def test_keeps_lines_that_it_does_not_know() -> None:
    assert parse_checkpoint(GOLDEN + "JOE\nJOE\n").extensions == ("JOE", "JOE")


def test_of_the_empty_tree_has_its_root() -> None:
    empty = Checkpoint(origin=NAME, head=TreeHead(size=0, root=EMPTY_ROOT))
    assert parse_checkpoint(format_checkpoint(empty)) == empty
    with pytest.raises(MalformedLogError, match="a checkpoint of no records, with a root of some"):
        parse_checkpoint(f"{NAME}\n0\n{HASH}\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a checkpoint that is not three lines or more, none of them empty"),
        (GOLDEN[:-1], "a checkpoint that is not three lines or more"),
        (GOLDEN + "\n", "a checkpoint that is not three lines or more"),
        ("\n" + GOLDEN, "a checkpoint that is not three lines or more"),
        (GOLDEN + "JOE", "a checkpoint that is not three lines or more"),
        (f"a\n0xabcdef\n{HASH}\n", "a checkpoint of '0xabcdef' records, which is no tree size"),
        (f"a\n01\n{HASH}\n", "a checkpoint of '01' records, which is no tree size"),
        (f"a\n-1\n{HASH}\n", "a checkpoint of '-1' records, which is no tree size"),
        (f"a\n{2**63}\n{HASH}\n", "a checkpoint of '9223372036854775808' records, which is no"),
        (f"a\n1_0\n{HASH}\n", "a checkpoint of '1_0' records, which is no tree size"),
        (f"a\n\N{FULLWIDTH DIGIT ONE}\n{HASH}\n", r"a checkpoint of '\uff11' records, which is no"),
        (f"a\n1\n{HASH[:-1]}\n", "a checkpoint whose root is not base64 of 32 bytes"),
        (f"a\n1\n{HASH[4:]}\n", "a checkpoint whose root is not base64 of 32 bytes"),
        (f"a\n1\n {HASH}\n", "a checkpoint whose root is not base64 of 32 bytes"),
        (f"a\n1\n{HASH[:-2]}1=\n", "a checkpoint whose root is not base64 of 32 bytes"),
        ("Log\n123\nYmFuYW5hcw==\n", "a checkpoint whose root is not base64 of 32 bytes"),
    ],
)
def test_is_refused(text: str, message: str) -> None:
    with pytest.raises(MalformedLogError, match=re.escape(message)):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    ("checkpoint", "message"),
    [
        (Checkpoint(origin="", head=HEAD), "this would be a checkpoint that is not three lines"),
        (Checkpoint(origin="a\n1", head=HEAD), "this would be a checkpoint"),
        (Checkpoint(origin="a", head=TreeHead(size=-1, root=HEAD.root)), "this would be a"),
        (Checkpoint(origin="a", head=HEAD, extensions=("b\nc",)), "would be read as another"),
    ],
)
def test_cannot_be_written(checkpoint: Checkpoint, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        format_checkpoint(checkpoint)


def test_opens_for_its_own_log_only() -> None:
    data = sign_checkpoint(NAME, HEAD, [KEY])
    checkpoint, opened = open_checkpoint(data, {NAME}, [KEY.verifier])
    assert checkpoint == Checkpoint(origin=NAME, head=HEAD)
    assert opened.note == parse_note(data)
    message = (
        "a checkpoint of 'telemetry.example.com/log', not of a.example or go.sum database tree"
    )
    with pytest.raises(UnverifiedNoteError, match=message):
        open_checkpoint(data, {"a.example", GO_ORIGIN}, [KEY.verifier])
    with pytest.raises(UnverifiedNoteError, match="a note without a signature of nobody"):
        open_checkpoint(data, {NAME}, [])
