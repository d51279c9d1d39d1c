"""Which rungs are due: messages merge, papers keep their order, nothing is taken twice."""

from dataclasses import dataclass

from workflow.deadlines.ladder import Ladder, Rung
from workflow.escalation.rungs import due_rungs, leap, lit


@dataclass(frozen=True)
class Clock:
    schedule: tuple[int | None, ...]
    next_rung: int = 0
    blocked_by: int | None = None


def message(level: int = 1, lamp: str | None = "blue") -> Rung:
    return Rung("0", level, lamp=lamp, message="reminder")


def paper(level: int = 3) -> Rung:
    return Rung("0", level, lamp="orange", paper="supervision", sign="deputy@issuer")


LADDER = Ladder("t", (message(1), message(2, "yellow"), paper(3), message(3), paper(4)))
TIMES = (10, 20, 30, 40, 50)


def test_nothing_is_due_before_its_time() -> None:
    take = due_rungs(Clock(TIMES), LADDER, 9)
    assert take.is_empty
    assert (take.next_rung, take.wake) == (0, 10)


def test_a_rung_is_due_at_its_very_second() -> None:
    take = due_rungs(Clock(TIMES), LADDER, 10)
    assert (take.message, take.merged, take.paper, take.next_rung, take.wake) == (
        0,
        (),
        None,
        1,
        20,
    )


def test_messages_merge_into_the_latest_one() -> None:
    take = due_rungs(Clock(TIMES), LADDER, 25)
    assert (take.message, take.merged, take.next_rung, take.wake) == (1, (0,), 2, 30)


def test_after_an_outage_one_paper_is_drafted_and_messages_pass_it() -> None:
    take = due_rungs(Clock(TIMES), LADDER, 1000)
    assert (take.message, take.merged, take.paper) == (3, (0, 1), 2)
    # Only the second paper is left, and it waits for a signature.
    assert (take.next_rung, take.wake) == (4, None)


def test_a_message_behind_a_waiting_paper_is_sent_and_not_sent_again() -> None:
    ladder = Ladder("t", (paper(), paper(), message(4), message(5)))
    first = due_rungs(Clock((10, 20, 30, 90)), ladder, 35)
    assert (first.paper, first.message) == (0, 2)
    assert (first.next_rung, first.schedule, first.wake) == (1, (10, 20, None, 90), 90)
    again = due_rungs(Clock(first.schedule, first.next_rung, blocked_by=7), ladder, 35)
    assert again.is_empty
    later = due_rungs(Clock(first.schedule, first.next_rung, blocked_by=7), ladder, 95)
    assert (later.message, later.paper, later.wake) == (3, None, None)
    signed = due_rungs(Clock(later.schedule, later.next_rung), ladder, 95)
    assert (signed.paper, signed.message, signed.next_rung) == (1, None, 4)


def test_a_blocked_paper_is_not_due() -> None:
    take = due_rungs(Clock(TIMES, next_rung=4, blocked_by=1), LADDER, 1000)
    assert take.is_empty
    assert take.wake is None


def test_a_skipped_rung_is_never_taken() -> None:
    take = due_rungs(Clock((None, None, 30, 40, 50), next_rung=2), LADDER, 35)
    assert (take.message, take.merged, take.paper) == (None, (), 2)


def test_a_leap_takes_the_next_paper_and_skips_what_is_before_it() -> None:
    found = leap(Clock(TIMES), LADDER)
    assert found is not None
    take, skipped = found
    assert (take.paper, skipped, take.next_rung, take.wake) == (2, (0, 1), 3, 40)


def test_a_leap_passes_a_waiting_paper() -> None:
    found = leap(Clock(TIMES, next_rung=3, blocked_by=9), LADDER)
    assert found is not None
    assert (found[0].paper, found[1]) == (4, (3,))


def test_no_leap_beyond_the_last_paper() -> None:
    assert leap(Clock(TIMES, next_rung=5, blocked_by=9), LADDER) is None


def test_the_highest_rung_lights_its_lamp() -> None:
    assert lit([message(1), message(2, "yellow"), message(5, None)]) == ("yellow", 2)
    assert lit([message(1, None)]) is None
