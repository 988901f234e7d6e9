"""Whatever a site serves: an audit ends in findings, a client gets what was published or nothing.

`make test` tries for a few seconds from one seed. CHARTCONFIG_FUZZ_SECONDS=60 tries for a minute
each from a new one; a failure names the seed of its round, and CHARTCONFIG_FUZZ_SEED repeats all.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from chartconfig.auditor.pin import MalformedPinError, format_pin, parse_pin
from chartconfig.auditor.site import audit
from chartconfig.client import Client
from chartconfig.collection.manifest import decode_manifest
from chartconfig.errors import ChartconfigError
from chartconfig.module.malformed import MalformedModuleError
from tests.collection.repositories import small
from tests.fuzz.mutation import mutated, rounds, seed
from tests.hostile.attacked import Served
from tests.sites import FOLDER, KEY, LOG, NAME, VKEY, site

if TYPE_CHECKING:
    from random import Random

FILES = site("v1.0.0", "v1.1.0", "v1.1.1").files
SEEN = site("v1.0.0", "v1.1.0").files[f"{FOLDER}/latest"]
CONTENTS = [FILES[path] for path in sorted(FILES)]


def changed(random: Random) -> dict[str, bytes]:
    """Return a site of which some files are others, are gone, or stand in each other's place."""
    files = dict(FILES)
    for _ in range(random.choice((1, 1, 2, 4))):
        path = random.choice(sorted(files))
        match random.randrange(5):
            case 0:
                del files[path]
            case 1:
                files[path] = random.choice(CONTENTS)
            case _:
                files[path] = mutated(files[path], CONTENTS, random)
    return files


def resigned(files: dict[str, bytes], random: Random) -> dict[str, bytes]:
    """Let the log itself sign what was changed of its heads."""
    from chartconfig.tlog.note import parse_note, sign_note

    for name in ("latest", "checkpoint"):
        text = parse_note(FILES[f"{FOLDER}/{name}"]).text.encode()
        try:
            note = sign_note(mutated(text, CONTENTS, random).decode(), [KEY])
        except (ChartconfigError, ValueError):
            continue
        files[f"{FOLDER}/{name}"] = note
    return files


def test_an_audit_ends_in_findings() -> None:
    for number, random in enumerate(rounds(4)):
        files = changed(random)
        if random.randrange(3) == 0:
            files = resigned(files, random)
        try:
            done = audit(
                files.get,
                LOG,
                seen=random.choice((None, SEEN)),
                shown=random.choice(((), (SEEN,))),
                listing=random.choice((None, files.keys())),
            )
        except Exception as error:
            raise AssertionError(f"seed {seed()}, round {number}") from error
        assert done.head is not None or done.diagnostics, f"seed {seed()}, round {number}"


def test_a_client_gets_what_was_published_or_nothing() -> None:
    published = Client(Served(FILES), VKEY)
    right = {
        version: published.version(version).files for version in ("v1.0.0", "v1.1.0", "v1.1.1")
    }
    for number, random in enumerate(rounds(4)):
        files = changed(random)
        if random.randrange(3) == 0:
            files = resigned(files, random)
        client = Client(Served(files), VKEY)
        wanted = random.choice((None, *right))
        try:
            config = client.latest() if wanted is None else client.version(wanted)
        except ChartconfigError:
            continue
        except Exception as error:
            raise AssertionError(f"seed {seed()}, round {number}") from error
        assert config.files == right[config.version], f"seed {seed()}, round {number}"
        assert config.version == (wanted or config.version), f"seed {seed()}, round {number}"
        assert config.log == NAME


def test_a_manifest_or_a_pin_is_read_as_written_or_refused() -> None:
    manifest = small()["manifest.json"]
    pin = format_pin(Client(Served(FILES), VKEY).latest().pin)
    for random in rounds(2):
        with suppress(MalformedModuleError):
            decode_manifest(mutated(manifest, [pin], random))
        data = mutated(pin, [manifest], random)
        try:
            parsed = parse_pin(data)
        except MalformedPinError:
            continue
        assert format_pin(parsed) == data
