"""Codes on a published site, as clients and auditors find it."""

from __future__ import annotations

from chartconfig.diagnostics.catalogue.rule import Rule
from chartconfig.diagnostics.diagnostic import Severity

_VERIFY = """\
$ chartconfig verify https://example.com --key log.vkey
"""
_FETCH = """\
$ chartconfig fetch https://example.com --key log.vkey
"""
_PUBLISH = """\
$ chartconfig publish public --key log.key --all
$ chartconfig verify public --key log.vkey
"""

RULES = (
    Rule(
        code="CC929",
        name="cannot-fetch",
        severity=Severity.ERROR,
        finds="A file of a site cannot be read: nobody answers, or not as a site serves files.",
        why=(
            "A reader who waits for ever, or reads without end, is as good as cut off. So each "
            "file has a size by its kind, all of them together a deadline, and a redirect leads to "
            "no other host: what is not served in that way is not read."
        ),
        file="",
        before="""\
$ chartconfig fetch http://exmaple.com --key log.vkey
""",
        after=_FETCH,
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC930",
        name="altered-file",
        severity=Severity.ERROR,
        finds="A published file is not the one that the log vouches for.",
        why=(
            "Published files never change. One that did is another config under the name of the "
            "one that was reviewed, or damage; whoever reads it does not have what others have."
        ),
        file="",
        before=_VERIFY,
        after=_PUBLISH,
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC931",
        name="second-record",
        severity=Severity.ERROR,
        finds="The log has two records of one version.",
        why=(
            "A version is one thing. With two records the go command takes whichever it is given, "
            "so two installations can be made to run two configs that both verify."
        ),
        file="",
        before=_VERIFY,
        after="""\
$ chartconfig verify https://example.com --key log.vkey --repo .
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC932",
        name="version-out-of-order",
        severity=Severity.ERROR,
        finds="A version was recorded after one that is newer.",
        why=(
            "Nobody looks for a version below the newest one. It can be slipped to those who ask "
            "for it by name, and no one who follows the newest would ever see it."
        ),
        file="",
        before=_VERIFY,
        after="""\
$ chartconfig release --dry-run
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC933",
        name="hidden-version",
        severity=Severity.ERROR,
        finds="A version that is in the log is not in the list by which clients find versions.",
        why=(
            "The go command believes the list. Who leaves out the newest version keeps everybody "
            "on an older config, one that was withdrawn, say. A publication that was stopped "
            "before its last step looks the same, and is finished by publishing again."
        ),
        file="",
        before=_VERIFY,
        after=_PUBLISH,
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC934",
        name="unlogged-version",
        severity=Severity.ERROR,
        finds="The list names a version of which the log has no record.",
        why=(
            "Such a version was shown to nobody but those who get this list. Clients that ask the "
            "log refuse it, and with it everything that is newest."
        ),
        file="",
        before=_VERIFY,
        after=_PUBLISH,
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC935",
        name="stale-site",
        severity=Severity.WARNING,
        finds="The newest that a site has is older than it may be.",
        why=(
            "Whoever stands between can serve yesterday's site for ever: all of it verifies. That "
            "nothing is newer for longer than releases take is the only thing to see of it."
        ),
        file="",
        before="""\
$ chartconfig verify https://stale.example.net --key log.vkey --max-age 90
""",
        after="""\
$ chartconfig verify https://example.com --key log.vkey --max-age 90
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC936",
        name="dropped-retraction",
        severity=Severity.INFO,
        finds="A version that was withdrawn is no longer withdrawn by a newer one.",
        why=(
            "The go command reads the withdrawals of the newest version alone. One that is not "
            "repeated there is undone, which maintainers may do: the log keeps both versions, so "
            "this is told for ever and fails nothing. The changelog names the release that did it."
        ),
        file="",
        before=_VERIFY,
        after="""\
$ chartconfig retract v1.2.0 --reason 'Collected the names of branches.'
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC937",
        name="stray-file",
        severity=Severity.WARNING,
        finds="A file stands among the published ones that nothing in the log accounts for.",
        why=(
            "It is served like the others, and may be what somebody is to be shown one day. A "
            "publication that was stopped early leaves such files, too; the next try uses them."
        ),
        file="",
        before="""\
$ chartconfig verify public --key log.vkey
""",
        after=_PUBLISH,
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC938",
        name="unfinished-publication",
        severity=Severity.WARNING,
        finds="The heads of the log's two faces are of different trees of one log.",
        why=(
            "Publishing replaces one after the other, and was stopped in between, or is at it; or "
            "a server gives out an older copy of one for a while. The trees agree, so it is no "
            "fork. Meanwhile, who reads the older one does not see the newest record, and no proof "
            "of it can be made without a checkpoint that has it."
        ),
        file="",
        before="""\
$ chartconfig verify public --key log.vkey
""",
        after=_PUBLISH,
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC939",
        name="not-rebuilt",
        severity=Severity.ERROR,
        finds="A published version is not what its tag gives when it is built again.",
        why=(
            "Only what is in the repository was reviewed. A version without a tag, or with other "
            "bytes than the tag's, collects something that no reviewer has seen."
        ),
        file="",
        before="""\
$ chartconfig verify https://example.com --key log.vkey --repo .
""",
        after="""\
$ git fetch --tags
$ chartconfig verify https://example.com --key log.vkey --repo .
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC940",
        name="pinned-otherwise",
        severity=Severity.ERROR,
        finds="The log has another hash of a version than the pin file.",
        why=(
            "A pin is what was looked at once and is to be the same for ever. If the log says "
            "something else of that version, one of the two is not what it was."
        ),
        file="",
        before="""\
$ chartconfig fetch https://example.com --key log.vkey --pin config.pin
""",
        after="""\
$ chartconfig verify https://example.com --key log.vkey
$ chartconfig fetch https://example.com --key log.vkey --pin config.pin --update
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC941",
        name="malformed-pin",
        severity=Severity.ERROR,
        finds="A pin file, or what a client keeps in its cache, is not one that fetch wrote.",
        why=(
            "It says which version is used and from which log it must come. Read as something "
            "else than was meant, it would let another one in."
        ),
        file="",
        before="""\
$ echo v1.2.0 > config.pin
$ chartconfig fetch https://example.com --key log.vkey --pin config.pin
""",
        after="""\
$ rm config.pin
$ chartconfig fetch https://example.com --key log.vkey --pin config.pin --version v1.2.0
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC942",
        name="no-such-version",
        severity=Severity.ERROR,
        finds="There is no such version, or none at all that may be used.",
        why=(
            "Nothing is used in its place: another version collects something else, and whoever "
            "named this one had a reason."
        ),
        file="",
        before="""\
$ chartconfig fetch https://example.com --key log.vkey --version v1.2.O
""",
        after="""\
$ chartconfig verify https://example.com --key log.vkey
$ chartconfig fetch https://example.com --key log.vkey --version v1.2.0
""",
        ignorable=False,
        whole=True,
    ),
    Rule(
        code="CC943",
        name="withdrawn-version",
        severity=Severity.WARNING,
        finds="A version is used that was withdrawn.",
        why=(
            "Its maintainers have published a newer version that says not to use this one, and "
            "why. It stays available, so that whoever pinned it decides when to move."
        ),
        file="",
        before="""\
$ chartconfig fetch https://example.com --key log.vkey --version v1.2.0
""",
        after=_FETCH,
        ignorable=False,
        whole=True,
    ),
)
