"""Rows of a plan become what is shown of it."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, case, func, select

from workflow.db import Tx
from workflow.plans.facts import Content
from workflow.plans.figures_met import verdict
from workflow.plans.store import (
    ACTION,
    DUTY,
    NOTE,
    OBSERVATION,
    RECORD,
    SECTION,
    TARGET,
    TEXT,
)
from workflow.plans.store import UNIT as NAMES
from workflow.plans.views import (
    ActionView,
    Duty,
    MilestoneView,
    NoteView,
    Observation,
    RecordView,
    SectionView,
    TargetView,
    TaskView,
    TextLine,
    UnitName,
)
from workflow.units.rules import Scope

MOST_RECORDS = 200
Notes = Mapping[int | None, tuple[NoteView, ...]]
Observed = Mapping[int, tuple[Observation, ...]]

_MINE: Any = bindparam("plan_id")
_LINES = select(TEXT.c.lines).where(TEXT.c.plan_id == _MINE)
_SECTIONS = (
    select(*(SECTION.c[each.name] for each in fields(SectionView)))
    .where(SECTION.c.plan_id == _MINE)
    .order_by(SECTION.c.rank)
)
_ACTIONS = (
    select(*(ACTION.c[each.name] for each in fields(ActionView)))
    .where(ACTION.c.plan_id == _MINE)
    .order_by(ACTION.c.rank)
)
_NOTES = (
    select(*(NOTE.c[each.name] for each in fields(NoteView)))
    .where(NOTE.c.plan_id == _MINE)
    .order_by(NOTE.c.resolved, NOTE.c.rank)
)
_UNDECIDED = case((NAMES.c.decision == "open", 0), (NAMES.c.decision == "create", 1), else_=2)
_NAMES = (
    select(
        NAMES.c.id,
        NAMES.c.name,
        NAMES.c.unit_id,
        NAMES.c.decision,
        NAMES.c.is_general,
        select(func.count(DUTY.c.task_id.distinct()))
        .where(DUTY.c.plan_unit_id == NAMES.c.id)
        .scalar_subquery(),
    )
    .where(NAMES.c.plan_id == _MINE)
    .order_by(_UNDECIDED, NAMES.c.id)
)
_OBSERVED = (
    select(OBSERVATION.c.target_id, *(OBSERVATION.c[each.name] for each in fields(Observation)))
    .join(TARGET, OBSERVATION.c.target_id == TARGET.c.id)
    .where(TARGET.c.plan_id == _MINE, OBSERVATION.c.withdrawn_at.is_(None))
    .order_by(OBSERVATION.c.observed_on.desc(), OBSERVATION.c.id.desc())
)
_RECORDS = (
    select(*(RECORD.c[each.name] for each in fields(RecordView)))
    .where(RECORD.c.plan_id == _MINE)
    .order_by(RECORD.c.seq.desc())
    .limit(MOST_RECORDS)
)
_OF_ISSUE = (
    "number",
    "issue_state",
    "loop_version",
    "is_open",
    "lamp",
    "due_on",
    "original_due_on",
    "responsible_unit_id",
    "counts_as",
)
_OF_MILESTONE = tuple(each.name for each in fields(MilestoneView) if each.name not in _OF_ISSUE)
_OF_TARGET = tuple(
    each.name for each in fields(TargetView) if each.name not in ("observations", "verdict", "soft")
)
_OF_TASK = tuple(
    each.name
    for each in fields(TaskView)
    if each.name not in ("duties", "milestones", "targets", "notes")
)


def lines(tx: Tx, plan_id: int) -> tuple[TextLine, ...]:
    """The document, line by line."""
    found = tx.execute(_LINES, {"plan_id": plan_id}).scalar()
    return tuple(TextLine(text, place) for text, place in found or ())


def sections(tx: Tx, plan_id: int) -> tuple[SectionView, ...]:
    """The parts of the document that hold no task."""
    return tuple(SectionView(*row) for row in tx.execute(_SECTIONS, {"plan_id": plan_id}))


def actions(tx: Tx, plan_id: int) -> tuple[ActionView, ...]:
    """The headings over tasks."""
    return tuple(ActionView(*row) for row in tx.execute(_ACTIONS, {"plan_id": plan_id}))


def notes(tx: Tx, plan_id: int) -> Notes:
    """The doubts by task, open ones first; under None those of the document."""
    found: dict[int | None, list[NoteView]] = {}
    for row in tx.execute(_NOTES, {"plan_id": plan_id}):
        found.setdefault(row.task_id, []).append(NoteView(*row))
    return {task: tuple(each) for task, each in found.items()}


def names(tx: Tx, plan_id: int) -> tuple[UnitName, ...]:
    """Every name of a unit, undecided ones first."""
    return tuple(UnitName(*row) for row in tx.execute(_NAMES, {"plan_id": plan_id}))


def observations(tx: Tx, plan_id: int) -> Observed:
    """What was observed, by target, newest first."""
    found: dict[int, list[Observation]] = {}
    for row in tx.execute(_OBSERVED, {"plan_id": plan_id}):
        found.setdefault(row.target_id, []).append(Observation(*row[1:]))
    return {target: tuple(each) for target, each in found.items()}


def records(tx: Tx, plan_id: int) -> tuple[RecordView, ...]:
    """What was done with the plan, newest first."""
    return tuple(RecordView(*row) for row in tx.execute(_RECORDS, {"plan_id": plan_id}))


def tasks(
    content: Content, noted: Notes, observed: Observed, scope: Scope, today: date | None = None
) -> tuple[TaskView, ...]:
    """The tasks with all that belongs to them; those that were struck only in a review."""
    rows: Iterable[Row[Any]] = content.tasks if today is None else content.active
    return tuple(
        TaskView(
            **{name: row._mapping[name] for name in _OF_TASK},
            duties=tuple(_duty(each) for each in content.duties.get(row.id, ())),
            milestones=tuple(
                _milestone(each, scope)
                for each in content.milestones.get(row.id, ())
                if today is None or each.state == "active"
            ),
            targets=targets(content, row.id, observed, today),
            notes=noted.get(row.id, ()),
        )
        for row in rows
    )


def targets(
    content: Content, task_id: int | None, observed: Observed, today: date | None = None
) -> tuple[TargetView, ...]:
    """The figures of a task, or of the plan as a whole."""
    return tuple(
        _target(row, observed.get(row.id, ()), today)
        for row in content.targets.get(task_id, ())
        if today is None or row.state == "active"
    )


def _duty(row: Row[Any]) -> Duty:
    return Duty(row.role, row.plan_unit_id, row.name, row.unit_id, row.printed, row.once_for_all)


def _milestone(row: Row[Any], scope: Scope) -> MilestoneView:
    own = {name: row._mapping[name] for name in _OF_MILESTONE}
    if row.issue_id is None:
        return MilestoneView(**own)
    running = {name: row._mapping[name] for name in _OF_ISSUE}
    if not _is_theirs(row.issue_units, scope):
        running["number"] = None
    return MilestoneView(**own, **running)


def _is_theirs(units: Mapping[str, list[int]], scope: Scope) -> bool:
    return scope.everything or any(unit in scope.units for ids in units.values() for unit in ids)


def _target(row: Row[Any], observed: tuple[Observation, ...], today: date | None) -> TargetView:
    latest = observed[0].value if observed else None
    return TargetView(
        **{name: row._mapping[name] for name in _OF_TARGET},
        soft=tuple(row.soft),
        observations=observed,
        verdict="none"
        if today is None
        else verdict(row.comparator, row.value, latest, row.due, today),
    )
