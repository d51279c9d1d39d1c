"""What keeps such rows out of the tables: the last guard of each promise, taken by itself."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.flows.escalation.papers import tick
from tests.flows.issues.walks import assigned, rectifying
from tests.world import World
from workflow.db import Database
from workflow.deadlines import climbing
from workflow.deadlines.climbing import Fate
from workflow.errors import Conflict
from workflow.issues import heads, store
from workflow.issues.heads import HeadChange
from workflow.operations.invariants import check


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


def fates(world: World, number: str, kind: str) -> list[tuple[int, int, str]]:
    asked = text(
        "select r.round, r.rung, r.outcome from rung_taken r join clock c on c.id = r.clock_id"
        " join issue i on i.id = c.issue_id where i.number = :number and c.kind = :kind"
        " order by r.round, r.rung"
    )
    with world.database.reading() as tx:
        found = tx.execute(asked, {"number": number, "kind": kind})
        return [(row.round, row.rung, row.outcome) for row in found]


def test_what_is_due_when_its_clock_stops_is_on_record(world: World) -> None:
    number = assigned(world)
    world.after(hours=40)  # before any tick
    world.act(number, "accept", "qs.handler")
    assert fates(world, number, "accept") == [(1, 0, "skipped")]
    tick(world, days=30)
    assert fates(world, number, "accept") == [(1, 0, "skipped")]
    with world.database.reading() as tx:
        assert check(tx, world.now) == ()


def test_what_is_due_when_a_new_round_begins_is_on_record(world: World) -> None:
    number = rectifying(world)
    world.after(days=30)
    world.act(number, "request_extension", "qs.handler", until=world.day(40), reason="雨季。")
    world.act(number, "grant_extension", "gj.dispatcher")
    assert fates(world, number, "rectify") == [(1, 0, "skipped")]
    tick(world, days=41)
    rounds = {(round_, outcome) for round_, _, outcome in fates(world, number, "rectify")}
    assert {(1, "skipped"), (2, "taken")} <= rounds
    with world.database.reading() as tx:
        assert check(tx, world.now) == ()


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
