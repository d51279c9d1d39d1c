"""One transition through the whole engine, and filing, against raw SQL of the same rows.

Three copies of one database: in the first the rows of every step are looked at, in the second the
engine takes the same steps, in the third the same rows are written by the driver.  At the end all
three must be equal, so that the raw side cannot have done less.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime

from benchmarks import city, rows
from benchmarks.city import MINUTE, Step
from benchmarks.result import Result, against_raw
from benchmarks.rounds import alternate, timed
from benchmarks.rows import Raw, Statement, Watch
from benchmarks.servers import Server
from tests.world import START, World
from workflow.units.rules import Actor

SUBJECT = "transition"
FLOORS = {"SQLite": (3.0, 2.2), "PostgreSQL": (2.0, 1.3)}
FILING = {"SQLite": (2.5, 2.0), "PostgreSQL": (2.0, 1.3)}


@dataclass
class Copies:
    """The same database three times."""

    seen: World
    engine: World
    raw: Raw
    watched: Watch


def run(server: Server, *, rounds: int, issues: int, background: int) -> list[Result]:
    """Measure filing and walking `issues` issues a round."""
    with _copies(server, background, rounds * issues) as copies:
        filed = _file(server.name, copies, rounds, issues)
        walked = _walk(server.name, copies, rounds, issues)
        _equal(copies, rounds * issues)
    return [walked, filed]


@contextmanager
def _copies(server: Server, background: int, _walks: int) -> Iterator[Copies]:
    names = [f"steps_{name}" for name in ("template", "seen", "engine", "raw")]
    city.found(server, names[0])
    with city.city(server, names[0]) as world:
        by = world.actor("hb.inspector")
        for _ in range(background):
            city.file(world, by, START)
    server.settle()
    for name in names[1:]:
        server.copy(names[0], name)
    with ExitStack() as stack:
        seen = stack.enter_context(city.city(server, names[1]))
        engine = stack.enter_context(city.city(server, names[2]))
        looking, raw = rows.connect(server.url(names[1])), rows.connect(server.url(names[3]))
        stack.callback(looking.close)
        stack.callback(raw.close)
        yield Copies(seen, engine, raw, Watch(looking))
    for name in names:
        server.drop(name)


def _file(where: str, copies: Copies, rounds: int, issues: int) -> Result:
    by = copies.seen.actor("hb.inspector")
    moments = [_at(number) for number in range(rounds * issues)]
    transactions: list[list[Statement]] = []
    for at in moments:
        before = copies.watched.snapshot(0)
        city.file(copies.seen, by, at)
        after = copies.watched.snapshot(_newest(copies.watched))
        transactions.append(copies.watched.statements(before, after))

    def engine(number: int) -> float:
        return timed(lambda: city.file(copies.engine, by, moments[number]))

    def raw(number: int) -> float:
        return timed(lambda: rows.replay(copies.raw, transactions[number : number + 1]))

    floor, aim = FILING[where]
    return against_raw(
        alternate({"engine": engine, "raw": raw}, rounds, slices=issues),
        subject=SUBJECT,
        what=f"filing an issue ({len(transactions[0])} raw statements)",
        where=where,
        floor=floor,
        aim=aim,
        count=issues,
    )


def _walk(where: str, copies: Copies, rounds: int, issues: int) -> Result:
    steps = city.walk(copies.seen.today())
    actors = {step.by: copies.seen.actor(step.by) for step in steps}
    moments = [_later(at) for at in range(len(steps))]
    numbers = _numbers(copies.watched.raw, rounds * issues)
    walks = [
        list(_watched(copies, issue_id, number, steps, actors)) for issue_id, number in numbers
    ]

    def engine(number: int) -> float:
        _, name = numbers[number]
        return timed(lambda: _steps(copies.engine, name, steps, actors, moments))

    def raw(number: int) -> float:
        return timed(lambda: rows.replay(copies.raw, walks[number]))

    floor, aim = FLOORS[where]
    average = sum(map(len, walks[0])) / len(steps)
    return against_raw(
        alternate({"engine": engine, "raw": raw}, rounds, slices=issues),
        subject=SUBJECT,
        what=f"one transition (mean of {len(steps)} actions, {average:.1f} raw statements)",
        where=where,
        floor=floor,
        aim=aim,
        count=issues * len(steps),
    )


def _watched(
    copies: Copies, issue_id: int, number: str, steps: Sequence[Step], actors: dict[str, Actor]
) -> Iterator[list[Statement]]:
    before = copies.watched.snapshot(issue_id)
    for at, step in enumerate(steps):
        city.act(copies.seen, number, step, actors[step.by], _later(at))
        after = copies.watched.snapshot(issue_id)
        yield copies.watched.statements(before, after)
        before = after


def _steps(
    world: World,
    number: str,
    steps: Sequence[Step],
    actors: dict[str, Actor],
    moments: Sequence[datetime],
) -> None:
    for step, at in zip(steps, moments, strict=True):
        city.act(world, number, step, actors[step.by], at)


def _at(number: int) -> datetime:
    return START + number * MINUTE


def _later(step: int) -> datetime:
    return START + (100 + 10 * step) * MINUTE


def _newest(watched: Watch) -> int:
    return int(watched.raw.execute("SELECT max(id) FROM issue").fetchone()[0])


def _numbers(raw: Raw, count: int) -> list[tuple[int, str]]:
    found = raw.execute(f"SELECT id, number FROM issue ORDER BY id DESC LIMIT {count}")
    return [(row[0], row[1]) for row in found]


def _equal(copies: Copies, count: int) -> None:
    """Refuse figures of copies that have not become the same."""
    ids = [issue_id for issue_id, _ in _numbers(copies.raw, count)]
    engine = rows.connect(copies.engine.database.url.render_as_string(hide_password=False))
    try:
        for other in (copies.watched.raw, engine):
            if unlike := rows.difference(copies.raw, other, ids):
                raise AssertionError(f"the raw side wrote other rows: {dict(unlike)}")
    finally:
        engine.close()
