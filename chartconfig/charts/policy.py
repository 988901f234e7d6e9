"""policy.yaml: the branch that releases are made from, and whose approval a change needs.

    approvals:
      groups:
        reviewers: [ana@example.org, bo@example.org, cy@example.org]
        privacy: [cy@example.org]
      rules:
        - need: {reviewers: 1}
        - changes: [more, meaning]
          need: {reviewers: 2}
        - types: [stack]
          need: {privacy: 1, reviewers: 2}

Of all rules that match a change, the strictest number of each group holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from chartconfig.charts.chart import ChartType
from chartconfig.charts.principal import look_alike, why_refused

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

Mistake = tuple[str, tuple[str | int, ...], str, str]
"""A code, the path of keys to what is wrong, what that is, and what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How many of whom have to approve some changes."""

    need: Mapping[str, int]
    """How many of each group; at least 1."""
    changes: frozenset[str]
    """The classes of change, as `diff` names them; empty is every one."""
    types: frozenset[ChartType]
    """The types of chart, before or after the change; empty is every one, and every file."""
    paths: tuple[str, ...]
    """Patterns of chart ids and names of files, in which * is anything; empty is all."""

    def matches(self, name: str, changes: Collection[str], types: Collection[ChartType]) -> bool:
        """Return whether a change of a chart or file is of this rule."""
        return (
            (not self.changes or not self.changes.isdisjoint(changes))
            and (not self.types or not self.types.isdisjoint(types))
            and (not self.paths or any(fnmatchcase(name, path) for path in self.paths))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals:
    """Whose approval changes need."""

    groups: Mapping[str, tuple[str, ...]]
    """The principals of each group."""
    rules: tuple[Rule, ...]

    @property
    def people(self) -> tuple[str, ...]:
        """The principals of all groups, sorted."""
        return tuple(sorted({each for group in self.groups.values() for each in group}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """policy.yaml: who may do what, and where."""

    branch: str = "main"
    """The branch that releases are made from."""
    approvals: Approvals | None = None
    """Whose approval changes need; None where no change needs any."""


def strictest(rules: Iterable[Rule]) -> dict[str, int]:
    """Return how many of each group satisfy every rule."""
    need: dict[str, int] = {}
    for rule in rules:
        for group, number in rule.need.items():
            need[group] = max(number, need.get(group, 0))
    return need


def read_policy(data: dict[str, Any]) -> Policy:
    """Return the policy of data that are as the schema says."""
    told = data.get("approvals")
    approvals = None
    if told is not None:
        approvals = Approvals(
            groups={name: tuple(members) for name, members in told["groups"].items()},
            rules=tuple(
                Rule(
                    need=dict(rule["need"]),
                    changes=frozenset(rule.get("changes", ())),
                    types=frozenset(map(ChartType, rule.get("types", ()))),
                    paths=tuple(rule.get("paths", ())),
                )
                for rule in told["rules"]
            ),
        )
    return Policy(**data.get("release", {}), approvals=approvals)


def mistakes(data: dict[str, Any]) -> Iterator[Mistake]:
    """Yield what no schema can find: groups that nobody knows, and names taken for others."""
    told = data.get("approvals", {"groups": {}, "rules": []})
    groups: dict[str, list[str]] = told["groups"]
    known: list[str] = []
    for group, members in groups.items():
        for at, principal in enumerate(members):
            path: tuple[str | int, ...] = ("approvals", "groups", group, at)
            if why := why_refused(principal):
                yield "CC813", path, f"`{principal}` {why}", "write an address of visible ASCII"
            elif other := look_alike(principal, known):
                hint = "write both alike if they are one, and give one of them another if not"
                yield "CC813", path, f"`{principal}` looks like `{other}`", hint
            known.append(principal)
    for index, rule in enumerate(told["rules"]):
        for group, number in rule["need"].items():
            path = ("approvals", "rules", index, "need", group)
            if group not in groups:
                hint = f"write one of {', '.join(groups)}"
                yield "CC814", path, f"there is no group `{group}`", hint
            elif number > len(groups[group]):
                told_of = f"`{group}` has {len(groups[group])}, and {number} are to approve"
                yield "CC814", path, told_of, f"write {len(groups[group])} or less"
