"""h1: the hashes of others, and the laws of ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.module.dirhash import (
    hash_digests,
    hash_files,
    hash_go_mod,
    hash_module,
    is_hash,
)

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors/dirhash.json").read_text(encoding="utf-8")
)
FILES = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n")), st.binary()
)


@pytest.mark.parametrize("known", VECTORS["modules"], ids=lambda m: f"{m['module']}@{m['version']}")
def test_well_known_modules_have_their_hash(known: dict[str, Any]) -> None:
    digests = {
        f"{known['module']}@{known['version']}/{name}": bytes.fromhex(digest)
        for name, digest in known["sha256"].items()
    }
    assert hash_digests(digests) == known["h1"]


@pytest.mark.parametrize("line", VECTORS["go_mods"])
def test_a_go_mod_has_the_hash_that_stands_in_go_sum(line: str) -> None:
    module, version, hashed = line.split()
    assert version.endswith("/go.mod")
    assert hash_go_mod(f"module {module}\n".encode()) == hashed


@given(FILES)
def test_the_hash_is_one_and_knows_no_order(files: dict[str, bytes]) -> None:
    hashed = hash_files(files)
    assert is_hash(hashed)
    assert hash_files(dict(reversed(files.items()))) == hashed


@given(FILES, st.text("a/é", min_size=1))
def test_the_hash_pins_names_and_contents(files: dict[str, bytes], name: str) -> None:
    hashed = hash_files(files)
    data = files.pop(name, None)
    assert hash_files({**files, name: b"" if data is None else data + b"."}) != hashed
    assert (hash_files(files) == hashed) == (data is None)


def test_names_of_a_module_have_its_prefix() -> None:
    assert hash_module({"a": b"1"}, module="x.y/z", version="v1.0.0") == hash_files(
        {"x.y/z@v1.0.0/a": b"1"}
    )


def test_a_name_with_a_newline_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^a name with a newline cannot be hashed: 'a\\nb'$"):
        hash_files({"a\nb": b""})


@pytest.mark.parametrize(
    "text",
    [
        *("", "h1:", "h1:AAAA", "h2:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        *("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "h1:é"),
        "h1:h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "h1:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=",
        "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=",
        "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
        "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
    ],
)
def test_what_is_no_hash(text: str) -> None:
    assert not is_hash(text)
