r"""The hash tree of RFC 6962: roots, and proofs that a record is in it and that it only grew.

The records of a log are the leaves of a binary tree, in order. A leaf's hash is SHA-256 of a zero
byte and the record, a node's SHA-256 of a byte 1 and the hashes below it, left and right. A tree of
n leaves has on its left the largest power of two that is less than n, so that growing changes
nothing but the right edge:

    size 5:        root
                  /    \
              (2,0)     \           (2,0) is the node of level 2, index 0: complete subtrees
             /     \     \          have such names, and their hashes never change
         (1,0)    (1,1)   \
         /   \    /   \    \
       r0    r1  r2    r3   r4      (0,0) to (0,4)

The root of any tree follows from at most log2(n) + 1 complete subtrees, `subtrees(0, n)`: (2,0) and
(0,4) above. The root of no leaves is SHA-256 of nothing.

>>> leaves = {Node(0, n): leaf_hash(record) for n, record in enumerate([b"a", b"b", b"c"])}
>>> hashes = grow(0, list(leaves.values()), lambda nodes: [])
>>> def read(nodes):
...     return [hashes[node] for node in nodes]
>>> head = TreeHead(size=3, root=root_hash(3, read))
>>> proof = prove_inclusion(2, 3, read)
>>> check_inclusion(proof, 2, leaf_hash(b"c"), head)
>>> check_inclusion(proof, 2, leaf_hash(b"d"), head)
Traceback (most recent call last):
chartconfig.tlog.tree.FailedProofError: record 2 is not in the tree of size 3: the proof leads to another root

What is proven here is proven for whoever trusts the head. Every proof has at most 2 * log2(n) + 1
hashes, and so many are read to make one.

Source:
    RFC 6962, section 2.1, for hashes and proofs; RFC 9162, sections 2.1.3.2 and 2.1.4.2, for
    checking them.
"""  # noqa: E501 - the message of an exception is one line

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from chartconfig.diagnostics.catalogue import report
from chartconfig.errors import ChartconfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

HASH_BYTES: Final = 32
"""The length of every hash, in bytes."""

EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
"""The root hash of the tree without records."""


@dataclass(frozen=True, slots=True)
class Node:
    """A complete subtree: the leaves from `index * 2**level`, `2**level` of them."""

    level: int
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeHead:
    """A tree size and its root hash: which records the log has, and in which order."""

    size: int
    root: bytes
    """32 bytes."""


class HashReader(Protocol):
    """Whatever has the hashes of a tree: a dictionary, or tiles read from a site."""

    def __call__(self, nodes: Sequence[Node], /) -> Sequence[bytes]:
        """Return the hash of each node, in order; all of them are within the tree."""


class FailedProofError(ChartconfigError):
    """CC923 `not-in-log`: what was served does not lead to the root hash it should lead to."""

    def __init__(self, message: str) -> None:
        """Say in one line what was to be proven, and where it failed."""
        hint = "do not use what was served; get it again, or from another mirror"
        super().__init__(report("CC923", message, None, hint=hint))


def leaf_hash(record: bytes) -> bytes:
    """Return the hash of a record, 32 bytes."""
    return hashlib.sha256(b"\x00" + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node from the two hashes below it, 32 bytes each."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def subtrees(start: int, end: int) -> list[Node]:
    """Return the largest complete subtrees that hold the leaves from `start` up to `end`.

    In order of their leaves, and at most 2 * log2(end - start) + 1.

    Examples:
        >>> subtrees(0, 5)
        [Node(level=2, index=0), Node(level=0, index=4)]
    """
    found = []
    while start < end:
        # As large as its place allows (start is a multiple of its size), and as still fits.
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        found.append(Node(level, start >> level))
        start += 1 << level
    return found


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over adjacent subtrees, from left to right, each smaller than the one before.

    That is what `subtrees(start, end)` gives where `start` is a multiple of the first one's size.
    """
    assert hashes, "there is no root over no subtrees"
    *rest, root = hashes
    for left in reversed(rest):
        root = node_hash(left, root)
    return root


def root_hash(size: int, read: HashReader) -> bytes:
    """Return the root hash of the first `size` records, from at most log2(size) + 1 hashes."""
    return fold(read(subtrees(0, size))) if size else EMPTY_ROOT


def grow(size: int, leaves: Sequence[bytes], read: HashReader) -> dict[Node, bytes]:
    """Return the hashes that appending records completes, of the leaves and of nodes above them.

    Args:
        size: How many records there are before.
        leaves: The hashes of the new records, in order.
        read: The hashes of the tree so far, of which at most log2(size) + 1 are read, at once.
    """
    edge = subtrees(0, size)
    known = dict(zip(edge, read(edge), strict=True)) if edge else {}
    new: dict[Node, bytes] = {}
    for index, leaf in enumerate(leaves, start=size):
        node, value = Node(0, index), leaf
        new[node] = known[node] = value
        while node.index % 2:
            value = node_hash(known[Node(node.level, node.index - 1)], value)
            node = Node(node.level + 1, node.index // 2)
            new[node] = known[node] = value
    return new


# ---- inclusion


def prove_inclusion(index: int, size: int, read: HashReader) -> tuple[bytes, ...]:
    """Return the proof that record `index` is in the tree of `size`: its siblings, leaf to root.

    Raises:
        ValueError: There is no such record in such a tree.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no record {index} in a tree of size {size}")
    return _roots(_siblings(index, size), read)


def _siblings(index: int, size: int) -> list[tuple[int, int]]:
    """Return the ranges of leaves whose roots are the proof, leaf to root."""
    start, end, path = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return path[::-1]


def _split(size: int) -> int:
    """Return the largest power of two that is less than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _roots(ranges: Sequence[tuple[int, int]], read: HashReader) -> tuple[bytes, ...]:
    """Return the root of each range of leaves, reading all that is needed at once."""
    parts = [subtrees(start, end) for start, end in ranges]
    nodes = [node for part in parts for node in part]
    hashes = iter(read(nodes) if nodes else ())
    return tuple(fold([next(hashes) for _ in part]) for part in parts)


def check_inclusion(proof: Sequence[bytes], index: int, leaf: bytes, head: TreeHead) -> None:
    """Check that the record with the hash `leaf` is record `index` of the tree of `head`.

    Raises:
        FailedProofError: The proof does not show it.
    """
    what = f"record {index} is not in the tree of size {head.size}"
    if not 0 <= index < head.size:
        raise FailedProofError(f"{what}: it has no such index")
    path = _siblings(index, head.size)
    _check_hashes(proof, len(path), what)
    _check_hashes([leaf], 1, what)
    root = leaf
    for (start, _), sibling in zip(path, proof, strict=True):
        root = node_hash(root, sibling) if index < start else node_hash(sibling, root)
    if root != head.root:
        raise FailedProofError(f"{what}: the proof leads to another root")


# ---- consistency


def prove_consistency(old: int, new: int, read: HashReader) -> tuple[bytes, ...]:
    """Return the proof that the tree of size `new` begins with the tree of size `old`.

    It is empty where there is nothing to prove: from no records, and to the same size.

    Raises:
        ValueError: `old` is not from 0 to `new`.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of size {new} has none of size {old} in it")
    return _roots(_ranges(old, new), read) if 0 < old < new else ()


def _ranges(old: int, new: int) -> list[tuple[int, int]]:
    """Return the ranges of leaves whose roots are the proof: RFC 6962, 2.1.2, SUBPROOF."""
    start, end, path = 0, new, []
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    if start:  # Else what is left is the old tree itself, whose root the checker has.
        path.append((start, end))
    return path[::-1]


def check_consistency(proof: Sequence[bytes], old: TreeHead, new: TreeHead) -> None:
    """Check that the tree of `new` begins with the tree of `old`: nothing was changed or removed.

    Raises:
        FailedProofError: The proof does not show it.
    """
    what = f"the tree of size {new.size} does not begin with the tree of size {old.size}"
    if not 0 <= old.size <= new.size:
        raise FailedProofError(f"{what}: it is the smaller one")
    if old.size == 0 and old.root != EMPTY_ROOT:
        raise FailedProofError(f"{what}: that has no records, and a root of some")
    if old.size == new.size and old.root != new.root:
        raise FailedProofError(f"{what}: the root is another")
    if old.size in {0, new.size}:
        _check_hashes(proof, 0, what)
        return
    ranges = _ranges(old.size, new.size)
    _check_hashes(proof, len(ranges), what)
    # Both roots are built from the bottom: of the old tree are those that end at or before it.
    pairs = zip(ranges, proof, strict=True)
    start = 0 if ranges[0][0] >= old.size else next(pairs)[0][0]
    before = after = old.root if start == 0 else proof[0]
    for (left, _), value in pairs:
        if left >= old.size:
            after = node_hash(after, value)
        else:
            before, after = node_hash(value, before), node_hash(value, after)
    if before != old.root:
        raise FailedProofError(f"{what}: the proof leads to another old root")
    if after != new.root:
        raise FailedProofError(f"{what}: the proof leads to another new root")


def _check_hashes(hashes: Sequence[bytes], count: int, what: str) -> None:
    """Check that there are so many hashes, of the length that hashes have."""
    if len(hashes) != count:
        raise FailedProofError(f"{what}: the proof has {len(hashes)} hashes, not {count}")
    if any(len(each) != HASH_BYTES for each in hashes):
        raise FailedProofError(f"{what}: a hash is not of {HASH_BYTES} bytes")
