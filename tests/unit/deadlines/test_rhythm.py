"""The next day of a rhythm, with the words of the plan reader."""

from datetime import date

import pytest

from workflow.deadlines.rhythm import next_day


@pytest.mark.parametrize(
    ("every", "after", "due"),
    [
        ("month:25", "2026-03-10", "2026-03-25"),
        ("month:25", "2026-03-25", "2026-04-25"),
        ("month:31", "2026-02-01", "2026-02-28"),
        ("month", "2026-02-28", "2026-03-31"),
        ("month", "2026-12-31", "2027-01-31"),
        ("two months", "2026-02-27", "2026-02-28"),
        ("two months", "2026-02-28", "2026-04-30"),
        ("four months", "2026-04-30", "2026-08-31"),
        ("quarter", "2026-03-30", "2026-03-31"),
        ("quarter", "2026-03-31", "2026-06-30"),
        ("half year", "2026-07-01", "2026-12-31"),
        ("half year", "2026-06-29", "2026-06-30"),
        ("year", "2026-12-31", "2027-12-31"),
        ("year:6-30", "2026-06-30", "2027-06-30"),
        ("two years", "2026-01-01", "2027-12-31"),
        ("week", "2026-03-04", "2026-03-08"),
        ("week", "2026-03-08", "2026-03-15"),
        ("two weeks", "2026-03-04", "2026-03-15"),
        ("day", "2026-02-28", "2026-03-01"),
        ("ten days", "2026-03-10", "2026-03-20"),
        ("ten days", "2026-03-20", "2026-03-31"),
        ("half month", "2026-03-31", "2026-04-15"),
    ],
)
def test_the_next_day_of_a_rhythm(every: str, after: str, due: str) -> None:
    assert next_day(every, date.fromisoformat(after)) == date.fromisoformat(due)


@pytest.mark.parametrize(
    "every", ["quarter:15", "half year:10", "month:0", "year:13-1", "x", "", "week:5"]
)
def test_a_rhythm_of_unclear_days_names_none(every: str) -> None:
    assert next_day(every, date(2026, 3, 1)) is None


@pytest.mark.parametrize(
    "every",
    [
        "month",
        "month:30",
        "two months",
        "quarter",
        "half year",
        "year",
        "two years",
        "week",
        "day",
        "ten days",
    ],
)
def test_a_rhythm_never_stands_still(every: str) -> None:
    day = date(2027, 12, 1)
    for _ in range(40):
        following = next_day(every, day)
        assert following is not None
        assert following > day
        day = following
