"""The life of a clock: each step gives the row as it will be, and never looks at the real time."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.deadlines.moments import CALENDAR, ZONE, at, day
from workflow.deadlines import answering, running
from workflow.deadlines.calendar import Calendar
from workflow.deadlines.desk import Timing
from workflow.deadlines.ladder import Ladder, Rung
from workflow.deadlines.limits import parse_limit
from workflow.deadlines.running import ClockDraft, ClockRow
from workflow.errors import Invalid

TIMING = Timing(CALENDAR, ZONE)
NOW = at("2025-03-03T10:00")  # a Monday
LADDER = Ladder(
    "rectify",
    (
        Rung("-3wd", 1, lamp="blue", message="reminder"),
        Rung("0", 2, lamp="yellow", message="urging"),
        Rung("+1wd", 3, lamp="orange", paper="supervision", sign="deputy@issuer", answer_by="2nd"),
        Rung("+5wd", 4, lamp="red", paper="bulletin", sign="leader@supervising"),
    ),
)


def started(limit: str = "5wd", **more: object) -> ClockDraft:
    values: dict[str, object] = {
        "issue_id": 1,
        "subject": "issue",
        "subject_id": 1,
        "seq": 1,
        "limit_text": limit,
        "limit": parse_limit(limit),
        "owner": "handler@responsible",
        "owner_unit_id": 7,
        "now": NOW,
        "timing": TIMING,
        "ladder": LADDER,
    }
    return running.start("rectify", **(values | more))  # type: ignore[arg-type]


def row(draft: ClockDraft) -> ClockRow:
    values = {name: draft.values[name] for name in ClockRow._fields if name != "id"}
    values["pauses"] = ()
    values["schedule"] = tuple(values["schedule"])
    return ClockRow(id=1, **values)


def second(text: str) -> int:
    return int(at(text).timestamp())


def test_a_clock_starts_with_the_moments_of_its_rungs() -> None:
    draft = started()
    assert draft.due_on == day("2025-03-10")
    assert draft.values["schedule"] == [
        second("2025-03-05T09:00"),
        second("2025-03-10T09:00"),
        second("2025-03-11T09:00"),
        second("2025-03-17T09:00"),
    ]
    assert draft.values["wake_at"] == at("2025-03-05T09:00")
    assert draft.skipped == ()
    assert draft.values["original_due_on"] == draft.due_on
    assert draft.values["explanation"][0]["code"] == "start"


def test_rungs_before_the_start_are_skipped_on_record() -> None:
    draft = started("2wd")
    assert [skipped.rung for skipped in draft.skipped] == [0]
    assert draft.values["schedule"][0] is None
    assert draft.values["next_rung"] == 1
    assert draft.values["wake_at"] == at("2025-03-05T09:00")


def test_a_date_that_is_past_when_it_starts_skips_what_is_past() -> None:
    draft = started("due", due_on=day("2025-03-01"))
    assert [skipped.rung for skipped in draft.skipped] == [0, 1, 2]
    assert draft.values["next_rung"] == 3


def test_a_period_wakes_at_its_end_and_has_no_rungs() -> None:
    draft = started("7nd", is_period=True)
    assert draft.values["wake_at"] == draft.due_at == at("2025-03-11T00:00")
    assert draft.values["schedule"] == []
    assert draft.values["ladder"] is None


def test_without_a_ladder_nothing_is_looked_at() -> None:
    assert started(ladder=None).values["wake_at"] is None


def test_the_issues_own_date_must_be_there() -> None:
    with pytest.raises(Invalid):
        started("due")
    draft = started("due", due_on=day("2025-06-30"))
    assert draft.values["limit_text"] == "2025-06-30"


def test_a_muted_clock_is_not_looked_at_until_it_speaks_again() -> None:
    clock = row(started(muted=True))
    assert clock.wake_at is None
    assert running.unmute(clock, NOW).row.wake_at == at("2025-03-05T09:00")
    assert running.mute(running.unmute(clock, NOW).row, NOW).row.wake_at is None


def test_a_held_clock_keeps_its_due_time_and_owes_what_fell_due() -> None:
    clock = row(started())
    held = running.hold(clock, NOW).row
    assert held.wake_at is None
    free = running.release(held, NOW + timedelta(days=30)).row
    assert (free.due_at, free.round) == (clock.due_at, 1)
    assert free.wake_at == clock.wake_at
    assert running.release(held, NOW, muted=True).row.wake_at is None


def test_a_suspension_moves_the_due_time_and_begins_a_round() -> None:
    clock = row(started())
    stopped = running.pause(clock, at("2025-03-05T12:00"), "汛期").row
    assert (stopped.state, stopped.wake_at) == ("paused", None)
    change = running.resume(stopped, at("2025-03-19T12:00"), TIMING, LADDER)
    assert change.row.due_on == day("2025-03-24")
    assert (change.row.round, change.row.state) == (2, "running")
    assert change.row.original_due_on == day("2025-03-10")
    assert change.counted is not None
    assert change.row.pauses[0][2] == "汛期"
    assert change.row.wake_at == at("2025-03-24T09:00")
    assert [each.rung for each in change.skipped] == [0]


def test_a_second_suspension_of_a_fixed_date_counts_the_first_once() -> None:
    clock = row(started("due", due_on=day("2025-04-30")))
    once = running.pause(clock, at("2025-03-10T12:00"), "一").row
    once = running.resume(once, at("2025-03-20T12:00"), TIMING, LADDER).row
    assert once.due_on == day("2025-05-10")
    twice = running.pause(once, at("2025-04-01T12:00"), "二").row
    twice = running.resume(twice, at("2025-04-06T12:00"), TIMING, LADDER).row
    assert twice.due_on == day("2025-05-15")


def test_an_extension_keeps_the_original_date_and_begins_a_round() -> None:
    clock = row(started())._replace(blocked_by=9, lamp="orange", level=3)
    change = running.move_due(clock, day("2025-04-10"), at("2025-03-12T10:00"), TIMING, LADDER)
    assert change.row.due_on == day("2025-04-10")
    assert change.row.original_due_on == day("2025-03-10")
    assert (change.row.round, change.row.blocked_by, change.lapsed) == (2, None, 9)
    assert (change.row.lamp, change.row.level) == ("none", 0)
    assert change.row.wake_at == at("2025-04-07T09:00")


def test_an_extension_of_a_held_clock_does_not_wake_it() -> None:
    held = running.hold(row(started()), NOW).row
    moved = running.move_due(held, day("2025-04-10"), NOW, TIMING, LADDER).row
    assert (moved.state, moved.wake_at) == ("held", None)


def test_a_stopped_clock_lets_its_draft_lapse() -> None:
    change = running.stop(row(started())._replace(blocked_by=4), NOW)
    assert (change.row.stopped_at, change.row.wake_at, change.lapsed) == (NOW, None, 4)


def climbed(next_rung: int, blocked_by: int | None = 5) -> ClockRow:
    return row(started())._replace(next_rung=next_rung, blocked_by=blocked_by, wake_at=None)


def test_a_paper_signed_in_time_leaves_the_next_one_its_own_time() -> None:
    change = answering.signed(
        climbed(3), LADDER, rung=2, at=at("2025-03-11T15:00"), answer_due=None, timing=TIMING
    )
    assert change.row.blocked_by is None
    assert change.row.wake_at == at("2025-03-17T09:00")


def test_silence_is_earlier_than_the_next_papers_own_time() -> None:
    silent = at("2025-03-14T00:00")
    change = answering.signed(
        climbed(3), LADDER, rung=2, at=at("2025-03-11T15:00"), answer_due=silent, timing=TIMING
    )
    assert change.row.wake_at == silent
    back = answering.answered(change.row, LADDER, rung=2, at=at("2025-03-11T15:00"), timing=TIMING)
    assert back is not None
    assert back.row.wake_at == at("2025-03-17T09:00")


def test_a_paper_signed_late_delays_the_next_one() -> None:
    late = at("2025-06-02T10:00")
    gap = at("2025-03-17T09:00") - at("2025-03-11T09:00")
    plain = answering.signed(climbed(3), LADDER, rung=2, at=late, answer_due=None, timing=TIMING)
    assert plain.row.wake_at == late + gap
    silent = at("2025-06-05T00:00")
    waits = answering.signed(climbed(3), LADDER, rung=2, at=late, answer_due=silent, timing=TIMING)
    assert waits.row.wake_at == silent
    back = answering.answered(waits.row, LADDER, rung=2, at=late, timing=TIMING)
    assert back is not None
    assert back.row.wake_at == late + gap


def test_a_late_answer_changes_nothing_once_the_next_paper_is_on_its_way() -> None:
    assert answering.answered(climbed(4), LADDER, rung=2, at=NOW, timing=TIMING) is None


def test_signing_wakes_no_clock_that_is_held_or_muted() -> None:
    for still in (climbed(3)._replace(state="held"), climbed(3)._replace(muted=True)):
        change = answering.signed(still, LADDER, rung=2, at=NOW, answer_due=None, timing=TIMING)
        assert change.row.wake_at is None


def test_a_published_calendar_moves_a_provisional_date_and_keeps_what_was_taken() -> None:
    plain = Timing(Calendar(), ZONE)
    draft = started("5wd", now=at("2025-09-29T10:00"), timing=plain)
    assert draft.provisional
    clock = row(draft)._replace(next_rung=1)
    change = running.recount(clock, TIMING, LADDER, NOW)
    assert change is not None
    assert not change.row.provisional
    assert change.row.due_on == day("2025-10-13")
    assert (change.row.round, change.row.next_rung) == (1, 1)
    assert change.row.wake_at == at("2025-10-13T09:00")
    assert running.recount(change.row, TIMING, LADDER, NOW) is None


def test_all_moments_are_aware() -> None:
    draft = started()
    assert draft.due_at.tzinfo is UTC
    assert isinstance(draft.values["wake_at"], datetime)
    assert draft.values["wake_at"].tzinfo is UTC
