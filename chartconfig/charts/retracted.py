"""retracted.yaml: the released versions that are withdrawn, and why.

    # yaml-language-server: $schema=../schema/retracted.schema.json
    v1.1.0: "Collected the names of branches."
    v1.1.1: "Withdraws v1.1.0, and collects the same."

It is no part of what is compiled but of every go.mod from then on. `chartconfig retract` adds a
line at the end; people may reword a reason, or delete a line that was a mistake.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chartconfig.module.gomod import Retraction
from chartconfig.module.version import Scheme, is_release
from chartconfig.source.schema import schema_line

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "retracted.yaml"


def why_refused(version: str, reason: str) -> str | None:
    """Return what is wrong with an entry, or None.

    Examples:
        >>> why_refused("v1.2.0", "Collected too much.")
        >>> why_refused("v1.2", "Collected too much.")
        '`v1.2` is no version of a config, such as v1.2.3'
    """
    if not is_release(version):
        return f"`{version}` is no version of a config, such as v1.2.3"
    if not reason or reason != reason.strip() or not reason.isprintable():
        return f"the reason for withdrawing {version} is not one line of text"
    return None


def read_retractions(data: Mapping[str, str]) -> tuple[Retraction, ...]:
    """Return what is withdrawn, ascending; entries that are refused are left out."""
    kept = {v: reason for v, reason in data.items() if why_refused(v, reason) is None}
    ascending = sorted(kept, key=Scheme.GO_MODULE.sort_key)
    return tuple(Retraction(low=v, high=v, reason=kept[v]) for v in ascending)


def with_retractions(text: str | None, reasons: Mapping[str, str], *, path: str) -> str:
    """Return the file with more versions at its end.

    Args:
        text: What it says so far; None where there is none yet.
        reasons: Why, by version; none of them is refused, or in the file.
        path: Where it is, as in `configs/retracted.yaml`.
    """
    before = f"{schema_line('retracted', path)}\n" if text is None else text
    if not before.endswith("\n"):
        before += "\n"
    lines = (f"{v}: {json.dumps(reason, ensure_ascii=False)}\n" for v, reason in reasons.items())
    return before + "".join(lines)
