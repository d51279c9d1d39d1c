"""From a move to the rows of the clocks: what starts, ends, is held, paused, muted, moved."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.unit.deadlines.moments import at
from tests.unit.issues.desk import HOUSE, LADDERS, NOW, asked, case, clock, judge
from workflow.deadlines.running import ClockRow
from workflow.issues import clockwork
from workflow.issues.case import Case
from workflow.issues.clockwork import Wound, request_clock, resolve_limit, wind, wind_period
from workflow.issues.rules import Move
from workflow.loops import semantics

RECTIFY = clock("rectify", "2026-04-01", ago=9, id=1)
OF_REQUEST = clock("decide_extension", "5wd", id=9, subject="request", subject_id=7)
OF_PAPER = clock("sign", "1wd", id=8, subject="paper", subject_id=4)


def wound(move: Move) -> Wound:
    effect, issue = move.effect, move.step.case
    due = effect.due_on or effect.extend_to or issue.due_on
    return wind(move, {**issue.units, **effect.units}, due, LADDERS)


def started(found: Wound) -> dict[str, Any]:
    return {str(draft.values["kind"]): draft.values for draft in found.drafts}


def changed(found: Wound) -> dict[str, ClockRow]:
    return {change.row.kind: change.row for change in found.changes}


def test_an_assignment_starts_two_clocks_and_ends_one() -> None:
    issue = case("triaged", clocks=(clock("triage", "1wd"),), facts={"clocks": {"triage": 1}})
    found = wound(judge(issue, "assign", "office.dispatcher"))

    assert started(found).keys() == {"accept", "rectify"}
    assert changed(found)["triage"].stopped_at == NOW
    assert started(found)["rectify"]["due_on"] == date(2026, 4, 1)
    assert found.due_on == date(2026, 4, 1)
    assert found.move_due_at == started(found)["accept"]["due_at"]
    assert found.counts == {"triage": 1, "accept": 1, "rectify": 1}


def test_a_clock_that_starts_again_is_counted_and_its_old_row_ends() -> None:
    before = clock("accept", "1wd", id=5)
    issue = case(
        "return_ruling", clocks=(RECTIFY, before), facts={"clocks": {"accept": 1, "rectify": 1}}
    )
    found = wound(judge(issue, "uphold_return", "office.dispatcher"))

    assert changed(found)["accept"].stopped_at == NOW
    assert started(found)["accept"]["seq"] == 2
    assert found.counts["accept"] == 2


def test_a_submission_holds_the_clock_at_its_due_time() -> None:
    found = wound(judge(case("rectifying", clocks=(RECTIFY,)), "submit", "qs.handler"))

    held = changed(found)["rectify"]
    assert (held.state, held.due_at, held.wake_at) == ("held", RECTIFY.due_at, None)
    assert started(found)["verify"]["owner"] == "acceptor@acceptance"
    assert found.move_due_at == started(found)["verify"]["due_at"]


def test_a_rejection_releases_it_muted_since_another_clock_speaks() -> None:
    held = RECTIFY._replace(state="held", wake_at=None)
    issue = case("verifying", clocks=(held, clock("verify", "10wd", id=2)))
    found = wound(judge(issue, "reject", "eco.acceptor", resubmit="3个工作日"))

    assert (changed(found)["rectify"].state, changed(found)["rectify"].muted) == ("running", True)
    assert started(found)["resubmit"]["limit_text"] == "3wd"
    assert found.move_due_at == started(found)["resubmit"]["due_at"]
    assert changed(found)["verify"].stopped_at == NOW


def test_when_the_speaking_clock_ends_the_muted_one_speaks_again() -> None:
    muted = RECTIFY._replace(muted=True)
    issue = case("rectifying", clocks=(muted, clock("resubmit", "5wd", id=3)))
    found = wound(judge(issue, "submit", "qs.handler"))

    assert changed(found)["resubmit"].stopped_at == NOW
    assert changed(found)["rectify"].state == "held"


def suspended(until: str = "2026-03-20") -> Case:
    paused = RECTIFY._replace(
        state="paused", wake_at=None, pauses=((NOW.isoformat(), None, "资金未到位"),)
    )
    period = clock("suspension", until, ago=0, id=4, is_period=True)
    return case("suspended", clocks=(paused, period))


def test_a_suspension_pauses_the_clock_and_names_the_cause() -> None:
    found = wound(judge(case("rectifying", clocks=(RECTIFY,)), "suspend", "office.dispatcher"))

    assert changed(found)["rectify"].state == "paused"
    assert changed(found)["rectify"].pauses == ((NOW.isoformat(), None, "资金未到位"),)
    assert started(found)["suspension"]["due_on"] == date(2026, 3, 20)
    assert found.move_due_at == started(found)["suspension"]["due_at"]


@pytest.mark.parametrize(
    ("resumed", "due"),
    [
        ("2026-03-12T09:00", date(2026, 4, 11)),  # ten days, by hand
        ("2026-03-21T00:05", date(2026, 4, 20)),  # at its end
        (
            "2026-03-29T09:00",
            date(2026, 4, 20),
        ),  # eight days late: the suspension ended when it did
    ],
)
def test_the_due_day_moves_by_the_suspension_not_by_our_delay(resumed: str, due: date) -> None:
    move = judge(suspended(), "resume", "office.dispatcher", now=at(resumed))
    found = wound(move)

    assert changed(found)["rectify"].due_on == due
    assert changed(found)["rectify"].round == 2
    assert found.due_on == due


def test_an_extension_moves_the_clock_into_a_new_round_and_ends_the_deciders() -> None:
    issue = case(
        "rectifying",
        clocks=(RECTIFY, OF_REQUEST),
        requests=(asked("extension", until="2026-05-01"),),
    )
    found = wound(judge(issue, "grant_extension", "office.dispatcher"))

    moved = changed(found)["rectify"]
    assert (moved.due_on, moved.round, moved.original_due_on) == (
        date(2026, 5, 1),
        2,
        date(2026, 4, 1),
    )
    assert changed(found)["decide_extension"].stopped_at == NOW
    assert (found.due_on, found.move_due_at) == (date(2026, 5, 1), moved.due_at)


def test_a_refusal_ends_the_deciders_clock_alone() -> None:
    issue = case(
        "rectifying",
        clocks=(RECTIFY, OF_REQUEST),
        requests=(asked("extension", until="2026-05-01"),),
    )
    found = wound(judge(issue, "refuse_extension", "office.dispatcher"))

    assert changed(found).keys() == {"decide_extension"}
    assert found.due_on == date(2026, 4, 1)


def test_reassigning_with_a_new_due_day_moves_the_clock_that_runs_on() -> None:
    issue = case("return_ruling", clocks=(RECTIFY,))
    due = {"responsible": "河王村", "due": "2026-04-20"}
    found = wound(judge(issue, "reassign", "office.dispatcher", **due))

    assert changed(found)["rectify"].due_on == date(2026, 4, 20)
    assert "rectify" not in started(found)
    assert (
        started(found)["accept"]["owner_unit_id"]
        == judge(issue, "reassign", "office.dispatcher", **due).effect.units["responsible"][0]
    )


def test_an_end_stops_everything_requests_and_papers_too() -> None:
    rows = (RECTIFY._replace(blocked_by=4), OF_REQUEST, OF_PAPER)
    found = wound(judge(case("rectifying", clocks=rows), "cancel", "office.principal"))

    assert {row.kind for row in changed(found).values() if row.stopped_at == NOW} == {
        "rectify",
        "decide_extension",
        "sign",
    }
    assert [change.lapsed for change in found.changes if change.row.kind == "rectify"] == [4]
    assert (found.move_due_at, found.lamps) == (None, ())


def test_closing_leaves_the_consolidation_alone_and_its_papers_end() -> None:
    rows = (clock("publicity", "7nd", id=2, state="over", is_period=True), OF_PAPER, RECTIFY)
    found = wound(judge(case("publicity", clocks=rows), "close", "office.principal"))

    assert started(found).keys() == {"consolidation"}
    assert {row.kind for row in changed(found).values()} == {"publicity", "sign", "rectify"}
    assert found.move_due_at == started(found)["consolidation"]["due_at"]


def test_lamps_are_those_of_the_clocks_that_go_on() -> None:
    rows = (RECTIFY._replace(lamp="red"), clock("accept", "1wd", id=2, lamp="yellow"))
    found = wound(judge(case("assigned", clocks=rows), "accept", "qs.handler"))

    assert found.lamps == ("red",)


def test_the_end_of_a_period_starts_what_waits_for_it() -> None:
    over = clock("publicity", "7nd", id=2, state="over", is_period=True, wake_at=None)
    issue = case("publicity", clocks=(over,))
    states = issue.clock_states()
    orders = semantics.orders(issue.loop, states, "publicity_over", issue.loop.states["publicity"])
    found = wind_period(issue, orders, LADDERS, HOUSE, NOW)

    assert started(found).keys() == {"closing"}
    assert found.changes == ()
    # The closing clock runs and comes first.
    assert found.move_due_at == started(found)["closing"]["due_at"]


@pytest.mark.parametrize(
    ("text", "given", "limit"),
    [
        ("3wd", {}, "3wd"),
        ("due", {}, "due"),
        ("resubmit|5wd", {}, "5wd"),
        ("resubmit|5wd", {"resubmit": "2wd"}, "2wd"),
        ("resubmit|5wd", {"period": "2wd"}, "5wd"),
        ("until", {"until": "2026-03-20"}, "2026-03-20"),
    ],
)
def test_a_limit_that_the_form_may_give(text: str, given: dict[str, str], limit: str) -> None:
    assert resolve_limit(text, given) == limit


def test_the_clock_of_a_request_holds_its_decider() -> None:
    draft = request_clock(case("rectifying"), 7, "extension", 2, NOW, HOUSE, LADDERS)

    assert draft.values["kind"] == f"{clockwork.REQUEST_CLOCK}extension"
    assert (draft.values["subject"], draft.values["subject_id"]) == ("request", 7)
    assert (draft.values["owner"], draft.values["owner_unit_id"]) == ("dispatcher@issuer", 2)
    assert draft.due_on == (NOW + timedelta(days=7)).date()
