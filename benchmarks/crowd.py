"""A city with very many open issues: one that was walked there, and copies of its rows.

The copies are made by the database itself.  Their clocks sleep until `SLEEP`; a round wakes some.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Table, bindparam, select, text, update

from benchmarks import city
from benchmarks.city import Step
from benchmarks.servers import Server
from tests.world import START, World
from workflow import migrate
from workflow.db import Tx
from workflow.metadata import metadata

SLEEP = datetime(2040, 1, 1, tzinfo=UTC)
FIRST = 1_000_000_000
"""Ids of the copies begin above those that the databases give."""
COPIED = ("issue", "issue_unit", "source", "clock", "event")
_CHUNK = 100_000
_CLOCK = metadata.tables["clock"]
_WAKE = (
    update(_CLOCK)
    .where(_CLOCK.c.id.in_(bindparam("ids", expanding=True)))
    .values(wake_at=bindparam("at"))
)


def found(server: Server, size: int) -> str:
    """The name of a database with `size` open issues that are being rectified, made if missing."""
    name = f"crowd_{size}_{migrate.head()}"
    if server.has(name):
        return name
    city.found(server, name)
    with city.city(server, name) as world:
        number = _rectifying(world)
        with world.database.transaction() as tx:
            tx.execute(update(_CLOCK).values(wake_at=SLEEP))
            tx.execute(text("DELETE FROM clock WHERE state = 'done'"))
            tx.execute(text("DELETE FROM outbox"))
        for begin in range(0, size, _CHUNK):
            with world.database.transaction() as tx:
                for table in COPIED:
                    _copy(tx, metadata.tables[table], number, begin, min(begin + _CHUNK, size))
        with world.database.transaction() as tx:
            tx.execute(text("ANALYZE"))
    server.settle()
    return name


def due_at(world: World) -> datetime:
    """The moment of the second rung: a message to the late desk and two copies."""
    with world.database.reading() as tx:
        times = tx.execute(select(_CLOCK.c.schedule).limit(1)).scalar_one()
    return datetime.fromtimestamp(times[1], UTC)


def scattered(size: int, count: int, turn: int) -> list[int]:
    """Ids of `count` issues all over the table; another `turn` gives others."""
    stride = size // count
    return [FIRST + n * stride + turn % stride for n in range(count)]


def wake(world: World, ids: Sequence[int], at: datetime) -> None:
    """Let these clocks be due at `at`; not part of what is measured."""
    with world.database.transaction() as tx:
        for part in _parts(ids, 500):
            tx.execute(_WAKE, {"ids": part, "at": at})


def _parts(ids: Sequence[int], most: int) -> Iterable[Sequence[int]]:
    return (ids[n : n + most] for n in range(0, len(ids), most))


def _rectifying(world: World) -> str:
    number = city.file(world, world.actor("hb.inspector"), START)
    for n, step in enumerate(city.walk(world.today())[:6]):
        assert isinstance(step, Step)
        city.act(world, number, step, world.actor(step.by), START + timedelta(minutes=n))
    with world.database.transaction() as tx:
        tx.execute(text("UPDATE clock SET next_rung = 1 WHERE kind = 'rectify'"))
    return number


def _copy(tx: Tx, table: Table, number: str, begin: int, end: int) -> None:
    """Copies `begin` to `end` of the rows of the one issue."""
    is_sqlite = tx.dialect.name == "sqlite"
    ids = {"issue": "id", "issue_unit": "issue_id", "clock": "id", "event": "id", "source": "id"}
    values = {column: f"o.{column}" for column in table.c.keys()}  # noqa: SIM118 - a collection, not a dict
    values[ids[table.name]] = f"{FIRST} + n.n"
    for column in ("issue_id", "subject_id"):
        if column in table.c:
            values[column] = f"{FIRST} + n.n"
    if table.name == "issue":
        values["number"] = "o.number || '-' || n.n"
    series = (
        f"WITH RECURSIVE n(n) AS"
        f" (SELECT {begin} UNION ALL SELECT n + 1 FROM n WHERE n < {end - 1}) "
        if is_sqlite
        else f"WITH n AS (SELECT generate_series({begin}, {end - 1}) AS n) "
    )
    of_one = "o.id" if table.name == "issue" else "o.issue_id"
    last = "AND o.seq = (SELECT max(seq) FROM event) " if table.name == "event" else ""
    tx.execute(
        text(
            f"INSERT INTO {table.name} ({', '.join(values)}) {series}"
            f"SELECT {', '.join(values.values())} FROM n, {table.name} o WHERE {of_one} ="
            f" (SELECT id FROM issue WHERE number = :number) {last}"
        ),
        {"number": number},
    )
