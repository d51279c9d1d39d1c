"""When a rung of a ladder is due, relative to the due time of its clock.

Pure.
"""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from workflow.deadlines.calendar import Calendar
from workflow.deadlines.counting import Due
from workflow.deadlines.limits import SECONDS, Offset, add_months

DAY_RUNG_AT = time(9)


def rung_time(
    due: Due, offset: Offset, calendar: Calendar, *, zone: tzinfo, day_rung_at: time = DAY_RUNG_AT
) -> datetime:
    """The moment (UTC) at which the rung at `offset` is due.

    Rungs in hours, minutes and seconds are relative to `due.at`. Rungs in days and months,
    and ``0`` of a day limit, are due at `day_rung_at` of the civil day that many days from the due
    day. ``0`` of an hour limit is `due.at` itself.
    """
    if offset.kind in SECONDS:
        return due.at + timedelta(seconds=offset.count * SECONDS[offset.kind])
    if due.on is None and offset.count == 0:
        return due.at
    day = shift(due.on or due.at.astimezone(zone).date(), offset, calendar)
    return datetime.combine(day, day_rung_at, zone).astimezone(UTC)


def shift(day: date, offset: Offset, calendar: Calendar) -> date:
    """The civil day that lies `offset` from `day`. Raises ValueError for hours and minutes."""
    match offset.kind:
        case "working_days":
            return calendar.add_working_days(day, offset.count)
        case "natural_days":
            return day + timedelta(days=offset.count)
        case "months":
            return add_months(day, offset.count)
    raise ValueError(f"not an offset in days: {offset}")
