"""Rows of issues put straight into the tables, for tests of reads."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from workflow.db import Database, Tx
from workflow.issues import search
from workflow.issues.models import Issue, IssueUnit
from workflow.loops.models import LoopVersion
from workflow.units.models import Person, Post, Unit

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
TODAY = date(2026, 3, 2)
CITY, OFFICE, BUREAU, GREEN, WHITE, VILLAGE = 1, 2, 3, 4, 5, 6
_UNITS = {
    CITY: ("city", "市政府", "county", None),
    OFFICE: ("office", "市攻坚办", "county", CITY),
    BUREAU: ("bureau", "市生态环境局", "county", CITY),
    GREEN: ("green", "青山镇", "township", CITY),
    WHITE: ("white", "白河镇", "township", CITY),
    VILLAGE: ("village", "柳树村", "village", GREEN),
}


class _Undo(Exception):
    """Ends a transaction that is not to last."""


@contextmanager
def scratch(database: Database) -> Iterator[Tx]:
    """A transaction to write and read in, thrown away at the end."""
    with suppress(_Undo), database.transaction() as tx:
        yield tx
        raise _Undo


def add_city(tx: Tx) -> None:
    """Six units, one person a unit."""
    tx.execute(
        insert(Unit),
        [
            {
                "id": key,
                "code": code,
                "name": name,
                "aliases": [],
                "kind": "government",
                "level": level,
                "parent_id": parent,
            }
            for key, (code, name, level, parent) in _UNITS.items()
        ],
    )
    tx.execute(
        insert(Person),
        [
            {"id": key, "login": code, "name": name, "lang": "zh", "active": True}
            for key, (code, name, _, _) in _UNITS.items()
        ],
    )
    posts = {CITY: "leader", OFFICE: "dispatcher", BUREAU: "acceptor"}
    tx.execute(
        insert(Post),
        [
            {
                "person_id": key,
                "unit_id": key,
                "post": posts.get(key, "handler"),
                "from_on": date(2020, 1, 1),
                "acting": False,
            }
            for key in _UNITS
        ],
    )
    tx.execute(
        insert(LoopVersion),
        [{"hash": "v", "name": "rectification", "definition": {}, "loaded_at": NOW}],
    )


def add_issue(tx: Tx, key: int, **more: Any) -> None:
    """One issue, by default of 青山镇, issued by 市攻坚办, in rectification."""
    units = more.pop("units", {"issuer": [OFFICE], "responsible": [GREEN], "acceptance": [BUREAU]})
    values: dict[str, Any] = {
        "id": key,
        "number": f"ZG-{key:04}",
        "loop": "rectification",
        "loop_version": "v",
        "state": "fixing",
        "version": 1,
        "head": "0" * 64,
        "title": f"第{key}号问题",
        "description": "沿河散煤堆放",
        "category": "coal",
        "source": "patrol",
        "place": "",
        "speed": "limited",
        "part_count": 0,
        "owner_unit_id": GREEN,
        "owner_post": "handler",
        "move_due_at": NOW + timedelta(hours=key % 97),
        "due_on": TODAY + timedelta(days=key % 40 - 10),
        "lamp": "none",
        "level": 0,
        "is_open": True,
        "responsible_unit_id": next(iter(units.get("responsible", [])), None),
        "units": units,
        "fixers": [],
        "facts": {},
        "created_at": NOW,
        "updated_at": NOW,
    }
    tx.execute(insert(Issue), [values | more])
    tx.execute(
        insert(IssueUnit),
        [
            {"issue_id": key, "unit_id": unit_id, "relation": relation}
            for relation, ids in units.items()
            for unit_id in ids
        ],
    )
    search.index(tx, key, f"{values['number']} {values['title']} {values['description']}")
