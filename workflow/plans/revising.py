"""A revision takes over what runs: the same milestones go on, with new days and units if need be."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update

from workflow.db import Tx
from workflow.issues import apply, rules, store, upkeep
from workflow.issues.effect import House, Step
from workflow.issues.office import Office
from workflow.issues.visible import ISSUE
from workflow.plans import facts
from workflow.plans.changes import compare, same_figures, same_points
from workflow.plans.facts import Content
from workflow.plans.running import due_day, stand_of, title_of
from workflow.plans.store import OBSERVATION
from workflow.plans.views import Change, Head
from workflow.units.rules import Actor

_RELINK = (
    update(ISSUE)
    .where(ISSUE.c.milestone_id == bindparam("from_id"))
    .values(milestone_id=bindparam("to_id"))
)
_MOVE = (
    update(OBSERVATION)
    .where(OBSERVATION.c.target_id == bindparam("from_id"))
    .values(target_id=bindparam("to_id"))
)
REASON = "计划修订"


@dataclass(slots=True)
class Carried:
    """What a revision has taken over: new milestones that run already, and how much changed."""

    running: set[int] = field(default_factory=set)
    changes: tuple[Change, ...] = ()


def differences(old: Head, was: Content, new: Head, now_is: Content) -> tuple[Change, ...]:
    """What a revision changes, as its reviewer sees it."""
    return compare(facts.comparable(old.title, was), facts.comparable(new.title, now_is))


def carry_over(
    tx: Tx,
    office: Office,
    house: House,
    *,
    old: Head,
    was: Content,
    new: Head,
    now_is: Content,
    by: Actor,
    now: datetime,
    door: str,
) -> Carried:
    """Link what goes on to the revision, change what differs, drop what is gone."""
    carried = Carried(changes=differences(old, was, new, now_is))
    before = {task.code: task for task in was.active}
    links: list[dict[str, int]] = []
    moves: list[dict[str, int]] = _figures(was, None, now_is, None)
    kept: set[int] = set()
    revised: list[tuple[Any, Any, Any]] = []
    for task in now_is.active:
        mine = before.get(task.code)
        if mine is None:
            continue
        moves += _figures(was, mine.id, now_is, task.id)
        rows = {row.id: row for row in was.milestones.get(mine.id, ())}
        own = {row.id: row for row in now_is.milestones.get(task.id, ())}
        pairs = same_points(facts.points_of(was, mine.id), facts.points_of(now_is, task.id))
        for new_id, old_id in pairs.items():
            if rows[old_id].issue_id is None or not _runs(own[new_id]):
                continue
            links.append({"from_id": old_id, "to_id": new_id})
            carried.running.add(new_id)
            kept.add(old_id)
            revised.append((task, rows[old_id], own[new_id]))
    gone = [
        row
        for rows in was.milestones.values()
        for row in rows
        if row.issue_id is not None and row.is_open and row.id not in kept
    ]
    by_hand = _Hand(tx, office, house, new, by, now, door)
    for row in gone:
        by_hand.act(row.issue_id, "drop", {"reason": REASON})
    for task, row, fresh in revised:
        if row.is_open:
            by_hand.revise(task, row, fresh, now_is)
    if links:
        tx.execute(_RELINK, links)
    if moves:
        tx.execute(_MOVE, moves)
    return carried


def _runs(row: Any) -> bool:
    return row.state == "active" and (row.due is not None or row.every is not None)


def _figures(
    was: Content, old_id: int | None, now_is: Content, new_id: int | None
) -> list[dict[str, int]]:
    pairs = same_figures(facts.figures_of(was, old_id), facts.figures_of(now_is, new_id))
    return [{"from_id": old, "to_id": new} for new, old in pairs.items()]


@dataclass(frozen=True, slots=True)
class _Hand:
    """The dispatcher who puts the revision into force, acting on each issue."""

    tx: Tx
    office: Office
    house: House
    plan: Head
    by: Actor
    now: datetime
    door: str

    def act(self, issue_id: int, action: str, values: dict[str, Any]) -> None:
        """Take an action of the milestone's loop; who confirms the revision has the right to it."""
        case = store.load(self.tx, self.office, issue_id=issue_id, for_update=True, action=action)
        transition = case.loop.by_state[case.state].get(action)
        if transition is None:
            return
        step = Step(
            case,
            transition,
            values,
            self.by,
            self.now,
            self.house,
            for_unit=self.plan.issuer_unit_id,
        )
        apply.carry_out(self.tx, self.office, rules.move(step), door=self.door)

    def revise(self, task: Any, row: Any, fresh: Any, content: Content) -> None:
        """The words, the units and the day of one milestone that goes on."""
        stand = stand_of(self.house.directory, self.plan, content.units_of.get(task.id, {}))
        upkeep.revise(
            self.tx,
            self.office,
            issue_id=row.issue_id,
            stand=stand,
            columns={
                "title": title_of(task.title, fresh.content),
                "description": fresh.content,
                "task": task.code,
            },
            by=self.by,
            now=self.now,
            door=self.door,
        )
        if fresh.due is not None and fresh.due != row.due:
            self.redate(row, fresh)

    def redate(self, row: Any, fresh: Any) -> None:
        """A new day; of one that was asked about, a day to come is an answer too."""
        today = self.house.timing.day(self.now)
        due = due_day(fresh.due, fresh.every, today)
        if due is None or due == row.due_on:
            return
        self.act(row.issue_id, "reschedule", {"due": due, "reason": REASON})
        if row.issue_state == "asked" and due >= today:
            self.act(row.issue_id, "not_done", {})
