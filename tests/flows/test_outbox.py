"""The outbox on both databases: put, claim, renew, settle, and the inbox."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Executable, event, text

from workflow.db import Database, Tx
from workflow.outbox import actions, delivery, policy, queries
from workflow.outbox.actions import Notice
from workflow.outbox.delivery import Claimed, InboxText

NOW = datetime(2025, 10, 15, 2, 0, 30, tzinfo=UTC)
LEASE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with three people, 1 to 3."""
    database = Database(database_url)
    with database.transaction() as tx:
        for number in (1, 2, 3):
            tx.execute(
                text("insert into person (login, name, lang, active) values (:l, :l, 'zh', true)"),
                {"l": f"p{number}"},
            )
    yield database
    database.close()


def notice(effect: str, *people: int, urgent: bool = False, issue_id: int | None = 7) -> Notice:
    return Notice(effect, "reminder", {"number": "1", "title": "题"}, people, issue_id, urgent)


def put(
    database: Database,
    *notices: Notice,
    now: datetime = NOW,
    channels: tuple[str, ...] = ("inbox",),
) -> None:
    with database.transaction() as tx:
        actions.put(tx, notices, channels=channels, now=now)


def claim(
    database: Database, now: datetime = NOW, *, channel: str = "inbox", limit: int = 100
) -> list[Claimed]:
    with database.transaction() as tx:
        return actions.claim(tx, channel=channel, limit=limit, now=now, lease=LEASE)


def settle(database: Database, *outcomes: delivery.Outcome, now: datetime = NOW) -> frozenset[int]:
    with database.transaction() as tx:
        return actions.settle(tx, outcomes, now=now)


def states(database: Database) -> list[str]:
    with database.reading() as tx:
        return list(tx.execute(text("select state from outbox order by id")).scalars())


def in_inbox(database: Database, person: int = 1) -> tuple[queries.Item, ...]:
    with database.reading() as tx:
        return queries.inbox(tx, person_id=person)


def recorded(claimed: Claimed) -> delivery.Outcome:
    return delivery.sent(claimed, InboxText("标题", "正文"))


def test_put_makes_one_row_a_person_and_channel_and_never_a_second(database: Database) -> None:
    put(database, notice("issue:7:clock:1:r1:0", 1, 2, 2), channels=("inbox", "mail"))
    put(
        database,
        notice("issue:7:clock:1:r1:0", 1),
        notice("issue:7:clock:1:r1:1", 3),
        channels=("inbox",),
        now=NOW + SECOND,
    )
    with database.reading() as tx:
        rows = tx.execute(text("select key, created_at from outbox order by id")).all()
    assert [row.key for row in rows] == [
        "issue:7:clock:1:r1:0:1:inbox",
        "issue:7:clock:1:r1:0:1:mail",
        "issue:7:clock:1:r1:0:2:inbox",
        "issue:7:clock:1:r1:0:2:mail",
        "issue:7:clock:1:r1:1:3:inbox",
    ]


def test_put_is_one_statement_and_wakes_the_relay_after_the_commit(database: Database) -> None:
    statements: list[str] = []
    nudges: list[int] = []

    def _nudge() -> None:
        nudges.append(len(claim(database)))

    event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    database.nudge = _nudge
    with database.transaction() as tx:
        actions.put(tx, [], channels=("inbox",), now=NOW)
    assert nudges == []
    with database.transaction() as tx:
        actions.put(tx, [notice("a", 1, 2), notice("b", 3)], channels=("inbox", "mail"), now=NOW)
        inserts = [one for one in statements if one.startswith("INSERT")]
    assert len(inserts) == 1
    assert nudges == [3]


def test_what_is_rolled_back_was_never_put(database: Database) -> None:
    database.nudge = lambda: pytest.fail("nothing to wake the relay for")

    def _doomed(tx: Tx) -> None:
        actions.put(tx, [notice("a", 1)], channels=("inbox",), now=NOW)
        raise RuntimeError("doomed")

    with pytest.raises(RuntimeError, match="doomed"), database.transaction() as tx:
        _doomed(tx)
    assert states(database) == []


def test_a_claimed_message_is_nobody_elses_until_its_lease_ends(database: Database) -> None:
    put(database, notice("a", 1))
    first = claim(database)
    assert [one.token for one in first] == [1]
    assert first[0].payload == {"number": "1", "title": "题"}
    assert claim(database, NOW + LEASE - SECOND) == []
    again = claim(database, NOW + LEASE)
    assert [(one.id, one.token) for one in again] == [(first[0].id, 2)]


def test_a_zombie_with_an_old_token_records_nothing(database: Database) -> None:
    put(database, notice("a", 1))
    zombie = claim(database)[0]
    later = NOW + LEASE + SECOND
    heir = claim(database, later)[0]
    assert settle(database, recorded(zombie), now=later) == frozenset()
    with database.transaction() as tx:
        assert actions.renew(tx, [zombie], now=later, lease=LEASE) == []
    assert in_inbox(database) == ()
    assert settle(database, recorded(heir), now=later) == {heir.id}
    assert settle(database, recorded(zombie), now=later) == frozenset()
    assert settle(database, recorded(heir), now=later) == frozenset()
    assert [one.subject for one in in_inbox(database)] == ["标题"]
    assert states(database) == ["sent"]


def test_a_lease_that_ran_out_still_counts_while_nobody_else_took_it(database: Database) -> None:
    put(database, notice("a", 1))
    slow = claim(database)[0]
    assert settle(database, recorded(slow), now=NOW + 3 * LEASE) == {slow.id}


def test_a_renewed_lease_holds_on(database: Database) -> None:
    put(database, notice("a", 1))
    mine = claim(database)
    with database.transaction() as tx:
        assert actions.renew(tx, mine, now=NOW + LEASE / 2, lease=LEASE) == mine
    assert claim(database, NOW + LEASE) == []
    assert len(claim(database, NOW + LEASE * 1.5)) == 1


def test_the_oldest_go_first_and_only_of_the_channel(database: Database) -> None:
    put(database, notice("late", 1), now=NOW)
    put(database, notice("early", 1, 2), now=NOW - SECOND, channels=("inbox", "mail"))
    put(database, notice("future", 1), now=NOW + SECOND)
    keys = [one.key for one in claim(database, limit=2)]
    assert sorted(keys) == ["early:1:inbox", "early:2:inbox"]
    assert [one.key for one in claim(database)] == ["late:1:inbox"]
    assert claim(database) == []
    with database.reading() as tx:
        assert queries.is_due(tx, channel="mail", now=NOW, collected=NOW)
        assert not queries.is_due(tx, channel="inbox", now=NOW, collected=NOW)
        assert queries.oldest_due(tx, channel="mail") == NOW - SECOND


def test_only_urgent_messages_leave_before_their_window_ends(database: Database) -> None:
    put(database, notice("calm", 1), notice("red", 1, urgent=True), channels=("mail",))
    manners = policy.Manners(ZoneInfo("Asia/Shanghai"))
    found: list[list[str]] = []
    for now in (NOW, NOW + timedelta(seconds=29), NOW + timedelta(seconds=30)):
        with database.transaction() as tx:
            batch = actions.claim(
                tx,
                channel="mail",
                limit=9,
                now=now,
                lease=LEASE,
                collected=policy.collected_until(manners, "mail", now),
            )
        found.append([one.key for one in batch])
    assert found == [["red:1:mail"], [], ["calm:1:mail"]]


def test_a_failure_waits_and_is_counted_a_postponement_only_waits(database: Database) -> None:
    put(database, notice("a", 1), notice("b", 1))
    failing, calm = claim(database)
    settle(
        database,
        policy.failed(failing, "拒收" * 400, permanent=False, now=NOW),
        delivery.postponed(calm, NOW + 2 * LEASE),
    )
    assert claim(database, NOW + LEASE - SECOND) == []
    again = claim(database, NOW + LEASE)
    assert [(one.key, one.attempts) for one in again] == [("a:1:inbox", 1)]
    later = claim(database, NOW + 2 * LEASE)
    assert [(one.key, one.attempts) for one in later] == [("a:1:inbox", 1), ("b:1:inbox", 0)]


def test_what_is_given_up_can_be_seen(database: Database) -> None:
    put(database, notice("a", 1), channels=("mail",))
    batch = claim(database, channel="mail")
    settle(database, policy.failed(batch[0], "没有此信箱", permanent=True, now=NOW))
    with database.reading() as tx:
        (dead,) = queries.undelivered(tx)
        assert queries.of_issue(tx, issue_id=7) == (dead,)
    assert (dead.state, dead.last_error, dead.attempts) == ("dead", "没有此信箱", 1)
    assert claim(database, NOW + timedelta(days=9), channel="mail") == []


def test_the_budget_counts_deliveries_that_rang(database: Database) -> None:
    put(database, notice("a", 1), notice("b", 1), notice("c", 2), channels=("mail",))
    put(database, notice("red", 1, urgent=True), channels=("mail",))
    put(database, notice("quiet", 1), channels=("inbox",))
    rows = {one.key: one for one in claim(database, channel="mail")}
    settle(
        database,
        delivery.sent(rows["a:1:mail"]),
        delivery.merged(rows["b:1:mail"]),
        delivery.sent(rows["c:2:mail"]),
        delivery.sent(rows["red:1:mail"]),
        *map(delivery.sent, claim(database)),
    )
    with database.reading() as tx:
        assert queries.used_budget(tx, people=[1, 2, 3], channel="mail", since=NOW) == {1: 1, 2: 1}
        later = NOW + SECOND
        assert queries.used_budget(tx, people=[1, 2, 3], channel="mail", since=later) == {}
        assert queries.used_budget(tx, people=[], channel="mail", since=NOW) == {}


def test_an_inbox_is_read_by_its_owner_only(database: Database) -> None:
    put(database, *(notice(f"n{number}", 1) for number in range(3)))
    settle(database, *map(recorded, claim(database)))
    third, second, first = in_inbox(database)
    with database.transaction() as tx:
        assert queries.unread(tx, person_id=1) == 3
        assert not actions.mark_read(tx, person_id=2, item_id=first.id, now=NOW)
        assert actions.mark_read(tx, person_id=1, item_id=first.id, now=NOW)
        assert not actions.mark_read(tx, person_id=1, item_id=first.id, now=NOW)
        assert actions.mark_all_read(tx, person_id=1, up_to=second.id, now=NOW) == 1
        assert queries.unread(tx, person_id=1) == 1
        assert queries.inbox(tx, person_id=1, before=third.id, limit=1)[0].id == second.id
    assert in_inbox(database, 2) == ()


def test_what_a_killed_relay_had_claimed_does_not_wait_for_another_window(
    database: Database,
) -> None:
    put(database, notice("a", 1), channels=("mail",))
    with database.transaction() as tx:
        assert actions.claim(tx, channel="mail", limit=1, now=NOW, lease=LEASE)
    after = NOW + LEASE + SECOND
    asked = {"channel": "mail", "now": after, "collected": NOW}
    with database.reading() as tx:
        assert queries.is_due(tx, **asked)
    with database.transaction() as tx:
        assert actions.claim(tx, limit=1, lease=LEASE, **asked)


def test_many_relays_share_the_work_without_overlap(database: Database) -> None:
    put(database, *(notice(f"n{number}", 1) for number in range(200)))
    taken: list[list[int]] = []

    def _work() -> None:
        while batch := claim(database, limit=7):
            taken.append([one.id for one in batch])
            settle(database, *map(recorded, batch))

    threads = [threading.Thread(target=_work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [number for batch in taken for number in batch]
    assert sorted(ids) == list(range(1, 201))
    assert len(in_inbox(database)) == 50
    assert set(states(database)) == {"sent"}


@pytest.mark.parametrize(
    ("index", "statement", "values"),
    [
        ("ix_outbox_open", queries._IS_DUE, {"channel": "mail", "now": NOW, "collected": NOW}),
        ("ix_outbox_rung", queries._USED, {"people": [1], "channel": "mail", "since": NOW}),
        ("ix_outbox_dead", queries._DEAD, {"limit": 5}),
        ("ix_inbox_item_unread", queries._UNREAD, {"reader": 1}),
    ],
)
def test_the_hot_statements_use_their_indexes(
    database: Database, index: str, statement: Executable, values: dict[str, object]
) -> None:
    explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"

    @event.listens_for(database.engine, "before_cursor_execute", retval=True)
    def _explain(*args: object) -> tuple[str, object]:
        is_read = str(args[2]).lower().startswith("select")
        return f"{explain} {args[2]}" if is_read else str(args[2]), args[3]

    with database.reading() as tx:
        if not database.is_sqlite:
            # A table without rows is read whole, whatever its indexes.
            tx.execute(text("set local enable_seqscan = off"))
        plan = tx.execute(statement, values).cursor.fetchall()
    assert index in str(plan)
