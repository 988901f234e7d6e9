"""Any bytes give a value or `MalformedLogError`, nothing else; a value formats back to them.

`make test` tries for a few seconds from one seed. CHARTCONFIG_FUZZ_SECONDS=60 tries for a minute
each from a new one; a failure names the seed of its round, and CHARTCONFIG_FUZZ_SEED repeats all.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from chartconfig.errors import ChartconfigError
from chartconfig.tlog.checkpoint import format_checkpoint, parse_checkpoint
from chartconfig.tlog.client import Follower
from chartconfig.tlog.cosignature import format_witness, parse_witness
from chartconfig.tlog.note import (
    UnverifiedNoteError,
    format_note,
    format_signer,
    format_verifier,
    open_note,
    parse_note,
    parse_signer,
    parse_verifier,
)
from chartconfig.tlog.proof import check_proof, format_proof, parse_proof
from chartconfig.tlog.record import (
    decode_entries,
    decode_records,
    encode_entries,
    encode_records,
    format_lookup,
    parse_lookup,
)
from chartconfig.tlog.text import MalformedLogError
from chartconfig.tlog.tile import (
    c2sp_path,
    decode_hashes,
    go_path,
    parse_c2sp_path,
    parse_go_path,
)
from tests.fakes import MemoryStore
from tests.fuzz.mutation import mutated, rounds, seed
from tests.tlog.sites import KEY, LOG, NAME, follower, key_of, release, site, vectors

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

T = TypeVar("T")

FOLDER = f"sumdb/{NAME}/"
SITE = site(9).files
NOTES = [each["note"].encode() for each in vectors("notes.json")["notes"]]
KEYS = [key for each in vectors("notes.json")["notes"] for key in each["keys"]]
WITNESSES = [key for each in vectors("notes.json")["notes"] for key in each.get("witnesses", [])]
SIGNERS = [each["signer"] for each in vectors("notes.json")["notes"] if "signer" in each]
BUNDLES = [SITE[f"{FOLDER}tile/8/data/000.p/{width}"] for width in (1, 2, 8)]
ENTRIES = [SITE[f"{FOLDER}tile/entries/000.p/{width}"] for width in (1, 2, 8)]
LOOKUPS = [data for path, data in SITE.items() if "/lookup/" in path]
PATHS = [path.removeprefix(FOLDER).encode() for path in SITE if "/tile/" in path]


def a_proof() -> bytes:
    reader = follower(MemoryStore(SITE))
    return format_proof(reader.prove(reader.lookup(key_of(5))))


def as_text(
    parse: Callable[[str], T], form: Callable[[T], str]
) -> tuple[Callable[[bytes], T], Callable[[T], bytes]]:
    """Return a parser and a formatter of bytes, which are text in whatever encoding fits."""
    return (
        lambda data: parse(data.decode("utf-8", "surrogateescape")),
        lambda value: form(value).encode("utf-8", "surrogateescape"),
    )


def check(
    parse: Callable[[bytes], T], form: Callable[[T], bytes], seeds: list[bytes], random: Random
) -> None:
    data = random.randbytes(random.randint(0, 40))
    if random.random() < 0.95:
        data = mutated(random.choice(seeds), seeds, random)
    try:
        value = parse(data)
    except MalformedLogError as error:
        message = str(error)
    except Exception as error:
        error.add_note(f"{data!r}")
        raise
    else:
        assert form(value) == data
        return
    assert "\n" not in message
    assert len(message) < 500


def test_any_bytes_give_what_formats_back_to_them_or_one_error() -> None:
    heads = [data.rpartition(b"\n\n")[0] + b"\n" for data in NOTES]
    tiles = [SITE[f"{FOLDER}tile/8/0/000.p/{width}"] for width in (1, 2, 8)]
    checks = [
        partial(check, parse_note, format_note, NOTES),
        partial(check, parse_lookup, format_lookup, LOOKUPS),
        partial(check, parse_proof, format_proof, [a_proof()]),
        partial(check, *as_text(parse_checkpoint, format_checkpoint), heads),
        partial(check, *as_text(parse_verifier, format_verifier), [k.encode() for k in KEYS]),
        partial(check, *as_text(parse_witness, format_witness), [k.encode() for k in WITNESSES]),
        partial(check, *as_text(parse_signer, format_signer), [k.encode() for k in SIGNERS]),
        partial(check, *as_text(parse_go_path, go_path), PATHS),
        partial(check, *as_text(parse_c2sp_path, c2sp_path), PATHS),
        partial(check, lambda data: decode_records(data, 2), encode_records, BUNDLES),
        partial(check, lambda data: decode_entries(data, 2), encode_entries, ENTRIES),
        partial(check, lambda data: decode_hashes(data, 2), b"".join, tiles),
    ]
    for number, random in enumerate(rounds(2)):
        try:
            checks[number % len(checks)](random)
        except Exception as error:
            error.add_note(f"seed {seed()}, round {number}")
            raise


def test_no_altered_note_opens_with_another_text() -> None:
    known = {data.rpartition(b"\n\n")[0] + b"\n" for data in NOTES}
    verifiers = list({key: parse_verifier(key) for key in KEYS}.values())
    for number, random in enumerate(rounds(1)):
        data = mutated(random.choice(NOTES), NOTES, random)
        try:
            opened = open_note(data, verifiers)
        except (MalformedLogError, UnverifiedNoteError):
            continue
        except Exception as error:
            error.add_note(f"seed {seed()}, round {number}: {data!r}")
            raise
        assert opened.note.text.encode() in known, f"seed {seed()}, round {number}: {data!r}"


def test_no_altered_proof_proves_another_record() -> None:
    right = a_proof()
    for number, random in enumerate(rounds(1)):
        data = mutated(right, [right, *NOTES], random)
        try:
            proven = check_proof(parse_proof(data), origin=NAME, verifiers=LOG.verifiers)
        except ChartconfigError:
            continue
        except Exception as error:
            error.add_note(f"seed {seed()}, round {number}: {data!r}")
            raise
        assert (proven.index, proven.record) == (5, release(5).record), f"{seed()}/{number}"


def test_no_altered_site_shows_another_record() -> None:
    paths = sorted(path for path in SITE if path.startswith(FOLDER))
    for number, random in enumerate(rounds(2)):
        store = MemoryStore(SITE)
        for _ in range(random.choice((1, 1, 2, 4))):
            path = random.choice(paths)
            other = SITE[random.choice(paths)]
            store.files[path] = (
                mutated(SITE[path], [other], random) if random.random() < 0.8 else other
            )
        reader = Follower(LOG, store.log(NAME))
        try:
            reader.refresh()
            found = list(reader.records())
            lookup = reader.lookup(key_of(5))
            reader.prove(lookup)
        except ChartconfigError:
            continue
        except Exception as error:
            error.add_note(f"seed {seed()}, round {number}")
            raise
        assert found == [(each, release(each).record) for each in range(len(found))]
        assert lookup.record in {record for _, record in found}
        assert KEY.verifier in reader.log.verifiers
