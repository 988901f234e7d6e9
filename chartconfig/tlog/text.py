"""What the log's formats share: one spelling of numbers and bytes, and one error for the rest.

Every parser of this package gives a value that formats back to the very same bytes, or raises
`MalformedLogError` and nothing else, whatever it is given.
"""

from __future__ import annotations

import base64
import re
from typing import Final

from chartconfig.diagnostics.catalogue import report
from chartconfig.errors import ChartconfigError

LARGEST: Final = 2**63 - 1
"""The largest tree size, index and time: Go and C2SP count in 64 bits with a sign."""

_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class MalformedLogError(ChartconfigError):
    """CC921 `malformed-log-file`: bytes that are not what their place in the log asks for."""

    def __init__(self, message: str) -> None:
        """Say in one line what was read, and what is wrong with it."""
        hint = "see that the right file was named; if it was, it is damaged: get it again"
        super().__init__(report("CC921", message, None, hint=hint))


def parse_decimal(text: str) -> int | None:
    """Return the number from 0 to `LARGEST` that `text` spells in ASCII digits, or None.

    There is one spelling of each: no sign, space, underscore or leading zero.

    Examples:
        >>> parse_decimal("120"), parse_decimal("0120"), parse_decimal("1_20")
        (120, None, None)
    """
    if not _DECIMAL.fullmatch(text):
        return None
    number = int(text)
    return number if number <= LARGEST else None


def parse_base64(text: str) -> bytes | None:
    r"""Return the bytes that `text` spells in standard base64 with padding, or None.

    Unlike Python's and Go's decoders this skips no foreign character, and refuses a last character
    whose unused bits are not zero, so that there is one spelling of each.

    Examples:
        >>> parse_base64("/w=="), parse_base64("/x=="), parse_base64("/w")
        (b'\xff', None, None)
    """
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if format_base64(data) == text else None


def format_base64(data: bytes) -> str:
    """Return `data` in standard base64 with padding, on one line."""
    return base64.b64encode(data).decode()
