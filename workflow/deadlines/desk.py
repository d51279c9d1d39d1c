"""What every computation of a due time needs of the office that runs it.

Pure.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from workflow.deadlines.calendar import Calendar
from workflow.deadlines.rungs import DAY_RUNG_AT

_last: tuple[datetime | None, ZoneInfo | None, date] = (None, None, date.min)
"""The day that was asked for last: one action asks for that of its own moment again and again."""


@dataclass(frozen=True, slots=True, eq=False)
class Timing:
    """The office's calendar, the zone of its civil days, and when rungs of a day go out (local).

    Each is itself and equals no other: an office has one, and what is counted is kept by it.
    """

    calendar: Calendar
    zone: ZoneInfo
    day_rung_at: time = DAY_RUNG_AT

    def day(self, at: datetime) -> date:
        """The civil day of `at` (aware)."""
        global _last
        last, zone, day = _last
        if last is not at or zone is not self.zone:
            day = at.astimezone(self.zone).date()
            _last = (at, self.zone, day)
        return day
