"""A Celery worker in a thread of the serving process."""

import logging
import threading

from celery import Celery
from celery.worker import WorkController, state

from tasks.inproc import BELL

LOG = logging.getLogger(__name__)
THREADS = 4
GRACE = 2.0
"""Seconds for running tasks to end by themselves."""


class EmbeddedWorker:
    """Starts and stops; one at a time in a process, since Celery's stop flag belongs to all."""

    def __init__(self, app: Celery, *, threads: int = THREADS) -> None:
        self.app = app
        self.threads = threads
        self._thread: threading.Thread | None = None

    @property
    def is_well(self) -> bool:
        """Whether tasks are being taken."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, timeout: float = 10.0) -> None:
        """Start, and wait until tasks are taken. Every task is registered by now."""
        state.should_stop = None
        ready = threading.Event()
        worker = WorkController(
            app=self.app,
            pool="threads",
            concurrency=self.threads,
            loglevel=logging.WARNING,
            hostname="embedded@localhost",
            ready_callback=lambda _consumer: ready.set(),
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        self._thread = threading.Thread(target=worker.start, name="celery-worker", daemon=True)
        self._thread.start()
        if not ready.wait(timeout):
            LOG.error("embedded worker did not start", extra={"seconds": timeout})

    def revive(self) -> None:
        """Start another thread in place of one that has died."""
        self.start()

    def stop(self, grace: float = GRACE) -> bool:
        """Stop after the running tasks; False if one of them was still at it after `grace`.

        What such a task had claimed is due again when its lease ends.
        """
        if self._thread is None:
            return True
        state.should_stop = 0
        BELL.ring()
        thread = self._thread
        thread.join(grace)
        is_clean = not thread.is_alive()
        if not is_clean:
            LOG.warning("a task outlasted the stop; it will be done again")
        return is_clean
