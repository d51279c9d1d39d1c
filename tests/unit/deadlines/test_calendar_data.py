"""The shipped years against a second source, and against the shape of the notices."""

from collections import Counter
from datetime import date, timedelta

import chinese_calendar

from tests.unit.deadlines.moments import CALENDAR, day

FIRST, LAST = date(2018, 1, 1), date(2026, 12, 31)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]


def test_every_day_2018_to_2026_equals_the_second_source():
    ours = {day: CALENDAR.is_working(day) for day in DAYS}
    assert len(ours) == 3287
    assert ours == {day: chinese_calendar.is_workday(day) for day in DAYS}


def test_make_up_days_equal_the_second_source():
    ours = [day for day in DAYS if CALENDAR.kind(day).code == "makeup"]
    theirs = [day for day in DAYS if day in chinese_calendar.constants.workdays]
    assert ours == theirs


def test_all_shipped_years_are_published_and_name_their_notice():
    assert [entry.year for entry in CALENDAR.years] == list(range(2018, 2027))
    assert all(CALENDAR.known(year) for year in range(2018, 2027))
    assert all("国办发明电" in notice for entry in CALENDAR.years for notice in entry.notices)


def test_the_spring_festival_of_2020_lasts_until_2_february():
    kinds = [
        CALENDAR.kind(day(f"2020-{text}")).code for text in ("01-31", "02-01", "02-02", "02-03")
    ]
    assert kinds == ["holiday", "holiday", "holiday", "workday"]


def test_the_new_year_of_2019_begins_in_2018():
    assert CALENDAR.kind(day("2018-12-29")) == ("makeup", "元旦", "New Year's Day")
    assert CALENDAR.kind(day("2018-12-31")).zh == "元旦"


def test_working_days_per_year():
    counts = Counter(day.year for day in DAYS if CALENDAR.is_working(day))
    assert [counts[year] for year in range(2023, 2027)] == [249, 251, 248, 248]
