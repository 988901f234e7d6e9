"""Whose key it is, for what and until when: as allowed_signers and revoked_keys say."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.cli.approving import (
    BO,
    BOTH,
    CLIENT,
    CY,
    MISSING,
    MORE,
    TITLE,
    approved,
    assert_refused,
    edit,
    found,
    line,
    put,
    save,
    signed,
    signers,
    statement,
)
from tests.cli.releases import release
from tests.edge.repository import git

if TYPE_CHECKING:
    from pathlib import Path


class TestKeys:
    """What allowed_signers and revoked_keys of the last release say of them."""

    @pytest.fixture
    def with_keys(self, reviewed: Path, people: Path) -> Path:
        """Return a repository whose v1.0.1 has other lines for bo, and a revoked key of cy."""
        lines = (
            line(people, "a")
            + line(people, "bo", f'{BOTH},valid-before="20261201"')
            + line(people, "cy")
        )
        put(reviewed, "configs/allowed_signers", lines)
        edit(reviewed, *TITLE)
        save(reviewed)
        for who in ("bo", "cy"):
            approved(reviewed, people, who, "gopls/client", "allowed_signers")
        assert "v1.0.1 tagged" in release(reviewed).out
        edit(reviewed, *MORE)
        save(reviewed)
        return reviewed

    def test_one_that_expired(self, with_keys: Path, people: Path) -> None:
        approved(with_keys, people, "bo", "gopls/client")
        approved(with_keys, people, "cy", "gopls/client")
        assert found(with_keys, "--on=2026-11-30") == []
        assert found(with_keys, "--on=2026-12-01") == [
            (
                f"CC804 {BO} the key of bo@example.org does not count on 2026-12-01 in "
                "configs/allowed_signers of v1.0.1"
            ),
            f"{MISSING} 1 of 2 reviewers",
        ]

    def test_one_that_expired_whatever_day_is_claimed(self, with_keys: Path, people: Path) -> None:
        (with_keys / "configs/charts/gopls/client.yaml").touch()
        git(with_keys, "commit", "--quiet", "--allow-empty", "-m", "x", at="2026-12-05T12:00:00Z")
        put(with_keys, BO, signed(people / "bo", statement(with_keys, "bo")))
        git(with_keys, "add", "--all")
        git(with_keys, "commit", "--quiet", "--message=x", at="2026-12-05T12:00:00Z")
        assert [each[:5] for each in found(with_keys)] == ["CC804", "CC801"]

    def test_one_that_is_revoked_in_the_same_pull_request(self, more: Path, people: Path) -> None:
        for who in ("bo", "cy"):
            approved(more, people, who, "gopls/client")
        put(more, "configs/revoked_keys", (people / "bo.pub").read_text(encoding="ascii"))
        assert_refused(
            more,
            f"CC805 {BO} the key of bo@example.org is revoked by configs/revoked_keys",
            f"{MISSING} 1 of 2 reviewers",
            "CC815 configs/revoked_keys revoked_keys is changed, and that of v1.0.0 holds until it "
            "is released: approved by 0 of 2 reviewers and 0 of 1 privacy",
        )

    def test_one_whose_revocation_is_taken_back(
        self, reviewed: Path, people: Path, tmp_path: Path
    ) -> None:
        krl = reviewed / "configs/revoked_keys"  # OpenSSH's own format, this time
        public = tmp_path / "bo.pub"
        public.write_bytes((people / "bo.pub").read_bytes())
        subprocess.run(["ssh-keygen", "-q", "-k", "-f", str(krl), str(public)], check=True)
        edit(reviewed, *TITLE)
        save(reviewed, by="contributor")
        for who in ("a", "cy"):
            approved(reviewed, people, who, "gopls/client", "revoked_keys")
        assert "v1.0.1 tagged" in release(reviewed).out
        krl.unlink()
        edit(reviewed, *MORE)
        save(reviewed)
        put(reviewed, BO, signed(people / "bo", statement(reviewed, "bo")))
        assert [each.partition(":")[0] for each in found(reviewed)] == [
            f"CC805 {BO} the key of bo@example.org is revoked by configs/revoked_keys",
            f"{MISSING.partition(':')[0]}",
            (
                "CC815 configs/revoked_keys revoked_keys is changed, and that of v1.0.1 holds "
                "until it is released"
            ),
        ]

    def test_one_that_nobody_knows(self, more: Path, people: Path) -> None:
        put(more, BO, signed(people / "stranger", statement(more, "bo")))
        assert_refused(
            more,
            f"CC806 {BO} the key that signed it is not bo@example.org's in "
            "configs/allowed_signers of v1.0.0",
            f"{MISSING} 0 of 2 reviewers",
        )

    def test_one_that_comes_with_the_change(self, more: Path, people: Path) -> None:
        lines = signers(people) + line(people, "stranger", principal="bo@example.org")
        put(more, "configs/allowed_signers", lines)
        put(more, BO, signed(people / "stranger", statement(more, "bo")))
        assert_refused(
            more,
            "CC815 configs/allowed_signers allowed_signers is changed, and that of v1.0.0 holds "
            "until it is released: approved by 0 of 2 reviewers and 0 of 1 privacy",
            f"CC806 {BO} the key that signed it is not bo@example.org's in "
            "configs/allowed_signers of v1.0.0",
            f"{MISSING} 0 of 2 reviewers",
        )

    def test_one_for_something_else(self, more: Path, people: Path) -> None:
        put(more, "configs/allowed_signers", signers(people))
        lines = line(people, "bo", 'namespaces="git"')
        put(more, "configs/allowed_signers", signers(people).replace(line(people, "bo"), lines))
        save(more)
        git(more, "tag", "--delete", "v1.0.0")
        (more / "configs/CHANGELOG.md").unlink()
        save(more)
        put(more, BO, signed(people / "bo", statement(more, "bo")))
        (wrong,) = [each for each in found(more) if BO in each]
        assert wrong == (
            f"CC807 {BO} the key of bo@example.org is not for approval@chartconfig in "
            "configs/allowed_signers"
        )

    def test_one_for_two(self, reviewed: Path, people: Path) -> None:
        lines = signers(people).replace(line(people, "cy"), "")
        put(
            reviewed,
            "configs/allowed_signers",
            lines + line(people, "bo", principal="cy@example.org"),
        )
        (reviewed / "configs/CHANGELOG.md").unlink()
        git(reviewed, "tag", "--delete", "v1.0.0")
        save(reviewed)
        for who in ("bo", "cy"):
            put(
                reviewed,
                f"{CLIENT}/{who}@example.org.approval",
                signed(people / "bo", statement(reviewed, who)),
            )
        (wrong,) = [each for each in found(reviewed) if CLIENT in each]
        assert (
            wrong
            == f"CC816 {CY} cy@example.org signed with the key of bo@example.org: both are one"
        )


@pytest.mark.parametrize(
    ("principal", "told"),
    [
        ("b\u043e@example.org", "`b\u043e@example.org` holds U+043E, which is not visible ASCII"),
        ("Bo@example.org", "`Bo@example.org` looks like `bo@example.org`"),
        ("b0@example.org", "`b0@example.org` looks like `bo@example.org`"),
        ("*@example.org", "`*@example.org` is a pattern, which many names match"),
    ],
)
def test_a_signer_with_a_look_alike_name(
    more: Path, people: Path, principal: str, told: str
) -> None:
    lines = signers(people) + line(people, "stranger", principal=principal)
    (more / "configs/allowed_signers").write_text(lines, encoding="utf-8")
    put(more, BO, signed(people / "stranger", statement(more, "bo")))
    save(more)
    changed, doubtful, *others = found(more)
    assert changed.startswith("CC815 configs/allowed_signers allowed_signers is changed")
    assert doubtful == f"CC813 configs/allowed_signers {told}"
    assert [each[:5] for each in others] == ["CC806", "CC801"]


def test_a_pattern_that_was_released_counts_for_nothing(more: Path, people: Path) -> None:
    lines = signers(people) + line(people, "stranger", principal="*@example.org")
    put(more, "configs/allowed_signers", lines)
    git(more, "tag", "--delete", "v1.0.0")
    (more / "configs/CHANGELOG.md").unlink()
    save(more)
    put(more, BO, signed(people / "stranger", statement(more, "bo")))
    assert f"CC806 {BO}" in " ".join(found(more))


def test_a_group_with_too_few_keys(more: Path, people: Path) -> None:
    """Nothing could be released under it, and nothing else would mend it."""
    lines = signers(people).replace(line(people, "cy"), "")
    put(more, "configs/allowed_signers", lines)
    told = "1 of `privacy` are to approve, and 0 have a key for approval@chartconfig"
    assert f"CC814 configs/policy.yaml {told} in allowed_signers" in found(more)
    (more / "configs/allowed_signers").unlink()
    told = "2 of `reviewers` are to approve, and 0 have a key for approval@chartconfig"
    assert f"CC814 configs/policy.yaml {told} in allowed_signers" in found(more)
