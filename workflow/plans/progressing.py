"""How far a plan is: by action, by day, by unit, and the problems that endanger its tasks."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, case, func, select

from workflow.db import Tx
from workflow.issues import visible
from workflow.issues.visible import ISSUE
from workflow.plans.views import (
    ActionProgress,
    ActionView,
    MilestoneView,
    Problems,
    TaskView,
    UnitShare,
)
from workflow.units.directory import Directory
from workflow.units.rules import Scope

MOST_DATES = 30
_CODES: Any = bindparam("codes", expanding=True)
_OVERDUE = case((ISSUE.c.is_open & (ISSUE.c.due_on < bindparam("today")), 1), else_=0)
_OPEN = case((ISSUE.c.is_open, 1), else_=0)
_PROBLEMS = (
    select(ISSUE.c.task, func.count(), func.sum(_OPEN), func.sum(_OVERDUE))
    .where(ISSUE.c.task.in_(_CODES), visible.PROBLEM, ISSUE.c.parent_id.is_(None))
    .group_by(ISSUE.c.task)
)


def is_late(milestone: MilestoneView, today: date) -> bool:
    """Open after its day; what is asked about is nobody's lateness yet."""
    due = milestone.due_on
    return milestone.is_open and not milestone.asks and due is not None and due < today


def by_action(
    actions: Sequence[ActionView], tasks: Sequence[TaskView], today: date
) -> tuple[ActionProgress, ...]:
    """Each action with its tasks and its counts, in the order of the document."""
    named = [(action.id, action.label, action.title) for action in actions]
    groups: list[tuple[int | None, str, str]] = [*named, (None, "", "")]
    return tuple(
        _counted(key, label, title, own, today)
        for key, label, title in groups
        if (own := tuple(task for task in tasks if task.action_id == key))
    )


def _counted(
    key: int | None, label: str, title: str, tasks: tuple[TaskView, ...], today: date
) -> ActionProgress:
    running = list(_running(tasks))
    return ActionProgress(
        id=key,
        label=label,
        title=title,
        tasks=tasks,
        milestones=len(running),
        accepted=sum(each.is_done for each in running),
        late=sum(is_late(each, today) for each in running),
        asked=sum(each.asks for each in running),
    )


def _running(tasks: Iterable[TaskView]) -> Iterable[MilestoneView]:
    """Those that run or have run; what was dropped counts nowhere."""
    return (
        each
        for task in tasks
        for each in task.milestones
        if each.issue_state is not None and each.counts_as != "withdrawn"
    )


def next_dates(tasks: Sequence[TaskView]) -> tuple[MilestoneView, ...]:
    """The open milestones by their day, the late ones first."""
    waiting = [each for each in _running(tasks) if each.is_open and not each.asks]
    waiting.sort(key=lambda each: (each.due_on or date.max, each.id))
    return tuple(waiting[:MOST_DATES])


def shares(tasks: Sequence[TaskView], directory: Directory, today: date) -> tuple[UnitShare, ...]:
    """What each unit has of the plan, those that lead most first."""
    roles: dict[int | str, dict[str, int]] = {}
    names: dict[int | str, str] = {}
    for task in tasks:
        for duty in {(d.role, d.unit_id or d.name): d for d in task.duties}.values():
            key = duty.unit_id or duty.name
            names[key] = directory.unit(duty.unit_id).name if duty.unit_id else duty.name
            counts = roles.setdefault(key, {})
            counts[duty.role] = counts.get(duty.role, 0) + 1
    marks: dict[int | str, list[int]] = {}
    for each in _running(tasks):
        if each.responsible_unit_id is None:
            continue
        key = each.responsible_unit_id
        names.setdefault(key, directory.unit(key).name)
        found = marks.setdefault(key, [0, 0, 0])
        found[0] += 1
        found[1] += each.is_done
        found[2] += is_late(each, today)
    shared = [
        UnitShare(
            key if isinstance(key, int) else None,
            name,
            *(roles.get(key, {}).get(role, 0) for role in ("lead", "cooperating", "responsible")),
            *marks.get(key, (0, 0, 0)),
        )
        for key, name in names.items()
    ]
    return tuple(sorted(shared, key=lambda s: (-s.milestones, -s.lead, -s.cooperating, s.name)))


def problems(tx: Tx, scope: Scope, codes: Sequence[str], today: date) -> dict[str, Problems]:
    """Problems by the task that they endanger, as far as they may be seen."""
    if not codes:
        return {}
    asked = _PROBLEMS.where(visible.one(scope))
    values = visible.bound(scope) | {"codes": list(codes), "today": today}
    return {
        task: Problems(int(total), int(opened), int(late))
        for task, total, opened, late in tx.execute(asked, values)
    }
