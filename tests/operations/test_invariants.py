"""Sound rows break no invariant; each row that is broken by hand is found and named."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, text

from tests.flows.escalation.papers import drafts, overdue, sign, tick
from tests.flows.issues.walks import closed, rectifying
from tests.world import World, build
from workflow.audit import actions as audit
from workflow.audit import guards
from workflow.db import Database, Tx
from workflow.evidence.storage import Storage
from workflow.operations import denials, leases
from workflow.operations.findings import CLOCK_LEASE
from workflow.operations.invariants import MOST, RULES, Violation, check
from workflow.operations.invariants.files import damaged
from workflow.outbox import actions as outbox
from workflow.outbox.delivery import InboxText, sent
from workflow.tokens import replies

DAY = timedelta(days=1)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def city(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """A city in which a little of everything has happened; nobody changes it for good."""
    maker = request.getfixturevalue(request.param)
    where = {"folder": tmp_path_factory.mktemp("city")} if request.param == "sqlite" else {}
    with maker.fresh(**where) as url:
        database = Database(url, pool_size=5)
        world = build(database)
        _live(world)
        yield world
        database.close()


def _live(world: World) -> None:
    """One issue closed, one that lost a unit, one late up to a signed paper; messages received."""
    closed(world)
    late = overdue(world)
    tick(world)
    (letter,) = drafts(world)
    sign(world, letter.id, "gj.deputy")
    tick(world, days=2)
    world.act(
        rectifying(world), "request_extension", "qs.handler", until=world.day(60), reason="汛期"
    )
    with world.database.transaction() as tx:
        for _ in range(3):
            batch = outbox.claim(
                tx, channel="inbox", limit=500, now=world.now, lease=timedelta(minutes=1)
            )
            told = [sent(claimed, InboxText("督办", "请及时办理")) for claimed in batch]
            outbox.settle(tx, told, now=world.now)
        audit.checkpoint(tx, key=Ed25519PrivateKey.generate(), now=world.now)
    world.act(late, "progress", "qs.handler", note="料棚已封顶。")
    with world.database.transaction() as tx:
        handler = world.actor("qs.handler").person_id
        assert handler is not None
        asked = replies.claim(tx, person_id=handler, key="k", fingerprint="f", now=world.now)
        assert isinstance(asked, int)
        body = json.dumps({"number": late, "version": world.case(late).version, "state": "x"})
        replies.keep(tx, asked, status=200, body=body, location=None)
        denied = {"person_id": handler, "door": "test", "method": "GET", "code": "not_found"}
        for path in ("/issues/1", "/issues/2", "/issues/3"):
            denials.record(tx, path=path, now=world.now, **denied)
        leases.take(tx, CLOCK_LEASE, holder="clock", now=world.now, length=30 * DAY)


def test_sound_rows_break_nothing(city: World) -> None:
    with city.database.reading() as tx:
        assert check(tx, city.now) == ()


def test_the_city_has_rows_of_every_sort(city: World) -> None:
    tables = ("rung_taken", "paper", "request", "kept_reply", "checkpoint", "inbox_item")
    with city.database.reading() as tx:
        for table in (*tables, "evidence", "issue", "clock", "outbox", "event"):
            assert tx.execute(text(f"select count(*) from {table}")).scalar_one(), table
        fates = tx.execute(text("select distinct outcome from rung_taken")).scalars()
        assert {"taken", "merged"} <= set(fates)


# -- broken by hand --------------------------------------------------------------------------------

SOME_ISSUE = "(select max(issue_id) from rung_taken where outcome = 'taken')"
ENDED = "(select min(id) from issue where not is_open)"
TICKING = (
    "(select min(id) from clock where state = 'running' and not muted and stopped_at is null"
    " and not is_period and wake_at is not null)"
)
PASSED = "(select max(clock_id) from rung_taken where rung > 0 and outcome = 'taken')"
LONG_AGO, FAR = "'2001-01-01 00:00:00'", "'2099-01-01 00:00:00'"


def copied(table: str, where: str) -> tuple[str, ...]:
    """A row that is there twice, as a database without the unique key would have it."""
    return (
        f"create table loose as select * from {table}",
        f"insert into loose select * from {table} where {where}",
        f"drop table {table}",
        f"alter table loose rename to {table}",
    )


BROKEN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("numbering", (f"update issue set version = version + 1 where id = {SOME_ISSUE}",)),
    ("numbering", (f"delete from event where issue_id = {SOME_ISSUE} and seq = 3",)),
    ("numbering", copied("event", f"issue_id = {SOME_ISSUE} and seq = 2")),
    ("moves", ("delete from event where action = 'accept'",)),
    ("state", (f"update issue set state = 'checking' where id = {SOME_ISSUE}",)),
    ("outcome", (f"update issue set counts_as = 'merged' where id = {ENDED}",)),
    ("outcome", (f"update issue set is_open = true where id = {ENDED}",)),
    ("level", (f"update issue set level = 5 where id = {SOME_ISSUE}",)),
    ("level", (f"update issue set level = 0 where id = {SOME_ISSUE}",)),
    ("half_kept", ("update kept_reply set status = null",)),
    ("acknowledged", ("update kept_reply set person_id = person_id + 1",)),
    (
        "acknowledged",
        (
            (
                "insert into kept_reply (person_id, key, fingerprint, at, status, body) "
                "select person_id, 'another', fingerprint, at, status, body from kept_reply"
            ),
        ),
    ),
    ("link", (f"update event set prev = hash where issue_id = {SOME_ISSUE} and seq = 2",)),
    ("head", (f"update issue set head = '0' where id = {SOME_ISSUE}",)),
    (
        "anchor",
        (
            (
                "update event set hash = '0' where id = (select max(e.id) from event e"
                " join checkpoint c on e.id = c.last_event_id)"
            ),
        ),
    ),
    ("anchor", ("delete from event where id = (select max(last_event_id) from checkpoint)",)),
    ("checkpoints", ("update checkpoint set prev = hash",)),
    ("checkpoints", ("update checkpoint set no = 2",)),
    ("twice", copied("rung_taken", "id = (select min(id) from rung_taken)")),
    ("passed", (f"delete from rung_taken where clock_id = {PASSED} and rung = 0",)),
    ("passed", (f"update clock set next_rung = next_rung + 1 where id = {PASSED}",)),
    (
        "ahead",
        (f"update clock set schedule = '[{','.join(['null'] * 9)}]' where id = {TICKING}",),
    ),
    ("ahead", (f"update clock set next_rung = 0 where id = {PASSED}",)),
    (
        "missed",
        (f"update clock set stopped_at = {FAR}, state = 'done' where id = {TICKING}",),
    ),
    ("asleep", (f"update clock set wake_at = null where id = {TICKING}",)),
    ("asleep", (f"update clock set wake_at = {FAR} where id = {TICKING}",)),
    ("awake", (f"update clock set muted = true where id = {TICKING}",)),
    ("awake", (f"update clock set state = 'held' where id = {TICKING}",)),
    ("after_end", (f"update clock set stopped_at = {LONG_AGO} where id = {PASSED}",)),
    ("rung_late", (f"update clock set wake_at = {LONG_AGO} where id = {TICKING}",)),
    ("runs_on", (f"update clock set issue_id = {ENDED} where id = {TICKING}",)),
    (
        "runs_on",
        (
            f"update issue set owner_unit_id = null, owner_post = null where id = {ENDED}",
            f"update clock set stopped_at = null where issue_id = {ENDED} and kind = 'look_back'",
        ),
    ),
    ("half_stopped", (f"update clock set state = 'done' where id = {TICKING}",)),
    ("request_open", (f"update request set issue_id = {ENDED}",)),
    ("told", (f"delete from outbox where issue_id = {SOME_ISSUE}",)),
    (
        "channels",
        (
            (
                "update outbox set channel = 'mail', key = replace(key, ':inbox', ':mail') where"
                " id = (select min(id) from outbox where key like 'paper:%:copy:%')"
            ),
        ),
    ),
    ("received", ("delete from inbox_item where id = (select min(id) from inbox_item)",)),
    (
        "received",
        (
            (
                "update outbox set state = 'waiting', settled_at = null where id ="
                " (select min(outbox_id) from inbox_item)"
            ),
        ),
    ),
    ("unclaimed", ("update outbox set token = 0 where channel = 'inbox'",)),
    ("unclaimed", ("update outbox set settled_at = null where state = 'sent'",)),
    (
        "message_late",
        (
            (
                f"update outbox set state = 'waiting', settled_at = null, not_before = {LONG_AGO}"
                " where id = (select min(id) from outbox)"
            ),
        ),
    ),
    (
        "lease_stuck",
        (
            (
                f"update outbox set state = 'leased', settled_at = null, not_before = {LONG_AGO}"
                " where id = (select min(id) from outbox)"
            ),
        ),
    ),
    ("evidence", ("update evidence set event_seq = 99",)),
    ("evidence", ("delete from blob",)),
    ("denied", ("delete from denied_access where no = 2",)),
    ("denied", ("delete from denied_access where no = 3",)),
    ("loose", ("update unit set parent_id = id where id = (select max(id) from unit)",)),
    ("unit", ("update clock set owner_unit_id = 999999",)),
    ("unit", ("update issue set responsible_unit_id = 999999",)),
    ("unit", ("update paper set signer_unit_id = 999999",)),
    ("nobodys", (f"delete from issue_unit where issue_id = {ENDED}",)),
    ("family", (f"update issue set parent_id = {ENDED} where id = {SOME_ISSUE}",)),
    (
        "order",
        (
            (
                f"update rung_taken set at = {FAR} where outcome = 'taken' and id in"
                " (select min(id) from rung_taken where outcome = 'taken' and paper_id is null"
                f" and clock_id = {PASSED} group by clock_id)"
            ),
        ),
    ),
    ("gap", (f"delete from rung_taken where clock_id = {PASSED} and outcome = 'merged'",)),
    ("merged", ("update rung_taken set merged_into = 0 where outcome = 'merged'",)),
    (
        "reason",
        (f"update rung_taken set outcome = 'skipped', due_at = {FAR} where outcome = 'taken'",),
    ),
)


class Undo(Exception):
    """Leaves a transaction without a trace."""


def loosen(tx: Connection) -> None:
    """What keeps such rows out of the tables looks away until the transaction ends."""
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql("pragma defer_foreign_keys = on")
        guards.take_down(tx)
    else:
        tx.exec_driver_sql("set local session_replication_role = replica")


@contextmanager
def undone(database: Database) -> Iterator[Tx]:
    """A transaction in which anything goes, and of which nothing stays."""
    try:
        with database.transaction() as tx:
            loosen(tx)
            yield tx
            raise Undo
    except Undo:
        pass


@pytest.mark.parametrize(
    ("rule", "statements"), BROKEN, ids=[f"{n}-{rule}" for n, (rule, _) in enumerate(BROKEN)]
)
def test_a_broken_row_is_found(city: World, rule: str, statements: tuple[str, ...]) -> None:
    with undone(city.database) as tx:
        for statement in statements:
            tx.execute(text(statement.replace(":", r"\:")))
        found = check(tx, city.now + timedelta(minutes=10))
    named = [each for each in found if each.rule == rule]
    assert named, {each.rule for each in found}
    assert all(each.ids for each in named)
    for each in named:
        assert "{" not in each.text()
        json.dumps(each.as_json())


def test_every_rule_has_a_row_that_breaks_it() -> None:
    assert {rule.name for rule in RULES} == {rule for rule, _ in BROKEN}


def test_every_invariant_is_asked_for() -> None:
    assert {rule.invariant for rule in RULES} == {f"I{n}" for n in range(1, 13)}


def test_what_is_broken_many_times_is_named_often_enough(city: World) -> None:
    with undone(city.database) as tx:
        tx.exec_driver_sql("update event set prev = '0'")
        found = [each for each in check(tx, city.now) if each.rule == "link"]
    with city.database.reading() as tx:
        events = tx.execute(text("select count(*) from event")).scalar_one()
    assert len(found) == min(MOST, events)


def test_nothing_is_late_while_no_clock_leads(city: World) -> None:
    late = next(statements for rule, statements in BROKEN if rule == "rung_late")
    with undone(city.database) as tx:
        tx.exec_driver_sql(late[0])
        tx.exec_driver_sql(f"update lease set since = {FAR}, until = {FAR}")
        assert check(tx, city.now + timedelta(minutes=10)) == ()


def test_a_file_that_is_gone_or_changed_is_named(city: World, tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    with city.database.reading() as tx:
        found: list[Violation] = list(damaged(tx, storage))
        blobs = tx.execute(text("select count(*) from blob")).scalar_one()
    assert len(found) == blobs > 0
    assert {(each.invariant, each.rule) for each in found} == {("I9", "file")}
