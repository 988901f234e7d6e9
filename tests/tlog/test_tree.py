"""The tree: RFC 6962's own definitions, the proofs of others, and every small tree."""

from __future__ import annotations

import base64
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartconfig.tlog.tree import (
    EMPTY_ROOT,
    FailedProofError,
    Node,
    TreeHead,
    check_consistency,
    check_inclusion,
    grow,
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
    root_hash,
    subtrees,
)
from tests.tlog.sites import vectors

if TYPE_CHECKING:
    from collections.abc import Sequence

RECORDS = [b"record %d\n" % number for number in range(100)]
LEAVES = [leaf_hash(record) for record in RECORDS]
HASHES = grow(0, LEAVES, lambda _: ())
MERKLE: dict[str, Any] = vectors("merkle.json")
FROM_NOTHING = "consistency/additional/size1-is-zero-and-size2-is-not-zero"
"""Refused there; C2SP tlog-witness has the empty tree consistent with any, and no proof of it."""


def read(nodes: Sequence[Node]) -> list[bytes]:
    return [HASHES[node] for node in nodes]


@cache
def mth(start: int, end: int) -> bytes:
    """RFC 6962, section 2.1, word by word."""
    n = end - start
    if n == 0:
        return EMPTY_ROOT
    if n == 1:
        return leaf_hash(RECORDS[start])
    k = max(2**power for power in range(n) if 2**power < n)
    return node_hash(mth(start, start + k), mth(start + k, end))


def head(size: int) -> TreeHead:
    return TreeHead(size=size, root=mth(0, size))


def flipped(proof: Sequence[bytes]) -> list[list[bytes]]:
    """Return the proof with one bit changed, a hash left out, added, or put elsewhere."""
    altered = []
    for at, each in enumerate(proof):
        altered.append([*proof[:at], bytes([each[0] ^ 1]) + each[1:], *proof[at + 1 :]])
        altered.append([*proof[:at], *proof[at + 1 :]])
        altered.append([*proof[:at], each, *proof[at:]])
        altered.append([*proof[:at], each[:-1], *proof[at + 1 :]])
    if len(proof) > 1:
        altered.append([*proof[1:], proof[0]])
    return [*altered, [*proof, bytes(32)]]


class TestHashes:
    """From github.com/transparency-dev/merkle at 417fb0c, rfc6962/rfc6962_test.go."""

    def test_of_nothing(self) -> None:  # echo -n | sha256sum
        assert EMPTY_ROOT.hex().startswith("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca4")

    def test_of_an_empty_leaf(self) -> None:  # echo -n 00 | xxd -r -p | sha256sum
        want = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        assert leaf_hash(b"").hex() == want

    def test_of_a_leaf(self) -> None:  # echo -n 004C313233343536 | xxd -r -p | sha256sum
        want = "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
        assert leaf_hash(b"L123456").hex() == want

    def test_of_a_node(self) -> None:  # echo -n 014E3132334E343536 | xxd -r -p | sha256sum
        want = "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"
        assert node_hash(b"N123", b"N456").hex() == want


class TestProofsOfOthers:
    @staticmethod
    def hashes(places: Sequence[int]) -> list[bytes]:
        return [base64.b64decode(MERKLE["hashes"][place]) for place in places]

    @pytest.mark.parametrize("case", MERKLE["inclusion"], ids=lambda case: str(case["name"]))
    def test_inclusion(self, case: dict[str, Any]) -> None:
        root, leaf, *proof = self.hashes([case["root"], case["leafHash"], *case["proof"]])
        tree = TreeHead(size=case["treeSize"], root=root)
        if not case["wantErr"]:
            check_inclusion(proof, case["leafIdx"], leaf, tree)
            return
        with pytest.raises(FailedProofError, match="is not in the tree of size"):
            check_inclusion(proof, case["leafIdx"], leaf, tree)

    @pytest.mark.parametrize("case", MERKLE["consistency"], ids=lambda case: str(case["name"]))
    def test_consistency(self, case: dict[str, Any]) -> None:
        root1, root2, *proof = self.hashes([case["root1"], case["root2"], *case["proof"]])
        old = TreeHead(size=case["size1"], root=root1)
        new = TreeHead(size=case["size2"], root=root2)
        if not case["wantErr"] or case["name"] == FROM_NOTHING:
            check_consistency(proof, old, new)
            return
        with pytest.raises(FailedProofError, match="does not begin with the tree of size"):
            check_consistency(proof, old, new)


class TestEveryTreeUpTo100:
    def test_has_the_root_of_the_rfc(self) -> None:
        assert [root_hash(size, read) for size in range(101)] == [mth(0, n) for n in range(101)]

    def test_has_the_same_hashes_however_it_grew(self) -> None:
        for size in range(100):
            new = grow(size, LEAVES[size:], read)
            old = {node for node in HASHES if (node.index + 1) << node.level <= size}
            assert new == {node: HASHES[node] for node in HASHES if node not in old}

    def test_proves_every_record_and_no_other(self) -> None:
        for size in range(1, 101):
            for index in range(size):
                proof = prove_inclusion(index, size, read)
                assert len(proof) <= (size - 1).bit_length()
                check_inclusion(proof, index, LEAVES[index], head(size))
                for other in {0, index - 1, index ^ 1, size - 1} - {index}:
                    with pytest.raises(FailedProofError):
                        check_inclusion(proof, other, LEAVES[index], head(size))
                with pytest.raises(FailedProofError, match="leads to another root"):
                    check_inclusion(proof, index, LEAVES[index - 1][::-1], head(size))

    def test_proves_every_tree_that_it_grew_from(self) -> None:
        for new in range(101):
            for old in range(new + 1):
                proof = prove_consistency(old, new, read)
                assert len(proof) <= 2 * new.bit_length() + 1
                check_consistency(proof, head(old), head(new))
                if 0 < old < new:
                    with pytest.raises(FailedProofError, match=r"leads to another (old|new) root"):
                        check_consistency(proof, TreeHead(size=old, root=bytes(32)), head(new))
                    with pytest.raises(FailedProofError, match="leads to another new root"):
                        check_consistency(proof, head(old), TreeHead(size=new, root=bytes(32)))

    @given(st.integers(1, 100), st.data())
    def test_refuses_altered_proofs(self, size: int, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, size - 1))
        for proof in flipped(prove_inclusion(index, size, read)):
            with pytest.raises(FailedProofError):
                check_inclusion(proof, index, LEAVES[index], head(size))
        old = data.draw(st.integers(0, size))
        for proof in flipped(prove_consistency(old, size, read)):
            with pytest.raises(FailedProofError):
                check_consistency(proof, head(old), head(size))

    @given(st.integers(0, 100), st.integers(0, 100))
    def test_has_ranges_that_are_covered_once(self, start: int, end: int) -> None:
        covered: list[int] = []
        for node in subtrees(start, end):
            covered += range(node.index << node.level, (node.index + 1) << node.level)
        assert covered == list(range(start, end))


class TestRefused:
    @pytest.mark.parametrize(
        ("proof", "index", "leaf", "message"),
        [
            ([], 7, LEAVES[0], "record 7 is not in the tree of size 7: it has no such index"),
            ([], -1, LEAVES[0], "record -1 is not in the tree of size 7: it has no such index"),
            ([], 6, LEAVES[6], "of size 7: the proof has 0 hashes, not 2"),
            ([b"", b""], 6, LEAVES[6], "of size 7: a hash is not of 32 bytes"),
            ([mth(4, 6), mth(0, 4)], 6, b"leaf", "of size 7: a hash is not of 32 bytes"),
        ],
    )
    def test_inclusion(self, proof: list[bytes], index: int, leaf: bytes, message: str) -> None:
        with pytest.raises(FailedProofError, match=re.escape(message)):
            check_inclusion(proof, index, leaf, head(7))

    @pytest.mark.parametrize(
        ("proof", "old", "new", "message"),
        [
            ([], head(3), head(2), "the tree of size 2 does not begin with the tree of size 3: it"),
            ([], TreeHead(size=0, root=mth(0, 1)), head(2), "that has no records, and a root of"),
            ([], TreeHead(size=2, root=mth(0, 1)), head(2), "of size 2: the root is another"),
            ([], TreeHead(size=-1, root=mth(0, 1)), head(2), "of size -1: it is the smaller one"),
            ([bytes(32)], head(0), head(2), "the proof has 1 hashes, not 0"),
            ([bytes(32)], head(2), head(2), "the proof has 1 hashes, not 0"),
        ],
    )
    def test_consistency(
        self, proof: list[bytes], old: TreeHead, new: TreeHead, message: str
    ) -> None:
        with pytest.raises(FailedProofError, match=re.escape(message)):
            check_consistency(proof, old, new)

    def test_what_cannot_be_proven(self) -> None:
        with pytest.raises(ValueError, match="there is no record 3 in a tree of size 3"):
            prove_inclusion(3, 3, read)
        with pytest.raises(ValueError, match="a tree of size 3 has none of size 4 in it"):
            prove_consistency(4, 3, read)
