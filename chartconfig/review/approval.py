r"""Approvals: that somebody has looked at a change of a chart, or of a file, and stands for it.

    chartconfig/approval/v1
    module: example.org/telemetry/config
    subject: chart gopls/client
    before: sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b
    after: sha256:d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35
    reviewer: bo@example.org
    time: 2026-11-20T12:00:00Z

    -----BEGIN SSH SIGNATURE-----
    U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg7pa/qq4nEjDeq/iZ+tiJQeJvMy
    ...
    -----END SSH SIGNATURE-----

It is about one step: from what the last release had to what is there now. So it counts for nothing
where either is another: not after one more edit, and not when an older meaning comes back. And it
counts once: what was in the repository up to the last release was for a step before it.

Bytes
-----
    approval  = statement "\n" signature
    statement = "chartconfig/approval/v1\n" module subject before after reviewer time *allows
    module    = "module: " path "\n"
    subject   = "subject: " ( "chart " id | name ) "\n"
    before    = "before: " ( digest | "none" ) "\n"
    after     = "after: " ( digest | "none" ) "\n"
    reviewer  = "reviewer: " principal "\n"
    time      = "time: " date "T" hh ":" mm ":" ss "Z\n"
    allows    = "allows: " code " until " date "\n"
    signature = what `ssh-keygen -Y sign -n approval@chartconfig` writes for the statement

- ASCII, at most 20,000 bytes. Every other spelling of a statement is refused: it has one.
- `path` is the module path of the config: no other repository's approval fits.
- `id` is that of a chart, `name` the path of a file below configs/.
- `digest` is that of what counts of the subject, as content.md has it; `none` is that there is none
  of it: `before`, because it is new, or `after`, because it is removed. They are not the same.
- `principal` is whom allowed_signers must name for the key: one name, nothing that matches several.
- `date` is as 2026-11-20. `time` is what the reviewer says that it was, in UTC, and nothing is
  judged by it.
- `code` is that of a finding on compatibility, CC7xx, which the reviewer accepts for the subject up
  to and including the day. Ascending, none twice.

The file is `configs/approvals/<path of the subject's file without .yaml>/<principal>.approval`. One
that is found elsewhere is refused: it was copied.

A later version may add lines at the end of the statement, under another first line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from chartconfig.charts.principal import why_refused
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Position, Span
from chartconfig.errors import ChartconfigError
from chartconfig.review.content import Subject
from chartconfig.review.sshsig import ARMORED

FORMAT: Final = "chartconfig/approval/v1"
FOLDER: Final = "approvals"
ENDING: Final = ".approval"
NONE: Final = "none"
MAX_BYTES: Final = 20_000

_DIGEST: Final = "none|sha256:[0-9a-f]{64}"
_DAY: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CODE: Final = re.compile("CC7[0-9]{2}")
_ID: Final = "[a-z0-9]+(?:-[a-z0-9]+)*"
_STATEMENT: Final = re.compile(
    rf"{re.escape(FORMAT)}\n"
    r"module: (?P<module>[!-~]+)\n"
    rf"subject: (?:chart (?P<chart>{_ID}/{_ID})|(?P<file>[A-Za-z0-9_./-]+))\n"
    rf"before: (?P<before>{_DIGEST})\n"
    rf"after: (?P<after>{_DIGEST})\n"
    r"reviewer: (?P<reviewer>[!-~]+)\n"
    rf"time: (?P<time>{_DAY}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}Z)\n"
    rf"(?P<allows>(?:allows: {_CODE.pattern} until {_DAY}\n)*)"
)
_APPROVAL: Final = re.compile(rf"(?P<statement>{_STATEMENT.pattern})\n(?P<sig>{ARMORED.pattern})")


class MalformedApprovalError(ChartconfigError):
    """CC812 `malformed-approval`: a file is no approval, or spelled in a way of its own."""

    def __init__(self, path: str, message: str) -> None:
        """Say which file, and what is wrong with it."""
        start = Position(1, 1)
        hint = "delete it, and let its reviewer approve again: chartconfig approve CHART --key FILE"
        super().__init__(report("CC812", message, Span(path, start, start), hint=hint))


@dataclass(frozen=True, slots=True, order=True)
class Allowance:
    """A finding on compatibility that is accepted for a time."""

    code: str
    """CC7xx."""
    until: date
    """The last day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is signed."""

    module: str
    subject: Subject
    before: str | None
    """The digest of what the last release had; None where it had none of it."""
    after: str | None
    """The digest of what is there; None where it is removed."""
    reviewer: str
    time: datetime
    """In UTC, to the second."""
    allows: tuple[Allowance, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A statement with its signature."""

    statement: Statement
    signature: str
    """As ssh-keygen writes it."""


def format_statement(statement: Statement) -> str:
    """Return the text that is signed; ends with a newline."""
    allows = "".join(
        f"allows: {each.code} until {each.until.isoformat()}\n" for each in statement.allows
    )
    return (
        f"{FORMAT}\n"
        f"module: {statement.module}\n"
        f"subject: {statement.subject}\n"
        f"before: {statement.before or NONE}\n"
        f"after: {statement.after or NONE}\n"
        f"reviewer: {statement.reviewer}\n"
        f"time: {statement.time:%Y-%m-%dT%H:%M:%SZ}\n"
        f"{allows}"
    )


def format_approval(approval: Approval) -> str:
    """Return the text of an approval's file; ends with a newline."""
    return f"{format_statement(approval.statement)}\n{approval.signature}"


def place_of(subject: Subject, reviewer: str) -> str:
    """Return where the approval of a subject by a reviewer is, below configs/."""
    return f"{folder_of(subject)}/{reviewer}{ENDING}"


def folder_of(subject: Subject) -> str:
    """Return where all approvals of a subject are, below configs/.

    Examples:
        >>> folder_of(Subject("gopls/client", is_chart=True))
        'approvals/charts/gopls/client'
    """
    return f"{FOLDER}/{subject.path.removesuffix('.yaml')}"


def statement_of(data: bytes) -> bytes:
    """Return the part of an approval's file that is signed; of any other file, anything.

    It tells one approval from another, which the whole file does not: a signature can be spelled
    in many ways, and an ECDSA one can be turned into another by anybody.
    """
    return data.partition(b"\n\n")[0]


def is_allowance(code: str) -> bool:
    """Return whether a finding of a code can be accepted by an approval."""
    return _CODE.fullmatch(code) is not None


def parse_approval(data: bytes, *, path: str) -> Approval:
    """Return the approval of a file.

    Args:
        data: The file.
        path: Where it is.

    Raises:
        MalformedApprovalError: It is not one that `format_approval` writes.
    """
    if len(data) > MAX_BYTES or not data.isascii():
        raise MalformedApprovalError(path, "this is no approval: it is too long, or no ASCII")
    text = data.decode("ascii")
    match = _APPROVAL.fullmatch(text)
    if match is None:
        crlf = " (its lines end with CR LF: keep git from changing them)" if "\r" in text else ""
        raise MalformedApprovalError(path, f"this is no approval as {FORMAT} has it{crlf}")
    reviewer = match["reviewer"]
    if why := why_refused(reviewer):
        raise MalformedApprovalError(path, f"the reviewer `{reviewer}` {why}")
    try:
        time = datetime.fromisoformat(match["time"])
        allows = tuple(map(_allowance, match["allows"].splitlines()))
    except ValueError as error:
        raise MalformedApprovalError(path, "it names a day or time that is none") from error
    codes = [each.code for each in allows]
    if codes != sorted(set(codes)):
        raise MalformedApprovalError(path, "what it allows is not ascending, or there twice")
    before, after = (None if match[k] == NONE else match[k] for k in ("before", "after"))
    if before == after:
        raise MalformedApprovalError(path, "it is about no step: before and after are the same")
    statement = Statement(
        module=match["module"],
        subject=Subject(match["chart"] or match["file"], is_chart=match["chart"] is not None),
        before=before,
        after=after,
        reviewer=reviewer,
        time=time,
        allows=allows,
    )
    return Approval(statement=statement, signature=match["sig"])


def _allowance(line: str) -> Allowance:
    _, code, _, until = line.split(" ")
    return Allowance(code, date.fromisoformat(until))
