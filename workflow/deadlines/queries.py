"""Every read of clocks: for a decision, for the tick, for a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import Row, bindparam, select

from workflow.db import Tx
from workflow.deadlines.ladder import Ladder
from workflow.deadlines.models import Clock, LadderVersion, RungTaken
from workflow.deadlines.running import ClockRow
from workflow.deadlines.steps import Step
from workflow.errors import N_, NotFound
from workflow.loops.semantics import ClockState
from workflow.prepared import Prepared

_CLOCK = Clock.__table__  # type: ignore[attr-defined]
_RUNG = RungTaken.__table__  # type: ignore[attr-defined]
_LADDER = LadderVersion.__table__  # type: ignore[attr-defined]

COLUMNS = tuple(_CLOCK.c[name] for name in ClockRow._fields)
"""What `row` takes, in its order."""

_OF_ISSUE = Prepared(
    select(*COLUMNS)
    .where(_CLOCK.c.issue_id == bindparam("issue_id"), _CLOCK.c.state != "done")
    .order_by(_CLOCK.c.id)
)
_BY_ID = select(*COLUMNS).where(_CLOCK.c.id == bindparam("id"))
_BY_SUBJECT = select(*COLUMNS).where(
    _CLOCK.c.subject == bindparam("subject"),
    _CLOCK.c.subject_id == bindparam("subject_id"),
    _CLOCK.c.kind == bindparam("kind"),
    _CLOCK.c.state != "done",
)
_COUNTED_OTHERWISE = (
    select(_CLOCK.c.issue_id)
    .where(_CLOCK.c.state != "done", _CLOCK.c.calendar_version != bindparam("version"))
    .distinct()
    .order_by(_CLOCK.c.issue_id)
)
_EXPLAINED = select(_CLOCK.c.explanation).where(_CLOCK.c.id == bindparam("id"))
_FROZEN = select(_LADDER.c.name, _LADDER.c.rungs).where(_LADDER.c.hash == bindparam("hash"))
_TAKEN = (
    select(
        _RUNG.c.clock_id,
        _RUNG.c.round,
        _RUNG.c.rung,
        _RUNG.c.level,
        _RUNG.c.lamp,
        _RUNG.c.outcome,
        _RUNG.c.merged_into,
        _RUNG.c.paper_id,
        _RUNG.c.due_at,
        _RUNG.c.at,
    )
    .where(_RUNG.c.issue_id == bindparam("issue_id"))
    .order_by(_RUNG.c.at, _RUNG.c.id)
)
_LIVING: frozenset[ClockState] = frozenset(get_args(ClockState))
_STATE, _PERIOD, _WAKE_AT, _SCHEDULE, _PAUSES = (
    ClockRow._fields.index(name) for name in ("state", "is_period", "wake_at", "schedule", "pauses")
)
_ladders: dict[str, Ladder] = {}
"""Ladders read so far; content never changes under a hash."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one rung in one round: taken, merged or skipped."""

    clock_id: int
    round: int
    rung: int
    level: int
    lamp: str | None
    outcome: str
    merged_into: int | None
    paper_id: int | None
    due_at: datetime
    at: datetime


def of_issue(tx: Tx, issue_id: int) -> tuple[ClockRow, ...]:
    """The clocks of an issue, its requests and its papers that are not done, oldest first."""
    return tuple(map(row, _OF_ISSUE.rows(tx, {"issue_id": issue_id})))


def clock(tx: Tx, clock_id: int) -> ClockRow:
    """One clock, done or not. Raises NotFound."""
    found = tx.execute(_BY_ID, {"id": clock_id}).first()
    if found is None:
        raise NotFound(N_("没有这个时限。"))
    return row(found)


def of_subject(tx: Tx, subject: str, subject_id: int, kind: str) -> ClockRow | None:
    """The clock of that kind that runs for a request or a paper."""
    params = {"subject": subject, "subject_id": subject_id, "kind": kind}
    found = tx.execute(_BY_SUBJECT, params).first()
    return None if found is None else row(found)


def counted_under_another(tx: Tx, version: str) -> list[int]:
    """The issues with a running clock that was counted under another calendar."""
    return list(tx.execute(_COUNTED_OTHERWISE, {"version": version}).scalars())


def explain(tx: Tx, clock_id: int) -> tuple[Step, ...]:
    """How the due time of a clock was counted; each step tells itself in Chinese and English."""
    found = tx.execute(_EXPLAINED, {"id": clock_id}).scalar()
    return tuple(Step.from_json(step) for step in found or ())


def ladder(tx: Tx, hash_: str) -> Ladder:
    """The ladder under which a clock was started, as it was then."""
    if hash_ not in _ladders:
        found = tx.execute(_FROZEN, {"hash": hash_}).first()
        if found is None:
            raise NotFound(N_("没有这个升级阶梯的存档。"))
        _ladders[hash_] = Ladder.from_json(found.name, found.rungs)
    return _ladders[hash_]


def taken(tx: Tx, issue_id: int) -> tuple[Taken, ...]:
    """What became of the rungs of an issue's clocks, in order of time."""
    rows: list[Any] = list(tx.execute(_TAKEN, {"issue_id": issue_id}))
    return tuple(Taken(*found) for found in rows)


def row(found: Row[Any] | Sequence[Any]) -> ClockRow:
    """A row of `COLUMNS` as decisions see it."""
    cells = list(found)
    cells[_STATE] = _state(
        cells[_STATE], waits=cells[_WAKE_AT] is not None, is_period=cells[_PERIOD]
    )
    cells[_SCHEDULE] = tuple(cells[_SCHEDULE])
    cells[_PAUSES] = tuple([tuple(pause) for pause in cells[_PAUSES]])
    return ClockRow._make(cells)


def _state(stored: str, *, waits: bool, is_period: bool) -> ClockState:
    """A period that no longer waits for its end is over."""
    if stored not in _LIVING:
        return "running"
    if stored == "running" and is_period and not waits:
        return "over"
    return stored
