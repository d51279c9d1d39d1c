"""From a confirmed import to running issues: in small batches that go on wherever they were cut."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from workflow.db import Database, Tx
from workflow.errors import N_, Invalid
from workflow.issues.create_many import create_many
from workflow.issues.record import Said
from workflow.ledger import mapping, store
from workflow.ledger.content import row_of
from workflow.ledger.digests import digests
from workflow.ledger.mapping import CREATE
from workflow.ledger.progress import Progress, nothing
from workflow.ledger.staging import confirmed_already
from workflow.ledger.store import IMPORT, MAPPING
from workflow.ledger.tools import Tools
from workflow.ledger.views import ImportView
from workflow.ledger.ways import Origin, Sorter
from workflow.outbox import actions as outbox
from workflow.units import actions as unit_actions
from workflow.units import queries as units
from workflow.units.rules import Actor, actor

BATCH = 12
"""Issues of one transaction: it keeps every other writer waiting."""
CLAIMED = ("check", "archive")
DOOR = "import"
_KEPT = ("mapping", "saved_at", "saved_by_id")
_KEEP = {
    name: statement.on_conflict_do_update(
        index_elements=["unit_id"],
        set_={column: statement.excluded[column] for column in _KEPT},
    )
    for name, statement in (
        ("sqlite", sqlite.insert(MAPPING)),
        ("postgresql", postgresql.insert(MAPPING)),
    )
}
_UNFINISHED = select(IMPORT.c.id).where(IMPORT.c.state == "activating").order_by(IMPORT.c.id)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step made; `finished` when nothing of the import is left."""

    made: int
    finished: bool


def confirm(
    tx: Tx,
    tools: Tools,
    import_id: int,
    *,
    options: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> None:
    """Let an import count: from now on its rows become issues.

    ``options["claimed"]`` says how rows go on that are only said to be done: ``check`` to the
    acceptance unit, ``archive`` on file. Units that were chosen to be created are created.

    Raises Conflict if somebody was first, Invalid for an unknown option or where there is no row.
    """
    found = store.find(tx, import_id, for_update=True)
    if found.state != "staged":
        raise confirmed_already()
    claimed = options.get("claimed") or CLAIMED[0]
    if claimed not in CLAIMED:
        raise Invalid.at("claimed", N_("请选择已完成的行如何处理。"))
    if not found.rows:
        raise Invalid(
            N_("这份台账里没有读到问题，没有可以登记的行。请改列的对应关系，或换一个文件。")
        )
    _create_units(tx, found, by, now)
    _keep(tx, found, by, now)
    store.change(
        tx,
        import_id,
        {
            "state": "activating",
            "options": {"claimed": claimed},
            "confirmed_at": now,
            "confirmed_by_id": by.person_id,
        },
    )


def choose_units(tx: Tx, import_id: int, chosen: Mapping[str, str]) -> None:
    """Note what unknown names mean: the name of a unit, or `CREATE`."""
    found = store.find(tx, import_id, for_update=True)
    if found.state != "staged":
        raise confirmed_already()
    directory = units.directory(tx)
    for name, wanted in chosen.items():
        if wanted and wanted != CREATE and directory.find(wanted) is None:
            raise Invalid.at(
                name, N_("没有名为“{text}”的单位，请从单位列表中选择。"), text=wanted[:60]
            )
    kept = {**found.mapping.get("units", {}), **chosen}
    content = {**found.mapping, "units": {name: wanted for name, wanted in kept.items() if wanted}}
    mapping.given(content)
    store.change(tx, import_id, {"mapping": content})


def _create_units(tx: Tx, found: ImportView, by: Actor, now: datetime) -> None:
    """The units that the person has asked for; they have nobody yet, so their rows wait."""
    directory = units.directory(tx)
    above = next(iter(directory.ancestors(found.unit_id)), found.unit_id)
    wanted = [name for name, choice in found.mapping.get("units", {}).items() if choice == CREATE]
    for n, name in enumerate(wanted, 1):
        if directory.find(name) is None:
            unit_actions.add_unit(
                tx,
                code=f"tz{found.id}-{n}",
                name=name,
                level=directory.unit(found.unit_id).level,
                under=directory.unit(above).code,
                now=now,
                door=DOOR,
            )


def _keep(tx: Tx, found: ImportView, by: Actor, now: datetime) -> None:
    """What was confirmed serves the office's next ledger too."""
    content = {
        "headings": dict(found.mapping.get("headings", {})),
        "units": {
            name: choice
            for name, choice in found.mapping.get("units", {}).items()
            if choice != CREATE
        },
    }
    values = {
        "unit_id": found.unit_id,
        "mapping": content,
        "saved_at": now,
        "saved_by_id": by.person_id,
    }
    tx.execute(_KEEP[tx.dialect.name], values)


def unfinished(database: Database) -> list[int]:
    """The imports that were confirmed and are not finished."""
    with database.reading() as tx:
        return list(tx.execute(_UNFINISHED).scalars())


def go_on(
    database: Database, tools: Tools, *, now: datetime, most: int, progress: Progress = nothing
) -> bool:
    """Take at most so many batches of what is unfinished; whether anything is left."""
    left = most
    for import_id in unfinished(database):
        while left > 0:
            left -= 1
            if step(database, tools, import_id, now=now, progress=progress).finished:
                break
        else:
            return True
    return False


def activate(
    database: Database, tools: Tools, import_id: int, *, now: datetime, progress: Progress = nothing
) -> int:
    """Make every issue of a confirmed import; how many were made by this call."""
    made = 0
    while True:
        batch = step(database, tools, import_id, now=now, progress=progress)
        made += batch.made
        if batch.finished:
            return made


def step(
    database: Database,
    tools: Tools,
    import_id: int,
    *,
    now: datetime,
    progress: Progress = nothing,
    size: int = BATCH,
) -> Batch:
    """One batch: rows are read and sorted while nobody waits, then written in one transaction.

    Whoever comes second finds what the first has made, and makes nothing: no row is made twice.
    """
    with database.reading() as tx:
        found = store.find(tx, import_id)
        if found.state != "activating":
            return Batch(0, True)
        rows = store.waiting(tx, import_id, found.made, size)
        sorter = _sorter(tx, tools, found, now)
    if not rows:
        _finish(database, tools, found, now)
        return Batch(0, True)
    news = [sorter.sort(row_of(row.content))[1] for row in rows]
    with database.brief_transaction() as tx:
        current = store.find(tx, import_id, for_update=True)
        as_read = (current.state, current.made) == (found.state, found.made)
        if not as_read or units.directory(tx) is not sorter.house.directory:
            return Batch(0, False)
        said = Said("import", "import", sorter.by, DOOR, found.unit_id)
        made = create_many(tx, tools.office, sorter.house, news, said=said, now=now)
        store.mark_made(tx, [(row.id, issue.id) for row, issue in zip(rows, made, strict=True)])
        store.change(tx, import_id, {"made": found.made + len(made)})
    database.tidy()
    progress(found.made + len(rows), found.rows)
    return Batch(len(rows), False)


def _sorter(tx: Tx, tools: Tools, found: ImportView, now: datetime) -> Sorter:
    directory = units.directory(tx)
    assert found.confirmed_by_id is not None
    return Sorter(
        tools,
        tools.office.house(directory),
        Origin(found.id, found.sha256, found.file_name, found.unit_id),
        units=found.mapping.get("units", {}),
        options=found.options,
        by=actor(directory, found.confirmed_by_id, tools.office.timing.day(now)),
        now=now,
    )


def _finish(database: Database, tools: Tools, found: ImportView, now: datetime) -> None:
    """The import is active, and each unit is told once; counting keeps no writer waiting."""
    with database.reading() as tx:
        house = tools.office.house(units.directory(tx))
        notices = digests(tx, found, house, now)
    with database.transaction() as tx:
        if store.find(tx, found.id, for_update=True).state == "activating":
            store.change(tx, found.id, {"state": "active", "finished_at": now})
            outbox.put(tx, notices, channels=tools.office.channels, now=now)
