"""What the flow tests of the ladder ask of the database."""

from typing import Any

from sqlalchemy import select

from tests.flows.issues.walks import rectifying
from tests.world import World
from workflow.deadlines.models import RungTaken
from workflow.deadlines.shown import CLOCK
from workflow.escalation import actions
from workflow.escalation.actions import TickReport
from workflow.notices.queries import PAPER
from workflow.outbox.models import Outbox

OUTBOX = Outbox.__table__
RUNG = RungTaken.__table__


def tick(world: World, **delta: float) -> TickReport:
    """Let time pass, then let the clock look once."""
    world.after(**delta)
    return actions.tick(world.database, world.office, world.now)


def overdue(world: World, days: float = 43) -> str:
    """An issue due on a Saturday, on the Tuesday after; nothing ticked yet."""
    number = rectifying(world)
    world.after(days=days)
    return number


def rows(world: World, table: Any, **where: Any) -> list[Any]:
    """Rows of a table in order of their ids."""
    asked = select(table).where(*(table.c[name] == value for name, value in where.items()))
    with world.database.reading() as tx:
        return list(tx.execute(asked.order_by(table.c.id)))


def sent(world: World, message: str | None = None) -> list[tuple[str, str]]:
    """Who was told what: login and message, in order, issue messages of the loop left out."""
    logins = {person: login for login, person in people(world).items()}
    return [
        (logins[row.person_id], row.message)
        for row in rows(world, OUTBOX)
        if row.channel == "inbox"
        and (row.message == message if message else row.message != "new_work")
    ]


def people(world: World) -> dict[str, int]:
    """Login → id."""
    from_city = ("gj.deputy", "gj.principal", "gj.dispatcher", "gj.supervisor", "db.principal")
    from_units = ("db.supervisor", "hb.acceptor", "hb.principal", "hb.inspector", "city.leader")
    from_town = ("qs.handler", "qs.deputy", "qs.principal", "qs.party")
    found: dict[str, int] = {}
    for login in (*from_city, *from_units, *from_town):
        person = world.actor(login).person_id
        assert person is not None
        found[login] = person
    return found


def drafts(world: World) -> list[Any]:
    """Papers that wait for a signature."""
    return rows(world, PAPER, state="draft")


def rectify_clock(world: World, number: str) -> Any:
    """The row of the issue's rectification clock."""
    (row,) = rows(world, CLOCK, issue_id=world.case(number).id, kind="rectify")
    return row


def fates(world: World, number: str) -> list[tuple[int, int, str]]:
    """Round, rung and outcome of the rectification clock's rungs."""
    clock = rectify_clock(world, number)
    return [(row.round, row.rung, row.outcome) for row in rows(world, RUNG, clock_id=clock.id)]


def sign(world: World, paper_id: int, by: str) -> None:
    with world.database.transaction() as tx:
        actions.sign(
            tx, world.office, paper_id=paper_id, by=world.actor(by), now=world.now, door="test"
        )


def withhold(world: World, paper_id: int, by: str, reason: str = "单位已基本整改到位") -> None:
    with world.database.transaction() as tx:
        actions.withhold(
            tx,
            world.office,
            paper_id=paper_id,
            reason=reason,
            by=world.actor(by),
            now=world.now,
            door="test",
        )


def answer(world: World, paper_id: int, by: str, text: str = "已组织清运，月底前完成。") -> None:
    with world.database.transaction() as tx:
        actions.answer(
            tx,
            world.office,
            paper_id=paper_id,
            text=text,
            by=world.actor(by),
            now=world.now,
            door="test",
        )


def leap(world: World, clock_id: int, by: str, reason: str = "省级通报，须立即约谈") -> int:
    with world.database.transaction() as tx:
        return actions.skip_upward(
            tx,
            world.office,
            clock_id=clock_id,
            reason=reason,
            by=world.actor(by),
            now=world.now,
            door="test",
        )
