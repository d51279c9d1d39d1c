"""Limits that end on a civil day: working days, natural days, months, fixed dates.

Pure.
"""

from collections.abc import Sequence
from datetime import date

from workflow.deadlines.counting import DAY, Counting, Due, end_of_day, unknown_steps
from workflow.deadlines.limits import add_months, next_yearly
from workflow.deadlines.pauses import Hold, holds, idle_steps
from workflow.deadlines.steps import Step, day_params
from workflow.deadlines.walk import walk


def due_day(case: Counting) -> Due | None:
    """When the limit runs out, or None while an open pause keeps it from doing so."""
    held = holds(case.pauses, case.zone, case.first_day)
    end = _run_out(case, held)
    rolled = None if end is None else _rolled(case, end, held)
    if end is None or rolled is None:
        return None
    unknown = _asked_in_vain(case, end, rolled)
    return Due(
        at=end_of_day(rolled, case.zone, case.until),
        on=rolled,
        provisional=bool(unknown),
        calendar_version=case.calendar.version,
        _tell=lambda: _steps(case, held, end, rolled, unknown),
    )


def _base(case: Counting) -> date:
    """The due day before pauses and rolling."""
    limit, before = case.limit, case.first_day - DAY
    match limit.kind:
        case "working_days":
            return case.calendar.add_working_days(before, limit.count)
        case "natural_days":
            return before + limit.count * DAY
        case "months":
            same = add_months(case.start.date(), limit.count)
            # A month that includes its first day ends the day before the same date of the next one.
            return same - DAY if case.starts == "same_day" and not _clipped(case) else same
        case "yearly_date":
            return next_yearly(limit, case.start.date())
    if limit.on is None:
        raise ValueError(f"not a limit in days: {limit}")
    return limit.on


def _clipped(case: Counting) -> bool:
    """Whether the last month lacks the day of the start, as February lacks the 31st."""
    begin = case.start.date()
    return add_months(begin, case.limit.count).day != begin.day


def _run_out(case: Counting, held: Sequence[Hold]) -> date | None:
    return _past(case, _base(case), held, working=case.limit.kind == "working_days")


def _past(case: Counting, day: date, held: Sequence[Hold], *, working: bool) -> date | None:
    """`day` moved by the days of each hold that lies on the way to it; None for an open hold."""
    for hold in held:
        if hold.first > day:
            break
        if hold.until is None:
            return None
        day = _moved(case, day, hold.first, hold.until, working=working)
    return day


def _moved(case: Counting, day: date, first: date, until: date, *, working: bool) -> date:
    """`day` moved by the (working) days from `first` up to `until`."""
    if working:
        lost = case.calendar.working_days_between(first - DAY, until - DAY)
        return case.calendar.add_working_days(day, lost)
    return day + (until - first)


def _rolled(case: Counting, day: date, held: Sequence[Hold]) -> date | None:
    rolled = case.rolled(day)
    if rolled < day:
        # Never back into a suspension: nobody could have worked on that day.
        return day if any(hold.covers(rolled) for hold in held) else rolled
    ahead = [hold for hold in held if hold.first > day]
    return day if rolled == day else _past(case, rolled, ahead, working=True)


def _asked_in_vain(case: Counting, end: date, rolled: date) -> tuple[int, ...]:
    """The years whose missing notice may still move this due day."""
    years = set(case.unknown_between(end, rolled))
    if case.limit.kind == "working_days":
        years.update(case.calendar.unknown_years(case.first_day, end))
    return tuple(sorted(years))


def _steps(
    case: Counting, held: Sequence[Hold], end: date, rolled: date, unknown: tuple[int, ...]
) -> tuple[Step, ...]:
    year, begin, dated = case.start.year, case.start.date(), case.limit.kind.endswith("date")
    steps: list[Step] = []
    if not dated:
        steps.append(Step("start", day_params(None, day=begin, counted=begin == case.first_day)))
    if case.limit.kind == "working_days":
        steps += walk(case.calendar, case.first_day, end, held, year, long=case.limit.count > 10)
    else:
        steps += _moving_steps(case, held)
    used = [hold.pause for hold in held if hold.first <= max(end, rolled)]
    steps += idle_steps(case.pauses, used, year, case.zone)
    if rolled != end:
        between = any(end < hold.first <= rolled for hold in held)
        steps.append(case.roll_step(end, held=between))
    steps += unknown_steps(unknown)
    until = case.until.strftime("%H:%M") if case.until else "24:00"
    return (*steps, Step("due_day", day_params(None, day=rolled, until=until)))


def _moving_steps(case: Counting, held: Sequence[Hold]) -> list[Step]:
    """The count of a limit whose due day each pause moves by its number of days."""
    year, limit, day = case.start.year, case.limit, _base(case)
    if limit.kind == "natural_days":
        params = day_params(
            year, count=limit.count, unit=limit.kind, first=case.first_day, last=day
        )
        steps = [Step("natural", params)]
    elif limit.kind == "months":
        params = day_params(year, count=limit.count, unit=limit.kind, day=day)
        steps = [Step("months", params | {"clipped": _clipped(case)})]
    else:
        steps = [Step("date" if limit.kind == "date" else "yearly", day_params(year, day=day))]
    for hold in held:
        if hold.first <= day and hold.until is not None:
            day = _moved(case, day, hold.first, hold.until, working=False)
            steps.append(hold.step(year, moved=day))
    return steps
