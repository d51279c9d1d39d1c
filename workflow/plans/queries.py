"""Reads of plans: the list, a draft for its review, a plan in force; a foreign plan is not found.

Each costs the same number of statements whatever the size of the plan.
"""

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select

from workflow.db import Tx
from workflow.issues.visible import ISSUE
from workflow.plans import above, facts, gathering, progressing, readiness, revising, store
from workflow.plans.reviewing import Review
from workflow.plans.store import NOTE, PLAN, TASK, UNIT
from workflow.plans.views import Change, Head, PlanPage, PlanRow, TaskTitle, UnitName
from workflow.units.directory import Directory
from workflow.units.rules import Actor, Scope, scope_of

PUBLIC = ("running", "replaced")
"""States in which a plan is shown to all whom it names; the others are its editors' only."""
_MOST_TASKS = 2_000
_SOME: Any = bindparam("scope_units", expanding=True)
_EDITABLE: Any = bindparam("editable", expanding=True)
_STATES: Any = bindparam("states", expanding=True)
_CODES: Any = bindparam("codes", expanding=True)
_OF_PLAN = (
    select(func.count())
    .select_from(ISSUE.join(TASK, ISSUE.c.task == TASK.c.code))
    .where(TASK.c.plan_id == PLAN.c.id, ISSUE.c.milestone_id.is_not(None))
    .where(ISSUE.c.counts_as.is_distinct_from("withdrawn"))
)
_TASKS = select(func.count()).where(TASK.c.plan_id == PLAN.c.id, TASK.c.state == "active")
_DOUBTS = select(func.count()).where(
    NOTE.c.plan_id == PLAN.c.id, ~NOTE.c.resolved, ~readiness.MISREAD
)
_LATE = and_(ISSUE.c.is_open, ISSUE.c.due_on < bindparam("today"), ISSUE.c.state != "asked")
_COUNTS = {
    "tasks": _TASKS,
    "milestones": _OF_PLAN,
    "accepted": _OF_PLAN.where(~ISSUE.c.is_open),
    "late": _OF_PLAN.where(_LATE),
    "doubts": _DOUBTS,
}
_TITLES = (
    select(PLAN.c.id, TASK.c.id, TASK.c.code, TASK.c.no, TASK.c.title)
    .join(PLAN, TASK.c.plan_id == PLAN.c.id)
    .where(PLAN.c.state == "running", TASK.c.state == "active")
)
_TITLES_OF = _TITLES.where(TASK.c.code.in_(_CODES))
_DRAFT_OF = select(PLAN.c.id).where(
    PLAN.c.revises_id == bindparam("plan_id"), PLAN.c.state == "draft"
)


def page(
    tx: Tx,
    directory: Directory,
    actor: Actor,
    *,
    today: date,
    states: tuple[str, ...] = ("draft", "running"),
    after: int | None = None,
    limit: int = 50,
) -> tuple[PlanRow, ...]:
    """The plans that somebody may see, newest first; ``after`` is the id of the last one seen."""
    scope = scope_of(directory, actor)
    counted = [statement.scalar_subquery().label(name) for name, statement in _COUNTS.items()]
    own = [PLAN.c[each.name] for each in fields(PlanRow) if each.name not in _COUNTS]
    asked = (
        select(*own, *counted)
        .where(_seen(scope), PLAN.c.state.in_(_STATES))
        .order_by(PLAN.c.id.desc())
        .limit(limit)
    )
    if after is not None:
        asked = asked.where(PLAN.c.id < after)
    values = _bound(scope, actor) | {"states": list(states), "today": today}
    return tuple(PlanRow(*row) for row in tx.execute(asked, values))


def review(tx: Tx, directory: Directory, actor: Actor, *, plan_id: int) -> Review:
    """A plan as its reviewer sees it, or as it was read, for whom it names. Raises NotFound."""
    plan = visible_head(tx, directory, actor, plan_id)
    content = facts.read(tx, plan.id)
    notes = gathering.notes(tx, plan.id)
    names = gathering.names(tx, plan.id)
    is_draft = plan.state == "draft"
    left = readiness.obstacles(tx, directory, plan, content) if is_draft else ()
    return Review(
        head=plan,
        may_edit=is_draft and store.may_edit(actor, plan.issuer_unit_id),
        lines=gathering.lines(tx, plan.id),
        sections=gathering.sections(tx, plan.id),
        actions=gathering.actions(tx, plan.id),
        tasks=gathering.tasks(content, notes, {}, scope_of(directory, actor)),
        targets=gathering.targets(content, None, {}),
        notes=notes.get(None, ()),
        units=tuple(_proposed(directory, name) for name in names),
        records=gathering.records(tx, plan.id),
        left=left,
    )


def progress(tx: Tx, directory: Directory, actor: Actor, *, plan_id: int, today: date) -> PlanPage:
    """A plan in force: progress by action, next dates, figures, units, problems by task."""
    plan = visible_head(tx, directory, actor, plan_id)
    scope = scope_of(directory, actor)
    content = facts.read(tx, plan.id)
    observed = gathering.observations(tx, plan.id)
    tasks = gathering.tasks(content, gathering.notes(tx, plan.id), observed, scope, today)
    draft = tx.execute(_DRAFT_OF, {"plan_id": plan.id}).scalar()
    editor = store.may_edit(actor, plan.issuer_unit_id)
    document = gathering.lines(tx, plan.id)
    lines = {line.line: line.text for line in document}
    targets = gathering.targets(content, None, observed, today)
    higher = above.plans_above(tx, plan, document, _seen(scope), _bound(scope, actor))
    figures = (*targets, *(target for task in tasks for target in task.targets))
    shown = {int(task.place.get("line", 0)) for task in tasks}
    return PlanPage(
        head=plan,
        may_edit=editor and plan.state == "running",
        actions=progressing.by_action(gathering.actions(tx, plan.id), tasks, today),
        targets=targets,
        next_dates=progressing.next_dates(tasks),
        units=progressing.shares(tasks, directory, today),
        problems=progressing.problems(tx, scope, [task.code for task in tasks], today),
        sentences={line: lines[line] for line in shown if line in lines},
        records=gathering.records(tx, plan.id),
        draft_id=draft if editor else None,
        above=higher,
        demands=above.demands(tx, higher, figures),
    )


def changes(tx: Tx, directory: Directory, actor: Actor, *, plan_id: int) -> tuple[Change, ...]:
    """What a revision changes in the plan that it revises; nothing for a plan of its own."""
    plan = visible_head(tx, directory, actor, plan_id)
    old = store.head(tx, plan.revises_id) if plan.revises_id is not None else None
    if old is None:
        return ()
    return revising.differences(old, facts.read(tx, old.id), plan, facts.read(tx, plan.id))


def source(tx: Tx, directory: Directory, actor: Actor, *, plan_id: int) -> tuple[str, str]:
    """Hash and name of the document itself. Raises NotFound."""
    plan = visible_head(tx, directory, actor, plan_id)
    return plan.sha256, plan.file_name


def task_titles(tx: Tx, codes: Iterable[str | None]) -> dict[str, TaskTitle]:
    """The tasks that issues name, by code; a code of no running plan is left out."""
    wanted = sorted({code for code in codes if code})
    if not wanted:
        return {}
    return {row.code: TaskTitle(*row) for row in tx.execute(_TITLES_OF, {"codes": wanted})}


def choices(tx: Tx, directory: Directory, actor: Actor) -> tuple[TaskTitle, ...]:
    """The running tasks that somebody may name in a report."""
    scope = scope_of(directory, actor)
    asked = _TITLES.where(_seen(scope)).order_by(PLAN.c.id.desc(), TASK.c.rank).limit(_MOST_TASKS)
    return tuple(TaskTitle(*row) for row in tx.execute(asked, _bound(scope, actor)))


def visible_head(tx: Tx, directory: Directory, actor: Actor, plan_id: int) -> Head:
    """A plan that somebody may see. Raises NotFound."""
    plan = store.head(tx, plan_id)
    if plan is None:
        raise store.not_found()
    if store.may_edit(actor, plan.issuer_unit_id):
        return plan
    if plan.state not in PUBLIC or not store.is_seen(tx, directory, actor, plan):
        raise store.not_found()
    return plan


def _seen(scope: Scope) -> ColumnElement[bool]:
    """Editors see theirs in every state; the units that a plan names see it in force."""
    mine = PLAN.c.issuer_unit_id.in_(_EDITABLE)
    if scope.everything:
        return or_(mine, PLAN.c.state.in_(PUBLIC))
    named = exists().where(UNIT.c.plan_id == PLAN.c.id, UNIT.c.unit_id.in_(_SOME))
    ours = or_(
        PLAN.c.issuer_unit_id.in_(_SOME),
        PLAN.c.organiser_unit_id.in_(_SOME),
        PLAN.c.supervising_unit_id.in_(_SOME),
        named,
    )
    return or_(mine, and_(PLAN.c.state.in_(PUBLIC), ours))


def _bound(scope: Scope, actor: Actor) -> dict[str, Any]:
    found: dict[str, Any] = {
        "editable": sorted(unit for unit, post in actor.desks if post == store.EDITOR)
    }
    return found if scope.everything else found | {"scope_units": sorted(scope.units)}


def _proposed(directory: Directory, name: UnitName) -> UnitName:
    if name.decision != "open":
        return name
    near = tuple(unit.id for unit in directory.nearest(name.name))
    return replace(name, proposed=near)
