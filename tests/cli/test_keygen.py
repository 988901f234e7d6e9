"""`keygen`: the secret key for its owner alone, the verifier key for everybody."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

import pytest

from chartconfig.tlog.note import Signer, format_verifier, parse_signer, parse_verifier
from tests.cli.command import ROOT, run, spawn
from tests.edge.test_write import contents, everything

NAME = "telemetry.example.com/log"


def key(path: Path) -> Signer:
    return parse_signer(path.read_text(encoding="ascii").removesuffix("\n"))


class TestKey:
    def test_is_written_and_its_public_half_printed(self, tmp_path: Path) -> None:
        path = tmp_path / "log.key"
        result = run("keygen", NAME, "-o", path)
        assert (result.code, result.err) == (0, "")
        signer = key(path)
        assert signer.name == NAME
        assert result.out == f"{format_verifier(signer.verifier)}\n"
        note = "text\n"
        assert parse_verifier(result.out.strip()).verify(note, signer.sign(note))

    def test_is_a_new_one_each_time(self, tmp_path: Path) -> None:
        for name in ("one", "two"):
            assert run("keygen", NAME, "-o", tmp_path / name).code == 0
        assert key(tmp_path / "one").seed != key(tmp_path / "two").seed

    @pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
    def test_is_readable_by_its_owner_alone(self, tmp_path: Path, umask: int) -> None:
        before = os.umask(umask)
        try:
            assert run("keygen", NAME, "-o", tmp_path / "log.key").code == 0
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / "log.key").stat().st_mode) == 0o600

    def test_is_shown_nowhere(self, tmp_path: Path) -> None:
        for extra in ((), ("--format", "json")):
            path = tmp_path / f"log{len(extra)}.key"
            result = spawn("--debug", "keygen", NAME, "-o", path, *extra)
            assert result.code == 0
            secret = path.read_text(encoding="ascii").strip().split("+", 4)[4]  # may have a +
            assert secret not in result.out + result.err
            assert key(path).seed.hex() not in result.out + result.err

    def test_is_shown_again_without_its_secret(self, tmp_path: Path) -> None:
        path = tmp_path / "log.key"
        made = run("keygen", NAME, "-o", path)
        before = contents(tmp_path)
        for _ in range(2):
            shown = run("keygen", "--show", path)
            assert (shown.code, shown.out, shown.err) == (0, made.out, "")
        document = json.loads(run("keygen", "--show", path, "--format", "json").out)
        assert document == {
            "format": "chartconfig/keygen/v1",
            "name": NAME,
            "verifier": made.out.strip(),
            "out": str(path),
        }
        assert contents(tmp_path) == before

    def test_as_json_is_what_the_page_shows(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        result = run("keygen", NAME, "-o", "log.key", "--format", "json")
        page = (ROOT / "docs/formats/json.md").read_text(encoding="utf-8")
        (shown,) = re.findall(r"`chartconfig keygen .*\n.*\n\n```json\n((?s:.*?))```", page)
        verifier = format_verifier(key(Path("log.key")).verifier)
        assert json.loads(result.out) == {**json.loads(shown), "verifier": verifier}
        assert parse_verifier(json.loads(shown)["verifier"]).name == NAME


class TestNothing:
    def test_is_overwritten(self, tmp_path: Path) -> None:
        path = tmp_path / "log.key"
        path.write_bytes(b"mine")
        result = run("keygen", NAME, "-o", path)
        assert (result.code, result.out) == (1, "")
        assert result.err == (
            f"error[CC903] output-in-the-way: {path} is there already\n"
            " = help: choose another name: with its key, a log is lost\n\n"
        )
        assert contents(tmp_path) == {"log.key": b"mine"}

    def test_is_written_through_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "log.key").symlink_to(tmp_path / "elsewhere")
        assert run("keygen", NAME, "-o", tmp_path / "log.key").code == 1
        assert everything(tmp_path) == ["log.key"]

    def test_is_written_where_there_is_no_folder(self, tmp_path: Path) -> None:
        path = tmp_path / "keys" / "log.key"
        result = run("keygen", NAME, "-o", path)
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith(
            f"error[CC902] cannot-write: {path} cannot be written: no such file or directory\n"
        )
        assert everything(tmp_path) == []

    @pytest.mark.parametrize(
        "arguments",
        [(), (NAME,), ("-o", "log.key"), (NAME, "--show", "x"), ("-o", "log.key", "--show", "x")],
    )
    def test_is_made_without_knowing_what(
        self, tmp_path: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        result = run("keygen", *arguments)
        assert (result.code, result.out) == (2, "")
        assert "--show" in result.err
        assert everything(tmp_path) == []

    @pytest.mark.parametrize("name", ["https://example.com", "a+b", "two words", "", "../log"])
    def test_is_made_for_a_name_that_no_log_can_have(self, tmp_path: Path, name: str) -> None:
        result = run("keygen", name, "-o", tmp_path / "log.key")
        assert (result.code, result.out) == (2, "")
        assert "Error: Invalid value for 'NAME': no log can be called" in result.err
        assert everything(tmp_path) == []
