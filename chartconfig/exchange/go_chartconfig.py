r"""The record format of Go's own charts, golang.org/x/telemetry/internal/chartconfig.

Records of fields, in one text file: Go's charts are kept in it, so this is how they come over. A
record of a counter with buckets, and one of a stack:

>>> from chartconfig.source.document import Document
>>> text = '''# Asked for in 2024.
... title: How hello is started
... counter: hello/start:{
...     terminal, # a shell
...     editor,
...     other
... }
... type: partition
... issue: https://example.org/issue/1
... issue: https://example.org/issue/2
... program: example.org/hello/cmd/hello
... module: example.org/hello
... version: v1.2.0
... error: 0.01
... ---
... title: Crashes
... counter: hello/crash
... type: stack
... depth: 16
... issue: https://example.org/issue/3
... program: cmd/hello
... '''
>>> parsed = parse(Document(path="config.txt", data=text.encode()))
>>> [record.value("counter") for record in parsed.records], parsed.diagnostics
(['hello/start:{terminal,editor,other}', 'hello/crash'], ())
>>> parse(Document(path="again.txt", data=format_records(parsed.records).encode())) == parsed
True

Lines
-----
- The text is UTF-8, its lines end with a line feed. White space is what Unicode calls so.
- `#` starts a comment, wherever it stands, and ends the value before it: an address with a fragment
  is cut there, which is reported.
- A line `---`, these three characters alone, ends a record. A record without fields is none.
- A field is a key, a colon right behind it, and a value, with white space around it taken off. The
  key stands at the start of the line. A field without value is as if it were not there.
- Any other line that holds something is refused, and so is a key given twice in a record, but for
  `issue`.

Keys
----
- `title`, `type`, `program` and `counter` must be there.
- `module` is the module whose versions the program has. Go's tool needs it unless the program's
  name begins with `cmd/`; left out, it is assumed to be what stands before `/cmd/`.
- `type` is `partition`, `histogram` or `stack`. Go's tool takes any word, and collects everything
  that has no depth as a plain counter.
- `issue` is the address of the proposal. There may be several.
- `version` is the first version of the program that has the counter.
- `depth` is how many frames of a stack are collected, a decimal number of 64 bits.
- `error` is the desired margin of error, a decimal number.
- `description` says what the chart is for.

Counters
--------
- `name:{a,b}` stands for `name:a` and `name:b`. From `{` to `}` the value may go on over several
  lines; the white space at both ends of each is taken off, and comments are left out.
- Braces stand in no other field, once each and in this order, and no comma right before `}`.

Refused beyond what Go's parser refuses: bytes that are not UTF-8, characters that nobody sees, and
an `error` that is hexadecimal, infinite or has underscores.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from math import isinf
from typing import TYPE_CHECKING, Final, NamedTuple

from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.source.yaml import visible_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartconfig.diagnostics.diagnostic import Diagnostic, Span
    from chartconfig.source.document import Document

KEYS: Final = (
    *("title", "description", "issue", "type", "program", "module"),
    *("counter", "version", "depth", "error"),
)
SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680"
    + "".join(map(chr, range(0x2000, 0x200B)))
    + ("\u2028\u2029\u202f\u205f\u3000")
)
"""What Go's unicode.IsSpace holds to be white space; Python's strip() takes four controls more."""

_MOST_MISTAKES: Final = 200  # some other file is one mistake, not a million
_DEPTH: Final = re.compile("[+-]?[0-9]+", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)


class Note(NamedTuple):
    """A comment within a counter of several lines."""

    at: int
    """How many characters of the counter's value stand before it."""
    text: str
    alone: bool
    """Whether it has a line of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a record. Where it stands is no part of what it says."""

    key: str
    value: str
    """Never empty. That of a counter on one line."""
    before: tuple[str, ...] = ()
    """The comments on lines of their own above it."""
    comment: str | None = None
    """The comment at its end."""
    notes: tuple[Note, ...] = ()
    """The comments within a counter of several lines, in order."""
    span: Span = field(compare=False)
    """Where the value stands, from its first to its last line."""
    offsets: tuple[int, ...] = field(compare=False, repr=False, default=())
    """Where each character of a counter's value stands in the document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What stands between two lines `---`."""

    fields: tuple[Field, ...]
    after: tuple[str, ...] = ()
    """The comments below the last field."""
    broken: bool = field(compare=False, default=False)
    """Whether a line of it was refused, so that a field may be missing for that reason."""

    def get(self, key: str) -> Field | None:
        """Return the first field of a key."""
        return next((found for found in self.fields if found.key == key), None)

    def value(self, key: str) -> str | None:
        """Return what the first field of a key says."""
        found = self.get(key)
        return found.value if found else None

    @property
    def issues(self) -> tuple[Field, ...]:
        """The fields of `issue`, in order."""
        return tuple(found for found in self.fields if found.key == "issue")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The records of a file, and what is wrong or odd about its lines."""

    records: tuple[Record, ...]
    diagnostics: tuple[Diagnostic, ...]


def parse(document: Document) -> Parsed:
    """Return the records of a file. Whatever the bytes, each mistake is one diagnostic."""
    text, found = visible_text(document, tabs=True)
    if text is None:
        return Parsed(records=(), diagnostics=found)
    parser = _Parser(document, text)
    return Parsed(records=parser.run(), diagnostics=tuple(parser.found))


def format_records(records: Iterable[Record]) -> str:
    """Return the file of records, which `parse` gives back."""
    return "---\n".join("".join(_record_lines(record)) for record in records)


def _record_lines(record: Record) -> Iterable[str]:
    for each in record.fields:
        yield from (_comment(text) + "\n" for text in each.before)
        value, start = "", 0
        for note in each.notes:
            value += each.value[start : note.at]
            gap = "" if value.endswith("\t") else "\n\t" if note.alone else " "
            value += f"{gap}{_comment(note.text)}\n\t"
            start = note.at
        value += each.value[start:]
        end = f" {_comment(each.comment)}" if each.comment is not None else ""
        yield f"{each.key}: {value}{end}\n"
    yield from (_comment(text) + "\n" for text in record.after)


def _comment(text: str) -> str:
    return f"# {text}" if text else "#"


class _Parser:
    """One pass over the lines; `found` grows as it goes."""

    def __init__(self, document: Document, text: str) -> None:
        self.found: list[Diagnostic] = []
        self._document = document
        self._text = text
        self._records: list[Record] = []
        self._fields: list[Field] = []
        self._given: dict[str, Span] = {}
        """Where the keys that may stand once in a record have stood in this one."""
        self._comments: list[str] = []
        """Those on lines of their own since the last field."""
        self._open: _OpenCounter | None = None
        self._told_line_ends = False
        self._broken = False
        """Whether a line of this record was refused."""
        self._passing = False
        """Whether the lines of a counter that was refused are passed over."""

    def run(self) -> tuple[Record, ...]:
        """Return the records of all lines."""
        start = counted = errors = 0
        for line in self._text.split("\n"):
            errors += sum(new.severity is Severity.ERROR for new in self.found[counted:])
            counted = len(self.found)
            if errors > _MOST_MISTAKES:
                break
            if line == "---":
                self._end_of_record("`---`")
            else:
                self._line(line, start)
            start += len(line) + 1
        self._end_of_record("the end of the file")
        if self._comments and self._records:
            last = self._records[-1]
            self._records[-1] = replace(last, after=(*last.after, *self._comments))
        return tuple(self._records)

    def _end_of_record(self, at: str) -> None:
        self._passing = False
        if self._open:
            opened, self._open = self._open, None
            self._refuse_braces(
                f"`{{` is not closed before {at}",
                opened.brace,
                hint="write `}` after the last bucket",
            )
        if self._fields:
            after = tuple(self._comments)
            fields = tuple(self._fields)
            self._records.append(Record(fields=fields, after=after, broken=self._broken))
            self._fields, self._comments = [], []
        self._given = {}
        self._broken = False

    def _line(self, line: str, start: int) -> None:
        text, hash_, comment = line.partition("#")
        note = comment.strip(SPACE) if hash_ else None
        if self._passing and not self._begins_field(text):
            self._passing = "}" not in text
            return
        self._passing = False
        if self._open is None and ("{" in text or "}" in text):
            self._open = self._opened(text, start)
            if self._open is None:
                return
            text, start = "", start + len(text)
        if self._open is not None:
            self._go_on(self._open, text, start, note)
            return
        if not text.strip(SPACE):
            self._comments += [note] if note is not None else []
            return
        key = self._begins_field(text)
        if key is None:
            self._refuse_line(text, start)
            return
        if note is not None and text[-1] not in SPACE and not text.endswith(":"):
            self._warn_of_cut(text, start)
        offsets = _trimmed(text[len(key) + 1 :], start + len(key) + 1)
        if offsets:
            self._add(key, offsets, note=note)
            return
        self._comments += [note] if note is not None else []
        self.found.append(
            report(
                "CC133",
                f"`{key}` has no value, and is read as if it were not there",
                self._document.span(start, start + len(key) + 1),
                hint="write its value, or delete the line",
            )
        )

    def _begins_field(self, text: str) -> str | None:
        return next((key for key in KEYS if text.startswith(f"{key}:")), None)

    def _opened(self, text: str, start: int) -> _OpenCounter | None:
        """Return the counter whose braces a line opens, or refuse the line."""
        brace = text.find("{")
        close = text.find("}")
        second = text.find("{", brace + 1)
        only = "braces stand in `counter` alone, around its buckets"
        if brace < 0 or 0 <= close < brace:
            self._refuse_braces("`}` without `{` before it", start + close, hint=only)
        elif not text.startswith("counter:"):
            self._refuse_braces("`{` in a field that is no counter", start + brace, hint=only)
        elif second >= 0:
            self._refuse_braces("a second `{`", start + second, hint="write one list of buckets")
        else:
            key = len("counter:")
            return _OpenCounter(brace=start + brace, offsets=_trimmed(text[key:], start + key))
        self._passing = text.startswith("counter:") and "}" not in text
        return None

    def _go_on(self, counter: _OpenCounter, text: str, start: int, note: str | None) -> None:
        """Take one more line of a counter's buckets; with `}` it is whole."""
        trouble: tuple[str, int, str] | None = None
        if "{" in text:
            at = start + text.index("{")
            trouble = "a second `{`", at, "write one list of buckets"
        piece = _trimmed(text, start)
        counter.offsets += piece
        closes = [offset for offset in piece if self._text[offset] == "}"]
        alone = counter.begun and not piece
        if not counter.begun:
            counter.begun = True
            closes = [offset for offset in counter.offsets if self._text[offset] == "}"]
        if trouble is None and len(closes) > 1:
            trouble = "a second `}`", closes[1], "write one list of buckets"
        elif trouble is None and closes:
            last = counter.offsets[bisect_left(counter.offsets, closes[0]) - 1]
            if self._text[last] == ",":
                trouble = "a comma before `}`", last, "delete the comma"
        if trouble is not None:
            self._open = None
            self._passing = not closes or "{" in text
            self._refuse_braces(trouble[0], trouble[1], hint=trouble[2])
        elif closes:
            self._open = None
            self._add("counter", counter.offsets, note=note, notes=tuple(counter.notes))
        elif note is not None:
            counter.notes.append(Note(len(counter.offsets), note, alone))

    def _add(
        self,
        key: str,
        offsets: list[int],
        *,
        note: str | None,
        notes: tuple[Note, ...] = (),
    ) -> None:
        """Add a field whose value stands at these places of the document."""
        value = "".join(self._text[offset] for offset in offsets)
        span = self._document.span(offsets[0], offsets[-1] + 1)
        first = self._given.get(key)
        if first is not None:
            self.found.append(
                report(
                    "CC129",
                    f"`{key}` is given twice in one record",
                    span,
                    hint="keep one of them, or write a line `---` between two records",
                    related=((first, "the first one"),),
                )
            )
            return
        if why := _why_malformed(key, value):
            hint = "write a whole number" if key == "depth" else "write a number such as 0.01"
            self.found.append(report("CC131", f"`{key}` {why}: `{value}`", span, hint=hint))
            return
        if key != "issue":
            self._given[key] = span
        self._fields.append(
            Field(
                key=key,
                value=value,
                before=tuple(self._comments),
                comment=note,
                notes=notes,
                span=span,
                offsets=tuple(offsets) if key == "counter" else (),
            )
        )
        self._comments = []

    def _warn_of_cut(self, text: str, start: int) -> None:
        at = start + len(text)
        self.found.append(
            report(
                "CC133",
                "the value ends at `#`, which starts a comment wherever it stands",
                self._document.span(at, at + 1),
                hint="write a space before `#` if a comment is meant; no value can hold `#`",
            )
        )

    def _refuse_line(self, text: str, start: int) -> None:
        shown = text.strip(SPACE)
        word = shown.partition(":")[0]
        if text.rstrip("\r") == "---":
            self._end_of_record("`---`")
            if self._told_line_ends:
                return
            self._told_line_ends = True
            shown, hint = "---\r", "end lines with a line feed alone, without a carriage return"
        elif shown.startswith("---"):
            self._end_of_record("`---`")
            hint = "write `---` alone: three characters at the start of a line, none after them"
        elif shown != text and text[0] in SPACE and self._begins_field(shown):
            hint = f"write `{word}:` at the start of the line"
        elif near := get_close_matches(word.casefold(), KEYS, 1):
            hint = f"write `{near[0]}: ...`"
        else:
            hint = f"begin it with one of {', '.join(KEYS)} and a colon, or with `#`"
        begin = start + len(text) - len(text.lstrip(SPACE))
        span = self._document.span(begin, begin + len(shown))
        what = "separator" if shown.startswith("---") else "field"
        self._broken |= what == "field"
        self.found.append(report("CC127", f"`{shown[:60]}` is no {what}", span, hint=hint))

    def _refuse_braces(self, message: str, at: int, *, hint: str) -> None:
        self._broken = True
        self.found.append(report("CC128", message, self._document.span(at, at + 1), hint=hint))


@dataclass(slots=True)
class _OpenCounter:
    """A counter whose buckets go on."""

    brace: int
    """Where `{` stands."""
    offsets: list[int]
    """Where each character of its value so far stands, the lines joined."""
    notes: list[Note] = field(default_factory=list)
    begun: bool = False
    """Whether its first line has been looked at."""


def _trimmed(text: str, start: int) -> list[int]:
    """Return where the characters of a text stand, without white space at its ends."""
    begin = len(text) - len(text.lstrip(SPACE))
    return list(range(start + begin, start + max(begin, len(text.rstrip(SPACE)))))


def _why_malformed(key: str, value: str) -> str | None:
    """Return why Go's parser refuses the value of a field, or None."""
    if key == "depth":
        digits = value.lstrip("+-").lstrip("0")
        if not _DEPTH.fullmatch(value) or len(digits) > len(str(2**63)):
            return "is no whole number of 64 bits"
        return None if -(2**63) <= int(value) < 2**63 else "is no whole number of 64 bits"
    if key == "error" and (not _NUMBER.fullmatch(value) or isinf(float(value))):
        return "is no decimal number"
    return None
