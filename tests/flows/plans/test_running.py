"""Milestones run: clocks, ladders, acceptance, periods; one that is missed becomes a problem."""

from datetime import timedelta

import pytest

from tests.flows.plans.conftest import Desk
from workflow.errors import Invalid, NotAllowed, NotFound, Refused
from workflow.escalation.actions import tick
from workflow.issues import lists, queries
from workflow.issues.views import Filters, IssueView
from workflow.plans import observing
from workflow.units import queries as units
from workflow.units.rules import Scope

EVERYTHING = Scope(everything=True, units=frozenset())


def _issue(desk: Desk, number: str) -> IssueView:
    with desk.world.database.reading() as tx:
        return queries.get(tx, number, EVERYTHING)


def _problems(desk: Desk, task: str) -> list[str]:
    with desk.world.database.reading() as tx:
        rows = lists.page(
            tx, EVERYTHING, Filters(task=task), directory=units.directory(tx),
            today=desk.world.today(),
        ).rows  # fmt: skip
    return [row.number for row in rows]


def _number(desk: Desk, plan_id: int, task: int, which: int = 0) -> str:
    number = desk.tasks(plan_id)[task].milestones[which].number
    assert number is not None
    return number


def test_born_overdue_asks_before_any_lamp(desk: Desk) -> None:
    plan_id, _ = desk.run()
    number, world = _number(desk, plan_id, 3), desk.world
    issue = _issue(desk, number)
    assert (issue.state, issue.lamp, [c.kind for c in issue.clocks]) == ("asked", "none", ["ask"])
    world.after(days=60)
    tick(world.database, world.office, world.now)
    issue = _issue(desk, number)
    assert (issue.state, issue.lamp, issue.papers) == ("asked", "none", ())
    assert _problems(desk, issue.task or "") == []
    with pytest.raises(Invalid):
        world.act(number, "done_before", "gj.dispatcher", done_on=world.day(1), note="建成。")
    with pytest.raises(NotAllowed):
        world.act(number, "done_before", "hb.handler", done_on="2024-06-20", note="建成。")
    world.act(number, "done_before", "gj.dispatcher", done_on="2024-06-20", note="三站均已建成。")
    issue = _issue(desk, number)
    assert (issue.state, issue.is_open, issue.facts["verified"]["on_time"]) == (
        "accepted", False, True,
    )  # fmt: skip
    assert world.chain_is_whole(number)


def test_born_overdue_and_not_done_starts_late_and_is_a_problem_once(desk: Desk) -> None:
    plan_id, _ = desk.run()
    number, world = _number(desk, plan_id, 3), desk.world
    world.act(number, "not_done", "hb.handler")
    issue = _issue(desk, number)
    assert issue.state == "running"
    assert issue.due_on is not None
    assert issue.due_on.isoformat() == "2024-06-30"
    assert not any(rung.outcome == "taken" for c in issue.clocks for rung in c.rungs)
    for _ in range(3):
        tick(world.database, world.office, world.after(minutes=5))
    [problem] = _problems(desk, issue.task or "")
    raised = _issue(desk, problem)
    assert raised.source == "plan"
    assert [source.own_number for source in raised.sources] == [number]
    assert raised.facts["milestone"] == number
    assert raised.units["issuer"] == issue.units["issuer"]
    assert world.chain_is_whole(number)
    assert world.chain_is_whole(problem)


def test_a_milestone_that_is_missed_raises_one_problem_by_itself(desk: Desk) -> None:
    plan_id, _ = desk.run()
    number, world = _number(desk, plan_id, 4), desk.world
    issue = _issue(desk, number)
    assert (issue.state, issue.due_on and issue.due_on.isoformat()) == ("running", "2024-10-18")
    world.now += timedelta(days=25)  # 18 October, in the morning
    tick(world.database, world.office, world.now)
    assert _problems(desk, issue.task or "") == [], "the due day lasts until midnight"
    world.after(days=1)
    tick(world.database, world.office, world.now)
    tick(world.database, world.office, world.after(hours=5))
    assert len(_problems(desk, issue.task or "")) == 1
    after = _issue(desk, number)
    assert after.state == "running"
    assert after.lamp != "none", "the ladder of the milestone itself runs on"
    page = desk.page(plan_id)
    assert page.problems[issue.task or ""].open == 1
    assert sum(action.late for action in page.actions) >= 1
    with pytest.raises(Refused):
        world.act(number, "raise_issue", "gj.dispatcher")


def test_submitted_in_time_is_not_missed_and_accepted_by_another_unit(desk: Desk) -> None:
    plan_id, _ = desk.run()
    number, world = _number(desk, plan_id, 1), desk.world
    issue = _issue(desk, number)
    world.act(number, "progress", "hb.handler", note="完成一半。", percent=50)
    world.act(
        number, "submit", "sl.handler", result="排查完成，建立台账。", evidence=[world.photo()]
    )
    world.now += timedelta(days=200)
    world.end_periods()
    assert _problems(desk, issue.task or "") == []
    with pytest.raises((NotAllowed, Refused)):
        world.act(number, "verify", "sl.handler", opinion="通过。")
    world.act(number, "verify", "gj.deputy", opinion="台账齐全。")
    done = _issue(desk, number)
    assert (done.state, done.counts_as, done.facts["verified"]["on_time"]) == (
        "accepted", "closed", True,
    )  # fmt: skip
    assert desk.tasks(plan_id)[1].milestones[0].is_done


def test_each_acceptance_of_a_recurring_milestone_begins_the_next_period(desk: Desk) -> None:
    plan_id, _ = desk.run()
    number, world = _number(desk, plan_id, 2), desk.world
    for period, due in enumerate(("2024-10-25", "2024-11-25"), 1):
        world.act(number, "submit", "hk.handler", result="已清理。", evidence=[world.photo()])
        world.after(days=3)
        with pytest.raises(Refused):
            world.act(number, "verify", "gj.deputy", opinion="通过。")
        world.act(number, "accept_period", "gj.deputy", opinion="通过。")
        issue = _issue(desk, number)
        assert (issue.state, issue.due_on and issue.due_on.isoformat()) == ("running", due)
        assert issue.facts["periods"] == period
        clocks = [c for c in issue.clocks if c.kind == "milestone"]
        assert len(clocks) == period + 1
        assert [c.due_on for c in clocks if c.state == "running"] == [issue.due_on]
        world.after(days=20)
    world.now += timedelta(days=90)
    world.end_periods()
    assert len(_problems(desk, issue.task or "")) == 1
    assert world.chain_is_whole(number)


def test_an_extension_moves_the_day_on_which_it_is_missed(desk: Desk) -> None:
    plan_id, _ = desk.run()
    number, world = _number(desk, plan_id, 4), desk.world
    world.act(number, "request_extension", "hb.handler", until="2024-12-20", reason="等上级文本。")
    world.act(number, "grant_extension", "gj.dispatcher")
    world.now += timedelta(days=40)
    world.end_periods()
    issue = _issue(desk, number)
    assert _problems(desk, issue.task or "") == []
    assert (issue.due_on, issue.original_due_on) == (
        issue.due_on, desk.tasks(plan_id)[4].milestones[0].due,
    )  # fmt: skip
    world.now += timedelta(days=50)
    world.end_periods()
    assert len(_problems(desk, issue.task or "")) == 1


def test_figures_are_observed_against_their_target(desk: Desk) -> None:
    plan_id, _ = desk.run()
    world = desk.world
    target = next(t for t in desk.tasks(plan_id)[1].targets if t.name == "整治率")

    def observe(value: str, on: str, by: str) -> int:
        with world.database.transaction() as tx:
            return observing.observe(
                tx, world.office, target_id=target.id, value=value, observed_on=on,
                source="监测月报", by=world.actor(by), now=world.now, door="test",
            )  # fmt: skip

    observe("62.5%", "2024-08-31", "sl.handler")
    found = next(t for t in desk.tasks(plan_id)[1].targets if t.id == target.id)
    assert (found.verdict, found.observations[0].value) == ("short", "62.5%")
    late = observe("97", "2024-09-20", "gj.dispatcher")
    assert next(t for t in desk.tasks(plan_id)[1].targets if t.id == target.id).verdict == "met"
    with pytest.raises(Invalid, match="还没有到"):
        observe("97", "2024-12-20", "sl.handler")
    with pytest.raises(Invalid):
        observe("", "2024-09-20", "sl.handler")
    with pytest.raises(NotAllowed):
        observe("97", "2024-09-20", "hb.acceptor")
    with pytest.raises(NotFound):
        observe("97", "2024-09-20", "sh.handler")
    with world.database.transaction() as tx:
        observing.withdraw_observation(
            tx, world.office, observation_id=late, by=world.actor("gj.dispatcher"),
            now=world.now, door="test",
        )  # fmt: skip
    assert next(t for t in desk.tasks(plan_id)[1].targets if t.id == target.id).verdict == "short"
