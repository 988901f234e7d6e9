"""CODEOWNERS: who is asked to look at a change of a chart, from the owners that charts name.

    * @golang/telemetry

    # chartconfig codeowners: begin, from the owners of the charts
    /configs/charts/gopls/client.yaml @golang/tools
    /configs/charts/gopls/package-loader.yaml @golang/tools ana@example.org
    # chartconfig codeowners: end

Of the lines that match a path the last one counts. What stands outside of the two marks belongs to
people and is kept as it is; where there are no marks yet, the part between them goes to the end.
Owners of a chart are written as CODEOWNERS has them: handles, teams, and mail addresses.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Final

from chartconfig.diagnostics.catalogue import report
from chartconfig.diagnostics.diagnostic import Position, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chartconfig.charts.chart import Chart
    from chartconfig.diagnostics.diagnostic import Diagnostic

NAMES: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where platforms look for it; the first that is there counts."""

_MARK: Final = "# chartconfig codeowners: "
_BEGIN: Final = f"{_MARK}begin, from the owners of the charts"
_END: Final = f"{_MARK}end"


def with_owners(text: str | None, charts: Iterable[Chart], *, folder: str = "") -> str:
    r"""Return the file with the owners that the charts name.

    Args:
        text: What it says so far; None where there is none yet.
        charts: All charts.
        folder: Where the config repository is in that of git, with a last slash; "" for all of it.

    Examples:
        >>> print(with_owners("* @all\n", []), end="")
        * @all
        <BLANKLINE>
        # chartconfig codeowners: begin, from the owners of the charts
        # chartconfig codeowners: end
    """
    lines = (text or "").splitlines()
    part = [_BEGIN, *_lines(charts, folder), _END]
    begin, end = _marks(lines)
    if begin is None:
        before, after = [*lines, *([""] if lines and lines[-1] else [])], []
    else:
        before, after = lines[:begin], lines[len(lines) if end is None else end + 1 :]
    return "\n".join([*before, *part, *after]) + "\n"


def outdated(
    text: str, charts: Iterable[Chart], *, path: str, folder: str = "", marked: bool = False
) -> Iterator[Diagnostic]:
    """CC610 `outdated-codeowners`: yield it where the marked part of a file is another one.

    Args:
        text: The file; one without marks is none of ours.
        charts: All charts.
        path: Where it is.
        folder: As above.
        marked: Whether it should be one of ours.
    """
    lines = text.splitlines()
    begin, end = _marks(lines)
    if begin is None:
        if not marked:
            return
        begin, end = 0, -1
    wanted = [_BEGIN, *_lines(charts, folder), _END]
    found = lines[begin : len(lines) if end is None else end + 1]
    if found == wanted:
        return
    alike = sum(
        1 for _ in takewhile(lambda both: both[0] == both[1], zip(found, wanted, strict=False))
    )
    number = min(begin + alike, max(len(lines) - 1, 0))
    width = len(lines[number]) if lines else 0
    start, stop = Position(number + 1, 1), Position(number + 1, width + 1)
    yield report(
        "CC610",
        f"{path} does not name the owners of the charts as they are now",
        Span(path, start, stop),
        hint=f"chartconfig codeowners -o {path}",
    )


def _lines(charts: Iterable[Chart], folder: str) -> Iterator[str]:
    for chart in charts:
        yield f"/{folder}{chart.document.path} {' '.join(chart.owners)}"


def _marks(lines: list[str]) -> tuple[int | None, int | None]:
    """Return at which lines the marked part begins and ends, as far as it does."""
    begin = next((at for at, line in enumerate(lines) if line.startswith(f"{_MARK}begin")), None)
    if begin is None:
        return None, None
    end = (at for at, line in enumerate(lines) if at > begin and line.startswith(_END))
    return begin, next(end, None)
