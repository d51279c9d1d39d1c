"""A unit is abolished, a calendar is published: running issues follow, and their record says so."""

from dataclasses import replace
from datetime import UTC, date, datetime

from tests.flows.issues.walks import assigned, rectifying
from tests.world import World
from workflow.deadlines.calendar import Calendar
from workflow.deadlines.desk import Timing
from workflow.deadlines.year import parse_year
from workflow.issues import upkeep
from workflow.units import actions as unit_actions
from workflow.units.rules import SYSTEM

# A year without a published calendar, two days before what would be the National Day holiday.
UNPUBLISHED = datetime(2031, 9, 29, 1, 0, tzinfo=UTC)
NOTICE = {
    "year": "2031",
    "notices": [{"number": "示例〔2030〕1号", "issued_on": "2030-11-01"}],
    "status": "published",
    "holidays": [
        {
            "name": "国庆节",
            "en": "National Day",
            "rest": ["2031-10-01..2031-10-07"],
            "work": ["2031-09-28"],
        }
    ],
}


def abolish(world: World, unit: str, successor: str) -> int:
    with world.database.transaction() as tx:
        unit_actions.abolish(
            tx,
            unit_id=world.unit(unit),
            successor_id=world.unit(successor),
            on=world.today(),
            now=world.now,
            door="test",
        )
    return world.unit(unit)


def test_open_issues_of_an_abolished_unit_move_to_its_successor(world: World) -> None:
    first, other = rectifying(world), assigned(world)
    old, new = world.unit("qingshan"), world.unit("hekou")
    abolish(world, "qingshan", "hekou")

    moved = upkeep.succeed_unit(
        world.database, world.office, unit_id=old, by=SYSTEM, now=world.now, door="test"
    )

    case = world.case(first)
    assert moved == 2
    assert (case.units["responsible"], case.owner_unit_id) == ([new], new)
    assert {clock.owner_unit_id for clock in case.clocks} == {new}
    assert world.chain_is_whole(first)
    world.act(other, "accept", "hk.handler")


def test_moving_twice_moves_nothing_more(world: World) -> None:
    number = assigned(world)
    old = abolish(world, "qingshan", "hekou") and world.unit("qingshan")
    sweep = {"unit_id": old, "by": SYSTEM, "now": world.now, "door": "test"}
    upkeep.succeed_unit(world.database, world.office, **sweep)  # type: ignore[arg-type]
    before = world.case(number).version

    upkeep.succeed_unit(world.database, world.office, **sweep)  # type: ignore[arg-type]

    assert world.case(number).version == before


def test_a_published_calendar_moves_provisional_due_dates_with_an_event(world: World) -> None:
    world.now = UNPUBLISHED
    world.after(days=1)
    late = assigned(world)
    waiting = world.case(late).clock("accept")
    assert waiting is not None
    assert (waiting.due_on, waiting.provisional) == (date(2031, 10, 1), True)
    timing = world.office.timing
    years = (*timing.calendar.years, parse_year(NOTICE))
    world.office = replace(
        world.office, timing=Timing(Calendar(years), timing.zone, timing.day_rung_at)
    )

    changed = upkeep.recalculate_all(world.database, world.office, now=world.now)

    after = world.case(late)
    clock = after.clock("accept")
    assert changed >= 1
    assert clock is not None
    assert (clock.due_on, clock.provisional) == (date(2031, 10, 8), False)
    assert after.move_due_at == clock.due_at
    assert world.chain_is_whole(late)
    assert upkeep.recalculate_all(world.database, world.office, now=world.now) == 0
