"""A reviewed draft comes into force: units are created, milestones begin to run; all or nothing.

A revision takes the place of the plan that it revises: what is still in it runs on, with its
evidence, clocks and observations.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update

from workflow.db import Tx
from workflow.errors import N_, Refused
from workflow.issues.office import Office
from workflow.plans import facts, readiness, revising, running, store
from workflow.plans.facts import Content
from workflow.plans.revising import Carried
from workflow.plans.store import PLAN
from workflow.plans.store import UNIT as NAMES
from workflow.plans.views import Head
from workflow.units import actions as unit_actions
from workflow.units import queries as units
from workflow.units.directory import Directory
from workflow.units.entries import Batch, UnitEntry
from workflow.units.rules import SYSTEM, Actor

_WANTED = (
    select(NAMES.c.id, NAMES.c.name)
    .where(NAMES.c.plan_id == bindparam("plan_id"), NAMES.c.decision == "create")
    .order_by(NAMES.c.id)
)
_MADE = (
    update(NAMES)
    .where(NAMES.c.id == bindparam("at_id"))
    .values(unit_id=bindparam("unit"), decision="created")
)
_IN_FORCE = (
    update(PLAN)
    .where(PLAN.c.id == bindparam("at_id"))
    .values(state="running", activated_at=bindparam("at"), activated_by_id=bindparam("by"))
)
_REPLACED = update(PLAN).where(PLAN.c.id == bindparam("at_id")).values(state="replaced")


@dataclass(frozen=True, slots=True)
class Activated:
    """What an activation has set going."""

    plan_id: int
    version: int
    milestones: int
    """That began to run; `asked` of them wait for an answer first."""
    asked: int
    carried: int
    """Milestones of the plan before that run on."""
    created_units: tuple[str, ...]
    changes: int


def activate(
    tx: Tx,
    office: Office,
    *,
    plan_id: int,
    version: int | None,
    by: Actor,
    now: datetime,
    door: str,
) -> Activated:
    """Put a draft into force.

    Raises:
        Refused: something is still open; ``why`` is the first obstacle.
        NotFound, NotAllowed, Conflict: as ``store.open_to_write``.
    """
    directory = units.directory(tx)
    plan = store.open_to_write(tx, directory, plan_id=plan_id, version=version, by=by)
    content = _ready(tx, directory, plan)
    created = _create_units(tx, directory, plan, now, door)
    if created is not None:
        directory = units.directory(tx)
        content = _ready(tx, directory, plan)
    house = office.house(directory)
    carried = Carried()
    if plan.revises_id is not None:
        carried = _take_over(tx, office, plan, content, by=by, now=now, door=door)
    began = [
        found
        for task in content.active
        for milestone in content.due_milestones(task.id)
        if milestone.id not in carried.running
        and (
            found := running.begin(
                tx,
                office,
                house,
                plan=plan,
                task=task,
                milestone=milestone,
                units=content.units_of.get(task.id, {}),
                by=by,
                now=now,
                door=door,
            )
        )
    ]
    tx.execute(_IN_FORCE, {"at_id": plan.id, "at": now, "by": by.person_id})
    asked = sum(each.asked for each in began)
    data = {
        "milestones": len(began),
        "asked": asked,
        "carried": len(carried.running),
        "changes": len(carried.changes),
        "created_units": created or (),
    }
    number = store.written(tx, plan, action="activate", data=data, by=by, now=now, door=door)
    return Activated(
        plan.id,
        number,
        len(began),
        asked,
        len(carried.running),
        created or (),
        len(carried.changes),
    )


def _ready(tx: Tx, directory: Directory, plan: Head) -> Content:
    """What the plan says. Raises Refused with the first obstacle."""
    content = facts.read(tx, plan.id)
    left = readiness.obstacles(tx, directory, plan, content)
    if left:
        raise Refused(
            N_("现在不能导入。"),
            action="activate",
            state=plan.state,
            why=left[0].message,
            params=left[0].params,
        )
    return content


def _create_units(
    tx: Tx, directory: Directory, plan: Head, now: datetime, door: str
) -> tuple[str, ...] | None:
    """The units that the reviewer wants, beside the issuer in the tree; None if he wants none."""
    wanted = tx.execute(_WANTED, {"plan_id": plan.id}).all()
    if not wanted:
        return None
    seat = next(iter(directory.ancestors(plan.issuer_unit_id)), plan.issuer_unit_id)
    above = directory.unit(seat)
    rows, made = [], []
    for n, (key, name) in enumerate(wanted, 1):
        # Known by now, from another plan or under another of these names: it is that unit.
        unit = units.directory(tx).find(name)
        if unit is None:
            entry = UnitEntry(
                code=f"{plan.code}-r{plan.revision}-u{n}".lower(),
                name=name,
                level=above.level,
                under=above.code,
            )
            unit_actions.import_units(tx, Batch(units=(entry,)), by=SYSTEM, now=now, door=door)
            unit = units.directory(tx).find(name)
            made.append(name)
        assert unit is not None
        rows.append({"at_id": key, "unit": unit.id})
    tx.execute(_MADE, rows)
    return tuple(made)


def _take_over(
    tx: Tx,
    office: Office,
    plan: Head,
    content: facts.Content,
    *,
    by: Actor,
    now: datetime,
    door: str,
) -> Carried:
    assert plan.revises_id is not None
    directory = units.directory(tx)
    old = store.open_to_write(
        tx, directory, plan_id=plan.revises_id, version=None, by=by, states=("running",)
    )
    carried = revising.carry_over(
        tx,
        office,
        office.house(directory),
        old=old,
        was=facts.read(tx, old.id),
        new=plan,
        now_is=content,
        by=by,
        now=now,
        door=door,
    )
    tx.execute(_REPLACED, {"at_id": old.id})
    data = {"by_revision": plan.revision, "plan": plan.id}
    store.written(tx, old, action="replaced", data=data, by=by, now=now, door=door)
    return carried
