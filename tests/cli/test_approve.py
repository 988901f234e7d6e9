"""Approvals of changes, with real keys, signatures and repositories."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from chartconfig.cli.approve import review_of
from chartconfig.cli.project import open_project
from tests.cli.approving import (
    CLIENT,
    MORE,
    SUBJECTS,
    TITLE,
    approve,
    approved,
    edit,
    found,
    make_reviewed,
    save,
    signers,
    status,
    steps,
)
from tests.cli.command import ENVIRONMENT, ROOT, run, spawn
from tests.cli.releases import ALONE, refused, release, retract, tags
from tests.edge.repository import git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLEAN = "5 charts of 3 programs: no findings\n"


def test_a_change_needs_those_whom_the_policy_names(reviewed: Path, people: Path) -> None:
    assert run("-C", reviewed, "check").out == CLEAN
    edit(reviewed, *MORE)
    save(reviewed)
    what = "CC801 configs/charts/gopls/client.yaml chart gopls/client collects more"
    assert found(reviewed) == [f"{what}: approved by 0 of 2 reviewers"]
    approved(reviewed, people, "bo", "gopls/client")
    assert found(reviewed) == [f"{what}: approved by 1 of 2 reviewers"]
    result = release(reviewed)
    assert (result.code, result.out) == (1, "")
    assert (
        result.err
        == """\
warning[CC801] missing-approval: chart gopls/client collects more: approved by 1 of 2 reviewers
 --> configs/charts/gopls/client.yaml:2:1
  |
2 | title: Editors that run gopls
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  = help: chartconfig approve gopls/client --key FILE, by cy@example.org

1 warning in 1 file
"""
    )
    approved(reviewed, people, "cy", "gopls/client")
    assert run("-C", reviewed, "check").out == CLEAN
    assert "v1.1.0 tagged" in release(reviewed).out
    assert steps(reviewed) == []


def test_approve_shows_what_is_signed(reviewed: Path, people: Path) -> None:
    edit(reviewed, *MORE)
    save(reviewed)
    result = approve(reviewed, people, "cy", "configs/charts/gopls/client.yaml")
    after = steps(reviewed)[0]["after"]
    before = steps(reviewed)[0]["before"]
    assert (result.code, result.err) == (0, "")
    assert (
        result.out
        == f"""\
chart gopls/client since v1.0.0: collects more

Collects more
  gopls/client:helix of golang.org/x/tools/gopls, new: 5.248%
      configs/charts/gopls/client.yaml:7
      chart gopls/client asks for it now
      gopls/client: rate 5.248%; expected reports a week 31,488; promised margin 1%

What counts of it
  counters[0].buckets: [vscode, neovim, emacs, zed, helix, other], \
[vscode, neovim, emacs, zed, other] before
  {before} -> {after}

chart gopls/client approved by cy@example.org: {CLIENT}/cy@example.org.approval
now: git add configs/approvals, and commit it
"""
    )
    text = (reviewed / f"{CLIENT}/cy@example.org.approval").read_text(encoding="ascii")
    assert text.startswith(f"""\
chartconfig/approval/v1
module: example.org/telemetry/config
subject: chart gopls/client
before: {before}
after: {after}
reviewer: cy@example.org
time: 2026-11-20T12:00:00Z

-----BEGIN SSH SIGNATURE-----
""")


def test_dry_run_signs_nothing_and_needs_no_key(reviewed: Path) -> None:
    edit(reviewed, *MORE)
    before = git(reviewed, "status", "--porcelain")
    result = run("-C", reviewed, "approve", "gopls/client", "--dry-run")
    assert (result.code, result.err) == (0, "")
    assert "helix" in result.out
    assert git(reviewed, "status", "--porcelain") == before


def test_what_has_no_meaning_needs_no_approval(reviewed: Path) -> None:
    edit(
        reviewed,
        "title: Editors that run gopls",
        "# Renamed once.\ntitle:  'Editors that\n  run gopls'",
    )
    save(reviewed)
    assert found(reviewed) == []
    assert steps(reviewed) == []


def test_what_has_no_meaning_voids_no_approval(reviewed: Path, people: Path) -> None:
    edit(reviewed, *TITLE)
    save(reviewed)
    approved(reviewed, people, "bo", "gopls/client")
    edit(reviewed, "since: v0.16.0\nexpires: 2027-11-01", 'expires: "2027-11-01"\nsince: v0.16.0')
    save(reviewed)
    assert found(reviewed) == []


def test_stacks_may_need_more(reviewed: Path, people: Path) -> None:
    edit(reviewed, "depth: 16", "depth: 32", "charts/compile/bug.yaml")
    save(reviewed)
    for who in ("bo", "stranger"):
        approve(reviewed, people, who, "compile/bug")
    assert status(reviewed) == {
        "format": "chartconfig/approvals/v1",
        "since": "v1.0.0",
        "policy": "v1.0.0",
        "subjects": [
            {
                "subject": "chart compile/bug",
                "before": steps(reviewed)[0]["before"],
                "after": steps(reviewed)[0]["after"],
                "classes": ["more"],
                "need": {"reviewers": 2, "privacy": 1},
                "approved": ["bo@example.org"],
                "missing": {"reviewers": 1, "privacy": 1},
                "waiting": ["cy@example.org"],
                "allows": {},
                "authors": ["a@example.org"],
                "refused": [],
            }
        ],
    }
    approved(reviewed, people, "cy", "compile/bug")
    assert found(reviewed) == []


def test_what_is_removed_or_renamed_is_a_step_too(reviewed: Path, people: Path) -> None:
    git(reviewed, "mv", "configs/charts/gopls/client.yaml", "configs/charts/gopls/editor.yaml")
    git(reviewed, "rm", "--quiet", "configs/charts/gopls/package-loader.yaml")
    save(reviewed)
    told = [(each["subject"], each["after"] is None, each["classes"]) for each in steps(reviewed)]
    less = ["in-flight", "less", "none"]  # for the program's oldest version goes with the loader
    assert told == [
        ("chart gopls/client", True, less),
        ("chart gopls/editor", False, less),
        ("chart gopls/package-loader", True, ["in-flight", "less"]),
    ]
    approved(reviewed, people, "bo", "gopls/client", "gopls/package-loader", "gopls/editor")
    assert {each.partition(" ")[0] for each in found(reviewed)} == {"CC702"}


def test_a_file_is_approved_for_what_it_changes(reviewed: Path, people: Path) -> None:
    edit(reviewed, "low: 300k", "low: 250k", "populations.yaml")
    save(reviewed)
    (populations,) = found(reviewed)
    assert populations.startswith("CC801 configs/populations.yaml populations.yaml collects more")
    approved(reviewed, people, "bo", "populations.yaml")
    approved(reviewed, people, "cy", "configs/populations.yaml")
    assert found(reviewed) == []


def test_a_default_changes_the_charts_that_have_it(reviewed: Path) -> None:
    edit(reviewed, "partition: {margin: 1%", "partition: {margin: 2%", "collection.yaml")
    save(reviewed, by="bo")
    changed = steps(reviewed)
    assert [(each["subject"], each["authors"]) for each in changed] == [
        ("chart gopls/client", ["bo@example.org"]),
        ("chart gopls/package-loader", ["bo@example.org"]),
        ("collection.yaml", ["bo@example.org"]),
    ]


def test_everything_is_approved_before_the_first_release(people: Path, tmp_path: Path) -> None:
    repository = make_reviewed(tmp_path / "new", people)
    save(repository)
    codes = sorted(each.partition(" ")[0] for each in found(repository))
    assert codes == ["CC801"] * 11 + ["CC815"] * 2
    changed = status(repository)
    assert (changed["since"], changed["policy"]) == (None, None)
    names = [each["subject"].removeprefix("chart ") for each in steps(repository)]
    assert sorted(names) == sorted(SUBJECTS)


def test_a_policy_is_turned_on_after_a_release(
    repository: Path, people: Path, reviewed: Path
) -> None:
    policy = (reviewed / "configs/policy.yaml").read_text(encoding="utf-8")
    (repository / "configs/policy.yaml").write_text(policy, encoding="utf-8")
    with (repository / "configs/allowed_signers").open("a", encoding="utf-8") as file:
        file.write(signers(people).replace("a@example.org", "ana@example.org", 1))
    save(repository)
    told = "is changed, and what is there holds until it is released: approved by 0 of 2 reviewers"
    assert found(repository) == [
        f"CC815 configs/{name} {name} {told} and 0 of 1 privacy"
        for name in ("allowed_signers", "policy.yaml")
    ]


def test_a_revision_is_judged_by_what_it_has(reviewed: Path, people: Path) -> None:
    edit(reviewed, *TITLE)
    save(reviewed)
    approved(reviewed, people, "bo", "gopls/client")
    assert found(reviewed, "--at=HEAD") == []
    told = "chart gopls/client changes nothing that is collected: approved by 0 of 1 reviewers"
    assert found(reviewed, "--at=HEAD~") == [f"CC801 configs/charts/gopls/client.yaml {told}"]
    assert status(reviewed, "--at=v1.0.0")["subjects"] == []


def test_what_breaks_is_accepted_up_to_a_day(reviewed: Path, people: Path) -> None:
    edit(reviewed, "emacs, ", "")
    save(reviewed)
    broken = [each for each in found(reviewed) if each.startswith("CC702 ")]
    told = "gopls/client:emacs of golang.org/x/tools/gopls: collected by v1.0.0, and not accepted"
    assert broken == [f"CC702 configs/charts/gopls/client.yaml {told} any more"]
    allow = ("--allow", "CC702", "--until", "2027-01-01")
    for who in ("bo", "cy"):
        result = approve(reviewed, people, who, "gopls/client", *allow)
        assert (result.code, result.err) == (0, "")
        save(reviewed, f"approved by {who}", by=who)
    who = "by bo@example.org until 2027-01-01, cy@example.org until 2027-01-01\n"
    told = run("-C", reviewed, "approvals", "status", "--on=2027-01-01").out
    assert f"\n  CC702 accepted {who}" in told
    told = run("-C", reviewed, "approvals", "status", "--on=2027-01-02").out
    assert f"\n  CC702 not accepted on 2027-01-02: only {who}" in told
    assert found(reviewed, "--on=2027-01-01") == []
    assert found(reviewed, "--on=2027-01-02") == broken
    assert release(reviewed).code == 0
    assert tags(reviewed) == ["v1.0.0", "v1.0.1"]


def test_without_a_policy_check_loads_nothing_of_it(clean: Path) -> None:
    code = (
        "import sys; from chartconfig.cli import main; sys.argv[1:] = ['-C', {!r}, 'check']; "
        "main(); sys.exit('chartconfig.edge.approvals' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code.format(str(clean))], check=False)
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gopls/client"], "name your SSH key: --key FILE"),
        (
            ["gopls/cleint", "--dry-run"],
            "there is no chart or file gopls/cleint; did you mean gopls/client?",
        ),
        (["gopls/client", "--key=x", "--allow=CC701"], "--allow and --until go together"),
        (
            ["gopls/client", "--key=x", "--allow=CC801", "--until=2027-01-01"],
            "CC801 is no finding on compatibility, such as CC701",
        ),
        (
            ["gopls/client", "--key=x", "--as=bo"],
            "--as bo: it is no e-mail address, by which authors are known",
        ),
        ([], "Missing argument 'CHART|FILE...'."),
    ],
)
def test_wrong_usage(reviewed: Path, arguments: list[str], said: str) -> None:
    edit(reviewed, *MORE)
    result = run("-C", reviewed, "approve", *arguments)
    assert result.code == 2
    assert said in result.err


def test_there_is_nothing_to_approve(reviewed: Path, clean: Path, people: Path) -> None:
    result = approve(reviewed, people, "bo", "gopls/client")
    assert refused(result, "CC818") == "gopls/client is as in v1.0.0: there is nothing to approve"
    git(clean, "init", "--quiet")
    save(clean)
    told = "no approvals are asked for: configs/policy.yaml has no `approvals`"
    assert refused(approve(clean, people, "bo", "gopls/client"), "CC818") == told
    assert run("-C", clean, "approvals", "status").out == "no change needs an approval\n"


@pytest.fixture
def agent(people: Path, tmp_path: Path) -> Iterator[str]:
    """Return the socket of an agent that has the key of bo."""
    socket = str(tmp_path / "agent")
    with subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert b"SSH_AUTH_SOCK" in process.stdout.readline()  # it listens from here on
        environment = ENVIRONMENT | {"SSH_AUTH_SOCK": socket}
        subprocess.run(["ssh-add", "-q", people / "bo"], env=environment, check=True)
        yield socket
        process.terminate()


def test_an_agent_may_have_the_key(
    reviewed: Path, people: Path, tmp_path: Path, agent: str
) -> None:
    """The public key alone is there, as for one in a token."""
    edit(reviewed, *TITLE)
    save(reviewed)
    public = tmp_path / "bo.pub"
    public.write_bytes((people / "bo.pub").read_bytes())
    arguments = ("-C", reviewed, "approve", "gopls/client", "--key", public)
    told = f"error[CC819] cannot-sign: {public} does not sign:"
    assert spawn(*arguments, **ALONE).err.startswith(told)
    result = spawn(*arguments, **ALONE, SSH_AUTH_SOCK=agent)
    assert (result.code, result.err) == (0, "")
    assert found(reviewed) == []


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("open", "cannot-sign: {key} can be read by others\n = help: chmod 600 {key}"),
        ("none", "cannot-sign: {key} does not sign: couldn't load public key {key}: no such file"),
        ("text", "cannot-sign: {key} does not sign: "),
    ],
)
def test_a_key_that_does_not_sign(
    reviewed: Path, people: Path, tmp_path: Path, key: str, said: str
) -> None:
    edit(reviewed, *TITLE)
    save(reviewed)
    (tmp_path / "open").write_bytes((people / "bo").read_bytes())
    (tmp_path / "open").chmod(0o644)
    (tmp_path / "text").write_text("This is no key.\n", encoding="utf-8")
    path = tmp_path / key
    result = run("-C", reviewed, "approve", "gopls/client", "--key", path, "--as=bo@example.org")
    assert result.code == 1
    assert result.err.startswith(f"error[CC819] {said.format(key=path)}")
    assert [each[:5] for each in found(reviewed)] == ["CC801"]


def test_something_else_is_in_the_place_of_approvals(
    reviewed: Path, people: Path, tmp_path: Path
) -> None:
    edit(reviewed, *TITLE)
    save(reviewed)
    folder = reviewed / "configs/approvals/charts"
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    told = "configs/approvals/charts is a symbolic link, and links are not followed"
    assert told in approve(reviewed, people, "bo", "gopls/client").err
    folder.unlink()
    folder.write_bytes(b"")
    assert "error[CC902] cannot-write: " in approve(reviewed, people, "bo", "gopls/client").err


def test_to_withdraw_a_version_takes_no_approval(reviewed: Path) -> None:
    result = retract(reviewed, "v1.0.0")
    assert (result.code, result.err) == (0, "")
    assert steps(reviewed) == []


def test_but_nothing_else_comes_with_it(reviewed: Path) -> None:
    edit(reviewed, *MORE)
    save(reviewed)
    result = retract(reviewed, "v1.0.0")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("warning[CC801] missing-approval: chart gopls/client collects")


def test_json_is_what_the_page_shows(reviewed: Path, people: Path) -> None:
    edit(reviewed, *MORE)
    save(reviewed)
    result = run(
        *("-C", reviewed, "approve", "gopls/client", "--key", people / "bo", "--format=json")
    )
    assert (result.code, result.out.isascii()) == (0, True)
    page = (ROOT / "docs/formats/json.md").read_text(encoding="utf-8")
    section = page.partition("\n## approve and approvals\n")[2].partition("\n## compile\n")[0]
    shown = re.findall(r"```json\n(.*?)```", section, re.DOTALL)
    assert [json.loads(each) for each in shown] == [status(reviewed), json.loads(result.out)]


def test_an_approval_may_accept_a_finding(reviewed: Path, people: Path) -> None:
    edit(reviewed, "type: partition", "type: histogram")
    save(reviewed)
    accept = ("--allow=CC702", "--allow=CC701", "--until=2027-01-01")
    for who in ("bo", "cy"):
        result = run("-C", reviewed, "approve", "gopls/client", "--key", people / who, *accept)
        assert (result.code, result.err) == (0, "")
    text = (reviewed / f"{CLIENT}/cy@example.org.approval").read_text(encoding="ascii")
    assert "\nallows: CC701 until 2027-01-01\nallows: CC702 until 2027-01-01\n\n---" in text
    assert found(reviewed) == []
    project = open_project(str(reviewed))
    judged = review_of(project)
    assert judged is not None
    assert judged.overrides == {("CC701", "gopls/client"), ("CC702", "gopls/client")}
