"""Files of keys: who may read them, and what else they could be mistaken for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chartconfig.edge.keys import new_signer, public_line, read_signer, read_verifiers, write_signer
from chartconfig.errors import ChartconfigError
from chartconfig.tlog.note import format_signer, format_verifier, generate

NAME = "telemetry.example.com/log"
KEY = generate(NAME, bytes(range(32)))
NEXT = generate(NAME, bytes(32))
SECRET, PUBLIC = format_signer(KEY), format_verifier(KEY.verifier)


def refused(path: Path | str, *, secret: bool = True) -> str:
    """Return with which message a key is refused; the secret is never in it."""
    with pytest.raises(ChartconfigError) as caught:
        _ = read_signer(Path(path)) if secret else read_verifiers(str(path))
    diagnostic = caught.value.diagnostic
    assert diagnostic.code == "CC910"
    assert SECRET.split("+", 4)[4] not in f"{diagnostic.message} {diagnostic.hint}"
    return diagnostic.message


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "log.key"
    write_signer(path, KEY)
    return path


class TestSecret:
    def test_is_what_was_written(self, file: Path) -> None:
        assert read_signer(file) == KEY
        assert file.read_text(encoding="ascii") == f"{SECRET}\n"

    def test_may_lack_its_newline(self, file: Path) -> None:
        file.write_text(SECRET, encoding="ascii")
        assert read_signer(file) == KEY

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o777])
    def test_is_refused_if_others_may_do_anything_with_it(self, file: Path, mode: int) -> None:
        file.chmod(mode)
        assert refused(file) == f"{file} is not its owner's alone: its mode is {mode:04o}"

    @pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
    def test_is_read_if_only_its_owner_may(self, file: Path, mode: int) -> None:
        file.chmod(mode)
        assert read_signer(file) == KEY

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            (f"{PUBLIC}\n", "holds a public key, and the secret one is asked for"),
            ("", "holds a signer key that does not begin with PRIVATE+KEY+"),
            (f"{SECRET}\n\n", f"holds a signer key of '{NAME}' that is not base64 of 0x01 and 32"),
            (f" {SECRET}", "holds a signer key that does not begin with PRIVATE+KEY+"),
            (SECRET.replace("log+", "log+0"), "holds a signer key that is not NAME+8 hexadecimal"),
            (SECRET.replace("/log+", "/fog+"), "whose id is another key's"),
            ("\N{EM DASH}", "holds no key"),
            ("x" * 20_000, "holds no key"),
        ],
    )
    def test_is_nothing_else(self, file: Path, text: str, told: str) -> None:
        file.write_text(text, encoding="utf-8")
        assert told in refused(file)

    def test_is_in_no_folder_or_pipe(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe", 0o600)
        assert refused(tmp_path / "pipe") == f"{tmp_path / 'pipe'} is no regular file"
        assert refused(tmp_path) == f"{tmp_path} is no regular file"
        absent = tmp_path / "absent"
        assert refused(absent) == f"{absent} cannot be read: no such file or directory"

    def test_is_not_there_until_it_is_whole(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(descriptor: int) -> None:
            raise OSError(28, os.strerror(28), descriptor)

        monkeypatch.setattr(os, "fsync", fail)
        with pytest.raises(ChartconfigError, match="no space left on device"):
            write_signer(tmp_path / "log.key", KEY)
        assert list(tmp_path.iterdir()) == []

    def test_is_new_each_time(self) -> None:
        assert new_signer(NAME).seed != new_signer(NAME).seed


class TestPublic:
    def test_is_an_argument(self) -> None:
        assert read_verifiers(PUBLIC) == (KEY.verifier,)

    def test_is_in_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "log.pub"
        path.write_text(public_line(KEY), encoding="ascii")
        assert read_verifiers(str(path)) == (KEY.verifier,)

    def test_are_several_while_a_log_changes_its_key(self, tmp_path: Path) -> None:
        path = tmp_path / "log.pub"
        path.write_text(public_line(KEY) + public_line(NEXT), encoding="ascii")
        assert read_verifiers(str(path)) == (KEY.verifier, NEXT.verifier)

    def test_is_asked_for_by_its_line(self, tmp_path: Path) -> None:
        path = tmp_path / "log.vkey"
        path.write_bytes(b"\xff")
        with pytest.raises(ChartconfigError, match="holds no key") as caught:
            read_verifiers(str(path))
        assert caught.value.diagnostic.hint == "name the file with the verifier key's line"

    def test_is_no_secret_one(self, file: Path) -> None:
        told = "a secret key, and the public one is asked for"
        assert refused(SECRET, secret=False) == f"this is {told}"
        file.chmod(0o644)
        assert refused(file, secret=False) == f"{file} holds {told}"

    def test_is_nothing_else(self, tmp_path: Path) -> None:
        assert refused("log.pub", secret=False) == (
            "'log.pub' is neither a file nor a verifier key: it is a verifier key that is not"
            " NAME+8 hexadecimal digits+base64"
        )
        for argument in ("", "x" * 10_000, "log\0"):
            assert "is neither a file nor a verifier key" in refused(argument, secret=False)
        path = tmp_path / "log.pub"
        for text in ("", "\n", f"{PUBLIC}\n\n", f"{PUBLIC}\r\n"):
            path.write_bytes(text.encode())
            assert refused(path, secret=False).startswith(f"{path} holds a verifier key ")
        other = format_verifier(generate("example.com/other", bytes(32)).verifier)
        for second in (other, PUBLIC):
            path.write_text(f"{PUBLIC}\n{second}\n", encoding="ascii")
            told = f"{path} holds keys of two logs, or one key twice"
            assert refused(path, secret=False) == told
        assert refused(tmp_path, secret=False).endswith(" is no regular file")
