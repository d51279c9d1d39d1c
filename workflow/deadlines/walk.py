"""The walk through the days of a working-day limit, told in as few steps as stay readable.

Pure.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from workflow.deadlines.calendar import Calendar, DayKind
from workflow.deadlines.pauses import Hold
from workflow.deadlines.steps import Step, day_params

DAY = timedelta(days=1)


class Stretch(NamedTuple):
    """Consecutive days of one sort. `hold` is the suspension that covers them, if one does."""

    first: date
    last: date
    kind: DayKind
    hold: Hold | None

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def walk(
    calendar: Calendar, first: date, last: date, held: Sequence[Hold], year: int, *, long: bool
) -> list[Step]:
    """Every day from `first` to `last`: counted with its number, or named with why it is not.

    `long` joins weeks across plain weekends, so that a year does not take a hundred steps.
    """
    stretches = list(_stretches(calendar, first, last, held))
    steps: list[Step] = []
    counted = at = 0
    while at < len(stretches):
        here = stretches[at]
        at += 1
        if here.hold is not None:
            steps.append(here.hold.step(year))
            continue
        if here.kind.code in ("weekend", "holiday"):
            steps.append(_rest(here, year))
            continue
        end, weekend_days = here, 0
        while long and here.kind.code == "workday" and _bridged(stretches, at):
            weekend_days += stretches[at].days
            end = stretches[at + 1]
            at += 2
        number = (end.last - here.first).days + 1 - weekend_days
        steps.append(_working(here, end.last, counted, number, weekend_days, year))
        counted += number
    return steps


def _stretches(
    calendar: Calendar, first: date, last: date, held: Sequence[Hold]
) -> Iterator[Stretch]:
    begin, kind, hold = first, calendar.kind(first), _hold_on(first, held)
    for n in range(1, (last - first).days + 1):
        day = first + n * DAY
        next_kind, next_hold = calendar.kind(day), _hold_on(day, held) if held else None
        # All days of a suspension are one stretch, whatever they would have been.
        if next_hold is not hold or (hold is None and next_kind != kind):
            yield Stretch(begin, day - DAY, kind, hold)
            begin, kind, hold = day, next_kind, next_hold
    yield Stretch(begin, last, kind, hold)


def _hold_on(day: date, held: Sequence[Hold]) -> Hold | None:
    return next((hold for hold in held if hold.covers(day)), None)


def _bridged(stretches: Sequence[Stretch], at: int) -> bool:
    """Whether a plain weekend and then a workday follow."""
    following = stretches[at : at + 2]
    return [(s.kind.code, s.hold) for s in following] == [("weekend", None), ("workday", None)]


def _rest(stretch: Stretch, year: int) -> Step:
    return Step(
        "rest",
        day_params(
            year,
            first=stretch.first,
            last=stretch.last,
            zh=stretch.kind.zh if stretch.kind.code == "weekend" else f"{stretch.kind.zh}放假",
            en=stretch.kind.en,
        ),
    )


def _working(
    first: Stretch, last: date, counted: int, number: int, weekend_days: int, year: int
) -> Step:
    params = day_params(
        year,
        first=first.first,
        last=last,
        makeup=first.kind.code == "makeup",
        weekend_days=weekend_days,
    )
    return Step("working", params | {"from": counted + 1, "to": counted + number})
