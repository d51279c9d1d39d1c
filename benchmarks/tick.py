"""The tick among very many open issues, against raw SQL of the same rows.

Raw finds the due clocks with one SELECT, reads clocks and issues of a batch with one SELECT, and
then writes the very rows that the engine wrote, a batch a transaction: one INSERT a table, one
UPDATE a row.  Two copies of one database must be equal at the end.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from statistics import median
from time import perf_counter

from benchmarks import city, crowd, rows
from benchmarks.machine import stolen
from benchmarks.result import Result, against_raw
from benchmarks.rounds import Rounds, timed
from benchmarks.rows import Raw, Snapshot, Statement, Watch
from benchmarks.servers import Server
from tests.world import World
from workflow.escalation import actions

SUBJECT = "tick"
FLOOR, AIM = 2.0, 1.3
FLAT = 1.5
LONGEST_MS, LONGEST_AIM_MS = 100.0, 40.0


@dataclass
class Copies:
    """The same crowd twice: the engine ticks in one, the driver repeats its rows in the other."""

    engine: World
    looking: Raw
    raw_world: World
    raw: Raw
    due_at: datetime


def run(
    server: Server, *, rounds: int, size: int, due: int, small: int, flood: int
) -> list[Result]:
    """Measure ticks with `due` rungs among `size` issues, with none, and with `flood` at once."""
    with _copies(server, size) as copies:
        found = [_climbing(server.name, copies, rounds, size, due)]
        found.append(_idle(server, copies, rounds, small, size))
        if flood:
            found.append(_flood(server, copies, size, flood))
    return found


@contextmanager
def _copies(server: Server, size: int) -> Iterator[Copies]:
    template = crowd.found(server, size)
    names = ("crowd_engine", "crowd_raw")
    for name in names:
        server.copy(template, name)
    server.settle()
    with ExitStack() as stack:
        engine = stack.enter_context(city.city(server, names[0]))
        raw_world = stack.enter_context(city.city(server, names[1]))
        looking, raw = rows.connect(server.url(names[0])), rows.connect(server.url(names[1]))
        stack.callback(looking.close)
        stack.callback(raw.close)
        yield Copies(engine, looking, raw_world, raw, crowd.due_at(engine))
    for name in names:
        server.drop(name)


def _climbing(where: str, copies: Copies, rounds: int, size: int, due: int) -> Result:
    engine: list[float] = []
    raw: list[float] = []
    statements = 0
    every: list[int] = []
    for turn in range(rounds + 1):
        ids = crowd.scattered(size, due, turn)
        every += ids
        now = copies.due_at + timedelta(seconds=turn)
        for world in (copies.engine, copies.raw_world):
            crowd.wake(world, ids, copies.due_at)
        watched = Watch(copies.looking)
        batch = actions.usual_batch(copies.engine.database)
        parts = [ids[n : n + batch] for n in range(0, due, batch)]
        before = [_seen(watched, part) for part in parts]
        seconds = timed(partial(_tick, copies.engine, now, due))
        after = [_seen(watched, part) for part in parts]
        transactions = [
            watched.statements(old, new) for old, new in zip(before, after, strict=True)
        ]
        statements = sum(map(len, transactions))
        repeated = timed(partial(_replay, copies, transactions, parts))
        if turn:  # the first round warms up
            engine.append(seconds)
            raw.append(repeated)
    ends = rows.connect(copies.engine.database.url.render_as_string(hide_password=False))
    try:
        if unlike := rows.difference(ends, copies.raw, every):
            raise AssertionError(f"the raw side wrote other rows: {dict(unlike)}")
    finally:
        ends.close()
    return against_raw(
        Rounds({"engine": tuple(engine), "raw": tuple(raw)}),
        subject=SUBJECT,
        what=f"{due:,} due rungs among {size:,} open issues ({statements:,} raw statements)",
        where=where,
        floor=FLOOR,
        aim=AIM,
        count=due,
    )


def _seen(watched: Watch, ids: Sequence[int]) -> Snapshot:
    found: Snapshot = {}
    for issue_id in ids:
        for name, of_table in watched.snapshot(issue_id).items():
            found.setdefault(name, {}).update(of_table)
    return found


def _replay(
    copies: Copies, transactions: Sequence[Sequence[Statement]], parts: Sequence[Sequence[int]]
) -> None:
    raw, mark = copies.raw, Watch(copies.raw).mark
    stamp = "2040-01-01"
    first = rows.begin(raw)
    raw.execute(f"SELECT id, issue_id FROM clock WHERE wake_at < {mark}", (stamp,)).fetchall()
    for statements, part in zip(transactions, parts, strict=True):
        raw.execute(first)
        some = ", ".join([mark] * len(part))
        raw.execute(
            "SELECT c.id, c.schedule, c.next_rung, c.ladder, c.owner_unit_id, i.number, i.version,"
            f" i.head, i.title, i.lamp, i.level, i.units FROM clock c JOIN issue i"
            f" ON i.id = c.issue_id WHERE c.id IN ({some})",
            tuple(part),
        ).fetchall()
        for statement in statements:
            raw.execute(statement.text, statement.bound())
        raw.execute("COMMIT")


def _tick(world: World, now: datetime, due: int) -> None:
    report = actions.tick(world.database, world.office, now)
    if report.tally.taken != due or report.left or report.failed:
        raise AssertionError(f"not every rung was taken: {report}")


def _idle(server: Server, copies: Copies, rounds: int, small: int, size: int) -> Result:
    """Nothing is due: what the number of open issues costs."""
    fewer = crowd.found(server, small)
    now = copies.due_at
    many: list[float] = []
    few: list[float] = []
    with city.city(server, fewer) as world:
        for _ in range(rounds + 1):
            many.append(timed(lambda: _still(copies.engine, now)))
            few.append(timed(lambda: _still(world, now)))
    return against_raw(
        Rounds({"engine": tuple(many[1:]), "raw": tuple(few[1:])}),
        subject=SUBJECT,
        what=f"nothing due, {size:,} open issues against {small:,}",
        where=server.name,
        floor=FLAT,
        aim=None,
        count=50,
    )


def _still(world: World, now: datetime) -> None:
    for _ in range(50):
        if not actions.tick(world.database, world.office, now - timedelta(days=1)).is_idle:
            raise AssertionError("something was due")


def _flood(server: Server, copies: Copies, size: int, flood: int) -> Result:
    """Very many fall due at one instant: how long anybody has to wait for a batch."""
    world = copies.engine
    ids = crowd.scattered(size, flood, 7)
    crowd.wake(world, ids, copies.due_at)
    server.settle()  # clocks come due by themselves; waking them all is the benchmark's own writing
    ours: list[float] = []
    robbed: list[float] = []
    plain = world.database.brief_transaction

    @contextmanager
    def watched() -> Iterator[object]:
        before, begin = stolen(), perf_counter()
        with plain() as tx:
            yield tx
        seconds = perf_counter() - begin
        (ours if stolen() == before else robbed).append(seconds)

    world.database.brief_transaction = watched  # type: ignore[method-assign,assignment]
    try:
        whole = timed(
            lambda: actions.tick(world.database, world.office, copies.due_at + timedelta(hours=1))
        )
    finally:
        world.database.brief_transaction = plain  # type: ignore[method-assign]
    return Result(
        SUBJECT,
        f"longest transaction, {flood:,} due at one instant",
        server.name,
        max(ours or robbed) * 1e3,
        LONGEST_MS,
        LONGEST_AIM_MS,
        unit="ms",
        note=f"median {median(ours + robbed) * 1e3:.1f} ms; {len(ours) + len(robbed)} transactions,"
        f" {whole:.1f} s in all{_robbed(robbed)}",
    )


def _robbed(seconds: Sequence[float]) -> str:
    """What is said of transactions during which the hypervisor gave the processor to others."""
    if not seconds:
        return ""
    longest = max(seconds) * 1e3
    return f"; left out: {len(seconds)} without the processor, up to {longest:.0f} ms"
