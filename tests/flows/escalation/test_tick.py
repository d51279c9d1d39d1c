"""The clock climbs by itself: each due rung once, however late it comes."""

import threading
from collections import Counter
from contextlib import AbstractContextManager
from datetime import datetime

import pytest
from sqlalchemy import text, update

from tests.flows.escalation.papers import (
    OUTBOX,
    RUNG,
    drafts,
    fates,
    overdue,
    rectify_clock,
    rows,
    sent,
    tick,
)
from tests.flows.issues.walks import assigned, rectifying, submitted
from tests.world import CONFIG, World
from workflow.db import Database, Tx
from workflow.deadlines.shown import CLOCK
from workflow.escalation import actions
from workflow.issues.opening import open_office, read_office
from workflow.outbox import actions as outbox


def test_an_issue_climbs_from_reminder_to_supervision_letter(world: World) -> None:
    number = rectifying(world)
    tick(world)
    assert world.case(number).lamp == "none"

    tick(world, days=25)
    assert world.case(number).lamp == "blue"
    assert sent(world) == [("qs.handler", "reminder")]

    tick(world, days=8)
    assert world.case(number).lamp == "yellow"
    # 青山镇 has no section head: its deputy gets that copy.
    warned = [login for login, _ in sent(world, "warning")]
    assert warned == ["qs.handler", "qs.deputy", "gj.dispatcher"]

    tick(world, days=7)
    assert sent(world, "urging") == [("qs.handler", "urging")]

    tick(world, days=3)
    (paper,) = drafts(world)
    assert (paper.kind, paper.signer_post) == ("supervision", "deputy")
    assert "青山镇人民政府" in paper.body
    assert "整改时限至2024年11月2日届满" in paper.body
    assert sent(world, "paper_to_sign") == [("gj.deputy", "paper_to_sign")]
    assert world.case(number).lamp == "orange"
    assert world.case(number).level == 3
    assert fates(world, number) == [(1, n, "taken") for n in range(4)]
    assert world.chain_is_whole(number)


def test_nothing_due_writes_nothing(world: World) -> None:
    rectifying(world)
    report = tick(world)
    assert report.is_idle
    assert (report.batches, report.left, report.failed) == (0, 0, 0)


def test_after_a_long_outage_messages_merge_and_papers_keep_their_order(world: World) -> None:
    number = overdue(world, days=200)

    report = tick(world)

    assert fates(world, number) == [
        (1, 0, "merged"),
        (1, 1, "merged"),
        (1, 2, "taken"),
        (1, 3, "taken"),
    ]
    assert [paper.kind for paper in drafts(world)] == ["supervision"]
    assert sent(world, "urging") == [("qs.handler", "urging")]
    assert not sent(world, "reminder")
    assert not sent(world, "warning")
    assert report.tally.merged == 2
    assert tick(world).is_idle
    assert world.chain_is_whole(number)


def test_a_tick_that_is_repeated_takes_nothing_twice(world: World) -> None:
    number = overdue(world)
    tick(world)
    before = world.case(number)
    tick(world)
    assert world.case(number).version == before.version
    assert Counter(fates(world, number)).most_common(1)[0][1] == 1


def test_a_held_clock_takes_no_rung_and_takes_them_all_when_rejected(world: World) -> None:
    number = rectifying(world)
    submitted(world, number)
    tick(world, days=60)
    assert fates(world, number) == []
    assert world.case(number).lamp == "orange"  # the acceptor is late, not 青山镇

    world.act(number, "reject", "hb.acceptor", reason="料棚未封闭。")
    tick(world)
    # The resubmission alone speaks while it runs.
    assert fates(world, number) == []
    tick(world, days=14)
    assert drafts(world)
    clocks = {row.id: row.kind for row in rows(world, CLOCK)}
    assert {clocks[paper.clock_id] for paper in drafts(world)} == {"resubmit"}


def test_a_suspension_ends_by_itself(world: World) -> None:
    number = rectifying(world)
    world.act(
        number, "suspend", "gj.dispatcher", cause="资金未到位", until=world.day(10), reason="等待"
    )
    report = tick(world, days=12)
    assert report.periods == 1
    assert world.case(number).state == "rectifying"
    clock = rectify_clock(world, number)
    assert (clock.round, clock.state) == (2, "running")
    assert world.chain_is_whole(number)


def test_one_notice_per_issue_and_level_after_an_outage(world: World) -> None:
    numbers = [assigned(world) for _ in range(40)]
    # Eight hours and a day of silence, then ticks that come late, one after another.
    for hours in (33, 1, 7, 24, 300 * 24, 1):
        tick(world, hours=hours)

    told: Counter[tuple[int, int, int, datetime]] = Counter()
    for number in numbers:
        for row in rows(world, OUTBOX, issue_id=world.case(number).id):
            if row.channel == "inbox" and "level" in row.payload:
                told[row.issue_id, row.person_id, row.payload["level"], row.created_at] += 1
        assert world.chain_is_whole(number)
    assert len({key[0] for key in told}) == 40
    assert max(told.values()) == 1
    found = rows(world, RUNG)
    assert len(found) == len({(row.clock_id, row.round, row.rung) for row in found})
    assert {row.outcome for row in found} == {"taken", "merged"}


def test_a_clock_that_cannot_be_taken_keeps_no_other_from_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = overdue(world), rectifying(world)
    clock = rectify_clock(world, bad)
    with world.database.transaction() as tx:
        tx.execute(update(CLOCK).where(CLOCK.c.id == clock.id).values(ladder="f" * 64))

    report = tick(world, days=43)

    assert report.failed == 1
    assert "clock.failed" in caplog.text
    assert fates(world, bad) == []
    assert len(fates(world, good)) == 4


def test_two_clocks_at_once_take_each_rung_once(world: World) -> None:
    numbers = [rectifying(world) for _ in range(20)]
    world.after(days=43)
    errors: list[BaseException] = []

    def run() -> None:
        try:
            actions.tick(world.database, world.office, world.now, batch=3)
        except BaseException as error:  # noqa: BLE001 - the test shows it
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tick(world)

    assert not errors
    assert len(drafts(world)) == 20
    for number in numbers:
        assert sorted(rung for _, rung, _ in fates(world, number)) == [0, 1, 2, 3]
        assert world.chain_is_whole(number)


def test_an_issue_that_somebody_writes_meanwhile_is_left_for_the_next_tick(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, still = overdue(world), rectifying(world)
    world.after(days=43)
    plain, turns = world.database.transaction, iter(["first"])

    def interrupted() -> AbstractContextManager[Tx]:
        if next(turns, None):
            world.act(busy, "progress", "qs.handler", note="正在清运。")
        return plain()

    with monkeypatch.context() as patched:
        patched.setattr(world.database, "transaction", interrupted)
        report = tick(world)
    assert report.left == 1
    assert fates(world, busy) == []
    assert len(fates(world, still)) == 4
    tick(world)
    assert len(fates(world, busy)) == 4
    assert world.chain_is_whole(busy)


def test_a_crash_inside_a_batch_leaves_nothing_behind(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = overdue(world)
    before = world.case(number)

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "put", crash)
        with pytest.raises(KeyboardInterrupt):
            tick(world)
    assert world.case(number).version == before.version
    assert fates(world, number) == []
    tick(world)
    assert len(fates(world, number)) == 4


def test_the_clock_finds_what_is_due_by_index(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    asked = "explain query plan select id from clock where wake_at <= '2024' order by wake_at"
    with database.reading() as tx:
        plan = str(tx.execute(text(asked)).all())
    database.close()
    assert "ix_clock_wake" in plan


def test_the_demonstrations_ladder_climbs_within_two_minutes(world: World) -> None:
    world.office = open_office(
        world.database, read_office(CONFIG, mac_key=b"k" * 32, ladder="demo"), now=world.now
    )
    number = world.report(loop="snapshot")
    world.act(
        number,
        "assign",
        "gj.dispatcher",
        responsible="青山镇",
        acceptance="市生态环境局",
        due=world.day(10),
    )
    lamps = []
    for seconds in (4 * 3600 - 60, 61, 30, 60):
        tick(world, seconds=seconds)
        lamps.append(world.case(number).lamp)
    assert lamps == ["blue", "yellow", "orange", "red"]
    told = [(login, message) for login, message in sent(world) if login.startswith(("qs", "db"))]
    assert ("qs.handler", "reminder") in told
    assert ("qs.principal", "warning") in told
    assert ("db.supervisor", "warning") in told
