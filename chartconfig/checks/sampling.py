"""Checks on what the accuracy of a chart asks of its population."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from chartconfig.charts.chart import ChartType
from chartconfig.charts.numbers import percent
from chartconfig.charts.target import FITTING, KINDS, has_rate, kind
from chartconfig.diagnostics.catalogue import report
from chartconfig.sampling.accuracy import Margin
from chartconfig.sampling.rounding import round_down, round_up
from chartconfig.source.yaml import locate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date

    from chartconfig.charts.chart import Chart
    from chartconfig.charts.repository import Repository
    from chartconfig.diagnostics.diagnostic import Diagnostic, Span
    from chartconfig.sampling.plan import Shortfall

_STALE = timedelta(days=366)
_MOST_WEEKS = 520  # as accuracy.schema.json has it
_MOST_INSTALLATIONS = 10**12  # as populations.schema.json has it


def accuracy_does_not_fit(repository: Repository) -> Iterator[Diagnostic]:
    """CC419 `accuracy-does-not-fit`: a kind that means nothing for the type of chart."""
    unfit = [chart for chart in repository.charts if not has_rate(chart)]
    for chart, span in _once(repository, unfit, kind):
        names = ", ".join(KINDS[fit] for fit in FITTING[chart.type])
        yield report(
            "CC419",
            f"`{kind(chart)}` means nothing for a {chart.type.value} chart",
            span,
            hint=f"a {chart.type.value} chart takes one of {names}",
        )


def needless_simultaneous(repository: Repository) -> Iterator[Diagnostic]:
    """CC416 `needless-simultaneous`: all of one bucket."""
    for chart in repository.charts:
        if (
            chart.has_own_accuracy
            and isinstance(chart.accuracy, Margin)
            and chart.accuracy.simultaneous
            and len(chart.counters[0].buckets) <= 1
        ):
            yield report(
                "CC416",
                "`simultaneous` says nothing of one bucket",
                locate(chart.document, "accuracy", "simultaneous"),
                hint="delete it",
            )


def needless_guaranteed(repository: Repository) -> Iterator[Diagnostic]:
    """CC422 `needless-guaranteed`: of shares, whose margin always is."""
    needless = [
        chart
        for chart in repository.charts
        if chart.type is not ChartType.RATIO
        and isinstance(chart.accuracy, Margin)
        and chart.accuracy.guaranteed
    ]
    for chart, span in _once(repository, needless, lambda _: "guaranteed"):
        yield report(
            "CC422",
            f"`guaranteed` says nothing of a {chart.type.value} chart, which has no mean",
            span,
            hint="delete it",
        )


def groups_above_whole(repository: Repository) -> Iterator[Diagnostic]:
    """CC423 `groups-above-whole`: more groups than there is room for."""
    above = [
        chart
        for chart in repository.charts
        if (chart.accuracy.groups or 0) * (chart.accuracy.smallest_group or 0) > 1
    ]
    for chart, span in _once(repository, above, lambda _: "groups"):
        groups, smallest = chart.accuracy.groups, chart.accuracy.smallest_group
        assert groups is not None
        assert smallest is not None
        yield report(
            "CC423",
            f"{groups} groups with {percent(smallest)} or more each are more than everybody",
            span,
            hint=f"lower `smallest_group` to {percent(round_down(Fraction(1, groups), digits=3))} "
            "or less, or count the groups again",
        )


def _once(
    repository: Repository, charts: Iterable[Chart], key: Callable[[Chart], str]
) -> Iterator[tuple[Chart, Span]]:
    """Yield where the accuracy of each chart has a key; a default is told once, where it stands."""
    told: set[Span] = set()
    for chart in charts:
        span = _accuracy_span(chart, key(chart))
        if not chart.has_own_accuracy:
            path = ("accuracy", chart.type.value, key(chart))
            span = locate(repository.collection.document, *path)
        if span not in told:
            told.add(span)
            yield chart, span


def expected_shares(repository: Repository) -> Iterator[Diagnostic]:
    """CC414, CC415, CC420: what is expected of each bucket, against what is asked."""
    for chart in repository.charts:
        for bucket, share in chart.expected_shares:
            where = locate(chart.document, "expected_shares", bucket)
            if bucket not in chart.counters[0].buckets:
                yield report(
                    "CC415",
                    f"`{bucket}` is none of the buckets",
                    where,
                    hint="write one of them, or delete the entry",
                )
            elif isinstance(chart.accuracy, Margin) and share < chart.accuracy.margin:
                yield report(
                    "CC414",
                    f"`{bucket}` is expected in {percent(share)} of installations, less than the "
                    f"margin of {percent(chart.accuracy.margin)}: 0 would be as good an answer",
                    where,
                    hint="narrow the margin, or ask for `detect` or `relative_margin`",
                )
        total = sum((share for _, share in chart.expected_shares), Fraction(0))
        if chart.exclusive and total > 1:
            yield report(
                "CC420",
                f"the shares expected of exclusive buckets add up to {percent(total)}",
                locate(chart.document, "expected_shares"),
                hint="lower them to at most 100% together, or delete `exclusive`",
            )


def margin_below_one_installation(repository: Repository) -> Iterator[Diagnostic]:
    """CC413 `margin-below-one-installation`: finer than the population itself."""
    for chart in repository.charts:
        if not isinstance(chart.accuracy, Margin) or chart.type is ChartType.RATIO:
            continue  # a mean moves in steps of any size
        low = repository.population(chart).low
        weeks = low * chart.accuracy.weeks
        if 0 < chart.accuracy.margin * weeks < 1:
            yield report(
                "CC413",
                f"a margin of {percent(chart.accuracy.margin)} is less than one of "
                f"{low:,} installations",
                _accuracy_span(chart, "margin"),
                hint=f"widen it to {percent(round_up(1 / weeks, digits=3))} or more"
                if weeks > 1
                else "pool more weeks",
            )


def adoption_unknown(repository: Repository) -> Iterator[Diagnostic]:
    """CC421 `adoption-unknown`: a counter newer than every version whose share is known."""
    for chart in repository.charts:
        program = repository.program(chart)
        adoption = repository.estimates[program.population].adoption
        if chart.since is None or not adoption:
            continue
        key = program.scheme.sort_key
        if program.since is not None and key(chart.since) <= key(program.since):
            continue
        if all(key(version) < key(chart.since) for version, _ in adoption):
            yield report(
                "CC421",
                f"populations.yaml does not say which share of `{program.population}` has "
                f"{chart.since} or newer",
                locate(chart.document, "since"),
                hint=f"add `{chart.since}` to `adoption`; until then the share of the newest "
                "version there is used, which is too large",
                related=(
                    (
                        locate(repository.populations_document, program.population, "adoption"),
                        "the known shares",
                    ),
                ),
            )


def population_age(repository: Repository, on: date) -> Iterator[Diagnostic]:
    """CC417 `stale-population`, CC418 `population-from-the-future`."""
    for key, estimate in repository.estimates.items():
        if on - estimate.as_of > _STALE:
            code, message = "CC417", f"the estimate of `{key}` is of {estimate.as_of}"
            hint = "estimate it again; rates are only as good as the population"
        elif estimate.as_of > on:
            code, message = "CC418", f"the estimate of `{key}` is of {estimate.as_of}, after {on}"
            hint = "write the day for which the estimate was made"
        else:
            continue
        span = locate(repository.populations_document, key, "as_of")
        yield report(code, message, span, hint=hint)


def shortfalls(
    repository: Repository, charts: Iterable[tuple[Chart, Shortfall | None]]
) -> Iterator[Diagnostic]:
    """CC408, CC410, CC411, CC412: what the limits do not allow, and what was accepted in vain."""
    for chart, shortfall in charts:
        if shortfall is None:
            if chart.shortfall_accepted:
                yield report(
                    "CC412",
                    "`shortfall: accept` stands where the target is met",
                    locate(chart.document, "shortfall"),
                    hint="delete it",
                )
            continue
        message = _needs(chart, repository, shortfall)
        if chart.shortfall_accepted:
            yield report(
                "CC411",
                f"{message}; it is accepted",
                locate(chart.document, "shortfall"),
                hint=_reached(chart, shortfall),
            )
        else:
            yield report(
                "CC410" if shortfall.binding == "max_reports_per_year" else "CC408",
                message,
                _accuracy_span(chart, kind(chart)),
                hint=_ways_out(chart, repository.adoption(chart), shortfall),
            )


def _ways_out(chart: Chart, adoption: Fraction, shortfall: Shortfall) -> str:
    """Return what would make the target one that can be met, as far as a file can say it."""
    ways = []
    if shortfall.reachable is not None:
        ways.append(f"ask for `{kind(chart)}: {percent(shortfall.reachable)}`")
    if shortfall.weeks is not None and shortfall.weeks <= _MOST_WEEKS:
        ways.append(f"pool `weeks: {shortfall.weeks}`")
    low = None if shortfall.population is None else ceil(shortfall.population / adoption)
    if low is not None and low <= _MOST_INSTALLATIONS:
        ways.append(f"have {low:,} installations at `low`")
    ways.append("or say `shortfall: accept`" if ways else "say `shortfall: accept`")
    return ", ".join(ways)


def _needs(chart: Chart, repository: Repository, short: Shortfall) -> str:
    low = repository.population(chart).low
    what = (
        f"{kind(chart).replace('_', ' ')} {_value(chart)} at {percent(chart.accuracy.confidence)}"
    )
    limit = (
        f"the cap is {percent(short.limit)}"
        if short.binding == "cap"
        else f"max_reports_per_year allows {percent(short.limit)}"
    )
    if short.required is None:
        return f"{what} cannot be had from {low:,} installations at any rate"
    return f"{what} needs a rate of {short.required:.4g} from {low:,} installations, and {limit}"


def _reached(chart: Chart, shortfall: Shortfall) -> str:
    if shortfall.reachable is None:
        return "no margin at all can be promised"
    return f"what is promised is {kind(chart)} {percent(shortfall.reachable)}"


def _value(chart: Chart) -> str:
    return percent(getattr(chart.accuracy, kind(chart)))


def _accuracy_span(chart: Chart, key: str) -> Span:
    """Return where the chart says it, or its type, whose default it is."""
    if chart.has_own_accuracy:
        return locate(chart.document, "accuracy", key)
    return locate(chart.document, "type")


CHECKS = (
    accuracy_does_not_fit,
    needless_simultaneous,
    needless_guaranteed,
    groups_above_whole,
    expected_shares,
    margin_below_one_installation,
    adoption_unknown,
)
