"""Hints that there is work, given through the broker; a lost one costs a sweep's delay, no more."""

import logging
import threading
import time

from celery import Celery
from kombu.exceptions import KombuError

from tasks.app import STALE

LOG = logging.getLogger(__name__)
PATIENCE = 1.0
"""Seconds for which a hint that was given but not yet taken makes another one needless."""
PAUSE = 5.0
"""Seconds without a try after the broker has failed."""


class Hints:
    """Gives hints from a thread of its own, so that no request ever waits for the broker.

    Where giver and taker are one process (`embedded`), a hint that still waits is not repeated.
    """

    def __init__(self, app: Celery, *, embedded: bool) -> None:
        self.app = app
        self.embedded = embedded
        self._news = threading.Condition()
        self._wanted: dict[str, None] = {}
        self._given: dict[str, float] = {}
        self._silent_until = 0.0
        self._thread: threading.Thread | None = None
        self._stopping = False

    @property
    def is_well(self) -> bool:
        """Whether hints are being given."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin to give what is wanted."""
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="hints", daemon=True)
        self._thread.start()

    def revive(self) -> None:
        """Start another thread in place of one that has died."""
        self.start()

    def stop(self, grace: float = 1.0) -> None:
        """Give no more; a thread that waits for a broker is left behind."""
        with self._news:
            self._stopping = True
            self._news.notify()
        if self._thread is not None:
            self._thread.join(grace)

    def give(self, task: str) -> None:
        """Want a hint to be given; returns at once."""
        with self._news:
            self._wanted[task] = None
            self._news.notify()

    def taken(self, task: str) -> None:
        """Work on this hint begins; what comes from now on needs another one."""
        with self._news:
            self._given.pop(task, None)

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._wanted or self._stopping)
                if self._stopping:
                    return
                wanted, self._wanted = self._wanted, {}
            for task in wanted:
                if self._is_needed(task):
                    self._publish(task)

    def _is_needed(self, task: str) -> bool:
        now = time.monotonic()
        with self._news:
            if now < self._silent_until or now - self._given.get(task, -PATIENCE) < PATIENCE:
                return False
            if self.embedded:
                self._given[task] = now
            return True

    def _publish(self, task: str) -> None:
        try:
            self.app.send_task(task, retry=False, ignore_result=True, expires=STALE)
        except (KombuError, OSError) as error:
            LOG.warning("broker is away, the sweep will do it", extra={"error": str(error)})
            with self._news:
                self._silent_until = time.monotonic() + PAUSE
                self._given.pop(task, None)
