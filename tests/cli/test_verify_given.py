"""What `verify`, `proof` and `fetch` say of what cannot be: one clear line, and nothing written."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.cli.command import Result, run, spawn
from tests.sites import FOLDER, OTHER_KEY, VKEY, publish, release, site, written

if TYPE_CHECKING:
    from pathlib import Path

FILES = site("v1.0.0", "v1.1.0").files
VERIFY, FETCH, PROOF = ("verify", "site"), ("fetch", "site"), ("proof", "site", "v1.0.0", "-o", "p")
KEY = ("--key", "key")


@pytest.fixture(autouse=True)
def _odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand among a site, a key, and what is neither."""
    written(FILES, tmp_path / "site")
    (tmp_path / "key").write_text(f"{VKEY}\n", encoding="ascii")
    (tmp_path / "junk").write_bytes(bytes(range(256)) * 4)
    (tmp_path / "huge").write_bytes(bytes(5_000_000))
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    other = publish(site(), release("v1.0.0"), OTHER_KEY).files
    (tmp_path / "stranger").write_bytes(other[f"{FOLDER}/latest"])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))


def said(result: Result) -> str:
    """Return the first line of what went wrong, which is all that was done."""
    assert result.out == ""
    lines = result.err.splitlines()
    if result.code == 2:
        assert lines[0].startswith("Usage: chartconfig ")
        return lines[-1].removeprefix("Error: ")
    assert result.code == 1
    assert lines[1].startswith(" = help: ")
    return lines[0]


@pytest.mark.parametrize("command", [VERIFY, FETCH, PROOF])
class TestShared:
    @pytest.mark.parametrize("seconds", ["nan", "NaN", "-nan"])
    def test_a_time_is_a_number(self, command: tuple[str, ...], seconds: str) -> None:
        told = f"Invalid value for '--timeout': {seconds} is no number."
        assert said(run(*command, *KEY, f"--timeout={seconds}")) == told

    @pytest.mark.parametrize("seconds", ["inf", "0", "-1", "86401"])
    def test_and_in_its_range(self, command: tuple[str, ...], seconds: str) -> None:
        told = f"Invalid value for '--timeout': {float(seconds)} is not in the range 0<x<=86400."
        assert said(run(*command, *KEY, f"--timeout={seconds}")) == told

    @pytest.mark.parametrize(
        ("file", "what"),
        [
            ("pipe", "pipe is no regular file"),
            ("folder", "folder is no regular file"),
            ("junk", "junk holds no key"),
            ("huge", "huge holds no key"),
        ],
    )
    def test_a_key_is_a_file_of_keys(self, command: tuple[str, ...], file: str, what: str) -> None:
        assert said(run(*command, "--key", file)) == f"error[CC910] unusable-key: {what}"

    @pytest.mark.parametrize(
        ("file", "what"),
        [
            ("pipe", "CC921] malformed-log-file: pipe is no regular file"),
            ("junk", "CC921] malformed-log-file: junk: a note that is not UTF-8"),
            ("huge", "CC921] malformed-log-file: huge has more than 4000000 bytes"),
            ("key/x", "CC123] unreadable-file: key/x cannot be read: not a directory"),
            ("stranger", "CC922] unverified-note: stranger: a note without a signature of "),
        ],
    )
    def test_a_head_of_others_is_named(
        self, command: tuple[str, ...], file: str, what: str
    ) -> None:
        good = f"site/{FOLDER}/latest"
        result = run(*command, *KEY, "--against", good, "--against", file)
        assert said(result).startswith(f"error[{what}")

    def test_a_witness_has_a_key(self, command: tuple[str, ...]) -> None:
        told = "a witness's key that is not NAME+8 hexadecimal digits+base64"
        result = run(*command, *KEY, "--witness", "w.example")
        assert said(result) == f"error[CC910] unusable-key: 'w.example' is {told}"

    @pytest.mark.parametrize("option", ["--key", "--against"])
    def test_no_name_is_empty(self, command: tuple[str, ...], option: str) -> None:
        """As it is where a script's variable is not set: not the same as no option at all."""
        assert said(run(*command, *KEY, option, "")) == f"Invalid value for '{option}': it is empty"

    @pytest.mark.parametrize(
        ("place", "what"),
        [
            ("file:///x%00", "file:///x%00: this is no URL of a site"),
            ("file://host/x", "file://host/x: this is no URL of a site"),
            ("http://127.0.0.1:1/a b", "http://127.0.0.1:1/a b: this is no URL of a site"),
            ("http://a..b/", "http://a..b/: this is no URL of a site"),
        ],
    )
    def test_a_url_can_be(self, command: tuple[str, ...], place: str, what: str) -> None:
        result = run(command[0], place, *command[2:], *KEY)
        assert said(result) == f"error[CC929] cannot-fetch: {what}"


@pytest.mark.parametrize(
    ("command", "option"),
    [
        *((VERIFY, option) for option in ("--state", "--repo")),
        (("verify",), "--proof"),
        *((FETCH, option) for option in ("--pin", "--cache", "--module", "-o")),
        *((PROOF, option) for option in ("--module", "-o")),
    ],
)
def test_no_other_name_is_empty(command: tuple[str, ...], option: str) -> None:
    name = "'-o' / '--output'" if option == "-o" else f"'{option}'"
    assert said(run(*command, *KEY, option, "")) == f"Invalid value for {name}: it is empty"


@pytest.mark.parametrize(
    ("command", "code", "what"),
    [
        ((*VERIFY, "--state", "folder"), "CC921", "folder is no regular file"),
        ((*VERIFY, "--state", "pipe"), "CC921", "pipe is no regular file"),
        ((*VERIFY, "--state", "huge"), "CC921", "huge has more than 4000000 bytes"),
        ((*VERIFY, "--state", "key/x"), "CC902", "key/x cannot be written: there is no directory"),
        ((*VERIFY, "--repo", "nowhere"), "CC125", "nowhere is no directory"),
        (("verify", "--proof", "folder"), "CC921", "folder is no regular file"),
        (("verify", "--proof", "pipe"), "CC921", "pipe is no regular file"),
        (("verify", "--proof", "huge"), "CC921", "huge has more than 4000000 bytes"),
        (("verify", "--proof", "junk"), "CC921", "junk: a proof file whose first lines are not"),
        ((*FETCH, "--pin", "junk"), "CC941", "junk is no pin"),
        ((*FETCH, "--pin", "folder"), "CC921", "folder is no regular file"),
        ((*FETCH, "--pin", "pipe"), "CC921", "pipe is no regular file"),
        ((*FETCH, "--pin", "no/x"), "CC902", "no/x cannot be written: there is no directory no"),
        ((*FETCH, "--cache", "key"), "CC123", "key cannot be read: not a directory"),
        ((*FETCH, "--cache", "key/x"), "CC123", "key/x cannot be read: not a directory"),
        ((*FETCH, "--cache", "key", "--offline"), "CC123", "key cannot be read: not a directory"),
        ((*FETCH, "-o", "key"), "CC903", "key is there already, and not from an earlier run"),
        ((*PROOF, "-o", "folder"), "CC903", "folder is no proof"),
        ((*PROOF, "-o", "pipe"), "CC903", "pipe is no proof"),
        ((*PROOF, "-o", "empty"), "CC903", "empty is no proof"),
        ((*PROOF, "-o", "no/x"), "CC902", "no/x cannot be written: there is no directory no"),
    ],
)
def test_a_file_is_one(command: tuple[str, ...], code: str, what: str) -> None:
    result = said(run(*command, *KEY))
    assert result.startswith(f"error[{code}] ")
    assert result.partition(": ")[2].startswith(what)


def test_without_a_home_a_cache_is_named(tmp_path: Path) -> None:
    result = spawn(*FETCH, *KEY, HOME="relative")
    told = "there is no home directory to keep a cache in: name a --cache DIR"
    assert said(result) == told
    assert not (tmp_path / "relative").exists()
    assert spawn(*FETCH, *KEY, "--cache=cache", HOME="relative").code == 0


@pytest.mark.skipif(os.getuid() == 0, reason="root may read and write everything")
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ((*VERIFY, "--state", "closed/x"), "CC123"),
        ((*VERIFY, "--against", "closed/x"), "CC123"),
        (("verify", "--proof", "closed/x"), "CC123"),
        (("verify", "closed"), "CC929"),
        ((*FETCH, "--cache", "closed"), "CC123"),
        ((*FETCH, "--cache", "still"), "CC902"),
        ((*FETCH, "--pin", "closed/x"), "CC123"),
        ((*FETCH, "-o", "still/x"), "CC902"),
        ((*PROOF, "-o", "closed/x"), "CC123"),
        ((*VERIFY, "--state", "still/x"), "CC902"),
    ],
)
def test_a_folder_may_be_used(tmp_path: Path, command: tuple[str, ...], code: str) -> None:
    for name, mode in (("closed", 0o000), ("still", 0o500)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(mode)
    try:
        assert said(run(*command, *KEY)).startswith(f"error[{code}] ")
    finally:
        (tmp_path / "closed").chmod(0o700)
