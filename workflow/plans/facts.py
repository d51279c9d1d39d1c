"""What stands in a plan, read in a constant number of statements: for reviews, runs, comparisons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, select

from workflow.db import Tx
from workflow.issues.visible import ISSUE
from workflow.plans.changes import ROLES, Facts, Figure, Point
from workflow.plans.store import DUTY, MILESTONE, TARGET, TASK
from workflow.plans.store import UNIT as NAMES

_MINE: Any = bindparam("plan_id")
_TASKS = select(TASK).where(TASK.c.plan_id == _MINE).order_by(TASK.c.rank)
_DUTIES = (
    select(
        DUTY.c.task_id,
        DUTY.c.role,
        DUTY.c.plan_unit_id,
        NAMES.c.name,
        NAMES.c.unit_id,
        NAMES.c.decision,
        DUTY.c.printed,
        DUTY.c.once_for_all,
    )
    .join(NAMES, DUTY.c.plan_unit_id == NAMES.c.id)
    .where(NAMES.c.plan_id == _MINE)
    .order_by(DUTY.c.task_id, DUTY.c.role, DUTY.c.rank)
)
RUNNING = (
    ISSUE.c.number,
    ISSUE.c.state.label("issue_state"),
    ISSUE.c.loop_version,
    ISSUE.c.is_open,
    ISSUE.c.lamp,
    ISSUE.c.due_on,
    ISSUE.c.original_due_on,
    ISSUE.c.responsible_unit_id,
    ISSUE.c.counts_as,
    ISSUE.c.units.label("issue_units"),
)
_MILESTONES = (
    select(MILESTONE, ISSUE.c.id.label("issue_id"), *RUNNING)
    .join(TASK, MILESTONE.c.task_id == TASK.c.id)
    .outerjoin(ISSUE, ISSUE.c.milestone_id == MILESTONE.c.id)
    .where(TASK.c.plan_id == _MINE)
    .order_by(TASK.c.rank, MILESTONE.c.due.is_(None), MILESTONE.c.due, MILESTONE.c.rank)
)
_TARGETS = (
    select(TARGET)
    .where(TARGET.c.plan_id == _MINE)
    .order_by(TARGET.c.task_id, TARGET.c.rank, TARGET.c.id)
)


@dataclass(frozen=True, slots=True)
class Content:
    """The rows of a plan; those that were struck are in it and marked."""

    tasks: tuple[Row[Any], ...]
    duties: Mapping[int, tuple[Row[Any], ...]]
    milestones: Mapping[int, tuple[Row[Any], ...]]
    """By task; each with the issue as which it runs, if it does."""
    targets: Mapping[int | None, tuple[Row[Any], ...]]
    units_of: Mapping[int, Mapping[str, tuple[int, ...]]] = field(default_factory=dict)
    """By task: role → ids of the units that are known."""

    @property
    def active(self) -> tuple[Row[Any], ...]:
        """The tasks that count."""
        return tuple(task for task in self.tasks if task.state == "active")

    def due_milestones(self, task_id: int) -> tuple[Row[Any], ...]:
        """Those of a task that can run: a day or a rhythm."""
        return tuple(
            row
            for row in self.milestones.get(task_id, ())
            if row.state == "active" and (row.due is not None or row.every is not None)
        )


def read(tx: Tx, plan_id: int) -> Content:
    """Everything that stands in a plan: four statements."""
    mine = {"plan_id": plan_id}
    duties = _grouped(tx.execute(_DUTIES, mine), "task_id")
    return Content(
        tasks=tuple(tx.execute(_TASKS, mine)),
        duties=duties,
        milestones=_grouped(tx.execute(_MILESTONES, mine), "task_id"),
        targets=_grouped(tx.execute(_TARGETS, mine), "task_id"),
        units_of={task: _units(rows) for task, rows in duties.items()},
    )


def _grouped(rows: Iterable[Row[Any]], key: str) -> dict[Any, tuple[Row[Any], ...]]:
    found: dict[Any, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row._mapping[key], []).append(row)
    return {key: tuple(each) for key, each in found.items()}


def _units(rows: Iterable[Row[Any]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for row in rows:
        if row.unit_id is not None and row.unit_id not in found.setdefault(row.role, []):
            found[row.role].append(row.unit_id)
    return {role: tuple(ids) for role, ids in found.items()}


def comparable(title: str, content: Content) -> tuple[Facts, ...]:
    """A plan as `changes.compare` wants it: itself, then its tasks; only what counts."""
    return (
        Facts("", title, figures=figures_of(content, None)),
        *(
            Facts(
                task.code,
                task.title,
                task.content,
                {
                    role: tuple(d.name for d in content.duties.get(task.id, ()) if d.role == role)
                    for role in ROLES
                },
                points_of(content, task.id),
                figures_of(content, task.id),
            )
            for task in content.active
        ),
    )


def points_of(content: Content, task_id: int) -> tuple[Point, ...]:
    """The milestones of a task that count."""
    return tuple(
        Point(row.id, row.kind, row.due, row.every, row.content)
        for row in content.milestones.get(task_id, ())
        if row.state == "active"
    )


def figures_of(content: Content, task_id: int | None) -> tuple[Figure, ...]:
    """The targets of a task, or of the plan itself, that count."""
    return tuple(
        Figure(row.id, row.name, row.scope or "", row.comparator, row.value, row.unit, row.due)
        for row in content.targets.get(task_id, ())
        if row.state == "active"
    )


def responsible(stand: Mapping[str, tuple[int, ...]]) -> int | None:
    """Who carries a task's milestones: the first leading unit, else the first responsible one."""
    return next(iter((*stand.get("lead", ()), *stand.get("responsible", ()))), None)


def is_past(day: date | None, today: date) -> bool:
    """Whether the day is over."""
    return day is not None and day < today
