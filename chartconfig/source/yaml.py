"""YAML text to nodes that keep their place and their spelling.

A chart is read by people, by editors and by this program, and all must read the same. So the
language accepted is a plain part of YAML 1.2, in which no two readers disagree:

    title: Editors that run gopls       # text, as it stands
    buckets: [vscode, "1.20", "no"]     # what looks like a number or a truth is quoted
    accuracy: {margin: 1%}              # block and flow style, nested at most MAX_DEPTH deep

Refused, each with its own code: anything but UTF-8, a byte order mark, tabs, invisible characters,
several documents, repeated keys, keys that are not text, anchors, aliases, tags, directives, words
that YAML versions read differently (`no`, `1_000`, `0x1F`, `12:30`), files above MAX_BYTES. CRLF is
accepted and means a line feed.

The events come from libyaml where PyYAML has it. Where libyaml refuses a text, or takes what the
pure Python parser may not, the latter has the last word, so that the diagnostics are the same with
and without libyaml.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import yaml

from chartconfig.diagnostics.catalogue import report
from chartconfig.source.nodes import Mapping, Node, Scalar, Sequence, index, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartconfig.diagnostics.diagnostic import Diagnostic, Span
    from chartconfig.source.document import Document

MAX_BYTES = 1 << 20
MAX_DEPTH = 16


_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\uffff\ud800-\udfff]|\r(?!\n)"
)
_VISIBLE_ASCII = bytes([0x0A, *range(0x20, 0x7F)])
_AMBIGUOUS = re.compile(
    r"(?:y|n|yes|no|on|off|TRUE|True|FALSE|False|NULL|Null)$|"  # words, below in any case
    r"[-+]?(?:0[0-9_]+|0[xob][0-9a-fA-F_]+|[0-9][0-9_]*_[0-9_]*(?:\.[0-9_]*)?"
    r"|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|\.(?:inf|Inf|INF|nan|NaN|NAN))$|"
    r"\+\.?[0-9][0-9._eE+-]*$"
)
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off"})
_TAG = re.compile(r"!\S*")

_CLoader: Any = getattr(yaml, "CSafeLoader", None)  # absent where PyYAML was built without libyaml


class _UnsureError(yaml.YAMLError):
    """Here the two parsers may differ, in what they accept or where they see it."""


class _RefusedError(Exception):
    """The text cannot be read any further."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def compose(document: Document) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """Return the document's one node, or None and everything that is wrong with its YAML."""
    text, found = _decode(document)
    if text is None:
        return None, found
    try:
        composer = _Composer(document, text)
        node = composer.run(_CLoader) if _CLoader else composer.run(yaml.SafeLoader)
    except _RefusedError as refused:
        return None, (*composer.found, refused.diagnostic)
    return (None, tuple(composer.found)) if composer.found else (node, ())


def locate(document: Document, *path: str | int) -> Span:
    """Return where the value at a path of keys and indices stands; the place above if it is not.

    The document is read again: a place is asked for only when there is something to report, and
    10,000 charts need not keep 100,000 places.
    """
    values = _indexed(document)
    if values is None:
        return document.span(0, 0)
    found = next(values[path[:end]] for end in range(len(path), -1, -1) if path[:end] in values)
    if found is values[()] and isinstance(found, Mapping) and found.entries:
        found = found.entries[0][0]  # the whole file: its first key stands for it
    return document.span(found.start, found.end)


@lru_cache(maxsize=2)  # a file with a thousand mistakes is read again only once
def _indexed(document: Document) -> dict[tuple[str | int, ...], Node] | None:
    node, _ = compose(document)
    return None if node is None else index(node).values


def _decode(document: Document) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """Return the text, or what keeps it from being read as YAML."""
    text, found = visible_text(document)
    if text is not None and not text.strip():
        text = None
        found = (
            report(
                "CC107",
                "the file is empty",
                document.span(0, 0),
                hint="write it, or delete it; `chartconfig new PROGRAM/CHART` starts a chart",
            ),
        )
    return text, found


def visible_text(
    document: Document, *, tabs: bool = False
) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """Return the text, or what keeps it from being read as lines of visible characters.

    Args:
        document: Of any size.
        tabs: Whether it may hold tabs.
    """
    data = document.data
    if len(data) > MAX_BYTES:
        return None, (too_large(document),)
    if not data.translate(None, _VISIBLE_ASCII):
        return data.decode("ascii"), ()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None, (
            report(
                "CC101",
                "the file is UTF-16",
                document.span(0, 0),
                hint="save the file as UTF-8",
            ),
        )
    if data.startswith(b"\xef\xbb\xbf"):
        return None, (
            report(
                "CC102",
                "the file starts with a byte order mark",
                document.span(0, 1),
                hint="save the file as UTF-8 without a byte order mark",
            ),
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        offset = len(data[: error.start].decode("utf-8"))
        return None, (
            report(
                "CC101",
                f"the byte 0x{data[error.start]:02X} is not UTF-8",
                document.span(offset, offset + 1),
                hint="save the file as UTF-8",
            ),
        )
    found = [
        report(
            "CC103",
            f"{_visible(match.group())} is an invisible character",
            document.span(match.start(), match.end()),
            hint="delete it",
        )
        for match in _INVISIBLE.finditer(text)
    ][:_MOST_CHARACTERS]
    found += [
        report(
            "CC104",
            "a tab",
            document.span(match.start(), match.end()),
            hint="write spaces; YAML does not indent with tabs",
        )
        for match in re.finditer("\t+", "" if tabs else text)
    ][:_MOST_CHARACTERS]
    return (None, tuple(found)) if found else (text, ())


def too_large(document: Document) -> Diagnostic:
    """Return the finding on a file of which no more was read than shows that it is too large."""
    return report(
        "CC105",
        f"the file is larger than {MAX_BYTES:,} bytes, the most that is read",
        document.span(0, 0),
        hint="keep one chart a file",
    )


_MOST_DIGITS = 17  # of a number to suggest
_MOST_CHARACTERS = 20  # a binary file is one mistake, not a million


class _Composer:
    """Events to one node, and what is wrong on the way."""

    def __init__(self, document: Document, text: str) -> None:
        self._document = document
        self._text = text
        self._trusted = False  # the parser's events are final
        self._names: list[Any] = []  # events with an anchor, and aliases
        self.found: list[Diagnostic] = []

    def run(self, loader: Any) -> Node | None:  # noqa: ANN401 - PyYAML's loaders share no type
        """Return the node that the events of one of PyYAML's loaders make."""
        self.found.clear()
        self._names.clear()
        self._trusted = loader is yaml.SafeLoader
        try:
            return self._compose(loader)
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            if not self._trusted:
                return self.run(yaml.SafeLoader)
            raise _RefusedError(self._syntax(error)) from error

    def _compose(self, loader: Any) -> Node | None:  # noqa: ANN401 - as above
        """Return the root; the stack holds the first event and parts of each open collection."""
        root: Node | None = None
        documents = 0
        stack: list[tuple[Any, list[Node]]] = []
        for event in _events(loader(self._text)):
            kind = type(event)
            if kind is yaml.ScalarEvent:
                node: Node = self._scalar(event, in_flow=bool(stack) and stack[-1][0].flow_style)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._properties(event)
                stack.append((event, []))
                if len(stack) > MAX_DEPTH:
                    raise _RefusedError(
                        self._report(
                            "CC106",
                            f"more than {MAX_DEPTH} levels of nesting",
                            event.start_mark.index,
                            hint="no file of a config repository nests deeper than five",
                        )
                    )
                continue
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                node = self._close(*stack.pop(), event.end_mark.index)
            elif kind is yaml.AliasEvent:
                self._names.append(event)
                node = Scalar("", plain=False, start=event.start_mark.index, end=0)
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if event.version or event.tags:
                    self._report_later("CC112", "a YAML directive", event, "delete the line")
                if documents > 1:
                    self._report_later(
                        "CC108", "a second document", event, "keep one document a file"
                    )
                continue
            else:
                continue
            if stack:
                stack[-1][1].append(node)
            elif root is None:
                root = node
        if self._names:
            self._report_names()
        if root is None or (isinstance(root, Scalar) and root.plain and not root.text):
            self.found.append(
                self._report("CC107", "the file holds no value", 0, hint="write it, or delete it")
            )
        return root

    def _close(self, event: Any, parts: list[Node], end: int) -> Node:  # noqa: ANN401 - as above
        """Return a finished collection, which ends where its last part or its bracket does."""
        start = event.start_mark.index
        if not event.flow_style:
            end = parts[-1].end if parts else start
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(tuple(parts), start, end)
        entries: list[tuple[Scalar, Node]] = []
        seen: dict[str, Scalar] = {}
        for key, value in zip(parts[::2], parts[1::2], strict=True):
            if not isinstance(key, Scalar) or (
                key.plain and (not key.text or not isinstance(plain(key), str))
            ):
                spelled = self._text[key.start : key.end].partition("\n")[0]
                what = f"the key `{spelled}` is not text"
                hint = f'write "{spelled}"' if isinstance(key, Scalar) else "write a word as key"
                self.found.append(self._report("CC113", what, key.start, key.end, hint=hint))
                continue
            if first := seen.get(key.text):
                self.found.append(
                    self._report(
                        "CC110",
                        f"the key `{key.text}` is given twice",
                        key.start,
                        key.end,
                        hint="keep one of the two",
                        related=((self._document.span(first.start, first.end), "the first one"),),
                    )
                )
                continue
            seen[key.text] = key
            entries.append((key, value))
        return Mapping(tuple(entries), start, end)

    def _scalar(self, event: Any, *, in_flow: bool) -> Scalar:  # noqa: ANN401 - as above
        if event.anchor or event.tag:
            self._properties(event)
        is_plain = event.style is None or event.style == ""
        start, end = event.start_mark.index, event.end_mark.index
        text: str = event.value
        if event.style in ("|", ">"):  # up to its last visible character, not the next key
            end = start + len(self._text[start:end].rstrip())
            unsure = "#" in self._text[start:end].partition("\n")[0]
        else:
            unsure = is_plain and in_flow and (not text or "?" in text)
        if unsure and not self._trusted:
            raise _UnsureError
        if is_plain:
            if _is_ambiguous(text):
                self.found.append(
                    self._report(
                        "CC114",
                        f"`{text}` is read differently by different readers of YAML",
                        start,
                        end,
                        hint=_unambiguous(text),
                    )
                )
        elif character := _INVISIBLE.search(text):
            self.found.append(
                self._report(
                    "CC103",
                    f"the escape of {_visible(character.group())}, an invisible character",
                    start,
                    end,
                    hint="delete it",
                )
            )
        return Scalar(text, is_plain, start, end)

    def _properties(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's events share no type
        """Report the tag of a node; its anchor later."""
        if (event.anchor or event.tag) and not self._trusted:
            raise _UnsureError
        if event.anchor:
            self._names.append(event)
        if event.tag:
            tag = _TAG.search(self._text, event.start_mark.index)
            what = f"`{tag.group() if tag else event.tag}` is a tag"
            self._report_later("CC112", what, event, "delete it; the schema says what it is")

    def _report_names(self) -> None:
        """Report the first anchor or alias, and how many follow; ten lines may hold hundreds."""
        first = self._names[0]
        is_alias = isinstance(first, yaml.AliasEvent)
        what = f"`*{first.anchor}` is an alias" if is_alias else f"`&{first.anchor}` is an anchor"
        if more := len(self._names) - 1:
            what += f", the first of {more + 1} anchors and aliases"
        self._report_later("CC111", what, first, "write the value where it is used")

    def _report_later(self, code: str, message: str, event: Any, hint: str) -> None:  # noqa: ANN401 - as above
        start, end = event.start_mark.index, event.end_mark.index
        self.found.append(self._report(code, message, start, end, hint=hint))

    def _report(
        self,
        code: str,
        message: str,
        start: int,
        end: int | None = None,
        *,
        hint: str | None,
        related: tuple[tuple[Span, str], ...] = (),
    ) -> Diagnostic:
        span = self._document.span(start, start + 1 if end is None else end)
        return report(code, message, span, hint=hint, related=related)

    def _syntax(self, error: Exception) -> Diagnostic:
        """Return what the pure Python parser did not understand, and where."""
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "an escape that stands for no character"
        context = getattr(error, "context", None) or ""
        offset = min(mark.index, len(self._text)) if mark else max(self._text.find("\\U"), 0)
        hint = _mend(f"{context} {problem}")
        quoted = self._quoted_before(offset)
        if "quoted scalar" in context and "end of stream" in problem:
            offset = error.context_mark.index  # type: ignore[attr-defined] # a MarkedYAMLError has it
            problem = "the quotation mark is not closed"
        elif quoted and "\n" in self._text[quoted[0] : quoted[1]]:
            offset = quoted[0]
            problem = "the quotation mark is not closed on its line"
            hint = "close the quotation mark"
        elif quoted and not self._text[quoted[1] : offset].strip(" "):
            problem = "the quotation mark is closed before the text ends"
            hint = "use the other quotation marks around it, or none"
        elif "mapping values" in problem and self._is_key(offset):
            problem = "the line is no part of the map or list above it"
            hint = "indent the line as the other keys of its map"
        elif "<block end>" in problem:
            problem = "the line is no part of the map or list above it"
        elif "<stream end>" in problem:
            offset = len(self._text.rstrip()) - 1
            problem = "the file ends before the bracket is closed"
        return self._report("CC109", f"this is not YAML: {problem}", offset, hint=hint)

    def _is_key(self, offset: int) -> bool:
        """Return whether a place is the colon behind the first word of its line."""
        line = self._text[self._text.rfind("\n", 0, offset) + 1 : offset]
        return self._text[offset : offset + 1] == ":" and re.fullmatch(r" *\w+", line) is not None

    def _quoted_before(self, offset: int) -> tuple[int, int] | None:
        """Return where the last quoted text begins and ends that ends on the line of a place."""
        last = None
        try:
            for token in yaml.scan(self._text, yaml.SafeLoader):
                if token.start_mark.index >= offset:
                    break
                if isinstance(token, yaml.ScalarToken) and token.style in ("'", '"'):
                    last = token.start_mark.index, token.end_mark.index
        except (yaml.YAMLError, ValueError, OverflowError):
            pass  # this is the mistake that is being told
        return last if last and "\n" not in self._text[last[1] : offset] else None


def _events(loader: Any) -> Iterator[Any]:  # noqa: ANN401 - PyYAML's loaders share no type
    try:
        while type(event := loader.get_event()) is not yaml.StreamEndEvent:
            yield event
    finally:
        loader.dispose()


@lru_cache(maxsize=4096)  # keys, and many values, are the same in every file
def _is_ambiguous(text: str) -> bool:
    return _AMBIGUOUS.match(text) is not None or text.lower() in _WORDS


def _visible(character: str) -> str:
    return f"U+{ord(character):04X}"


def _unambiguous(text: str) -> str:
    word = text.lower()
    if word in ("yes", "on", "y", "true", "no", "off", "n", "false"):
        truth = "true" if word in ("yes", "on", "y", "true") else "false"
        return f'write "{text}" if it is text, {truth} if it is a truth'
    if word == "null":
        return f'write "{text}" if it is text, or leave the key out'
    number = text.lstrip("+").replace("_", "")
    if number.isdecimal():
        return f'write "{text}" if it is text, {int(number[:_MOST_DIGITS])} if it is a number'
    return f'write "{text}" if it is text, plain digits if it is a number'


def _mend(problem: str) -> str:
    """Return what usually mends a problem that PyYAML words in its own terms."""
    for words, hint in (
        ("mapping values are not allowed", 'put a text that holds ": " in quotes'),
        ("'?'", "put a text that holds ? in quotes"),
        ("cannot start any token", "put a text that starts with @, % or another sign in quotes"),
        ("quoted scalar", "close the quotation mark"),
        ("flow sequence", "close the list with `]`, and put commas between its items"),
        ("flow mapping", "close the map with `}`, and put commas between its entries"),
        ("could not find expected ':'", "write `key: value`"),
        ("escape", "write the character itself, or use single quotes"),
        ("block ", "indent the line as the others of its map or list"),
    ):
        if words in problem:
            return hint
    return "write one `key: value` a line, as the other files do"
