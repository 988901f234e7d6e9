r"""A release: the version that it takes, what it says of itself, and the message of its tag.

    v1.1.0

    Collects more:

    - gopls/client:{vim,zed} of golang.org/x/tools/gopls, new: 1.659%

    No change in what is collected:

    - versions of golang.org/x/tools/gopls, new: v0.20.0

    Module: example.org/telemetry/config v1.1.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
    Chartconfig: 0.1.0

Whoever signs the tag signs this message, and with it the hash of every file of the module: who
compiles the tag to anything else knows that it is not what was released.

Bytes
-----
    message     = version "\n\n" *( any line "\n" ) "\n" module chartconfig
    module      = "Module: " path " " version " h1:" base64 "\n"
    chartconfig = "Chartconfig: " version of chartconfig "\n"

- UTF-8. `module` and `chartconfig` are the last two lines, after an empty one.
- `version` is `vMAJOR.MINOR.PATCH` of v0 or v1, the same in both places, and the name of the tag.
- The hash is that of the module's zip under that version; see `module.dirhash`.
- The version of chartconfig, which manifest.json names too, is one that compiles the tag to it.

The lines between are for people, and the same as the entry of configs/CHANGELOG.md. Other lines may
come to stand beside the last two.

The version
-----------
The first one is v1.0.0. The minor version goes up where anything is collected that was not, or
more often; the patch does for every other change. What was withdrawn is never released again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from chartconfig.diagnostics.catalogue import report
from chartconfig.errors import ChartconfigError
from chartconfig.module.dirhash import is_hash
from chartconfig.module.path import why_unpublishable
from chartconfig.module.version import Scheme, is_release, next_release
from chartconfig.review.diff import Effect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chartconfig.review.diff import Change

_MESSAGE: Final = re.compile(
    r"(?P<version>v[0-9.]+)\n\n(?:(?P<text>(?s:.*\n))\n)?"
    r"Module: (?P<module>\S+) (?P<again>v[0-9.]+) (?P<h1>h1:\S+)\n"
    r"Chartconfig: (?P<chartconfig>[0-9A-Za-z.+!-]+)\n"
)
_MARKUP: Final = re.compile(r"[\\`*<\[]")
_ESCAPED: Final = r"\\\g<0>"
_HEADINGS: Final = {
    Effect.MEANING: "Changes meaning:",
    Effect.MORE: "Collects more:",
    Effect.IN_FLIGHT: "Rejects reports under way:",
    Effect.LESS: "Collects less:",
    Effect.NONE: "No change in what is collected:",
}
_TITLE: Final = """\
# Changelog

What each released version asks of installations that the one before it did not. `chartconfig
release` adds the newest at the top; the others may be reworded.
"""
_key: Final = Scheme.GO_MODULE.sort_key
_ENTRY: Final = re.compile(r"^## (?=v[0-9])", re.MULTILINE)


class UnreadableTagError(ChartconfigError):
    """CC920 `unreadable-tag`: a tag does not say what was released."""

    def __init__(self, tag: str, message: str) -> None:
        """Say which tag, and what it lacks."""
        super().__init__(
            report(
                "CC920",
                f"{tag}: {message}",
                None,
                hint="release versions with chartconfig release alone; a tag that was never pushed "
                f"may be deleted: git tag -d {tag}",
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What the message of a release's tag says."""

    version: str
    """The version that was released."""
    text: str
    """The changes, for people; each line ends with a newline."""
    module: str
    """The module path."""
    h1: str
    """The hash of the module, `h1:` and base64."""
    chartconfig: str
    """The version of chartconfig that compiled it."""


def format_message(announcement: Announcement) -> str:
    """Return the message of a tag; ends with a newline."""
    text = f"{announcement.text}\n" if announcement.text else ""
    return (
        f"{announcement.version}\n\n{text}"
        f"Module: {announcement.module} {announcement.version} {announcement.h1}\n"
        f"Chartconfig: {announcement.chartconfig}\n"
    )


def parse_message(message: str, *, tag: str) -> Announcement:
    """Return what the message of a tag says.

    Args:
        message: All of it but the signature.
        tag: The name of the tag.

    Raises:
        UnreadableTagError: It is not one that `format_message` writes, or of another version.
    """
    match = _MESSAGE.fullmatch(message)
    if match is None:
        raise UnreadableTagError(tag, "its message is not one that chartconfig release writes")
    found = Announcement(
        version=match["version"],
        text=match["text"] or "",
        module=match["module"],
        h1=match["h1"],
        chartconfig=match["chartconfig"],
    )
    if not found.version == match["again"] == tag or not is_release(tag):
        raise UnreadableTagError(tag, f"its message is that of {found.version}")
    if why := why_unpublishable(found.module):
        raise UnreadableTagError(tag, f"nothing is published under {found.module!a}: {why}")
    if not is_hash(found.h1):
        raise UnreadableTagError(tag, f"{found.h1!a} is no hash of a module")
    return found


def is_announcement(message: str, *, tag: str) -> bool:
    """Return whether a tag says what was released."""
    try:
        parse_message(message, tag=tag)
    except UnreadableTagError:
        return False
    return True


def describe(changes: Sequence[Change]) -> str:
    """Return changes for people, in Markdown: each line ends with a newline.

    Args:
        changes: Those of one effect together, as `diff.compare` gives them.
    """
    parts = []
    for effect, group in groupby(changes, key=lambda change: change.effect):
        lines = "".join(f"- {_MARKUP.sub(_ESCAPED, str(change))}\n" for change in group)
        parts.append(f"{_HEADINGS[effect]}\n\n{lines}")
    return "\n".join(parts)


def with_entry(changelog: str | None, *, version: str, text: str, last: str | None) -> str:
    r"""Return a changelog with the entry of a version at the top.

    Entries above that of the last release are of a version that never came to be: they go.

    Args:
        changelog: What it says so far; None where there is none yet.
        version: The version that is released.
        text: What `describe` says of it.
        last: The last release; None before the first.

    Examples:
        >>> print(with_entry("# Changes\n", version="v1.0.0", text="- all\n", last=None), end="")
        # Changes
        <BLANKLINE>
        ## v1.0.0
        <BLANKLINE>
        - all
    """
    title, *entries = _ENTRY.split(_TITLE if changelog is None else changelog)
    kept = [entry.strip() for entry in entries if not _is_pending(entry, version, last)]
    texts = (title.strip(), f"## {version}\n\n{text.strip()}", *(f"## {each}" for each in kept))
    return "\n\n".join(texts) + "\n"


def has_pending_entry(changelog: str | None, *, last: str | None) -> bool:
    r"""Return whether a changelog has the entry of a version after the last release.

    Examples:
        >>> has_pending_entry("# Changes\n\n## v1.0.1\n", last="v1.0.0")
        True
        >>> has_pending_entry("# Changes\n\n## v1.0.1\n", last="v1.0.1")
        False
    """
    _, *entries = _ENTRY.split(changelog or "")
    return any(_is_pending(entry, next_release(None, minor=True), last) for entry in entries)


def _is_pending(entry: str, version: str, last: str | None) -> bool:
    """Return whether an entry is of a version that is not released."""
    (named, *_) = entry.split(maxsplit=1)
    if last is None:
        return named == version
    return is_release(named) and _key(named) > _key(last)
