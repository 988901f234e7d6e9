"""Codes on approvals: whose are missing, and which do not count."""

from __future__ import annotations

from chartconfig.diagnostics.catalogue.rule import Rule
from chartconfig.diagnostics.diagnostic import Severity

_STATUS = "$ chartconfig approvals status\n"
_APPROVE = "$ chartconfig approve gopls/client --key ~/.ssh/id_ed25519\n"


def _rule(
    code: str,
    name: str,
    severity: Severity,
    *,
    finds: str,
    why: str,
    before: str = _STATUS,
    after: str = _APPROVE,
) -> Rule:
    """Return a rule whose example is a shell session."""
    return Rule(
        code=code,
        name=name,
        severity=severity,
        finds=finds,
        why=why,
        file="",
        before=before,
        after=after,
        ignorable=False,
        whole=True,
    )


RULES = (
    _rule(
        "CC801",
        "missing-approval",
        Severity.WARNING,
        finds="A change needs approvals that it does not have yet.",
        why=(
            "The policy says how many of whom have to look at a change before "
            "installations do what it says. Until they have signed exactly what is there, nothing "
            "is released. Who made the change never counts."
        ),
    ),
    _rule(
        "CC802",
        "void-approval",
        Severity.WARNING,
        finds="A chart or file was changed after it was approved.",
        why=(
            "An approval is a signature over what somebody looked at: one bucket more, or one "
            "character of it, is something that nobody looked at. Comments, quotes and the order "
            "of keys may change."
        ),
    ),
    _rule(
        "CC803",
        "stale-approval",
        Severity.WARNING,
        finds="An approval is of a step from something else than what the last release had.",
        why=(
            "An approval is of a step from one meaning to another. Were it only for where the step "
            "leads, whoever wants an older meaning back could bring an old approval with it, which "
            "was given when the rest was another. After a release, what was not in it is looked at "
            "again."
        ),
    ),
    _rule(
        "CC804",
        "expired-key",
        Severity.WARNING,
        finds="An approval is signed by a key that does not count on this day.",
        why=(
            "The allowed signers say from which day a key counts and until when, so that a "
            "forgotten key does no harm. Judged is the day of the commit, or of --on, and never "
            "the one that the approval claims: whoever finds an old key can write any day there."
        ),
        before="""\
$ grep bo@ configs/allowed_signers
bo@example.org namespaces="approval@chartconfig",valid-before="20261101" ssh-ed25519 AAAAC3Nz...
""",
    ),
    _rule(
        "CC805",
        "revoked-key",
        Severity.ERROR,
        finds="An approval is signed by a key that configs/revoked_keys lists.",
        why=(
            "A key is revoked because somebody else may have it, and then nobody can tell who gave "
            "the approval. A revocation counts at once, also before it is released, and a list "
            "that cannot be read revokes every key."
        ),
    ),
    _rule(
        "CC806",
        "unknown-signer",
        Severity.ERROR,
        finds="An approval is signed by a key that is not its reviewer's.",
        why=(
            "Anybody can write a name into an approval and sign it with a key of their own. Who is "
            "who is said by allowed_signers as it was released last, so nobody can bring their own "
            "key along with the change that it approves."
        ),
    ),
    _rule(
        "CC807",
        "foreign-namespace",
        Severity.ERROR,
        finds="An approval's signature, or the key that made it, is not for approvals.",
        why=(
            "People sign commits, tags and files with the same key. A namespace keeps what was "
            "signed for one purpose from counting for another: a signature that somebody could be "
            "talked into giving elsewhere is no approval here."
        ),
        before="""\
$ grep bo@ configs/allowed_signers
bo@example.org namespaces="git" ssh-ed25519 AAAAC3Nz...
""",
        after="""\
$ grep bo@ configs/allowed_signers
bo@example.org namespaces="git,approval@chartconfig" ssh-ed25519 AAAAC3Nz...
""",
    ),
    _rule(
        "CC808",
        "own-approval",
        Severity.ERROR,
        finds="Somebody approved a change that they had a part in.",
        why=(
            "The point of an approval is that somebody else has looked. Authors are those of the "
            "commits that changed the file since the last release, their co-authors, and for what "
            "is not committed the user, as git knows them."
        ),
    ),
    _rule(
        "CC809",
        "misplaced-approval",
        Severity.ERROR,
        finds="An approval is not of the chart and reviewer whose place it is in.",
        why=(
            "Each approval names what it is of. One that was copied beside another chart would "
            "make it look approved to whoever lists the files."
        ),
        before="""\
$ ls configs/approvals/charts/gopls/rename
bo@example.org.approval
$ grep subject configs/approvals/charts/gopls/rename/bo@example.org.approval
subject: chart gopls/client
""",
        after="""\
$ git rm configs/approvals/charts/gopls/rename/bo@example.org.approval
""",
    ),
    _rule(
        "CC810",
        "foreign-approval",
        Severity.ERROR,
        finds="An approval is for the config of another repository.",
        why=(
            "The same chart may be right for one config and wrong for another, with other programs "
            "and other people. An approval names the module path that it is for."
        ),
        before="""\
$ grep module configs/approvals/charts/gopls/client/bo@example.org.approval
module: example.org/another/config
""",
    ),
    _rule(
        "CC811",
        "forged-approval",
        Severity.ERROR,
        finds="The signature of an approval is over something else than its statement.",
        why=(
            "A line of the statement was changed after it was signed, or the signature was taken "
            "from another approval. Either way nobody said what stands there."
        ),
    ),
    _rule(
        "CC812",
        "malformed-approval",
        Severity.ERROR,
        finds="A file among the approvals is none, or is spelled in a way of its own.",
        why=(
            "There is one spelling for each approval, so that what people read in it is what was "
            "signed. Anything else may be read in two ways."
        ),
    ),
    _rule(
        "CC813",
        "doubtful-signer",
        Severity.ERROR,
        finds="Somebody who may approve could be taken for somebody else.",
        why=(
            "Two names that look alike, in other letters or another case, are two people to the "
            "machine and one to whoever reviews. A pattern or a certificate authority is anybody. "
            "Such a line of allowed_signers does not count for approvals; one that is for "
            'something else alone says so: `namespaces="git"`.'
        ),
        before="""\
$ cut -d ' ' -f 1 configs/allowed_signers
ana@example.org
Ana@example.org
""",
        after="""\
$ cut -d ' ' -f 1 configs/allowed_signers
ana@example.org
""",
    ),
    Rule(
        code="CC814",
        name="unreachable-approval",
        severity=Severity.ERROR,
        finds="A rule of the policy asks for more reviewers than there are.",
        why=(
            "What nobody can satisfy stops every release, and since the policy holds until the "
            "next one, it could not be mended either. Each group needs as many members with a key "
            "in allowed_signers as a rule asks for, and better more, as authors never count."
        ),
        file="policy.yaml",
        before="""\
# yaml-language-server: $schema=../schema/policy.schema.json
approvals:
  groups: {reviewers: [ana@example.org, bo@example.org]}
  rules: [{need: {reviewers: 3}}]
""",
        after="""\
# yaml-language-server: $schema=../schema/policy.schema.json
approvals:
  groups: {reviewers: [ana@example.org, bo@example.org, cy@example.org]}
  rules: [{need: {reviewers: 2}}]
""",
        ignorable=False,
        whole=True,
    ),
    _rule(
        "CC815",
        "unapproved-policy",
        Severity.WARNING,
        finds="The policy, or who may sign, is changed and not approved under the old policy.",
        why=(
            "Could a change of policy.yaml, allowed_signers or revoked_keys approve itself, the "
            "rest would be worth nothing: first lower what is asked, then ask for less. So the "
            "last release's hold until the next one, and changing them takes the most that the "
            "policy asks of anything."
        ),
        after="$ chartconfig approve policy.yaml --key ~/.ssh/id_ed25519\n",
    ),
    _rule(
        "CC816",
        "shared-key",
        Severity.ERROR,
        finds="Two approvals in different names are signed by one key.",
        why=(
            "Two signatures by one key are the word of one person. Which of two names is meant, "
            "nobody can tell, so the second does not count."
        ),
    ),
    _rule(
        "CC817",
        "uncounted-approval",
        Severity.INFO,
        finds="An approval is by somebody whom the policy does not ask.",
        why=(
            "The signature is good, and the change is still to be approved by others: by members "
            "of the groups that the policy names for it. Nothing is wrong with more people looking."
        ),
    ),
    _rule(
        "CC818",
        "nothing-to-approve",
        Severity.ERROR,
        finds="There is nothing to approve: the chart or file is as in the last release.",
        why=(
            "An approval is of a step. Where nothing was changed there is none, and a signature "
            "over it could be brought out later for something that nobody looked at."
        ),
        before=_APPROVE,
        after=_STATUS,
    ),
    _rule(
        "CC819",
        "cannot-sign",
        Severity.ERROR,
        finds="ssh-keygen cannot sign or verify approvals with what it was given.",
        why=(
            "Approvals are signed and verified by OpenSSH itself, so that keys in tokens and "
            "agents work, and nobody has to trust another implementation."
        ),
        before="$ chartconfig approve gopls/client --key ~/Documents\n",
    ),
)
