"""What a reviewer does with a draft: corrects it, settles its doubts, confirms it, discards it.

Each is one transaction with one record that keeps old and new values.  Only the dispatcher of the
issuing unit may; ``activation`` puts a draft into force.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, insert, select, update

from workflow.db import Tx
from workflow.deadlines.rhythm import next_day
from workflow.errors import N_, Invalid, NotFound
from workflow.issues.inputs import shown
from workflow.issues.office import Office
from workflow.plans import store
from workflow.plans.corrections import FIELDS, read_value
from workflow.plans.editing import (
    TABLES,
    Outcome,
    done,
    following,
    new_name,
    no_such,
    of_plan,
    plain,
    plain_row,
)
from workflow.plans.store import DUTY, MILESTONE, NOTE, PLAN, TARGET, TASK
from workflow.plans.store import UNIT as NAMES
from workflow.units import queries as units
from workflow.units.rules import Actor

ROLES = ("lead", "cooperating", "responsible", "supervising", "acceptance")
MOST_UNITS = 100
_OPEN_NOTES = update(NOTE).where(NOTE.c.plan_id == bindparam("of_plan"), ~NOTE.c.resolved)
_RESOLVED: dict[str, Any] = {
    "resolved": True,
    "resolved_by_id": bindparam("by"),
    "resolved_at": bindparam("at"),
    "resolution": bindparam("how"),
}
_SETTLE = _OPEN_NOTES.where(NOTE.c.id == bindparam("at_id")).values(_RESOLVED)
_SETTLE_OF_TASK = _OPEN_NOTES.where(NOTE.c.task_id == bindparam("of_task")).values(_RESOLVED)
_SETTLE_OF_DOCUMENT = _OPEN_NOTES.where(NOTE.c.task_id.is_(None)).values(_RESOLVED)
_REOPEN = (
    update(NOTE)
    .where(NOTE.c.plan_id == bindparam("of_plan"), NOTE.c.id == bindparam("at_id"))
    .where(NOTE.c.resolved)
    .values(resolved=False, resolved_by_id=None, resolved_at=None, resolution="")
)
_DOUBTED = exists().where(NOTE.c.task_id == TASK.c.id, ~NOTE.c.resolved)
_CONFIRM = update(TASK).where(TASK.c.plan_id == bindparam("of_plan"))
_CONFIRMED: dict[str, Any] = {"confirmed_at": bindparam("at"), "confirmed_by_id": bindparam("by")}
_CONFIRM_ONE = _CONFIRM.where(TASK.c.id == bindparam("at_id")).values(_CONFIRMED)
_CONFIRM_CLEAR = _CONFIRM.where(
    and_(TASK.c.confirmed_at.is_(None), TASK.c.state == "active", ~_DOUBTED)
).values(_CONFIRMED)


def correct(
    tx: Tx,
    office: Office,
    *,
    plan_id: int,
    version: int | None,
    subject: str,
    subject_id: int | None,
    field: str,
    value: str | None,
    by: Actor,
    now: datetime,
    door: str,
) -> Outcome:
    """Correct one field of the plan (``subject_id`` None), a task, a milestone or a target.

    Raises:
        Invalid: at ``field`` or ``value``, with a sentence. NotFound: no such row in this plan.
        NotFound, NotAllowed, Refused, Conflict: as ``store.open_to_write``.
    """
    directory = units.directory(tx)
    plan = store.open_to_write(tx, directory, plan_id=plan_id, version=version, by=by)
    if subject not in FIELDS or field not in FIELDS[subject]:
        raise Invalid.at("field", N_("没有可以更正的“{name}”。"), name=shown(f"{subject}.{field}"))
    new = read_value(subject, field, value)
    table = TABLES[subject]
    which = plan.id if subject == "plan" else of_plan(tx, plan, subject, subject_id)
    old = tx.execute(select(table.c[field]).where(table.c.id == which)).scalar_one()
    if new == old:
        raise Invalid.at("value", N_("与原内容相同，无须更正。"))
    changed: dict[str, Any] = {field: new}
    if subject == "plan" and field in ("organiser", "supervisor"):
        unit = directory.find(new) if new else None
        column = "organiser_unit_id" if field == "organiser" else "supervising_unit_id"
        changed[column] = directory.current(unit.id) if unit else None
    if subject == "milestone" and field == "due":
        changed["certain"] = True
    if field == "every" and new and next_day(new, office.timing.day(now)) is None:
        sentence = N_("没有名为“{name}”的周期。可用的周期：{names}。")
        raise Invalid.at(
            "value", sentence, name=shown(new), names="month、quarter、half year、year"
        )
    tx.execute(update(table).where(table.c.id == which).values(changed))
    data = {"subject": subject, "id": which, "field": field, "old": plain(old), "new": plain(new)}
    return done(tx, plan, "correct", data, by, now, door)


def add_milestone(
    tx: Tx,
    office: Office,
    *,
    plan_id: int,
    version: int | None,
    task_id: int,
    due: str,
    content: str,
    by: Actor,
    now: datetime,
    door: str,
) -> Outcome:
    """Add a day that the reader has not found. Raises as ``correct``."""
    plan = store.open_to_write(tx, units.directory(tx), plan_id=plan_id, version=version, by=by)
    task = of_plan(tx, plan, "task", task_id)
    row = {
        "task_id": task,
        "rank": following(tx, MILESTONE, task),
        "due": read_value("milestone", "due", due, at="due"),
        "content": read_value("milestone", "content", content, at="content"),
        "printed": "",
    }
    tx.execute(insert(MILESTONE), row)
    return done(tx, plan, "add_milestone", plain_row(row), by, now, door)


def add_target(
    tx: Tx,
    office: Office,
    *,
    plan_id: int,
    version: int | None,
    task_id: int | None,
    name: str,
    comparator: str,
    value: str,
    unit: str,
    due: str | None,
    by: Actor,
    now: datetime,
    door: str,
) -> Outcome:
    """Add a figure that the reader has not found; without a task it is the plan's own."""
    plan = store.open_to_write(tx, units.directory(tx), plan_id=plan_id, version=version, by=by)
    task = None if task_id is None else of_plan(tx, plan, "task", task_id)
    given = {"name": name, "comparator": comparator, "value": value, "unit": unit, "due": due}
    row = {field: read_value("target", field, said, at=field) for field, said in given.items()}
    rank = following(tx, TARGET, task) if task else 1000
    row |= {"plan_id": plan.id, "task_id": task, "rank": rank, "kind": "number", "sentence": ""}
    tx.execute(insert(TARGET), row)
    return done(tx, plan, "add_target", plain_row(row), by, now, door)


def set_duty(
    tx: Tx,
    office: Office,
    *,
    plan_id: int,
    version: int | None,
    task_id: int,
    role: str,
    names: Sequence[str],
    by: Actor,
    now: datetime,
    door: str,
) -> Outcome:
    """Say anew which units stand in one role to a task, in order; new names join the plan's."""
    directory = units.directory(tx)
    plan = store.open_to_write(tx, directory, plan_id=plan_id, version=version, by=by)
    task = of_plan(tx, plan, "task", task_id)
    if role not in ROLES:
        raise Invalid.at("role", N_("没有名为“{role}”的分工。"), role=shown(role))
    wanted = list(dict.fromkeys(read_value("duty", "name", name, at="names") for name in names))
    if len(wanted) > MOST_UNITS:
        raise Invalid.at("names", N_("一项任务最多填写{most}个单位。"), most=MOST_UNITS)
    known = dict(
        tx.execute(select(NAMES.c.name, NAMES.c.id).where(NAMES.c.plan_id == plan.id)).all()
    )
    for name in wanted:
        if name not in known:
            known[name] = new_name(tx, directory, plan, name)
    mine = and_(DUTY.c.task_id == task, DUTY.c.role == role)
    old = list(
        tx.execute(
            select(NAMES.c.name)
            .join(DUTY, DUTY.c.plan_unit_id == NAMES.c.id)
            .where(mine)
            .order_by(DUTY.c.rank)
        ).scalars()
    )
    if old == wanted:
        raise Invalid.at("names", N_("与原内容相同，无须更正。"))
    tx.execute(delete(DUTY).where(mine))
    if wanted:
        rows = [
            {"task_id": task, "role": role, "plan_unit_id": known[name], "rank": n, "printed": ""}
            for n, name in enumerate(wanted, 1)
        ]
        tx.execute(insert(DUTY), rows)
    data = {"task": task, "role": role, "old": old, "new": wanted}
    return done(tx, plan, "set_duty", data, by, now, door)


def decide_unit(
    tx: Tx,
    office: Office,
    *,
    plan_id: int,
    version: int | None,
    plan_unit_id: int,
    decision: str,
    unit: str | None = None,
    by: Actor,
    now: datetime,
    door: str,
) -> Outcome:
    """Say what a name means: a unit that exists, one to be created, or a name and no more."""
    directory = units.directory(tx)
    plan = store.open_to_write(tx, directory, plan_id=plan_id, version=version, by=by)
    if not store.is_id(plan_unit_id):
        raise no_such()
    found = tx.execute(
        select(NAMES.c.name, NAMES.c.unit_id, NAMES.c.decision, NAMES.c.is_general).where(
            NAMES.c.plan_id == plan.id, NAMES.c.id == plan_unit_id
        )
    ).first()
    if found is None:
        raise no_such()
    which: int | None = None
    if decision == "chosen":
        chosen = directory.find(unit) if unit else None
        if chosen is None:
            near = "、".join(each.name for each in directory.nearest(unit or found.name)) or "—"
            sentence = N_("没有名为“{text}”的单位。是否指：{near}？")
            raise Invalid.at("unit", sentence, text=shown(unit or ""), near=near)
        which = directory.current(chosen.id)
    elif decision not in ("create", "name_only"):
        raise Invalid.at("decision", N_("请选择对应单位、新建单位或仅作名称。"))
    elif decision == "create" and found.is_general:
        raise Invalid.at(
            "decision", N_("“{name}”是统称，不能新建为一个单位；请在任务中写明具体单位。"),
            name=found.name,
        )  # fmt: skip
    tx.execute(
        update(NAMES).where(NAMES.c.id == plan_unit_id).values(unit_id=which, decision=decision)
    )
    data = {
        "name": found.name,
        "old": [found.decision, found.unit_id],
        "new": [decision, which],
    }
    return done(tx, plan, "decide_unit", data, by, now, door)


def resolve(
    tx: Tx,
    office: Office,
    *,
    plan_id: int,
    version: int | None,
    note_id: int,
    resolution: str = "",
    by: Actor,
    now: datetime,
    door: str,
) -> Outcome:
    """Settle one doubt: it was looked into, and what is written stands."""
    plan = store.open_to_write(tx, units.directory(tx), plan_id=plan_id, version=version, by=by)
    how = read_value("note", "resolution", resolution) or ""
    row = {"of_plan": plan.id, "at_id": note_id, "by": by.person_id, "at": now, "how": how}
    if not store.is_id(note_id) or tx.execute(_SETTLE, row).rowcount != 1:
        raise NotFound(N_("没有这处疑问，或已经处理。"))
    return done(tx, plan, "resolve", {"note": note_id, "resolution": how}, by, now, door)


def reopen(
    tx: Tx,
    office: Office,
    *,
    plan_id: int,
    version: int | None,
    note_id: int,
    by: Actor,
    now: datetime,
    door: str,
) -> Outcome:
    """Doubt again what was settled."""
    plan = store.open_to_write(tx, units.directory(tx), plan_id=plan_id, version=version, by=by)
    row = {"of_plan": plan.id, "at_id": note_id}
    if not store.is_id(note_id) or tx.execute(_REOPEN, row).rowcount != 1:
        raise NotFound(N_("没有这处疑问，或尚未处理。"))
    return done(tx, plan, "reopen", {"note": note_id}, by, now, door)


def confirm(
    tx: Tx,
    office: Office,
    *,
    plan_id: int,
    version: int | None,
    task_id: int | None,
    by: Actor,
    now: datetime,
    door: str,
) -> Outcome:
    """Say that a task (None: the document's own doubts) was compared with the document.

    Its open doubts are settled by that.
    """
    plan = store.open_to_write(tx, units.directory(tx), plan_id=plan_id, version=version, by=by)
    settled = {"of_plan": plan.id, "by": by.person_id, "at": now, "how": ""}
    if task_id is None:
        notes = tx.execute(_SETTLE_OF_DOCUMENT, settled).rowcount
    else:
        task_id = of_plan(tx, plan, "task", task_id)
        notes = tx.execute(_SETTLE_OF_TASK, settled | {"of_task": task_id}).rowcount
        tx.execute(
            _CONFIRM_ONE, {"of_plan": plan.id, "at_id": task_id, "at": now, "by": by.person_id}
        )
    return done(tx, plan, "confirm", {"task": task_id, "doubts": notes}, by, now, door)


def confirm_clear(
    tx: Tx,
    office: Office,
    *,
    plan_id: int,
    version: int | None,
    by: Actor,
    now: datetime,
    door: str,
) -> Outcome:
    """Confirm every task of which the reader doubts nothing."""
    plan = store.open_to_write(tx, units.directory(tx), plan_id=plan_id, version=version, by=by)
    row = {"of_plan": plan.id, "at": now, "by": by.person_id}
    tasks = tx.execute(_CONFIRM_CLEAR, row).rowcount
    return done(tx, plan, "confirm_clear", {"tasks": tasks}, by, now, door)


def discard(
    tx: Tx,
    office: Office,
    *,
    plan_id: int,
    version: int | None,
    by: Actor,
    now: datetime,
    door: str,
) -> Outcome:
    """Give up a draft; its file and its rows stay on record, the same file can be filed anew."""
    plan = store.open_to_write(tx, units.directory(tx), plan_id=plan_id, version=version, by=by)
    tx.execute(update(PLAN).where(PLAN.c.id == plan.id).values(state="discarded"))
    return done(tx, plan, "discard", {}, by, now, door)
