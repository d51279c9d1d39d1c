"""Limits in hours and minutes, which end at a moment and run day and night.

Pure.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from workflow.deadlines.counting import Counting, Due, unknown_steps
from workflow.deadlines.limits import SECONDS
from workflow.deadlines.pauses import Stop, idle_steps, local, stops
from workflow.deadlines.steps import Step, day_params


def due_time(case: Counting) -> Due | None:
    """When the limit runs out, or None while an open pause keeps it from doing so."""
    halted = stops(case.pauses, case.start.astimezone(UTC))
    end = _base(case)
    for stop in halted:
        if stop.first >= end:
            break
        if stop.until is None:
            return None
        end += stop.until - stop.first
    rolled = _rolled(case, end, halted)
    if rolled is None:
        return None
    unknown = case.unknown_between(
        end.astimezone(case.zone).date(), rolled.astimezone(case.zone).date()
    )
    return Due(
        at=rolled,
        on=None,
        provisional=bool(unknown),
        calendar_version=case.calendar.version,
        _tell=lambda: _steps(case, halted, end, rolled, unknown),
    )


def _base(case: Counting) -> datetime:
    length = timedelta(seconds=case.limit.count * SECONDS[case.limit.kind])
    return case.start.astimezone(UTC) + length


def _rolled(case: Counting, end: datetime, halted: Sequence[Stop]) -> datetime | None:
    rolled = _same_time(case, end)
    for stop in halted:
        if end < rolled and stop.covers(rolled):
            if stop.until is None:
                return None
            rolled = _same_time(case, stop.until)
    return rolled


def _same_time(case: Counting, at: datetime) -> datetime:
    """`at`, or the same time of day on the day that the roll rule gives; never before the start."""
    wall = at.astimezone(case.zone)
    day = case.rolled(wall.date())
    if day == wall.date():
        return at
    moved = datetime.combine(day, wall.time(), case.zone).astimezone(UTC)
    return moved if moved > case.start else at


def _steps(
    case: Counting,
    halted: Sequence[Stop],
    end: datetime,
    rolled: datetime,
    unknown: tuple[int, ...],
) -> tuple[Step, ...]:
    year, zone, moved = case.start.year, case.zone, _base(case)
    exact = {"exact": True} if case.limit.kind == "seconds" else {}
    count = day_params(year, count=case.limit.count, unit=case.limit.kind, at=local(moved, zone))
    steps = [
        Step("start_at", day_params(None, at=local(case.start, zone)) | exact),
        Step("elapsed", count | exact),
    ]
    used = []
    for stop in halted:
        if stop.until is not None and stop.first < moved:
            moved += stop.until - stop.first
            used.append(stop.pause)
            steps.append(stop.step(year, zone, moved=moved))
    steps += idle_steps(case.pauses, used, year, zone)
    if rolled != end:
        was = local(end, zone)
        steps.append(case.roll_step(was.date(), at=was))
    steps += unknown_steps(unknown)
    return (*steps, Step("due_time", day_params(None, at=local(rolled, zone)) | exact))
