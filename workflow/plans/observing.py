"""Figures against targets: what was observed, when, from which source, by whom."""

from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from workflow.db import Tx
from workflow.errors import N_, Invalid, NotAllowed, NotFound
from workflow.issues.office import Office
from workflow.plans import store
from workflow.plans.corrections import read_value
from workflow.plans.store import DUTY, OBSERVATION, TARGET
from workflow.plans.store import UNIT as NAMES
from workflow.plans.views import Head
from workflow.units import queries as units
from workflow.units.rules import Actor

_WRITERS = ("handler", "section_head", "dispatcher")
_TARGET = select(TARGET.c.plan_id, TARGET.c.task_id, TARGET.c.name).where(
    TARGET.c.id == bindparam("target_id"), TARGET.c.state == "active"
)
_UNITS = (
    select(NAMES.c.unit_id)
    .join(DUTY, DUTY.c.plan_unit_id == NAMES.c.id)
    .where(DUTY.c.task_id == bindparam("task_id"), NAMES.c.unit_id.is_not(None))
)
_ADD = insert(OBSERVATION).returning(OBSERVATION.c.id)
_ONE = select(OBSERVATION.c.target_id, OBSERVATION.c.value, OBSERVATION.c.by_id).where(
    OBSERVATION.c.id == bindparam("at_id"), OBSERVATION.c.withdrawn_at.is_(None)
)
_WITHDRAW = (
    update(OBSERVATION)
    .where(OBSERVATION.c.id == bindparam("at_id"))
    .values(withdrawn_at=bindparam("withdrawn"))
)


def observe(
    tx: Tx,
    office: Office,
    *,
    target_id: int,
    value: str,
    observed_on: str,
    source: str,
    note: str = "",
    by: Actor,
    now: datetime,
    door: str,
) -> int:
    """Write down what a target was found to be on a day; the observation's id.

    Raises:
        Invalid: with one sentence a field at fault, also for a day to come.
        NotFound, NotAllowed, Refused: as ``store.open_to_write``, for who has no part in the task.
    """
    plan_id, task_id, name = _target(tx, target_id)
    day = read_value("observation", "observed_on", observed_on, at="observed_on")
    row = {
        "target_id": target_id,
        "value": read_value("observation", "value", value),
        "observed_on": day,
        "source": read_value("observation", "source", source, at="source"),
        "note": read_value("observation", "note", note, at="note"),
        "by_id": by.person_id,
        "at": now,
    }
    if day > office.timing.day(now):
        sentence = N_("{day}还没有到，请填写实际发生的日期。")
        raise Invalid.at("observed_on", sentence, day=day.isoformat())
    plan = _open(tx, plan_id, task_id, by)
    made = int(tx.execute(_ADD, row).scalar_one())
    data = {"target": target_id, "name": name, "value": row["value"], "on": day.isoformat()}
    store.written(tx, plan, action="observe", data=data, by=by, now=now, door=door)
    return made


def withdraw_observation(
    tx: Tx, office: Office, *, observation_id: int, by: Actor, now: datetime, door: str
) -> None:
    """Say that an observation was wrong; it stays on record and no longer counts."""
    if not store.is_id(observation_id):
        raise _none()
    found = tx.execute(_ONE, {"at_id": observation_id}).first()
    if found is None:
        raise _none()
    plan_id, task_id, name = _target(tx, found.target_id)
    plan = _open(tx, plan_id, task_id, by)
    if by.person_id != found.by_id and not store.may_edit(by, plan.issuer_unit_id):
        raise NotAllowed(N_("您不能撤回这一数值。"), why=N_("须由填报人本人或发文单位交办员撤回。"))
    tx.execute(_WITHDRAW, {"at_id": observation_id, "withdrawn": now})
    data = {"target": found.target_id, "name": name, "value": found.value}
    store.written(tx, plan, action="withdraw_observation", data=data, by=by, now=now, door=door)


def _target(tx: Tx, target_id: int) -> tuple[int, int | None, str]:
    if not store.is_id(target_id):
        raise _none()
    found = tx.execute(_TARGET, {"target_id": target_id}).first()
    if found is None:
        raise _none()
    return found.plan_id, found.task_id, found.name


def _none() -> NotFound:
    return NotFound(N_("没有这项指标或数值，或您无权查看。请从计划页面进入。"))


def _open(tx: Tx, plan_id: int, task_id: int | None, by: Actor) -> Head:
    """The plan, held, if somebody may write figures of that task: its units, or the issuer."""
    directory = units.directory(tx)
    found = store.head(tx, plan_id)
    if found is None:
        raise _none()
    if store.may_edit(by, found.issuer_unit_id):
        return store.open_to_write(
            tx, directory, plan_id=plan_id, version=None, by=by, states=("running",)
        )
    if found.state == "draft" or not store.is_seen(tx, directory, by, found):
        raise _none()
    mine = {unit for unit, post in by.desks if post in _WRITERS}
    named = {found.organiser_unit_id}
    if task_id is not None:
        named |= set(tx.execute(_UNITS, {"task_id": task_id}).scalars())
    if mine.isdisjoint(named - {None}):
        raise NotAllowed(
            N_("您不能填报这项指标。"), why=N_("须由该任务的牵头、配合、责任单位或发文单位填报。")
        )
    return store.hold_running(tx, plan_id)
