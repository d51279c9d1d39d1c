"""What the tests of deadlines share: the shipped calendar, the zone, short ways to write times."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from workflow.deadlines.calendars import load_calendar
from workflow.deadlines.counting import Due
from workflow.deadlines.due import due
from workflow.deadlines.limits import parse_limit
from workflow.deadlines.pauses import Pause

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = load_calendar()


def at(text: str) -> datetime:
    """A wall-clock time in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def day(text: str) -> date:
    return date.fromisoformat(text)


def pause(first: str, until: str | None, reason: str = "等待环评批复") -> Pause:
    return Pause(at(first), at(until) if until else None, reason)


def counted(start: str, limit: str, **rules: object) -> Due:
    return due(at(start), parse_limit(limit), CALENDAR, zone=ZONE, **rules)  # type: ignore[arg-type]
