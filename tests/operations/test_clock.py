"""The clock's own loop, its canaries, and what it does while no worker works."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from tasks.canary import EVERY, Canaries, Helper
from tasks.clock import Clock
from tasks.hints import Hints
from tasks.jobs import CANARY, DAILY, RELAY, SWEEP
from tasks.lease import Leadership
from tasks.loop import Loop
from tests.operations.conftest import Hands
from tests.operations.processes import until
from tests.world import START
from workflow.db import Database
from workflow.operations import actions, queries
from workflow.operations.findings import CLOCK_LEASE

ZONE = ZoneInfo("Asia/Shanghai")


class Kept(Hints):
    """Hints that are only written down."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def give(self, task: str) -> None:
        self.given.append(task)


# -- the loop --------------------------------------------------------------------------------------


@pytest.fixture
def loop() -> Iterator[tuple[Loop, list[float]]]:
    """A loop that notes its steps."""
    steps: list[float] = []
    made = Loop("test", lambda: steps.append(time.monotonic()), 0.02)
    made.start()
    yield made, steps
    made.stop()


def test_a_clock_that_is_set_back_by_an_hour_does_not_stop_the_ticks(
    loop: tuple[Loop, list[float]],
) -> None:
    _, steps = loop
    until(lambda: len(steps) > 2)
    with time_machine.travel(-timedelta(hours=1)):
        seen = len(steps)
        until(lambda: len(steps) > seen + 2, 5)


def test_a_step_that_fails_is_taken_again() -> None:
    tries: list[int] = []

    def _fail() -> None:
        tries.append(1)
        raise ValueError("a bug")

    loop = Loop("test", _fail, 0.01)
    loop.start()
    until(lambda: len(tries) > 2, 5)
    assert loop.is_well
    loop.stop()
    assert not loop.is_well


def test_a_step_that_hangs_is_noticed_and_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.loop.SHORTEST", 0.1)
    hang, steps = threading.Event(), []

    def _step() -> None:
        steps.append(threading.current_thread().name)
        if len(steps) == 1:
            hang.wait(10)

    loop = Loop("test", _step, 0.02)
    loop.start()
    until(lambda: steps and not loop.is_well, 5)
    loop.revive()
    until(lambda: len(steps) > 3, 5)
    assert loop.is_well
    hang.set()
    loop.stop()


# -- ticking ---------------------------------------------------------------------------------------


def test_what_keeps_a_tick_back_keeps_its_hints_back() -> None:
    hints = Kept()

    def _refuse() -> None:
        raise ValueError("the database is away")

    clock = Clock(hints, tick_seconds=60, zone=ZONE, before=_refuse)
    clock.tick()
    assert hints.given == []


def test_only_the_leader_ticks_and_a_new_one_at_once(database: Database, hands: Hands) -> None:
    lead = Leadership(
        database, hands.times(), name=CLOCK_LEASE, holder="two", length=15, is_fit=lambda: True
    )
    other = Leadership(database, hands.times(), name=CLOCK_LEASE, holder="one", length=15)
    other.renew()
    hints = Kept()
    clock = Clock(hints, tick_seconds=60, zone=ZONE, leads=lambda: lead.leads)
    lead.on_gain = clock.take_over
    clock.start()
    lead.renew()
    assert hints.given == []
    hands.after(15)
    lead.renew()
    clock.stop()
    assert hints.given == [SWEEP, RELAY, DAILY]


# -- canaries --------------------------------------------------------------------------------------


class Mine:
    """A clock that leads, its hints, and the work that it would do itself."""

    def __init__(self, database: Database, hands: Hands) -> None:
        self.database, self.hands = database, hands
        self.lead = Leadership(database, hands.times(), name=CLOCK_LEASE, holder="me", length=3600)
        self.lead.renew()
        self.hints = Kept()
        self.done: list[str] = []
        self.helper = Helper(lambda: self.done.append("sweep"), lambda: self.done.append("relay"))
        self.canaries = Canaries(database, hands.times(), self.lead, self.hints, self.helper)

    def tick(self, seconds: float) -> None:
        self.hands.after(seconds)
        self.canaries.step()
        self.helper.wait(5)

    def finish(self) -> int:
        with self.database.transaction() as tx:
            return actions.finish_canaries(tx, now=self.hands.wall)

    def count(self) -> int:
        with self.database.reading() as tx:
            return int(tx.exec_driver_sql("select count(*) from canary").scalar_one())


@pytest.fixture
def mine(database: Database, hands: Hands) -> Mine:
    return Mine(database, hands)


def test_a_canary_is_put_every_so_often_and_finished_by_whoever_comes(mine: Mine) -> None:
    mine.tick(0)
    assert mine.hints.given == [CANARY]
    assert mine.finish() == 1
    mine.tick(EVERY - 1)
    assert mine.count() == 1
    mine.tick(1)
    assert mine.count() == 2
    assert mine.done == []


def test_a_lost_hint_at_a_canary_is_given_again(mine: Mine) -> None:
    for _ in range(3):
        mine.tick(5)
    assert mine.hints.given == [CANARY] * 3
    assert mine.count() == 1


def test_while_no_worker_works_the_clock_does_it_and_then_no_longer(mine: Mine) -> None:
    mine.tick(0)
    mine.tick(29)
    assert mine.done == []
    mine.tick(1)
    assert mine.done == ["sweep", "relay"]
    mine.finish()
    mine.tick(5)
    mine.tick(20)
    assert mine.done == ["sweep", "relay"]


def test_a_clock_that_takes_over_throws_the_canaries_of_the_other_away(
    database: Database, hands: Hands
) -> None:
    with database.transaction() as tx:
        tx.exec_driver_sql(
            "insert into canary (token, put_at) values (0, '2024-09-22 00:00:00+00:00')"
            if not database.is_sqlite
            else "insert into canary (token, put_at) values (0, '2024-09-22 00:00:00.000000')"
        )
    mine = Mine(database, hands)
    mine.tick(0)
    with database.reading() as tx:
        canary = queries.canary(tx)
    assert canary is not None
    assert canary.put_at == START
    assert mine.count() == 1
    assert mine.done == []


def test_a_clock_that_does_not_lead_puts_none(mine: Mine) -> None:
    mine.lead.length = 0
    mine.lead.renew()
    mine.tick(60)
    assert mine.hints.given == []


def test_a_round_of_help_does_not_overlap_the_one_before() -> None:
    go = threading.Event()
    helper = Helper(lambda: go.wait(10))
    assert helper.begin()
    assert not helper.begin()
    go.set()
    helper.wait(5)
    assert helper.begin()
    helper.wait(5)


def test_help_that_fails_is_logged_and_the_rest_is_done(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []

    def _fail() -> None:
        raise ValueError("a bug")

    helper = Helper(_fail, lambda: done.append(1))
    helper.begin()
    helper.wait(5)
    assert done == [1]
    assert "could not do the work" in caplog.text
