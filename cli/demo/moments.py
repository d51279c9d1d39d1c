"""Moments of the demo's stories, written relative to the start: every story is always current."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CLOCK = re.compile(r"(?P<days>[+-]\d{1,4})d (?P<hour>\d{2}):(?P<minute>\d{2})")
DAY = re.compile(r"(?P<days>[+-]\d{1,4})d")
SPAN = re.compile(r"([+-])(\d{1,5})(d|h|min|s)")
UNITS = {"d": "days", "h": "hours", "min": "minutes", "s": "seconds"}


@dataclass(frozen=True, slots=True)
class Start:
    """The moment at which the demo starts, and the zone in which its days begin."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The civil date of the start."""
        return self.now.astimezone(self.zone).date()

    def moment(self, text: str) -> datetime:
        """``-20d 09:30`` is that time of that day, ``-4h+45s`` that long before the start.

        Raises ValueError with a sentence for anything else.
        """
        if found := CLOCK.fullmatch(text):
            hour, minute = int(found["hour"]), int(found["minute"])
            if hour > 23 or minute > 59:
                raise ValueError(f"没有 {hour}:{minute} 这个时刻")
            day = self.today + timedelta(days=int(found["days"]))
            return datetime.combine(day, time(hour, minute), self.zone).astimezone(UTC)
        return self.now + span(text)

    def day(self, text: str) -> date:
        """``+12d``: that many days from today. Raises ValueError for anything else."""
        found = DAY.fullmatch(text)
        if not found:
            raise ValueError(f"看不懂日期“{text}”。写成 +12d 或 -3d，表示从今天起的天数")
        return self.today + timedelta(days=int(found["days"]))


def span(text: str) -> timedelta:
    """``-4h+45s`` as a length of time. Raises ValueError with a sentence."""
    parts = SPAN.findall(text)
    if not parts or "".join("".join(part) for part in parts) != text:
        raise ValueError(
            f"看不懂时间“{text}”。写成 -20d 09:30（第几天几点）或 -4h+45s（距现在多久）"
        )
    total = timedelta()
    for sign, number, unit in parts:
        length = timedelta(**{UNITS[unit]: int(number)})
        total += length if sign == "+" else -length
    return total
