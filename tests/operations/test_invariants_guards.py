"""What keeps such rows out of the tables: the last guard of each promise, taken by itself."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.flows.issues.walks import assigned
from tests.world import World
from workflow.db import Database
from workflow.deadlines import climbing
from workflow.deadlines.climbing import Fate
from workflow.errors import Conflict
from workflow.issues import heads, store
from workflow.issues.heads import HeadChange


def test_who_loaded_an_issue_before_it_changed_does_not_save_it(world: World) -> None:
    number = assigned(world)
    old = world.case(number)
    world.act(number, "accept", "qs.handler")
    with pytest.raises(Conflict), world.database.transaction() as tx:
        store.save(tx, old, {"version": old.version + 1, "head": "0", "updated_at": world.now})
    assert world.case(number).version == old.version + 1
    assert world.chain_is_whole(number)


def test_a_tick_that_read_an_issue_before_it_changed_does_not_save_it(world: World) -> None:
    number = assigned(world)
    old = world.case(number)
    world.act(number, "accept", "qs.handler")
    with world.database.transaction() as tx:
        change = HeadChange(old.id, old.version, "0" * 64, "red", 3)
        assert not heads.save(tx, [change], world.now)


def test_a_rung_is_not_recorded_twice_in_its_round(world: World) -> None:
    number = assigned(world)
    case = world.case(number)
    clock = case.clock("accept")
    assert clock is not None
    fate = Fate(clock.id, case.id, 1, 0, 1, None, "taken", None, None, world.now)
    with world.database.transaction() as tx:
        climbing.record(tx, [], [fate], now=world.now)
    again = fate._replace(outcome="merged", merged_into=1)
    with pytest.raises(IntegrityError), world.database.transaction() as tx:
        climbing.record(tx, [], [again], now=world.now)


def test_who_reads_in_order_to_write_holds_the_others_off(sqlite_url: str) -> None:
    """With a plain BEGIN the second writer comes between, and the first one is thrown out."""
    database = Database(sqlite_url, pool_size=3)
    with database.transaction() as tx:
        tx.execute(text("insert into mark (name, at) values ('x', '2024-01-01 00:00:00')"))
    raise_it = text("update mark set at = :at where name = 'x'")
    written = threading.Event()

    def second() -> None:
        with database.transaction() as tx:
            tx.execute(raise_it, {"at": "2024-01-03 00:00:00"})
        written.set()

    with database.transaction() as tx:
        tx.execute(text("select at from mark")).all()
        thread = threading.Thread(target=second)
        thread.start()
        assert not written.wait(0.3)
        tx.execute(raise_it, {"at": "2024-01-02 00:00:00"})
    thread.join()
    with database.reading() as tx:
        last = tx.execute(text("select at from mark")).scalar_one()
    assert datetime.fromisoformat(str(last)).replace(tzinfo=UTC).day == 3
    database.close()
