"""go.mod: what we write, Go reads, formats in the same way, and obeys."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.module.gomod import GoMod, Retraction, decode_go_mod, encode_go_mod
from chartconfig.module.malformed import MalformedModuleError
from chartconfig.module.version import Scheme
from tests.oracle.go_json import go_mods

MODULE = "example.com/telemetry/config"
PLAIN = f"module {MODULE}\n"
TEXT = f"""\
{PLAIN}
retract (
	// Collected the names of branches.
	v1.2.0
	// Was published by mistake.
	[v1.3.0, v1.10.4]
)
"""
VALUE = GoMod(
    module=MODULE,
    retractions=(
        Retraction(low="v1.2.0", high="v1.2.0", reason="Collected the names of branches."),
        Retraction(low="v1.3.0", high="v1.10.4", reason="Was published by mistake."),
    ),
)
REASONS = st.text(min_size=1).filter(lambda text: text.isprintable() and text == text.strip())


@st.composite
def go_mod_files(draw: st.DrawFn) -> GoMod:
    numbers = st.tuples(st.integers(0, 1), st.integers(0, 20), st.integers(0, 20))
    drawn = draw(st.lists(numbers, unique=True, max_size=8))
    versions = [f"v{major}.{minor}.{patch}" for major, minor, patch in sorted(drawn)]
    retractions = []
    while versions:
        low = versions.pop(0)
        high = versions.pop(0) if draw(st.booleans()) and versions else low
        retractions.append(Retraction(low=low, high=high, reason=draw(REASONS)))
    return GoMod(module=MODULE, retractions=tuple(retractions))


MANY = 999_999_999
"""The largest number of a version."""
MINORS, PATCHES = (0, 1, 2, 3, MANY - 1, MANY), (0, 1, 2, 3, MANY - 1, MANY)
EVERY = [f"v{major}.{minor}.{patch}" for major in (0, 1) for minor in MINORS for patch in PATCHES]
"""Ascending: versions of a few numbers, and (with a 3) those that follow them."""
ENDS = [version for version in EVERY if ".3" not in version]


@st.composite
def close_go_mods(draw: st.DrawFn) -> GoMod:
    """Return a go.mod whose ranges meet, and end where numbers do."""
    ends = sorted(draw(st.lists(st.sampled_from(range(len(ENDS))), unique=True, max_size=9)))
    retractions = []
    while ends:
        low = ends.pop(0)
        high = ends.pop(0) if draw(st.booleans()) and ends else low
        retractions.append(Retraction(low=ENDS[low], high=ENDS[high], reason="x"))
    return GoMod(module=MODULE, retractions=tuple(retractions))


def plainly_retracts(go_mod: GoMod, version: str) -> Retraction | None:
    return next((each for each in go_mod.retractions if each.holds(version)), None)


@given(close_go_mods())
def test_what_withdraws_a_version_is_the_range_that_holds_it(go_mod: GoMod) -> None:
    for version in EVERY:
        assert go_mod.retracts(version) == plainly_retracts(go_mod, version)


@given(close_go_mods(), close_go_mods())
def test_what_is_dropped_is_withdrawn_in_one_and_not_in_the_other(old: GoMod, new: GoMod) -> None:
    expected = []
    for each in old.retractions:
        lost = (v for v in EVERY if each.holds(v) and plainly_retracts(new, v) is None)
        expected += [*lost][:1]
    assert list(old.dropped(new)) == expected
    assert list(old.dropped(old)) == []


def test_what_is_withdrawn_in_other_ranges_is_not_dropped() -> None:
    plain = GoMod(module=MODULE)
    whole = plain.retract("v1.0.0", "v1.2.4", reason="x")
    parts = plain.retract("v1.0.0", "v1.2.1", reason="x").retract("v1.2.2", "v1.2.4", reason="y")
    ends = plain.retract("v1.0.0", "v1.0.0", reason="x").retract("v1.2.4", "v1.2.4", reason="y")
    assert list(whole.dropped(parts)) == list(parts.dropped(whole)) == []
    assert list(whole.dropped(ends)) == ["v1.0.1"]


def test_many_are_compared_without_looking_at_all_pairs() -> None:
    looked = 0

    class Counted(Retraction):
        def holds(self, version: str) -> bool:
            nonlocal looked
            looked += 1
            return super().holds(version)

    many = [Counted(low=f"v1.{n}.0", high=f"v1.{n}.3", reason="x") for n in range(2000)]
    go_mod = GoMod(module=MODULE, retractions=tuple(many))
    assert list(go_mod.dropped(go_mod)) == []
    assert looked <= 2 * len(many)


def test_without_retractions_it_is_one_line() -> None:
    assert encode_go_mod(GoMod(module=MODULE)) == PLAIN.encode()
    assert decode_go_mod(PLAIN.encode()) == GoMod(module=MODULE)


def test_retractions_have_their_reason_before_them() -> None:
    assert encode_go_mod(VALUE) == TEXT.encode()
    assert decode_go_mod(TEXT.encode()) == VALUE


@given(go_mod_files())
def test_decoding_undoes_encoding(go_mod: GoMod) -> None:
    assert decode_go_mod(encode_go_mod(go_mod)) == go_mod


def test_go_reads_the_same_and_would_format_it_the_same() -> None:
    odd = [
        "`",
        '"quoted"',
        "// twice",
        "*/",
        "[v1.0.0]",
        "é 😀",
        "retract (",
        "=> x",
        "a  b",
        "\\n",
    ]
    known = [
        *(VALUE, GoMod(module=MODULE), GoMod(module="example.com/A~b_c/d-e.f")),
        *(GoMod(module=MODULE).retract("v0.0.0", "v1.0.0", reason=reason) for reason in odd),
    ]
    files = [encode_go_mod(each) for each in known]
    for go_mod, data, judged in zip(known, files, go_mods(files), strict=True):
        assert judged.invalid == ""
        assert judged.formatted == data
        assert judged.module == go_mod.module
        assert judged.retractions == [(r.low, r.high, r.reason) for r in go_mod.retractions]


def test_a_retraction_goes_where_it_belongs() -> None:
    plain = GoMod(module=MODULE)
    later = plain.retract("v1.3.0", "v1.10.4", reason="Was published by mistake.")
    both = later.retract("v1.2.0", "v1.2.0", reason="Collected the names of branches.")
    assert both == VALUE
    assert both.retracts("v1.2.0") == VALUE.retractions[0]
    assert both.retracts("v1.9.0") == both.retracts("v1.10.4") == VALUE.retractions[1]
    for version in ("v1.1.9", "v1.2.1", "v1.10.5", "v0.3.0"):
        assert both.retracts(version) is None


@given(go_mod_files(), st.sampled_from(["v0.5.5", "v1.0.0", "v1.20.20"]))
def test_what_was_retracted_stays_so(go_mod: GoMod, version: str) -> None:
    if go_mod.retracts(version):
        with pytest.raises(ValueError, match=r"^the retraction of .* does not follow that of "):
            go_mod.retract(version, version, reason="Again.")
        return
    changed = go_mod.retract(version, version, reason="New.")
    assert set(changed.retractions) == {
        *go_mod.retractions,
        Retraction(low=version, high=version, reason="New."),
    }
    key = Scheme.GO_MODULE.sort_key
    assert list(changed.retractions) == sorted(changed.retractions, key=lambda r: key(r.low))


REFUSED = [
    ("v1.0", "v1.0", "x", "'v1.0' is no version of a config, such as v1.2.3"),
    ("v1.0.0-a", "v1.0.0", "x", "'v1.0.0-a' is no version of a config, such as v1.2.3"),
    ("v1.0.0", "v2.0.0", "x", "'v2.0.0' is no version of a config, such as v1.2.3"),
    ("v1.10.0", "v1.9.0", "x", "the retraction [v1.10.0, v1.9.0] ends before it begins"),
    *(
        ("v1.0.0", "v1.0.0", reason, "the reason for retracting v1.0.0 is not one line of text")
        for reason in ("", " x", "x ", "a\nb", "a\rb", "a\u2028b", "\x00", "\ud800", "\ufeff")
    ),
    ("v1.3.1", "v1.3.1", "x", "the retraction of v1.3.1 does not follow that of v1.10.4"),
    ("v1.1.0", "v1.2.0", "x", "the retraction of v1.2.0 does not follow that of v1.2.0"),
    ("v1.1.0", "v1.4.0", "x", "the retraction of v1.2.0 does not follow that of v1.4.0"),
]


@pytest.mark.parametrize(("low", "high", "reason", "message"), REFUSED)
def test_what_cannot_be_retracted(low: str, high: str, reason: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        VALUE.retract(low, high, reason=reason)


SHAPE = "this is not a module line and, if anything, one block of retractions"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        *(
            (text.encode(), SHAPE)
            for text in (
                "",
                PLAIN[:-1],
                f"\ufeff{PLAIN}",
                f"// x\n{PLAIN}",
                f"{PLAIN}\ngo 1.99\n",
                f"{PLAIN}\nrequire example.com/x v1.0.0\n",
                f"{PLAIN}\nretract v1.0.0 // x\n",
                f"{PLAIN}\nretract (\n)\n",
                f"{PLAIN}{TEXT}",
                f"{TEXT}\nretract (\n\t// x\n\tv1.11.0\n)\n",
                f"{TEXT}\n",
                TEXT.replace("\t", "    "),
                TEXT.replace("\n", "\r\n"),
                TEXT.replace("\t// Was published by mistake.\n", ""),
                TEXT.replace("\t// Was", "\t//Was"),
            )
        ),
        (b"\xff", "this is no UTF-8"),
        (
            b"module example.com/x/v2\n",
            (
                "nothing is published under 'example.com/x/v2': it ends in the major version "
                '"/v2": a collection config stays on v0 and v1'
            ),
        ),
        (
            b'module "example.com/x"\n',
            (
                "nothing is published under '\"example.com/x\"': it has '\"': "
                "letters, digits and -._~ are all that it may have"
            ),
        ),
        (
            TEXT.replace("v1.2.0", "v1.2.0 // why").encode(),
            "'v1.2.0 // why' is no version of a config, such as v1.2.3",
        ),
        (
            TEXT.replace("v1.2.0", "[v1.2.0, v1.2.0]").encode(),
            "it is spelled in another way than chartconfig spells it",
        ),
        (
            TEXT.replace("v1.2.0", "v1.4.0").encode(),
            "the retraction of v1.3.0 does not follow that of v1.4.0",
        ),
    ],
)
def test_anything_else_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(MalformedModuleError) as caught:
        decode_go_mod(data, path="v1.mod")
    assert str(caught.value) == f"v1.mod: {message}"
    assert caught.value.diagnostic.code == "CC908"
