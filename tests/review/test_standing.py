"""How steps stand, as a function of values: what reviewers accept, and until when."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from chartconfig.charts.policy import Approvals, Rule
from chartconfig.review.approval import Allowance, Approval, Statement, format_approval, place_of
from chartconfig.review.content import Subject
from chartconfig.review.diff import Effect
from chartconfig.review.standing import Standing, Terms, Verdict, judge
from chartconfig.review.steps import Step
from tests.fuzz.test_approval import DIGESTS, SIGNATURE

CLIENT = Subject("gopls/client", is_chart=True)
BO, CY = "bo@example.org", "cy@example.org"
POLICY = Approvals(
    groups={"reviewers": ("ana@example.org", BO, CY), "privacy": (CY,)},
    rules=(
        Rule(need={"reviewers": 1}, changes=frozenset(), types=frozenset(), paths=()),
        Rule(need={"privacy": 1}, changes=frozenset({"meaning"}), types=frozenset(), paths=()),
    ),
)
UNTIL = date(2027, 1, 1)


def standing(
    *votes: tuple[str, tuple[Allowance, ...]],
    changes: frozenset[Effect] = frozenset({Effect.LESS}),
    policy: Approvals = POLICY,
) -> Standing:
    step = Step(
        subject=CLIENT,
        before=DIGESTS[0],
        after=DIGESTS[1],
        changes=changes,
        types=frozenset(),
        files=(CLIENT.path,),
        names=(CLIENT.name,),
    )
    files = {}
    for at, (reviewer, allows) in enumerate(votes):
        statement = Statement(
            module="example.org/telemetry/config",
            subject=CLIENT,
            before=step.before,
            after=step.after,
            reviewer=reviewer,
            time=datetime(2026, 11, 20, tzinfo=UTC),
            allows=allows,
        )
        other = "ABCDEFGH"[at]  # a key of their own
        signature = SIGNATURE.replace("Ag7pa/qq4n", f"Ag7pa/{other}{other}4n")
        approval = Approval(statement=statement, signature=signature)
        files[place_of(CLIENT, reviewer)] = format_approval(approval).encode()
    terms = Terms(
        policy=policy,
        module="example.org/telemetry/config",
        on=date(2026, 11, 20),
        root="configs",
        since="v1.0.0",
        holds="v1.0.0",
    )
    none = frozenset[str]()
    return judge(
        step,
        files,
        left=none,
        spent=none,
        authors=frozenset(),
        terms=terms,
        verdict=lambda _: Verdict.GOOD,
    )


@pytest.mark.parametrize(("on", "expected"), [(UNTIL, {"CC701"}), (date(2027, 1, 2), set())])
def test_a_finding_is_accepted_up_to_its_day(on: date, expected: set[str]) -> None:
    found = standing((BO, (Allowance("CC701", UNTIL),)))
    assert found.missing == {}
    assert found.allowed(on, POLICY) == expected


def test_it_is_accepted_by_as_many_as_the_step_needs() -> None:
    """Whoever approves the rest need not accept it."""
    accepts = (Allowance("CC701", UNTIL),)
    meaning = frozenset({Effect.MEANING})
    one = standing((BO, accepts), (CY, ()), changes=meaning)
    assert one.missing == {}
    assert one.allowed(UNTIL, POLICY) == set()
    both = standing((BO, ()), (CY, accepts), changes=meaning)
    assert both.allowed(UNTIL, POLICY) == {"CC701"}


def test_it_is_accepted_by_nobody_where_nobody_is_asked() -> None:
    nobody = Approvals(groups=POLICY.groups, rules=())
    assert standing((BO, ()), policy=nobody).allowed(UNTIL, nobody) == set()
    accepts = (Allowance("CC702", UNTIL), Allowance("CC703", date(2026, 1, 1)))
    assert standing((BO, accepts), policy=nobody).allowed(UNTIL, nobody) == {"CC702"}


def test_a_vote_that_is_refused_accepts_nothing() -> None:
    found = standing((BO, ()), ("bo@other.example", (Allowance("CC701", UNTIL),)))
    assert found.reviewers == (BO, "bo@other.example")
    assert found.allowed(UNTIL, POLICY) == set()  # who is in no group is no reviewer
