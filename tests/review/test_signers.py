"""allowed_signers, as approvals read it."""

from __future__ import annotations

import pytest

from chartconfig.charts.principal import look_alike, why_refused
from chartconfig.review.signers import doubts, read_signers, sound, with_aliases
from chartconfig.review.sshsig import Envelope, read_envelope
from tests.fuzz.test_approval import SIGNATURE

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO6W"


def counted(text: str) -> list[str]:
    """Return whom the lines that count for approvals name."""
    return [each for line in sound(read_signers(text.encode())) for each in line.principals]


def doubtful(text: str) -> list[str]:
    found = doubts(read_signers(text.encode()), path="s")
    return [f"{each.code} {each.span} {each.message}" for each in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"ana@example.org {KEY}", ["ana@example.org"]),
        (f"ana@example.org {KEY} a comment", ["ana@example.org"]),
        (f'"ana@example.org"\t{KEY} Zo\u00eb\r', ["ana@example.org"]),
        (f"ana@example.org,a@example.org {KEY}", ["ana@example.org", "a@example.org"]),
        (f'ana@example.org namespaces="git" {KEY}', []),
        (f'ana@example.org namespaces="git,approval@chartconfig" {KEY}', ["ana@example.org"]),
        (f'ana@example.org namespaces="*" {KEY}', ["ana@example.org"]),
        (f'ana@example.org namespaces="*,!approval@*" {KEY}', []),
        (f'ana@example.org NAMESPACES="approval@*" {KEY}', ["ana@example.org"]),
        (f'a@example.org valid-after="20260101",valid-before="20270101" {KEY}', ["a@example.org"]),
        (f"ana@example.org cert-authority {KEY}", []),
        (f"*@example.org {KEY}", []),
        (f"ana {KEY}", []),
        (f"# ana@example.org {KEY}", []),
        ("ana@example.org ssh-ed25519", []),
        ("ana@example.org ssh-ed25519 A", []),
        ("", []),
    ],
)
def test_lines_that_count(text: str, expected: list[str]) -> None:
    assert counted(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"ana@example.org {KEY}\nana@example.org {KEY}", []),
        (f'*@example.org namespaces="git" {KEY}', []),
        (
            f"*@example.org {KEY}",
            ["CC813 s:1:1 `*@example.org` is a pattern, which many names match"],
        ),
        (
            f"ana@example.org {KEY}\n\nAna@example.org {KEY}",
            ["CC813 s:3:1 `Ana@example.org` looks like `ana@example.org`"],
        ),
        (
            f"ana@example.org cert-authority {KEY}",
            ["CC813 s:1:1 a certificate authority could name anybody"],
        ),
        ("ana@example.org nothing", ["CC813 s:1:1 this line cannot be read"]),
        (
            f"\u0430na@example.org {KEY}",
            ["CC813 s:1:1 `\u0430na@example.org` holds U+0430, which is not visible ASCII"],
        ),
    ],
)
def test_doubts(text: str, expected: list[str]) -> None:
    assert doubtful(text) == expected


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ("a.b+c_d-e@mail.example.org", None),
        ("a@localhost", None),
        ("@example.org", "is no e-mail address, by which authors are known"),
        ("a@-example.org", "is no e-mail address, by which authors are known"),
        ("a@b@example.org", "is no e-mail address, by which authors are known"),
        ("a/b@example.org", "is no e-mail address, by which authors are known"),
        ("a b@example.org", "holds U+0020, which is not visible ASCII"),
        ("", "is no e-mail address, by which authors are known"),
        (f"a@{'a' * 190}@", "is no e-mail address, by which authors are known"),
        (f"{'a' * 200}@example.org", "is longer than 200 characters"),
    ],
)
def test_principals(principal: str, expected: str | None) -> None:
    assert why_refused(principal) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ana@example.org", "ANA@example.org"),
        ("ana@example.org", "ana@Example.org"),
        ("al@example.org", "aI@example.org"),
        ("al@example.org", "a1@example.org"),
        ("bo@example.org", "b0@example.org"),
        ("mo@example.org", "rno@example.org"),
        ("a-b@example.org", "a_b@example.org"),
    ],
)
def test_names_that_look_alike(one: str, other: str) -> None:
    assert look_alike(one, ["cy@example.org", other]) == other
    assert look_alike(other, [one]) == one
    assert look_alike(one, [one, "cy@example.org"]) is None


def test_aliases_are_names_of_one_key() -> None:
    text = f"ana@example.org,a@home.example {KEY}\nbo@example.org ssh-ed25519 AAAA\n"
    lines = read_signers(text.encode())
    assert with_aliases(["A@home.example"], lines) == {"ana@example.org", "a@home.example"}
    assert with_aliases(["cy@example.org"], lines) == {"cy@example.org"}


def test_an_envelope_says_its_key_and_namespace() -> None:
    envelope = read_envelope(SIGNATURE)
    assert envelope is not None
    assert envelope.namespace == "approval@chartconfig"
    assert envelope.key.startswith(b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20")
    assert isinstance(envelope, Envelope)


@pytest.mark.parametrize(
    "text",
    [
        "",
        SIGNATURE.replace("SSH", "PGP"),
        SIGNATURE.replace("U1NIU0lH", "AAAAAAAA"),
        SIGNATURE.replace("==", "="),
        "\n".join([*SIGNATURE.splitlines()[:1], "U1NIU0lHAAAAAQAAADMAAAAL", SIGNATURE[-28:]]),
    ],
)
def test_what_is_no_envelope(text: str) -> None:
    assert read_envelope(text) is None
