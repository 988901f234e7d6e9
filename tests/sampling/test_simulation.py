"""Simulated fleets: against exact enumeration, against one another, and what is said of them."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import product
from math import ceil, sqrt
from typing import Any

import numpy as np
import pytest
from scipy import stats

from chartconfig.sampling.accuracy import (
    Accuracy,
    Change,
    Detect,
    DistributionMargin,
    Margin,
    RelativeMargin,
)
from chartconfig.sampling.fleets import Case, Study, Truth, truths, worst_share
from chartconfig.sampling.installations import simulate_each
from chartconfig.sampling.required import Question, required_rate
from chartconfig.sampling.simulation import (
    Outcome,
    Verdict,
    error_rate,
    fleets_needed,
    lowered_coverage,
    simulate,
)

FLEETS = 20_000
CONFIDENCE = Fraction(95, 100)


def accuracy(kind: type[Any], **keys: object) -> Any:  # noqa: ANN401 - of the kind that is asked
    fractions = {k: Fraction(v) if isinstance(v, str) else v for k, v in keys.items()}
    return kind(**{"confidence": CONFIDENCE, **fractions})


def case(
    promise: Accuracy, installations: int, *held: float, counted: float | None = None, **keys: bool
) -> Case:
    """Return a case in which all that counts is shown, unless `counted` says otherwise."""
    study = Study(accuracy=promise, held=held, counted=counted or max(held), **keys)
    return Case(study=study, installations=installations)


def histogram(promise: Accuracy, installations: int, *held: float) -> Case:
    study = Study(accuracy=promise, held=held, counted=None, exclusive=True)
    return Case(study=study, installations=installations)


def coverage(carriers: int, others: int, rate: float, margin: float) -> float:
    """Return the probability that a share is met, summed over every outcome."""
    counts = np.arange(carriers + 1)[:, None], np.arange(others + 1)[None, :]
    chance = stats.binom.pmf(counts[0], carriers, rate) * stats.binom.pmf(counts[1], others, rate)
    reports = counts[0] + counts[1]
    off = np.abs(counts[0] / np.maximum(reports, 1) - carriers / (carriers + others))
    return float(chance[(off <= margin + 1e-12) & (reports > 0)].sum())


def agree(outcome: Outcome, expected: float) -> None:
    """Check a coverage against a probability: five standard deviations are allowed."""
    allowed = 5 * sqrt(expected * (1 - expected) / outcome.fleets) + 1e-9
    assert outcome.coverage == pytest.approx(expected, abs=allowed), outcome


def named(outcomes: tuple[Outcome, ...], name: str) -> Outcome:
    (found,) = (outcome for outcome in outcomes if outcome.truth == name)
    return found


class TestAgainstEnumeration:
    @pytest.mark.parametrize(("rate", "margin"), [(0.1, "0.1"), (0.3, "0.05"), (0.02, "0.2")])
    def test_a_share(self, rate: float, margin: str) -> None:
        asked = case(accuracy(Margin, margin=margin, weeks=3), 100, rate)
        found = simulate(asked, fleets=FLEETS)
        of_names = {truth.name: truth for truth in truths(asked)}
        for name in ("worst share", "worst share, changing"):
            ((_, carriers),) = of_names[name].arcs
            agree(
                named(found, name),
                coverage(carriers, 300 - carriers, rate, float(Fraction(margin))),
            )
        agree(named(found, "everybody"), 1 - (1 - rate) ** 300)

    def test_a_small_share_to_a_part_of_itself(self) -> None:
        asked = case(
            accuracy(RelativeMargin, relative_margin="0.5", smallest_share="0.1"), 300, 0.2
        )
        found = named(simulate(asked, fleets=FLEETS), "smallest share")
        ((_, carriers),) = truths(asked)[0].arcs
        agree(found, coverage(carriers, 300 - carriers, 0.2, 0.5 * carriers / 300))

    def test_something_rare(self) -> None:
        asked = case(accuracy(Detect, detect="0.015", reports=3, weeks=4), 200, 0.3)
        (found,) = simulate(asked, fleets=FLEETS)
        agree(found, float(stats.binom.sf(2, 3 * 4, 0.3)))

    @pytest.mark.parametrize("margin", ["0.2", "0.35"])
    def test_different_values(self, margin: str) -> None:
        """Of twelve installations, every set that may report."""
        promise = accuracy(DistributionMargin, distribution_margin=margin)
        expected = 0.0
        for reporting in product([0, 1], repeat=12):
            if reports := sum(reporting):
                shares = np.cumsum(reporting) / reports
                off = np.abs(shares - np.arange(1, 13) / 12).max()
                chance = 0.4**reports * 0.6 ** (12 - reports)
                expected += chance * (off <= float(Fraction(margin)) + 1e-12)
        (found,) = simulate(case(promise, 12, 0.4, continuous=True), fleets=FLEETS)
        agree(found, expected)

    def test_a_distribution_over_two_buckets_is_a_share(self) -> None:
        promise = accuracy(DistributionMargin, distribution_margin="0.1")
        found = simulate(histogram(promise, 200, 0.2, 0.2), fleets=FLEETS)
        agree(named(found, "equal buckets"), coverage(100, 100, 0.2, 0.1))

    def test_two_exclusive_shares_at_once(self) -> None:
        promise = accuracy(Margin, margin="0.1", simultaneous=True)
        found = simulate(case(promise, 200, 0.2, 0.2, exclusive=True), fleets=FLEETS)
        agree(named(found, "equal buckets"), coverage(100, 100, 0.2, 0.1))

    def test_a_change(self) -> None:
        """In both periods a few report, and every outcome is tested as `change` says."""
        promise = accuracy(Change, change="0.5", power="0.9")
        asked = case(promise, 20, 0.7)
        found = simulate(asked, fleets=FLEETS)
        z = stats.norm.isf(0.025)
        for outcome, truth in zip(found, truths(asked), strict=True):
            ((_, before),), ((_, after),) = truth.arcs, truth.later
            outcomes = [
                [
                    (stats.binom.pmf(k, m, 0.7) * stats.binom.pmf(j, 20 - m, 0.7), k, k + j)
                    for k in range(m + 1)
                    for j in range(21 - m)
                ]
                for m in (before, after)
            ]
            told = sum(
                p * q
                for (p, k, n), (q, j, m) in product(*outcomes)
                if min(n, m) > 1
                and abs(k / n - j / m) >= z * sqrt(0.3 / 4 * (1 / (n - 1) + 1 / (m - 1)))
            )
            agree(outcome, float(told if before != after else 1 - told))


class TestWhatIsLost:
    """Reports that count for a chart and do not show what the installation holds."""

    def test_a_bucket_that_is_reported_less_often(self) -> None:
        promise = accuracy(Margin, margin="0.1")
        found = simulate(case(promise, 200, 0.15, counted=0.2), fleets=FLEETS)
        shown = stats.binom.pmf(np.arange(201), 200, 0.15)
        more = [stats.binom.pmf(np.arange(201), 200 - k, 0.05 / 0.85) for k in range(201)]
        expected = sum(
            shown[k] * more[k][j]
            for k in range(1, 201)
            for j in range(201 - k)
            if j / (k + j) <= 0.1 + 1e-12
        )
        agree(named(found, "everybody"), float(expected))

    @pytest.mark.parametrize("counted", [0.2, None])
    def test_a_bucket_that_is_not_reported_at_all(self, counted: float | None) -> None:
        promise = accuracy(Margin, margin="0.1")
        study = Study(accuracy=promise, held=(0.2, 0.0, 0.2), counted=counted, exclusive=True)
        found = simulate(Case(study=study, installations=500), fleets=100)
        assert min(outcome.coverage for outcome in found) == 0

    def test_a_numerator(self) -> None:
        promise = accuracy(DistributionMargin, distribution_margin="0.1")
        (whole,) = simulate(case(promise, 2000, 0.3, continuous=True), fleets=100)
        (lost,) = simulate(case(promise, 2000, 0.2, counted=0.3, continuous=True), fleets=100)
        (none,) = simulate(case(promise, 2000, 0.0, counted=0.3, continuous=True), fleets=100)
        assert whole.coverage > 0.99
        assert lost.coverage == 0  # a third of the values is taken for the least
        assert none.coverage == 0

    def test_everything(self) -> None:
        for promise in KINDS:
            found = simulate(case(promise, 100, 0.0, counted=0.0), fleets=10)
            assert found[0].coverage == 0

    def test_nothing_where_only_one_bucket_counts(self) -> None:
        for promise in KINDS:
            found = simulate(histogram(promise, 3000, 0.5), fleets=100)
            assert min(outcome.coverage for outcome in found) == 1

    def test_everybody(self) -> None:
        for promise in KINDS:
            (found,) = simulate(case(promise, 0, 0.1), fleets=10)
            assert (found.truth, found.coverage) == ("nobody", 0)


KINDS: list[Accuracy] = [
    accuracy(Margin, margin="0.1", weeks=2),
    accuracy(Margin, margin="0.1", simultaneous=True),
    accuracy(RelativeMargin, relative_margin="0.5", smallest_share="0.1", weeks=2),
    accuracy(Detect, detect="0.01", reports=2, weeks=3),
    accuracy(DistributionMargin, distribution_margin="0.1", weeks=2),
    accuracy(Change, change="0.1", power="0.9", weeks=2),
]


@cache
def engines() -> tuple[tuple[Case, tuple[Outcome, ...], tuple[Outcome, ...]], ...]:
    """Return cases that share fleets drawn one installation at a time, and both engines' outcomes.

    Some lose reports: in those, one bucket is shown less often than it counts.
    """
    cases = [
        *(case(promise, 150, 0.1, 0.1, 0.1) for promise in KINDS),
        *(case(promise, 130, 0.1, 0.07, 0.1, exclusive=True) for promise in KINDS),
        *(histogram(promise, 140, 0.12, 0.12, 0.1) for promise in KINDS),
        case(KINDS[4], 700, 0.1, continuous=True),
        case(KINDS[4], 700, 0.09, counted=0.1, continuous=True),
    ]
    each = simulate_each(cases, fleets=1500, seed=1)
    return tuple(
        (asked, outcomes, simulate(asked, fleets=FLEETS))
        for asked, outcomes in zip(cases, each, strict=True)
    )


class TestEngines:
    def test_agree_in_distribution(self) -> None:
        compared = 0
        for asked, each, counts in engines():
            assert [outcome.truth for outcome in each] == [outcome.truth for outcome in counts]
            for one, other in zip(each, counts, strict=True):
                assert (one.promised, one.comparisons) == (other.promised, other.comparisons)
                p = (one.held + other.held) / (one.fleets + other.fleets)
                spread = sqrt(p * (1 - p) * (1 / one.fleets + 1 / other.fleets))
                # the worst of some buckets is lower by chance where fewer fleets are drawn
                allowed = (4.5 + one.comparisons) * spread
                assert abs(one.coverage - other.coverage) <= allowed, (asked, one, other)
                compared += 0 < p < 1
        assert compared > 40

    def test_draw_different_values_alike_where_few_cells_are_drawn_at_first(self) -> None:
        """The one draws halves of cells where they matter, the other every installation."""
        promise = accuracy(DistributionMargin, distribution_margin="0.05")
        asked = case(promise, 20_000, 0.037, continuous=True)
        ((each,),) = simulate_each([asked], fleets=400)
        (counts,) = simulate(asked, fleets=FLEETS)
        assert each.coverage == pytest.approx(counts.coverage, abs=0.055)
        # The asymptotic distribution of Kolmogorov's statistic, with n/(1 - r) for n.
        limit = float(stats.kstwobign.cdf(0.05 * sqrt(20_000 * 0.037 / 0.963)))
        assert counts.coverage == pytest.approx(limit, abs=0.006)

    def test_are_told_apart_from_one_that_forgets_the_finite_population(self) -> None:
        """A check of the check: at r = .1 the difference is plain."""
        promise = accuracy(DistributionMargin, distribution_margin="0.05")
        (counts,) = simulate(case(promise, 8_000, 0.1, continuous=True), fleets=FLEETS)
        without = float(stats.kstwobign.cdf(0.05 * sqrt(800)))
        assert counts.coverage > without + 0.006

    def test_repeat_themselves_with_one_seed_only(self) -> None:
        asked = case(KINDS[0], 200, 0.1)
        assert simulate(asked, fleets=1000) == simulate(asked, fleets=1000)
        assert simulate(asked, fleets=1000) != simulate(asked, fleets=1000, seed=1)
        each = [simulate_each([asked], fleets=500, seed=seed) for seed in (0, 0, 1)]
        assert each[0] == each[1] != each[2]

    def test_tell_how_far_they_are(self) -> None:
        told: list[float] = []
        simulate_each([case(KINDS[0], 150_000, 0.1)], fleets=10, advance=told.append)
        assert told == sorted(told)
        assert (len(told), told[-1]) == (ceil(150_000 * 2 * 10 / 2**20), 1)

    def test_take_populations_beyond_all_bounds(self) -> None:
        for promise in KINDS:
            for truth in simulate(case(promise, 10**12, 1e-9), fleets=20):
                assert 0 <= truth.coverage <= 1


class TestTruths:
    def test_hold_the_share_that_is_covered_worst(self) -> None:
        for margin, rate in (("0.1", 0.1), ("0.05", 0.3), ("0.03", 0.6)):
            promise = accuracy(Margin, margin=margin)
            places = range(151)
            covered = [coverage(m, 150 - m, rate, float(Fraction(margin))) for m in places]
            chosen = covered[worst_share(promise, rate=rate, size=150)]
            assert chosen <= min(covered) + 2e-3

    def test_hold_the_smallest_share_that_is_covered_worst(self) -> None:
        promise = accuracy(RelativeMargin, relative_margin="0.3", smallest_share="0.1")
        covered = {m: coverage(m, 200 - m, 0.5, 0.3 * m / 200) for m in range(20, 201)}
        assert covered[worst_share(promise, rate=0.5, size=200)] <= min(covered.values()) + 2e-3

    @pytest.mark.parametrize("weeks", [1, 2, 13])
    @pytest.mark.parametrize("promise", KINDS)
    def test_persist_in_whole_installations(self, promise: Accuracy, weeks: int) -> None:
        from dataclasses import replace

        asked = replace(promise, weeks=weeks)
        for truth in truths(case(asked, 1000, 0.1, 0.1, 0.1, exclusive=True)):
            if truth.persistent:
                arcs = (*truth.arcs, *truth.later)
                assert all(end % weeks == 0 for start, held in arcs for end in (start, held))

    @pytest.mark.parametrize("promise", KINDS)
    def test_give_each_installation_one_bucket_where_buckets_exclude_each_other(
        self, promise: Accuracy
    ) -> None:
        def held_once(truth: Truth) -> bool:
            at = np.zeros(truth.size, dtype=int)
            for start, held in truth.arcs:
                at[start : start + held] += 1
            return bool((at == 1).all())

        asked = case(promise, 100, 0.1, 0.1, 0.1, exclusive=True)
        assert all(held_once(truth) for truth in truths(asked) if truth.arcs)

    def test_overlap_where_all_buckets_at_once_have_the_worst_share(self) -> None:
        promise = accuracy(Margin, margin="0.1", simultaneous=True)
        worst, *_ = truths(case(promise, 900, 0.1, 0.1, 0.1))
        lengths = {held for _, held in worst.arcs}
        assert lengths == {worst_share(promise, rate=0.1, size=900)}
        assert {start for start, _ in worst.arcs} == {0, 300, 600}

    def test_show_every_probability_among_the_buckets(self) -> None:
        promise = accuracy(Detect, detect="0.1", reports=1)
        rare = case(promise, 100, 0.1, 0.1, 0.0, 0.1)
        found = simulate(rare, fleets=100)
        assert [outcome.coverage > 0 for outcome in found] == [True, False]


def noticed(promised: float, lowered: float) -> float:
    """Return how surely the fleets that are asked for tell that a promise holds less often."""
    error = 1e-6
    fleets = fleets_needed(promised, lowered, error)
    kept = stats.binom.ppf(error, fleets, promised)  # fewer are too rare to be chance
    return float(stats.binom.cdf(kept - 1, fleets, lowered))


class TestVerdicts:
    @pytest.mark.parametrize(("held", "fleets"), [(0, 10), (3, 40), (950, 1000), (94_000, 100_000)])
    @pytest.mark.parametrize("error", [0.025, 1e-6])
    def test_have_exact_intervals(self, held: int, fleets: int, error: float) -> None:
        outcome = Outcome(truth="", promised=0.5, held=held, fleets=fleets, lowered=0.4)
        low = stats.beta.ppf(error, held, fleets - held + 1) if held else 0.0
        high = stats.beta.isf(error, held + 1, fleets - held)
        width = 1 / fleets
        assert outcome.interval(error) == pytest.approx((low, high), abs=1e-4 * width + 1e-6)

    def test_that_a_promise_is_broken_are_exact_tests(self) -> None:
        error = 1e-4
        for held in range(900, 951):
            broken = Outcome(truth="", promised=0.95, held=held, fleets=1000, lowered=0.94).verdict(
                error
            )
            expected = stats.binom.cdf(held, 1000, 0.95) < error
            assert (broken is Verdict.BROKEN) == expected

    def test_say_when_there_were_too_few_fleets(self) -> None:
        def verdict(held: int, fleets: int) -> Verdict:
            return Outcome(truth="", promised=0.95, held=held, fleets=fleets, lowered=0.94).verdict(
                1e-6
            )

        assert verdict(95, 100) is Verdict.UNTOLD
        assert verdict(0, 100) is Verdict.BROKEN
        assert verdict(4_990, 5_000) is Verdict.KEPT  # far above what was promised
        assert verdict(95_000, 100_000) is Verdict.KEPT
        assert verdict(94_600, 100_000) is Verdict.BROKEN

    @pytest.mark.parametrize("confidence", ["0.8", "0.95", "0.99"])
    def test_notice_a_margin_that_has_five_percent_too_few(self, confidence: str) -> None:
        level = float(Fraction(confidence))
        margin = accuracy(Margin, margin="0.01", confidence=confidence)
        z = stats.norm.isf((1 - level) / 2)
        lower = 2 * stats.norm.cdf(z * sqrt(0.95)) - 1
        assert lowered_coverage(margin, promised=level) == pytest.approx(lower, abs=1e-9)
        assert noticed(level, lower) == pytest.approx(0.9, abs=0.01)

    @pytest.mark.parametrize("reports", [1, 2, 5])
    @pytest.mark.parametrize("confidence", ["0.9", "0.99"])
    def test_notice_what_is_detected_with_five_percent_too_few(
        self, reports: int, confidence: str
    ) -> None:
        level = float(Fraction(confidence))
        rare = accuracy(Detect, detect="0.01", reports=reports, confidence=confidence)
        expected = stats.gamma.ppf(level, reports)  # reports of which fewer come in so rarely
        lower = stats.poisson.sf(reports - 1, 0.95 * expected)
        assert lowered_coverage(rare, promised=level) == pytest.approx(lower, abs=1e-5)
        assert noticed(level, lower) == pytest.approx(0.9, abs=0.01)

    @pytest.mark.parametrize("power", ["0.8", "0.9"])
    def test_notice_a_change_with_five_percent_too_few(self, power: str) -> None:
        promise, level = accuracy(Change, change="0.05", power=power), float(Fraction(power))
        z = stats.norm.isf(0.025)
        lower = stats.norm.cdf((z + stats.norm.ppf(level)) * sqrt(0.95) - z)
        assert lowered_coverage(promise, promised=level) == pytest.approx(lower, abs=1e-9)
        assert noticed(level, lower) == pytest.approx(0.9, abs=0.01)
        as_margin = lowered_coverage(accuracy(Margin, margin="0.05"), promised=0.95)
        assert lowered_coverage(promise, promised=0.95) == as_margin

    @pytest.mark.parametrize(
        ("promise", "kept", "broken"),
        [
            (accuracy(Margin, margin="0.05"), 0.95, 0.944),
            (accuracy(Detect, detect="0.01", reports=5), 0.95, 0.934),
            (accuracy(Change, change="0.05", power="0.8"), 0.8, 0.78),
        ],
    )
    def test_lower_rates_as_fleets_do(self, promise: Accuracy, kept: float, broken: float) -> None:
        rate = required_rate(Question(accuracy=promise), installations=100_000)
        assert rate is not None
        for factor, expected in ((1, kept), (0.95, broken)):
            worst, *_ = simulate(case(promise, 100_000, factor * rate), fleets=50_000)
            assert worst.coverage == pytest.approx(expected, abs=0.004)
            assert worst.lowered == pytest.approx(broken, abs=0.001)

    def test_survive_a_confidence_that_leaves_next_to_nothing(self) -> None:
        promised = 1 - 2**-53
        assert fleets_needed(promised, promised, 1e-6) > 10**9

    def test_survive_a_power_that_no_report_adds_to(self) -> None:
        promise = accuracy(Change, change="0.05", power="0.025")
        assert lowered_coverage(promise, promised=0.025) < 0.025

    def test_share_the_error_of_a_whole_run(self) -> None:
        outcome = Outcome(truth="", promised=0.5, held=1, fleets=2, comparisons=4, lowered=0.4)
        assert error_rate([outcome] * 25) == pytest.approx(0.001 / 100)
        assert error_rate([]) == 0.001

    def test_do_not_flag_by_chance(self) -> None:
        """A thousand runs of forty promises that just hold: one is expected to be flagged."""
        rng = np.random.default_rng(3)
        held = rng.binomial(1000, 0.95, size=(1000, 40))
        flagged = sum(
            Outcome(truth="", promised=0.95, held=int(least), fleets=1000, lowered=0.94).verdict(
                0.001 / 40
            )
            is Verdict.BROKEN
            for least in held.min(axis=1)
        )
        assert flagged <= 5

    def test_of_power_and_of_confidence_are_of_their_own(self) -> None:
        promise = accuracy(Change, change="0.1", power="0.8")
        assert [o.promised for o in simulate(case(promise, 50, 0.1), fleets=10)] == [0.8, 0.8, 0.95]

    def test_of_nobody_promise_what_was_asked(self) -> None:
        (found,) = simulate(case(KINDS[0], 0, 0.1), fleets=10)
        assert (found.truth, found.promised, found.held) == ("nobody", 0.95, 0)

    def test_are_not_said_of_what_is_exactly_as_likely_as_an_error(self) -> None:
        for held in (0, 1):  # of one fleet, each with a probability of one half
            outcome = Outcome(truth="", promised=0.5, held=held, fleets=1, lowered=0.4)
            assert outcome.verdict(0.5) is Verdict.UNTOLD

    def test_need_no_more_fleets_than_are_needed(self) -> None:
        fleets = fleets_needed(0.95, 0.94, 1e-6)
        for drawn, expected in ((fleets, Verdict.KEPT), (fleets - 1, Verdict.UNTOLD)):
            outcome = Outcome(
                truth="", promised=0.95, held=int(0.95 * drawn), fleets=drawn, lowered=0.94
            )
            assert outcome.verdict(1e-6) is expected
