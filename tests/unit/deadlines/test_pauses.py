from collections.abc import Sequence

import pytest

from tests.unit.deadlines.moments import CALENDAR, ZONE, at, day, pause
from workflow.deadlines.counting import Due
from workflow.deadlines.due import due, explain, with_pauses
from workflow.deadlines.limits import parse_limit
from workflow.deadlines.pauses import Pause
from workflow.errors import Invalid


def paused(start: str, limit: str, *pauses: Pause, **rules: object) -> Due | None:
    return with_pauses(at(start), parse_limit(limit), pauses, CALENDAR, zone=ZONE, **rules)  # type: ignore[arg-type]


def on(start: str, limit: str, pauses: Sequence[Pause], **rules: object) -> str:
    found = paused(start, limit, *pauses, **rules)
    assert found is not None
    assert found.on is not None
    return found.on.isoformat()


TEN_DAYS = pause("2024-09-10T10:00", "2024-09-20T09:00")


def test_working_days_of_a_pause_are_left_out():
    # 6, 9 | 20, 23–27, 29, 30 September
    assert on("2024-09-05T10:00", "10wd", [TEN_DAYS]) == "2024-09-30"


def test_natural_days_months_and_dates_move_by_the_days_of_the_pause():
    assert on("2024-09-05T10:00", "7nd", [TEN_DAYS]) == "2024-09-22"
    assert on("2024-09-05T10:00", "1mo", [TEN_DAYS]) == "2024-10-15"
    assert on("2024-09-05T10:00", "2024-12-31", [TEN_DAYS]) == "2025-01-10"


def test_hours_move_by_the_paused_time():
    found = paused("2024-09-05T10:00", "4h", pause("2024-09-05T11:00", "2024-09-06T12:30"))
    assert found is not None
    assert found.at == at("2024-09-06T15:30")


def test_a_pause_across_a_holiday_takes_out_its_working_days_only():
    # 30 September and 8 October, not the seven days of the holiday.
    across = pause("2024-09-30T08:00", "2024-10-09T08:00")
    assert on("2024-09-27", "3wd", [across]) == "2024-10-10"


def test_a_pause_within_one_day_leaves_day_limits_as_they_are():
    short = pause("2024-09-10T09:00", "2024-09-10T18:00")
    assert on("2024-09-05T10:00", "10wd", [short]) == "2024-09-20"
    assert on("2024-09-05T10:00", "7nd", [short]) == "2024-09-12"
    found = paused("2024-09-05T10:00", "7nd", short)
    assert found is not None
    assert "不影响本期限" in explain(found)


@pytest.mark.parametrize("limit", ["3wd", "7nd", "1mo", "2024-12-31", "100h"])
def test_an_open_pause_leaves_no_due_date(limit: str):
    assert paused("2024-09-05T10:00", limit, pause("2024-09-06T08:00", None)) is None


@pytest.mark.parametrize("limit", ["3wd", "7nd", "1mo", "2024-12-31", "100h"])
def test_pauses_before_the_start_or_after_the_end_change_nothing(limit: str):
    outside = [pause("2024-08-01", "2024-08-20"), pause("2025-02-01", None)]
    found = paused("2024-09-05T10:00", limit, *outside)
    assert found == due(at("2024-09-05T10:00"), parse_limit(limit), CALENDAR, zone=ZONE)
    assert found is not None
    assert [step.code for step in found.steps].count("pause_idle") == 2


def test_a_pause_on_the_due_day_still_counts_and_one_the_day_after_does_not():
    assert on("2024-09-05", "1wd", [pause("2024-09-06T15:00", "2024-09-09T08:00")]) == "2024-09-09"
    assert on("2024-09-05", "1wd", [pause("2024-09-07T00:00", "2024-09-09T08:00")]) == "2024-09-06"


def test_a_pause_that_begins_as_an_hour_limit_ends_changes_nothing():
    for until in ("2024-09-05T20:00", None):
        found = paused("2024-09-05T10:00", "4h", pause("2024-09-05T14:00", until))
        assert found is not None
        assert found.at == at("2024-09-05T14:00")
    assert paused("2024-09-05T10:00", "4h", pause("2024-09-05T13:59", None)) is None


def test_overlapping_pauses_are_not_counted_twice_and_order_does_not_matter():
    inner, later = pause("2024-09-12", "2024-09-15"), pause("2024-09-18", "2024-09-22")
    together = [later, inner, TEN_DAYS]
    assert on("2024-09-05T10:00", "7nd", together) == "2024-09-24"
    assert on("2024-09-05T10:00", "10wd", together) == on(
        "2024-09-05T10:00", "10wd", [pause("2024-09-10", "2024-09-22")]
    )
    found = paused("2024-09-05T10:00", "100h", *together)
    assert found is not None
    assert found.at == at("2024-09-09T14:00")


def test_a_pause_that_began_before_the_start_counts_from_the_start():
    assert on("2024-09-05T10:00", "3nd", [pause("2024-09-01", "2024-09-08")]) == "2024-09-10"


def test_a_rolled_due_day_does_not_fall_into_a_pause():
    # Saturday 14 September 2024 is worked; 15–17 are a holiday; paused on 18 and 19.
    held = pause("2024-09-18T08:00", "2024-09-20T08:00")
    assert on("2024-09-09", "6nd", [held], roll="next_working") == "2024-09-20"
    assert on("2024-09-09", "6nd", [held], roll="second_working_after") == "2024-09-23"
    assert paused("2024-09-09", "6nd", pause("2024-09-18", None), roll="next_working") is None


def test_rolling_back_does_not_end_in_a_pause():
    held = pause("2024-09-13T08:00", "2024-09-15T08:00")
    assert on("2024-09-09", "4nd", [held], roll="previous_working") == "2024-09-15"


def test_the_explanation_names_each_pause():
    found = paused("2024-09-05T10:00", "10wd", TEN_DAYS, pause("2024-09-23", "2024-09-24", "汛期"))
    assert found is not None
    told = explain(found)
    assert told.count("挂起（等待环评批复）：9月10日—19日，10日不计") == 1
    assert "挂起（汛期）：9月23日（周一），1日不计" in told
    hours = paused("2024-09-05T10:00", "4h", pause("2024-09-05T11:00", "2024-09-06T12:30"))
    assert hours is not None
    assert "9月5日（周四）11:00至9月6日（周五）12:30，25小时30分钟不计" in explain(hours)
    assert "25 h 30 min not counted" in explain(hours, "en")


def test_a_pause_that_ends_before_it_begins_is_refused():
    with pytest.raises(Invalid, match="早于"):
        pause("2024-09-10", "2024-09-09")


def test_a_day_without_a_zone_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="aware"):
        Pause(at("2024-09-10").replace(tzinfo=None), None, "x")
    assert day("2024-09-10") == at("2024-09-10").date()
