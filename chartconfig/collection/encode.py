r"""config.json: the collection config as canonical bytes, and strictly back.

The file is what installations download and obey. It is the JSON document that
golang.org/x/telemetry/config serves, so that existing clients can read it, and each config has
exactly one spelling, so that a config can be pinned by checksum and rebuilt by anyone.

One real example, its tabs shown as two spaces:

>>> from chartconfig.collection.config import CollectionConfig, CounterConfig, ProgramConfig
>>> config = CollectionConfig(
...     goos=("darwin", "linux"),
...     goarch=("amd64",),
...     go_versions=("go1.27rc1", "go1.27.0"),
...     sample_rate=0.01659,
...     programs=(
...         ProgramConfig(
...             name="golang.org/x/tools/gopls",
...             versions=("v0.16.0",),
...             counters=(CounterConfig(name="gopls/client:{vim,zed}", rate=0.01659),),
...             stacks=(CounterConfig(name="gopls/bug", rate=1e-7, depth=16),),
...         ),
...     ),
... )
>>> print(encode(config).decode().expandtabs(2))
{
  "GOOS": [
    "darwin",
    "linux"
  ],
  "GOARCH": [
    "amd64"
  ],
  "GoVersion": [
    "go1.27rc1",
    "go1.27.0"
  ],
  "SampleRate": 0.01659,
  "Programs": [
    {
      "Name": "golang.org/x/tools/gopls",
      "Versions": [
        "v0.16.0"
      ],
      "Counters": [
        {
          "Name": "gopls/client:{vim,zed}",
          "Rate": 0.01659
        }
      ],
      "Stacks": [
        {
          "Name": "gopls/bug",
          "Rate": 1e-7,
          "Depth": 16
        }
      ]
    }
  ]
}
>>> decode(encode(config)) == config
True

Bytes
-----
The bytes are those of Go's `json.MarshalIndent(config, "", "\t")`, as of Go 1.22 and newer.

- UTF-8 without a byte order mark. The last byte is the `}` that closes the config: no newline
  follows.
- An object or a list that has members: its bracket, then each member on a line of its own with one
  tab for each level, then a line with the closing bracket. `,` ends every member but the last. No
  other white space, except one space after the `:` that follows a key. A list without members is
  `[]`.
- The keys, their order and their letters are those of the example. `Depth` is left out when 0,
  `Counters` and `Stacks` when empty; every other key is always there. `GOOS`, `GOARCH`,
  `GoVersion`, `Programs` and `Versions` may also be `null`: Go writes that for a list that was
  never made, and `NULL` of `collection.config` keeps it. `encode` writes `[]` for `()`, because a
  list is then a list in every config that chartconfig compiles.
- A string stands in `"`. `"` and `\` have a `\` before them. The controls U+0008, U+0009, U+000A,
  U+000C and U+000D are `\b`, `\t`, `\n`, `\f` and `\r`; the others below U+0020, and `<`, `>`, `&`,
  U+2028 and U+2029, are `\u` and four hexadecimal digits in lower case. All else stands for itself,
  U+007F and U+FFFD too.
- `SampleRate` and `Rate` are binary64, written with the fewest digits that are read back as the
  same number. From 1e-6 up to but not including 1e21, and for zero, they have no exponent: `1`,
  `0.01659`, `-0`. Outside they have one digit before the point and an exponent with a sign, of two
  digits or more when positive, without leading zeros when negative: `1e+21`, `1.5e-7`.
- `Depth` is a whole number of 64 bits with a sign, in decimal.

Refused
-------
`decode` accepts the bytes that `encode` writes and no others, so that whoever has checked the
values has checked the file. Most of what it refuses would be read, wrongly or not at all:

- A key in other letters, such as `programs`. Clients ignore the case of keys, and the last one
  wins: it would replace what a reader of the file takes for the config.
- A key given twice (the last one wins), or one that has no meaning here.
- A byte order mark, more than white space after the config, a text where a number belongs or the
  other way round, `null` for a program, a number that overflows: the client gives up and collects
  nothing at all until the config is mended.
- A key that is missing, and `null` for a text or a number: the client reads an empty text or 0.
- Invalid UTF-8 and half a surrogate pair: the client reads U+FFFD, and the name matches nothing.
- Another spelling of the same values. It harms no client, but its checksum is another.

Nothing here says that the config is wise: a rate outside [0, 1] or a program listed twice is well
formed. `encode` and `decode` do not sort either; order is given by whoever compiles.

A later version may add keys. Clients ignore the keys that they do not know; this decoder refuses
them until it is taught what they collect.
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

from chartconfig.collection.config import (
    NULL,
    CollectionConfig,
    CounterConfig,
    NullList,
    ProgramConfig,
)
from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Position, Span
from chartconfig.errors import ChartconfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

T = TypeVar("T")

_ESCAPES: Final = {
    char: f"\\u{ord(char):04x}" for char in (*map(chr, range(32)), *"<>&\u2028\u2029")
} | {"\b": r"\b", "\t": r"\t", "\n": r"\n", "\f": r"\f", "\r": r"\r", '"': r"\"", "\\": r"\\"}
_ESCAPED: Final = re.compile(f"[{re.escape(''.join(_ESCAPES))}]")
_DEPTHS: Final = range(-(2**63), 2**63)


def encode(config: CollectionConfig) -> bytes:
    r"""Return the canonical bytes of `config`, as the module's docstring has them.

    Takes time and memory in proportion to the result.

    Raises:
        ValueError: A rate is infinite or not a number, a depth needs more than 64 bits, or a text
            holds half a surrogate pair: JSON, Go and UTF-8 have no such thing.
    """
    members = (
        f'"GOOS": {_list(config.goos, _text, 1)}',
        f'"GOARCH": {_list(config.goarch, _text, 1)}',
        f'"GoVersion": {_list(config.go_versions, _text, 1)}',
        f'"SampleRate": {_number(config.sample_rate)}',
        f'"Programs": {_list(config.programs, _program, 1)}',
    )
    return _block("{}", members, 0).encode()


def _program(program: ProgramConfig) -> str:
    members = [
        f'"Name": {_text(program.name)}',
        f'"Versions": {_list(program.versions, _text, 3)}',
    ]
    if program.counters:
        members.append(f'"Counters": {_list(program.counters, _counter, 3)}')
    if program.stacks:
        members.append(f'"Stacks": {_list(program.stacks, _counter, 3)}')
    return _block("{}", members, 2)


def _counter(counter: CounterConfig) -> str:
    members = [f'"Name": {_text(counter.name)}', f'"Rate": {_number(counter.rate)}']
    if counter.depth:
        if counter.depth not in _DEPTHS:
            raise ValueError(
                f"the depth of {counter.name!r} needs more than 64 bits: {counter.depth}"
            )
        members.append(f'"Depth": {counter.depth}')
    return _block("{}", members, 4)


def _list(items: tuple[T, ...], write: Callable[[T], str], level: int) -> str:
    if isinstance(items, NullList):
        return "null"
    return _block("[]", map(write, items), level) if items else "[]"


def _block(brackets: str, members: Iterable[str], level: int) -> str:
    outer = "\n" + "\t" * level
    inner = outer + "\t"
    return brackets[0] + inner + f",{inner}".join(members) + outer + brackets[1]


def _text(text: str) -> str:
    return '"' + _ESCAPED.sub(lambda match: _ESCAPES[match[0]], text) + '"'


def _number(number: float) -> str:
    """Return `number` as Go's encoder writes it; Python's repr has the same digits."""
    if not math.isfinite(number):
        raise ValueError(f"{number} cannot be written as a rate")
    digits = repr(float(number))
    if number and not 1e-6 <= abs(number) < 1e21:  # noqa: PLR2004 - the bounds of Go's encoder
        return digits.replace("e-0", "e-")
    return f"{Decimal(digits):f}" if "e" in digits else digits.removesuffix(".0")


class MalformedConfigError(ChartconfigError):
    """CC901 `malformed-config`: the bytes are not a collection config in canonical form."""

    def __init__(self, message: str, span: Span, hint: str | None = None) -> None:
        """Say what stands at `span`, and perhaps what belongs there."""
        super().__init__(report("CC901", message, span, hint=hint))


def decode(data: bytes, *, path: str = "config.json") -> CollectionConfig:
    """Return the config that `data` is the canonical form of, so that `encode` gives `data` back.

    Args:
        data: The whole file.
        path: Where it was found, for the span of a mistake; never opened.

    Raises:
        MalformedConfigError: `data` is anything else. The only exception, whatever the bytes.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        _Reader(before, path).refuse("a byte that is not UTF-8", len(before))
    reader = _Reader(text, path)
    config = reader.file()
    canonical = encode(config).decode()
    if text != canonical:
        # Both are whole objects, so that neither begins the other and some character differs.
        pairs = zip(text, canonical, strict=False)
        at = next(offset for offset, (have, want) in enumerate(pairs) if have != want)
        line = canonical[canonical.rfind("\n", 0, at) + 1 :].partition("\n")[0]
        members = line.lstrip("\t")
        reader.refuse(
            "the config is not in canonical form",
            at,
            hint=f"write {len(line) - len(members)} x tab, then {members}",
        )
    return config


_SPACE: Final = re.compile(r"[ \t\n\r]*")
_STRING: Final = re.compile(r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+"')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[Ee][+-]?[0-9]++)?")
_WORD: Final = re.compile(r"[A-Za-z0-9.+-]+")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_LONGEST_DEPTH: Final = len(str(_DEPTHS.start))


class _Reader:
    """Reads a config's text from the start, in any spelling, up to the first mistake.

    It knows at each place what belongs there, so that it nests no deeper than the config does.
    """

    def __init__(self, text: str, path: str) -> None:
        self._text = text
        self._path = path
        self._at = 0

    def refuse(
        self, message: str, start: int, end: int | None = None, hint: str | None = None
    ) -> NoReturn:
        span = Span(self._path, self._position(start), self._position(end or start + 1))
        raise MalformedConfigError(message, span, hint)

    def _position(self, offset: int) -> Position:
        start_of_line = self._text.rfind("\n", 0, offset) + 1
        return Position(self._text.count("\n", 0, offset) + 1, offset - start_of_line + 1)

    def file(self) -> CollectionConfig:
        if self._text.startswith("\ufeff"):
            self.refuse("a byte order mark before the config", 0, hint="save it as plain UTF-8")
        config = self.config()
        if self._at != len(self._text):
            self.refuse(
                "bytes after the end of the config",
                self._at,
                hint="end the file at the last brace, without a newline",
            )
        return config

    def config(self) -> CollectionConfig:
        members = self._object("the config", _CONFIG)
        return CollectionConfig(
            goos=members["GOOS"],
            goarch=members["GOARCH"],
            go_versions=members["GoVersion"],
            sample_rate=members["SampleRate"],
            programs=members["Programs"],
        )

    def programs(self) -> tuple[ProgramConfig, ...]:
        return self._list(self.program)

    def program(self) -> ProgramConfig:
        members = self._object("a program", _PROGRAM)
        return ProgramConfig(
            name=members["Name"],
            versions=members["Versions"],
            counters=members.get("Counters", ()),
            stacks=members.get("Stacks", ()),
        )

    def counters(self) -> tuple[CounterConfig, ...]:
        return self._list(self.counter)

    def counter(self) -> CounterConfig:
        members = self._object("a counter", _COUNTER)
        return CounterConfig(
            name=members["Name"], rate=members["Rate"], depth=members.get("Depth", 0)
        )

    def texts(self) -> tuple[str, ...]:
        return self._list(self.text)

    def text(self, wanted: str = "a string") -> str:
        if self._next() != '"':
            self._unexpected(wanted)
        match = _STRING.match(self._text, self._at)
        if match is None:
            self.refuse("a string with a raw control, an unknown escape or no end", self._at)
        start, self._at = match.span()
        text = match[0][1:-1]
        if "\\" in text:
            text = json.loads(match[0])
            if _SURROGATE.search(text):
                self.refuse("half a surrogate pair in a string", start, self._at)
        return text

    def number(self) -> float:
        digits, start = self._digits()
        number = float(digits)
        if math.isinf(number):
            self.refuse("a number that overflows", start, self._at)
        return number

    def depth(self) -> int:
        digits, start = self._digits()
        if not digits.removeprefix("-").isdigit():
            self.refuse("a depth that is not a whole number", start, self._at)
        # The length comes first: int() refuses thousands of digits.
        if len(digits) > _LONGEST_DEPTH or int(digits) not in _DEPTHS:
            self.refuse("a depth that needs more than 64 bits", start, self._at)
        return int(digits)

    def _digits(self) -> tuple[str, int]:
        self._next()
        match = _NUMBER.match(self._text, self._at)
        if match is None:
            self._unexpected("a number")
        start, self._at = match.span()
        return match[0], start

    def _object(
        self, what: str, fields: Mapping[str, Callable[[_Reader], object]]
    ) -> dict[str, Any]:
        self._take("{", f"{what}, an object,")
        start = self._at - 1
        members: dict[str, Any] = {}
        while True:
            self._next()
            start_of_key = self._at
            key = self.text("a key")
            if key not in fields or key in members:
                self._refuse_key(key, fields, start_of_key)
            self._take(":", "a colon")
            members[key] = fields[key](self)
            if self._take(",}", "a comma or closing brace") == "}":
                break
        for key in fields:
            if key not in members and key not in _OPTIONAL:
                self.refuse(f"{what} without {key}", start)
        return members

    def _refuse_key(self, key: str, fields: Iterable[str], start: int) -> NoReturn:
        quoted = json.dumps(key[:40])
        for field in fields:
            if key == field:
                self.refuse(f"{quoted} a second time; clients obey the last", start, self._at)
            if key.casefold() == field.casefold():
                self.refuse(f"{quoted}, which clients read as {field}", start, self._at)
        self.refuse(f"{quoted}, which is no key here", start, self._at)

    def _list(self, read: Callable[[], T]) -> tuple[T, ...]:
        if self._next() == "n" and self._text.startswith("null", self._at):
            self._at += len("null")
            return NULL
        self._take("[", "a list")
        if self._next() == "]":
            self._at += 1
            return ()
        items = [read()]
        while self._take(",]", "a comma or closing bracket") == ",":
            items.append(read())
        return tuple(items)

    def _take(self, chars: str, wanted: str) -> str:
        char = self._next()
        if not char or char not in chars:
            self._unexpected(wanted)
        self._at += 1
        return char

    def _next(self) -> str:
        """Skip white space; return the character there, empty at the end of the text."""
        if match := _SPACE.match(self._text, self._at):
            self._at = match.end()
        return self._text[self._at : self._at + 1]

    def _unexpected(self, wanted: str) -> NoReturn:
        char = self._next()
        end = self._at + 1
        match char:
            case "":
                found = "the end of the file"
            case '"':
                found = "a string"
            case "{":
                found = "an object"
            case "[":
                found = "a list"
            case _:
                word = _WORD.match(self._text, self._at)
                end = word.end() if word else end
                found = json.dumps(self._text[self._at : min(end, self._at + 40)])
        self.refuse(f"{found} where {wanted} belongs", self._at, end)


_COUNTER: Final[Mapping[str, Callable[[_Reader], object]]] = {
    "Name": _Reader.text,
    "Rate": _Reader.number,
    "Depth": _Reader.depth,
}
_PROGRAM: Final[Mapping[str, Callable[[_Reader], object]]] = {
    "Name": _Reader.text,
    "Versions": _Reader.texts,
    "Counters": _Reader.counters,
    "Stacks": _Reader.counters,
}
_CONFIG: Final[Mapping[str, Callable[[_Reader], object]]] = {
    "GOOS": _Reader.texts,
    "GOARCH": _Reader.texts,
    "GoVersion": _Reader.texts,
    "SampleRate": _Reader.number,
    "Programs": _Reader.programs,
}
_OPTIONAL: Final = frozenset({"Depth", "Counters", "Stacks"})
