"""Suspensions of a clock, and what they take out of a limit in days or in hours.

Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from workflow.deadlines.steps import Step, day_params
from workflow.errors import N_, Invalid

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands still from `from_at` to `until_at` (aware; None: still suspended).

    Raises Invalid if the end lies before the beginning.
    """

    from_at: datetime
    until_at: datetime | None
    reason: str

    def __post_init__(self) -> None:
        if self.from_at.tzinfo is None or (self.until_at and self.until_at.tzinfo is None):
            raise ValueError("the times of a pause must be aware")
        if self.until_at is not None and self.until_at < self.from_at:
            raise Invalid.at("until", N_("挂起的结束时间早于开始时间。请核对。"))

    def idle(self, year: int, zone: tzinfo) -> Step:
        """The step that says that this pause moved nothing."""
        return Step(
            "pause_idle", day_params(year, reason=self.reason, first=local(self.from_at, zone))
        )


@dataclass(frozen=True, slots=True)
class Hold:
    """The civil days from `first` up to, not including, `until` do not count."""

    first: date
    until: date | None
    pause: Pause

    def covers(self, day: date) -> bool:
        return self.first <= day and (self.until is None or day < self.until)

    def step(self, year: int, *, moved: date | None = None) -> Step:
        """The step of a closed hold; `moved` is the day that it moves the limit to."""
        if self.until is None:
            raise ValueError("an open hold has no length")
        params = day_params(
            year,
            reason=self.pause.reason,
            first=self.first,
            last=self.until - DAY,
            days=(self.until - self.first).days,
        )
        return Step("pause", params | ({"moved": moved.isoformat()} if moved else {}))


@dataclass(frozen=True, slots=True)
class Stop:
    """The time from `first` to `until` (UTC) does not count."""

    first: datetime
    until: datetime | None
    pause: Pause

    def covers(self, at: datetime) -> bool:
        return self.first <= at and (self.until is None or at < self.until)

    def step(self, year: int, zone: tzinfo, *, moved: datetime) -> Step:
        """The step of a closed stop; `moved` is the moment that it moves the limit to."""
        if self.until is None:
            raise ValueError("an open stop has no length")
        return Step(
            "pause_time",
            day_params(
                year,
                reason=self.pause.reason,
                first=local(self.first, zone),
                last=local(self.until, zone),
                minutes=int((self.until - self.first).total_seconds()) // 60,
                moved=local(moved, zone),
            ),
        )


def holds(pauses: Iterable[Pause], zone: tzinfo, first_day: date) -> list[Hold]:
    """The days that `pauses` take out from `first_day` on, in order and without overlap.

    The day on which a pause begins is out, the day on which it ends counts again.
    """
    found: list[Hold] = []
    free = first_day
    for pause in _in_order(pauses):
        first = max(pause.from_at.astimezone(zone).date(), free)
        if pause.until_at is None:
            return [*found, Hold(first, None, pause)]
        until = pause.until_at.astimezone(zone).date()
        if first < until:
            found.append(Hold(first, until, pause))
            free = until
    return found


def stops(pauses: Iterable[Pause], start: datetime) -> list[Stop]:
    """The times that `pauses` take out from `start` (UTC) on, in order and without overlap."""
    found: list[Stop] = []
    free = start
    for pause in _in_order(pauses):
        first = max(pause.from_at.astimezone(UTC), free)
        if pause.until_at is None:
            return [*found, Stop(first, None, pause)]
        until = pause.until_at.astimezone(UTC)
        if first < until:
            found.append(Stop(first, until, pause))
            free = until
    return found


def idle_steps(
    pauses: Sequence[Pause], used: Sequence[Pause], year: int, zone: tzinfo
) -> list[Step]:
    """A step for each pause that is not among those `used`."""
    ids = {id(pause) for pause in used}
    return [pause.idle(year, zone) for pause in pauses if id(pause) not in ids]


def local(at: datetime, zone: tzinfo) -> datetime:
    """`at` as people in `zone` read it from the wall, for an explanation."""
    return at.astimezone(zone).replace(tzinfo=None, microsecond=0)


def _in_order(pauses: Iterable[Pause]) -> list[Pause]:
    return sorted(pauses, key=lambda pause: pause.from_at)
