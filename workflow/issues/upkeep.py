"""What the world changes under running issues: a unit is abolished, a calendar is published.

One event an issue says what changed and why; whole sweeps go in batches, each its own transaction.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from workflow.audit import actions as audit
from workflow.db import Database, Tx
from workflow.deadlines import actions as clock_actions
from workflow.deadlines import queries as clock_queries
from workflow.deadlines import running
from workflow.deadlines.running import ClockChange
from workflow.issues import create, notify, search, store
from workflow.issues.case import Case
from workflow.issues.effect import House
from workflow.issues.office import Office
from workflow.issues.record import Said, event
from workflow.issues.store import ISSUE, ISSUE_UNIT
from workflow.outbox import actions as outbox
from workflow.units import queries as units
from workflow.units.rules import SYSTEM, Actor, desk_of

BATCH = 200

_OPEN_OF_UNIT = (
    select(ISSUE.c.id)
    .join(ISSUE_UNIT, ISSUE_UNIT.c.issue_id == ISSUE.c.id)
    .where(ISSUE_UNIT.c.unit_id == bindparam("unit_id"), ISSUE.c.is_open)
    .distinct()
    .order_by(ISSUE.c.id)
)


def succeed_unit(
    database: Database, office: Office, *, unit_id: int, by: Actor, now: datetime, door: str
) -> int:
    """Hand every open issue of an abolished unit to its successor; return how many moved."""
    with database.reading() as tx:
        found = list(tx.execute(_OPEN_OF_UNIT, {"unit_id": unit_id}).scalars())
    moved = 0
    for batch in batches(found):
        with database.transaction() as tx:
            moved += sum(
                succeed(tx, office, issue_id=issue_id, by=by, now=now, door=door)
                for issue_id in batch
            )
    return moved


def succeed(tx: Tx, office: Office, *, issue_id: int, by: Actor, now: datetime, door: str) -> bool:
    """Let the successors of abolished units stand where those stood; one event says so."""
    case = store.load(tx, office, issue_id=issue_id, for_update=True)
    house = office.house(units.directory_at(tx, case.directory_version))
    current = house.directory.current
    now_stand = {
        relation: list(dict.fromkeys(current(unit) for unit in ids))
        for relation, ids in case.units.items()
    }
    if now_stand == {relation: list(ids) for relation, ids in case.units.items()}:
        return False
    gone = sorted({u for ids in case.units.values() for u in ids if current(u) != u})
    names = {house.directory.unit(u).name: house.directory.unit(current(u)).name for u in gone}
    owner = case.owner_unit_id
    _write(
        tx,
        office,
        case,
        house,
        said=Said("succeed", "succeed", by, door),
        data={"successors": names},
        now=now,
        columns={
            "units": now_stand,
            "owner_unit_id": None if owner is None else current(owner),
            "responsible_unit_id": next(iter(now_stand.get("responsible", ())), None),
        },
    )
    store.set_units(tx, case.id, now_stand)
    for unit in gone:
        clock_actions.hand_over(tx, case.id, from_unit=unit, to_unit=current(unit))
    return True


def revise(
    tx: Tx,
    office: Office,
    *,
    issue_id: int,
    stand: Mapping[str, list[int]],
    columns: Mapping[str, Any],
    by: Actor,
    now: datetime,
    door: str,
) -> bool:
    """Let a milestone be what its plan says now: its units, its words; one event keeps the old."""
    case = store.load(tx, office, issue_id=issue_id, for_update=True)
    house = office.house(units.directory_at(tx, case.directory_version))
    after = {relation: list(ids) for relation, ids in {**case.units, **stand}.items() if ids}
    before = {relation: list(ids) for relation, ids in case.units.items() if ids}
    words = {name: value for name, value in columns.items() if getattr(case, name) != value}
    if after == before and not words:
        return False
    old = {name: getattr(case, name) for name in words}
    responsible = next(iter(after.get("responsible", ())), None)
    owner = case.loop.states[case.state].owner
    desk = desk_of(house.directory, owner, after, house.timing.day(now)) if owner else None
    _write(
        tx,
        office,
        case,
        house,
        said=Said("revised", "revised", by, door),
        data={"old": {**old, "units": before}, "new": {**words, "units": after}},
        now=now,
        columns={
            "units": after,
            "responsible_unit_id": responsible,
            "owner_unit_id": desk[0] if desk else None,
            **words,
        },
    )
    store.set_units(tx, case.id, after)
    if words:
        now_is = {
            name: words.get(name, getattr(case, name)) for name in ("title", "description", "place")
        }
        search.index(tx, case.id, create.search_text(case.number, **now_is))
    for clock in case.clocks:
        to = clock_owner(case, clock.kind, after, house, now)
        if to is not None and clock.owner_unit_id not in (None, to):
            clock_actions.hand_over(
                tx, case.id, from_unit=clock.owner_unit_id, to_unit=to, clock_id=clock.id
            )
    return True


def clock_owner(
    case: Case, kind: str, stand: Mapping[str, list[int]], house: House, now: datetime
) -> int | None:
    """The unit whose lateness a clock of the loop is, once these units stand to the issue."""
    rule = case.loop.clocks.get(kind)
    if rule is None:
        return None
    desk = desk_of(house.directory, rule.owner, stand, house.timing.day(now))
    return desk[0] if desk else None


def recalculate_all(database: Database, office: Office, *, now: datetime) -> int:
    """Count every running limit anew that was counted under another calendar.

    Returns how many issues got another due time.
    """
    version = office.timing.calendar.version
    with database.reading() as tx:
        found = clock_queries.counted_under_another(tx, version)
    changed = 0
    for batch in batches(found):
        with database.transaction() as tx:
            changed += sum(recalculate(tx, office, issue_id=i, now=now) for i in batch)
    return changed


def recalculate(tx: Tx, office: Office, *, issue_id: int, now: datetime) -> bool:
    """Count the limits of one issue anew; a due time that moves gets an event and is told."""
    case = store.load(tx, office, issue_id=issue_id, for_update=True)
    changes = list(_recounts(tx, case, office, now))
    clock_actions.write(tx, (), changes, now=now)
    moved = {
        change.row.kind: {"from": _shown(old), "to": _shown(change.row)}
        for change in changes
        if (old := next(c for c in case.clocks if c.id == change.id)).due_at != change.row.due_at
    }
    if not moved:
        return False
    house = office.house(units.directory_at(tx, case.directory_version))
    due_days = {c.row.kind: c.row.due_on for c in changes}
    rules = case.loop.clocks
    due_on = next(
        (day for kind, day in due_days.items() if kind in rules and rules[kind].limit == "due"),
        case.due_on,
    )
    _write(
        tx,
        office,
        case,
        house,
        said=Said("recalculate", "recalculated", SYSTEM, "clock"),
        data={"clocks": moved, "calendar": office.timing.calendar.version},
        now=now,
        columns={"due_on": due_on, "move_due_at": _move_due(case, changes)},
    )
    told = notify.recalculated(case, case.version + 1, house, now)
    outbox.put(tx, told, channels=office.channels, now=now)
    return True


def _recounts(tx: Tx, case: Case, office: Office, now: datetime) -> Iterator[ClockChange]:
    for clock in case.clocks:
        ladder = clock_queries.ladder(tx, clock.ladder) if clock.ladder else None
        change = running.recount(clock, office.timing, ladder, now)
        if change is not None:
            yield change


def _shown(clock: running.ClockRow) -> str | None:
    if clock.due_on is not None:
        return clock.due_on.isoformat()
    return clock.due_at.isoformat() if clock.due_at else None


def _move_due(case: Case, changes: list[ClockChange]) -> datetime | None:
    """The moment of the owner's move, if the clock that it came from has moved."""
    moved = {
        old.due_at: change.row.due_at
        for change in changes
        for old in case.clocks
        if old.id == change.id
    }
    return moved.get(case.move_due_at, case.move_due_at)


def _write(
    tx: Tx,
    office: Office,
    case: Case,
    house: House,
    *,
    said: Said,
    data: Mapping[str, Any],
    now: datetime,
    columns: Mapping[str, Any],
) -> None:
    happened = event(
        issue_id=case.id,
        number=case.number,
        seq=case.version + 1,
        prev=case.head,
        said=said,
        data=data,
        at=now,
        directory=house.directory,
        key=office.mac_key,
    )
    head = {"version": case.version + 1, "head": happened.hash, "updated_at": now}
    store.save(tx, case, {**head, **columns})
    audit.append(tx, [happened])


def batches(ids: list[int]) -> Iterator[list[int]]:
    """Cut ids into batches small enough that nobody waits for a sweep."""
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
