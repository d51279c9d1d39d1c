"""Draining the outbox through claim, render, a null channel and settle, against the driver alone.

Raw claims a batch with one UPDATE … RETURNING and settles it with another one: the least that a
lease with a fencing token costs.  It reads no directory and renders no text.

Run as a program, this file is one worker: it waits for a line, drains, and prints how many.
"""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

import psycopg
from sqlalchemy import insert, text

from benchmarks.result import Result
from benchmarks.rounds import Rounds, alternate
from benchmarks.servers import PostgreSQL
from config import settings
from tasks.channels.null import Null
from tasks.relay import Relay
from tasks.render import Renderer
from workflow.db import Database
from workflow.labels import load_labels
from workflow.metadata import metadata
from workflow.outbox import actions
from workflow.outbox.actions import Notice
from workflow.outbox.messages import Reminder
from workflow.outbox.policy import Manners

SUBJECT = "drain"
FLOOR = 2_000.0
"""Messages a second with two workers."""
WORKERS = (1, 2, 4)
PEOPLE = 200
BATCH = 200
ROOT = Path(__file__).parents[1]
ZONE = ZoneInfo("Asia/Shanghai")
_CLAIM = """
update outbox set state = 'leased', token = token + 1, not_before = now() + interval '30 seconds'
where id in (
    select id from outbox where state in ('waiting','leased') and channel = 'null'
    and not_before <= now() order by not_before, id limit %s for update skip locked
)
returning id, key, token, issue_id, person_id, message, urgent, payload, created_at, attempts
"""
_SETTLE = """
update outbox set state = 'sent', not_before = now(), settled_at = now()
from unnest(%s::bigint[], %s::int[]) as held (id, token)
where outbox.id = held.id and outbox.token = held.token and outbox.state = 'leased'
"""


def run(server: PostgreSQL, *, rounds: int, messages: int) -> list[Result]:
    """Drain `messages` with one, two and four workers."""
    _fill(server, messages)
    found = []
    for workers in WORKERS:
        sides = {
            side: partial(_timed, server, side, workers, messages) for side in ("engine", "raw")
        }
        found.append(_result(server.name, workers, messages, alternate(sides, rounds)))
    server.drop(SUBJECT)
    return found


def _result(where: str, workers: int, messages: int, measured: Rounds) -> Result:
    ours, raw = (messages / measured.median(side) for side in ("engine", "raw"))
    return Result(
        SUBJECT,
        f"outbox drained by {workers} worker{'s' * (workers > 1)}",
        where,
        ours,
        FLOOR if workers == 2 else 0.0,
        more=True,
        unit="/s",
        note=f"the driver alone {raw:.0f}/s: a share of {ours / raw:.2f}",
    )


def _fill(server: PostgreSQL, messages: int) -> None:
    server.make(SUBJECT)
    database = Database(server.url(SUBJECT))
    now = datetime.now(UTC) - timedelta(hours=1)
    people = [
        {"login": f"p{n}", "name": f"经办{n}", "lang": "zh", "active": True} for n in range(PEOPLE)
    ]
    told = Reminder(number="WT-2025-00017", title="散煤复燃", owner="青山镇", due="2025-10-15")
    with database.transaction() as tx:
        tx.execute(insert(metadata.tables["person"]), people)
        ids = list(tx.execute(text("select id from person order by id")).scalars())
        for begin in range(0, messages, 5_000):
            notices = [
                Notice(f"bench:{n}", told.kind, told.payload(), (ids[n % PEOPLE],), None)
                for n in range(begin, min(begin + 5_000, messages))
            ]
            actions.put(tx, notices, channels=("null",), now=now)
    database.close()
    server.settle()


def _timed(server: PostgreSQL, side: str, workers: int, messages: int, _: int) -> float:
    """Seconds from the word to go until the last worker finds nothing more."""
    name = f"{SUBJECT}_{side}"
    server.copy(SUBJECT, name)
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.drain", server.url(name), side],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(workers)
    ]
    for each in started:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    begin = perf_counter()
    for each in started:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    done = [int(each.communicate()[0]) for each in started]
    seconds = perf_counter() - begin
    server.drop(name)
    if sum(done) != messages:
        raise AssertionError(f"{sum(done)} of {messages} messages were sent")
    return seconds


def _worker(url: str, side: str) -> None:
    """Wait for the word, drain, tell how many."""
    drain = _engine(url) if side == "engine" else _raw(url)
    print("ready", flush=True)
    sys.stdin.readline()
    print(drain(), flush=True)


def _engine(url: str) -> Callable[[], int]:
    labels = load_labels(Path(settings.__file__).parent / "labels")
    relay = Relay(
        Database(url),
        {Null.name: Null()},
        Renderer(ZONE, labels),
        Manners(ZONE, window=timedelta(0), daily_budget=10**9),
        base_url="http://127.0.0.1",
        batch=BATCH,
    )

    def drain() -> int:
        done = 0
        while claimed := relay.run():
            done += claimed
        return done

    return drain


def _raw(url: str) -> Callable[[], int]:
    connection = psycopg.connect(url.replace("+psycopg", ""))

    def drain() -> int:
        done = 0
        while rows := connection.execute(_CLAIM, [BATCH]).fetchall():
            connection.commit()
            held = [[row[0] for row in rows], [row[2] for row in rows]]
            done += connection.execute(_SETTLE, held).rowcount
            connection.commit()
        return done

    return drain


if __name__ == "__main__":
    _worker(*sys.argv[1:])
