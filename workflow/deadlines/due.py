"""When a limit runs out, counted from its start, with pauses left out and every step explained.

Pure. A due *day* is a civil date and lasts until 24:00 of the clock's zone.
"""

from collections.abc import Sequence
from datetime import datetime, time, tzinfo

from workflow.deadlines.calendar import Calendar
from workflow.deadlines.counting import Counting, Due, Roll, Starts
from workflow.deadlines.day_limits import due_day
from workflow.deadlines.hour_limits import due_time
from workflow.deadlines.limits import SECONDS, Language, Limit
from workflow.deadlines.pauses import Pause
from workflow.deadlines.steps import tell
from workflow.errors import N_, Invalid

__all__ = ["Due", "Roll", "Starts", "due", "explain", "with_pauses"]
EARLIEST, LATEST = 1900, 9900


def due(
    start: datetime,
    limit: Limit,
    calendar: Calendar,
    *,
    zone: tzinfo,
    roll: Roll = "none",
    starts: Starts = "next_day",
    until: time | None = None,
) -> Due:
    """When `limit` runs out if it starts at `start` (aware).

    Days and months are counted from the day after the start unless `starts` is ``same_day``; hours
    from the moment itself. `roll` says what becomes of a due day that is a day off; an hour limit
    keeps its time of day. `until` ends the due day earlier than 24:00. Raises Invalid for the limit
    ``due``, which only its issue can resolve, and for a start in a year that no calendar reaches.
    """
    found = with_pauses(
        start, limit, (), calendar, zone=zone, roll=roll, starts=starts, until=until
    )
    if found is None:
        raise AssertionError("only an open pause leaves a limit without an end")
    return found


def with_pauses(
    start: datetime,
    limit: Limit,
    pauses: Sequence[Pause],
    calendar: Calendar,
    *,
    zone: tzinfo,
    roll: Roll = "none",
    starts: Starts = "next_day",
    until: time | None = None,
) -> Due | None:
    """`due` with the pauses left out; None while a pause without an end keeps it from running out.

    Day limits leave out the civil days from the day a pause begins up to the day before it ends:
    working-day limits count none of them; natural days, months and fixed dates move by their
    number. Hour limits move by the paused time. A pause that begins after the limit has run out
    changes nothing.
    """
    if start.tzinfo is None:
        raise ValueError("start must be aware")
    if not EARLIEST <= start.year <= LATEST:
        raise Invalid.at(
            "start", N_("起算时间 {year} 年超出日历能算的范围。请核对。"), year=start.year
        )
    if limit.kind == "due":
        raise Invalid.at(
            "limit",
            N_("“due”是指按问题自身的期限，这里没有指定问题。请写明具体期限，例如 3wd。"),
        )
    wall = start.astimezone(zone)
    case = Counting(wall, limit, calendar, zone, roll, starts, until, tuple(pauses))
    return due_time(case) if limit.kind in SECONDS else due_day(case)


def explain(found: Due, language: Language = "zh") -> str:
    """The steps as one paragraph, in Chinese (``zh``) or English (``en``)."""
    return tell(found.steps, language)
