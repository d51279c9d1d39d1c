"""Alarms are raised once, told to those who run the installation, and cleared when it is calm."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from tasks.audience import Audiences
from tasks.auditor import KINDS_AUDITED
from tests.world import World
from workflow.db import Tx
from workflow.operations import actions, queries
from workflow.operations.actions import Changes
from workflow.operations.findings import Finding
from workflow.outbox.models import Outbox

OUTBOX = Outbox.__table__  # type: ignore[attr-defined]
MAIL = {"channel": "mail"}


def audiences(world: World) -> Audiences:
    return Audiences(world.office.timing.zone, ("inbox", "file"), "https://bihuan.example.gov.cn")


def look(world: World, found: Sequence[Finding], seconds: float = 0) -> Changes:
    now = world.after(seconds=seconds)
    with world.database.transaction() as tx:
        return actions.reconcile(
            tx,
            found,
            now=now,
            audience=audiences(world).of(tx, now),
            looked_for=KINDS_AUDITED,
        )


def down(world: World, channel: str = "mail") -> Finding:
    return Finding("channel_down", "red", world.now, channel, {"channel": channel})


def told(tx: Tx) -> list[tuple[str, str, bool]]:
    rows = tx.execute(select(OUTBOX.c.key, OUTBOX.c.channel, OUTBOX.c.urgent).order_by(OUTBOX.c.id))
    return [
        (key.partition(":")[2].rpartition(":")[0], channel, urgent) for key, channel, urgent in rows
    ]


def test_what_is_found_again_and_again_is_one_alarm(world: World) -> None:
    first = look(world, [down(world)])
    assert [alarm.kind for alarm in first.raised] == ["channel_down"]
    for _ in range(5):
        assert look(world, [down(world)], 15) == Changes()
    with world.database.reading() as tx:
        (alarm,) = queries.open_alarms(tx)
    assert alarm.number == "A1"
    assert alarm.seen_at - alarm.raised_at == timedelta(seconds=75)


def test_two_channels_are_two_alarms(world: World) -> None:
    assert len(look(world, [down(world), down(world, "sms")]).raised) == 2


def test_an_alarm_is_over_after_a_calm_minute_and_a_flicker_is_one(world: World) -> None:
    look(world, [down(world)])
    assert look(world, [], 45) == Changes()
    assert look(world, [down(world)], 5) == Changes()
    assert look(world, [], 59) == Changes()
    (over,) = look(world, [], 1).cleared
    assert over.kind == "channel_down"
    with world.database.reading() as tx:
        assert queries.open_alarms(tx) == ()
        (past,) = queries.past_alarms(tx)
    assert past.cleared_at == world.now
    assert look(world, [down(world)], 60).raised[0].id != over.id


def test_administrators_are_told_of_beginning_and_end(world: World) -> None:
    look(world, [down(world)])
    look(world, [], 60)
    with world.database.reading() as tx:
        found = told(tx)
        rows = tx.execute(select(OUTBOX.c.person_id, OUTBOX.c.payload).order_by(OUTBOX.c.id)).all()
    assert [each[1:] for each in found] == [
        ("inbox", True),
        ("file", True),
        ("inbox", False),
        ("file", False),
    ]
    assert {row.person_id for row in rows} == {world.actor("root").person_id}
    begun, ended = rows[0].payload, rows[-1].payload
    assert begun["alarm"] == {"zh": "发送渠道不通", "en": "A channel is down"}
    assert "mail" in begun["what"]["en"]
    assert begun["advice"]["zh"]
    assert begun["title"] == "https://bihuan.example.gov.cn"
    assert begun["link"] == "/health"
    assert "over" not in begun
    assert ended["over"] == world.now.isoformat()


def test_without_an_administrator_the_alarm_is_raised_all_the_same(world: World) -> None:
    with world.database.transaction() as tx:
        finding = Finding("clock_silent", "red", world.now)
        assert actions.raise_one(tx, finding, now=world.now, audience=actions.Audience())
        assert not actions.raise_one(tx, finding, now=world.now, audience=actions.Audience())
        assert told(tx) == []


def test_kinds_that_a_look_does_not_look_for_stay(world: World) -> None:
    jump = Finding("clock_jump", "red", world.now, params={"seconds": 900})
    with world.database.transaction() as tx:
        actions.raise_one(tx, jump, now=world.now, audience=actions.Audience())
    assert look(world, [], 3600) == Changes()
    with world.database.reading() as tx:
        assert queries.is_frozen(tx)
