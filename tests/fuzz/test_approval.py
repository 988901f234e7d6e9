"""Any bytes give an approval or `MalformedApprovalError`; an approval formats back to them.

`make test` tries for a few seconds from one seed. CHARTCONFIG_FUZZ_SECONDS=60 tries for a minute
each from a new one; a failure names the seed of its round, and CHARTCONFIG_FUZZ_SEED repeats all.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from chartconfig.charts.chart import ChartType
from chartconfig.charts.policy import strictest
from chartconfig.pipeline import check
from chartconfig.review.approval import (
    Allowance,
    Approval,
    MalformedApprovalError,
    Statement,
    format_approval,
    parse_approval,
)
from chartconfig.review.content import Subject
from chartconfig.review.diff import Effect
from chartconfig.review.signers import doubts, read_signers, sound
from chartconfig.review.sshsig import read_envelope
from tests.cli.approving import POLICY
from tests.fuzz.mutation import mutated, rounds, seed
from tests.fuzz.test_fuzz import check_diagnostics
from tests.scenarios.repository import BASE, TODAY, documents

if TYPE_CHECKING:
    from random import Random

    from chartconfig.diagnostics.diagnostic import Diagnostic

PATH = "configs/approvals/charts/gopls/client/bo@example.org.approval"
DIGESTS = [f"sha256:{digit * 64}" for digit in "0f"]
SIGNATURE = """\
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg7pa/qq4nEjDeq/iZ+tiJQeJvMy
We6s6xoBe2ZL2jro4AAAAUYXBwcm92YWxAY2hhcnRjb25maWcAAAAAAAAABnNoYTUxMgAA
AFMAAAALc3NoLWVkMjU1MTkAAABAIMhLWoqGiK4h+N27dSoqO1OBUHB8dOHGlvjYZIu/fn
bHzkOX9Xb2dMeTfJUmwV2rMtOH21m4GUDRklsrFpdFCw==
-----END SSH SIGNATURE-----
"""
SIGNERS = b"""\
# Who may approve.
ana@example.org namespaces="git,approval@chartconfig" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO6W
"bo@example.org,b@example.org" valid-before="20270101" ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTI= bo
*@example.org cert-authority sk-ssh-ed25519@openssh.com AAAAGnNr
"""


def approval(random: Random) -> Approval:
    digests = [*DIGESTS, None]
    random.shuffle(digests)
    codes = sorted(random.sample(["CC701", "CC702", "CC799"], random.randint(0, 3)))
    return Approval(
        statement=Statement(
            module=random.choice(["example.org/telemetry/config", "x.example/y"]),
            subject=random.choice(
                [Subject("gopls/client", is_chart=True), Subject("policy.yaml", is_chart=False)]
            ),
            before=digests[0],
            after=digests[1],
            reviewer=random.choice(["bo@example.org", "a.b+c@example.org"]),
            time=datetime(2026, 11, random.randint(1, 30), 9, 59, 7, tzinfo=UTC),
            allows=tuple(Allowance(code, date(2027, 1, random.randint(1, 31))) for code in codes),
        ),
        signature=SIGNATURE,
    )


def parsed(data: bytes) -> Approval | Diagnostic:
    try:
        return parse_approval(data, path=PATH)
    except MalformedApprovalError as error:
        return error.diagnostic


def test_any_bytes_are_an_approval_or_refused() -> None:
    for number, random in enumerate(rounds(2)):
        first = approval(random)
        data = format_approval(first).encode("ascii")
        try:
            assert parse_approval(data, path=PATH) == first
            data = mutated(data, [data, SIGNATURE.encode(), b"none\n"], random)
            found = parsed(data)
            if isinstance(found, Approval):
                assert format_approval(found).encode("ascii") == data
                read_envelope(found.signature)
            else:
                assert found.code == "CC812"
                assert found.hint
        except Exception as error:
            error.add_note(f"seed {seed()}, round {number}: {data!r}")
            raise


def test_any_bytes_are_lines_of_signers_of_which_the_sound_ones_name_people() -> None:
    for number, random in enumerate(rounds(1)):
        data = mutated(SIGNERS, [SIGNERS, b'namespaces="git" ', b"!x,"], random)
        try:
            lines = read_signers(data)
            list(doubts(lines, path="configs/allowed_signers"))
            for line in sound(lines):
                assert line.key
                assert all("@" in principal for principal in line.principals)
        except Exception as error:
            error.add_note(f"seed {seed()}, round {number}: {data!r}")
            raise


def test_any_policy_is_read_or_refused() -> None:
    for number, random in enumerate(rounds(2)):
        data = mutated(
            POLICY.encode(), [POLICY.encode(), b"a*@example.org", b"need: {x: 0}"], random
        )
        files = {**BASE, "configs/policy.yaml": data}
        try:
            read = documents(files)
            checked = check(read, on=TODAY)
            check_diagnostics(checked.diagnostics, {each.path: each for each in read})
            if checked.compilable and (found := checked.compilable.repository.policy.approvals):
                every = [change.value for change in Effect]
                need = strictest(r for r in found.rules if r.matches("a/b", every, [*ChartType]))
                assert all(1 <= need[group] <= len(found.groups[group]) for group in need)
                assert all("@" in each and each.isascii() for each in found.people)
        except Exception as error:
            error.add_note(f"seed {seed()}, round {number}: {data!r}")
            raise
