"""The tables of plans, and the one way in which a write takes hold of a plan and leaves its record."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from workflow.db import Tx
from workflow.errors import N_, Conflict, NotAllowed, NotFound, Refused
from workflow.plans.models import (
    Plan,
    PlanAction,
    PlanDuty,
    PlanMilestone,
    PlanNote,
    PlanObservation,
    PlanRecord,
    PlanSection,
    PlanTarget,
    PlanTask,
    PlanText,
    PlanUnit,
)
from workflow.plans.views import Head
from workflow.units.directory import Directory
from workflow.units.rules import Actor, scope_of

PLAN = Plan.__table__  # type: ignore[attr-defined]
TEXT = PlanText.__table__  # type: ignore[attr-defined]
SECTION = PlanSection.__table__  # type: ignore[attr-defined]
ACTION = PlanAction.__table__  # type: ignore[attr-defined]
UNIT = PlanUnit.__table__  # type: ignore[attr-defined]
TASK = PlanTask.__table__  # type: ignore[attr-defined]
DUTY = PlanDuty.__table__  # type: ignore[attr-defined]
MILESTONE = PlanMilestone.__table__  # type: ignore[attr-defined]
TARGET = PlanTarget.__table__  # type: ignore[attr-defined]
OBSERVATION = PlanObservation.__table__  # type: ignore[attr-defined]
NOTE = PlanNote.__table__  # type: ignore[attr-defined]
RECORD = PlanRecord.__table__  # type: ignore[attr-defined]

EDITOR = "dispatcher"
"""Whose desk in the issuing unit reads drafts and writes plans."""
_HEAD = select(*(PLAN.c[each.name] for each in fields(Head)))
_ONE = _HEAD.where(PLAN.c.id == bindparam("plan_id"))
_HELD = _ONE.with_for_update(of=PLAN)
_RAISE = (
    update(PLAN)
    .where(PLAN.c.id == bindparam("at_id"), PLAN.c.version == bindparam("at_version"))
    .values(version=PLAN.c.version + 1)
)
_RECORD = insert(RECORD)
_MOST = 2**62


def head(tx: Tx, plan_id: int, *, hold: bool = False) -> Head | None:
    """A plan without what stands in it, held for this transaction if it is to be written."""
    if not is_id(plan_id):
        return None
    row = tx.execute(_HELD if hold else _ONE, {"plan_id": plan_id}).first()
    return None if row is None else Head(*row)


def is_id(number: int | None) -> bool:
    """Whether a number can be the id of a row; a database refuses larger ones."""
    return number is not None and 0 < number < _MOST


def may_edit(by: Actor, issuer_unit_id: int) -> bool:
    """Whether somebody reads the drafts of a unit and writes its plans."""
    return (issuer_unit_id, EDITOR) in by.desks


def open_to_write(
    tx: Tx,
    directory: Directory,
    *,
    plan_id: int,
    version: int | None,
    by: Actor,
    states: tuple[str, ...] = ("draft",),
) -> Head:
    """The plan that somebody is about to write, held.

    Raises:
        NotFound: there is none, or none that this person may know of.
        NotAllowed: it is another unit's.
        Refused: its state allows no such thing.
        Conflict: it has changed since ``version``.
    """
    found = head(tx, plan_id, hold=True)
    if found is None:
        raise not_found()
    if not may_edit(by, found.issuer_unit_id):
        if found.state == "draft" or not is_seen(tx, directory, by, found):
            raise not_found()
        raise NotAllowed(
            N_("您不能修改这份计划。"),
            why=N_("须由{unit}交办员办理。"),
            params={"unit": directory.unit(found.issuer_unit_id).name},
        )
    _in_state(found, states)
    if version is not None and version != found.version:
        raise Conflict(N_("这份计划刚刚有了新的改动，请刷新页面查看后再办。"))
    return found


def hold_running(tx: Tx, plan_id: int) -> Head:
    """A plan that runs, held, for a write of somebody who is not its dispatcher."""
    found = head(tx, plan_id, hold=True)
    if found is None:
        raise not_found()
    _in_state(found, ("running",))
    return found


def _in_state(found: Head, states: tuple[str, ...]) -> None:
    if found.state not in states:
        raise Refused(
            N_("现在不能这样办。"), action="plan", state=found.state, why=_WHY[found.state]
        )


def is_seen(tx: Tx, directory: Directory, by: Actor, found: Head) -> bool:
    """Whether a plan that is no draft is anything to this person: a unit of theirs stands in it."""
    scope = scope_of(directory, by)
    own = {found.issuer_unit_id, found.organiser_unit_id, found.supervising_unit_id}
    if scope.everything or not scope.units.isdisjoint(own):
        return True
    if not scope.units:
        return False
    named = select(UNIT.c.id).where(
        UNIT.c.plan_id == found.id, UNIT.c.unit_id.in_(sorted(scope.units))
    )
    return tx.execute(named.limit(1)).first() is not None


def written(
    tx: Tx,
    plan: Head,
    *,
    action: str,
    data: Mapping[str, Any],
    by: Actor,
    now: datetime,
    door: str,
) -> int:
    """Raise the plan's version and leave a record; the new version."""
    row = {"at_id": plan.id, "at_version": plan.version}
    if tx.execute(_RAISE, row).rowcount != 1:
        raise Conflict(N_("这份计划刚刚有了新的改动，请刷新页面查看后再办。"))
    record(tx, plan.id, plan.version + 1, action=action, data=data, by=by, now=now, door=door)
    return plan.version + 1


def record(
    tx: Tx,
    plan_id: int,
    seq: int,
    *,
    action: str,
    data: Mapping[str, Any],
    by: Actor,
    now: datetime,
    door: str,
) -> None:
    """One row of what was done with a plan."""
    row = {"plan_id": plan_id, "seq": seq, "at": now, "by_id": by.person_id, "by_login": by.login}
    tx.execute(_RECORD, row | {"door": door, "action": action, "data": dict(data)})


def not_found() -> NotFound:
    """The same sentence for a plan that does not exist and for one that is not to be seen."""
    return NotFound(N_("没有这份计划，或您无权查看。请从计划列表中选择。"))


_WHY = {
    "draft": N_("这份计划还是草稿，导入后方可办理。"),
    "running": N_("这份计划已经导入执行；内容有变时，请上传修订后的文件。"),
    "replaced": N_("这份计划已由修订后的计划代替。"),
    "discarded": N_("这份草稿已经作废。"),
}
