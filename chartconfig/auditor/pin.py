r"""Pin files: the one version of a config that somebody uses, and from which log it comes.

    {
      "format": "chartconfig/pin/v1",
      "log": "telemetry.example.com/log",
      "module": "example.org/telemetry/config",
      "version": "v1.2.0",
      "h1": "h1:9xQXpi3Xu4wTv8W8+WmS4P1KJ5mnQjkvSzPCyLgIo/I=",
      "head": "go.sum database tree\n3\naOS5XcD2IQhH...=\n\n— telemetry.example.com/log ...\n"
    }

It is written at the first fetch and is meant to be committed: from then on, everybody who has it
gets these very files, or nothing. The keys:

- `log`: the name of the log, and of its key; the key itself is given to each command.
- `module`, `version`, `h1`: what is used. The hash is of all its files.
- `head`: the newest signed tree head that was accepted when the pin was written. A log that does
  not continue this tree is refused by all who have the pin, even at their own first contact.

Indented by two, non-ASCII as it is, with a last newline; every other spelling is refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from chartconfig.diagnostics.catalogue import report
from chartconfig.errors import ChartconfigError
from chartconfig.module.dirhash import is_hash
from chartconfig.module.path import why_unpublishable
from chartconfig.module.version import is_release

FORMAT: Final = "chartconfig/pin/v1"
_KEYS: Final = ["format", "log", "module", "version", "h1", "head"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A version that is used, and no other."""

    log: str
    """The name of the log."""
    module: str
    """The module path."""
    version: str
    h1: str
    """The hash of all its files."""
    head: bytes
    """A signed note of the log."""


class MalformedPinError(ChartconfigError):
    """CC941 `malformed-pin`: a file is not one that fetch wrote."""

    def __init__(self, message: str, hint: str) -> None:
        """Say which file it is, and what to do about it."""
        super().__init__(report("CC941", message, None, hint=hint))


def format_pin(pin: Pin) -> bytes:
    """Return the bytes of a pin file.

    Raises:
        ValueError: `parse_pin` would read something else, or nothing.
    """
    data = spelled(
        {
            "format": FORMAT,
            "log": pin.log,
            "module": pin.module,
            "version": pin.version,
            "h1": pin.h1,
            "head": pin.head.decode(),
        }
    )
    try:
        if parse_pin(data) == pin:
            return data
    except MalformedPinError as error:
        raise ValueError(f"this would be refused: {error}") from error
    raise ValueError("this pin would be read as another")


def parse_pin(data: bytes, *, path: str = "the pin file") -> Pin:
    """Return what a pin file says, so that `format_pin` gives `data` back.

    Args:
        data: The whole file.
        path: Where it was found, for the message; never opened.

    Raises:
        MalformedPinError: It is none. The only exception, whatever the bytes.
    """
    try:
        fields = json.loads(data)
        right = (
            list(fields) == _KEYS
            and fields["format"] == FORMAT
            and all(isinstance(value, str) for value in fields.values())
            and spelled(fields) == data
            and not why_unpublishable(fields["module"])
            and is_release(fields["version"])
            and is_hash(fields["h1"])
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        right = False
    if not right:
        raise MalformedPinError(f"{path} is no pin", "delete it, and pin the version that is meant")
    return Pin(
        log=fields["log"],
        module=fields["module"],
        version=fields["version"],
        h1=fields["h1"],
        head=fields["head"].encode(),
    )


def spelled(decoded: object) -> bytes:
    """Return JSON in the one spelling that these files have."""
    return f"{json.dumps(decoded, ensure_ascii=False, indent=2)}\n".encode()
