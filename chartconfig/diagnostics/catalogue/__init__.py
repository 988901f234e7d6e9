"""Every code: what it finds, why it matters, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartconfig.diagnostics.catalogue import (
    approval,
    charts,
    compatibility,
    imports,
    lifecycle,
    log,
    privacy,
    programs,
    release,
    sampling,
    shape,
    site,
    source,
    versions,
    withdrawal,
)
from chartconfig.diagnostics.diagnostic import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chartconfig.diagnostics.catalogue.rule import Retired, Rule
    from chartconfig.diagnostics.diagnostic import Span

_MODULES = (
    *(source, shape, imports, charts, programs, versions, sampling, privacy, lifecycle),
    *(compatibility, approval),
    *(release, log, site, withdrawal),
)

RULES: Mapping[str, Rule] = {rule.code: rule for module in _MODULES for rule in module.RULES}
"""The catalogue, by code, in the order of codes."""

RETIRED: Mapping[str, Retired] = {retired.code: retired for retired in sampling.RETIRED}
"""The codes that are not used again, by code."""


def report(
    code: str,
    message: str,
    span: Span | None,
    *,
    hint: str | None = None,
    related: Sequence[tuple[Span, str]] = (),
) -> Diagnostic:
    """Return a diagnostic of `code`, whose severity is the catalogue's."""
    return Diagnostic(
        code=code,
        severity=RULES[code].severity,
        message=message,
        span=span,
        hint=hint,
        related=tuple(related),
    )
