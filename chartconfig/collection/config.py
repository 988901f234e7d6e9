"""The collection config as values: what is collected, from which programs, at which rates.

These are the values that `compile` makes and `encode` writes. A counter's name stands here as
clients read it, several buckets collapsed into one name; `collapse` and `expand` go between the
two. What the values mean to an installation:

- It draws one number, uniform in [0, 1), for each weekly report, and compares every rate with that
  same number. So a counter is collected with the probability of its own rate, limited by the rate
  of the whole config, and the samples of different counters are nested.
- The report goes out if the number is at most the config's rate. A rate of 0 or less means that
  there is no limit.
- A counter or stack is kept if it is listed and the number is at most its rate. A rate of 0 or less
  means never.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Never, final

if TYPE_CHECKING:
    from collections.abc import Sequence


@final
class NullList(tuple[Never, ...]):
    """An empty list that is written as `null`, as Go writes a slice that was never made.

    It is empty and equals `()`, for that is what it means to a client. It exists so that a config
    that Go wrote keeps its bytes when it is decoded and encoded.
    """

    __slots__ = ()


NULL: Final = NullList()


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterConfig:
    """One counter, several that share a chart name and a rate, or one stack."""

    name: str
    """`chart:bucket`, `chart`, or collapsed `chart:{a,b}`; for a stack, its first line."""
    rate: float
    """Probability that an installation's weekly report has it, in (0, 1]."""
    depth: int = 0
    """Most frames in a stack; 0 for a counter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramConfig:
    """What is collected from one program."""

    name: str
    """The path of its main package, such as `golang.org/x/tools/gopls`."""
    versions: tuple[str, ...]
    """The versions it is collected from, exactly as installations report them, in order."""
    counters: tuple[CounterConfig, ...] = ()
    stacks: tuple[CounterConfig, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionConfig:
    """Everything that installations are asked to report."""

    goos: tuple[str, ...]
    """Operating systems, as Go names them; read by the server only, as is `goarch`."""
    goarch: tuple[str, ...]
    go_versions: tuple[str, ...]
    """Go versions that programs were built with, exactly as installations report them, in order."""
    sample_rate: float
    """Probability that an installation sends its weekly report at all, in (0, 1]."""
    programs: tuple[ProgramConfig, ...]


def expand(name: str) -> tuple[str, ...]:
    """Return the counters that a client reads in `name`, exactly as it does.

    The name is cut at the first `{`; what follows loses one `}` at its end and is split at commas.
    Nothing is trimmed and nothing nests. A stack's name is not expanded by clients.

    Source:
        golang.org/x/telemetry, internal/config, Expand.

    Examples:
        >>> expand("gopls/client:{vim,zed}")
        ('gopls/client:vim', 'gopls/client:zed')
        >>> expand("go/invocations")
        ('go/invocations',)
        >>> expand("odd:{ a,{b}}")
        ('odd: a', 'odd:{b}')
    """
    prefix, brace, rest = name.partition("{")
    if not brace:
        return (prefix,)
    return tuple(prefix + bucket for bucket in rest.removesuffix("}").split(","))


def collapse(chart_name: str, buckets: Sequence[str]) -> str:
    """Return the one name that stands for all `buckets` of `chart_name`.

    Args:
        chart_name: The counter's name before the colon.
        buckets: In the chart's order; none for a counter without buckets.

    Raises:
        ValueError: A client would not read the name back as these buckets, because of a brace or
            a comma in one of them.

    Examples:
        >>> collapse("gopls/client", ["vim", "zed"])
        'gopls/client:{vim,zed}'
        >>> collapse("gopls/client", ["vim"])
        'gopls/client:vim'
        >>> collapse("go/invocations", [])
        'go/invocations'
    """
    counters = tuple(f"{chart_name}:{bucket}" for bucket in buckets) or (chart_name,)
    name = counters[0] if len(counters) == 1 else f"{chart_name}:{{{','.join(buckets)}}}"
    if expand(name) != counters:
        raise ValueError(f"a brace or comma in {name!r} would be read as part of a list of buckets")
    return name
