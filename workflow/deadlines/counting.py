"""What a due date depends on, and what it is.

Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from typing import Literal

from workflow.deadlines.calendar import Calendar
from workflow.deadlines.limits import Limit
from workflow.deadlines.pauses import Pause
from workflow.deadlines.steps import Step, day_params

Roll = Literal["none", "next_working", "previous_working", "second_working_after"]
Starts = Literal["next_day", "same_day"]
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Due:
    """When a limit runs out.

    `at` is aware and in UTC: the first moment that is too late. `on` is the civil due day, None for
    limits in hours or minutes. `provisional` says that a year without a published calendar was
    asked; `calendar_version` names the calendar that answered.
    """

    at: datetime
    on: date | None
    provisional: bool
    calendar_version: str
    _tell: Callable[[], tuple[Step, ...]] = field(default=tuple, repr=False, compare=False)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """How it was counted, from the start to the due day; made when first asked for.

        Empty for a Due that was not counted here, such as one read back from a row.
        """
        return self._tell()

    def is_over(self, now: datetime) -> bool:
        """Whether the limit has run out at `now` (aware)."""
        return now >= self.at


@dataclass(frozen=True, slots=True)
class Counting:
    """One question: this limit, from this start (local to `zone`), by these rules."""

    start: datetime
    limit: Limit
    calendar: Calendar
    zone: tzinfo
    roll: Roll
    starts: Starts
    until: time | None
    pauses: tuple[Pause, ...]

    @property
    def first_day(self) -> date:
        """The first day that counts."""
        day = self.start.date()
        return day if self.starts == "same_day" else day + DAY

    def rolled(self, day: date) -> date:
        """`day`, or what the roll rule makes of a day off. Never before the start day."""
        if self.roll == "none" or self.calendar.is_working(day):
            return day
        if self.roll == "previous_working":
            before = self.calendar.previous_working_day(day)
            return before if before >= self.start.date() else day
        return self.calendar.add_working_days(day, 2 if self.roll == "second_working_after" else 1)

    def roll_step(self, was: date, *, at: datetime | None = None, held: bool = False) -> Step:
        """The step that says why `was` is not the due day."""
        kind = self.calendar.kind(was)
        return Step(
            "roll",
            day_params(
                self.start.year,
                was=at or was,
                zh=kind.zh,
                en=kind.en,
                rule=self.roll,
                held=held,
                timed=at is not None,
            ),
        )

    def unknown_between(self, first: date, last: date) -> tuple[int, ...]:
        """The years without a notice that rolling between these days asked about."""
        if self.roll == "none":
            return ()
        return self.calendar.unknown_years(min(first, last), max(first, last))


def unknown_steps(years: tuple[int, ...]) -> list[Step]:
    """The step that says why a due date is provisional, if it is."""
    return [Step("unknown", {"years": list(years)})] if years else []


def end_of_day(day: date, zone: tzinfo, until: time | None = None) -> datetime:
    """24:00 of `day` in `zone`, or `until` of that day, in UTC."""
    local = datetime.combine(day, until) if until else datetime.combine(day + DAY, time())
    return local.replace(tzinfo=zone).astimezone(UTC)
