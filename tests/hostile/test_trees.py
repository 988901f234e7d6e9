"""What a mirror, or the log itself, may try with versions and heads, by the names of attacks.

Each attack meets the auditor and the client; the go command, too, where it does not notice.
"""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from chartconfig.auditor.site import audit
from chartconfig.auditor.version import AlteredFileError
from chartconfig.cli import fetch as cli_fetch
from chartconfig.cli import verify as cli_verify
from chartconfig.client import Client, NoSuchVersionError, SecondRecordError
from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.module.malformed import MalformedModuleError
from chartconfig.tlog.checkpoint import GO_ORIGIN, sign_checkpoint
from chartconfig.tlog.client import ForkError, LaggingError, RollbackError, check_fork
from chartconfig.tlog.cosignature import TooFewWitnessesError, Witness, cosign
from chartconfig.tlog.note import UnverifiedNoteError, format_note, parse_note, public_key
from chartconfig.tlog.tile import MissingLogFileError, go_path, partial_tiles
from chartconfig.tlog.tree import TreeHead, node_hash
from tests.cli.command import run
from tests.fakes import MemoryStore
from tests.go.command import refused
from tests.hostile.attacked import (
    Served,
    audited,
    client,
    codes,
    downloaded,
    go,
    latest,
    logged,
)
from tests.sites import (
    FIRST,
    FOLDER,
    KEY,
    LOG,
    MODULE,
    NAME,
    OTHER_KEY,
    VKEY,
    publish,
    release,
    site,
    written,
)

if TYPE_CHECKING:
    from pathlib import Path

    from chartconfig.client import Config

NOW = FIRST + timedelta(days=100)
LIST = f"{MODULE}/@v/list"
Files = dict[str, bytes]


def test_nothing_is_found_where_nobody_attacks(tmp_path: Path) -> None:
    files = site("v1.0.0", "v1.1.0").files
    done = audited(files)
    assert (done.diagnostics, done.fork) == ((), None)
    assert [version.sum.version for version in done.versions] == ["v1.0.0", "v1.1.0"]
    assert latest(files).version == downloaded(go(tmp_path, files), "latest") == "v1.1.0"


class TestRollback:
    """An older site, all of it true: versions that came later are as if they were not."""

    OLD = site("v1.0.0").files
    NEW = site("v1.0.0", "v1.1.0").files

    def test_is_seen_by_who_was_there_before(self, tmp_path: Path) -> None:
        done = audited(self.OLD, seen=audited(self.NEW).note)
        assert codes(done) == ["CC925"]
        assert done.head is None
        assert latest(self.NEW, tmp_path).version == "v1.1.0"
        for attempt in (client(self.OLD, tmp_path).latest, lambda: self.pinned(tmp_path)):
            with pytest.raises(RollbackError, match="the log offers 1 record, of the 2 that it"):
                attempt()

    def pinned(self, tmp_path: Path) -> Config:
        return client(self.OLD, tmp_path).version("v1.0.0")

    def test_is_seen_by_who_knows_a_newer_head(self) -> None:
        newer = self.NEW[f"{FOLDER}/checkpoint"]
        assert codes(audited(self.OLD, shown=[newer])) == ["CC925"]
        with pytest.raises(RollbackError):
            Client(Served(self.OLD), VKEY, shown=[newer]).latest()

    def test_is_not_seen_by_the_go_command(self, tmp_path: Path) -> None:
        user = go(tmp_path, self.NEW)
        assert downloaded(user, "latest") == "v1.1.0"
        older = dataclasses.replace(user, proxy=written(self.OLD, tmp_path / "old").as_uri())
        assert downloaded(older, "latest") == "v1.0.0"


class TestHiddenVersion:
    """The list leaves out what is newest, a withdrawal, say."""

    FILES = site("v1.0.0", "v1.1.0").files | {LIST: b"v1.0.0\n"}

    def test_is_found_in_the_log(self) -> None:
        done = audited(self.FILES)
        assert [found.message for found in done.diagnostics if found.code == "CC933"] == [
            f"{LIST}: it does not name v1.1.0, which is in the log"
        ]
        assert latest(self.FILES).version == "v1.1.0"

    def test_is_found_without_any_list(self) -> None:
        files = {path: data for path, data in self.FILES.items() if path != LIST}
        assert codes(audited(files)) == ["CC927"]
        assert latest(files).version == "v1.1.0"

    def test_is_missed_by_the_go_command(self, tmp_path: Path) -> None:
        assert downloaded(go(tmp_path, self.FILES), "latest") == "v1.0.0"

    def test_whose_files_are_hidden_too_is_not_replaced_by_an_older_one(self) -> None:
        files = {path: data for path, data in self.FILES.items() if "/@v/v1.1.0" not in path}
        assert "CC927" in codes(audited(files))
        with pytest.raises(MissingLogFileError, match=r"v1\.1\.0\.mod"):
            latest(files)


class TestUnloggedVersion:
    """The list names what no log vouches for."""

    FILES = site("v1.0.0").files | {
        path: data
        for path, data in site("v1.0.0", "v1.1.0").files.items()
        if "/@v/" in path or "@latest" in path
    }

    def test_is_no_version(self, tmp_path: Path) -> None:
        assert codes(audited(self.FILES)) == ["CC934", "CC937"]
        assert latest(self.FILES).version == "v1.0.0"
        with pytest.raises(NoSuchVersionError, match=r"the log has no v1\.1\.0"):
            client(self.FILES).version("v1.1.0")
        done = go(tmp_path, self.FILES).run("mod", "download", "-json", f"{MODULE}@latest")
        assert f"lookup/{MODULE}@v1.1.0" in refused(done)


class TestSecondRecord:
    """One version, two records: one for this user, one for that."""

    FIRST = release("v1.0.0")
    SECOND = release("v1.0.0", note="for one reader alone")
    FILES = logged([FIRST.record, SECOND.record], site("v1.0.0"))
    """The lookup, and so the go command, is told of the second."""

    def test_is_seen(self) -> None:
        done = audited(self.FILES)
        assert "CC931" in codes(done)
        (found,) = (each for each in done.diagnostics if each.code == "CC931")
        assert found.message == f"the log has {MODULE} v1.0.0 as record 0 and as 1"
        with pytest.raises(SecondRecordError, match=r"the log has v1\.0\.0 as record 0 and as 1"):
            latest(self.FILES)
        with pytest.raises(SecondRecordError):
            client(self.FILES).version("v1.0.0")

    def test_is_not_seen_by_the_go_command(self, tmp_path: Path) -> None:
        files = self.FILES | {
            f"{MODULE}/@v/v1.0.0.zip": self.SECOND.zip,
            f"{MODULE}/@v/v1.0.0.info": self.SECOND.info,
        }
        assert downloaded(go(tmp_path, files), "latest") == "v1.0.0"
        assert downloaded(go(tmp_path, site("v1.0.0").files, "another"), "latest") == "v1.0.0"

    def test_of_the_same_text_is_one_too_many(self) -> None:
        files = logged([self.FIRST.record] * 2, site("v1.0.0"))
        assert "CC931" in codes(audited(files))
        with pytest.raises(SecondRecordError):
            latest(files)


class TestOldNumber:
    """A version below the newest is slipped in, for those who ask for it by name."""

    def test_is_seen(self) -> None:
        records = [release(version).record for version in ("v1.0.0", "v1.2.0", "v1.1.0")]
        done = audited(logged(records, site("v1.0.0", "v1.1.0", "v1.2.0")))
        (found,) = (each for each in done.diagnostics if each.code == "CC932")
        assert found.message == "record 2 is of v1.1.0, after one of v1.2.0"


class TestFork:
    """The log signs two trees, one for each audience."""

    HERE = site("v1.0.0", "v1.1.0").files
    THERE = site("v1.0.0", "v1.1.0", note="for others").files
    LARGER = publish(MemoryStore(THERE), release("v1.2.0")).files

    @pytest.mark.parametrize("other", [THERE, LARGER])
    def test_is_proven_by_who_has_seen_one(self, tmp_path: Path, other: Files) -> None:
        done = audited(other, seen=audited(self.HERE).note)
        assert codes(done) == ["CC924"]
        assert done.fork is not None
        check_fork(done.fork, LOG)
        latest(self.HERE, tmp_path)
        with pytest.raises(ForkError) as caught:
            latest(other, tmp_path)
        check_fork(caught.value.fork, LOG)

    def test_is_proven_at_first_contact_by_another_ones_proof(self, tmp_path: Path) -> None:
        """Where the go command, without a past, sees nothing."""
        proof = client(self.THERE).version("v1.1.0")
        done = audited(self.HERE, shown=[proof.head])
        assert codes(done) == ["CC924"]
        assert done.fork is not None
        check_fork(done.fork, LOG)
        with pytest.raises(ForkError):
            Client(Served(self.HERE), VKEY, shown=[proof.head]).latest()
        assert downloaded(go(tmp_path, self.HERE), "latest") == "v1.1.0"
        assert downloaded(go(tmp_path, self.THERE, "another"), "latest") == "v1.1.0"

    def test_is_no_use_where_witnesses_are_asked(self) -> None:
        """A witness has cosigned one of the two trees, and no tree without it counts."""
        witness = Witness(name="witness.example", public_key=public_key(bytes(32)))
        log = dataclasses.replace(LOG, witnesses=(witness,), quorum=1)
        path = f"{FOLDER}/checkpoint"
        note = parse_note(self.HERE[path])
        signature = cosign(note.text, name=witness.name, seed=bytes(32), time=1)
        both = dataclasses.replace(note, signatures=(*note.signatures, signature))
        here = self.HERE | {path: format_note(both)}
        assert Client(Served(here), log).latest().version == "v1.1.0"
        assert audit(here.get, log).diagnostics == ()
        with pytest.raises(TooFewWitnessesError):
            Client(Served(self.THERE), log).latest()
        assert codes(audit(self.THERE.get, log)) == ["CC926"]

    def test_within_a_lookup_is_proven(self) -> None:
        path = f"{FOLDER}/lookup/{MODULE}@v1.0.0"
        lookup = self.HERE[path].split(b"\n\n")[0] + b"\n\n" + self.THERE[f"{FOLDER}/latest"]
        done = audited(self.HERE | {path: lookup})
        assert codes(done) == ["CC924"]
        assert done.fork is not None
        check_fork(done.fork, LOG)


class TestFreeze:
    """The same site for ever: all of it verifies, and time goes by."""

    FILES = site("v1.0.0", "v1.1.0").files

    @pytest.mark.parametrize(("days", "found"), [(98, ["CC935"]), (99, []), (100, [])])
    def test_is_seen_by_its_age(self, days: int, found: list[str]) -> None:
        done = audited(self.FILES, now=NOW, max_age=timedelta(days=days))
        assert codes(done) == found
        if found:
            message = "the newest version is 99 days old, of 98 allowed"
            assert done.diagnostics[0].message == message
            assert done.diagnostics[0].severity is Severity.WARNING
            assert done.head is not None, "the site itself is right"

    @pytest.mark.parametrize(("days", "found"), [(98, True), (99, False)])
    def test_fails_who_verifies_and_warns_who_fetches(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, *, found: bool
    ) -> None:
        """An auditor has a finding, so 1; a client has its config, and is told, so 0."""
        for module in (cli_fetch, cli_verify):
            monkeypatch.setattr(module, "now", lambda: NOW)
        place = written(self.FILES, tmp_path / "site")
        asked = (place, "--key", VKEY, f"--max-age={days}")
        verified = run("verify", *asked)
        assert (verified.code, verified.err) == (int(found), "")
        assert ("\nwarning[CC935] stale-site: " in verified.out) == found
        fetched = run("fetch", *asked, "--cache", tmp_path / "cache")
        assert (fetched.code, fetched.out[: len(MODULE)]) == (0, MODULE)
        told = "warning[CC935] stale-site: v1.1.0 is 99 days old, of 98 allowed\n"
        assert fetched.err.startswith(told) == found


class TestMixAndMatch:
    """Files that were all published, each in the place of another."""

    FILES = site("v1.0.0", "v1.1.0").files

    @pytest.mark.parametrize("kind", ["zip", "mod", "info"])
    def test_of_versions(self, kind: str) -> None:
        files = dict(self.FILES)
        files[f"{MODULE}/@v/v1.1.0.{kind}"] = files[f"{MODULE}/@v/v1.0.0.{kind}"]
        if kind == "mod":  # the same in both
            files[f"{MODULE}/@v/v1.1.0.{kind}"] += b"\n"
        assert audited(files).diagnostics != ()
        with pytest.raises((AlteredFileError, MalformedModuleError)):
            latest(files)
        if kind != "mod":  # that of the newest says what is withdrawn
            assert client(files).version("v1.0.0").version == "v1.0.0"

    def test_of_lookups(self) -> None:
        files = dict(self.FILES)
        other = f"{FOLDER}/lookup/{MODULE}@v1.0.0"
        files[f"{FOLDER}/lookup/{MODULE}@v1.1.0"] = files[other]
        assert codes(audited(files)) == ["CC930"]
        with pytest.raises(AlteredFileError, match=r"record 0: it is of .* v1\.0\.0, and v1\.1\.0"):
            client(files).version("v1.1.0")

    def test_of_heads(self) -> None:
        """An older `latest` is a publication that was stopped, or a server that keeps copies."""
        older = site("v1.0.0").files
        files = self.FILES | {f"{FOLDER}/latest": older[f"{FOLDER}/latest"]}
        told = "latest lags behind checkpoint: it has 1 record, of 2"
        assert [found.message for found in audited(files).diagnostics] == [told]
        assert latest(files).version == "v1.1.0"

    def test_of_an_older_checkpoint(self, tmp_path: Path) -> None:
        """Nothing is wrong, and nothing newer can be proven: what to do is to try again."""
        older = site("v1.0.0").files
        files = self.FILES | {f"{FOLDER}/checkpoint": older[f"{FOLDER}/checkpoint"]}
        told = "checkpoint lags behind latest: it has 1 record, of 2"
        (found,) = audited(files).diagnostics
        assert (found.code, found.severity, found.message) == ("CC938", Severity.WARNING, told)
        with pytest.raises(LaggingError, match=re.escape(told)) as raised:
            latest(files)
        assert raised.value.diagnostic == dataclasses.replace(found, severity=Severity.ERROR)
        assert (found.hint or "").endswith("and try again")
        assert client(files).version("v1.0.0").version == "v1.0.0"
        latest(self.FILES, tmp_path)  # with what was proven before, nothing has to be proven
        assert latest(files, tmp_path).version == "v1.1.0"

    @pytest.mark.parametrize("file", ["latest", "checkpoint"])
    def test_of_heads_of_two_trees(self, file: str) -> None:
        """The older of two heads may lag behind, but must be of the beginning of the same tree."""
        other = site("v1.0.0", note="for others").files
        files = self.FILES | {f"{FOLDER}/{file}": other[f"{FOLDER}/{file}"]}
        assert codes(audited(files)) == ["CC924"]
        with pytest.raises(ForkError, match="a tree of 2 records that does not continue its tree"):
            latest(files)

    def test_of_faces(self) -> None:
        files = dict(self.FILES)
        files[f"{FOLDER}/latest"] = files[f"{FOLDER}/checkpoint"]
        assert codes(audited(files)) == ["CC922"]

    def test_of_logs(self) -> None:
        files = publish(MemoryStore(), release("v1.0.0"), OTHER_KEY).files
        assert codes(audited(files)) == ["CC922"]
        with pytest.raises(UnverifiedNoteError, match=f"without a signature of {NAME}"):
            latest(files)

    def test_of_newest(self) -> None:
        files = dict(self.FILES)
        files[f"{MODULE}/@latest"] = files[f"{MODULE}/@v/v1.0.0.info"]
        assert codes(audited(files)) == ["CC930"]


class TestEndlessTree:
    """A signed head of more records than anybody could have, and one tile of hashes below it."""

    def test_ends(self) -> None:
        (tile,) = partial_tiles(1 << 62)
        row = [bytes([number]) * 32 for number in range(tile.width)]
        data = b"".join(row)
        while len(row) > 1:
            row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
        head = TreeHead(size=1 << 62, root=row[0])
        files = {
            f"{FOLDER}/{go_path(tile)}": data,
            f"{FOLDER}/checkpoint": sign_checkpoint(NAME, head, (KEY,)),
            f"{FOLDER}/latest": sign_checkpoint(GO_ORIGIN, head, (KEY,)),
        }
        found = codes(audited(files))
        assert 1 <= len(found) <= 20
        assert set(found) == {"CC927"}
