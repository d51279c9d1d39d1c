"""The look around: whoever holds the audit finds what is not being done, and says so."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from tasks.audience import Audiences
from tasks.auditor import AUDIT_LEASE, AUDIT_LENGTH, EVERY, Auditor
from tasks.broker import BrokerReading
from tasks.lease import Leadership
from tests.flows.issues.walks import rectifying
from tests.operations.conftest import Hands
from tests.world import World
from workflow.operations import actions, leases, queries
from workflow.operations.findings import CLOCK_LEASE, ProcessRow
from workflow.outbox import actions as outbox
from workflow.outbox.actions import Notice


@dataclass
class Broker:
    """What the broker says when asked."""

    says: BrokerReading

    def __call__(self) -> BrokerReading:
        return self.says


@dataclass
class Town:
    """An installation around the small city, whose parts a test starts and stops."""

    world: World
    hands: Hands
    clock_ticks: bool = True
    worker_works: bool = True
    token: int = 0

    def auditor(self, name: str = "a", broker: Broker | None = None) -> Auditor:
        times = self.hands.times()
        lead = Leadership(
            self.world.database, times, name=AUDIT_LEASE, holder=name, length=AUDIT_LENGTH
        )
        audiences = Audiences(self.world.office.timing.zone, ("inbox",), "")
        return Auditor(self.world.database, times, audiences, lead, sweep=10, look_at_broker=broker)

    def pass_time(self, *auditors: Auditor, seconds: float) -> None:
        """Let it pass as it does: clock, worker and audit each at their intervals."""
        for _ in range(round(seconds / EVERY)):
            self.hands.after(EVERY)
            self.live()
            for auditor in auditors:
                auditor.step()

    def live(self) -> None:
        now = self.hands.wall
        with self.world.database.transaction() as tx:
            if self.clock_ticks:
                length = timedelta(seconds=15)
                self.token = leases.take(tx, CLOCK_LEASE, holder="c", now=now, length=length) or 0
                actions.put_canary(tx, holder="c", token=self.token, now=now)
            if self.worker_works:
                actions.finish_canaries(tx, now=now)
            # Somebody delivers what the auditor itself tells: a worker, else the clock.
            tx.exec_driver_sql("delete from outbox where message = 'alarm'")

    def alarms(self) -> dict[str, str]:
        """Kind → severity of what is open."""
        with self.world.database.reading() as tx:
            return {alarm.kind: alarm.severity for alarm in queries.open_alarms(tx)}


@pytest.fixture
def town(world: World, hands: Hands) -> Town:
    """Everything runs."""
    return Town(world, hands)


def tell(town: Town, at: datetime) -> None:
    with town.world.database.transaction() as tx:
        person = town.world.actor("qs.handler").person_id
        assert person is not None
        notice = Notice("x", "reminder", {"number": "1", "title": "题"}, (person,), None)
        outbox.put(tx, [notice], channels=("inbox",), now=at)


def test_while_all_works_nothing_is_said(town: Town) -> None:
    auditor = town.auditor()
    town.pass_time(auditor, seconds=600)
    assert town.alarms() == {}
    assert auditor.is_green


@pytest.mark.parametrize(
    ("part", "kind"), [("clock_ticks", "clock_silent"), ("worker_works", "worker_silent")]
)
def test_a_part_that_falls_silent_is_found_within_three_minutes_and_found_again(
    town: Town, part: str, kind: str
) -> None:
    auditor = town.auditor()
    town.pass_time(auditor, seconds=60)
    setattr(town, part, False)
    town.pass_time(auditor, seconds=180)
    assert town.alarms() == {kind: "red"}
    assert not auditor.is_green
    setattr(town, part, True)
    town.pass_time(auditor, seconds=90)
    assert town.alarms() == {}
    assert auditor.is_green


def test_a_rung_and_a_message_that_nobody_takes_are_found(town: Town) -> None:
    rectifying(town.world)
    auditor = town.auditor()
    town.pass_time(auditor, seconds=60)
    town.hands.after(30 * 86_400)
    tell(town, town.hands.wall)
    town.pass_time(auditor, seconds=60)
    assert town.alarms() == {}
    town.pass_time(auditor, seconds=60)
    assert town.alarms() == {"rung_late": "red", "message_late": "red"}


def test_a_message_claimed_by_a_dead_relay_is_found(town: Town) -> None:
    auditor = town.auditor()
    town.pass_time(auditor, seconds=60)
    tell(town, town.hands.wall)
    with town.world.database.transaction() as tx:
        outbox.claim(tx, channel="inbox", limit=9, now=town.hands.wall, lease=timedelta(seconds=30))
    town.pass_time(auditor, seconds=90)
    assert town.alarms() == {}
    town.pass_time(auditor, seconds=30)
    assert town.alarms() == {"lease_stuck": "red", "message_late": "red"}


def test_a_silent_process_wants_attention_and_withholds_nothing(town: Town) -> None:
    auditor = town.auditor()
    with town.world.database.transaction() as tx:
        at = town.hands.wall
        actions.beat(tx, ProcessRow("w", "worker", "host", 7, "0.1", at, at, 0))
    town.pass_time(auditor, seconds=120)
    assert town.alarms() == {"process_silent": "attention"}
    assert auditor.is_green


def test_one_process_audits_and_another_takes_over(town: Town) -> None:
    one, two = town.auditor("one"), town.auditor("two")
    town.pass_time(one, two, seconds=60)
    assert (one.is_green, two.is_green) == (True, False)
    town.clock_ticks = False
    town.pass_time(two, seconds=180)
    assert town.alarms() == {"clock_silent": "red"}


def test_an_auditor_that_was_frozen_writes_nothing_when_it_wakes(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = town.auditor("one"), town.auditor("two")
    town.pass_time(one, seconds=60)
    token = one.lead.token
    town.hands.after(AUDIT_LENGTH)
    two.step()
    # It thinks that it still leads: only the token in the database says that it does not.
    monkeypatch.setattr(type(one.lead), "token", property(lambda lead: token))
    monkeypatch.setattr(one.lead, "renew", lambda: None)
    town.clock_ticks = False
    town.pass_time(one, seconds=180)
    assert town.alarms() == {}


def test_a_broker_that_is_away_or_evicts_is_found(town: Town) -> None:
    broker = Broker(BrokerReading("away", error="refused"))
    auditor = town.auditor(broker=broker)
    town.pass_time(auditor, seconds=30)
    assert town.alarms() == {}
    town.pass_time(auditor, seconds=30)
    assert town.alarms() == {"broker_away": "red"}
    broker.says = BrokerReading("evicts", "allkeys-lru")
    town.pass_time(auditor, seconds=90)
    assert town.alarms() == {"broker_evicts": "red"}
    broker.says = BrokerReading("ok")
    town.pass_time(auditor, seconds=90)
    assert town.alarms() == {}


def test_after_a_night_of_sleep_nothing_is_late_at_the_first_look(town: Town) -> None:
    auditor = town.auditor()
    town.pass_time(auditor, seconds=60)
    tell(town, town.hands.wall)
    town.hands.after(8 * 3600)
    auditor.step()
    assert town.alarms() == {}
    town.pass_time(auditor, seconds=120)
    assert town.alarms() == {"message_late": "red"}


def test_a_verdict_grows_old(town: Town) -> None:
    auditor = town.auditor()
    town.pass_time(auditor, seconds=60)
    town.hands.after(3 * EVERY)
    assert not auditor.is_green
