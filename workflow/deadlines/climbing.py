"""The tick's own statements: which clocks are due, and what a batch of them becomes.

Ids first, then batches of exactly those rows; every statement is built once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, update

from workflow.db import Tx
from workflow.deadlines.models import Clock, RungTaken
from workflow.prepared import Prepared, as_list, inserting, listed

_CLOCK = Clock.__table__  # type: ignore[attr-defined]
_RUNG = RungTaken.__table__  # type: ignore[attr-defined]

_DUE = Prepared(
    select(_CLOCK.c.id, _CLOCK.c.issue_id, _CLOCK.c.is_period)
    .where(_CLOCK.c.wake_at <= bindparam("now"))
    .order_by(_CLOCK.c.wake_at)
    .limit(bindparam("most"))
    .offset(bindparam("skip"))
)
_DUE_SINCE = Prepared(
    select(func.min(_CLOCK.c.wake_at)).where(_CLOCK.c.wake_at <= bindparam("now"))
)
_LOOK = Prepared(
    {
        dialect: select(
            _CLOCK.c.id,
            _CLOCK.c.issue_id,
            _CLOCK.c.subject,
            _CLOCK.c.subject_id,
            _CLOCK.c.kind,
            _CLOCK.c.round,
            _CLOCK.c.owner,
            _CLOCK.c.owner_unit_id,
            _CLOCK.c.due_at,
            _CLOCK.c.due_on,
            _CLOCK.c.ladder,
            _CLOCK.c.schedule,
            _CLOCK.c.next_rung,
            _CLOCK.c.blocked_by,
            _CLOCK.c.lamp,
            _CLOCK.c.level,
        )
        .where(among, _CLOCK.c.wake_at <= bindparam("now"))
        .order_by(_CLOCK.c.issue_id, _CLOCK.c.id)
        for dialect, among in listed(_CLOCK.c.id, "ids").items()
    }
)
_STANDS: dict[str, Any] = {
    "next_rung": bindparam("v_next_rung"),
    "lamp": bindparam("v_lamp"),
    "level": bindparam("v_level"),
    "blocked_by": bindparam("v_blocked_by"),
    "wake_at": bindparam("v_wake_at"),
}
_CLIMBING = update(_CLOCK).where(_CLOCK.c.id == bindparam("v_id"))
_CLIMB = Prepared(_CLIMBING.values(_STANDS))
_CLIMB_PAST = Prepared(_CLIMBING.values({**_STANDS, "schedule": bindparam("v_schedule")}))
_RECORD = inserting(_RUNG)


_COUNT_DUE = select(func.count()).where(_CLOCK.c.wake_at <= bindparam("now"))


class DueClock(NamedTuple):
    """A clock whose next look has come."""

    id: int
    issue_id: int
    subject: str
    subject_id: int
    kind: str
    round: int
    owner: str
    owner_unit_id: int | None
    due_at: Any
    due_on: Any
    ladder: str | None
    schedule: tuple[int | None, ...]
    next_rung: int
    blocked_by: int | None
    lamp: str
    level: int


class Climbed(NamedTuple):
    """A clock after a look at it. `schedule` is given only where it has changed."""

    id: int
    next_rung: int
    lamp: str
    level: int
    blocked_by: int | None
    wake_at: datetime | None
    schedule: tuple[int | None, ...] | None = None


class Fate(NamedTuple):
    """What became of one rung: ``taken``, ``merged`` into another one, or ``skipped``."""

    clock_id: int
    issue_id: int
    round: int
    rung: int
    level: int
    lamp: str | None
    outcome: str
    merged_into: int | None
    paper_id: int | None
    due_at: datetime


def due(tx: Tx, now: datetime, *, most: int, skip: int = 0) -> list[tuple[int, int, bool]]:
    """The clocks whose look has come, the longest due first: id, issue, whether it is a period.

    The first `skip` of them are left out: those that stay due whatever is done.
    """
    rows = _DUE.rows(tx, {"now": now, "most": most, "skip": skip})
    return [(row[0], row[1], row[2]) for row in rows]


def due_since(tx: Tx, now: datetime) -> datetime | None:
    """The moment for which the longest due look has been waiting; None if nothing is due."""
    found = _DUE_SINCE.first(tx, {"now": now})
    since: datetime | None = found[0] if found else None
    return since


def count_due(tx: Tx, now: datetime) -> int:
    """How many clocks wait for a look."""
    return int(tx.execute(_COUNT_DUE, {"now": now}).scalar_one())


def read(tx: Tx, ids: Sequence[int], now: datetime) -> list[DueClock]:
    """Those of `ids` that are still due, by issue; whoever holds the issue may write them."""
    found = _LOOK.rows(tx, {"ids": as_list(tx, ids), "now": now})
    return [DueClock(*row) for row in found]


def record(tx: Tx, climbed: Sequence[Climbed], fates: Sequence[Fate], *, now: datetime) -> None:
    """Write how the clocks stand now and what became of their rungs.

    A rung that is recorded already in this round breaks the unique constraint.
    """
    if fates:
        _RECORD.run_many(tx, [_fate(each, now) for each in fates])
    plain = [_climbed(each) for each in climbed if each.schedule is None]
    if plain:
        _CLIMB.run_many(tx, plain)
    past = [
        {**_climbed(each), "v_schedule": list(each.schedule)}
        for each in climbed
        if each.schedule is not None
    ]
    if past:
        _CLIMB_PAST.run_many(tx, past)


def _climbed(each: Climbed) -> dict[str, Any]:
    return {
        "v_id": each.id,
        "v_next_rung": each.next_rung,
        "v_lamp": each.lamp,
        "v_level": each.level,
        "v_blocked_by": each.blocked_by,
        "v_wake_at": each.wake_at,
    }


def _fate(each: Fate, now: datetime) -> dict[str, Any]:
    return {
        "clock_id": each.clock_id,
        "issue_id": each.issue_id,
        "round": each.round,
        "rung": each.rung,
        "level": each.level,
        "lamp": each.lamp,
        "outcome": each.outcome,
        "merged_into": each.merged_into,
        "paper_id": each.paper_id,
        "due_at": each.due_at,
        "at": now,
    }
