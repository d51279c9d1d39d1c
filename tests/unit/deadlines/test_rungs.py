from datetime import time

import pytest

from tests.unit.deadlines.moments import CALENDAR, ZONE, at, counted, day
from workflow.deadlines.limits import parse_offset
from workflow.deadlines.rungs import rung_time, shift


def rung(start: str, limit: str, offset: object, **rules: time) -> str:
    found = rung_time(counted(start, limit), parse_offset(offset), CALENDAR, zone=ZONE, **rules)
    return found.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("offset", "moment"),
    [
        ("-15wd", "2024-09-10T09:00"),
        ("-1wd", "2024-09-30T09:00"),
        ("-1nd", "2024-10-07T09:00"),
        ("-1h", "2024-10-08T23:00"),
        (0, "2024-10-08T09:00"),
        ("+1wd", "2024-10-09T09:00"),
        ("+4wd", "2024-10-12T09:00"),
        ("+7nd", "2024-10-15T09:00"),
        ("-1mo", "2024-09-08T09:00"),
        ("+1h", "2024-10-09T01:00"),
    ],
)
def test_rungs_of_a_day_limit_are_due_in_the_morning(offset: object, moment: str):
    assert rung("2024-09-27", "3wd", offset) == moment


@pytest.mark.parametrize(
    ("offset", "moment"),
    [
        ("-1h", "2024-09-30T19:15"),
        ("-30min", "2024-09-30T19:45"),
        ("0", "2024-09-30T20:15"),
        ("+1h", "2024-09-30T21:15"),
        ("+1wd", "2024-10-08T09:00"),
        ("+1nd", "2024-10-01T09:00"),
    ],
)
def test_rungs_of_an_hour_limit_are_due_to_the_minute(offset: str, moment: str):
    assert rung("2024-09-30T16:15", "4h", offset) == moment


def test_the_hour_of_day_rungs_is_a_setting():
    assert rung("2024-09-27", "3wd", "0", day_rung_at=time(8, 30)) == "2024-10-08T08:30"


def test_the_day_after_a_due_day_that_is_a_day_off():
    # Due on 4 October, in the holiday: one working day after is the first one after the holiday.
    assert rung("2024-09-27", "7nd", "+1wd") == "2024-10-08T09:00"
    assert rung("2024-09-27", "7nd", "-1wd") == "2024-09-30T09:00"


def test_rungs_in_years_without_a_notice():
    assert rung("2027-09-24", "10wd", "+1wd") == "2027-10-11T09:00"


def test_shifting_by_hours_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="not an offset in days"):
        shift(day("2024-10-08"), parse_offset("-1h"), CALENDAR)


def test_rung_times_are_in_utc():
    found = rung_time(counted("2024-09-27", "3wd"), parse_offset("0"), CALENDAR, zone=ZONE)
    assert found.utcoffset() is not None
    assert found == at("2024-10-08T09:00")
    assert found.isoformat() == "2024-10-08T01:00:00+00:00"
