"""Due dates against a second calculation that shares no code and walks one day at a time."""

import calendar as months_of
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import chinese_calendar
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workflow.deadlines.calendars import load_calendar
from workflow.deadlines.counting import Due
from workflow.deadlines.due import due, with_pauses
from workflow.deadlines.limits import Offset, parse_limit
from workflow.deadlines.pauses import Pause
from workflow.deadlines.rungs import rung_time
from workflow.errors import Invalid

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = load_calendar()
DAY = timedelta(days=1)
FAR = datetime(9000, 1, 1, tzinfo=UTC)
ROLLS = ("none", "next_working", "previous_working", "second_working_after")


# The second calculation. Written from the rules in docs/calendar.md, one day or minute at a time.


@cache
def worked(day: date) -> bool:
    if 2018 <= day.year <= 2026:
        return bool(chinese_calendar.is_workday(day))
    return day.isoweekday() <= 5


def month_later(day: date, count: int) -> date:
    year, month = day.year, day.month
    for _ in range(count):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, min(day.day, months_of.monthrange(year, month)[1]))


def walk_on(day: date, count: int, counts: Callable[[date], bool]) -> date | None:
    """The day on which the `count`-th day that counts has passed; None if it never comes."""
    for _ in range(2_000):
        if count == 0:
            return day
        day += DAY
        count -= counts(day)
    return None


def minute_by_minute(
    moment: datetime, left: int, paused: Sequence[tuple[datetime, datetime | None]]
) -> datetime | None:
    while left:
        standing = [end for first, end in paused if first <= moment < (end or FAR)]
        if None in standing:
            return None
        left -= not standing
        moment += timedelta(minutes=1)
    return moment


def rolled_back(end: date, begin: date, free: Callable[[date], bool]) -> date:
    back = end
    while not worked(back):
        back -= DAY
    return back if back >= begin and free(back) else end


def second_opinion(
    start: datetime,
    unit: str,
    count: int,
    roll: str,
    starts: str,
    paused: Sequence[tuple[datetime, datetime | None]],
) -> datetime | None:
    """The local moment at which the limit runs out, None if an open pause prevents it."""
    if unit == "h":
        return minute_by_minute(start, count * 60, paused)
    held = [
        (first.astimezone(ZONE).date(), end.astimezone(ZONE).date() if end else date.max)
        for first, end in paused
    ]

    def free(day: date) -> bool:
        return all(day < first or end <= day for first, end in held)

    begin = start.astimezone(ZONE).date()
    before = begin - DAY if starts == "same_day" else begin
    if unit == "wd":
        end = walk_on(before, count, lambda day: worked(day) and free(day))
    elif unit == "nd":
        end = walk_on(before, count, free)
    else:
        last = month_later(begin, count)
        if starts == "same_day" and last.day == begin.day:
            last -= DAY
        end = walk_on(before, (last - before).days, free)
    if end is None:
        return None
    if roll == "previous_working":
        end = rolled_back(end, begin, free)
    elif roll != "none" and not worked(end):
        wanted = 2 if roll == "second_working_after" else 1
        end = walk_on(end, wanted, lambda day: worked(day) and free(day))
        if end is None:
            return None
    return datetime(end.year, end.month, end.day, tzinfo=ZONE) + DAY


def counted_in(found: Due) -> int:
    """How many days the explanation counts."""
    return sum(
        step.params["to"] - step.params["from"] + 1
        for step in found.steps
        if step.code == "working"
    )


# Ten thousand deadlines


def some_deadline(dice: Random) -> tuple[datetime, str, int, str, str]:
    first = datetime(2017, 6, 1, tzinfo=UTC)
    start = first + timedelta(minutes=dice.randrange(10 * 365 * 24 * 60))
    if dice.random() < 0.2:  # the last and the first second of a day in Shanghai
        start = datetime(start.year, start.month, start.day, 16, tzinfo=UTC) - timedelta(
            seconds=dice.choice((0, 1))
        )
    unit = dice.choice(("wd", "wd", "wd", "nd", "mo", "h"))
    count = dice.randint(1, {"wd": 60, "nd": 120, "mo": 24, "h": 72}[unit])
    return start, unit, count, dice.choice(ROLLS), dice.choice(("next_day", "same_day"))


def test_ten_thousand_random_deadlines_equal_the_second_calculation():
    dice = Random(20240927)
    for _ in range(10_000):
        start, unit, count, roll, starts = some_deadline(dice)
        roll = "none" if unit == "h" else roll
        found = due(
            start, parse_limit(f"{count}{unit}"), CALENDAR, zone=ZONE, roll=roll, starts=starts
        )
        expected = second_opinion(start, "nd" if unit == "h" else unit, count, roll, starts, [])
        if unit == "h":
            expected = start + count * timedelta(hours=1)
        assert found.at == expected, (start, unit, count, roll, starts)


def test_two_thousand_deadlines_with_pauses_equal_the_second_calculation():
    dice = Random(20241008)
    for _ in range(2_000):
        start, unit, count, roll, starts = some_deadline(dice)
        start = start.replace(second=0)
        count, roll = (min(count, 8), "none") if unit == "h" else (count, roll)
        pauses = []
        for _ in range(dice.randint(1, 3)):
            spread = 10 * 60 if unit == "h" else 60 * 24 * 60
            begin = start + timedelta(minutes=dice.randint(-spread // 4, spread))
            length = timedelta(minutes=dice.randint(0, spread // 2))
            pauses.append((begin, None if dice.random() < 0.05 else begin + length))
        found = with_pauses(
            start,
            parse_limit(f"{count}{unit}"),
            [Pause(first, end, "停") for first, end in pauses],
            CALENDAR,
            zone=ZONE,
            roll=roll,
            starts=starts,
        )
        expected = second_opinion(start, unit, count, roll, starts, pauses)
        assert (found.at if found else None) == expected, (start, unit, count, roll, starts, pauses)
        if found and unit == "wd":
            assert counted_in(found) == count


# Laws that hold for every day and number

days = st.dates(date(2015, 1, 1), date(2031, 12, 31))
counts = st.integers(1, 400)
moments = st.datetimes(datetime(2015, 1, 1), datetime(2031, 12, 31), timezones=st.just(ZONE))
spans = st.builds(
    lambda count, unit: f"{count}{unit}",
    st.integers(1, 100),
    st.sampled_from(["wd", "nd", "mo", "h"]),
)


@given(days, counts)
@settings(max_examples=200, deadline=None)
def test_adding_and_counting_undo_each_other(day: date, n: int):
    later, earlier = CALENDAR.add_working_days(day, n), CALENDAR.add_working_days(day, -n)
    assert worked(later)
    assert worked(earlier)
    assert earlier < day < later
    assert CALENDAR.working_days_between(day, later) == n
    assert CALENDAR.working_days_between(day, earlier) == -n
    if worked(day):
        assert CALENDAR.add_working_days(later, -n) == day


@given(days, days)
@settings(max_examples=100, deadline=None)
def test_between_counts_the_days_one_by_one(first: date, last: date):
    low, high = min(first, last), max(first, last)
    middle = [low + n * DAY for n in range(1, (high - low).days)]
    inner = sum(map(worked, middle))
    assert CALENDAR.working_days_between(low, high) == inner + (low != high and worked(high))
    assert CALENDAR.working_days_between(high, low) == -(inner + (low != high and worked(low)))


# The two other rules break this by nature: a Saturday becomes Tuesday, the Monday after it stays.
@given(moments, moments, spans, st.sampled_from(["none", "next_working"]))
@example(
    datetime(2016, 12, 31, 20, tzinfo=ZONE),
    datetime(2017, 1, 1, 8, tzinfo=ZONE),
    "1h",
    "next_working",
)
@settings(max_examples=200, deadline=None)
def test_a_later_start_is_never_due_earlier(one: datetime, other: datetime, span: str, roll: str):
    limit = parse_limit(span)
    first, last = (
        due(start, limit, CALENDAR, zone=ZONE, roll=roll).at for start in sorted((one, other))
    )
    if limit.kind == "hours" and roll != "none":
        # Rolled hours keep their time of day, so of one weekend's only the days keep their order.
        assert first.astimezone(ZONE).date() <= last.astimezone(ZONE).date()
    else:
        assert first <= last


@given(moments, spans, st.sampled_from(ROLLS), st.sampled_from(["next_day", "same_day"]))
@settings(max_examples=200, deadline=None)
def test_the_explanation_tells_what_was_computed(
    start: datetime, span: str, roll: str, starts: str
):
    found = due(start, parse_limit(span), CALENDAR, zone=ZONE, roll=roll, starts=starts)
    last = found.steps[-1]
    told = last.params["day"] if found.on else last.params["at"]
    wall = found.at.astimezone(ZONE).replace(tzinfo=None, microsecond=0)
    assert told == (found.on.isoformat() if found.on else wall.isoformat())
    if span.endswith("wd"):
        assert counted_in(found) == int(span.removesuffix("wd"))
        walked = [step for step in found.steps if step.code in ("working", "rest")]
        for before, after in pairwise(walked):
            gap = date.fromisoformat(after.params["first"]) - date.fromisoformat(
                before.params["last"]
            )
            assert gap == DAY
    assert all(step.zh and step.en for step in found.steps)
    assert found.provisional == any(step.code == "unknown" for step in found.steps)


@given(
    moments, spans, st.integers(1, 40), st.sampled_from(["working_days", "natural_days", "hours"])
)
@settings(max_examples=200, deadline=None)
def test_rungs_come_in_the_order_of_their_offsets(start: datetime, span: str, n: int, kind: str):
    found = due(start, parse_limit(span), CALENDAR, zone=ZONE)
    times = [
        rung_time(found, Offset(kind, count), CALENDAR, zone=ZONE)
        for count in (-n - 1, -n, n, n + 1)
    ]
    assert times == sorted(set(times))


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_limit_or_is_refused_with_a_sentence(text: str):
    told = ""
    try:
        limit = parse_limit(text)
    except Invalid as refusal:
        told = refusal.text()
    else:
        assert parse_limit(str(limit)) == limit
    assert not told or told.endswith("。")
