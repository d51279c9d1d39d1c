"""A clock that leaps admonishes nobody: escalations wait for a person, reminders do not."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from config.settings import load_settings
from tasks.audience import Audiences
from tasks.installation import Installation
from tasks.sanity import Sanity
from tasks.sweep import Sweeper
from tasks.times import Times, steady_now
from tests.flows.escalation.papers import drafts, fates, rectify_clock
from tests.flows.issues.walks import rectifying, submitted
from tests.operations.conftest import Hands
from tests.world import START, World
from workflow.db import Database
from workflow.errors import Invalid
from workflow.operations import actions, queries
from workflow.operations.findings import ProcessRow
from workflow.operations.sanity import Jump, Reading, compare

DAY = 86_400.0
MINUTE = 60.0


# -- the comparison --------------------------------------------------------------------------------


def reading(wall: float = 0, steady: float = 0, database: float | None = None) -> Reading:
    shared = wall if database is None else database
    return Reading(START + timedelta(seconds=wall), steady, START + timedelta(seconds=shared))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (reading(10, 10), None),
        (reading(-49, 10), None),
        (reading(-51, 10), Jump(-61, "database")),
        (reading(909, 10), None),
        (reading(911, 10), Jump(901, "database")),
        (reading(3600, 3600), None),
        (reading(28_800, 28_800), None),
        (reading(870, 10, 10), None),
        (reading(911, 10, 10), Jump(901, "machine")),
        (reading(-55, 10, 10), Jump(-65, "machine")),
        (reading(10, 10, 911), Jump(-901, "machine")),
    ],
)
def test_how_far_time_may_leap(now: Reading, expected: Jump | None) -> None:
    assert compare(reading(), now, None) == expected


def test_across_a_restart_only_the_record_tells_and_only_of_going_back() -> None:
    assert compare(None, reading(8 * 3600), START) is None
    assert compare(None, reading(-59), START) is None
    assert compare(None, reading(-61), START) == Jump(-61, "record")


def test_nobody_sets_the_steady_clock() -> None:
    began = steady_now()
    with time_machine.travel(START, tick=False):
        assert 0 <= steady_now() - began < MINUTE


def test_the_database_is_asked_where_it_has_a_clock_of_its_own(database: Database) -> None:
    times = Times(now=lambda: START)
    with database.reading() as tx:
        shared = times.shared(tx)
    assert shared.tzinfo is not None
    assert (shared == START) is database.is_sqlite


# -- the look before a sweep -----------------------------------------------------------------------


@pytest.fixture
def sanity(world: World, hands: Hands) -> Sanity:
    """The look of one process."""
    return look_of(world, hands)


def look_of(world: World, hands: Hands) -> Sanity:
    audiences = Audiences(world.office.timing.zone, ("inbox",), "https://bihuan.example.gov.cn")
    return Sanity(world.database, hands.times(), audiences)


def confirm(world: World, hands: Hands) -> bool:
    with world.database.transaction() as tx:
        return actions.confirm_time(
            tx, now=hands.server or hands.wall, by=None, audience=actions.Audience()
        )


def frozen_for(world: World) -> list[tuple[int, str]]:
    with world.database.reading() as tx:
        return [
            (alarm.params["seconds"], alarm.params["source"])
            for alarm in queries.open_alarms(tx)
            if alarm.kind == "clock_jump"
        ]


def test_time_that_passes_freezes_nothing(sanity: Sanity, hands: Hands) -> None:
    for seconds in (0, 10, 3600, 8 * 3600, 30 * DAY):
        hands.after(seconds)
        assert not sanity.is_frozen()
        sanity.swept()


@pytest.mark.parametrize("seconds", [-61, -3600, 901, 3 * DAY])
def test_a_leap_freezes_until_an_operator_has_looked(
    world: World, sanity: Sanity, hands: Hands, seconds: float
) -> None:
    assert not sanity.is_frozen()
    hands.jump(seconds)
    assert sanity.is_frozen()
    for _ in range(3):
        hands.after(10)
        assert sanity.is_frozen()
    assert frozen_for(world) == [(seconds, "database")]
    assert confirm(world, hands)
    hands.after(10)
    assert not sanity.is_frozen()
    assert not confirm(world, hands)


def test_administrators_hear_of_it(world: World, sanity: Sanity, hands: Hands) -> None:
    sanity.is_frozen()
    hands.jump(DAY)
    sanity.is_frozen()
    sanity.is_frozen()
    assert sent_to_root(world) == ["alarm"]


def sent_to_root(world: World) -> list[str]:
    with world.database.reading() as tx:
        rows = tx.exec_driver_sql(
            "select message from outbox join person on person.id = person_id"
            " where login = 'root' order by outbox.id"
        ).all()
    return [row[0] for row in rows]


def test_an_outage_is_no_leap_but_going_back_is_one_also_across_a_restart(
    world: World, sanity: Sanity, hands: Hands
) -> None:
    sanity.is_frozen()
    sanity.swept()
    hands.after(8 * 3600)
    hands.steady = 3.0  # the machine was switched off
    assert not look_of(world, hands).is_frozen()
    hands.jump(-9 * 3600)
    assert look_of(world, hands).is_frozen()
    assert frozen_for(world)[0][1] == "record"


def test_a_process_that_did_not_look_meanwhile_does_not_freeze_anew(
    world: World, sanity: Sanity, hands: Hands
) -> None:
    idle = look_of(world, hands)
    assert not sanity.is_frozen()
    assert not idle.is_frozen()
    hands.jump(DAY)
    assert sanity.is_frozen()
    confirm(world, hands)
    hands.after(10)
    assert not idle.is_frozen()
    assert not sanity.is_frozen()


def test_a_machine_is_measured_by_the_database(world: World, hands: Hands) -> None:
    hands.server = hands.wall
    other = hands.another_machine()
    here, there = look_of(world, hands), look_of(world, other)
    assert not here.is_frozen()
    other.jump(3600)
    # At its very first look, without any look before.
    assert there.is_frozen()
    assert frozen_for(world) == [(3600, "machine")]
    assert here.is_frozen()


def test_nobody_confirms_while_a_machine_is_still_wrong(world: World, hands: Hands) -> None:
    with world.database.transaction() as tx:
        row = ProcessRow("p", "worker", "host", 7, "0.1", hands.wall, hands.wall, 3600)
        actions.beat(tx, row)
    with pytest.raises(Invalid, match=r"worker@host:7 .* 3600 秒"):
        confirm(world, hands)
    hands.after(61)
    assert not confirm(world, hands)


# -- what waits and what leaves --------------------------------------------------------------------


@pytest.fixture
def sweeper(world: World, hands: Hands, tmp_path: Path) -> Sweeper:
    """The sweep of one process."""
    settings = load_settings(env_file=None, data_dir=tmp_path)
    installation = Installation(settings, world.database, world.office, {}, b"k" * 32)
    return Sweeper(installation, hands.times(), look_of(world, hands))


def told(world: World) -> list[tuple[str, str]]:
    with world.database.reading() as tx:
        rows = tx.exec_driver_sql(
            "select login, message from outbox join person on person.id = person_id"
            " where channel = 'inbox' and message not in ('new_work', 'alarm') order by outbox.id"
        ).all()
    return [(row[0], row[1]) for row in rows]


def test_a_wrong_clock_reminds_and_admonishes_nobody(
    world: World, hands: Hands, sweeper: Sweeper
) -> None:
    number = rectifying(world)
    sweeper.sweep()

    hands.jump(60 * DAY)
    assert sweeper.sweep() == 1
    assert told(world) == [("qs.handler", "reminder")]
    assert drafts(world) == []
    assert world.case(number).lamp == "blue"
    before = rectify_clock(world, number)
    assert sweeper.sweep() == 0
    assert rectify_clock(world, number) == before

    hands.jump(-60 * DAY)
    assert sweeper.sweep() == 0
    confirm(world, hands)
    assert sweeper.sweep() == 0

    hands.after(43 * DAY)
    sweeper.sweep()
    # Each rung once all the same; what fell due meanwhile in earnest is taken now.
    assert fates(world, number) == [
        (1, 0, "taken"),
        (1, 1, "merged"),
        (1, 2, "taken"),
        (1, 3, "taken"),
    ]
    assert [paper.kind for paper in drafts(world)] == ["supervision"]
    assert world.chain_is_whole(number)


def test_what_waited_is_taken_when_the_new_time_turns_out_to_be_right(
    world: World, hands: Hands, sweeper: Sweeper
) -> None:
    number = rectifying(world)
    sweeper.sweep()
    hands.jump(43 * DAY)  # a battery was dead, and now the time is right
    sweeper.sweep()
    confirm(world, hands)
    sweeper.sweep()
    assert [paper.kind for paper in drafts(world)] == ["supervision"]
    assert len(fates(world, number)) == 4


def test_no_period_ends_by_a_wrong_clock(world: World, hands: Hands, sweeper: Sweeper) -> None:
    number = rectifying(world)
    submitted(world, number)
    world.act(number, "verify", "hb.acceptor", opinion="符合要求。")
    world.act(number, "publish", "hb.acceptor", text="整改情况公示", phone="0371-60000000")
    sweeper.sweep()
    state, version = world.case(number).state, world.case(number).version
    hands.jump(30 * DAY)
    sweeper.sweep()
    found = world.case(number)
    assert (found.state, found.version) == (state, version)
    confirm(world, hands)
    sweeper.sweep()
    assert world.case(number).version > version


def test_those_that_wait_do_not_keep_reminders_behind_them_from_leaving(
    world: World, hands: Hands, sweeper: Sweeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflow.escalation.actions.MOST_IDS", 2)
    numbers = [rectifying(world) for _ in range(4)]
    sweeper.sweep()
    hands.jump(60 * DAY)
    sweeper.sweep()
    sweeper.sweep()
    assert [fates(world, number) for number in numbers] == [[(1, 0, "taken")]] * 4
