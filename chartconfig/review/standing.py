"""How each step stands: whose approval it needs, whose counts, whose does not and why.

The policy and the signers that hold are those of the last release, never those that are under
review with the rest. A change of either needs as much as the policy asks for at its strictest, so
nobody can first lower what is asked and then ask for less. Before the first release, and where the
last one had no such policy, those hold that are there.

Whoever made a step never counts for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from chartconfig.charts.policy import strictest
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Diagnostic, Position, Span
from chartconfig.review.approval import MalformedApprovalError, parse_approval, place_of
from chartconfig.review.content import CONTROL
from chartconfig.review.diff import Effect
from chartconfig.review.signers import NAMESPACE
from chartconfig.review.sshsig import read_envelope
from chartconfig.source.yaml import locate

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import date

    from chartconfig.charts.policy import Approvals
    from chartconfig.review.approval import Approval, Statement
    from chartconfig.review.content import Subject
    from chartconfig.review.signers import Line
    from chartconfig.review.steps import Step
    from chartconfig.source.document import Document

_WORDS = {
    Effect.MEANING: "changes meaning",
    Effect.MORE: "collects more",
    Effect.IN_FLIGHT: "rejects reports under way",
    Effect.LESS: "collects less",
    Effect.NONE: "changes nothing that is collected",
}


class Verdict(Enum):
    """What ssh-keygen says of a signature, and why."""

    GOOD = "good"
    FORGED = "forged"
    """It is not over this statement."""
    NAMESPACE = "namespace"
    """It, or its key, is for something else than approvals."""
    UNKNOWN = "unknown"
    """The key is not the reviewer's, as allowed_signers has it."""
    EXPIRED = "expired"
    """The key is the reviewer's, and not on this day."""
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """By what approvals are judged."""

    policy: Approvals
    """The one that holds."""
    module: str
    """The module path of the config."""
    on: date
    """The day for which all is judged."""
    root: str
    """The folder that holds collection.yaml, as paths in findings have it."""
    since: str | None
    """The last release; None before the first."""
    holds: str | None
    """The release whose policy and signers hold; None for those under review."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """An approval that was found, and whether it counts."""

    approval: Approval
    path: str
    refused: Diagnostic | None
    """Why it does not count; None where it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One step with its approvals."""

    step: Step
    need: Mapping[str, int]
    """How many of each group have to approve."""
    authors: frozenset[str]
    """The addresses of who made the step, in lower case."""
    votes: tuple[Vote, ...]
    malformed: tuple[Diagnostic, ...]
    """Of files that are no approvals."""
    missing: Mapping[str, int]
    """How many of each group are missing; empty where the step is approved."""
    waiting: tuple[str, ...]
    """Who could still approve what is missing, sorted."""

    @property
    def reviewers(self) -> tuple[str, ...]:
        """Whose approvals count, sorted."""
        return tuple(each.approval.statement.reviewer for each in self.votes if not each.refused)

    @property
    def allowances(self) -> Mapping[str, Mapping[str, date]]:
        """What those whose approvals count accept: by code, up to which day each of them does."""
        found: dict[str, dict[str, date]] = {}
        for vote in self.votes:
            told = vote.approval.statement
            for each in () if vote.refused else told.allows:
                found.setdefault(each.code, {})[told.reviewer] = each.until
        return found

    def allowed(self, on: date, policy: Approvals) -> frozenset[str]:
        """Return the codes of the findings on the subject that are accepted for a day.

        Those who accept one must be by themselves as many as the step needs; and where it needs
        nobody, one of those at least whom the policy names.
        """
        accepting = {
            code: {reviewer for reviewer, until in days.items() if on <= until}
            for code, days in self.allowances.items()
        }
        return frozenset(
            code
            for code, who in accepting.items()
            if not who.isdisjoint(policy.people) and not _missing(self.need, who, policy)
        )


def judge(
    step: Step,
    files: Mapping[str, bytes],
    *,
    left: frozenset[str],
    spent: frozenset[str],
    authors: frozenset[str],
    terms: Terms,
    verdict: Callable[[Approval], Verdict],
) -> Standing:
    """Return how a step stands.

    Args:
        step: What is to be approved.
        files: The approvals of its subject, by path below configs/.
        left: Those of them that are as the last release has them: of a step before it.
        spent: Those whose statement was ever there up to the last release, `left` among them.
        authors: The addresses of who made the step, in lower case.
        terms: By what they are judged.
        verdict: What ssh-keygen says of a signature; asked only where nothing else is wrong.
    """
    policy, votes, malformed = terms.policy, list[Vote](), list[Diagnostic]()
    keys: dict[bytes, str] = {}
    for name, data in sorted(files.items()):
        path = f"{terms.root}/{name}"
        try:
            approval = parse_approval(data, path=path)
        except MalformedApprovalError as error:
            malformed.append(error.diagnostic)
            continue
        refused = (
            _misplaced(approval, name, step, path, terms)
            or _of_another_step(approval, step, path, terms)
            or (_spent(approval, path, terms) if name in spent else None)
            or _unsigned(approval, verdict, path, terms)
            or _own(approval, authors, path)
            or _same_key(approval, keys, path)
        )
        if name not in left or _is_of(approval, step):
            votes.append(Vote(approval=approval, path=path, refused=refused))
    need = needed(step, policy)
    counted = {each.approval.statement.reviewer for each in votes if not each.refused}
    missing = _missing(need, counted, policy)
    could = {each for group in missing for each in policy.groups.get(group, ())}
    return Standing(
        step=step,
        need=need,
        authors=authors,
        votes=tuple(votes),
        malformed=tuple(malformed),
        missing=missing,
        waiting=tuple(sorted(e for e in could - counted if e.lower() not in authors)),
    )


def needed(step: Step, policy: Approvals) -> dict[str, int]:
    """Return how many of each group have to approve a step."""
    if step.subject.name in CONTROL:
        return strictest(policy.rules)
    changes = {each.value for each in step.changes}
    return strictest(
        rule
        for rule in policy.rules
        if any(rule.matches(name, changes, step.types) for name in step.names)
    )


def in_words(changes: Collection[Effect]) -> str:
    """Return what a step does to installations, what matters most first.

    Examples:
        >>> in_words({Effect.NONE, Effect.LESS, Effect.IN_FLIGHT})
        'rejects reports under way, collects less'
        >>> in_words({Effect.NONE})
        'changes nothing that is collected'
    """
    some = [each for each in Effect if each in changes and each is not Effect.NONE]
    return ", ".join(_WORDS[each] for each in some) or _WORDS[Effect.NONE]


def findings(standing: Standing, terms: Terms, where: Span | None) -> Iterable[Diagnostic]:
    """Yield what is wrong with the approvals of a step, and what is missing.

    Args:
        standing: How it stands.
        terms: By what it is judged.
        where: Where the subject is, if it is there.
    """
    yield from standing.malformed
    for vote in standing.votes:
        reviewer = vote.approval.statement.reviewer
        if vote.refused:
            yield vote.refused
        elif standing.need and not any(
            reviewer in terms.policy.groups.get(group, ()) for group in standing.need
        ):
            told = f"{reviewer} is in no group whose approval {standing.step.subject} needs"
            yield _on(vote.path, "CC817", told, "nothing is wrong with it; it does not count")
    if not standing.missing:
        return
    subject = standing.step.subject
    told = " and ".join(
        f"{standing.need[group] - number} of {standing.need[group]} {group}"
        for group, number in standing.missing.items()
    )
    message, code = f"{subject} {in_words(standing.step.changes)}: approved by {told}", "CC801"
    if subject.name in CONTROL:
        code, who = "CC815", f"that of {terms.holds}" if terms.holds else "what is there"
        message = f"{subject} is changed, and {who} holds until it is released: approved by {told}"
    ask = " or ".join(standing.waiting)
    hint = f"chartconfig approve {subject.name} --key FILE, by {ask}"
    if not standing.waiting:
        hint = "nobody is left who could: all others made the change; have it made by fewer people"
    yield report(code, message, where, hint=hint)


def unreachable(
    document: Document, policy: Approvals, lines: Iterable[Line]
) -> Iterable[Diagnostic]:
    """Yield CC814 for what cannot be satisfied, because too few of a group have a key.

    Args:
        document: policy.yaml.
        policy: What it says.
        lines: Those of allowed_signers that count.
    """
    known = {principal for line in lines for principal in line.principals}
    for at, rule in enumerate(policy.rules):
        for group, number in rule.need.items():
            having = known.intersection(policy.groups.get(group, ()))
            if len(having) < number:
                lacking = ", ".join(e for e in policy.groups.get(group, ()) if e not in known)
                message = (
                    f"{number} of `{group}` are to approve, and {len(having)} have a key for "
                    f"{NAMESPACE} in allowed_signers"
                )
                span = locate(document, "approvals", "rules", at, "need", group)
                yield report("CC814", message, span, hint=f"add a line for {lacking}")


def _missing(need: Mapping[str, int], counted: set[str], policy: Approvals) -> dict[str, int]:
    """Return how many of each group are missing."""
    lacking = {
        group: number - len(counted.intersection(policy.groups.get(group, ())))
        for group, number in need.items()
    }
    return {group: number for group, number in lacking.items() if number > 0}


def _misplaced(
    approval: Approval, name: str, step: Step, path: str, terms: Terms
) -> Diagnostic | None:
    """Return why an approval does not belong where it is."""
    told = approval.statement
    if told.subject != step.subject or place_of(told.subject, told.reviewer) != name:
        message = f"this is the approval of {told.subject} by {told.reviewer}"
        return _on(path, "CC809", message, f"delete it; it belongs to {_place(told, terms)}")
    if told.module != terms.module:
        message = f"this approval is for {told.module}, and the config is {terms.module}"
        return _on(path, "CC810", message, f"delete it, and {_again(step.subject, told.reviewer)}")
    return None


def _of_another_step(approval: Approval, step: Step, path: str, terms: Terms) -> Diagnostic | None:
    """Return why an approval is not of the step from the last release to what is there."""
    told, subject = approval.statement, step.subject
    again = _again(subject, told.reviewer)
    if told.before != step.before:
        has = f"{terms.since} has {_short(step.before)} of {subject}"
        message = (
            f"{told.reviewer} approved a step from {_short(told.before)}, and "
            f"{has if terms.since else 'nothing was released yet'}"
        )
        return _on(path, "CC803", message, again)
    if told.after != step.after:
        message = (
            f"{subject} is not what {told.reviewer} approved: it is {_short(step.after)}, and "
            f"approved was {_short(told.after)}"
        )
        return _on(path, "CC802", message, again)
    return None


def _is_of(approval: Approval, step: Step) -> bool:
    told = approval.statement
    return (told.subject, told.before, told.after) == (step.subject, step.before, step.after)


def _spent(approval: Approval, path: str, terms: Terms) -> Diagnostic:
    told = approval.statement
    message = f"{told.reviewer} approved this step before {terms.since}, and not since"
    return _on(path, "CC803", message, _again(told.subject, told.reviewer))


def _unsigned(
    approval: Approval, verdict: Callable[[Approval], Verdict], path: str, terms: Terms
) -> Diagnostic | None:
    """Return what is wrong with an approval's signature."""
    told, reviewer = approval.statement, approval.statement.reviewer
    again = _again(told.subject, reviewer)
    envelope = read_envelope(approval.signature)
    if envelope is None:
        return _on(path, "CC811", "its signature cannot be read", again)
    if envelope.namespace != NAMESPACE:
        message = f"the signature was made for {envelope.namespace!a}, not for {NAMESPACE}"
        return _on(path, "CC807", message, again)
    signers = f"{terms.root}/allowed_signers" + (f" of {terms.holds}" if terms.holds else "")
    match verdict(approval):
        case Verdict.FORGED:
            return _on(path, "CC811", "the signature is over something else than this", again)
        case Verdict.UNKNOWN:
            message = f"the key that signed it is not {reviewer}'s in {signers}"
            hint = "have the key added there and released first, or sign with the one that is there"
            return _on(path, "CC806", message, hint)
        case Verdict.NAMESPACE:
            message = f"the key of {reviewer} is not for {NAMESPACE} in {signers}"
            return _on(path, "CC807", message, f'add it to namespaces="..." of {reviewer} there')
        case Verdict.EXPIRED:
            message = f"the key of {reviewer} does not count on {terms.on} in {signers}"
            return _on(path, "CC804", message, f"{again}, by a key that does")
        case Verdict.REVOKED:
            message = f"the key of {reviewer} is revoked by {terms.root}/revoked_keys"
            return _on(path, "CC805", message, f"{again}, by another key")
        case Verdict.GOOD:
            return None


def _own(approval: Approval, authors: frozenset[str], path: str) -> Diagnostic | None:
    told = approval.statement
    if told.reviewer.lower() not in authors:
        return None
    message = f"{told.reviewer} made this change of {told.subject}, and cannot approve it"
    return _on(path, "CC808", message, "ask somebody who had no part in it")


def _same_key(approval: Approval, keys: dict[bytes, str], path: str) -> Diagnostic | None:
    """Return why an approval is not that of another person; remember its key."""
    envelope, reviewer = read_envelope(approval.signature), approval.statement.reviewer
    other = keys.setdefault(envelope.key if envelope else b"", reviewer)
    if other == reviewer:
        return None
    message = f"{reviewer} signed with the key of {other}: both are one"
    return _on(path, "CC816", message, "everybody needs a key of their own")


def _again(subject: Subject, reviewer: str) -> str:
    return f"{reviewer} has to approve again: chartconfig approve {subject.name} --key FILE"


def _place(told: Statement, terms: Terms) -> str:
    return f"{terms.root}/{place_of(told.subject, told.reviewer)}"


def _short(digest: str | None) -> str:
    return "none" if digest is None else f"{digest[:19]}…"


def _on(path: str, code: str, message: str, hint: str) -> Diagnostic:
    start = Position(1, 1)
    return report(code, message, Span(path, start, start), hint=hint)
