"""The heads of many issues at once, for the tick: read, held, and written with their version.

Reading locks nothing, so that a batch can be computed while others write; `hold` then says which
issues are still as they were read.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select, update

from workflow.db import Tx
from workflow.issues.store import ISSUE
from workflow.prepared import Prepared, as_list, listed


class HeadRow(NamedTuple):
    """What a tick needs of an issue: its place in the record, its lamp, its units."""

    id: int
    number: str
    version: int
    head: str
    title: str
    lamp: str
    level: int
    units: Mapping[str, list[int]]
    responsible_unit_id: int | None
    loop_version: str


class HeadChange(NamedTuple):
    """One more event at the end of an issue's chain, and the lamp that it lit."""

    id: int
    version: int
    """The version that was read; the new one is one higher."""
    head: str
    lamp: str
    level: int


_AMONG = listed(ISSUE.c.id, "ids")
_HEADS = select(*(ISSUE.c[name] for name in HeadRow._fields))
_READ = Prepared({on: _HEADS.where(among) for on, among in _AMONG.items()})
_LOCK = Prepared(_HEADS.where(ISSUE.c.id == bindparam("id")).with_for_update(of=ISSUE))
_HOLD = Prepared(
    {
        on: select(ISSUE.c.id, ISSUE.c.version)
        .where(among)
        .order_by(ISSUE.c.id)
        .with_for_update(of=ISSUE, skip_locked=True)
        for on, among in _AMONG.items()
    }
)
_SAVE = Prepared(
    update(ISSUE)
    .where(ISSUE.c.id == bindparam("at_id"), ISSUE.c.version == bindparam("at_version"))
    .values(
        version=ISSUE.c.version + 1,
        head=bindparam("to_head"),
        lamp=bindparam("to_lamp"),
        level=bindparam("to_level"),
        updated_at=bindparam("at"),
    )
)


def read(tx: Tx, issue_ids: Iterable[int]) -> dict[int, HeadRow]:
    """The heads of these issues as this transaction sees them."""
    rows = _READ.rows(tx, {"ids": as_list(tx, issue_ids)})
    return {row[0]: HeadRow(*row) for row in rows}


def lock(tx: Tx, issue_id: int) -> HeadRow | None:
    """One head, held for this transaction; waits for whoever holds it."""
    row = _LOCK.first(tx, {"id": issue_id})
    return None if row is None else HeadRow(*row)


def hold(tx: Tx, issue_ids: Iterable[int]) -> dict[int, int]:
    """Id → version of these issues, held for this transaction; those that others hold left out."""
    return {row[0]: row[1] for row in _HOLD.rows(tx, {"ids": as_list(tx, issue_ids)})}


def save(tx: Tx, changes: Sequence[HeadChange], at: datetime) -> bool:
    """Write heads; whether every one of them still had the version that was read."""
    if not changes:
        return True
    rows = [
        {
            "at_id": change.id,
            "at_version": change.version,
            "to_head": change.head,
            "to_lamp": change.lamp,
            "to_level": change.level,
            "at": at,
        }
        for change in changes
    ]
    return _SAVE.run_many(tx, rows) == len(rows)
