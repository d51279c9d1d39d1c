"""The ticking clock: it gives hints at intervals, and holds no deadline.

Ticks come from a loop of our own on steady time, since APScheduler follows the machine's clock and
would be silent for an hour when that is set back by one; the job of the day is left to it.  A tick
that comes late, or twice, does no harm: what is due is decided in the database.
"""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from tasks.hints import Hints
from tasks.jobs import DAILY, RELAY, SWEEP
from tasks.loop import Loop

CHECKPOINT_MINUTE = 5
"""Minutes after midnight at which the day before is put under a checkpoint."""


def _always() -> bool:
    return True


def _nothing() -> None:
    return


class Clock:
    """Hints at the sweep, the relay and the checkpoint while this process leads."""

    def __init__(
        self,
        hints: Hints,
        *,
        tick_seconds: float,
        zone: ZoneInfo,
        leads: Callable[[], bool] = _always,
        before: Callable[[], object] = _nothing,
        after: Callable[[], object] = _nothing,
    ) -> None:
        self.hints = hints
        self.zone = zone
        self.leads = leads
        self.before = before
        """Called before the hints of a tick are given; what it raises keeps them back."""
        self.after = after
        """Called when the hints of a tick have been given."""
        self.loop = Loop("clock", self._tick, tick_seconds)
        self._scheduler: BackgroundScheduler | None = None

    @property
    def is_well(self) -> bool:
        """Whether it ticks."""
        return self.loop.is_well

    def start(self) -> None:
        """Tick at once, then at the interval."""
        self._scheduler = scheduler = BackgroundScheduler(
            timezone=self.zone,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        at = CronTrigger(hour=0, minute=CHECKPOINT_MINUTE, timezone=self.zone)
        scheduler.add_job(self.daily, at, id="daily")
        scheduler.start()
        self.loop.start()
        self.take_over()

    def stop(self) -> None:
        """Tick no more."""
        self.loop.stop()
        if self._scheduler is not None and self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        self._scheduler = None

    def revive(self) -> None:
        """Start afresh."""
        self.stop()
        self.start()

    def take_over(self) -> None:
        """Do at once what the clock before may have left undone."""
        self.tick()
        self.daily()

    def tick(self) -> None:
        """Hint at what may be due."""
        self.loop.take()

    def _tick(self) -> None:
        if not self.leads():
            return
        self.before()
        self.hints.give(SWEEP)
        self.hints.give(RELAY)
        self.after()

    def daily(self) -> None:
        """Hint at the checkpoint; also at the start, in case the day's own was missed."""
        if self.leads():
            self.hints.give(DAILY)
