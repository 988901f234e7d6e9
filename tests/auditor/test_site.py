"""Audits of sites that nobody attacks: of any size, at any moment. tests/hostile has the others."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

import pytest

from chartconfig.auditor.site import audit
from chartconfig.errors import ChartconfigError
from chartconfig.tlog.note import UnverifiedNoteError
from chartconfig.tlog.publish import plan
from tests.fakes import MemoryStore
from tests.sites import (
    FIRST,
    FOLDER,
    KEY,
    LOG,
    MODULE,
    NAME,
    OTHER_KEY,
    publish,
    release,
    site,
    versions,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartconfig.auditor.site import Audit

LARGE = 258


@cache
def sizes() -> dict[int, Mapping[str, bytes]]:
    """Return a site at each of its sizes up to some more than a full tile."""
    store = MemoryStore()
    found: dict[int, Mapping[str, bytes]] = {}
    for size, version in enumerate(versions(LARGE), start=1):
        publish(store, release(version))
        found[size] = dict(store.files)
    return found


def audited(files: Mapping[str, bytes], **more: bytes | str) -> Audit:
    return audit(files.get, LOG, listing=files.keys(), **more)  # type: ignore[arg-type]


def messages(files: Mapping[str, bytes]) -> list[str]:
    return [f"{found.code} {found.message}" for found in audited(files).diagnostics]


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, LARGE])
def test_of_any_size_nothing_is_found(size: int) -> None:
    done = audited(sizes()[size], seen=sizes()[max(1, size - 2)][f"{FOLDER}/latest"])
    assert done.diagnostics == ()
    assert done.head is not None
    assert done.head.size == size == len(done.versions)
    assert done.note == sizes()[size][f"{FOLDER}/checkpoint"]


def test_partial_tiles_may_be_deleted_once_there_is_a_full_one() -> None:
    files = sizes()[LARGE]
    kept = {path: data for path, data in files.items() if "/000.p/" not in path}
    kept |= {path: files[path] for path in files if path.endswith(f"tile/8/1/000.p/{1}")}
    kept |= {path: files[path] for path in files if path.endswith(f"tile/1/000.p/{1}")}
    assert len(kept) < len(files) - 1000
    assert audited(kept).diagnostics == ()


@pytest.mark.parametrize(
    "path",
    [
        *("tile/8/0/000", "tile/0/000", "tile/8/data/000", "tile/entries/000"),
        *("tile/8/1/000.p/1", "tile/1/000.p/1", "tile/8/0/001.p/2", "tile/entries/001.p/2"),
        *("tile/8/0/000.p/77", "tile/0/000.p/255", "tile/8/data/000.p/1", "tile/entries/001.p/1"),
    ],
)
def test_every_tile_is_looked_at(path: str) -> None:
    files = dict(sizes()[LARGE])
    place = f"{FOLDER}/{path}"
    files[place] = files[place][:-2] + b"xx"
    assert messages(files) != []
    del files[place]
    old = path.endswith(("/000.p/77", "/000.p/255", "data/000.p/1", "/001.p/1"))
    assert (messages(files) == []) == old


def test_without_a_listing_what_is_needed_is_looked_at() -> None:
    files = dict(sizes()[LARGE])
    asked: list[str] = []

    def read(path: str) -> bytes | None:
        asked.append(path)
        return files.get(path)

    assert audit(read, LOG).diagnostics == ()
    assert len([path for path in asked if "/tile/" in path]) < 30
    files["sumdb/stray"] = b""
    assert audit(read, LOG).diagnostics == ()
    assert messages(files) == ["CC937 sumdb/stray: nothing in the log accounts for it"]


def test_at_any_moment_of_a_publication_the_rest_is_right() -> None:
    store = site("v1.0.0")
    for write in plan(release("v1.1.0"), name=NAME, signers=(KEY,), store=store):
        store.write(write)
        found = {message[:5] for message in messages(store.files)}
        last = write.path.endswith("@latest")
        assert found <= {"CC930", "CC933", "CC937", "CC938"}
        assert (found == set()) == last


def test_one_version_is_read_if_one_is_asked_for() -> None:
    files = dict(sizes()[3])
    for path in [path for path in files if "/@v/v1.0" in path or "/@v/v1.2.0.zip" in path]:
        files[path] = b""
    assert audited(files, only="v1.1.0").diagnostics == ()
    assert audited(files).diagnostics != ()


def test_with_a_key_that_is_not_known_its_signatures_are_passed_over() -> None:
    store = MemoryStore()
    publish(store, release("v1.0.0"), KEY, OTHER_KEY)
    assert audited(store.files).diagnostics == ()
    assert audit(store.files.get, dataclasses.replace(LOG, verifiers=(OTHER_KEY.verifier,))) == (
        audit(store.files.get, LOG)
    )


def test_what_was_seen_must_be_of_the_log() -> None:
    other = publish(MemoryStore(), release("v1.0.0"), OTHER_KEY).files
    with pytest.raises(UnverifiedNoteError):
        audited(sizes()[1], seen=other[f"{FOLDER}/latest"])


def test_what_cannot_be_read_is_no_finding() -> None:
    from chartconfig.diagnostics.catalogue import report

    def read(path: str) -> bytes | None:
        if path.endswith(".zip"):
            raise ChartconfigError(report("CC929", "nobody answers", None))
        return sizes()[3].get(path)

    with pytest.raises(ChartconfigError, match="nobody answers"):
        audit(read, LOG)


def test_a_bundle_that_hides_the_records_is_named_alone() -> None:
    files = dict(sizes()[3])
    path = "tile/8/data/000.p/3"
    files[f"{FOLDER}/{path}"] = files[f"{FOLDER}/{path}"].replace(b"v1.1.0", b"v1.1.1")
    what = "record 1 is not the one that the log has signed"
    assert messages(files) == [f"CC923 {path}: {what}"]
    files[f"{FOLDER}/{path}"] = files[f"{FOLDER}/{path}"][:-1]
    (message,) = messages(files)
    assert message.startswith(f"CC921 {path}: a bundle that is not 3 records")


def test_a_lookup_of_another_record_does_not_hold_its_own() -> None:
    files = dict(sizes()[3])
    path = f"{FOLDER}/lookup/{MODULE}@v1.1.0"
    files[path] = files[f"{FOLDER}/lookup/{MODULE}@v1.0.0"]
    assert messages(files) == [f"CC930 {path}: it does not hold record 1"]


def test_a_list_without_the_newest_is_all_that_is_wrong() -> None:
    files = dict(sizes()[3])
    path = f"{MODULE}/@v/list"
    files[path] = files[path].replace(b"v1.2.0\n", b"")
    told = "it does not name v1.2.0, which is in the log"
    assert messages(files) == [f"CC933 {path}: {told}"]
    files[f"{MODULE}/@latest"] = files[f"{MODULE}/@v/v1.0.0.info"]
    assert [message[:5] for message in messages(files)] == ["CC933", "CC930"]


def test_age_is_told_in_days() -> None:
    now, most = FIRST + timedelta(days=1), timedelta()
    (found,) = audit(sizes()[1].get, LOG, now=now, max_age=most).diagnostics
    assert found.message == "the newest version is 1 day old, of 0 allowed"


def test_progress_is_told() -> None:
    parts: list[float] = []
    audit(sizes()[3].get, LOG, progress=parts.append)
    assert parts == [1 / 3, 2 / 3, 1]


def test_other_files_of_a_web_site_are_nobodys_business() -> None:
    files = {**sizes()[1], "index.html": b"", "CNAME": b"", f"{MODULE}/README.html": b""}
    assert audited(files).diagnostics == ()
