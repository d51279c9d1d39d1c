"""A document that was read becomes a draft plan: everything in it, with its doubts, inert."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

from sqlalchemy import bindparam, func, insert, select

from workflow import stamps
from workflow.db import Tx
from workflow.errors import N_, Invalid, NotAllowed, Refused
from workflow.evidence import actions as evidence
from workflow.issues.office import Office
from workflow.plans import store
from workflow.plans.drafting import Writer
from workflow.plans.reading import Prepared
from workflow.plans.store import MILESTONE, NOTE, PLAN, TARGET, TASK
from workflow.plans.store import UNIT as NAMES
from workflow.plans.taking_over import take_over
from workflow.plans.views import Head
from workflow.units import queries as units
from workflow.units.directory import Directory
from workflow.units.rules import Actor

SERIES = "JH"
"""Prefix of the numbers of plans."""
_LONGEST_TITLE = 200
_SAME = select(PLAN.c.id, PLAN.c.code, PLAN.c.revision, PLAN.c.state).where(
    PLAN.c.issuer_unit_id == bindparam("issuer"),
    PLAN.c.sha256 == bindparam("sha256"),
    PLAN.c.state.in_(("draft", "running")),
)
_LAST = select(func.max(PLAN.c.revision)).where(PLAN.c.code == bindparam("code"))
_OLD_DRAFT = select(PLAN.c.id).where(
    PLAN.c.revises_id == bindparam("plan_id"), PLAN.c.state == "draft"
)
_COUNTS = select(
    *(
        select(func.count()).select_from(statement.subquery()).scalar_subquery()
        for statement in (
            select(TASK.c.id).where(TASK.c.plan_id == bindparam("plan_id")),
            select(MILESTONE.c.id).where(
                MILESTONE.c.task_id == TASK.c.id, TASK.c.plan_id == bindparam("plan_id")
            ),
            select(TARGET.c.id).where(TARGET.c.plan_id == bindparam("plan_id")),
            select(NOTE.c.id).where(NOTE.c.plan_id == bindparam("plan_id"), ~NOTE.c.resolved),
            select(NAMES.c.id).where(
                NAMES.c.plan_id == bindparam("plan_id"), NAMES.c.decision == "open"
            ),
        )
    )
)
_NEW_PLAN = insert(PLAN).returning(PLAN.c.id)


@dataclass(frozen=True, slots=True)
class Staged:
    """A plan that was read: the new draft, or the one that the same file has made before."""

    id: int
    code: str
    revision: int
    state: str
    is_new: bool
    tasks: int
    milestones: int
    targets: int
    doubts: int
    open_units: int


def stage(
    tx: Tx,
    office: Office,
    *,
    found: Prepared,
    issuer: str | None = None,
    revises: int | None = None,
    by: Actor,
    now: datetime,
    door: str,
) -> Staged:
    """File a document as a draft of a unit whose dispatcher somebody is.

    The same file is filed once: again, it is the plan that is there. ``revises`` names the running
    plan whose place the draft is to take.

    Raises:
        Invalid: ``issuer`` is no unit. NotAllowed: not theirs to issue for.
        NotFound, Refused: the plan to revise is not there, or does not run, or waits already.
    """
    stamps.rise(tx, SERIES)  # whoever stages the same file at this moment waits for us
    directory = units.directory(tx)
    old = None
    if revises is not None:
        old = store.open_to_write(
            tx, directory, plan_id=revises, version=None, by=by, states=("running",)
        )
    unit = old.issuer_unit_id if old else _issuer(directory, found, issuer, by)
    same_file = {"issuer": unit, "sha256": found.upload.sha256}
    if (there := tx.execute(_SAME, same_file).first()) is not None:
        return _staged(tx, *there, is_new=False)
    if old is not None and tx.execute(_OLD_DRAFT, {"plan_id": old.id}).first() is not None:
        raise Refused(
            N_("现在不能这样办。"),
            action="plan",
            state=old.state,
            why=N_("这份计划已有一份修订草稿待核对，请先导入或作废那一份。"),
        )
    evidence.record(tx, [found.upload], now=now)
    row = _plan_row(tx, office, directory, found, unit, old, by, now)
    plan_id = int(tx.execute(_NEW_PLAN, row).scalar_one())
    writer = Writer(tx, office, directory, plan_id, str(row["code"]), found, old)
    writer.write()
    store.record(
        tx,
        plan_id,
        1,
        action="stage",
        data={"file": found.name, "sha256": found.upload.sha256, "title": row["title"]},
        by=by,
        now=now,
        door=door,
    )
    if old is not None:
        draft = store.head(tx, plan_id)
        assert draft is not None
        take_over(tx, directory, old=old, new=draft, by=by, now=now, door=door)
    return _staged(tx, plan_id, str(row["code"]), int(row["revision"]), "draft", is_new=True)


def may_issue(by: Actor) -> None:
    """Raises NotAllowed for somebody who dispatches for no unit, before anything is read."""
    if not any(post == store.EDITOR for _, post in by.desks):
        raise _not_yours(N_("发文单位"))


def _issuer(directory: Directory, found: Prepared, issuer: str | None, by: Actor) -> int:
    own = [post.unit_id for post in by.held if post.post == store.EDITOR]
    own += sorted(unit for unit, post in by.desks if post == store.EDITOR and unit not in own)
    if issuer is not None:
        unit = directory.find(issuer)
        if unit is None:
            near = "、".join(each.name for each in directory.nearest(issuer)) or "—"
            sentence = N_("没有名为“{text}”的单位。是否指：{near}？")
            raise Invalid.at("issuer", sentence, text=issuer, near=near)
        if unit.id not in own:
            raise _not_yours(unit.name)
        return unit.id
    if not own:
        raise _not_yours(N_("发文单位"))
    printed = directory.find(found.plan.head.issuer) if found.plan.head.issuer else None
    return printed.id if printed is not None and printed.id in own else own[0]


def _not_yours(unit: str) -> NotAllowed:
    return NotAllowed(
        N_("您不能导入计划。"), why=N_("须由{unit}交办员办理。"), params={"unit": unit}
    )


def _plan_row(
    tx: Tx,
    office: Office,
    directory: Directory,
    found: Prepared,
    unit: int,
    old: Head | None,
    by: Actor,
    now: datetime,
) -> dict[str, Any]:
    head = found.plan.head
    year = office.timing.day(now).year
    code = old.code if old else f"{SERIES}-{year}-{stamps.rise(tx, f'number:{SERIES}:{year}'):05d}"
    last = int(tx.execute(_LAST, {"code": code}).scalar_one() or 0)
    title = (head.title or PurePath(found.name).stem or code)[:_LONGEST_TITLE]
    organiser = directory.find(head.organiser) if head.organiser else None
    supervising = directory.find(head.supervisor) if head.supervisor else None
    return {
        "code": code,
        "revision": last + 1,
        "title": title,
        "number": _cut(head.number, 64),
        "issuer": _cut(head.issuer, 100),
        "issued_on": head.issued_on,
        "organiser": _cut(head.organiser, 100),
        "supervisor": _cut(head.supervisor, 100),
        "issuer_unit_id": unit,
        "organiser_unit_id": directory.current(organiser.id) if organiser else None,
        "supervising_unit_id": directory.current(supervising.id) if supervising else None,
        "revises_id": old.id if old else None,
        "sha256": found.upload.sha256,
        "file_name": found.name,
        "staged_at": now,
        "staged_by_id": by.person_id,
    }


def _cut(text: str | None, most: int) -> str | None:
    return text[:most] if text else None


def _staged(tx: Tx, plan_id: int, code: str, revision: int, state: str, *, is_new: bool) -> Staged:
    counts = tx.execute(_COUNTS, {"plan_id": plan_id}).one()
    return Staged(plan_id, code, revision, state, is_new, *(int(n) for n in counts))
