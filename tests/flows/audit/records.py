"""A small record in a real database: issues with events, made as the engine makes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, text, update

from workflow.audit.actions import append, chained
from workflow.audit.chain import GENESIS, Entry
from workflow.db import Database, Tx
from workflow.issues.models import Issue
from workflow.loops.models import LoopVersion
from workflow.units import actions as units

NOW = datetime(2026, 3, 2, 1, 2, 3, 456789, tzinfo=UTC)
KEY = b"the installation's own key for the seals"
DATA = (
    {},
    {"note": "散煤已清运，现场见照片。“完毕”\n\t\u2028 <b>&amp;</b> \U00020bb7"},
    {"percent": 12.5, "ratio": 0.1, "big": 2**53 + 1, "exp": 1e-7, "none": None, "yes": True},
    {"units": [3, 1, 2], "nested": {"b": {"z": [], "a": {}}, "a": ["x", 1]}},
)


def set_up(database: Database) -> None:
    """A unit, two people, a loop."""
    with database.transaction() as tx:
        given = {"now": NOW, "door": "cli"}
        units.add_unit(tx, code="qs", name="青山镇", level="township", **given)
        units.add_unit(tx, code="eco", name="市生态环境局", level="county", **given)
        units.add_person(tx, login="qs.handler", name="某甲", **given)
        units.add_person(tx, login="eco.acceptor", name="某乙", **given)
        tx.execute(
            insert(LoopVersion),
            [{"hash": "v", "name": "snapshot", "definition": {}, "loaded_at": NOW}],
        )


def add_issue(tx: Tx, number: int) -> None:
    tx.execute(
        insert(Issue),
        [
            {
                "id": number,
                "number": f"S-2026-{number:04}",
                "loop": "snapshot",
                "loop_version": "v",
                "state": "reported",
                "version": 0,
                "head": GENESIS,
                "title": "t",
                "description": "d",
                "category": "coal",
                "source": "patrol",
                "created_at": NOW,
                "updated_at": NOW,
            }
        ],
    )


def add_events(tx: Tx, issue_id: int, count: int) -> None:
    """Continue the chain of an issue; now the clock acts, now a person for a unit."""
    row = tx.execute(
        text("SELECT number, version, head FROM issue WHERE id = :id"), {"id": issue_id}
    ).one()
    events, prev = [], row.head
    for seq in range(row.version + 1, row.version + count + 1):
        person = (None, 1, 2)[seq % 3]
        unit = 1 if seq % 3 == 1 else None
        entry = Entry(
            issue=row.number,
            seq=seq,
            at=NOW + timedelta(minutes=seq),
            by={None: "system", 1: "qs.handler", 2: "eco.acceptor"}[person],
            door="cli",
            action="note",
            kind="progress",
            data=DATA[seq % len(DATA)],
            unit="qs" if unit else "",
        )
        event = chained(entry, issue_id=issue_id, prev=prev, key=KEY, by_id=person, by_unit_id=unit)
        events.append(event)
        prev = event.hash
    append(tx, events)
    tx.execute(
        update(Issue.__table__)  # type: ignore[attr-defined]
        .where(Issue.__table__.c.id == issue_id)  # type: ignore[attr-defined]
        .values(version=row.version + count, head=prev)
    )


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """A database with three issues of eight events each."""
    database = Database(url)
    set_up(database)
    with database.transaction() as tx:
        for number in (1, 2, 3):
            add_issue(tx, number)
            add_events(tx, number, 8)
    yield database
    database.close()
