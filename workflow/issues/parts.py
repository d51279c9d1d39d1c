"""How late a part may be due: before its parent, with time left for what comes after the part."""

from datetime import date, timedelta

from workflow.deadlines.limits import parse_limit
from workflow.loops.loop import Loop

_CALENDAR_DAYS = {"working_days": 7 / 5, "natural_days": 1.0, "months": 31.0}


def latest_due(due: date | None, speed: str, opened: date, part_loop: Loop) -> date | None:
    """Return the last day on which a part may be due: the parent's due day minus a reserve.

    The reserve is the sum of the part's own later limits, at most a third of the parent's span from
    ``opened`` to ``due``, and nothing for 立行立改 (DESIGN §4).
    """
    if due is None or speed == "at_once":
        return due
    later = sum(_days(rule.limit) for rule in part_loop.clocks.values() if "submit" in rule.starts)
    third = max((due - opened).days // 3, 0)
    return due - timedelta(days=min(later, third))


def _days(text: str) -> int:
    """A limit in natural days; working days at five to the week."""
    limit = parse_limit(text.rpartition("|")[2])
    return round(limit.count * _CALENDAR_DAYS.get(limit.kind, 0.0))
