"""The one rule for what an action does to clocks and requests."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from workflow.loops import semantics
from workflow.loops.loop import Loop
from workflow.loops.semantics import ClockState, Order


def wound(loop: Loop, clocks: dict[str, ClockState], action: str, state: str) -> dict[str, str]:
    target = loop.states[state]
    return dict(semantics.after(clocks, semantics.orders(loop, clocks, action, target)))


@pytest.fixture
def loop(shipped: Mapping[str, Loop]) -> Loop:
    return shipped["rectification"]


def test_actions_start_stop_hold_release_pause_and_resume(loop: Loop) -> None:
    assert wound(loop, {}, "report", "reported") == {"triage": "running"}
    clocks = wound(loop, {"triage": "running"}, "assign", "assigned")
    assert clocks == {"accept": "running", "rectify": "running"}
    assert wound(loop, {"rectify": "running"}, "submit", "verifying")["rectify"] == "held"
    assert wound(loop, {"rectify": "held"}, "reject", "rectifying")["rectify"] == "running"
    assert wound(loop, {"rectify": "running"}, "suspend", "suspended")["rectify"] == "paused"
    assert wound(loop, {"rectify": "paused"}, "resume", "rectifying")["rectify"] == "running"


def test_a_clock_is_held_only_while_it_runs(loop: Loop) -> None:
    assert wound(loop, {"rectify": "paused"}, "submit", "verifying")["rectify"] == "paused"
    assert "rectify" not in wound(loop, {}, "submit", "verifying")


def test_a_clock_that_is_started_while_it_runs_starts_afresh(loop: Loop) -> None:
    orders = semantics.orders(loop, {"accept": "running"}, "reassign", loop.states["assigned"])
    assert Order("start", "accept") in orders


def test_the_end_of_a_period_starts_the_clock_that_waits_for_it(loop: Loop) -> None:
    over = semantics.over({"publicity": "running"}, "publicity")
    assert over == {"publicity": "over"}
    assert wound(loop, over, "publicity_over", "publicity") == {
        "publicity": "over",
        "closing": "running",
    }
    assert wound(loop, {**over, "closing": "running"}, "close", "closed") == {
        "consolidation": "running"
    }


def test_a_final_state_stops_everything(loop: Loop) -> None:
    assert wound(loop, {"rectify": "paused", "triage": "running"}, "cancel", "cancelled") == {}


def test_the_running_clock_speaks_first_and_mutes_another(loop: Loop) -> None:
    clocks: dict[str, ClockState] = {"rectify": "running", "resubmit": "running"}
    state = loop.states["rectifying"]
    assert list(semantics.holding(state, clocks)) == ["resubmit", "rectify"]
    assert list(semantics.holding(state, {"rectify": "held"})) == []
    assert semantics.muted(loop, clocks) == {"rectify"}
    assert semantics.muted(loop, {"rectify": "running", "resubmit": "paused"}) == frozenset()
    assert list(
        semantics.holding(loop.states["publicity"], {"publicity": "over", "closing": "running"})
    ) == ["closing", "publicity"]


def test_requests_end_where_nobody_can_decide_them(loop: Loop) -> None:
    both = ("extension", "suspension")
    assert semantics.withdrawn(loop, both, "rectifying", "verifying") == both
    assert semantics.withdrawn(loop, both, "planning", "plan_review") == ("suspension",)
    assert semantics.withdrawn(loop, both, "rectifying", "rectifying") == ()
    assert semantics.withdrawn(loop, ("objection",), "publicity", "closed") == ("objection",)


def test_what_asks_and_what_decides(loop: Loop) -> None:
    assert semantics.asks(loop.actions["object"]) == "objection"
    assert semantics.asks(loop.actions["request_extension"]) == "extension"
    assert semantics.asks(loop.actions["grant_extension"]) is None
    assert semantics.decides(loop.actions["grant_extension"]) == "extension"
    assert semantics.decides(loop.actions["uphold_objection"]) == "objection"
    assert semantics.decides(replace(loop.actions["submit"], options={})) is None
