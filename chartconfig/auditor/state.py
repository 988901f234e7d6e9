r"""The state of a client: the newest head of a log, and of each module which version was newest.

    {
      "format": "chartconfig/client/v1",
      "head": "example.com/log\n3\naOS5XcD2IQhH...=\n\n— example.com/log ...\n",
      "modules": {
        "example.org/telemetry/config": {
          "newest": "v1.2.0",
          "go_mod": "module example.org/telemetry/config\n",
          "latest": "v1.2.0"
        }
      }
    }

It is kept where nobody else can change it, and believed: all in it was checked before it was kept.
What is not spelled as it was written is refused, since a client that took it for nothing could be
sent back to an older version.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chartconfig.auditor.pin import MalformedPinError, spelled
from chartconfig.module.gomod import GoMod, decode_go_mod, encode_go_mod
from chartconfig.module.malformed import MalformedModuleError
from chartconfig.module.version import is_release

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORMAT: Final = "chartconfig/client/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a state says of a module."""

    newest: str
    """The highest version in the log."""
    go_mod: GoMod
    """What that says of others."""
    latest: str | None
    """The version that `latest` gave last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a client keeps of a log from one run to the next."""

    head: bytes | None = None
    modules: Mapping[str, Known] = field(default_factory=dict)


def encode_state(state: State) -> bytes:
    """Return the bytes of a state."""
    return spelled(
        {
            "format": _FORMAT,
            "head": state.head and state.head.decode(),
            "modules": {
                module: {
                    "newest": known.newest,
                    "go_mod": encode_go_mod(known.go_mod).decode(),
                    "latest": known.latest,
                }
                for module, known in sorted(state.modules.items())
            },
        }
    )


def decode_state(data: bytes, path: str) -> State:
    """Return a state.

    Raises:
        MalformedPinError: It is not what `encode_state` writes. The only exception, whatever the
            bytes.
    """
    try:
        decoded = json.loads(data)
        head = decoded["head"]
        state = State(
            head=None if head is None else head.encode(),
            modules={
                module: Known(
                    newest=known["newest"],
                    go_mod=decode_go_mod(known["go_mod"].encode()),
                    latest=known["latest"],
                )
                for module, known in decoded["modules"].items()
            },
        )
        right = encode_state(state) == data and all(
            is_release(version)
            for known in state.modules.values()
            for version in (known.newest, known.newest if known.latest is None else known.latest)
        )
    except (
        MalformedModuleError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
    ):
        right = False
    if not right:
        hint = "delete it, and all that was seen before is forgotten"
        raise MalformedPinError(f"{path} in the cache is not what was kept there", hint)
    return state
