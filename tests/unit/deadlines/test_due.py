from datetime import date, time, timedelta

import pytest

from tests.unit.deadlines.moments import CALENDAR, ZONE, at, counted, day, utc
from workflow.deadlines.due import due
from workflow.deadlines.limits import parse_limit
from workflow.errors import Invalid

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("start", "limit", "on"),
    [
        ("2024-09-27T16:30", "3wd", "2024-10-08"),
        ("2024-09-27T16:30", "1wd", "2024-09-29"),
        ("2024-09-28T10:00", "1wd", "2024-09-29"),
        ("2024-09-27T16:30", "7nd", "2024-10-04"),
        ("2024-01-31T08:00", "1mo", "2024-02-29"),
        ("2023-01-31T08:00", "1mo", "2023-02-28"),
        ("2024-02-28T08:00", "1nd", "2024-02-29"),
        ("2024-02-29T08:00", "1wd", "2024-03-01"),
        ("2024-02-29T08:00", "1年", "2025-02-28"),
        ("2024-09-27T16:30", "2025-12-31", "2025-12-31"),
        ("2024-09-27T16:30", "2023-12-31", "2023-12-31"),
        ("2024-09-27T16:30", "12月31日前", "2024-12-31"),
        ("2024-09-27T16:30", "3月底前", "2025-03-31"),
        ("2025-09-27T16:30", "2月29日前", "2026-02-28"),
        ("2024-12-31T23:59", "12月31日前", "2024-12-31"),
    ],
)
def test_the_day_of_the_start_is_not_counted(start: str, limit: str, on: str):
    assert counted(start, limit).on == day(on)


@pytest.mark.parametrize(
    ("start", "limit", "on"),
    [
        ("2024-09-27", "3wd", "2024-09-30"),
        ("2024-09-28", "1wd", "2024-09-29"),
        ("2024-09-27", "7nd", "2024-10-03"),
        ("2024-03-01", "1mo", "2024-03-31"),
        ("2024-03-31", "1mo", "2024-04-30"),
        ("2024-01-31", "1mo", "2024-02-29"),
        ("2024-03-15", "1mo", "2024-04-14"),
    ],
)
def test_the_day_of_the_start_is_counted_where_the_rule_says_so(start: str, limit: str, on: str):
    assert counted(start, limit, starts="same_day").on == day(on)


def test_a_due_day_lasts_until_midnight():
    found = counted("2024-09-27T16:30", "3wd")
    assert found.at == utc("2024-10-08T16:00")
    assert not found.is_over(at("2024-10-09T00:00") - SECOND)
    assert found.is_over(at("2024-10-09T00:00"))


def test_one_second_around_midnight_moves_the_start_by_a_day():
    before, after = at("2024-09-30T00:00") - SECOND, at("2024-09-30T00:00")
    limit = parse_limit("1wd")
    assert due(before, limit, CALENDAR, zone=ZONE).on == day("2024-09-30")
    assert due(after, limit, CALENDAR, zone=ZONE).on == day("2024-10-08")


def test_the_day_of_the_start_is_the_one_on_the_wall_of_the_zone():
    # 17:00 in UTC is one o'clock of the next day in Shanghai.
    found = due(utc("2024-09-29T17:00"), parse_limit("1nd"), CALENDAR, zone=ZONE)
    assert found.on == day("2024-10-01")


def test_an_end_of_day_may_be_set():
    found = counted("2024-09-27", "3wd", until=time(12))
    assert (found.at, found.on) == (at("2024-10-08T12:00"), day("2024-10-08"))
    assert found.steps[-1].zh == "到期日：2024年10月8日（周二），至当日12:00止"


def test_hours_run_day_and_night_to_the_minute():
    found = counted("2024-09-30T22:15", "4h")
    assert (found.at, found.on) == (at("2024-10-01T02:15"), None)
    assert counted("2024-09-30T22:15", "90min").at == at("2024-09-30T23:45")


@pytest.mark.parametrize(
    ("roll", "on"),
    [
        ("none", "2024-10-01"),
        ("next_working", "2024-10-08"),
        ("previous_working", "2024-09-30"),
        ("second_working_after", "2024-10-09"),
    ],
)
def test_a_due_day_on_a_day_off_rolls_by_the_declared_rule(roll: str, on: str):
    assert counted("2024-09-24", "7nd", roll=roll).on == day(on)


@pytest.mark.parametrize("roll", ["next_working", "previous_working", "second_working_after"])
def test_a_due_day_that_is_worked_stays(roll: str):
    assert counted("2024-09-23", "7nd", roll=roll).on == day("2024-09-30")
    # A Sunday, and worked.
    assert counted("2024-09-22", "7nd", roll=roll).on == day("2024-09-29")


def test_the_national_reporting_rule():
    # Due Tuesday 1 October 12:00, a holiday: 12:00 of the second working day after it.
    found = counted("2024-09-24", "2024-10-01", roll="second_working_after", until=time(12))
    assert found.at == at("2024-10-09T12:00")
    hours = counted("2024-09-30T12:00", "24h", roll="second_working_after")
    assert hours.at == at("2024-10-09T12:00")


def test_rolling_back_never_ends_before_the_start():
    assert counted("2024-10-02", "1nd", roll="previous_working").on == day("2024-10-03")
    hours = counted("2024-10-01T08:00", "2h", roll="previous_working")
    assert hours.at == at("2024-10-01T10:00")


@pytest.mark.parametrize(
    ("start", "limit", "roll", "provisional"),
    [
        ("2026-12-25", "4wd", "none", False),
        ("2026-12-25", "5wd", "none", True),
        ("2027-05-01", "1wd", "none", True),
        ("2017-12-31", "1wd", "none", False),
        ("2017-12-28", "1wd", "none", True),
        ("2026-12-30", "7nd", "none", False),
        ("2026-12-30", "7nd", "next_working", True),
        ("2026-12-30", "48h", "none", False),
        ("2026-12-30", "48h", "next_working", True),
        ("2026-12-30", "2027-12-31", "none", False),
    ],
)
def test_a_due_date_that_a_missing_notice_may_move_is_provisional(
    start: str, limit: str, roll: str, provisional: bool
):
    found = counted(start, limit, roll=roll)
    assert found.provisional is provisional
    assert ("unknown" in [step.code for step in found.steps]) is provisional


def test_every_year_from_1900_to_9900_has_a_due_date():
    for year in (1900, 1985, 2017, 2027, 2100, 9900):
        for limit in ("3wd", "2500wd", "3660nd", "120mo", "4h", "12月底前"):
            assert due(at(f"{year}-01-01"), parse_limit(limit), CALENDAR, zone=ZONE).at


@pytest.mark.parametrize("start", ["0001-01-01", "1899-12-31", "9901-01-01", "9999-12-31"])
def test_years_beyond_that_are_refused(start: str):
    with pytest.raises(Invalid, match="超出"):
        counted(start, "3wd")


def test_the_limit_due_cannot_be_counted_without_its_issue():
    with pytest.raises(Invalid, match="没有指定问题"):
        counted("2024-09-27", "due")


def test_a_start_without_a_zone_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="aware"):
        due(at("2024-09-27").replace(tzinfo=None), parse_limit("3wd"), CALENDAR, zone=ZONE)


def test_holidays_make_a_limit_later_and_never_earlier():
    plain = date(2024, 9, 27)
    for n in range(1, 40):
        found = counted("2024-09-27", f"{n}wd").on
        assert found is not None
        assert (found - plain).days >= n


def test_the_calendar_that_answered_is_named():
    assert counted("2024-09-27", "3wd").calendar_version == CALENDAR.version
