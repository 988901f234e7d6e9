"""`verify`, `proof` and `fetch`: what is printed, kept and refused."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from chartconfig.auditor.pin import parse_pin
from chartconfig.cli import fetch, verify
from chartconfig.module.gomod import Retraction
from chartconfig.module.zip import decode_zip
from chartconfig.tlog.client import Fork, check_fork
from chartconfig.tlog.cosignature import Witness, cosign, format_witness
from chartconfig.tlog.note import format_note, format_verifier, generate, parse_note, public_key
from chartconfig.tlog.text import parse_base64
from tests.cli.command import ROOT as PROJECT
from tests.cli.command import run
from tests.edge.test_write import contents
from tests.server import serving
from tests.sites import (
    FIRST,
    FOLDER,
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

    from tests.cli.command import Result

UNREACHABLE = "http://127.0.0.1:1"
OTHER_LOG = f"without a signature of {NAME}"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    for module in (fetch, verify):
        monkeypatch.setattr(module, "now", lambda: FIRST + timedelta(days=31))


@pytest.fixture
def public(tmp_path: Path) -> Path:
    """Return a site with two versions."""
    return written(site("v1.0.0", "v1.1.0").files, tmp_path / "public")


def hashes() -> list[str]:
    made = [release("v1.0.0"), release("v1.1.0", time=FIRST + timedelta(days=1))]
    return [each.record.decode().split()[2] for each in made]


def root(path: Path) -> str:
    return parse_note((path / FOLDER / "checkpoint").read_bytes()).text.splitlines()[2]


def table(*remarks: str) -> str:
    days = ("2026-11-01", "2026-11-02")
    return "".join(
        f"v1.{number}.0  {day}T12:00:00Z  {h1}{remark}\n"
        for number, (day, h1, remark) in enumerate(
            zip(days, hashes(), remarks or ("", ""), strict=True)
        )
    )


class TestVerify:
    def check(self, place: Path | str, *options: str | Path) -> Result:
        return run("verify", place, "--key", VKEY, *options)

    @pytest.mark.parametrize("how", ["a directory", "file://", "http://"])
    def test_tells_what_is_there(self, public: Path, how: str) -> None:
        with serving(site("v1.0.0", "v1.1.0").files) as server:
            urls = {"file://": public.as_uri(), "http://": server.url}
            result = self.check(urls.get(how, str(public)))
        assert (result.code, result.err) == (0, "")
        size = f"{NAME} has 2 records, root hash {root(public)}"
        assert result.out == table() + f"{size}: no findings\n"

    def test_as_json(self, public: Path) -> None:
        result = self.check(public, "--format=json")
        assert (result.code, result.err) == (0, "")
        printed = json.loads(result.out)
        assert printed["versions"][1] == {
            "module": MODULE,
            "version": "v1.1.0",
            "record": 1,
            "time": "2026-11-02T12:00:00Z",
            "h1": hashes()[1],
            "go_mod": release("v1.0.0").record.decode().split()[5],
            "retracted": None,
        }
        del printed["versions"]
        assert printed == {
            "format": "chartconfig/verify/v1",
            "log": NAME,
            "tree": {"size": 2, "root": root(public)},
            "diagnostics": [],
            "fork": None,
        }

    def test_tells_what_is_wrong(self, public: Path) -> None:
        path = public / MODULE / "@v" / "v1.0.0.zip"
        path.write_bytes(path.read_bytes()[:-1])
        result = self.check(public)
        assert (result.code, result.err) == (1, "")
        lines = result.out.splitlines()
        assert lines[0] == f"v1.0.0  not verified          {hashes()[0]}"
        assert lines[3].startswith("error[CC908] malformed-module: ")
        assert lines[-1].endswith(": 1 error in 1 file")
        only = self.check(public, "--version=v1.1.0")
        assert (only.code, only.out.splitlines()[-1][-13:]) == (0, ": no findings")

    def test_tells_what_was_withdrawn(self, tmp_path: Path) -> None:
        store = site("v1.0.0", "v1.1.0")
        bad = Retraction(low="v1.1.0", high="v1.1.0", reason="Too much.")
        time = FIRST + timedelta(days=2)
        publish(store, release("v1.1.1", retractions=(bad,), time=time))
        result = self.check(written(store.files, tmp_path / "public"))
        assert result.code == 0
        assert result.out.startswith(table("", "  withdrawn: Too much."))
        only = self.check(tmp_path / "public", "--version=v1.1.0")
        assert (only.code, "  withdrawn: Too much.\n" in only.out) == (0, True)

    def test_names_modules_where_there_are_several(self, tmp_path: Path) -> None:
        store = publish(site("v1.0.0"), release("v1.0.0", module="example.org/other"))
        result = self.check(written(store.files, tmp_path / "public"))
        assert result.code == 0
        assert result.out.startswith(f"{MODULE} v1.0.0  2026-11-01T12:00:00Z  h1:")
        assert "\nexample.org/other v1.0.0  2026-11-01T12:00:00Z  h1:" in result.out

    @pytest.mark.parametrize("command", ["verify", "fetch"])
    def test_says_which_log_there_is(self, public: Path, tmp_path: Path, command: str) -> None:
        other = format_verifier(generate("other.example/log", bytes(32)).verifier)
        (tmp_path / "empty").mkdir()
        for place, key, what in (
            (public, other, f"the site has no log other.example/log; it has {NAME}"),
            (tmp_path / "empty", VKEY, f"there is no log {NAME} here, and perhaps no site"),
        ):
            result = run(command, place, "--key", key)
            assert result.code == 1
            told = f"error[CC927] missing-log-file: {what}\n = help: "
            assert told in result.out + result.err

    def test_of_a_version_that_is_not_there(self, public: Path) -> None:
        result = self.check(public, "--version=v1.2.0")
        assert result.code == 1
        assert "error[CC942] no-such-version: the log has no v1.2.0\n" in result.out

    def test_keeps_the_head(self, public: Path, tmp_path: Path) -> None:
        state = tmp_path / "state"
        old = written(site("v1.0.0").files, tmp_path / "old")
        assert self.check(old, "--state", state).code == 0
        assert state.read_bytes() == (old / FOLDER / "checkpoint").read_bytes()
        assert self.check(public, "--state", state).code == 0
        assert state.read_bytes() == (public / FOLDER / "checkpoint").read_bytes()
        result = self.check(old, "--state", state)
        assert result.code == 1
        assert "error[CC925] log-rollback: the log offers 1 record, of the 2 that" in result.out
        assert result.out.endswith("\n1 error\n")
        assert state.read_bytes() == (public / FOLDER / "checkpoint").read_bytes()

    def test_shows_a_fork_with_its_proof(self, public: Path, tmp_path: Path) -> None:
        other = site("v1.0.0", "v1.1.0", note="for others").files
        head = tmp_path / "head"
        head.write_bytes(other[f"{FOLDER}/latest"])
        result = self.check(public, "--against", head)
        assert result.code == 1
        assert "error[CC924] log-fork: the log has signed a tree of 2 records" in result.out
        for note in (other[f"{FOLDER}/latest"], (public / FOLDER / "checkpoint").read_bytes()):
            assert note.decode() in result.out
        printed = json.loads(self.check(public, "--against", head, "--format=json").out)
        fork = printed["fork"]
        check_fork(
            Fork(
                older=fork["older"].encode(),
                newer=fork["newer"].encode(),
                root=parse_base64(fork["root"]) or b"",
                proof=tuple(parse_base64(each) or b"" for each in fork["proof"]),
            ),
            LOG,
        )
        assert printed["tree"] is None

    @pytest.mark.parametrize("kind", ["head", "proof", "pin"])
    def test_compares_what_others_have(self, public: Path, tmp_path: Path, kind: str) -> None:
        other = written(site("v1.0.0", "v1.1.0", note="for others").files, tmp_path / "other")
        for place, code in ((public, 0), (other, 1)):
            file = tmp_path / "file"
            if kind == "head":
                file = place / FOLDER / "checkpoint"
            elif kind == "proof":
                assert run("proof", place, "v1.0.0", "--key", VKEY, "-o", file).code == 0
            else:
                file.unlink(missing_ok=True)
                cache = ("--cache", tmp_path / f"cache of {place.name}")
                assert run("fetch", place, "--key", VKEY, "--pin", file, *cache).code == 0
            assert self.check(public, "--against", file).code == code

    def test_warns_of_age(self, public: Path) -> None:
        assert self.check(public, "--max-age=30").code == 0
        result = self.check(public, "--max-age=29")
        assert result.code == 1
        assert "warning[CC935] stale-site: the newest version is 30 days old" in result.out

    def test_asks_witnesses(self, public: Path) -> None:
        key = format_witness(Witness(name="w.example", public_key=public_key(bytes(32))))
        result = self.check(public, "--witness", key)
        assert result.code == 1
        assert "error[CC926] too-few-witnesses: a checkpoint that 0 of 1 witnesses" in result.out
        assert self.check(public, "--witness", key, "--quorum=0").code == 0
        path = public / FOLDER / "checkpoint"
        note = parse_note(path.read_bytes())
        signature = cosign(note.text, name="w.example", seed=bytes(32), time=1)
        path.write_bytes(
            format_note(type(note)(text=note.text, signatures=(*note.signatures, signature)))
        )
        assert self.check(public, "--witness", key).code == 0

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ((), "name a site, or a proof with --proof FILE"),
            (("public", "--proof=x"), "name a site, or a proof with --proof FILE"),
            (("--proof=x", "--repo=."), "--repo is about a site, and --proof asks none"),
            (("--proof=x", "--state=x"), "--state is about a site, and --proof asks none"),
            (("--proof=x", "--max-age=0"), "--max-age is about a site, and --proof asks none"),
            (("--proof=x", "--against=x"), "--against is about a site, and --proof asks none"),
            (("public", "--quorum=1"), "a quorum of 1 asks for so many different --witness"),
        ],
    )
    def test_of_nothing_is_wrong_usage(self, options: tuple[str, ...], said: str) -> None:
        result = run("verify", *options, "--key", VKEY)
        assert (result.code, result.out) == (2, "")
        assert f"Error: {said}" in result.err

    def test_of_a_site_that_is_not_there(self, tmp_path: Path) -> None:
        result = self.check(UNREACHABLE)
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith(f"error[CC929] cannot-fetch: {UNREACHABLE}/sumdb/")
        result = self.check(tmp_path / "nowhere")
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith("error[CC929] cannot-fetch: ")

    @pytest.mark.parametrize("option", ["--state", "--against", "--proof"])
    def test_of_a_file_that_is_none(self, public: Path, tmp_path: Path, option: str) -> None:
        place = () if option == "--proof" else (public,)
        (tmp_path / "x").write_bytes(b"x")
        for name, code in (("x", "CC921"), (".", "CC921"), ("nowhere", "CC123")):
            if (option, name) == ("--state", "nowhere"):
                continue
            result = run("verify", *place, "--key", VKEY, option, tmp_path / name)
            assert result.code == 1
            assert f"error[{code}]" in result.out + result.err
            assert str(tmp_path / name) in result.err


class TestProof:
    def test_needs_no_site(self, public: Path, tmp_path: Path) -> None:
        proof = tmp_path / "v1.0.0.tlog-proof"
        result = run("proof", public, "--key", VKEY, "v1.0.0", "-o", proof)
        assert (result.code, result.err) == (0, "")
        assert result.out == f"{proof}\n{MODULE} v1.0.0 is record 0 of {NAME}\n"
        result = run("verify", "--proof", proof, "--key", VKEY)
        assert (result.code, result.err) == (0, "")
        record = release("v1.0.0").record.decode()
        assert result.out == f"{record}record 0 of 2 of {NAME}, root hash {root(public)}\n"
        printed = json.loads(run("verify", "--proof", proof, "--key", VKEY, "--format=json").out)
        assert printed == {
            "format": "chartconfig/proof/v1",
            "log": NAME,
            "tree": {"size": 2, "root": root(public)},
            "record": 0,
            "module": MODULE,
            "version": "v1.0.0",
            "h1": hashes()[0],
            "go_mod": record.split()[5],
            "witnesses": [],
        }

    def test_is_of_the_version_that_is_asked_for(self, public: Path, tmp_path: Path) -> None:
        proof = tmp_path / "proof"
        assert run("proof", public, "--key", VKEY, "v1.0.0", "-o", proof).code == 0
        checked = ("verify", "--proof", proof, "--key", VKEY)
        assert run(*checked, "--version=v1.0.0").code == 0
        result = run(*checked, "--version=v1.1.0")
        assert (result.code, result.out) == (1, "")
        assert f"error[CC942] no-such-version: {proof} is of {MODULE} v1.0.0, not" in result.err

    def test_replaces_nothing_but_a_proof(self, public: Path, tmp_path: Path) -> None:
        out = tmp_path / "proof"
        for version in ("v1.0.0", "v1.1.0"):
            assert run("proof", public, "--key", VKEY, version, "-o", out).code == 0
        key = tmp_path / "log.key"
        key.write_bytes(b"PRIVATE+KEY+x\n")
        for path in (key, tmp_path):
            result = run("proof", public, "--key", VKEY, "v1.0.0", "-o", path)
            assert (result.code, result.out) == (1, "")
            assert f"error[CC903] output-in-the-way: {path} is no proof\n" in result.err
        assert key.read_bytes() == b"PRIVATE+KEY+x\n"

    def test_of_one_of_several_modules(self, tmp_path: Path) -> None:
        store = publish(site("v1.0.0"), release("v1.0.0", module="example.org/other"))
        public = written(store.files, tmp_path / "public")
        out = tmp_path / "proof"
        asked = ("proof", public, "--key", VKEY, "v1.0.0", "-o", out)
        result = run(*asked)
        assert (result.code, result.err[:12]) == (1, "error[CC942]")
        result = run(*asked, "--module=example.org/other")
        assert result.out == f"{out}\nexample.org/other v1.0.0 is record 1 of {NAME}\n"

    def test_of_another_log_is_refused(self, public: Path, tmp_path: Path) -> None:
        proof = tmp_path / "proof"
        assert run("proof", public, "--key", VKEY, "v1.0.0", "-o", proof).code == 0
        other = format_verifier(OTHER_KEY.verifier)
        result = run("verify", "--proof", proof, "--key", other)
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith("error[CC922] unverified-note: ")

    def test_that_was_changed_is_refused(self, public: Path, tmp_path: Path) -> None:
        proof = tmp_path / "proof"
        assert run("proof", public, "--key", VKEY, "v1.0.0", "-o", proof).code == 0
        data = proof.read_bytes()
        for place in range(len(data)):
            proof.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
            assert run("verify", "--proof", proof, "--key", VKEY).code == 1

    def test_of_what_is_not_there_is_not_written(self, public: Path, tmp_path: Path) -> None:
        for version in ("v1.2.0", "latest"):
            result = run("proof", public, "--key", VKEY, version, "-o", tmp_path / "proof")
            assert (result.code, result.out) == (1, "")
            assert result.err.startswith("error[CC942] no-such-version: ")
        assert not (tmp_path / "proof").exists()

    def test_as_json(self, public: Path, tmp_path: Path) -> None:
        out = tmp_path / "proof"
        result = run("proof", public, "--key", VKEY, "v1.0.0", "-o", out, "--format=json")
        assert json.loads(result.out) == {"format": "chartconfig/written/v1", "written": [str(out)]}


class TestFetch:
    def test_writes_the_latest(self, public: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        result = run("fetch", public, "--key", VKEY, "-o", out)
        assert (result.code, result.err) == (0, "")
        files = decode_zip(
            (public / MODULE / "@v" / "v1.1.0.zip").read_bytes(), module=MODULE, version="v1.1.0"
        )
        assert contents(out) == files
        assert result.out == "".join(
            f"{out / name}  {len(data):,} bytes\n" for name, data in sorted(files.items())
        ) + (f"{MODULE} v1.1.0  {hashes()[1]}  record 1 of {NAME}\n")
        assert run("fetch", public, "--key", VKEY, "-o", out, "--version=v1.0.0").code == 0
        assert contents(out) != files

    def test_as_json(self, public: Path) -> None:
        result = run("fetch", public, "--key", VKEY, "--version=v1.0.0", "--format=json")
        assert (result.code, result.err) == (0, "")
        printed = json.loads(result.out)
        assert sorted(printed.pop("files")) == [
            *("README.md", "charts.json", "config.json", "go.mod", "manifest.json")
        ]
        assert printed == {
            "format": "chartconfig/fetch/v1",
            "log": NAME,
            "module": MODULE,
            "version": "v1.0.0",
            "time": "2026-11-01T12:00:00Z",
            "h1": hashes()[0],
            "record": 0,
            "retracted": None,
            "offline": False,
        }

    def test_writes_over_nothing_else(self, public: Path, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "mine").write_bytes(b"")
        result = run("fetch", public, "--key", VKEY, "-o", tmp_path / "out")
        assert (result.code, result.err[:12]) == (1, "error[CC903]")

    def test_uses_its_cache(self, public: Path, tmp_path: Path) -> None:
        assert run("fetch", public, "--key", VKEY).code == 0
        assert (tmp_path / "xdg" / "chartconfig" / NAME / "state.json").is_file()
        last = "from the cache, as released on 2026-11-02: the site"
        for options, why in (
            ((UNREACHABLE,), f"does not answer: {UNREACHABLE}/sumdb/{NAME}/latest: "),
            ((public, "--offline"), "was not asked\n"),
        ):
            result = run("fetch", *options, "--key", VKEY)
            assert (result.code, result.err) == (0, "")
            assert f"record 1 of {NAME}\n{last} {why}" in result.out
        result = run("fetch", UNREACHABLE, "--key", VKEY, "--cache", tmp_path / "other")
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith("error[CC929] cannot-fetch: ")

    def test_names_its_cache_where_the_key_changed(self, public: Path, tmp_path: Path) -> None:
        assert run("fetch", public, "--key", VKEY).code == 0
        result = run("fetch", public, "--key", format_verifier(OTHER_KEY.verifier))
        assert (result.code, result.out) == (1, "")
        state = tmp_path / "xdg" / "chartconfig" / NAME / "state.json"
        assert result.err.startswith(f"error[CC922] unverified-note: {state}: ")
        assert "docs/keys.md" in result.err

    def test_of_a_version_that_cannot_be(self, public: Path) -> None:
        result = run("fetch", public, "--key", VKEY, "--version=v9.9.9")
        assert (result.code, result.out) == (1, "")
        assert "'v9.9.9' is no version of a config\n" in result.err
        assert " = help: write one such as v1.2.3: v0 and v1 are all that there are\n" in result.err

    def test_keeps_to_its_pin(self, public: Path, tmp_path: Path) -> None:
        pin = tmp_path / "config.pin"
        pinned = ("--key", VKEY, "--pin", pin)
        assert run("fetch", public, *pinned, "--version=v1.0.0").code == 0
        data = pin.read_bytes()
        assert parse_pin(data).version == "v1.0.0"
        result = run("fetch", public, *pinned)
        assert result.code == 0
        assert f"{MODULE} v1.0.0  {hashes()[0]}" in result.out
        assert pin.read_bytes() == data
        result = run("fetch", public, *pinned, "--version=v1.1.0")
        assert (result.code, result.out) == (2, "")
        assert "pins v1.0.0: --update moves it to v1.1.0" in result.err
        assert run("fetch", public, *pinned, "--update").code == 0
        assert parse_pin(pin.read_bytes()).version == "v1.1.0"

    def test_refuses_what_is_not_pinned(self, public: Path, tmp_path: Path) -> None:
        pin = tmp_path / "config.pin"
        assert run("fetch", public, "--key", VKEY, "--pin", pin).code == 0
        pin.write_bytes(pin.read_bytes().replace(hashes()[1].encode(), hashes()[0].encode()))
        result = run("fetch", public, "--key", VKEY, "--pin", pin)
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith("error[CC940] pinned-otherwise: ")
        pin.write_bytes(b"{}")
        result = run("fetch", public, "--key", VKEY, "--pin", pin)
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith(f"error[CC941] malformed-pin: {pin} is no pin\n")

    def test_of_an_older_site_than_the_pin_is_refused(self, public: Path, tmp_path: Path) -> None:
        pin = tmp_path / "config.pin"
        assert run("fetch", public, "--key", VKEY, "--pin", pin, "--version=v1.0.0").code == 0
        old = written(site("v1.0.0").files, tmp_path / "old")
        elsewhere = ("--cache", tmp_path / "elsewhere")
        result = run("fetch", old, "--key", VKEY, "--pin", pin, *elsewhere)
        assert (result.code, result.err[:12]) == (1, "error[CC925]")

    def test_warns(self, tmp_path: Path) -> None:
        store = site("v1.0.0", "v1.1.0")
        bad = Retraction(low="v1.1.0", high="v1.1.0", reason="Too much.")
        publish(store, release("v1.1.1", retractions=(bad,), time=FIRST + timedelta(days=2)))
        public = written(store.files, tmp_path / "public")
        result = run("fetch", public, "--key", VKEY, "--version=v1.1.0", "--max-age=29")
        assert result.code == 0
        assert "warning[CC943] withdrawn-version: v1.1.0 was withdrawn: Too much." in result.err
        assert "warning[CC935] stale-site: v1.1.0 is 30 days old, of 29 allowed" in result.err
        result = run("fetch", public, "--key", VKEY, "--max-age=29")
        assert (result.code, result.err) == (0, "")
        assert f"{MODULE} v1.1.1" in result.out

    def test_prints_a_fork(self, public: Path, tmp_path: Path) -> None:
        assert run("fetch", public, "--key", VKEY).code == 0
        other = site("v1.0.0", "v1.1.0", note="for others").files
        result = run("fetch", written(other, tmp_path / "other"), "--key", VKEY)
        assert (result.code, result.err[:12]) == (1, "error[CC924]")
        assert result.out.startswith("older tree head:\n\n")
        assert other[f"{FOLDER}/latest"].decode() in result.out


def shape(value: object) -> object:
    """Return the keys of a JSON value, and of the values in it; a list has one kind of them."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    return [shape(each) for each in value[:1]] if isinstance(value, list) else None


def test_json_is_as_the_page_shows_it(public: Path, tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    assert run("proof", public, "--key", VKEY, "v1.0.0", "-o", proof).code == 0
    page = (PROJECT / "docs" / "formats" / "json.md").read_text(encoding="utf-8")
    _, _, section = page.partition("\n## verify, proof and fetch\n")
    shown = [json.loads(block.partition("```")[0]) for block in section.split("```json\n")[1:4]]
    commands = (
        ("verify", public),
        ("verify", "--proof", proof),
        ("fetch", public),
    )
    for example, command in zip(shown, commands, strict=True):
        printed = json.loads(run(*command, "--key", VKEY, "--format=json").out)
        assert example["format"] == printed["format"]
        assert list(example) == list(printed)
        assert shape(example) == shape(printed)
