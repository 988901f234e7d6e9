"""What a mirror may try with the files of versions: each is checked before it is used."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from chartconfig.auditor.version import AlteredFileError
from chartconfig.client import Client, NoSuchVersionError
from chartconfig.errors import ChartconfigError
from chartconfig.module.gomod import Retraction
from chartconfig.module.malformed import MalformedModuleError
from chartconfig.module.zip import encode_zip
from chartconfig.tlog.text import MalformedLogError
from chartconfig.tlog.tree import (
    FailedProofError,
)
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
    LOG,
    MODULE,
    VKEY,
    publish,
    release,
    site,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.fakes import MemoryStore


NOW = FIRST + timedelta(days=100)
LIST = f"{MODULE}/@v/list"
Files = dict[str, bytes]


class TestChangedInfo:
    """Another time: no hash that the go command checks has it in it."""

    PATH = f"{MODULE}/@v/v1.1.0.info"
    FILES = site("v1.0.0", "v1.1.0").files
    CHANGED = FILES | {
        PATH: FILES[PATH].replace(b"2026-11-02", b"2026-12-02"),
        f"{MODULE}/@latest": FILES[PATH].replace(b"2026-11-02", b"2026-12-02"),
    }

    def test_is_seen_by_the_manifest(self) -> None:
        assert codes(audited(self.CHANGED)) == ["CC930"]
        message = "it says v1.1.0 and 2026-12-02T12:00:00Z, the zip v1.1.0 and 2026-11-02T12:00:00Z"
        with pytest.raises(AlteredFileError, match=message):
            latest(self.CHANGED)

    def test_is_not_seen_by_the_go_command(self, tmp_path: Path) -> None:
        assert downloaded(go(tmp_path, self.CHANGED), "latest") == "v1.1.0"


class TestWrongSizes:
    """Files that end too early, or go on."""

    FILES = site("v1.0.0", "v1.1.0").files
    NEEDED = (
        f"{FOLDER}/checkpoint",
        f"{FOLDER}/latest",
        f"{FOLDER}/tile/8/0/000.p/2",
        f"{FOLDER}/tile/8/data/000.p/2",
        f"{MODULE}/@v/v1.1.0.info",
        f"{MODULE}/@v/v1.1.0.mod",
        f"{MODULE}/@v/v1.1.0.zip",
    )

    @pytest.mark.parametrize("path", sorted(FILES))
    def test_are_seen(self, path: str) -> None:
        data = self.FILES[path]
        for other in (b"", data[:-1], data[1:], data + b"\n", data + b"\0", data * 2):
            files = self.FILES | {path: other}
            assert audited(files).diagnostics != (), other
            if path in self.NEEDED:
                with pytest.raises(ChartconfigError):
                    latest(files)
            else:
                assert latest(files).version == "v1.1.0"

    @pytest.mark.parametrize("path", sorted(FILES))
    def test_of_nothing_are_seen(self, path: str) -> None:
        files = {name: data for name, data in self.FILES.items() if name != path}
        old = path.startswith(f"{FOLDER}/tile/") and path.endswith(".p/1")
        assert (audited(files).diagnostics == ()) == old, "an old partial tile may be deleted"


class TestPathTraversal:
    """Names that lead out of where they should stay."""

    @pytest.mark.parametrize("name", ["../../evil", "/etc/passwd", "a/../../evil", "a\\..\\evil"])
    def test_in_a_zip_is_refused(self, name: str) -> None:
        made = release("v1.0.0")
        start = f"{MODULE}@v1.0.0/README.md".encode()
        evil = f"{MODULE}@v1.0.0/{name}".encode()[: len(start)].ljust(len(start), b"x")
        files = site("v1.0.0").files | {f"{MODULE}/@v/v1.0.0.zip": made.zip.replace(start, evil)}
        assert codes(audited(files)) == ["CC908"]
        with pytest.raises(MalformedModuleError):
            latest(files)

    @pytest.mark.parametrize(
        "record",
        [
            "../../evil v1.0.0 {h}\n../../evil v1.0.0/go.mod {h}\n",
            "example.org/../evil v1.0.0 {h}\nexample.org/../evil v1.0.0/go.mod {h}\n",
            "example.org/x ../v1.0.0 {h}\nexample.org/x ../v1.0.0/go.mod {h}\n",
            "example.org/x v1.0.0-../../evil {h}\nexample.org/x v1.0.0-../../evil/go.mod {h}\n",
            "example.org/x v2.0.0 {h}\nexample.org/x v2.0.0/go.mod {h}\n",
        ],
    )
    def test_in_a_record_is_refused(self, record: str) -> None:
        h1 = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        files = logged([record.format(h=h1).encode()], site("v1.0.0"))
        assert "CC908" in codes(audited(files))
        with pytest.raises(MalformedModuleError):
            latest(files)

    @pytest.mark.parametrize("listed", [b"../../evil\n", b"v1.0.0/../../evil\n", b"v1.0.0\0\n"])
    def test_in_a_list_is_refused(self, listed: bytes) -> None:
        files = site("v1.0.0").files | {LIST: listed}
        assert codes(audited(files)) == ["CC908"]
        assert latest(files).version == "v1.0.0"

    @pytest.mark.parametrize("version", ["../x", "v1.0.0/../x", "latest", "v1", "v2.0.0", ""])
    def test_in_a_question_is_refused(self, version: str) -> None:
        with pytest.raises(NoSuchVersionError, match="is no version of a config"):
            client(site("v1.0.0").files).version(version)

    @pytest.mark.parametrize("name", ["../evil", "..", "a/../b", "a b"])
    def test_in_the_name_of_a_log_is_refused(self, name: str) -> None:
        log = dataclasses.replace(LOG, name=name)
        with pytest.raises(MalformedLogError, match="no log is called"):
            Client(Served({}), log)


class TestZipBomb:
    """A small zip of something large."""

    def test_is_not_unpacked(self) -> None:
        import zlib

        made = release("v1.0.0")
        packed = zlib.compressobj(9, zlib.DEFLATED, -15)
        bomb = packed.compress(bytes(50 << 20)) + packed.flush()
        names = [f"{MODULE}@v1.0.0/{name}" for name in ("config.json", "go.mod")]
        archive = _deflated({names[0]: (bomb, 50 << 20), names[1]: (made.mod, len(made.mod))})
        files = site("v1.0.0").files | {f"{MODULE}/@v/v1.0.0.zip": archive}
        assert codes(audited(files)) == ["CC908"]
        with pytest.raises(MalformedModuleError, match="more bytes than it has"):
            latest(files)


def _deflated(files: Mapping[str, tuple[bytes, int]]) -> bytes:
    """Return a zip of contents that are compressed already, and claim a size."""
    from struct import pack

    before, directory = b"", b""
    for name, (data, size) in files.items():
        method = 8 if len(data) != size else 0
        common = pack("<5H3I2H", 20, 0, method, 0, 0x21, 0, len(data), size, len(name), 0)
        rest = pack("<3H2I", 0, 0, 0, 0o100644 << 16, len(before))
        directory += b"PK\1\2" + pack("<H", 0x314) + common + rest + name.encode()
        before += b"PK\3\4" + common + name.encode() + data
    end = pack("<4H2IH", 0, 0, len(files), len(files), len(directory), len(before), 0)
    return before + directory + b"PK\5\6" + end


class TestCase:
    """Names that differ in case only, and are one on some machines."""

    def test_in_a_zip_is_refused(self) -> None:
        made = release("v1.0.0")
        start = f"{MODULE}@v1.0.0/charts.json".encode()
        other = f"{MODULE}@v1.0.0/Config.json".encode()
        files = site("v1.0.0").files | {f"{MODULE}/@v/v1.0.0.zip": made.zip.replace(start, other)}
        assert codes(audited(files)) == ["CC908"]
        with pytest.raises(MalformedModuleError, match="differ in case only"):
            latest(files)

    def test_in_a_site_is_a_stray_file(self) -> None:
        files = site("v1.0.0").files
        files[f"{MODULE}/@v/V1.0.0.zip"] = files[f"{MODULE}/@v/v1.0.0.zip"]
        assert codes(audited(files)) == ["CC937"]

    def test_of_modules_is_escaped(self) -> None:
        """`example.org/Config` and `example.org/config` do not share a file."""
        store = site()
        for number, module in enumerate(("example.org/config", "example.org/Config")):
            publish(store, release(f"v1.{number}.0", module=module))
        assert audited(store.files).diagnostics == ()
        with pytest.raises(NoSuchVersionError, match="has several modules: example"):
            latest(store.files)
        for number, module in enumerate(("example.org/config", "example.org/Config")):
            found = Client(Served(store.files), VKEY, module=module).latest()
            assert (found.module, found.version) == (module, f"v1.{number}.0")


class TestRepacked:
    """The same files in another zip: the hash of the record does not see it."""

    @pytest.mark.parametrize(
        ("method", "refusal", "told"),
        [
            (ZIP_DEFLATED, "CC908", "its contents have more bytes than it has"),
            (ZIP_STORED, "CC930", "packed in another way than was published"),
        ],
    )
    def test_is_refused(self, tmp_path: Path, method: int, refusal: str, told: str) -> None:

        made = release("v1.0.0")
        repacked = BytesIO()
        with ZipFile(BytesIO(made.zip)) as old, ZipFile(repacked, "w", method) as new:
            for name in old.namelist():
                new.writestr(name, old.read(name))
        files = site("v1.0.0").files | {f"{MODULE}/@v/v1.0.0.zip": repacked.getvalue()}
        assert codes(audited(files)) == [refusal]
        with pytest.raises(ChartconfigError, match=told):
            latest(files)
        assert downloaded(go(tmp_path, files), "latest") == "v1.0.0"


class TestWithdrawal:
    """What was withdrawn is not brought back by a version that does not say so."""

    BAD = Retraction(low="v1.1.0", high="v1.1.0", reason="Collected too much.")

    def published(self, *last: tuple[Retraction, ...]) -> MemoryStore:
        store = site("v1.0.0", "v1.1.0")
        for number, retractions in enumerate(last, start=1):
            time = FIRST + timedelta(days=9 + number)
            publish(store, release(f"v1.1.{number}", retractions=retractions, time=time))
        return store

    def test_is_honoured_as_the_go_command_does(self, tmp_path: Path) -> None:
        both = (dataclasses.replace(self.BAD, high="v1.1.1"),)
        for files, expected in (
            (self.published((self.BAD,)).files, "v1.1.1"),
            (self.published(both).files, "v1.0.0"),
        ):
            assert audited(files).diagnostics == ()
            assert latest(files).version == expected
            assert downloaded(go(tmp_path, files, expected), "latest") == expected
            named = client(files).version("v1.1.0")
            assert named.retraction is not None
            assert named.retraction.reason == "Collected too much."

    def test_that_is_dropped_is_found(self) -> None:
        done = audited(self.published((self.BAD,), ()).files)
        assert [found.message for found in done.diagnostics] == [
            "v1.1.2 no longer withdraws v1.1.0, which v1.1.1 withdrew"
        ]

    def test_of_everything_leaves_nothing(self, tmp_path: Path) -> None:
        every = (Retraction(low="v1.0.0", high="v1.1.1", reason="All of it."),)
        files = self.published(every).files
        with pytest.raises(NoSuchVersionError, match=f"every version of {MODULE} is withdrawn"):
            latest(files)
        done = go(tmp_path, files).run("mod", "download", "-json", f"{MODULE}@latest")
        assert "no matching versions" in refused(done)


class TestAnotherConfig:
    """A record of files that no chartconfig made: signed, logged, and refused all the same."""

    @pytest.mark.parametrize(
        ("name", "data", "code"),
        [
            ("config.json", b'{"Programs": [null]}', "CC930"),
            ("extra.txt", b"", "CC930"),
            ("manifest.json", b"{}\n", "CC908"),
        ],
    )
    def test_is_refused(self, name: str, data: bytes, code: str) -> None:
        from chartconfig.module.zip import decode_zip
        from chartconfig.pipeline import pack

        files = decode_zip(release("v1.0.0").zip, module=MODULE, version="v1.0.0")
        made = pack(files | {name: data}, version="v1.0.0", time=FIRST)
        published = publish(site(), made).files
        assert codes(audited(published)) == [code]
        with pytest.raises((AlteredFileError, MalformedModuleError)):
            latest(published)
        assert encode_zip(files | {name: data}, module=MODULE, version="v1.0.0") == made.zip

    def test_of_another_time_than_its_commit(self) -> None:
        later = dataclasses.replace(
            release("v1.0.0"), info=release("v1.0.0", time=datetime(2027, 1, 1, tzinfo=UTC)).info
        )
        assert codes(audited(publish(site(), later).files)) == ["CC930"]


class TestMissingProof:
    def test_of_a_tile_is_refused(self) -> None:
        files = site("v1.0.0", "v1.1.0").files
        files[f"{FOLDER}/tile/8/0/000.p/2"] = bytes(64)
        assert codes(audited(files)) == ["CC923"]
        with pytest.raises(FailedProofError, match="lead to another root"):
            latest(files)
