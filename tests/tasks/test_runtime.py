"""One process of the product: a commit reaches the inbox by itself, and all of it stops in time."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from config.settings import load_settings
from tasks import installation
from tasks.channels.file import NAME
from tasks.clock import Clock
from tasks.hints import Hints
from tasks.jobs import DAILY, RELAY, SWEEP
from tasks.runtime import Runtime, build
from workflow.outbox import actions, queries
from workflow.outbox.actions import Notice
from workflow.outbox.messages import NewWork

PAYLOAD = NewWork(number="2025-1", title="散煤复燃", due="2025-10-15").payload()


def until(condition: Callable[[], object], seconds: float = 5.0) -> float:
    """Wait for it; how long it took."""
    began = time.perf_counter()
    while not condition():
        assert time.perf_counter() - began < seconds, "did not happen in time"
        time.sleep(0.001)
    return time.perf_counter() - began


def make(database_url: str, folder: Path, **settings: object) -> Runtime:
    """A runtime with one person, whose clock is too slow to help."""
    chosen = load_settings(
        env_file=None,
        database_url=database_url,
        data_dir=folder,
        **{"tick_seconds": 60, **settings},
    )
    runtime = build(chosen)
    with runtime.database.transaction() as tx:
        tx.execute(
            text("insert into person (login, name, lang, active) values ('a','甲','zh',true)")
        )
    return runtime


def tell(runtime: Runtime, effect: str) -> None:
    with runtime.database.transaction() as tx:
        notice = Notice(effect, "new_work", PAYLOAD, (1,), None)
        actions.put(tx, [notice], channels=runtime.office.channels, now=runtime.now())


def unread(runtime: Runtime) -> int:
    with runtime.database.reading() as tx:
        return queries.unread(tx, person_id=1)


@pytest.fixture(params=["inproc", "valkey"])
def runtime(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Runtime]:
    """Running on each database with each broker."""
    broker = "inproc://"
    if request.param == "valkey":
        broker = request.getfixturevalue("redis_url")
    runtime = make(database_url, tmp_path, broker_url=broker)
    runtime.start()
    yield runtime
    runtime.stop()


def test_a_commit_reaches_the_inbox_without_waiting_for_a_tick(runtime: Runtime) -> None:
    waits = []
    for number in range(20):
        tell(runtime, f"effect:{number}")
        waits.append(until(lambda: unread(runtime) > len(waits)))
    assert median(waits) < 0.05


def test_many_threads_may_tell_at_once(runtime: Runtime) -> None:
    def _tell(thread: int) -> None:
        for number in range(10):
            tell(runtime, f"effect:{thread}:{number}")

    threads = [threading.Thread(target=_tell, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: unread(runtime) == 40)


def test_it_stops_in_under_three_seconds(runtime: Runtime) -> None:
    tell(runtime, "last")
    began = time.monotonic()
    assert runtime.stop()
    assert time.monotonic() - began < 3


def test_what_was_left_waiting_is_delivered_at_the_next_start(
    sqlite_url: str, tmp_path: Path
) -> None:
    runtime = make(sqlite_url, tmp_path)
    tell(runtime, "before")
    runtime.start()
    until(lambda: unread(runtime) == 1)
    assert runtime.stop()


def test_a_lost_hint_costs_a_tick(sqlite_url: str, tmp_path: Path) -> None:
    runtime = make(sqlite_url, tmp_path, tick_seconds=0.2)
    runtime.start()
    runtime.database.nudge = None
    tell(runtime, "unheard")
    until(lambda: unread(runtime) == 1)
    assert runtime.stop()


def test_a_dead_worker_is_replaced(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.watchdog.EVERY", 0.05)
    runtime = make(sqlite_url, tmp_path, tick_seconds=0.2)
    runtime.start()
    assert runtime.worker.stop()
    tell(runtime, "while dead")
    until(lambda: unread(runtime) == 1, 10)
    assert runtime.stop()


def test_the_demo_also_writes_what_it_sends_into_a_file(sqlite_url: str, tmp_path: Path) -> None:
    runtime = make(sqlite_url, tmp_path, demo=True)
    assert runtime.office.channels == ("inbox", "file")
    assert runtime.office.demo
    runtime.start()
    tell(runtime, "shown")
    until((tmp_path / installation.DEMO_FOLDER / NAME).exists)
    assert runtime.stop()


def test_keys_for_different_purposes_have_nothing_in_common() -> None:
    one, two = (installation.derived(b"root", purpose) for purpose in ("a", "b"))
    assert one != two
    assert len(one) == 32
    assert one == installation.derived(b"root", "a")


class Kept(Hints):
    """Hints that are only written down."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def give(self, task: str) -> None:
        self.given.append(task)


def ticking(hints: Hints, *, leads: Callable[[], bool] = lambda: True) -> Clock:
    return Clock(hints, tick_seconds=0.05, zone=ZoneInfo("Asia/Shanghai"), leads=leads)


def test_the_clock_ticks_at_once_and_again() -> None:
    hints = Kept()
    clock = ticking(hints)
    clock.start()
    assert hints.given[:3] == [SWEEP, RELAY, DAILY]
    until(lambda: hints.given.count(SWEEP) >= 3)
    assert clock.is_well
    clock.stop()
    clock.stop()


def test_a_clock_that_does_not_lead_says_nothing() -> None:
    hints = Kept()
    clock = ticking(hints, leads=lambda: False)
    clock.start()
    time.sleep(0.12)
    clock.stop()
    assert hints.given == []


def test_a_clock_whose_thread_died_is_missed_and_starts_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tasks.loop.SHORTEST", 0.1)
    hints = Kept()
    clock = ticking(hints)
    clock.start()
    clock.loop.stop()
    until(lambda: not clock.is_well)
    before = len(hints.given)
    clock.revive()
    until(lambda: len(hints.given) > before + 3)
    clock.stop()
