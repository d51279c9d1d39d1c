"""Clocks as a page shows them: with their explanation and the rungs taken, due and to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, select

from workflow.db import Tx
from workflow.deadlines.models import Clock, LadderVersion, RungTaken

CLOCK = Clock.__table__  # type: ignore[attr-defined]
LADDER = LadderVersion.__table__  # type: ignore[attr-defined]
"""For joins of the features that know whose clock it is."""
_TAKEN = RungTaken.__table__  # type: ignore[attr-defined]

_COLUMNS = (
    "id",
    "subject",
    "subject_id",
    "kind",
    "round",
    "is_period",
    "state",
    "owner",
    "owner_unit_id",
    "limit_text",
    "started_at",
    "due_at",
    "due_on",
    "original_due_on",
    "provisional",
    "pauses",
    "explanation",
    "wake_at",
    "stopped_at",
    "blocked_by",
)
_RUNNING_FIRST = case((CLOCK.c.state == "done", 1), else_=0)
_CLOCKS = (
    select(*(CLOCK.c[name] for name in _COLUMNS), CLOCK.c.schedule, LADDER.c.rungs)
    .select_from(CLOCK.outerjoin(LADDER, CLOCK.c.ladder == LADDER.c.hash))
    .where(CLOCK.c.issue_id == bindparam("issue_id"))
    .order_by(_RUNNING_FIRST, CLOCK.c.due_at, CLOCK.c.id)
)
_RUNGS = (
    select(
        _TAKEN.c.clock_id,
        _TAKEN.c.rung,
        _TAKEN.c.outcome,
        _TAKEN.c.paper_id,
        _TAKEN.c.due_at,
        _TAKEN.c.at,
    )
    .select_from(
        _TAKEN.join(CLOCK, and_(CLOCK.c.id == _TAKEN.c.clock_id, CLOCK.c.round == _TAKEN.c.round))
    )
    .where(_TAKEN.c.issue_id == bindparam("issue_id"))
)


@dataclass(frozen=True, slots=True)
class RungView:
    """One rung of a clock: when it is due and, once it has been, what became of it and when."""

    rung: int
    at: datetime
    level: int
    lamp: str | None
    message: str | None
    paper: str | None
    to: str
    outcome: str | None
    paper_id: int | None
    taken_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClockView:
    """A clock of an issue with its explanation, step by step, and its ladder."""

    id: int
    subject: str
    subject_id: int
    kind: str
    round: int
    is_period: bool
    state: str
    owner: str
    owner_unit_id: int | None
    limit_text: str
    started_at: datetime
    due_at: datetime | None
    due_on: date | None
    original_due_on: date | None
    provisional: bool
    pauses: Sequence[Sequence[Any]]
    explanation: Sequence[Any]
    wake_at: datetime | None
    stopped_at: datetime | None
    blocked_by: int | None
    rungs: tuple[RungView, ...]

    @property
    def next_rung(self) -> RungView | None:
        """The rung that the clock wakes for."""
        if self.wake_at is None:
            return None
        coming = [rung for rung in self.rungs if rung.outcome is None]
        # A paper that waits for another one is not what the clock wakes for.
        awaited = (rung for rung in coming if rung.at == self.wake_at)
        return next(awaited, coming[0] if coming else None)


def of_issue(tx: Tx, issue_id: int) -> tuple[ClockView, ...]:
    """Every clock of an issue that the caller may see, running ones by their due time first."""
    fates: list[Any] = list(tx.execute(_RUNGS, {"issue_id": issue_id}))
    taken = {(fate.clock_id, fate.rung): fate for fate in fates}
    found: list[Any] = list(tx.execute(_CLOCKS, {"issue_id": issue_id}))
    return tuple([ClockView(**_facts(row), rungs=_rungs(row, taken)) for row in found])


def _facts(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _COLUMNS}


def _rungs(row: Any, taken: dict[tuple[int, int], Any]) -> tuple[RungView, ...]:
    found: list[RungView] = []
    for index, (rung, at) in enumerate(zip(row.rungs or (), row.schedule or (), strict=False)):
        fate = taken.get((row.id, index))
        if at is not None:
            moment = datetime.fromtimestamp(at, UTC)
        elif fate is not None and fate.outcome != "skipped":
            moment = fate.due_at
        else:
            continue
        found.append(
            RungView(
                rung=index,
                at=moment,
                level=rung["level"],
                lamp=rung.get("lamp"),
                message=rung.get("message"),
                paper=rung.get("paper"),
                to=rung.get("to", "owner"),
                outcome=fate.outcome if fate else None,
                paper_id=fate.paper_id if fate else None,
                taken_at=fate.at if fate else None,
            )
        )
    return tuple(found)
