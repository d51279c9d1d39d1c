"""Every write of running clocks."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from workflow.db import Database, Tx
from workflow.deadlines.ladder import Ladder
from workflow.deadlines.models import Clock, LadderVersion, RungTaken
from workflow.deadlines.queries import ladder as ladder_of
from workflow.deadlines.running import ClockChange, ClockDraft, ClockRow, Skipped
from workflow.prepared import Prepared, inserting

_CLOCK = Clock.__table__  # type: ignore[attr-defined]
_RUNG = RungTaken.__table__  # type: ignore[attr-defined]
_LADDER = LadderVersion.__table__  # type: ignore[attr-defined]

_INSERT = inserting(_CLOCK)
_INSERT_RUNGS = inserting(_RUNG)
# A clock without an id yet is found by what makes it unique.
_INSERT_FIRST_RUNGS = Prepared(
    insert(_RUNG)
    .inline()
    .from_select(
        [
            "clock_id",
            "issue_id",
            "round",
            "rung",
            "level",
            "lamp",
            "outcome",
            "due_at",
            "at",
        ],
        select(
            _CLOCK.c.id,
            _CLOCK.c.issue_id,
            bindparam("v_round", type_=_RUNG.c.round.type),
            bindparam("v_rung", type_=_RUNG.c.rung.type),
            bindparam("v_level", type_=_RUNG.c.level.type),
            bindparam("v_lamp", type_=_RUNG.c.lamp.type),
            bindparam("v_outcome", type_=_RUNG.c.outcome.type),
            bindparam("v_due_at", type_=_RUNG.c.due_at.type),
            bindparam("v_at", type_=_RUNG.c.at.type),
        ).where(
            _CLOCK.c.subject == bindparam("v_subject"),
            _CLOCK.c.subject_id == bindparam("v_subject_id"),
            _CLOCK.c.kind == bindparam("v_kind"),
            _CLOCK.c.seq == bindparam("v_seq"),
        ),
    )
)


def _updating(*columns: str) -> Prepared:
    values: dict[str, Any] = {column: bindparam(f"v_{column}") for column in columns}
    return Prepared(update(_CLOCK).where(_CLOCK.c.id == bindparam("v_id")).values(values))


_STATE = ("state", "muted", "wake_at", "blocked_by", "stopped_at")
_TIMES = (
    *_STATE,
    "schedule",
    "next_rung",
    "lamp",
    "level",
    "round",
    "limit_text",
    "due_at",
    "due_on",
    "provisional",
    "calendar_version",
    "pauses",
)
_COUNTED = (*_TIMES, "ladder", "explanation")
_UPDATE: dict[tuple[str, ...], Prepared] = {
    columns: _updating(*columns) for columns in (_STATE, _TIMES, _COUNTED)
}
_LAPSE = (
    update(_CLOCK)
    .where(
        _CLOCK.c.subject == "paper",
        _CLOCK.c.subject_id == bindparam("v_paper"),
        _CLOCK.c.kind == "sign",
        _CLOCK.c.state != "done",
    )
    .values(state="done", wake_at=None, stopped_at=bindparam("v_at"))
)
_HAND_OVER = (
    update(_CLOCK)
    .where(
        _CLOCK.c.issue_id == bindparam("v_issue"),
        _CLOCK.c.owner_unit_id == bindparam("v_from"),
        _CLOCK.c.state != "done",
    )
    .values(owner_unit_id=bindparam("v_to"))
)
_FREEZE = {
    "sqlite": sqlite.insert(_LADDER).inline().on_conflict_do_nothing(index_elements=["hash"]),
    "postgresql": postgresql.insert(_LADDER)
    .inline()
    .on_conflict_do_nothing(index_elements=["hash"]),
}
_frozen: WeakKeyDictionary[Engine, set[str]] = WeakKeyDictionary()
"""The ladders known to be on record, per database; content never changes under a hash."""


def write(
    tx: Tx,
    drafts: Sequence[ClockDraft] = (),
    changes: Sequence[ClockChange] = (),
    *,
    now: datetime,
) -> tuple[int, ...]:
    """Insert the drafts, update the changed clocks, record the rungs that both skip.

    Of several changes of one clock the last has the row. Returns the papers whose drafts lapse with
    their clock (for ``notices.actions.lapse``); the clocks of their signers are stopped here.
    """
    if drafts:
        _on_record(tx, [draft.ladder for draft in drafts if draft.ladder])
        _INSERT.run_many(tx, [draft.values for draft in drafts])
        if rows := [row for draft in drafts for row in _skipped_at_birth(draft, now)]:
            _INSERT_FIRST_RUNGS.run_many(tx, rows)
    if fresh := [change.ladder for change in changes if change.ladder]:
        _on_record(tx, fresh)
    for columns, rows in _updates(changes).items():
        _UPDATE[columns].run_many(tx, rows)
    if rows := [row for change in changes for row in _skipped(tx, change, now)]:
        _INSERT_RUNGS.run_many(tx, rows)
    lapsed = tuple(change.lapsed for change in changes if change.lapsed is not None)
    if lapsed:
        tx.execute(_LAPSE, [{"v_paper": paper, "v_at": now} for paper in lapsed])
    return lapsed


def hand_over(
    tx: Tx, issue_id: int, *, from_unit: int, to_unit: int, clock_id: int | None = None
) -> None:
    """The running clocks of an issue, or one of them, are another unit's from now on."""
    statement = _HAND_OVER if clock_id is None else _HAND_OVER.where(_CLOCK.c.id == clock_id)
    tx.execute(statement, {"v_issue": issue_id, "v_from": from_unit, "v_to": to_unit})


def freeze(database: Database, ladders: Iterable[Ladder]) -> None:
    """Put an office's ladders on record, once per process, so that no transition has to."""
    known = _frozen.setdefault(database.engine, set())
    fresh = {ladder.hash: ladder for ladder in ladders if ladder.hash not in known}
    if fresh:
        with database.transaction() as tx:
            _store(tx, fresh.values())
        known.update(fresh)


def _on_record(tx: Tx, ladders: Iterable[Ladder]) -> None:
    known = _frozen.get(tx.engine) or set()
    fresh = {ladder.hash: ladder for ladder in ladders if ladder.hash not in known}
    if fresh:
        _store(tx, fresh.values())


def _store(tx: Tx, ladders: Iterable[Ladder]) -> None:
    rows = [
        {"hash": ladder.hash, "name": ladder.name, "rungs": ladder.as_json()} for ladder in ladders
    ]
    tx.execute(_FREEZE[tx.dialect.name], rows)


def _updates(changes: Sequence[ClockChange]) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    """The parameters of each statement, one row per clock."""
    merged: dict[int, tuple[ClockRow, bool, Any]] = {}
    for change in changes:
        _, wide, counted = merged.get(change.id, (None, False, None))
        merged[change.id] = (change.row, wide or change.wide, change.counted or counted)
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row, wide, counted in merged.values():
        columns = _COUNTED if counted else _TIMES if wide else _STATE
        found.setdefault(columns, []).append(_params(row, columns, counted))
    return found


def _params(row: ClockRow, columns: tuple[str, ...], counted: Any) -> dict[str, Any]:
    params: dict[str, Any] = {
        f"v_{name}": getattr(row, name) for name in columns if name != "explanation"
    }
    params["v_id"] = row.id
    params["v_state"] = stored_state(row)
    if columns is not _STATE:
        params["v_schedule"] = list(row.schedule)
        params["v_pauses"] = [list(entry) for entry in row.pauses]
    if columns is _COUNTED:
        params["v_explanation"] = list(counted)
    return params


def stored_state(row: ClockRow) -> str:
    """The column's word: a period that is over is still running, a stopped clock is done."""
    if row.stopped_at is not None:
        return "done"
    return "running" if row.state == "over" else row.state


def _overtaken(tx: Tx, change: ClockChange) -> Iterator[Skipped]:
    if change.overtaken is not None:
        round_, ladder, rungs = change.overtaken
        steps = ladder_of(tx, ladder).rungs
        for index, at in rungs:
            due_at = datetime.fromtimestamp(at, UTC)
            yield Skipped(round_, index, steps[index].level, steps[index].lamp, due_at)


def _skipped(tx: Tx, change: ClockChange, now: datetime) -> Iterator[dict[str, Any]]:
    for skipped in (*change.skipped, *_overtaken(tx, change)):
        yield {
            "clock_id": change.id,
            "issue_id": change.row.issue_id,
            "round": skipped.round,
            "rung": skipped.rung,
            "level": skipped.level,
            "lamp": skipped.lamp,
            "outcome": "skipped",
            "merged_into": None,
            "paper_id": None,
            "due_at": skipped.due_at,
            "at": now,
        }


def _skipped_at_birth(draft: ClockDraft, now: datetime) -> Iterator[dict[str, Any]]:
    values = draft.values
    for skipped in draft.skipped:
        yield {
            "v_subject": values["subject"],
            "v_subject_id": values["subject_id"],
            "v_kind": values["kind"],
            "v_seq": values["seq"],
            "v_round": skipped.round,
            "v_rung": skipped.rung,
            "v_level": skipped.level,
            "v_lamp": skipped.lamp,
            "v_outcome": "skipped",
            "v_due_at": skipped.due_at,
            "v_at": now,
        }
