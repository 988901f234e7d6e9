"""A repository under assumptions, and what the pipeline makes of it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from chartconfig.charts.what_if import Assumptions, ask, assume, between, keeps_margin
from chartconfig.diagnostics.diagnostic import Severity
from chartconfig.pipeline import Planned, check, what_if
from chartconfig.sampling.accuracy import Detect, DistributionMargin, Margin
from chartconfig.sampling.population import Population
from tests.scenarios.repository import BASE, CLIENT, TODAY, Files, documents, with_keys

if TYPE_CHECKING:
    from chartconfig.charts.chart import Chart
    from chartconfig.charts.repository import Repository

COLLECTION = "configs/collection.yaml"
PERCENT = Fraction(1, 100)


def planned(files: Files = BASE) -> Planned:
    found = check(documents(files), on=TODAY).planned
    assert found is not None
    return found


def chart(name: str, found: Planned | None = None) -> Chart:
    return next(each for each in (found or planned()).charts if each.id == name)


def lows(repository: Repository) -> dict[str, int]:
    return {each.id: repository.population(each).low for each in repository.charts}


class TestPopulations:
    def test_of_a_program_leave_others_alone_that_share_its_entry(self) -> None:
        assumed = assume(
            planned().repository, Assumptions(populations=(("go", between(7000, 7000)),))
        )
        assert lows(assumed) == {
            "compile/bug": 500_000,  # populations.yaml has it under go, too
            "go/cache-miss-rate": 7000,
            "go/gopath-mode": 7000,
            "gopls/client": 300_000,
            "gopls/package-loader": 300_000,
        }

    def test_of_a_key_that_is_no_program_are_those_of_all_that_share_it(self) -> None:
        files = with_keys(BASE, "configs/programs/go.yaml", "population: toolchain\n")
        files = {
            path: data.replace(b"population: go\n", b"population: toolchain\n")
            if "programs" in path
            else data.replace(b"\ngo:", b"\ntoolchain:")
            if path.endswith("populations.yaml")
            else data
            for path, data in files.items()
        }
        both = (("toolchain", between(9000, 9000)), ("go", between(7000, 7000)))
        for populations in (both, both[::-1]):
            assumed = assume(planned(files).repository, Assumptions(populations=populations))
            assert [lows(assumed)[each] for each in ("compile/bug", "go/gopath-mode")] == [
                9000,
                7000,
            ]

    def test_are_those_of_all_versions(self) -> None:
        entry = (
            "gopls:\n  low: 1000\n  likely: 2000\n  high: 4000\n  as_of: 2026-06-01\n"
            "  source: a survey\n  adoption: {v0.16.0: 80%}\n"
        )
        found = planned(with_keys(BASE, "configs/populations.yaml", entry)).repository
        assumed = assume(found, Assumptions(populations=(("gopls", between(500, 500)),)))
        assert lows(found)["gopls/client"] == 800
        assert lows(assumed)["gopls/client"] == 400
        assert lows(assumed)["gopls/package-loader"] == 500

    @pytest.mark.parametrize(
        ("low", "likely", "high"),
        [(100, 300, 900), (5, 5, 5), (10, 14, 20), (1, 10**6, 10**12)],  # 14.14 is rounded down
    )
    def test_between_two_numbers_have_their_geometric_mean(
        self, low: int, likely: int, high: int
    ) -> None:
        assert between(low, high) == Population(low=low, likely=likely, high=high)


class TestAccuracy:
    def test_margin_takes_the_place_of_any_margin(self) -> None:
        two = Assumptions(margin=2 * PERCENT)
        assert ask(chart("gopls/client"), two).accuracy == Margin(
            margin=2 * PERCENT, confidence=99 * PERCENT
        )
        assert ask(chart("go/gopath-mode"), two).accuracy == DistributionMargin(
            distribution_margin=2 * PERCENT, confidence=95 * PERCENT
        )

    def test_what_has_no_margin_keeps_what_it_has(self) -> None:
        bug = chart("compile/bug")
        assert ask(bug, Assumptions(margin=2 * PERCENT)) == bug
        assert keeps_margin(bug, Assumptions(margin=2 * PERCENT))
        assert not keeps_margin(bug, Assumptions(confidence=2 * PERCENT))
        assert not keeps_margin(chart("gopls/client"), Assumptions(margin=2 * PERCENT))

    def test_confidence_is_for_every_kind(self) -> None:
        assumed = Assumptions(confidence=90 * PERCENT, margin=2 * PERCENT)
        assert ask(chart("compile/bug"), assumed).accuracy == Detect(
            detect=PERCENT / 10, reports=5, confidence=90 * PERCENT
        )
        assert ask(chart("gopls/client"), assumed).accuracy == Margin(
            margin=2 * PERCENT, confidence=90 * PERCENT
        )

    def test_is_that_of_the_charts_named(self) -> None:
        assumed = Assumptions(margin=2 * PERCENT, charts=frozenset({"gopls/client"}))
        assert ask(chart("gopls/client"), assumed) != chart("gopls/client")
        assert ask(chart("gopls/package-loader"), assumed) == chart("gopls/package-loader")
        assert not keeps_margin(chart("compile/bug"), assumed)


def test_naming_charts_assumes_nothing() -> None:
    assert not Assumptions()
    assert not Assumptions(charts=frozenset({"gopls/client"}))
    assert Assumptions(cap=PERCENT)
    assert Assumptions(budget=Fraction(1))
    assert Assumptions(populations=(("gopls", between(1, 1)),))


class TestRates:
    def test_without_assumptions_are_those_of_the_files(self) -> None:
        files = planned()
        found = what_if(files, Assumptions())
        assert (found.plan, found.widening, found.diagnostics) == (files.plan, 1, ())

    def test_are_those_that_files_would_give_that_say_so(self) -> None:
        accuracy = "accuracy: {margin: 2%, confidence: 99%}\n"
        same = with_keys(with_keys(BASE, CLIENT, accuracy), COLLECTION, "fetch_probability: 5%\n")
        found = what_if(
            planned(),
            Assumptions(margin=2 * PERCENT, cap=5 * PERCENT, charts=frozenset({"gopls/client"})),
        )
        assert found.plan == planned(same).plan
        assert found.before.plan == planned().plan

    def test_short_of_what_is_asked_are_told_where_a_file_says_it(self) -> None:
        found = what_if(planned(), Assumptions(populations=(("gopls", between(10**5, 10**5)),)))
        assert [(each.code, each.message) for each in found.diagnostics] == [
            (
                "CC408",
                (
                    f"gopls/{name}: margin 1% at 99% needs a rate of 0.1425 from 100,000"
                    " installations, and the cap is 10%"
                ),
            )
            for name in ("client", "package-loader")
        ]
        assert all(each.span is not None for each in found.diagnostics)
        assert {each.severity for each in found.diagnostics} == {Severity.ERROR}

    def test_short_of_what_is_assumed_are_told_without_a_place(self) -> None:
        assumed = Assumptions(margin=PERCENT / 10, charts=frozenset({"gopls/client"}))
        (only,) = what_if(planned(), assumed).diagnostics
        assert only.message.startswith("gopls/client: margin 0.1% at 99% needs a rate of ")
        assert only.span is None

    def test_short_of_what_is_asked_may_be_accepted(self) -> None:
        files = with_keys(BASE, CLIENT, "shortfall: accept\n")
        assumed = Assumptions(margin=PERCENT / 10, charts=frozenset({"gopls/client"}))
        assert what_if(planned(files), assumed).diagnostics == ()

    def test_of_a_budget_widen_instead_of_falling_short(self) -> None:
        files = with_keys(BASE, COLLECTION, "max_reports_per_year: 1\n")
        found = what_if(planned(files), Assumptions(budget=Fraction(2)))
        assert found.diagnostics == ()
        assert found.max_reports_per_year == 2
        assert 1 < found.widening < 2
        assert found.plan.reports_per_year <= 2
        assert what_if(planned(files), Assumptions(cap=PERCENT)).max_reports_per_year == 1

    def test_of_a_budget_fall_short_where_the_cap_alone_forbids_what_is_asked(self) -> None:
        found = what_if(planned(), Assumptions(budget=Fraction(1), cap=PERCENT))
        assert [each.code for each in found.diagnostics] == ["CC408"] * 3
