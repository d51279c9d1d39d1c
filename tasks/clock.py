"""The ticking clock: APScheduler gives hints at intervals, and holds no deadline.

Its jobs live in memory and are declared here.  A tick that comes late, or twice, does no harm: what
is due is decided in the database.
"""

import logging
import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from tasks.hints import Hints
from tasks.jobs import DAILY, RELAY, SWEEP

LOG = logging.getLogger(__name__)
MISSED = 3
"""Beats without a sign of life after which the clock counts as stopped."""
SHORTEST = 5.0
"""Seconds of silence that never count as stopped."""
CHECKPOINT_MINUTE = 5
"""Minutes after midnight at which the day before is put under a checkpoint."""


def _always() -> bool:
    return True


class Clock:
    """Hints at the sweep, the relay and the checkpoint while this process leads."""

    def __init__(
        self,
        hints: Hints,
        *,
        tick_seconds: float,
        zone: ZoneInfo,
        leads: Callable[[], bool] = _always,
    ) -> None:
        self.hints = hints
        self.tick_seconds = tick_seconds
        self.zone = zone
        self.leads = leads
        self._scheduler: BackgroundScheduler | None = None
        self._beat = 0.0

    @property
    def silence(self) -> float:
        """Seconds since the last tick, counted by a clock that nobody sets back."""
        return time.monotonic() - self._beat

    @property
    def is_well(self) -> bool:
        """Whether it ticks."""
        return self.silence < max(MISSED * self.tick_seconds, SHORTEST)

    def start(self) -> None:
        """Tick at once, then at the interval."""
        scheduler = BackgroundScheduler(
            timezone=self.zone,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        scheduler.add_job(self.tick, IntervalTrigger(seconds=self.tick_seconds), id="tick")
        scheduler.add_job(
            self.daily,
            CronTrigger(hour=0, minute=CHECKPOINT_MINUTE, timezone=self.zone),
            id="daily",
        )
        self._beat = time.monotonic()
        self._scheduler = scheduler
        scheduler.start()
        self.tick()
        self.daily()

    def stop(self) -> None:
        """Tick no more."""
        if self._scheduler is not None and self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        self._scheduler = None

    def revive(self) -> None:
        """Start afresh."""
        self.stop()
        self.start()

    def tick(self) -> None:
        """Hint at what may be due."""
        self._beat = time.monotonic()
        if self.leads():
            self.hints.give(SWEEP)
            self.hints.give(RELAY)

    def daily(self) -> None:
        """Hint at the checkpoint; also at the start, in case the day's own was missed."""
        if self.leads():
            self.hints.give(DAILY)
