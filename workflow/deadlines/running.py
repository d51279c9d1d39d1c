"""The life of a running clock: start, hold, pause, move, stop. Each step is a value to be written.

Pure. A row is never changed; a step returns the row as it will be, for the next step of the same
action to build on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any, NamedTuple

from workflow.deadlines.counting import Due
from workflow.deadlines.desk import Timing
from workflow.deadlines.due import due, with_pauses
from workflow.deadlines.ladder import Ladder, coming, schedule
from workflow.deadlines.ladder import limit as limit_of
from workflow.deadlines.limits import SECONDS, Limit
from workflow.deadlines.overtaken import Overtaken, overtaken
from workflow.deadlines.pauses import Pause
from workflow.errors import N_, Invalid
from workflow.loops.semantics import ClockState

Times = tuple[int | None, ...]


class ClockRow(NamedTuple):
    """A clock as a decision needs it; `state` is that of a clock that is not done."""

    id: int
    issue_id: int
    subject: str
    subject_id: int
    kind: str
    seq: int
    round: int
    is_period: bool
    state: ClockState
    muted: bool
    owner: str
    owner_unit_id: int | None
    limit_text: str
    started_at: datetime
    due_at: datetime | None
    due_on: date | None
    original_due_on: date | None
    provisional: bool
    calendar_version: str
    pauses: tuple[tuple[str, str | None, str], ...]
    ladder: str | None
    schedule: Times
    next_rung: int
    blocked_by: int | None
    wake_at: datetime | None
    stopped_at: datetime | None = None
    lamp: str = "none"
    """Lit by the rungs of this round, with `level`; the issue shows the worst of its clocks."""
    level: int = 0

    @property
    def ticks(self) -> bool:
        """Whether rungs of it may be taken and its end may come."""
        return self.state == "running" and not self.muted and self.stopped_at is None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A rung that lay before the start of its round."""

    round: int
    rung: int
    level: int
    lamp: str | None
    due_at: datetime


class ClockDraft(NamedTuple):
    """A clock to insert: column → value, and the rungs that its start skips."""

    values: Mapping[str, Any]
    skipped: tuple[Skipped, ...]
    ladder: Ladder | None

    @property
    def due_at(self) -> datetime:
        """The first moment that is too late."""
        found: datetime = self.values["due_at"]
        return found

    @property
    def due_on(self) -> date | None:
        """The civil due day; None for limits in hours."""
        found: date | None = self.values["due_on"]
        return found

    @property
    def provisional(self) -> bool:
        """Whether a year without a published calendar was counted."""
        return bool(self.values["provisional"])


class ClockChange(NamedTuple):
    """A clock to update: the row as it will be, and what goes with it.

    `wide` says that more than its state changes, `counted` that the due time was counted anew and
    how; `lapsed` is the paper whose draft has
    lost its reason (``notices.actions.lapse`` withholds it).
    """

    row: ClockRow
    counted: Sequence[Mapping[str, Any]] | None = None
    wide: bool = False
    skipped: tuple[Skipped, ...] = ()
    lapsed: int | None = None
    ladder: Ladder | None = None
    """The ladder of a new round; what is frozen is the one in force when the round begins."""
    overtaken: Overtaken | None = None
    """What had come due of the round that ends."""

    @property
    def id(self) -> int:
        return self.row.id


def start(
    kind: str,
    *,
    issue_id: int,
    subject: str,
    subject_id: int,
    seq: int,
    limit_text: str,
    limit: Limit,
    owner: str,
    owner_unit_id: int | None,
    now: datetime,
    timing: Timing,
    ladder: Ladder | None,
    due_on: date | None = None,
    is_period: bool = False,
    round: int = 1,  # noqa: A002 - the column's name
    muted: bool = False,
) -> ClockDraft:
    """A clock that starts at `now`. `due_on` is the issue's own due date, for the limit ``due``.

    A period wakes when it is over and has no rungs. Raises Invalid if the limit is ``due`` and the
    issue has no due date.
    """
    if limit.kind == "due":
        if due_on is None:
            raise Invalid.at("due", N_("这个时限按问题自身的期限计算，请先填写整改期限。"))
        limit = Limit("date", on=due_on)
        limit_text = str(limit)
    rungs = None if is_period else ladder
    found, told = _ends(now, limit, timing)
    times, skipped = _rungs(rungs, found, timing, now, round)
    first = _first(times)
    coming = moment(times[first]) if first < len(times) else None
    values: dict[str, Any] = {
        "issue_id": issue_id,
        "subject": subject,
        "subject_id": subject_id,
        "kind": kind,
        "seq": seq,
        "round": round,
        "is_period": is_period,
        "state": "running",
        "muted": muted,
        "owner": owner,
        "owner_unit_id": owner_unit_id,
        "limit_text": limit_text,
        "started_at": now,
        "due_at": found.at,
        "due_on": found.on,
        "original_due_on": found.on,
        "provisional": found.provisional,
        "pauses": [],
        "explanation": told,
        "calendar_version": found.calendar_version,
        "ladder": rungs.hash if rungs else None,
        "schedule": list(times),
        "next_rung": first,
        "blocked_by": None,
        "wake_at": None if muted else found.at if is_period else coming,
        "stopped_at": None,
        "lamp": "none",
        "level": 0,
    }
    return ClockDraft(values, skipped, rungs)


def stop(clock: ClockRow, now: datetime) -> ClockChange:
    """The clock has done its duty; nothing of it is to come."""
    row = clock._replace(stopped_at=now, wake_at=None, blocked_by=None)
    late = overtaken(clock, now)
    if late is None:
        return ClockChange(row, lapsed=clock.blocked_by)
    times, following = late.left(clock.schedule, clock.next_rung)
    row = row._replace(schedule=times, next_rung=following)
    return ClockChange(row, wide=True, lapsed=clock.blocked_by, overtaken=late)


def hold(clock: ClockRow, now: datetime) -> ClockChange:
    """The clock stands still and keeps its due time: it is somebody else's move."""
    return ClockChange(clock._replace(state="held", wake_at=None))


def release(clock: ClockRow, now: datetime, *, muted: bool = False) -> ClockChange:
    """A held clock runs on, its due time as before; what fell due meanwhile is due now."""
    return ClockChange(_woken(clock._replace(state="running", muted=muted)))


def mute(clock: ClockRow, now: datetime) -> ClockChange:
    """The clock runs on in silence: another clock of the issue speaks for it."""
    return ClockChange(clock._replace(muted=True, wake_at=None))


def unmute(clock: ClockRow, now: datetime) -> ClockChange:
    """The clock speaks again; what fell due meanwhile is due now."""
    return ClockChange(_woken(clock._replace(muted=False)))


def pause(clock: ClockRow, now: datetime, reason: str) -> ClockChange:
    """The clock is suspended; its due time moves when it is resumed."""
    pauses = (*clock.pauses, (now.isoformat(), None, reason))
    return ClockChange(clock._replace(state="paused", wake_at=None, pauses=pauses), wide=True)


def resume(
    clock: ClockRow,
    now: datetime,
    timing: Timing,
    ladder: Ladder | None,
    *,
    ended_at: datetime | None = None,
) -> ClockChange:
    """The suspension is over: the due time moves by it, and a new round of rungs begins.

    `ended_at` is when it ended, if that was before `now`.
    """
    end = (ended_at or now).isoformat()
    pauses = tuple((since, until or end, reason) for since, until, reason in clock.pauses)
    row = clock._replace(state="running", pauses=pauses)
    found = _count(row, timing)
    if found is None:
        raise AssertionError("a resumed clock has no open pause")
    return _new_round(row, found, now, timing, ladder)


def move_due(
    clock: ClockRow, due_on: date, now: datetime, timing: Timing, ladder: Ladder | None
) -> ClockChange:
    """An extension: the clock is due at the end of `due_on`, and a new round of rungs begins.

    The original due date is kept; rungs taken stay on record.
    """
    limit = Limit("date", on=due_on)
    found = due(clock.started_at, limit, timing.calendar, zone=timing.zone)
    return _new_round(clock._replace(limit_text=str(limit)), found, now, timing, ladder)


def end_period(clock: ClockRow, now: datetime) -> ClockChange:
    """The period is over and waits for the action that its end opens."""
    return ClockChange(clock._replace(state="over", wake_at=None))


def recount(
    clock: ClockRow, timing: Timing, ladder: Ladder | None, now: datetime
) -> ClockChange | None:
    """The due time under the calendar of today, if it was counted under another one; else None.

    A new due time keeps the round: what was taken stays taken. None as well while suspended.
    """
    if clock.calendar_version == timing.calendar.version:
        return None
    found = _count(clock, timing, again=True)
    if found is None:
        return None
    times = clock.schedule
    if ladder is not None and found.at != clock.due_at:
        fresh = schedule(ladder, found, timing)
        times = tuple(
            None if index < clock.next_rung or old is None else new
            for index, (old, new) in enumerate(zip(clock.schedule, fresh, strict=True))
        )
    row = _dated(clock._replace(schedule=times), found)
    return ClockChange(_woken(row) if row.wake_at else row, counted=_told(found), wide=True)


def _rungs(
    ladder: Ladder | None, found: Due, timing: Timing, now: datetime, round_: int
) -> tuple[Times, tuple[Skipped, ...]]:
    """The times of a new round; what lies before it is null and recorded as skipped."""
    if ladder is None:
        return (), ()
    begins = int(now.timestamp())
    times = schedule(ladder, found, timing)
    if times[0] >= begins:
        return times, ()
    skipped = tuple(
        Skipped(round_, index, rung.level, rung.lamp, datetime.fromtimestamp(at, UTC))
        for index, (rung, at) in enumerate(zip(ladder.rungs, times, strict=True))
        if at < begins
    )
    return tuple(None if at < begins else at for at in times), skipped


def _new_round(
    clock: ClockRow, found: Due, now: datetime, timing: Timing, ladder: Ladder | None
) -> ClockChange:
    round_ = clock.round + 1
    times, skipped = _rungs(None if clock.is_period else ladder, found, timing, now, round_)
    row = _dated(clock, found)._replace(
        round=round_,
        ladder=ladder.hash if ladder is not None and not clock.is_period else None,
        schedule=times,
        next_rung=_first(times),
        blocked_by=None,
        lamp="none",
        level=0,
    )
    late = overtaken(clock, now)
    return ClockChange(_woken(row), _told(found), True, skipped, clock.blocked_by, ladder, late)


Told = list[dict[str, Any]]


def _ends(start: datetime, limit: Limit, timing: Timing) -> tuple[Due, Told]:
    """When a limit that starts now runs out, and how that was counted."""
    if limit.kind in SECONDS:
        found = due(start, limit, timing.calendar, zone=timing.zone)
        return found, _told(found)
    return _ends_from(timing.day(start), limit, timing)


@lru_cache(maxsize=4096)
def _ends_from(day: date, limit: Limit, timing: Timing) -> tuple[Due, Told]:
    """The same for every moment of a day, on which an office starts the same limits many times."""
    noon = datetime.combine(day, time(12), timing.zone)
    found = due(noon, limit, timing.calendar, zone=timing.zone)
    return found, _told(found)


def _count(clock: ClockRow, timing: Timing, *, again: bool = False) -> Due | None:
    limit = limit_of(clock.limit_text)
    pauses = [
        Pause(
            datetime.fromisoformat(since), datetime.fromisoformat(until) if until else None, reason
        )
        for since, until, reason in clock.pauses
    ]
    if limit.kind == "date" and clock.due_on is not None:
        # The date in force has the earlier pauses in it already; a recount has them all.
        limit, pauses = Limit("date", on=clock.due_on), [] if again else pauses[-1:]
    return with_pauses(clock.started_at, limit, pauses, timing.calendar, zone=timing.zone)


def _dated(clock: ClockRow, found: Due) -> ClockRow:
    return clock._replace(
        due_at=found.at,
        due_on=found.on,
        provisional=found.provisional,
        calendar_version=found.calendar_version,
    )


def _told(found: Due) -> Told:
    return [step.as_json() for step in found.steps]


def _first(times: Sequence[int | None]) -> int:
    """The first rung of which something is to come."""
    return next((i for i, at in enumerate(times) if at is not None), len(times))


def _soonest(times: Sequence[int | None]) -> int | None:
    return min((at for at in times if at is not None), default=None)


def moment(at: int | None) -> datetime | None:
    """An epoch second as a time in UTC."""
    return None if at is None else datetime.fromtimestamp(at, UTC)


def _woken(clock: ClockRow) -> ClockRow:
    """With the moment of its next look. A waiting paper costs a look in vain, no more."""
    if not clock.ticks:
        return clock._replace(wake_at=None)
    if clock.is_period:
        return clock._replace(wake_at=clock.due_at)
    return clock._replace(wake_at=moment(_soonest(clock.schedule[clock.next_rung :])))


def awake(clock: ClockRow, ladder: Ladder) -> ClockRow:
    """The clock with the moment of its next look; with the ladder at hand, none is in vain."""
    if not clock.ticks:
        return clock._replace(wake_at=None)
    at = coming(ladder, clock.schedule, clock.next_rung, blocked=clock.blocked_by is not None)
    return clock._replace(wake_at=moment(at))
