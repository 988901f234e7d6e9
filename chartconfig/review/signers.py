r"""allowed_signers: who may approve, in OpenSSH's own format; see ssh-keygen(1), ALLOWED SIGNERS.

    ana@example.org namespaces="git,approval@chartconfig" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA...
    bo@example.org namespaces="approval@chartconfig",valid-before="20270101" ecdsa-sha2-nistp256 ...

A line without `namespaces` is for every one. For approvals a line counts only if it names people
one by one, each by an address that cannot be taken for another, and if it is no certificate
authority's, which could name anybody. Other lines are none of the business of approvals.

Whether a signature is good is for ssh-keygen to say. What is read here is which lines it is given,
and why it refused.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from chartconfig.charts.principal import look_alike, why_refused
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Position, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chartconfig.diagnostics.diagnostic import Diagnostic

NAMESPACE: Final = "approval@chartconfig"
"""That of every approval: releases are signed in another, `git`."""

_FIRST: Final = re.compile(r'[ \t]*(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))[ \t]+(?P<rest>.*)')
_KEY: Final = re.compile(
    r"(?P<type>(?:ssh|ecdsa|sk)-[!-~]+)[ \t]+(?P<key>[A-Za-z0-9+/]+=*)(?:\s.*)?"
)
_OPTION: Final = re.compile(r'([A-Za-z-]+)(?:="([^"]*)")?(?:,|[ \t]+|$)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of allowed_signers."""

    number: int
    """From 1."""
    text: str
    """As it stands, without its end."""
    principals: tuple[str, ...]
    """Whom it names."""
    namespaces: tuple[str, ...] | None
    """For what they may sign, as patterns; None is everything."""
    is_authority: bool
    """Whether the key may vouch for others."""
    key: bytes
    """The public key, as SSH encodes it; b"" where the line cannot be read."""

    @property
    def is_for_approvals(self) -> bool:
        """Whether it allows approvals."""
        if self.namespaces is None:
            return True
        refused = any(n[:1] == "!" and fnmatchcase(NAMESPACE, n[1:]) for n in self.namespaces)
        return not refused and any(fnmatchcase(NAMESPACE, each) for each in self.namespaces)

    @property
    def doubt(self) -> str | None:
        """Why it does not count for approvals though it is for them, or None."""
        if not self.key:
            return "this line cannot be read"
        if self.is_authority:
            return "a certificate authority could name anybody"
        found = ((each, why_refused(each)) for each in self.principals)
        return next((f"`{each}` {why}" for each, why in found if why), None)


def read_signers(data: bytes) -> tuple[Line, ...]:
    """Return every line of allowed_signers but comments and empty ones."""
    text = data.decode("utf-8", "backslashreplace")
    return tuple(
        _line(number, line)
        for number, line in enumerate(text.split("\n"), start=1)
        if line.strip() and not line.lstrip().startswith("#")
    )


def sound(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Return the lines that count for approvals."""
    return tuple(each for each in lines if each.is_for_approvals and each.doubt is None)


def with_aliases(addresses: Iterable[str], lines: Iterable[Line]) -> frozenset[str]:
    """Return addresses, and those that are known by the same key as one of them; in lower case."""
    found = {each.lower() for each in addresses}
    named = [(line.key, {each.lower() for each in line.principals}) for line in lines]
    keys = {key for key, names in named if names & found}
    return frozenset(found.union(*(names for key, names in named if key in keys)))


def doubts(lines: tuple[Line, ...], *, path: str) -> Iterator[Diagnostic]:
    """Yield CC813 for lines whose signers may be taken for others.

    Args:
        lines: Those of a file.
        path: Where it is.
    """
    known: list[str] = []
    for line in lines:
        if not line.is_for_approvals:
            continue
        message, hint = line.doubt, "name people one by one, each by an address of visible ASCII"
        if not line.key:
            hint = 'write NAME namespaces="approval@chartconfig" and the line of the public key'
        for principal in line.principals:
            if message is None and (other := look_alike(principal, known)):
                message = f"`{principal}` looks like `{other}`"
                hint = "write both alike if they are one, and give one of them another if not"
            known.append(principal)
        if message is not None:
            ends = Position(line.number, 1), Position(line.number, len(line.text.rstrip()) + 1)
            yield report("CC813", message, Span(path, *ends), hint=hint)


def _line(number: int, text: str) -> Line:
    principals, namespaces, is_authority, key = (), None, False, b""
    first = _FIRST.fullmatch(text.rstrip())
    if first is not None:
        principals = tuple((first["quoted"] or first["bare"] or "").split(","))
        rest = first["rest"]
        options: dict[str, str] = {}
        while not _KEY.fullmatch(rest) and (option := _OPTION.match(rest)):
            options[option[1].lower()] = option[2] or ""
            rest = rest[option.end() :].lstrip(" \t")
        if told := options.get("namespaces"):
            namespaces = tuple(told.split(","))
        is_authority = "cert-authority" in options
        if found := _KEY.fullmatch(rest):
            key = _decoded(found["key"])
    return Line(
        number=number,
        text=text,
        principals=principals,
        namespaces=namespaces,
        is_authority=is_authority,
        key=key,
    )


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
