"""Publishing: what a damaged or contradicting site, and wrong input, are refused with."""

from __future__ import annotations

import dataclasses
import re

import pytest

from chartconfig.tlog.note import UnverifiedNoteError, generate
from chartconfig.tlog.publish import ConflictError, plan, resign
from chartconfig.tlog.text import MalformedLogError
from chartconfig.tlog.tile import MissingLogFileError
from chartconfig.tlog.tree import FailedProofError
from tests.fakes import MemoryStore
from tests.tlog.sites import KEY, MODULE, NAME, forked, key_of, planned, release, site

FOLDER = f"sumdb/{NAME}"
LIST = f"{MODULE}/@v/list"


class TestConflict:
    def test_with_another_record_of_the_version(self) -> None:
        with pytest.raises(ConflictError, match="the log has another record of this version"):
            planned(site(20), 7, text='{"other": 1}')

    @pytest.mark.parametrize("kind", ["zip", "mod", "info"])
    def test_with_other_bytes_of_the_module(self, kind: str) -> None:
        store = site(20)
        right = release(7)
        changed = {
            "zip": dataclasses.replace(right, zip=b"other"),
            "mod": dataclasses.replace(right, mod=b"other"),
            "info": dataclasses.replace(right, info=b"other"),
        }[kind]
        message = re.escape(f"{MODULE}/@v/v1.7.0.{kind}: it is there already, and is another")
        with pytest.raises(ConflictError, match=message) as raised:
            plan(changed, name=NAME, signers=[KEY], store=store)
        assert raised.value.path == f"{MODULE}/@v/v1.7.0.{kind}"

    @pytest.mark.parametrize(
        ("lost", "message"),
        [
            ("checkpoint", "checkpoint: it is missing, and the log is not a new one"),
            (f"lookup/{key_of(19)}", "it is missing, and the version is published"),
            (f"lookup/{key_of(3)}", "it is missing, and the version is published"),
        ],
    )
    def test_with_what_was_lost(self, lost: str, message: str) -> None:
        store = site(20)
        del store.files[f"{FOLDER}/{lost}"]
        with pytest.raises(ConflictError, match=message):
            planned(store, 3 if "v1.3.0" in lost else 19)

    def test_with_a_list_that_was_lost(self) -> None:
        store = site(20)
        del store.files[LIST]
        with pytest.raises(
            ConflictError, match=r"v1\.18\.0 is in the log and not in it: finish that"
        ):
            planned(store, 19)
        with pytest.raises(ConflictError, match=r"v1\.3\.0 is not in it, and not the newest"):
            planned(store, 3)
        with pytest.raises(
            ConflictError, match=r"v1\.19\.0 is in the log and not in it: finish that"
        ):
            planned(store, 20)
        store = site(257)
        store.files[LIST] = store.files[LIST].partition(b"v1.255.0\n")[0]
        with pytest.raises(ConflictError, match=r"v1\.255\.0 is in the log and not in it: finish"):
            planned(store, 256)

    def test_with_a_list_that_is_ahead(self) -> None:
        store = site(20)
        store.perform(planned(store, 20)[:-4])
        store.files[LIST] += b"v1.20.0\n"
        with pytest.raises(ConflictError, match=r"list: v1\.20\.0 is not in the log"):
            planned(store, 20)

    def test_with_a_checkpoint_that_was_rolled_back(self) -> None:
        store = site(20)
        store.files[f"{FOLDER}/checkpoint"] = site(19).files[f"{FOLDER}/checkpoint"]
        with pytest.raises(ConflictError, match="latest: it has 20 records, the checkpoint 19"):
            planned(store, 20)
        store.files[f"{FOLDER}/latest"] = site(19).files[f"{FOLDER}/latest"]
        with pytest.raises(ConflictError, match=r"tile/8/0/000.p/20: it is there already, and is"):
            planned(store, 20)
        store = site(20)
        for name in ("checkpoint", "latest"):
            store.files[f"{FOLDER}/{name}"] = site(17).files[f"{FOLDER}/{name}"]
        with pytest.raises(ConflictError, match="it is record 19, and the log has 17"):
            planned(store, 19)

    def test_between_the_faces(self) -> None:
        store = site(20)
        store.files[f"{FOLDER}/latest"] = forked(20, 7).files[f"{FOLDER}/latest"]
        with pytest.raises(
            ConflictError, match="latest: it is of another tree than the checkpoint"
        ):
            planned(store, 20)

    def test_with_a_lookup_of_another_tree(self) -> None:
        store = site(20)
        path = f"{FOLDER}/lookup/{key_of(20)}"
        store.files[path] = forked(21, 7).files[path]
        with pytest.raises(ConflictError, match="its head is of another tree than follows"):
            planned(store, 20)

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"v1.0.0", "list: it is not a version a line"),
            (b"\n", "list: it is not a version a line"),
            (b"\xff\n", "list: it is not a version a line"),
            (b"v1.0.0\r\n", "list: it is not a version a line"),
            (b"v1.0.0\nv1.0.0\n", "list: it has a version twice"),
            (b"v1.0.0\n", "list: v1.19.0 is in the log and not in it: finish that first"),
        ],
    )
    def test_with_a_list_that_is_none(self, data: bytes, message: str) -> None:
        store = site(20)
        store.files[LIST] = data
        with pytest.raises(ConflictError, match=message):
            planned(store, 20)


class TestDamage:
    @pytest.mark.parametrize(
        ("path", "error"),
        [
            ("tile/8/0/000.p/20", FailedProofError),
            ("tile/8/data/000.p/20", FailedProofError),
            ("checkpoint", UnverifiedNoteError),
            ("latest", UnverifiedNoteError),
        ],
    )
    def test_is_not_signed_over(self, path: str, error: type[Exception]) -> None:
        path = f"{FOLDER}/{path}"
        store = site(20)
        data = store.files[path]
        place = data.rindex(b"20") if b"go.sum" not in data and b"20\n" in data else 5
        place = 40 if path.endswith("data/000.p/20") else place
        store.files[path] = data[:place] + b"Z" + data[place + 1 :]
        with pytest.raises(error):
            planned(store, 20)
        store.files[path] = b""
        with pytest.raises(MalformedLogError):
            planned(store, 20)

    @pytest.mark.parametrize("path", ["tile/8/0/000.p/20", "tile/8/data/000.p/20"])
    def test_of_a_missing_file_is_named(self, path: str) -> None:
        store = site(20)
        del store.files[f"{FOLDER}/{path}"]
        with pytest.raises(MissingLogFileError, match=path):
            planned(store, 20)

    def test_of_a_published_lookup_is_found(self) -> None:
        store = site(20)
        path = f"{FOLDER}/lookup/{key_of(7)}"
        store.files[path] = store.files[path].replace(b"7\n", b"8\n", 1)
        with pytest.raises(FailedProofError, match="is not the record of the tree"):
            planned(store, 7)


class TestInput:
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"version": "V1.0.0"}, "example.com/config@V1.0.0 is not an escaped path and version"),
            ({"version": "v1.0.0/x"}, "is not an escaped path and version"),
            ({"version": "v1.0.1"}, "the record is not of v1.0.1"),
            ({"module": "../config"}, "../config@v1.0.0 is not an escaped path and version"),
            ({"module": "example.com//config"}, "is not an escaped path and version"),
            ({"module": "example.com/Config"}, "is not an escaped path and version"),
            ({"record": b"a\n\nb\n"}, "a record with an empty line"),
            ({"record": b"a\n"}, "the record is not of v1.0.0"),
        ],
    )
    def test_that_is_none_is_refused(self, changes: dict[str, object], message: str) -> None:
        changed = dataclasses.replace(release(0), **changes)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match=message):
            plan(changed, name=NAME, signers=[KEY], store=MemoryStore())

    def test_of_keys_is_of_one_name(self) -> None:
        other = generate("other.example", bytes(32))
        for signers in ([], [other], [KEY, other]):
            with pytest.raises(ValueError, match="is signed by keys of that name, and by one at"):
                plan(release(0), name=NAME, signers=signers, store=MemoryStore())
            with pytest.raises(ValueError, match="is signed by keys of that name, and by one at"):
                resign([], name=NAME, signers=signers, store=site(1), verifiers=[KEY.verifier])
        with pytest.raises(ValueError, match="no log can be called 'A': it is not a host"):
            plan(release(0), name="A", signers=[KEY], store=MemoryStore())
