"""A revision takes over what a person corrected in the plan before, where its words are the same.

The corrections are read from the records of the plan before. One is repeated only if the new
document was read exactly as the old one had been; else the reviewer decides anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from workflow.db import Tx
from workflow.plans import store
from workflow.plans.editing import TABLES, following, new_name, plain
from workflow.plans.store import DUTY, MILESTONE, NOTE, RECORD, TARGET, TASK
from workflow.plans.store import UNIT as NAMES
from workflow.plans.views import Head
from workflow.units.directory import Directory
from workflow.units.rules import Actor

_MADE = ("correct", "set_duty", "add_milestone", "add_target", "taken_over")
_RECORDS = (
    select(RECORD.c.action, RECORD.c.data)
    .where(RECORD.c.plan_id == bindparam("plan_id"), RECORD.c.action.in_(_MADE))
    .order_by(RECORD.c.seq)
)
_CODES = select(TASK.c.id, TASK.c.code).where(TASK.c.plan_id == bindparam("plan_id"))
_MARKS = (
    select(MILESTONE.c.id, MILESTONE.c.task_id, MILESTONE.c.printed, MILESTONE.c.rank)
    .join(TASK, MILESTONE.c.task_id == TASK.c.id)
    .where(TASK.c.plan_id == bindparam("plan_id"))
)
_FIGURES = select(TARGET.c.id, TARGET.c.task_id, TARGET.c.sentence, TARGET.c.name).where(
    TARGET.c.plan_id == bindparam("plan_id")
)
_UNITS = (
    select(NAMES.c.name)
    .join(DUTY, DUTY.c.plan_unit_id == NAMES.c.id)
    .where(DUTY.c.task_id == bindparam("of_task"), DUTY.c.role == bindparam("of_role"))
    .order_by(DUTY.c.rank)
)
_NOTES = (
    select(*(NOTE.c[name] for name in ("id", "task_id", "code", "params", "sentence")))
    .add_columns(NOTE.c.resolved, NOTE.c.resolved_by_id, NOTE.c.resolved_at, NOTE.c.resolution)
    .where(NOTE.c.plan_id == bindparam("plan_id"))
)
_SETTLED = (
    update(NOTE)
    .where(NOTE.c.id == bindparam("at_id"))
    .values(
        resolved=True,
        resolved_by_id=bindparam("by"),
        resolved_at=bindparam("at"),
        resolution=bindparam("how"),
    )
)
_DAYS = frozenset({"due", "issued_on"})


@dataclass(slots=True)
class _Same:
    """Rows of the plan before → rows of the revision that say the same thing."""

    tasks: Mapping[int, int]
    milestones: Mapping[int, int]
    targets: Mapping[int, int]


def take_over(
    tx: Tx, directory: Directory, *, old: Head, new: Head, by: Actor, now: datetime, door: str
) -> int:
    """Repeat the corrections of the plan before in a fresh draft; how many were.

    A doubt about the very words about which somebody has settled it stays settled.
    """
    records = tx.execute(_RECORDS, {"plan_id": old.id}).all()
    alike = _alike(tx, old.id, new.id)
    _settle(tx, old.id, new.id, alike)
    done: list[dict[str, Any]] = []
    for action, data in records:
        for what, each in _steps(action, data):
            taken = _repeat(tx, directory, new, what, each, alike)
            if taken is not None:
                done.append({"what": what} | taken)
    if done:
        store.written(tx, new, action="taken_over", data={"steps": done}, by=by, now=now, door=door)
    return len(done)


def _settle(tx: Tx, old_id: int, new_id: int, alike: _Same) -> None:
    settled = {
        (row.task_id and alike.tasks.get(row.task_id, 0), *_about(row)): row
        for row in tx.execute(_NOTES, {"plan_id": old_id})
        if row.resolved
    }
    rows = [
        {"at_id": row.id, "by": was.resolved_by_id, "at": was.resolved_at, "how": was.resolution}
        for row in tx.execute(_NOTES, {"plan_id": new_id})
        if (was := settled.get((row.task_id, *_about(row)))) is not None
    ]
    if rows:
        tx.execute(_SETTLED, rows)


def _about(note: Any) -> tuple[str, str, str]:
    return note.code, note.sentence, repr(sorted(note.params.items()))


def _steps(action: str, data: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    if action == "taken_over":
        return [(each["what"], each) for each in data["steps"]]
    return [(action, data)]


def _alike(tx: Tx, old_id: int, new_id: int) -> _Same:
    codes = {row.code: row.id for row in tx.execute(_CODES, {"plan_id": new_id})}
    tasks = {
        row.id: codes[row.code]
        for row in tx.execute(_CODES, {"plan_id": old_id})
        if row.code in codes
    }
    return _Same(
        tasks, _pairs(tx, _MARKS, old_id, new_id, tasks), _targets(tx, old_id, new_id, tasks)
    )


def _pairs(
    tx: Tx, asked: Any, old_id: int, new_id: int, tasks: Mapping[int, int]
) -> dict[int, int]:
    """Milestones printed with the same words in the same task, in their order."""
    waiting: dict[tuple[int, str], list[int]] = {}
    for row in sorted(tx.execute(asked, {"plan_id": new_id}), key=lambda r: r.rank):
        waiting.setdefault((row.task_id, row.printed), []).append(row.id)
    found: dict[int, int] = {}
    for row in sorted(tx.execute(asked, {"plan_id": old_id}), key=lambda r: r.rank):
        mine = waiting.get((tasks.get(row.task_id, 0), row.printed))
        if mine:
            found[row.id] = mine.pop(0)
    return found


def _targets(tx: Tx, old_id: int, new_id: int, tasks: Mapping[int, int]) -> dict[int, int]:
    """Targets of the same sentence, one after the other as they were read."""
    waiting: dict[tuple[int | None, str], list[int]] = {}
    for row in sorted(tx.execute(_FIGURES, {"plan_id": new_id}), key=lambda r: r.id):
        waiting.setdefault((row.task_id, row.sentence), []).append(row.id)
    found: dict[int, int] = {}
    for row in sorted(tx.execute(_FIGURES, {"plan_id": old_id}), key=lambda r: r.id):
        task = None if row.task_id is None else tasks.get(row.task_id, 0)
        mine = waiting.get((task, row.sentence))
        if mine:
            found[row.id] = mine.pop(0)
    return found


def _repeat(
    tx: Tx, directory: Directory, new: Head, what: str, data: Mapping[str, Any], alike: _Same
) -> dict[str, Any] | None:
    """One correction once more, as it is recorded; None where it does not fit any longer."""
    match what:
        case "correct":
            return _correct(tx, new, data, alike)
        case "set_duty":
            return _set_duty(tx, directory, new, data, alike)
        case "add_milestone" | "add_target":
            return _add(tx, new, what, data, alike)
    return None


def _correct(tx: Tx, new: Head, data: Mapping[str, Any], alike: _Same) -> dict[str, Any] | None:
    subject, field = data["subject"], data["field"]
    if subject == "plan" or field not in TABLES[subject].c:
        return None  # what a document says of itself is printed anew
    rows = {"task": alike.tasks, "milestone": alike.milestones, "target": alike.targets}[subject]
    which = rows.get(data["id"])
    table = TABLES[subject]
    if which is None:
        return None
    now_is = tx.execute(select(table.c[field]).where(table.c.id == which)).scalar_one()
    if plain(now_is) != data["old"]:
        return None
    value = data["new"]
    changed = {field: date.fromisoformat(value) if value and field in _DAYS else value}
    if subject == "milestone" and field == "due":
        changed["certain"] = True
    tx.execute(update(table).where(table.c.id == which).values(changed))
    return {**data, "id": which}


def _set_duty(
    tx: Tx, directory: Directory, new: Head, data: Mapping[str, Any], alike: _Same
) -> dict[str, Any] | None:
    task, role = alike.tasks.get(data["task"]), data["role"]
    if task is None:
        return None
    now_is = list(tx.execute(_UNITS, {"of_task": task, "of_role": role}).scalars())
    if now_is != list(data["old"]):
        return None
    asked = select(NAMES.c.name, NAMES.c.id).where(NAMES.c.plan_id == new.id)
    known: dict[str, int] = {row.name: row.id for row in tx.execute(asked)}
    tx.execute(delete(DUTY).where(DUTY.c.task_id == task, DUTY.c.role == role))
    rows = [
        {
            "task_id": task,
            "role": role,
            "plan_unit_id": known.get(name) or new_name(tx, directory, new, name),
            "rank": rank,
            "printed": "",
        }
        for rank, name in enumerate(data["new"], 1)
    ]
    if rows:
        tx.execute(insert(DUTY), rows)
    return {**data, "task": task}


def _add(
    tx: Tx, new: Head, what: str, data: Mapping[str, Any], alike: _Same
) -> dict[str, Any] | None:
    """A day or a figure that was added by hand, unless the document has it by now."""
    was = data.get("task_id")
    task = None if was is None else alike.tasks.get(was)
    if was is not None and task is None:
        return None
    table = MILESTONE if what == "add_milestone" else TARGET
    due = date.fromisoformat(data["due"]) if data.get("due") else None
    there = select(table.c.id).where(table.c.task_id.is_not_distinct_from(task), table.c.due == due)
    if due is not None and table is MILESTONE and tx.execute(there).first() is not None:
        return None
    row = {**data, "task_id": task, "due": due}
    row.pop("what", None)
    if task is not None:
        row["rank"] = following(tx, table, task)
    if table is TARGET:
        row["plan_id"] = new.id
    tx.execute(insert(table), row)
    return {**data, "task_id": task}
