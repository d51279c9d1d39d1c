"""What the corrections of a draft share: whose row it is, what is recorded, how values are kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select

from workflow.db import Tx
from workflow.errors import N_, NotFound
from workflow.plans import store
from workflow.plans.store import MILESTONE, PLAN, TARGET, TASK
from workflow.plans.store import UNIT as NAMES
from workflow.plans.units import is_catch_all
from workflow.plans.views import Head
from workflow.units.directory import Directory
from workflow.units.rules import Actor

TABLES: Mapping[str, Any] = {
    "plan": PLAN,
    "task": TASK,
    "milestone": MILESTONE,
    "target": TARGET,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A plan after a write."""

    plan_id: int
    version: int


def of_plan(tx: Tx, plan: Head, subject: str, subject_id: int | None) -> int:
    """The id, if that row is this plan's."""
    table = TABLES[subject]
    asked = select(table.c.id).where(table.c.id == subject_id)
    if subject == "milestone":
        asked = asked.join(TASK, MILESTONE.c.task_id == TASK.c.id).where(TASK.c.plan_id == plan.id)
    else:
        asked = asked.where(table.c.plan_id == plan.id)
    if not store.is_id(subject_id):
        raise no_such()
    found = tx.execute(asked).scalar()
    if found is None:
        raise no_such()
    return int(found)


def no_such() -> NotFound:
    """The same sentence for a row of another plan and for none."""
    return NotFound(N_("这份计划中没有这一项，请刷新页面后重试。"))


def following(tx: Tx, table: Any, task_id: int) -> int:
    """The rank behind the last one of a task."""
    asked = select(func.max(table.c.rank)).where(table.c.task_id == task_id)
    return int(tx.execute(asked).scalar() or 0) + 1


def new_name(tx: Tx, directory: Directory, plan: Head, name: str) -> int:
    """A name that a reviewer adds, with the unit that is meant where it is known."""
    unit = directory.find(name)
    general = is_catch_all(name)
    row = {
        "plan_id": plan.id,
        "name": name,
        "unit_id": directory.current(unit.id) if unit else None,
        "decision": "matched" if unit else "name_only" if general else "open",
        "is_general": general,
    }
    return int(tx.execute(insert(NAMES).returning(NAMES.c.id), row).scalar_one())


def plain(value: object) -> object:
    """As JSON keeps it."""
    return value.isoformat() if isinstance(value, date) else value


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Every value as JSON keeps it."""
    return {name: plain(value) for name, value in row.items()}


def done(
    tx: Tx, plan: Head, action: str, data: Mapping[str, Any], by: Actor, now: datetime, door: str
) -> Outcome:
    """Raise the plan's version, leave its record."""
    version = store.written(tx, plan, action=action, data=data, by=by, now=now, door=door)
    return Outcome(plan.id, version)
