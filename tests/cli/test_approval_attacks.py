"""Every way to an approval that nobody gave, refused: each with a code of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chartconfig import __version__
from chartconfig.cli.project import open_project, planned_or_refuse
from chartconfig.module.dirhash import hash_module
from chartconfig.pipeline import build
from chartconfig.review.release import Announcement, format_message
from tests.cli.approving import (
    BO,
    CLIENT,
    CY,
    MISSING,
    MORE,
    POLICY,
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
    steps,
    text,
)
from tests.cli.command import run
from tests.cli.releases import NOW, release
from tests.edge.repository import git

if TYPE_CHECKING:
    from pathlib import Path


def test_by_hand_is_as_by_command(more: Path, people: Path) -> None:
    put(more, BO, signed(people / "bo", statement(more, "bo")))
    approved(more, people, "cy", "gopls/client")
    assert found(more) == []


def test_a_signature_over_another_chart(more: Path, people: Path) -> None:
    edit(more, "title: What", "title: Whatever", "charts/gopls/package-loader.yaml")
    save(more)
    approved(more, people, "bo", "gopls/package-loader")
    approved(more, people, "cy", "gopls/client")
    other = text(more, BO.replace("client", "package-loader"))
    signature = other[other.index("-----BEGIN") :]
    put(more, BO, f"{statement(more, 'bo')}\n{signature}")
    assert_refused(
        more,
        f"CC811 {BO} the signature is over something else than this",
        f"{MISSING} 1 of 2 reviewers",
    )


def test_a_file_copied_from_another_chart(more: Path, people: Path) -> None:
    edit(more, "title: What", "title: Whatever", "charts/gopls/package-loader.yaml")
    save(more)
    approved(more, people, "bo", "gopls/package-loader")
    approved(more, people, "cy", "gopls/client")
    put(more, BO, text(more, BO.replace("client", "package-loader")))
    assert_refused(
        more,
        f"CC809 {BO} this is the approval of chart gopls/package-loader by bo@example.org",
        f"{MISSING} 1 of 2 reviewers",
    )


def test_a_file_copied_from_another_reviewer(more: Path, people: Path) -> None:
    approved(more, people, "cy", "gopls/client")
    put(more, BO, text(more, CY))
    assert_refused(
        more,
        f"CC809 {BO} this is the approval of chart gopls/client by cy@example.org",
        f"{MISSING} 1 of 2 reviewers",
    )


def test_a_signature_in_another_namespace(more: Path, people: Path) -> None:
    put(more, BO, signed(people / "bo", statement(more, "bo"), "git"))
    assert_refused(
        more,
        f"CC807 {BO} the signature was made for 'git', not for approval@chartconfig",
        f"{MISSING} 0 of 2 reviewers",
    )


def test_an_approval_for_another_repository(more: Path, people: Path) -> None:
    there = statement(more, "bo").replace("example.org/telemetry/", "example.org/other/")
    put(more, BO, signed(people / "bo", there))
    assert_refused(
        more,
        f"CC810 {BO} this approval is for example.org/other/config, and the config is "
        "example.org/telemetry/config",
        f"{MISSING} 0 of 2 reviewers",
    )


def test_an_author_who_approves_alone(more: Path, people: Path) -> None:
    name = f"{CLIENT}/a@example.org.approval"
    put(more, name, signed(people / "a", statement(more, "a")))
    assert_refused(
        more,
        f"CC808 {name} a@example.org made this change of chart gopls/client, and cannot approve it",
        f"{MISSING} 0 of 2 reviewers",
    )


def test_an_author_by_another_name_of_the_same_key(reviewed: Path, people: Path) -> None:
    """Whoever is known by two addresses is one."""
    lines = signers(people).replace("bo@example.org ", "bo@example.org,bo@home.example ")
    put(reviewed, "configs/allowed_signers", lines)
    policy = POLICY.replace("bo@example.org,", "bo@example.org, bo@home.example,")
    put(reviewed, "configs/policy.yaml", policy)
    edit(reviewed, *TITLE)
    save(reviewed)
    for who in ("bo", "cy"):
        result = run(
            *("-C", reviewed, "approve", "gopls/client", "allowed_signers", "policy.yaml"),
            *("--key", people / who),
        )
        assert result.code == 0
        save(reviewed, by=who)
    assert "v1.0.1 tagged" in release(reviewed).out
    edit(reviewed, *MORE)
    save(reviewed, by="bo")
    result = run(
        *("-C", reviewed, "approve", "gopls/client", "--key", people / "bo"),
        "--as=bo@home.example",
    )
    assert result.err.startswith(
        "error[CC808] own-approval: bo@home.example made this change of chart gopls/client"
    )


def test_a_chart_changed_by_one_character_of_a_bucket(more: Path, people: Path) -> None:
    for who in ("bo", "cy"):
        approved(more, people, who, "gopls/client")
    before = steps(more)[0]["after"]
    edit(more, "helix", "heliX")
    after = steps(more)[0]["after"]
    hint = "help: bo@example.org has to approve again: chartconfig approve gopls/client --key FILE"
    assert hint in run("-C", more, "check").out
    told = f"it is {after[:19]}…, and approved was {before[:19]}…"
    assert_refused(
        more,
        f"CC802 {BO} chart gopls/client is not what bo@example.org approved: {told}",
        f"CC802 {CY} chart gopls/client is not what cy@example.org approved: {told}",
        f"{MISSING} 0 of 2 reviewers",
    )


def test_an_older_meaning_with_the_approvals_that_it_had(more: Path, people: Path) -> None:
    """A, then B, both approved and released; now A again, which bo once approved."""
    first = steps(more)[0]["before"]
    old = text(more, BO)
    for who in ("bo", "cy"):
        approved(more, people, who, "gopls/client")
    assert "v1.1.0 tagged" in release(more).out
    second = text(more, BO).partition("after: ")[2][:19]
    edit(more, *reversed(MORE))
    put(more, BO, old)
    save(more)
    what = "chart gopls/client rejects reports under way, collects less: approved by 0 of 1"
    assert [each for each in found(more) if not each.startswith("CC702 ")] == [
        (
            f"CC803 {BO} bo@example.org approved a step from none, and v1.1.0 has {second}… of "
            "chart gopls/client"
        ),
        f"CC801 configs/charts/gopls/client.yaml {what} reviewers",
    ]
    assert steps(more)[0]["after"] == first


def test_the_same_step_once_more_with_the_approvals_that_it_had(
    more: Path, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A, B and A again are released, all approved; now B, as it was approved once."""
    for who in ("bo", "cy"):
        approved(more, people, who, "gopls/client")
    old = {name: text(more, name) for name in (BO, CY)}
    assert "v1.1.0 tagged" in release(more).out
    edit(more, *reversed(MORE))
    save(more)
    for who in ("bo", "cy"):
        approved(more, people, who, "gopls/client", "--allow", "CC702", "--until", "2027-01-01")
    assert "v1.1.1 tagged" in release(more).out
    edit(more, *MORE)
    save(more)
    step = "approved this step before v1.1.1, and not since"
    assert found(more) == [f"{MISSING} 0 of 2 reviewers"]
    for spelled in (str, rewrapped):  # the same signatures, as other bytes
        for name, data in old.items():
            put(more, name, spelled(data))
        save(more)
        assert found(more) == [
            f"CC803 {BO} bo@example.org {step}",
            f"CC803 {CY} cy@example.org {step}",
            f"{MISSING} 0 of 2 reviewers",
        ]
    monkeypatch.setattr("chartconfig.cli.approve.now", lambda: NOW)
    for who in ("bo", "cy"):  # who look again
        approved(more, people, who, "gopls/client")
    assert found(more) == []


def rewrapped(approval: str) -> str:
    """Return an approval whose signature is the same and stands in shorter lines."""
    told, begin, rest = approval.partition("-----BEGIN SSH SIGNATURE-----\n")
    code, end, _ = rest.partition("-----END")
    code = code.replace("\n", "")
    lines = "".join(f"{code[at : at + 64]}\n" for at in range(0, len(code), 64))
    return f"{told}{begin}{lines}{end} SSH SIGNATURE-----\n"


def test_a_policy_loosened_in_the_same_pull_request(more: Path, people: Path) -> None:
    put(more, "configs/policy.yaml", POLICY.replace("reviewers: 2", "reviewers: 1"))
    save(more)
    approved(more, people, "bo", "gopls/client", "policy.yaml")
    assert_refused(
        more,
        f"{MISSING} 1 of 2 reviewers",
        "CC815 configs/policy.yaml policy.yaml is changed, and that of v1.0.0 holds until it is "
        "released: approved by 1 of 2 reviewers and 0 of 1 privacy",
    )


def test_a_chart_renamed_out_of_the_way_of_a_rule(reviewed: Path, people: Path) -> None:
    rule = "    - {paths: [gopls/client], changes: [more], need: {privacy: 1}}\n"
    put(reviewed, "configs/policy.yaml", POLICY + rule)
    edit(reviewed, *TITLE)
    save(reviewed)
    for who in ("bo", "cy"):
        approved(reviewed, people, who, "gopls/client", "policy.yaml")
    assert "v1.0.1 tagged" in release(reviewed).out
    git(reviewed, "mv", "configs/charts/gopls/client.yaml", "configs/charts/gopls/editor.yaml")
    edit(reviewed, *MORE, "charts/gopls/editor.yaml")
    save(reviewed)
    needs = {each["subject"]: each["need"] for each in steps(reviewed)}
    assert needs["chart gopls/editor"] == {"reviewers": 2, "privacy": 1}


def test_a_policy_that_was_released_in_disguise(reviewed: Path, people: Path) -> None:
    """Its key is spelled so that a search for it finds nothing; then it is taken away."""
    escaped = POLICY.replace("approvals:", '"\\x61pprovals":')
    put(reviewed, "configs/policy.yaml", escaped)
    edit(reviewed, *TITLE)
    save(reviewed)
    assert [each["subject"] for each in steps(reviewed)] == ["chart gopls/client"]
    approved(reviewed, people, "bo", "gopls/client")
    assert "v1.0.1 tagged" in release(reviewed).out
    git(reviewed, "rm", "-r", "--quiet", "configs/policy.yaml", "configs/approvals")
    edit(reviewed, *MORE)
    save(reviewed)
    assert "missing-approval: chart gopls/client collects more" in release(reviewed).err


@pytest.mark.parametrize("policy", ["", "release: {branch: main}\n"])
def test_a_policy_taken_away_in_the_same_pull_request(more: Path, policy: str) -> None:
    head = POLICY.partition("\n")[0]
    put(more, "configs/policy.yaml", f"{head}\n{policy}")
    if not policy:
        (more / "configs/policy.yaml").unlink()
    where = "configs/policy.yaml"
    assert_refused(
        more,
        f"{MISSING} 0 of 2 reviewers",
        f"CC815 {where} policy.yaml is changed, and that of v1.0.0 holds until it is released: "
        "approved by 0 of 2 reviewers and 0 of 1 privacy",
    )


def test_a_policy_taken_away_with_all_approvals(more: Path) -> None:
    git(more, "rm", "-r", "--quiet", "configs/policy.yaml", "configs/approvals")
    save(more)
    assert [each[:5] for each in found(more)] == ["CC801", "CC815"]
    result = release(more)
    assert (result.code, result.out) == (1, "")
    assert "CC815] unapproved-policy: policy.yaml is changed, and that of v1.0.0" in result.err
    assert "CC801] missing-approval: chart gopls/client collects more" in result.err


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("chartconfig/approval/v1", "chartconfig/approval/v2", "this is no approval as"),
        ("time: 2026-11-20", "time: 2026-02-30", "it names a day or time that is none"),
        ("\n", "\r\n", "this is no approval as chartconfig/approval/v1 has it (its lines end with"),
        ("reviewer: bo@", "reviewer: b\u043e@", "this is no approval: it is too long, or no ASCII"),
        ("reviewer: bo@", "reviewer: *@", "the reviewer `*@example.org` is a pattern"),
    ],
)
def test_a_file_that_is_no_approval(
    more: Path, people: Path, old: str, new: str, told: str
) -> None:
    data = signed(people / "bo", statement(more, "bo")).replace(old, new).encode()
    path = more / BO
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    wrong, _ = found(more)
    assert wrong.startswith(f"CC812 {BO} {told}")


def test_more_people_than_asked(more: Path, people: Path) -> None:
    """Who is in no group that is needed does no harm, and counts for nothing."""
    put(more, "configs/policy.yaml", POLICY.replace(", cy@example.org]\n    p", "]\n    p"))
    git(more, "tag", "--delete", "v1.0.0")
    (more / "configs/CHANGELOG.md").unlink()
    save(more)
    approved(more, people, "cy", "gopls/client")
    told = f"CC817 {CY} cy@example.org is in no group whose approval chart gopls/client needs"
    assert told in found(more)


def test_an_exception_by_somebody_whom_no_group_has(reviewed: Path, people: Path) -> None:
    """A change that needs nobody's approval breaks something; a signer of releases accepts it."""
    edit(reviewed, "    - need: {reviewers: 1}\n", "", "policy.yaml")
    put(reviewed, "configs/allowed_signers", signers(people) + line(people, "stranger", ""))
    edit(reviewed, *TITLE)
    save(reviewed)
    for who in ("bo", "cy"):
        approved(reviewed, people, who, "gopls/client", "policy.yaml", "allowed_signers")
    assert "v1.0.1 tagged" in release(reviewed).out
    edit(reviewed, "emacs, ", "")
    save(reviewed)
    allow = ("--allow=CC702", "--until=2027-01-01")
    for who, code in (("stranger", 1), ("bo", 0)):
        run("-C", reviewed, "approve", "gopls/client", "--key", people / who, *allow)
        save(reviewed, by=who)
        assert run("-C", reviewed, "check", "--fail-on=error").code == code


def test_a_link_instead_of_an_approval(more: Path, people: Path) -> None:
    put(more, "elsewhere", signed(people / "bo", statement(more, "bo")))
    (more / CLIENT).mkdir(parents=True, exist_ok=True)
    (more / BO).unlink()
    (more / BO).symlink_to(more / "elsewhere")
    (wrong,) = found(more)
    assert wrong.startswith(f"CC123 {BO} {BO} cannot be read: ")


@pytest.mark.parametrize("policy", [True, False])
def test_a_release_that_nobody_signed(more: Path, *, policy: bool) -> None:
    """Whoever may push tags, and sign none, says that the change is released."""
    if not policy:
        git(more, "rm", "-r", "--quiet", "configs/policy.yaml", "configs/approvals")
        save(more)
    message = git(more, "tag", "--list", "--format=%(contents)", "v1.0.0")
    message = message.partition("-----BEGIN")[0].replace("v1.0.0", "v1.0.1")
    git(more, "tag", "--annotate", "--cleanup=verbatim", f"--message={message}", "v1.0.1")
    (wrong,) = json.loads(run("-C", more, "check", "--format=json").out)["diagnostics"]
    assert wrong["code"] == "CC919"
    assert wrong["message"] == "the tag v1.0.1 is not signed by an allowed signer"


def test_a_tag_of_something_else(more: Path) -> None:
    """A program in the same git repository has versions, too."""
    git(more, "tag", "v1.9.0")
    assert found(more) == [f"{MISSING} 0 of 2 reviewers"]


def test_a_release_made_by_hand(
    more: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may sign releases signs one that nobody approved, without `release`."""
    project = open_project(str(more), revision="HEAD")
    files = build(planned_or_refuse(project), documents=project.documents, origin=project.origin)
    module = "example.org/telemetry/config"
    announcement = Announcement(
        version="v1.1.0",
        text="",
        module=module,
        h1=hash_module(files, module=module, version="v1.1.0"),
        chartconfig=__version__,
    )
    git(more, "tag", "--sign", "--message", format_message(announcement), "v1.1.0")
    key, site = tmp_path / "log.key", tmp_path / "site"
    public = run("keygen", "example.org/log", "-o", key).out.strip()
    result = run("-C", more, "publish", site, "--key", key, "--all")
    assert "warning[CC801] missing-approval: v1.1.0: chart gopls/client collects more" in result.err
    assert result.code == 1
    # Whoever has the log's key, too, publishes it all the same: with a chartconfig of their own.
    monkeypatch.setattr("chartconfig.cli.publishing.unapproved", lambda *_: ())
    assert run("-C", more, "publish", site, "--key", key, "--all").code == 0
    result = run("verify", site, "--key", public, "--repo", more)
    assert result.code == 1
    assert "warning[CC801] missing-approval: v1.1.0: chart gopls/client collects more" in result.out
    assert run("verify", site, "--key", public).code == 0
