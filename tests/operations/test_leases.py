"""One leads: on both databases, whoever asks at the same moment, freezes or dies."""

import threading
from datetime import timedelta

import pytest

from tasks.lease import Leadership
from tests.operations.conftest import Hands
from tests.world import START
from workflow.db import Database
from workflow.operations import actions, leases, queries
from workflow.operations.findings import CLOCK_LEASE

LENGTH = 15.0
SPAN = timedelta(seconds=LENGTH)


def clock(database: Database, hands: Hands, name: str, **options: object) -> Leadership:
    return Leadership(
        database,
        hands.times(),
        name=CLOCK_LEASE,
        holder=name,
        length=LENGTH,
        **options,  # type: ignore[arg-type]
    )


def holder(database: Database) -> tuple[str, int]:
    with database.reading() as tx:
        found = queries.lease(tx, CLOCK_LEASE)
    assert found is not None
    return found.holder, found.token


def test_the_first_leads_and_the_second_stands_by(database: Database, hands: Hands) -> None:
    one, two = clock(database, hands, "one"), clock(database, hands, "two")
    for each in (one, two):
        each.renew()
    assert (one.leads, two.leads) == (True, False)
    assert holder(database) == ("one", 1)


def test_a_leader_that_renews_keeps_its_token(database: Database, hands: Hands) -> None:
    one, two = clock(database, hands, "one"), clock(database, hands, "two")
    for _ in range(10):
        one.renew()
        hands.after(LENGTH / 3)
        two.renew()
        assert (one.leads, two.leads) == (True, False)
    assert holder(database) == ("one", 1)


def test_a_dead_leader_is_replaced_within_two_leases(database: Database, hands: Hands) -> None:
    one, two = clock(database, hands, "one"), clock(database, hands, "two")
    one.renew()
    waited = 0.0
    while not two.leads:
        two.renew()
        hands.after(LENGTH / 3)
        waited += LENGTH / 3
        assert waited <= 2 * LENGTH
    assert not one.leads
    assert holder(database) == ("two", 2)


def test_a_leader_that_was_frozen_knows_it_before_it_asks(database: Database, hands: Hands) -> None:
    one, two = clock(database, hands, "one"), clock(database, hands, "two")
    one.renew()
    old = one.token
    assert old is not None
    hands.after(1.5 * LENGTH)
    assert not one.leads
    two.renew()
    one.renew()
    assert (one.leads, two.leads) == (False, True)
    with database.transaction() as tx:
        assert not leases.is_held(tx, CLOCK_LEASE, holder="one", token=old)
        assert leases.is_held(tx, CLOCK_LEASE, holder="two", token=2)


def test_what_a_zombie_does_carries_an_old_token_and_is_refused(
    database: Database, hands: Hands
) -> None:
    one, two = clock(database, hands, "one"), clock(database, hands, "two")
    one.renew()
    old = one.token
    assert old is not None
    hands.after(1.5 * LENGTH)
    two.renew()
    with database.transaction() as tx:
        assert actions.put_canary(tx, holder="one", token=old, now=hands.wall) is None
    with database.reading() as tx:
        assert queries.canary(tx) is None
    # Its own name does not help it once it has the lease back under another token.
    hands.after(2 * LENGTH)
    one.renew()
    assert one.token == 3
    with database.transaction() as tx:
        assert actions.put_canary(tx, holder="one", token=old, now=hands.wall) is None


def test_a_leader_that_ends_leaves_at_once(database: Database, hands: Hands) -> None:
    one, two = clock(database, hands, "one"), clock(database, hands, "two")
    one.renew()
    one.stop()
    assert not one.leads
    two.renew()
    assert two.leads
    assert holder(database) == ("two", 2)


def test_one_that_is_not_fit_lets_its_lease_run_out(database: Database, hands: Hands) -> None:
    fit = [True]
    one = clock(database, hands, "one", is_fit=lambda: fit[0])
    two = clock(database, hands, "two")
    one.renew()
    fit[0] = False
    for _ in range(4):
        hands.after(LENGTH / 3)
        one.renew()
        two.renew()
    assert (one.leads, two.leads) == (False, True)


def test_whoever_gains_the_lead_is_told_once(database: Database, hands: Hands) -> None:
    one = clock(database, hands, "one")
    gained: list[int] = []
    one.on_gain = lambda: gained.append(1)
    for _ in range(3):
        one.renew()
    assert gained == [1]


def test_a_database_that_is_away_ends_the_lead_with_the_lease(
    database: Database, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = clock(database, hands, "one")
    one.renew()
    monkeypatch.setattr(leases, "take", _away)
    one.loop.take()
    assert one.leads
    hands.after(LENGTH)
    assert not one.leads


def _away(*_: object, **__: object) -> None:
    raise OSError("no way to the server")


def test_the_one_server_of_a_file_takes_the_lead_over_at_once(
    database: Database, hands: Hands
) -> None:
    clock(database, hands, "killed").renew()
    started = clock(database, hands, "started", by_force=True)
    started.renew()
    assert started.leads
    assert not started.by_force
    rival = clock(database, hands, "rival")
    rival.renew()
    assert not rival.leads


def test_a_lease_taken_by_a_clock_that_was_set_back_since_does_not_last_for_days(
    database: Database, hands: Hands
) -> None:
    hands.jump(86_400)
    clock(database, hands, "one").renew()
    hands.jump(-86_400)
    two = clock(database, hands, "two")
    two.renew()
    assert two.leads


def test_many_that_ask_at_the_same_moment_get_one_leader(database: Database) -> None:
    won: list[str] = []
    start = threading.Barrier(8)

    def _ask(name: str) -> None:
        start.wait()
        for _ in range(5):
            with database.transaction() as tx:
                if leases.take(tx, CLOCK_LEASE, holder=name, now=START, length=SPAN):
                    won.append(name)

    threads = [threading.Thread(target=_ask, args=(f"p{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(won)) == 1
    assert len(won) == 5
