"""Names of counters, as they are collapsed for clients and as clients read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.collection.config import NULL, collapse, expand


@pytest.mark.parametrize(
    ("name", "counters"),
    [
        ("go/invocations", ("go/invocations",)),
        ("gopls/client:vim", ("gopls/client:vim",)),
        ("gopls/client:{vim,zed}", ("gopls/client:vim", "gopls/client:zed")),
        ("gopls/client:{vim, zed }", ("gopls/client:vim", "gopls/client: zed ")),
        ("a:{b,c", ("a:b", "a:c")),
        ("a:{b}}", ("a:b}",)),
        ("a:{b,{c,d}}", ("a:b", "a:{c", "a:d}")),
        ("a:{b}c", ("a:b}c",)),
        ("a:{}", ("a:",)),
        ("a:{,}", ("a:", "a:")),
        ("a}", ("a}",)),
        ("a,b", ("a,b",)),
        ("", ("",)),
    ],
)
def test_a_name_is_read_as_clients_read_it(name: str, counters: tuple[str, ...]) -> None:
    assert expand(name) == counters


@given(st.text(), st.lists(st.text()))
def test_collapsed_names_expand_to_their_buckets_or_are_refused(
    chart_name: str, buckets: list[str]
) -> None:
    try:
        name = collapse(chart_name, buckets)
    except ValueError:
        assert set("{},") & set(chart_name + "".join(buckets))
    else:
        assert expand(name) == (tuple(f"{chart_name}:{b}" for b in buckets) or (chart_name,))


@pytest.mark.parametrize(
    ("chart_name", "buckets"),
    [("a{", []), ("a{b", ["c"]), ("a", ["b{"]), ("a", ["b,c", "d"]), ("a", ["b", "c,d"])],
)
def test_a_name_that_clients_would_read_otherwise_is_refused(
    chart_name: str, buckets: list[str]
) -> None:
    with pytest.raises(ValueError, match=r"^a brace or comma in .* would be read as part of a"):
        collapse(chart_name, buckets)


def test_null_means_an_empty_list() -> None:
    assert NULL == ()
    assert not NULL
