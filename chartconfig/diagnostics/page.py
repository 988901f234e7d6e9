"""The page of a code, in Markdown: what docs/diagnostics/ holds and viewers of SARIF show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartconfig.diagnostics.catalogue.rule import Retired, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable


def visible(text: str) -> str:
    r"""Return `text` with each character that has no shape of its own as its code point.

    A byte that was not UTF-8 and that Python carries as a surrogate (PEP 383) is shown as a byte.

    Examples:
        >>> visible("vim\tzed")
        'vim‹U+0009›zed'
        >>> visible("caf\udce9")
        'caf‹0xE9›'
    """
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    if "\udc80" <= character <= "\udcff":
        return f"‹0x{ord(character) - 0xDC00:02X}›"
    return f"‹U+{ord(character):04X}›"


def page(rule: Rule | Retired) -> str:
    """Return the page of `rule`; ends with a newline."""
    if isinstance(rule, Retired):
        return f"""\
# {rule.code} {rule.name}

Retired: nothing is reported under this code any more, and it is not used again. The nearest is
[{rule.see}]({rule.see}.md).

{rule.why}
"""
    return f"""\
# {rule.code} {rule.name}

{rule.severity.value.capitalize()}. {_ignoring(rule)}

{rule.finds}

## Why it matters

{rule.why}

## Before

{_example(rule, rule.before)}
## After

{_example(rule, rule.after)}"""


def index(rules: Iterable[Rule | Retired]) -> str:
    """Return the page that lists `rules`, in their order; ends with a newline."""
    return f"""\
# Diagnostics

Everything that chartconfig finds, one page each; `chartconfig explain CODE` prints the page.
The first digit is the subject: 1 the source text, 2 charts and names, 3 programs, 4 sampling,
5 privacy, 6 lifecycle, 9 commands. A code keeps its meaning for ever.

| code | name | severity | what is found |
| --- | --- | --- | --- |
{"".join(map(_row, rules))}"""


def _row(rule: Rule | Retired) -> str:
    told = (
        f"retired | See [{rule.see}]({rule.see}.md)."
        if isinstance(rule, Retired)
        else f"{rule.severity.value} | {rule.finds}"
    )
    return f"| [{rule.code}]({rule.code}.md) | {rule.name} | {told} |\n"


def pages(rules: Iterable[Rule], retired: Iterable[Retired]) -> dict[str, str]:
    """Return every file of docs/diagnostics/, by name."""
    listed: list[Rule | Retired] = [*rules, *retired]
    listed.sort(key=lambda rule: rule.code)
    return {"README.md": index(listed), **{f"{rule.code}.md": page(rule) for rule in listed}}


def _ignoring(rule: Rule) -> str:
    if rule.ignorable:
        return f"A chart may ignore it: `ignore: [{{code: {rule.code}, reason: ...}}]`."
    return "It cannot be ignored."


def _example(rule: Rule, example: str) -> str:
    lines = "\n".join(visible(line) for line in example.removesuffix("\n").split("\n"))
    if not rule.file:
        return f"```console\n{lines}\n```\n"
    return f"{'All of' if rule.whole else 'In'} `{rule.file}`:\n\n```yaml\n{lines}\n```\n"
