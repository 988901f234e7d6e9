"""Go's own packages agree: the same trees, proofs and tiles, and never another reading of bytes."""

from __future__ import annotations

from random import Random

from chartconfig.tlog.checkpoint import GO_ORIGIN, parse_checkpoint
from chartconfig.tlog.note import (
    Signer,
    UnverifiedNoteError,
    format_verifier,
    open_note,
    parse_verifier,
    sign_note,
)
from chartconfig.tlog.record import parse_lookup
from chartconfig.tlog.text import MalformedLogError
from chartconfig.tlog.tile import Tile, go_path, new_tiles, parse_go_path
from chartconfig.tlog.tree import (
    grow,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    root_hash,
)
from tests.fuzz.mutation import mutated
from tests.oracle import go_tlog
from tests.tlog.sites import history, vectors

NOTES = [(each["note"].encode(), each["keys"]) for each in vectors("notes.json")["notes"]]
RANDOM = Random("what Go says of the log")  # noqa: S311 - nothing is kept secret by it


def altered(seeds: list[bytes], count: int) -> list[bytes]:
    return [mutated(RANDOM.choice(seeds), seeds, RANDOM) for _ in range(count)]


def test_roots_and_proofs_are_the_same() -> None:
    records = [b"record %d\n" % number for number in range(130)]
    hashes = grow(0, list(map(leaf_hash, records)), lambda _: ())

    def read(nodes: object) -> list[bytes]:
        assert isinstance(nodes, list)
        return [hashes[node] for node in nodes]

    for size, (root, inclusion, consistency) in enumerate(go_tlog.tree(records), start=1):
        assert root_hash(size, read) == root
        for index in range(size):
            assert list(prove_inclusion(index, size, read)) == inclusion[index]
            assert list(prove_consistency(index + 1, size, read)) == consistency[index]


def test_growing_writes_the_same_tiles() -> None:
    sizes = [(RANDOM.randrange(2**k), RANDOM.randrange(2**k)) for k in range(1, 20)] * 10
    sizes += [(n, n + 1) for k in (8, 16, 24, 32, 48, 56) for n in (2**k - 1, 2**k, 2**k + 1)]
    sizes = [(min(pair), max(pair)) for pair in sizes]
    ours = [[go_path(tile) for tile in new_tiles(*pair)] for pair in sizes]
    assert ours == go_tlog.growths(sizes)


def test_paths_are_those_that_go_has() -> None:
    tiles = [
        Tile(level=RANDOM.randrange(-1, 6), index=RANDOM.randrange(2**14), width=width)
        for width in range(1, 257)
    ]
    ours = [go_path(tile) for tile in tiles]
    assert go_tlog.paths(ours) == ours
    strange = [
        path.decode("utf-8", "replace") for path in altered([path.encode() for path in ours], 2000)
    ]
    for path, theirs in zip(strange, go_tlog.paths(strange), strict=True):
        try:
            tile = parse_go_path(path)
        except MalformedLogError:
            # Go has heights other than 8, and levels that no tree reaches.
            assert not theirs or not path.startswith("tile/8/") or too_high(theirs)
        else:
            assert theirs == path == go_path(tile)


def too_high(path: str) -> bool:
    level = path.split("/")[2]
    index = int(
        "".join(part for part in path.partition(".p/")[0] if part.isdigit())[1 + len(level) :]
    )
    return level.isdigit() and (int(level) > 7 or index << (8 * (int(level) + 1)) >= 2**63)


def test_notes_of_ours_open_in_go() -> None:
    asked = []
    for number in range(40):
        signers = [
            Signer(name=f"k{n}.example", seed=bytes([number, n]) * 16)
            for n in range(1 + number % 3)
        ]
        text = "".join(chr(RANDOM.randrange(0xA1, 0xD000)) for _ in range(number)) + "\n\n"
        note = sign_note(text + "end\n" * (number % 2), signers)
        asked.append((note, [format_verifier(each.verifier) for each in signers]))
    for (note, keys), answer in zip(asked, go_tlog.opened(asked), strict=True):
        assert answer is not None
        signed, names = answer
        assert note.startswith(signed + b"\n\xe2\x80\x94 ")
        assert names == [key.partition("+")[0] for key in keys]


def test_no_note_reads_otherwise_in_go() -> None:
    keys = sorted({key for _, several in NOTES for key in several})
    data = [note for note, _ in NOTES]
    asked = [(each, keys) for each in (*data, *altered(data, 3000))]
    verifiers = [parse_verifier(key) for key in keys]
    agreed = 0
    for (note, _), answer in zip(asked, go_tlog.opened(asked), strict=True):
        try:
            opened = open_note(note, verifiers)
        except (MalformedLogError, UnverifiedNoteError):
            continue
        agreed += 1
        assert answer is not None
        assert answer[0] == opened.note.text.encode()
        assert answer[1] == list(dict.fromkeys(each.name for each in opened.verified))
    assert agreed > len(data)


def test_no_lookup_or_head_reads_otherwise_in_go() -> None:
    files = [write.data for writes in history(12) for write in writes if "/lookup/" in write.path]
    asked = [*files, *altered(files, 3000)]
    texts = [parse_lookup(data).head.rpartition(b"\n\n")[0] + b"\n" for data in files]
    agreed = 0
    for data, answer in zip(asked, go_tlog.lookups(asked), strict=True):
        try:
            lookup = parse_lookup(data)
        except MalformedLogError:
            continue
        agreed += 1
        assert answer == (lookup.index, lookup.record, lookup.head)
    assert agreed > len(files)
    asked = [*texts, *altered(texts, 2000)]
    for data, head in zip(asked, go_tlog.heads(asked), strict=True):
        try:
            checkpoint = parse_checkpoint(data.decode())
        except (MalformedLogError, UnicodeDecodeError):
            continue
        if checkpoint.origin == GO_ORIGIN:
            assert head == (checkpoint.head.size, checkpoint.head.root)
