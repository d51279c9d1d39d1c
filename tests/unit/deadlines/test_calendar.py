import timeit
from datetime import date, timedelta

import pytest

from tests.unit.deadlines.moments import CALENDAR, day
from workflow.deadlines.calendar import Calendar
from workflow.deadlines.year import parse_year
from workflow.errors import Invalid


def year_with(year: int, rest: str, work: list[str] | None = None, status: str = "published"):
    holiday = {"name": "节", "rest": rest} | ({"work": work} if work else {})
    return parse_year(
        {
            "year": str(year),
            "status": status,
            "notices": [{"number": "文号"}],
            "holidays": [holiday],
        }
    )


def test_kinds():
    kinds = {
        text: CALENDAR.kind(day(text)).code
        for text in ("2024-09-27", "2024-09-28", "2024-09-29", "2024-10-01", "2024-10-05")
    }
    assert kinds == {
        "2024-09-27": "workday",
        "2024-09-28": "weekend",
        "2024-09-29": "makeup",
        "2024-10-01": "holiday",
        "2024-10-05": "holiday",
    }
    assert CALENDAR.kind(day("2024-10-05")).zh == "国庆节"


def test_a_make_up_sunday_is_worked_and_a_plain_sunday_is_not():
    assert CALENDAR.is_working(day("2024-09-29"))
    assert not CALENDAR.is_working(day("2024-09-22"))


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2024-09-27", 3, "2024-10-08"),
        ("2024-09-28", 1, "2024-09-29"),
        ("2024-10-08", -3, "2024-09-27"),
        ("2024-10-05", 1, "2024-10-08"),
        ("2024-10-05", -1, "2024-09-30"),
        ("2024-10-05", 0, "2024-10-05"),
        ("2023-12-29", 1, "2024-01-02"),
        ("2024-01-02", -1, "2023-12-29"),
    ],
)
def test_adding_working_days(start: str, n: int, end: str):
    assert CALENDAR.add_working_days(day(start), n) == day(end)


def test_next_and_previous_leave_the_day_itself_out():
    assert CALENDAR.next_working_day(day("2024-09-30")) == day("2024-10-08")
    assert CALENDAR.previous_working_day(day("2024-10-08")) == day("2024-09-30")


def test_between_counts_what_adding_adds():
    for start in (day("2024-09-27"), day("2024-10-05"), day("2025-01-31")):
        for n in (-260, -31, -1, 1, 2, 31, 260):
            end = CALENDAR.add_working_days(start, n)
            assert CALENDAR.working_days_between(start, end) == n
    assert CALENDAR.working_days_between(day("2024-10-01"), day("2024-10-07")) == 0


def test_a_year_without_a_notice_has_plain_weekends_and_never_raises():
    unknown = Calendar()
    for year in (1, 1999, 2027, 2500, 9999):
        monday = date(year, 6, 1) + timedelta(days=-date(year, 6, 1).weekday() % 7)
        kinds = [unknown.kind(monday + timedelta(days=n)).code for n in range(7)]
        assert kinds == ["workday"] * 5 + ["weekend"] * 2
        assert not unknown.known(year)
    assert unknown.add_working_days(day("2027-12-31"), 1) == day("2028-01-03")
    assert CALENDAR.unknown_years(day("2016-05-01"), day("2028-01-01")) == (2016, 2017, 2027, 2028)


def test_a_provisional_year_is_used_and_stays_unknown():
    calendar = Calendar([year_with(2027, "2027-10-01..2027-10-03", status="provisional")])
    assert not calendar.is_working(day("2027-10-01"))
    assert not calendar.known(2027)


def test_the_version_follows_what_can_move_a_due_date():
    base = Calendar([year_with(2027, "2027-10-01")])
    assert base.version == Calendar([year_with(2027, "2027-10-01")]).version
    others = [
        Calendar([year_with(2027, "2027-10-01..2027-10-04")]),
        Calendar([year_with(2027, "2027-10-01", ["2027-10-09"])]),
        Calendar([year_with(2027, "2027-10-01", status="provisional")]),
        Calendar(),
    ]
    assert len({base.version, *(other.version for other in others)}) == 5


def test_changed_days_are_those_worked_in_one_calendar_only():
    published = Calendar([year_with(2027, "2027-10-01..2027-10-03", ["2027-10-09"])])
    # 2 and 3 October 2027 are a weekend anyway.
    assert published.changed_days(Calendar()) == (day("2027-10-01"), day("2027-10-09"))
    assert published.changed_days(published) == ()


def test_a_year_given_twice_or_contradicted_by_another_is_refused():
    with pytest.raises(Invalid, match="两次"):
        Calendar([year_with(2027, "2027-10-01"), year_with(2027, "2027-10-02")])
    with pytest.raises(Invalid, match="2027-12-25"):
        Calendar([year_with(2027, "2027-12-25"), year_with(2028, "2028-01-01", ["2027-12-25"])])


def test_adding_250_working_days_takes_less_than_50_microseconds():
    start = day("2024-09-27")
    CALENDAR.add_working_days(start, 250)
    best = min(timeit.repeat(lambda: CALENDAR.add_working_days(start, 250), number=500, repeat=7))
    assert best / 500 < 50e-6
