"""What comes again and again: the next day of a rhythm such as ``month:25``. Pure.

The words are those of the plan reader (``workflow/plans/terms.py``).  A rhythm without a day ends
with its period: ``month`` is due on the last day of each month.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from workflow.deadlines.limits import add_months, day_of_month

_FORM = re.compile(r"(?P<word>[a-z ]+)(?::(?:(?P<month>\d{1,2})-)?(?P<day>\d{1,2}))?")
_MONTHS = {
    "month": 1,
    "two months": 2,
    "quarter": 3,
    "four months": 4,
    "half year": 6,
    "year": 12,
    "two years": 24,
}
_DAYS = {"day": 1, "week": 7, "two weeks": 14}
_WITHIN_MONTH = {"half month": (15,), "ten days": (10, 20)}


def next_day(every: str, after: date) -> date | None:
    """The first day of the rhythm that lies behind `after`; None for a rhythm of unclear days.

    A day in a quarter or a half year (每季度15日前) does not say in which month, and is unclear.
    """
    match = _FORM.fullmatch(every)
    if match is None:
        return None
    word, month, day = match["word"], match["month"], match["day"]
    if word in _DAYS and day is None:
        return _in_weeks(_DAYS[word], after)
    if word in _WITHIN_MONTH and day is None:
        return _first(_parts_of_months(after, _WITHIN_MONTH[word]), after)
    if word not in _MONTHS or (day is not None and not 1 <= int(day) <= 31):
        return None
    if word == "month" and month is None:
        return _first(_days_of_months(after, int(day) if day else 31), after)
    if month is not None and day is not None and word == "year" and 1 <= int(month) <= 12:
        years = (after.year, after.year + 1)
        return _first((day_of_month(year, int(month), int(day)) for year in years), after)
    return _end_of_months(_MONTHS[word], after) if day is None else None


def _in_weeks(days: int, after: date) -> date:
    if days == 1:
        return after + timedelta(days=1)
    sunday = after + timedelta(days=7 - after.isoweekday() or 7)
    return sunday + timedelta(days=days - 7)


def _days_of_months(after: date, day: int) -> Iterator[date]:
    for n in (0, 1):
        month = add_months(after.replace(day=1), n)
        yield day_of_month(month.year, month.month, day)


def _parts_of_months(after: date, days: tuple[int, ...]) -> Iterator[date]:
    for n in (0, 1):
        month = add_months(after.replace(day=1), n)
        for day in (*days, 31):
            yield day_of_month(month.year, month.month, day)


def _end_of_months(months: int, after: date) -> date:
    """Periods of so many months, counted from January (of an even year, for two years)."""
    tomorrow = after + timedelta(days=1)
    since = tomorrow.year % 2 * 12 + tomorrow.month - 1 if months == 24 else tomorrow.month - 1
    begins = add_months(tomorrow.replace(day=1), -(since % months))
    return add_months(begins, months) - timedelta(days=1)


def _first(days: Iterator[date], after: date) -> date | None:
    return next((day for day in days if day > after), None)
